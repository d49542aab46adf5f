package sqlstore

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// TestFeedsOfOneAddressComeTogether hands out feeds that are not due with one of
// the same address that is.
func TestFeedsOfOneAddressComeTogether(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		at := func(id, workspace, address string) {
			t.Helper()
			must(t, s.PutSources(ctx, []digest.Source{{ID: id, Workspace: workspace, Kind: "feed", Address: address}}, "chat"))
		}
		const shared = "https://wire.example/feed"
		at("one", "slack:T1", shared)
		at("two", "slack:T2", shared)
		at("other", "slack:T2", "https://wire.example/feed?key=1")
		at("gone", "slack:T3", shared)
		take := func(n int) string {
			t.Helper()
			due, cursors, err := s.DueSources(ctx, c.now(), time.Minute, n)
			must(t, err)
			var out []string
			for i, src := range due {
				if cursors[i].Source != src.ID {
					t.Errorf("source %s has the cursor of %s", src.ID, cursors[i].Source)
				}
				out = append(out, src.ID)
			}
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		if got, want := take(1), "gone"; got != want {
			t.Errorf("never fetched: got %q, want %q", got, want)
		}
		if got, want := take(9), "one other two"; got != want {
			t.Errorf("the rest: got %q, want %q", got, want)
		}
		for id, hours := range map[string]int{"one": 1, "two": 2, "other": 3, "gone": 3} {
			must1(s.StoreBatch(ctx, digest.Batch{Cursor: digest.Cursor{Source: id, ETag: id, Fetched: true}}, c.now().Add(time.Duration(hours)*time.Hour)))(t)
		}
		must(t, s.PutSources(ctx, []digest.Source{{ID: "gone", Workspace: "slack:T3", Kind: "feed", Address: shared, Disabled: true}}, "chat"))
		at("new", "slack:T4", "https://new.example/feed")
		c.add(time.Hour)
		if got, want := take(9), "new one two"; got != want {
			t.Errorf("after an hour: got %q, want %q", got, want)
		}
		if got := take(9); got != "" {
			t.Errorf("got %q while they are out", got)
		}
	})
}
