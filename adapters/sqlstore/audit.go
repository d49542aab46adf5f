package sqlstore

import (
	"context"
	"fmt"

	"nutgraf/digest"
)

// Record adds a row to the record of who changed what.
func (s *Store) Record(ctx context.Context, a digest.Audit) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO audit (workspace, at, channel, user_id, user_name, command, subject, detail)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, a.Workspace, now, a.Channel, a.User, a.Name, a.Command, a.Subject, a.Detail)
		return err
	})
}

// Audits returns the newest n rows of the record of one workspace.
func (s *Store) Audits(ctx context.Context, workspace string, n int) ([]digest.Audit, error) {
	var out []digest.Audit
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Audit, error) {
			var a digest.Audit
			var at int64
			err := row.Scan(&a.Workspace, &at, &a.Channel, &a.User, &a.Name, &a.Command, &a.Subject, &a.Detail)
			a.At = moment(at)
			return a, err
		}, fmt.Sprintf(`SELECT workspace, at, channel, user_id, user_name, command, subject, detail FROM audit
			WHERE workspace = $1 ORDER BY at DESC LIMIT %d`, max(1, n)), workspace)
		return err
	})
	return out, err
}

// pruneAudit removes rows of the record that were made before.
func pruneAudit(ctx context.Context, tx *transaction, before int64) (int, error) {
	result, err := tx.exec(ctx, `DELETE FROM audit WHERE at < $1`, before)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
