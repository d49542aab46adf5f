package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

// process is one `nutgraf serve` of a world.
type process struct {
	cmd   *exec.Cmd
	log   string        // path of its log
	ready chan struct{} // closed when it is about to work
	done  chan struct{} // closed when it has ended
	err   error         // with which it ended
}

// spawn starts a process and does not wait for it.
func (w *world) spawn(t *testing.T) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(w.dir, "nutgraf") // testscript.Main runs the command that the program's name says
	if err := os.Symlink(exe, link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	w.births++
	p := &process{cmd: exec.Command(link, "serve", "--listen", "", "--config", filepath.Join(w.dir, "config.toml")),
		log: filepath.Join(w.dir, fmt.Sprintf("%03d.log", w.births)), ready: make(chan struct{}), done: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p.cmd.Dir, p.cmd.Stderr = w.dir, log
	p.cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+slackfake.BotToken, "SLACK_APP_TOKEN="+slackfake.AppToken, "DISCORD_TOKEN=token")
	if !w.wallClock {
		p.cmd.Env = append(p.cmd.Env, clockVariable+"="+time.Duration(w.offset.Load()).Truncate(time.Millisecond).String())
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(out)
		if lines.Scan() { // it says what it will do, and begins
			close(p.ready)
		}
		_, _ = io.Copy(io.Discard, out) // until it ends
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // it may have ended
	return p
}

// up starts a process and waits until it is about to work.
func (w *world) up(t *testing.T) *process {
	t.Helper()
	p := w.spawn(t)
	p.await(t)
	return p
}

// await waits until the process is about to work.
func (p *process) await(t *testing.T) {
	t.Helper()
	select {
	case <-p.ready:
	case <-p.done:
		t.Fatalf("serve ended: %v\n%s", p.err, p.said())
	case <-time.After(chaosPatience):
		t.Fatalf("serve does not start\n%s", p.said())
	}
}

// kill ends the process without a chance to tidy up, and returns when that was.
func (p *process) kill(w *world) time.Time {
	at := w.now()
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
	return at
}

// signal sends a signal to the process.
func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Errorf("%v: %v\n%s", s, err, p.said())
	}
}

// said returns the end of the process's log.
func (p *process) said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-6000):])
}

// settle waits until every slot of a key has its outcome and no part is open.
func (w *world) settle(t *testing.T, key string, limit time.Duration) bool {
	t.Helper()
	return until(limit, func() bool {
		store := w.open(t)
		defer store.Close()
		slots, err := store.Slots(context.Background(), digest.SlotFilter{Limit: 4 * len(w.names)})
		if err != nil {
			return false
		}
		closed := 0
		for _, s := range slots {
			if s.Key == key && !s.Closed.IsZero() {
				closed++
			}
		}
		open, err := store.Deliveries(context.Background(), digest.PartFilter{States: []digest.PartState{digest.PartReady, digest.PartSending}, Limit: 1})
		return err == nil && closed == len(w.names) && len(open) == 0
	})
}

// finish lets a process bring the slots of a key to their end, and kills it.
func (w *world) finish(t *testing.T, p *process, key string) {
	t.Helper()
	if !w.settle(t, key, chaosPatience) {
		t.Errorf("the slots of %s do not come to an end\n%s", key, p.said())
	}
	p.kill(w)
}

// stop asks the process to end, and returns how long that took and its error.
func (p *process) stop(t *testing.T) (time.Duration, error) {
	t.Helper()
	began := time.Now()
	p.signal(t, syscall.SIGTERM)
	select {
	case <-p.done:
		return time.Since(began), p.err
	case <-time.After(30 * time.Second):
		return time.Since(began), errors.New("it does not end")
	}
}

// clockAt is a value of NUTGRAF_CLOCK.
func clockAt(t time.Time, speed int) string {
	return fmt.Sprintf("%s*%d", t.Format(time.RFC3339), speed)
}

// write writes a file.
func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// imported stores articles, as `nutgraf import` does beside a serve.
func imported(tb testing.TB, dir string, articles ...string) {
	tb.Helper()
	var out strings.Builder
	code := run([]string{"import", "--config", filepath.Join(dir, "config.toml"), "-"}, stdio{strings.NewReader(strings.Join(articles, "\n")), &out, &out})
	if code != exitOK || !strings.Contains(out.String(), fmt.Sprintf("%d added", len(articles))) {
		tb.Fatalf("import: exit %d\n%s", code, &out)
	}
}

// known makes the configured subscriptions known at an instant, so that slots
// after it are due however long serve takes to start.
func known(tb testing.TB, dir string, at time.Time) {
	tb.Helper()
	cfg, err := loadConfig(filepath.Join(dir, "config.toml"))
	if err != nil {
		tb.Fatal(err)
	}
	store, err := sqlstore.Open(context.Background(), cfg.Store.URL, sqlstore.Options{Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	defer store.Close()
	if err := store.PutSubscriptions(context.Background(), cfg.subscriptions(at), "config"); err != nil {
		tb.Fatal(err)
	}
}

// invented returns the i-th article, about an event of its own: no two share
// a word.
func invented(i int, at time.Time) string {
	words := make([]string, 16)
	for n := range words {
		words[n] = fmt.Sprintf("%c%c%c%c%c", 'b'+i%20, 'a'+n%5*4, 'b'+i/20%20, 'a'+i/400%4*4, 'b'+n)
	}
	return fmt.Sprintf(`{"id":"n%d","title":%q,"text":%q,"source":"Paper %d","published":%q}`,
		i, strings.Join(words[:8], " "), strings.Join(words[8:], " ")+".", i%4, at.Format(time.RFC3339))
}
