package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// before returns the word that ends at byte at, inner stops included ("U.S",
// "z. B"); single letters with stops before it count as part of it.
func (c *cutter) before(at int) string {
	from := at
	for from > c.start {
		r, n := utf8.DecodeLastRuneInString(c.s[c.start:from])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(".-'°ºª&№§/", r) || at-from > 40 {
			break
		}
		from -= n
	}
	return strings.TrimLeft(c.s[from:at], ".-'/&")
}

// spaced returns the key of an abbreviation whose parts stand apart, "z.b" for
// "z. B", or "".
func (c *cutter) spaced(at int, last string) string {
	if utf8.RuneCountInString(last) > 2 {
		return ""
	}
	key, from := last, at-len(last)
	for n := 0; n < 3 && from-2 > c.start && c.s[from-1] == ' ' && c.s[from-2] == '.'; n++ {
		w := c.before(from - 2)
		if w == "" || utf8.RuneCountInString(w) > 2 {
			break
		}
		key, from = w+"."+key, from-2-len(w)
	}
	if key == last {
		return ""
	}
	return key
}

// full1 reports whether one full stop ends the sentence. r and word are the
// first character and word of what follows.
func (c *cutter) full1(e ending, r rune, word string) bool {
	w := c.before(e.at)
	if w == "" {
		return true
	}
	usual := c.class(word)&classStart != 0
	if i := strings.LastIndexByte(w, '\''); i > 0 && i+2 < len(w) && c.class(w) == 0 {
		w = w[i+1:]
	}
	if k := c.class(w); k != 0 {
		if done, yes := c.known(k, e, r, usual, w); done {
			return yes
		}
	}
	if key := c.spaced(e.at, w); key != "" {
		if k := c.class(key); k != 0 {
			if done, yes := c.known(k, e, r, usual, key); done {
				return yes
			}
		}
	}
	return c.unknown(e, w, r, word, usual)
}

// known decides by what is known of the word before the stop.
func (c *cutter) known(k class, e ending, r rune, usual bool, w string) (done, ends bool) {
	digit := unicode.IsDigit(r)
	switch {
	case k&classNumber != 0 && (digit || r == '№' || romanAt(c.s[e.next:c.end])):
		return true, false
	case k&classTitle != 0 && k&(classAbbr|classEnd) == 0 && k&classNumber == 0:
		return true, false
	case k&classEnd != 0:
		return true, !c.stillClock(e, w, digit)
	case k&classAbbr != 0:
		return true, usual
	case k&classTitle != 0:
		return true, usual && unicode.IsLower(firstRune(w))
	}
	return false, false
}

// stillClock reports whether "a.m." or "p.m." goes on: a zone, a day, or
// nothing said so far but the time.
func (c *cutter) stillClock(e ending, w string, digit bool) bool {
	if w = strings.ToLower(w); w != "a.m" && w != "p.m" {
		return false
	}
	next := wordAt(c.s[e.next:c.end])
	zone := len(next) >= 2 && len(next) <= 4 && strings.ToUpper(next) == next && next != "I"
	day := calendar(strings.ToLower(next), "en")
	return zone && !digit || day || next == "Eastern" || next == "Pacific" || next == "Central" || next == "Mountain" || next == "Greenwich" ||
		e.at-c.start < 40 && strings.Count(c.s[c.start:e.at], " ") < 3
}

func romanAt(s string) bool {
	w := wordAt(s)
	return w != "" && w != "I" && len(w) < 5 && strings.Trim(w, "IVXLC") == ""
}

// unknown decides by the shape of the word before the stop.
func (c *cutter) unknown(e ending, w string, r rune, word string, usual bool) bool {
	first := firstRune(w)
	n := utf8.RuneCountInString(w)
	switch {
	case allDigits(w):
		if e.at-len(w) == c.start || c.atMarker(e.at-len(w)) {
			return false // the number of a list
		}
		return !c.ordinal || usual || len(w) > 2 || unicode.IsDigit(r)
	case c.ordinal && strings.Trim(w, "IVXL") == "":
		return usual
	case n == 1 && unicode.IsLetter(first):
		return c.letter(e, first, word, usual)
	case acronym(w):
		return usual
	case n <= 4 && consonants(w):
		return usual
	case c.lang == "de" && strings.HasSuffix(w, "str"): // "Hauptstr. 5"
		return usual
	}
	return true
}

// letter decides for a single letter: an initial, mostly.
func (c *cutter) letter(e ending, r rune, word string, usual bool) bool {
	if after := e.next + len(word); utf8.RuneCountInString(word) == 1 && after < c.end && c.s[after] == '.' {
		return false // "A. I. Smith"
	}
	if e.at-utf8.RuneLen(r) == c.start {
		return false // "A. His name is", the letter of a list
	}
	if r == 'I' && c.lang != "de" {
		prev := c.before(max(c.start, e.at-2))
		return usual && (!unicode.IsUpper(firstRune(prev)) || c.class(prev)&classRoman != 0) || prev == "and"
	}
	return usual
}

// atMarker reports whether only a bullet or a bracket stands between the start
// of the sentence and byte at.
func (c *cutter) atMarker(at int) bool {
	return at > c.start && strings.Trim(c.s[c.start:at], " •⁃▪‣●-–*(") == ""
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// acronym reports letters with stops between them, "U.S", "LL.AA", "J.-P".
func acronym(w string) bool {
	parts := 0
	for p := range strings.SplitSeq(w, ".") {
		p = strings.TrimPrefix(p, "-")
		if n := utf8.RuneCountInString(p); n == 0 || n > 2 || !unicode.IsLetter(firstRune(p)) {
			return false
		}
		parts++
	}
	return parts > 1
}

// consonants reports a word without a vowel and not all in capitals, which is
// an abbreviation as a rule: "Mgr", "blvd".
func consonants(w string) bool {
	lower := false
	for _, r := range w {
		switch {
		case r > 0x17F || !unicode.IsLetter(r):
			return false
		case strings.ContainsRune("aeiouyAEIOUY", r) || r > 0x7F:
			return false
		}
		lower = lower || unicode.IsLower(r)
	}
	return lower
}
