package slackfake

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"nutgraf/adapters/chat"
)

// Look is a message as Slack shows it, for a picture of a channel.
type Look struct {
	TS      string
	At      time.Time
	Author  string
	App     bool   // the author is the bot
	Only    string // the only person who sees it, "" for all
	Blocks  []LookBlock
	Replies []Look // oldest first
}

// LookBlock is a run of lines of one look. Line breaks in spans are shown.
type LookBlock struct {
	Kind    string // header, text, context, quote, bullets, ordered, code, divider, image or actions
	Gap     bool   // begins a block of the message, other than the first
	Start   int    // number of the first line of an ordered list
	Lines   [][]chat.Span
	Buttons []LookButton
}

// LookButton is a button, with a URL or an Action to Press; or a menu, with an
// Action to Choose from and the values that it offers.
type LookButton struct {
	Label, URL, Action string
	Style              string // primary or danger, "" for neither
	Values             []string
}

// Looks returns what stands in a channel, oldest first, with the answers of a
// thread below the message that they answer.
func (s *Server) Looks(channel string) []Look {
	names := map[string]string{BotUser: "Nutgraf"}
	for _, u := range s.Users() {
		names[u.ID] = u.Name
	}
	var out []Look
	at := make(map[string]int)
	for _, p := range s.Posts(channel) {
		v := p.Look()
		v.Author, v.Only = names[p.User], names[p.For]
		if i, ok := at[p.ThreadTS]; ok {
			out[i].Replies = append(out[i].Replies, v)
			continue
		}
		at[p.TS] = len(out)
		out = append(out, v)
	}
	return out
}

// Look returns what a message looks like. Author and Only are ids.
func (p Posted) Look() Look {
	v := Look{TS: p.TS, Author: p.User, App: p.User == BotUser, Only: p.For}
	if sec, frac, ok := strings.Cut(p.TS, "."); ok {
		s, _ := strconv.ParseInt(sec, 10, 64) // of our own making
		us, _ := strconv.ParseInt(frac, 10, 64)
		v.At = time.Unix(s, us*1000).UTC()
	}
	var blocks []viewed
	if json.Unmarshal(p.Blocks, &blocks) != nil || len(blocks) == 0 {
		v.Blocks = []LookBlock{{Kind: "text", Lines: [][]chat.Span{mrkdwn(p.Text)}}}
		return v
	}
	for i, b := range blocks {
		look := b.look()
		if len(look) > 0 {
			look[0].Gap = i > 0
		}
		v.Blocks = append(v.Blocks, look...)
	}
	return v
}

// viewed is any block, element or text object, as far as it can be seen.
type viewed struct {
	Type      string
	Text      json.RawMessage // an object in blocks, a string in elements
	Fields    []viewed
	Elements  []viewed
	Style     json.RawMessage // an object in elements, a string in lists
	Offset    int
	URL       string
	AltText   string `json:"alt_text"`
	ActionID  string `json:"action_id"`
	Timestamp int64
	Fallback  string
	Range     string
	Group     string `json:"usergroup_id"`
	Channel   string `json:"channel_id"`

	// Of menus.
	Placeholder *viewed
	Initial     *viewed `json:"initial_option"`
	Options     []viewed
	Value       string
}

// look returns what a block looks like.
func (b viewed) look() []LookBlock {
	switch b.Type {
	case "header":
		return []LookBlock{{Kind: "header", Lines: [][]chat.Span{b.label().spans()}}}
	case "section":
		out := LookBlock{Kind: "text"}
		if len(b.Text) > 0 {
			out.Lines = append(out.Lines, b.label().spans())
		}
		for _, f := range b.Fields {
			out.Lines = append(out.Lines, f.spans())
		}
		return []LookBlock{out}
	case "context":
		out := LookBlock{Kind: "context"}
		for _, e := range b.Elements {
			out.Lines = append(out.Lines, e.spans())
		}
		return []LookBlock{out}
	case "image":
		return []LookBlock{{Kind: "image", Lines: [][]chat.Span{{{Text: b.AltText}}}}}
	case "actions":
		out := LookBlock{Kind: "actions"}
		for _, e := range b.Elements {
			b := LookButton{Label: e.label().words(), URL: e.URL, Action: e.ActionID, Style: e.style()}
			if e.Type == "static_select" {
				b.Label = e.Placeholder.words()
				if e.Initial != nil {
					b.Label = e.Initial.label().words()
				}
				for _, o := range e.Options {
					b.Values = append(b.Values, o.Value)
				}
			}
			out.Buttons = append(out.Buttons, b)
		}
		return []LookBlock{out}
	case "rich_text":
		var out []LookBlock
		for _, e := range b.Elements {
			out = append(out, e.rich())
		}
		return out
	}
	return []LookBlock{{Kind: b.Type}}
}

// rich returns what an element of rich text looks like.
func (b viewed) rich() LookBlock {
	out := LookBlock{Kind: "text", Lines: [][]chat.Span{b.inline()}}
	switch b.Type {
	case "rich_text_quote":
		out.Kind = "quote"
	case "rich_text_preformatted":
		out.Kind = "code"
	case "rich_text_list":
		out = LookBlock{Kind: "bullets"}
		if b.style() == "ordered" {
			out.Kind, out.Start = "ordered", b.Offset+1
		}
		for _, e := range b.Elements {
			out.Lines = append(out.Lines, e.inline())
		}
	}
	return out
}

// inline returns the elements of a line of rich text.
func (b viewed) inline() []chat.Span {
	var out []chat.Span
	for _, e := range b.Elements {
		s := chat.Span{Text: e.words(), URL: e.URL}
		switch {
		case e.Type == "date" && e.Fallback != "":
			s.Text = e.Fallback
		case e.Type == "broadcast" || e.Type == "usergroup":
			s.Text, s.Strong = "@"+e.Range+e.Group, true
		case e.Type == "channel":
			s.Text = "#" + e.Channel
		case e.Type == "date":
			s.Text = stamp(e.Timestamp)
		case s.Text == "":
			s.Text = e.URL
		}
		var style struct{ Bold, Italic, Code bool }
		_ = json.Unmarshal(e.Style, &style) // without a style there is none
		s.Strong, s.Emph, s.Code = s.Strong || style.Bold, style.Italic, style.Code
		out = append(out, s)
	}
	return out
}

// label returns the text object of a block.
func (b viewed) label() viewed {
	var out viewed
	_ = json.Unmarshal(b.Text, &out) // the checks at the post let no other form in
	return out
}

// words returns the text of an element or a text object.
func (b viewed) words() string {
	var out string
	_ = json.Unmarshal(b.Text, &out) // elements without text are empty
	return out
}

func (b viewed) style() string {
	var out string
	_ = json.Unmarshal(b.Style, &out) // only lists have a name for a style
	return out
}

// spans returns the words of a text object.
func (b viewed) spans() []chat.Span {
	if b.Type == "mrkdwn" {
		return mrkdwn(b.words())
	}
	return []chat.Span{{Text: b.words()}}
}

func stamp(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006, 15:04 UTC") }
