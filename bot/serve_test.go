package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

// server is a running `nutgraf serve`.
type server struct {
	cmd     *exec.Cmd
	address string // of its web page
	log     *logged
	done    chan error
}

// logged is what a process said so far.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// program puts the program into a folder: testscript.Main runs the command that
// its name says.
func program(dir string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Symlink(exe, filepath.Join(dir, "nutgraf")); err != nil && !os.IsExist(err) {
		return err
	}
	return nil
}

// startServe starts the program with a clock and waits for its web page.
func startServe(dir, clock string, args ...string) (*server, error) {
	if err := program(dir); err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(dir, "nutgraf"), append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NUTGRAF_CLOCK="+clock, "SLACK_BOT_TOKEN="+slackfake.BotToken, "SLACK_APP_TOKEN="+slackfake.AppToken, "DISCORD_TOKEN=token")
	s := &server{cmd: cmd, log: &logged{}, done: make(chan error, 1)}
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, addr, ok := strings.Cut(lines.Text(), "the web page is at "); ok {
			s.address = addr
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		s.done <- cmd.Wait()
	}()
	if s.address == "" {
		<-s.done
		return nil, &exec.Error{Name: "serve", Err: errorString(s.log.String())}
	}
	return s, nil
}

type errorString string

func (e errorString) Error() string { return string(e) }

// kill ends the process without a chance to tidy up.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// stop ends the process as an operator does.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return <-s.done
}

// until polls f until it is true or the time is up.
func until(limit time.Duration, f func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if f() {
			return true
		}
	}
	return f()
}

// pending returns how many slots of a store are on their way.
func pending(ctx context.Context, path string) (int, error) {
	store, err := sqlstore.Open(ctx, path, sqlstore.Options{Now: time.Now, ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer store.Close()
	slots, err := store.Slots(ctx, digest.SlotFilter{States: []digest.SlotState{digest.SlotDue, digest.SlotSelected, digest.SlotBuilt}})
	return len(slots), err
}

// serveUntil is the script command `serve CLOCK PATTERN [COMMAND LINE]`: it runs
// serve from the clock's time until the channel page shows the pattern and
// nothing is on its way, types the command line, and stops serve in order. The
// answer is kept for ask.
func serveUntil(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: serve CLOCK PATTERN [command line]")
	}
	pattern := regexp.MustCompile(args[1])
	s, err := startServe(ts.MkAbs("."), args[0], "--config", ts.MkAbs("config.toml"))
	ts.Check(err)
	defer s.kill2()
	shown := until(30*time.Second, func() bool {
		page, err := fetch(s.address + "/channel/news")
		if err != nil || !pattern.MatchString(page) {
			return false
		}
		n, err := pending(context.Background(), ts.MkAbs("news.db"))
		return err == nil && n == 0
	})
	if shown == neg {
		page, _ := fetch(s.address + "/channel/news")
		ts.Fatalf("channel shows %v: %v\n%s\n%s", pattern, shown, page, s.log)
	}
	if len(args) > 2 {
		answer, err := post(s.address, strings.Join(args[2:], " "))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("answer.html"), []byte(answer), 0o644))
	}
	ts.Check(s.stop())
}

// kill2 ends a server that was not stopped.
func (s *server) kill2() { _ = s.cmd.Process.Kill() }

// ask is the script command `ask PATTERN`: the last answer matches it.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("answer.html")
	if regexp.MustCompile(args[0]).MatchString(text) == neg {
		ts.Fatalf("answer matches %q: %v\n%s", args[0], !neg, text)
	}
}

func fetch(address string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	return do(req)
}

// post types a command line into the page's box.
func post(address, line string) (string, error) {
	form := url.Values{"line": {line}}
	req, err := http.NewRequest(http.MethodPost, address+"/command", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(req)
}

func do(req *http.Request) (string, error) {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}
