package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/digest"
)

// replicaSlots is how many slots are due at once.
const replicaSlots = 100

// TestReplicas lets two serve processes on one PostgreSQL database share a
// hundred slots that are due at once: each is posted once, and both worked.
func TestReplicas(t *testing.T) {
	var pg pgtest.Server
	defer pg.Stop()
	url := pg.Database(t)
	now := time.Now().UTC()
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
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), replicaConfig(l, url, now))
	prepareReplicas(t, dir, now)

	var both [2]*server
	for i := range both {
		if both[i], err = startServe(dir, "", "--config", filepath.Join(dir, "config.toml")); err != nil {
			t.Fatal(err)
		}
		defer both[i].kill2()
	}
	store, err := sqlstore.Open(context.Background(), url, sqlstore.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	done := 0
	if !until(90*time.Second, func() bool {
		slots, err := store.Slots(context.Background(), digest.SlotFilter{States: []digest.SlotState{digest.SlotDone}, Limit: 2 * replicaSlots})
		done = len(slots)
		return err == nil && done == replicaSlots
	}) {
		t.Errorf("%d of %d slots are done\n%s\n%s", done, replicaSlots, both[0].log, both[1].log)
	}
	l.oneGateway(t)
	for i, s := range both {
		if err := s.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		if i == 0 { // whichever held the gateway, the other one has it now
			l.oneGateway(t)
		}
		if !strings.Contains(s.log.String(), "part posted") {
			t.Errorf("one of the two posted nothing\n%.2000s", s.log)
		}
	}
	for i := range replicaSlots {
		channel := fmt.Sprintf("CR%d", i)
		if n := len(l.slack.Posts(channel)); n != 2 {
			t.Errorf("channel %s shows %d messages, want 2: a header and a story", channel, n)
		}
	}
}

// oneGateway waits until one gateway connection is open, and sees that there
// is no second one.
func (l *life) oneGateway(t *testing.T) {
	t.Helper()
	if !until(time.Minute, func() bool { return l.discord.Connected() == 1 }) {
		t.Errorf("%d replicas hold Discord's gateway, want one", l.discord.Connected())
	}
	if until(time.Second, func() bool { return l.discord.Connected() > 1 }) {
		t.Error("two replicas hold Discord's gateway")
	}
}

func replicaConfig(l *life, url string, now time.Time) string {
	fake := l.slack
	var b strings.Builder
	fmt.Fprintf(&b, "[store]\nurl = %q\n[timing]\npoll = \"100ms\"\njitter = \"1ms\"\n", url)
	fmt.Fprintf(&b, "[slack]\nbot_token_env = \"SLACK_BOT_TOKEN\"\napp_token_env = \"SLACK_APP_TOKEN\"\napi_url = %q\n", fake.URL())
	fmt.Fprintf(&b, "[discord]\ntoken_env = \"DISCORD_TOKEN\"\napi_url = %q\n", l.discord.URL)
	due := now.Add(-2 * time.Minute)
	for i := range replicaSlots {
		channel := fmt.Sprintf("CR%d", i)
		fake.AddChannel(slackfake.Channel{ID: channel, Name: strings.ToLower(channel), Member: true})
		fmt.Fprintf(&b, "[[subscription]]\nid = \"s%d\"\nchannels = [\"slack:%s/%s\"]\ncron = \"%d %d * * *\"\n", i, slackfake.Team, channel, due.Minute(), due.Hour())
	}
	return b.String()
}

// prepareReplicas stores one article and makes the subscriptions ten minutes
// old, so that all of them were due two minutes ago.
func prepareReplicas(t *testing.T, dir string, now time.Time) {
	t.Helper()
	imported(t, dir, invented(1, now.Add(-time.Hour)))
	known(t, dir, now.Add(-10*time.Minute))
}
