package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is a proper name with its place; Text is the text of the span.
type Name struct {
	Span
	Text string
}

// Names returns the proper names of s in order: persons, places and
// organisations, as runs of capitalised words with the small words between
// them ("Ursula von der Leyen", "Bank of England") and initials. Titles with a
// stop ("Sen.") and possessive 's are not part of them; weekdays and months
// are none. A single capitalised word that starts a sentence counts when it is
// known as a name, from elsewhere in s or from the background table. In German,
// where every noun has a capital, single words need such proof everywhere.
func Names(s, lang string) []Name {
	f := finder{s: s, lang: Base(lang), vocabulary: vocabularyOf(Base(lang)), elsewhere: make(map[string]bool)}
	f.stops = stopsOf(f.lang)
	var runs []nameRun
	for _, sp := range Sentences(s, lang) {
		runs = f.sentence(runs, sp)
	}
	for _, r := range runs {
		for _, t := range r.tokens {
			if len(r.tokens) > 1 && t.upper || !r.first && f.lang != "de" {
				f.elsewhere[f.text(t)] = true
			}
		}
	}
	var out []Name
	for _, r := range runs {
		if f.proper(r) {
			sp := Span{r.tokens[0].Start, r.tokens[len(r.tokens)-1].End}
			out = append(out, Name{sp, s[sp.Start:sp.End]})
		}
	}
	return out
}

// Common reports whether English news knows a word and writes it small inside
// sentences, nearly always: a capital does not make it a name.
func Common(word string) bool {
	u, ok := newsTable().stems[Stem(lower(word), "en")]
	return ok && u.upper <= 2
}

// nameToken is a word that may be part of a name.
type nameToken struct {
	Span
	upper   bool // starts with a capital
	initial bool // a capital with a stop
	glue    bool // nothing but a blank stands between it and the word before
}

// nameRun is a run of words that may be a name.
type nameRun struct {
	tokens []nameToken
	first  bool // its first word is the first of a sentence or quotation
	loud   bool // the sentence is a headline: nearly all its words have capitals
}

type finder struct {
	vocabulary
	s         string
	lang      string
	stops     map[string]bool
	elsewhere map[string]bool // words seen as names where a capital proves it
}

func (f *finder) text(t nameToken) string { return f.s[t.Start:t.End] }

// tokens returns the words of a sentence.
func (f *finder) tokens(sp Span) []nameToken {
	var out []nameToken
	prev := sp.Start
	for i := sp.Start; i < sp.End; {
		r, n := utf8.DecodeRuneInString(f.s[i:sp.End])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += n
			continue
		}
		end := i + n
		for end < sp.End {
			r, n := utf8.DecodeRuneInString(f.s[end:sp.End])
			next, _ := utf8.DecodeRuneInString(f.s[end+n : sp.End])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) &&
				(!strings.ContainsRune("'’-.", r) || !unicode.IsLetter(next)) {
				break
			}
			end += n
		}
		word := f.s[i:end]
		t := nameToken{Span: Span{i, end}, upper: capital(word)}
		between := f.s[prev:i]
		t.glue = len(out) > 0 && (between == " " || between == ". " && out[len(out)-1].initial || between == " & ")
		t.End = t.Start + len(strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s"))
		if end < sp.End && f.s[end] == '.' && t.upper {
			t.initial = utf8.RuneCountInString(word) <= 2 || acronym(word) || f.class(word)&classTitle != 0
			if acronym(word) {
				t.End = end + 1
			}
		}
		out = append(out, t)
		prev, i = t.End, end // a possessive stands between, and parts names
	}
	return out
}

// capital reports whether a word is written as names are: with a capital at
// its start, or inside as in "iPhone" and "al-Assad".
func capital(word string) bool {
	for i, r := range word {
		if unicode.IsUpper(r) || unicode.IsTitle(r) {
			return true
		}
		if i > 3 || !unicode.IsLetter(r) && r != '-' && r != '\'' && r != '’' {
			return false
		}
	}
	return false
}

// sentence appends the runs of one sentence.
func (f *finder) sentence(runs []nameRun, sp Span) []nameRun {
	tokens := f.tokens(sp)
	upper, long := 0, 0
	for _, t := range tokens {
		if t.End-t.Start > 3 {
			if long++; t.upper {
				upper++
			}
		}
	}
	loud := long > 3 && upper*10 >= long*8 && f.lang != "de" && strings.IndexByte(".!?\"", f.s[sp.End-1]) < 0
	for i := 0; i < len(tokens); {
		if !f.starts(tokens[i], i == 0) {
			i++
			continue
		}
		j := i + 1
		for j < len(tokens) {
			next := f.follows(tokens, j)
			if next == 0 {
				break
			}
			j += next
		}
		first := i == 0 || f.opensAt(tokens[i].Start)
		runs = append(runs, nameRun{tokens[i:j], first, loud})
		i = j
	}
	return runs
}

// opensAt reports whether a quotation or clause starts at byte at, so that a
// capital there proves nothing.
func (f *finder) opensAt(at int) bool {
	before := strings.TrimRight(f.s[:at], " ")
	r, _ := utf8.DecodeLastRuneInString(before)
	return strings.ContainsRune("\"“„«‘':•-–—¿¡([", r)
}

// starts reports whether a name can start with t.
func (f *finder) starts(t nameToken, first bool) bool {
	w := lower(f.text(t))
	switch {
	case !t.upper, f.stops[w], w == "i", strings.HasPrefix(w, "i'"), calendar(w, f.lang):
		return false
	case t.initial && f.class(f.text(t))&classTitle != 0 && !isInitial(f.text(t)):
		return false // "Sen." and "Mr."
	case f.class(w)&classStart != 0:
		return !first && f.class(w)&classStart == 0
	}
	return true
}

func isInitial(w string) bool { return utf8.RuneCountInString(w) == 1 }

// follows returns how many tokens from j on continue a name: one for a
// capitalised word, two or three for small words with one behind them.
func (f *finder) follows(tokens []nameToken, j int) int {
	t := tokens[j]
	if !t.glue || f.broken(tokens[j-1]) {
		return 0
	}
	w := lower(f.text(t))
	if t.upper {
		if f.stops[w] && !isInitial(f.text(t)) && !particle(w) || calendar(w, f.lang) {
			return 0
		}
		return 1
	}
	if f.lang != "nl" && (w == "der" || w == "den") {
		return 0 // an article, unless after "von"
	}
	if w == "of" && !heads(lower(f.text(tokens[j-1]))) {
		return 0
	}
	for n := 1; n <= 2 && particle(w) && j+n < len(tokens) && tokens[j+n].glue; n++ {
		next := tokens[j+n]
		low := lower(f.text(next))
		if next.upper {
			if f.stops[low] || calendar(low, f.lang) || f.lang == "de" && (w == "of" || !nobiliary(w)) {
				return 0
			}
			return n + 1
		}
		if !particle(low) && low != "the" {
			return 0
		}
	}
	return 0
}

// broken reports whether a possessive or a number ends the name at t.
func (f *finder) broken(t nameToken) bool {
	return strings.HasPrefix(f.s[t.End:], "'s") || strings.HasPrefix(f.s[t.End:], "’s")
}

// heads reports words of organisations and places that "of" belongs to.
func heads(w string) bool {
	switch w {
	case "bank", "university", "department", "ministry", "house", "court", "centers", "centres", "center", "board",
		"council", "institute", "institutes", "college", "museum", "church", "bureau", "office", "association",
		"secretary", "minister", "chamber", "states", "isle", "gulf", "republic", "kingdom", "school", "duke",
		"duchess", "prince", "princess", "archbishop", "bishop", "league", "joint", "chiefs", "academy", "cape",
		"federation", "union", "society", "library", "city", "port", "strait", "sea", "bay", "tower", "district":
		return true
	}
	return false
}

// particle reports small words that stand inside names.
func particle(w string) bool {
	switch w {
	case "of", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "des", "la", "le", "el", "al", "y":
		return true
	}
	return nobiliary(w)
}

func nobiliary(w string) bool {
	switch w {
	case "von", "van", "der", "den", "ter", "ten", "zu", "zur", "bin", "ibn", "bint", "ben", "de", "la":
		return true
	}
	return false
}

// proper decides whether a run is a name.
func (f *finder) proper(r nameRun) bool {
	first := f.text(r.tokens[0])
	low := lower(first)
	loud := strings.ToUpper(first) == first && utf8.RuneCountInString(first) > 1 && !unicode.IsDigit(firstRune(first))
	if len(r.tokens) > 1 {
		return !r.loud || f.anyKnown(r)
	}
	if isInitial(first) {
		return false
	}
	if loud && !r.loud || f.elsewhere[first] {
		return f.class(low)&classStart == 0
	}
	yes := properName(first)
	switch {
	case f.lang == "de":
		return yes && f.class(low) == 0 || f.afterTitle(r.tokens[0])
	case r.first || r.loud:
		return yes
	}
	return true
}

// anyKnown reports whether a word of the run is known as a name.
func (f *finder) anyKnown(r nameRun) bool {
	for _, t := range r.tokens {
		if properName(f.text(t)) || f.elsewhere[f.text(t)] && !r.loud {
			return true
		}
	}
	return false
}

// afterTitle reports a German form of address before t.
func (f *finder) afterTitle(t nameToken) bool {
	before := strings.TrimRight(f.s[:t.Start], " .")
	for _, title := range []string{"Herr", "Herrn", "Frau", "Dr", "Prof", "Minister", "Kanzler", "Kanzlerin", "Präsident", "Präsidentin"} {
		if strings.HasSuffix(before, title) {
			return true
		}
	}
	return false
}
