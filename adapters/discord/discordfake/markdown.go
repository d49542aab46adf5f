package discordfake

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nutgraf/adapters/chat"
)

// openings are the marks with which lines of a look begin.
var openings = []struct{ mark, kind string }{
	{"-# ", "small"}, {"### ", "heading"}, {"## ", "heading"}, {"# ", "heading"}, {"- ", "bullets"}, {"* ", "bullets"}, {"> ", "quote"},
}

// markdown returns the lines of a text in Discord's markup, as far as a bot's
// messages go.
// https://support.discord.com/hc/en-us/articles/210298617
func markdown(text string) []LookBlock {
	var out []LookBlock
	gap, fenced := false, false
	add := func(kind string, line []chat.Span) {
		if n := len(out); n > 0 && !gap && out[n-1].Kind == kind {
			out[n-1].Lines = append(out[n-1].Lines, line)
			return
		}
		out = append(out, LookBlock{Kind: kind, Gap: gap, Lines: [][]chat.Span{line}})
		gap = false
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
			continue
		case fenced:
			add("code", []chat.Span{{Text: line}})
			continue
		case strings.TrimSpace(line) == "":
			gap = len(out) > 0
			continue
		}
		kind := "text"
		for _, o := range openings {
			if rest, ok := strings.CutPrefix(line, o.mark); ok {
				kind, line = o.kind, rest
				break
			}
		}
		add(kind, inline(line, chat.Span{}))
	}
	return out
}

// timestamp is an instant, shown in the reader's zone.
var timestamp = regexp.MustCompile(`^<t:(-?\d{1,12})(:[tTdDfFR])?>`)

// inline returns the runs of a line, of which all have at least the given look.
func inline(text string, look chat.Span) []chat.Span {
	var out []chat.Span
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			next := look
			next.Text = plain.String()
			out = append(out, next)
			plain.Reset()
		}
	}
	for i := 0; i < len(text); {
		rest := text[i:]
		if rest[0] == '\\' && len(rest) > 1 && rest[1] < utf8.RuneSelf && !isWord(rune(rest[1])) && rest[1] != ' ' {
			plain.WriteByte(rest[1])
			i += 2
			continue
		}
		if m := timestamp.FindStringSubmatch(rest); m != nil {
			flush()
			unix, _ := strconv.ParseInt(m[1], 10, 64) // twelve digits at most
			at := time.Unix(unix, 0).UTC()
			out = append(out, chat.Span{Text: at.Format("2 January 2006 15:04"), Time: at, Strong: look.Strong, Emph: look.Emph})
			i += len(m[0])
			continue
		}
		if inner, next, n := marked(text, i, look); n > 0 {
			flush()
			if next.Code {
				next.Text = inner
				out = append(out, next)
			} else {
				out = append(out, inline(inner, next)...)
			}
			i += n
			continue
		}
		plain.WriteByte(rest[0])
		i++
	}
	flush()
	return out
}

// marked returns the inside of a mark that begins at i, the look that it gives
// and how long it is with its ends; n is 0 where none begins.
func marked(text string, i int, look chat.Span) (inner string, next chat.Span, n int) {
	rest := text[i:]
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	switch {
	case rest[0] == '[' && look.URL == "":
		label := until(rest, 1, "](")
		end := strings.IndexByte(rest[max(label, 0):], ')')
		if label < 1 || end < 0 {
			return "", look, 0
		}
		look.URL = rest[label+2 : label+end]
		return rest[1:label], look, label + end + 1
	case rest[0] == '`':
		if end := strings.IndexByte(rest[1:], '`'); end > 0 {
			look.Code = true
			return rest[1 : 1+end], look, end + 2
		}
	case strings.HasPrefix(rest, "**"):
		if end := until(rest, 2, "**"); end > 2 {
			look.Strong = true
			return rest[2:end], look, end + 2
		}
	case rest[0] == '*', rest[0] == '_' && (i == 0 || !isWord(before)):
		if end := until(rest, 1, rest[:1]); end > 1 && rest[1] != ' ' && rest[end-1] != ' ' {
			look.Emph = true
			return rest[1:end], look, end + 1
		}
	}
	return "", look, 0
}

// until returns where mark stands in text from a position on, unless it is
// escaped, or -1.
func until(text string, from int, mark string) int {
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], mark):
			return i
		}
	}
	return -1
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
