package brief

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest/text"
)

// quotation is a pair of quotation marks in a text.
type quotation struct {
	open, close int // offsets of the marks
	start, end  int // offsets of what stands between them
}

// quotations returns the quotations of one paragraph, outermost only. One that
// is not closed in the paragraph is left out, and so is all it could touch.
func quotations(body string, p text.Span) []quotation {
	var out []quotation
	var open *quotation
	var closer rune
	for i := p.Start; i < p.End; {
		r, size := utf8.DecodeRuneInString(body[i:p.End])
		switch {
		case open == nil:
			if c := closing(r, body, p, i, size); c != 0 {
				open, closer = &quotation{open: i, start: i + size}, c
			}
		case closes(r, closer, body, p, i, size):
			open.close, open.end = i, i
			if inner := strings.TrimSpace(body[open.start:open.end]); inner != "" {
				open.start = open.end - len(strings.TrimLeft(body[open.start:open.end], " \u00a0\u202f"))
				open.end = open.start + len(strings.TrimRight(body[open.start:open.end], " \u00a0\u202f"))
				out = append(out, *open)
			}
			open = nil
		case r == '"' && closer == '"' || r == '“' && closer == '”':
			open = &quotation{open: i, start: i + size} // the one before was never closed
		}
		i += size
	}
	return out
}

// closing returns the mark that closes what r opens, 0 when r opens nothing.
func closing(r rune, body string, p text.Span, i, size int) rune {
	switch r {
	case '“':
		return '”'
	case '„':
		return '“'
	case '«':
		return '»'
	case '»': // the German and Danish way round
		if opensHere(body, p, i, size) {
			return '«'
		}
	case '"':
		if opensHere(body, p, i, size) {
			return '"'
		}
	}
	return 0
}

// opensHere says whether a mark without direction stands before a word and
// not behind one.
func opensHere(body string, p text.Span, i, size int) bool {
	before, _ := utf8.DecodeLastRuneInString(body[p.Start:i])
	after, _ := utf8.DecodeRuneInString(body[i+size : p.End])
	behindWord := i > p.Start && !unicode.IsSpace(before) && !strings.ContainsRune("([{—–-:'‘/", before)
	return !behindWord && i+size < p.End && !unicode.IsSpace(after)
}

// closes says whether r closes the quotation that waits for closer.
func closes(r, closer rune, body string, p text.Span, i, size int) bool {
	switch closer {
	case '"':
		return r == '"' && !opensHere(body, p, i, size)
	case '“': // „…“, often typed „…”
		return r == '“' || r == '”'
	}
	return r == closer
}
