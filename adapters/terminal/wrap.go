package terminal

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// line writes one finished line.
func (p *page) line(s string) {
	p.out.WriteString(strings.TrimRight(s, " "))
	p.out.WriteByte('\n')
}

// wrap writes text behind first, and behind later on the following lines.
func (p *page) wrap(first, later, text string) { p.look("", first, later, text) }

// look is wrap in bold or dim.
func (p *page) look(code, first, later, text string) {
	for _, l := range fold(first, later, text, p.width) {
		if p.color && code != "" && l != "" {
			l = "\x1b[" + code + "m" + l + "\x1b[0m"
		}
		p.line(l)
	}
}

// fold breaks text into lines of at most limit columns. Words wider than a
// line, such as addresses, keep a line of their own and are not broken, unless
// they are of a script that is written without blanks.
func fold(first, later, text string, limit int) []string {
	var out []string
	line, empty := first, true
	for _, word := range words(text, limit-columns(later)) {
		glue := " "
		if empty || word.tight {
			glue = ""
		}
		if !empty && columns(line)+len(glue)+columns(word.text) > limit {
			out = append(out, line)
			line, glue = later, ""
		}
		line += glue + word.text
		empty = false
	}
	return append(out, line)
}

// piece is a word, or a piece of a run of wide characters; tight ones follow
// the piece before without a blank.
type piece struct {
	text  string
	tight bool
}

// words splits text at blanks, and words of wide characters wherever needed.
func words(text string, limit int) []piece {
	var out []piece
	for _, w := range strings.Fields(text) {
		if columns(w) <= limit || !strings.ContainsFunc(w, wide) {
			out = append(out, piece{text: w})
			continue
		}
		tight := false
		for _, r := range w {
			out = append(out, piece{string(r), tight})
			tight = true
		}
	}
	return out
}

// columns is how many columns s takes: two for wide characters, none for
// combining marks.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// clean drops everything that a terminal might obey: control characters, both
// sets of them, and characters that turn or hide text. Tabs become blanks.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
