package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
)

// ward is a healthy set-up that a test breaks in one place.
type ward struct {
	dir     string
	slack   *slackfake.Server
	discord *discordfake.Server
	config  string // with $SLACK_API and $DISCORD_API in it
}

const healthyConfig = `
[store]
url = "news.db"
[slack]
bot_token_env = "WARD_BOT"
app_token_env = "WARD_APP"
api_url = "$SLACK_API"
[discord]
token_env = "WARD_DISCORD"
api_url = "$DISCORD_API"
[[source]]
id = "sample"
kind = "sample"
[[subscription]]
id = "morning"
channels = ["slack:$TEAM/C1", "discord:$GUILD/$CHANNEL"]
cron = "0 8 * * *"
`

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{dir: t.TempDir(), config: healthyConfig}
	var err error
	if w.slack, err = slackfake.New(time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.slack.Close)
	if w.discord, err = discordfake.New(discordfake.Options{Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.discord.Close() })
	w.discord.AddChannel(lifeGuild, lifeChannel, "news", discordfake.All)
	t.Setenv("WARD_BOT", slackfake.BotToken)
	t.Setenv("WARD_APP", slackfake.AppToken)
	t.Setenv("WARD_DISCORD", "token")
	return w
}

// examine runs doctor and returns what it said and its exit code.
func (w *ward) examine(t *testing.T) (string, int) {
	t.Helper()
	text := strings.NewReplacer("$SLACK_API", w.slack.URL(), "$DISCORD_API", w.discord.URL, "$TEAM", slackfake.Team,
		"$GUILD", lifeGuild, "$CHANNEL", lifeChannel).Replace(w.config)
	path := filepath.Join(w.dir, "config.toml")
	write(t, path, text)
	var out strings.Builder
	code := run([]string{"doctor", "--config", path}, stdio{strings.NewReader(""), &out, &out})
	return out.String(), code
}

// edit replaces a line of the configuration.
func edit(old, new string) func(*testing.T, *ward) {
	return func(t *testing.T, w *ward) {
		if !strings.Contains(w.config, old) {
			t.Fatalf("the configuration has no %q", old)
		}
		w.config = strings.Replace(w.config, old, new, 1)
	}
}

func TestDoctorFindsNothing(t *testing.T) {
	out, code := newWard(t).examine(t)
	if code != exitOK || strings.Contains(out, "WRONG") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestDoctor breaks the healthy set-up in one place each: one line says what is
// wrong and what to do.
func TestDoctor(t *testing.T) {
	env := func(name, value string) func(*testing.T, *ward) {
		return func(t *testing.T, _ *ward) { t.Setenv(name, value) }
	}
	permit := func(p discordfake.Permissions) func(*testing.T, *ward) {
		return func(_ *testing.T, w *ward) { w.discord.Permit(lifeChannel, p) }
	}
	for _, c := range []struct {
		name string
		harm func(*testing.T, *ward)
		want []string // in one line
	}{
		{"unknown setting", edit("[store]", "[store]\nurll = \"x\""), []string{"config.toml:3", "did you mean \"url\""}},
		{"bad schedule", edit("0 8 * * *", "0 8 * *"), []string{"config.toml:17", "five"}},
		{"no source", edit("[[source]]\nid = \"sample\"\nkind = \"sample\"\n", ""), []string{"sources", "add a [[source]]"}},
		{"no subscription", func(_ *testing.T, w *ward) { w.config, _, _ = strings.Cut(w.config, "[[subscription]]") }, []string{"subscriptions", "type subscribe"}},
		{"folder missing", edit("kind = \"sample\"", "kind = \"folder\"\npath = \"nowhere\""), []string{"source sample", "nowhere"}},
		{"private feed", edit("kind = \"sample\"", "kind = \"feed\"\nurl = \"http://127.0.0.1:8080/feed\""), []string{"source sample", "not public"}},
		{"store folder missing", edit("news.db", "no/such/news.db"), []string{"store", "no/such"}},
		{"store corrupt", func(t *testing.T, w *ward) {
			write(t, filepath.Join(w.dir, "news.db"), strings.Repeat("no database ", 1000))
		}, []string{"store", "news.db"}},
		{"slack variable empty", env("WARD_BOT", ""), []string{"WARD_BOT is empty", "set it"}},
		{"slack app token missing", edit("app_token_env = \"WARD_APP\"\n", ""), []string{"[slack] needs a token", "app_token_env"}},
		{"slack tokens swapped", env("WARD_BOT", "xapp-1"), []string{"xoxb-"}},
		{"slack token revoked", func(_ *testing.T, w *ward) {
			w.slack.Fail("auth.test", slackfake.Refuse("token_revoked"), slackfake.Refuse("token_revoked"))
		}, []string{"slack", "token", "nstall"}},
		{"slack app token wrong", env("WARD_APP", "xapp-wrong"), []string{"slack", "app", "connections:write"}},
		{"slack scope missing", func(_ *testing.T, w *ward) {
			w.slack.SetScopes("chat:write", "commands", "channels:read", "groups:read", "users:read")
		}, []string{"slack", "channels:history", "nstall"}},
		{"slack not in channel", edit("/C1", "/C2"), []string{"slack", "invite"}},
		{"slack no such channel", edit("/C1", "/C9"), []string{"slack", "C9"}},
		{"slack channel archived", edit("/C1", "/C3"), []string{"slack", "archived"}},
		{"slack other workspace", edit("$TEAM/C1", "TOTHER/C1"), []string{"slack", "TOTHER"}},
		{"slack down", func(_ *testing.T, w *ward) { w.slack.Down() }, []string{"network", "127.0.0.1"}},
		{"discord variable empty", env("WARD_DISCORD", ""), []string{"WARD_DISCORD is empty"}},
		{"discord token wrong", env("WARD_DISCORD", "old"), []string{"discord", "token", "Reset Token"}},
		{"discord other server", edit("discord:$GUILD", "discord:999"), []string{"discord", "999"}},
		{"discord no such channel", edit("$CHANNEL", "999"), []string{"discord", "999"}},
		{"discord may not send", permit(discordfake.All &^ discordfake.Send), []string{"discord", "Send Messages"}},
		{"discord may not embed", permit(discordfake.All &^ discordfake.Embed), []string{"discord", "Embed Links"}},
		{"discord may not read", permit(discordfake.All &^ discordfake.History), []string{"discord", "Read Message History"}},
		{"clock off", env("NUTGRAF_CLOCK", time.Now().Add(-2*time.Hour).UTC().Format(time.RFC3339)), []string{"clock", "NTP"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWard(t)
			c.harm(t, w)
			out, code := w.examine(t)
			if code == exitOK {
				t.Errorf("exit 0")
			}
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, "WRONG") && holdsAll(line, c.want) {
					return
				}
			}
			t.Errorf("no line with %q in\n%s", c.want, out)
		})
	}
}

func holdsAll(line string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(line, w) {
			return false
		}
	}
	return true
}

// TestDoctorKeepsSecrets looks for the tokens in all that doctor says.
func TestDoctorKeepsSecrets(t *testing.T) {
	w := newWard(t)
	for i, token := range []string{"WARD_BOT", "WARD_APP", "WARD_DISCORD"} {
		t.Setenv(token, fmt.Sprintf("%sverysecret%d", []string{"xoxb-", "xapp-", ""}[i], i))
	}
	out, _ := w.examine(t)
	if strings.Contains(out, "verysecret") {
		t.Errorf("a token is in\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "news.db")); err != nil {
		t.Error(err)
	}
}
