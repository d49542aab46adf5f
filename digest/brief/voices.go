package brief

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
)

// voice is a quote that may be shown, with what speaks for it.
type voice struct {
	digest.Quote
	article int
	own     bool // stands under a heading of its own
	index   int  // of the sentence in the reading
	value   float64
}

// quotes picks what people say: those under an article's own heading first,
// then one a speaker, different outlets first. Sentences that hold a quote are
// no longer free for the other sections.
func (w *writer) quotes(marked bool) []digest.Quote {
	most := mostQuotes
	if marked {
		most = ownQuotes
	}
	var all []voice
	for i, a := range w.articles {
		if marked && !w.kin(i) {
			continue
		}
		for _, q := range Quotes(a) {
			if v, ok := w.voice(q, i, marked); ok {
				all = append(all, v)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b voice) int {
		if a.own != b.own {
			return cmp.Compare(truth(b.own), truth(a.own))
		}
		if a.own {
			return 0
		}
		return cmp.Compare(b.value, a.value)
	})
	var out []voice
	for _, again := range [...]bool{false, true} { // first each outlet once, then again
		for _, v := range all {
			if len(out) >= most && !v.own || len(out) >= ownQuotes {
				break
			}
			if slices.ContainsFunc(out, func(o voice) bool { return v.clashes(o, again) }) {
				continue
			}
			out = append(out, v)
		}
	}
	quotes := make([]digest.Quote, 0, len(out))
	for _, v := range out {
		quotes = append(quotes, v.Quote)
		w.spend(v.Quote, v.article, marked)
	}
	return quotes
}

// voice weighs a quote. One that starts or ends in the middle of what was
// said, or says little, is left out.
func (w *writer) voice(q digest.Quote, article int, marked bool) (voice, bool) {
	v := voice{Quote: q, article: article, index: w.starts[article] + q.Sentence}
	if q.Sentence >= w.counts[article] || w.taken[v.index] && !(marked && article == w.lead) {
		return v, false
	}
	s := &w.sentences[v.index]
	v.own = s.section == digest.People
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(q.Text, "'‘[("))
	if !v.own && (unicode.IsLower(r) || strings.ContainsRune(".,;:!?)", r)) {
		return v, false
	}
	n := len(strings.Fields(q.Text))
	v.value = s.score + 0.3*s.central
	if n >= 9 && n <= 45 {
		v.value += 0.3
	}
	if opens(fold(q.Text), continuations) {
		v.value -= 0.15
	}
	if q.Role != "" {
		v.value += 0.1
	}
	if strings.HasSuffix(q.Text, "?") {
		v.value -= 0.1
	}
	if s.section == digest.Know {
		v.value += 0.2
	}
	return v, true
}

// continuations open what goes on from words that are not shown.
var continuations = phrases("but |and |so |then |because |or |which |that's |well ")

// kin says whether another article tells of the same event as the leading one,
// whose own quotes are under a heading.
func (w *writer) kin(i int) bool {
	if i == w.lead || cosine(w.titles[i], w.titles[w.lead]) >= 0.1 {
		return true
	}
	for k := range w.sentences {
		if s := &w.sentences[k]; s.article == w.lead && cosine(w.titles[i], s.vector) >= 0.2 {
			return true
		}
	}
	return false
}

// clashes says whether v cannot stand beside o: the same speaker or words, or,
// in the first round, the same outlet of a story of several.
func (v voice) clashes(o voice, again bool) bool {
	if v.Text == o.Text || !v.own && surname(v.Speaker) == surname(o.Speaker) {
		return true
	}
	return !again && !v.own && !o.own && v.article == o.article
}

// surname returns the last word of a name.
func surname(name string) string {
	return strings.ToLower(mention{name: name}.last())
}

// spend takes the sentences of a quote away from the other sections; a
// structured article keeps its own sections whole.
func (w *writer) spend(q digest.Quote, article int, marked bool) {
	for i := range w.sentences {
		s := &w.sentences[i]
		if s.article == article && s.span.Start < q.End && s.span.End > q.Start && !(marked && article == w.lead) {
			w.taken[i] = true
		}
	}
}
