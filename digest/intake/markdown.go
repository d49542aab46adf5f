package intake

import (
	"regexp"
	"strings"
)

// mdLevel is what Markdown says about a line.
type mdLevel int

const (
	plainLine mdLevel = 0  // 1 to 6 are ATX and setext headings
	boldLine  mdLevel = 7  // nothing but bold or underlined text
	ruleLine  mdLevel = -1 // a rule, which stands for nothing
)

var (
	mdATX    = regexp.MustCompile(`^(#{1,6})[ \t]+(.*?)[ \t]*#*$`)
	mdRule   = regexp.MustCompile(`^(?:[-*_=~][ \t]*){3,}$`)
	mdBold   = regexp.MustCompile(`^(?:\*\*|__)([^*_]+)(?:\*\*|__)(:?)$`)
	mdImage  = regexp.MustCompile(`!\[[^\]]*\]\([^)\s]*(?:\s+"[^"]*")?\)`)
	mdLink   = regexp.MustCompile(`\[([^\]\[]+)\]\((?:https?://|/|#|mailto:)[^)\s]*(?:\s+"[^"]*")?\)`)
	mdStrong = regexp.MustCompile(`\*\*([^*\s](?:[^*]*[^*\s])?)\*\*`)
	mdUnder  = regexp.MustCompile(`(^|[\s(“"])__([^_\s](?:[^_]*[^_\s])?)__([\s).,;:!?”"]|$)`)
	mdStar   = regexp.MustCompile(`(^|[\s(“"])\*([^*\s](?:[^*]*[^*\s])?)\*([\s).,;:!?”"]|$)`)
	mdLow    = regexp.MustCompile(`(^|[\s(“"])_([^_\s](?:[^_]*[^_\s])?)_([\s).,;:!?”"]|$)`)
	htmlLine = regexp.MustCompile(`(?i)^<(h[1-6]|strong|b|p)(?:\s[^>]*)?>(.*)</(?:h[1-6]|strong|b|p)>$`)
)

// maxTagged is the length in bytes of the longest line whose tags are read.
const maxTagged = 400

// markup splits the Markdown of one line from its text.
func markup(line string) (string, mdLevel) {
	if !strings.ContainsAny(line, "#*_=-~>[<•·▪●◦‣+`") {
		return line, plainLine
	}
	if mdRule.MatchString(line) {
		return "", ruleLine
	}
	level := plainLine
	if m := tagged(line); m != nil {
		line, level = strings.TrimSpace(m[2]), boldLine
		if n := m[1][1:]; len(n) == 1 && n[0] >= '1' && n[0] <= '6' {
			level = mdLevel(n[0] - '0')
		} else if strings.EqualFold(m[1], "p") {
			level = plainLine
		}
		if inner, l := markup(line); l != ruleLine && line != "" {
			line, level = inner, max(level, l)
		}
	}
	if m := mdATX.FindStringSubmatch(line); m != nil {
		line, level = m[2], mdLevel(len(m[1]))
	}
	if rest, ok := strings.CutPrefix(line, "> "); ok {
		line = rest
	}
	if rest, ok := cutBullet(line); ok {
		line = rest
	}
	if m := mdBold.FindStringSubmatch(line); m != nil && level == plainLine {
		return strings.TrimSpace(m[1]) + m[2], boldLine
	}
	return inline(line), level
}

// tagged matches a short line that one HTML element fills.
func tagged(line string) []string {
	if len(line) > maxTagged || line[0] != '<' {
		return nil
	}
	return htmlLine.FindStringSubmatch(line)
}

// inline removes emphasis, links and images from a line, and keeps their text.
func inline(line string) string {
	if strings.Contains(line, "](") {
		line = mdImage.ReplaceAllString(line, "")
		line = mdLink.ReplaceAllString(line, "$1")
	}
	if strings.Contains(line, "*") {
		line = mdStrong.ReplaceAllString(line, "$1")
		line = mdStar.ReplaceAllString(line, "$1$2$3")
	}
	if strings.Contains(line, "_") {
		line = mdUnder.ReplaceAllString(line, "$1$2$3")
		line = mdLow.ReplaceAllString(line, "$1$2$3")
	}
	return strings.Join(strings.Fields(line), " ")
}
