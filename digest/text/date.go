package text

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Date is a date with its place: what is meant lies in [From, To), whole days
// in the location of the reference time.
type Date struct {
	Span
	From, To time.Time
}

// Dates returns the dates of s in order, resolved relative to ref, the time at
// which s was written: "May 3" and "in September" mean the nearest one,
// "on Thursday" the next one after a cue for the future ("will meet on
// Thursday") and the last one otherwise ("said on Thursday"). It knows English,
// German, French, Spanish, Italian, Portuguese and Dutch; other languages are
// read as English. A zero ref gives nothing but dates with a year.
func Dates(s, lang string, ref time.Time) []Date {
	words, ok := dateWords()[Base(lang)]
	if !ok {
		words = dateWords()["en"]
	}
	g := grammar{s: s, ref: ref, today: midnight(ref), words: words, us: Base(lang) == "en" || !ok}
	g.read()
	var out []Date
	for i := 0; i < len(g.tokens); {
		d, next := g.date(i)
		if next <= i {
			i++
			continue
		}
		if !d.From.IsZero() && (!ref.IsZero() || g.dated) {
			out = append(out, d)
		}
		i = next
	}
	return out
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// dateToken is a word or number of the text, or a phrase that stands for one
// word, as far as dates are concerned.
type dateToken struct {
	Span
	dateWord
	n, upTo int  // a number, or a range of two, "3-5"; 0 when none
	upper   bool // starts with a capital
	comma   bool // a comma follows
	ends    bool // a sentence may end behind it
}

// grammar reads dates off tokens.
type grammar struct {
	s      string
	ref    time.Time
	today  time.Time
	words  map[string]dateWord
	us     bool // 5/3/2026 is the third of May
	dated  bool // the last date named its year
	tokens []dateToken
	none   dateToken
}

// read splits the text at white space and punctuation into tokens.
func (g *grammar) read() {
	g.tokens = make([]dateToken, 0, len(g.s)/6)
	for i := 0; i < len(g.s); {
		r, n := utf8.DecodeRuneInString(g.s[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			if len(g.tokens) > 0 && (r == '!' || r == '?' || r == '\n' || r == ';') {
				g.tokens[len(g.tokens)-1].ends = true
			}
			if len(g.tokens) > 0 && r == ',' {
				g.tokens[len(g.tokens)-1].comma = true
			}
			i += n
			continue
		}
		end := i
		for end < len(g.s) {
			r, n := utf8.DecodeRuneInString(g.s[end:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !g.inner(end, r, n) {
				break
			}
			end += n
		}
		g.tokens = append(g.tokens, g.token(i, end))
		i = end
	}
	g.phrases()
}

// longestPhrase is how many words an entry of the table has at most.
const longestPhrase = 4

// phrases joins the words of phrases, "day after tomorrow", to one token.
func (g *grammar) phrases() {
	out := g.tokens[:0]
	for i := 0; i < len(g.tokens); i++ {
		t := g.tokens[i]
		for n := longestPhrase; n > 1 && t.is(kindPhrase); n-- {
			if i+n > len(g.tokens) || !g.near(i, i+n-1) {
				continue
			}
			last := g.tokens[i+n-1]
			w, ok := g.words[lower(g.s[t.Start:last.End])]
			if ok {
				t.dateWord, t.n, t.End, t.ends, t.comma = w, 0, last.End, last.ends, last.comma
				i += n - 1
			}
		}
		out = append(out, t)
	}
	g.tokens = out
}

// inner reports whether punctuation at i belongs to the word around it.
func (g *grammar) inner(i int, r rune, n int) bool {
	next, _ := utf8.DecodeRuneInString(g.s[min(i+n, len(g.s)):])
	digits := unicode.IsDigit(next) && i > 0 && g.s[i-1] >= '0' && g.s[i-1] <= '9'
	switch r {
	case '\'', '’':
		return unicode.IsLetter(next)
	case '-', '–':
		return digits || r == '-' && unicode.IsLetter(next)
	case '.', '/', ':', ',':
		return digits
	}
	return false
}

func (g *grammar) token(start, end int) dateToken {
	raw := g.s[start:end]
	t := dateToken{Span: Span{start, end}, upper: unicode.IsUpper(firstRune(raw))}
	low := lower(raw)
	w, ok := g.words[low]
	if head, tail, cut := strings.Cut(low, "-"); !ok && cut && (head == "mid" || head == "mi") {
		if w = g.words[tail]; w.kind&kindMonth != 0 {
			w.kind |= kindPrep // its own
			t.upper = t.upper || unicode.IsUpper(firstRune(raw[len(head)+1:]))
			w.part = 2
		}
	}
	if i := strings.IndexAny(raw, "'’"); !ok && i > 0 {
		_, tail, _ := strings.Cut(low, "'")
		if w = g.words[tail]; tail == "s" { // "Thursday's"
			w = g.words[strings.TrimSuffix(low, "'s")]
			t.End = start + i
		}
	}
	t.dateWord = w
	if digitAt(raw, 0, len(raw)) {
		t.n, t.upTo = dayNumber(low)
	}
	next := strings.TrimLeft(g.s[end:], "\"”’»)")
	t.ends = strings.HasPrefix(next, ".") && t.n == 0 && t.month == 0
	return t
}

// dayNumber reads "3", "3rd", "1er", "3-5" and years; 0 for anything else.
func dayNumber(s string) (n, upTo int) {
	a, b, isRange := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	for _, suffix := range []string{"st", "nd", "rd", "th", "er", "º", "°", "ª"} {
		a, b = strings.TrimSuffix(a, suffix), strings.TrimSuffix(b, suffix)
	}
	n, err := strconv.Atoi(a)
	if err != nil || len(a) > 4 {
		return 0, 0
	}
	if isRange {
		if upTo, err = strconv.Atoi(b); err != nil || upTo <= n || upTo > 31 {
			return 0, 0
		}
	}
	return n, upTo
}

// at returns the i-th token, or an empty one.
func (g *grammar) at(i int) *dateToken {
	if i < 0 || i >= len(g.tokens) {
		return &g.none
	}
	return &g.tokens[i]
}

func (t *dateToken) is(k dateKind) bool { return t.kind&k != 0 }

// span is a Date from token i up to token j (excluded) with its time.
func (g *grammar) span(i, j int, from, to time.Time) (Date, int) {
	return Date{Span{g.tokens[i].Start, g.tokens[j-1].End}, from, to}, j
}

// plus is d days after t, in calendar days.
func plus(t time.Time, d int) time.Time { return t.AddDate(0, 0, d) }

// day returns the calendar day, or false when there is no such day.
func (g *grammar) day(year, month, day int) (time.Time, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, g.today.Location())
	return t, t.Day() == day && month >= 1 && month <= 12
}
