package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// operated starts serve with more configuration over a slot that is due, and
// returns it and the address of its metrics.
func operated(t *testing.T, dir string, l *life, more string) (due time.Time, metrics string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		t.Fatal(err)
	}
	metrics = ln.Addr().String()
	ln.Close()
	write(t, filepath.Join(dir, "config.toml"), l.fill(stormConfig)+fmt.Sprintf("[metrics]\nlisten = %q\npprof = true\n", metrics)+more)
	due = time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	known(t, dir, due.Add(-time.Hour))
	imported(t, dir, invented(1, due.Add(-time.Minute)))
	l.start(t, dir, due.Add(-300*time.Millisecond))
	return due, "http://" + metrics
}

// TestOperatorsView reads the metrics, the readiness and the heartbeat of a
// serve that posted a digest.
func TestOperatorsView(t *testing.T) {
	t.Parallel()
	var beats atomic.Int32
	watcher := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping/secret" {
			beats.Add(1)
		}
	}))
	defer watcher.Close()
	dir, l := t.TempDir(), newLife(t)
	due, base := operated(t, dir, l, fmt.Sprintf("[heartbeat]\nurl = %q\n", watcher.URL+"/ping/secret"))
	if !until(20*time.Second, func() bool { return slotAt(t, dir, due).State == digest.SlotDone }) {
		t.Fatalf("the slot is not done\n%s", l.serve.log)
	}
	_, _ = post(l.serve.address, "status")
	page, err := fetch(base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`nutgraf_slots_total{outcome="done"} 1`, `nutgraf_slots_total{outcome="missed"} 0`, "nutgraf_slots_missed_total 0",
		`nutgraf_parts{state="ready"} 0`, "nutgraf_parts_unknown 0", "nutgraf_source_failures 0", "nutgraf_ready 1",
		`nutgraf_posts_total{class="sent",platform="slack"} 2`, `nutgraf_posts_total{class="sent",platform="discord"} 2`,
		`nutgraf_delivery_lag_seconds_count{platform="slack"} 2`, fmt.Sprintf(`nutgraf_breaker_state{platform="slack",workspace=%q} 0`, slackfake.Team),
		"nutgraf_build_seconds_count 1", `nutgraf_command_seconds_count{command="status"} 1`, "nutgraf_egress_blocked_total 0", "nutgraf_build_info{", "go_goroutines ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	manual, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`nutgraf_[a-z_]+`).FindAllString(string(manual), -1) {
		if !strings.Contains(page, "# TYPE "+name+" ") {
			t.Errorf("docs/operations.md names %s, which is not there", name)
		}
	}
	if t.Failed() {
		for lines := bufio.NewScanner(strings.NewReader(page)); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "nutgraf_") {
				t.Log(lines.Text())
			}
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/debug/pprof/": 200, "/": 404} {
		if got := status(base + path); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	if !until(10*time.Second, func() bool { return beats.Load() > 0 }) {
		t.Errorf("no heartbeat came\n%s", l.serve.log)
	}
	if strings.Contains(l.serve.log.String(), "secret") {
		t.Error("the heartbeat's address is in the log")
	}
}

// TestReload changes the configuration under a running serve.
func TestReload(t *testing.T) {
	t.Parallel()
	dir, l := t.TempDir(), newLife(t)
	_, _ = operated(t, dir, l, "")
	config := filepath.Join(dir, "config.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	hangUp := func(text, want string) {
		t.Helper()
		write(t, config, text)
		if err := l.serve.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if !until(10*time.Second, func() bool { return strings.Contains(l.serve.log.String(), want) }) {
			t.Errorf("the log lacks %q\n%s", want, l.serve.log)
		}
	}
	subscriptions := func() string {
		s := openStore(t, dir)
		defer s.Close()
		subs, err := s.Subscriptions(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, sub := range subs {
			names = append(names, strings.TrimSpace(sub.ID+" "+sub.Disabled))
		}
		return strings.Join(names, ", ")
	}
	if !until(10*time.Second, func() bool { return strings.Contains(subscriptions(), "hourly") }) {
		t.Fatal("serve did not start")
	}
	hangUp(string(text)+"[[subscription]]\nid = \"bad\"\ncron = \"0 25 * * *\"\n", "config.toml:")
	if got, want := subscriptions(), "hourly"; got != want {
		t.Errorf("after a bad file: got %s, want %s", got, want)
	}
	better := strings.NewReplacer(`id = "hourly"`, `id = "other"`, "poll = \"50ms\"", "poll = \"60ms\"").Replace(string(text)) + "[log]\nlevel = \"debug\"\n"
	hangUp(better, "[timing] poll")
	if got, want := subscriptions(), "hourly removed from the configuration, other"; got != want {
		t.Errorf("after a good file: got %s, want %s", got, want)
	}
}

// silent answers nothing.
type silent struct{ attendant }

func (silent) Handle(context.Context, chat.Command) chat.Reply { return chat.Reply{} }

// TestFewLabels sees that the number of series is bounded whatever comes.
func TestFewLabels(t *testing.T) {
	m := newMetrics(nil)
	h := timed{silent{}, m, time.Now}
	var breakers []newsroom.Breaker
	for i := range 1000 {
		h.Handle(context.Background(), chat.Command{Name: fmt.Sprint("x", i)})
		breakers = append(breakers, newsroom.Breaker{Name: fmt.Sprintf("slack:T%d", i), State: newsroom.BreakerState(i % 2)})
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if n := len(f.GetMetric()); n > 20 {
			t.Errorf("%s has %d series", f.GetName(), n)
		}
	}
	if got := busiest(breakers); len(got) != maxBreakers || got[0].State == newsroom.Closed {
		t.Errorf("got %d breakers, the first %s: want the worst %d", len(got), got[0].State, maxBreakers)
	}
}
