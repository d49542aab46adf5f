package sqlstore

import (
	"context"
	"time"

	"nutgraf/digest"
)

// PauseWorkspace keeps everything from being posted to a workspace until it is
// resumed; it is first to be probed at probe. One that is paused stays as it is.
func (s *Store) PauseWorkspace(ctx context.Context, tenant, reason string, probe time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO pause (tenant, reason, since, next_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			tenant, reason, now, millis(probe))
		return err
	})
}

// ResumeWorkspace ends the pause of a workspace.
func (s *Store) ResumeWorkspace(ctx context.Context, tenant string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM pause WHERE tenant = $1`, tenant)
		return err
	})
}

// Pauses returns why workspaces are paused, by workspace.
func (s *Store) Pauses(ctx context.Context) (map[string]string, error) {
	out := make(map[string]string)
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		rows, err := collect(ctx, tx, func(row scanner) ([2]string, error) {
			var r [2]string
			err := row.Scan(&r[0], &r[1])
			return r, err
		}, `SELECT tenant, reason FROM pause`)
		for _, r := range rows {
			out[r[0]] = r[1]
		}
		return err
	})
	return out, err
}

// ClaimProbes hands out the paused workspaces that are to be probed, and the
// subscriptions that were disabled by DisableChannel and are to be checked. No
// other worker gets them before again has passed.
func (s *Store) ClaimProbes(ctx context.Context, probe, check time.Duration) (tenants []string, subs []digest.Subscription, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		tenants, err = collect(ctx, tx, scanString, `UPDATE pause SET next_at = $2 WHERE next_at <= $1 RETURNING tenant`, now, now+probe.Milliseconds())
		if err != nil {
			return err
		}
		ids, err := collect(ctx, tx, scanString, `UPDATE subscription SET recheck = $2 WHERE recheck > 0 AND recheck <= $1 AND disabled <> '' RETURNING id`,
			now, now+check.Milliseconds())
		if err != nil || len(ids) == 0 {
			return err
		}
		var args arguments
		subs, err = collect(ctx, tx, scanSubscription, `SELECT `+subscriptionColumns+` FROM subscription sub WHERE sub.id IN `+list(&args, ids)+` ORDER BY sub.id`, args...)
		return err
	})
	return tenants, subs, err
}

// ProbeSoon has all paused workspaces and disabled channels tried again at
// once: whoever restarts the program may have mended something.
func (s *Store) ProbeSoon(ctx context.Context) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		if _, err := tx.exec(ctx, `UPDATE pause SET next_at = 0`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `UPDATE subscription SET recheck = 1 WHERE recheck > 0`)
		return err
	})
}

// Disable ends a subscription for a reason; "" makes it active again, and what
// operators were told of its channels is forgotten.
func (s *Store) Disable(ctx context.Context, workspace, id, reason string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		if err := alter(ctx, tx, workspace, id, `disabled = $3, recheck = 0`, reason); err != nil || reason != "" {
			return err
		}
		return allIn(ctx, tx, id)
	})
}

// EnableChannel makes a subscription active again that DisableChannel ended,
// and reports whether it did: people may have ended it meanwhile.
func (s *Store) EnableChannel(ctx context.Context, workspace, id string) (bool, error) {
	enabled := false
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		enabled, err = changed(tx.exec(ctx, `UPDATE subscription SET disabled = '', recheck = 0 WHERE workspace = $1 AND id = $2 AND recheck > 0`, workspace, id))
		if err != nil || !enabled {
			return err
		}
		return allIn(ctx, tx, id)
	})
	return enabled && err == nil, err
}

// allIn forgets what operators were told of the channels of a subscription.
func allIn(ctx context.Context, tx *transaction, id string) error {
	sub, err := scanSubscription(tx.queryRow(ctx, `SELECT `+subscriptionColumns+` FROM subscription sub WHERE sub.id = $1`, id))
	for _, a := range sub.Channels {
		if err == nil {
			err = letIn(ctx, tx, a)
		}
	}
	return err
}

// DisableChannel ends a subscription because its channel does not let us in; it
// is to be checked at check whether that has changed. One that has ended before
// stays as it is.
func (s *Store) DisableChannel(ctx context.Context, workspace, id, reason string, check time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `UPDATE subscription SET disabled = $3, recheck = $4 WHERE workspace = $1 AND id = $2 AND disabled = ''`,
			workspace, id, reason, millis(check))
		return err
	})
}

// letIn forgets what operators were told of a channel that did not let us in.
func letIn(ctx context.Context, tx *transaction, a digest.Address) error {
	_, err := tx.exec(ctx, `DELETE FROM notice WHERE workspace = $1 AND cause IN ($2, $3) AND subject = $4`,
		a.Tenant(), string(digest.CauseChannel), string(digest.CauseAccess), a.String())
	return err
}
