package edition

import (
	"cmp"
	"slices"

	"nutgraf/digest/story"
)

// sameEvent is the likeness from which two stories are shown as one.
const sameEvent = 0.4

// best returns the n best candidates, best first, equals by id. A candidate
// about the same event as a better one is not shown beside it: its articles go
// to the better one, which is ranked anew.
func (s *sieve) best(candidates []Ranked, n int) []Ranked {
	slices.SortFunc(candidates, byRank)
	var out []Ranked
	var about []story.Profile
	for _, c := range candidates {
		p := s.words.Profile(c.Story)
		twin := slices.IndexFunc(about, func(q story.Profile) bool { return p.Alike(q) >= sameEvent })
		switch {
		case twin >= 0:
			out[twin] = s.join(out[twin], c)
		case len(out) < n:
			out, about = append(out, c), append(about, p)
		default:
			slices.SortFunc(out, byRank)
			return out
		}
	}
	slices.SortFunc(out, byRank)
	return out
}

// byRank orders by falling score, then by id.
func byRank(a, b Ranked) int {
	return cmp.Or(cmp.Compare(b.Score.Total, a.Score.Total), cmp.Compare(a.Story.ID, b.Story.ID))
}

// join adds the articles of b to a. What was known of either is known.
func (s *sieve) join(a, b Ranked) Ranked {
	a.Story.Articles = append(slices.Clip(a.Story.Articles), b.Story.Articles...)
	a.Story.Copies = append(slices.Clip(a.Story.Copies), b.Story.Copies...)
	if b.Story.FirstSeen.Before(a.Story.FirstSeen) {
		a.Story.FirstSeen = b.Story.FirstSeen
	}
	a.Update = a.Update || b.Update
	a.Since = later(a.Since, b.Since)
	if a.Update {
		a = s.remember(a)
	}
	a.Score = s.score(a)
	return a
}
