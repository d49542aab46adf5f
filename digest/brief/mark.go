package brief

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest/text"
)

// quotation is a pair of quotation marks in a text.
type quotation struct {
	open, after int  // offsets of the mark that opens it, and behind the one that closes it
	start, end  int  // offsets of what stands between them
	onward      bool // not closed, since the next paragraph goes on with it
}

// quotations returns the quotations of each paragraph, outermost only. One that
// is not closed is left out, unless the next paragraph begins with a mark of
// its kind and closes it: what is said goes on there.
func quotations(body string, paragraphs []text.Span) [][]quotation {
	out := make([][]quotation, len(paragraphs))
	next := ""
	for i := len(paragraphs) - 1; i >= 0; i-- {
		p := paragraphs[i]
		found, open := scan(body, p)
		found = slices.DeleteFunc(found, func(m quotation) bool { return m.nickname(body, p) })
		if open != nil && next != "" && strings.HasPrefix(next, body[open.open:open.start]) {
			open.after, open.end = p.End, p.End
			if m, ok := open.trimmed(body); ok {
				m.onward = true
				found = append(found, m)
				open = nil
			}
		}
		if next = ""; open == nil && len(found) > 0 {
			next = strings.TrimSpace(body[p.Start:p.End])
		}
		out[i] = found
	}
	return out
}

// nickname says whether a quotation is a part of a name: James "Spider" Marks.
func (m quotation) nickname(body string, p text.Span) bool {
	if strings.ContainsAny(body[m.start:m.end], " .,") {
		return false
	}
	before, behind := strings.Fields(body[max(p.Start, m.open-80):m.open]), strings.Fields(body[m.after:min(p.End, m.after+80)])
	return len(before) > 0 && len(behind) > 0 && nameWord(before[len(before)-1]) && !broken(before[len(before)-1]) && nameWord(behind[0]) && !verbs[strings.ToLower(behind[0])]
}

// trimmed returns a quotation without the white space at its ends, false when
// nothing else is in it.
func (m quotation) trimmed(body string) (quotation, bool) {
	if strings.TrimSpace(body[m.start:m.end]) == "" {
		return m, false
	}
	m.start = m.end - len(strings.TrimLeft(body[m.start:m.end], " \u00a0\u202f"))
	m.end = m.start + len(strings.TrimRight(body[m.start:m.end], " \u00a0\u202f"))
	return m, true
}

// scan returns the closed quotations of a paragraph and the one left open.
func scan(body string, p text.Span) ([]quotation, *quotation) {
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
			open.after, open.end = i+size, i
			if m, ok := open.trimmed(body); ok {
				out = append(out, m)
			}
			open = nil
		case r == '"' && closer == '"' || r == '“' && closer == '”':
			open = &quotation{open: i, start: i + size} // the one before was never closed
		}
		i += size
	}
	return out, open
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
	if i == p.Start {
		return true
	}
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
