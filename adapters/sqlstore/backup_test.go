package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// backedUp makes a store with one part sent and one not, and a backup of it
// while it is open. It returns the store and the backup's file.
func backedUp(t *testing.T, b backend) (s *Store, address, file string, m Manifest) {
	t.Helper()
	address = filepath.Join(t.TempDir(), "live.db")
	if b.name == "postgres" {
		postgresPath(t)
		address = server.Database(t)
	}
	s = must1(Open(context.Background(), address, Options{Now: newClock().now, OwnTime: true}))(t)
	t.Cleanup(func() { _ = s.Close() })
	store(t, s, article(1))
	subscribe(t, s, "sub", channel)
	built(t, s, slotAt("sub", 0), false, 2, channel)
	p, c := claim(t, s, "sub-2026-03-29T08:00-C1-1")
	must(t, s.MarkSending(context.Background(), c, p))
	must(t, s.MarkSent(context.Background(), c, p, "ts1"))
	file = filepath.Join(t.TempDir(), "copy.backup")
	m = must1(Backup(context.Background(), address, file, day.Add(time.Minute)))(t)
	return s, address, file, m
}

// postgresPath puts PostgreSQL's programs into the path, or skips the test.
func postgresPath(t *testing.T) {
	t.Helper()
	_ = server.Database(t) // skips without a server
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	t.Setenv("PATH", strings.Join(append(dirs, os.Getenv("PATH")), ":"))
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("NOT TESTED ON POSTGRESQL: there is no pg_dump")
	}
}

func TestBackupAndRestore(t *testing.T) {
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			ctx := context.Background()
			s, address, file, m := backedUp(t, b)
			if m.Counts.Articles != 1 || m.Install != s.InstallID() || m.Schema != latest(t) || len(m.SHA256) != 64 {
				t.Errorf("got manifest %+v", m)
			}
			_, err := Backup(ctx, address, file, day)
			wantKind(t, err, digest.Conflict)
			if r := must1(s.Restored(ctx))(t); r != (digest.Restored{}) {
				t.Errorf("the original is fenced: %+v", r)
			}
			store(t, s, article(2)) // what happens later is not in the copy

			place := filepath.Join(t.TempDir(), "restored.db")
			if b.name == "postgres" {
				place = server.Database(t)
			}
			must1(first(Restore(ctx, place, file, false, day)))(t)
			c := newClock()
			c.add(time.Hour)
			again := must1(Open(ctx, place, Options{Now: c.now, OwnTime: true, Check: true}))(t)
			t.Cleanup(func() { _ = again.Close() })
			if n := must1(again.Counts(ctx, ""))(t).Articles; n != 1 || again.InstallID() != s.InstallID() {
				t.Errorf("got %d articles of %s, want 1 of %s", n, again.InstallID(), s.InstallID())
			}
			claim(t, again, "") // fenced
			r, parts, err := again.Resume(ctx)
			must(t, err)
			if !r.Backup.Equal(m.Made) || r.Fenced() || parts != 1 {
				t.Errorf("resumed %+v with %d parts, want the backup's time and 1", r, parts)
			}
			p, _ := claim(t, again, "sub-2026-03-29T08:00-C1-2")
			if p.State != digest.PartSending || !p.Doubt.Equal(m.Made) || !p.Started.Equal(c.now()) {
				t.Errorf("got %s, in doubt since %v, started %v: want it looked up", p.State, p.Doubt, p.Started)
			}
			if _, parts, err := again.Resume(ctx); err != nil || parts != 0 {
				t.Errorf("resumed again: %d parts, %v", parts, err)
			}
		})
	}
}

func first(m Manifest, _ string, err error) (Manifest, error) { return m, err }

// TestRestoreRefuses changes nothing when it must not.
func TestRestoreRefuses(t *testing.T) {
	ctx := context.Background()
	s, address, file, _ := backedUp(t, backends()[0])
	must(t, s.Close())
	before := must1(os.ReadFile(address))(t)
	_, _, err := Restore(ctx, address, file, false, day)
	wantKind(t, err, digest.Conflict)
	release := must1(Lock(address))(t)
	_, _, err = Restore(ctx, address, file, true, day)
	wantKind(t, err, digest.Conflict)
	release()

	damaged := filepath.Join(t.TempDir(), "damaged.backup")
	must(t, copyFile(file, damaged))
	overwrite(t, damaged, 30*4096, make([]byte, 4096*4))
	place := filepath.Join(t.TempDir(), "new.db")
	_, _, err = Restore(ctx, place, damaged, false, day)
	wantKind(t, err, digest.Internal)
	must(t, copyFile(file+".json", damaged+".json"))
	_, _, err = Restore(ctx, place, damaged, false, day)
	wantKind(t, err, digest.Conflict)
	if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a damaged backup was restored: %v", err)
	}

	_, moved, err := Restore(ctx, address, file, true, day)
	must(t, err)
	if after := must1(os.ReadFile(moved))(t); string(after) != string(before) {
		t.Error("what was there was not kept")
	}
}

// TestCopyOfADatabaseIsFenced restores a dump without Restore.
func TestCopyOfADatabaseIsFenced(t *testing.T) {
	s, _, file, _ := backedUp(t, backends()[1])
	must(t, s.Ping(context.Background()))
	copied := server.Database(t)
	must(t, postgresTool(context.Background(), "pg_restore", copied, "--no-owner", file))
	again := openPostgres(t, copied, Options{})
	if r := must1(again.Restored(context.Background()))(t); !r.Fenced() {
		t.Errorf("a copy beside the original may send: %+v", r)
	}
}

func TestBackupOfAFencedStoreKeepsTheOldestTime(t *testing.T) {
	ctx := context.Background()
	s, _, file, m := backedUp(t, backends()[0])
	must(t, s.Close())
	place, second := filepath.Join(t.TempDir(), "a.db"), filepath.Join(t.TempDir(), "b.backup")
	must1(first(Restore(ctx, place, file, false, day)))(t)
	must1(Backup(ctx, place, second, day.Add(time.Hour)))(t)
	if r := must1(openFile(t, second, Options{}).Restored(ctx))(t); !r.Backup.Equal(m.Made) {
		t.Errorf("got %v, want %v: what was sent since the first backup is unknown", r.Backup, m.Made)
	}
}
