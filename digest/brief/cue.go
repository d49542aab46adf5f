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
	// cues tell impact, scale, cause and firsts, in English, German, French.
	cues = [...]cue{
		{1, phrases("matters because |matter because |matters for |significant because |significant for |crucial |critical to |critical for |at stake |far reaching |sweeping |landmark |historic |unprecedented |milestone |turning point |major blow |setback |implications |raises questions |raised questions |raise questions |raises concerns |raised concerns |raising concerns |raising questions |raises fears |comes amid |comes as |comes after |comes at a time |comes days |comes weeks |comes months |comes just |came amid |came as |came at a time |for the first time |of its kind |record high |record low |all time high |all time low |on record ")},
		{0.7, phrases("affect |affects |affected |affecting |impact on |impact of |impacts |impacted |threaten |threatens |threatened |threatening |threat to |jeopardize |jeopardizes |jeopardized |jeopardizing |jeopardise |could lead |could mean |could cause |could force |could cost |could affect |could trigger |could result |could pave |could help |could hurt |could deal |could leave |could prove |could have |could make |could change |could undermine |could shape |could cripple |could spark |could set |could become |could be the |would mean |would affect |would force |would mark |would make |would give |would leave |would allow |would require |would cost |would be the |may lead |may mean |may affect |may face |may force |risk of |risking |at risk |risk losing |consequences |repercussions |ramifications |fallout |so that |important because |important for |needed to |key to |the most important |has become ")},
		{0.45, phrases("because |as a result |due to |led to |leads to |leading to |caused by |driven by |in response to |amid |following months |following years |following weeks |after months |after years |after weeks |marks |marked |marking |since then ")},
		{0.5, phrases("million |billion |trillion |percent |per cent |% |millions of |billions of |thousands of |hundreds of |majority of |nationwide |worldwide |across the country |across the nation |across the world |across the globe |across the region |around the world |half of |a third of |a quarter of |one in ")},
		{0.4, phrases("critics say |critics argue |critics warn |experts say |experts warn |analysts say |analysts warn |supporters say |supporters argue |tension |tensions |crisis |controversy |controversial |pressure on |pressure to |debate over |debate about |concern |concerns |fears |problem |problems |challenge |challenges ")},
		{0.8, phrases("zum ersten mal |erstmals seit |betrifft |bedroht |folgen für |auswirkungen |millionen |milliarden |prozent |könnte |könnten |pour la première fois |le plus grand |la plus grande |le plus grave |la plus grave |menace |conséquences |millions de |milliards de |millions d'euros |milliards d'euros |pour cent |pourrait |pourraient ")},
	}
	superlatives = phrases("first |largest |biggest |deadliest |worst |highest |lowest |longest |fastest |only |strongest |most |größte |höchste |schwerste ")
	measures     = phrases("since |in history |in the world |in the country |in the nation |ever |to date |in years |in decades |in a decade |in a generation |in a century |seit ")
	// coming is a plan or a likelihood of something to come.
	coming = phrases("will |won't |shall |is due |are due |due on |due in |due to |set to |set for |is expected |are expected |expected to |scheduled |slated |planned for |poised to |likely to |is to |are to |plan to |plans to |planning to |hope to |hopes to |aims to |vote on |votes on |votes in |meets on |meet on |begins on |begin on |starts on |opens on |takes effect |goes into effect |expires |deadline |wird |werden |soll |sollen |geplant |sera |seront |doit |doivent |prévu |prévue |prévus |prévoit ")
)

// stakes returns the weight of the cues in folded text, 0 when there is none.
func stakes(folded string) float64 {
	sum := 0.0
	for _, c := range cues {
		if holds(folded, c.phrases) {
			sum += c.weight
		}
	}
	if holds(folded, superlatives) && holds(folded, measures) {
		sum++
	}
	return math.Min(sum, 2)
}

// announces says whether a sentence announces something for a date after now.
// The announcement stands right before the date, or behind one that opens the
// sentence. Dates are read from the day the article speaks of; without any time
// to go by, nothing is announced.
func announces(s *sentence, a digest.Article, now time.Time) bool {
	if !holds(s.folded, coming) {
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
		if d.From.After(now) && (ahead || holds(near, coming)) {
			return true
		}
	}
	return false
}

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

// personal are words of a writer's own voice, and of one who addresses readers.
var personal = phrases("i |i'm |my |me |you |your |we |our |let's |i've |we've |you're ")
