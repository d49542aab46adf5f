package slack

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
)

// TestCommandsOutliveTheirConnection has a command at work while the connection
// that it came by ends, and another one while the program stops.
func TestCommandsOutliveTheirConnection(t *testing.T) {
	w := newWorld(t)
	begun, release := make(chan struct{}), make(chan struct{})
	h := chat.HandlerFunc(func(ctx context.Context, _ chat.Command) chat.Reply {
		begun <- struct{}{}
		select {
		case <-release:
			return chat.Reply{Messages: []chat.Message{chat.Note("done")}}
		case <-ctx.Done():
			return chat.Reply{Messages: []chat.Message{chat.Note("given up: " + ctx.Err().Error())}}
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.p.Listen(ctx, h, testSpecs()) }()
	ask := func() *slackfake.Invocation {
		t.Helper()
		w.await(t, "a socket", func() bool { return w.Sockets() == 1 })
		v, err := w.Slash("U1", "C1", "help")
		if err != nil {
			t.Fatal(err)
		}
		<-begun
		return v
	}
	answered := func(what string, v *slackfake.Invocation) {
		t.Helper()
		w.await(t, "an answer "+what, func() bool { return len(w.Responses(v)) == 1 })
		if got := w.Responses(v)[0].Text; got != "done" {
			t.Errorf("%s: got %q, want %q", what, got, "done")
		}
	}
	lost := ask()
	w.Disconnect("too_many_websockets")
	w.await(t, "the next connection", func() bool { return w.Calls("apps.connections.open") == 2 && w.Sockets() == 1 })
	release <- struct{}{}
	answered("after the connection ended", lost)
	last := ask()
	stop()
	w.await(t, "the end of the connection", func() bool { return w.Sockets() == 0 })
	release <- struct{}{}
	answered("while the program stops", last)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestHandlersEndWithTheProgram gives a command that does not end only so much
// time when the program stops.
func TestHandlersEndWithTheProgram(t *testing.T) {
	w := newWorld(t)
	w.p.farewell = 50 * time.Millisecond
	begun, over := make(chan struct{}), make(chan struct{})
	l := w.p.listener(chat.HandlerFunc(func(ctx context.Context, _ chat.Command) chat.Reply {
		close(begun)
		<-ctx.Done()
		close(over)
		return chat.Reply{}
	}), testSpecs())
	l.take(t.Context(), delivery{kind: "slash_commands", payload: []byte(`{"text":"help","channel_id":"C1","team_id":"` + slackfake.Team + `"}`)})
	<-begun
	l.drain()
	<-over
}

// TestPanicAtAForm has the program fail at a form: that costs the form only.
func TestPanicAtAForm(t *testing.T) {
	w, d := newWorld(t), &desk{}
	hearing(t, w, d, formSpecs())
	v := w.window(t, "U1", "ask")
	d.panic = true
	unanswered, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := w.Submit(unanswered, v, map[string]string{"in:n": "12"}); err == nil {
		t.Error("the form was taken")
	}
	for range 200 {
		if strings.Contains(w.log.String(), "boom") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := w.log.String(); !strings.Contains(got, "boom") {
		t.Errorf("log: %s", got)
	}
	w.ask(t, "U1", "C1", "latest")
}

// TestPanicAtTheLanguage has the program fail at the language of an answer, also
// of the one that says that it failed.
func TestPanicAtTheLanguage(t *testing.T) {
	w, d := newWorld(t), &desk{panic: true}
	hearing(t, w, d, formSpecs())
	if _, err := w.Slash("U1", "C1", "serch"); err != nil {
		t.Fatal(err)
	}
	w.ask(t, "U1", "C1", "latest")
}

// TestTheNextConnectionWaits has Slack ask for patience while it renews the
// connection.
func TestTheNextConnectionWaits(t *testing.T) {
	w := newWorld(t)
	listening(t, w, echo)
	w.Fail("apps.connections.open", slackfake.Wait("2"))
	w.Raw(`{"type":"disconnect","reason":"warning"}`) // the end itself comes later
	w.await(t, "the next connection", func() bool { return w.Sockets() == 2 })
	var asked []time.Time
	for _, r := range w.Requests() {
		if r.Method == "apps.connections.open" {
			asked = append(asked, r.At)
		}
	}
	if len(asked) != 3 || asked[2].Sub(asked[1]) < 2*time.Second {
		t.Errorf("asked for connections at %v; want three, the last one 2 s after the second as Slack said", asked)
	}
}
