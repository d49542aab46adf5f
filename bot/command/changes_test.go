package command_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"nutgraf/adapters/chat"
	"nutgraf/bot/command"
)

// TestWhatLooksWritesNothing gives all commands with all sorts of values: what
// is not said to change something writes nothing at all into the store, save
// the page that summarize was given.
func TestWhatLooksWritesNothing(t *testing.T) {
	w := newTown(t, "sqlite", filepath.Join(t.TempDir(), "town.db"))
	beside, err := w.db.Conn(t.Context())
	w.must(err)
	defer beside.Close()
	version := func() (n int) { // is another after every write
		w.must(beside.QueryRowContext(context.Background(), `PRAGMA data_version`).Scan(&n))
		return n
	}
	specs := make(map[string]chat.Spec)
	for _, s := range command.Specs() {
		specs[s.Name] = s
	}
	r, gave, wrote := rand.New(rand.NewPCG(1, 1)), make(map[string]int), make(map[string]int)
	writers := []string{"keep", "useful", "since", "dm", "sketch", "forget-votes"}
	wanting := func(name string) bool { return wrote[name] == 0 }
	for n := 0; n < 2000 || n < 20_000 && slices.ContainsFunc(writers, wanting); n++ {
		cmd := w.forge(r, w.tenants[0], manager)
		before := version()
		w.Handle(t.Context(), cmd)
		gave[cmd.Name]++
		if version() != before {
			wrote[cmd.Name]++
		}
	}
	for name, n := range wrote {
		if !specs[name].Changes && name != "summarize" {
			t.Errorf("%s wrote %d times of %d, and is not said to change anything", name, n, gave[name])
		}
	}
	if len(gave) != len(specs) {
		t.Errorf("%d of %d commands were given", len(gave), len(specs))
	}
	for _, name := range writers {
		if wrote[name] == 0 {
			t.Errorf("%s wrote nothing; it was given %d times", name, gave[name])
		}
	}
	t.Logf("wrote: %q", slices.Sorted(maps.Keys(wrote)))
}
