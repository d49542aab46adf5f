package sqlstore

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// TestCountersNeverFall forgets slots: what was counted of them stays.
func TestCountersNeverFall(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		var slots []digest.Slot
		for i := range 3 {
			sl := slotAt("sub", i)
			sl.State, sl.Reason = digest.SlotMissed, "down"
			slots = append(slots, sl)
		}
		must1(s.PutSlots(ctx, slots))(t)
		missed := func() int64 { return must1(s.Figures(ctx))(t).Slots[digest.SlotMissed] }
		if got := missed(); got != 3 {
			t.Fatalf("got %d missed slots, want 3", got)
		}
		c.add(30 * 24 * time.Hour)
		if p := must1(s.Prune(ctx, Retention{Slots: 24 * time.Hour}))(t); p.Slots != 2 {
			t.Fatalf("%d slots were forgotten, want all but the newest", p.Slots)
		}
		if got := missed(); got != 3 {
			t.Errorf("got %d missed slots after two were forgotten, want 3", got)
		}
	})
}

// TestBeat sees what a sign of life tells: what waits, and when the last one was.
func TestBeat(t *testing.T) {
	path := sqliteFile(t, 0)
	c := newClock()
	s := must1(Open(context.Background(), path, Options{Now: c.now}))(t)
	t.Cleanup(func() { _ = s.Close() })
	ctx := context.Background()
	p := must1(s.Beat(ctx))(t)
	if !p.Last.IsZero() || p.Waiting != 0 {
		t.Errorf("got %+v of a new store", p)
	}
	subscribe(t, s, "sub", channel)
	built(t, s, slotAt("sub", 0), false, 1, channel)
	must1(s.PutSlots(ctx, []digest.Slot{slotAt("sub", 1)}))(t)
	before := c.now()
	c.add(-2 * time.Hour) // set back
	p = must1(s.Beat(ctx))(t)
	if !p.Last.Equal(before) || p.Waiting != 2 || p.Oldest.IsZero() {
		t.Errorf("got %+v, want the last one at %v and two that wait", p, before)
	}
	if p = must1(s.Beat(ctx))(t); !p.Last.Equal(before) {
		t.Errorf("got %v, want %v not to be forgotten", p.Last, before)
	}
}

// TestServersClockDecides sees that a process goes by the server's clock.
func TestServersClockDecides(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, server.Database(t), Options{}) // its own clock is months behind
	must(t, s.Ping(context.Background()))
	if off := time.Since(s.Now()); off.Abs() > 5*time.Second {
		t.Errorf("the time is off by %v from the server's", off)
	}
}

// TestDamageStays meets damage while the store is in use: it stays unwell.
func TestDamageStays(t *testing.T) {
	path := sqliteFile(t, 60)
	s := openFile(t, path, Options{})
	ctx := context.Background()
	must(t, s.Ping(ctx))
	must1(s.w.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`))(t)
	must(t, s.Close())
	again := openFile(t, path, Options{}) // with nothing of it in memory
	for at := int64(20 * 4096); at < must1(os.Stat(path))(t).Size(); at += 4096 {
		overwrite(t, path, at, bytes.Repeat([]byte{0xA5}, 4096))
	}
	_, err := again.Articles(ctx, digest.ArticleQuery{Workspace: digest.Shared, From: day.Add(-999 * time.Hour), To: day.Add(999 * time.Hour)})
	wantKind(t, err, digest.Internal)
	for range 2 {
		wantKind(t, again.Ping(ctx), digest.Internal)
	}
}

// TestCrampedStore is unwell after a write that found no space, also while
// small writes go on to succeed, until there is some.
func TestCrampedStore(t *testing.T) {
	s := openFile(t, sqliteFile(t, 1), Options{})
	ctx := context.Background()
	must(t, s.Ping(ctx))
	must1(s.w.Exec(`PRAGMA max_page_count = 1`))(t) // SQLite takes the present size
	big := article(5)
	big.Text = strings.Repeat("All the words in the world. ", 20000)
	_, err := s.AddArticles(ctx, []digest.Article{big})
	wantKind(t, err, digest.Unavailable)
	wantKind(t, s.Ping(ctx), digest.Unavailable)
	must1(s.w.Exec(`PRAGMA max_page_count = 1000000`))(t)
	must(t, s.Ping(ctx))

	must1(s.w.Exec(`PRAGMA query_only = 1`))(t) // as a file system that was mounted anew for reading
	wantKind(t, s.Ping(ctx), digest.Unavailable)
	must1(s.w.Exec(`PRAGMA query_only = 0`))(t)
	must(t, s.Ping(ctx))
}
