package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/digest"
)

// sqlDB opens a database without the store.
func sqlDB(t testing.TB, address string) *sql.DB {
	t.Helper()
	db := must1(sql.Open("pgx", address))(t)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openPostgres(t testing.TB, address string, o Options) *Store {
	t.Helper()
	o.Now = newClock().now
	s, err := Open(context.Background(), address, o)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// refusedPostgres checks that a database is not opened, for a reason.
func refusedPostgres(t testing.TB, address string, o Options, kind digest.Kind, reason string) {
	t.Helper()
	o.Now = newClock().now
	s, err := Open(context.Background(), address, o)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	wantKind(t, err, kind)
	if !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %q, want it to say %q and no password", err, reason)
	}
}

func TestPostgresAddresses(t *testing.T) {
	t.Parallel()
	refusedPostgres(t, "postgres://user:secret@host:notaport/db", Options{}, digest.Invalid, "write postgres://")
	refusedPostgres(t, "postgres://user:secret@host/db?pool_max_conns=1", Options{}, digest.Invalid, "pool_max_conns=1")
	refusedPostgres(t, "postgres://user:secret@127.0.0.1:1/news", Options{}, digest.Unavailable, "the database news on 127.0.0.1 cannot be reached")
	address := must1(url.Parse(server.Database(t)))(t)
	missing := *address
	missing.Path = "/nosuch"
	refusedPostgres(t, missing.String(), Options{}, digest.Unavailable, "refuses the login")
	for _, query := range []string{"&pool_max_conns=2", "&default_query_exec_mode=exec", "&default_query_exec_mode=cache_statement"} {
		s := openPostgres(t, address.String()+query, Options{})
		must(t, s.Ping(context.Background()))
		if got := store(t, s, article(len(query))); got != "added" {
			t.Errorf("%s: got %s", query, got)
		}
	}
	other := server.Database(t)
	must1(sqlDB(t, other).Exec(`CREATE TABLE bookmarks (url text)`))(t)
	refusedPostgres(t, other, Options{}, digest.Conflict, "another program")
	if os.Getenv("TEST_POSTGRES_URL") != "" {
		return // a pooler takes no search_path
	}
	must1(sqlDB(t, other).Exec(`CREATE SCHEMA news`))(t)
	must(t, openPostgres(t, other+"&search_path=news", Options{}).Ping(context.Background()))
	refusedPostgres(t, other+"&search_path=nosuch", Options{}, digest.Conflict, "no schema")
}

func TestPostgresVersions(t *testing.T) {
	t.Parallel()
	address := server.Database(t)
	have := latest(t)
	refusedPostgres(t, address, Options{ReadOnly: true}, digest.Conflict, fmt.Sprintf("schema version 0, but this program needs version %d", have))
	s := openPostgres(t, address, Options{})
	store(t, s, article(1))
	readOnly := openPostgres(t, address, Options{ReadOnly: true, Check: true})
	if c := must1(readOnly.Counts(context.Background(), digest.Shared))(t); c.Articles != 1 || readOnly.InstallID() != s.InstallID() {
		t.Errorf("read only: got %d articles of %q, want 1 of %q", c.Articles, readOnly.InstallID(), s.InstallID())
	}
	wantKind(t, readOnly.Ping(context.Background()), digest.Unavailable)

	s.dialect.migrations = more(t, s.dialect)
	wantKind(t, s.migrate(context.Background(), have, true), digest.Conflict)
	must(t, s.migrate(context.Background(), have, false))
	must1(s.w.Exec(`INSERT INTO more VALUES (1)`))(t)
	refusedPostgres(t, address, Options{}, digest.Conflict, fmt.Sprintf("schema version %d, but this program knows versions up to %d", have+1, have))
}

func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	address := server.Database(t)
	s := openPostgres(t, server.Database(t), Options{})
	var names [3]string
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			s, err := Open(context.Background(), address, Options{Now: newClock().now})
			if err != nil {
				t.Error(err)
				return
			}
			names[i] = s.InstallID()
			must(t, s.Close())
		})
	}
	wg.Wait()
	if names[0] == "" || names[1] != names[0] || names[2] != names[0] {
		t.Errorf("got installations %q, want one", names)
	}
	var rows, different int
	must(t, sqlDB(t, address).QueryRow(`SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`).Scan(&rows, &different))
	if want := len(more(t, s.dialect)); different != want || rows != want { // 0 is among them
		t.Errorf("got %d rows of %d versions, want each migration once", rows, different)
	}
}

func TestServersClockMeasuresLeases(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, server.Database(t), Options{}) // by its own clock it is months ago
	ctx := context.Background()
	subscribe(t, s, "sub", channel)
	built(t, s, slotAt("sub", 0), false, 1, channel)
	_, c := claim(t, s, "sub-2026-03-29T08:00-C1-1")
	if left := time.Until(c.Until); left < 50*time.Second || left > 70*time.Second {
		t.Errorf("the lease lasts %v, want a minute", left)
	}
	must1(s.Lock())(t)()
	must1(s.Lock())(t)()
	must(t, s.VoidLeases(ctx))
	claim(t, s, "") // others may deliver too
}

// TestServerCrashes restarts the server while workers claim and articles come
// in: nothing is lost and nothing is done twice.
func TestServerCrashes(t *testing.T) {
	const parts = 600
	address := server.Database(t)
	s := openPostgres(t, address, Options{})
	second := openPostgres(t, address, Options{})
	var channels []digest.Address
	for i := range parts {
		channels = append(channels, digest.Address{Platform: "slack", Workspace: "T1", Channel: fmt.Sprintf("C%d", i)})
	}
	subscribe(t, s, "sub", channels...)
	built(t, s, slotAt("sub", 0), false, 1, channels...)
	var done atomic.Bool
	var added int
	var wg sync.WaitGroup
	wg.Go(func() {
		for !done.Load() {
			_, err := s.AddArticles(context.Background(), []digest.Article{article(added)})
			if err == nil {
				added++
			} else if digest.KindOf(err) != digest.Unavailable {
				t.Error(err)
				return
			}
		}
	})
	wg.Go(func() {
		time.Sleep(50 * time.Millisecond) // somewhere within the claims
		server.Restart(t)
	})
	times := claimAll(t, parts, s, second, s, second, s, second, s, second)
	done.Store(true)
	wg.Wait()
	for key, n := range times {
		if n != 1 {
			t.Errorf("%s was claimed %d times", key, n)
		}
	}
	var leased, again int
	must(t, s.r.QueryRow(`SELECT count(*), count(*) FILTER (WHERE token > 1) FROM part WHERE lease_until > 0`).Scan(&leased, &again))
	if len(times) != parts || leased != parts || again != 0 {
		t.Errorf("%d of %d parts were handed out, %d are leased, %d more than once", len(times), parts, leased, again)
	}
	if c := must1(s.Counts(context.Background(), digest.Shared))(t); c.Articles != added && c.Articles != added+1 {
		t.Errorf("%d articles were acknowledged, %d are there", added, c.Articles)
	}
}

// wire stands between the store and the server. It can swallow the answer to
// the next commit and cut the connection.
type wire struct {
	l      net.Listener
	server string
	swallow,
	swallowed atomic.Bool
	mute atomic.Bool // the server gets nothing any more
}

func newWire(t testing.TB, address string) (*wire, string) {
	t.Helper()
	to := must1(url.Parse(address))(t)
	w := &wire{l: must1(net.Listen("tcp", "127.0.0.1:0"))(t), server: to.Host}
	t.Cleanup(func() { _ = w.l.Close() })
	go func() {
		for {
			c, err := w.l.Accept()
			if err != nil {
				return
			}
			go w.pass(c)
		}
	}()
	to.Host = w.l.Addr().String()
	return w, to.String()
}

func (w *wire) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	up, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	var cut atomic.Bool
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := up.Read(buf)
			if err != nil || cut.Load() {
				w.swallowed.Store(w.swallowed.Load() || cut.Load())
				_ = client.Close()
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.HasPrefix(buf[:n], []byte("Q")) && bytes.Contains(buf[:n], []byte("commit")) && w.swallow.Swap(false) {
			cut.Store(true)
		}
		if w.mute.Load() {
			continue
		}
		if _, err := up.Write(buf[:n]); err != nil {
			return
		}
	}
}

// TestCommitIsNotAnswered loses the answer to the commit of every kind of
// work: it happened, and it must have happened once.
func TestCommitIsNotAnswered(t *testing.T) {
	t.Parallel()
	address := server.Database(t)
	if os.Getenv("TEST_POSTGRES_URL") != "" {
		t.Skip("the way to the server that TEST_POSTGRES_URL names may be encrypted")
	}
	w, through := newWire(t, address)
	s := openPostgres(t, through, Options{})
	ctx := context.Background()
	subscribe(t, s, "sub", channel)
	unanswered := func(what string, f func() error) {
		t.Helper()
		w.swallowed.Store(false)
		w.swallow.Store(true)
		if err := f(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !w.swallowed.Load() {
			t.Fatalf("%s: no answer was swallowed", what)
		}
	}
	var sl digest.Slot
	var c digest.Claim
	var p digest.Part
	unanswered("slots", func() error { _, err := s.PutSlots(ctx, []digest.Slot{slotAt("sub", 0)}); return err })
	unanswered("claim of a slot", func() (err error) { sl, _, c, _, err = s.ClaimSlot(ctx, "w", time.Minute); return err })
	if sl.Key == "" || c.Token != 1 {
		t.Fatalf("claimed %+v with token %d, want the first claim", sl, c.Token)
	}
	e := digest.Edition{ID: "e"}
	parts := []digest.Part{{Key: "k1", Address: channel, N: 1, Of: 2}, {Key: "k2", Address: channel, N: 2, Of: 2}}
	unanswered("window", func() error { return s.FreezeWindow(ctx, c, sl) })
	unanswered("edition", func() error { return s.FreezeEdition(ctx, c, sl, e, parts) })
	unanswered("claim of a part", func() (err error) { p, c, _, err = s.ClaimPart(ctx, "w", slack, time.Minute); return err })
	if p.Key != "k1" || c.Token != 1 {
		t.Fatalf("claimed %s with token %d, want k1 with 1", p.Key, c.Token)
	}
	unanswered("sending", func() error { return s.MarkSending(ctx, c, p) })
	if got := must1(s.Deliveries(ctx, digest.PartFilter{}))(t)[0].Attempts; got != 1 {
		t.Errorf("got %d attempts, want 1", got)
	}
	unanswered("sent", func() error { return s.MarkSent(ctx, c, p, "ts") })
	unanswered("verdict", func() error { return s.ResolvePart(ctx, "k2", "sent", "") })
	if got := slotState(t, s, "sub"); got != "done" {
		t.Errorf("slot is %s, want done", got)
	}
	unanswered("articles", func() error { _, err := s.AddArticles(ctx, []digest.Article{article(1)}); return err })
	if n := must1(s.Counts(ctx, digest.Shared))(t).Articles; n != 1 {
		t.Errorf("got %d articles, want 1", n)
	}
	_, err := s.PutSlots(ctx, []digest.Slot{slotAt("sub", 1)})
	must(t, err)
	sl, _, c, _, err = s.ClaimSlot(ctx, "w", time.Minute)
	must(t, err)
	unanswered("closing", func() error { return s.CloseSlot(ctx, c, sl, digest.SlotEmpty, "nothing new") })
	unanswered("an end", func() error {
		return s.ChangeSubscriptions(ctx, "slack:T1", func(all []digest.Subscription) ([]digest.Subscription, error) {
			if all[0].Disabled != "" {
				return nil, digest.Errorf(digest.NotFound, "it has ended already")
			}
			all[0].Disabled = "unsubscribed by Ann"
			return all, nil
		})
	})
}

func TestStalledServerDoesNotStopUs(t *testing.T) {
	t.Parallel()
	address := server.Database(t)
	s := openPostgres(t, address, Options{})
	ctx := context.Background()
	tx := must1(sqlDB(t, address).Begin())(t)
	defer func() { _ = tx.Rollback() }()
	must1(tx.Exec(`LOCK TABLE meta, article IN ACCESS EXCLUSIVE MODE`))(t)
	var wg sync.WaitGroup
	for name, call := range map[string]func() error{
		"write": func() error { return s.Ping(ctx) },
		"read":  func() error { _, err := s.Counts(ctx, digest.Shared); return err },
		"bulk":  func() error { _, err := s.AddArticles(ctx, []digest.Article{article(1)}); return err },
	} {
		wg.Go(func() {
			began := time.Now()
			err := call()
			if took := time.Since(began); digest.KindOf(err) != digest.Unavailable || err == nil || took > postgresLimit+time.Second {
				t.Errorf("%s: got %v after %v, want Unavailable after %v", name, err, took, postgresLimit)
			}
		})
	}
	wg.Wait()
	must(t, tx.Rollback())
	must(t, s.Ping(ctx))
}

func TestPostgresFaults(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fault
	}{
		{errors.New("x"), faultOther}, {context.Canceled, faultOther}, {context.DeadlineExceeded, faultOther},
		{fmt.Errorf("write: %w", net.ErrClosed), faultUnreachable}, {sql.ErrConnDone, faultUnreachable}, {sql.ErrNoRows, faultOther},
	} {
		if got := postgresFault(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
	for code, want := range map[string]fault{
		"40P01": faultBusy, "57P01": faultUnreachable, "57P03": faultUnreachable, "08006": faultUnreachable, "08P01": faultLogin, "53300": faultUnreachable,
		"53100": faultFull, "28P01": faultLogin, "3D000": faultLogin, "25006": faultReadOnly, "XX001": faultCorrupt, "23505": faultOther, "": faultOther,
	} {
		if got := postgresCode(code); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
}

func TestTsvector(t *testing.T) {
	for _, tt := range []struct{ name, title, body, want string }{
		{"places and weights", "Café opens", "The café", `'cafe':1A,14 'opens':2A 'the':13 `},
		{"pieces", "", "it's 20.04", `'it':11 's':12 '20':13 '04':14 `},
		{"nothing", "", "?!", ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tsvector(tt.title, tt.body); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestLongTexts stores what is more than PostgreSQL indexes of one text.
func TestLongTexts(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		var many strings.Builder
		for i := range 400_000 {
			fmt.Fprintf(&many, "w%d ", i)
		}
		a, b, c := article(1), article(2), article(3)
		a.Text, b.Text, c.Text = many.String(), strings.Repeat("x", maxText), strings.Repeat("again ", maxText/6)
		if got := store(t, s, a, b, c); got != "added added added" {
			t.Fatalf("got %s", got)
		}
		for words, want := range map[string]string{"w77": "id0001", "again": "id0003"} {
			if got := found(must1(s.Search(context.Background(), digest.SearchQuery{Words: words}))(t)); got != want {
				t.Errorf("%s: got %q, want %q", words, got, want)
			}
		}
	})
}
