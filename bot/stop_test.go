package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
)

// newLife starts both fakes.
func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{}
	var err error
	if l.slack, err = slackfake.New(l.now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.slack.Close)
	if l.discord, err = discordfake.New(discordfake.Options{Now: l.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.discord.Close() })
	l.discord.AddChannel(lifeGuild, lifeChannel, "news", discordfake.All)
	return l
}

// fill puts the fakes' addresses into a configuration.
func (l *life) fill(text string) string {
	return strings.NewReplacer("$SLACK_API", l.slack.URL(), "$DISCORD_API", l.discord.URL,
		"$TEAM", slackfake.Team, "$GUILD", lifeGuild, "$CHANNEL", lifeChannel).Replace(text)
}

// busy starts serve on twenty channels of which none answers, and waits until
// a post to each is in flight.
func busy(t *testing.T, l *life, dir string) {
	t.Helper()
	config := "[store]\nurl = \"news.db\"\n[timing]\npoll = \"50ms\"\njitter = \"1ms\"\n[slack]\nbot_token_env = \"SLACK_BOT_TOKEN\"\napp_token_env = \"SLACK_APP_TOKEN\"\napi_url = \"$SLACK_API\"\n"
	for i := range 20 {
		channel := fmt.Sprintf("CR%d", i)
		l.slack.AddChannel(slackfake.Channel{ID: channel, Name: strings.ToLower(channel), Member: true})
		config += fmt.Sprintf("[[subscription]]\nid = \"s%d\"\nchannels = [\"slack:$TEAM/%s\"]\ncron = \"0 * * * *\"\n", i, channel)
		l.slack.Fail("chat.postMessage", slackfake.Hang().Stored())
	}
	write(t, filepath.Join(dir, "config.toml"), l.fill(config))
	due := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	known(t, dir, due.Add(-time.Hour))
	imported(t, dir, invented(1, due.Add(-time.Minute)))
	l.start(t, dir, due.Add(-100*time.Millisecond))
	if !until(20*time.Second, func() bool { return l.slack.Calls("chat.postMessage") >= 20 }) {
		t.Fatalf("%d posts are in flight, want 20\n%s", l.slack.Calls("chat.postMessage"), l.serve.log)
	}
}

// TestStopWithPostsInFlight sees that serve ends in time with posts that nobody
// answers, and that nothing is sent twice after that.
func TestStopWithPostsInFlight(t *testing.T) {
	t.Parallel()
	l, dir := newLife(t), t.TempDir()
	busy(t, l, dir)
	began := time.Now()
	if err := l.serve.stop(); err != nil {
		t.Errorf("stop: %v\n%s", err, l.serve.log)
	}
	took := time.Since(began)
	if took > 10*time.Second {
		t.Errorf("it took %v to stop, want less than 10 s", took)
	}
	t.Logf("stopped after %v", took)
	if !strings.Contains(l.serve.log.String(), "posts in flight were cut off") {
		t.Errorf("the posts ended by themselves; nothing was cut off\n%s", l.serve.log)
	}
	if n := l.slack.Calls("chat.postMessage"); n != 20 {
		t.Errorf("%d posts were begun, want no more than the 20 before it was told to stop", n)
	}
}

// TestSecondSignal sees that a second signal does not wait for anything.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	l, dir := newLife(t), t.TempDir()
	busy(t, l, dir)
	began := time.Now()
	for range 2 {
		if err := l.serve.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if !until(5*time.Second, func() bool { return strings.Contains(l.serve.log.String(), "stopping") }) {
			t.Fatalf("it does not say that it stops\n%s", l.serve.log)
		}
	}
	err := <-l.serve.done
	var exit *exec.ExitError
	if took := time.Since(began); !errors.As(err, &exit) || took > 3*time.Second {
		t.Errorf("ended after %v with %v, want at once, by the signal", took, err)
	}
}

// TestSecondServe sees that a second process on the same file ends at once,
// with one sentence, and leaves the first one alone.
func TestSecondServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), chaosConfig)
	first, err := startServe(dir, "", "--config", filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	defer first.kill2()
	var out strings.Builder
	began := time.Now()
	code := run([]string{"serve", "--config", filepath.Join(dir, "config.toml"), "--listen", "127.0.0.1:0"}, stdio{nil, &out, &out})
	if took := time.Since(began); code != exitFailed || took > 5*time.Second {
		t.Errorf("exit %d after %v, want %d within 5 s", code, took, exitFailed)
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "another Nutgraf delivers from") {
		t.Errorf("it says %q, want one sentence", got)
	}
	// Other commands write beside it.
	imported(t, dir, invented(1, time.Now()))
	if err := first.stop(); err != nil {
		t.Error(err)
	}
}
