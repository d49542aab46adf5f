package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

// life is what the scripts about platforms share: both fakes, and the serve
// that runs against them.
type life struct {
	slack   *slackfake.Server
	discord *discordfake.Server
	offset  atomic.Int64 // of the script's clock to the wall clock
	serve   *server
}

func (l *life) now() time.Time { return time.Now().Add(time.Duration(l.offset.Load())).UTC() }

// The channels of the scripts.
const (
	lifeGuild   = "2000000000000000001"
	lifeChannel = "2000000000000000002"
)

// startLife starts both fakes and names them in the script's environment.
func startLife(env *testscript.Env) error {
	l := &life{}
	var err error
	if l.slack, err = slackfake.New(l.now); err != nil {
		return err
	}
	if l.discord, err = discordfake.New(discordfake.Options{Now: l.now}); err != nil {
		return err
	}
	l.discord.AddChannel(lifeGuild, lifeChannel, "news", discordfake.All)
	env.Values["life"] = l
	env.Defer(func() {
		if l.serve != nil {
			l.serve.kill2()
		}
		l.slack.Close()
		_ = l.discord.Close()
	})
	env.Setenv("SLACK_API", l.slack.URL())
	env.Setenv("DISCORD_API", l.discord.URL)
	return nil
}

func lifeOf(ts *testscript.TestScript) *life { return ts.Value("life").(*life) }

// up is the script command `up CLOCK`: serve runs from that time on.
func up(ts *testscript.TestScript, _ bool, args []string) {
	l := lifeOf(ts)
	at, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	l.offset.Store(int64(time.Until(at)))
	text := strings.NewReplacer("$STORE", ts.Getenv("STORE"), "$SLACK_API", ts.Getenv("SLACK_API"), "$DISCORD_API", ts.Getenv("DISCORD_API")).Replace(ts.ReadFile("config.toml"))
	ts.Check(os.WriteFile(ts.MkAbs("live.toml"), []byte(text), 0o644))
	l.serve, err = startServe(ts.MkAbs("."), args[0], "--config", ts.MkAbs("live.toml"))
	ts.Check(err)
	ready := until(20*time.Second, func() bool {
		return l.slack.Sockets() > 0 && l.discord.Connected() > 0 && len(l.discord.Commands()) > 0
	})
	if !ready {
		l.serve.kill()
		ts.Fatalf("serve did not connect to both platforms\n%s", l.serve.log)
	}
}

// down is the script command `down`: serve stops in order, or with -kill at once.
func down(ts *testscript.TestScript, _ bool, args []string) {
	l := lifeOf(ts)
	if len(args) > 0 && args[0] == "-kill" {
		l.serve.kill()
		return
	}
	ts.Check(l.serve.stop())
}

// slackSays is the script command `slack USER CHANNEL TEXT…`: the answer is
// kept for `ask`.
func slackSays(ts *testscript.TestScript, _ bool, args []string) {
	l := lifeOf(ts)
	v, err := l.slack.Slash(args[0], args[1], strings.Join(args[2:], " "))
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := l.slack.Await(ctx, "an answer", func() bool { return len(l.slack.Responses(v)) > 0 }); err != nil {
		ts.Fatalf("%v\n%s", err, l.serve.log)
	}
	var b strings.Builder
	for _, r := range l.slack.Responses(v) {
		fmt.Fprintf(&b, "%s\n%s\n%s\n", r.Type, r.Text, r.Raw)
	}
	ts.Check(os.WriteFile(ts.MkAbs("answer.html"), []byte(b.String()), 0o644))
}

// discordSays is the script command `discord USER SUBCOMMAND [NAME=VALUE…]`; the
// user "manager" may manage the server.
func discordSays(ts *testscript.TestScript, _ bool, args []string) {
	l := lifeOf(ts)
	u := discordfake.User{ID: "3000000000000000001", Name: args[0], Permissions: discordfake.View}
	if args[0] == "manager" {
		u = discordfake.User{ID: "3000000000000000002", Name: args[0], Permissions: discordfake.View | discordfake.ManageGuild}
	}
	options := make(map[string]any)
	for _, a := range args[2:] {
		name, value, _ := strings.Cut(a, "=")
		options[name] = value
	}
	id := l.discord.Slash(u, lifeGuild, lifeChannel, "digest", args[1], options)
	var answer discordfake.Interaction
	if !until(20*time.Second, func() bool {
		var err error
		answer, err = l.discord.Interaction(id)
		return err == nil && answer.Answer != nil
	}) {
		ts.Fatalf("no answer on Discord: %+v\n%s", answer, l.serve.log)
	}
	text := string(answer.Answer)
	for _, f := range answer.FollowUps {
		text += "\n" + string(f)
	}
	ts.Check(os.WriteFile(ts.MkAbs("answer.html"), []byte(text), 0o644))
}

// posts is the script command `posts PLATFORM N PATTERN`: within a while the
// channel has exactly N digest messages of which one matches.
func posts(ts *testscript.TestScript, _ bool, args []string) {
	l := lifeOf(ts)
	pattern := regexp.MustCompile(args[2])
	var texts []string
	ok := until(45*time.Second, func() bool {
		texts = l.texts(args[0])
		return fmt.Sprint(len(texts)) == args[1] && pattern.MatchString(strings.Join(texts, "\n"))
	})
	time.Sleep(300 * time.Millisecond) // whatever comes after the last one wanted would be a duplicate
	if n := len(l.texts(args[0])); !ok || fmt.Sprint(n) != args[1] {
		ts.Fatalf("%s has %d messages, want %s that match %q:\n%s\n%s", args[0], n, args[1], args[2], strings.Join(texts, "\n"), l.serve.log)
	}
}

// texts returns the bot's messages of a platform's channel and its threads.
func (l *life) texts(platform string) []string {
	var out []string
	if platform == "slack" {
		for _, p := range l.slack.Posts("C1") {
			if p.For == "" && len(p.Metadata) > 0 {
				out = append(out, p.Text+string(p.Blocks))
			}
		}
		return out
	}
	for _, id := range l.discord.Channels() {
		for _, m := range l.discord.Posts(id) {
			if m.Answers == "" {
				var body map[string]any
				_ = json.Unmarshal(m.Body, &body)
				out = append(out, fmt.Sprint(body))
			}
		}
	}
	return out
}

// chaosConfig has one subscription, to a channel of the web page.
const chaosConfig = `
[store]
url = "news.db"
[[subscription]]
id = "hourly"
channels = ["web:news"]
cron = "0 * * * *"
catch_up = "2h"
`

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

// openStore opens the store in a folder for looking.
func openStore(tb testing.TB, dir string) *sqlstore.Store {
	tb.Helper()
	s, err := sqlstore.Open(context.Background(), filepath.Join(dir, "news.db"), sqlstore.Options{Now: time.Now, ReadOnly: true})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// slotAt returns the slot of the only subscription at an instant.
func slotAt(tb testing.TB, dir string, at time.Time) digest.Slot {
	tb.Helper()
	s := openStore(tb, dir)
	defer s.Close()
	slots, err := s.Slots(context.Background(), digest.SlotFilter{Subscription: "hourly"})
	if err != nil {
		tb.Fatal(err)
	}
	for _, slot := range slots {
		if slot.At.Equal(at) {
			return slot
		}
	}
	return digest.Slot{}
}
