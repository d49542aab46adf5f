package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

func TestPost(t *testing.T) {
	w := newWorld(t)
	ctx := within(t)
	messages := chat.Layout(specimen(), chat.Locale{})
	head := w.part(t, messages[0])
	ref, err := w.p.Post(ctx, head)
	if err != nil {
		t.Fatal(err)
	}
	story := w.part(t, messages[1])
	story.Key, story.N, story.Threaded, story.Parent = "kstory", 2, true, ref
	under, err := w.p.Post(ctx, story)
	if err != nil {
		t.Fatal(err)
	}
	posts := w.Posts("C1")
	if len(posts) != 2 || posts[0].TS != string(ref) || posts[1].TS != string(under) || posts[1].ThreadTS != string(ref) {
		t.Fatalf("posts %+v", posts)
	}
	want := map[string]string{"unfurl_links": "false", "unfurl_media": "false", "parse": "none", "link_names": "false"}
	if diff := cmp.Diff(want, posts[0].Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	var frozen struct{ Blocks json.RawMessage }
	if err := json.Unmarshal(story.Payload, &frozen); err != nil {
		t.Fatal(err)
	}
	if got, want := string(posts[1].Blocks), string(frozen.Blocks); got != want {
		t.Errorf("the frozen blocks changed on their way:\n%s\n%s", got, want)
	}
	if got, want := string(posts[1].Metadata), `{"event_type":"digest_part","event_payload":{"k":"kstory","part":2,"slot":"2026-05-04T08:00"}}`; got != want {
		t.Errorf("metadata %s, want %s", got, want)
	}
}

// faults are what may go wrong with a post, what it means, and whether a
// message is there afterwards.
func faults() []struct {
	name  string
	fault slackfake.Fault
	want  digest.Outcome
	there int
} {
	type row = struct {
		name  string
		fault slackfake.Fault
		want  digest.Outcome
		there int
	}
	return []row{
		{"stored, then 502", slackfake.Status(502).Stored(), digest.Outcome{Code: "http_502"}, 1},
		{"stored, then cut", slackfake.Cut().Stored(), digest.Outcome{Code: "no_answer"}, 1},
		{"stored, then an unreadable answer", slackfake.Say(`{"ok":tr`).Stored(), digest.Outcome{Code: "unreadable"}, 1},
		{"stored, then an empty answer", slackfake.Say(`{}`).Stored(), digest.Outcome{Code: "unreadable"}, 1},
		{"cut", slackfake.Cut(), digest.Outcome{Code: "no_answer"}, 0},
		{"503", slackfake.Status(503), digest.Outcome{Code: "http_503"}, 0},
		{"408", slackfake.Status(408), digest.Outcome{Code: "http_408"}, 0},
		{"internal_error", slackfake.Refuse("internal_error").Stored(), digest.Outcome{Code: "internal_error"}, 1},
		{"429 with 30", slackfake.Wait("30"), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 30 * time.Second}, 0},
		{"429 with a fraction", slackfake.Wait("1.5"), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 2 * time.Second}, 0},
		{"429 without", slackfake.Wait(""), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 30 * time.Second}, 0},
		{"429 with nonsense", slackfake.Wait("soon"), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 30 * time.Second}, 0},
		{"429 for ever", slackfake.Wait("1e99"), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 6 * time.Hour}, 0},
		{"ratelimited with 200", slackfake.Refuse("ratelimited"), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: 30 * time.Second}, 0},
		{"403", slackfake.Status(403), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Code: "http_403", After: 5 * time.Minute}, 0},
		{"404", slackfake.Status(404), digest.Outcome{Class: digest.NotSent, Code: "http_404"}, 0},
		{"token revoked", slackfake.Refuse("token_revoked"), digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Action: digest.ActPause, Code: "token_revoked"}, 0},
		{"archived", slackfake.Refuse("is_archived"), digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable, Code: "is_archived"}, 0},
		{"a code from tomorrow", slackfake.Refuse("moon_phase"), digest.Outcome{Class: digest.NotSent, Code: "moon_phase"}, 0},
	}
}

func TestPostFailures(t *testing.T) {
	for _, c := range faults() {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.Fail("chat.postMessage", c.fault)
			_, err := w.p.Post(within(t), w.part(t, chat.Note("x")))
			if diff := cmp.Diff(c.want, digest.OutcomeOf(err)); err == nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if got := len(w.Posts("C1")); got != c.there {
				t.Errorf("%d messages, want %d", got, c.there)
			}
			if got := w.Calls("chat.postMessage"); got != 1 {
				t.Errorf("%d calls, want 1: nothing may be sent twice", got)
			}
		})
	}
}

func TestPostRefusalsOfTheWorkspace(t *testing.T) {
	for _, c := range []struct {
		name, channel string
		change        func(world)
		want          digest.Outcome
		says          string
	}{
		{"not a member", "C2", nil, digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable, Code: "not_in_channel"}, ""},
		{"no such channel", "C9", nil, digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable, Code: "channel_not_found"}, ""},
		{"archived", "C3", nil, digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable, Code: "is_archived"}, ""},
		{"scope lost", "C1", func(w world) { w.SetScopes("commands") }, digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Action: digest.ActPause, Code: "missing_scope"}, "lacks the scope chat:write (it has commands)"},
		{"unreachable", "C1", func(w world) { w.Down() }, digest.Outcome{Class: digest.NotSent, Scope: digest.ScopePlatform, Code: "unreachable"}, "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.change != nil {
				c.change(w)
			}
			p := w.part(t, chat.Note("x"))
			p.Channel = c.channel
			_, err := w.p.Post(within(t), p)
			if diff := cmp.Diff(c.want, digest.OutcomeOf(err)); err == nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

func TestUnknownCodesAreGivenUp(t *testing.T) {
	w := newWorld(t)
	p := w.part(t, chat.Note("x"))
	for attempt, want := range []digest.Class{digest.NotSent, digest.NotSent, digest.Rejected} {
		w.Fail("chat.postMessage", slackfake.Refuse("moon_phase"))
		p.Attempts = attempt + 1
		if _, err := w.p.Post(within(t), p); digest.OutcomeOf(err).Class != want {
			t.Errorf("attempt %d: %v, want class %d", p.Attempts, err, want)
		}
	}
}

// TestPlainText posts a part as plain text whose blocks were refused.
func TestPlainText(t *testing.T) {
	w := newWorld(t)
	p := w.part(t, chat.Layout(specimen(), chat.Locale{})[1])
	w.Fail("chat.postMessage", slackfake.Say(`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] too odd [json-pointer:/blocks/0]"]}}`))
	_, err := w.p.Post(within(t), p)
	want := digest.Outcome{Class: digest.Rejected, Action: digest.ActPlain, Code: "invalid_blocks"}
	if diff := cmp.Diff(want, digest.OutcomeOf(err)); diff != "" || !strings.Contains(err.Error(), "too odd") {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got := w.Calls("chat.postMessage"); got != 1 {
		t.Errorf("%d calls, want 1: the outbox must know of each", got)
	}
	p.Plain = true
	if _, err := w.p.Post(within(t), p); err != nil {
		t.Fatal(err)
	}
	posts := w.Posts("C1")
	if len(posts) != 1 || len(posts[0].Blocks) > 0 || !strings.Contains(posts[0].Text, "Port of Linden") || len(posts[0].Metadata) == 0 {
		t.Errorf("posts %+v", posts)
	}
	p.Payload = digest.Payload("{}")
	if _, err = w.p.Post(within(t), p); digest.OutcomeOf(err).Class != digest.Rejected {
		t.Errorf("bad payload: %v", err)
	}
}

func TestHangingPostEnds(t *testing.T) {
	w := newWorld(t)
	w.Fail("chat.postMessage", slackfake.Hang().Stored())
	ctx, cancel := context.WithTimeout(within(t), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := w.p.Post(ctx, w.part(t, chat.Note("x")))
	if o := digest.OutcomeOf(err); o.Class != digest.Ambiguous || time.Since(began) > 3*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestFindAfterDoubt(t *testing.T) {
	for _, threaded := range []bool{false, true} {
		for name, fault := range map[string]slackfake.Fault{
			"502": slackfake.Status(502).Stored(), "cut": slackfake.Cut().Stored(), "hang": slackfake.Hang().Stored(), "unreadable": slackfake.Say("<html>").Stored(),
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				p := w.part(t, chat.Note("x"))
				if threaded {
					parent := w.Write("C1", slackfake.BotUser, "header")
					p.Threaded, p.Parent = true, digest.MessageRef(parent.TS)
				}
				ctx, cancel := context.WithTimeout(within(t), 300*time.Millisecond)
				defer cancel()
				w.Fail("chat.postMessage", fault)
				if _, err := w.p.Post(ctx, p); digest.OutcomeOf(err).Class != digest.Ambiguous {
					t.Fatalf("Post: %v", err)
				}
				for range 30 {
					w.Write("C1", "U1", "chatter")
				}
				w.PageCap(15)
				posts := w.Posts("C1")
				ref, finding, err := w.p.Find(within(t), p, p.Started)
				if err != nil || finding != digest.Found {
					t.Fatalf("Find: %v, %v", finding, err)
				}
				if got, want := string(ref), posts[map[bool]int{false: 0, true: 1}[threaded]].TS; got != want {
					t.Errorf("ref %s, want %s", got, want)
				}
				p.Key = "other"
				if _, finding, err = w.p.Find(within(t), p, p.Started); err != nil || finding != digest.Absent {
					t.Errorf("another key: %v, %v", finding, err)
				}
			})
		}
	}
}

func TestFindLate(t *testing.T) {
	w := newWorld(t)
	p := w.part(t, chat.Note("x"))
	gate := make(chan struct{})
	w.Fail("chat.postMessage", slackfake.Late(gate))
	if _, err := w.p.Post(within(t), p); digest.OutcomeOf(err).Class != digest.Ambiguous {
		t.Fatal(err)
	}
	if _, finding, _ := w.p.Find(within(t), p, p.Started); finding != digest.Absent {
		t.Errorf("in flight: %v", finding)
	}
	close(gate)
	if err := w.Await(within(t), "the message", func() bool { return len(w.Posts("C1")) == 1 }); err != nil {
		t.Fatal(err)
	}
	if _, finding, err := w.p.Find(within(t), p, p.Started); finding != digest.Found {
		t.Errorf("arrived: %v, %v", finding, err)
	}
}

func TestFindCannotTell(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(world, *digest.Part)
		again  bool // the search is worth repeating
	}{
		{"scope lost", func(w world, _ *digest.Part) { w.SetScopes("chat:write", "groups:history") }, false},
		{"not in the channel", func(_ world, p *digest.Part) { p.Channel = "C2" }, false},
		{"thread gone", func(_ world, p *digest.Part) { p.Threaded, p.Parent = true, "1.1" }, false},
		{"429", func(w world, _ *digest.Part) { w.Fail("conversations.history", slackfake.Wait("60")) }, true},
		{"502", func(w world, _ *digest.Part) { w.Fail("conversations.history", slackfake.Status(502)) }, true},
		{"unreadable", func(w world, _ *digest.Part) { w.Fail("conversations.history", slackfake.Say("{")) }, true},
		{"more, but no way to it", func(w world, _ *digest.Part) {
			w.Fail("conversations.history", slackfake.Say(`{"ok":true,"messages":[],"has_more":true}`))
		}, true},
		{"token refused", func(w world, _ *digest.Part) { w.Fail("auth.test", slackfake.Refuse("invalid_auth")) }, true},
		{"down", func(w world, _ *digest.Part) { w.Down() }, true},
		{"too many messages", func(w world, _ *digest.Part) {
			w.PageCap(1)
			for range maxPages + 1 {
				w.Write("C1", "U1", "chatter")
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.part(t, chat.Note("x"))
			c.change(w, &p)
			_, finding, err := w.p.Find(within(t), p, p.Started)
			if again := digest.OutcomeOf(err).Class != digest.Rejected; finding != digest.CannotTell || err == nil || again != c.again {
				t.Errorf("Find: %v, %v, want it to be worth repeating: %v", finding, err, c.again)
			}
			if c.name == "429" && digest.OutcomeOf(err).After != time.Minute {
				t.Errorf("wait %s, want 1m", digest.OutcomeOf(err).After)
			}
		})
	}
}

func TestFindTrustsOnlyItself(t *testing.T) {
	w := newWorld(t)
	p := w.part(t, chat.Note("x"))
	w.Fail("conversations.history", slackfake.Say(`{"ok":true,"messages":[{"ts":"1.1","bot_id":"B9","metadata":{"event_type":"digest_part","event_payload":{"k":"`+p.Key+`"}}},
		{"ts":"1.2","files":[{"size":"odd"}],"blocks":[{"type":7}],"metadata":{"event_type":"digest_part","event_payload":{"k":7}}}],"has_more":false}`))
	if _, finding, err := w.p.Find(within(t), p, p.Started); finding != digest.Absent || err != nil {
		t.Errorf("Find: %v, %v", finding, err)
	}
}

func TestRateLimitOfTheWorkspace(t *testing.T) {
	w := newWorld(t)
	w.RateLimit(true)
	p := w.part(t, chat.Note("x"))
	if _, err := w.p.Post(within(t), p); err != nil {
		t.Fatal(err)
	}
	_, err := w.p.Post(within(t), p)
	if o := digest.OutcomeOf(err); o.Class != digest.NotSent || o.After != time.Second {
		t.Errorf("%+v", o)
	}
	w.clock.jump(time.Second)
	if _, err := w.p.Post(within(t), p); err != nil {
		t.Error(err)
	}
}

// TestExactlyOnceThroughFaults sends parts as the newsroom does, through every
// kind of failure in turn: search when in doubt, send again when it is absent.
func TestExactlyOnceThroughFaults(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(3, 4))
	kinds := faults()
	const parts = 150
	var parent digest.MessageRef
	visible := make(map[string]int)
	for n := range parts {
		p := w.part(t, chat.Note(fmt.Sprint("part ", n)))
		p.Key, p.N = fmt.Sprintf("k%022d", n), n+1
		p.Threaded, p.Parent = n%3 > 0, parent
		p.Started = w.clock.now()
		for try := range 40 {
			p.Attempts = min(try+1, maxUnknown-1)
			if f := kinds[r.IntN(len(kinds))]; r.IntN(3) > 0 && f.want.Class != digest.Rejected {
				w.Fail("chat.postMessage", f.fault)
			}
			ref, err := w.p.Post(within(t), p)
			finding := digest.Absent
			if digest.OutcomeOf(err).Class == digest.Ambiguous && err != nil {
				if ref, finding, err = w.p.Find(within(t), p, p.Started); err != nil {
					t.Fatal(err)
				}
			} else if err == nil {
				finding = digest.Found
			}
			if finding == digest.Found {
				if n%3 == 0 {
					parent = ref
				}
				break
			}
		}
	}
	for _, post := range w.Posts("C1") {
		visible[string(post.Metadata)]++
	}
	if len(visible) != parts || len(w.Posts("C1")) != parts {
		t.Errorf("%d messages of %d parts, want %d", len(w.Posts("C1")), len(visible), parts)
	}
}

func TestCanceledBeforeItLeft(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := w.p.Post(ctx, w.part(t, chat.Note("x")))
	if diff := cmp.Diff(digest.Outcome{Class: digest.NotSent, Code: "canceled"}, digest.OutcomeOf(err)); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
