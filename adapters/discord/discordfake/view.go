package discordfake

import (
	"encoding/json"
	"fmt"
	"time"

	"nutgraf/adapters/chat"
)

// Look is a message as Discord shows it, for a picture of a channel.
type Look struct {
	ID      string
	At      time.Time
	Only    bool   // only the person who asked sees it
	Answers string // id of the interaction it answers, "" for posts
	Content []LookBlock
	Embeds  []LookEmbed
	Rows    [][]LookButton
	Thread  string // name of the thread that begins here
	Replies []Look // what stands in that thread, oldest first
}

// LookEmbed is a framed part of a message.
type LookEmbed struct {
	Color       string // six hexadecimal digits, "" for none
	Author      string
	Title       []chat.Span
	URL         string
	Description []LookBlock
	Fields      []LookField
	Picture     bool
	Footer      string
}

// LookField is a field of an embed.
type LookField struct {
	Name   string
	Value  []LookBlock
	Inline bool
}

// LookBlock is a run of lines of one look.
type LookBlock struct {
	Kind  string // text, small, heading, bullets, quote or code
	Gap   bool   // an empty line stands before it
	Lines [][]chat.Span
}

// LookButton is a button, with a URL or an Action to Click, or a menu, with an
// Action to Press and the Values from which one is chosen.
type LookButton struct {
	Label, URL, Action string
	Values             []string
}

// Looks returns what stands in a channel, oldest first, with the messages of a
// thread below the one at which it begins.
func (s *Server) Looks(channelID string) []Look {
	var out []Look
	for _, m := range s.Posts(channelID) {
		v := m.Look()
		s.mu.Lock()
		thread := s.channels[m.ID]
		s.mu.Unlock()
		if thread != nil && m.ID != channelID { // the first message of a forum's post has the id of its thread
			v.Thread, v.Replies = thread.name, s.Looks(m.ID)
		}
		out = append(out, v)
	}
	return out
}

// Look returns what a message looks like.
func (m Message) Look() Look {
	v := Look{ID: m.ID, At: m.At, Only: m.Ephemeral, Answers: m.Answers}
	var body struct {
		Content string
		Embeds  []struct {
			Title, URL, Description string
			Color                   int
			Author                  struct{ Name string }
			Footer                  struct{ Text string }
			Thumbnail, Image        *struct{ URL string }
			Fields                  []struct {
				Name, Value string
				Inline      bool
			}
		}
		Components []struct {
			Components []struct {
				Label, URL, Placeholder string
				CustomID                string `json:"custom_id"`
				Options                 []struct {
					Label, Value string
					Default      bool
				}
			}
		}
	}
	if json.Unmarshal(m.Body, &body) != nil {
		v.Content = []LookBlock{{Kind: "text", Lines: [][]chat.Span{{{Text: string(m.Body)}}}}}
		return v
	}
	v.Content = markdown(body.Content)
	for _, e := range body.Embeds {
		next := LookEmbed{Author: e.Author.Name, Title: inline(e.Title, chat.Span{}), URL: e.URL,
			Description: markdown(e.Description), Picture: e.Thumbnail != nil || e.Image != nil, Footer: e.Footer.Text}
		if e.Color != 0 {
			next.Color = fmt.Sprintf("%06x", e.Color)
		}
		for _, f := range e.Fields {
			next.Fields = append(next.Fields, LookField{f.Name, markdown(f.Value), f.Inline})
		}
		v.Embeds = append(v.Embeds, next)
	}
	for _, row := range body.Components {
		var buttons []LookButton
		for _, b := range row.Components {
			button := LookButton{Label: b.Label + b.Placeholder, URL: b.URL, Action: b.CustomID}
			for _, o := range b.Options {
				if button.Values = append(button.Values, o.Value); o.Default {
					button.Label = o.Label
				}
			}
			buttons = append(buttons, button)
		}
		v.Rows = append(v.Rows, buttons)
	}
	return v
}
