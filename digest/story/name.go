package story

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"slices"

	"nutgraf/digest"
)

// idLength is the number of characters of a story's id.
const idLength = 16

// claim says that a story holds some articles of a prior one.
type claim struct {
	story, prior, common int
}

// name gives every story its id: that of the prior story with which it shares
// the most articles, if it holds the largest part of that one; else one made
// from its earliest article. A story that takes an id over takes the first
// sighting over too.
func name(stories []digest.Story, prior []digest.Story) {
	taken := make(map[string]bool, len(stories))
	for _, c := range claims(stories, prior) {
		s, p := &stories[c.story], prior[c.prior]
		if s.ID != "" || taken[p.ID] {
			continue
		}
		s.ID, taken[p.ID] = p.ID, true
		if !p.FirstSeen.IsZero() && p.FirstSeen.Before(s.FirstSeen) {
			s.FirstSeen = p.FirstSeen
		}
	}
	for _, p := range prior {
		taken[p.ID] = true // an id that nobody took over must not come to mean another story
	}
	for i := range stories {
		s := &stories[i]
		for n := 0; s.ID == ""; n++ {
			if id := mint(s.Articles[n%len(s.Articles)].ID, n/len(s.Articles)); !taken[id] {
				s.ID, taken[id] = id, true
			}
		}
	}
}

// claims lists which stories share articles with which prior ones, the largest
// overlap first, then the older prior story.
func claims(stories, prior []digest.Story) []claim {
	where := make(map[string]int)
	for i, s := range stories {
		for _, a := range s.Articles {
			where[a.ID] = i
		}
	}
	var out []claim
	for p := range prior {
		common := make(map[int]int)
		for _, a := range prior[p].Articles {
			if i, ok := where[a.ID]; ok {
				common[i]++
			}
		}
		for i, n := range common {
			out = append(out, claim{i, p, n})
		}
	}
	slices.SortFunc(out, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.common, a.common),
			prior[a.prior].FirstSeen.Compare(prior[b.prior].FirstSeen),
			cmp.Compare(prior[a.prior].ID, prior[b.prior].ID),
			cmp.Compare(stories[a.story].Articles[0].ID, stories[b.story].Articles[0].ID))
	})
	return out
}

// mint returns the id for a story that begins with an article. Salt is 0
// unless that id is in use.
func mint(article string, salt int) string {
	sum := sha256.Sum256([]byte("story\x00" + article + string(make([]byte, salt))))
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(sum[:])[:idLength]
}
