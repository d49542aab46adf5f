package sqlstore

import (
	"context"
	"strconv"
	"time"

	"nutgraf/digest"
)

// The rows of meta by which a store knows that it came out of a backup. While
// the fence stands, no slot and no part is handed out.
const (
	fenceRow   = "fence"
	backupRow  = "backup_at"
	resumedRow = "resumed_at"
	unfenced   = `NOT EXISTS (SELECT 1 FROM meta WHERE name = '` + fenceRow + `')`
)

// Restored tells whether the store came out of a backup, and whether it may send.
func (s *Store) Restored(ctx context.Context) (digest.Restored, error) {
	var r digest.Restored
	err := s.read(ctx, func(ctx context.Context, tx *transaction) (err error) {
		r, err = restored(ctx, tx)
		return err
	})
	return r, err
}

func restored(ctx context.Context, tx *transaction) (digest.Restored, error) {
	var r digest.Restored
	rows, err := collect(ctx, tx, func(row scanner) ([2]string, error) {
		var v [2]string
		err := row.Scan(&v[0], &v[1])
		return v, err
	}, `SELECT name, value FROM meta WHERE name IN ('`+backupRow+`', '`+resumedRow+`')`)
	for _, v := range rows {
		ms, err := strconv.ParseInt(v[1], 10, 64)
		if err != nil {
			return r, err
		}
		if v[0] == backupRow {
			r.Backup = moment(ms)
		} else {
			r.Resumed = moment(ms)
		}
	}
	return r, err
}

// Resume lets a store that came out of a backup send again, and says how many
// parts are looked up first: all that were not sent when the backup was made may
// have been sent since. It is for when no other installation sends any more;
// after that it changes nothing.
func (s *Store) Resume(ctx context.Context) (digest.Restored, int, error) {
	var r digest.Restored
	var parts int
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		if r, err = restored(ctx, tx); err != nil || !r.Fenced() {
			return err
		}
		r.Resumed = moment(now)
		if err := setMeta(ctx, tx, resumedRow, strconv.FormatInt(now, 10)); err != nil {
			return err
		}
		// A search is believed when the quiet period since started is over: until
		// now somebody else may have been sending.
		result, err := tx.exec(ctx, `UPDATE part SET state = 'sending', started = $1, next_at = $1, token = token + 1, lease_until = 0,
				doubt = CASE WHEN doubt > 0 AND doubt < $2 THEN doubt ELSE $2 END
			WHERE state IN ('ready', 'sending')`, now, millis(r.Backup))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		parts = int(n)
		_, err = tx.exec(ctx, `DELETE FROM meta WHERE name = '`+fenceRow+`'`)
		return err
	})
	return r, parts, err
}

// fence keeps the store from sending until Resume: it was copied at an instant,
// or earlier if it had been fenced before.
func fence(ctx context.Context, tx *transaction, at time.Time) error {
	r, err := restored(ctx, tx)
	if err != nil {
		return err
	}
	if r.Fenced() && r.Backup.Before(at) {
		return nil
	}
	if err := setMeta(ctx, tx, backupRow, strconv.FormatInt(at.UnixMilli(), 10)); err != nil {
		return err
	}
	if err := setMeta(ctx, tx, fenceRow, "restored from a backup"); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM meta WHERE name = '`+resumedRow+`'`)
	return err
}

func setMeta(ctx context.Context, tx *transaction, name, value string) error {
	_, err := tx.exec(ctx, `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
