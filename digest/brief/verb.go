package brief

import (
	"strings"
	"unicode"
)

// lower says whether r is a small letter.
func lower(r rune) bool { return unicode.IsLower(r) }

// abbreviation says whether a word before a point is a short form: a title,
// a single letter, letters with points.
func abbreviation(word string) bool {
	w := strings.ToLower(strings.Trim(word, "\"“(‘'"))
	if len([]rune(w)) == 1 || strings.Contains(w, ".") {
		return true
	}
	return shortForms[w]
}

// set makes a set of the words of s.
func set(s string) map[string]bool {
	out := make(map[string]bool)
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// The word lists below are read only.
var (
	shortForms = set("brig cpl pvt msgr sens reps govs mr mrs ms dr prof sen rep gov gen col lt sgt capt maj cmdr adm rev hon st mt jr sr jan feb mar apr jun jul aug sept sep oct nov dec no vs inc ltd corp co u.s u.k del supt det insp pres amb atty")

	// verbs report words that are said or written, as finite verbs.
	verbs = set(`said says say told tells added adds wrote writes tweeted tweets posted posts stated states declared declares announced announces explained explains
		argued argues warned warns insisted insists noted notes asked asks replied replies responded responds continued continues concluded concludes recalled recalls remarked remarks
		commented comments quipped joked acknowledged acknowledges admitted admits claimed claims testified vowed vows urged urges shouted yelled texted emphasized emphasised emphasizes
		stressed stresses promised promises reiterated observed observes predicted predicts conceded concedes complained complains cautioned cautions countered charged recounted mused
		proclaimed pledged affirmed alleged boasted begged pleaded answered clarified confirmed contended denied demanded elaborated exclaimed hinted suggested suggests
		sagte sagt sagten erklärte erklärt betonte betont schrieb schreibt meinte meint kritisierte forderte fordert warnte warnt fügte ergänzte kündigte versicherte teilte
		déclaré déclare dit affirmé affirme expliqué explique assuré assure souligné souligne écrit estimé estime ajouté ajoute indiqué indique lancé regretté martelé prévenu précisé
		twitterte berichtete erläuterte unterstrich kommentierte antwortete resümierte mahnte gesagt erzählte
		raconte raconté confie confié répond répondu réagi conclu conclut insisté insiste prévient résume poursuivi poursuit reconnu dénoncé rappelé témoigne
		dijo dice afirmó declaró aseguró explicó señaló escribió añadió agregó advirtió sostuvo indicó afirma declara asegura explica señala escribe comentó manifestó subrayó aclaró criticó respondió denunció insistió contó recordó
		detto dichiarato spiegato aggiunto affermato scritto disse spiega scrive afferma dichiara aggiunge avverte commenta sottolinea racconta commentato raccontato sottolineato
		afirmou declarou explicou acrescentou escreveu garantiu ressaltou destacou avaliou criticou alertou contou diz afirmam lembrou
		zei zegt schreef schrijft verklaarde verklaart stelde vertelde vertelt meldde waarschuwde antwoordde benadrukte reageerde gezegd`)

	// sources name whose words they are without a verb: according to.
	sources = set("selon secondo segundo según volgens laut aldus")

	// gerunds report as well, behind the subject of a sentence.
	gerunds = set("saying adding writing telling stating declaring arguing warning insisting noting explaining posting tweeting announcing claiming acknowledging stressing predicting vowing")

	// helpers stand between speaker and verb.
	helpers = set("has had have also later then once again recently previously already a ont ha hat haben habe heeft hatte habría avait first finally still reportedly repeatedly publicly simply just even firmly famously angrily quickly briefly immediately")

	// hearers stand before those who are spoken to or of.
	hearers = set("told tells asked asks warned urged accused criticized criticised thanked praised reminded assured met joined invited introduced married with to against about by tell telling interviewed")

	pronouns  = set("he she they it er sie il elle ele ela hij zij ze who we i")
	feminine  = set("she elle her sie ela zij ze")
	masculine = set("he er il his him ele hij")

	// titles stand before a name and belong to the role.
	titles = set(`foreman forewoman concierge curator archivist blogger vlogger podcaster critic chef rancher juror councilman councilwoman alderman assemblyman assemblywoman delegate lawmaker candidate nominee runner skier boxer swimmer jockey referee brig brig. brigadier cpl cpl. msgr msgr. sens sens. reps reps. administrator commander-in-chief classmate priest nun monk bishop vicar pastor chaplain guide owner designer commodore artist cartoonist columnist journalist novelist photographer producer publisher broadcaster commentator presenter anchor anchorwoman anchorman host comedian singer-songwriter guitarist composer choreographer designer architect engineer physician surgeon nurse paramedic epidemiologist meteorologist seismologist geologist biologist physicist chemist astronomer psychologist psychiatrist sociologist anthropologist archaeologist criminologist climatologist virologist immunologist statistician organizer organiser campaigner lobbyist pollster prosecutor entrepreneur businessman businesswoman banker broker trader farmer teacher student resident neighbor neighbour survivor witness victim volunteer veteran soldier astronaut firefighter trooper constable marshal ranger mechanic driver cyclist sprinter golfer goalkeeper star presidents senators president vice minister secretary senator sen sen. rep rep. representative gov gov. governor mayor judge justice chief director chairman chairwoman chair chairperson spokesman spokeswoman spokesperson
		officer executive ceo cfo coo cto manager coach captain capt capt. sgt sgt. sergeant lt lt. lieutenant col col. colonel gen gen. general maj maj. major cmdr cmdr. commander adm adm. admiral sheriff detective inspector
		professor prof prof. dr dr. doctor attorney lawyer analyst correspondent reporter editor author writer actor actress singer king queen prince princess pope cardinal archbishop bishop rev rev. reverend imam rabbi
		chancellor premier ambassador envoy commissioner counsel congressman congresswoman speaker leader head founder co-founder economist historian scientist researcher activist adviser advisor aide strategist
		mr mr. mrs mrs. ms ms. sir lord lady dame supt superintendent deputy assistant prosecutor solicitor undersecretary treasurer principal owner player midfielder striker defender quarterback pilot consultant expert
		herr frau bürgermeisterin oberbürgermeister oberbürgermeisterin ministerin präsident präsidentin ministerpräsidentin direktor direktorin abgeordnete abgeordneter staatssekretär geschäftsführer geschäftsführerin trainer democrat republican bundeskanzler kanzler kanzlerin ministerpräsident minister bürgermeister sprecher sprecherin vorsitzende vorsitzender chef chefin président présidente ministre maire directeur directrice porte-parole
		sprecherin professorin députée député sénateur sénatrice chercheur chercheuse professeur professeure avocat avocate économiste
		presidenta alcaldesa directora director secretario secretaria juez jueza experto experta sindaco sindaca direttore direttrice portavoce ministra
		prefeito prefeita governador governadora porta-voz diretor diretora deputado deputada senadora
		burgemeester staatssecretaris woordvoerder woordvoerster directeur voorzitter hoogleraar wethouder
		presidente ministro ministra alcalde portavoz secretary-general foreign prime interior defense defence finance`)

	// particles stand in the middle of names.
	particles = set("de da del della di du van von der den bin ibn al el la le dos das do ter ten abu ben bint y zu")

	// groups mark a name as one of an organisation, a place or a thing.
	groups = set(`saint hezbollah hamas taliban isis isil pentagon interpol europol greenpeace amnesty weekly daily herald tribune gazette chronicle monthly observer korean koreans americans israelis palestinians russians europeans africans asians arabs muslims christians jews kurds iranians syrians iraqis afghans weapons university college school institute council committee commission court house senate congress parliament party union association society league club team inc corp company group bank fund foundation agency department
		ministry office bureau service services police army navy force forces guard authority board center centre hospital  international national federal united states kingdom republic street avenue road  island
		islands city county state province river  sea ocean gulf mountain  south east  northern southern eastern western new news times post journal press magazine network radio television tv media the cnn bbc
		world cup games series    report study project program programme summit conference agreement treaty accord  week month january february     july  september october november december
		monday tuesday wednesday thursday friday saturday sunday christian muslim american british french german chinese russian israeli european african asian democrats republicans democratic
		airlines airport airways stadium square tower building museum theatre theater  prison jail station security exchange reserve nations alliance coalition movement front brigade facebook twitter google apple instagram
		 supreme capitol  pentagon kremlin nato eu un u.n u.s us uk cia fbi nsa irs doj dhs who imf nasa god allah christ gop unesco unicef nba nfl fifa uefa security homeland health education energy treasury foreign relations middle public interest human rights social truth affairs`)

	// either is part of people's names as of others'.
	either = set("bill act law may april june park hill lake church hall day white north west march august")
)

// title says whether a word, in small letters, belongs to a role before a name.
func title(w string) bool {
	if titles[w] {
		return true
	}
	for _, end := range [...]string{"-in-chief", "-general", "-elect", "-designate"} {
		if head, ok := strings.CutSuffix(w, end); ok && titles[head] {
			return true
		}
	}
	for _, end := range [...]string{"ologist", "ologin", "ologe", "onomist", "experte", "expertin", "forscher", "forscherin", "anwalt", "anwältin", "direktor", "direktorin", "trainerin", "wissenschaftler", "wissenschaftlerin", "ökonomin", "minister", "ministerin", "präsident", "präsidentin", "sprecher", "sprecherin", "chef", "chefin", "leiter", "leiterin"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}
