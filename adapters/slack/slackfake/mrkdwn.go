package slackfake

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/adapters/chat"
)

// unescaper undoes what Slack asks senders to escape.
var unescaper = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// mrkdwn returns the runs of a text in Slack's markup.
// https://docs.slack.dev/messaging/formatting-message-text
func mrkdwn(text string) []chat.Span { return marked(text, chat.Span{}) }

// marked returns the runs of a text of which all have at least the given look.
func marked(text string, look chat.Span) []chat.Span {
	var out []chat.Span
	add := func(s string) {
		if s != "" {
			next := look
			next.Text = unescaper.Replace(s)
			out = append(out, next)
		}
	}
	from := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '<':
			end := strings.IndexByte(text[i:], '>')
			if end < 0 {
				continue
			}
			add(text[from:i])
			out = append(out, angled(text[i+1:i+end], look))
			i += end
			from = i + 1
		case '*', '_', '`':
			end := closing(text, i)
			if end < 0 {
				continue
			}
			add(text[from:i])
			inner := look
			inner.Strong, inner.Emph, inner.Code = look.Strong || c == '*', look.Emph || c == '_', look.Code || c == '`'
			out = append(out, marked(text[i+1:end], inner)...)
			i = end
			from = end + 1
		}
	}
	add(text[from:])
	return out
}

// closing returns where the mark at i ends, or -1 if it is a mere character:
// marks stand at the borders of words, within a line.
func closing(text string, i int) int {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	if i > 0 && inWord(before) || i+1 >= len(text) || text[i+1] == ' ' || text[i+1] == text[i] {
		return -1
	}
	for j := i + 2; j < len(text) && text[j] != '\n'; j++ {
		after, _ := utf8.DecodeRuneInString(text[j+1:])
		if text[j] == text[i] && text[j-1] != ' ' && (j+1 == len(text) || !inWord(after)) {
			return j
		}
	}
	return -1
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// angled returns what stands between angle brackets: a link, a date, a mention.
func angled(inner string, look chat.Span) chat.Span {
	target, label, labelled := strings.Cut(inner, "|")
	look.Text = unescaper.Replace(label)
	switch {
	case strings.HasPrefix(target, "!date^"):
		if unix, err := strconv.ParseInt(strings.Split(target, "^")[1], 10, 64); err == nil && !labelled {
			look.Text = stamp(unix)
		}
	case strings.HasPrefix(target, "!"), strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"):
		look.Strong = true // a mention, which should never be
		if !labelled {
			look.Text = target
		}
	default:
		look.URL = unescaper.Replace(target)
		if !labelled {
			look.Text = look.URL
		}
	}
	return look
}
