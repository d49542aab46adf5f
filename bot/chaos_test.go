package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

var chaosRounds = flag.Int("chaos.rounds", 8, "how many due slots serve is killed around")

const chaosConfig = `
[store]
url = "news.db"
[[subscription]]
id = "hourly"
channels = ["web:news"]
cron = "0 * * * *"
catch_up = "2h"
`

// TestKilledServe kills serve at a random moment around each due slot, starts
// it again, and then looks at the channel: every slot is there once, with all
// its parts, and none is lost.
func TestKilledServe(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), chaosConfig)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	first := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	known(t, dir, first.Add(-time.Hour))
	for i := range *chaosRounds {
		due := first.Add(time.Duration(i) * time.Hour)
		imported(t, dir, invented(i, due.Add(-time.Minute)))
		// Ten minutes pass in a second; the slot is due 0.2 s after the start.
		killed, err := startServe(dir, clockAt(due.Add(-2*time.Minute), 600))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rnd.Int64N(int64(900 * time.Millisecond)))) // the kill's moment is what is random here
		killed.kill()
		again, err := startServe(dir, clockAt(due.Add(8*time.Minute), 600))
		if err != nil {
			t.Fatal(err)
		}
		slot := digest.Slot{}
		if !until(10*time.Second, func() bool { slot = slotAt(t, dir, due); return slot.State == digest.SlotDone }) {
			t.Errorf("round %d: slot %s is %q (%s), want done\n%s", i, due.Format(time.RFC3339), slot.State, slot.Reason, again.log)
		}
		again.kill()
	}
	checkBoard(t, dir, first)
}

// checkBoard counts what the channel shows for each slot.
func checkBoard(t *testing.T, dir string, first time.Time) {
	t.Helper()
	store := openStore(t, dir)
	defer store.Close()
	posts, err := store.Board(context.Background(), "news", 100*(*chaosRounds))
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]map[int]int) // slot → part number → times
	parts := make(map[string]int)
	for _, p := range posts {
		if shown[p.Slot] == nil {
			shown[p.Slot] = make(map[int]int)
		}
		shown[p.Slot][p.N]++
		parts[p.Slot] = p.Of
	}
	for i := range *chaosRounds {
		key := first.Add(time.Duration(i) * time.Hour).Format("2006-01-02T15:04")
		if len(shown[key]) == 0 || len(shown[key]) != parts[key] {
			t.Errorf("slot %s: %d of %d parts shown", key, len(shown[key]), parts[key])
		}
		for n, times := range shown[key] {
			if times != 1 {
				t.Errorf("slot %s part %d: shown %d times, want once", key, n, times)
			}
		}
		delete(shown, key)
	}
	for key := range shown {
		t.Errorf("slot %s was shown, but never due", key)
	}
}

func openStore(tb testing.TB, dir string) *sqlstore.Store {
	tb.Helper()
	s, err := sqlstore.Open(context.Background(), filepath.Join(dir, "news.db"), sqlstore.Options{Now: time.Now, ReadOnly: true})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func slotAt(tb testing.TB, dir string, at time.Time) digest.Slot {
	tb.Helper()
	s := openStore(tb, dir)
	defer s.Close()
	slots, err := s.Slots(context.Background(), digest.SlotFilter{Subscription: "hourly"})
	if err != nil {
		tb.Fatal(err)
	}
	for _, slot := range slots {
		if slot.At.Equal(at) {
			return slot
		}
	}
	return digest.Slot{}
}

func clockAt(t time.Time, speed int) string {
	return fmt.Sprintf("%s*%d", t.Format(time.RFC3339), speed)
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// imported stores one article, as `nutgraf import` does beside a serve.
func imported(tb testing.TB, dir, article string) {
	tb.Helper()
	var out strings.Builder
	code := run([]string{"import", "--config", filepath.Join(dir, "config.toml"), "-"}, stdio{strings.NewReader(article), &out, &out})
	if code != exitOK || !strings.Contains(out.String(), "1 added") {
		tb.Fatalf("import: exit %d\n%s", code, &out)
	}
}

// known makes the configured subscriptions known at an instant, so that slots
// after it are due however long serve takes to start.
func known(tb testing.TB, dir string, at time.Time) {
	tb.Helper()
	cfg, err := loadConfig(filepath.Join(dir, "config.toml"))
	if err != nil {
		tb.Fatal(err)
	}
	store, err := sqlstore.Open(context.Background(), cfg.Store.URL, sqlstore.Options{Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	defer store.Close()
	if err := store.PutSubscriptions(context.Background(), cfg.subscriptions(at), "config"); err != nil {
		tb.Fatal(err)
	}
}

// invented returns the i-th article, about an event of its own: no two share
// a word.
func invented(i int, at time.Time) string {
	words := make([]string, 16)
	for n := range words {
		words[n] = fmt.Sprintf("%c%c%c%c%c", 'b'+i%20, 'a'+n%5*4, 'b'+i/20%20, 'e', 'b'+n)
	}
	return fmt.Sprintf(`{"id":"n%d","title":%q,"text":%q,"source":"Paper %d","published":%q}`,
		i, strings.Join(words[:8], " "), strings.Join(words[8:], " ")+".", i%4, at.Format(time.RFC3339))
}
