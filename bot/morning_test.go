package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

var paceMorning = flag.Int("pace.morning", 0, "how many subscriptions are due at eight, with the default timings; 500 is the figure that counts")

// TestMorning has hundreds of subscriptions due at the same minute: all are
// posted within ten minutes, in bounded memory, spread over a minute and
// without a post too many.
func TestMorning(t *testing.T) {
	if *paceMorning == 0 {
		t.Skip("it takes minutes; -pace.morning=500 runs it")
	}
	dir := t.TempDir()
	l := &life{}
	var err error
	if l.slack, err = slackfake.New(l.now); err != nil {
		t.Fatal(err)
	}
	defer l.slack.Close()
	l.slack.RateLimit(true)
	var config strings.Builder
	fmt.Fprintf(&config, "[store]\nurl = \"news.db\"\n[slack]\nbot_token_env = \"SLACK_BOT_TOKEN\"\napp_token_env = \"SLACK_APP_TOKEN\"\napi_url = %q\n", l.slack.URL())
	for i := range *paceMorning {
		channel := fmt.Sprintf("CM%d", i)
		l.slack.AddChannel(slackfake.Channel{ID: channel, Name: strings.ToLower(channel), Member: true})
		fmt.Fprintf(&config, "[[subscription]]\nid = \"s%d\"\nchannels = [\"slack:%s/%s\"]\ncron = \"0 8 * * *\"\n", i, slackfake.Team, channel)
	}
	write(t, filepath.Join(dir, "config.toml"), config.String())
	due := time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)
	var articles strings.Builder
	for i := range 300 {
		articles.WriteString(invented(i, due.Add(-time.Hour)) + "\n")
	}
	var out strings.Builder
	if code := run([]string{"import", "--config", filepath.Join(dir, "config.toml"), "-"}, stdio{strings.NewReader(articles.String()), &out, &out}); code != exitOK {
		t.Fatal(out.String())
	}
	known(t, dir, due.Add(-24*time.Hour))
	l.start(t, dir, due.Add(-10*time.Second))
	began := time.Now().Add(10 * time.Second)
	done := 0
	if !until(11*time.Minute, func() bool {
		time.Sleep(2 * time.Second) // the look is expensive
		store := openStore(t, dir)
		defer store.Close()
		slots, err := store.Slots(t.Context(), digest.SlotFilter{States: []digest.SlotState{digest.SlotDone}, Limit: 2 * *paceMorning})
		done = len(slots)
		return err == nil && done == *paceMorning
	}) {
		t.Errorf("%d of %d slots are done\n%.3000s", done, *paceMorning, l.serve.log)
	}
	posts := 0
	for i := range *paceMorning {
		posts += len(l.slack.Posts(fmt.Sprintf("CM%d", i)))
	}
	took, peak := time.Since(began), peakMemory(t, l.serve.cmd.Process.Pid)
	t.Logf("%d digests in %d messages took %s after eight; the peak memory was %d MiB; %d posts were refused", done, posts, took.Round(time.Second), peak>>20, l.slack.Calls("chat.postMessage")-posts)
	if took > 10*time.Minute || peak > 256<<20 {
		t.Errorf("want at most 10 minutes and 256 MiB")
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory returns the most memory that a process had so far, in bytes.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("this system does not tell: ", err)
	}
	m := highWater.FindSubmatch(status)
	if m == nil {
		t.Skip("this system does not tell")
	}
	kb, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
