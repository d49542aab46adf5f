package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lister follows a list that stands in running text, "1) The first 2) The
// second", so that each item becomes a sentence. A list begins with a marker
// at the start of a sentence, and goes on with markers of the same form that
// count up.
type lister struct {
	form   string // what follows the number: ".)", ")", "."; with bullet or bracket before it
	number int    // of the last item
	letter bool
	on     bool
}

// marker reads a list marker at the start of s: "1.", "2)", "(a)", "• 3.".
// It returns its form, number and length, or length 0.
func marker(s string) (form string, number int, letter bool, length int) {
	i := 0
	r, n := utf8.DecodeRuneInString(s)
	if r == '•' || r == '⁃' || r == '▪' || r == '‣' || r == '●' || r == '(' {
		form = s[:n]
		for i = n; i < len(s) && s[i] == ' '; i++ {
		}
	}
	from := i
	for i < len(s) && i-from < 3 && s[i] >= '0' && s[i] <= '9' {
		number = number*10 + int(s[i]-'0')
		i++
	}
	if i == from && i < len(s) && (s[i]|0x20) >= 'a' && (s[i]|0x20) <= 'z' {
		number, letter = int(s[i]|0x20)-'a'+1, true
		i++
	}
	end := i
	for end < len(s) && end-i < 2 && (s[end] == '.' || s[end] == ')') {
		end++
	}
	if number == 0 || end == i || end >= len(s) || s[end] != ' ' {
		return "", 0, false, 0
	}
	return form + s[i:end], number, letter, end
}

// open looks for the first marker of a list at byte at, where a sentence
// starts. It returns the end of the marker, or at when there is none.
func (l *lister) open(c *cutter, at int) int {
	form, number, letter, n := marker(c.s[at:c.end])
	if n == 0 {
		return at
	}
	if l.on && form == l.form && letter == l.letter && number == l.number+1 {
		l.number = number
		return at + n
	}
	*l = lister{form, number, letter, number == 1 || !letter || form != "."}
	return at + n
}

// startsAt reports whether a list starts at byte at, in the middle of a line.
func (l *lister) startsAt(c *cutter, at int) bool {
	form, number, letter, n := marker(c.s[at:c.end])
	if n == 0 || !letter {
		return n > 0 && form != "."
	}
	return c.followed(at+n, form, number, letter)
}

// item returns where the sentence ends because the next item of the list
// starts: byte i lies in its marker.
func (l *lister) item(c *cutter, i int) int {
	if !l.on || i < c.start {
		return 0
	}
	from := i
	for from > c.start && i-from < 8 && !unicode.IsSpace(rune(c.s[from-1])) {
		from--
	}
	if from <= c.start {
		return 0
	}
	form, number, letter, n := marker(c.s[from:c.end])
	if n == 0 && from > c.start+4 {
		if at := strings.LastIndexAny(c.s[max(c.start, from-5):from], "•⁃▪‣●"); at >= 0 {
			from = max(c.start, from-5) + at
			form, number, letter, n = marker(c.s[from:c.end])
		}
	}
	if n == 0 || strings.TrimSpace(c.s[c.start:from]) == "" {
		return 0
	}
	if form == l.form && letter == l.letter && number == l.number+1 || l.restarts(c, from, form, number, letter, n) {
		return from
	}
	return 0
}

// restarts reports whether the marker at byte from begins another list right
// behind an item of this one: a bullet of its own, or a first item that a
// second one follows.
func (l *lister) restarts(c *cutter, from int, form string, number int, letter bool, n int) bool {
	if l.number < 2 || c.shield <= c.start {
		return false
	}
	if r := firstRune(form); r > unicode.MaxASCII {
		return form != l.form
	}
	return number == 1 && c.followed(from+n, form, number, letter)
}

// followed reports whether the marker of the next item stands soon behind byte at.
func (c *cutter) followed(at int, form string, number int, letter bool) bool {
	next := strconv.Itoa(number + 1)
	if letter {
		next = string(rune('a' + number))
	}
	if form[0] == '(' {
		next, form = "("+next, form[1:]
	}
	return number < 26 && strings.Contains(c.s[at:min(c.end, at+covered)], " "+next+form+" ")
}

// lineBreak returns where the sentence ends at a line break inside a
// paragraph, or 0 where the line was only wrapped. Clean text has none.
func (c *cutter) lineBreak(i int) int {
	line := c.s[c.start:i]
	if nl := strings.LastIndexAny(line, "\n\r"); nl >= 0 {
		line = line[nl+1:]
	}
	text := strings.TrimRightFunc(line, unicode.IsSpace)
	at := i + blanks(c.s[i:c.end])
	rest := c.s[at:c.end]
	r := firstRune(rest)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, "\"'”’»)]"))
	_, _, _, item := marker(rest)
	wrapped := len(text) < len(line)
	switch {
	case text == "" || r == '.' || r == ',':
		return 0
	case item > 0, r >= '①' && r <= '⑳', r == '•', r == '⁃', r == '▪', r == '‣', r == '●', strings.ContainsRune(".!?…:。！？．։", last):
		return i
	case unicode.IsLower(r):
		start := firstRune(strings.TrimLeftFunc(c.s[c.start:i], unicode.IsSpace))
		short := len(text) < 40 && strings.Count(text, " ") < 3
		if unicode.IsLower(start) && short && !wrapped {
			return i
		}
		return 0
	case ideographic(last) && ideographic(r):
		return i
	}
	if _, _, _, item := marker(c.s[c.start:c.end]); item > 0 && unicode.IsUpper(r) {
		return i // behind a list
	}
	if wrapped && !strings.Contains(c.s[i:at], "\t") || len(text) > 64 {
		return 0
	}
	return i
}
