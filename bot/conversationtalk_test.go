package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	patience = 20 * time.Second        // for what must come
	stillFor = 120 * time.Millisecond  // nothing new comes after that
	perPost  = 1100 * time.Millisecond // of the script's clock, as channels have it
)

// places are where people talk: #news, #editors of the managers, the direct
// messages of ana, and a channel of another workspace.
var places = []string{"far", "direct", "editors", "news"}

// begin is when every script begins.
var begin = time.Date(2026, 5, 3, 7, 30, 0, 0, time.UTC)

// room is a platform as the people of a conversation use it. What people do
// returns when the platform has shown the first answer.
type room interface {
	say(who, place, line string, file *attached) error
	press(who, place string, c control) error
	choose(who string, c control, value string) error
	fill(who string, values map[string]string) error // the form that is open, and sends it
	shortcut(who, name, text string) error           // on a message with that text
	repeat() error                                   // of the last thing that somebody did
	expire() error                                   // of what the next form needs
	remove() error                                   // #news
	offers(who, name, option, typed string) ([]string, error)
	acknowledged() bool     // the platform knows that the last thing has arrived
	seen(who string) []seen // all that a person sees, oldest first
	oracle()                // holds all that was sent against the platform's own description
}

// attached is a file at a command.
type attached struct {
	name string
	data []byte
}

// seen is one thing that a person sees: a message, a window, a page.
type seen struct {
	text     string
	controls []control
}

// control is a button or a menu.
type control struct {
	label, id, place string
	menu             bool
	options          [][2]string // value and label
	under            any         // what it stands under, for the room
}

// turned is a clock that scripts turn.
type turned struct {
	mu  sync.Mutex
	now time.Time
}

func (c *turned) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *turned) turn(d time.Duration) { c.set(c.Now().Add(d)) }

func (c *turned) set(at time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.now = at }

// gate holds handlers up, and knows when all is answered.
type gate struct {
	attendant
	mu   sync.Mutex
	held chan struct{} // nil: open
	here int
	busy int
	ever int // commands that came
}

func (g *gate) hold() { g.mu.Lock(); defer g.mu.Unlock(); g.held, g.here = make(chan struct{}), 0 }

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.held)
	g.held = nil
}

func (g *gate) waiting() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.here > 0 }

// idle reports whether every command was answered in full.
func (g *gate) idle() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.busy == 0 }

// came returns how many commands came so far.
func (g *gate) came() int { g.mu.Lock(); defer g.mu.Unlock(); return g.ever }

// Handle handles a command when the gate is open. The platforms end its context
// when they have given the last message of the answer.
func (g *gate) Handle(ctx context.Context, c chat.Command) chat.Reply {
	g.mu.Lock()
	held := g.held
	g.here++
	g.ever++
	if ctx.Done() != nil {
		g.busy++
		context.AfterFunc(ctx, func() { g.mu.Lock(); defer g.mu.Unlock(); g.busy-- })
	}
	g.mu.Unlock()
	if held != nil {
		<-held
	}
	return g.attendant.Handle(ctx, c)
}

// talk is one script on one platform.
type talk struct {
	t       *testing.T
	venue   venue
	archive *txtar.Archive
	feed    string
	editors string // id of their channel
	clock   *turned
	cfg     Config
	app     *app
	slow    *gate
	room    room
	log     *journal

	takes     time.Duration // of the next command
	atOnce    bool          // somebody pressed at the same time as somebody else
	pressed   control       // last
	pressedIn string
	offer     string              // what an option was completed to last
	marks     map[string][]string // what each person had seen at the mark
}

// journal keeps a log.
type journal struct {
	mu  sync.Mutex
	out bytes.Buffer
}

// Write keeps a line.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.Write(b)
}

// String returns the log.
func (j *journal) String() string { j.mu.Lock(); defer j.mu.Unlock(); return j.out.String() }

// newTalk prepares a script. The room opens the program on its platform.
func newTalk(t *testing.T, on venue, archive *txtar.Archive) *talk {
	k := &talk{t: t, venue: on, archive: archive, clock: &turned{now: begin}, log: &journal{}, marks: make(map[string][]string)}
	server := httptest.NewServer(http.HandlerFunc(k.serve))
	t.Cleanup(server.Close)
	k.feed = server.URL
	k.cfg = defaults()
	k.cfg.Store.URL = filepath.Join(t.TempDir(), "news.db")
	k.cfg.Timing.Jitter = Duration{time.Nanosecond}
	k.cfg.Fetch.Allow = []Prefix{{netip.MustParsePrefix("127.0.0.0/8")}}
	if !k.archiveHas("news.jsonl") {
		if err := os.WriteFile(k.cfg.Store.URL, stocked(t), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// open wires the program, once the room has put its platform into k.cfg.
func (k *talk) open() {
	k.t.Helper()
	var err error
	std := stdio{strings.NewReader(""), io.Discard, k.log}
	if k.app, err = wire(context.Background(), std, k.cfg, openOptions{platforms: true, deliver: true, now: k.clock.Now}); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(k.app.close)
	for name, m := range k.app.news.Manners {
		m.Gap = 0 // it would be waited for by another clock than the script's
		k.app.news.Manners[name] = m
	}
	k.slow = &gate{attendant: k.app.handler()}
	if err := k.app.register(context.Background()); err != nil {
		k.t.Fatal(err)
	}
	if k.archiveHas("news.jsonl") {
		if err := k.articles(k.file("news.jsonl")); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *talk) archiveHas(name string) bool {
	return slices.ContainsFunc(k.archive.Files, func(f txtar.File) bool { return f.Name == name })
}

// call serves what the platforms call, as serve does, and returns its address.
func (k *talk) call() (string, *http.Client) {
	k.t.Helper()
	page, err := k.app.webServer()
	if err != nil {
		k.t.Fatal(err)
	}
	mount(page, k.app.endpoints(k.slow))
	server := httptest.NewServer(page)
	k.t.Cleanup(server.Close)
	return server.URL, server.Client()
}

// secret keeps a secret in a file.
func (k *talk) secret(value string) string {
	path := filepath.Join(k.t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
		k.t.Fatal(err)
	}
	return path
}

// serve serves the files of the script.
func (k *talk) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if !k.archiveHas(name) {
		http.NotFound(w, r)
		return
	}
	kind := "text/html; charset=utf-8"
	if strings.HasSuffix(name, ".xml") {
		kind = "application/rss+xml"
	}
	w.Header().Set("Content-Type", kind)
	for _, f := range k.archive.Files {
		if f.Name == name {
			_, _ = io.WriteString(w, k.fill(string(f.Data))) // the asker may be gone
		}
	}
}

// stocked returns a store with the articles that scripts without their own find.
var stocked = func() func(t *testing.T) []byte {
	var once sync.Once
	var stock []byte
	return func(t *testing.T) []byte {
		once.Do(func() { stock = stockUp(t) })
		if stock == nil {
			t.Fatal("the stock of articles could not be made")
		}
		return stock
	}
}()

func stockUp(t *testing.T) []byte {
	cfg := defaults()
	dir, err := os.MkdirTemp("", "nutgraf-stock-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cfg.Store.URL = filepath.Join(dir, "news.db")
	a, err := wire(context.Background(), stdio{strings.NewReader(""), io.Discard, io.Discard}, cfg, openOptions{now: func() time.Time { return begin }})
	if err != nil {
		t.Fatal(err)
	}
	run := importer{app: a, source: "import", workspace: digest.Shared, counts: make(map[digest.Verdict]int)}
	if err := run.file(context.Background(), "testdata/conversations/stock.jsonl"); err != nil || run.counts[digest.Refused] > 0 {
		t.Fatal(run.counts, err)
	}
	if err := a.drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	a.close()
	out, err := os.ReadFile(cfg.Store.URL)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pump lets the newsroom do all that is due; the clock goes on as long as posts
// are on their way.
func (k *talk) pump() error {
	ctx := context.Background()
	for range 100 {
		if err := k.app.drain(ctx); err != nil {
			return err
		}
		left, err := k.app.store.Deliveries(ctx, digest.PartFilter{States: []digest.PartState{digest.PartReady, digest.PartSending}})
		if err != nil || len(left) == 0 {
			return err
		}
		k.clock.turn(perPost)
	}
	return nil
}

// mark forgets what people have seen so far.
func (k *talk) mark() {
	k.offer = ""
	for _, who := range []string{"ana", "tom", "eve"} {
		var texts []string
		for _, m := range k.room0(who) {
			texts = append(texts, m.text)
		}
		k.marks[who] = texts
	}
}

// room0 is what a person sees, while there is a room.
func (k *talk) room0(who string) []seen {
	if k.room == nil {
		return nil
	}
	return k.room.seen(who)
}

// fresh returns what a person has seen since the mark.
func (k *talk) fresh(who string) []string {
	old := slices.Clone(k.marks[who])
	var out []string
	if k.offer != "" {
		out = append(out, k.offer)
	}
	for _, m := range k.room0(who) {
		if i := slices.Index(old, m.text); i >= 0 {
			old = slices.Delete(old, i, i+1)
			continue
		}
		out = append(out, m.text)
	}
	return out
}

// settle waits until nothing new comes any more.
func (k *talk) settle() {
	last := ""
	for still := time.Now(); time.Since(still) < stillFor; time.Sleep(20 * time.Millisecond) {
		if now := strings.Join(k.fresh("ana"), "\n") + "\x00" + strings.Join(k.fresh("tom"), "\n"); now != last {
			last, still = now, time.Now()
		}
	}
}
