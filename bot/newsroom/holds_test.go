package newsroom_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// inChannels returns one subscription for each channel of a workspace.
func inChannels(names ...string) []digest.Subscription {
	var subs []digest.Subscription
	for _, name := range names {
		sub := daily()
		sub.ID, sub.Channels = name, []digest.Address{{Platform: "chat", Workspace: "T1", Channel: name}}
		subs = append(subs, sub)
	}
	return subs
}

// several returns names that begin alike.
func several(prefix string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s%d", prefix, i))
	}
	return out
}

// tries records the posts that are tried, as "channel@seconds after 8:00".
type tries struct {
	mu  sync.Mutex
	all []string
}

func (r *tries) note(b *bench, p digest.Part) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, fmt.Sprintf("%s@%g", p.Channel, b.clock.Now().Sub(at(8, 0)).Seconds()))
}

// take returns what was tried since the last call, sorted.
func (r *tries) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.all
	r.all = nil
	slices.Sort(out)
	return out
}

func failing(o digest.Outcome) error { return &digest.PostError{Outcome: o, Err: errors.New("no")} }

// TestWaitIsKept lets a channel ask for a pause: nothing that goes there comes
// earlier, not even for another subscription, and other channels go on.
func TestWaitIsKept(t *testing.T) {
	subs := inChannels("a", "b", "c")
	subs[1].Channels = subs[0].Channels
	b := newBench(t, subs...)
	var r tries
	b.chat.behave(func(p digest.Part, store func()) error {
		r.note(b, p)
		if p.Channel == "a" && b.clock.Now().Before(at(8, 0).Add(30*time.Second)) {
			return failing(digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 30 * time.Second})
		}
		store()
		return nil
	})
	b.clock.set(at(8, 0))
	b.settle()
	if got, want := r.take(), []string{"a@0", "c@0", "c@0", "c@0", "c@0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	b.clock.turn(29*time.Second + 999*time.Millisecond)
	b.settle()
	if got := r.take(); len(got) > 0 {
		t.Errorf("too early: %v", got)
	}
	b.clock.turn(time.Millisecond)
	b.settle()
	if got, want := r.take(), slices.Repeat([]string{"a@30"}, 8); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDeadChannelsFailAlone has channels fail while others are served: nothing
// is held but these channels.
func TestDeadChannelsFailAlone(t *testing.T) {
	b := newBench(t, inChannels(append(several("dead", 8), several("good", 8)...)...)...)
	var r tries
	posted := make(chan struct{})
	var stored atomic.Int32
	b.chat.behave(func(p digest.Part, store func()) error {
		r.note(b, p)
		if strings.HasPrefix(p.Channel, "dead") {
			<-posted // when the others have succeeded
			return failing(digest.Outcome{Class: digest.NotSent})
		}
		store()
		if stored.Add(1) == 8*4 {
			close(posted)
		}
		return nil
	})
	b.clock.set(at(8, 0))
	b.settle()
	for range 20 { // the dead ones are tried again and again
		b.clock.turn(45 * time.Second)
		b.settle()
	}
	if f := b.Figures(); len(f.Breakers) != 2 || f.Breakers[0].State != newsroom.Closed || f.Breakers[1].State != newsroom.Closed {
		t.Errorf("breakers %+v, want both closed", f.Breakers)
	}
	for name, n := range b.chat.count(t) {
		if n != 4 || !strings.HasPrefix(name, "chat:T1/good") {
			t.Errorf("%s shows %d posts", name, n)
		}
	}
	if got := len(b.chat.count(t)); got != 8 {
		t.Errorf("%d channels were served, want 8", got)
	}
	late := inChannels("late")
	late[0].Cron = "20 8 * * *"
	if err := b.store.PutSubscriptions(t.Context(), late, "chat"); err != nil {
		t.Fatal(err)
	}
	b.clock.set(at(8, 20))
	b.settle()
	if got := b.chat.count(t)["chat:T1/late"]; got != 4 {
		t.Errorf("a digest that came due beside dead channels has %d of 4 parts", got)
	}
}

// TestWorkspaceHold has all channels of a workspace fail: it is probed every 30
// seconds at most, by a channel that did not fail itself where there is one,
// and after its recovery everything goes out.
func TestWorkspaceHold(t *testing.T) {
	b := newBench(t, inChannels(append(several("dead", 8), several("good", 4)...)...)...)
	var r tries
	down := true
	b.chat.behave(func(p digest.Part, store func()) error {
		r.note(b, p)
		switch {
		case strings.HasPrefix(p.Channel, "good") && b.clock.Now().Equal(at(8, 0)):
			return failing(digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, After: 31 * time.Second})
		case down && strings.HasPrefix(p.Channel, "dead"):
			return failing(digest.Outcome{Class: digest.NotSent})
		}
		store()
		return nil
	})
	b.clock.set(at(8, 0))
	b.settle()
	if f := b.Figures(); f.Breakers[1].Name != "chat:T1" || f.Breakers[1].State != newsroom.Open || f.Breakers[1].Failures < 5 || f.HeldChannels == 0 {
		t.Fatalf("figures %+v, want an open breaker", f)
	}
	r.take()
	b.clock.turn(31 * time.Second)
	b.settle()
	got := b.chat.count(t)
	for range 4 { // those that were claimed while the probe was on its way; the next one is later than that
		b.clock.turn(5 * time.Second)
		b.settle()
		got = b.chat.count(t)
	}
	for _, name := range several("good", 4) {
		if got["chat:T1/"+name] != 4 {
			t.Errorf("channel %s, which did not fail, shows %d of 4 parts before the next probe", name, got["chat:T1/"+name])
		}
	}
	down = false
	for range 10 {
		b.clock.turn(20 * time.Second)
		b.settle()
	}
	if got := len(b.chat.count(t)); got != 12 {
		t.Errorf("%d channels were served in the end, want 12", got)
	}
}

// TestProbes counts the posts into a workspace of which every channel hangs.
func TestProbes(t *testing.T) {
	b := newBench(t, inChannels(several("c", 10)...)...)
	var r tries
	b.chat.behave(func(p digest.Part, _ func()) error {
		r.note(b, p)
		return failing(digest.Outcome{Class: digest.NotSent})
	})
	b.clock.set(at(8, 0))
	b.settle()
	r.take()
	for range 360 {
		b.clock.turn(5 * time.Second)
		b.settle()
	}
	if got := len(r.take()); got < 20 || got > 60 {
		t.Errorf("%d probes in half an hour, want at most one in 30 s", got)
	}
	if f := b.Figures(); f.Breakers[1].State == newsroom.Closed {
		t.Errorf("breakers %+v", f.Breakers)
	}
}

// TestOldestFirst lets a platform come back: the digest that waited longest is
// delivered first.
func TestOldestFirst(t *testing.T) {
	subs := inChannels("z-first", "a-later")
	subs[1].Cron = "1 8 * * *"
	b := newBench(t, subs...)
	down := true
	var order []string
	b.chat.behave(func(p digest.Part, store func()) error {
		if down {
			return failing(digest.Outcome{Class: digest.NotSent, Scope: digest.ScopePlatform})
		}
		order = append(order, p.Channel)
		store()
		return nil
	})
	for b.clock.set(at(8, 0)); b.clock.Now().Before(at(8, 4)); b.clock.turn(10 * time.Second) {
		b.settle()
	}
	down = false
	b.clock.turn(30 * time.Second)
	b.settle()
	b.clock.turn(30 * time.Second)
	b.settle()
	if len(order) != 8 || order[0] != "z-first" {
		t.Errorf("posted in the order %v, want z-first before a-later", order)
	}
}

// TestWaitIsKeptByTheStore has our clock five minutes behind the store's, as on
// a replica of PostgreSQL: the wait is kept, and the part is not claimed again
// and again meanwhile.
func TestWaitIsKeptByTheStore(t *testing.T) {
	b := newBench(t, inChannels("a")...)
	var r tries
	b.chat.behave(func(p digest.Part, store func()) error {
		r.note(b, p)
		return failing(digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, After: 30 * time.Second})
	})
	b.clock.set(at(8, 0))
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Now = func() time.Time { return b.clock.Now().Add(-5 * time.Minute) }
	for range 3 {
		if _, err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.parts()[0].Next; !got.Equal(at(8, 0).Add(30 * time.Second)) {
		t.Errorf("the next attempt is at %s, want 30 s after the first", got)
	}
	b.clock.turn(30 * time.Second)
	if _, err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := r.take(), []string{"a@0", "a@30"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestQueuedPartsAreGivenBack stops the program while posts hang and others
// wait for their turn: those can be claimed at once by the next one.
func TestQueuedPartsAreGivenBack(t *testing.T) {
	b := newBench(t, inChannels(several("c", 80)...)...)
	b.Timing = newsroom.Timing{Timeout: 10 * time.Minute, Lease: time.Hour, Grace: 10 * time.Second, Poll: 10 * time.Millisecond, Jitter: time.Nanosecond}
	started, release := make(chan struct{}, 200), make(chan struct{})
	b.chat.behave(func(digest.Part, func()) error {
		started <- struct{}{}
		<-release
		return failing(digest.Outcome{Class: digest.NotSent})
	})
	b.clock.set(at(8, 0))
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx) }()
	for range 32 {
		select {
		case <-started:
		case err := <-ended:
			t.Fatalf("the round ended: %v", err)
		}
	}
	queued := func(want int) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); b.Figures().Platforms[0].Queued != want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d parts wait, want %d", b.Figures().Platforms[0].Queued, want)
			}
		}
	}
	queued(32)
	stop()
	queued(0)
	close(release)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := len(started); n != 0 {
		t.Errorf("%d more posts began after the stop", n)
	}
	b.Newsroom = b.newsroom("next")
	b.chat.behave(nil)
	b.settle()
	if got := len(b.chat.count(t)); got != 48 {
		t.Errorf("%d channels are served at once by the next one, want the 48 of which no post was on its way", got)
	}
}
