package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

var paceRestarts = flag.Int("pace.restarts", 4, "how often a crash loop restarts serve; 60 and more do so in real time, and stop a process that holds the gateway")

// TestCrashLoopKeepsLogins restarts serve every second, in the short form of a
// clock that runs ten times as fast. Discord sees three logins at first, and
// then one in 90 seconds, whatever the number of processes.
func TestCrashLoopKeepsLogins(t *testing.T) {
	t.Parallel() // it mostly waits
	fake, err := discordfake.New(discordfake.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("[store]\nurl = \"news.db\"\n[discord]\ntoken_env = \"DISCORD_TOKEN\"\napi_url = %q\n", fake.URL))
	start, speed := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC), 10
	if *paceRestarts >= 60 {
		speed = 1
	}
	for i := range *paceRestarts {
		began, before := time.Now(), fake.Identifies()
		s, err := startServe(dir, clockAt(start.Add(time.Duration(i*speed)*time.Second), speed), "--config", filepath.Join(dir, "config.toml"))
		if err != nil {
			t.Fatal(err)
		}
		until(time.Second-time.Since(began), func() bool { return fake.Identifies() > before && fake.Connected() > 0 })
		time.Sleep(time.Second - time.Since(began)) // the crash loop's pace is what is tested
		s.kill()
	}
	if got, want := fake.Identifies(), 3; got != want {
		t.Errorf("%d logins in %d lives of serve, want %d", got, *paceRestarts, want)
	}
}

// TestLeaseIsWatched has a replica lose the gateway's lease: to another one, as
// after a long stop, and because it cannot be prolonged.
func TestLeaseIsWatched(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, why := range []string{"another has it", "the store is gone"} {
		t.Run(why, func(t *testing.T) {
			store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "news.db"), sqlstore.Options{Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			a := &app{now: time.Now, store: store, log: slog.New(slog.DiscardHandler), news: &newsroom.Newsroom{Worker: "one"}}
			a.cfg.Timing.Lease.Duration = 600 * time.Millisecond
			if mine, err := store.AcquireLease(t.Context(), gatewayLease, "one", a.gatewayTime()); !mine || err != nil {
				t.Fatal(mine, err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			go a.renew(ctx, cancel)
			select {
			case <-ctx.Done():
				t.Fatal("it lost a lease that it can prolong")
			case <-time.After(2 * a.gatewayTime()):
			}
			if why == "another has it" {
				err = store.ReleaseLease(t.Context(), gatewayLease, "one")
				if mine, err2 := store.AcquireLease(t.Context(), gatewayLease, "other", time.Hour); !mine {
					err = err2
				}
			} else {
				err = store.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Second):
			}
			if got := context.Cause(ctx); got != errLeaseLost {
				t.Errorf("got %v, want %v", got, errLeaseLost)
			}
		})
	}
}

const stoppedConfig = `
[store]
url = %q
[timing]
poll = "50ms"
timeout = "400ms"
quiet = "900ms"
lease = "3s"
[discord]
token_env = "DISCORD_TOKEN"
api_url = %q
`

// TestStoppedHolderLetsGo stops the process that holds Discord's gateway for
// longer than its lease. Another takes over; the first one, woken, drops its
// connection.
func TestStoppedHolderLetsGo(t *testing.T) {
	if *paceRestarts < 60 {
		t.Skip("it takes half a minute; -pace.restarts=60 runs it")
	}
	var pg pgtest.Server
	defer pg.Stop()
	url := pg.Database(t)
	fake, err := discordfake.New(discordfake.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), fmt.Sprintf(stoppedConfig, url, fake.URL))
	start := func() *server {
		t.Helper()
		s, err := startServe(dir, "", "--config", filepath.Join(dir, "config.toml"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.kill2)
		return s
	}
	holder := start()
	if !until(20*time.Second, func() bool { return fake.Connected() == 1 }) {
		t.Fatalf("no login\n%s", holder.log)
	}
	other := start()
	sendSignal(t, holder, syscall.SIGSTOP)
	if !until(30*time.Second, func() bool { return fake.Connected() == 2 }) { // the stopped one is still connected
		t.Errorf("nobody took over\n%s", other.log)
	}
	sendSignal(t, holder, syscall.SIGCONT)
	if !until(10*time.Second, func() bool { return fake.Connected() == 1 }) {
		t.Errorf("%d processes hold the gateway\n%s", fake.Connected(), holder.log)
	}
	if until(time.Second, func() bool { return fake.Connected() != 1 }) || fake.Identifies() != 2 {
		t.Errorf("%d hold the gateway after %d logins", fake.Connected(), fake.Identifies())
	}
	if err := holder.stop(); err != nil || !strings.Contains(holder.log.String(), "another replica took the Discord gateway over") {
		t.Errorf("%v: the log of the first does not say that it let go\n%s", err, holder.log)
	}
	if err := other.stop(); err != nil {
		t.Error(err)
	}
}

func sendSignal(t *testing.T, s *server, sig syscall.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// TestUnheardIsToldOnce has a platform refuse the bot: the operators are told
// once, and again only after it was heard in between.
func TestUnheardIsToldOnce(t *testing.T) {
	t.Parallel()
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "news.db"), sqlstore.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var told strings.Builder
	a := &app{now: time.Now, store: store, log: slog.New(slog.DiscardHandler),
		news: &newsroom.Newsroom{Store: store, Now: time.Now, Log: slog.New(slog.NewTextHandler(&told, nil))}}
	refused := digest.Errorf(digest.Forbidden, "The bot cannot listen to Slack (invalid_auth).")
	for _, step := range []struct {
		do   func()
		want int
	}{
		{func() { a.unheard(t.Context(), "slack", nil) }, 0},
		{func() { a.unheard(t.Context(), "slack", refused) }, 1},
		{func() { a.unheard(t.Context(), "slack", refused) }, 1},
		{func() { a.unheard(t.Context(), "discord", refused) }, 2},
		{func() { a.heard("slack") }, 2},
		{func() { a.unheard(t.Context(), "slack", refused) }, 3},
	} {
		step.do()
		if got := strings.Count(told.String(), "operators are told"); got != step.want {
			t.Fatalf("told %d times, want %d\n%s", got, step.want, &told)
		}
	}
	if !strings.Contains(told.String(), "invalid_auth") {
		t.Errorf("the notice does not say why: %s", &told)
	}
}
