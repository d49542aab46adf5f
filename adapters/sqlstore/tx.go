package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// limits are the deadlines of one call and of one statement in it.
type limits struct {
	read, write time.Duration
	bulk        time.Duration // of one chunk of an import or of pruning
	statement   time.Duration // of one statement, and of waiting for a connection
}

// tries is how often a transaction runs that others keep from committing, and
// reaches is how often one whose connection breaks.
const (
	tries   = 3
	reaches = 7
)

// work is what happens in one transaction. It may run several times, so it
// must not rely on what an earlier run left in its variables.
type work func(ctx context.Context, tx *transaction) error

// write runs f in one transaction, which is repeated when the database is busy
// or the connection breaks. A commit whose outcome is unknown is repeated too:
// f must find out by itself what it did before.
func (s *Store) write(ctx context.Context, f work) error {
	return s.run(ctx, s.w, s.dialect.limits.write, s.dialect.writeTx, f, nil)
}

// writeBulk is write with more time.
func (s *Store) writeBulk(ctx context.Context, f work) error {
	return s.run(ctx, s.w, s.dialect.limits.bulk, s.dialect.writeTx, f, nil)
}

// writeOnce is write for work that may not happen twice: when the outcome of
// the commit is unknown, landed looks by key whether it happened.
func (s *Store) writeOnce(ctx context.Context, f work, landed func(ctx context.Context, tx *transaction) (bool, error)) error {
	return s.run(ctx, s.w, s.dialect.limits.write, s.dialect.writeTx, f, landed)
}

// read runs f in one transaction that sees a single state of the database.
func (s *Store) read(ctx context.Context, f work) error {
	return s.run(ctx, s.r, s.dialect.limits.read, s.dialect.readTx, f, nil)
}

func (s *Store) run(ctx context.Context, db *sql.DB, limit time.Duration, o *sql.TxOptions, f work, landed func(context.Context, *transaction) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	unknown := false
	for try := 1; ; try++ {
		happened, inDoubt, err := false, unknown, error(nil)
		if unknown && landed != nil {
			_, err = s.once(ctx, db, s.dialect.writeTx, func(ctx context.Context, tx *transaction) error {
				var err error
				happened, err = landed(ctx, tx)
				return err
			})
			inDoubt = err != nil
		}
		if err == nil && !happened {
			inDoubt, err = s.once(ctx, db, o, f)
		}
		if err == nil {
			return nil
		}
		unknown = inDoubt
		if !s.again(ctx, err, try) {
			s.notice(err)
			return s.explain(err)
		}
	}
}

// again tells whether another try is worth it, after a pause.
func (s *Store) again(ctx context.Context, err error, try int) bool {
	most := 0
	switch s.dialect.fault(err) {
	case faultBusy:
		most = tries
	case faultUnreachable:
		most = reaches
	}
	if try >= most {
		return false
	}
	pause := time.NewTimer(20 * time.Millisecond << try)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-pause.C:
		return true
	}
}

// once runs f in a transaction. unknown means that it may have been committed
// although there is an error.
func (s *Store) once(ctx context.Context, db *sql.DB, o *sql.TxOptions, f work) (unknown bool, err error) {
	limit := s.dialect.limits.statement
	waiting, cancel := context.WithTimeout(ctx, limit)
	conn, err := db.Conn(waiting)
	cancel()
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }() // goes back to the pool
	// The context of BeginTx is that of the whole transaction, so its deadline
	// for beginning and for committing is a timer that ends the transaction.
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	inTime := func(f func() error) error {
		timer := time.AfterFunc(limit, func() { end(context.DeadlineExceeded) })
		err := f()
		if !timer.Stop() && err != nil {
			err = errors.Join(context.DeadlineExceeded, err)
		}
		return err
	}
	var sqlTx *sql.Tx
	err = inTime(func() (err error) {
		sqlTx, err = conn.BeginTx(ctx, o)
		return err
	})
	if err != nil {
		return false, err
	}
	if err := f(ctx, &transaction{sqlTx, &s.dialect, limit}); err != nil {
		_ = sqlTx.Rollback() // the first error says more
		return false, err
	}
	err = inTime(sqlTx.Commit)
	return err != nil && !s.dialect.refused(err), err
}

// now returns the time that leases are measured by, in milliseconds.
func (s *Store) now(ctx context.Context, tx *transaction) (int64, error) {
	t, err := s.dialect.now(ctx, tx, s.clock)
	return t.UnixMilli(), err
}

// transaction runs statements, each with a deadline of its own. Texts reach the
// database as valid UTF-8 without NUL: not every database takes others, and
// what a platform answered must not keep its outcome from being recorded.
type transaction struct {
	tx      *sql.Tx
	dialect *dialect
	limit   time.Duration
}

func (t *transaction) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	return t.tx.ExecContext(ctx, query, storable(args)...)
}

func (t *transaction) queryRow(ctx context.Context, query string, args ...any) row {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	return row{t.tx.QueryRowContext(ctx, query, storable(args)...), cancel}
}

// row is the one row of a query that was not read yet.
type row struct {
	row    *sql.Row
	cancel context.CancelFunc
}

// Scan reads the row.
func (r row) Scan(dest ...any) error {
	defer r.cancel()
	return r.row.Scan(dest...)
}

// storable replaces what a database may refuse in texts.
func storable(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
		}
	}
	return args
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, tx *transaction, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, tx.limit)
	defer cancel()
	rows, err := tx.tx.QueryContext(ctx, query, storable(args)...)
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

// insert adds rows by few statements: before, the rows' placeholders, after.
// A cast, where there is one, is the expression of the last column; "?" in it
// is the placeholder.
func insert(ctx context.Context, tx *transaction, before string, rows [][]any, cast, after string) error {
	for len(rows) > 0 {
		some := rows[:min(tx.dialect.insertRows, len(rows))]
		rows = rows[len(some):]
		var query strings.Builder
		query.WriteString(before)
		args := make(arguments, 0, len(some)*len(some[0]))
		for i, values := range some {
			query.WriteString([...]string{", (", "("}[flag(i == 0)])
			for j, v := range values {
				if j > 0 {
					query.WriteString(", ")
				}
				mark := args.add(v)
				if tx.dialect.bareMarks {
					mark = "?"
				}
				if cast != "" && j == len(values)-1 {
					mark = strings.ReplaceAll(cast, "?", mark)
				}
				query.WriteString(mark)
			}
			query.WriteByte(')')
		}
		query.WriteString(after)
		if _, err := tx.exec(ctx, query.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// scanner is a row: row or *sql.Rows.
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
