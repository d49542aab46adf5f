package slack

import (
	"strconv"

	"nutgraf/adapters/chat"
)

// The blocks that messages are made of, as Slack's JSON has them. Texts are of
// three kinds: rich_text and plain_text are shown literally, mrkdwn is not.
type (
	headerBlock struct {
		Type string    `json:"type"`
		Text plainText `json:"text"`
	}
	contextBlock struct {
		Type     string `json:"type"`
		Elements []any  `json:"elements"` // plainText or mrkdwnText
	}
	actionsBlock struct {
		Type     string `json:"type"`
		BlockID  string `json:"block_id,omitempty"`
		Elements []any  `json:"elements"` // button or selectMenu
	}
	imageBlock struct {
		Type string `json:"type"`
		URL  string `json:"image_url"`
		Alt  string `json:"alt_text"`
	}
	dividerBlock struct {
		Type string `json:"type"`
	}
	richBlock struct {
		Type     string `json:"type"`
		Elements []any  `json:"elements"` // richSection or richList
	}
	richSection struct {
		Type     string   `json:"type"` // section, quote or preformatted, after rich_text_
		Elements []inline `json:"elements"`
	}
	richList struct {
		Type     string        `json:"type"`
		Style    string        `json:"style"`
		Offset   int           `json:"offset,omitempty"`
		Elements []richSection `json:"elements"`
	}
	inline struct {
		Type      string `json:"type"` // text, link, date, channel, usergroup or broadcast
		Text      string `json:"text,omitempty"`
		URL       string `json:"url,omitempty"`
		Group     string `json:"usergroup_id,omitempty"`
		Channel   string `json:"channel_id,omitempty"`
		Range     string `json:"range,omitempty"`
		Timestamp int64  `json:"timestamp,omitempty"`
		Format    string `json:"format,omitempty"`
		Fallback  string `json:"fallback,omitempty"`
		Style     *style `json:"style,omitempty"`
	}
	style struct {
		Bold   bool `json:"bold,omitempty"`
		Italic bool `json:"italic,omitempty"`
		Code   bool `json:"code,omitempty"`
	}
	plainText struct {
		Type  string `json:"type"`
		Text  string `json:"text"`
		Emoji bool   `json:"emoji"`
	}
	mrkdwnText struct {
		Type     string `json:"type"`
		Text     mrkdwn `json:"text"`
		Verbatim bool   `json:"verbatim"` // no guessing of addresses and names
	}
	button struct {
		Type     string    `json:"type"`
		ActionID string    `json:"action_id"`
		Text     plainText `json:"text"`
		Value    string    `json:"value,omitempty"`
		URL      string    `json:"url,omitempty"`
		Style    string    `json:"style,omitempty"` // primary or danger
	}
	selectMenu struct {
		Type        string     `json:"type"`
		ActionID    string     `json:"action_id"`
		Placeholder *plainText `json:"placeholder,omitempty"`
		Options     []option   `json:"options,omitempty"`
		Groups      []group    `json:"option_groups,omitempty"`
		Initial     *option    `json:"initial_option,omitempty"`
		Initials    []option   `json:"initial_options,omitempty"`
		MinQuery    *int       `json:"min_query_length,omitempty"`
	}
	group struct {
		Label   plainText `json:"label"`
		Options []option  `json:"options"`
	}
	option struct {
		Text  plainText `json:"text"`
		Value string    `json:"value"`
	}
)

func literal(text string) plainText { return plainText{Type: "plain_text", Text: text} }

// runAction begins the action id of buttons whose value is a command line,
// menuAction that of menus, which goes on with a number and the line, and
// linkAction that of buttons that lead elsewhere.
const (
	runAction  = "run:"
	menuAction = "menu:"
	linkAction = "link:"
)

// buttonFor returns the n-th button of a message. A button that Slack would
// refuse is left out: its line or address is too long.
func buttonFor(b chat.Button, n int) (button, bool) {
	out := button{Type: "button", Text: literal(trimTo(b.Label, maxLabel))}
	if size(b.Line) > maxValue || size(b.URL) > maxLink || out.Text.Text == "" {
		return button{}, false
	}
	switch url := chat.WebURL(b.URL); {
	case b.Line != "":
		out.ActionID, out.Value = runAction+strconv.Itoa(n), b.Line
	case url != "":
		out.ActionID, out.URL = linkAction+strconv.Itoa(n), url
	default:
		return button{}, false
	}
	if b.Look == chat.Primary || b.Look == chat.Danger {
		out.Style = string(b.Look)
	}
	return out, true
}

// menuFor returns the n-th menu of a message, unless Slack would refuse it.
func menuFor(m chat.Menu, n int) (selectMenu, bool) {
	label := literal(trimTo(m.Label, maxPlaceholder))
	out := selectMenu{Type: "static_select", ActionID: menuAction + strconv.Itoa(n) + ":" + m.Line, Placeholder: &label, Options: options(m.Choices)}
	for i, o := range out.Options {
		if o.Value == m.Value {
			out.Initial = &out.Options[i]
		}
	}
	return out, len(out.Options) > 0 && label.Text != "" && len(out.ActionID) <= maxAction
}

// options returns choices as Slack has them; those that it would refuse are
// left out.
func options(list []chat.Choice) []option {
	var out []option
	seen := make(map[string]bool)
	for _, c := range list {
		o := option{literal(trimTo(c.Label, maxLabel)), c.Value}
		if o.Value != "" && len(o.Value) <= maxChoice && o.Text.Text != "" && !seen[o.Value] {
			seen[o.Value] = true
			out = append(out, o)
		}
	}
	return out
}

func (m selectMenu) size() int {
	n := size(m.Placeholder.Text) + size(m.ActionID)
	for _, o := range m.Options {
		n += size(o.Text.Text) + size(o.Value)
	}
	return n
}

func (b button) size() int { return size(b.Text.Text) + size(b.Value) + size(b.URL) }

// runs returns the spans of an item as elements of rich text, without those
// that are empty.
func runs(spans []chat.Span, bold bool) []inline {
	var out []inline
	for _, s := range spans {
		if s.Text == "" {
			continue
		}
		e := inline{Type: "text", Text: s.Text}
		url := chat.SafeLink(s.Text, s.URL)
		switch {
		case !s.Time.IsZero():
			e = inline{Type: "date", Timestamp: s.Time.Unix(), Format: dateFormat, Fallback: s.Text}
		case url != "" && size(url) <= maxSmall:
			e = inline{Type: "link", URL: url, Text: s.Text}
		}
		if st := (style{Bold: s.Strong || bold, Italic: s.Emph, Code: s.Code}); st != (style{}) && e.Type != "date" {
			e.Style = &st
		}
		out = append(out, e)
	}
	return out
}

// words returns what an element says.
func (e inline) words() string { return e.Text + e.Fallback }

// cost is what an element counts against the limits.
func (e inline) cost() int { return size(e.Text) + size(e.URL) + size(e.Fallback) }

func costOf(list []inline) int {
	n := 0
	for _, e := range list {
		n += e.cost()
	}
	return n
}

// text returns an element without any look.
func text(s string) inline { return inline{Type: "text", Text: s} }

// bold returns an element that stands out.
func bold(s string) inline { return inline{Type: "text", Text: s, Style: &style{Bold: true}} }
