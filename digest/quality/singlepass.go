package quality

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"nutgraf/digest/text"
)

// joins is the similarity from which on SinglePass puts a text to a group.
const joins = 0.25

// SinglePass groups texts, given in order of time, in the plainest way: each
// goes to the group whose sum of TF-IDF vectors is most like its own, or
// founds one. It returns the group of each text.
func SinglePass(texts, langs []string) []string {
	type group struct {
		sum  map[string]float64
		norm float64 // squared
	}
	var groups []*group
	holders := make(map[string][]int) // groups by term
	out := make([]string, len(texts))
	for i, s := range texts {
		v := vector(s, langs[i])
		dots := make(map[int]float64)
		for _, w := range v {
			for _, g := range holders[w.term] {
				dots[g] += w.x * groups[g].sum[w.term]
			}
		}
		best, at := joins, -1
		for g, dot := range dots {
			c := dot / math.Sqrt(groups[g].norm)
			if c > best || c == best && g < at {
				best, at = c, g
			}
		}
		if at < 0 {
			at = len(groups)
			groups = append(groups, &group{sum: make(map[string]float64)})
		}
		g := groups[at]
		for _, w := range v {
			old, known := g.sum[w.term]
			if !known {
				holders[w.term] = append(holders[w.term], at)
			}
			g.sum[w.term] = old + w.x
			g.norm += w.x * (2*old + w.x)
		}
		out[i] = strconv.Itoa(at)
	}
	return out
}

// weight is a term with its part in a vector.
type weight struct {
	term string
	x    float64
}

// vector returns the TF-IDF vector of a text, of length 1, in order of terms.
func vector(s, lang string) []weight {
	counts := make(map[string]float64)
	for _, t := range text.Terms(s, lang) {
		counts[t]++
	}
	norm := 0.0
	var v []weight
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		x := (1 + math.Log(counts[t])) * text.IDF(t, lang)
		v = append(v, weight{t, x})
		norm += x * x
	}
	for i := range v {
		v[i].x /= math.Sqrt(norm)
	}
	return v
}
