package discord

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

const (
	guildID   = "900000000000000001"
	channelID = "900000000000000002"
	secret    = "SECRET.TOKEN.of-the-bot"
)

var morning = time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)

// clock is a clock that tests turn; sleeping turns it, too.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) sleep(d time.Duration, _ <-chan struct{}) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return true
}

// bench is a platform with its fake and their log.
type bench struct {
	*Platform
	fake  *discordfake.Server
	clock *clock
	log   *syncLog
}

type syncLog struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newBench starts a fake on the tests' clock and a platform that talks to it.
func newBench(t testing.TB, o discordfake.Options, change func(*Config)) *bench {
	t.Helper()
	c := &clock{now: morning}
	o.Token, o.Now = secret, c.Now
	fake, err := discordfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
	})
	fake.AddChannel(guildID, channelID, "news", discordfake.All)
	b := &bench{fake: fake, clock: c, log: &syncLog{}}
	cfg := Config{Token: digest.NewSecret(secret), Application: discordfake.Application, APIURL: fake.URL,
		Now: c.Now, Log: slog.New(slog.NewTextHandler(b.log, nil)), sleep: c.sleep}
	if change != nil {
		change(&cfg)
	}
	if b.Platform, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if strings.Contains(b.log.String(), secret) || strings.Contains(b.log.String(), "interaction-token-") {
			t.Error("a secret is in the log")
		}
	})
	return b
}

// part returns a part that shows one short story.
func part(t testing.TB, p *Platform, key string) digest.Part {
	t.Helper()
	payloads, err := p.Render([]chat.Message{{Kind: chat.Story, ID: "s1", Blocks: []chat.Block{
		chat.Lines(chat.Title, "Port weighs night curfew"), chat.Lines(chat.Text, "The port is drafting rules.")},
		More: chat.Link{Text: "Read more", URL: "https://ledger.example/1"}}})
	if err != nil {
		t.Fatal(err)
	}
	return digest.Part{Key: key, Address: digest.Address{Platform: "discord", Workspace: guildID, Channel: channelID},
		N: 2, Of: 3, Slot: "2026-05-03T08:00", Payload: payloads[0], Started: morning}
}

// brief is a context that a test does not outlive.
func brief(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for !cond() {
		if time.Now().After(end) {
			t.Fatal("not within 10 s: " + what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
