package story

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	topTerms = 20   // terms by which an article is found
	reach    = 256  // articles looked at per term, the nearest in time: bounds the work for words of the day
	glimpse  = 0.05 // sum over shared top terms from which a pair is compared in full
	closest  = 160  // pairs per article that are compared in full, those with the greatest sums
	faint    = 0.07 // weaker pairs count as 0
)

// posting is one article's weight in the list of a term.
type posting struct {
	node   int32
	weight float32
}

// link returns the pairs of nodes that resemble each other, found by an
// inverted index over their top terms. Nodes are in order of time.
func link(docs []doc, nodes []int32) []edge {
	var edges []edge
	index := make(map[uint32][]posting)
	sum := make([]float32, len(nodes))
	var met []int32
	for k, i := range nodes {
		v := docs[i].vector
		top := strongest(v)
		met = met[:0]
		for _, t := range top {
			list := index[v.hashes[t]]
			for _, p := range list[max(0, len(list)-reach):] {
				if sum[p.node] == 0 {
					met = append(met, p.node)
				}
				sum[p.node] += p.weight * v.weight[t]
			}
			index[v.hashes[t]] = append(list, posting{int32(k), v.weight[t]})
		}
		near := met[:0:0]
		for _, m := range met {
			if sum[m] >= glimpse {
				near = append(near, m)
			}
		}
		slices.SortFunc(near, func(a, b int32) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), cmp.Compare(a, b)) })
		for _, m := range near[:min(len(near), closest)] {
			if s := similarity(&docs[nodes[m]], &docs[i]); s >= faint {
				edges = append(edges, edge{m, int32(k), int32(s * unit)})
			}
		}
		for _, m := range met {
			sum[m] = 0
		}
	}
	return edges
}

// strongest returns the places of v's topTerms greatest weights.
func strongest(v vector) []int {
	at := make([]int, len(v.weight))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(v.weight[b], v.weight[a]) })
	return at[:min(len(at), topTerms)]
}

// similarity returns the cosine of two articles, fading with the time between
// them; 0 for different languages.
func similarity(a, b *doc) float64 {
	if !compatible(a.vector.lang, b.vector.lang) {
		return 0
	}
	fade := undated
	if !a.article.Published.IsZero() && !b.article.Published.IsZero() {
		fade = closeness(b.article.Published.Sub(a.article.Published))
	}
	if fade < faint {
		return 0
	}
	return fade * cosine(a.vector, b.vector)
}

// closeness returns the time factor of two articles: 1 at once, .61 after 36
// hours, .03 after four days.
func closeness(d time.Duration) float64 {
	x := float64(d) / float64(spread)
	return math.Exp(-x * x / 2)
}

// compatible reports whether two languages, zero when unknown, may be one.
func compatible(a, b [2]byte) bool {
	return a == b || a == [2]byte{} || b == [2]byte{}
}
