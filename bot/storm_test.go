package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// stormConfig has its timings scaled down, so that what takes a minute in life
// takes a second or two here.
const stormConfig = `
[store]
url = "news.db"
[timing]
poll = "50ms"
timeout = "400ms"
quiet = "900ms"
lease = "2s"
[slack]
bot_token_env = "SLACK_BOT_TOKEN"
app_token_env = "SLACK_APP_TOKEN"
api_url = "$SLACK_API"
[discord]
token_env = "DISCORD_TOKEN"
api_url = "$DISCORD_API"
[[subscription]]
id = "hourly"
channels = ["slack:$TEAM/C1", "discord:$GUILD/$CHANNEL"]
cron = "0 * * * *"
catch_up = "2h"
`

// storm is one way in which a post ends in doubt.
type storm struct {
	name  string
	slack slackfake.Fault
	kind  discordfake.FaultKind
	kill  bool // serve is killed while the request hangs
}

func storms() []storm {
	return []storm{
		{"store then 502", slackfake.Status(502).Stored(), discordfake.StoreThen502, false},
		{"store then hang", slackfake.Hang().Stored(), discordfake.StoreThenHang, false},
		{"store then kill", slackfake.Hang().Stored(), discordfake.StoreThenHang, true},
	}
}

// TestDoubtfulPosts lets posts end in doubt on both platforms: the message is
// stored, but the answer is an error, or never comes, or finds nobody alive.
// Every part is visible once, and none is lost.
func TestDoubtfulPosts(t *testing.T) {
	for _, s := range storms() {
		t.Run(s.name, func(t *testing.T) { s.run(t, max(1, *chaosRounds/8)) })
	}
}

func (s storm) run(t *testing.T, rounds int) {
	dir := t.TempDir()
	l := &life{}
	var err error
	if l.slack, err = slackfake.New(l.now); err != nil {
		t.Fatal(err)
	}
	defer l.slack.Close()
	if l.discord, err = discordfake.New(discordfake.Options{Now: l.now}); err != nil {
		t.Fatal(err)
	}
	defer l.discord.Close()
	l.discord.AddChannel(lifeGuild, lifeChannel, "news", discordfake.All)
	write(t, filepath.Join(dir, "config.toml"), strings.NewReplacer("$SLACK_API", l.slack.URL(), "$DISCORD_API", l.discord.URL,
		"$TEAM", slackfake.Team, "$GUILD", lifeGuild, "$CHANNEL", lifeChannel).Replace(stormConfig))
	first := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	known(t, dir, first.Add(-time.Hour))
	for i := range rounds {
		due := first.Add(time.Duration(i) * time.Hour)
		imported(t, dir, invented(i, due.Add(-time.Minute)))
		l.slack.Fail("chat.postMessage", s.slack)
		l.discord.Fail(discordfake.Fault{Kind: s.kind, Method: "POST", Path: "/messages"})
		l.start(t, dir, due.Add(-500*time.Millisecond))
		if s.kill {
			if !until(10*time.Second, func() bool { return len(l.texts("slack")) > 2*i && len(l.texts("discord")) > 2*i }) {
				t.Errorf("round %d: no post began\n%s", i, l.serve.log)
			}
			l.serve.kill()
			l.start(t, dir, due.Add(3*time.Second))
		}
		slot := digest.Slot{}
		if !until(20*time.Second, func() bool { slot = slotAt(t, dir, due); return slot.State == digest.SlotDone }) {
			t.Errorf("round %d: slot is %q (%s), want done\n%s", i, slot.State, slot.Reason, l.serve.log)
		}
		l.serve.kill()
		for _, platform := range []string{"slack", "discord"} {
			if got, want := len(l.texts(platform)), 2*(i+1); got != want {
				t.Fatalf("round %d: %s shows %d messages, want %d: a header and a story for each slot\n%s", i, platform, got, want, l.serve.log)
			}
		}
	}
	if problem := once(l.texts("slack")) + once(l.texts("discord")); problem != "" {
		t.Error(problem)
	}
}

// start starts serve at an instant that the fakes share.
func (l *life) start(t *testing.T, dir string, at time.Time) {
	t.Helper()
	l.offset.Store(int64(time.Until(at)))
	var err error
	if l.serve, err = startServe(dir, at.Format(time.RFC3339Nano), "--config", filepath.Join(dir, "config.toml")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.serve.kill2)
}

// once returns what is wrong when a text is there twice.
func once(texts []string) string {
	seen := make(map[string]int)
	for _, text := range texts {
		seen[text]++
	}
	for text, n := range seen {
		if n > 1 {
			return fmt.Sprintf("shown %d times: %.200s\n", n, text)
		}
	}
	return ""
}
