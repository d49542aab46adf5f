package story

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	topTerms = 20        // terms by which an article is found
	reach    = 96        // articles looked at per term, the nearest in time: bounds the work for words of the day
	faint    = 0.07      // weaker pairs count as 0
	horizon  = 84 * 3600 // seconds between two articles after which closeness is less than faint
)

// index lists by which of the nodes a term is had. A key is the term's hash,
// one bit that is set for undated nodes, and the node; nodes are in order of
// time. So the nodes near one in time stand beside it in its list.
type index struct {
	keys   []uint64
	weight []float32 // of the term in the node, by key
	trait  []trait   // by node
}

const undatedBit = 1 << 31

// newIndex lists the nodes by their top terms. It returns the places of each
// node's keys too.
func newIndex(docs []doc, nodes []int32) (index, [][]int32) {
	x := index{trait: make([]trait, len(nodes))}
	for k, i := range nodes {
		d := &docs[i]
		x.trait[k] = d.trait()
		for _, t := range strongest(d.vector) {
			x.keys = append(x.keys, x.key(d.vector.hashes[t], int32(k), x.trait[k].dated))
		}
	}
	slices.Sort(x.keys)
	x.weight = make([]float32, len(x.keys))
	places := make([][]int32, len(nodes))
	room := make([]int32, len(nodes)*topTerms)
	for p, key := range x.keys {
		k := key & (undatedBit - 1)
		v := &docs[nodes[k]].vector
		t, _ := slices.BinarySearch(v.hashes, uint32(key>>32))
		x.weight[p] = v.weight[t]
		if places[k] == nil {
			places[k] = room[k*topTerms : k*topTerms : (k+1)*topTerms]
		}
		places[k] = append(places[k], int32(p))
	}
	return x, places
}

func (x *index) key(hash uint32, node int32, dated bool) uint64 {
	key := uint64(hash)<<32 | uint64(node)
	if !dated {
		key |= undatedBit
	}
	return key
}

// before calls visit for the nodes that stand before the place p in its list,
// the nearest first, and no earlier than since.
func (x *index) before(p int, list uint64, since int64, visit func(node int32, weight float32)) {
	for q := p - 1; q >= max(0, p-reach) && x.keys[q]>>31 == list; q-- {
		node := int32(x.keys[q] & (undatedBit - 1))
		if x.trait[node].at < since {
			return
		}
		visit(node, x.weight[q])
	}
}

// link returns the pairs of nodes that resemble each other, found by an
// inverted index over their top terms. Nodes are in order of time. The work is
// shared by all processors; the pairs come in the order of their later node.
func link(docs []doc, nodes []int32) []edge {
	x, places := newIndex(docs, nodes)
	isDated := func(t trait) bool { return t.dated }
	isUndated := func(t trait) bool { return !t.dated }
	mixed := slices.ContainsFunc(x.trait, isDated) && slices.ContainsFunc(x.trait, isUndated)
	// Small shares, taken in turn, even out what some words cost.
	share := len(nodes)/(8*runtime.GOMAXPROCS(0)) + 1
	shares := make([][]edge, (len(nodes)+share-1)/share)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(len(shares), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			l := linker{index: &x, docs: docs, nodes: nodes, mixed: mixed, finder: finder{fades: hourly()}}
			for n := int(next.Add(1)) - 1; n < len(shares); n = int(next.Add(1)) - 1 {
				for k := n * share; k < min((n+1)*share, len(nodes)); k++ {
					shares[n] = l.pairs(shares[n], k, places[k])
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(shares...)
}

// linker finds the pairs of one node after the other.
type linker struct {
	*index
	finder
	docs  []doc
	nodes []int32
	mixed bool // dated and undated nodes stand in different lists
	one   table
}

// pairs appends the pairs of node k with earlier ones, and with undated ones.
func (l *linker) pairs(edges []edge, k int, places []int32) []edge {
	l.begin(len(l.nodes))
	since := int64(math.MinInt64)
	own := l.trait[k]
	if own.dated {
		since = own.at - horizon
	}
	for _, p := range places {
		key, w := l.keys[p], l.weight[p]
		visit := func(m int32, weight float32) { l.add(m, weight*w) }
		l.before(int(p), key>>31, since, visit)
		if l.mixed { // the other list of the same term: undated nodes for a dated one, and the reverse
			other := key ^ undatedBit
			q, _ := slices.BinarySearch(l.keys, other)
			l.before(q, other>>31, math.MinInt64, visit)
		}
	}
	v := &l.docs[l.nodes[k]].vector
	l.one.set(v)
	for _, m := range l.nearest(own, l.trait) {
		if f := factor(own, l.trait[m]); f >= faint {
			if s := f * l.one.cosine(&l.docs[l.nodes[m]].vector); s >= faint {
				edges = append(edges, edge{m, int32(k), int32(s * unit)})
			}
		}
	}
	l.one.clear(v)
	return edges
}

// strongest returns the places of v's topTerms greatest weights.
func strongest(v vector) []int {
	order := make([]uint64, len(v.weight))
	for i, w := range v.weight {
		order[i] = uint64(^math.Float32bits(w))<<32 | uint64(i) // positive floats sort as their bits
	}
	slices.Sort(order)
	at := make([]int, min(len(order), topTerms))
	for i := range at {
		at[i] = int(order[i] & math.MaxUint32)
	}
	return at
}

// trait is what else than its words tells whether an article is about the same
// event as another.
type trait struct {
	at    int64 // seconds
	dated bool
	days  byte // the weekdays it names
	lang  [2]byte
}

func (d *doc) trait() trait {
	return trait{d.at.Unix(), !d.article.Published.IsZero(), d.sketch.days(), d.sketch.lang()}
}

// factor returns what the cosine of two articles is multiplied by to make their
// similarity: it fades with the time between them and with weekdays that do not
// agree, and is 0 for different languages.
func factor(a, b trait) float64 {
	if !compatible(a.lang, b.lang) {
		return 0
	}
	fade := undated
	if a.dated && b.dated {
		fade = closeness(time.Duration(b.at-a.at) * time.Second)
	}
	switch {
	case a.days&b.days != 0:
		fade *= sameDay
	case a.days != 0 && b.days != 0:
		fade *= otherDay
	}
	return fade
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
