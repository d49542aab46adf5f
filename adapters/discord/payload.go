package discord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// body is what Discord takes for a message.
// https://discord.com/developers/docs/resources/message#create-message
type body struct {
	Content     string       `json:"content,omitempty"`
	Embeds      []embed      `json:"embeds,omitempty"`
	Components  []row        `json:"components,omitempty"`
	Attachments []attachment `json:"attachments,omitempty"`
	Mentions    mentions     `json:"allowed_mentions"`
	Flags       int          `json:"flags,omitempty"`
	Nonce       string       `json:"nonce,omitempty"`
	Enforce     bool         `json:"enforce_nonce,omitempty"`

	file *chat.Attachment // that goes along, of answers
}

// frozen is a payload: a message without the marker and the nonce, which Post
// adds, and with what Post is to do besides.
type frozen struct {
	body
	Publish bool   `json:"publish,omitempty"` // also to the channels that follow an announcement channel
	Tag     string `json:"tag,omitempty"`     // name of the tag of a forum's post
}

// revision is what takes the place of a message. What it did not name would
// stay as it was.
type revision struct {
	Content     string       `json:"content"`
	Embeds      []embed      `json:"embeds"`
	Components  []row        `json:"components"`
	Attachments []attachment `json:"attachments"`
	Mentions    mentions     `json:"allowed_mentions"`
	Flags       int          `json:"flags,omitempty"` // of those that can be changed
}

// revised returns a message as the revision of another. It calls nobody.
func (b body) revised() revision {
	return revision{Content: b.Content, Embeds: append([]embed{}, b.Embeds...), Components: append([]row{}, b.Components...),
		Attachments: append([]attachment{}, b.Attachments...), Flags: b.Flags & suppressEmbeds}
}

// attachment names a file that goes along.
type attachment struct {
	ID   string `json:"id"` // its number in the request
	Name string `json:"filename,omitempty"`
}

// The flags of messages.
const (
	suppressEmbeds = 1 << 2  // no previews of links
	ephemeral      = 1 << 6  // for the asking person only
	silent         = 1 << 12 // no sound and no push message
)

// mentions is allowed_mentions: whom the text of a message may call. Its zero
// value allows nobody; only calling makes another one.
type mentions struct {
	Parse []string `json:"parse"`
	Roles []string `json:"roles,omitempty"`
}

// MarshalJSON never leaves parse out, because without it all are called.
func (m mentions) MarshalJSON() ([]byte, error) {
	type plain mentions
	if m.Parse == nil {
		m.Parse = []string{}
	}
	return json.Marshal(plain(m))
}

// calling returns the text that calls whom a layout names, and what allows it:
// a role, or everybody who is there. What means nothing here calls nobody.
func calling(ping string) (string, mentions) {
	switch {
	case ping == digest.Here:
		return "@here", mentions{Parse: []string{"everyone"}} // under which Discord files it
	case snowflake.MatchString(ping):
		return "<@&" + ping + ">", mentions{Roles: []string{ping}}
	}
	return "", mentions{}
}

// embed is the framed part of a message. Author and footer are shown as they
// are; title and description are markup.
type embed struct {
	Author      *author  `json:"author,omitempty"`
	Title       markdown `json:"title,omitempty"`
	URL         string   `json:"url,omitempty"`
	Description markdown `json:"description,omitempty"`
	Color       int      `json:"color,omitempty"`
	Thumbnail   *image   `json:"thumbnail,omitempty"`
	Footer      *footer  `json:"footer,omitempty"`
}

type author struct {
	Name string `json:"name"`
}

type footer struct {
	Text string `json:"text"`
}

type image struct {
	URL string `json:"url"`
}

// row is a row of buttons, or one menu.
type row struct {
	Type     int       `json:"type"` // 1
	Controls []control `json:"components"`
}

// control is a button, which leads to an address or carries an id, or a menu.
type control struct {
	Type        int            `json:"type"` // 2, or 3
	Style       int            `json:"style,omitempty"`
	Label       string         `json:"label,omitempty"`
	CustomID    string         `json:"custom_id,omitempty"`
	URL         string         `json:"url,omitempty"`
	Placeholder string         `json:"placeholder,omitempty"`
	Options     []selectOption `json:"options,omitempty"`
}

// selectOption is what can be chosen from a menu.
type selectOption struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"` // it is chosen already
}

const (
	rowType    = 1
	buttonType = 2
	menuType   = 3
)

// The styles of buttons.
const (
	primary   = 1
	secondary = 2
	danger    = 4
	linked    = 5 // with an address
)

var styles = map[chat.Look]int{chat.Ordinary: secondary, chat.Primary: primary, chat.Danger: danger}

// The beginnings of custom_ids: a command line, a line that lacks the value of
// a menu, a form that is opened again, and the marker by which a message is
// found again. Those of forms are in form.go.
const (
	linePrefix   = "c:"
	menuPrefix   = "m:"
	markerPrefix = "d:"

	againLine = "again:" // stands for a command that opens a form again
)

// rows puts buttons into rows, as many as there may be.
func rows(buttons []control) []row {
	var out []row
	for i, b := range buttons {
		if i == maxRows*maxInRow {
			break
		}
		if i%maxInRow == 0 {
			out = append(out, row{Type: rowType})
		}
		last := &out[len(out)-1]
		last.Controls = append(last.Controls, b)
	}
	return out
}

// marked returns the message of a part as it is posted: with the marker by
// which it is found again, and the nonce by which Discord knows a repeat.
func (b body) marked(p digest.Part) body {
	b = b.findable(p)
	b.Nonce, b.Enforce = p.Key, true
	return b
}

// findable returns the message of a part with the marker by which it is found
// again, at the end of its last buttons. Menus that leave it no room go.
func (b body) findable(p digest.Part) body {
	marker := control{Type: buttonType, Style: secondary, Label: place(p), CustomID: markerPrefix + p.Key}
	list := slices.Clone(b.Components)
	last := len(list) - 1
	if last >= 0 && list[last].Controls[0].Type == buttonType && len(list[last].Controls) < maxInRow {
		list[last].Controls = append(slices.Clip(list[last].Controls), marker)
	} else {
		list = append(list[:min(len(list), maxRows-1)], row{Type: rowType, Controls: []control{marker}})
	}
	b.Components = list
	return b
}

// place says which part of a digest it is: "3/9".
func place(p digest.Part) string {
	if p.Of <= 0 {
		return "·"
	}
	return fmt.Sprintf("%d/%d", p.N, p.Of)
}

// plain returns the message as one plain text without buttons of its own, for
// when Discord does not take its form. It calls whom the message calls, but for
// everybody: its text is that of articles.
func (b body) plain() body {
	var text []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			text = append(text, s)
		}
	}
	if len(b.Mentions.Parse) > 0 {
		b.Content, b.Mentions = "", mentions{}
	}
	add(b.Content)
	for _, e := range b.Embeds {
		if e.Author != nil {
			add(string(escape(e.Author.Name)))
		}
		title := e.Title
		if title != "" {
			title = "**" + title + "**"
		}
		add(string(title))
		add(e.URL)
		add(string(e.Description))
		if e.Footer != nil {
			add(string(escape(e.Footer.Text)))
		}
	}
	return body{Content: shorten(strings.Join(text, "\n"), maxContent), Mentions: b.Mentions, Flags: b.Flags | suppressEmbeds, Attachments: b.Attachments, file: b.file}
}

// shorten cuts markup at a word border, if it is longer than room. A mark that
// is left open is shown as it is.
func shorten(s string, room int) string {
	if size(s) <= room {
		return s
	}
	used, at := 0, 0
	for i, r := range s {
		if used += size(string(r)); used > room-2 {
			break
		}
		if r == ' ' || r == '\n' || at < i-100 {
			at = i
		}
	}
	return strings.TrimRight(s[:at], " \n\\") + " …"
}

// thaw reads a frozen payload.
func thaw(payload digest.Payload) (frozen, error) {
	var f frozen
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return frozen{}, digest.Errorf(digest.Invalid, "the stored message cannot be read by this version of the program: %w", err)
	}
	return f, nil
}

// freeze returns the JSON of a payload.
func freeze(f frozen) (digest.Payload, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
