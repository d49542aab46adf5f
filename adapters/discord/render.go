package discord

import (
	"strconv"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// colors of the line beside an embed, by the kind of a message.
var colors = map[chat.Kind]int{chat.Header: 0x1F6FEB, chat.Story: 0x3FB950, chat.Answer: 0x8B949E}

// maxByline is the longest byline that goes into the footer; a longer one is
// part of the text. It keeps an embed within the limit for all of them.
const maxByline = 500

// Render turns messages into frozen payloads. A message that is too long
// becomes several: it is split between blocks and items. An item is cut only
// when it is longer than a whole embed, with a link to the rest.
func (p *Platform) Render(messages []chat.Message) ([]digest.Payload, error) {
	var out []digest.Payload
	for _, m := range messages {
		for _, b := range bodies(m) {
			payload, err := freeze(frozen{body: b, Publish: m.Publish, Tag: m.Tag})
			if err != nil {
				return nil, err
			}
			out = append(out, payload)
		}
	}
	return out, nil
}

// bodies renders one message.
func bodies(m chat.Message) []body {
	d := draft{message: m}
	d.dissect()
	chunks := pack(d.units)
	if len(chunks) == 0 {
		chunks = []markdown{""}
	}
	out := make([]body, len(chunks))
	for i, text := range chunks {
		e := embed{Description: text, Color: colors[m.Kind]}
		if i == 0 {
			e.Title, e.URL, e.Thumbnail = d.title, d.url, d.image
			if d.kicker != "" {
				e.Author = &author{d.kicker}
			}
		} else if d.name != "" {
			e.Author = &author{cutLine("… "+d.name, maxAuthor)}
		}
		if i == len(chunks)-1 && d.byline != "" {
			e.Footer = &footer{d.byline}
		}
		if e.Title == "" && e.Description == "" {
			e.Description = "…" // Discord takes no message without anything in it
		}
		out[i].Embeds = []embed{e}
		if m.Silent {
			out[i].Flags = silent
		}
	}
	out[0].Content, out[0].Mentions = calling(m.Ping)
	out[len(out)-1].Components = d.controls()
	return out
}

// draft is a message on its way into embeds.
type draft struct {
	message chat.Message
	name    string // of the message, for the embeds that go on with it
	title   markdown
	url     string
	kicker  string
	byline  string
	image   *image
	units   []unit
}

// dissect sorts the blocks of a message into the places of an embed.
func (d *draft) dissect() {
	blocks := d.message.Blocks
	last := len(blocks) - 1
	if last > 0 && blocks[last].Kind == chat.Meta {
		if by := oneLine(blocks[last], " · "); size(by) <= maxByline && !timed(blocks[last]) {
			d.byline = by
			blocks = blocks[:last]
		}
	}
	for i, b := range blocks {
		switch {
		case len(b.Items) == 0 && b.Kind != chat.Rule:
		case b.Kind == chat.Kicker && d.kicker == "" && i == 0 && size(oneLine(b, " · ")) <= maxAuthor:
			d.kicker = oneLine(b, " · ")
		case b.Kind == chat.Title && d.name == "":
			d.setTitle(b.Items[0])
			d.add(chat.Block{Kind: chat.Heading, Items: b.Items[1:]})
		default:
			d.add(b)
		}
	}
	if chat.WebURL(d.message.Image) != "" {
		d.image = &image{d.message.Image}
	}
	if more := d.message.More; more.URL != "" && len(more.URL) > maxButtonURL && d.url != more.URL && fitsLink(escape(more.Text), more.URL) {
		d.units = append(d.units, unit{text: link(escape(orRead(more.Text)), more.URL), before: "\n\n"})
	}
}

// setTitle puts a title into the embed's own place, or where it is too long for
// it, into the text.
func (d *draft) setTitle(item chat.Item) {
	d.name = strings.TrimSpace(item.Plain())
	if item.Label != "" {
		d.name = item.Label + ". " + d.name
	}
	var url string
	for _, s := range item.Spans {
		if url == "" {
			url = chat.WebURL(s.URL)
		}
	}
	title := escape(d.name)
	if size(title) <= maxTitle && len(url) <= maxAddress {
		d.title, d.url = title, url
		return
	}
	line := chat.Item{Spans: make([]chat.Span, 0, len(item.Spans)+1)}
	if item.Label != "" {
		line.Spans = append(line.Spans, chat.Strong(item.Label+". "))
	}
	for _, s := range item.Spans {
		s.Strong = true
		line.Spans = append(line.Spans, s)
	}
	d.units = append(d.units, d.fit("", line, "", "\n\n")...)
}

// add appends the items of a block.
func (d *draft) add(b chat.Block) {
	number := max(b.Start, 1)
	for i, item := range b.Items {
		before, prefix := markdown("\n"), markdown("")
		if i == 0 && (len(d.units) == 0 || !d.units[len(d.units)-1].heads) {
			before = "\n\n"
		}
		switch b.Kind {
		case chat.Kicker, chat.Meta:
			prefix = "-# "
			if label := item.Label; label != "" {
				item.Spans = append([]chat.Span{{Text: label + ": "}}, item.Spans...)
			}
		case chat.Title, chat.Heading:
			d.units = append(d.units, d.headed(item, before)...)
			continue
		case chat.Text:
			if i > 0 {
				before = " "
			}
		case chat.Bullets:
			prefix = "- "
		case chat.Numbered:
			prefix = "**" + markdown(strconv.Itoa(number+i)) + ".** "
		case chat.Quotes:
			more := markdown("")
			if i > 0 {
				more = "\n"
			}
			d.units = append(d.units, d.quote(item, before+more)...)
			continue
		case chat.Fields:
			if item.Label != "" {
				prefix = "**" + escape(clip(item.Label, 200)) + "** "
			}
		case chat.Code:
			d.units = append(d.units, d.code(item, before)...)
			continue
		}
		d.units = append(d.units, d.fit(prefix, item, "", before)...)
	}
	if b.Kind == chat.Rule {
		d.units = append(d.units, unit{text: "⎯⎯⎯⎯⎯⎯⎯⎯", before: "\n\n"})
	}
}

// headed renders a heading, which stays with what follows it. One that is too
// long to do so is a paragraph.
func (d *draft) headed(item chat.Item, before markdown) []unit {
	line := item
	line.Spans = make([]chat.Span, len(item.Spans))
	for i, s := range item.Spans {
		s.Strong = true
		line.Spans[i] = s
	}
	units := d.fit("", line, "", before)
	if len(units) == 1 && size(units[0].text) <= maxTitle {
		units[0].heads = true
	}
	return units
}

// quote renders a quotation with its speaker.
func (d *draft) quote(item chat.Item, before markdown) []unit {
	by := item.Speaker
	for _, s := range []string{item.Role, item.Context} {
		if s != "" {
			by = strings.TrimPrefix(by+", "+s, ", ")
		}
	}
	open := append([]chat.Span{{Text: "“"}}, item.Spans...)
	line := chat.Item{Spans: append(open, chat.Span{Text: "”"})}
	if by == "" {
		return d.fit("> ", line, "", before)
	}
	if size(escape(by)) > maxDescription/4 {
		units := d.fit("> ", line, "", before)
		return append(units, d.fit("> — ", chat.Line(chat.Plain(by)), "", "\n")...)
	}
	return d.fit("> ", line, "\n> — "+escape(by), before)
}

// code renders a line in a typewriter face; lines that follow each other are
// fenced together.
func (d *draft) code(item chat.Item, before markdown) []unit {
	var out []unit
	for text := untick(item.Plain()); ; {
		at := len(text)
		if size(text) > maxUnit {
			at = max(wordCut(text, maxUnit), 1)
		}
		out = append(out, unit{text: markdown(text[:at]), before: before, code: true})
		if text, before = text[at:], "\n"; text == "" {
			return out
		}
	}
}

// controls returns the menus of a message, as many as have room, and its
// buttons below. When some have none, a button leads to them.
func (d *draft) controls() []row {
	var menus []row
	var at []int // the place of each in the message
	for i, m := range d.message.Menus {
		if c := menu(m); len(c.Options) > 0 && size(c.CustomID) <= maxCustomID {
			menus, at = append(menus, row{Type: rowType, Controls: []control{c}}), append(at, i)
		}
	}
	buttons := d.buttons()
	below := rows(buttons)
	if further := d.message.Further; further.Line != "" && len(menus)+len(below) > maxRows {
		buttons = append(buttons, control{Type: buttonType, Style: secondary, Label: cutLine(further.Label, maxLabel)})
		below = rows(buttons)
		last := below[len(below)-1].Controls
		last[len(last)-1].CustomID = linePrefix + further.Line + " " + strconv.Itoa(at[maxRows-len(below)])
	}
	return append(menus[:min(len(menus), maxRows-len(below))], below...)
}

// menu renders a menu.
func menu(m chat.Menu) control {
	c := control{Type: menuType, CustomID: menuPrefix + m.Line, Placeholder: cutLine(m.Label, maxPlaceholder)}
	c.Options = options(m.Choices, func(value string) bool { return value == m.Value })
	for i, o := range c.Options {
		if o.Default && m.Label != "" { // the placeholder is not shown beside it
			c.Options[i].Label = cutLine(m.Label+": "+o.Label, maxHelp)
		}
	}
	return c
}

// options renders choices, each value once and as many as there may be.
func options(choices []chat.Choice, chosen func(value string) bool) []selectOption {
	var out []selectOption
	seen := make(map[string]bool)
	for _, c := range choices {
		if c.Value == "" || size(c.Value) > maxCustomID || seen[c.Value] || len(out) == maxOptions {
			continue
		}
		seen[c.Value] = true
		label := cutLine(c.Label, maxHelp)
		if label == "" {
			label = cutLine(c.Value, maxHelp)
		}
		out = append(out, selectOption{Label: label, Value: c.Value, Default: chosen(c.Value)})
	}
	return out
}

// buttons returns the buttons of a message: its link first, then its commands.
func (d *draft) buttons() []control {
	var out []control
	if more := d.message.More; chat.WebURL(more.URL) != "" && len(more.URL) <= maxButtonURL {
		out = append(out, control{Type: buttonType, Style: linked, Label: cutLine(orRead(more.Text), maxLabel), URL: more.URL})
	}
	for _, b := range d.message.Buttons {
		label := cutLine(b.Label, maxLabel)
		switch {
		case label == "":
		case b.Line != "" && size(linePrefix+b.Line) <= maxCustomID:
			next := control{Type: buttonType, Style: styles[b.Look], Label: label, CustomID: linePrefix + b.Line}
			if !holds(out, next.CustomID) { // Discord refuses a message with the same id twice
				out = append(out, next)
			}
		case b.Line == "" && chat.WebURL(b.URL) != "" && len(b.URL) <= maxButtonURL:
			out = append(out, control{Type: buttonType, Style: linked, Label: label, URL: b.URL})
		}
	}
	return out[:min(len(out), maxRows*maxInRow-1)] // one place is the marker's
}

func holds(list []control, id string) bool {
	for _, b := range list {
		if b.CustomID == id {
			return true
		}
	}
	return false
}

// orRead is the label of a link that has none.
func orRead(label string) string {
	if strings.TrimSpace(label) == "" {
		return "Read more"
	}
	return label
}
