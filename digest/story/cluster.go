package story

import (
	"cmp"
	"container/heap"
	"slices"
)

// unit is the similarity 1 in the fixed-point numbers that edges carry. Sums
// of whole numbers do not depend on the order in which they are added.
const unit = 1 << 20

// edge says how similar articles a and b (a < b) are, in parts of unit.
type edge struct {
	a, b int32
	sim  int32
}

// bond is the sum of the similarities between the members of two clusters. It
// is stale when one of them has merged since.
type bond struct {
	mean float64 // sum over pairs, missing pairs being 0
	a, b int32   // clusters, named by their lowest member; a < b
	na   int32   // their sizes when the bond was made
	nb   int32
}

type bonds []bond

func (h bonds) Len() int { return len(h) }
func (h bonds) Less(i, j int) bool {
	if h[i].mean != h[j].mean {
		return h[i].mean > h[j].mean
	}
	if h[i].a != h[j].a {
		return h[i].a < h[j].a
	}
	return h[i].b < h[j].b
}
func (h bonds) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *bonds) Push(x any)   { *h = append(*h, x.(bond)) }
func (h *bonds) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// tie is the sum of the similarities to a cluster.
type tie struct {
	to  int32
	sim int64
}

// linkage is the state of an average-linkage clustering in progress.
type linkage struct {
	size  []int32
	into  []int32 // cluster that took this one in, or itself
	lang  [][2]byte
	near  [][]tie // what a cluster is similar to; may name clusters that have merged since
	queue bonds
	floor float64
}

// cluster merges articles, given by their languages, bottom-up: always the two
// clusters whose members are most similar on average, until no mean reaches
// floor. It returns for each article the lowest member of its cluster. Only
// clusters that share an edge meet, so that an article without edges changes
// nothing for the others; clusters of different languages never merge, even
// over an article of unknown language.
func cluster(lang [][2]byte, edges []edge, floor float64) []int32 {
	n := len(lang)
	l := &linkage{size: make([]int32, n), into: make([]int32, n), lang: slices.Clone(lang), near: make([][]tie, n), floor: floor * unit}
	for i := range l.size {
		l.size[i], l.into[i] = 1, int32(i)
	}
	for _, e := range edges {
		l.near[e.a] = append(l.near[e.a], tie{e.b, int64(e.sim)})
		l.near[e.b] = append(l.near[e.b], tie{e.a, int64(e.sim)})
		if float64(e.sim) >= l.floor {
			l.queue = append(l.queue, bond{float64(e.sim), e.a, e.b, 1, 1})
		}
	}
	heap.Init(&l.queue)
	for len(l.queue) > 0 {
		b := heap.Pop(&l.queue).(bond)
		if l.into[b.a] == b.a && l.into[b.b] == b.b && l.size[b.a] == b.na && l.size[b.b] == b.nb && compatible(l.lang[b.a], l.lang[b.b]) {
			l.merge(b.a, b.b)
		}
	}
	for i := range l.into {
		l.into[i] = l.into[l.into[i]] // lower members come first and are resolved
	}
	return l.into
}

// merge takes cluster b into a and renews the bonds of the result.
func (l *linkage) merge(a, b int32) {
	l.into[b] = a
	l.size[a] += l.size[b]
	if l.lang[a] == [2]byte{} {
		l.lang[a] = l.lang[b]
	}
	all := append(l.near[a], l.near[b]...)
	for i := range all {
		all[i].to = root(l.into, all[i].to)
	}
	slices.SortFunc(all, func(x, y tie) int { return cmp.Compare(x.to, y.to) })
	sums := all[:0]
	for _, t := range all {
		if n := len(sums); n > 0 && sums[n-1].to == t.to {
			sums[n-1].sim += t.sim
		} else if t.to != a {
			sums = append(sums, t)
		}
	}
	l.near[a], l.near[b] = sums, nil
	for _, t := range sums {
		c := t.to
		mean := float64(t.sim) / float64(l.size[a]) / float64(l.size[c])
		if mean >= l.floor {
			heap.Push(&l.queue, bond{mean, min(a, c), max(a, c), l.size[min(a, c)], l.size[max(a, c)]})
		}
	}
}
