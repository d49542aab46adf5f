package brief

import (
	"slices"
	"strings"

	"nutgraf/digest"
)

// surnames returns, by sentence, the surnames that stand there for people
// whom another sentence of the article names in full.
func (r *reading) surnames() [][]string {
	out := make([][]string, len(r.sentences))
	full := make([]map[string]bool, len(r.articles))
	named := make([][]mention, len(r.sentences))
	for i := range r.sentences {
		s := &r.sentences[i]
		if full[s.article] == nil {
			full[s.article] = make(map[string]bool)
		}
		named[i] = mentions(s.text, true)
		for _, m := range named[i] {
			if m.words() > 1 && (m.known() || m.titled || m.speaks) {
				full[s.article][m.last()] = true
			}
		}
	}
	for i := range r.sentences {
		here := make(map[string]bool)
		for _, m := range named[i] {
			switch last := m.last(); {
			case m.words() > 1:
				here[last] = true
			case !here[last] && (m.role == "" || doctors[m.role]) && full[r.sentences[i].article][last]:
				out[i] = append(out[i], m.name)
			}
		}
	}
	return out
}

// strange says whether sentence i names somebody by a bare surname whom
// neither the leading title nor a section has named to the reader.
func (w *writer) strange(i int) bool {
	if w.calls == nil {
		w.calls = w.surnames()
	}
	for _, name := range w.calls[i] {
		met := strings.Contains(w.articles[w.lead].Title, name)
		for _, j := range w.shown {
			met = met || j != i && strings.Contains(w.sentences[j].text, name)
		}
		if !met {
			return true
		}
	}
	return false
}

// unsaid returns the quotes whose words no section shows, and notes them, so
// that none will. A structured article keeps its own sections whole.
func (w *writer) unsaid(quotes []digest.Quote, marked bool) []digest.Quote {
	quotes = slices.DeleteFunc(quotes, func(q digest.Quote) bool {
		return slices.ContainsFunc(w.shown, func(i int) bool {
			s := &w.sentences[i]
			return strings.Contains(s.text, q.Text) && !(marked && s.article == w.lead)
		})
	})
	for _, q := range quotes {
		w.said = append(w.said, q.Text)
	}
	return quotes
}
