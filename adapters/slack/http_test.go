package slack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// called starts a platform that Slack calls by HTTP, and lets the workspace do.
func called(t *testing.T, h chat.Handler, change ...func(*Config)) (world, *httptest.Server) {
	t.Helper()
	w := newWorld(t, append(change, func(c *Config) {
		c.Transport, c.SigningSecret, c.AppToken = HTTP, digest.NewSecret(slackfake.SigningSecret), digest.Secret{}
	})...)
	mux := http.NewServeMux()
	for pattern, handler := range w.p.Routes(h, formSpecs()) {
		mux.Handle(pattern, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.p.Listen(ctx, h, formSpecs()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Listen: %v", err)
		}
	})
	w.Call(server.URL, server.Client().Do)
	return w, server
}

func TestHTTPTransport(t *testing.T) {
	d := &desk{}
	w, _ := called(t, d)
	got := w.ask(t, "U1", "C1", "latest")
	if len(got) != 1 || !got[0].Inline || got[0].Type != "ephemeral" || !strings.Contains(got[0].Text, "latest map[]") {
		t.Errorf("answered at once: %+v", got)
	}
	v := w.window(t, "U1", "ask")
	if got, err := w.Suggest(within(t), v, "in:zone", "Eur"); err != nil || got[0] != "zone-Eur" {
		t.Errorf("suggest %v, %v", got, err)
	}
	if wrong, _, err := w.Submit(within(t), v, map[string]string{"in:words": "x", "in:n": "0"}); err != nil || wrong["in:n"] == "" {
		t.Errorf("wrong %v, %v", wrong, err)
	}
	if wrong, _, err := w.Submit(within(t), v, map[string]string{"in:words": "strike"}); err != nil || len(wrong) > 0 {
		t.Errorf("wrong %v, %v", wrong, err)
	}
	w.await(t, "the form's command", func() bool { return d.last().Args["words"] == "strike" })
	short, err := w.Shortcut("U1", w.Write("C1", "U2", "https://a.example/"), SaveShortcut)
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer to the shortcut", func() bool { return len(w.Responses(short)) == 1 })
	for _, a := range w.Acks() {
		if a.Missed {
			t.Errorf("acknowledgement %+v", a)
		}
	}
	if w.Calls("apps.connections.open") != 0 {
		t.Error("a socket was opened, too")
	}
}

// TestSlowAnswersOverHTTP has handlers that take longer than Slack waits: the
// request is acknowledged in time and answered by its response_url.
func TestSlowAnswersOverHTTP(t *testing.T) {
	release := make(chan struct{})
	w, _ := called(t, chat.HandlerFunc(func(ctx context.Context, c chat.Command) chat.Reply {
		if c.Name == "latest" {
			<-release
		}
		if c.Name == "help" {
			panic("boom")
		}
		return echo(ctx, c)
	}))
	slow, err := w.Slash("U1", "C1", "latest")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the acknowledgement", func() bool { return len(w.Acks()) == 1 })
	if a := w.Acks()[0]; a.Missed || a.Latency < chat.Patience || a.Latency > 2500*time.Millisecond || len(w.Responses(slow)) != 0 {
		t.Errorf("acknowledgement %+v, answers %+v", a, w.Responses(slow))
	}
	close(release)
	w.await(t, "the late answer", func() bool { return len(w.Responses(slow)) == 1 })
	if got := w.Responses(slow)[0]; got.Inline {
		t.Error("the late answer came inline")
	}
	if got := w.ask(t, "U1", "C1", "help"); !strings.Contains(got[0].Text, "Something went wrong") {
		t.Errorf("a panic is answered with %+v", got)
	}
}

// signedForm returns a request that is signed well, to be spoilt.
func signedForm(base string, at time.Time, body string) *http.Request {
	req, _ := http.NewRequest(http.MethodPost, base+CommandsPath, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("X-Slack-Signature", slackfake.Sign(slackfake.SigningSecret, at.Unix(), []byte(body)))
	return req
}

// TestSignatures spoils a signed request in many ways. The library's verifier
// is asked what it thinks of each.
func TestSignatures(t *testing.T) {
	d := &desk{}
	w, server := called(t, d)
	now := w.clock.now()
	stamp := func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
	body := "command=%2Fdigest&text=latest&team_id=" + slackfake.Team + "&channel_id=C1&user_id=U1&trigger_id="
	for i, c := range []struct {
		name  string
		spoil func(*http.Request)
		want  int
		alike bool // the library agrees
	}{
		{"good", func(*http.Request) {}, 200, true},
		{"another body", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(body + "x")) }, 401, true},
		{"no signature", func(r *http.Request) { r.Header.Del("X-Slack-Signature") }, 401, true},
		{"no time", func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }, 401, true},
		{"v1", func(r *http.Request) {
			r.Header.Set("X-Slack-Signature", strings.Replace(r.Header.Get("X-Slack-Signature"), "v0", "v1", 1))
		}, 401, true},
		{"short", func(r *http.Request) { r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:40]) }, 401, true},
		{"odd", func(r *http.Request) { r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:66]) }, 401, true},
		{"two", func(r *http.Request) { r.Header.Add("X-Slack-Signature", r.Header.Get("X-Slack-Signature")) }, 401, false},
		{"another time", func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", stamp(now.Add(-time.Second))) }, 401, true},
		{"no number", func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "now") }, 401, true},
		{"other secret", func(r *http.Request) {
			r.Header.Set("X-Slack-Signature", slackfake.Sign("other", now.Unix(), []byte(body)))
		}, 401, true},
		{"empty secret", func(r *http.Request) { r.Header.Set("X-Slack-Signature", slackfake.Sign("", now.Unix(), []byte(body))) }, 401, true},
		{"old", func(r *http.Request) { *r = *signedForm(server.URL, now.Add(-302*time.Second), body) }, 401, true},
		{"of the future", func(r *http.Request) { *r = *signedForm(server.URL, now.Add(303*time.Second), body) }, 401, true},
		{"large", func(r *http.Request) { *r = *signedForm(server.URL, now, strings.Repeat("x", maxInbound+1)) }, 413, false},
		{"empty", func(r *http.Request) { *r = *signedForm(server.URL, now, "") }, 400, false},
		{"in the address", func(r *http.Request) {
			*r = *signedForm(server.URL, now, "")
			r.URL.RawQuery = body
		}, 400, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := signedForm(server.URL, now, body+fmt.Sprint(i))
			c.spoil(req)
			if c.alike {
				raw, _ := io.ReadAll(req.Body)
				v, err := slack.NewSecretsVerifier(req.Header, slackfake.SigningSecret)
				if err == nil {
					_, _ = v.Write(raw)
					err = v.Ensure()
				}
				if (err == nil) != (c.want == 200) {
					t.Errorf("the library says %v", err)
				}
				req.Body, req.ContentLength = io.NopCloser(strings.NewReader(string(raw))), int64(len(raw))
			}
			before := len(d.asked)
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != c.want || c.want != 200 && len(said) > 0 {
				t.Errorf("status %d, body %q, want %d", resp.StatusCode, said, c.want)
			}
			if ran := len(d.asked) - before; ran != map[int]int{200: 1}[c.want] {
				t.Errorf("%d commands ran", ran)
			}
		})
	}
	for range 2 {
		req := signedForm(server.URL, now, body+"&again=") // only the signature tells that it is the same
		req.URL.RawQuery = "text=help&user_name=eve"
		resp, err := server.Client().Do(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v", err)
		}
		resp.Body.Close()
	}
	resp, err := server.Client().Do(signedForm(server.URL, now, "ssl_check=1&token=old")) // which names no command
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("the check of the certificate: %v, %v", resp, err)
	}
	resp.Body.Close()
	if n := len(d.asked); n != 2 {
		t.Errorf("%d commands ran, want 2: a replay has no effect", n)
	}
	if got := d.last(); got.Name != "latest" || got.User.Name != "" {
		t.Errorf("the address of a request was believed: %+v", got)
	}
	w.p.cfg.SigningSecret = digest.Secret{}
	if w.p.genuine(http.Header{"X-Slack-Request-Timestamp": {stamp(now)}, "X-Slack-Signature": {slackfake.Sign("", now.Unix(), []byte(body))}}, []byte(body)) {
		t.Error("without a secret everybody is believed")
	}
	for _, c := range []Config{
		{Transport: HTTP}, {Transport: "pigeon", SigningSecret: digest.NewSecret("x")},
	} {
		c.BotToken, c.Now = digest.NewSecret("xoxb-1"), time.Now
		if _, err := New(c); digest.KindOf(err) != digest.Invalid {
			t.Errorf("%s: %v", c.Transport, err)
		}
	}
}

func TestURLVerification(t *testing.T) {
	w, server := called(t, &desk{})
	req, err := w.Request(server.URL, "events_api", map[string]any{"type": "url_verification", "challenge": "3eZbrw1aB"})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(said) != `{"challenge":"3eZbrw1aB"}` {
		t.Errorf("status %d, %s", resp.StatusCode, said)
	}
}

// left is what Gone was told.
type left struct {
	address digest.Address
	why     string
}

func TestEvents(t *testing.T) {
	var mu sync.Mutex
	var heard []left
	d := &desk{}
	w, _ := called(t, d, func(c *Config) {
		c.Gone = func(_ context.Context, a digest.Address, why string) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, left{a, why})
		}
		c.Back = func(context.Context) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, left{why: "back"})
		}
	})
	at := func(channel string) digest.Address {
		return digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: channel}
	}
	for i, c := range []struct {
		event map[string]any
		want  []left
	}{
		{map[string]any{"type": "channel_archive", "channel": "C1", "user": "U1"}, []left{{at("C1"), "the channel was archived"}}},
		{map[string]any{"type": "channel_deleted", "channel": "C1"}, []left{{at("C1"), "the channel was deleted"}}},
		{map[string]any{"type": "group_archive", "channel": "G1"}, []left{{at("G1"), "the channel was archived"}}},
		{map[string]any{"type": "group_left", "channel": "G1"}, []left{{at("G1"), "the app was removed from the channel"}}},
		{map[string]any{"type": "member_left_channel", "channel": "C1", "user": slackfake.BotUser}, []left{{at("C1"), "the app was removed from the channel"}}},
		{map[string]any{"type": "member_left_channel", "channel": "C1", "user": "U1"}, nil},
		{map[string]any{"type": "member_joined_channel", "channel": "C1", "user": "U1"}, nil},
		{map[string]any{"type": "member_joined_channel", "channel": "C1", "user": slackfake.BotUser}, []left{{why: "back"}}},
		{map[string]any{"type": "channel_unarchive", "channel": "C1", "user": "U1"}, []left{{why: "back"}}},
		{map[string]any{"type": "channel_rename", "channel": map[string]any{"id": "C1", "name": "new"}}, nil},
		{map[string]any{"type": "message", "channel": "C1", "user": slackfake.BotUser, "bot_id": slackfake.BotID, "text": "/digest help"}, nil},
		{map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []string{"U1"}}}, nil},
		{map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{slackfake.BotUser}}}, []left{{at(""), "the app's token was revoked"}}},
		{map[string]any{"type": "app_uninstalled"}, []left{{at(""), "the app was removed from the workspace"}}},
	} {
		t.Run(fmt.Sprint(c.event["type"]), func(t *testing.T) {
			heard = nil
			if strings.Contains(fmt.Sprint(c.event["type"]), "revoked") || c.event["type"] == "app_uninstalled" {
				w.Fail("auth.test", slackfake.Refuse("account_inactive"))
			}
			v, err := w.Event(c.event)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 { // as Slack does when it sees no acknowledgement
				if err := w.Again(v); err != nil {
					t.Fatal(err)
				}
			}
			w.quiet(t, 4*(i+1))
			if fmt.Sprint(heard) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", heard, c.want)
			}
		})
	}
	// In a channel that two workspaces share, an event may name the other one.
	heard = nil
	w.p.attending.take(t.Context(), delivery{kind: "events_api", payload: []byte(`{"team_id":"T999OTHER","event_id":"EvX","authorizations":[{"team_id":"` +
		slackfake.Team + `","is_bot":true}],"event":{"type":"channel_archive","channel":"C1"}}`)})
	w.p.attending.busy.Wait()
	if want := []left{{at("C1"), "the channel was archived"}}; fmt.Sprint(heard) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", heard, want)
	}
	if len(d.asked) != 0 {
		t.Errorf("events ran commands: %+v", d.asked)
	}
}

// quiet waits until everything that was delivered is seen to.
func (w world) quiet(t *testing.T, acks int) {
	t.Helper()
	w.await(t, "acknowledgements", func() bool { return len(w.Acks()) == acks })
	w.p.mu.Lock()
	l := w.p.attending
	w.p.mu.Unlock()
	l.busy.Wait()
}

func TestHome(t *testing.T) {
	d := &desk{}
	w := newWorld(t)
	w.AddChannel(slackfake.Channel{ID: "G2", Name: "others", Private: true, Member: true, People: []string{"U2"}})
	w.AddChannel(slackfake.Channel{ID: "G3", Name: "without the bot", Private: true})
	w.PageCap(1)
	d.form = func(c chat.Command) (*chat.Form, error) { return bigForm(), nil }
	hearing(t, w, d, formSpecs())
	if err := w.OpenHome("U1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "App Home", func() bool { _, ok := w.Home("U1"); return ok })
	home, _ := w.Home("U1")
	golden(t, "home.json", []byte(pretty(t, home.Raw)))
	for _, hidden := range []string{"G2", "G3", "C3"} {
		if strings.Contains(string(home.Raw), hidden) {
			t.Errorf("the home shows %s: %s", hidden, home.Raw)
		}
	}
	if _, err := w.Click(home, "Latest G1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer in a window", func() bool { return len(w.Windows("U1")) == 1 && w.Windows("U1")[0].Updates == 1 })
	if got := w.Windows("U1")[0]; !strings.Contains(string(got.Raw), "latest map[] in slack:"+slackfake.Team+"/G1") {
		t.Errorf("window %s", got.Raw)
	}
	if _, err := w.Click(home, "Find C1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "a form", func() bool { return len(w.Windows("U1")) == 2 })
	if wrong, _, err := w.Submit(within(t), w.Windows("U1")[1], nil); err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	w.await(t, "the answer in the channel", func() bool { return len(w.Posts("C1")) == 1 })
	// Whoever left the channel since sees nothing of it any more.
	w.AddChannel(slackfake.Channel{ID: "G1", Name: "editors", Private: true, Member: true, People: []string{"U2"}})
	before := len(d.asked)
	if _, err := w.Click(home, "Latest G1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the acknowledgement", func() bool { return len(w.Acks()) == 5 })
	w.ask(t, "U1", "C1", "help")
	if n := len(d.asked) - before; n != 1 {
		t.Errorf("%d commands ran, want the help alone", n)
	}
}

func TestLargeHomesFit(t *testing.T) {
	m := modal{Type: "home"}
	for range 300 {
		m.Blocks = append(m.Blocks, literal(strings.Repeat("x", 9000)))
	}
	raw, err := fitted(m)
	if err != nil || len(raw) > maxViewBytes || len(raw) < maxViewBytes-10_000 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}

func TestEditAndDirect(t *testing.T) {
	w := newWorld(t)
	p := w.part(t, chat.Note("first"))
	ref, err := w.p.Post(within(t), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Ref = ref
	out, err := w.p.Render([]chat.Message{chat.Note("second <!channel>")})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.p.Edit(within(t), p, out[0]); err != nil {
		t.Fatal(err)
	}
	got := w.Posts("C1")[0]
	if got.Edits != 1 || got.Text != "second &lt;!channel&gt;" {
		t.Errorf("%+v", got)
	}
	if found, finding, err := w.p.Find(within(t), p, p.Started); err != nil || finding != digest.Found || found != ref {
		t.Errorf("after the edit: %v, %v, %v", found, finding, err)
	}
	w.Fail("chat.update", slackfake.Refuse("edit_window_closed"), slackfake.Status(500))
	for _, want := range []digest.Class{digest.Rejected, digest.Ambiguous} {
		if got := digest.OutcomeOf(w.p.Edit(within(t), p, out[0])); got.Class != want {
			t.Errorf("got %+v, want %v", got, want)
		}
	}
	w.Delete("C1", string(ref))
	if got := digest.OutcomeOf(w.p.Edit(within(t), p, out[0])); got.Class != digest.Rejected || got.Code != "message_not_found" {
		t.Errorf("deleted: %+v", got)
	}
	if a, err := w.p.Direct(within(t), p.Address, "U1"); err != nil || a.String() != "slack:"+slackfake.Team+"/D1" {
		t.Errorf("Direct: %v, %v", a, err)
	}
	w.SetScopes("chat:write")
	if _, err := w.p.Direct(within(t), p.Address, "U1"); err == nil || !strings.Contains(digest.Explain(err), "im:write") {
		t.Errorf("Direct without its scope: %v", err)
	}
}

// rushed is a handler that has more to do than it can.
type rushed struct{ chat.Handler }

func (rushed) Busy() bool { return true }

// TestAcknowledgedFirstOverHTTP has a busy handler acknowledged at once, and
// answered later.
func TestAcknowledgedFirstOverHTTP(t *testing.T) {
	release := make(chan struct{})
	w, _ := called(t, rushed{chat.HandlerFunc(func(ctx context.Context, c chat.Command) chat.Reply {
		<-release
		return echo(ctx, c)
	})})
	v, err := w.Slash("U1", "C1", "latest")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the acknowledgement", func() bool { return len(w.Acks()) == 1 })
	if a := w.Acks()[0]; a.Missed || a.Latency >= chat.Patience {
		t.Errorf("acknowledgement %+v", a)
	}
	close(release)
	w.await(t, "the answer", func() bool { return len(w.Responses(v)) == 1 })
	if w.Responses(v)[0].Inline {
		t.Error("the answer came with the acknowledgement")
	}
}
