package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/command"
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

// slackRun is the program on a pretended Slack, without its loops.
func slackRun(t *testing.T) (*app, *slackfake.Server) {
	t.Helper()
	fake, err := slackfake.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	cfg := defaults()
	cfg.Store.URL = filepath.Join(t.TempDir(), "news.db")
	cfg.Slack = &SlackConfig{APIURL: fake.URL(), bot: digest.NewSecret(slackfake.BotToken), app: digest.NewSecret(slackfake.AppToken)}
	a, err := wire(t.Context(), stdio{err: io.Discard}, cfg, openOptions{platforms: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.slack.Listen(ctx, a.handler(), command.Specs()) }()
	t.Cleanup(func() { cancel(); <-done })
	if err := fake.Await(t.Context(), "a socket", func() bool { return fake.Sockets() == 1 }); err != nil {
		t.Fatal(err)
	}
	return a, fake
}

// TestSubscribeOnSlack goes from the form over the draft to the digest, to App
// Home, and to the end of its channel.
func TestSubscribeOnSlack(t *testing.T) {
	a, fake := slackRun(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	await := func(what string, cond func() bool) {
		t.Helper()
		if err := fake.Await(ctx, what, cond); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fake.Slash("U3", "C1", "subscribe"); err != nil {
		t.Fatal(err)
	}
	await("the form", func() bool { return len(fake.Windows("U3")) == 1 })
	form := fake.Windows("U3")[0]
	zones, err := fake.Suggest(ctx, form, "in:zone", "berl")
	if err != nil || !slices.Contains(zones, "Europe/Berlin") {
		t.Errorf("zones %v, %v", zones, err)
	}
	wrong, _, err := fake.Submit(ctx, form, map[string]string{"in:time": "7:30", "in:days": "weekdays", "in:zone": "Europe/Berlin", "in:name": "Harbour"})
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	await("the draft", func() bool { return len(fake.Posts("C1")) == 1 })
	draft := fake.Posts("C1")[0]
	if subs, err := a.subscriptions(ctx); err != nil || len(subs) != 0 || draft.For != "U3" || !strings.Contains(draft.Text, "Harbour") {
		t.Fatalf("before it is confirmed: %d subscriptions, %v, %q for %s", len(subs), err, draft.Text, draft.For)
	}
	save := ""
	for _, b := range draft.Look().Blocks {
		for _, button := range b.Buttons {
			if button.Style == "primary" {
				save = button.Action
			}
		}
	}
	if menus := draft.Menus(); len(menus) == 0 {
		t.Error("the draft has no menus")
	} else if _, err := fake.Choose("U3", draft, menus[0], "short"); err != nil {
		t.Error(err)
	} else {
		await("the changed draft", func() bool { return fake.Posts("C1")[0].Edits == 1 })
	}
	if _, err := fake.Press("U3", draft, save); err != nil {
		t.Fatalf("%v: %s", err, draft.Blocks)
	}
	await("the confirmation in its place", func() bool { return fake.Posts("C1")[0].Edits == 2 })
	subs, err := a.subscriptions(ctx)
	if err != nil || len(subs) != 1 || subs[0].Name != "Harbour" || subs[0].Zone != "Europe/Berlin" || subs[0].Layout.Length != "short" {
		t.Fatalf("subscriptions %+v, %v", subs, err)
	}
	if err := fake.OpenHome("U1"); err != nil {
		t.Fatal(err)
	}
	await("App Home", func() bool { h, ok := fake.Home("U1"); return ok && strings.Contains(string(h.Raw), "Harbour") })
	if _, err := fake.Event(map[string]any{"type": "channel_archive", "channel": "C1", "user": "U3"}); err != nil {
		t.Fatal(err)
	}
	if !until(10*time.Second, func() bool { list, err := a.subscriptions(ctx); return err == nil && len(list) == 0 }) {
		t.Error("the digest of an archived channel goes on")
	}
	if _, err := fake.Event(map[string]any{"type": "channel_unarchive", "channel": "C1", "user": "U3"}); err != nil {
		t.Fatal(err)
	}
	if !until(10*time.Second, func() bool { n, err := a.news.Watch(ctx); return err == nil && n == 1 }) {
		t.Error("the digest does not come back with its channel")
	}
	if dm, err := a.direct(ctx, subs[0].Channels[0], "U1"); err != nil || dm.Channel != "D1" {
		t.Errorf("direct messages: %v, %v", dm, err)
	}
}

// TestManyDigestsFitIntoAppHome has more digests in a channel than the page can
// show: what it shows is whole.
func TestManyDigestsFitIntoAppHome(t *testing.T) {
	a, fake := slackRun(t)
	var subs []digest.Subscription
	for i := range 30 {
		subs = append(subs, digest.Subscription{ID: fmt.Sprint("s", i), Workspace: "slack:" + slackfake.Team, Name: fmt.Sprint("Digest ", i), Cron: "0 8 * * *", Zone: "UTC", Language: "en",
			Channels: []digest.Address{{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"}}, Empty: "skip"})
	}
	if err := a.store.PutSubscriptions(t.Context(), subs, "chat"); err != nil {
		t.Fatal(err)
	}
	if err := fake.OpenHome("U3"); err != nil {
		t.Fatal(err)
	}
	if err := fake.Await(t.Context(), "App Home", func() bool { _, ok := fake.Home("U3"); return ok }); err != nil {
		t.Fatal(err)
	}
	home, _ := fake.Home("U3")
	raw := string(home.Raw)
	if n := strings.Count(raw, `"Latest"`); n != 15 || strings.Count(raw, `"Pause"`) != n || !strings.Contains(raw, "15 more digests") {
		t.Errorf("%d digests are whole: %s", n, raw)
	}
}
