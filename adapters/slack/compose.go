package slack

import (
	"strings"

	"nutgraf/adapters/chat"
)

// chunk is one Block Kit block, with what it counts and what it says.
type chunk struct {
	block any
	size  int
	says  string // for the fallback text
	call  mrkdwn // mention at the beginning of that
	glued bool   // may not be the last block of a message
}

// line is one item on its way into a rich_text block, or a piece of one.
type line struct {
	kind chat.BlockKind
	n    int // number of the item in its block
	runs []inline
	more bool // continues the item before it
}

func (l line) cost() int { return costOf(l.runs) }

// says returns what the line says.
func (l line) says() string {
	var out strings.Builder
	for _, e := range l.runs {
		out.WriteString(e.words())
	}
	return out.String()
}

// composer turns the blocks of a message into chunks.
type composer struct {
	kind    chat.Kind
	link    chat.Link // where a cut item goes on
	heading []line    // waits for its block
	chunks  []chunk
}

// compose returns the chunks of a message, those of its buttons last.
func compose(m chat.Message) []chunk {
	c := composer{kind: m.Kind}
	if url := chat.WebURL(m.More.URL); url != "" && size(url) <= maxSmall {
		c.link = chat.Link{Text: trimTo(m.More.Text, maxLabel), URL: url}
	}
	c.ping(m)
	for _, b := range m.Blocks {
		c.block(b)
	}
	c.rich(chat.Block{Kind: chat.Text})
	if url := chat.WebURL(m.Image); url != "" && size(url) <= maxLink {
		alt := trimTo(titleOf(m), maxAlt)
		c.add(imageBlock{Type: "image", URL: url, Alt: alt}, size(url)+size(alt), "", false)
	}
	c.actions(m)
	return c.chunks
}

func (c *composer) add(block any, size int, says string, glued bool) {
	c.chunks = append(c.chunks, chunk{block: block, size: size, says: says, glued: glued})
}

func (c *composer) block(b chat.Block) {
	switch b.Kind {
	case chat.Title:
		c.title(b)
	case chat.Kicker, chat.Meta:
		c.small(b)
	case chat.Heading:
		for i, item := range b.Items {
			c.heading = append(c.heading, line{kind: chat.Heading, n: i, runs: runs(item.Spans, true)})
		}
	case chat.Rule:
		c.add(dividerBlock{Type: "divider"}, 0, "", false)
	default:
		c.rich(b)
	}
}

// title shows a title as a header block where it may be one: Slack's headers
// hold no links and 150 characters.
func (c *composer) title(b chat.Block) {
	for _, item := range b.Items {
		words := strings.TrimSpace(item.Plain())
		linked := false
		for _, s := range item.Spans {
			linked = linked || s.URL != ""
		}
		if c.kind != chat.Story && item.Label == "" && !linked && words != "" && size(words) <= maxHeader {
			c.add(headerBlock{Type: "header", Text: literal(words)}, size(words), words, false)
			continue
		}
		if item.Label != "" {
			item.Spans = append([]chat.Span{chat.Plain(item.Label + ". ")}, item.Spans...)
		}
		c.lines([]line{{kind: chat.Title, runs: runs(item.Spans, true)}})
	}
}

// small shows small print: kickers beside each other, the rest line by line.
func (c *composer) small(b chat.Block) {
	var row []any
	spent, says := 0, ""
	flush := func() {
		if len(row) > 0 {
			c.add(contextBlock{Type: "context", Elements: row}, spent, says, false)
		}
		row, spent, says = nil, 0, ""
	}
	for i, item := range b.Items {
		words := strings.TrimSpace(item.Plain())
		element, cost := smallPrint(item)
		switch {
		case words == "":
			continue
		case cost > maxSmall:
			flush()
			c.lines([]line{{kind: chat.Text, n: i, runs: runs(item.Spans, false)}})
			continue
		}
		row, spent = append(row, element), spent+cost
		says = strings.TrimPrefix(says+" · "+words, " · ")
		if b.Kind == chat.Meta || len(row) == maxContext || spent > maxSection-maxSmall {
			flush()
		}
	}
	flush()
}

// smallPrint returns an item as an element of a context block, and its cost.
// It is literal unless it has a look that only mrkdwn can show.
func smallPrint(item chat.Item) (any, int) {
	var out mrkdwn
	safe, needed := true, false
	for _, s := range item.Spans {
		url := chat.SafeLink(s.Text, s.URL)
		switch {
		case s.Text == "":
			continue
		case !s.Time.IsZero():
			out, needed = out+date(s.Time, s.Text), true
			continue
		case markup(s.Text):
			safe = false
		}
		m := escape(s.Text)
		if url != "" {
			m, needed = link(url, s.Text), true
		}
		if s.Strong || s.Emph {
			needed = true
			safe = safe && strings.TrimSpace(s.Text) == s.Text
		}
		if s.Strong {
			m = strong(m)
		}
		if s.Emph {
			m = emph(m)
		}
		out += m
	}
	if needed && safe {
		return mrkdwnText{Type: "mrkdwn", Text: out, Verbatim: true}, size(string(out))
	}
	words := strings.TrimSpace(item.Plain())
	return literal(words), size(words)
}

// rich shows a block in rich_text, after the heading that waits for it.
func (c *composer) rich(b chat.Block) {
	all := c.heading
	c.heading = nil
	for i, item := range b.Items {
		l := line{kind: b.Kind, n: i + max(b.Start, 1) - 1, runs: runs(item.Spans, false)}
		switch b.Kind {
		case chat.Quotes:
			if strings.TrimSpace(l.says()) != "" {
				l.runs = quoted(item, l.runs)
			}
		case chat.Fields:
			if item.Label != "" {
				l.runs = append([]inline{bold(item.Label), text("  ")}, l.runs...)
			}
		}
		all = append(all, l)
	}
	c.lines(all)
}

// quoted puts the quotation marks around a quote and names its speaker.
func quoted(item chat.Item, words []inline) []inline {
	out := append([]inline{text("“")}, words...)
	by := ""
	for _, s := range []string{item.Speaker, item.Role, item.Context} {
		if s != "" {
			by += ", " + s
		}
	}
	if out = append(out, text("”")); by != "" {
		out = append(out, inline{Type: "text", Text: "\n— " + strings.TrimPrefix(by, ", "), Style: &style{Italic: true}})
	}
	return out
}

// titleOf returns the first title of a message, to describe its picture.
func titleOf(m chat.Message) string {
	for _, b := range m.Blocks {
		if b.Kind == chat.Title && len(b.Items) > 0 && b.Items[0].Plain() != "" {
			return b.Items[0].Plain()
		}
	}
	return "picture"
}
