package discord

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// TestErrorTable holds what every code of the specification means: the rows
// stand here once more, so that no code can slip out of the table unseen.
func TestErrorTable(t *testing.T) {
	type row struct {
		class  digest.Class
		scope  digest.Scope
		action digest.Action
	}
	gone := row{digest.Rejected, digest.ScopeChannel, digest.ActDisable}
	noAccess := row{digest.Rejected, digest.ScopeChannel, digest.ActDisableIfAgain}
	token := row{digest.NotSent, digest.ScopePlatform, digest.ActStop}
	for _, c := range []struct {
		status int
		codes  []int
		want   row
		after  time.Duration // at least
	}{
		{404, []int{10003, 10004, 10015, 0}, gone, 0},
		{403, []int{50001, 50013, 50007, 50008, 50024, 40058, 40067, 50083, 160005, 0}, noAccess, 0},
		{401, []int{0, 40001}, token, 0},
		{400, []int{20016, 20028, 40062}, row{digest.NotSent, digest.ScopeChannel, digest.ActClass}, time.Second},
		{400, []int{20029}, row{digest.NotSent, digest.ScopeWorkspace, digest.ActClass}, time.Second},
		{400, []int{130000}, row{digest.NotSent, digest.ScopePlatform, digest.ActClass}, time.Second},
		{429, []int{0}, row{digest.NotSent, digest.ScopeChannel, digest.ActClass}, 0},
		{400, []int{30046, 10062, 40060, 40094, 50027}, row{digest.Rejected, digest.ScopePart, digest.ActDrop}, 0},
		{400, []int{50035, 50006, 50109, 40005}, row{digest.Rejected, digest.ScopePart, digest.ActPlain}, 0},
		{400, []int{200000, 200001, 240000}, row{digest.Rejected, digest.ScopePart, digest.ActName}, 0},
		{403, []int{40333}, row{digest.NotSent, digest.ScopePlatform, digest.ActClass}, 10 * time.Minute},
	} {
		for _, code := range c.codes {
			o := judged(&callError{Status: c.status, Code: code, Message: "m"}, 1).Outcome
			if got := (row{o.Class, o.Scope, o.Action}); got != c.want || o.After < c.after {
				t.Errorf("HTTP %d, code %d: got %+v, want %+v and a wait of %s", c.status, code, o, c.want, c.after)
			}
			if code != 0 && refusals[code].hint == "" {
				t.Errorf("code %d: nobody is told what to do", code)
			}
		}
	}
}

// TestUnknownCodesAreGivenUp tries a part three times that fails with a code of
// which the table knows nothing.
func TestUnknownCodesAreGivenUp(t *testing.T) {
	for attempt, want := range []digest.Class{digest.NotSent, digest.NotSent, digest.Rejected} {
		b := newBench(t, discordfake.Options{}, nil)
		b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Method: "POST", Status: 400, Body: map[string]any{"code": 77777, "message": "the moon is full"}})
		p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
		p.Attempts = attempt + 1
		_, err := b.Post(t.Context(), p)
		if digest.OutcomeOf(err).Class != want || !strings.Contains(err.Error(), "the moon is full") {
			t.Errorf("attempt %d: %v, want class %d", p.Attempts, err, want)
		}
	}
}

// TestNothingAfterTheTokenIsRefused counts requests after the first 401: posts,
// look-ups, answers to commands, the gateway.
func TestNothingAfterTheTokenIsRefused(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Times: -1, Status: http.StatusUnauthorized, Body: map[string]any{"code": 0, "message": "401: Unauthorized"}})
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	for range 5 {
		_, err := b.Post(t.Context(), p)
		if o := digest.OutcomeOf(err); o.Class != digest.NotSent || o.Scope != digest.ScopePlatform || o.Action != digest.ActStop {
			t.Errorf("got %+v, %v", o, err)
		}
		_, _, _ = b.Find(t.Context(), p, morning)
		_ = b.Probe(t.Context(), p.Address)
		_ = b.within(t.Context(), interaction{ID: "1", Token: "t", received: morning}, "POST", "", body{Content: "x"})
		_ = b.Listen(brief(t, 5*time.Second), nil, nil)
	}
	if n := len(b.fake.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestAnswersThatCameTooLateDoNotStop: the token of an interaction is not the bot's.
func TestAnswersThatCameTooLateDoNotStop(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Status: http.StatusUnauthorized, Body: map[string]any{"code": 50027, "message": "Invalid Webhook Token"}})
	if err := b.within(t.Context(), interaction{ID: "1", Token: "t", received: morning}, "POST", "", body{Content: "x"}); err == nil {
		t.Error("no error")
	}
	if _, err := b.Post(t.Context(), part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")); err != nil {
		t.Errorf("a post afterwards: %v", err)
	}
}

// TestMissingPermissionIsNamed says which permission is missing.
func TestMissingPermissionIsNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		may  discordfake.Permissions
		want string
	}{
		{"cannot see", 0, "lacks View Channel"},
		{"cannot send", discordfake.All &^ discordfake.Send, "lacks Send Messages;"},
		{"can neither send nor read", discordfake.View | discordfake.Embed, "lacks Send Messages, Read Message History;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, discordfake.Options{}, nil)
			b.fake.Permit(channelID, c.may)
			_, err := b.Post(t.Context(), part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk"))
			if o := digest.OutcomeOf(err); err == nil || o.Action != digest.ActDisableIfAgain || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v %v, want it to say %q", o, err, c.want)
			}
			if err := b.Probe(t.Context(), part(t, b.Platform, "k").Address); err == nil {
				t.Error("a probe finds the channel open")
			}
			b.fake.Permit(channelID, discordfake.All)
			if err := b.Probe(t.Context(), part(t, b.Platform, "k").Address); err != nil {
				t.Errorf("a probe after it was allowed: %v", err)
			}
		})
	}
}
