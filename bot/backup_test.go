package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// operate runs a command of the program at an instant and returns what it says.
func operate(t *testing.T, dir string, at time.Time, args ...string) string {
	t.Helper()
	said, err := attempt(dir, at, args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, said)
	}
	return said
}

// attempt is operate for a command that may fail.
func attempt(dir string, at time.Time, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(dir, "nutgraf"), append(args, "--config", filepath.Join(dir, "config.toml"))...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), clockVariable+"="+at.Format(time.RFC3339Nano), "SLACK_BOT_TOKEN="+slackfake.BotToken, "SLACK_APP_TOKEN="+slackfake.AppToken, "DISCORD_TOKEN=token")
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// TestRestoredCopy takes a backup while serve delivers, delivers more, and goes
// back to the backup: nothing is posted by itself, nothing is posted twice, and
// the next digest comes.
func TestRestoredCopy(t *testing.T) {
	t.Parallel()
	dir, l := t.TempDir(), newLife(t)
	write(t, filepath.Join(dir, "config.toml"), l.fill(stormConfig))
	first := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	known(t, dir, first.Add(-time.Hour))
	deliver := func(i int) time.Time {
		t.Helper()
		due := first.Add(time.Duration(i) * time.Hour)
		imported(t, dir, invented(i, due.Add(-time.Minute)))
		l.start(t, dir, due.Add(-500*time.Millisecond))
		if !until(20*time.Second, func() bool { return slotAt(t, dir, due).State == digest.SlotDone }) {
			t.Fatalf("slot %d is not done\n%s", i, l.serve.log)
		}
		return due
	}
	count := func(want int, when string) {
		t.Helper()
		for _, platform := range []string{"slack", "discord"} {
			if got := len(l.texts(platform)); got != want {
				t.Errorf("%s: %s shows %d messages, want %d\n%s", when, platform, got, want, l.serve.log)
			}
		}
	}
	due := deliver(0)
	copied := filepath.Join(dir, "copy.backup")
	if said := operate(t, dir, due.Add(time.Minute), "backup", copied); !strings.Contains(said, "holds 1 article,") {
		t.Errorf("backup says %q", said)
	}
	l.serve.kill()
	due = deliver(1)
	if err := l.serve.stop(); err != nil {
		t.Fatal(err)
	}
	count(4, "before the restore")

	operate(t, dir, due.Add(time.Minute), "restore", "--force", copied)
	imported(t, dir, invented(2, due.Add(-2*time.Minute))) // fetched again, and not the same as then
	l.start(t, dir, due.Add(5*time.Minute))
	if !until(10*time.Second, func() bool { return strings.Contains(l.serve.log.String(), "nutgraf deliveries resume") }) {
		t.Errorf("serve does not say what it waits for\n%s", l.serve.log)
	}
	if slot := slotAt(t, dir, due); slot.Key != "" {
		t.Errorf("a store that is restored decides slots: %+v", slot)
	}
	count(4, "before resume")
	if n := l.slack.Sockets() + l.discord.Connected(); n != 0 {
		t.Errorf("a store that is restored listens for commands beside the original, on %d connections", n)
	}
	if got := status(l.serve.address + "/readyz"); got != 503 {
		t.Errorf("/readyz answers %d, want 503", got)
	}
	if said, err := attempt(dir, l.now(), "build", "--post"); err == nil || !strings.Contains(said, "deliveries resume") {
		t.Errorf("build --post: %v, %s", err, said)
	}
	operate(t, dir, l.now(), "deliveries", "resume")
	if !until(20*time.Second, func() bool { return slotAt(t, dir, due).State == digest.SlotDone }) {
		t.Errorf("the slot is %+v, want it found\n%s", slotAt(t, dir, due), l.serve.log)
	}
	l.serve.kill()
	count(4, "after resume")
	deliver(3)
	l.serve.kill()
	count(6, "after the next slot")
}
