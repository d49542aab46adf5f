package story

import "math"

// How rare a term counts. News at large has the first word: the frozen table
// that sketches carry. But a table does not know the town that a local paper
// names in every article, or the one company that a trade paper is about, and
// gives such names its highest rarity. So the window that is grouped has a
// veto: a term in many of its articles is no rarer than that. A small window
// tells little, and counts as if it had fewArticles.
const (
	rarest      = 5.5  // beyond this rarity says nothing more
	sameness    = 0.25 // how far rarities are drawn together, towards the rarest
	welcome     = 2.75 // the least rarity that the window can impose: that of a term in all articles
	fewArticles = 30
)

// census says how many of the articles in one language have a term; only terms
// that so many articles have that their rarity is limited are in it.
type census struct {
	articles int
	having   map[uint32]int
}

// take counts the terms of sketches by language.
func take(sketches []sketch) map[[2]byte]census {
	byLang := make(map[[2]byte][]sketch)
	for _, s := range sketches {
		byLang[s.lang()] = append(byLang[s.lang()], s)
	}
	out := make(map[[2]byte]census, len(byLang))
	for lang, group := range byLang {
		out[lang] = census{articles: len(group), having: common(group)}
	}
	return out
}

// common returns how many sketches have each of the terms that are not rare
// among them. It counts in buckets first, so that the many terms of a few
// articles never get into a map.
func common(sketches []sketch) map[uint32]int {
	const buckets = 1 << 16
	least := int(float64(max(len(sketches), fewArticles)) * math.Exp(welcome-rarest) / 2) // half: the grid rounds down
	rough := make([]int32, buckets)
	for _, s := range sketches {
		for i := range s.terms() {
			rough[s.term(i).hash%buckets]++
		}
	}
	having := make(map[uint32]int)
	for _, s := range sketches {
		for i := range s.terms() {
			if h := s.term(i).hash; int(rough[h%buckets]) > least {
				having[h]++
			}
		}
	}
	return having
}

// rarity returns how rare a term is, from about 1.5 to rarest.
func (c census) rarity(t term) float64 {
	r := min((1-sameness)*float64(t.idf)/idfScale+sameness*rarest, rarest)
	if n := c.having[t.hash]; n > 0 {
		r = min(r, welcome+math.Log(grid(max(c.articles, fewArticles))/grid(n)))
	}
	return r
}

// grid rounds n down to three binary digits, so that one article more or less
// changes the rarities of a large window in few cases.
func grid(n int) float64 {
	shift := 0
	for n>>shift >= 8 {
		shift++
	}
	return float64(n >> shift << shift)
}
