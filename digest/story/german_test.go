package story

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// TestNoTableStaysLinear groups articles in a language without a background
// table, all full of the same few hundred words: the pairs that are compared
// must not grow with the square of the articles.
func TestNoTableStaysLinear(t *testing.T) {
	common := strings.Fields("Hafen Stadt Regierung Minister Partei Wirtschaft Unternehmen Polizei Gericht Schule Straße Bahn Verkehr Wetter Sturm Küste Strom Preis Steuer Gesetz")
	pairs := map[int]int{}
	for _, n := range []int{1250, 5000} {
		r := rand.New(rand.NewPCG(1, 1))
		var articles []digest.Article
		for i := range n {
			var words []string
			for range 80 {
				if r.IntN(3) == 0 {
					words = append(words, fmt.Sprint("wort", r.IntN(3000)))
				} else {
					words = append(words, common[r.IntN(len(common))])
				}
			}
			a := article(fmt.Sprintf("g%05d", i), strings.Join(words[:8], " "), strings.Join(words, " "), time.Duration(r.IntN(72))*time.Hour)
			a.Language = "de"
			articles = append(articles, a)
		}
		docs := NewWindow(articles).docs
		nodes := make([]int32, len(docs))
		for i := range nodes {
			nodes[i] = int32(i)
		}
		pairs[n] = len(link(docs, nodes))
	}
	t.Log("pairs:", pairs)
	if pairs[5000] > 6*pairs[1250] {
		t.Errorf("four times the articles give %v pairs, want no more than six times", pairs)
	}
}
