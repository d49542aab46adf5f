package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"nutgraf/digest"
)

// AddNotice records a notice in a state, unless there is one of its workspace,
// cause and subject; it reports whether there was none.
func (s *Store) AddNotice(ctx context.Context, n digest.Notice, state digest.NoticeState) (fresh bool, err error) {
	err = s.writeOnce(ctx, func(ctx context.Context, tx *transaction) error {
		if n.At.IsZero() {
			now, err := s.now(ctx, tx)
			if err != nil {
				return err
			}
			n.At = moment(now)
		}
		var err error
		fresh, err = addNotice(ctx, tx, n, state)
		return err
	}, func(ctx context.Context, tx *transaction) (bool, error) {
		return holds(tx.queryRow(ctx, `SELECT count(*) FROM notice WHERE workspace = $1 AND cause = $2 AND subject = $3 AND notice_key = $4`,
			n.Workspace, string(n.Cause), n.Subject, n.Key))
	})
	return fresh && err == nil, err
}

func addNotice(ctx context.Context, tx *transaction, n digest.Notice, state digest.NoticeState) (fresh bool, err error) {
	return changed(tx.exec(ctx, `INSERT INTO notice (workspace, cause, subject, notice_key, text, at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		n.Workspace, string(n.Cause), n.Subject, n.Key, n.Text, millis(n.At), string(state)))
}

// ClearNotice forgets a notice because its cause has ended, and reports whether
// there was one. One that was not told yet is not told any more.
func (s *Store) ClearNotice(ctx context.Context, n digest.Notice) (cleared bool, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		cleared, err = changed(tx.exec(ctx, `DELETE FROM notice WHERE workspace = $1 AND cause = $2 AND subject = $3`, n.Workspace, string(n.Cause), n.Subject))
		return err
	})
	return cleared && err == nil, err
}

// ClaimNotice leases the oldest notice that is to be told, and records that it
// is about to be. Its Doubt is set when it may be in a channel already. The
// bool is false when there is none.
func (s *Store) ClaimNotice(ctx context.Context, worker string, lease time.Duration) (digest.Notice, digest.Claim, bool, error) {
	var n digest.Notice
	var c digest.Claim
	by := unique(worker)
	err := s.writeOnce(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.lease(ctx, tx, &c, worker, lease)
		if err != nil {
			return err
		}
		var at, doubt int64
		err = tx.queryRow(ctx, fmt.Sprintf(`UPDATE notice SET worker = $1, token = token + 1, lease_until = $2, attempts = attempts + 1, state = 'sending',
				doubt = CASE WHEN state = 'sending' THEN started ELSE 0 END, started = CASE WHEN state = 'sending' THEN started ELSE $3 END
			WHERE (workspace, cause, subject) = (SELECT workspace, cause, subject FROM notice
				WHERE state <> 'told' AND next_at <= $3 AND lease_until <= $3 ORDER BY at LIMIT 1%s)
			RETURNING workspace, cause, subject, notice_key, text, at, attempts, doubt, token`, s.dialect.skipLocked), by, millis(c.Until), now).
			Scan(&n.Workspace, &n.Cause, &n.Subject, &n.Key, &n.Text, &at, &n.Attempts, &doubt, &c.Token)
		n.At, n.Doubt = moment(at), moment(doubt)
		return err
	}, func(ctx context.Context, tx *transaction) (bool, error) {
		return holds(tx.queryRow(ctx, `SELECT count(*) FROM notice WHERE notice_key = $1 AND token = $2 AND worker = $3`, n.Key, c.Token, by))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return digest.Notice{}, digest.Claim{}, false, nil
	}
	return n, c, err == nil, err
}

// MarkNotice records what became of telling a notice; unless it is told, it is
// handed out again from next on. A notice that was cleared or claimed by
// another worker meanwhile is left alone.
func (s *Store) MarkNotice(ctx context.Context, c digest.Claim, n digest.Notice, state digest.NoticeState, next time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `UPDATE notice SET state = $3, next_at = $4, lease_until = 0 WHERE notice_key = $1 AND token = $2`,
			n.Key, c.Token, string(state), millis(next))
		return err
	})
}
