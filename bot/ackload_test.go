//go:build unix

package main

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/web"
	"nutgraf/bot/command"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/brief"
)

var (
	ackFor      = flag.Duration("ack.for", 0, "measure acknowledgements for so long, and hold them to 50 ms (99 of 100) and 3 s")
	ackRate     = flag.Int("ack.rate", 500, "commands a second, with -ack.for")
	ackArticles = flag.Int("ack.articles", 20_000, "articles in the store, with -ack.for")
)

// rush is a store full of articles behind the commands, with both platforms
// calling over HTTP.
type rush struct {
	news   *newsroom.Newsroom
	sub    digest.Subscription
	server *httptest.Server
	words  []string
	at     []*endpoint
	desk   string        // where the platforms take answers that come later
	later  chan struct{} // one for each of those
}

// reception stands before the fake of Slack and takes what is answered later
// than in the platforms' own requests.
func reception(t *testing.T, behind string) (string, chan struct{}) {
	t.Helper()
	to, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	later, rest := make(chan struct{}, 1<<20), httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/commands/"), r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/messages/@original"):
			_, _ = io.Copy(io.Discard, r.Body)
			later <- struct{}{}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":"1"}`)
		default:
			rest.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, later
}

const rushUsers = 1000 // who ask, on each platform

// newRush fills a store with n articles, posts a digest to each platform and
// opens the endpoints.
func newRush(t *testing.T, n int) *rush {
	t.Helper()
	ctx := t.Context()
	store, err := sqlstore.Open(ctx, filepath.Join(t.TempDir(), "news.db"), sqlstore.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	fake, err := slackfake.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	for i := range rushUsers {
		fake.AddUser(slackfake.User{ID: fmt.Sprint("U9", i), Name: fmt.Sprint("user", i)})
	}
	desk, later := reception(t, fake.URL())
	log := slog.New(slog.DiscardHandler)
	onSlack, err := slack.New(slack.Config{BotToken: digest.NewSecret(slackfake.BotToken), Transport: slack.HTTP, SigningSecret: digest.NewSecret(slackfake.SigningSecret), APIURL: desk, Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	_, interactions := discordEndpoint(t, time.Now)
	onDiscord, err := discord.New(discord.Config{Token: digest.NewSecret("token"), Application: "1", Transport: discord.HTTP, PublicKey: interactions.key, APIURL: desk, Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	r := &rush{desk: desk, later: later, news: &newsroom.Newsroom{Store: store, Now: time.Now, Worker: "rush", Log: log, Writer: brief.Extractive{},
		Platforms: map[string]newsroom.Platform{"web": web.Platform{Board: store}}}}
	r.fill(t, store, n)
	commands := &command.Commands{Archive: store, Desk: store, Manager: store, Auditor: store, Personal: store, Editing: store, Redrafting: r.news, NewID: func() string { return "x" }, Newsroom: r.news,
		Writer: brief.Extractive{}, Now: time.Now, Log: log, Version: "1", Zone: "UTC", Language: "en", Default: r.sub}
	gate := command.NewGate(commands)
	page, err := web.New(web.Options{Archive: store, Handler: gate, Specs: command.Specs(), Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	mount(page, onSlack.Routes(gate, command.Specs()))
	mount(page, onDiscord.Routes(gate, command.Specs()))
	r.server = httptest.NewServer(page)
	t.Cleanup(r.server.Close)
	r.at = []*endpoint{{platform: "slack", path: slack.CommandsPath, media: "application/x-www-form-urlencoded", stamp: "X-Slack-Request-Timestamp", signature: "X-Slack-Signature", prefix: "v0=",
		sign: func(secret, stamp, body string) string { return hmacOf(slackfake.SigningSecret, "v0:"+stamp+":"+body) }}, interactions}
	return r
}

// fill makes n articles of a vocabulary as uneven as that of a language.
func (r *rush) fill(t *testing.T, store *sqlstore.Store, n int) {
	t.Helper()
	ctx := t.Context()
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 4000 {
		r.words = append(r.words, "w"+hex.EncodeToString([]byte{byte(i), byte(i >> 8)}))
	}
	zipf := rand.NewZipf(rnd, 1.1, 8, uint64(len(r.words)-1))
	said := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = r.words[zipf.Uint64()]
		}
		return strings.Join(out, " ")
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	if err := store.PutSources(ctx, []digest.Source{{ID: "wire", Workspace: digest.Shared, Kind: "push", Name: "Wire"}}, "config"); err != nil {
		t.Fatal(err)
	}
	var old, fresh []digest.Article
	for i := range n {
		a := digest.Article{ID: fmt.Sprint("a", i), Workspace: digest.Shared, Source: "wire", GUID: fmt.Sprint(i), URL: fmt.Sprintf("https://wire.example/%d", i), Title: said(8), Text: said(60) + ".\n\n" + said(120) + ".",
			Outlet: fmt.Sprint("Paper ", i%40), Category: "City", Language: "en", Arrived: now.Add(-time.Duration(i) * 10 * time.Minute)}
		a.Published = a.Arrived
		if i < 200 {
			fresh = append(fresh, a)
		} else {
			old = append(old, a)
		}
	}
	if _, err := store.AddArticles(ctx, old); err != nil {
		t.Fatal(err)
	}
	if _, err := r.news.Accept(ctx, fresh); err != nil {
		t.Fatal(err)
	}
	r.sub = digest.Subscription{ID: "rush", Workspace: digest.Shared, Name: "News digest", Cron: "0 8 * * *", Zone: "UTC", Language: "en", Since: now, Changed: now, Origin: "config", Layout: digest.Layout{Stories: 8},
		Channels: []digest.Address{{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"}, {Platform: "discord", Workspace: "71", Channel: "72"}}}
	if err := store.PutSubscriptions(ctx, []digest.Subscription{r.sub}, "config"); err != nil {
		t.Fatal(err)
	}
}

// request makes the nth request: most people look something up.
func (r *rush) request(rnd *rand.Rand, n int) asking {
	to := r.at[n%2]
	word := r.words[rnd.IntN(len(r.words))]
	name, arg, value := "latest", "", ""
	switch k := rnd.IntN(20); {
	case k < 6:
		name, arg, value = "search", "words", word
	case k < 10:
		name, arg, value = "summarize", "target", fmt.Sprint("a", rnd.IntN(200))
	case k < 12:
		name = "help"
	case k < 13:
		name = "status"
	case k < 14:
		name = "sources"
	case k < 15:
		name = "topics"
	}
	user := rnd.IntN(rushUsers)
	body := url.Values{"command": {"/digest"}, "text": {strings.TrimSpace(name + " " + value)}, "team_id": {slackfake.Team}, "channel_id": {"C1"}, "user_id": {fmt.Sprint("U9", user)}, "trigger_id": {fmt.Sprint("t", n)}, "response_url": {fmt.Sprint(r.desk, "/commands/", n)}}.Encode()
	if to.platform == "discord" {
		options := ""
		if arg != "" {
			options = fmt.Sprintf(`{"name":%q,"type":3,"value":%q}`, arg, value)
		}
		body = fmt.Sprintf(`{"id":"%d","application_id":"1","type":2,"token":"t%d","guild_id":"71","channel_id":"72","locale":"en-US","member":{"user":{"id":"3%d","username":"ana"},"permissions":"0"},"data":{"id":"4","name":"digest","type":1,"options":[{"name":%q,"type":1,"options":[%s]}]}}`,
			1000+n, n, user, name, options)
	}
	s := &shot{endpoint: to, header: http.Header{"Content-Type": {to.media}}, body: body}
	s.signed("good", fmt.Sprint(time.Now().Unix()))
	return asking{URL: r.server.URL + to.path, Header: s.header, Body: body}
}

// cpuTime is what this process and its children that ended have worked so far: on a machine that others use
// too, it says more than the clock.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var all time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			t.Fatal(err)
		}
		all += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return all
}

// TestAcknowledgements measures how long the platforms wait while commands come
// at a steady rate and digests are built one after the other. Requests are sent
// when they are due, whatever became of those before. Each command is answered,
// in the platform's own request or later.
func TestAcknowledgements(t *testing.T) {
	rate, articles, span := *ackRate, *ackArticles, *ackFor
	if span == 0 {
		rate, articles, span = 60, 1000, 1500*time.Millisecond
	} else {
		moreThreads() // as the program does
	}
	r := newRush(t, articles)
	ctx, stop := context.WithCancel(t.Context())
	var builds atomic.Int32
	var work sync.WaitGroup
	work.Go(func() {
		for ctx.Err() == nil {
			if _, err := r.news.Preview(ctx, r.sub, time.Now()); err != nil && ctx.Err() == nil {
				t.Errorf("the digest cannot be built: %v", err)
				return
			}
			builds.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	})
	requests := make([]asking, int(span.Seconds()*float64(rate)))
	rnd := rand.New(rand.NewPCG(2, 2))
	for n := range requests {
		requests[n] = r.request(rnd, n)
		requests[n].After = time.Duration(n) * time.Second / time.Duration(rate)
	}
	began, before := time.Now(), cpuTime(t)
	answers := rushIn(t, requests)
	var took []time.Duration
	var failed []answered
	announced := 0
	for _, a := range answers {
		took = append(took, a.Took)
		switch {
		case a.Error != "" || a.Status != 200 || strings.Contains(a.Body, "Too many commands") || strings.Contains(a.Body, "Something went wrong"):
			failed = append(failed, a)
		case a.Body == "" || strings.HasPrefix(a.Body, `{"type":5`):
			announced++
		}
	}
	for n := range announced {
		select {
		case <-r.later:
		case <-time.After(10 * time.Second):
			t.Fatalf("%d commands were acknowledged and should be answered later; %d were", announced, n)
		}
	}
	lasted, worked := time.Since(began), cpuTime(t)-before
	stop()
	work.Wait()
	slices.Sort(took)
	total := len(took)
	p99 := took[total*99/100]
	t.Logf("%d commands in %s (%.0f a second) over %d articles, %d digests built meanwhile: acknowledged in %s (half), %s (99 of 100), %s (the slowest); %d answered later than that; %d not answered well; %s of CPU time in all, the senders' included",
		total, lasted.Round(time.Millisecond), float64(total)/lasted.Seconds(), articles, builds.Load(), took[total/2], p99, took[total-1], announced, len(failed), worked.Round(time.Millisecond))
	if len(failed) > 0 {
		t.Errorf("not answered well: %d, the first %+v", len(failed), failed[0])
	}
	if *ackFor > 0 && (p99 > 50*time.Millisecond || took[total-1] > 3*time.Second) {
		t.Errorf("99 of 100 are acknowledged within %s, all within %s; want 50ms and 3s", p99, took[total-1])
	}
}
