package discord

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

const forumID = "900000000000000005"

// partsOf renders the specimen with a layout for a channel.
func partsOf(t testing.TB, b *bench, channel string, layout digest.Layout) []digest.Part {
	t.Helper()
	e := specimen()
	e.Layout = layout
	var out []digest.Part
	for n, payload := range render(t, chat.Layout(e, chat.Locale{})...) {
		p := part(t, b.Platform, strings.Repeat("k", 23)+string(rune('a'+n)))
		p.N, p.Of, p.Channel, p.Payload = n+1, 3, channel, payload
		out = append(out, p)
	}
	return out
}

func TestForumTakesOnePost(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	b.fake.AddForum(guildID, forumID, "digests", discordfake.All, "World", "Daily")
	at := digest.Address{Platform: "discord", Workspace: guildID, Channel: forumID}
	if !b.Threaded(t.Context(), at) || b.Threaded(t.Context(), digest.Address{Platform: "discord", Workspace: guildID, Channel: channelID}) {
		t.Error("only a forum gathers its messages")
	}
	parts := partsOf(t, b, forumID, digest.Layout{Tag: "daily"})
	header, err := b.Post(t.Context(), parts[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Daily"}, b.fake.Tags(string(header))); diff != "" {
		t.Error(diff)
	}
	for _, fresh := range []bool{false, true} {
		if fresh { // another process
			b.venues, b.opened = nil, nil
		}
		p := parts[1]
		p.Threaded, p.Parent = true, header
		if fresh {
			p = parts[2]
			p.Threaded, p.Parent = true, header
		}
		if _, err := b.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if _, finding, err := b.Find(t.Context(), p, morning.Add(-time.Second)); finding != digest.Found {
			t.Errorf("a message in the post: %v, %v", finding, err)
		}
	}
	looks := b.fake.Looks(string(header))
	if len(looks) != 3 || len(b.fake.Posts(forumID)) != 0 || !strings.Contains(string(b.fake.Posts(string(header))[0].Body), `"custom_id":"d:`+parts[0].Key+`"`) {
		t.Errorf("%d messages in the post", len(looks))
	}
	if err := b.Edit(t.Context(), withRef(parts[0], header), parts[0].Payload); err != nil || b.fake.Posts(string(header))[0].Edits != 1 {
		t.Errorf("the header is not edited: %v", err)
	}
	if got := b.Check(t.Context(), []digest.Address{at}); !got[len(got)-1].OK || !strings.Contains(got[len(got)-1].Line, "forum #digests") {
		t.Errorf("got %+v", got)
	}
}

func withRef(p digest.Part, ref digest.MessageRef) digest.Part {
	p.Ref = ref
	return p
}

// TestForumPostIsOpenedOnce loses the answer to the request that opens a post.
func TestForumPostIsOpenedOnce(t *testing.T) {
	for name, f := range map[string]discordfake.Fault{
		"stored, then cut":  {Kind: discordfake.StoreThenCut, Method: "POST", Path: "/threads"},
		"stored, then 502":  {Kind: discordfake.StoreThen502, Method: "POST", Path: "/threads"},
		"stored, then half": {Kind: discordfake.StoreThenGarbled, Method: "POST", Path: "/threads"},
		"cut":               {Kind: discordfake.Refuse, Method: "POST", Path: "/threads"},
		"500":               {Kind: discordfake.Status, Status: 500, Body: "<html>", Method: "POST", Path: "/threads"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, discordfake.Options{}, nil)
			b.fake.AddForum(guildID, forumID, "digests", discordfake.All)
			p := partsOf(t, b, forumID, digest.Layout{})[0]
			b.fake.Fail(f)
			_, err := b.Post(t.Context(), p)
			if o := digest.OutcomeOf(err); o.Class != digest.Ambiguous {
				t.Fatalf("got %+v, %v", o, err)
			}
			b.venues = nil // a new process looks
			b.clock.Add(Quiet)
			_, finding, err := b.Find(t.Context(), p, morning)
			stored := strings.HasPrefix(name, "stored")
			if stored && finding != digest.Found || !stored && (finding != digest.CannotTell || digest.OutcomeOf(err).After <= 0) {
				t.Errorf("soon after: %v, %v", finding, err)
			}
			b.clock.Add(forumQuiet)
			if _, finding, err = b.Find(t.Context(), p, morning); stored != (finding == digest.Found) || !stored && finding != digest.Absent {
				t.Errorf("later: %v, %v", finding, err)
			}
			b.fake.Fail(discordfake.Fault{Kind: discordfake.Status, Status: 500, Body: "<html>", Times: -1})
			b.venues = nil
			if _, finding, err = b.Find(t.Context(), p, b.clock.Now()); finding != digest.CannotTell || err == nil {
				t.Errorf("when Discord does not say what channel it is: %v, %v", finding, err)
			}
		})
	}
}

func TestPublished(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	const news = "900000000000000006"
	b.fake.AddAnnouncements(guildID, news, "announcements", discordfake.All)
	count := func(channel string) (n int) {
		for _, m := range b.fake.Posts(channel) {
			if m.Published {
				n++
			}
		}
		return n
	}
	post := func(channel, key string, publish bool) digest.Part {
		t.Helper()
		p := partsOf(t, b, channel, digest.Layout{Publish: publish})[0]
		p.Key = key
		if _, err := b.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	post(news, "not-asked-for", false)
	if got := count(news); got != 0 {
		t.Errorf("%d messages are published that nobody wanted published", got)
	}
	for n := range 12 {
		post(news, "asked-"+string(rune('a'+n)), true)
	}
	if got := count(news); got != perHour || b.fake.Invalid() != 0 {
		t.Errorf("%d are published, want %d; %d were refused", got, perHour, b.fake.Invalid())
	}
	b.clock.Add(time.Hour)
	b.fake.Fail(discordfake.Fault{Kind: discordfake.StoreThenCut, Method: "POST", Path: "/messages"})
	p := partsOf(t, b, news, digest.Layout{Publish: true})[0]
	if _, err := b.Post(t.Context(), p); digest.OutcomeOf(err).Class != digest.Ambiguous {
		t.Fatal(err)
	}
	for range 2 { // twice does no harm
		if _, finding, err := b.Find(t.Context(), p, b.clock.Now().Add(-time.Minute)); finding != digest.Found {
			t.Fatal(finding, err)
		}
	}
	if got := count(news); got != perHour+1 {
		t.Errorf("%d are published after one was found again, want %d", got, perHour+1)
	}
	post(channelID, "text", true)
	if got := b.log.String(); !strings.Contains(got, "no announcement channel") || count(channelID) != 0 {
		t.Errorf("the log does not say why: %s", got)
	}
}

// TestCalls lets the layout alone call people.
func TestCalls(t *testing.T) {
	for _, c := range []struct {
		ping string
		want []string
	}{{"", nil}, {"900000000000000009", []string{"900000000000000009"}}, {"here", []string{"everyone"}}, {"S012ABC", nil}} {
		for _, plain := range []bool{false, true} {
			b := newBench(t, discordfake.Options{}, nil)
			e := specimen()
			e.Name = "@everyone <@&900000000000000008> @here"
			e.Layout = digest.Layout{Ping: c.ping, Silent: true}
			for n, payload := range render(t, chat.Layout(e, chat.Locale{})...) {
				p := part(t, b.Platform, "k"+string(rune('a'+n)))
				p.Payload, p.Plain = payload, plain
				if _, err := b.Post(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
			posts := b.fake.Posts(channelID)
			want := c.want
			if plain && c.ping == "here" {
				want = nil // an article's text may not be next to what calls everybody
			}
			if diff := cmp.Diff(want, posts[0].Calls); diff != "" {
				t.Errorf("%q plain %v: %s\n%s", c.ping, plain, diff, posts[0].Body)
			}
			for _, m := range posts[1:] {
				if len(m.Calls) > 0 || !strings.Contains(string(m.Body), `"flags":4`) && plain || !plain && !strings.Contains(string(m.Body), `"flags":4096`) {
					t.Errorf("%q plain %v: calls %v: %s", c.ping, plain, m.Calls, m.Body)
				}
			}
			if err := b.Edit(t.Context(), withRef(part(t, b.Platform, "ka"), digest.MessageRef(posts[0].ID)), render(t, chat.Layout(e, chat.Locale{})[0])[0]); err != nil {
				t.Fatal(err)
			}
			if edited := b.fake.Posts(channelID)[0]; !strings.Contains(string(edited.Body), `"allowed_mentions":{"parse":[]}`) || strings.Contains(string(edited.Body), `"nonce":"kb"`) {
				t.Errorf("an edit may call somebody: %s", edited.Body)
			}
		}
	}
	for _, b := range answers(chat.Reply{Messages: chat.Layout(func() digest.Edition { e := specimen(); e.Layout.Ping, e.Layout.Silent = "here", true; return e }(), chat.Locale{})}, true) {
		if b.Content != "" || len(b.Mentions.Parse) > 0 || b.Flags != ephemeral {
			t.Errorf("a preview calls people: %+v", b)
		}
	}
}

func TestEdits(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	ref, err := b.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Ref = ref
	corrected := render(t, chat.Say("Corrected"))[0]
	if err := b.Edit(t.Context(), p, corrected); err != nil {
		t.Fatal(err)
	}
	body := string(b.fake.Posts(channelID)[0].Body)
	if !strings.Contains(body, "Corrected") || strings.Contains(body, "drafting rules") || !strings.Contains(body, "d:"+p.Key) || strings.Contains(body, "Read more") {
		t.Errorf("got %s", body)
	}
	thread := part(t, b.Platform, "threaded")
	thread.Threaded, thread.Parent = true, ref
	if thread.Ref, err = b.Post(t.Context(), thread); err != nil {
		t.Fatal(err)
	}
	if err := b.Edit(t.Context(), thread, corrected); err != nil {
		t.Error(err)
	}
	p.Plain = true
	if err := b.Edit(t.Context(), p, corrected); err != nil || !strings.Contains(string(b.fake.Posts(channelID)[0].Body), `"embeds":[]`) {
		t.Errorf("plain: %v %s", err, b.fake.Posts(channelID)[0].Body)
	}
	b.fake.Fail(discordfake.Refusal(400, 30046, "Maximum number of edits to messages older than 1 hour reached"))
	if o := digest.OutcomeOf(b.Edit(t.Context(), p, corrected)); o.Class != digest.Rejected || o.Action != digest.ActDrop {
		t.Errorf("too old: %+v", o)
	}
	if err := b.fake.Delete(channelID, string(ref)); err != nil {
		t.Fatal(err)
	}
	if o := digest.OutcomeOf(b.Edit(t.Context(), p, corrected)); o.Class != digest.Sent {
		t.Errorf("deleted: %+v", o)
	}
	if o := digest.OutcomeOf(b.Edit(t.Context(), p, digest.Payload("{"))); o.Class != digest.Rejected {
		t.Errorf("what cannot be read: %+v", o)
	}
}

func TestDirectAndBelongs(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	here := digest.Address{Platform: "discord", Workspace: guildID, Channel: channelID}
	a, err := b.Direct(t.Context(), here, "700000000000000001")
	if err != nil || a.Workspace != guildID || a.Channel == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	p.Address = a
	if _, err := b.Post(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if got := b.Check(t.Context(), []digest.Address{a}); !got[len(got)-1].OK {
		t.Errorf("got %+v", got)
	}
	if err := b.Probe(t.Context(), a); err != nil {
		t.Error(err)
	}
	b.clock.Add(time.Hour)
	p.Key = "absent"
	if _, finding, err := b.Find(t.Context(), p, b.clock.Now().Add(-10*time.Minute)); finding != digest.Absent {
		t.Errorf("direct messages are read: %v, %v", finding, err)
	}
	if _, err := b.Direct(t.Context(), here, "x"); digest.KindOf(err) != digest.Unavailable {
		t.Errorf("nobody: %v", err)
	}
	b.fake.AddChannel("777777", "888888", "other", discordfake.All)
	for channel, want := range map[string]digest.Kind{channelID: digest.Internal, "888888": digest.NotFound, "999999": digest.NotFound, "news": digest.Invalid, a.Channel: digest.NotFound} {
		here.Channel = channel
		if err := b.Belongs(t.Context(), here); (err == nil) != (want == digest.Internal) || err != nil && digest.KindOf(err) != want {
			t.Errorf("%s: %v, want %v", channel, err, want)
		}
	}
}

// TestGone hears what is closed to the bot.
func TestGone(t *testing.T) {
	var mu sync.Mutex
	var told []string
	b, _ := listening(t, discordfake.Options{}, func(c *Config) {
		c.Gone = func(_ context.Context, a digest.Address, why string) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, a.String()+" "+why)
		}
	}, chat.HandlerFunc(func(ctx, chat.Command) chat.Reply { return say("done") }))
	b.fake.AddChannel("777777", "888888", "other", discordfake.All)
	ref, err := b.Post(t.Context(), part(t, b.Platform, "k"))
	if err != nil {
		t.Fatal(err)
	}
	p := part(t, b.Platform, "l")
	p.Threaded, p.Parent = true, ref
	if _, err := b.Post(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	b.fake.Kick("777777", true)
	for n, c := range []struct {
		do   func()
		want string
	}{
		{func() { b.fake.RemoveChannel(string(ref)) }, "discord:" + guildID + "/" + string(ref) + " the thread was deleted"},
		{func() { b.fake.RemoveChannel(channelID) }, "discord:" + guildID + "/" + channelID + " the channel was deleted"},
		{func() { b.fake.Kick("777777", false) }, "discord:777777/ the bot was removed from the server"},
	} {
		c.do()
		eventually(t, c.want, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(told) == n+1 && told[n] == c.want
		})
	}
}
