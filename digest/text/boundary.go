package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// stop handles full stops, exclamation and question marks and ellipses, whose
// meaning depends on what stands before and after them.
func (c *cutter) stop(i int) (next, cut int) {
	run := c.run(i)
	after := run
	quoted := false
	for after < c.end {
		r, n := utf8.DecodeRuneInString(c.s[after:c.end])
		if (r == ' ' || r == 0xA0 || r == 0x202F) && c.late(after+n) {
			after += n
			continue
		}
		if r == '.' && after > run && after+n < c.end && c.s[after+n] == ' ' {
			after += n
			break
		}
		if !closing(r) || r == '“' && !c.closesHere(after+n) {
			break
		}
		quoted = quoted || r != ')' && r != ']'
		after += n
	}
	after = c.footnote(after)
	if after >= c.end {
		return c.end, 0
	}
	if run < c.shield && after <= c.shield {
		return run, 0
	}
	gap := blanks(c.s[after:c.end])
	if strings.ContainsAny(c.s[after:after+gap], "\n\r") {
		return after, 0 // lineBreak decides
	}
	e := ending{at: i, run: run, after: after, next: after + gap, quoted: quoted}
	if gap == 0 {
		if c.glued(e) {
			return after, after
		}
		return after, 0
	}
	if c.ends(e) {
		return after, after
	}
	return after, 0
}

// ending is a candidate: marks at [at, run), closing marks up to after, the
// following word at next.
type ending struct {
	at, run, after, next int
	quoted               bool
}

// run returns the end of the marks that start at i; ". . . ." is one run.
func (c *cutter) run(i int) int {
	spaced := i > c.start && c.s[i-1] == ' '
	for i < c.end {
		r, n := utf8.DecodeRuneInString(c.s[i:c.end])
		switch {
		case r == '.' || r == '!' || r == '?' || r == '…' || r == '‽' || r >= '‼' && r <= '⁉':
			i += n
		case spaced && r == ' ' && i+1 < c.end && c.s[i+1] == '.':
			i++
		default:
			return i
		}
	}
	return i
}

// lookBack is how far back a sentence is searched for an opening mark.
const lookBack = 1000

// late reports whether a closing mark stands at byte at after a blank, as
// where two quotations end, “Why?' ", and in French, « Non ! ».
func (c *cutter) late(at int) bool {
	if strings.HasPrefix(c.s[at:c.end], "»") {
		s := c.s[max(c.start, at-lookBack):at]
		return c.closesHere(at+len("»")) && strings.Count(s, "«") > strings.Count(s, "»")
	}
	return at+1 < c.end && c.s[at] == '"' && c.s[at+1] == ' ' && strings.Count(c.s[max(c.start, at-lookBack):at], "\"")%2 == 1
}

// closesHere reports whether the mark “ before byte at closes a quotation, as
// in German, rather than opening one.
func (c *cutter) closesHere(at int) bool {
	r, _ := utf8.DecodeRuneInString(c.s[at:c.end])
	return at >= c.end || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// footnote returns at, or the end of the reference that stands there: "[1]",
// or a bare number glued to the stop of a word.
func (c *cutter) footnote(at int) int {
	for at < c.end && c.s[at] == '[' {
		n := strings.IndexByte(c.s[at:min(c.end, at+12)], ']')
		if n < 0 || n < 2 || strings.Trim(c.s[at+1:at+n], "0123456789–-, ") != "" {
			return at
		}
		at += n + 1
	}
	before, _ := utf8.DecodeLastRuneInString(c.s[c.start : at-1])
	if !unicode.IsLower(before) && before != ')' || !digitAt(c.s, at, c.end) {
		return at
	}
	end := at
	for end < c.end && end-at < 12 && (digitAt(c.s, end, c.end) || c.s[end] == ' ' && digitAt(c.s, end+1, c.end)) {
		end++
	}
	if end < c.end && c.s[end] == ' ' {
		return end
	}
	return at
}

func digitAt(s string, i, end int) bool { return i < end && s[i] >= '0' && s[i] <= '9' }

func blanks(s string) int { return len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace)) }

// longToken is the length from which on what stands without a blank is no prose.
const longToken = 120

// glued reports whether a sentence ends where no blank follows: "world.Today".
func (c *cutter) glued(e ending) bool {
	from := max(c.start, e.at-longToken)
	from += strings.LastIndexByte(c.s[from:e.at], ' ') + 1
	rest := c.s[e.after:min(c.end, e.after+longToken)]
	to := strings.IndexByte(rest, ' ')
	if to < 0 {
		to = len(rest)
	}
	token := c.s[from : e.after+to]
	if len(token) > longToken || strings.ContainsAny(token, "/@\\_") || strings.HasPrefix(token, "www.") {
		return false
	}
	first, n := utf8.DecodeRuneInString(c.s[e.next:c.end])
	second, _ := utf8.DecodeRuneInString(c.s[e.next+n : c.end])
	before := c.s[from:e.at]
	last, _ := utf8.DecodeLastRuneInString(before)
	if !unicode.IsUpper(first) || c.s[e.at] != '.' && !unicode.IsLower(second) {
		return false
	}
	word := wordAt(c.s[e.next:c.end])
	if e.run-e.at > 1 {
		return false
	}
	if c.s[e.at] != '.' {
		return unicode.IsLower(last)
	}
	if strings.Contains(before, ".") && !unicode.IsDigit(last) {
		return false // "S.p.A."
	}
	known := c.class(word)&(classStart|classTitle) != 0
	return known && (unicode.IsDigit(last) || unicode.IsLower(last) && c.class(before)&(classTitle|classAbbr) == 0) ||
		unicode.IsLower(last) && unicode.IsLower(second) && len(before) > 3 && len(word) > 3 &&
			!strings.Contains(before, ".") && unicode.IsLower(firstRune(before)) && e.next+len(word) < c.end && c.s[e.next+len(word)] == ' '
}

// ends reports whether a sentence ends at e, which white space follows.
func (c *cutter) ends(e ending) bool {
	if c.list.startsAt(c, e.next) {
		return true
	}
	r, open := c.opener(e.next)
	if unicode.IsLower(r) && strings.HasPrefix(c.s[e.next:c.end], "...") {
		return true
	}
	if open > c.end || !startsSentence(r, c.s[open:c.end]) {
		return false
	}
	marks := c.s[e.at:e.run]
	word := wordAt(c.s[open:c.end])
	if c.goesOn(e, open) {
		return false
	}
	switch {
	case strings.Contains(marks, ". ."):
		return (len(marks) > 5 || c.s[e.after-1] == '.' && e.after > e.run) && e.at > c.start
	case e.at > c.start && c.s[e.at-1] == ' ' && (marks == "..." || marks == "…"):
		return false
	case e.at == c.start || bracketed(c.s, e, c.end):
		return false
	case marks != ".":
		if marks == "!" && c.class(c.before(e.at))&classBrand != 0 {
			return c.class(word)&classStart != 0
		}
		return true
	case e.after > e.run && c.s[e.run] != '[':
		return true // a stop before a closing mark
	}
	return c.full1(e, r, word)
}

// goesOn reports whether the sentence includes what follows a quotation: who
// said it, an aside in brackets after single marks, a dash inside guillemets.
func (c *cutter) goesOn(e ending, open int) bool {
	next := c.s[e.next:c.end]
	switch {
	case e.quoted && open == e.next && c.reported(open):
		return true
	case e.after > e.run && (c.s[e.after-1] == '\'') && next[0] == '(':
		return true
	case strings.HasPrefix(next, "–") || strings.HasPrefix(next, "—"):
		s := c.s[max(c.start, e.at-lookBack):e.at]
		return strings.Count(s, "«") > strings.Count(s, "»")
	}
	return false
}

// bracketed reports an ellipsis in brackets, "[...]", which ends nothing.
func bracketed(s string, e ending, end int) bool {
	return e.at > 0 && (s[e.at-1] == '[' || s[e.at-1] == '(') && e.run < end && (s[e.run] == ']' || s[e.run] == ')')
}

// opener returns the first character of the next sentence behind dashes,
// opening quotes and brackets, and where it stands.
func (c *cutter) opener(at int) (rune, int) {
	for n := 0; at < c.end && n < 8; n++ {
		r, size := utf8.DecodeRuneInString(c.s[at:c.end])
		switch r {
		case '-', '–', '—':
			if digitAt(c.s, at+size, c.end) {
				return r, at
			}
			at += size
		case '"', '\'', '“', '‘', '„', '‚', '«', '»', '‹', '(', '[', '¿', '¡', ' ', '*', '_', '`', ',', '\u00a0':
			if r == ',' && !strings.HasPrefix(c.s[at:c.end], ",,") && n == 0 {
				return r, at
			}
			at += size
		case '.', '…':
			if n == 0 && at+2 < c.end && r == '.' && c.s[at+1] != '.' && c.s[at+1] != ' ' {
				return r, at
			}
			at += size
		default:
			return r, at
		}
	}
	return 0, at
}

// startsSentence reports whether a sentence can start with r, the first
// character of s: no lower-case letter, except in names like "iPhone".
func startsSentence(r rune, s string) bool {
	switch {
	case unicode.IsLower(r):
		for i, q := range s {
			if i > 3 || !unicode.IsLetter(q) {
				break
			}
			if unicode.IsUpper(q) {
				return true
			}
		}
		return false
	case unicode.IsLetter(r), unicode.IsDigit(r), r == '$', r == '€', r == '£', r == '#', r == '@', r == '%', r == '№':
		return true
	}
	return unicode.Is(unicode.So, r) || unicode.IsMark(r) || r == '&' && len(s) > 1
}

// reported reports whether a capitalised name and a verb of saying stand at
// byte at, as in “Why?” Barack Obama asked.
func (c *cutter) reported(at int) bool {
	for n := 0; n < 4; n++ {
		w := wordAt(c.s[at:c.end])
		if w == "" {
			return false
		}
		k := c.class(w)
		if n > 0 && k&classSay != 0 {
			return true
		}
		if !unicode.IsUpper(firstRune(w)) || k&classStart != 0 {
			return false
		}
		at += len(w)
		for at < c.end && (c.s[at] == ' ' || c.s[at] == '.') {
			at++
		}
	}
	return false
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// wordAt returns the letters and digits at the start of s, apostrophes in
// ASCII form included.
func wordAt(s string) string {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' || i > 40 {
			return strings.TrimSuffix(s[:i], "'")
		}
	}
	return s
}
