package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"nutgraf/digest"
)

// dialect is what differs between databases; everything else is common SQL.
type dialect struct {
	name       string // of this database, for messages; without password
	goose      goose.Dialect
	migrations fs.FS
	limits     limits
	lockFile   string // "" where the database itself keeps several processes apart
	skipLocked string // suffix of a SELECT that passes over rows that others change
	forUpdate  string // suffix of a SELECT that keeps others from changing its rows

	readTx, writeTx *sql.TxOptions

	insertRows int  // how many rows one statement inserts
	bareMarks  bool // "?" is the next placeholder: SQLite looks for "$1" among all before it

	// open connects: w for transactions that write, r for those that read.
	open func(o Options) (w, r *sql.DB, err error)
	// version returns the schema's version, 0 for an empty database.
	version func(ctx context.Context, db *sql.DB) (int64, error)
	// upgrade runs f while no other process upgrades the same database.
	upgrade func(ctx context.Context, db *sql.DB, f func() error) error
	// backup saves a copy before a migration from a version and says where;
	// "" where that is for the operator to do.
	backup func(ctx context.Context, db *sql.DB, version int64) (string, error)
	// examine reads everything before the database is opened to be written, and
	// reports damage; it leaves everything as it is.
	examine func(ctx context.Context) error
	// home tells two copies of a database apart; "" where nothing does.
	home func(ctx context.Context, db *sql.DB) string
	// check reads everything and reports damage.
	check func(ctx context.Context, db *sql.DB) error
	// now returns the time that leases are measured by.
	now func(ctx context.Context, tx *transaction, clock func() time.Time) (time.Time, error)
	// guard makes transactions that name the same thing go one after the other,
	// from here to their end.
	guard func(ctx context.Context, tx *transaction, name string) error
	// claimPart leases the next part to a worker and returns it with its token;
	// sql.ErrNoRows when there is none.
	claimPart func(ctx context.Context, tx *transaction, w want) (digest.Part, int64, error)
	// lexemes returns what is stored in article.words to search by, nil where
	// the database keeps its index by itself.
	lexemes func(title, body string) string
	// match returns the statement that finds the newest matches of words and
	// yields (n, rank, time) rows; a smaller rank is better, 0 is none. The
	// conditions name columns of article as "a" and use args so far.
	match func(w words, conditions string, args *arguments, limit int) string
	// fault sorts an error of the driver.
	fault func(err error) fault
	// refused tells of the error of a commit that the database certainly did
	// not carry it out.
	refused func(err error) bool
}

// fault is what an error of the driver means to us.
type fault int

const (
	faultOther fault = iota
	faultBusy        // another transaction was faster; the same again may succeed
	faultCorrupt
	faultFull
	faultReadOnly
	faultOpen
	faultUnreachable // no connection, or it broke
	faultLogin
)

// explain turns what the driver reports into an error for people. Errors that
// are for people already, and those nobody can act on, pass unchanged.
func (s *Store) explain(err error) error {
	var known *digest.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	name := s.dialect.name
	switch s.dialect.fault(err) {
	case faultBusy:
		return digest.Errorf(digest.Unavailable, "%s is busy with another program; try again in a moment: %w", name, err)
	case faultCorrupt:
		return digest.Errorf(digest.Internal, "%s is damaged or no database; it was left as it is; put a backup in its place with nutgraf restore --force FILE: %w", name, err)
	case faultFull:
		return digest.Errorf(digest.Unavailable, "the disk of %s is full; free some space, nothing else needs doing: %w", name, err)
	case faultReadOnly:
		return digest.Errorf(digest.Unavailable, "%s cannot be written; give this user the right to write the file and its folder: %w", name, err)
	case faultUnreachable:
		return digest.Errorf(digest.Unavailable, "%s cannot be reached; check that the server runs and that its address is right: %w", name, err)
	case faultLogin:
		return digest.Errorf(digest.Unavailable, "%s refuses the login; check the user, the password and the name of the database, and what the user may do there: %w", name, err)
	case faultOpen:
		return digest.Errorf(digest.Unavailable, "%s cannot be opened; its folder must exist and this user must be able to read and write it: %w", name, err)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return digest.Errorf(digest.Unavailable, "%s did not answer in time: %w", name, err)
	case errors.Is(err, context.Canceled):
		return err
	}
	return digest.Errorf(digest.Internal, "the database failed; the log of the program says more: %w", err)
}
