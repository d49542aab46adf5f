package story

import (
	"math"
	"slices"
)

// Undated articles may come from any year of a long affair: of a topic that
// comes up again and again they have many look-alikes, which are other events.
// So the more an undated article resembles those that can hardly all be of its
// story, the less a resemblance counts.
const (
	kin    = 8     // the closest are left out: they may well be of the story
	crowd  = 30    // the mean over the others up to this one is the crowd
	sparse = 0.025 // a mean that is no crowd yet
	crush  = 0.1   // exponent
)

// thin weakens the pairs that have no two times by how crowded their articles
// are. Edges keep their order.
func thin(docs []doc, nodes []int32, edges []edge) []edge {
	timeless := func(e edge) bool { return !docs[nodes[e.a]].dated() || !docs[nodes[e.b]].dated() }
	near := make([][]int32, len(nodes))
	for _, e := range edges {
		if timeless(e) {
			near[e.a] = append(near[e.a], e.sim)
			near[e.b] = append(near[e.b], e.sim)
		}
	}
	factor := make([]float64, len(nodes))
	for i, sims := range near {
		slices.Sort(sims)
		slices.Reverse(sims)
		sum := 0.0
		for _, s := range sims[min(kin, len(sims)):min(crowd, len(sims))] {
			sum += float64(s) / unit
		}
		factor[i] = math.Pow(1+sum/(crowd-kin)/sparse, -crush)
	}
	for i, e := range edges {
		if timeless(e) {
			edges[i].sim = int32(float64(e.sim) * factor[e.a] * factor[e.b])
		}
	}
	return edges
}
