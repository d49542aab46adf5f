package story

import (
	"maps"
	"math"
	"slices"
	"time"

	"nutgraf/digest"
)

// Profile is what a whole story is about, for telling two stories that are one
// event after all.
type Profile struct {
	vector           // of lang, hashes and weight
	from   time.Time // first and last publication, zero when undated
	to     time.Time
}

// NewProfile sums up the sketches of a story's articles; articles without one
// count as if they were not there.
func NewProfile(s digest.Story) Profile {
	var p Profile
	sum := make(map[uint32]float64)
	for _, a := range s.Articles {
		v, ok := decode(a.Sketch)
		if !ok {
			continue
		}
		for i, h := range v.hashes {
			sum[h] += float64(v.weight[i])
		}
		if v.lang != [2]byte{} {
			p.lang = v.lang
		}
		if at := a.Published; !at.IsZero() {
			if p.from.IsZero() || at.Before(p.from) {
				p.from = at
			}
			if at.After(p.to) {
				p.to = at
			}
		}
	}
	p.hashes = slices.Sorted(maps.Keys(sum))
	norm := 0.0
	for _, h := range p.hashes {
		norm += sum[h] * sum[h]
	}
	for _, h := range p.hashes {
		p.weight = append(p.weight, float32(sum[h]/math.Sqrt(norm)))
	}
	return p
}

// Alike returns the likeness of two stories from 0 to 1: the cosine of their
// profiles, fading with the time that lies between them.
func (p Profile) Alike(q Profile) float64 {
	if !compatible(p.lang, q.lang) {
		return 0
	}
	fade := 1.0
	if !p.from.IsZero() && !q.from.IsZero() {
		fade = closeness(max(p.from.Sub(q.to), q.from.Sub(p.to), 0))
	}
	return fade * cosine(p.vector, q.vector)
}
