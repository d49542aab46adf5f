package quality

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Quoted is what somebody said, and who; "" when nobody is named.
type Quoted struct{ Text, Speaker string }

// Answer says what a method made of one labelled quote.
type Answer int

// The answers.
const (
	Missed Answer = iota // the quote was not found, or nobody is named for it
	Right
	Wrong // another speaker, or one where the label has none
)

// Labelled is a quote of which people say who speaks it: Speaker in any form of
// the name, or, where names are listed to Accept, that and those only. An empty
// Speaker is a quote of nobody who is named, or no quote.
type Labelled struct {
	Quoted
	Accept []string
}

// Judge looks up a labelled quote among those that were found. A quote counts
// as found when its words are the same. Without a list, speakers are the same
// when the names end alike and one has all words of the other.
func Judge(label Labelled, found []Quoted) Answer {
	for _, q := range found {
		if q.Speaker == "" || !slices.Equal(folded(q.Text), folded(label.Text)) {
			continue
		}
		same := q.Speaker == label.Speaker || slices.Contains(label.Accept, q.Speaker)
		if label.Speaker != "" && (same || label.Accept == nil && sameName(q.Speaker, label.Speaker)) {
			return Right
		}
		return Wrong
	}
	return Missed
}

// folded returns the words of s in lower case.
func folded(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// sameName reports whether two names, titles included or not, can be one person's.
func sameName(a, b string) bool {
	x, y := nameWords(a), nameWords(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 || x[len(x)-1] != y[len(y)-1] {
		return false
	}
	return !slices.ContainsFunc(x, func(w string) bool { return !slices.Contains(y, w) })
}

func nameWords(s string) []string {
	words := folded(strings.NewReplacer("’s", "", "'s", "", "’", "", "'", "").Replace(s))
	return slices.DeleteFunc(words, func(w string) bool { return w == "the" || w == "jr" || w == "sr" })
}

const (
	personName = `((?:[A-Z][\w.'’-]+ ){0,3}[A-Z][\w'’-]+)`
	sayingVerb = `(?:said|says|told|added|asked|wrote|explained|argued|tweeted|posted|stated|warned|noted|insisted|replied)`
)

var (
	anyQuote   = regexp.MustCompile(`"([^"“”]+)"|“([^"“”]+)”`)
	nameBehind = regexp.MustCompile(`^,? ?(?:` + personName + ` ` + sayingVerb + `|` + sayingVerb + ` ` + personName + `)\b`)
	nameBefore = regexp.MustCompile(personName + ` ` + sayingVerb + `\b[^"“”.]{0,60}[,:] ?$`)
	nameNear   = regexp.MustCompile(`(?:` + personName + ` ` + sayingVerb + `|` + sayingVerb + ` ` + personName + `)\b`)
)

// PlainQuotes finds quotes by regular expressions: what stands in quotation
// marks, with the capitalised words beside a verb of saying right behind or
// before it, or else anywhere in the paragraph.
func PlainQuotes(paragraph string) []Quoted {
	var out []Quoted
	for _, m := range anyQuote.FindAllStringSubmatchIndex(paragraph, -1) {
		q := Quoted{Text: paragraph[max(m[2], m[4]):max(m[3], m[5])]}
		if n := nameBehind.FindStringSubmatch(paragraph[m[1]:]); n != nil {
			q.Speaker = n[1] + n[2]
		} else if n := nameBefore.FindStringSubmatch(paragraph[:m[0]]); n != nil {
			q.Speaker = n[1]
		} else if n := nameNear.FindStringSubmatch(paragraph); n != nil {
			q.Speaker = n[1] + n[2]
		}
		out = append(out, q)
	}
	return out
}
