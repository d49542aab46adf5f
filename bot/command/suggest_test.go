package command_test

import (
	"context"
	"strings"
	"testing"

	"nutgraf/adapters/chat"
)

func TestSuggest(t *testing.T) {
	o := newOffice(t)
	o.posted()
	member := chat.User{ID: "U9"}
	tests := []struct {
		command, option, typed string
		as                     chat.User
		first                  string // in label and value of the first choice, "" for none
		many                   int    // how many there are at least
	}{
		{"subscribe", "zone", "berl", manager, "Europe/Berlin Europe/Berlin", 1},
		{"subscribe", "zone", "Pariss", manager, "", 0},
		{"subscribe", "zone", "", manager, "UTC UTC", 25},
		{"schedule", "name", "news", manager, "News digest made-1", 1},
		{"mute source", "source", "wi", manager, "The Wire wire", 1},
		{"search", "source", "", member, "Ledger ledger", 2},
		{"search", "since", "", member, "2026-05-04 · Monday, May 4, 2026 2026-05-04", 8},
		{"story", "id", "comet", member, ". Comet passes Jupiter", 1},
		{"mute source", "source", "wi", member, "", 0}, // managers only
		{"search", "words", "x", member, "", 0},
		{"nothing", "source", "x", manager, "", 0},
	}
	for _, tt := range tests {
		got := o.Suggest(context.Background(), chat.Command{Name: tt.command, Address: team, User: tt.as}, tt.option, tt.typed)
		first := ""
		if len(got) > 0 {
			first = got[0].Label + " " + got[0].Value
		}
		if (tt.first == "") != (first == "") || !strings.Contains(first, tt.first) || len(got) < tt.many || len(got) > 25 {
			t.Errorf("%s %s %q: got %d, the first %q; want %q of %d", tt.command, tt.option, tt.typed, len(got), first, tt.first, tt.many)
		}
	}
	if got := o.Suggest(context.Background(), chat.Command{Name: "story", Address: rivals, User: manager}, "id", ""); len(got) > 0 {
		t.Errorf("another workspace is offered %v", got)
	}
}
