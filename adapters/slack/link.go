package slack

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"

	"nutgraf/adapters/chat"
)

// bracketed matches an address as Slack marks it up in commands, where the
// app's settings ask for that.
var bracketed = regexp.MustCompile(`<(https?://[^\s<>|]+)(?:\|[^<>]*)?>`)

// unlinked takes the markup off the addresses in a command.
func unlinked(line string) string {
	return bracketed.ReplaceAllStringFunc(line, func(s string) string {
		return html.UnescapeString(bracketed.FindStringSubmatch(s)[1])
	})
}

// address matches an address in a text, where it is marked up in brackets.
var address = regexp.MustCompile("<?https?://[^\\s<>|\"`]+")

// addressesIn returns the addresses in a text, as Slack writes texts. Of one
// that stands in brackets the end is known; else marks behind it are not of it.
func addressesIn(text string) []string {
	var out []string
	for _, raw := range address.FindAllString(text, -1) {
		url, marked := strings.CutPrefix(raw, "<")
		find := chat.WrittenURL
		if marked {
			find = chat.WebURL
		}
		if url = find(html.UnescapeString(url)); url != "" {
			out = append(out, url)
		}
	}
	return out
}

// firstLink returns the first address in a message: of its text, else of its
// blocks and attachments.
func firstLink(message json.RawMessage) string {
	var m struct {
		Text        string `json:"text"`
		Blocks      any    `json:"blocks"`
		Attachments any    `json:"attachments"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return ""
	}
	if list := addressesIn(m.Text); len(list) > 0 {
		return list[0]
	}
	if url := linkIn(m.Blocks); url != "" {
		return url
	}
	return linkIn(m.Attachments)
}

// linkKeys are the keys under which blocks and attachments name addresses.
var linkKeys = []string{"url", "original_url", "from_url", "title_link"}

// linkIn returns the first address in blocks or attachments.
func linkIn(v any) string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if url := linkIn(e); url != "" {
				return url
			}
		}
	case map[string]any:
		for _, key := range linkKeys {
			if s, ok := v[key].(string); ok && chat.WebURL(s) != "" {
				return s
			}
		}
		for _, key := range []string{"elements", "text", "accessory", "fields", "blocks"} {
			if url := linkIn(v[key]); url != "" {
				return url
			}
		}
	case string:
		if list := addressesIn(v); len(list) > 0 {
			return list[0]
		}
	}
	return ""
}
