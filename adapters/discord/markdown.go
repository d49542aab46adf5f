package discord

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"nutgraf/adapters/chat"
)

// markdown is text in Discord's markup. Only the functions of this file make
// one, so that a raw string does not compile into a message.
type markdown string

// active are the characters with which mentions, emoji, time stamps, masked
// links, quotes, headings, lists and emphasis begin. A backslash before any of
// them makes Discord show them as they are.
const active = "\\*_~`|>#[]()<@:"

// escape makes text literal wherever it stands, but for the beginning of a
// line, of which start takes care.
func escape(text string) markdown {
	if !strings.ContainsAny(text, active+"\n\r") {
		return markdown(text)
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	for _, r := range text {
		b.WriteString(string(escaped(r)))
	}
	return markdown(b.String())
}

// escaped returns one character in literal form.
func escaped(r rune) markdown {
	switch {
	case r == '\n' || r == '\r':
		return " "
	case r < 0x80 && strings.IndexByte(active, byte(r)) >= 0:
		return markdown("\\" + string(r))
	}
	return markdown(string(r))
}

// cost is the size of one character in literal form.
func cost(r rune) int {
	if r < 0x80 {
		if strings.IndexByte(active, byte(r)) >= 0 {
			return 2
		}
		return 1
	}
	return max(utf16.RuneLen(r), 1)
}

// start makes a text that begins a line no list item, heading or subtext:
// "- a", "+ a", "1. a".
func start(m markdown) markdown {
	s := string(m)
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	switch {
	case s == "":
	case s[0] == '-' || s[0] == '+':
		return markdown("\\" + s)
	case digits > 0 && digits < len(s) && s[digits] == '.':
		return markdown(s[:digits] + "\\" + s[digits:])
	}
	return m
}

// addressEscaper keeps an address from ending its link early.
var addressEscaper = strings.NewReplacer("(", "%28", ")", "%29", "[", "%5B", "]", "%5D", "<", "%3C", ">", "%3E", " ", "%20", "\n", "%0A", "\r", "%0D", "\\", "%5C", "`", "%60", "*", "%2A", "|", "%7C")

// link returns a masked link. The label must be literal already.
func link(label markdown, url string) markdown {
	return "[" + label + "](" + markdown(addressEscaper.Replace(url)) + ")"
}

// date shows an instant in the reader's own zone and language.
func date(t time.Time) markdown {
	return markdown("<t:" + strconv.FormatInt(t.Unix(), 10) + ":f>")
}

// mono shows text in a typewriter face. There is no escape inside of it, hence
// the look-alike of the mark that would end it.
func mono(text string) markdown { return "`" + markdown(untick(text)) + "`" }

func untick(text string) string { return strings.ReplaceAll(flatten(text), "`", "ˋ") }

// flatten makes text one line.
func flatten(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, text)
}

// span returns a span in markup. Marks stand inside of outer blanks, because
// Discord does not see them otherwise.
func span(s chat.Span) markdown {
	if !s.Time.IsZero() {
		return date(s.Time)
	}
	if s.Code && s.Text != "" {
		return mono(s.Text)
	}
	inner := strings.TrimSpace(s.Text)
	if inner == "" {
		return escape(s.Text)
	}
	at := strings.Index(s.Text, inner)
	m := escape(inner)
	if s.URL != "" && fitsLink(m, s.URL) {
		m = link(m, s.URL)
	}
	if s.Emph {
		m = "*" + m + "*"
	}
	if s.Strong {
		m = "**" + m + "**"
	}
	return escape(s.Text[:at]) + m + escape(s.Text[at+len(inner):])
}

// fitsLink reports whether a link leaves the rest of an embed any room.
func fitsLink(label markdown, url string) bool {
	return chat.WebURL(url) != "" && size(addressEscaper.Replace(url)) <= maxAddress && size(label) <= maxDescription/4
}

// spans returns spans in markup, run together.
func spans(list []chat.Span) markdown {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(string(span(s)))
	}
	return markdown(b.String())
}

// wordCut returns where to cut text so that text[:i] in literal form is at
// most room: after a blank where there is one in the second half, else between
// two characters that do not belong together. It is 0 only when not even
// one character fits.
func wordCut(text string, room int) int {
	used, hard, soft := 0, 0, 0
	var before rune
	for i, r := range text {
		if i > 0 && !joined(before, r) {
			hard = i
			if unicode.IsSpace(before) {
				soft = i
			}
		}
		if used += cost(r); used > room {
			switch {
			case soft > hard/2:
				return soft
			case hard > 0:
				return hard
			}
			return i
		}
		before = r
	}
	return len(text)
}

// joined reports whether two characters are one for a reader: marks, joiners,
// variation selectors, skin tones and pairs of flag letters.
func joined(a, b rune) bool {
	const joiner = '\u200d'
	flag := func(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
	return unicode.Is(unicode.M, b) || b == joiner || a == joiner ||
		b >= 0x1F3FB && b <= 0x1F3FF || b >= 0xE0020 && b <= 0xE007F || flag(a) && flag(b)
}
