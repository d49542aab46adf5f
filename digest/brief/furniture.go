package brief

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest/text"
)

// place is the name of one, countries are those that follow it in datelines.
const (
	place     = `\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+){0,2}`
	countries = `Afghanistan|Alabama|Algeria|Angola|Bahrain|Bangladesh|Belarus|Bolivia|Bosnia|Botswana|Bulgaria|Cambodia|Congo|Croatia|Denmark|Ecuador|Estonia|Finland|Guatemala|Guinea|Haiti|Honduras|Iceland|Jamaica|Kosovo|Kuwait|Liberia|Malawi|Malaysia|Mali|Morocco|Myanmar|Nepal|Panama|Peru|Philippines|Qatar|Romania|Rwanda|Saudi Arabia|Senegal|Serbia|Somalia|Sudan|Taiwan|Tanzania|Tunisia|Uganda|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe|Alaska|Argentina|Arizona|Arkansas|Australia|Austria|Belgium|Brazil|California|Canada|Chile|China|Colombia|Colorado|Connecticut|Cuba|Egypt|England|Ethiopia|Florida|France|Georgia|Germany|Ghana|Greece|Hungary|Illinois|India|Indiana|Indonesia|Iowa|Iran|Iraq|Ireland|Israel|Italy|Japan|Jordan|Kansas|Kentucky|Kenya|Lebanon|Libya|Louisiana|Maine|Maryland|Massachusetts|Mexico|Michigan|Minnesota|Mississippi|Missouri|Nebraska|Nevada|New Jersey|New York|New Zealand|Nigeria|North Carolina|Norway|Ohio|Oklahoma|Oregon|Pakistan|Pennsylvania|Poland|Portugal|Russia|Scotland|South Africa|South Carolina|South Korea|Spain|Sweden|Switzerland|Syria|Tennessee|Texas|Thailand|Turkey|Ukraine|Utah|Vermont|Virginia|Wales|Wisconsin`
)

// cities stand in datelines without their country.
const cities = `(?:Atlanta|Baghdad|Bangkok|Beijing|Beirut|Berlin|Boston|Brussels|Cairo|Chicago|Cleveland|Dallas|Damascus|Denver|Detroit|Dublin|Geneva|Havana|Hong Kong|Honolulu|Houston|Islamabad|Istanbul|Jerusalem|Johannesburg|Kabul|Kiev|Kyiv|Las Vegas|London|Los Angeles|Madrid|Mexico City|Miami|Milan|Moscow|Mumbai|Nairobi|New Delhi|New Orleans|New York|Paris|Philadelphia|Phoenix|Pittsburgh|Rio de Janeiro|Rome|San Diego|San Francisco|Sao Paulo|Seattle|Seoul|Shanghai|Singapore|St\. Louis|Stockholm|Sydney|Tehran|Tokyo|Toronto|United Nations|Vatican City|Vienna|Washington)`

var (
	// dateline is "LONDON (Reuters) — ", "(CNN) -- ", "WASHINGTON, Jan. 3 (AP) - ".
	dateline = regexp.MustCompile(`^(?:\p{Lu}[\p{Lu} .,'’/-]{2,40}(?:, [\p{L}. ]+?)?(?:,? \p{Lu}\p{L}{2,8}\.? \d{1,2})? ?(?:\([\p{Lu}][^()]{1,30}\) ?)?|[\p{L} .,]{0,30}\((?:AP|CNN|Reuters|REUTERS|AFP|UPI|dpa|DPA|CNN [^()]{1,20})\) ?)(?:—|–|--|-)\s*`)
	// undashed is a dateline that lost its dash, by the word that begins the
	// text: "Linden, Northland In cafes", "London The bridge".
	undashed = regexp.MustCompile(`^(?:(?:` + place + `, ` + place + `|` + cities + `) (?:The|An?|In|At|On|For|When|As|It|If|After|Before|While|With|This|These|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Some|Most|Many|More|Nearly|Almost|About|Hundreds|Thousands|Dozens|Former|Federal|President|Vice|Congressional|Congress|Republicans?|Democrats?|Lawmakers|House|Senate|Sens?\.|Reps?\.|Secretary|U\.S\.|Prosecutors|Authorities|Officials|I|He|She|They|We|There|\p{Lu}\p{Ll}+(?:['’]s|ed,?|ian|ese|ish|can|eli)|German|French|Dutch|Greek|` + countries + `)|` + place + `, (?:` + countries + `) \p{Lu}[\p{L}'’.-]*) `)
	// city opens a text that may go on with a name: "London Ana Reyes".
	city = regexp.MustCompile(`^` + cities + ` `)
	// more is an invitation behind a sentence.
	more = regexp.MustCompile(`(?i)\s*[(\[](?:read more|more|continue reading|watch|see also|photos?|video)[^()\[\]]{0,40}[)\]]\s*$`)
	// label opens a turn of an interview: "JH: The idea is…".
	label = regexp.MustCompile(`^(?:[A-Z][\p{L}.'’-]*)(?: [A-Z][\p{L}.'’-]*){0,2}: |^[\d.,$%]+(?: \p{L}+){0,3}: |^(?:Where|When|What|How|Who|Why) (?:\p{L}+ ){0,4}\p{L}+: |^\d{1,2}[.)] \p{Lu}|^\p{Lu}\p{Ll}+ \d{1,2}(?:, \d{4})?: |^(?:The|One) (?:\p{Ll}+ ){0,2}\p{Ll}+: |[?!] : `)

	// invitations open a line of the page's furniture.
	invitations = phrases("read more |read next |read also |read the full |read our |click here |click to |click on |sign up |subscribe |get the latest |follow us |follow the |related |see also |also read |watch live |watch now |watch the |watch this |watch cnn |photos |gallery |image credit|getty images |advertisement |more from |more on |recommended |share this |share on |copyright |© |all rights |for more information |for more on |for more news |for more from |editor's note |correction |this story has |this article has |this story was |this article was |download |listen to |tune in |join us |join the |don't miss |report a typo |continue reading |to read |have something to say |what do you think |tell us |let us know |email us |e mail us |send us |send your |by clicking |we use cookies |cookie policy |cookies |here's what you |mehr zum thema |lesen sie |lire aussi |leer más |newsletter |http |https |opinion by |caption |hide caption |toggle caption |story highlights |enlarge |loading |scroll ")
	// inside is furniture wherever it stands.
	inside = phrases("click here |newsletter |newsletters |sign up for |sign up to |subscribe to |subscribe now |rights reserved |follow us on |follow him on |follow her on |follow them on |on twitter at |on facebook at |contributed to this |contributed reporting |privacy policy |cookie policy |cookies policy |terms of service |terms of use |opinions expressed |getty images |in this commentary |read more |editing by |is urged to call |are urged to call |is asked to call |are asked to call |urged to contact |asked to contact |hot line at |hotline at |reporting by |writing by |photograph by |photographs by |join the conversation |email protected ")
	// makers are the small words of a line of credit.
	makers = set("by and for of in with from to the von und par et in: at on special cnn")
)

// trim cuts the dateline before a sentence and an invitation behind it.
func trim(body string, sp text.Span) text.Span {
	s := body[sp.Start:sp.End]
	if top := s[:min(len(s), 80)]; strings.Contains(top, "—") || strings.Contains(top, "–") || strings.Contains(top, "--") || strings.Contains(top, " - ") {
		if m := dateline.FindStringIndex(s); m != nil && m[1] < len(s) {
			sp.Start += m[1]
			s = s[m[1]:]
		}
	}
	if strings.TrimSpace(body[:sp.Start]) == "" {
		cut := placed(s)
		sp.Start += cut
		s = s[cut:]
	}
	if rest := strings.TrimLeft(s, "—–-• "); len(rest) < len(s) && rest != "" && upper(rest) {
		sp.Start += len(s) - len(rest)
		s = rest
	}
	if strings.HasSuffix(s, ")") || strings.HasSuffix(s, "]") {
		if m := more.FindStringIndex(s); m != nil && m[0] > 0 {
			sp.End = sp.Start + m[0]
		}
	}
	return sp
}

// placed returns the length of a dateline without dash that opens s.
func placed(s string) int {
	if m := undashed.FindStringIndex(s); m != nil {
		return strings.LastIndexByte(s[:m[1]-1], ' ') + 1
	}
	if m := city.FindStringIndex(s); m != nil {
		if w := strings.Fields(s[m[1]:]); len(w) > 2 && nameWord(w[0]) && nameWord(w[1]) && (mention{name: w[0] + " " + w[1]}).known() {
			return m[1]
		}
	}
	return 0
}

// usable says whether s is a whole sentence of running text.
func usable(s, folded string, fields []string) bool {
	switch {
	case len(fields) < 4 || len(fields) > 90 || len(s) > 900:
		return false
	case !ends(s) || !balanced(s) || shouts(s, fields):
		return false
	case furniture(s, folded), hasLabel(s):
		return false
	}
	return opensWell(s) && !entry(fields)
}

// hasLabel says whether a sentence begins with a label. Most have neither a
// colon nor a number to begin with, and need no closer look.
func hasLabel(s string) bool {
	return (strings.Contains(s, ": ") || s[0] >= '0' && s[0] <= '9') && label.MatchString(s)
}

// entry says whether a sentence is an entry of a list, or a headline: short, or
// mostly names, and no verb. "The Orrin Light Station, a listed tower in Linden."
func entry(fields []string) bool {
	capitals := 0
	for i, w := range fields {
		if nameWord(w) {
			capitals++
			continue
		}
		w = strings.ToLower(strings.Trim(w, ".,;:!?\"”“()"))
		if len(w) < 2 || articles[w] || prepositions[w] || makers[w] {
			continue
		}
		if noun := i > 0 && (articles[strings.ToLower(fields[i-1])] || prepositions[strings.ToLower(fields[i-1])]); noun {
			continue
		}
		if auxiliaries[w] || verbs[w] || irregular[w] || strings.HasSuffix(w, "ed") || strings.HasSuffix(w, "s") || strings.HasSuffix(w, "ing") {
			return false
		}
	}
	return 2*capitals > len(fields) || len(fields) <= 10
}

// irregular verbs have no ending that tells them, or are a plain form.
var irregular = set("won lost met began came went took made gave got fell rose led left sent cut put set hit kept held sold built bought brought thought felt found fought drew drove grew knew ran saw spoke spent stood struck swore taught tore threw understood woke wore wrote shot shut broke chose flew froze hid paid read sat slept sought became beat bet die win meet come go take make give get run see vote plan want hope agree own call face join play sign live work need try use move")

// furniture says whether a sentence, given as it is and folded, belongs to the
// page and not to the article.
func furniture(s, folded string) bool {
	return opens(folded, invitations) || holds(folded, inside) || credit(s) || strings.HasPrefix(s, "@") || strings.HasPrefix(s, "#")
}

// credit says whether a line only names those who made something.
func credit(s string) bool {
	for _, p := range [...]string{"By ", "Von ", "Par ", "Por ", "Photo", "Story by", "Source:", "Credit:", "Image:", "Caption:", "Foto", "Bild:"} {
		if strings.HasPrefix(s, p) {
			for _, w := range strings.Fields(s)[1:] {
				if !upper(strings.Trim(w, "(\"“")) && !makers[strings.Trim(w, ",.:")] {
					return strings.HasSuffix(strings.TrimSpace(strings.Fields(s)[0]), ":")
				}
			}
			return true
		}
	}
	return false
}

// opensWell says whether s begins as sentences do.
func opensWell(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "\"“„«‘'¿¡([ "))
	return unicode.IsDigit(r) || unicode.IsLetter(r) && !unicode.IsLower(r) || strings.ContainsRune("$€£¥@#", r) || iPhone(s)
}

// iPhone says whether s begins with a name of the kind of iPhone or eBay.
func iPhone(s string) bool {
	for i, r := range s {
		if i > 0 {
			return unicode.IsUpper(r)
		}
	}
	return false
}

// ends says whether s ends as sentences do, not in the dots of a cut text.
func ends(s string) bool {
	t := strings.TrimRight(s, "\"”“»’')] \u00a0")
	for _, cut := range [...]string{"...", "…", ":.", ":\".", ":”.", ",.", ",\".", "-."} {
		if strings.HasSuffix(t, cut) {
			return false
		}
	}
	r, _ := utf8.DecodeLastRuneInString(t)
	return strings.ContainsRune(".!?。！？।؟", r)
}

// balanced says whether every quotation mark and bracket of s has its partner.
func balanced(s string) bool {
	straight, typo, round, pointed := 0, 0, 0, 0
	low := strings.ContainsRune(s, '„')
	for _, r := range s {
		switch r {
		case '"':
			straight++
		case '„':
			typo++
		case '“':
			if low {
				typo--
			} else {
				typo++
			}
		case '”':
			typo--
		case '(':
			round++
		case ')':
			round--
		case '«', '»':
			pointed++
		}
		if round < 0 || typo < 0 {
			return false
		}
	}
	return straight%2 == 0 && typo == 0 && round == 0 && pointed%2 == 0
}

// shouts says whether most words of s are capitals.
func shouts(s string, fields []string) bool {
	capitals, letters := 0, 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
			if unicode.IsUpper(r) {
				capitals++
			}
		}
	}
	return letters == 0 || len(fields) > 3 && capitals*2 > letters
}

// leans says whether the sentence points back at one before it, so that it
// cannot open a section.
func leans(fields []string) bool {
	if len(fields) == 0 {
		return true
	}
	first := strings.ToLower(strings.Trim(fields[0], "\"“„«‘'(,.:;—-"))
	if commands[first] || pointers[first] && !(first == "rather" && len(fields) > 1 && fields[1] == "than") {
		return true
	}
	for _, w := range fields[1:min(5, len(fields))] {
		if w == "later," || w == "earlier," { // Two days later, the ferry
			return true
		}
	}
	if len(fields) < 3 {
		return false
	}
	two := first + " " + strings.ToLower(strings.Trim(fields[1], ",.:;"))
	three := two + " " + strings.ToLower(strings.Trim(fields[2], ",.:;"))
	return connectives[two] || connectives[three]
}

// pointers are first words that point back, or link.
var pointers = set(`he she it they his her its their this that these those him them we i you my our your i'm i’m it's it’s he's he’s she's she’s they're they’re that's that’s we're we’re you're you’re
	but and or so yet however also meanwhile still then moreover furthermore nevertheless nonetheless therefore thus instead otherwise besides additionally separately which likewise hence indeed afterward afterwards later though because such there here both another others neither either not plus once even well yes no ok among again rather perhaps maybe nor similarly consequently conversely finally overall elsewhere why who what how let now too like same sure er sie es dies diese dieser dieses doch aber und auch zudem außerdem dabei damit deshalb il elle ils elles cela ce mais et cette él ella ellos pero y esto además`)

// commands open sentences that tell the reader to do something.
var commands = set("go take make consider remember imagine think don't don’t look meet ask try click watch")

// connectives are first words, two or three, that do.
var connectives = list("for in|for it|for he|for she|for they|for there|for one|for good|in addition|as well|on top|at that|at the same|in fact|in other|for example|for instance|as a result|in response|in contrast|by contrast|on the other|of course|after that|since then|until then|the other|the move|the latter|the former is|the former was|the former has|the former had|the former will|in doing so|the next one|the first one|the last one|the second one|the current one|the other one|two of those|two of these|two of them|three of them|three of those|most of these|most of those|most of them|some of these|some of those|some of them|many of these|many of those|many of them|all of these|all of those|all of them|one of these|one of those|one of them|none of these|none of those|none of them|each of these|each of those|each of them|many are|many were|many have|many had|many die|some are|some were|some have|some had|the pair|the trio|of those|of these|of them|to that|to this|at one|that said|in that|in this|for that|for this|with that|with this|after this|despite this|despite that|in turn|if so|if not|at the same time|in the meantime|in other words|in the end|by that time|at that point|as for|as such|as he|as she|as they|when he|when she|when they|while he|while she|after he|after she|if he|if she|if they|although he|although she")

// list makes a set of phrases written with bars.
func list(phrases string) map[string]bool {
	out := make(map[string]bool)
	for p := range strings.SplitSeq(phrases, "|") {
		out[p] = true
	}
	return out
}
