package brief

import (
	"slices"

	"nutgraf/digest"
)

// What an update tells as new.
const (
	mostChanged = 2
	sameFact    = 0.4 // likeness with a sentence of a known article from which it is no news
	newWords    = 0.5 // share of the terms, by rarity, that no known article has
)

// update fills what the story's new articles add, for a reader who was shown
// the known ones. What merely says the same again goes into no section.
func (w *writer) update(b *digest.Brief) {
	if len(w.told) == 0 || w.lead < 0 {
		return
	}
	var old, candidates []int
	known := make([]bool, len(w.idf))
	for i := range w.sentences {
		if s := &w.sentences[i]; w.familiar(s.article) {
			old = append(old, i)
			for _, t := range s.terms {
				known[t] = true
			}
		} else {
			candidates = append(candidates, i)
		}
	}
	var out []int
	for len(out) < mostChanged {
		best, at := 0.0, -1
		for _, i := range candidates {
			s := &w.sentences[i]
			if w.taken[i] || len(s.fields) < 8 || !w.stands(i) || w.dangles(i) || w.nearest(i, old) >= sameFact || w.repeats(i, out) {
				continue
			}
			news := w.untold(s, known)
			if v := s.score + 0.5*news + 0.4/float64(1+s.number); news >= newWords && v > best {
				best, at = v, i
			}
		}
		if at < 0 {
			break
		}
		out = append(out, at)
		w.show(at)
	}
	slices.Sort(out)
	b.Changed = w.cite(out)
	for i := range w.sentences {
		w.taken[i] = w.taken[i] || w.repeats(i, out)
	}
}

// familiar says whether the reader was shown article i before.
func (r *reading) familiar(i int) bool { return slices.Contains(r.told, r.articles[i].ID) }

// untold returns how much of a sentence's terms, weighted by their rarity, is
// not known yet.
func (w *writer) untold(s *sentence, known []bool) float64 {
	news, all := 0.0, 0.0
	for _, x := range s.vector {
		v := w.idf[x.term]
		all += v
		if !known[x.term] {
			news += v
		}
	}
	if all == 0 {
		return 0
	}
	return news / all
}
