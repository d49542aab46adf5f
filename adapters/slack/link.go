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

// address matches an address in a text, with or without Slack's brackets.
var address = regexp.MustCompile(`https?://[^\s<>|"]+`)

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
	for _, raw := range address.FindAllString(m.Text, -1) {
		if url := chat.WebURL(strings.TrimRight(html.UnescapeString(raw), ".,;:!?)'")); url != "" {
			return url
		}
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
		return chat.WebURL(strings.TrimRight(html.UnescapeString(address.FindString(v)), ".,;:!?)'"))
	}
	return ""
}
