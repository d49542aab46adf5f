package discord

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

func TestPostAndRepeat(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	p := part(t, b.Platform, "k7f3q2abcdefghijklmnopqr")
	ref, err := b.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Post(t.Context(), p)
	if err != nil || again != ref {
		t.Errorf("a repeat within the window: %q, %v, want %q", again, err, ref)
	}
	posts := b.fake.Posts(channelID)
	if len(posts) != 1 {
		t.Fatalf("got %d messages, want 1", len(posts))
	}
	for _, want := range []string{`"custom_id":"d:` + p.Key + `"`, `"enforce_nonce":true`, `"nonce":"` + p.Key + `"`, `"allowed_mentions":{"parse":[]}`, `"label":"2/3"`, `"url":"https://ledger.example/1"`} {
		if !strings.Contains(string(posts[0].Body), want) {
			t.Errorf("the message lacks %s:\n%s", want, posts[0].Body)
		}
	}
	got, finding, err := b.Find(t.Context(), p, morning.Add(-5*time.Second))
	if err != nil || finding != digest.Found || got != ref {
		t.Errorf("Find: %q, %v, %v; want %q found", got, finding, err, ref)
	}
}

// deliver does what the newsroom does with a part: post, and while the outcome
// is unknown, look for it and post again when it is absent.
func deliver(ctx context.Context, b *bench, p digest.Part, quiet time.Duration) (digest.MessageRef, error) {
	for range 8 {
		p.Started = b.clock.Now()
		attempt, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		ref, err := b.Post(attempt, p)
		cancel()
		o := digest.OutcomeOf(err)
		switch {
		case err == nil || o.Class == digest.Sent:
			return ref, nil
		case o.Class == digest.Rejected:
			return "", err
		case o.Class == digest.NotSent:
			b.clock.Add(max(o.After, time.Second))
			continue
		}
		b.clock.Add(quiet)
		ref, finding, err := b.Find(ctx, p, p.Started.Add(-5*time.Second))
		switch {
		case finding == digest.Found:
			return ref, nil
		case finding == digest.CannotTell:
			return "", fmt.Errorf("cannot tell: %w", err)
		}
	}
	return "", errors.New("given up")
}

func TestDeliveredOnceWhateverFails(t *testing.T) {
	const post = "/messages"
	for _, quiet := range []time.Duration{Quiet, 30 * time.Second, 10 * time.Minute} {
		for name, faults := range map[string][]discordfake.Fault{
			"stored, then 502":           {{Kind: discordfake.StoreThen502, Method: "POST", Path: post}},
			"stored, then 502 thrice":    {{Kind: discordfake.StoreThen502, Method: "POST", Path: post, Times: 3}},
			"stored, then silence":       {{Kind: discordfake.StoreThenHang, Method: "POST", Path: post}},
			"stored, then cut":           {{Kind: discordfake.StoreThenCut, Method: "POST", Path: post}},
			"stored late":                {{Kind: discordfake.DelayedStore, Method: "POST", Path: post, Delay: time.Second}},
			"refused":                    {{Kind: discordfake.Refuse, Method: "POST", Path: post}},
			"429":                        {discordfake.TooMany(2*time.Second, false)},
			"429 for all":                {discordfake.TooMany(2*time.Second, true)},
			"Cloudflare":                 {discordfake.Cloudflare()},
			"503":                        {discordfake.Refusal(503, 130000, "overloaded")},
			"stored, then a failed look": {{Kind: discordfake.StoreThenCut, Method: "POST", Path: post}, {Kind: discordfake.Status, Status: 500, Method: "GET", Path: post, Body: "<html>"}},
		} {
			if quiet >= nonceSafe && (name == "stored late" || strings.Contains(name, "failed look")) {
				continue // the fake stores by the wall clock; and a late failed look cannot tell
			}
			t.Run(fmt.Sprintf("%s/%s", name, quiet), func(t *testing.T) {
				b := newBench(t, discordfake.Options{}, nil)
				for _, f := range faults {
					b.fake.Fail(f)
				}
				p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
				ref, err := deliver(t.Context(), b, p, quiet)
				if err != nil {
					t.Fatal(err)
				}
				if name == "stored late" {
					eventually(t, "the late request is carried out", func() bool {
						stored := 0
						for _, r := range b.fake.Requests() {
							if r.Method == "POST" {
								stored++
							}
						}
						return stored > 1
					})
					time.Sleep(time.Second)
				}
				posts := b.fake.Posts(channelID)
				if len(posts) != 1 || posts[0].ID != string(ref) {
					t.Errorf("%d messages, reference %q", len(posts), ref)
				}
			})
		}
	}
}

func TestFindNeedsProof(t *testing.T) {
	for _, c := range []struct {
		name    string
		age     time.Duration
		may     discordfake.Permissions
		other   bool // another message is there
		finding digest.Finding
	}{
		{"young, cannot read", 10 * time.Second, discordfake.All &^ discordfake.History, false, digest.Absent},
		{"old, cannot read", 5 * time.Minute, discordfake.All &^ discordfake.History, false, digest.CannotTell},
		{"old, cannot read, something is there", 5 * time.Minute, discordfake.All &^ discordfake.History, true, digest.CannotTell},
		{"old, cannot see", 5 * time.Minute, 0, false, digest.CannotTell},
		{"old, empty, can read", 5 * time.Minute, discordfake.All, false, digest.Absent},
		{"old, another message", 5 * time.Minute, discordfake.All, true, digest.Absent},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, discordfake.Options{}, nil)
			if c.other {
				if _, err := b.Post(t.Context(), part(t, b.Platform, "otherotherotherotherothe")); err != nil {
					t.Fatal(err)
				}
			}
			b.fake.Permit(channelID, c.may)
			since := b.clock.Now().Add(-5 * time.Second)
			b.clock.Add(c.age)
			_, finding, err := b.Find(t.Context(), part(t, b.Platform, "minemineminemineminemine"), since)
			if finding != c.finding {
				t.Errorf("finding %v (%v), want %v", finding, err, c.finding)
			}
		})
	}
}

func TestFindPages(t *testing.T) {
	b := newBench(t, discordfake.Options{Global: -1, Limit: 10000}, func(c *Config) { c.sleep = nil })
	for i := range 250 {
		b.clock.Add(10 * time.Millisecond)
		if _, err := b.create(t.Context(), channelID, body{Content: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
		if i%40 == 39 {
			b.clock.Add(time.Second) // our own limit
		}
	}
	p := part(t, b.Platform, "minemineminemineminemine")
	ref, err := b.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	got, finding, err := b.Find(t.Context(), p, morning.Add(-time.Second))
	if finding != digest.Found || got != ref {
		t.Errorf("%q %v %v, want %q", got, finding, err, ref)
	}
	if _, finding, _ = b.Find(t.Context(), part(t, b.Platform, "none"), morning.Add(-time.Second)); finding != digest.Absent {
		t.Errorf("a part that is not there: %v", finding)
	}
}

func TestDeletedWithinTheWindowCountsAsSent(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	ref, err := b.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.fake.Delete(channelID, string(ref)); err != nil {
		t.Fatal(err)
	}
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.Sent {
		t.Errorf("got %+v, want sent", o)
	}
	if n := len(b.fake.Posts(channelID)); n != 0 {
		t.Errorf("%d messages, want none: it was deleted on purpose", n)
	}
}

func TestThread(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	header := part(t, b.Platform, "hhhhhhhhhhhhhhhhhhhhhhhh")
	ref, err := b.Post(t.Context(), header)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		p := part(t, b.Platform, fmt.Sprintf("part%d", n))
		p.Threaded, p.Parent = true, ref
		if n == 1 {
			b.opened = nil // another process made the thread
		}
		if n == 2 {
			b.fake.RemoveChannel(string(ref)) // somebody deleted it
		}
		if _, err := b.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if _, finding, err := b.Find(t.Context(), p, morning.Add(-5*time.Second)); finding != digest.Found {
			t.Errorf("part %d: %v %v", n, finding, err)
		}
	}
	if n := len(b.fake.Posts(string(ref))); n != 1 { // after it was deleted
		t.Errorf("%d messages in the thread", n)
	}
	var named bool
	for _, r := range b.fake.Requests() {
		named = named || strings.HasSuffix(r.Path, "/threads") && strings.Contains(string(r.Body), "Port weighs night curfew")
	}
	if !named {
		t.Error("the thread is not named after its header")
	}
	orphan := part(t, b.Platform, "orphan")
	orphan.Threaded, orphan.Parent = true, ref
	b.fake.RemoveChannel(string(ref))
	b.opened = nil
	if err := b.fake.Delete(channelID, string(ref)); err != nil { // the header
		t.Fatal(err)
	}
	if _, err := b.Post(t.Context(), orphan); digest.OutcomeOf(err).Class != digest.Rejected {
		t.Errorf("under a header that was deleted: %v, want it to be rejected", err)
	}
	lost := part(t, b.Platform, "lost")
	lost.Threaded, lost.Parent = true, "123456789"
	if _, finding, err := b.Find(t.Context(), lost, morning.Add(-time.Hour)); finding != digest.Absent {
		t.Errorf("without a thread: %v %v", finding, err)
	}
}

// TestPlainText posts a part as plain text whose form was refused.
func TestPlainText(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Method: "POST", Status: 400, Body: map[string]any{"code": 50035, "message": "Invalid Form Body",
		"errors": map[string]any{"embeds": map[string]any{"0": map[string]any{"url": map[string]any{"_errors": []any{map[string]any{"code": "X", "message": "Not a well formed URL."}}}}}}}})
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	_, err := b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.Rejected || o.Action != digest.ActPlain || o.Scope != digest.ScopePart || o.Code != "50035" {
		t.Errorf("got %+v", o)
	}
	if err == nil || !strings.Contains(err.Error(), "embeds.0.url: Not a well formed URL.") {
		t.Errorf("%v does not say which field", err)
	}
	if n := len(b.fake.Requests()); n != 1 {
		t.Errorf("%d requests, want 1: the outbox must know of each", n)
	}
	p.Plain = true
	if _, err := b.Post(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	got := string(b.fake.Posts(channelID)[0].Body)
	if !strings.Contains(got, `"content":"**Port weighs`) || strings.Contains(got, "embeds\"") || !strings.Contains(got, "d:"+p.Key) {
		t.Errorf("not plain: %s", got)
	}
}

// TestOutcomes holds the table of RELIABILITY: every code has its action.
func TestOutcomes(t *testing.T) {
	type want struct {
		class digest.Class
		scope digest.Scope
	}
	gone, part1 := want{digest.Rejected, digest.ScopeChannel}, want{digest.Rejected, digest.ScopePart}
	all, wait := want{digest.NotSent, digest.ScopePlatform}, want{digest.NotSent, digest.ScopeChannel}
	doubt := want{digest.Ambiguous, digest.ScopePart}
	for _, c := range []struct {
		status int
		codes  []int
		want   want
	}{
		{404, []int{10003, 10004, 10015, 0}, gone},
		{403, []int{50001, 50013, 50007, 50008, 50024, 40058, 40067, 50083, 160005, 0, 99999}, gone},
		{401, []int{0, 40001}, all},
		{400, []int{20016, 20028, 40062}, wait},
		{429, []int{0, 20028}, wait},
		{400, []int{50035, 50006, 50109, 40005, 200000, 200001, 240000, 0, 12345}, part1},
		{500, []int{0}, doubt}, {502, []int{0}, doubt}, {503, []int{0, 130000}, doubt}, {504, []int{0}, doubt},
		{400, []int{40333}, all},
		{404, []int{10008}, want{digest.Sent, digest.ScopePart}},
	} {
		for _, code := range c.codes {
			err := &callError{Status: c.status, Code: code, Message: "m"}
			o := digest.OutcomeOf(verdict(err))
			if got := (want{o.Class, o.Scope}); got != c.want {
				t.Errorf("HTTP %d, code %d: %+v, want %+v", c.status, code, got, c.want)
			}
			if o.Class == digest.NotSent && c.status == 400 && o.After == 0 {
				t.Errorf("code %d is tried again at once", code)
			}
		}
	}
	if o := verdict(&callError{Status: 403, Foreign: true}).Outcome; o.Scope != digest.ScopePlatform || o.After != invalidSpan {
		t.Errorf("a page of Cloudflare's: %+v", o)
	}
	if o := verdict(&callError{Status: 429, Foreign: true}).Outcome; o.Scope != digest.ScopePlatform || o.After < 10*time.Minute {
		t.Errorf("error code 1015: %+v", o)
	}
	if o := digest.OutcomeOf(verdict(errors.New("x"))); o.Class != digest.Ambiguous {
		t.Errorf("an unknown error: %+v", o)
	}
}

func TestNoAnswerIsToldApart(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	b.fake.Fail(discordfake.Fault{Kind: discordfake.StoreThenHang, Method: "POST"})
	_, err := b.Post(brief(t, 200*time.Millisecond), p)
	if o := digest.OutcomeOf(err); o.Class != digest.Ambiguous {
		t.Errorf("no answer after the request left: %+v", o)
	}
	b.cfg.APIURL = "http://127.0.0.1:1"
	nowhere, err := New(b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = nowhere.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.NotSent {
		t.Errorf("nobody listens: %+v, %v", o, err)
	}
	p.Payload = digest.Payload(`{"future":1}`)
	_, err = b.Post(t.Context(), p)
	if o := digest.OutcomeOf(err); o.Class != digest.Rejected {
		t.Errorf("a payload of another version: %+v", o)
	}
}

func TestSecretsStayOutOfErrors(t *testing.T) {
	b := newBench(t, discordfake.Options{}, func(c *Config) { c.Token = digest.NewSecret("wrong." + secret) })
	p := part(t, b.Platform, "k")
	var texts []string
	_, err := b.Post(t.Context(), p)
	texts = append(texts, fmt.Sprintf("%v %+v %#v", err, err, err))
	if o := digest.OutcomeOf(err); o.Scope != digest.ScopePlatform || o.Class != digest.NotSent {
		t.Errorf("a wrong token: %+v", o)
	}
	_, _, err = b.Find(t.Context(), p, morning)
	texts = append(texts, fmt.Sprintf("%v %+v", err, err))
	for _, f := range b.Check(t.Context(), nil) {
		texts = append(texts, f.Line)
	}
	err = b.Listen(brief(t, 5*time.Second), nil, nil)
	texts = append(texts, fmt.Sprintf("%v %+v", err, err))
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Refuse, Times: -1})
	err = b.within(t.Context(), interaction{ID: "1", Token: "interaction-token-1", received: morning}, "POST", "", body{Content: "x"})
	texts = append(texts, fmt.Sprintf("%v %+v", err, err))
	texts = append(texts, fmt.Sprintf("%v %+v", b.cfg, b.cfg), b.log.String())
	for _, s := range texts {
		if strings.Contains(s, secret) || strings.Contains(s, "interaction-token-1") {
			t.Errorf("a secret shows: %s", s)
		}
	}
}
