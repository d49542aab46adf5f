package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
)

// token is one word of a command line. Colon is the byte offset in Text of the
// first colon that stood outside of quotes, or -1.
type token struct {
	Text   string
	Colon  int
	Quoted bool // the whole word stood in quotes, so that it can be no key
}

// closers maps an opening quotation mark to those that may close it. Phones
// and word processors mix straight, curly and low marks freely.
var closers = map[rune]string{
	'"': "\"“”", '“': "\"“”", '”': "\"“”", '„': "\"“”", '«': "»", '‟': "\"“”",
}

// tokens splits a line into words. Quotation marks keep blanks together; they
// count only at the beginning of a word or of a value after its colon, so that
// inch marks and apostrophes stay what they are.
func tokens(line string) ([]token, error) {
	var out []token
	for {
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		if line == "" {
			return out, nil
		}
		t, rest, err := next(line)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		line = rest
	}
}

// next reads the first word of a line that does not begin with a blank.
func next(line string) (token, string, error) {
	if text, rest, ok, err := quoted(line); err != nil || ok {
		return token{Text: text, Colon: -1, Quoted: true}, rest, err
	}
	for i, r := range line {
		switch {
		case unicode.IsSpace(r):
			return word(line[:i]), line[i:], nil
		case r == ':' && i > 0 && isName(line[:i]):
			text, rest, ok, err := quoted(line[i+1:])
			if err != nil {
				return token{}, "", err
			}
			if ok {
				return token{Text: line[:i+1] + text, Colon: i}, rest, nil
			}
		}
	}
	return word(line), "", nil
}

func word(s string) token { return token{Text: s, Colon: strings.IndexByte(s, ':')} }

// quoted reads a quoted text from the beginning of s. ok is false when s does
// not begin with a quotation mark.
func quoted(s string) (text, rest string, ok bool, err error) {
	r, size := utf8.DecodeRuneInString(s)
	marks, ok := closers[r]
	if !ok {
		return "", s, false, nil
	}
	end := strings.IndexAny(s[size:], marks)
	if end < 0 {
		return "", "", false, digest.Errorf(digest.Invalid, "the quotation that begins with %s is not closed; add the closing mark", clip(s, 20))
	}
	_, last := utf8.DecodeRuneInString(s[size+end:])
	return s[size : size+end], s[size+end+last:], true, nil
}

// isName reports whether s can be the name of a command or an option.
func isName(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return false
		}
	}
	return s != ""
}

// clip returns at most n runes of s, with an ellipsis where it was cut.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// Nearest returns the candidate with the smallest Damerau-Levenshtein distance
// to s, when that is at most a third of s's length (one typing error at least),
// and "" otherwise.
func Nearest(s string, candidates []string) string {
	best, most := "", max(1, utf8.RuneCountInString(s)/3)
	for _, c := range candidates {
		if d := distance([]rune(s), []rune(c)); d > 0 && d <= most && (best == "" || d < most) {
			best, most = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours cost one each.
func distance(a, b []rune) int {
	if d := len(a) - len(b); d > 8 || d < -8 {
		return max(d, -d)
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
