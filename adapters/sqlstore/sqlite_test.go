package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"nutgraf/digest"
)

// sqliteFile makes a database file with n articles, closed.
func sqliteFile(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a b%3F#é.db") // nothing in a path is special
	s := openFile(t, path, Options{})
	for i := range n {
		store(t, s, article(i))
	}
	must(t, s.Close())
	return path
}

func openFile(t testing.TB, path string, o Options) *Store {
	t.Helper()
	o.Now = newClock().now
	s, err := Open(context.Background(), path, o)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// refused checks that a file is not opened, for a reason, and not touched.
func refused(t testing.TB, path string, o Options, kind digest.Kind, reason string) {
	t.Helper()
	before := must1(os.ReadFile(path))(t)
	o.Now = newClock().now
	s, err := Open(context.Background(), path, o)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	wantKind(t, err, kind)
	if !strings.Contains(err.Error(), reason) {
		t.Errorf("got %q, want it to say %q", err, reason)
	}
	if after := must1(os.ReadFile(path))(t); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

// overwrite replaces bytes of a file.
func overwrite(t testing.TB, path string, at int64, junk []byte) {
	t.Helper()
	f := must1(os.OpenFile(path, os.O_RDWR, 0))(t)
	_, err := f.WriteAt(junk, at)
	must(t, err)
	must(t, f.Close())
}

func TestOpenNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{filepath.Join(dir, "plain.db"), "sqlite:" + filepath.Join(dir, "with scheme.db")} {
		s := openFile(t, name, Options{})
		if _, err := os.Stat(strings.TrimPrefix(name, "sqlite:")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(s.InstallID()) < 20 {
			t.Errorf("install id %q is too short", s.InstallID())
		}
	}
	path := sqliteFile(t, 1)
	if entries := must1(os.ReadDir(filepath.Dir(path)))(t); entries[0].Name() != filepath.Base(path) {
		t.Errorf("got file %q, want %q", entries[0].Name(), filepath.Base(path))
	}
	for _, name := range []string{"", "sqlite:", ":memory:", "mysql://user:secret@host/db", "a\x00b"} {
		_, err := Open(context.Background(), name, Options{Now: newClock().now})
		wantKind(t, err, digest.Invalid)
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is in %q", err)
		}
	}
	_, err := Open(context.Background(), filepath.Join(dir, "no", "such", "x.db"), Options{Now: newClock().now})
	wantKind(t, err, digest.Unavailable)
	_, err = Open(context.Background(), filepath.Join(dir, "x.db"), Options{})
	wantKind(t, err, digest.Invalid)
}

func TestDamagedFilesAreRefused(t *testing.T) {
	t.Run("header", func(t *testing.T) {
		path := sqliteFile(t, 3)
		overwrite(t, path, 0, bytes.Repeat([]byte("junk"), 25))
		refused(t, path, Options{}, digest.Internal, "nutgraf restore")
	})
	t.Run("text file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "notes.db")
		must(t, os.WriteFile(path, []byte(strings.Repeat("These are my notes.\n", 400)), 0o600))
		refused(t, path, Options{}, digest.Internal, "nutgraf restore")
	})
	t.Run("pages", func(t *testing.T) {
		path := sqliteFile(t, 60)
		size := must1(os.Stat(path))(t).Size()
		for at := int64(20 * 4096); at < size; at += 2 * 4096 {
			overwrite(t, path, at, bytes.Repeat([]byte{0xA5}, 4096))
		}
		refused(t, path, Options{Check: true}, digest.Internal, "backup")
	})
	t.Run("of another program", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "other.db")
		db := must1(sql.Open("sqlite", path))(t)
		_, err := db.Exec(`CREATE TABLE bookmarks (url TEXT)`)
		must(t, err)
		must(t, db.Close())
		refused(t, path, Options{ReadOnly: true}, digest.Conflict, "another program")
	})
}

// latest is the newest schema version that this program knows.
func latest(t testing.TB) int64 {
	t.Helper()
	s := openFile(t, filepath.Join(t.TempDir(), "latest.db"), Options{})
	return must1(s.dialect.version(context.Background(), s.r))(t)
}

// more returns the migrations of a dialect and one beyond them.
func more(t testing.TB, d dialect) fstest.MapFS {
	t.Helper()
	files := make(fstest.MapFS)
	known := must1(fs.Glob(d.migrations, "*.sql"))(t)
	for _, name := range known {
		files[name] = &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT 1;")}
	}
	files[fmt.Sprintf("%03d_more.sql", latest(t)+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE more (x INTEGER);")}
	return files
}

func TestSchemaVersions(t *testing.T) {
	have := latest(t)
	path := sqliteFile(t, 1)
	db := must1(sql.Open("sqlite", path))(t)
	_, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	must(t, err)
	must(t, db.Close())
	refused(t, path, Options{}, digest.Conflict, fmt.Sprintf("schema version 99, but this program knows versions up to %d; start a newer Nutgraf", have))

	path = sqliteFile(t, 1)
	newer := func(readOnly bool) (*Store, error) {
		d := sqliteDialect(path)
		d.migrations = more(t, d)
		s := openFile(t, path, Options{ReadOnly: readOnly})
		s.dialect = d
		return s, s.migrate(context.Background(), have, readOnly)
	}
	_, err = newer(true)
	wantKind(t, err, digest.Conflict)
	if want := fmt.Sprintf("schema version %d, but this program needs version %d", have, have+1); !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
	// A copy that an earlier try left behind stays, and is in nobody's way.
	saved := fmt.Sprintf("%s.version%d.backup", path, have)
	must(t, os.WriteFile(saved, []byte("earlier"), 0o600))
	s, err := newer(false)
	must(t, err)
	if got := must1(s.dialect.version(context.Background(), s.r))(t); got != have+1 {
		t.Errorf("got version %d after the migration, want %d", got, have+1)
	}
	must(t, s.Close())
	if got := string(must1(os.ReadFile(saved))(t)); got != "earlier" {
		t.Errorf("the copy of an earlier try was overwritten with %d bytes", len(got))
	}
	copied := openFile(t, saved+".2", Options{})
	if c := must1(copied.Counts(context.Background(), digest.Shared))(t); c.Articles != 1 {
		t.Errorf("the copy holds %d articles, want 1", c.Articles)
	}
}

func TestReadOnly(t *testing.T) {
	path := sqliteFile(t, 2)
	s := openFile(t, path, Options{ReadOnly: true})
	if c := must1(s.Counts(context.Background(), digest.Shared))(t); c.Articles != 2 || s.InstallID() == "" {
		t.Errorf("got %d articles, install id %q", c.Articles, s.InstallID())
	}
	wantKind(t, s.Ping(context.Background()), digest.Unavailable)
	_, err := s.AddArticles(context.Background(), []digest.Article{article(9)})
	wantKind(t, err, digest.Unavailable)
	_, err = Open(context.Background(), filepath.Join(t.TempDir(), "none.db"), Options{Now: newClock().now, ReadOnly: true})
	wantKind(t, err, digest.Unavailable)
}

func TestCutWALLosesOnlyItsEnd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "live.db")
	s := openFile(t, path, Options{})
	for i := range 30 {
		store(t, s, article(i))
	}
	// The files as a crash leaves them, the last transaction cut off.
	crashed := filepath.Join(dir, "crashed.db")
	must(t, os.WriteFile(crashed, must1(os.ReadFile(path))(t), 0o600))
	wal := must1(os.ReadFile(path + "-wal"))(t)
	must(t, os.WriteFile(crashed+"-wal", wal[:len(wal)-100], 0o600))
	again := openFile(t, crashed, Options{Check: true})
	if c := must1(again.Counts(context.Background(), digest.Shared))(t); c.Articles != 29 {
		t.Errorf("got %d articles, want 29 of 30", c.Articles)
	}
	if got := store(t, again, article(29)); got != "added" {
		t.Errorf("got %s", got)
	}
}

func TestCrashLeavesTheDoubt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "live.db")
	s := openFile(t, path, Options{})
	subscribe(t, s, "sub", channel)
	built(t, s, slotAt("sub", 0), false, 1, channel)
	p, c := claim(t, s, "sub-2026-03-29T08:00-C1-1")
	must(t, s.MarkSending(context.Background(), c, p))
	// Not closed: the files are what a kill leaves.
	crashed := filepath.Join(t.TempDir(), "crashed.db")
	for _, suffix := range []string{"", "-wal"} {
		must(t, os.WriteFile(crashed+suffix, must1(os.ReadFile(path+suffix))(t), 0o600))
	}
	again := openFile(t, crashed, Options{})
	claim(t, again, "")
	must(t, again.VoidLeases(context.Background()))
	if got, _ := claim(t, again, p.Key); got.State != digest.PartSending || !got.Doubt.Equal(day) {
		t.Errorf("got %+v, want the doubt kept", got)
	}
}

func TestLock(t *testing.T) {
	path := sqliteFile(t, 0)
	first, second := openFile(t, path, Options{}), openFile(t, path, Options{})
	release := must1(first.Lock())(t)
	_, err := second.Lock()
	wantKind(t, err, digest.Conflict)
	if got := store(t, second, article(1)); got != "added" {
		t.Errorf("beside the lock: got %s, want others to write", got)
	}
	release()
	must1(second.Lock())(t)()
}

func TestBusy(t *testing.T) {
	path := sqliteFile(t, 0)
	t.Run("twenty writers", func(t *testing.T) {
		var wg sync.WaitGroup
		for w := range 20 {
			s := openFile(t, path, Options{})
			wg.Go(func() {
				for i := range 5 {
					a := article(w*100 + i)
					if _, err := s.AddArticles(context.Background(), []digest.Article{a}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		s := openFile(t, path, Options{})
		if c := must1(s.Counts(context.Background(), digest.Shared))(t); c.Articles != 100 {
			t.Errorf("got %d articles, want 100", c.Articles)
		}
	})
	t.Run("somebody holds on", func(t *testing.T) {
		s := openFile(t, path, Options{})
		db := must1(sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "#", "%23", " ", "%20").Replace(path)+"?_txlock=immediate"))(t)
		defer func() { _ = db.Close() }()
		tx := must1(db.Begin())(t)
		defer func() { _ = tx.Rollback() }()
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		wantKind(t, s.Ping(ctx), digest.Unavailable)
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("the caller waited %v", took)
		}
		if _, err := s.Counts(context.Background(), digest.Shared); err != nil {
			t.Errorf("readers do not wait for writers, got %v", err)
		}
		must(t, tx.Rollback())
		must(t, s.Ping(context.Background()))
	})
}

func TestFullDisk(t *testing.T) {
	s := openFile(t, sqliteFile(t, 1), Options{})
	ctx := context.Background()
	_, err := s.w.Exec(`PRAGMA max_page_count = 1`) // SQLite takes the present size
	must(t, err)
	big := article(5)
	big.Text = strings.Repeat("All the words in the world. ", 20000)
	_, err = s.AddArticles(ctx, []digest.Article{big})
	wantKind(t, err, digest.Unavailable)
	if !strings.Contains(err.Error(), "disk") {
		t.Errorf("got %q, want it to speak of the disk", err)
	}
	_, err = s.w.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, 1<<30))
	must(t, err)
	if got := store(t, s, big); got != "added" {
		t.Errorf("with space again: got %s", got)
	}
}
