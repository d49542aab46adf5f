package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/digest"
)

// bureau is an installation that both platforms call: processes on one store.
type bureau struct {
	*testing.T
	cfg        Config
	clock      *turned
	slack, dsc *endpoint
}

// clerks are one process of a bureau.
type clerks struct {
	*app
	calls *http.ServeMux
}

// newBureau prepares an installation with a digest on each platform.
func newBureau(t *testing.T, store string) *bureau {
	t.Helper()
	b := &bureau{T: t, cfg: defaults(), clock: &turned{now: begin}}
	fake, err := slackfake.New(b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	b.slack = &endpoint{platform: "slack", path: slack.CommandsPath, media: "application/x-www-form-urlencoded", stamp: "X-Slack-Request-Timestamp", signature: "X-Slack-Signature", prefix: "v0=",
		sign: func(_, stamp, body string) string { return hmacOf(slackfake.SigningSecret, "v0:"+stamp+":"+body) }}
	_, b.dsc = discordEndpoint(t, b.clock.Now)
	t.Setenv("TEST_SIGNING", slackfake.SigningSecret)
	b.cfg.Store.URL = store
	b.cfg.Slack = &SlackConfig{APIURL: fake.URL(), bot: digest.NewSecret(slackfake.BotToken), Transport: slack.HTTP, SigningSecretEnv: "TEST_SIGNING", Managers: []string{"U1"}}
	b.cfg.Discord = &DiscordConfig{token: digest.NewSecret("token"), Application: "1", Transport: discord.HTTP, PublicKey: b.dsc.key}
	p := b.start(false)
	defer p.close()
	for _, a := range []digest.Address{{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"}, {Platform: "discord", Workspace: "71", Channel: "72"}} {
		sub := digest.Subscription{ID: a.Platform, Workspace: a.Tenant(), Name: "Morning", Channels: []digest.Address{a}, Cron: "0 8 * * *", Zone: "UTC", Since: begin, Changed: begin, Origin: "chat"}
		if err := p.store.PutSubscriptions(t.Context(), []digest.Subscription{sub}, "chat"); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// start starts a process; one that delivers has the store to itself.
func (b *bureau) start(deliver bool) *clerks {
	b.Helper()
	a, err := wire(b.Context(), stdio{err: io.Discard}, b.cfg, openOptions{platforms: true, deliver: deliver, now: b.clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	p := &clerks{a, http.NewServeMux()}
	for pattern, h := range a.endpoints(a.handler()) {
		p.calls.Handle(pattern, h)
	}
	return p
}

// shot is a command of the platform's manager, with the id that the platform
// gave it, signed as of now.
func (b *bureau) shot(to *endpoint, id int, name, option string, value int) *shot {
	body := url.Values{"command": {"/digest"}, "text": {fmt.Sprintf("%s %s:%d", name, option, value)}, "team_id": {slackfake.Team}, "channel_id": {"C1"}, "user_id": {"U1"}, "trigger_id": {fmt.Sprint("t", id)}}.Encode()
	if to == b.dsc {
		body = fmt.Sprintf(`{"id":"%d","application_id":"1","type":2,"token":"t","guild_id":"71","channel_id":"72","locale":"en-US","member":{"user":{"id":"3","username":"ana"},"permissions":"32"},
			"data":{"id":"4","name":"digest","type":1,"options":[{"name":%q,"type":1,"options":[{"name":%q,"type":4,"value":%d}]}]}}`, id, name, option, value)
	}
	s := &shot{endpoint: to, method: http.MethodPost, path: to.path, header: http.Header{"Content-Type": {to.media}}, body: body}
	s.signed("good", fmt.Sprint(b.clock.Now().Unix()))
	return s
}

// changes counts how often the settings were changed on a platform.
func (p *clerks) changes(t *testing.T, platform string) int {
	t.Helper()
	workspace := "slack:" + slackfake.Team
	if platform == "discord" {
		workspace = "discord:71"
	}
	rows, err := p.store.Audits(context.Background(), workspace, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

// TestOneEffect gives each platform's command four times, as after lost
// acknowledgements: to a process, again, to the next one after a restart, and to
// a replica. It changes the settings once.
func TestOneEffect(t *testing.T) {
	var pg pgtest.Server
	t.Cleanup(pg.Stop)
	for name, store := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "news.db") },
		"postgres": func(t *testing.T) string { return pg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBureau(t, store(t))
			for _, to := range []*endpoint{b.slack, b.dsc} {
				p := b.start(false)
				replica := b.start(false)
				want, note := []int{200, 200, 200, 200}, digest.Receipt{Workspace: "slack:" + slackfake.Team, ID: "t1", Hold: time.Hour}
				if to == b.dsc {
					want, note = []int{200, 401, 401, 401}, digest.Receipt{Workspace: "discord:71", ID: "1", Hold: time.Hour}
				}
				for i, after := range []time.Duration{0, 0, time.Minute, 4 * time.Minute} {
					b.clock.turn(after)
					switch i {
					case 2:
						p.close()
						p = b.start(false)
					case 3:
						p, replica = replica, p
					}
					if got := b.shot(to, 1, "settings", "stories", 5).fire(p.calls); got != want[i] {
						t.Errorf("%s, time %d: status %d, want %d", to.platform, i, got, want[i])
					}
					if !until(patience, func() bool { return p.changes(t, to.platform) > 0 }) {
						t.Errorf("%s: no effect", to.platform)
					}
					// The mark comes after the answer, and a process that ends waits for it.
					if !until(patience, func() bool { st, err := p.store.Receive(t.Context(), note); return err == nil && st == digest.Done }) {
						t.Errorf("%s: the end is not noted", to.platform)
					}
				}
				if got := b.shot(to, 2, "settings", "stories", 6).fire(p.calls); got != 200 {
					t.Errorf("%s: another one: status %d", to.platform, got)
				}
				if !until(patience, func() bool { return p.changes(t, to.platform) > 1 }) || p.changes(t, to.platform) != 2 {
					t.Errorf("%s: %d effects of two commands", to.platform, p.changes(t, to.platform))
				}
				p.close()
				replica.close()
			}
		})
	}
}

// TestLeftByACrash sends a command again that a process had noted and not
// carried out when it was killed: the next one that has the store to itself does.
func TestLeftByACrash(t *testing.T) {
	b := newBureau(t, filepath.Join(t.TempDir(), "news.db"))
	p := b.start(true)
	note := digest.Receipt{Workspace: "slack:" + slackfake.Team, ID: "t1", Hold: time.Hour}
	if _, err := p.store.Receive(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	for i, effects := range []int{0, 1} {
		if got := b.shot(b.slack, 1, "settings", "stories", 5).fire(p.calls); got != 200 {
			t.Errorf("process %d: status %d", i, got)
		}
		p.close()
		p = b.start(true)
		if got := p.changes(t, "slack"); got != effects {
			t.Errorf("process %d: %d effects, want %d", i, got, effects)
		}
	}
	p.close()
}

// TestStalledStore has a store that takes no write: what changes something is
// refused in time and not done, what only looks is answered.
func TestStalledStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "news.db")
	b := newBureau(t, path)
	p := b.start(false)
	defer p.close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	change := b.shot(b.slack, 1, "settings", "stories", 5)
	began := time.Now()
	if got := change.fire(p.calls); got != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", got)
	}
	if took := time.Since(began); took > 2500*time.Millisecond {
		t.Errorf("answered within %s, want 2.5s", took)
	}
	if got := b.shot(b.slack, 2, "filter list", "name", 1).fire(p.calls); got != 200 {
		t.Errorf("a look: status %d", got)
	}
	if _, err := db.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if got := change.fire(p.calls); got != 200 {
		t.Errorf("afterwards: status %d", got)
	}
	if !until(patience, func() bool { return p.changes(t, "slack") == 1 }) {
		t.Errorf("%d effects, want 1", p.changes(t, "slack"))
	}
}
