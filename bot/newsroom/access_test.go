package newsroom_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// Probe counts, and finds what the test says.
func (c *channels) Probe(context.Context, digest.Address) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probes++
	if !c.open {
		return errors.New("closed")
	}
	return nil
}

// refusing returns a post that is refused with an outcome.
func refusing(o digest.Outcome) func(digest.Part, func()) error {
	return func(digest.Part, func()) error {
		return &digest.PostError{Outcome: o, Err: errors.New("the platform says no")}
	}
}

var (
	gone     = digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable, Code: "is_archived"}
	noAccess = digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisableIfAgain, Code: "50013"}
	shut     = digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Action: digest.ActPause, Code: "token_revoked"}
	refused  = digest.Outcome{Class: digest.NotSent, Scope: digest.ScopePlatform, Action: digest.ActStop, Code: "401"}
	badForm  = digest.Outcome{Class: digest.Rejected, Action: digest.ActPlain, Code: "50035"}
	badWords = digest.Outcome{Class: digest.Rejected, Action: digest.ActName, Code: "200000"}
)

// inWorkspace is daily in a workspace whose operators have a channel.
func inWorkspace() digest.Subscription {
	sub := daily()
	sub.Channels = []digest.Address{{Platform: "chat", Workspace: "W", Channel: "news"}}
	return sub
}

// newOperatedBench is a bench with operators of everything.
func newOperatedBench(t testing.TB, subs ...digest.Subscription) *bench {
	b := newBench(t, subs...)
	b.Admins = map[string]digest.Address{digest.Shared: {Platform: "chat", Workspace: "HQ", Channel: "ops"}}
	return b
}

// except lets the operators' channel work whatever else does not.
func except(post func(digest.Part, func()) error) func(digest.Part, func()) error {
	return func(p digest.Part, store func()) error {
		if p.Workspace == "HQ" {
			store()
			return nil
		}
		return post(p, store)
	}
}

// notices returns what the operators' channel shows, one cause and subject a line.
func (b *bench) notices() []string {
	b.t.Helper()
	b.chat.count(b.t)
	b.chat.mu.Lock()
	defer b.chat.mu.Unlock()
	var out []string
	for _, key := range b.chat.visible["chat:HQ/ops"] {
		_, rest, _ := strings.Cut(b.chat.bodies[key], "Nutgraf: ")
		cause, rest, _ := strings.Cut(rest, `"`)
		_, rest, _ = strings.Cut(rest, `" · `)
		subject, _, _ := strings.Cut(rest, `"`)
		out = append(out, cause+" · "+subject)
	}
	return out
}

func (b *bench) wantNotices(want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.notices()); diff != "" {
		b.t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func (b *bench) disabled() string {
	b.t.Helper()
	subs, err := b.store.Subscriptions(b.t.Context(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	return subs[0].Disabled
}

// day goes to 08:00 of a day, with news.
func (b *bench) day(n int) {
	b.t.Helper()
	b.clock.set(at(24*n+7, 30))
	b.settle()
	b.news(fmt.Sprint("harvest", n), fmt.Sprint("tunnel", n))
	b.clock.set(at(24*n+8, 0))
	b.settle()
}

// TestGoneChannel disables at once, tells once, asks for nothing more, and
// brings the digest back when the channel lets us in.
func TestGoneChannel(t *testing.T) {
	sub := inWorkspace()
	sub.Layout.Thread = "no"
	b := newOperatedBench(t, sub)
	b.chat.behave(except(refusing(gone)))
	b.clock.set(at(8, 0))
	b.settle()
	b.wantSlots("2026-05-04T08:00 undeliverable")
	b.wantNotices("channel gone · chat:W/news")
	if posts := b.chat.posts; posts != 2 {
		t.Errorf("%d posts, want one to the channel and one to the operators", posts)
	}
	b.day(1)
	if got := b.disabled(); got != "the channel chat:W/news cannot be posted to: is_archived: the platform says no" {
		t.Errorf("disabled: %q", got)
	}
	if b.chat.probes == 0 || b.chat.probes > 25 {
		t.Errorf("%d checks in a day, want one an hour", b.chat.probes)
	}
	b.restart()
	b.Admins = map[string]digest.Address{digest.Shared: {Platform: "chat", Workspace: "HQ", Channel: "ops"}}
	b.settle()
	b.wantNotices("channel gone · chat:W/news")

	b.chat.behave(nil)
	b.chat.open = true
	b.day(2)
	if got := b.disabled(); got != "" {
		t.Errorf("still disabled: %q", got)
	}
	b.wantSlots("2026-05-04T08:00 undeliverable", "2026-05-05T08:00 missed", "2026-05-06T08:00 done")
	b.chat.behave(except(refusing(gone)))
	b.day(3)
	b.wantNotices("channel gone · chat:W/news", "channel gone · chat:W/news")
}

// TestNoAccess disables after two slots in a row only.
func TestNoAccess(t *testing.T) {
	b := newOperatedBench(t, inWorkspace())
	const access = "permission missing · chat:W/news"
	b.chat.behave(except(refusing(noAccess)))
	b.day(0)
	b.wantNotices(access)
	b.chat.behave(nil)
	b.day(1)
	b.chat.behave(except(refusing(noAccess)))
	b.day(2)
	b.wantNotices(access, access) // it had been over
	if got := b.disabled(); got != "" {
		t.Errorf("disabled after slots that did not follow each other: %q", got)
	}
	b.day(3)
	if got := b.disabled(); !strings.Contains(got, "50013") {
		t.Errorf("disabled after two slots: got %q", got)
	}
	b.wantNotices(access, access, "channel gone · chat:W/news")
	b.wantSlots("2026-05-04T08:00 undeliverable", "2026-05-05T08:00 done", "2026-05-06T08:00 undeliverable", "2026-05-07T08:00 undeliverable")
}

// TestOneOfTwoChannelsGone leaves the other one alone.
func TestOneOfTwoChannelsGone(t *testing.T) {
	sub := inWorkspace()
	sub.Channels = append(sub.Channels, digest.Address{Platform: "chat", Workspace: "W", Channel: "sports"})
	b := newOperatedBench(t, sub)
	b.chat.behave(except(func(p digest.Part, store func()) error {
		if p.Channel == "news" {
			return refusing(gone)(p, store)
		}
		store()
		return nil
	}))
	b.day(0)
	b.day(1)
	b.wantNotices("channel gone · chat:W/news")
	b.wantSlots("2026-05-04T08:00 partial", "2026-05-05T08:00 partial")
	if got := b.disabled(); got != "" {
		t.Errorf("disabled: %q", got)
	}
}

// TestPausedWorkspace asks a workspace that does not let us in for nothing but a
// probe every six hours, records its slots, and goes on by itself.
func TestPausedWorkspace(t *testing.T) {
	b := newOperatedBench(t, inWorkspace())
	b.chat.behave(except(refusing(shut)))
	b.clock.set(at(8, 0))
	b.settle()
	for b.clock.Now().Before(at(24+8, 0)) {
		b.clock.turn(time.Hour)
		b.settle()
	}
	if b.chat.posts != 2 || b.chat.probes != 4 {
		t.Errorf("%d posts and %d probes in a day, want 2 (one to the operators) and 4", b.chat.posts, b.chat.probes)
	}
	b.wantNotices("workspace paused · chat:W")
	b.wantSlots("2026-05-04T08:00 expired", "2026-05-05T08:00 built")
	slots, err := b.store.Slots(t.Context(), digest.SlotFilter{Key: "2026-05-04T08:00"})
	if err != nil || len(slots) != 1 || !strings.Contains(slots[0].Reason, "its workspace is paused: token_revoked") {
		t.Errorf("the slot does not say why: %+v %v", slots, err)
	}
	b.restart() // with another token
	b.Admins = map[string]digest.Address{digest.Shared: {Platform: "chat", Workspace: "HQ", Channel: "ops"}}
	b.chat.behave(nil)
	b.chat.open = true
	if err := b.Store.ProbeSoon(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.wantSlots("2026-05-04T08:00 expired", "2026-05-05T08:00 done")
	b.chat.behave(except(refusing(shut)))
	b.day(2)
	b.wantNotices("workspace paused · chat:W", "workspace paused · chat:W")
}

// TestRefusedToken tells once, and again only after it had been good.
func TestRefusedToken(t *testing.T) {
	b := newOperatedBench(t, inWorkspace())
	b.chat.behave(except(refusing(refused)))
	for b.clock.set(at(8, 0)); b.clock.Now().Before(at(9, 0)); b.clock.turn(10 * time.Minute) {
		b.settle()
	}
	b.wantNotices("token refused · chat")
	b.chat.behave(nil)
	b.clock.turn(time.Minute)
	b.settle()
	b.wantSlots("2026-05-04T08:00 done")
	b.restart()
	b.Admins = map[string]digest.Address{digest.Shared: {Platform: "chat", Workspace: "HQ", Channel: "ops"}}
	b.day(1)
	b.chat.behave(except(refusing(refused)))
	b.day(2)
	b.wantNotices("token refused · chat", "token refused · chat")
}

// TestPlainTextOnce makes two attempts for a part whose form is at fault, with
// another failure in between or not.
func TestPlainTextOnce(t *testing.T) {
	busy := digest.Outcome{Class: digest.NotSent, Code: "429", After: time.Second}
	for _, tt := range []struct {
		name     string
		answers  []digest.Outcome // to part 2, in order; then it passes
		attempts int
		state    digest.PartState
		reason   string
		slot     string
	}{
		{"passes as plain text", []digest.Outcome{badForm}, 2, digest.PartSent, "", "done"},
		{"does not pass", []digest.Outcome{badForm, badForm}, 2, digest.PartRejected,
			"50035: the platform says no; as plain text: 50035: the platform says no", "partial"},
		{"is busy between", []digest.Outcome{badForm, busy, badForm}, 3, digest.PartRejected,
			"429: the platform says no; as plain text: 50035: the platform says no", "partial"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newOperatedBench(t, inWorkspace())
			n := 0
			var plain []bool
			b.chat.behave(func(p digest.Part, store func()) error {
				if p.N == 2 {
					n++
					plain = append(plain, p.Plain)
					if n <= len(tt.answers) {
						return refusing(tt.answers[n-1])(p, store)
					}
				}
				store()
				return nil
			})
			b.clock.set(at(8, 0))
			b.settle()
			b.clock.turn(10 * time.Second)
			b.settle()
			p := b.parts()[1]
			if p.State != tt.state || p.Attempts != tt.attempts || p.Reason != tt.reason {
				t.Errorf("part 2 is %s after %d attempts: %q, want %s after %d: %q", p.State, p.Attempts, p.Reason, tt.state, tt.attempts, tt.reason)
			}
			if plain[0] || len(plain) > 1 && !plain[len(plain)-1] {
				t.Errorf("plain text: %v", plain)
			}
			b.wantSlots("2026-05-04T08:00 " + tt.slot)
			if tt.state == digest.PartRejected {
				b.wantNotices("part rejected · chat:W/news 2026-05-04T08:00")
			}
		})
	}
}

// TestBlockedStoryIsNamed tells the operators which story AutoMod objects to.
func TestBlockedStoryIsNamed(t *testing.T) {
	b := newOperatedBench(t, inWorkspace())
	b.chat.behave(except(func(p digest.Part, store func()) error {
		if p.N == 3 {
			return refusing(badWords)(p, store)
		}
		store()
		return nil
	}))
	b.day(0)
	b.wantNotices("part rejected · chat:W/news 2026-05-04T08:00")
	p := b.parts()[2]
	e, err := b.store.Edition(t.Context(), "chat:W", p.Edition)
	if err != nil {
		e, err = b.store.Edition(t.Context(), digest.Local, p.Edition)
	}
	if err != nil {
		t.Fatal(err)
	}
	named := false
	for _, body := range b.chat.bodies {
		named = named || strings.Contains(body, "part rejected") && strings.Contains(body, e.Items[1].Brief.Headline)
	}
	if p.Attempts != 1 || !named {
		t.Errorf("after %d attempts the operators are told the headline: %v", p.Attempts, named)
	}
}

// TestUnknownIsTold tells once of a part in doubt, parked or sent again.
func TestUnknownIsTold(t *testing.T) {
	for _, onUnknown := range []string{"park", "resend"} {
		sub := inWorkspace()
		sub.OnUnknown = onUnknown
		b := newOperatedBench(t, sub)
		lost := true
		b.chat.behave(except(func(_ digest.Part, store func()) error {
			if lost {
				lost = false
				return errors.New("connection reset")
			}
			store()
			return nil
		}))
		b.chat.find = func(digest.Part) (digest.Finding, error) {
			return digest.CannotTell, &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "missing_scope"}, Err: errors.New("channels:history is missing")}
		}
		b.day(0)
		for range 5 {
			b.clock.turn(41 * time.Second)
			b.settle()
		}
		b.wantNotices("part unknown · chat:W/news 2026-05-04T08:00")
		want := map[string]string{"park": "2026-05-04T08:00 built", "resend": "2026-05-04T08:00 done"}[onUnknown]
		b.wantSlots(want)
		p := b.parts()[0]
		if onUnknown == "park" && (p.State != digest.PartUnknown || !strings.Contains(p.Reason, "missing_scope: channels:history is missing")) {
			t.Errorf("parked: %s %q", p.State, p.Reason)
		}
	}
}
