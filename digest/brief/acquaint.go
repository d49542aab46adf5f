package brief

import (
	"slices"
	"strings"

	"nutgraf/digest"
)

// strange says whether sentence i calls somebody by a bare surname whom neither
// the leading title nor a section has named, but the article does in full.
func (w *writer) strange(i int) bool {
	s := &w.sentences[i]
	here := make(map[string]bool)
	for _, m := range mentions(s.text, true) {
		last := m.last()
		if m.words() > 1 {
			here[last] = true
		} else if !here[last] && (m.role == "" || doctors[m.role]) && !w.met(i, last) && inFull(w.articles[s.article].Text, last) {
			return true
		}
	}
	return false
}

// met says whether the reader knows a name from the leading title or from what
// is shown already.
func (w *writer) met(i int, name string) bool {
	return strings.Contains(w.articles[w.lead].Title, name) || slices.ContainsFunc(w.shown, func(j int) bool {
		return j != i && strings.Contains(w.sentences[j].text, name)
	})
}

// inFull says whether a text has a surname behind a given name: one that is
// known, or any where what follows is said of a person.
func inFull(body, last string) bool {
	speaks := strings.Contains(body, last+" said") || strings.Contains(body, last+" says") || strings.Contains(body, last+" told")
	for at := 0; ; {
		n := strings.Index(body[at:], " "+last)
		if n < 0 {
			return false
		}
		at += n
		given := body[strings.LastIndexAny(body[:at], " \n\t\"“(")+1 : at]
		at += 1 + len(last)
		if !nameWord(given) || broken(given) || ordinary(given) || groups[strings.ToLower(given)] {
			continue
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(body[at:], " "), " ")
		if m := (mention{name: given + " " + last}); speaks || m.known() || strings.HasPrefix(body[at:], ", ") || verbs[strings.Trim(next, ",.")] {
			return true
		}
	}
}

// never is more than any sentence is worth.
const never = 100

// pick is best, with less for sentences that name strangers.
func (w *writer) pick(less float64, value func(int) float64) int {
	var strangers []int
	for {
		at := w.best(func(i int) float64 {
			v := value(i)
			if v > 0 && slices.Contains(strangers, i) {
				v -= less
			}
			return v
		})
		if at < 0 || slices.Contains(strangers, at) || !w.strange(at) {
			return at
		}
		strangers = append(strangers, at)
	}
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
