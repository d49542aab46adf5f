package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"nutgraf/digest"
)

//go:embed migrations
var migrations embed.FS

// readers is how many connections read at the same time.
const readers = 4

// sqliteDialect returns the dialect of the SQLite file at path.
func sqliteDialect(url string) dialect {
	path, pages := cutPages(url)
	files, _ := fs.Sub(migrations, "migrations/sqlite") // fails on malformed names only
	return dialect{
		name:       "the database " + path,
		goose:      goose.DialectSQLite3,
		migrations: files,
		limits:     limits{read: 10 * time.Second, write: 15 * time.Second, bulk: 2 * time.Minute, statement: 2 * time.Minute}, // it may wait 5 s for a lock
		lockFile:   path + ".lock",
		insertRows: chunk, // the word index is written at the end of each statement
		bareMarks:  true,
		open:       func(o Options) (w, r *sql.DB, err error) { return sqliteOpen(path, pages, o) },
		version:    func(ctx context.Context, db *sql.DB) (int64, error) { return sqliteVersion(ctx, db, path) },
		examine:    func(ctx context.Context) error { return sqliteExamine(ctx, path) },
		home:       func(context.Context, *sql.DB) string { return "" }, // a file may be moved
		check:      func(ctx context.Context, db *sql.DB) error { return sqliteCheck(ctx, db, path) },
		backup: func(ctx context.Context, db *sql.DB, version int64) (string, error) {
			copied := unusedName(fmt.Sprintf("%s.version%d.backup", path, version))
			_, err := db.ExecContext(ctx, `VACUUM INTO $1`, copied)
			return copied, err
		},
		now: func(_ context.Context, _ *transaction, clock func() time.Time) (time.Time, error) {
			return clock(), nil
		},
		upgrade:   func(_ context.Context, _ *sql.DB, f func() error) error { return f() },
		guard:     func(context.Context, *transaction, string) error { return nil }, // writers go one after the other anyway
		claimPart: sqliteClaimPart,
		match:     sqliteMatch,
		fault:     sqliteFault,
		refused:   func(error) bool { return true }, // a commit that fails is rolled back
	}
}

// sqliteOpen opens one connection that writes and a few that read. WAL lets
// both work side by side; FULL keeps every commit over a loss of power; the
// write lock is taken at BEGIN, because a lock taken later fails at once.
func sqliteOpen(path, pages string, o Options) (w, r *sql.DB, err error) {
	pragmas := []string{"busy_timeout(5000)", "foreign_keys(1)", "cache_size(-16384)", "synchronous(FULL)", "temp_store(MEMORY)"}
	reader := url.Values{"_txlock": {"deferred"}, "_pragma": append(pragmas[:len(pragmas):len(pragmas)], "query_only(1)")}
	writer := url.Values{"_txlock": {"immediate"}, "_pragma": append(pragmas[:len(pragmas):len(pragmas)], "journal_mode(WAL)", "journal_size_limit(67108864)")}
	if pages != "" {
		writer.Add("_pragma", "max_page_count("+pages+")")
	}
	if o.ReadOnly {
		reader.Set("mode", "ro")
		writer = reader
	}
	name := fileURI(path)
	if w, err = sql.Open("sqlite", name+"?"+writer.Encode()); err != nil {
		return nil, nil, err
	}
	w.SetMaxOpenConns(1)
	// The first connection creates the file and sets WAL, which readers cannot.
	if err = w.Ping(); err != nil {
		_ = w.Close() // the first error says more
		return nil, nil, err
	}
	if r, err = sql.Open("sqlite", name+"?"+reader.Encode()); err != nil {
		_ = w.Close() // as above
		return nil, nil, err
	}
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	r.SetConnMaxIdleTime(time.Minute) // gives the page cache back
	return w, r, nil
}

// pagesSuffix is what an address ends with that caps the size of its file.
var pagesSuffix = regexp.MustCompile(`^(.+)\?max_page_count=([0-9]+)$`)

// cutPages cuts the cap in pages of 4 KiB off an address; "" for none.
func cutPages(url string) (path, pages string) {
	if m := pagesSuffix.FindStringSubmatch(url); m != nil {
		return m[1], m[2]
	}
	return url, ""
}

// fileURI returns the URI of a file, which must not look like "//host".
func fileURI(path string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(filepath.Clean(path))}).EscapedPath()
}

// sqliteVersion reads the version that goose recorded.
func sqliteVersion(ctx context.Context, db *sql.DB, path string) (int64, error) {
	var tables, ours int
	err := db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'goose_db_version')
		FROM sqlite_master WHERE type = 'table'`).Scan(&tables, &ours)
	switch {
	case err != nil:
		return 0, err
	case ours == 0 && tables > 0:
		return 0, digest.Errorf(digest.Conflict, "the database %s belongs to another program; give Nutgraf a file of its own", path)
	case ours == 0:
		return 0, nil
	}
	var version int64
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1`).Scan(&version)
	return version, err
}

// sqliteCheck runs SQLite's own examination of the file and of the word index.
func sqliteCheck(ctx context.Context, db *sql.DB, path string) error {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return digest.Errorf(digest.Internal, "the database %s is damaged (%s); it was left as it is; put a backup in its place with nutgraf restore --force FILE", path, verdict)
	}
	return nil
}

// sqliteExamine checks a file that nobody has opened yet, if it is there. A
// connection that may write would tidy up behind a crash and touch the file.
func sqliteExamine(ctx context.Context, path string) (err error) {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil // opening says what is wrong
	}
	db, err := sqliteFileOpen(ctx, path, "mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return sqliteCheck(ctx, db, path)
}

// sqliteFault sorts SQLite's result codes; the low byte is the primary one.
func sqliteFault(err error) fault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return faultOther
	}
	switch e.Code() & 0xff {
	case 5, 6: // BUSY, LOCKED
		return faultBusy
	case 11, 26: // CORRUPT, NOTADB
		return faultCorrupt
	case 13: // FULL
		return faultFull
	case 8: // READONLY
		return faultReadOnly
	case 14: // CANTOPEN
		return faultOpen
	}
	return faultOther
}

// sqliteMatch ranks the newest matches only: ranking all matches of a common
// word takes a hundred times longer. The index drives, so that it yields the
// newest rows first without sorting.
func sqliteMatch(w words, conditions string, args *arguments, limit int) string {
	when := "CASE WHEN a.published <> 0 THEN a.published ELSE a.arrived END"
	if w.indexed() == "" {
		return fmt.Sprintf(`SELECT a.n, 0.0, %s FROM article a WHERE %s ORDER BY a.n DESC LIMIT %s`,
			when, conditions, args.add(limit))
	}
	return fmt.Sprintf(`SELECT a.n, bm25(article_fts, 6.0, 1.0), %s
		FROM article_fts CROSS JOIN article a ON a.n = article_fts.rowid
		WHERE article_fts MATCH %s AND %s ORDER BY article_fts.rowid DESC LIMIT %s`,
		when, args.add(w.indexed()), conditions, args.add(limit))
}

// sqliteClaimPart chooses and leases in one statement, which nobody disturbs.
func sqliteClaimPart(ctx context.Context, tx *transaction, w want) (digest.Part, int64, error) {
	var args arguments
	by, until := args.add(w.worker), args.add(w.until)
	var token int64
	p, err := scanPart(tx.queryRow(ctx, `UPDATE part SET worker = `+by+`, token = part.token + 1, lease_until = `+until+`
		WHERE part.part_key = (SELECT q.part_key FROM part q WHERE `+w.claimable(&args)+` ORDER BY `+claimOrder+` LIMIT 1)
		RETURNING `+partColumns+`, part.token`, args...), &token)
	return p, token, err
}

// unusedName returns name, or name with a number where there is such a file.
func unusedName(name string) string {
	for n := 1; ; n++ {
		numbered := name
		if n > 1 {
			numbered = fmt.Sprintf("%s.%d", name, n)
		}
		if _, err := os.Lstat(numbered); errors.Is(err, fs.ErrNotExist) || n > 1000 {
			return numbered
		}
	}
}
