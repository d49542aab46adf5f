package quality

import (
	"slices"
	"strings"
)

// Rouge holds what a summary has in common with a reference: words, pairs of
// words, the longest common subsequence, and that of the summary's sentences.
type Rouge struct{ One, Two, L, Lsum Measure }

// Score compares a summary with a reference, both as sentences, by the rules
// of rouge-score with Porter's stems.
func Score(reference, summary []string) Rouge {
	ref, hyp := tokenise(reference), tokenise(summary)
	r, h := slices.Concat(ref...), slices.Concat(hyp...)
	return Rouge{
		One: overlap(grams(r, 1), grams(h, 1)), Two: overlap(grams(r, 2), grams(h, 2)),
		L: measure(common(r, h), len(h), len(r)), Lsum: union(ref, hyp),
	}
}

// Best compares a summary with several references: the one that it shares most
// words with counts.
func Best(references [][]string, summary []string) Rouge {
	var best Rouge
	for i, ref := range references {
		if s := Score(ref, summary); i == 0 || s.One.F > best.One.F {
			best = s
		}
	}
	return best
}

// Tokens returns the words that ROUGE compares: lower-case ASCII letters and
// digits; those of more than three are stemmed.
func Tokens(s string) []string {
	// Two letters outside of ASCII have one inside for their lower case.
	s = strings.ToLower(strings.ReplaceAll(s, "İ", "i "))
	words := strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	for i, w := range words {
		if len(w) > 3 {
			words[i] = porter(w)
		}
	}
	return words
}

func tokenise(sentences []string) [][]string {
	out := make([][]string, len(sentences))
	for i, s := range sentences {
		out[i] = Tokens(s)
	}
	return out
}

// grams counts the sequences of n words.
func grams(words []string, n int) map[string]int {
	out := make(map[string]int, len(words))
	for i := n; i <= len(words); i++ {
		out[strings.Join(words[i-n:i], " ")]++
	}
	return out
}

func overlap(ref, hyp map[string]int) Measure {
	hits, made, wanted := 0, 0, 0
	for g, n := range ref {
		hits += min(n, hyp[g])
		wanted += n
	}
	for _, n := range hyp {
		made += n
	}
	return measure(hits, made, wanted)
}

// lengths returns the table of the lengths of the longest common subsequences
// of all beginnings of a and b.
func lengths(a, b []string) [][]int {
	t := make([][]int, len(a)+1)
	t[0] = make([]int, len(b)+1)
	for i, x := range a {
		t[i+1] = make([]int, len(b)+1)
		for j, y := range b {
			if x == y {
				t[i+1][j+1] = t[i][j] + 1
			} else {
				t[i+1][j+1] = max(t[i][j+1], t[i+1][j])
			}
		}
	}
	return t
}

func common(a, b []string) int { return lengths(a, b)[len(a)][len(b)] }

// union is the summary-level measure: for each sentence of the reference, the
// words that a longest common subsequence with some sentence of the summary
// has, no word counted more often than both have it.
func union(ref, hyp [][]string) Measure {
	r, h := slices.Concat(ref...), slices.Concat(hyp...)
	inRef, inHyp := grams(r, 1), grams(h, 1)
	hits := 0
	for _, sentence := range ref {
		matched := make([]bool, len(sentence))
		for _, other := range hyp {
			match(matched, sentence, other)
		}
		for i, w := range sentence {
			if matched[i] && inRef[w] > 0 && inHyp[w] > 0 {
				hits++
				inRef[w]--
				inHyp[w]--
			}
		}
	}
	return measure(hits, len(h), len(r))
}

// match marks the words of a in one longest common subsequence with b. Which
// one it is, where there are several, follows rouge-score.
func match(matched []bool, a, b []string) {
	t := lengths(a, b)
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch {
		case a[i-1] == b[j-1]:
			matched[i-1] = true
			i--
			j--
		case t[i][j-1] > t[i-1][j]:
			j--
		default:
			i--
		}
	}
}
