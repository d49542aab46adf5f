package slack

import (
	"fmt"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// lines puts lines into rich_text blocks of at most maxSection, filled in
// order. A heading that would end such a block is glued to the next one.
func (c *composer) lines(all []line) {
	var group []line
	spent := 0
	flush := func() {
		if len(group) > 0 {
			c.add(richBlock{Type: "rich_text", Elements: elements(group)}, spent, say(group), group[len(group)-1].kind == chat.Heading)
		}
		group, spent = nil, 0
	}
	for _, l := range all {
		if strings.TrimSpace(l.says()) == "" {
			continue
		}
		for _, piece := range c.fit(l) {
			n := piece.cost() + 2 // for the blank or bullet that joins it to the others
			if spent+n > maxSection {
				flush()
			}
			group, spent = append(group, piece), spent+n
		}
	}
	flush()
}

// fit returns a line as it is, when a block can hold it. A longer one is cut
// with a link to the rest, or without such a link goes on in more lines.
func (c *composer) fit(l line) []line {
	room := maxSection - 2
	if l.cost() <= room {
		return []line{l}
	}
	if c.link.URL != "" && l.kind != chat.Code {
		tail := []inline{text("… "), {Type: "link", URL: c.link.URL, Text: c.link.Text}}
		l.runs, _ = cutRuns(l.runs, room-costOf(tail))
		l.runs = append(l.runs, tail...)
		return []line{l}
	}
	var out []line
	for rest := l.runs; len(rest) > 0; {
		var head []inline
		if head, rest = cutRuns(rest, room); len(head) == 0 {
			head, rest = rest[:1], rest[1:]
		}
		out = append(out, line{kind: l.kind, n: l.n, runs: head, more: len(out) > 0})
	}
	return out
}

// elements returns the elements of a rich_text block that show lines.
func elements(group []line) []any {
	var out []any
	for i := 0; i < len(group); {
		j := i + 1
		for j < len(group) && group[j].kind == group[i].kind && group[j].more == group[i].more {
			j++
		}
		run := group[i:j]
		i = j
		kind := run[0].kind
		switch {
		case run[0].more && kind != chat.Code && kind != chat.Quotes:
			out = append(out, joined("rich_text_section", run, " "))
		case kind == chat.Text:
			out = append(out, joined("rich_text_section", run, " "))
		case kind == chat.Code:
			out = append(out, joined("rich_text_preformatted", run, "\n"))
		case kind == chat.Bullets:
			out = append(out, list("bullet", run))
		case kind == chat.Numbered:
			out = append(out, list("ordered", run))
		case kind == chat.Quotes:
			for _, l := range run {
				out = append(out, richSection{Type: "rich_text_quote", Elements: l.runs})
			}
		default:
			for _, l := range run {
				out = append(out, richSection{Type: "rich_text_section", Elements: l.runs})
			}
		}
	}
	return out
}

// joined puts lines into one element, with sep between them.
func joined(kind string, run []line, sep string) richSection {
	s := richSection{Type: kind}
	for i, l := range run {
		if i > 0 {
			s.Elements = append(s.Elements, text(sep))
		}
		s.Elements = append(s.Elements, l.runs...)
	}
	return s
}

// list puts lines into a list that counts from the first one's number.
func list(look string, run []line) richList {
	out := richList{Type: "rich_text_list", Style: look}
	if look == "ordered" {
		out.Offset = run[0].n
	}
	for _, l := range run {
		out.Elements = append(out.Elements, richSection{Type: "rich_text_section", Elements: l.runs})
	}
	return out
}

// say returns what lines say, for the fallback text.
func say(group []line) string {
	var out strings.Builder
	for i, l := range group {
		sep := "\n"
		if l.kind == chat.Text && i > 0 && group[i-1].kind == chat.Text {
			sep = " "
		}
		if i > 0 {
			out.WriteString(sep)
		}
		switch {
		case l.more:
		case l.kind == chat.Bullets:
			out.WriteString("• ")
		case l.kind == chat.Numbered:
			fmt.Fprintf(&out, "%d. ", l.n+1)
		}
		out.WriteString(l.says())
	}
	return out.String()
}

// actions shows the link to the rest, the buttons and the menus, in rows. The
// content before them is glued to them.
func (c *composer) actions(m chat.Message) {
	all := m.Buttons
	if m.More.URL != "" {
		all = append([]chat.Button{{Label: m.More.Text, URL: m.More.URL}}, all...)
	}
	row, spent := []any(nil), 0
	flush := func() {
		if len(row) > 0 {
			if n := len(c.chunks); n > 0 {
				c.chunks[n-1].glued = true
			}
			c.add(actionsBlock{Type: "actions", Elements: row}, spent, "", false)
		}
		row, spent = nil, 0
	}
	put := func(e any, size int) {
		if len(row) == maxActions || spent+size > maxSection+maxLabel {
			flush()
		}
		row, spent = append(row, e), spent+size
	}
	for i, b := range all {
		if e, ok := buttonFor(b, i); ok {
			put(e, e.size())
		}
	}
	for i, m := range m.Menus {
		if e, ok := menuFor(m, i); ok {
			put(e, e.size())
		}
	}
	flush()
}

// ping calls whom a header calls, before everything else: a user group, or all
// who are there. What means something to another platform calls nobody here.
func (c *composer) ping(m chat.Message) {
	if m.Kind != chat.Header {
		return
	}
	says := mention(m.Ping)
	call := inline{Type: "usergroup", Group: m.Ping}
	switch {
	case says == "":
		return
	case m.Ping == digest.Here:
		call = inline{Type: "broadcast", Range: digest.Here}
	}
	c.add(richBlock{Type: "rich_text", Elements: []any{richSection{Type: "rich_text_section", Elements: []inline{call}}}}, size(m.Ping), "", true)
	c.chunks[len(c.chunks)-1].call = says
}
