package quality

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"nutgraf/digest/text"
)

// Lead returns the first n sentences.
func Lead(sentences []string, n int) []string { return sentences[:min(n, len(sentences))] }

// Words counts the words of sentences: what white space parts.
func Words(sentences []string) int {
	n := 0
	for _, s := range sentences {
		n += len(strings.Fields(s))
	}
	return n
}

// TextRank returns at most budget words of sentences in their order: those
// that have most words in common with others that have, by Mihalcea and Tarau.
func TextRank(sentences []string, lang string, budget int) []string {
	n := len(sentences)
	links := make([][]float64, n)
	terms := make([]map[string]bool, n)
	for i, s := range sentences {
		links[i], terms[i] = make([]float64, n), make(map[string]bool)
		for _, t := range text.Terms(s, lang) {
			terms[i][t] = true
		}
	}
	out := make([]float64, n)
	for i := range n {
		for j := range i {
			links[i][j] = alike(terms[i], terms[j])
			links[j][i] = links[i][j]
			out[i] += links[i][j]
			out[j] += links[i][j]
		}
	}
	const damping, rounds = 0.85, 50
	rank := make([]float64, n)
	for i := range rank {
		rank[i] = 1
	}
	for range rounds {
		next := make([]float64, n)
		for i := range n {
			next[i] = 1 - damping
			for j := range n {
				if links[i][j] > 0 {
					next[i] += damping * links[i][j] / out[j] * rank[j]
				}
			}
		}
		rank = next
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank[b], rank[a]) })
	return within(sentences, order, budget)
}

// alike is TextRank's similarity: common terms for the logarithms of the lengths.
func alike(a, b map[string]bool) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	n := 0
	for t := range a {
		if b[t] {
			n++
		}
	}
	return float64(n) / (math.Log(float64(len(a))) + math.Log(float64(len(b))))
}

// within takes sentences in the order of their worth while they fit, and
// returns them in the order of the text.
func within(sentences []string, order []int, budget int) []string {
	var taken []int
	for _, i := range order {
		if n := Words(sentences[i : i+1]); n <= budget {
			taken = append(taken, i)
			budget -= n
		}
	}
	slices.Sort(taken)
	var out []string
	for _, i := range taken {
		out = append(out, sentences[i])
	}
	return out
}

// Oracle returns at most budget words of sentences in their order: those that
// a greedy search, which knows the reference, takes to come near it in words
// and pairs of words. It shows what no choice of sentences does much better.
func Oracle(reference, sentences []string, budget int) []string {
	ref := slices.Concat(tokenise(reference)...)
	one, two := grams(ref, 1), grams(ref, 2)
	tokens := tokenise(sentences)
	taken := make([]bool, len(sentences))
	worth := func(extra int) float64 {
		var words []string
		for i, t := range tokens {
			if taken[i] || i == extra {
				words = append(words, t...)
			}
		}
		return overlap(one, grams(words, 1)).F + overlap(two, grams(words, 2)).F
	}
	for score := 0.0; ; {
		best, at := score, -1
		for i := range sentences {
			if taken[i] || Words(sentences[i:i+1]) > budget {
				continue
			}
			if w := worth(i); w > best {
				best, at = w, i
			}
		}
		if at < 0 {
			break
		}
		taken[at], score = true, best
		budget -= Words(sentences[at : at+1])
	}
	var out []string
	for i, s := range sentences {
		if taken[i] {
			out = append(out, s)
		}
	}
	return out
}
