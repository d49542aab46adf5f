package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest/text"
)

// A text counts as hard-wrapped when its lines are no longer than maxWrap and
// those broken inside a sentence are at least minWrap long.
const (
	maxWrap = 85
	minWrap = 30
)

// splitLines returns the lines of a text, each cleaned; blank ones are "".
func splitLines(s string) []string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n", "\v", "\n", "\f", "\n\n").Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) == "" {
			lines[i] = ""
			continue
		}
		lines[i] = text.Clean(l)
	}
	return lines
}

// paragraphs returns the paragraphs of plain text, without empty ones: those
// between blank lines, rejoined where lines were wrapped, else one per line.
func paragraphs(s string) []string {
	lines := splitLines(s)
	return rejoin(lines, wrapWidth(blocksOf(lines)))
}

// rejoin returns the paragraphs of lines that were wrapped at width, or that
// hold a paragraph each when width is 0.
func rejoin(lines []string, width int) []string {
	var out []string
	for _, b := range blocksOf(lines) {
		if width > 0 && longest(b) <= maxWrap {
			b = unwrap(b, width)
		}
		out = append(out, b...)
	}
	return out
}

// blocksOf groups the lines that stand between blank ones.
func blocksOf(lines []string) [][]string {
	var blocks [][]string
	start := 0
	for i := 0; i <= len(lines); i++ {
		if i < len(lines) && lines[i] != "" {
			continue
		}
		if i > start {
			blocks = append(blocks, lines[start:i])
		}
		start = i + 1
	}
	return blocks
}

// wrapWidth returns the width at which the blocks were wrapped, or 0: at least
// a third of the line breaks must fall inside sentences, and prose in scripts
// with case must go on in lower case now and then.
func wrapWidth(blocks [][]string) int {
	width, breaks, inside, lower, caseless := 0, 0, 0, 0, 0
	for _, b := range blocks {
		w := longest(b)
		if len(b) < 2 || w > maxWrap {
			continue
		}
		width = max(width, w)
		for i, l := range b[:len(b)-1] {
			breaks++
			if ends(l) || isItem(b[i+1]) || utf8.RuneCountInString(l) < minWrap {
				continue
			}
			inside++
			r, _ := utf8.DecodeRuneInString(b[i+1])
			switch {
			case unicode.IsLower(r):
				lower++
			case unicode.IsLetter(r) && !unicode.IsUpper(r):
				caseless++
			}
		}
	}
	if inside == 0 || inside*3 < breaks || (lower+caseless)*6 < inside {
		return 0
	}
	return width
}

// unwrap joins the lines of a block that were broken only because the next
// word did not fit, or inside a sentence.
func unwrap(lines []string, width int) []string {
	var out []string
	var b strings.Builder
	b.WriteString(lines[0])
	for i, l := range lines[1:] {
		prev := lines[i]
		word, _, _ := strings.Cut(l, " ")
		fits := utf8.RuneCountInString(prev)+1+utf8.RuneCountInString(word) <= width
		if isItem(l) || fits && ends(prev) {
			out = append(out, b.String())
			b.Reset()
		} else {
			b.WriteString(joint(prev, l))
		}
		b.WriteString(l)
	}
	return append(out, b.String())
}

// joint returns what stands between two lines of one paragraph.
func joint(a, b string) string {
	end, n := utf8.DecodeLastRuneInString(a)
	begin, _ := utf8.DecodeRuneInString(b)
	before, _ := utf8.DecodeLastRuneInString(a[:len(a)-n])
	switch {
	case end == '-' && unicode.IsLetter(before) && unicode.IsLower(begin):
		return ""
	case unicode.In(end, unicode.Han, unicode.Hiragana, unicode.Katakana) && unicode.In(begin, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return ""
	}
	return " "
}

// ends tells whether a line ends a sentence.
func ends(line string) bool {
	line = strings.TrimRight(line, "”“\"'’»«)]*_ ")
	r, _ := utf8.DecodeLastRuneInString(line)
	return strings.ContainsRune(".!?…:。！？؟।", r)
}

// isItem tells whether a line begins a list item.
func isItem(line string) bool {
	rest, ok := cutBullet(line)
	if ok && rest != "" {
		return true
	}
	digits := strings.TrimLeft(line, "0123456789")
	return len(digits) < len(line) && len(line)-len(digits) <= 3 && (strings.HasPrefix(digits, ". ") || strings.HasPrefix(digits, ") "))
}

// cutBullet removes the bullet of a list item.
func cutBullet(line string) (string, bool) {
	for _, b := range []string{"- ", "* ", "• ", "· ", "▪ ", "● ", "◦ ", "‣ "} {
		if rest, ok := strings.CutPrefix(line, b); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return line, false
}

func longest(lines []string) int {
	n := 0
	for _, l := range lines {
		n = max(n, utf8.RuneCountInString(l))
	}
	return n
}
