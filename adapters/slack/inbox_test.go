package slack

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// tray is an inbox that several platforms share, as replicas do.
type tray struct {
	mu      sync.Mutex
	notes   map[string]digest.Standing
	asked   int
	stalled bool
	gate    chan struct{}  // what holds Receive up; nil for nothing
	met     func(asks int) // called at every Receive, under the lock
}

func (y *tray) Receive(ctx context.Context, r digest.Receipt) (digest.Standing, error) {
	y.mu.Lock()
	y.asked++
	stalled, gate := y.stalled, y.gate
	if y.met != nil {
		y.met(y.asked)
	}
	y.mu.Unlock()
	if stalled || gate != nil {
		select {
		case <-gate: // never, where there is none
		case <-ctx.Done():
			return digest.Fresh, ctx.Err()
		}
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	key := r.Workspace + " " + r.ID
	if was, ok := y.notes[key]; ok {
		return was, nil
	}
	if y.notes == nil {
		y.notes = make(map[string]digest.Standing)
	}
	y.notes[key] = digest.Working
	return digest.Fresh, nil
}

func (y *tray) Finish(_ context.Context, r digest.Receipt) error {
	y.set(func() { y.notes[r.Workspace+" "+r.ID] = digest.Done })
	return nil
}

func (y *tray) set(f func()) { y.mu.Lock(); defer y.mu.Unlock(); f() }

// all reports whether so many notes have a standing, and no other is there.
func (y *tray) all(n int, s digest.Standing) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, was := range y.notes {
		if was != s {
			return false
		}
	}
	return len(y.notes) == n
}

func (y *tray) asks() int { y.mu.Lock(); defer y.mu.Unlock(); return y.asked }

// eventually waits for what another goroutine brings about.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for ctx := within(t); !cond(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("waited in vain for " + what)
		}
	}
}

// tally counts what is done.
type tally struct {
	desk
	gone int
}

func (c *tally) config(y *tray) func(*Config) {
	return func(cfg *Config) {
		cfg.Inbox = y
		cfg.Gone = func(context.Context, digest.Address, string) { c.mu.Lock(); defer c.mu.Unlock(); c.gone++ }
	}
}

func (c *tally) effects() int { c.mu.Lock(); defer c.mu.Unlock(); return len(c.asked) + c.gone }

// sendings are requests of all kinds, most of which change something.
func sendings() map[string]struct {
	kind    string
	payload map[string]any
} {
	type sending = struct {
		kind    string
		payload map[string]any
	}
	person := map[string]any{"id": "U1"}
	place := map[string]any{"id": "C1"}
	team := map[string]any{"id": slackfake.Team}
	return map[string]sending{
		"a look":    {"slash_commands", map[string]any{"command": "/digest", "text": "latest", "team_id": slackfake.Team, "channel_id": "C1", "user_id": "U1", "trigger_id": "1.look"}},
		"a command": {"slash_commands", map[string]any{"command": "/digest", "text": "set x value:1", "team_id": slackfake.Team, "channel_id": "C1", "user_id": "U1", "trigger_id": "1.command"}},
		"a press": {"interactive", map[string]any{"type": "block_actions", "team": team, "user": person, "channel": place, "trigger_id": "1.press",
			"actions": []any{map[string]any{"type": "button", "action_id": "run:1", "value": "set x value:1"}}}},
		"a choice": {"interactive", map[string]any{"type": "block_actions", "team": team, "user": person, "channel": place, "trigger_id": "1.choice",
			"actions": []any{map[string]any{"type": "static_select", "action_id": menuAction + "1:set x", "selected_option": map[string]any{"value": "1"}}}}},
		"a form": {"interactive", map[string]any{"type": "view_submission", "team": team, "user": person, "trigger_id": "1.form",
			"view": map[string]any{"callback_id": formCallback, "private_metadata": `{"c":"set","ch":"C1","a":{"value":"1"}}`, "state": map[string]any{"values": map[string]any{}}}}},
		"an event":     {"events_api", map[string]any{"type": "event_callback", "team_id": slackfake.Team, "event_id": "Ev1", "event": map[string]any{"type": "channel_archive", "channel": "C1"}}},
		"an uninstall": {"events_api", map[string]any{"type": "event_callback", "team_id": slackfake.Team, "event_id": "Ev2", "event": map[string]any{"type": "app_uninstalled"}}},
	}
}

// leave has Slack refuse the token from then on, if the request is an uninstall.
func leave(w world, name string) {
	if name == "an uninstall" {
		refused := slackfake.Refuse("account_inactive")
		w.Fail("auth.test", refused, refused, refused, refused)
	}
}

// send sends a signed request and returns the status.
func send(t *testing.T, w world, base, kind string, payload map[string]any) int {
	t.Helper()
	req, err := w.Request(base, kind, payload)
	if err != nil {
		t.Fatal(err)
	}
	return fire(t, req)
}

func fire(t *testing.T, req *http.Request) int {
	t.Helper()
	resp, err := http.DefaultClient.Do(req.WithContext(within(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestSentAgain sends each request four times, as Slack does with events, with a
// restart between: it is answered well each time, and has one effect.
func TestSentAgain(t *testing.T) {
	for name, s := range sendings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, done := &tray{}, &tally{}
			w, server := called(t, done, done.config(y))
			again, restarted := called(t, done, done.config(y))
			leave(w, name)
			leave(again, name)
			for i, after := range []time.Duration{0, 0, time.Minute, 4 * time.Minute} {
				w.clock.jump(after)
				again.clock.jump(after)
				if i == 2 {
					if name == "a look" {
						break // a restart forgets what only looks
					}
					w, server = again, restarted
				}
				if got := send(t, w, server.URL, s.kind, s.payload); got != 200 {
					t.Errorf("time %d: status %d", i, got)
				}
				eventually(t, "the effect", func() bool { return done.effects() > 0 })
				if name != "a look" {
					eventually(t, "the note of the end", func() bool { return y.all(1, digest.Done) })
				}
			}
			if n := done.effects(); n != 1 {
				t.Errorf("%d effects, want 1", n)
			}
			if name == "a look" && y.asks() > 0 {
				t.Error("what only looks was noted")
			}
		})
	}
}

// TestNotedBeforeAcknowledged holds the inbox up: nothing is acknowledged and
// nothing is done meanwhile.
func TestNotedBeforeAcknowledged(t *testing.T) {
	for name, s := range sendings() {
		if name == "a look" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, done := &tray{gate: make(chan struct{})}, &tally{}
			w, server := called(t, done, done.config(y))
			leave(w, name)
			w.p.noting = time.Minute
			req, err := w.Request(server.URL, s.kind, s.payload)
			if err != nil {
				t.Fatal(err)
			}
			status := make(chan int, 1)
			go func() { status <- fire(t, req) }()
			eventually(t, "the note", func() bool { return y.asks() == 1 })
			if got := send(t, w, server.URL, "slash_commands", sendings()["a look"].payload); got != 200 {
				t.Errorf("a look is answered %d meanwhile", got)
			}
			if n := done.effects(); len(status) > 0 || n != 1 {
				t.Errorf("before the note: acknowledged %v, %d effects beside the look", len(status) > 0, n-1)
			}
			close(y.gate)
			if got := <-status; got != 200 {
				t.Errorf("status %d", got)
			}
			eventually(t, "the effect", func() bool { return done.effects() == 2 })
		})
	}
}

// TestStalledInbox has an inbox that does not take notes for a while.
func TestStalledInbox(t *testing.T) {
	for name, s := range sendings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, done := &tray{stalled: true}, &tally{}
			w, server := called(t, done, done.config(y))
			leave(w, name)
			w.p.noting = 20 * time.Millisecond
			req, err := w.Request(server.URL, s.kind, s.payload)
			if err != nil {
				t.Fatal(err)
			}
			same := req.Clone(context.Background()) // a proxy may send the very same again
			if same.Body, err = req.GetBody(); err != nil {
				t.Fatal(err)
			}
			want, effects := 503, 0
			if name == "a look" {
				want, effects = 200, 1
			}
			if got := fire(t, req); got != want || done.effects() != effects {
				t.Errorf("while it is stalled: status %d and %d effects, want %d and %d", got, done.effects(), want, effects)
			}
			y.set(func() { y.stalled = false })
			if got := fire(t, same); got != 200 {
				t.Errorf("afterwards: status %d", got)
			}
			eventually(t, "the effect", func() bool { return done.effects() == 1 })
		})
	}
	if limit := newWorld(t).p.noting; limit > 2500*time.Millisecond {
		t.Errorf("the inbox has %s", limit)
	}
}

// TestEventAtWork sends an event that another process is at: it waits for that,
// and has the event sent again where it takes too long.
func TestEventAtWork(t *testing.T) {
	s := sendings()["an event"]
	key := "slack:" + slackfake.Team + " Ev1"
	for _, c := range []struct {
		name string
		met  func(y *tray, asks int)
		want int
	}{
		{"it finishes", func(y *tray, asks int) {
			if asks == 3 {
				y.notes[key] = digest.Done
			}
		}, 200},
		{"it takes long", func(*tray, int) {}, 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			y, done := &tray{notes: map[string]digest.Standing{key: digest.Working}}, &tally{}
			y.met = func(asks int) { c.met(y, asks) }
			w, server := called(t, done, done.config(y))
			if w.p.noting = time.Minute; c.want == 503 {
				w.p.noting = 3 * again
			}
			if got := send(t, w, server.URL, s.kind, s.payload); got != c.want || done.effects() != 0 {
				t.Errorf("status %d and %d effects, want %d and none", got, done.effects(), c.want)
			}
		})
	}
}

// TestStalledInboxOverTheSocket tells people what cannot be done, leaves events
// to be sent again, and forms open.
func TestStalledInboxOverTheSocket(t *testing.T) {
	y, done := &tray{stalled: true}, &tally{}
	done.form = func(c chat.Command) (*chat.Form, error) {
		return &chat.Form{Title: "Set", Submit: "Save", Command: "set", Fields: []chat.Input{{Option: chat.Option{Name: "value", Required: true}, Label: "Value"}}}, nil
	}
	w := newWorld(t, done.config(y))
	w.p.noting = 20 * time.Millisecond
	hearing(t, w, done, formSpecs())
	const sorry = "nothing was changed; try again in a minute"
	if got := w.ask(t, "U1", "C1", "set x value:1"); len(got) != 1 || got[0].Type != "ephemeral" || !strings.Contains(got[0].Text, sorry) {
		t.Errorf("a command is answered %+v", got)
	}
	v, err := w.Event(map[string]any{"type": "channel_archive", "channel": "C1"})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the event", func() bool { return strings.Contains(w.log.String(), "left for Slack to send again") })
	window := w.window(t, "U1", "ask")
	wrong, _, err := w.Submit(within(t), window, map[string]string{"in:value": "5"})
	if err != nil || !strings.Contains(wrong["in:value"], sorry) {
		t.Errorf("a form is answered %v, %v", wrong, err)
	}
	if n := done.effects(); n != 0 {
		t.Errorf("%d effects", n)
	}
	if acks := w.Acks(); len(acks) != 3 || acks[0].Type != "slash_commands" || acks[1].Type != "slash_commands" || acks[2].Type != "interactive" {
		t.Errorf("acknowledged: %+v", acks)
	}
	y.set(func() { y.stalled = false })
	if err := w.Again(v); err != nil {
		t.Fatal(err)
	}
	if wrong, _, err := w.Submit(within(t), window, map[string]string{"in:value": "5"}); err != nil || len(wrong) > 0 {
		t.Errorf("the form again: %v, %v", wrong, err)
	}
	eventually(t, "both effects", func() bool { return done.effects() == 2 })
}

// TestComingsAndGoings notes of the people who join and leave only the app.
func TestComingsAndGoings(t *testing.T) {
	y, done := &tray{}, &tally{}
	w, _ := called(t, done, done.config(y))
	for i, user := range []string{"U1", "U2", slackfake.BotUser} {
		if _, err := w.Event(map[string]any{"type": "member_left_channel", "channel": "C1", "user": user}); err != nil {
			t.Fatal(err)
		}
		w.quiet(t, i+1)
	}
	if y.asks() != 1 || done.effects() != 1 {
		t.Errorf("%d notes and %d effects, want one each", y.asks(), done.effects())
	}
}
