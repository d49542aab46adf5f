package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Paragraphs returns the paragraphs of s, which empty lines part, trimmed.
func Paragraphs(s string) []Span {
	var out []Span
	for at := 0; at < len(s); {
		end := emptyLine(s, at)
		if sp, ok := trim(s, at, end); ok {
			out = append(out, sp)
		}
		at = end + 1
	}
	return out
}

// emptyLine returns where the next empty line starts, or the end of s.
func emptyLine(s string, at int) int {
	for at < len(s) {
		n := strings.IndexByte(s[at:], '\n')
		if n < 0 {
			break
		}
		at += n
		for i := at + 1; i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n'); i++ {
			if s[i] == '\n' {
				return at
			}
		}
		at++
	}
	return len(s)
}

// trim returns s[start:end] without the white space around it.
func trim(s string, start, end int) (Span, bool) {
	t := strings.TrimLeftFunc(s[start:end], unicode.IsSpace)
	start = end - len(t)
	t = strings.TrimRightFunc(t, unicode.IsSpace)
	return Span{start, start + len(t)}, t != ""
}

// Sentences returns the sentences of s as trimmed spans in order, never across
// paragraphs. They cover everything but white space. The rules are those of
// news: a quotation of several sentences is several sentences; short asides in
// brackets and quotations in single marks are not taken apart.
func Sentences(s, lang string) []Span {
	out := make([]Span, 0, len(s)/100+1)
	lang = Base(lang)
	c := cutter{s: s, vocabulary: vocabularyOf(lang), lang: lang}
	for _, p := range Paragraphs(s) {
		out = c.paragraph(out, p)
	}
	return out
}

// cutter finds the ends of sentences in one paragraph at a time.
type cutter struct {
	vocabulary
	s      string
	lang   string
	start  int // of the sentence
	end    int // of the paragraph
	shield int // there are no ends before this: the inside of brackets
	list   lister
}

// halt marks the bytes at which the scan has something to do: some of ASCII,
// and all others.
var halt = func() (at [256]bool) {
	for _, b := range []byte(".!?\n\r([)'\":;") {
		at[b] = true
	}
	for b := utf8.RuneSelf; b < len(at); b++ {
		at[b] = true
	}
	return at
}()

func (c *cutter) paragraph(out []Span, p Span) []Span {
	c.start, c.end, c.shield = p.Start, p.End, p.Start
	c.list = lister{}
	c.shield = c.list.open(c, p.Start)
	s := c.s[:p.End]
	for i := p.Start; i < len(s); {
		for i < len(s) && !halt[s[i]] {
			i++
		}
		if i == len(s) {
			break
		}
		next, cut := c.look(i)
		if cut > c.start {
			if sp, ok := trim(c.s, c.start, cut); ok {
				out = append(out, sp)
			}
			c.start = cut + blanks(c.s[cut:p.End])
			c.shield = max(c.shield, c.list.open(c, c.start))
			next = max(next, c.start)
		}
		i = max(next, i+1)
	}
	if sp, ok := trim(c.s, c.start, p.End); ok {
		out = append(out, sp)
	}
	return out
}

// look examines the character at byte i. It returns where to go on, and where
// the sentence ends, or 0 when it does not end here.
func (c *cutter) look(i int) (next, cut int) {
	r, n := utf8.DecodeRuneInString(c.s[i:c.end])
	switch {
	case r == '\n' || r == '\r':
		return i + n, c.lineBreak(i)
	case r == '(' || r == '[' || r == '（' || r == '「' || r == '『' || r == '《' || r == '\'' || r == '‘' || r == '"' || r == '“':
		c.cover(i, r)
		return i + n, c.list.item(c, i)
	case r == ')':
		return i + n, c.list.item(c, i)
	case r == ':' && c.lang == "hy", r == '։', r == ';' && c.lang == "el":
		return c.full(i+n, false)
	case r == '.' || r == '!' || r == '?' || r == '…' || r == '‽' || r == '‼' || r == '⁉' || r == '⁇' || r == '⁈':
		if at := c.list.item(c, i); at > 0 {
			return i + n, at
		}
		return c.stop(i)
	case r == '•' || r == '⁃' || r == '▪' || r == '‣' || r == '●':
		return i + n, c.list.item(c, i)
	case r == '．':
		return c.full(i+n, true)
	case r >= 0x589 && unicode.Is(unicode.STerm, r):
		return c.full(i+n, false)
	}
	return i + n, 0
}

// full handles marks that end a sentence whatever follows, as in Chinese,
// Hindi or Arabic, unless the sentence goes on in the same word or clause.
func (c *cutter) full(after int, decimal bool) (next, cut int) {
	for after < c.end {
		r, n := utf8.DecodeRuneInString(c.s[after:c.end])
		if !unicode.Is(unicode.STerm, r) && !closing(r) {
			break
		}
		after += n
	}
	if after < c.shield {
		return after, 0
	}
	r, _ := utf8.DecodeRuneInString(c.s[after:c.end])
	switch {
	case decimal && unicode.IsDigit(r), r == 'と', r == 'っ' || r == '、' || r == '，' || r == '،':
		return after, 0
	}
	return after, after
}

// covered is how long brackets and single quotations may be to be kept whole.
const covered = 260

// brief is how long quotations in double marks may be to be kept whole.
const brief = 48

// cover shields what stands between the opening mark at i and its partner.
func (c *cutter) cover(i int, open rune) {
	if i < c.shield {
		return
	}
	rest := c.s[i:min(c.end, i+covered)]
	at := -1
	switch open {
	case '(':
		at = partner(rest, '(', ')')
	case '[':
		at = strings.IndexByte(rest, ']')
	case '（':
		at = partner(rest, '（', '）')
	case '「':
		at = partner(rest, '「', '」')
	case '『':
		at = strings.Index(rest, "』")
	case '《':
		at = strings.Index(rest, "》")
	case '\'':
		if c.opens(i) {
			at = singleEnd(rest, "'", "'")
		}
	case '‘':
		at = singleEnd(rest, "’", "‘")
	case '"':
		if !c.opens(i) {
			break
		}
		at = strings.IndexByte(rest[1:min(len(rest), brief)], '"') + 1
	case '“':
		at = strings.Index(rest[:min(len(rest), brief)], "”")
	}
	if at > 0 {
		c.shield = i + at
	}
}

// opens reports whether the straight mark at i opens a quotation.
func (c *cutter) opens(i int) bool {
	before, _ := utf8.DecodeLastRuneInString(c.s[c.start:max(i, c.start)])
	if before != utf8.RuneError && !unicode.IsSpace(before) && before != '(' && before != '"' {
		return false
	}
	return i+1 < c.end && c.s[i+1] != ' '
}

// partner returns where the bracket is closed with which s starts, or -1.
func partner(s string, open, shut rune) int {
	depth := 0
	for i, r := range s {
		switch r {
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// singleEnd returns where the single quotation ends with which s starts: a
// mark after punctuation and before none of a word, or one at the end of a
// word that no apostrophe would end. Where another quotation opens first, the
// end was overlooked: then there is none.
func singleEnd(s, mark, open string) int {
	for at := len(open); at < len(s); {
		n := strings.Index(s[at:], mark)
		if n < 0 || open != mark && strings.Contains(s[at:at+n], open) {
			return -1
		}
		at += n
		before := s[at-1]
		next, _ := utf8.DecodeRuneInString(s[at+len(mark):])
		word := unicode.IsLetter(next) || unicode.IsDigit(next)
		switch {
		case strings.IndexByte(".,!?", before) >= 0 && !unicode.IsLetter(next):
			return at
		case open == mark && before == ' ' && word:
			return -1
		case before != 's' && before != ' ' && before != 'n' && !word:
			return at
		}
		at += len(mark)
	}
	return -1
}

// closing reports marks that belong to the sentence before them.
func closing(r rune) bool {
	switch r {
	case '"', '\'', ')', ']', '}', '”', '’', '»', '›', '“', '』', '」', '）', '》', '〉', '】', '］', '｝', '＂':
		return true
	}
	return false
}
