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

// Profile sums up the sketches of a story's articles, weighing words as in the
// window; articles without a sketch count as if they were not there.
func (w *Window) Profile(st digest.Story) Profile {
	var p Profile
	sum := make(map[uint32]float64)
	for _, a := range st.Articles {
		s, ok := read(a.Sketch)
		if !ok {
			continue
		}
		v := s.vector(w.census[s.lang()])
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

// adds is the share of an article's terms, by rarity, that no older article
// has, from which it says something new.
const adds = 0.45

// Repeats reports whether an article adds nothing to older ones: it copies one
// of them, or its title and lead say what theirs say together.
func (w *Window) Repeats(a digest.Article, older []digest.Article) bool {
	s, ok := read(a.Sketch)
	if !ok {
		return false
	}
	v := s.vector(w.census[s.lang()])
	told := make(map[uint32]bool)
	for _, o := range older {
		s, ok := read(o.Sketch)
		if !ok {
			continue
		}
		u := s.vector(w.census[s.lang()])
		if !compatible(u.lang, v.lang) {
			continue
		}
		if reprint(u, v) {
			return true
		}
		for _, h := range u.hashes {
			told[h] = true
		}
	}
	news, all := 0.0, 0.0
	for i := range s.terms() {
		t := s.term(i)
		rare := w.census[s.lang()].rarity(t)
		all += rare
		if !told[t.hash] {
			news += rare
		}
	}
	return news < adds*all
}
