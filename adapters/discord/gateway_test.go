package discord

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

type ctx = context.Context

func specs() []chat.Spec {
	return []chat.Spec{
		{Name: "latest", Help: "Show the latest digest", Options: []chat.Option{{Name: "category", Help: "only this"}}},
		{Name: "search", Help: "Search the archive", Private: true, Options: []chat.Option{{Name: "words", Help: "what", Required: true},
			{Name: "limit", Type: chat.IntOption, Min: 1, Max: 20}, {Name: "exact", Type: chat.BoolOption}, {Name: "order", Choices: []string{"new", "old"}}}},
		{Name: "status", Help: "Show the status", Private: true},
		{Name: "summarize", Help: "Write a brief", Private: true, Options: []chat.Option{{Name: "target", Help: "a link", Required: true}}},
		{Name: "why", Help: "Explain", Private: true, Options: []chat.Option{{Name: "edition", Help: "its id"}}},
	}
}

// listening starts a platform that listens, and returns how to stop it.
func listening(t *testing.T, o discordfake.Options, change func(*Config), h chat.Handler) (*bench, func()) {
	t.Helper()
	b := newBench(t, o, func(c *Config) {
		c.pause, c.sleep = 5*time.Millisecond, nil
		c.Identifies = &counter{}
		if change != nil {
			change(c)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, h, specs()) }()
	eventually(t, "the bot logs in", func() bool { return b.fake.Connected() > 0 })
	var stopped bool
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Listen: %v", err)
			}
		case <-time.After(15 * time.Second):
			t.Error("Listen does not end")
		}
	}
	t.Cleanup(stop)
	return b, stop
}

// counter allows every login.
type counter struct{ n atomic.Int32 }

func (c *counter) Identify(context.Context, time.Time) (time.Duration, error) {
	c.n.Add(1)
	return 0, nil
}

func say(text string) chat.Reply { return chat.Reply{Messages: []chat.Message{chat.Note(text)}} }

// answered waits for an interaction's answer.
func answered(t testing.TB, b *bench, id string) discordfake.Interaction {
	t.Helper()
	var got discordfake.Interaction
	eventually(t, "an answer", func() bool {
		i, err := b.fake.Interaction(id)
		got = i
		return err == nil && !i.Acknowledged.IsZero() && (i.Answer != nil || i.Type == answerQuiet || i.Type == answerChoices)
	})
	return got
}

func TestCommandsRoundTrip(t *testing.T) {
	seen := make(chan chat.Command, 1)
	b, _ := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(_ ctx, c chat.Command) chat.Reply {
		seen <- c
		return say("done")
	}))
	member := discordfake.User{ID: "7", Name: "reader", Locale: "de", Permissions: discordfake.View}
	boss := discordfake.User{ID: "8", Name: "boss", Locale: "en-US", Permissions: discordfake.ManageGuild}
	admin := discordfake.User{ID: "9", Name: "root", Permissions: discordfake.Administrator}
	here := digest.Address{Platform: "discord", Workspace: guildID, Channel: channelID}
	for _, c := range []struct {
		name    string
		do      func() string
		want    chat.Command
		private bool
	}{
		{"a slash command", func() string { return b.fake.Slash(member, guildID, channelID, "digest", "latest", nil) },
			chat.Command{Name: "latest", Address: here, User: chat.User{ID: "7", Name: "reader", Locale: "de"}}, false},
		{"options of all types", func() string {
			return b.fake.Slash(boss, guildID, channelID, "digest", "search", map[string]any{"words": "port strike", "limit": 5, "exact": true, "order": "new"})
		}, chat.Command{Name: "search", Args: map[string]string{"words": "port strike", "limit": "5", "exact": "true", "order": "new"}, Address: here,
			User: chat.User{ID: "8", Name: "boss", Locale: "en-US", Manager: true}}, true},
		{"a direct message", func() string { return b.fake.Slash(admin, "", "55", "digest", "latest", nil) },
			chat.Command{Name: "latest", Address: digest.Address{Platform: "discord", Workspace: "@me", Channel: "55"}, User: chat.User{ID: "9", Name: "root"}, Direct: true}, false},
		{"a button", func() string { return b.fake.Click(admin, guildID, channelID, "c:why e1") },
			chat.Command{Name: "why", Args: map[string]string{"edition": "e1"}, Address: here, User: chat.User{ID: "9", Name: "root", Manager: true}, Under: "78"}, true},
		{"the message menu", func() string {
			return b.fake.MessageCommand(member, guildID, channelID, LinkMenu, "Look (https://a.example/x_(1)). And https://b.example")
		}, chat.Command{Name: "summarize", Args: map[string]string{"target": "https://a.example/x_(1)"}, Address: here, User: chat.User{ID: "7", Name: "reader", Locale: "de"},
			Text: "Look (https://a.example/x_(1)). And https://b.example"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := answered(t, b, c.do())
			got := <-seen
			if fmt.Sprint(got) != fmt.Sprint(c.want) && !(len(c.want.Args) == 0 && len(got.Args) == 0 && got.Name == c.want.Name && got.Address == c.want.Address && got.User == c.want.User && got.Direct == c.want.Direct) {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
			if i.Type != answerMessage || i.Ephemeral != c.private || !strings.Contains(string(i.Answer), "done") || len(i.Refused) > 0 {
				t.Errorf("%+v: %s", i, i.Answer)
			}
		})
	}
}

func TestWhatIsNoCommand(t *testing.T) {
	var handled atomic.Int32
	b, _ := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(ctx, chat.Command) chat.Reply {
		handled.Add(1)
		return say("done")
	}))
	u := discordfake.User{ID: "7", Name: "reader"}
	for name, id := range map[string]string{
		"no link":         b.fake.MessageCommand(u, guildID, channelID, LinkMenu, "no link here"),
		"an old button":   b.fake.Click(u, guildID, channelID, "q:gone"),
		"a removed one":   b.fake.Slash(u, guildID, channelID, "digest", "subscribe", nil),
		"a missing value": b.fake.Slash(u, guildID, channelID, "digest", "search", nil),
	} {
		i := answered(t, b, id)
		if !i.Ephemeral || i.Type != answerMessage {
			t.Errorf("%s: %+v %s", name, i, i.Answer)
		}
	}
	if i := answered(t, b, b.fake.Click(u, guildID, channelID, "d:kkkk")); i.Type != answerQuiet {
		t.Errorf("the marker: %+v", i)
	}
	if i := answered(t, b, b.fake.Use(u, guildID, channelID, 4, map[string]any{"name": "digest", "type": 1}, nil)); i.Type != answerChoices {
		t.Errorf("suggestions: %+v", i)
	}
	robot := b.fake.Slash(discordfake.User{ID: "3", Name: "robot", Bot: true}, guildID, channelID, "digest", "latest", nil)
	b.fake.Dispatch("INTERACTION_CREATE", map[string]any{"id": 5, "data": []int{}}) // cannot be read
	b.fake.Dispatch("SOMETHING_NEW", map[string]any{"x": 1})
	answered(t, b, b.fake.Slash(u, guildID, channelID, "digest", "latest", nil))
	if i, err := b.fake.Interaction(robot); err != nil || !i.Acknowledged.IsZero() {
		t.Errorf("a bot got an answer: %+v", i)
	}
	if n := handled.Load(); n != 1 {
		t.Errorf("%d commands were run, want 1", n)
	}
}

func TestSlowHandlers(t *testing.T) {
	var b *bench
	b, _ = listening(t, discordfake.Options{Now: nil}, nil, chat.HandlerFunc(func(_ ctx, c chat.Command) chat.Reply {
		switch c.Args["category"] {
		case "quick":
			time.Sleep(100 * time.Millisecond)
		case "slow":
			time.Sleep(4 * time.Second)
		case "late":
			time.Sleep(chat.Patience + 300*time.Millisecond)
			b.clock.Add(16 * time.Minute)
		case "panic":
			panic("secret of the house")
		case "long":
			return chat.Reply{Messages: []chat.Message{chat.Say("T", chat.Lines(chat.Bullets, slices.Repeat([]string{strings.Repeat("word ", 180)}, 14)...))}}
		}
		return say("done")
	}))
	u := discordfake.User{ID: "7", Name: "reader"}
	ids := make(map[string]string)
	began := time.Now()
	for _, kind := range []string{"quick", "slow", "panic", "long"} {
		ids[kind] = b.fake.Slash(u, guildID, channelID, "digest", "latest", map[string]any{"category": kind})
	}
	if i := answered(t, b, ids["quick"]); i.Type != answerMessage {
		t.Errorf("quick: %+v", i)
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("a quick answer took %v", d)
	}
	if i := answered(t, b, ids["panic"]); !strings.Contains(string(i.Answer), "Something went wrong") || strings.Contains(string(i.Answer), "house") {
		t.Errorf("panic: %s", i.Answer)
	}
	eventually(t, "the slow one is acknowledged", func() bool {
		i, err := b.fake.Interaction(ids["slow"])
		return err == nil && i.Type == answerDeferred
	})
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("a slow command was acknowledged after %v", d)
	}
	if i := answered(t, b, ids["slow"]); i.Edits != 1 || !strings.Contains(string(i.Answer), "done") {
		t.Errorf("slow: %+v", i)
	}
	eventually(t, "the follow-ups", func() bool {
		i, err := b.fake.Interaction(ids["long"])
		return err == nil && len(i.FollowUps) == 2
	})
	late := b.fake.Slash(u, guildID, channelID, "digest", "latest", map[string]any{"category": "late"})
	eventually(t, "the log says that it is too late", func() bool { return strings.Contains(b.log.String(), "came too late") })
	if i, err := b.fake.Interaction(late); err != nil || i.Answer != nil || len(i.Refused) > 0 {
		t.Errorf("late: %+v, %v: it was tried nevertheless", i, err)
	}
}

func TestRefusedAnswersAreNotRepeated(t *testing.T) {
	b, _ := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(ctx, chat.Command) chat.Reply { return say("done") }))
	u := discordfake.User{ID: "7", Name: "reader"}
	for _, f := range []discordfake.Fault{discordfake.Refusal(404, 10062, "Unknown interaction"), discordfake.Refusal(400, 40060, "already"), {Kind: discordfake.StoreThen502}} {
		f.Path = "callback"
		b.fake.Fail(f)
		before := len(b.fake.Requests())
		b.fake.Slash(u, guildID, channelID, "digest", "latest", nil)
		eventually(t, "the log says so", func() bool { return strings.Count(b.log.String(), "could not be acknowledged") > 0 })
		if n := len(b.fake.Requests()) - before; n != 1 {
			t.Errorf("%+v: %d requests, want 1", f, n)
		}
		b.log.b.Reset()
	}
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Path: "callback", Status: 400, Body: map[string]any{"code": 50035, "message": "Invalid Form Body"}})
	if i := answered(t, b, b.fake.Slash(u, guildID, channelID, "digest", "latest", nil)); !strings.Contains(string(i.Answer), `"content":"done"`) {
		t.Errorf("not plain: %s", i.Answer)
	}
}

func TestSupervision(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *bench)
	}{
		{"closed", func(b *bench) { b.fake.Drop(4000) }},
		{"cut", func(b *bench) { b.fake.Drop(1006) }},
		{"op 7", func(b *bench) { b.fake.AskReconnect() }},
		{"op 9 while connected", func(b *bench) { b.fake.Invalidate() }},
		{"op 9 at the login", func(b *bench) { b.fake.InvalidateLogins(1); b.fake.Drop(4009) }},
		{"silence", func(b *bench) { b.fake.Deafen(true) }},
		{"HTTP fails", func(b *bench) {
			b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Path: "gateway", Status: 500, Body: "x", Times: 2})
			b.fake.Drop(4000)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			count := &counter{}
			b, _ := listening(t, discordfake.Options{Heartbeat: 50 * time.Millisecond}, func(cfg *Config) { cfg.pulse, cfg.Identifies = 400*time.Millisecond, count },
				chat.HandlerFunc(func(ctx, chat.Command) chat.Reply { return say("back") }))
			before := b.fake.Identifies()
			c.do(b)
			eventually(t, "it logs in again", func() bool { return b.fake.Identifies() > before && b.fake.Connected() > 0 })
			b.fake.Deafen(false)
			eventually(t, "it answers again", func() bool {
				id := b.fake.Slash(discordfake.User{ID: "7"}, guildID, channelID, "digest", "latest", nil)
				time.Sleep(50 * time.Millisecond)
				i, err := b.fake.Interaction(id)
				return err == nil && i.Answer != nil
			})
			if got, want := int(count.n.Load()), b.fake.Identifies(); got < want {
				t.Errorf("%d logins counted, %d made", got, want)
			}
		})
	}
}

func TestFatalCloses(t *testing.T) {
	for _, code := range []int{4004, 4010, 4011, 4012, 4013, 4014} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, discordfake.Options{}, nil)
			b.fake.RefuseLogins(code, 1)
			err := b.Listen(brief(t, 10*time.Second), nil, specs())
			if digest.KindOf(err) != digest.Forbidden || !strings.Contains(fmt.Sprint(err), fmt.Sprint(code)) {
				t.Errorf("got %v", err)
			}
			if n := b.fake.Identifies(); n != 1 {
				t.Errorf("%d logins, want 1", n)
			}
		})
	}
	b := newBench(t, discordfake.Options{}, nil)
	b.cfg.Token = digest.NewSecret("other")
	other, err := New(b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Listen(brief(t, 10*time.Second), nil, specs()); digest.KindOf(err) != digest.Forbidden {
		t.Errorf("a wrong token: %v", err)
	}
	if n := b.fake.Invalid(); n != 1 {
		t.Errorf("%d refused requests, want 1", n)
	}
}

func TestForeignGatewaysAreNotUsed(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Path: "gateway", Status: 200, Body: map[string]any{"url": "ws://127.0.0.1:9"}, Times: -1})
	l := &listener{p: b.Platform}
	if err := l.session(brief(t, 5*time.Second)); digest.KindOf(err) != digest.Forbidden {
		t.Errorf("got %v", err)
	}
}

func TestBudget(t *testing.T) {
	var saved []time.Time
	keep := func(_ ctx, change func([]time.Time) []time.Time) error {
		saved = change(saved)
		return nil
	}
	at, logins := morning, []time.Duration{}
	for len(logins) < 6 { // a crash loop: every second a new process
		if at.Sub(morning) > time.Hour {
			t.Fatal("no logins any more")
		}
		again := &Budget{Keep: keep}
		wait, err := again.Identify(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if wait == 0 {
			logins = append(logins, at.Sub(morning).Round(time.Second))
		}
		at = at.Add(time.Second)
	}
	if got, want := fmt.Sprint(logins), "[0s 5s 10s 1m40s 3m10s 4m40s]"; got != want {
		t.Errorf("logins at %s, want %s", got, want)
	}
	if wait, err := (&Budget{Keep: keep}).Identify(t.Context(), morning.Add(-time.Hour)); wait != 0 || err != nil {
		t.Errorf("logins of a clock that was ahead count: %v, %v", wait, err)
	}
	at = morning
	b := &Budget{}
	for range 900 {
		at = at.Add(91 * time.Second)
		if wait, err := b.Identify(t.Context(), at); wait != 0 || err != nil {
			t.Fatal(wait, err)
		}
	}
	if wait, err := b.Identify(t.Context(), at.Add(95*time.Second)); digest.KindOf(err) != digest.RateLimited || wait <= 0 {
		t.Errorf("the 901st login in a day: %v, %v", wait, err)
	}
	if wait, err := b.Identify(t.Context(), at.Add(24*time.Hour)); wait != 0 || err != nil {
		t.Errorf("a day later: %v, %v", wait, err)
	}
	broken := &Budget{Keep: func(ctx, func([]time.Time) []time.Time) error { return context.DeadlineExceeded }}
	if _, err := broken.Identify(t.Context(), at); err == nil {
		t.Error("a login that cannot be counted is allowed")
	}
}

func TestRegistrationIsTriedAgain(t *testing.T) {
	b := newBench(t, discordfake.Options{}, func(c *Config) { c.pause, c.sleep, c.Identifies = time.Millisecond, nil, &counter{} })
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Path: "/commands", Times: 2, Status: 500, Body: "<html>"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, nil, specs()) }()
	eventually(t, "the commands are there", func() bool { return len(b.fake.Commands()) == 2 && b.fake.Connected() == 1 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestLoginsWait holds the login back as the budget says.
func TestLoginsWait(t *testing.T) {
	b := newBench(t, discordfake.Options{}, func(c *Config) {
		at := []time.Time{morning.Add(-3 * time.Second), morning.Add(-2 * time.Second), morning.Add(-time.Second)}
		c.Identifies = &Budget{Keep: func(_ ctx, change func([]time.Time) []time.Time) error { at = change(at); return nil }}
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, nil, specs()) }()
	eventually(t, "it logs in", func() bool { return b.fake.Connected() == 1 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(b.clock.slept) != 1 || b.clock.slept[0] != 89*time.Second {
		t.Errorf("waited %v, want 89 s", b.clock.slept)
	}
	l := &listener{p: b.Platform}
	l.p.cfg.Identifies = failing{}
	if err := l.budget(t.Context()); err == nil {
		t.Error("logins that cannot be counted are made")
	}
	l.uncounted(t.Context())
	if !strings.Contains(b.log.String(), "could not be counted") {
		t.Error("the log does not say that a login is missing in the count")
	}
}

type failing struct{}

func (failing) Identify(context.Context, time.Time) (time.Duration, error) {
	return 0, context.DeadlineExceeded
}
