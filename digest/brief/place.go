package brief

import (
	"strings"

	"nutgraf/digest/text"
)

// The word lists below are read only.
var (
	// lands are countries, states and towns with one word, which are no
	// speakers by themselves, and newsrooms.
	lands = set(`afghanistan albania algeria angola argentina armenia australia austria azerbaijan bahrain bangladesh belarus belgium bolivia bosnia botswana brazil
		britain bulgaria burma burundi cambodia cameroon canada chad chile china colombia congo croatia cuba cyprus denmark ecuador egypt england eritrea
		estonia ethiopia europe finland france gabon gambia gaza germany ghana greece greenland guatemala guinea guyana haiti honduras hungary iceland india
		indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kosovo kuwait kyrgyzstan laos latvia lebanon liberia libya lithuania
		luxembourg macedonia madagascar malawi malaysia mali malta mauritania mexico moldova mongolia montenegro morocco mozambique myanmar namibia nepal
		netherlands nicaragua niger nigeria norway oman pakistan palestine panama paraguay peru philippines poland portugal qatar romania russia rwanda
		scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden switzerland syria taiwan tajikistan tanzania thailand tibet tunisia
		turkey turkmenistan uganda ukraine uruguay uzbekistan venezuela vietnam wales yemen zambia zimbabwe africa america asia antarctica arctic crimea
		kashmir chechnya catalonia kurdistan alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
		indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma
		oregon pennsylvania tennessee texas utah vermont virginia wisconsin wyoming amsterdam ankara athens atlanta auckland austin baghdad baltimore bangkok
		barcelona beijing beirut belfast belgrade berlin birmingham bogota bonn boston brasilia brisbane bristol brussels bucharest budapest cairo calgary cape
		caracas canberra cardiff casablanca charlotte chennai chicago cincinnati cleveland cologne copenhagen dallas damascus delhi denver detroit dhaka doha dubai
		dublin durban edinburgh edmonton frankfurt geneva glasgow guangzhou hamburg hanoi havana helsinki hollywood honolulu houston islamabad istanbul jakarta
		jerusalem johannesburg kabul kandahar karachi kathmandu khartoum kiev kyiv kinshasa kolkata lagos lahore leeds lima lisbon liverpool london lyon madrid
		managua manchester manhattan brooklyn manila marseille mecca melbourne memphis miami milan milwaukee minneapolis minsk mogadishu montreal moscow mosul
		mumbai munich nairobi naples nashville nice orlando oslo ottawa oxford paris perth philadelphia phoenix pittsburgh portland prague pretoria pyongyang
		quebec rangoon reykjavik riga riyadh rome sacramento santiago sarajevo seattle seoul shanghai shenzhen stockholm strasbourg stuttgart sydney taipei
		tallinn tehran tokyo toronto toulouse tripoli tunis turin vancouver venice vienna vilnius warsaw washington wellington winnipeg yangon zagreb zurich
		deutschland österreich schweiz frankreich spanien italien russland polen wien köln münchen bruxelles londres allemagne espagne italie alemania españa
		francia italia germania brasil brésil lisboa roma milano duitsland frankrijk nederland belgië`)
	newsrooms = set(`reuters bloomberg newsweek politico axios guardian telegraph breitbart buzzfeed vox fox afp dpa msnbc nbc cbs abc npr bbc cnn xinhua tass sputnik
		interfax bild spiegel zeit welt monde figaro libération mundo país corriere repubblica globo telegraaf volkskrant`)
	// areas are places with more words.
	areas = listed("hong kong|saudi arabia|sri lanka|costa rica|puerto rico|el salvador|burkina faso|ivory coast|sierra leone|los angeles|las vegas|san francisco|san diego|san antonio|san jose|santa fe|santa monica|salt lake|st. louis|kuala lumpur|buenos aires|mexico city|tel aviv|abu dhabi|addis ababa|phnom penh|ho chi minh|rio de janeiro|sao paulo|cape town|silicon valley|wall street|latin america|great britain|downing street|fort worth|guantanamo bay|baton rouge|des moines|palm beach|long island|staten island")
)

// placed says whether a name is one of a place or a newsroom, unless a person
// of the article bears it.
func (c *crowd) placed(name string) bool {
	l := strings.ToLower(name)
	if !lands[l] && !newsrooms[l] {
		return areas[l]
	}
	return len(c.byLast[name]) == 0
}

// listed makes a set of a list written with bars.
func listed(list string) map[string]bool {
	out := make(map[string]bool)
	for p := range strings.SplitSeq(list, "|") {
		out[p] = true
	}
	return out
}

// bearable says whether a speaker's name may be one of a person. A single word
// must be more than the subject of a verb in an article that is long enough to
// introduce its people.
func (c *crowd) bearable(s saying) bool {
	if c.placed(s.speaker) {
		return false
	}
	if head, tail, ok := strings.Cut(s.speaker, " "); ok && s.role == "" && lands[strings.ToLower(head)] && !given(head) && text.Common(tail) {
		return false // Russia Today
	}
	if strings.Contains(s.speaker, " ") || s.role != "" || len(c.text) < introduction {
		return true
	}
	return c.sure[s.speaker] || given(s.speaker) || c.known(s.speaker)
}

// introduction is the length in bytes from which an article names its people
// in full before it quotes them.
const introduction = 1500

// known says whether a single name stands in the article as a nickname.
func (c *crowd) known(name string) bool {
	for _, before := range [...]string{"known as ", "nicknamed ", "called "} {
		for _, mark := range [...]string{"\"", "“"} {
			if strings.Contains(c.text, before+mark+name) {
				return true
			}
		}
	}
	return false
}
