package brief

import (
	"math"
)

// model scores sentences by two logistic models over the same features: one
// learned which sentences make the best summary together, the other which
// share of its words a sentence has in common with a summary by people.
type model struct{ chosen, common facts }

// rate gives every sentence its score. Stories of several articles have
// weights of their own.
func (r *reading) rate() {
	m := &single
	if len(r.articles) > 1 {
		m = &several
	}
	r.rateWith(m)
}

func (r *reading) rateWith(m *model) {
	for i, f := range r.facts() {
		r.sentences[i].score = m.chosen.probability(&f)/2 + m.common.probability(&f)
	}
}

// probability is the logistic model.
func (w *facts) probability(f *facts) float64 {
	sum := 0.0
	for i, x := range f {
		sum += w[i] * x
	}
	return sigmoid(sum)
}

// sigmoid is the logistic function.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// lambda weighs the worth of a sentence against its likeness to those that
// are taken already.
const lambda = 0.85

// alike returns how alike sentences i and j are, 0..1.
func (r *reading) alike(i, j int) float64 {
	if r.likeness == nil {
		return cosine(r.sentences[i].vector, r.sentences[j].vector)
	}
	return r.likeness[i][j]
}

// nearest returns the likeness of sentence i to the nearest of others.
func (r *reading) nearest(i int, others []int) float64 {
	best := 0.0
	for _, j := range others {
		best = math.Max(best, r.alike(i, j))
	}
	return best
}

// repeats says whether sentence i tells what one of the others tells.
func (r *reading) repeats(i int, others []int) bool {
	for _, j := range others {
		a, b := &r.sentences[i], &r.sentences[j]
		if a.text == b.text || r.alike(i, j) >= 0.7 || len(r.articles) > 1 && trigrams(a, b) >= 0.5 {
			return true
		}
	}
	return false
}

// trigrams returns the Jaccard index of the three-term sequences of a and b.
func trigrams(a, b *sentence) float64 {
	if len(a.terms) < 3 || len(b.terms) < 3 {
		return 0
	}
	set := make(map[[3]int32]bool)
	for i := range len(a.terms) - 2 {
		set[[3]int32(a.terms[i:i+3])] = true
	}
	all, both := len(set), 0
	for i := range len(b.terms) - 2 {
		g := [3]int32(b.terms[i : i+3])
		seen, known := set[g]
		switch {
		case !known:
			all++
			set[g] = false
		case seen:
			both++
			set[g] = false
		}
	}
	return float64(both) / float64(all)
}
