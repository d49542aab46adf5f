package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Deadlines of one call. SQLite alone may wait five seconds for a lock.
const (
	readLimit  = 10 * time.Second
	writeLimit = 15 * time.Second
	bulkLimit  = 2 * time.Minute // for one chunk of an import or of pruning
)

// tries is how often a transaction runs that others keep from committing.
const tries = 3

// write runs f in one transaction that is repeated when the database is busy.
func (s *Store) write(ctx context.Context, limit time.Duration, f func(ctx context.Context, tx *sql.Tx) error) error {
	return s.run(ctx, s.w, limit, f)
}

// read runs f in one transaction that sees a single state of the database.
func (s *Store) read(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	return s.run(ctx, s.r, readLimit, f)
}

func (s *Store) run(ctx context.Context, db *sql.DB, limit time.Duration, f func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var err error
	for try := range tries {
		if err = once(ctx, db, f); err == nil || s.dialect.fault(err) != faultBusy {
			break
		}
		pause := time.NewTimer(20 * time.Millisecond << try)
		select {
		case <-ctx.Done():
			pause.Stop()
			return s.explain(err)
		case <-pause.C:
		}
	}
	return s.explain(err)
}

func once(ctx context.Context, db *sql.DB, f func(ctx context.Context, tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(ctx, tx); err != nil {
		_ = tx.Rollback() // the first error says more
		return err
	}
	return tx.Commit()
}

// now returns the time that leases are measured by, in milliseconds.
func (s *Store) now(ctx context.Context, tx *sql.Tx) (int64, error) {
	t, err := s.dialect.now(ctx, tx, s.clock)
	return t.UnixMilli(), err
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, tx *sql.Tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// scanner is a row: *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// scanString reads a row of one text.
func scanString(row scanner) (string, error) {
	var s string
	err := row.Scan(&s)
	return s, err
}

// changed tells whether a statement touched a row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// arguments collects the values of a statement that is put together.
type arguments []any

// add returns the placeholder of v.
func (a *arguments) add(v any) string {
	*a = append(*a, v)
	return "$" + strconv.Itoa(len(*a))
}

// list returns the placeholders of values in parentheses; never an empty list.
func list[T any](a *arguments, values []T) string {
	marks := make([]string, 0, len(values))
	for _, v := range values {
		marks = append(marks, a.add(v))
	}
	if len(marks) == 0 {
		return "(NULL)"
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// millis is how times are stored: Unix milliseconds, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment reads what millis wrote.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// flag is how booleans are stored.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// encode is how lists are stored: JSON text, "[]" when empty.
func encode[T any](values []T) string {
	if len(values) == 0 {
		return "[]"
	}
	out, err := json.Marshal(values)
	if err != nil { // strings, numbers and marks cannot fail
		return "[]"
	}
	return string(out)
}

// decode reads what encode wrote; nil when empty.
func decode[T any](text string) ([]T, error) {
	if text == "" || text == "[]" {
		return nil, nil
	}
	var out []T
	err := json.Unmarshal([]byte(text), &out)
	return out, err
}
