package brief

import (
	"math"
	"slices"
	"strings"

	"nutgraf/digest"
)

// farthest is how many sentences the second sentence of a lede may stand behind
// the first: farther down, a text speaks of other things.
const farthest = 20

// lede picks the best opening sentence and the best one to go with it.
func (w *writer) lede() []int {
	first := w.pick(0.5, func(i int) float64 {
		s := &w.sentences[i]
		if len(s.fields) < 8 || !w.stands(i) {
			return -1
		}
		v := s.score + 0.5/float64(1+s.number)
		if s.article == w.lead {
			v += 0.1
		}
		if echoes(s, w.titles[s.article]) {
			v -= 0.3
		}
		if dated(s) && !sameDay(when(w.articles[s.article]), w.now) {
			v -= 0.3
		}
		if w.dangles(i) || goesOn(s) {
			v -= 0.5
		}
		return 1 + v
	})
	if first < 0 {
		return w.fallback()
	}
	w.show(first)
	a := &w.sentences[first]
	second := w.pick(0.25, func(i int) float64 {
		s := &w.sentences[i]
		if i == first || s.article != a.article || !w.free(i) || mostlyQuote(s) || question(s) || chatty(s) || dated(s) && !sameDay(when(w.articles[s.article]), w.now) || len(s.fields) < 8 || len(s.fields)+len(a.fields) > ledeWords || w.stale(i) {
			return -1
		}
		if strings.ContainsRune("\"“„«‘'", firstRune(s.text)) || overlap(s.vector, a.vector) > samePair {
			return -1
		}
		near := 0.0
		if i == first+1 {
			near = 0.2
		} else if i > first+farthest || leans(s.fields) || i < first && s.number > 0 || goesOn(s) || w.dangles(i) || !solid(s) {
			return -1
		}
		if echoes(s, w.titles[s.article]) {
			near -= 0.3
		}
		near -= 0.015 * math.Min(20, math.Abs(float64(i-first-1)))
		return 1 + near + s.score + 0.3/float64(1+s.number) - (1-lambda)*cosine(s.vector, a.vector)
	})
	out := []int{first}
	if second >= 0 {
		out = append(out, second)
	}
	slices.Sort(out)
	return out
}

// fallback returns the best sentence that is usable at all, for texts whose
// every sentence is short, a quote or a question.
func (w *writer) fallback() []int {
	at := w.best(func(i int) float64 {
		if s := &w.sentences[i]; !s.usable || s.section == digest.People {
			return -1
		}
		return w.sentences[i].score
	})
	if at < 0 {
		return nil
	}
	return []int{at}
}
