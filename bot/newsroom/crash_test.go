package newsroom_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

var errDead = errors.New("the process is dead")

// mortal is a store whose process dies at its deadAt-th step: before the step
// has an effect, or after. Steps are the calls that write, and posts.
type mortal struct {
	newsroom.Store
	mu     sync.Mutex
	steps  int
	deadAt int
	effect bool
	last   string // the step it died at
}

// step runs f unless the process is dead or dies here.
func (m *mortal) step(name string, f func() error) error {
	m.mu.Lock()
	m.steps++
	steps := m.steps
	if steps == m.deadAt {
		m.last = name
	}
	m.mu.Unlock()
	switch {
	case steps > m.deadAt || steps == m.deadAt && !m.effect:
		return errDead
	case steps == m.deadAt:
		_ = f()
		return errDead
	}
	return f()
}

func (m *mortal) dead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.steps >= m.deadAt
}

func (m *mortal) PutSlots(ctx context.Context, slots []digest.Slot) (n int, err error) {
	if len(slots) == 0 {
		return 0, nil
	}
	err = m.step("put slots", func() error { n, err = m.Store.PutSlots(ctx, slots); return err })
	return n, err
}

func (m *mortal) ClaimSlot(ctx context.Context, worker string, lease time.Duration) (s digest.Slot, sub digest.Subscription, c digest.Claim, ok bool, err error) {
	if m.dead() {
		return s, sub, c, false, errDead
	}
	s, sub, c, ok, err = m.Store.ClaimSlot(ctx, worker, lease)
	if ok {
		err = m.step("claim slot", func() error { return err })
	}
	return s, sub, c, ok, err
}

func (m *mortal) FreezeWindow(ctx context.Context, c digest.Claim, s digest.Slot) error {
	return m.step("freeze window", func() error { return m.Store.FreezeWindow(ctx, c, s) })
}

func (m *mortal) SaveStories(ctx context.Context, workspace string, stories []digest.Story) error {
	return m.step("save stories", func() error { return m.Store.SaveStories(ctx, workspace, stories) })
}

func (m *mortal) FreezeEdition(ctx context.Context, c digest.Claim, s digest.Slot, e digest.Edition, parts []digest.Part) error {
	return m.step("freeze edition", func() error { return m.Store.FreezeEdition(ctx, c, s, e, parts) })
}

func (m *mortal) ClaimPart(ctx context.Context, worker string, platforms []string, lease time.Duration) (p digest.Part, c digest.Claim, ok bool, err error) {
	if m.dead() {
		return p, c, false, errDead
	}
	p, c, ok, err = m.Store.ClaimPart(ctx, worker, platforms, lease)
	if ok {
		err = m.step("claim part", func() error { return err })
	}
	return p, c, ok, err
}

func (m *mortal) MarkSending(ctx context.Context, c digest.Claim, p digest.Part) error {
	return m.step("mark sending", func() error { return m.Store.MarkSending(ctx, c, p) })
}

func (m *mortal) MarkSent(ctx context.Context, c digest.Claim, p digest.Part, ref digest.MessageRef) error {
	return m.step("mark sent", func() error { return m.Store.MarkSent(ctx, c, p, ref) })
}

func (m *mortal) MarkRetry(ctx context.Context, c digest.Claim, p digest.Part, next time.Time, reason string) error {
	return m.step("mark retry", func() error { return m.Store.MarkRetry(ctx, c, p, next, reason) })
}

func (m *mortal) MarkDoubt(ctx context.Context, c digest.Claim, p digest.Part, look time.Time, reason string) error {
	return m.step("mark doubt", func() error { return m.Store.MarkDoubt(ctx, c, p, look, reason) })
}

// TestCrashAtEveryStep kills the process at every step, before and after its
// effect, and starts the next one. An article that turns up after the window was
// frozen may not get into the digest, and every part is visible exactly once.
func TestCrashAtEveryStep(t *testing.T) {
	for _, effect := range []bool{false, true} {
		for deadAt := 1; ; deadAt++ {
			m := &mortal{deadAt: deadAt, effect: effect}
			t.Run(fmt.Sprintf("%d/effect=%v", deadAt, effect), func(t *testing.T) { crash(t, m) })
			if m.last == "" {
				break // it lived to the end
			}
			if deadAt > 100 {
				t.Fatal("the rounds do not come to an end")
			}
		}
	}
}

func crash(t *testing.T, m *mortal) {
	b := newBench(t, daily())
	m.Store = b.store
	b.Store = m
	b.chat.behave(func(_ digest.Part, store func()) error {
		return m.step("post", func() error { store(); return nil })
	})
	b.clock.set(at(8, 0))
	for range 6 {
		_, _ = b.Round(t.Context())
	}
	b.chat.behave(nil)
	want := 4
	if slots := b.slots(); len(slots) == 0 || slots[0] == "2026-05-04T08:00 due" {
		want = 5 // the window is not frozen yet
	}
	b.clock.set(at(7, 59))
	b.Store = b.store
	b.news("latecomer") // dated into the window
	b.clock.set(at(8, 0).Add(2 * time.Second))
	b.restart()
	b.settle()
	b.clock.turn(41 * time.Second)
	b.settle()
	b.wantPosts(map[string]int{"chat:news": want})
	b.wantSlots("2026-05-04T08:00 done")
	if t.Failed() {
		t.Logf("it died at: %s", m.last)
	}
}

// TestRequestInFlight lets the platform store a message after the process that
// sent it is dead: a search before the quiet time is over would not see it.
func TestRequestInFlight(t *testing.T) {
	if os.Getenv("NUTGRAF_TEST_STORE") == "postgres" {
		t.Skip("another replica takes over when the lease of a minute is out; no request is in flight then")
	}
	b := newBench(t, daily())
	m := &mortal{Store: b.store, deadAt: 1 << 30, effect: true}
	b.Store = m
	var late func()
	b.chat.behave(func(_ digest.Part, store func()) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.deadAt, late = m.steps, store
		return errDead
	})
	b.clock.set(at(8, 0))
	_, _ = b.Round(t.Context())
	b.chat.behave(nil)
	b.restart()
	b.settle()
	b.clock.turn(5 * time.Second)
	late()
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 1})
	b.clock.turn(36 * time.Second)
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 4})
	b.wantSlots("2026-05-04T08:00 done")
}

// TestDoubt answers the search for a part with an unknown outcome in every way.
func TestDoubt(t *testing.T) {
	lost := func(digest.Part, func()) error { return errors.New("connection reset") }
	kept := func(_ digest.Part, store func()) error { store(); return errors.New("unexpected EOF") }
	cannot := func(digest.Part) (digest.Finding, error) { return digest.CannotTell, nil }
	failing := func(digest.Part) (digest.Finding, error) { return digest.CannotTell, errors.New("missing_scope") }
	tests := []struct {
		name      string
		onUnknown string
		post      func(digest.Part, func()) error
		find      func(digest.Part) (digest.Finding, error)
		after     time.Duration // when it is decided
		posts     int           // visible in the end
		slot      string
		first     digest.PartState
	}{
		{"found", "", kept, nil, 41 * time.Second, 4, "done", digest.PartSent},
		{"absent", "", lost, nil, 41 * time.Second, 4, "done", digest.PartSent},
		{"cannot tell", "", lost, cannot, 41 * time.Second, 3, "partial", digest.PartUnknown},
		{"cannot tell, resend", "resend", lost, cannot, 41 * time.Second, 4, "done", digest.PartSent},
		{"search fails for long", "", lost, failing, 17 * time.Minute, 3, "partial", digest.PartUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sub := daily()
			sub.OnUnknown, sub.Layout.Thread = tt.onUnknown, "no"
			b := newBench(t, sub)
			b.chat.find = tt.find
			b.chat.behave(tt.post)
			b.clock.set(at(8, 0))
			b.settle()
			b.chat.behave(nil)
			b.clock.turn(38 * time.Second)
			b.settle()
			if p := b.parts()[0]; p.State != digest.PartSending || b.chat.posts != 1 {
				t.Errorf("inside the quiet time: part 1 is %s after %d posts, want sending after 1", p.State, b.chat.posts)
			}
			for end := at(8, 0).Add(tt.after); b.clock.Now().Before(end); b.clock.turn(30 * time.Second) {
				b.settle()
			}
			b.settle()
			b.wantPosts(map[string]int{"chat:news": tt.posts})
			b.wantSlots("2026-05-04T08:00 " + tt.slot)
			if got := b.parts()[0].State; got != tt.first {
				t.Errorf("part 1 is %s, want %s", got, tt.first)
			}
		})
	}
}

// TestRetries shows the waits between certain failures, and the end of them.
func TestRetries(t *testing.T) {
	b := newBench(t, daily())
	var tries []time.Duration
	b.chat.behave(func(digest.Part, func()) error {
		tries = append(tries, b.clock.Now().Sub(at(8, 0)))
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent}, Err: errors.New("connection refused")}
	})
	b.Manners = map[string]newsroom.Manners{"chat": {}}
	b.Timing.Hold = time.Millisecond
	b.clock.set(at(8, 0))
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	step := time.Second
	for ; b.clock.Now().Before(at(14, 2)); b.clock.turn(step) {
		if _, err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b.clock.Now().After(at(8, 1)) {
			step = 20 * time.Second
		}
	}
	b.settle()
	waits := []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 30 * time.Minute}
	if len(tries) < 15 || len(tries) > 22 {
		t.Fatalf("got %d attempts in six hours, want about 17", len(tries))
	}
	for i, wait := range waits {
		if got := tries[i+1] - tries[i]; got < wait*8/10 || got > wait*12/10+step {
			t.Errorf("wait %d: got %s, want %s ± 20 %%", i+1, got, wait)
		}
	}
	b.wantSlots("2026-05-04T08:00 expired")
	b.wantPosts(map[string]int{})
}

func TestRejected(t *testing.T) {
	gone := &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable, Code: "is_archived"}, Err: errors.New("Slack refused it")}
	bad := &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "invalid_blocks"}, Err: errors.New("invalid_blocks")}

	t.Run("one part", func(t *testing.T) {
		b := newBench(t, daily())
		b.chat.behave(func(p digest.Part, store func()) error {
			if p.N == 2 {
				return bad
			}
			store()
			return nil
		})
		b.clock.set(at(8, 0))
		b.settle()
		b.wantPosts(map[string]int{"chat:news": 3})
		b.wantSlots("2026-05-04T08:00 partial")
	})
	t.Run("the channel", func(t *testing.T) {
		b := newBench(t, daily())
		b.chat.behave(func(digest.Part, func()) error { return gone })
		b.clock.set(at(8, 0))
		b.settle()
		b.wantSlots("2026-05-04T08:00 undeliverable")
		subs, err := b.store.Subscriptions(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := subs[0].Disabled, "the channel chat:news cannot be posted to: is_archived: Slack refused it"; got != want {
			t.Errorf("disabled: got %q, want %q", got, want)
		}
	})
}

// TestPlatformHold leaves a platform alone that is down, but for one probe at a
// time, and drains the backlog soon after.
func TestPlatformHold(t *testing.T) {
	var subs []digest.Subscription
	want := make(map[string]int)
	for i := range 6 {
		sub := daily()
		sub.ID = fmt.Sprintf("s%d", i)
		sub.Channels = []digest.Address{{Platform: "chat", Channel: sub.ID}}
		subs = append(subs, sub)
		want["chat:"+sub.ID] = 4
	}
	b := newBench(t, subs...)
	b.chat.behave(func(digest.Part, func()) error {
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, Scope: digest.ScopePlatform}, Err: errors.New("down")}
	})
	b.clock.set(at(8, 0))
	b.settle()
	before := b.chat.posts
	for end := at(8, 30); b.clock.Now().Before(end); b.clock.turn(5 * time.Second) {
		b.settle()
	}
	if probes := b.chat.posts - before; probes < 30 || probes > 61 {
		t.Errorf("got %d probes in half an hour, want one in 30 s", probes)
	}
	b.chat.behave(nil)
	b.clock.turn(31 * time.Second)
	b.settle()
	b.clock.turn(31 * time.Second)
	b.settle()
	b.wantPosts(want)
}

// TestFencedBeforePost stops a worker between its mark and its post for longer
// than its lease, while another one delivers: woken, it may not post any more.
func TestFencedBeforePost(t *testing.T) {
	b := newBench(t, daily())
	b.clock.set(at(8, 0))
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := b.newsroom("two")
	slept := false
	b.Store = &sleeper{Store: b.store, sleep: func() {
		if slept {
			return
		}
		slept = true
		b.clock.turn(61 * time.Second)
		for {
			worked, err := second.Deliver(t.Context())
			if err != nil {
				t.Error(err)
			}
			if worked == 0 {
				return
			}
		}
	}}
	b.settle()
	if !slept {
		t.Fatal("nothing was claimed")
	}
	b.wantPosts(map[string]int{"chat:news": 4})
	b.wantSlots("2026-05-04T08:00 done")
}

// sleeper is a store whose worker sleeps after marking a part.
type sleeper struct {
	newsroom.Store
	sleep func()
}

func (s *sleeper) MarkSending(ctx context.Context, c digest.Claim, p digest.Part) error {
	defer s.sleep()
	return s.Store.MarkSending(ctx, c, p)
}

// TestResendEnds has every post lost and no search possible: a part that is
// sent again in doubt is given up after some attempts.
func TestResendEnds(t *testing.T) {
	sub := daily()
	sub.OnUnknown, sub.Layout.Stories = "resend", 1
	b := newBench(t, sub)
	b.chat.find = func(digest.Part) (digest.Finding, error) { return digest.CannotTell, nil }
	b.chat.behave(func(digest.Part, func()) error { return errors.New("connection reset") })
	for b.clock.set(at(8, 0)); b.clock.Now().Before(at(8, 10)); b.clock.turn(41 * time.Second) {
		b.settle()
	}
	if got, want := b.parts()[0], 3; got.State != digest.PartUnknown || got.Attempts != want {
		t.Errorf("part 1 is %s after %d attempts, want unknown after %d", got.State, got.Attempts, want)
	}
}

// TestDoubtOutlivesRefusal has a post without an answer, on a platform that
// knows a repeat by its key and is therefore searched early, and a repeat that
// is refused for longer than any key is remembered. The first post arrives
// meanwhile: it must be looked for again before the part is sent again.
func TestDoubtOutlivesRefusal(t *testing.T) {
	sub := daily()
	sub.Layout.Stories = 1
	b := newBench(t, sub)
	b.Manners = map[string]newsroom.Manners{"chat": {Quiet: 2 * time.Second}}
	posts, arrived := 0, false
	b.chat.find = func(digest.Part) (digest.Finding, error) {
		if arrived {
			return digest.Found, nil
		}
		return digest.Absent, nil
	}
	b.chat.behave(func(p digest.Part, store func()) error {
		if p.N > 1 {
			store()
			return nil
		}
		switch posts++; posts {
		case 1:
			return errors.New("no answer")
		case 2:
			arrived = true
			return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, After: 5 * time.Minute}, Err: errors.New("too fast")}
		}
		return nil
	})
	for b.clock.set(at(8, 0)); b.clock.Now().Before(at(8, 10)); b.clock.turn(3 * time.Second) {
		b.settle()
	}
	if got := b.parts()[0]; got.State != digest.PartSent || posts != 2 {
		t.Errorf("part 1 is %s after %d posts, want sent after 2: it was there before a third", got.State, posts)
	}
}
