package discord

import (
	"strings"

	"nutgraf/adapters/chat"
)

// fence encloses lines in a typewriter face.
const fence = "```"

// The room of a piece of text. maxUnit leaves space for the fences of code and
// for a heading in front.
const (
	fences  = 2 * (len(fence) + 1)
	maxUnit = maxDescription - fences
)

// unit is a piece of text that is not split any more.
type unit struct {
	text   markdown
	before markdown // what parts it from the unit before it, within an embed
	heads  bool     // it is a heading and stays with the unit after it
	code   bool     // it stands between fences
}

// fit renders an item as units: one, unless it is longer than a whole embed.
// Then it is cut at a word border with a link to the rest, or where there is no
// such link, goes on in the next unit.
func (d *draft) fit(prefix markdown, item chat.Item, suffix, before markdown) []unit {
	text := start(spans(item.Spans))
	if strings.TrimSpace(string(text)) == "" && suffix == "" {
		return nil
	}
	whole := prefix + text + suffix
	room := maxUnit - d.headroom(before)
	if size(whole) <= room {
		return []unit{{text: whole, before: before}}
	}
	plain := strings.TrimSpace(item.Plain())
	room -= size(prefix) + size(suffix) + 4
	if more := d.message.More; size(whole) > maxUnit && more.URL != "" && fitsLink(escape(more.Text), more.URL) {
		rest := "… " + link(escape(orRead(more.Text)), more.URL)
		at := wordCut(plain, room-size(rest))
		cut := start(escape(strings.TrimRight(plain[:at], " ")))
		return []unit{{text: prefix + cut + rest + suffix, before: before}}
	}
	var out []unit
	for plain != "" {
		at := max(wordCut(plain, room), 1)
		piece := start(escape(strings.TrimSpace(plain[:at])))
		if plain = plain[at:]; plain == "" {
			piece += suffix
		}
		out = append(out, unit{text: prefix + piece, before: before})
		before = "\n"
	}
	return out
}

// headroom is what the headings take that stand before the next unit.
func (d *draft) headroom(before markdown) int {
	n := 0
	for i := len(d.units) - 1; i >= 0 && d.units[i].heads; i-- {
		n += size(d.units[i].text) + size(d.units[i].before) + size(before)
	}
	return n
}

// pack puts units into as few descriptions as their order allows.
func pack(units []unit) []markdown {
	var out []markdown
	var now strings.Builder
	used, code := 0, false
	flush := func() {
		if code {
			now.WriteString("\n" + fence)
		}
		if s := strings.TrimSpace(now.String()); s != "" {
			out = append(out, markdown(s))
		}
		now.Reset()
		used, code = 0, false
	}
	for i, u := range units {
		need := size(u.text)
		if used > 0 {
			need += size(u.before)
		}
		for j := i; units[j].heads && j+1 < len(units); j++ {
			need += size(units[j+1].before) + size(units[j+1].text)
		}
		if used > 0 && used+need > maxUnit {
			flush()
		}
		if code && !u.code {
			now.WriteString("\n" + fence)
			used += len(fence) + 1
			code = false
		}
		if used > 0 {
			now.WriteString(string(u.before))
			used += size(u.before)
		}
		if u.code && !code {
			now.WriteString(fence + "\n")
			used += len(fence) + 1
			code = true
		}
		now.WriteString(string(u.text))
		used += size(u.text)
	}
	flush()
	return out
}

// oneLine is all items of a block as one plain line.
func oneLine(b chat.Block, between string) string {
	parts := make([]string, 0, len(b.Items))
	for _, item := range b.Items {
		if s := strings.TrimSpace(item.Plain()); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, between)
}

// timed reports whether a block holds an instant, which only markup shows in
// the reader's zone, or a link, which only markup can make.
func timed(b chat.Block) bool {
	for _, item := range b.Items {
		for _, s := range item.Spans {
			if !s.Time.IsZero() || s.URL != "" {
				return true
			}
		}
	}
	return false
}

// cutLine is a plain text of at most room units, cut at a word border.
func cutLine(s string, room int) string {
	s = strings.TrimSpace(flatten(s))
	if size(s) <= room {
		return s
	}
	used, at := 0, 0
	var before rune
	for i, r := range s {
		if used += size(string(r)); used > room-1 {
			break
		}
		if i > 0 && !joined(before, r) {
			if before == ' ' || at == 0 || !strings.Contains(s[:i], " ") {
				at = i
			}
		}
		before = r
	}
	return strings.TrimRight(s[:at], " ") + "…"
}
