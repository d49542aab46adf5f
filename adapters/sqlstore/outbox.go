package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"nutgraf/digest"
)

const partColumns = `part.part_key, part.edition, part.subscription, part.slot_key, part.address, part.n, part.of_n, part.threaded, part.parent, part.stories,
	part.payload, part.state, part.attempts, part.started, part.doubt, part.next_at, part.ref, part.reason, part.plain, part.scope, part.slot_at`

// scanPart reads partColumns and then into more.
func scanPart(row scanner, more ...any) (digest.Part, error) {
	var p digest.Part
	var address, stories string
	var started, doubt, next, due int64
	dest := []any{&p.Key, &p.Edition, &p.Subscription, &p.Slot, &address, &p.N, &p.Of, &p.Threaded, &p.Parent, &stories,
		(*[]byte)(&p.Payload), &p.State, &p.Attempts, &started, &doubt, &next, &p.Ref, &p.Reason, &p.Plain, &p.Scope, &due}
	err := row.Scan(append(dest, more...)...)
	if err != nil {
		return p, err
	}
	p.Started, p.Doubt, p.Next, p.Due = moment(started), moment(doubt), moment(next), moment(due)
	if p.Address, err = digest.ParseAddress(address); err != nil {
		return p, err
	}
	p.Stories, err = decode[string](stories)
	return p, err
}

func putPart(ctx context.Context, tx *transaction, workspace string, slot digest.Slot, edition string, at, expires int64, p digest.Part) error {
	payload := []byte(p.Payload)
	if payload == nil {
		payload = []byte{}
	}
	_, err := tx.exec(ctx, `INSERT INTO part (workspace, part_key, edition, subscription, slot_key, slot_at, expires, address, platform,
			tenant, n, of_n, threaded, stories, payload, next_at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'ready')`,
		workspace, p.Key, edition, slot.Subscription, slot.Key, at, expires, p.Address.String(), p.Platform,
		p.Tenant(), p.N, p.Of, flag(p.Threaded), encode(p.Stories), payload, millis(p.Next))
	return err
}

// ClaimPart leases the part that is next to be worked on, of the oldest slot
// first: one that is ready, or one in doubt whose time to be looked at has
// come. Its State tells which. Parts of one edition in one channel go one after
// the other, threaded ones after their first part was sent, and a channel has
// one leased part at a time. Those of paused workspaces are left alone. The
// bool is false when there is none.
func (s *Store) ClaimPart(ctx context.Context, worker string, platforms []string, lease time.Duration) (digest.Part, digest.Claim, bool, error) {
	var p digest.Part
	var c digest.Claim
	by := unique(worker)
	err := s.writeOnce(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.lease(ctx, tx, &c, worker, lease)
		if err != nil {
			return err
		}
		p, c.Token, err = s.dialect.claimPart(ctx, tx, want{by, platforms, now, millis(c.Until)})
		return err
	}, func(ctx context.Context, tx *transaction) (bool, error) {
		return holds(tx.queryRow(ctx, `SELECT count(*) FROM part WHERE part_key = $1 AND token = $2 AND worker = $3`, p.Key, c.Token, by))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return digest.Part{}, digest.Claim{}, false, nil
	}
	return p, c, err == nil, err
}

// lease makes c a claim of a worker that ends when the lease is over, and
// returns the time.
func (s *Store) lease(ctx context.Context, tx *transaction, c *digest.Claim, worker string, lease time.Duration) (int64, error) {
	now, err := s.now(ctx, tx)
	*c = digest.Claim{Worker: worker, Until: moment(now + lease.Milliseconds())}
	return now, err
}

// unique returns the name by which a claim of a worker is known again.
func unique(worker string) string { return worker + " " + rand.Text() }

// holds tells whether a count is not 0.
func holds(r row) (bool, error) {
	var n int
	err := r.Scan(&n)
	return n > 0, err
}

// want is what a worker asks of the outbox.
type want struct {
	worker     string
	platforms  []string
	now, until int64
}

// claimOrder is the order in which parts "q" are handed out.
const claimOrder = `q.slot_at, q.n, q.part_key`

// claimable returns what part "q" must fulfil to be handed out.
func (w want) claimable(args *arguments) string {
	now := args.add(w.now)
	return unfenced + ` AND q.state IN ('ready', 'sending') AND q.next_at <= ` + now + ` AND q.lease_until <= ` + now + ` AND q.platform IN ` + list(args, w.platforms) + `
		AND (q.threaded = 0 OR q.parent <> '' OR q.n = 1)
		AND NOT EXISTS (SELECT 1 FROM pause WHERE pause.tenant = q.tenant)
		AND NOT EXISTS (SELECT 1 FROM part held WHERE held.address = q.address AND held.lease_until > ` + now + `)
		AND NOT EXISTS (SELECT 1 FROM part earlier WHERE earlier.subscription = q.subscription AND earlier.slot_key = q.slot_key
			AND earlier.address = q.address AND earlier.n < q.n AND earlier.state IN ('ready', 'sending'))`
}

// MarkSending records, before the request leaves, that it is about to. The
// claim must still be live; when it is not, the error is of kind Conflict and
// nothing may be sent.
func (s *Store) MarkSending(ctx context.Context, c digest.Claim, p digest.Part) error {
	var n int
	return s.writeOnce(ctx, s.marking(p, func(ctx context.Context, tx *transaction, now int64) (bool, error) {
		err := tx.queryRow(ctx, `UPDATE part SET state = 'sending', started = $3, attempts = attempts + 1,
				doubt = CASE WHEN state = 'sending' THEN doubt ELSE $3 END
			WHERE part_key = $1 AND token = $2 AND lease_until > $3 AND state IN ('ready', 'sending') RETURNING attempts`, p.Key, c.Token, now).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		_, err = tx.exec(ctx, `INSERT INTO attempt (workspace, part_key, n, worker, token, started)
			SELECT workspace, part_key, $2, $3, $4, $5 FROM part WHERE part_key = $1`, p.Key, n, c.Worker, c.Token, now)
		return true, err
	}), func(ctx context.Context, tx *transaction) (bool, error) {
		return holds(tx.queryRow(ctx, `SELECT count(*) FROM attempt WHERE part_key = $1 AND n = $2 AND token = $3`, p.Key, n, c.Token))
	})
}

// MarkSent records that a part is visible as ref, hands ref to the threaded
// parts if it is the first, and closes the slot after the last part. The same
// again changes nothing.
func (s *Store) MarkSent(ctx context.Context, c digest.Claim, p digest.Part, ref digest.MessageRef) error {
	return s.mark(ctx, p, func(ctx context.Context, tx *transaction, now int64) (bool, error) {
		ok, err := changed(tx.exec(ctx, `UPDATE part SET state = 'sent', ref = $3, reason = '', doubt = 0, lease_until = 0
			WHERE part_key = $1 AND token = $2 AND (state IN ('ready', 'sending') OR state = 'sent' AND ref = $3)`, p.Key, c.Token, string(ref)))
		if !ok || err != nil {
			return ok, err
		}
		if err := attempted(ctx, tx, p.Key, now, "sent", ""); err != nil {
			return false, err
		}
		return true, settle(ctx, tx, p.Key, now)
	})
}

// MarkRetry records that a part is certainly not there and is to be sent again
// from next on, as plain text if p says so. It also gives back a claim that was
// not used.
func (s *Store) MarkRetry(ctx context.Context, c digest.Claim, p digest.Part, next time.Time, reason string) error {
	return s.mark(ctx, p, func(ctx context.Context, tx *transaction, now int64) (bool, error) {
		ok, err := changed(tx.exec(ctx, `UPDATE part SET state = 'ready', doubt = 0, next_at = $3, reason = $4, plain = $5, lease_until = 0
			WHERE part_key = $1 AND token = $2 AND state IN ('ready', 'sending')`, p.Key, c.Token, millis(next), reason, flag(p.Plain)))
		if ok && err == nil {
			err = attempted(ctx, tx, p.Key, now, "not sent", reason)
		}
		return ok, err
	})
}

// MarkDoubt records that a part may or may not be there; it is handed out
// again, to be looked at, from look on.
func (s *Store) MarkDoubt(ctx context.Context, c digest.Claim, p digest.Part, look time.Time, reason string) error {
	return s.mark(ctx, p, func(ctx context.Context, tx *transaction, now int64) (bool, error) {
		ok, err := changed(tx.exec(ctx, `UPDATE part SET next_at = $3, reason = $4, lease_until = 0
			WHERE part_key = $1 AND token = $2 AND state = 'sending'`, p.Key, c.Token, millis(look), reason))
		if ok && err == nil {
			err = attempted(ctx, tx, p.Key, now, "in doubt", reason)
		}
		return ok, err
	})
}

// MarkFinal gives a part up as rejected, unknown or expired, and closes the
// slot after the last part. With p.Scope a rejection reaches the parts that the
// slot still has for the channel.
func (s *Store) MarkFinal(ctx context.Context, c digest.Claim, p digest.Part, state digest.PartState, reason string) error {
	switch state {
	case digest.PartRejected, digest.PartUnknown, digest.PartExpired:
	default:
		return digest.Errorf(digest.Invalid, "a part cannot be given up as %s", state)
	}
	return s.mark(ctx, p, func(ctx context.Context, tx *transaction, now int64) (bool, error) {
		ok, err := changed(tx.exec(ctx, `UPDATE part SET state = $3, reason = $4, scope = $5, lease_until = 0
			WHERE part_key = $1 AND token = $2 AND state IN ('ready', 'sending', $3)`, p.Key, c.Token, string(state), reason, int(p.Scope)))
		if !ok || err != nil {
			return ok, err
		}
		if p.Scope == digest.ScopeChannel {
			_, err := tx.exec(ctx, `UPDATE part SET state = $4, reason = $5, scope = $6
				WHERE subscription = $1 AND slot_key = $2 AND address = $3 AND state = 'ready'`,
				p.Subscription, p.Slot, p.Address.String(), string(state), reason, int(p.Scope))
			if err != nil {
				return false, err
			}
		}
		if err := attempted(ctx, tx, p.Key, now, string(state), reason); err != nil {
			return false, err
		}
		return true, settle(ctx, tx, p.Key, now)
	})
}

// mark runs f, which tells whether the claim was good, in a transaction.
func (s *Store) mark(ctx context.Context, p digest.Part, f func(ctx context.Context, tx *transaction, now int64) (bool, error)) error {
	return s.write(ctx, s.marking(p, f))
}

// marking is the work of mark.
func (s *Store) marking(p digest.Part, f func(ctx context.Context, tx *transaction, now int64) (bool, error)) work {
	return func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		ok, err := f(ctx, tx, now)
		if err == nil && !ok {
			err = stale(fmt.Sprintf("part %d of edition %s", p.N, p.Edition))
		}
		return err
	}
}

// attempted records how the newest attempt ended, unless that is known.
func attempted(ctx context.Context, tx *transaction, key string, now int64, outcome, reason string) error {
	_, err := tx.exec(ctx, `UPDATE attempt SET ended = $2, outcome = $3, reason = $4
		WHERE part_key = $1 AND outcome IN ('', 'in doubt') AND n = (SELECT max(n) FROM attempt WHERE part_key = $1)`, key, now, outcome, reason)
	return err
}
