package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// TestBuildAndPost posts a digest by a command: by itself when nothing else
// delivers, through serve when it runs.
func TestBuildAndPost(t *testing.T) {
	t.Parallel()
	dir, l := t.TempDir(), newLife(t)
	write(t, filepath.Join(dir, "config.toml"), l.fill(stormConfig))
	if err := program(dir); err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 5, 3, 6, 20, 0, 0, time.UTC)
	known(t, dir, due.Add(-time.Minute))
	l.offset.Store(int64(time.Until(due)))
	imported(t, dir, invented(1, due.Add(-time.Minute)))
	if said := operate(t, dir, l.now(), "build", "--post"); !strings.Contains(said, "2026-05-03T06:20 of hourly: done") {
		t.Errorf("it says %q", said)
	}
	if s, d := len(l.texts("slack")), len(l.texts("discord")); s != 2 || d != 2 {
		t.Errorf("slack shows %d messages, discord %d, want 2 each", s, d)
	}
	due = due.Add(10 * time.Minute)
	imported(t, dir, invented(2, due.Add(-time.Minute)))
	l.start(t, dir, due)
	if said := operate(t, dir, l.now(), "build", "--post"); !strings.Contains(said, "the running serve delivers it") {
		t.Errorf("beside serve it says %q", said)
	}
	if !until(20*time.Second, func() bool { return slotAt(t, dir, due).State == digest.SlotDone }) {
		t.Errorf("serve does not deliver what was queued: %+v\n%s", slotAt(t, dir, due), l.serve.log)
	}
	if s, d := len(l.texts("slack")), len(l.texts("discord")); s != 4 || d != 4 {
		t.Errorf("slack shows %d messages, discord %d, want 4 each", s, d)
	}
}
