package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"

	"nutgraf/digest"
)

// openLimit bounds opening, a migration of a large archive included.
const openLimit = 10 * time.Minute

// Options say how a store is opened.
type Options struct {
	Now      func() time.Time // clock of leases and statuses on SQLite; required
	OwnTime  bool             // on PostgreSQL too go by Now instead of the server's clock; for tests
	ReadOnly bool             // never write, never migrate
	Check    bool             // verify the whole file before it is opened to be written
	Log      *slog.Logger     // nil discards
}

// Store is the database of one installation. It is safe for concurrent use.
type Store struct {
	dialect dialect
	w, r    *sql.DB // w has one connection where the database takes one writer only
	clock   func() time.Time
	log     *slog.Logger
	install string
	inbox   inbox

	rehearsal bool         // the clock is not that of the world
	offset    atomic.Int64 // of the server's clock to ours, see Now
	cramped   atomic.Bool  // something could not be written, see Beat
	damage    atomic.Pointer[error]
}

// Open opens the database that url names: a path, "sqlite:" and a path, or the
// "postgres://" address of a database. After a path, "?max_page_count=N" caps
// the file at N pages of 4 KiB. It creates the file where there is none
// and brings the schema up to date. A database that is damaged, or newer than
// this program, is refused and not touched.
//
// Any number of processes may share a PostgreSQL database, also through
// PgBouncer in transaction mode; its server's clock measures all leases.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Now == nil {
		return nil, digest.Errorf(digest.Invalid, "the store needs a clock in Options.Now")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d, err := dialectOf(url, o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	if o.Check {
		// Before anything is opened that writes: a damaged file stays as it is.
		if err := d.examine(ctx); err != nil {
			return nil, (&Store{dialect: d}).explain(err)
		}
	}
	s := &Store{dialect: d, clock: o.Now, log: o.Log, rehearsal: o.OwnTime}
	if s.w, s.r, err = d.open(o); err != nil {
		return nil, s.explain(err)
	}
	if err := s.start(ctx, o); err != nil {
		_ = s.Close() // the first error says more
		return nil, s.explain(err)
	}
	return s, nil
}

// dialectOf chooses the database by the url's scheme.
func dialectOf(url string, o Options) (dialect, error) {
	path := strings.TrimPrefix(url, "sqlite:")
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		return postgresDialect(url, o)
	case path == "":
		return dialect{}, digest.Errorf(digest.Invalid, "the database has no path; write one, as in sqlite:nutgraf.db")
	case strings.Contains(path, "://"):
		return dialect{}, digest.Errorf(digest.Invalid, "%q names no database that this program knows; write sqlite: and a path, or postgres://user:password@host/database", scheme(path))
	case path == ":memory:" || strings.ContainsRune(path, 0):
		return dialect{}, digest.Errorf(digest.Invalid, "%q is no path of a file; the database must be a file", path)
	}
	return sqliteDialect(path), nil
}

// scheme keeps passwords of a url out of messages.
func scheme(url string) string {
	before, _, _ := strings.Cut(url, "://")
	return before + "://…"
}

// start verifies, migrates and identifies a database that was just opened.
func (s *Store) start(ctx context.Context, o Options) error {
	have, err := s.version(ctx)
	if err != nil {
		return err
	}
	if err := s.migrate(ctx, have, o.ReadOnly); err != nil {
		return err
	}
	return s.identify(ctx, o.ReadOnly)
}

// version returns the schema's version. It is the first thing that is asked of
// a database, so it bears with one that is just starting.
func (s *Store) version(ctx context.Context) (int64, error) {
	for try := 1; ; try++ {
		have, err := s.dialect.version(ctx, s.r)
		if err == nil || !s.again(ctx, err, try) {
			return have, err
		}
	}
}

// newestSchema returns the newest schema version that this program knows.
func newestSchema() int64 {
	var newest int64
	files, _ := fs.Glob(migrations, "migrations/sqlite/*.sql") // a malformed pattern is the only error
	for _, f := range files {
		if v, err := goose.NumericComponent(f); err == nil {
			newest = max(newest, v)
		}
	}
	return newest
}

// migrate brings the schema from version have to the newest one.
func (s *Store) migrate(ctx context.Context, have int64, readOnly bool) error {
	provider, err := goose.NewProvider(s.dialect.goose, s.w, s.dialect.migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	var want int64
	for _, m := range provider.ListSources() {
		want = max(want, m.Version)
	}
	switch {
	case have == want:
		return nil
	case have > want:
		return digest.Errorf(digest.Conflict, "%s has schema version %d, but this program knows versions up to %d; start a newer Nutgraf, or restore a backup made by this one", s.dialect.name, have, want)
	case readOnly:
		return digest.Errorf(digest.Conflict, "%s has schema version %d, but this program needs version %d; start Nutgraf once with the right to write, so that it brings the database up to date", s.dialect.name, have, want)
	}
	return s.dialect.upgrade(ctx, s.w, func() error {
		// Another process may have been faster.
		if have, err = s.dialect.version(ctx, s.r); err != nil || have >= want {
			return err
		}
		if have > 0 {
			saved, err := s.dialect.backup(ctx, s.w, have)
			if err != nil {
				return err
			}
			s.log.Info("the database is brought up to date", "from", have, "to", want, "copy of the old one", saved)
		}
		_, err := provider.Up(ctx)
		return err
	})
}

// identify reads the random id of the installation, making it on first use, and
// notices that the database is a copy.
func (s *Store) identify(ctx context.Context, readOnly bool) error {
	if !readOnly {
		// Of several processes that start at once, one names the installation.
		_, err := s.w.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('install_id', $1) ON CONFLICT (name) DO NOTHING`, rand.Text())
		if err != nil {
			return err
		}
		if err := s.settleIn(ctx); err != nil {
			return err
		}
	}
	return s.r.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'install_id'`).Scan(&s.install)
}

// settleIn notes where the database is, where that can be told. One that was
// somewhere else before is a copy, and sends nothing until Resume.
func (s *Store) settleIn(ctx context.Context) error {
	home := s.dialect.home(ctx, s.r)
	if home == "" {
		return nil
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		var before string
		err := tx.queryRow(ctx, `SELECT value FROM meta WHERE name = 'home'`).Scan(&before)
		switch {
		case err == nil && before == home:
			return nil
		case err == nil:
			at, err := lastBeat(tx.queryRow(ctx, lastBeatQuery))
			if err != nil {
				return err
			}
			if at.IsZero() {
				at = s.clock().Add(-longAgo)
			}
			r, err := restored(ctx, tx)
			if err == nil && !r.Fenced() { // Restore knows the time better
				err = fence(ctx, tx, at)
			}
			if err != nil {
				return err
			}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		return setMeta(ctx, tx, "home", home)
	})
}

// longAgo is how old a copy is taken to be that does not tell.
const longAgo = 72 * time.Hour

// Close releases the database. Work in progress ends with an error.
func (s *Store) Close() error {
	var first error
	for _, db := range []*sql.DB{s.r, s.w} { // closing one twice does nothing
		if db == nil {
			continue
		}
		if err := db.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// InstallID returns the random id of this installation, part of every
// delivery's key.
func (s *Store) InstallID() string { return s.install }

// Check reads the whole database and reports damage.
func (s *Store) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	return s.explain(s.dialect.check(ctx, s.r))
}
