package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

func TestPlainFallbackFits(t *testing.T) {
	for _, text := range []string{strings.Repeat("a word \\*and\\* ", 400), strings.Repeat("報", 4000), strings.Repeat("👩‍👩‍👧", 900), "short"} {
		b := body{Embeds: []embed{{Author: &author{"Harbor @everyone"}, Title: "Title", URL: "https://ledger.example/1", Description: markdown(text), Footer: &footer{"By *x*"}}}}
		frozen, err := freeze(frozen{body: b.plain().marked(digest.Part{Key: "k"})})
		if err != nil {
			t.Fatal(err)
		}
		if problem := discordfake.Problem(frozen); problem != "" {
			t.Error(problem)
		}
		if got := b.plain().Content; text == "short" && got != "Harbor \\@everyone\n**Title**\nhttps://ledger.example/1\nshort\nBy \\*x\\*" {
			t.Errorf("got %q", got)
		} else if text != "short" && !strings.HasSuffix(got, " …") {
			t.Errorf("cut without a mark: %q", got[len(got)-40:])
		}
	}
}

func TestManyButtonsLeaveRoomForTheMarker(t *testing.T) {
	m := chat.Note("x")
	m.More = chat.Link{URL: "https://ledger.example/1"}
	for i := range 40 {
		m.Buttons = append(m.Buttons, chat.Button{Label: fmt.Sprint("b", i), Line: fmt.Sprint("story ", i)})
	}
	m.Buttons = append(m.Buttons, chat.Button{Label: "too long", Line: strings.Repeat("l", 100)}, chat.Button{})
	b := bodies(m)[0].marked(digest.Part{Key: "kkkkkkkkkkkkkkkkkkkkkkkk", N: 1, Of: 1})
	var buttons []control
	for _, r := range b.Components {
		buttons = append(buttons, r.Controls...)
	}
	if len(buttons) != maxRows*maxInRow || buttons[24].CustomID != "d:kkkkkkkkkkkkkkkkkkkkkkkk" || buttons[0].Label != "Read more" {
		t.Errorf("%d buttons, the last is %+v", len(buttons), buttons[len(buttons)-1])
	}
	frozen, err := freeze(frozen{body: b})
	if err != nil {
		t.Fatal(err)
	}
	if problem := discordfake.Problem(frozen); problem != "" {
		t.Error(problem)
	}
}

func TestAnswersAreGathered(t *testing.T) {
	reply := chat.Reply{Messages: []chat.Message{chat.Note("a"), chat.Note("b"), chat.Note("c")}}
	if got := answers(reply, false); len(got) != 1 || len(got[0].Embeds) != 3 || got[0].Flags != 0 {
		t.Errorf("got %+v", got)
	}
	if got := answers(chat.Reply{Private: true}, false); len(got) != 1 || got[0].Flags != ephemeral {
		t.Errorf("an empty reply: %+v", got)
	}
	reply.Messages = nil
	for range 40 {
		reply.Messages = append(reply.Messages, chat.Note(strings.Repeat("x", 4000)))
	}
	if got := answers(reply, true); len(got) != maxFollowUps || !strings.Contains(string(got[19].Embeds[0].Description), "too long") {
		t.Errorf("%d messages", len(got))
	}
	twice := chat.Message{Kind: chat.Story, Blocks: []chat.Block{{Kind: chat.Title, Items: []chat.Item{chat.Line(chat.Linked("t", "https://a.example"))}}}}
	if got := answers(chat.Reply{Messages: []chat.Message{twice, twice}}, false); len(got) != 2 {
		t.Errorf("%d messages: Discord shows one of two embeds with the same address", len(got))
	}
}

func TestFollowUps(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	i := interaction{ID: "1", Token: "t", received: b.clock.Now()}
	b.fake.Fail(discordfake.TooMany(3*time.Second, false))
	b.followUp(t.Context(), i, []body{{Content: "a"}, {Content: "b"}})
	if n := len(b.fake.Requests()); n != 2 || len(b.clock.slept) != 1 || b.clock.slept[0] != 3*time.Second {
		t.Errorf("%d requests after sleeping %v; want one repeat after 3 s, then a stop at 10015", n, b.clock.slept)
	}
	if !strings.Contains(b.log.String(), "missing=2") {
		t.Errorf("the log does not say what is missing: %s", b.log)
	}
	b.clock.Add(tokenLife)
	b.followUp(t.Context(), i, []body{{Content: "a"}})
	b.complete(t.Context(), i, say("x"), false)
	if n := len(b.fake.Requests()); n != 2 {
		t.Error("it was tried after 15 minutes")
	}
}

func TestPermissionsOfThreads(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	ref, err := b.Post(t.Context(), part(t, b.Platform, "header"))
	if err != nil {
		t.Fatal(err)
	}
	p := part(t, b.Platform, "reply")
	p.Threaded, p.Parent = true, ref
	if _, err := b.Post(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	_, held, err := b.permissions(t.Context(), digest.Address{Platform: "discord", Workspace: guildID, Channel: string(ref)})
	if err != nil || !held.has(needed|forThreads) {
		t.Errorf("%v, %v", held.names(), err)
	}
	b.fake.Permit(channelID, discordfake.All&^discordfake.CreateThreads)
	b.opened = nil
	b.fake.RemoveChannel(string(ref))
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.Rejected || o.Scope != digest.ScopeChannel || !strings.Contains(digest.Explain(err), "lacks Create Public Threads;") {
		t.Errorf("no thread may be made: %+v, %v", o, err)
	}
	b.fake.Permit(channelID, discordfake.All)
	b.fake.Fail(discordfake.Fault{Kind: discordfake.StoreThen502, Path: "/threads"})
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.NotSent {
		t.Errorf("a thread of unknown outcome: %+v", o)
	}
	if _, err = b.Post(t.Context(), p); err != nil {
		t.Errorf("the thread exists already: %v", err)
	}
}

func TestBusyIsNotSent(t *testing.T) {
	b := newBench(t, discordfake.Options{}, func(c *Config) { c.sleep = nil })
	b.fake.Fail(discordfake.TooMany(time.Hour, false))
	p := part(t, b.Platform, "k")
	_, err := b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.NotSent || o.Scope != digest.ScopeChannel || o.After != time.Hour {
		t.Errorf("a 429: %+v", o)
	}
	began := time.Now()
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.NotSent || o.Scope != digest.ScopeChannel || o.After != time.Hour || time.Since(began) > 2*time.Second {
		t.Errorf("before its time: %+v after %v", o, time.Since(began))
	}
	if n := len(b.fake.Requests()); n != 1 {
		t.Errorf("%d requests, want 1: the second was too early", n)
	}
	global := discordfake.TooMany(time.Millisecond, true)
	global.Header["X-RateLimit-Reset-After"] = "0.001" // which the library's own limiter must not see
	b.fake.Fail(global)
	p.Channel = "900000000000000098"
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.NotSent || o.Scope != digest.ScopePlatform {
		t.Errorf("a 429 for everything: %+v", o)
	}
	b.clock.Add(time.Second)
	b.fake.Fail(discordfake.Cloudflare())
	p.Channel = "900000000000000099"
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Scope != digest.ScopePlatform || o.After < 10*time.Minute {
		t.Errorf("Cloudflare: %+v", o)
	}
	_, _, err = b.Find(t.Context(), p, morning)
	if o := digest.OutcomeOf(err); o.Scope != digest.ScopePlatform || o.After < 9*time.Minute {
		t.Errorf("a search while Cloudflare blocks: %+v, %v", o, err)
	}
}

func TestDelaysEndWithTheContext(t *testing.T) {
	l := &limiter{now: time.Now, sleep: sleep}
	l.block(time.Now().Add(time.Hour), "test")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := l.wait(ctx, "", false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	l = &limiter{now: time.Now, sleep: sleep}
	for i := range manyRoutes + 10 {
		l.learn(fmt.Sprint(i), &http.Response{StatusCode: 200, Header: http.Header{"X-Ratelimit-Remaining": {"1"}, "X-Ratelimit-Reset-After": {"0"}}}, nil)
	}
	if len(l.routes) > manyRoutes {
		t.Errorf("%d routes are remembered", len(l.routes))
	}
}

func TestInteractionsAreHandledOnce(t *testing.T) {
	p := &Platform{}
	at := morning
	for i := range manyRoutes + 5 {
		at = at.Add(time.Second)
		if !p.first(interaction{ID: fmt.Sprint(i), received: at}) {
			t.Fatal("a new one counts as seen")
		}
	}
	if p.first(interaction{ID: fmt.Sprint(manyRoutes), received: at}) {
		t.Error("a repeat counts as new")
	}
	if len(p.seen) >= manyRoutes {
		t.Errorf("%d ids are remembered", len(p.seen))
	}
}

// TestPlainAnswersShowNoPreviews has Discord refuse the form of an answer that
// was announced: as plain text its addresses are fetched by nobody.
func TestPlainAnswersShowNoPreviews(t *testing.T) {
	b, _ := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(ctx, chat.Command) chat.Reply {
		time.Sleep(chat.Patience + 100*time.Millisecond)
		m := chat.Say("", chat.Block{Kind: chat.Title, Items: []chat.Item{chat.Line(chat.Linked("A page", "https://a.example/x"))}})
		return chat.Reply{Messages: []chat.Message{m}}
	}))
	f := discordfake.Refusal(400, 50035, "Invalid Form Body")
	f.Method, f.Path = "PATCH", "@original"
	b.fake.Fail(f)
	i := finished(t, b, b.fake.Slash(discordfake.User{ID: "7"}, guildID, channelID, "digest", "latest", nil))
	if got := string(i.Answer); !strings.Contains(got, "https://a.example/x") || !strings.Contains(got, `"flags":4`) {
		t.Errorf("got %s, want the flag that suppresses previews", got)
	}
}
