package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/slack"
	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

// TestSlackManifestFollowsTheConfiguration has addresses in the manifest where
// Slack calls us, and says so where they are missing.
func TestSlackManifestFollowsTheConfiguration(t *testing.T) {
	const public = "https://news.example"
	for _, c := range []struct {
		name   string
		slack  *SlackConfig
		public string
		want   slack.ManifestOptions
		fails  bool
	}{
		{"none", nil, "", slack.ManifestOptions{}, false},
		{"socket", &SlackConfig{}, public, slack.ManifestOptions{}, false},
		{"http", &SlackConfig{Transport: slack.HTTP}, public, slack.ManifestOptions{URL: public}, false},
		{"http without an address", &SlackConfig{Transport: slack.HTTP}, "", slack.ManifestOptions{}, true},
		{"installs", &SlackConfig{ClientID: "1.2", PKCE: true}, public, slack.ManifestOptions{Install: public, PKCE: true}, false},
		{"installs without an address", &SlackConfig{ClientID: "1.2"}, "", slack.ManifestOptions{}, true},
	} {
		cfg := defaults()
		cfg.Slack, cfg.Web.PublicURL = c.slack, c.public
		got, err := manifestOptions(cfg)
		if c.want.Command = "/digest"; err == nil && got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// TestSlackNeedsItsSecrets starts nothing that could not tell Slack from others.
func TestSlackNeedsItsSecrets(t *testing.T) {
	t.Setenv("TEST_SLACK_BOT", "xoxb-1")
	t.Setenv("TEST_SLACK_APP", "xapp-1")
	t.Setenv("TEST_SLACK_SIGNING", "sign")
	t.Setenv("TEST_SLACK_CLIENT", "secret")
	t.Setenv("TEST_SLACK_SHORT", "short")
	t.Setenv("TEST_SLACK_KEY", "a key of more than sixteen characters")
	installs := SlackConfig{ClientID: "1.2", Transport: slack.HTTP, SigningSecretEnv: "TEST_SLACK_SIGNING", ClientSecretEnv: "TEST_SLACK_CLIENT", TokenKeyEnv: "TEST_SLACK_KEY"}
	short, none := installs, installs
	short.TokenKeyEnv, none.TokenKeyEnv = "TEST_SLACK_SHORT", ""
	for _, c := range []struct {
		name  string
		slack SlackConfig
		want  string
	}{
		{"socket", SlackConfig{BotTokenEnv: "TEST_SLACK_BOT", AppTokenEnv: "TEST_SLACK_APP"}, ""},
		{"socket without its token", SlackConfig{BotTokenEnv: "TEST_SLACK_BOT"}, "app_token_env"},
		{"http", SlackConfig{BotTokenEnv: "TEST_SLACK_BOT", Transport: slack.HTTP, SigningSecretEnv: "TEST_SLACK_SIGNING"}, ""},
		{"http without a secret", SlackConfig{BotTokenEnv: "TEST_SLACK_BOT", Transport: slack.HTTP}, "signing_secret_env"},
		{"http with an empty secret", SlackConfig{BotTokenEnv: "TEST_SLACK_BOT", Transport: slack.HTTP, SigningSecretEnv: "TEST_SLACK_NOTHING"}, "TEST_SLACK_NOTHING"},
		{"installs", installs, ""},
		{"installs without a key", none, "token_key_env"},
		{"installs with a short key", short, "openssl rand"},
		{"another transport", SlackConfig{BotTokenEnv: "TEST_SLACK_BOT", AppTokenEnv: "TEST_SLACK_APP", Transport: "pigeon"}, "socket"},
	} {
		cfg := defaults()
		cfg.Slack, cfg.Web.PublicURL = &c.slack, "https://news.example"
		cfg.Store.URL = t.TempDir() + "/news.db"
		a, err := wire(t.Context(), stdio{}, cfg, openOptions{platforms: true})
		if err == nil {
			a.close()
		}
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(explain(err), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err != nil && digest.KindOf(err) == digest.Internal {
			t.Errorf("%s: %v is nothing that people can act on", c.name, err)
		}
	}
}

// TestARestoredStoreAnswersNobody has a platform call a program whose store is a
// copy that waits for its operators, until they let it go on.
func TestARestoredStoreAnswersNobody(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "news.db")
	cfg := defaults()
	cfg.Store.URL = at
	open := func() *app {
		a, err := wire(t.Context(), stdio{err: io.Discard}, cfg, openOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := open()
	a.close()
	copied := filepath.Join(dir, "copy.backup")
	if _, err := sqlstore.Backup(t.Context(), at, copied, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sqlstore.Restore(t.Context(), at, copied, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	a = open()
	defer a.close()
	h := a.unfencedOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	ask := func() int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/slack/commands", nil))
		return w.Code
	}
	if got := ask(); got != http.StatusServiceUnavailable {
		t.Errorf("before resume: %d", got)
	}
	if _, _, err := a.store.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got != http.StatusTeapot {
		t.Errorf("after resume: %d", got)
	}
}
