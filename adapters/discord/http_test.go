package discord

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// called starts a platform that Discord calls, and returns its endpoint.
func called(t testing.TB, h chat.Handler, change ...func(*Config)) (*bench, string) {
	t.Helper()
	b := newBench(t, discordfake.Options{Global: -1}, func(c *Config) {
		fake, err := discordfake.New(discordfake.Options{Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer fake.Close()
		c.Transport, c.PublicKey, c.sleep = HTTP, fake.PublicKey(), nil // all fakes have the same key
		for _, f := range change {
			f(c)
		}
	})
	mux := http.NewServeMux()
	for pattern, handler := range b.Routes(h, deskSpecs()) {
		mux.Handle(pattern, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, h, deskSpecs()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Listen: %v", err)
		}
	})
	eventually(t, "it is ready", func() bool { return b.Connection().Up })
	return b, server.URL + InteractionsPath
}

func TestAnswersOverHTTP(t *testing.T) {
	k := &clerk{form: digestForm}
	k.reply = func(c chat.Command) chat.Reply {
		r := say("done")
		switch c.Name {
		case "status":
			time.Sleep(chat.Patience + 200*time.Millisecond)
		case "latest":
			r.File = chat.Attachment{Name: "a.txt", Data: []byte("a")}
		case "why":
			for range 3 {
				r.Messages = append(r.Messages, chat.Say("x", chat.Lines(chat.Text, strings.Repeat("word ", 1000))))
			}
		}
		return r
	}
	b, endpoint := called(t, k)
	if err := b.fake.SetEndpoint(endpoint); err != nil {
		t.Fatal(err)
	}
	if b.fake.Connected() != 0 {
		t.Error("there is a connection to the gateway, too")
	}
	use := func(sub string, options map[string]any) discordfake.Interaction {
		t.Helper()
		return finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", sub, options))
	}
	if i := use("search", map[string]any{"words": "port"}); i.Type != answerMessage || !i.Ephemeral || i.Status != 200 || len(i.Refused) > 0 {
		t.Errorf("at once: %+v", i)
	}
	if i := use("status", nil); i.Edits != 1 || !i.Ephemeral || !strings.Contains(string(i.Answer), "done") {
		t.Errorf("later: %+v", i)
	}
	if i := use("latest", nil); i.Edits != 1 || string(i.Files["a.txt"]) != "a" {
		t.Errorf("a file: %+v", i)
	}
	i := use("why", nil)
	eventually(t, "the rest of the answer", func() bool { i, _ = b.fake.Interaction(i.ID); return len(i.FollowUps) > 0 })
	if i := use("subscribe", nil); i.Type != answerForm {
		t.Errorf("a form: %+v", i)
	}
	if i := finished(t, b, b.fake.Complete(reader, guildID, channelID, "digest", "feed add", nil, "source", "x")); i.Type != answerChoices {
		t.Errorf("suggestions: %+v", i)
	}
	for _, r := range b.fake.Requests() {
		if strings.HasPrefix(r.Path, "interactions/") {
			t.Errorf("%s: what is answered in Discord's own request is answered again", r.Path)
		}
	}
	if i := finished(t, b, b.fake.Use(reader, guildID, channelID, 77, map[string]any{}, nil)); i.Status != http.StatusBadRequest {
		t.Errorf("a kind that nobody knows: %+v", i)
	}
}

// TestCatchingUp answers later what Discord does not know at once.
func TestCatchingUp(t *testing.T) {
	k := &clerk{form: digestForm, reply: func(chat.Command) chat.Reply { time.Sleep(chat.Patience + 100*time.Millisecond); return say("done") }}
	b, endpoint := called(t, k)
	if err := b.fake.SetEndpoint(endpoint); err != nil {
		t.Fatal(err)
	}
	gone := discordfake.Refusal(404, 10015, "Unknown Webhook")
	gone.Times, gone.Path = 2, "webhooks"
	b.fake.Fail(gone)
	if i := finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "status", nil)); i.Edits != 1 {
		t.Errorf("%+v", i)
	}
}

func TestOnlyDiscordIsHeard(t *testing.T) {
	var handled atomic.Int32
	b, endpoint := called(t, chat.HandlerFunc(func(context.Context, chat.Command) chat.Reply {
		handled.Add(1)
		return say("done")
	}))
	n := 0
	interaction := func() []byte {
		n++
		return fmt.Appendf(nil, `{"id":"%d","application_id":"1","type":2,"token":"t","guild_id":"%s","channel_id":"%s","member":{"user":{"id":"7"},"permissions":"0"},
			"data":{"name":"digest","type":1,"options":[{"name":"topics","type":1},{"name":"latest","type":1}]}}`, n, guildID, channelID)
	}
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	send := func(h http.Header, body []byte) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = h
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0
		}
		defer resp.Body.Close()
		if answer, _ := io.ReadAll(resp.Body); resp.StatusCode == 401 && len(answer) > 0 {
			t.Errorf("a refusal says %q", answer)
		}
		return resp.StatusCode
	}
	now := b.clock.Now()
	for _, c := range []struct {
		name   string
		at     time.Duration
		change func(h http.Header, body *[]byte)
		want   int
	}{
		{"good", 0, nil, 200},
		{"as old as may be", -stale, nil, 200},
		{"a clock ahead", stale, nil, 200},
		{"too old", -stale - time.Second, nil, 401},
		{"too far ahead", stale + time.Second, nil, 401},
		{"no signature", 0, func(h http.Header, _ *[]byte) { h.Del("X-Signature-Ed25519") }, 401},
		{"no time", 0, func(h http.Header, _ *[]byte) { h.Del("X-Signature-Timestamp") }, 401},
		{"two signatures", 0, func(h http.Header, _ *[]byte) { h.Add("X-Signature-Ed25519", h.Get("X-Signature-Ed25519")) }, 401},
		{"two times", 0, func(h http.Header, _ *[]byte) { h.Add("X-Signature-Timestamp", h.Get("X-Signature-Timestamp")) }, 401},
		{"another time", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Timestamp", fmt.Sprint(now.Unix()+1)) }, 401},
		{"no number", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Timestamp", "now") }, 401},
		{"a plus", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Timestamp", "+"+h.Get("X-Signature-Timestamp")) }, 401},
		{"short", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Ed25519", h.Get("X-Signature-Ed25519")[:126]) }, 401},
		{"odd", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Ed25519", h.Get("X-Signature-Ed25519")[:127]) }, 401},
		{"no hexadecimal", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Ed25519", strings.Repeat("z", 128)) }, 401},
		{"nothing but zeros", 0, func(h http.Header, _ *[]byte) { h.Set("X-Signature-Ed25519", strings.Repeat("0", 128)) }, 401},
		{"another body", 0, func(_ http.Header, body *[]byte) { *body = append(*body, ' ') }, 401},
		{"no body", 0, func(_ http.Header, body *[]byte) { *body = nil }, 401},
		{"another key", 0, func(h http.Header, body *[]byte) {
			h.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(stranger, append([]byte(h.Get("X-Signature-Timestamp")), *body...))))
		}, 401},
		{"two megabytes", 0, func(_ http.Header, body *[]byte) { *body = make([]byte, 2<<20) }, 413},
	} {
		body := interaction()
		h := b.fake.Sign(now.Add(c.at), body)
		if c.change != nil {
			c.change(h, &body)
		}
		if got := send(h, body); got != c.want {
			t.Errorf("%s: HTTP %d, want %d", c.name, got, c.want)
		}
	}
	if got := handled.Load(); got != 0 {
		t.Fatalf("%d unknown subcommands were run", got) // they are answered with an error
	}
	body := []byte(strings.Replace(string(interaction()), `{"name":"topics","type":1},`, "", 1))
	h := b.fake.Sign(now, body)
	if first, again := send(h.Clone(), body), send(h.Clone(), body); first != 200 || again != 401 {
		t.Errorf("a replay: HTTP %d, then %d", first, again)
	}
	b.clock.Add(10 * time.Minute)
	if got := send(h.Clone(), body); got != 401 {
		t.Errorf("a replay after 10 minutes: HTTP %d", got)
	}
	for name, body := range map[string]string{"deep": strings.Repeat("[", 20000), "no JSON": "{", "no id": `{"type":2}`} {
		if got := send(b.fake.Sign(b.clock.Now(), []byte(body)), []byte(body)); got != 400 {
			t.Errorf("%s: HTTP %d, want 400", name, got)
		}
	}
	if handled.Load() != 1 {
		t.Errorf("%d commands were run, want 1", handled.Load())
	}
}

func TestHTTPNeedsTheKey(t *testing.T) {
	good := strings.Repeat("0a", 32)
	for _, c := range []struct {
		transport, key string
		want           string
	}{{"", "", ""}, {Socket, "", ""}, {Socket, good, ""}, {HTTP, good, ""}, {HTTP, "", "needs public_key"}, {HTTP, good[1:], "64 hexadecimal"}, {HTTP, strings.Repeat("x", 64), "64 hexadecimal"}, {"pigeon", good, "write \"socket\""}} {
		cfg := Config{Transport: c.transport, PublicKey: c.key, Token: digest.NewSecret(secret), Now: time.Now}
		p, err := New(cfg)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %q: %v, want %q", c.transport, c.key, err, c.want)
		}
		if err == nil && (p.Routes(nil, nil) != nil) != (c.transport == HTTP) {
			t.Errorf("%q: it has routes, or none", c.transport)
		}
	}
}

// TestDoctorKnowsTheTransport compares where Discord sends commands with where
// they are waited for.
func TestDoctorKnowsTheTransport(t *testing.T) {
	b, endpoint := called(t, &clerk{form: digestForm})
	here := b.cfg
	lookAs := func(change func(*Config)) Finding {
		t.Helper()
		c := here
		change(&c)
		p, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		return p.Check(t.Context(), nil)[1]
	}
	same, socket := func(*Config) {}, func(c *Config) { c.Transport = Socket }
	for n, c := range []struct {
		saved  bool // the endpoint is known to Discord
		change func(*Config)
		ok     bool
		want   string
	}{
		{false, same, false, "does not know where to send commands"},
		{false, socket, true, "over the gateway"},
		{true, same, true, "sends commands to " + endpoint},
		{true, socket, false, "empty “Interactions Endpoint URL”"},
		{true, func(c *Config) { c.PublicKey = strings.Repeat("0a", 32) }, false, "public_key is that of another application"},
	} {
		if c.saved {
			if err := b.fake.SetEndpoint(endpoint); err != nil {
				t.Fatal(err)
			}
		}
		if got := lookAs(c.change); got.OK != c.ok || !strings.Contains(got.Line, c.want) {
			t.Errorf("%d: got %+v, want %q", n, got, c.want)
		}
	}
}

// rushed is a handler that has more to do than it can.
type rushed struct{ chat.Handler }

func (rushed) Busy() bool { return true }

// TestAnnouncedFirstOverHTTP has the answer of a busy handler announced at once.
func TestAnnouncedFirstOverHTTP(t *testing.T) {
	release := make(chan struct{})
	b, endpoint := called(t, rushed{&clerk{reply: func(chat.Command) chat.Reply { <-release; return say("done") }}})
	if err := b.fake.SetEndpoint(endpoint); err != nil {
		t.Fatal(err)
	}
	id := b.fake.Slash(reader, guildID, channelID, "digest", "status", nil)
	eventually(t, "the announcement", func() bool { i, _ := b.fake.Interaction(id); return i.Type == answerDeferred })
	if i, _ := b.fake.Interaction(id); i.Latency() >= chat.Patience {
		t.Errorf("announced after %v", i.Latency())
	}
	close(release)
	eventually(t, "the answer", func() bool { i, _ := b.fake.Interaction(id); return i.Edits == 1 })
}
