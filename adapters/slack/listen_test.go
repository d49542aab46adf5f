package slack

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack/socketmode"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

func testSpecs() []chat.Spec {
	return []chat.Spec{
		{Name: "search", Help: "Search", Options: []chat.Option{{Name: "words", Required: true}}},
		{Name: "secret", Help: "Private", Private: true},
		{Name: "summarize", Help: "Summarize", Options: []chat.Option{{Name: "target", Required: true}}},
		{Name: "story", Help: "Story", Private: true, Options: []chat.Option{{Name: "id", Required: true}}},
		{Name: "help", Help: "Help"},
	}
}

// listening starts Listen with a handler, and waits until it is connected.
func listening(t *testing.T, w world, h chat.HandlerFunc) {
	t.Helper()
	hearing(t, w, h, testSpecs())
}

// hearing starts Listen with a handler and its commands.
func hearing(t *testing.T, w world, h chat.Handler, specs []chat.Spec) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.p.Listen(ctx, h, specs) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Listen: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Listen did not end")
		}
	})
	w.await(t, "a socket", func() bool { return w.Sockets() == 1 })
}

func (w world) await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	if err := w.Await(within(t), what, cond); err != nil {
		t.Fatalf("%v\n%s", err, w.log)
	}
}

// ask types a command and returns the answers.
func (w world) ask(t *testing.T, user, channel, text string) []slackfake.Response {
	t.Helper()
	v, err := w.Slash(user, channel, text)
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "an answer to "+text, func() bool { return len(w.Responses(v)) > 0 })
	return w.Responses(v)
}

// echo answers with what it was asked.
func echo(_ context.Context, c chat.Command) chat.Reply {
	return chat.Reply{Messages: []chat.Message{chat.Note(fmt.Sprintf("%s %v in %s by %s/%s manager=%v direct=%v", c.Name, c.Args, c.Address, c.User.ID, c.User.Locale, c.User.Manager, c.Direct))}}
}

func TestSlashCommands(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Managers = []string{"U5"} })
	w.AddUser(slackfake.User{ID: "U5", Name: "kim", Locale: "fr-FR"})
	listening(t, w, echo)
	for _, c := range []struct{ user, channel, text, want, kind string }{
		{"U1", "C1", "search port strike", "search map[words:port strike] in slack:T012FAKE/C1 by U1/en-US manager=false direct=false", "in_channel"},
		{"U2", "C1", "secret", "secret map[] in slack:T012FAKE/C1 by U2/de-DE manager=true direct=false", "ephemeral"},
		{"U3", "D1", "help", "help map[] in slack:T012FAKE/D1 by U3/en-GB manager=true direct=true", "in_channel"},
		{"U4", "C1", "", "help map[] in slack:T012FAKE/C1 by U4/en-US manager=false direct=false", "in_channel"},
		{"U5", "C1", "help", "help map[] in slack:T012FAKE/C1 by U5/fr-FR manager=true direct=false", "in_channel"},
		{"U9", "C1", "help", "help map[] in slack:T012FAKE/C1 by U9/ manager=false direct=false", "in_channel"},
		{"U1", "C1", "summarize <https://a.example/?b=1&amp;c=2|a>", "summarize map[target:https://a.example/?b=1&amp;c=2] in slack:T012FAKE/C1 by U1/en-US manager=false direct=false", "in_channel"},
		{"U1", "C1", "serch x", "There is no command `serch`; did you mean `search`?", "ephemeral"},
	} {
		t.Run(c.text, func(t *testing.T) {
			got := w.ask(t, c.user, c.channel, c.text)
			if len(got) != 1 || got[0].Text != c.want || got[0].Type != c.kind || got[0].Replace {
				t.Errorf("got %+v, want %q %s", got, c.want, c.kind)
			}
		})
	}
	if got := w.Calls("users.info"); got != 6 { // U1 to U5, U9; the parse error asks for nobody
		t.Errorf("%d look-ups of people, want 6", got)
	}
	w.ask(t, "U1", "C1", "help")
	w.clock.jump(personAge)
	w.ask(t, "U1", "C1", "help")
	if got := w.Calls("users.info"); got != 7 {
		t.Errorf("%d look-ups of people, want 7: they are remembered for %s", got, personAge)
	}
	for _, a := range w.Acks() {
		if a.Missed || a.Extra {
			t.Errorf("acknowledgement %+v", a)
		}
	}
}

func TestAcknowledgementDoesNotWait(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	listening(t, w, func(_ context.Context, c chat.Command) chat.Reply {
		switch c.Args["words"] {
		case "quick":
			time.Sleep(100 * time.Millisecond)
		case "slow":
			time.Sleep(4 * time.Second)
		case "virtual":
			<-release
		}
		return chat.Reply{Messages: []chat.Message{chat.Note("done " + c.Args["words"])}}
	})
	var asked []*slackfake.Invocation
	for _, words := range []string{"virtual", "slow", "quick"} {
		v, err := w.Slash("U1", "C1", "search "+words)
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, v)
	}
	w.await(t, "acknowledgements", func() bool { return len(w.Acks()) == 3 })
	for _, a := range w.Acks() {
		if a.Missed || a.Latency > time.Second {
			t.Errorf("acknowledgement %+v", a)
		}
	}
	w.await(t, "the slow answer", func() bool { return len(w.Responses(asked[1])) == 1 && len(w.Responses(asked[2])) == 1 })
	w.clock.jump(16 * time.Minute)
	close(release)
	w.await(t, "the answer after 16 minutes", func() bool { return len(w.Responses(asked[0])) == 1 })
}

func TestExpiredAnswerIsLogged(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	listening(t, w, func(context.Context, chat.Command) chat.Reply {
		<-release
		return chat.Reply{Messages: []chat.Message{chat.Note("late")}}
	})
	v, err := w.Slash("U1", "C1", "help")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the acknowledgement", func() bool { return len(w.Acks()) == 1 })
	w.clock.jump(31 * time.Minute)
	close(release)
	w.await(t, "the refusal", func() bool { return w.Refusals(v) == 1 })
	for range 50 {
		if strings.Contains(w.log.String(), "expired_url") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !strings.Contains(w.log.String(), "expired_url") || w.Refusals(v) != 1 {
		t.Errorf("%d refusals; the log says:\n%s", w.Refusals(v), w.log)
	}
}

func TestButtonsAndShortcut(t *testing.T) {
	w := newWorld(t)
	listening(t, w, echo)
	m := chat.Note("https://ledger.example/a_b?x=1&y=2.")
	m.More = chat.Link{Text: "Read more", URL: "https://ledger.example/"}
	m.Buttons = []chat.Button{{Label: "All sources", Line: "story 12"}}
	head, err := w.p.Post(within(t), w.part(t, m))
	if err != nil {
		t.Fatal(err)
	}
	p := w.part(t, m)
	p.Threaded, p.Parent = true, head
	if _, err := w.p.Post(within(t), p); err != nil {
		t.Fatal(err)
	}
	posted := w.Posts("C1")[1]
	v, err := w.Press("U1", posted, "run:1")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer to the button", func() bool { return len(w.Responses(v)) == 1 })
	if got := w.Responses(v)[0]; got.Text != "story map[id:12] in slack:T012FAKE/C1 by U1/en-US manager=false direct=false" || got.Type != "ephemeral" || got.ThreadTS != string(head) {
		t.Errorf("got %+v", got)
	}
	if _, err := w.Press("U1", posted, "link:0"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the acknowledgement of the link button", func() bool { return len(w.Acks()) == 2 })
	short, err := w.Shortcut("U1", w.Write("C1", "U2", "look: <https://a.example/x?b=1&amp;c=2|this> and https://b.example"), SummarizeShortcut)
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer to the shortcut", func() bool { return len(w.Responses(short)) == 1 })
	if got := w.Responses(short)[0].Text; !strings.Contains(got, "target:https://a.example/x?b=1&amp;c=2]") {
		t.Errorf("got %s", got)
	}
	none, err := w.Shortcut("U1", w.Write("C1", "U2", "nothing here"), SummarizeShortcut)
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer without a link", func() bool { return len(w.Responses(none)) == 1 })
	if got := w.Responses(none)[0]; !strings.Contains(got.Text, "no link") || got.Type != "ephemeral" {
		t.Errorf("got %+v", got)
	}
	w.await(t, "four acknowledgements", func() bool { return len(w.Acks()) == 4 })
}

func TestRepeatedEnvelopeRunsOnce(t *testing.T) {
	w := newWorld(t)
	var ran atomic.Int32
	listening(t, w, func(ctx context.Context, c chat.Command) chat.Reply { ran.Add(1); return echo(ctx, c) })
	v, err := w.Slash("U1", "C1", "help")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer", func() bool { return len(w.Responses(v)) == 1 })
	for range 3 {
		if err := w.Again(v); err != nil {
			t.Fatal(err)
		}
	}
	w.ask(t, "U1", "C1", "help") // everything before it was taken by now
	w.await(t, "acknowledgements", func() bool { return len(w.Acks()) == 5 })
	if got := ran.Load(); got != 2 {
		t.Errorf("the handler ran %d times, want 2", got)
	}
}

func TestPanickingHandlerAndReconnects(t *testing.T) {
	w := newWorld(t)
	listening(t, w, func(ctx context.Context, c chat.Command) chat.Reply {
		if c.Name == "secret" {
			panic("boom " + slackfake.BotToken)
		}
		return echo(ctx, c)
	})
	if got := w.ask(t, "U1", "C1", "secret"); !strings.Contains(got[0].Text, "Something went wrong") || got[0].Type != "ephemeral" {
		t.Errorf("got %+v", got)
	}
	w.Disconnect("refresh_requested")
	w.await(t, "the second connection", func() bool { return w.Sockets() == 2 })
	w.await(t, "the end of the first", func() bool { return w.Sockets() == 1 })
	w.ask(t, "U1", "C1", "help")
	for _, frame := range []string{`{"type":"hello"`, `{"type":"events_api","envelope_id":"e1","payload":{"event":7}}`, `{"type":"new_kind","envelope_id":"e2","payload":{}}`,
		`{"type":"interactive","envelope_id":"e3","payload":{"type":"block_actions","message":{"blocks":7}}}`, `{"type":"slash_commands","envelope_id":"e4","payload":[]}`} {
		if !w.Raw(frame) {
			t.Fatal("no socket")
		}
	}
	w.ask(t, "U1", "C1", "help")
	w.Fail("apps.connections.open", slackfake.Refuse("internal_error"))
	w.Disconnect("warning")
	w.await(t, "the third connection", func() bool { return w.Calls("apps.connections.open") == 4 && w.Sockets() == 1 })
	w.ask(t, "U1", "C1", "help")
}

// TestRefusalsEndListen has Slack refuse the app itself: there is nothing to
// hear until somebody mends that.
func TestRefusalsEndListen(t *testing.T) {
	for code, fault := range map[string]slackfake.Fault{"invalid_auth": slackfake.Refuse("invalid_auth"), "token_revoked": slackfake.Refuse("token_revoked"), "missing_scope": slackfake.Refuse("missing_scope")} {
		w := newWorld(t)
		w.Fail("apps.connections.open", fault)
		err := w.p.Listen(within(t), chat.HandlerFunc(echo), testSpecs())
		if digest.KindOf(err) != digest.Forbidden || !strings.Contains(fmt.Sprint(err), code) || w.Calls("apps.connections.open") != 1 {
			t.Errorf("%s: %v after %d calls", code, err, w.Calls("apps.connections.open"))
		}
	}
	w := newWorld(t)
	ended := make(chan error, 1)
	go func() { ended <- w.p.Listen(within(t), chat.HandlerFunc(echo), testSpecs()) }()
	w.await(t, "a socket", func() bool { return w.Sockets() == 1 })
	w.Disconnect("link_disabled")
	if err := <-ended; digest.KindOf(err) != digest.Forbidden || !strings.Contains(fmt.Sprint(err), "Socket Mode is switched off") {
		t.Errorf("Socket Mode switched off: %v", err)
	}
}

// TestNoCommandIsLost lets Slack renew the connection, even with difficulties,
// while commands come in: every one reaches the bot and is answered once.
func TestNoCommandIsLost(t *testing.T) {
	w := newWorld(t)
	listening(t, w, echo)
	for _, reason := range []string{"refresh_requested", "warning"} {
		opened := w.Calls("apps.connections.open")
		w.Disconnect(reason)
		var asked []*slackfake.Invocation
		for end := time.Now().Add(600 * time.Millisecond); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			v, err := w.Slash("U1", "C1", "help")
			if err != nil {
				t.Fatalf("%s: %v: nobody listened", reason, err)
			}
			asked = append(asked, v)
		}
		for _, v := range asked {
			w.await(t, "an answer", func() bool { return len(w.Responses(v)) > 0 })
			if n := len(w.Responses(v)); n != 1 {
				t.Errorf("%s: %d answers, want 1", reason, n)
			}
		}
		if n := w.Calls("apps.connections.open") - opened; n != 1 || w.Sockets() != 1 {
			t.Errorf("%s: %d connections were opened and %d are there, want one", reason, n, w.Sockets())
		}
	}
	for _, a := range w.Acks() {
		if a.Missed || a.Extra {
			t.Errorf("acknowledgement %+v", a)
		}
	}
}

// TestSilentSocket has a connection of which nothing comes any more, and one
// that Slack has too many of.
func TestSilentSocket(t *testing.T) {
	w := newWorld(t)
	w.p.silence = 700 * time.Millisecond
	w.Ping(100 * time.Millisecond)
	listening(t, w, echo)
	time.Sleep(time.Second) // pings alone keep it
	if n := w.Calls("apps.connections.open"); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	if c := w.p.Connection(); !c.Up || c.Opened != 1 {
		t.Errorf("connection %+v", c)
	}
	w.Mute(true)
	w.await(t, "the end of the silent connection", func() bool { return w.Sockets() == 0 })
	w.Mute(false)
	w.await(t, "the second connection", func() bool { return w.Sockets() == 1 })
	if !strings.Contains(w.log.String(), "no sign of life") {
		t.Errorf("log: %s", w.log)
	}
	w.ask(t, "U1", "C1", "help")
	w.Disconnect("too_many_websockets")
	w.await(t, "the third connection", func() bool { return w.Calls("apps.connections.open") == 3 && w.Sockets() == 1 })
	w.ask(t, "U1", "C1", "help")
}

func TestLongAnswers(t *testing.T) {
	w := newWorld(t)
	listening(t, w, func(_ context.Context, c chat.Command) chat.Reply {
		var out []chat.Message
		for i := range map[string]int{"few": 3, "many": 400}[c.Args["words"]] {
			out = append(out, chat.Say(fmt.Sprint("Title ", i), chat.Lines(chat.Text, strings.Repeat("word ", 100))))
		}
		return chat.Reply{Messages: out}
	})
	if got := w.ask(t, "U1", "C1", "search few"); len(got) != 1 {
		t.Errorf("%d answers, want 1", len(got))
	}
	v, err := w.Slash("U1", "C1", "search many")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "five answers", func() bool { return len(w.Responses(v)) == 5 })
	if got := w.Responses(v)[4].Text; !strings.Contains(got, "does not fit") || w.Refusals(v) != 0 {
		t.Errorf("the last answer is %q, %d refused", got, w.Refusals(v))
	}
}

func TestEmptyAnswers(t *testing.T) {
	w := newWorld(t)
	listening(t, w, func(context.Context, chat.Command) chat.Reply { return chat.Reply{Language: "de"} })
	if got := w.ask(t, "U1", "C1", "help"); got[0].Text != "Es gibt nichts zu zeigen." {
		t.Errorf("got %q", got[0].Text)
	}
}

func TestAnswersGoToSlackOnly(t *testing.T) {
	w := newWorld(t)
	for url, want := range map[string]bool{
		"https://hooks.slack.com/commands/1": true, "https://slack.com/x": true, "https://a.slack-gov.com/": true, w.URL() + "x": true,
		"http://hooks.slack.com/": false, "https://slack.com.evil.example/": false, "https://evilslack.com/": false, "https://hooks.slack.com:8443/": false,
		"https://x@hooks.slack.com/": false, "http://127.0.0.1:1/": false, "file:///etc/passwd": false, "": false,
	} {
		u := mustURL(t, url)
		if got := w.p.trusted(u); got != want {
			t.Errorf("trusted(%q) = %v, want %v", url, got, want)
		}
	}
	w.p.answer(within(t), request{respond: "https://evil.example/"}, chat.Reply{Messages: []chat.Message{chat.Note("x")}}, true)
	if !strings.Contains(w.log.String(), "not Slack's") {
		t.Errorf("log: %s", w.log)
	}
}

func TestListenWithoutToken(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.AppToken = digest.Secret{} })
	if err := w.p.Listen(within(t), chat.HandlerFunc(echo), testSpecs()); digest.KindOf(err) != digest.Invalid {
		t.Errorf("Listen: %v", err)
	}
}

func TestForeignSocketIsNotDialled(t *testing.T) {
	w := newWorld(t)
	w.Fail("apps.connections.open", slackfake.Say(`{"ok":true,"url":"wss://evil.example/link?ticket=sesame"}`))
	listening(t, w, echo)
	if got := w.log.String(); !strings.Contains(got, "evil.example, which is not Slack's") || strings.Contains(got, "sesame") {
		t.Errorf("log: %s", got)
	}
}

func TestFirstLink(t *testing.T) {
	for message, want := range map[string]string{
		`{"text":"see <https://a.example/x|x>, https://b.example"}`:               "https://a.example/x",
		`{"text":"(https://a.example/x)."}`:                                       "https://a.example/x",
		`{"text":"see <https://a.example/Port_(city)|Port>."}`:                    "https://a.example/Port_(city)",
		`{"text":"(see https://a.example/Port_(city))"}`:                          "https://a.example/Port_(city)",
		`{"text":"x","attachments":[{"text":"<https://e.example/Port_(city)>"}]}`: "https://e.example/Port_(city)",
		`{"text":"x","blocks":[{"type":"rich_text","elements":[{"elements":[{"type":"text","text":"a"},{"type":"link","url":"https://c.example/"}]}]}]}`: "https://c.example/",
		`{"text":"x","attachments":[{"title_link":"javascript:x","from_url":"https://d.example/"}]}`:                                                     "https://d.example/",
		`{"text":"x","attachments":[{"text":"<https://e.example/?a=1&amp;b=2>"}]}`:                                                                       "https://e.example/?a=1&b=2",
		`{"text":"<mailto:a@b.example|x> http://u:p@evil.example/"}`:                                                                                     "",
		`7`: "",
	} {
		if diff := cmp.Diff(want, firstLink([]byte(message))); diff != "" {
			t.Errorf("firstLink(%s) (-want +got):\n%s", message, diff)
		}
	}
}

func TestMemoryForgets(t *testing.T) {
	var m memory
	now := time.Unix(1, 0)
	if !m.add(now, "a", "b") || m.add(now, "c", "b") || !m.add(now.Add(memoryAge), "a") {
		t.Error("an id is remembered for a day")
	}
	for i := range 3 * memorySize {
		if m.add(now, fmt.Sprint(i)); i >= 1000 && m.add(now, fmt.Sprint(i-1000)) {
			t.Fatalf("the %d. id is forgotten after a thousand others", i-1000+1)
		}
	}
	if n := len(m.seen) + len(m.before); n > memorySize {
		t.Errorf("%d ids are remembered", n)
	}
}

func TestManagersOfOtherWorkspaces(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Managers = []string{"U1"} })
	// An admin elsewhere, who is here in a channel that both workspaces share.
	w.AddUser(slackfake.User{ID: "U6", Name: "kit", Team: "T999OTHER", Admin: true})
	for _, c := range []struct {
		team, user string
		want       bool
	}{{slackfake.Team, "U2", true}, {"T999OTHER", "U2", false}, {slackfake.Team, "U4", false}, {slackfake.Team, "U6", false}, {slackfake.Team, "U1", true}} {
		if got := w.p.user(within(t), c.team, c.user, "x").Manager; got != c.want {
			t.Errorf("%s in %s: manager %v, want %v", c.user, c.team, got, c.want)
		}
	}
	// Somebody of an organisation, who belongs to several of its workspaces.
	w.Fail("users.info", slackfake.Say(`{"ok":true,"user":{"id":"W7","team_id":"E0LINDEN","is_admin":true,"enterprise_user":{"teams":["T1","`+slackfake.Team+`"]}}}`))
	if !w.p.user(within(t), slackfake.Team, "W7", "x").Manager {
		t.Error("an admin of this workspace, in an organisation, is no manager")
	}
}

func TestFullHouse(t *testing.T) {
	w := newWorld(t)
	l := w.p.listener(chat.HandlerFunc(echo), testSpecs())
	l.free = make(chan struct{}, 1)
	l.free <- struct{}{}
	socket, err := l.open(within(t))
	if err != nil {
		t.Fatal(err)
	}
	l.envelope(within(t), socket, socketmode.Request{Type: "slash_commands", EnvelopeID: "e1", Payload: []byte(`{"text":"help","response_url":"https://evil.example/"}`)})
	l.drain()
	if got := w.log.String(); !strings.Contains(got, "did not reach") {
		t.Errorf("log: %s", got)
	}
}
