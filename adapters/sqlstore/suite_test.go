package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/digest"
)

// backend is one kind of database that the suite runs on.
type backend struct {
	name string
	// fresh makes an empty database and returns what opens it, as often as wanted.
	fresh func(t testing.TB) func(Options) (*Store, error)
}

// server is the PostgreSQL server of these tests.
var server pgtest.Server

// backends lists the databases that the suite runs on. Without a PostgreSQL
// server the tests on it are skipped.
func backends() []backend {
	return []backend{
		{"sqlite", func(t testing.TB) func(Options) (*Store, error) {
			path := filepath.Join(t.TempDir(), "test.db")
			return func(o Options) (*Store, error) { return Open(context.Background(), path, o) }
		}},
		{"postgres", func(t testing.TB) func(Options) (*Store, error) {
			address := server.Database(t)
			return func(o Options) (*Store, error) { return Open(context.Background(), address, o) }
		}},
	}
}

// everywhere runs f on a fresh database of every backend.
func everywhere(t *testing.T, f func(t *testing.T, s *Store, c *clock)) {
	t.Helper()
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			c := newClock()
			f(t, opened(t, b.fresh(t), c), c)
		})
	}
}

func opened(t testing.TB, open func(Options) (*Store, error), c *clock) *Store {
	t.Helper()
	s, err := open(Options{Now: c.now, OwnTime: true})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: day} }

// day is when the tests take place.
var day = time.Date(2026, 3, 29, 8, 0, 0, 0, time.UTC)

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	return c.t
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must1[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// wantKind checks that err is of a kind.
func wantKind(t testing.TB, err error, want digest.Kind) {
	t.Helper()
	if err == nil || digest.KindOf(err) != want {
		t.Fatalf("got error %v, want one of kind %v", err, want)
	}
}

// article makes an article of a source, told apart by its number.
func article(n int) digest.Article {
	return digest.Article{
		ID: fmt.Sprintf("id%04d", n), Workspace: digest.Shared, Source: "wire", GUID: fmt.Sprintf("guid-%d", n),
		URL: fmt.Sprintf("https://news.example/%d/story", n), Title: fmt.Sprintf("Headline number %d", n),
		Text:      fmt.Sprintf("The council met about item %d.\n\nNothing was decided.", n),
		Published: day.Add(time.Duration(n) * time.Minute), Arrived: day.Add(time.Duration(n) * time.Minute),
	}
}

// store adds articles and returns the verdicts as one line.
func store(t testing.TB, s *Store, articles ...digest.Article) string {
	t.Helper()
	results, err := s.AddArticles(context.Background(), articles)
	must(t, err)
	return verdicts(results)
}

func verdicts(results []digest.Result) string {
	out := make([]string, 0, len(results))
	for _, r := range results {
		out = append(out, string(r.Verdict))
	}
	return strings.Join(out, " ")
}

func ids(articles []digest.Article) string {
	out := make([]string, 0, len(articles))
	for _, a := range articles {
		out = append(out, a.ID)
	}
	return strings.Join(out, " ")
}

// channel is where most tests post to.
var channel = digest.Address{Platform: "slack", Workspace: "T1", Channel: "C1"}

// subscribe adds a subscription with channels.
func subscribe(t testing.TB, s *Store, id string, channels ...digest.Address) digest.Subscription {
	t.Helper()
	sub := digest.Subscription{ID: id, Workspace: "slack:T1", Name: "Morning", Channels: channels, Cron: "0 8 * * *", Zone: "UTC"}
	must(t, s.PutSubscriptions(context.Background(), []digest.Subscription{sub}, "chat"))
	return sub
}

// slotAt makes the due slot of a subscription h hours after day.
func slotAt(sub string, h int) digest.Slot {
	at := day.Add(time.Duration(h) * time.Hour)
	return digest.Slot{Subscription: sub, Key: at.Format("2006-01-02T15:04"), At: at, State: digest.SlotDue}
}

// built brings a slot to the state built, with n parts for each channel, and
// returns it. Part 1 shows story s0, part 2 story s1 and so on.
func built(t testing.TB, s *Store, sl digest.Slot, threaded bool, n int, channels ...digest.Address) digest.Edition {
	t.Helper()
	ctx := context.Background()
	_, err := s.PutSlots(ctx, []digest.Slot{sl})
	must(t, err)
	got, sub, claim, ok, err := s.ClaimSlot(ctx, "builder", time.Minute)
	must(t, err)
	if !ok || got.Key != sl.Key {
		t.Fatalf("claimed %v %v, want %s", got, ok, sl.Key)
	}
	e := digest.Edition{ID: "ed-" + sl.Subscription + sl.Key, Subscription: sl.Subscription, Workspace: sub.Workspace, Slot: sl.Key, Due: sl.At}
	var parts []digest.Part
	for i := range n {
		story := fmt.Sprintf("s%d", i)
		e.Items = append(e.Items, digest.Item{N: i + 1, Brief: digest.Brief{ID: story, Headline: "About " + story, Articles: []digest.Reference{{ID: "a" + story}}}})
		for _, c := range channels {
			parts = append(parts, digest.Part{Key: fmt.Sprintf("%s-%s-%s-%d", sl.Subscription, sl.Key, c.Channel, i+1), Address: c, N: i + 1, Of: n,
				Threaded: threaded && i > 0, Stories: []string{story}, Payload: digest.Payload("payload " + story)})
		}
	}
	must(t, s.FreezeEdition(ctx, claim, got, e, parts))
	return e
}

// slotState returns the state and reason of a slot.
func slotState(t testing.TB, s *Store, sub string) string {
	t.Helper()
	sl, err := s.LastSlot(context.Background(), sub)
	must(t, err)
	return strings.TrimSpace(string(sl.State) + " " + sl.Reason)
}
