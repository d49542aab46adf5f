package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/sqlstore/pgtest"
)

// The chaos tests run the program itself, as one or several processes, against
// fakes of the platforms, and let processes, platforms and databases fail.
// What then stands in the channels is compared with what the store says.
var (
	chaosRounds = flag.Int("chaos.rounds", 1, "how often every chaos test repeats itself")
	chaosSlots  = flag.Int("chaos.slots", 40, "how many slots are due at once where several processes share them")
	chaosSeed   = flag.Uint64("chaos.seed", 0, "seed of all that is random in the chaos tests; 0 takes one from the clock")
	chaosStore  = flag.String("chaos.store", "", `"sqlite" or "postgres": the chaos tests run on this database only`)
	chaosLife   = flag.Bool("chaos.life", false, "also kill at the default timings, which takes minutes")
)

// chaosServer is shared by the chaos tests that leave it alone. It ends with
// the test binary.
var chaosServer pgtest.Server

// The timings of the chaos tests are about a fiftieth of those in life. The
// quiet period is longer, so that a request that is in flight arrives after the
// next process has started, and so is the lease, because the second between two
// posts to a channel of Slack is not scaled.
const (
	chaosTimeout = 200 * time.Millisecond
	chaosQuiet   = 1600 * time.Millisecond
	chaosLease   = 2000 * time.Millisecond
	chaosPoll    = 300 * time.Millisecond
)

// chaosPatience is how long a test waits for what should take seconds: some
// pauses of the program are not scaled, and machines may be busy.
const chaosPatience = 4 * time.Minute

const chaosGuild = "2000000000000000001"

// scene says what a world looks like.
type scene struct {
	store     string // "sqlite" or "postgres"
	server    *pgtest.Server
	subs      int
	platforms []string // each subscription has a channel on each of them
	apart     bool     // each subscription has a channel on one of them, in turn
	cron      string
	jitter    string
	timing    string // instead of the scaled timings
	more      string // more lines of every subscription
	wallClock bool   // instead of a clock of its own
	admin     bool   // there is a channel in which operators are told
}

// world is an installation with its platforms, and what happened to it.
type world struct {
	*life
	scene
	dir, url string
	names    []string // of the subscriptions
	weather  *weather
	rnd      *rand.Rand
	births   int // processes so far
}

// eachStore runs a chaos test on every database.
func eachStore(t *testing.T, f func(t *testing.T, s scene)) {
	for _, store := range []string{"sqlite", "postgres"} {
		if *chaosStore != "" && *chaosStore != store {
			continue
		}
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			f(t, scene{store: store})
		})
	}
}

// newWorld builds a world. Its subscriptions are known since an instant.
func newWorld(t *testing.T, s scene, since time.Time) *world {
	t.Helper()
	seed := *chaosSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	w := &world{life: &life{}, scene: s, dir: t.TempDir(), url: "news.db", rnd: rand.New(rand.NewPCG(seed, 2))}
	w.weather = &weather{rnd: rand.New(rand.NewPCG(seed, 1)), now: w.now, met: make(map[string]int), timeout: chaosTimeout, longest: chaosQuiet * 5 / 8}
	if s.store == "postgres" {
		if w.server == nil {
			w.server = &chaosServer
		}
		w.url = w.server.Database(t)
	}
	var err error
	if w.slack, err = slackfake.New(w.now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.slack.Close)
	if w.discord, err = discordfake.New(discordfake.Options{Now: w.now, NonceWindow: 2 * time.Minute, Global: -1, Limit: 100_000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.discord.Close() })
	write(t, filepath.Join(w.dir, "config.toml"), w.config())
	known(t, w.dir, since)
	return w
}

// config is the world's configuration. It adds the channels to the fakes.
func (w *world) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "[store]\nurl = %q\n[timing]\n", w.url)
	if w.timing == "" {
		fmt.Fprintf(&b, "poll = %q\ntimeout = %q\nquiet = %q\nlease = %q\n", chaosPoll, chaosTimeout, chaosQuiet, chaosLease)
	}
	fmt.Fprintf(&b, "%s\njitter = %q\n", w.timing, orDefault(w.jitter, "1ms"))
	fmt.Fprintf(&b, "[slack]\nbot_token_env = \"SLACK_BOT_TOKEN\"\napp_token_env = \"SLACK_APP_TOKEN\"\napi_url = %q\n", w.slack.URL())
	fmt.Fprintf(&b, "[discord]\ntoken_env = \"DISCORD_TOKEN\"\napi_url = %q\n", w.discord.URL)
	for i := range w.subs {
		name := fmt.Sprintf("s%d", i)
		var channels []string
		platforms := w.platforms
		if w.apart {
			platforms = platforms[i%len(platforms):][:1]
		}
		for _, platform := range platforms {
			channels = append(channels, fmt.Sprintf("%q", w.channel(platform, i)))
		}
		w.names = append(w.names, name)
		thread := [...]string{"yes", "no"}[i/2%2] // look-ups differ
		fmt.Fprintf(&b, "[[subscription]]\nid = %q\nchannels = [%s]\ncron = %q\nthread = %q\n%s\n", name, strings.Join(channels, ", "), w.cron, thread, w.more)
	}
	if w.admin {
		b.WriteString(w.withAdmin())
	}
	return b.String()
}

// channel adds the channel of a subscription on a platform, and names it.
func (w *world) channel(platform string, i int) string {
	name := w.channelName(platform, i)
	_, id, _ := strings.Cut(name, "/")
	switch platform {
	case "slack":
		w.slack.AddChannel(slackfake.Channel{ID: id, Name: strings.ToLower(id), Member: true})
	case "discord":
		w.discord.AddChannel(chaosGuild, id, "news", discordfake.All)
	}
	return name
}

// channelName names the channel of a subscription on a platform.
func (w *world) channelName(platform string, i int) string {
	switch platform {
	case "slack":
		return fmt.Sprintf("slack:%s/CS%d", slackfake.Team, i)
	case "discord":
		return fmt.Sprintf("discord:%s/%d", chaosGuild, 2000000000000001000+i)
	}
	return fmt.Sprintf("web:news%d", i)
}

// open opens the world's store for looking.
func (w *world) open(t *testing.T) *sqlstore.Store {
	t.Helper()
	url := w.url
	if w.store != "postgres" {
		url = filepath.Join(w.dir, url)
	}
	s, err := sqlstore.Open(context.Background(), url, sqlstore.Options{Now: w.now, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// set sets the world's clock. Processes that run keep theirs.
func (w *world) set(at time.Time) { w.offset.Store(int64(time.Until(at))) }

// skip moves the world's clock on.
func (w *world) skip(d time.Duration) { w.offset.Add(int64(d)) }

// storm lets a share of the posts go wrong, each in one of these ways.
func (w *world) storm(share float64, ways ...mishap) {
	w.weather.mu.Lock()
	defer w.weather.mu.Unlock()
	w.weather.share, w.weather.ways = share, ways
	w.slack.Weather(w.weather.slack)
	w.discord.Weather(w.weather.discord)
}

// mishap is a way for a post to go wrong. D is a delay that a server may have.
type mishap struct {
	name    string
	slack   func(d time.Duration) slackfake.Fault
	discord func(d time.Duration) discordfake.Fault
	flight  bool // the request stays in flight for the delay
}

// slow is a server that takes its time, and stores what it was sent also when
// the sender has given up or died.
func slow() mishap {
	return mishap{"slow", slackfake.Slow,
		func(d time.Duration) discordfake.Fault { return discordfake.Fault{Kind: discordfake.Slow, Delay: d} }, true}
}

// mishaps are all ways in which a post can end in doubt, or fail for certain.
func mishaps() []mishap {
	way := func(name string, s slackfake.Fault, d discordfake.Fault) mishap {
		return mishap{name: name, slack: func(time.Duration) slackfake.Fault { return s }, discord: func(time.Duration) discordfake.Fault { return d }}
	}
	return []mishap{
		slow(),
		way("store then hang", slackfake.Hang().Stored(), discordfake.Fault{Kind: discordfake.StoreThenHang}),
		way("store then 502", slackfake.Status(502).Stored(), discordfake.Fault{Kind: discordfake.StoreThen502}),
		way("store then cut", slackfake.Cut().Stored(), discordfake.Fault{Kind: discordfake.StoreThenCut}),
		way("torn answer", slackfake.Torn().Stored(), discordfake.Fault{Kind: discordfake.StoreThenTorn}),
		way("half of an answer", slackfake.Garbled().Stored(), discordfake.Fault{Kind: discordfake.StoreThenGarbled}),
		way("hang", slackfake.Hang(), discordfake.Fault{Kind: discordfake.Hang}),
		way("cut", slackfake.Cut(), discordfake.Fault{Kind: discordfake.Refuse}),
		way("500", slackfake.Status(500), discordfake.Fault{Kind: discordfake.Status, Status: 500, Body: "<html>500</html>"}),
		way("internal error", slackfake.Refuse("internal_error").Stored(), discordfake.Fault{Kind: discordfake.StoreThen502}),
		way("429", slackfake.Wait("1"), discordfake.TooMany(300*time.Millisecond, false)),
	}
}

// storedThenHang and hang are two of them: the sender cannot tell which it was.
func storedThenHang() mishap { return mishapNamed("store then hang") }

func hang() mishap { return mishapNamed("hang") }

func mishapNamed(name string) mishap {
	for _, m := range mishaps() {
		if m.name == name {
			return m
		}
	}
	panic("there is no mishap " + name)
}

// weather decides which posts go wrong, and remembers those that are in flight.
type weather struct {
	now     func() time.Time
	timeout time.Duration // after which a sender gives up
	gentle  bool          // threads are made without trouble
	spare   int           // so many messages pass first
	longest time.Duration // that a slow server holds a request; less than the quiet period, for it takes time to arrive

	mu      sync.Mutex
	rnd     *rand.Rand
	share   float64
	ways    []mishap
	met     map[string]int // mishaps by the key of the part
	flights []flight
}

// flight is a request that a server holds.
type flight struct {
	platform string
	from, to time.Time // as seen by the sender
}

// mostMishaps is how often a part meets with one: after more failures in a row
// the program leaves a channel alone for longer than tests wait.
const mostMishaps = 2

func (w *weather) next(platform, key string) (mishap, time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spare > 0 {
		w.spare--
		return mishap{}, 0, false
	}
	if w.met[key] >= mostMishaps || w.rnd.Float64() >= w.share {
		return mishap{}, 0, false
	}
	w.met[key]++
	m, d := w.ways[w.rnd.IntN(len(w.ways))], w.longest/5+time.Duration(w.rnd.Int64N(int64(w.longest*4/5)))
	if m.flight {
		w.flights = append(w.flights, flight{platform, w.now(), w.now().Add(min(d, w.timeout))})
	}
	return m, d, true
}

func (w *weather) slack(r slackfake.Request) (slackfake.Fault, bool) {
	if r.Method != "chat.postMessage" {
		return slackfake.Fault{}, false
	}
	m, d, bad := w.next("slack", slackKey(r.Args.Get("metadata")))
	if !bad {
		return slackfake.Fault{}, false
	}
	return m.slack(d), true
}

func (w *weather) discord(r discordfake.Request) *discordfake.Fault {
	message, thread := strings.HasSuffix(r.Path, "/messages"), strings.HasSuffix(r.Path, "/threads")
	if r.Method != "POST" || !message && (!thread || w.gentle) {
		return nil
	}
	m, d, bad := w.next("discord", discordKey(r.Body)+r.Path)
	if !bad {
		return nil
	}
	f := m.discord(d)
	return &f
}

// flying tells whether a post to the platform was in flight at an instant.
func (w *weather) flying(platform string, at time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.flights {
		if f.platform == platform && !f.from.After(at) && f.to.After(at) {
			return true
		}
	}
	return false
}
