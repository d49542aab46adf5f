package brief

import (
	"math"
	"strings"
	"time"
	"unicode"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// fold writes s in small letters with one blank between its words, before the
// first and behind the last, so that phrases can be looked for; "%" is a word.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 4)
	b.WriteByte(' ')
	blank := true
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteByte(byte(r))
			blank = false
		case r == '\'' || r == '’':
			b.WriteByte('\'')
			blank = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
			blank = false
		case r == '%':
			b.WriteString(" % ")
			blank = true
		default:
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
		}
	}
	if !blank {
		b.WriteByte(' ')
	}
	return b.String()
}

// lexicon is a list of phrases by their first word. A phrase ends in a blank
// unless more of its last word may follow.
type lexicon map[string][]string

// phrases makes a lexicon of a list written with bars.
func phrases(list string) lexicon {
	out := make(lexicon)
	for p := range strings.SplitSeq(list, "|") {
		first, _, _ := strings.Cut(p, " ")
		out[first] = append(out[first], p)
	}
	return out
}

// holds says whether folded text holds one of the phrases.
func holds(folded string, l lexicon) bool {
	for i := 1; i < len(folded); {
		n := strings.IndexByte(folded[i:], ' ')
		if n < 0 {
			return false
		}
		if l.at(folded[i:], n) {
			return true
		}
		i += n + 1
	}
	return false
}

// opens says whether folded text begins with one of the phrases.
func opens(folded string, l lexicon) bool {
	if len(folded) < 2 {
		return false
	}
	return l.at(folded[1:], strings.IndexByte(folded[1:], ' '))
}

// at says whether a phrase begins s, whose first word has n bytes.
func (l lexicon) at(s string, n int) bool {
	if n <= 0 {
		return false
	}
	for _, p := range l[s[:n]] {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// cue is a group of phrases with the weight one of them has for "why it
// matters".
type cue struct {
	weight  float64
	phrases lexicon
}

// The lists below are read only.
var (
	// cues tell what hangs on the news: what follows from it, how many it
	// concerns, what it is the first of. In English, German, French.
	cues = [...]cue{
		{1, phrases("matters because |matter because |matters for |significant because |significant for |crucial for |critical for |vital to |vital for |far reaching |landmark |historic |unprecedented |milestone |turning point |watershed |major blow |a blow to |blow for |setback |significant boost |major boost |major victory |significant victory |a victory for |a victory to |major shift |implications |raises questions |raised questions |raise questions |raising questions |raises concerns |raised concerns |raising concerns |raises fears |raised fears |raising fears |of its kind |record high |record low |all time high |all time low |on record |public rift |first test |biggest test |biggest challenge |gravest ")},
		{0.9, phrases("become the first |becomes the first |became the first |would be the first |will be the first |making it the first |the first country to |the first state to |the first city to |the first woman to |the first person to |which means |that means |meaning that |threaten to |threatens |threatening to |jeopardize |jeopardizes |jeopardizing |jeopardise |could lead |could mean |could cause |could force |could trigger |could result |could pave |could hurt |could deal |could leave |could change |could undermine |could shape |could cripple |could spark |could complicate |could reshape |could determine |could threaten |could further |could affect |would affect |would mean |would force |would cost |would mark |would cripple |would deprive |may force |might force |risk losing |at risk of |risks losing |consequences for |consequences of |repercussions |ramifications |impact on |affects more |affects millions |important because |the most important |paves the way |paving the way |clears the way |clearing the way |opens the door |opening the door |sets the stage |setting the stage |sets a precedent |a precedent |ripple effect |stakes |dealing a |will mean |will affect |will force |will hurt |will benefit |would benefit |would hurt |will lose |would lose |could lose |face losing |stand to lose |stands to lose |could face |could jeopardize |could delay |could derail |could end |could open |could prompt |could push |could bring |could allow |danger to |is at risk |are at risk |put at risk |puts at risk |remains at risk |for years to come |for generations |hardest hit |linchpin |lifeline |backbone |cornerstone |hinges on |has killed |have killed |have died from |killed more than |killing more than ")},
		{0.8, phrases("thousands of people |thousands of families |thousands of workers |thousands of jobs |thousands of homes |thousands of children |thousands of refugees |millions of people |millions of children |millions of families |millions of workers |millions of users |millions of customers |millions of jobs |millions of lives |millions of voters |people have died |has claimed |death toll |half a million |billion people |people have been killed |have been displaced |die each year |die every year |deaths a year |one in three |one in four |one in five |one in six |one in seven |one in eight |one in nine |one in 10 |one in ten |1 in 3 |1 in 4 |1 in 5 |1 in 6 |1 in 7 |1 in 8 |1 in 9 |1 in 10 |millions of americans |million people |million americans |million workers |million children |million customers |million voters |million jobs |million patients |million users |percent of people |percent of americans |% of people |% of americans |% of the world |% of the country ||most of the world ")},
		{0.5, phrases("at stake |will cost |could cost |critical to |crucial to |key to |threatened to |depends on |depend on |could help |threat to |threats to |growing concern |millions of |tens of thousands of |hundreds of thousands of |half of all |a third of |a quarter of |two thirds of |three quarters of |nearly half |more than half |the majority of |percent of |per cent of |% of |across the globe |around the world |nationwide |so that |because |as a result ")},
		{0.7, phrases("marks the |marked the |marks a |marked a |marking the |marking a |comes at a time |came at a time |comes amid |experts warn |analysts warn |scientists warn |officials warn |officials fear |experts fear |has raised |growing fears |rare point |rare moment |rare show ")},
		{0.8, phrases("zum ersten mal |erstmals seit |betrifft |bedroht |folgen für |auswirkungen auf |millionen menschen |hunderttausende |prozent der |könnte dazu führen |pour la première fois |le plus grand |la plus grande |le plus grave |la plus grave |menace de |conséquences |millions de |pour cent des ")},
	}
	superlatives = phrases("first |largest |biggest |deadliest |worst |highest |lowest |longest |fastest |costliest |strongest |hottest |most significant |most ambitious |most powerful |most serious |most intense |most violent |most severe |most destructive |most expensive |most important |most consequential |größte |höchste |schwerste ")
	// shares are ordinals that make a superlative one of several.
	shares   = set("second third fourth fifth sixth seventh eighth ninth tenth")
	long     = phrases("decade |decades |century |centuries |years |war |independence |revolution |founding |records began ")
	measures = phrases("in history |in the world |in the world's |in the country |in the country's |in the nation |in the nation's |ever |in years |in decades |in a decade |in a generation |in a century |in more than |in nearly |in almost |'s history |seit ")
	// meant is a plan that is none any more.
	meant = phrases("initially scheduled |originally scheduled |had been scheduled |was scheduled |were scheduled |initially planned |originally planned |was to have |were to have |had been due |was due to |were due to ")
	// coming is a plan or a likelihood of something to come.
	coming = phrases("will |won't |shall |is due |are due |due on |due in |due to |set to |set for |is expected |are expected |expected to |scheduled |slated |planned for |poised to |likely to |is to |are to |plan to |plans to |planning to |hope to |hopes to |aims to |votes on |votes in |meets on |meet on |begins on |begin on |starts on |opens on |takes effect |goes into effect |expires |deadline |wird |werden |soll |sollen |geplant |sera |seront |doit |doivent |prévu |prévue |prévus |prévoit ")
)

// stakes returns the weight of the cues in folded text, 0 when there is none.
func stakes(folded string) float64 {
	sum := 0.0
	for _, c := range cues {
		if holds(folded, c.phrases) {
			sum += c.weight
		}
	}
	if first(folded) {
		sum++
	}
	return math.Min(sum, 2)
}

// first says whether folded text calls something the first or the greatest
// since a year or of some place, within a few words.
func first(folded string) bool {
	const reach = 70
	before := ""
	for i := 1; i < len(folded); {
		n := strings.IndexByte(folded[i:], ' ')
		if n < 0 {
			return false
		}
		if superlatives.at(folded[i:], n) && !shares[before] {
			near := folded[i+n : min(len(folded), i+n+reach)]
			if holds(near, measures) || since(folded[i+n:], reach) {
				return true
			}
		}
		before = folded[i : i+n]
		i += n + 1
	}
	return false
}

// since says whether folded text counts from a year, or from long ago, within
// reach: "the first since the trial began" is no news.
func since(folded string, reach int) bool {
	at := strings.Index(folded, " since ")
	if at < 0 || at > reach {
		return false
	}
	ago := folded[at+len(" since") : min(len(folded), at+len(" since")+reach)]
	for w := range strings.FieldsSeq(ago) {
		if len(w) == 4 && (w[:2] == "19" || w[:2] == "20" || w[:2] == "18") {
			return true
		}
	}
	return holds(ago, long)
}

// announces says whether a sentence announces something for a date after now.
// The announcement stands right before the date, or behind one that opens the
// sentence. Dates are read from the day the article speaks of; without any time
// to go by, nothing is announced.
func announces(s *sentence, a digest.Article, now time.Time) bool {
	if !holds(s.folded, coming) || holds(s.folded, meant) {
		return false
	}
	ref := when(a)
	if ref.IsZero() {
		ref = now
	}
	if ref.IsZero() {
		return false
	}
	if now.IsZero() {
		now = ref
	}
	for _, d := range text.Dates(s.text, a.Language, ref) {
		near := fold(s.text[max(0, d.Start-80):d.Start]) // the first word may be a part of one
		ahead := d.Start < 12 && holds(fold(s.text[d.End:]), coming)
		if d.From.After(now) && d.From.Before(now.AddDate(horizon, 0, 0)) && (ahead || holds(near, coming)) {
			return true
		}
	}
	return false
}

// horizon is how many years ahead something is still what comes next.
const horizon = 2

// density returns how much a sentence tells in names and numbers, 0..0.3.
func density(s *sentence) float64 {
	names, digits := 0, 0
	for i, w := range s.fields {
		if i > 0 && upper(w) {
			names++
		}
		if strings.ContainsAny(w, "0123456789") {
			digits++
		}
	}
	return 0.15*math.Min(1, float64(digits)/2) + 0.15*math.Min(1, float64(names)/4)
}
