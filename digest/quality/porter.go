package quality

import "strings"

// porter stems as ROUGE's scripts do: by Porter's algorithm with the
// extensions of NLTK. The stems differ from those of text.Stem, and so would
// the figures. Words are lower-case ASCII letters and digits.

// irregular are the words with stems of their own.
func irregular(w string) (string, bool) {
	switch w {
	case "sky", "skies":
		return "sky", true
	case "dying", "lying", "tying":
		return w[:1] + "ie", true
	case "inning", "innings", "outing", "outings", "canning", "cannings":
		return strings.TrimSuffix(w, "s"), true
	case "news", "howe", "proceed", "exceed", "succeed":
		return w, true
	}
	return "", false
}

// suffix replaces one ending by another where the stem in front allows it.
type suffix struct {
	from, to string
	allows   func(stem string) bool // nil: always
}

// apply applies the first rule whose ending fits; only that one counts.
func apply(w string, rules []suffix) string {
	for _, r := range rules {
		if stem, ok := strings.CutSuffix(w, r.from); ok {
			if r.allows == nil || r.allows(stem) {
				return stem + r.to
			}
			return w
		}
	}
	return w
}

func consonant(w string, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return false
	case 'y':
		return i == 0 || !consonant(w, i-1)
	}
	return true
}

// syllables counts the vowels in w that a consonant follows: Porter's m.
func syllables(w string) int {
	n := 0
	for i := 1; i < len(w); i++ {
		if consonant(w, i) && !consonant(w, i-1) {
			n++
		}
	}
	return n
}

func hasVowel(w string) bool {
	for i := range len(w) {
		if !consonant(w, i) {
			return true
		}
	}
	return false
}

// short reports whether w ends as "hop" does, and not in w, x or y.
func short(w string) bool {
	n := len(w)
	return n >= 3 && consonant(w, n-3) && !consonant(w, n-2) && consonant(w, n-1) && !strings.ContainsRune("wxy", rune(w[n-1])) ||
		n == 2 && !consonant(w, 0) && consonant(w, 1)
}

func some(stem string) bool    { return syllables(stem) > 0 }
func several(stem string) bool { return syllables(stem) > 1 }

func porter(w string) string {
	if s, ok := irregular(w); ok {
		return s
	}
	if len(w) <= 2 {
		return w
	}
	w = plural(w)
	w = participle(w)
	if n := len(w); n > 2 && w[n-1] == 'y' && consonant(w, n-2) {
		w = w[:n-1] + "i"
	}
	w = double(w)
	w = apply(w, []suffix{{"icate", "ic", some}, {"ative", "", some}, {"alize", "al", some}, {"iciti", "ic", some}, {"ical", "ic", some},
		{"ful", "", some}, {"ness", "", some}})
	w = apply(w, []suffix{{"al", "", several}, {"ance", "", several}, {"ence", "", several}, {"er", "", several}, {"ic", "", several},
		{"able", "", several}, {"ible", "", several}, {"ant", "", several}, {"ement", "", several}, {"ment", "", several}, {"ent", "", several},
		{"ion", "", func(s string) bool { return several(s) && (s[len(s)-1] == 's' || s[len(s)-1] == 't') }},
		{"ou", "", several}, {"ism", "", several}, {"ate", "", several}, {"iti", "", several}, {"ous", "", several}, {"ive", "", several}, {"ize", "", several}})
	if s, ok := strings.CutSuffix(w, "e"); ok {
		if m := syllables(s); m > 1 || m == 1 && !short(s) {
			w = s
		}
	}
	if strings.HasSuffix(w, "ll") && several(w[:len(w)-1]) {
		w = w[:len(w)-1]
	}
	return w
}

func plural(w string) string {
	if len(w) == 4 && strings.HasSuffix(w, "ies") {
		return w[:1] + "ie"
	}
	return apply(w, []suffix{{"sses", "ss", nil}, {"ies", "i", nil}, {"ss", "ss", nil}, {"s", "", nil}})
}

func participle(w string) string {
	if s, ok := strings.CutSuffix(w, "ied"); ok {
		if len(s) == 1 {
			return s + "ie"
		}
		return s + "i"
	}
	if s, ok := strings.CutSuffix(w, "eed"); ok {
		if some(s) {
			return s + "ee"
		}
		return w
	}
	stem, ok := strings.CutSuffix(w, "ed")
	if !ok || !hasVowel(stem) {
		if stem, ok = strings.CutSuffix(w, "ing"); !ok || !hasVowel(stem) {
			return w
		}
	}
	n := len(stem)
	switch {
	case strings.HasSuffix(stem, "at"), strings.HasSuffix(stem, "bl"), strings.HasSuffix(stem, "iz"):
		return stem + "e"
	case n >= 2 && stem[n-1] == stem[n-2] && consonant(stem, n-1):
		if last := stem[n-1]; last != 'l' && last != 's' && last != 'z' {
			return stem[:n-1]
		}
		return stem
	case syllables(stem) == 1 && short(stem):
		return stem + "e"
	}
	return stem
}

func double(w string) string {
	if s, ok := strings.CutSuffix(w, "alli"); ok && some(s) {
		return double(s + "al")
	}
	return apply(w, []suffix{{"ational", "ate", some}, {"tional", "tion", some}, {"enci", "ence", some}, {"anci", "ance", some}, {"izer", "ize", some},
		{"bli", "ble", some}, {"alli", "al", some}, {"entli", "ent", some}, {"eli", "e", some}, {"ousli", "ous", some}, {"ization", "ize", some},
		{"ation", "ate", some}, {"ator", "ate", some}, {"alism", "al", some}, {"iveness", "ive", some}, {"fulness", "ful", some},
		{"ousness", "ous", some}, {"aliti", "al", some}, {"iviti", "ive", some}, {"biliti", "ble", some}, {"fulli", "ful", some},
		{"logi", "log", func(s string) bool { return some(s + "l") }}})
}
