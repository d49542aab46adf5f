package discord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"nutgraf/digest"
)

// body is what Discord takes for a message. A frozen payload is its JSON,
// without the marker and the nonce, which Post adds.
// https://discord.com/developers/docs/resources/message#create-message
type body struct {
	Content    string    `json:"content,omitempty"`
	Embeds     []embed   `json:"embeds,omitempty"`
	Components []row     `json:"components,omitempty"`
	Mentions   noMention `json:"allowed_mentions"`
	Flags      int       `json:"flags,omitempty"`
	Nonce      string    `json:"nonce,omitempty"`
	Enforce    bool      `json:"enforce_nonce,omitempty"`
}

// The flags of messages.
const (
	suppressEmbeds = 1 << 2 // no previews of links
	ephemeral      = 1 << 6 // for the asking person only
)

// noMention is allowed_mentions that allows none, whatever its value.
type noMention struct{}

// MarshalJSON returns the one value that there is.
func (noMention) MarshalJSON() ([]byte, error) { return []byte(`{"parse":[]}`), nil }

// UnmarshalJSON reads any value as the one that there is.
func (*noMention) UnmarshalJSON([]byte) error { return nil }

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

// row is a row of buttons.
type row struct {
	Type    int      `json:"type"` // 1
	Buttons []button `json:"components"`
}

// button either leads to an address or carries an id.
type button struct {
	Type     int    `json:"type"` // 2
	Style    int    `json:"style"`
	Label    string `json:"label"`
	CustomID string `json:"custom_id,omitempty"`
	URL      string `json:"url,omitempty"`
}

const (
	rowType    = 1
	buttonType = 2
	secondary  = 2 // style of a button that carries an id
	linked     = 5 // style of a button with an address
)

// The custom_ids of buttons: a command line, or the marker by which a message
// is found again.
const (
	linePrefix   = "c:"
	markerPrefix = "d:"
)

// rows puts buttons into rows, as many as there may be.
func rows(buttons []button) []row {
	var out []row
	for i, b := range buttons {
		if i == maxRows*maxInRow {
			break
		}
		if i%maxInRow == 0 {
			out = append(out, row{Type: rowType})
		}
		last := &out[len(out)-1]
		last.Buttons = append(last.Buttons, b)
	}
	return out
}

// buttons returns the buttons of all rows.
func (b body) buttons() []button {
	var out []button
	for _, r := range b.Components {
		out = append(out, r.Buttons...)
	}
	return out
}

// marked returns the message of a part as it is posted: with the marker by
// which it is found again, and the nonce by which Discord knows a repeat.
func (b body) marked(p digest.Part) body {
	marker := button{Type: buttonType, Style: secondary, Label: place(p), CustomID: markerPrefix + p.Key}
	buttons := b.buttons()
	b.Components = rows(append(buttons[:min(len(buttons), maxRows*maxInRow-1)], marker))
	b.Nonce, b.Enforce = p.Key, true
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
// when Discord does not take its form.
func (b body) plain() body {
	var text []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			text = append(text, s)
		}
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
	return body{Content: shorten(strings.Join(text, "\n"), maxContent), Flags: suppressEmbeds}
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
func thaw(frozen digest.Payload) (body, error) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(frozen))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return body{}, digest.Errorf(digest.Invalid, "the stored message cannot be read by this version of the program: %w", err)
	}
	return b, nil
}

// freeze returns the JSON of a message.
func freeze(b body) (digest.Payload, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
