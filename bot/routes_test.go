package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
)

// TestSlackCalls runs serve with Slack's transport HTTP: commands are answered
// where the web page is, and no socket is opened.
func TestSlackCalls(t *testing.T) {
	w := newWard(t)
	t.Setenv("WARD_SIGNING", slackfake.SigningSecret)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), `
[store]
url = "news.db"
[slack]
bot_token_env = "WARD_BOT"
api_url = "`+w.slack.URL()+`"
transport = "http"
signing_secret_env = "WARD_SIGNING"
`)
	s, err := startServe(dir, "", "--config", filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill2()
	w.slack.Call(s.address, http.DefaultClient.Do)
	v, err := w.slack.Slash("U1", "C1", "help")
	if err != nil {
		t.Fatal(err)
	}
	if !until(10*time.Second, func() bool { return len(w.slack.Responses(v)) > 0 }) {
		t.Fatalf("no answer; the log says\n%s", s.log)
	}
	if got := w.slack.Responses(v)[0]; !strings.Contains(string(got.Raw), "search") {
		t.Errorf("got %s", got.Raw)
	}
	for path, want := range map[string]int{"/slack/commands": 401, "/slack/interactivity": 401, "/slack/events": 401, "/slack/oauth": 404} {
		resp, err := http.Post(s.address+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s answers %d without a signature, want %d", path, resp.StatusCode, want)
		}
	}
	if n := w.slack.Sockets(); n != 0 {
		t.Errorf("%d sockets are open", n)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// TestDiscordCalls runs serve with Discord's transport HTTP: Discord takes the
// endpoint after it has tried it, commands are answered, and there is no gateway.
func TestDiscordCalls(t *testing.T) {
	w := newWard(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), `
[store]
url = "news.db"
[discord]
token_env = "WARD_DISCORD"
api_url = "`+w.discord.URL+`"
transport = "http"
public_key = "`+w.discord.PublicKey()+`"
`)
	s, err := startServe(dir, "", "--config", filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill2()
	if !until(10*time.Second, func() bool { return w.discord.SetEndpoint(s.address+"/discord/interactions") == nil }) {
		t.Fatalf("the endpoint is not taken: %v\n%s", w.discord.SetEndpoint(s.address+"/discord/interactions"), s.log)
	}
	if !until(10*time.Second, func() bool { return len(w.discord.Commands()) > 0 }) {
		t.Fatalf("no commands are registered\n%s", s.log)
	}
	id := w.discord.Slash(discordfake.User{ID: "3000000000000000001", Name: "ana", Permissions: discordfake.View}, lifeGuild, lifeChannel, "digest", "status", nil)
	if !until(10*time.Second, func() bool {
		i, err := w.discord.Interaction(id)
		return err == nil && i.Answer != nil
	}) {
		i, err := w.discord.Interaction(id)
		t.Errorf("no answer: %+v, %v\n%s", i, err, s.log)
	}
	if n := w.discord.Connected(); n != 0 {
		t.Errorf("%d connections to the gateway", n)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// TestTransports starts serve with transports that cannot work: it ends with a
// sentence that says what to do.
func TestTransports(t *testing.T) {
	w := newWard(t)
	t.Setenv("WARD_SIGNING", "")
	const slackTable = "[slack]\nbot_token_env = \"WARD_BOT\"\napi_url = \"$SLACK_API\"\n"
	const discordTable = "[discord]\ntoken_env = \"WARD_DISCORD\"\napplication = \"1\"\n"
	for _, tt := range []struct{ name, config, want string }{
		{"no signing secret", slackTable + "transport = \"http\"\n", "signing_secret_env"},
		{"empty signing secret", slackTable + "transport = \"http\"\nsigning_secret_env = \"WARD_SIGNING\"\n", "WARD_SIGNING is empty"},
		{"another transport", slackTable + "transport = \"carrier pigeon\"\n", "it is one of socket, http"},
		{"no page", "[web]\nlisten = \"\"\n" + slackTable + "transport = \"http\"\nsigning_secret_env = \"WARD_BOT\"\n", "needs an address that slack can call"},
		{"no public key", discordTable + "transport = \"http\"\n", "public_key"},
		{"half a public key", discordTable + "transport = \"http\"\npublic_key = \"00ff\"\n", "public_key"},
		{"another transport of Discord", discordTable + "transport = \"smoke\"\n", "it is one of socket, http"},
		{"no page for Discord", "[web]\nlisten = \"\"\n" + discordTable + "transport = \"http\"\n", "needs an address that discord can call"},
		{"public_url switches nothing", "[web]\npublic_url = \"https://news.example.org\"\n" + slackTable, "app_token_env"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			write(t, path, "[store]\nurl = \"news.db\"\n"+strings.ReplaceAll(tt.config, "$SLACK_API", w.slack.URL()))
			var out strings.Builder
			code := run([]string{"serve", "--config", path}, stdio{strings.NewReader(""), &out, &out})
			if code != exitUsage || !strings.Contains(out.String(), tt.want) {
				t.Errorf("exit %d, want %d and %q in\n%s", code, exitUsage, tt.want, out.String())
			}
		})
	}
	t.Run("no page by flag", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "config.toml")
		t.Setenv("WARD_SIGNING", slackfake.SigningSecret)
		write(t, path, "[store]\nurl = \"news.db\"\n"+strings.ReplaceAll(slackTable, "$SLACK_API", w.slack.URL())+"transport = \"http\"\nsigning_secret_env = \"WARD_SIGNING\"\n")
		var out strings.Builder
		if code := run([]string{"serve", "--config", path, "--listen", ""}, stdio{strings.NewReader(""), &out, &out}); code != exitUsage || !strings.Contains(out.String(), "set listen in [web]") {
			t.Errorf("exit %d\n%s", code, out.String())
		}
	})
}

// TestDoctorAsksEndpoints has something or nothing answer where Slack would call.
func TestDoctorAsksEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int // 0: there is no public_url
		want   string
	}{
		{"well", 401, "well   endpoint /slack/commands: it can be reached"},
		{"another server", 404, "WRONG  endpoint /slack/events: http://127.0.0.1"},
		{"takes all", 200, "answers 200 instead of refusing what is not signed"},
		{"no address", 0, "WRONG  endpoints: set public_url in [web]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status) }))
			defer there.Close()
			t.Setenv("WARD_SIGNING", slackfake.SigningSecret)
			w := newWard(t)
			edit("app_token_env = \"WARD_APP\"", "transport = \"http\"\nsigning_secret_env = \"WARD_SIGNING\"")(t, w)
			if tt.status != 0 {
				w.config = "[web]\npublic_url = \"" + there.URL + "/\"\n" + w.config
			}
			if out, _ := w.examine(t); !strings.Contains(out, tt.want) {
				t.Errorf("no %q in\n%s", tt.want, out)
			}
		})
	}
}
