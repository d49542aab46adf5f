package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// AcquireLease makes worker the one that does what name stands for until ttl
// has passed, or prolongs that. It is false while another worker holds it. The
// holder must stop when it could not prolong in time.
func (s *Store) AcquireLease(ctx context.Context, name, worker string, ttl time.Duration) (bool, error) {
	var held bool
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		held, err = changed(tx.exec(ctx, `INSERT INTO lease (name, worker, until_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET worker = excluded.worker, until_at = excluded.until_at
			WHERE lease.worker = excluded.worker OR lease.until_at <= $4`, name, worker, now+ttl.Milliseconds(), now))
		return err
	})
	return held && err == nil, err
}

// ReleaseLease gives back what worker holds under name; what another holds
// stays.
func (s *Store) ReleaseLease(ctx context.Context, name, worker string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM lease WHERE name = $1 AND worker = $2`, name, worker)
		return err
	})
}

// Amend replaces the value that is kept under a name, "" at first, by what
// change makes of it, in one transaction: nothing comes between. Change may be
// called more than once; its error leaves the value as it is.
func (s *Store) Amend(ctx context.Context, name string, change func(value string) (string, error)) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		if err := tx.dialect.guard(ctx, tx, "meta "+name); err != nil {
			return err
		}
		var value string
		err := tx.queryRow(ctx, `SELECT value FROM meta WHERE name = $1`, name).Scan(&value)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		changed, err := change(value)
		if err != nil || changed == value {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, changed)
		return err
	})
}
