package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// tray is an inbox that several platforms share, as replicas do.
type tray struct {
	mu      sync.Mutex
	notes   map[string]digest.Standing
	asked   int
	stalled bool
	gate    chan struct{} // what holds Receive up; nil for nothing
}

func (y *tray) Receive(ctx context.Context, r digest.Receipt) (digest.Standing, error) {
	y.mu.Lock()
	y.asked++
	stalled, gate := y.stalled, y.gate
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

func (y *tray) asks() int { y.mu.Lock(); defer y.mu.Unlock(); return y.asked }

// finished reports whether the only note is that of an interaction that is done.
func (y *tray) finished(id string) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return len(y.notes) == 1 && y.notes["discord:"+guildID+" "+id] == digest.Done
}

// interactions are bodies of interactions that change something, and of one that
// only looks.
func interactions() map[string]string {
	who := fmt.Sprintf(`"application_id":"1","token":"t","guild_id":"%s","channel_id":"%s","member":{"user":{"id":"7"},"permissions":"0"}`, guildID, channelID)
	return map[string]string{
		"a look":    `{"id":"1","type":2,` + who + `,"data":{"name":"digest","type":1,"options":[{"name":"latest","type":1}]}}`,
		"a command": `{"id":"2","type":2,` + who + `,"data":{"name":"digest","type":1,"options":[{"name":"feed","type":2,"options":[{"name":"add","type":1,"options":[{"name":"url","type":3,"value":"https://a.example"}]}]}]}}`,
		"a press":   `{"id":"3","type":3,` + who + `,"data":{"component_type":2,"custom_id":"` + linePrefix + `set s1 length short"}}`,
		"a choice":  `{"id":"4","type":3,` + who + `,"data":{"component_type":3,"custom_id":"` + menuPrefix + `set s1 length","values":["short"]}}`,
		"a form":    `{"id":"5","type":5,` + who + `,"data":{"custom_id":"` + formPrefix + `subscribe|sketch|","components":[{"type":18,"component":{"type":4,"custom_id":"time","value":"08:00"}}]}}`,
	}
}

func idOf(body string) string {
	var i struct{ ID string }
	_ = json.Unmarshal([]byte(body), &i)
	return i.ID
}

// post sends a signed interaction and returns the status of the answer.
func (b *bench) post(t *testing.T, endpoint, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(brief(t, 20*time.Second), http.MethodPost, endpoint, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = b.fake.Sign(b.clock.Now(), []byte(body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestSentAgain sends each interaction again, also after a restart: it is
// answered once and has one effect.
func TestSentAgain(t *testing.T) {
	for name, body := range interactions() {
		if name == "a look" {
			continue // a restart forgets it
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, k := &tray{}, &clerk{form: digestForm}
			withTray := func(c *Config) { c.Inbox = y }
			b, endpoint := called(t, k, withTray)
			again, restarted := called(t, k, withTray)
			for i, want := range []int{200, 401, 401, 401} {
				if i == 2 {
					b, endpoint = again, restarted
				}
				if got := b.post(t, endpoint, body); got != want {
					t.Errorf("time %d: HTTP %d, want %d", i, got, want)
				}
				eventually(t, "the note of the end", func() bool { return y.finished(idOf(body)) })
				b.clock.Add(time.Minute)
			}
			if n := len(k.seen); n != 1 {
				t.Errorf("%d effects, want 1", n)
			}
		})
	}
}

// TestNotedBeforeAcknowledged holds the inbox up, and then lets it go on or fail.
func TestNotedBeforeAcknowledged(t *testing.T) {
	for name, body := range interactions() {
		if name == "a look" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, k := &tray{gate: make(chan struct{})}, &clerk{form: digestForm}
			b, endpoint := called(t, k, func(c *Config) { c.Inbox, c.noting = y, time.Minute })
			status := make(chan int, 1)
			go func() { status <- b.post(t, endpoint, body) }()
			eventually(t, "the note", func() bool { return y.asks() == 1 })
			if got := b.post(t, endpoint, interactions()["a look"]); got != 200 || y.asks() != 1 {
				t.Errorf("a look is answered %d meanwhile, with %d notes", got, y.asks()-1)
			}
			if last := k.last().Name; len(status) > 0 || last != "latest" {
				t.Errorf("before the note: acknowledged %v, the last command was %s", len(status) > 0, last)
			}
			close(y.gate)
			if got := <-status; got != 200 {
				t.Errorf("HTTP %d", got)
			}
		})
	}
}

// TestStalledInbox has an inbox that takes no notes for a while: nothing is done,
// and the same interaction is welcome afterwards.
func TestStalledInbox(t *testing.T) {
	for name, body := range interactions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, k := &tray{stalled: true}, &clerk{form: digestForm}
			b, endpoint := called(t, k, func(c *Config) { c.Inbox, c.noting = y, 20*time.Millisecond })
			if name == "a look" {
				if got := b.post(t, endpoint, body); got != 200 {
					t.Errorf("HTTP %d", got)
				}
				return
			}
			if got := b.post(t, endpoint, body); got != 503 || k.last().Name != "" {
				t.Errorf("HTTP %d, and %q was run", got, k.last().Name)
			}
			y.set(func() { y.stalled = false })
			if got := b.post(t, endpoint, body); got != 200 || k.last().Name == "" {
				t.Errorf("afterwards: HTTP %d, and %q was run", got, k.last().Name)
			}
		})
	}
}

// TestLateNote has an inbox that takes nearly all the time there is: the answer
// is announced at once.
func TestLateNote(t *testing.T) {
	y, release := &tray{gate: make(chan struct{})}, make(chan struct{})
	k := &clerk{form: digestForm, reply: func(chat.Command) chat.Reply { <-release; return say("done") }}
	b, endpoint := called(t, k, func(c *Config) { c.Inbox, c.noting = y, time.Minute })
	if err := b.fake.SetEndpoint(endpoint); err != nil {
		t.Fatal(err)
	}
	id := b.fake.Click(reader, guildID, channelID, linePrefix+"set s1 length short")
	eventually(t, "the note", func() bool { return y.asks() == 1 })
	b.clock.Add(chat.Patience)
	close(y.gate)
	eventually(t, "the acknowledgement", func() bool { i, err := b.fake.Interaction(id); return err == nil && i.Type != 0 })
	if i, _ := b.fake.Interaction(id); i.Type != answerDeferred {
		t.Errorf("acknowledged: %+v", i)
	}
	close(release)
}

// TestStalledInboxOverTheGateway tells people what cannot be done, in their
// language.
func TestStalledInboxOverTheGateway(t *testing.T) {
	y, k := &tray{stalled: true}, &clerk{form: digestForm}
	b := newBench(t, discordfake.Options{}, func(c *Config) {
		c.Identifies, c.sleep, c.Inbox, c.noting = &counter{}, nil, y, 20*time.Millisecond
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, k, deskSpecs()) }()
	t.Cleanup(func() { cancel(); <-done })
	eventually(t, "the bot logs in", func() bool { return b.fake.Connected() > 0 })
	german := reader
	german.Locale = "de"
	i := finished(t, b, b.fake.Click(german, guildID, channelID, linePrefix+"set s1 length short"))
	if !i.Ephemeral || !strings.Contains(string(i.Answer), "es wurde nichts geändert") || k.last().Name != "" {
		t.Errorf("got %+v, and %q was run", i, k.last().Name)
	}
	if i := finished(t, b, b.fake.Slash(german, guildID, channelID, "digest", "latest", nil)); !strings.Contains(string(i.Answer), "done") {
		t.Errorf("a look: %+v", i)
	}
	y.set(func() { y.stalled = false })
	id := b.fake.Click(german, guildID, channelID, linePrefix+"set s1 length short")
	finished(t, b, id)
	if err := b.fake.Again(id); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both", func() bool { return y.asks() == 3 })
	eventually(t, "the note of the end", func() bool { return y.finished(id) })
	if n := len(k.seen); n != 2 {
		t.Errorf("%d commands were run, want the look and one more", n)
	}
}
