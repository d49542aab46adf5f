// Package terminal shows messages as readable text on a terminal, and is the
// platform of the same name.
package terminal

import (
	"fmt"
	"io"
	"strings"

	"nutgraf/adapters/chat"
)

// The looks of text. Nothing else that begins with an escape character ever
// reaches the terminal.
const (
	bold = "1"
	dim  = "2"
)

// Write writes messages as text wrapped at width columns (80 when it is not
// positive); colour says whether bold and dim may be used. Control characters
// in the messages do not reach w.
func Write(w io.Writer, messages []chat.Message, width int, color bool) error {
	p := page{width: width, color: color}
	if width <= 0 {
		p.width = 80
	}
	p.width = max(p.width, 20)
	for i, m := range messages {
		if i > 0 {
			p.line("")
		}
		p.message(m)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// page is text in the making.
type page struct {
	out   strings.Builder
	width int
	color bool
}

func (p *page) message(m chat.Message) {
	for i, b := range m.Blocks {
		if i > 0 && apart(m.Blocks[i-1].Kind, b.Kind) {
			p.line("")
		}
		p.block(b, m)
	}
	if m.More.URL != "" {
		p.look(dim, "", "", clean(m.More.Text)+": "+clean(m.More.URL))
	}
	if lines := lines(m); lines != "" && m.Kind != chat.Story { // a digest would say the same under each of its stories
		p.look(dim, "", "  ", lines)
	}
	if m.Kind == chat.Header {
		p.look(dim, "", "", strings.Repeat("─", p.width))
	}
}

// lines returns what can be typed instead of pressing the buttons and choosing
// from the menus of a message.
func lines(m chat.Message) string {
	var out []string
	for _, b := range m.Buttons {
		if b.Line != "" {
			out = append(out, clean(b.Label)+" → "+clean(b.Line))
		}
	}
	for _, menu := range m.Menus {
		values := make([]string, len(menu.Choices))
		for i, c := range menu.Choices {
			values[i] = clean(c.Value)
		}
		out = append(out, clean(menu.Label)+" → "+clean(menu.Line)+" "+strings.Join(values, "|"))
	}
	return strings.Join(out, " · ")
}

// apart says whether a blank line stands between two blocks.
func apart(above, below chat.BlockKind) bool {
	switch {
	case above == chat.Heading, above == chat.Kicker:
		return false
	case above == chat.Title && below == chat.Meta:
		return false
	}
	return true
}

func (p *page) block(b chat.Block, m chat.Message) {
	switch b.Kind {
	case chat.Rule:
		p.look(dim, "", "", strings.Repeat("─", p.width))
	case chat.Kicker:
		p.look(dim, "", "", strings.ToUpper(join(b.Items, " · ")))
	case chat.Text:
		p.wrap("", "", join(b.Items, " "))
		p.links("", b.Items, m)
	default:
		label := 0
		for _, item := range b.Items {
			if wide := columns(clean(item.Label)); wide <= min(24, p.width/2) {
				label = max(label, wide)
			}
		}
		for n, item := range b.Items {
			p.item(b, n, label, item)
			if m.Kind != chat.Header {
				p.links("  ", []chat.Item{item}, m)
			}
		}
	}
}

// item writes one item of a block that has a line for each.
func (p *page) item(b chat.Block, n, label int, item chat.Item) {
	text := clean(item.Plain())
	switch b.Kind {
	case chat.Title:
		if item.Label != "" {
			text = clean(item.Label) + ". " + text
		}
		p.look(bold, "", "", text)
	case chat.Heading:
		p.look(bold, "", "", text)
	case chat.Bullets:
		p.wrap("• ", "  ", text)
	case chat.Numbered:
		mark := fmt.Sprintf("%2d. ", max(b.Start, 1)+n)
		p.wrap(mark, strings.Repeat(" ", len(mark)), text)
	case chat.Quotes:
		p.wrap("  “", "   ", text+"”")
		p.look(dim, "  — ", "    ", speaker(item))
	case chat.Fields:
		p.field(clean(item.Label), label, text)
	case chat.Code:
		p.line("  " + text)
	default:
		p.look(dim, "", "", text)
	}
}

// field writes a row; a label too wide for its column gets a line of its own.
func (p *page) field(name string, column int, text string) {
	indent := strings.Repeat(" ", column+2)
	if wide := columns(name); wide <= column {
		p.wrap(name+strings.Repeat(" ", column-wide+2), indent, text)
		return
	}
	p.wrap("", "  ", name)
	p.wrap("    ", "    ", text)
}

// speaker returns "Ana Reyes, Port director, told reporters".
func speaker(item chat.Item) string {
	var parts []string
	for _, s := range []string{item.Speaker, item.Role, item.Context} {
		if s != "" {
			parts = append(parts, clean(s))
		}
	}
	return strings.Join(parts, ", ")
}

// links writes the addresses that items link to, one a line, except the one
// that stands at the end of the message anyway.
func (p *page) links(indent string, items []chat.Item, m chat.Message) {
	for _, item := range items {
		for _, s := range item.Spans {
			if link := chat.WebURL(s.URL); link != "" && link != m.More.URL {
				p.look(dim, indent+"→ ", indent+"  ", clean(link))
			}
		}
	}
}

func join(items []chat.Item, sep string) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = clean(item.Plain())
	}
	return strings.Join(texts, sep)
}
