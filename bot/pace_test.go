package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

var paceParts = flag.Int("pace.parts", 200, "how many parts are due at once on a platform that limits them")

// pace is a newsroom with parts that are due, on a platform of its own.
type pace struct {
	*newsroom.Newsroom
	store *sqlstore.Store
	parts int
}

// newPace returns a newsroom in which an edition of four parts is due in every
// channel.
func newPace(t *testing.T, name string, platform newsroom.Platform, manners newsroom.Manners, channels []digest.Address) pace {
	t.Helper()
	start, began := time.Date(2026, 5, 3, 7, 59, 0, 0, time.UTC), time.Now()
	ahead := time.Duration(0)
	var mu sync.Mutex
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return start.Add(time.Since(began) + ahead)
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "news.db"), sqlstore.Options{Now: now, OwnTime: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	p := pace{store: store, Newsroom: &newsroom.Newsroom{Store: store, Now: now, Worker: "pace",
		Platforms: map[string]newsroom.Platform{name: platform}, Manners: map[string]newsroom.Manners{name: manners},
		Timing: newsroom.Timing{Poll: 100 * time.Millisecond, Jitter: time.Nanosecond}}}
	var articles []digest.Article
	for i := range 3 {
		word := string(rune('a'+i)) + "bcd"
		articles = append(articles, digest.Article{ID: fmt.Sprint("a", i), Workspace: digest.Shared, Source: "s", Title: strings.Repeat(word+" ", 5), Text: strings.Repeat(word, 3) + ".",
			URL: fmt.Sprintf("https://ledger.example/%d", i), Language: "en", Arrived: start.Add(-time.Hour), Published: start.Add(-time.Hour)})
	}
	if _, err := p.Accept(t.Context(), articles); err != nil {
		t.Fatal(err)
	}
	var subs []digest.Subscription
	for len(channels) > 0 {
		n := min(len(channels), 10)
		subs = append(subs, digest.Subscription{ID: fmt.Sprint("s", len(subs)), Workspace: digest.Local, Name: "Daily", Channels: channels[:n], Cron: "0 8 * * *", Zone: "UTC", Language: "en"})
		channels = channels[n:]
	}
	if err := store.PutSubscriptions(t.Context(), subs, "config"); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	ahead = time.Minute + time.Second // all are due
	mu.Unlock()
	for {
		if n, err := p.Build(t.Context()); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			break
		}
	}
	parts, err := store.Deliveries(t.Context(), digest.PartFilter{States: []digest.PartState{digest.PartReady}, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	p.parts = len(parts)
	return p
}

// deliver runs the newsroom until the platform took as many messages as there
// are parts and all are recorded, and returns how long the platform waited for
// the last.
func (p pace) deliver(t *testing.T, limit time.Duration, taken func() int) time.Duration {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	began := time.Now()
	var all sync.WaitGroup
	all.Go(func() { _ = p.Run(ctx) })
	if !until(limit, func() bool { return taken() >= p.parts }) {
		t.Errorf("%d of %d parts are posted after %s", taken(), p.parts, limit)
	}
	took := time.Since(began)
	if !until(10*time.Second, func() bool {
		open, err := p.store.Deliveries(t.Context(), digest.PartFilter{States: []digest.PartState{digest.PartReady, digest.PartSending}})
		return err == nil && len(open) == 0
	}) {
		t.Error("not all parts are recorded as sent")
	}
	stop()
	all.Wait()
	return took
}

// compared compares how long something took with what the platform itself
// demands. The figure that counts is that of a long run; short ones are held to
// a bound that a busy machine keeps, too.
func compared(t *testing.T, what string, took, least time.Duration, refused int) {
	t.Helper()
	t.Logf("%s took %.2f s, the platform demands %.2f s: %.3f ×; %d requests were refused", what, took.Seconds(), least.Seconds(), took.Seconds()/least.Seconds(), refused)
	most := least * 16 / 10
	if *paceParts >= 1000 {
		most = least * 106 / 100
	}
	if took > most {
		t.Errorf("it took %s, want at most %s", took, most)
	}
	if refused >= 10 {
		t.Errorf("%d requests were refused, want fewer than 10", refused)
	}
}

// besideOthers lets the short form of a test run together with others, since it
// mostly waits. With -short, as under the race detector, no pace is measured.
func besideOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("a pace is measured without -short")
	}
	if *paceParts < 1000 {
		t.Parallel()
	}
}

// TestPaceOnDiscord has many parts due on a Discord that takes 50 requests a
// second of all, and 5 in 5 seconds of a channel.
func TestPaceOnDiscord(t *testing.T) {
	besideOthers(t)
	fake, err := discordfake.New(discordfake.Options{Now: time.Now, Limit: 5, Window: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	var channels []digest.Address
	for i := range *paceParts / 4 {
		id := fmt.Sprint(910000000000000000 + i)
		fake.AddChannel(lifeGuild, id, "c", discordfake.All)
		channels = append(channels, digest.Address{Platform: "discord", Workspace: lifeGuild, Channel: id})
	}
	platform, err := discord.New(discord.Config{Token: digest.NewSecret("token"), APIURL: fake.URL, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := newPace(t, "discord", platform, newsroom.Manners{Quiet: discord.Quiet}, channels)
	took := p.deliver(t, time.Duration(p.parts)*40*time.Millisecond+10*time.Second, func() int {
		return len(fake.Requests()) - fake.Invalid()
	})
	compared(t, fmt.Sprint(p.parts, " parts"), took, time.Duration(p.parts)*time.Second/50, fake.Invalid())
	for _, c := range channels {
		if n := len(fake.Posts(c.Channel)); n != 4 {
			t.Errorf("channel %s shows %d messages, want 4", c.Channel, n)
		}
	}
}

// TestPaceBesideHungChannels has many channels take requests and never answer,
// through the platform and over the network. They are first in
// the queue; the others are served in the time that they need alone.
func TestPaceBesideHungChannels(t *testing.T) {
	besideOthers(t)
	fake, err := discordfake.New(discordfake.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	fake.Fail(discordfake.Fault{Kind: discordfake.StoreThenHang, Path: "channels/66", Times: -1})
	var channels []digest.Address
	hung := *paceParts / 5
	for i := range hung + *paceParts/4 {
		id := 880000000000000000 + i
		if i < hung {
			id = 660000000000000000 + i
		}
		fake.AddChannel(lifeGuild, fmt.Sprint(id), "c", discordfake.All)
		channels = append(channels, digest.Address{Platform: "discord", Workspace: lifeGuild, Channel: fmt.Sprint(id)})
	}
	platform, err := discord.New(discord.Config{Token: digest.NewSecret("token"), APIURL: fake.URL, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := newPace(t, "discord", platform, newsroom.Manners{Quiet: discord.Quiet}, channels)
	p.Timing.Grace = 10 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	began := time.Now()
	var all sync.WaitGroup
	all.Go(func() { _ = p.Run(ctx) })
	good := channels[hung:]
	alone := time.Duration(4*len(good)) * time.Second / 50
	served := 0
	until(2*alone+20*time.Second, func() bool {
		served = 0
		for _, c := range good {
			served += len(fake.Posts(c.Channel))
		}
		return served == 4*len(good)
	})
	took := time.Since(began)
	stop()
	all.Wait()
	t.Logf("%d messages in %d channels took %s beside %d channels that hang; alone they need %s", served, len(good), took, hung, alone)
	if served != 4*len(good) || took > 2*alone {
		t.Errorf("%d of %d messages after %s", served, 4*len(good), took)
	}
}

// TestPaceOnSlack has four parts due in many channels of a Slack that takes one
// message a second in each.
func TestPaceOnSlack(t *testing.T) {
	besideOthers(t)
	fake, err := slackfake.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	fake.RateLimit(true)
	var channels []digest.Address
	for i := range min(*paceParts, 400) / 4 {
		id := fmt.Sprint("CP", i)
		fake.AddChannel(slackfake.Channel{ID: id, Name: strings.ToLower(id), Member: true})
		channels = append(channels, digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: id})
	}
	platform, err := slack.New(slack.Config{BotToken: digest.NewSecret(slackfake.BotToken), AppToken: digest.NewSecret(slackfake.AppToken), APIURL: fake.URL(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	p := newPace(t, "slack", platform, newsroom.Manners{Quiet: 40 * time.Second, Gap: slack.Gap, Threads: true}, channels)
	took := p.deliver(t, time.Minute, func() int { return fake.Calls("chat.postMessage") })
	slowest := time.Duration(0)
	for _, c := range channels {
		posts := fake.Posts(c.Channel)
		if len(posts) != 4 {
			t.Fatalf("channel %s shows %d messages, want 4", c.Channel, len(posts))
		}
		slowest = max(slowest, stamp(t, posts[3]).Sub(stamp(t, posts[0])))
	}
	t.Logf("%d parts in %d channels took %s", p.parts, len(channels), took)
	compared(t, "the slowest channel", slowest, 3*time.Second, fake.Calls("chat.postMessage")-p.parts)
}

// stamp returns when a message was stored.
func stamp(t *testing.T, p slackfake.Posted) time.Time {
	t.Helper()
	seconds, err := strconv.ParseFloat(p.TS, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMicro(int64(seconds * 1e6))
}
