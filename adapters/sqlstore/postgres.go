package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"nutgraf/digest"
)

const (
	postgresLimit = 5 * time.Second // of a call; a server that is gone must not stop the clockwork
	postgresConns = 10              // of one process, unless the address says pool_max_conns
	postgresLeast = 130000          // the oldest version that will do
)

// postgresDialect returns the dialect of the PostgreSQL database at url.
//
// Nothing outlives a transaction: no prepared statements, no session locks, no
// settings. So a pooler may give each transaction another connection.
func postgresDialect(url string, o Options) (dialect, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil { // the error may hold the password
		return dialect{}, digest.Errorf(digest.Invalid, "the address of the database cannot be read; write postgres://user:password@host:5432/database")
	}
	conns := postgresConns
	if written, ok := config.RuntimeParams["pool_max_conns"]; ok {
		delete(config.RuntimeParams, "pool_max_conns")
		if conns, err = strconv.Atoi(written); err != nil || conns < 2 {
			return dialect{}, digest.Errorf(digest.Invalid, "pool_max_conns=%s in the address of the database is no number from 2 on", written)
		}
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "nutgraf"
	}
	if !strings.Contains(url, "default_query_exec_mode=") {
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresLimit
	}
	files, _ := fs.Sub(migrations, "migrations/postgres") // fails on malformed names only
	name := fmt.Sprintf("the database %s on %s", config.Database, config.Host)
	return dialect{
		name:       name,
		goose:      goose.DialectPostgres,
		migrations: files,
		limits:     limits{read: postgresLimit, write: postgresLimit, bulk: 6 * postgresLimit, statement: postgresLimit},
		insertRows: 100,
		skipLocked: " FOR UPDATE SKIP LOCKED",
		forUpdate:  " FOR UPDATE",
		readTx:     &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		writeTx:    &sql.TxOptions{ReadOnly: o.ReadOnly},
		open: func(Options) (w, r *sql.DB, err error) {
			db := stdlib.OpenDB(*config)
			db.SetMaxOpenConns(conns)
			db.SetMaxIdleConns(conns)
			db.SetConnMaxIdleTime(time.Minute)
			db.SetConnMaxLifetime(time.Hour) // so that a moved server is noticed
			return db, db, nil
		},
		version: func(ctx context.Context, db *sql.DB) (int64, error) { return postgresVersion(ctx, db, name) },
		upgrade: postgresUpgrade,
		backup: func(context.Context, *sql.DB, int64) (string, error) {
			return "none; a PostgreSQL database is saved with pg_dump", nil
		},
		examine: func(context.Context) error { return nil }, // a server looks after its files
		home:    postgresHome,
		check:   postgresCheck,
		now: func(ctx context.Context, tx *transaction, clock func() time.Time) (time.Time, error) {
			if o.OwnTime {
				return clock(), nil
			}
			var ms int64
			err := tx.queryRow(ctx, `SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`).Scan(&ms)
			return time.UnixMilli(ms), err
		},
		guard: func(ctx context.Context, tx *transaction, name string) error {
			_, err := tx.exec(ctx, `SELECT pg_advisory_xact_lock(`+lockKey("$1")+`)`, name)
			return err
		},
		claimPart: postgresClaimPart,
		lexemes:   tsvector,
		match:     postgresMatch,
		fault:     postgresFault,
		refused:   postgresRefused,
	}, nil
}

// lockKey returns the expression of the lock that stands for a name.
func lockKey(name string) string { return `hashtextextended('nutgraf ' || ` + name + `, 0)` }

// postgresVersion reads the version that goose recorded, and whether this is a
// database for us at all.
func postgresVersion(ctx context.Context, db *sql.DB, name string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	var server, tables, versioned, ours int
	var encoding, schema string
	err := db.QueryRowContext(ctx, `SELECT CAST(current_setting('server_version_num') AS integer), current_setting('server_encoding'), coalesce(current_schema(), ''),
			count(c.oid), count(c.oid) FILTER (WHERE c.relname = 'goose_db_version'), count(c.oid) FILTER (WHERE c.relname = 'meta')
		FROM (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AS here
		LEFT JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind IN ('r', 'p')
			AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`).
		Scan(&server, &encoding, &schema, &tables, &versioned, &ours)
	switch {
	case err != nil:
		return 0, err
	case server < postgresLeast:
		return 0, digest.Errorf(digest.Conflict, "%s runs on PostgreSQL %d; use version %d or newer", name, server/10000, postgresLeast/10000)
	case encoding != "UTF8":
		return 0, digest.Errorf(digest.Conflict, "%s has the encoding %s; create one WITH ENCODING 'UTF8'", name, encoding)
	case schema == "":
		return 0, digest.Errorf(digest.Conflict, "%s has no schema to put tables into; create the one that search_path names", name)
	case tables == 0:
		return 0, nil
	}
	var version int64
	if versioned > 0 {
		err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	}
	if err == nil && (versioned == 0 || version > 0 && ours == 0) {
		err = digest.Errorf(digest.Conflict, "%s belongs to another program; give Nutgraf a database or a schema of its own", name)
	}
	return version, err
}

// postgresUpgrade makes the others wait in a transaction of its own, which also
// a pooler keeps on one connection, while f uses other connections.
func postgresUpgrade(ctx context.Context, db *sql.DB, f func() error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to keep
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(`+lockKey("'migration'")+`)`); err != nil {
		return err
	}
	return f()
}

// postgresHome names the server and the database on it, which a dump does not
// take along. Where that may not be asked, nothing tells copies apart.
func postgresHome(ctx context.Context, db *sql.DB) string {
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	var home string
	_ = db.QueryRowContext(ctx, `SELECT c.system_identifier || ' ' || d.oid FROM pg_control_system() c, pg_database d
		WHERE d.datname = current_database()`).Scan(&home) // home stays empty
	return home
}

// postgresCheck reads what is large; the server verifies pages as it reads.
func postgresCheck(ctx context.Context, db *sql.DB) error {
	for _, query := range []string{
		`SELECT coalesce(sum(length(body) + length(title) + length(words)), 0) FROM article`,
		`SELECT coalesce(sum(length(body)), 0) FROM edition`,
		`SELECT coalesce(sum(length(payload)), 0) FROM part`,
		`SELECT coalesce(sum(length(articles)), 0) FROM slot`,
	} {
		var size int64
		if err := db.QueryRowContext(ctx, query).Scan(&size); err != nil {
			return err
		}
	}
	return nil
}

// claimTries is how many channels one claim tries that others are claiming in.
const claimTries = 100

// postgresClaimPart chooses a part that nobody else is choosing. What others
// commit meanwhile it does not see, so the choice is made good under a lock on
// the channel: there, a second look sees the lease of whoever was faster.
//
// The parts are looked through in their order until one fits. The planner would
// rather sort them all, by statistics that are out of date just when many
// digests are due.
func postgresClaimPart(ctx context.Context, tx *transaction, w want) (digest.Part, int64, error) {
	_, err := tx.exec(ctx, `SELECT set_config('enable_' || way, 'off', true) FROM (VALUES ('sort'), ('seqscan'), ('bitmapscan'), ('hashjoin'), ('mergejoin')) AS ways (way)`)
	if err != nil {
		return digest.Part{}, 0, err
	}
	var busy []string
	for range claimTries {
		var args arguments
		where := w.claimable(&args)
		if len(busy) > 0 {
			where += ` AND q.address NOT IN ` + list(&args, busy)
		}
		var key, address string
		var ours bool
		err := tx.queryRow(ctx, `WITH next AS MATERIALIZED (SELECT q.part_key, q.address FROM part q
				WHERE `+where+` ORDER BY `+claimOrder+` LIMIT 1 FOR UPDATE OF q SKIP LOCKED)
			SELECT part_key, address, pg_try_advisory_xact_lock(`+lockKey("address")+`) FROM next`, args...).Scan(&key, &address, &ours)
		if err != nil {
			return digest.Part{}, 0, err
		}
		if ours {
			args = nil
			by, until, chosen := args.add(w.worker), args.add(w.until), args.add(key)
			var token int64
			p, err := scanPart(tx.queryRow(ctx, `UPDATE part SET worker = `+by+`, token = part.token + 1, lease_until = `+until+`
				WHERE part.part_key = (SELECT q.part_key FROM part q WHERE q.part_key = `+chosen+` AND `+w.claimable(&args)+`)
				RETURNING `+partColumns+`, part.token`, args...), &token)
			if !errors.Is(err, sql.ErrNoRows) {
				return p, token, err
			}
		}
		busy = append(busy, address)
	}
	return digest.Part{}, 0, sql.ErrNoRows
}

// postgresFault sorts errors of the server and of the way to it.
func postgresFault(err error) fault {
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return postgresCode(e.Code)
	}
	switch e := (*pgconn.ConnectError)(nil); {
	case errors.Is(err, context.Canceled):
		return faultOther
	case errors.As(err, &e):
		return faultUnreachable
	case errors.Is(err, context.DeadlineExceeded):
		return faultOther
	}
	if e := net.Error(nil); errors.As(err, &e) {
		return faultUnreachable
	}
	for _, broken := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed} {
		if errors.Is(err, broken) {
			return faultUnreachable
		}
	}
	return faultOther
}

// postgresCode sorts the server's codes.
func postgresCode(code string) fault {
	switch code {
	case "40001", "40P01", "55P03": // serialization, deadlock, lock not available
		return faultBusy
	case "57P01", "57P02", "57P03", "57P05", "53300": // shutting down, crashed, starting, idle too long, too many connections
		return faultUnreachable
	case "53100":
		return faultFull
	case "25006":
		return faultReadOnly
	case "XX001", "XX002":
		return faultCorrupt
	case "3D000", "3F000", "42501", "08P01": // no such database or schema, no right; PgBouncer says 08P01
		return faultLogin
	}
	switch code[:min(2, len(code))] {
	case "08":
		return faultUnreachable
	case "28":
		return faultLogin
	}
	return faultOther
}

// postgresRefused tells whether the server answered that it did not commit. A
// server that is going down may have committed and not said so.
func postgresRefused(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	e := (*pgconn.PgError)(nil)
	return errors.As(err, &e) && !slices.Contains([]fault{faultUnreachable, faultCorrupt, faultFull}, postgresCode(e.Code)) && !strings.HasPrefix(e.Code, "57")
}
