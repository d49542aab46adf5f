package slack

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"
)

// cutAt returns the longest beginning of s that costs at most most and ends at
// a border between words, and the rest without the blanks between them. A word
// that is too long by itself is cut between characters.
func cutAt(s string, most int) (head, rest string) {
	end, spent := len(s), 0
	for i, r := range s {
		if spent += cost(r); spent > most {
			end = i
			break
		}
	}
	if end == len(s) {
		return s, ""
	}
	at := border(s, end)
	return strings.TrimRightFunc(s[:at], unicode.IsSpace), strings.TrimLeftFunc(s[at:], unicode.IsSpace)
}

// border returns the best place at or before end to cut s: a blank in the
// second half, else a border of words, else one of characters.
func border(s string, end int) int {
	if strings.IndexFunc(s[end:], unicode.IsSpace) == 0 {
		return end
	}
	if at := strings.LastIndexFunc(s[:end], unicode.IsSpace); at > end/2 {
		return at
	}
	word := words.FromString(s)
	last := 0
	for word.Next() && word.End() <= end {
		last = word.End()
	}
	if last > 0 {
		return last
	}
	char := graphemes.FromString(s)
	for char.Next() && char.End() <= end {
		last = char.End()
	}
	if last > 0 {
		return last
	}
	return end
}

// trimTo returns s, shortened to most with an ellipsis where it is longer.
func trimTo(s string, most int) string {
	if size(s) <= most {
		return s
	}
	head, _ := cutAt(s, most-1)
	return head + "…"
}

// cutRuns is cutAt for the elements of an item.
func cutRuns(list []inline, most int) (head, rest []inline) {
	for i, e := range list {
		if c := e.cost(); c <= most {
			most -= c
			continue
		}
		head = append(head, list[:i]...)
		rest = append(rest, list[i:]...)
		if room := most - size(e.URL); e.Type != "date" && room > 0 {
			a, b := cutAt(e.Text, room)
			if a != "" {
				first := e
				first.Text = a
				head = append(head, first)
				rest[0].Text = b
			}
		}
		return head, rest
	}
	return list, nil
}
