package sqlstore

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// snippetRunes is about how long a snippet is.
const snippetRunes = 200

// snippetScan is how much of a text is searched for a good passage, in bytes.
const snippetScan = 256 << 10

// snippet returns the passage of text with most of the words, on one line. The
// text's beginning, when the words stand in the title only.
func snippet(text string, w words) string {
	if len(text) > snippetScan {
		text = strings.ToValidUTF8(text[:snippetScan], "")
	}
	best := bestHit(text, w)
	start, end := best, best
	// A third of the passage stands before the hit, the rest behind it.
	for n := 0; start > 0 && n < snippetRunes/3; n++ {
		start--
		for start > 0 && text[start]&0xC0 == 0x80 {
			start--
		}
	}
	for n := best - start; end < len(text) && n < snippetRunes; n++ {
		end++
		for end < len(text) && text[end]&0xC0 == 0x80 {
			end++
		}
	}
	return trimmed(text, start, end)
}

// trimmed cuts text[start:end] at blanks and marks what was cut off.
func trimmed(text string, start, end int) string {
	out := text[start:end]
	if start > 0 {
		if i := strings.IndexFunc(out, unicode.IsSpace); i >= 0 && i < len(out)/4 {
			out = out[i:]
		}
		out = "… " + strings.TrimSpace(out)
	}
	if end < len(text) {
		if i := strings.LastIndexFunc(out, unicode.IsSpace); i > len(out)*3/4 {
			out = out[:i]
		}
		out = strings.TrimSpace(out) + " …"
	}
	return strings.Join(strings.Fields(out), " ")
}

// bestHit returns where the passage with most different words begins.
func bestHit(text string, w words) int {
	wanted := make(map[string]int)
	for i, word := range w.index {
		for _, piece := range strings.FieldsFunc(fold(word), notWord) {
			wanted[piece] = i
		}
	}
	var last string
	if w.begin && len(w.index) > 0 {
		pieces := strings.FieldsFunc(fold(w.index[len(w.index)-1]), notWord)
		if len(pieces) > 0 {
			last = pieces[len(pieces)-1]
		}
	}
	type hit struct{ at, word int }
	var found []hit
	for at := 0; at < len(text); {
		end := at + wordEnd(text[at:])
		folded := fold(text[at:end])
		if word, ok := wanted[folded]; ok {
			found = append(found, hit{at, word})
		} else if last != "" && strings.HasPrefix(folded, last) {
			found = append(found, hit{at, len(w.index) - 1})
		}
		at = end
	}
	if len(found) == 0 {
		for _, word := range w.scan {
			if i := strings.Index(strings.ToLower(text), word); i >= 0 && i < len(text) {
				return strings.LastIndexFunc(text[:i+1], func(rune) bool { return true })
			}
		}
		return 0
	}
	best, most := found[0].at, 0
	for i, first := range found {
		different := make(map[int]bool, len(w.index))
		for _, next := range found[i:] {
			if next.at > first.at+snippetRunes*2/3 {
				break
			}
			different[next.word] = true
		}
		if len(different) > most {
			best, most = first.at, len(different)
		}
	}
	return best
}

// wordEnd returns the length of the run of word letters, or of others, with
// which s begins.
func wordEnd(s string) int {
	var inside, known bool
	for i, r := range s {
		if is := !notWord(r); !known {
			inside, known = is, true
		} else if is != inside {
			return i
		}
	}
	return len(s)
}

// notWord tells whether a rune is part of no word.
func notWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}

// fold drops case and diacritics, as the index does.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(s)))
}

// isASCII tells whether s has no other bytes.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
