package chat

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"nutgraf/digest"
)

// maxURL is the longest address that is linked. Discord's limit for buttons is
// shorter (512) and is that package's to keep.
const maxURL = 2048

// hostLike matches a text that a reader takes for an address, without the marks
// around it.
var hostLike = regexp.MustCompile(`(?i)^(?:[a-z][a-z0-9+.-]*://)?((?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,})(?:[/:?#@]\S*)?$`)

// WebURL returns raw when it is an absolute http or https address that may be
// linked, and "" otherwise. Addresses with a user name are refused, because
// they are used to feign another host.
func WebURL(raw string) string {
	if len(raw) > maxURL || strings.ContainsFunc(raw, unwanted) {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return raw
}

// WrittenURL returns the address that stands in a text, of which raw is a run
// without blanks: without the marks behind it, and without a closing bracket
// that belongs to the text. It is "" when it may not be linked.
func WrittenURL(raw string) string {
	for {
		cut := strings.TrimRight(raw, ".,;:!?'*_~|]}")
		if strings.HasSuffix(cut, ")") && strings.Count(cut, ")") > strings.Count(cut, "(") {
			cut = cut[:len(cut)-1]
		}
		if cut == raw {
			return WebURL(raw)
		}
		raw = cut
	}
}

// unwanted reports characters that no address holds unescaped.
func unwanted(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("<>\"`\\|^{}", r)
}

// SafeLink returns the address to which text may link: raw, or "" when raw may
// not be linked, or when text itself looks like the address of another host.
func SafeLink(text, raw string) string {
	link := WebURL(raw)
	if link == "" {
		return ""
	}
	words := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	if m := hostLike.FindStringSubmatch(words); m != nil {
		if strings.TrimPrefix(strings.ToLower(m[1]), "www.") != digest.Host(link) {
			return ""
		}
	}
	return link
}
