package newsroom_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// The store of production is the store of the tests.
var _ newsroom.Store = (*sqlstore.Store)(nil)

// clock is a wall clock that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// channels is a platform that records what becomes visible.
type channels struct {
	mu      sync.Mutex
	visible map[string][]string // keys of the posts, by channel
	bodies  map[string]string   // by key
	parents map[string]digest.MessageRef
	posts   int // calls of Post

	post func(p digest.Part, store func()) error // nil: stores and succeeds
	find func(p digest.Part) (digest.Finding, error)

	open   bool // what a probe finds
	probes int
}

func newChannels() *channels {
	return &channels{visible: make(map[string][]string), bodies: make(map[string]string), parents: make(map[string]digest.MessageRef)}
}

func (c *channels) Render(m []chat.Message) ([]digest.Payload, error) {
	var out []digest.Payload
	for _, one := range m {
		b, err := json.Marshal(one)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func (c *channels) Post(ctx context.Context, p digest.Part) (digest.MessageRef, error) {
	store := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.visible[p.Address.String()] = append(c.visible[p.Address.String()], p.Key)
		c.bodies[p.Key], c.parents[p.Key] = string(p.Payload), p.Parent
	}
	c.mu.Lock()
	c.posts++
	post := c.post
	c.mu.Unlock()
	if post == nil {
		store()
		return digest.MessageRef("ref-" + p.Key), ctx.Err()
	}
	if err := post(p, store); err != nil {
		return "", err
	}
	return digest.MessageRef("ref-" + p.Key), nil
}

func (c *channels) Find(_ context.Context, p digest.Part, since time.Time) (digest.MessageRef, digest.Finding, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.find != nil {
		f, err := c.find(p)
		return "", f, err
	}
	if since.IsZero() || since.After(p.Started) {
		return "", digest.CannotTell, errors.New("searched from a wrong time")
	}
	if slices.Contains(c.visible[p.Address.String()], p.Key) {
		return digest.MessageRef("ref-" + p.Key), digest.Found, nil
	}
	return "", digest.Absent, nil
}

func (c *channels) behave(post func(p digest.Part, store func()) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.post = post
}

// count returns how often each channel shows something, and fails the test when
// one shows a part twice.
func (c *channels) count(t testing.TB) map[string]int {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]int)
	for name, keys := range c.visible {
		out[name] = len(keys)
		seen := make(map[string]bool)
		for _, k := range keys {
			if seen[k] {
				t.Errorf("channel %s shows part %s twice", name, k)
			}
			seen[k] = true
		}
	}
	return out
}

// bench is a newsroom on a fresh store with a turned clock.
type bench struct {
	*newsroom.Newsroom
	t     testing.TB
	clock *clock
	chat  *channels
	store *sqlstore.Store
	path  string
}

var monday = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

func at(hour, minute int) time.Time {
	return monday.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func daily() digest.Subscription {
	return digest.Subscription{ID: "daily", Workspace: digest.Local, Name: "Daily", Channels: []digest.Address{{Platform: "chat", Channel: "news"}},
		Cron: "0 8 * * *", Zone: "UTC", Language: "en"}
}

// postgres is the server of the tests when NUTGRAF_TEST_STORE asks for it.
var postgres pgtest.Server

func TestMain(m *testing.M) {
	code := m.Run()
	postgres.Stop()
	os.Exit(code)
}

// storeURL returns a fresh store: a file, or with NUTGRAF_TEST_STORE=postgres a
// database.
func storeURL(t testing.TB) string {
	if os.Getenv("NUTGRAF_TEST_STORE") == "postgres" {
		return postgres.Database(t)
	}
	return filepath.Join(t.TempDir(), "store.db")
}

// newBench returns a newsroom at Monday 07:00 with three stories in its archive
// and the subscriptions given.
func newBench(t testing.TB, subs ...digest.Subscription) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{now: at(7, 0)}, chat: newChannels(), path: storeURL(t)}
	b.store = b.open()
	b.Newsroom = b.newsroom("one")
	b.news("grain", "railway", "harbour")
	if err := b.store.PutSubscriptions(t.Context(), subs, "config"); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) open() *sqlstore.Store {
	b.t.Helper()
	s, err := sqlstore.Open(context.Background(), b.path, sqlstore.Options{Now: b.clock.Now, OwnTime: true})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (b *bench) newsroom(worker string) *newsroom.Newsroom {
	return &newsroom.Newsroom{Store: b.store, Now: b.clock.Now, Worker: worker, Platforms: map[string]newsroom.Platform{"chat": b.chat},
		Manners: map[string]newsroom.Manners{"chat": {Quiet: 40 * time.Second, Threads: true}},
		Open:    func(s digest.Source) (newsroom.Source, error) { return nil, fmt.Errorf("no source %s", s.ID) }}
}

// restart is what a crash leaves: a new process on the same store.
func (b *bench) restart() {
	b.t.Helper()
	if err := b.store.VoidLeases(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if os.Getenv("NUTGRAF_TEST_STORE") == "postgres" { // leases of a dead replica run out there
		b.clock.turn(61 * time.Second)
	}
	b.Newsroom = b.newsroom("next")
}

// news adds one article about each subject, arriving now.
func (b *bench) news(subjects ...string) {
	b.t.Helper()
	var articles []digest.Article
	for _, s := range subjects {
		a, err := intake.Finish(digest.Article{Workspace: digest.Shared, Source: "wire", URL: "https://example.org/" + s + b.clock.Now().Format("/0102-1504"),
			Title: s + " " + gibberish(s, 4), Language: "en", Text: s + " " + gibberish(s, 30) + ".\n\n" + gibberish(s+"2", 30) + "."}, b.clock.Now())
		if err != nil {
			b.t.Fatal(err)
		}
		articles = append(articles, a)
	}
	results, err := b.Accept(b.t.Context(), articles)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict != digest.Added {
			b.t.Fatalf("article not added: %+v", r)
		}
	}
}

// gibberish returns words that no other seed has, so that no two articles are
// of one story.
func gibberish(seed string, words int) string {
	out := make([]string, words)
	for i := range out {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", seed, i))
		for _, b := range sum[:4] {
			out[i] += string("bdfgklmnprstvz"[b%14]) + string("aeiou"[b/14%5])
		}
	}
	return strings.Join(out, " ")
}

// settle repeats rounds until nothing is left to do.
func (b *bench) settle() {
	b.t.Helper()
	for range 200 {
		worked, err := b.Round(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		if !worked {
			return
		}
	}
	b.t.Fatal("the rounds do not come to an end")
}

// slots returns "key state" of all slots, oldest first.
func (b *bench) slots() []string {
	b.t.Helper()
	slots, err := b.store.Slots(b.t.Context(), digest.SlotFilter{})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, s := range slots {
		line := s.Key + " " + string(s.State)
		if s.Late {
			line += " late"
		}
		out = append(out, line)
	}
	slices.Reverse(out)
	return out
}

func (b *bench) wantSlots(want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.slots()); diff != "" {
		b.t.Errorf("slots (-want +got):\n%s", diff)
	}
}

// wantPosts compares the number of visible posts by channel.
func (b *bench) wantPosts(want map[string]int) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.chat.count(b.t)); diff != "" {
		b.t.Errorf("posts by channel (-want +got):\n%s", diff)
	}
}

func (b *bench) parts() []digest.Part {
	b.t.Helper()
	parts, err := b.store.Deliveries(b.t.Context(), digest.PartFilter{})
	if err != nil {
		b.t.Fatal(err)
	}
	return parts
}

func TestDigestIsPostedOnce(t *testing.T) {
	b := newBench(t, daily())
	b.settle()
	b.wantSlots()
	b.clock.set(at(8, 0))
	b.settle()
	b.wantSlots("2026-05-04T08:00 done")
	b.wantPosts(map[string]int{"chat:news": 4}) // a header and three stories
	for i, p := range b.parts() {
		if wantParent := i > 0; (b.chat.parents[p.Key] != "") != wantParent || p.N != i+1 || p.Of != 4 {
			t.Errorf("part %d of %d has parent %q", p.N, p.Of, b.chat.parents[p.Key])
		}
	}
	b.clock.set(at(7, 30)) // the clock goes back
	b.settle()
	b.clock.set(at(8, 1))
	b.restart()
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 4})

	b.clock.set(at(32, 0)) // the day after, without news
	b.settle()
	b.wantSlots("2026-05-04T08:00 done", "2026-05-05T08:00 empty")
}

func TestEmptyNote(t *testing.T) {
	sub := daily()
	sub.Empty = "note"
	sub.Sources = []string{"elsewhere"}
	b := newBench(t, sub)
	b.clock.set(at(8, 0))
	b.settle()
	b.wantSlots("2026-05-04T08:00 done")
	b.wantPosts(map[string]int{"chat:news": 1})
}

func TestTwoChannels(t *testing.T) {
	sub := daily()
	sub.Channels = append(sub.Channels, digest.Address{Platform: "chat", Channel: "other"}, digest.Address{Platform: "absent", Channel: "x"})
	sub.Layout.Stories = 2
	b := newBench(t, sub)
	b.chat.behave(func(p digest.Part, store func()) error {
		if p.Channel == "other" {
			return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, Code: "ratelimited", After: 90 * time.Second}, Err: errors.New("slow down")}
		}
		store()
		return nil
	})
	b.clock.set(at(8, 0))
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 3})
	b.wantSlots("2026-05-04T08:00 built")
	b.chat.behave(nil)
	b.clock.turn(89 * time.Second)
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 3})
	b.clock.turn(2 * time.Second)
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 3, "chat:other": 3})
	b.wantSlots("2026-05-04T08:00 done")
}

func TestLateAndMissed(t *testing.T) {
	b := newBench(t, daily())
	b.clock.set(at(8, 0))
	b.settle()
	for day := 1; day <= 3; day++ { // nobody delivers, but articles are pushed
		b.clock.set(at(day*24+6, 0))
		b.news(fmt.Sprintf("bridge%d", day))
	}
	b.clock.set(at(72+11, 0))
	b.restart()
	b.settle()
	b.wantSlots("2026-05-04T08:00 done", "2026-05-05T08:00 missed", "2026-05-06T08:00 missed", "2026-05-07T08:00 done late")
	editions, err := b.store.Editions(t.Context(), digest.Local, 10)
	if err != nil {
		t.Fatal(err)
	}
	late := editions[0]
	if !late.Late || !late.From.Equal(at(8, 0)) || !late.To.Equal(at(72+8, 0)) || late.Coverage.Articles != 3 {
		t.Errorf("got late %v, window %s to %s, %d articles; want all three missed days", late.Late, late.From, late.To, late.Coverage.Articles)
	}
	b.clock.set(at(96+14, 1)) // longer than the catch-up time
	b.restart()
	b.settle()
	if got, want := b.slots()[4], "2026-05-08T08:00 missed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestClockJump holds slots back until a second round agrees with a clock that
// leapt, and lets one late digest out at most.
func TestClockJump(t *testing.T) {
	b := newBench(t, daily())
	b.settle()
	b.clock.set(at(48+8, 30))
	if n, err := b.Decide(t.Context()); n != 0 || err != nil {
		t.Fatalf("first look: got %d slots, %v; want none", n, err)
	}
	b.clock.set(at(7, 1)) // it was a mistake
	b.settle()
	b.wantSlots()
	b.clock.set(at(48+8, 30))
	b.settle()
	if _, err := b.Decide(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.wantSlots("2026-05-04T08:00 missed", "2026-05-05T08:00 missed", "2026-05-06T08:00 done late")
}

// TestTwoWorkers lets two newsrooms work on one store at the same time.
func TestTwoWorkers(t *testing.T) {
	var subs []digest.Subscription
	want := make(map[string]int)
	for i := range 8 {
		sub := daily()
		sub.ID = fmt.Sprintf("s%d", i)
		sub.Channels = []digest.Address{{Platform: "chat", Channel: sub.ID}}
		subs = append(subs, sub)
		want["chat:"+sub.ID] = 4
	}
	b := newBench(t, subs...)
	b.clock.set(at(8, 0))
	second := b.newsroom("two")
	var all sync.WaitGroup
	for _, n := range []*newsroom.Newsroom{b.Newsroom, second} {
		all.Go(func() {
			for range 60 {
				if _, err := n.Round(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.wantPosts(want)
}

func TestPreview(t *testing.T) {
	b := newBench(t, daily())
	b.clock.set(at(8, 0))
	b.settle()
	b.clock.set(at(8, 5))
	e, err := b.Preview(t.Context(), daily(), b.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Items) != 3 || e.Slot != "2026-05-04T08:05" {
		t.Errorf("got %d stories for %s, want 3 for 2026-05-04T08:05", len(e.Items), e.Slot)
	}
	b.wantSlots("2026-05-04T08:00 done")
	b.wantPosts(map[string]int{"chat:news": 4})
}
