package brief

import (
	"math"
	"strings"
	"unicode"

	"nutgraf/digest/quality"
)

// use is one occurrence of a word to learn from.
type use struct {
	traits
	right bool // the reference has as many
	term  string
	k     int // number of the occurrence, from 1
}

// uses returns the occurrences of the words of a story.
func uses(e example, m *model) []use {
	r := read(e.Articles)
	r.rateWith(m)
	ref, _ := grams(e.reference)
	l := r.lexis()
	var out []use
	for i := range l.tokens {
		t := &l.tokens[i]
		for k := 1; k <= t.told(); k++ {
			out = append(out, use{l.traits(t, k, len(r.articles)), ref[stem(t.word)] >= k, t.term, k})
		}
	}
	return out
}

// stem returns a word as ROUGE counts it.
func stem(word string) string {
	if t := quality.Tokens(word); len(t) == 1 {
		return t[0]
	}
	return ""
}

// trainWords returns the model of the words of the stories, whose sentences m
// scores, with a number of trees.
func trainWords(examples []example, m *model, trees int) words {
	var data []use
	for _, e := range examples {
		data = append(data, uses(e, m)...)
	}
	w := fit(len(data), unigrams+products, func(i int) ([]float64, float64) { return data[i].expand(), truth(data[i].right) })
	out := words{linear: traits(w[:unigrams]), pairs: [products]float64(w[unigrams:])}
	logits := make([]float64, len(data))
	for i := range data {
		logits[i] = out.plain(&data[i].traits)
	}
	habits := learnHabits(data, logits)
	out.habits = func() map[string]habit { return habits }
	for i := range data {
		logits[i] += habits[data[i].term].of(data[i].k)
	}
	out.trees = grow(data, logits, trees)
	return out
}

// learnHabits returns by how much the logits are wrong about a word, those
// that are wrong enough to be worth a line.
func learnHabits(data []use, logits []float64) map[string]habit {
	const against, least = 40, 0.1
	sums := make(map[string]*[3]slope)
	for i, u := range data {
		if u.term == "" || strings.ContainsFunc(u.term, unicode.IsSpace) {
			continue
		}
		if sums[u.term] == nil {
			sums[u.term] = new([3]slope)
		}
		p := sigmoid(logits[i])
		s := &sums[u.term][min(u.k, 3)-1]
		s.gradient += truth(u.right) - p
		s.curve += p * (1 - p)
	}
	out := make(map[string]habit)
	for term, three := range sums {
		var h habit
		for i, s := range three {
			h[i] = math.Round(100*s.gradient/(s.curve+against)) / 100
		}
		if math.Abs(h[0]) >= least || math.Abs(h[1]) >= least || math.Abs(h[2]) >= least {
			out[term] = h
		}
	}
	return out
}

// expand returns the features with the products of the crossed ones.
func (f *traits) expand() []float64 {
	out := append(make([]float64, 0, unigrams+products), f[:]...)
	for i, a := range crossed {
		for _, b := range crossed[:i+1] {
			out = append(out, f[a]*f[b])
		}
	}
	return out
}
