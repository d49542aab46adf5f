package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"nutgraf/digest"
)

// leastExpiry is how long at least the parts of a slot may be tried, however
// late it was decided.
const leastExpiry = 10 * time.Minute

// stockRows is how many rows a list has when the caller does not say.
const stockRows = 100

const slotColumns = `slot.subscription, slot.slot_key, slot.at, slot.state, slot.reason, slot.from_at, slot.to_at, slot.articles, slot.late, slot.edition, slot.decided, slot.closed`

// scanSlot reads slotColumns and then into more.
func scanSlot(row scanner, more ...any) (digest.Slot, error) {
	var sl digest.Slot
	var at, from, to, decided, closed int64
	var articles string
	dest := []any{&sl.Subscription, &sl.Key, &at, &sl.State, &sl.Reason, &from, &to, &articles, &sl.Late, &sl.Edition, &decided, &closed}
	if err := row.Scan(append(dest, more...)...); err != nil {
		return sl, err
	}
	sl.At, sl.From, sl.To, sl.Decided, sl.Closed = moment(at), moment(from), moment(to), moment(decided), moment(closed)
	var err error
	sl.Articles, err = decode[string](articles)
	return sl, err
}

// LastSlot returns the newest slot of a subscription by its key, whatever
// became of it, or the zero Slot.
func (s *Store) LastSlot(ctx context.Context, sub string) (digest.Slot, error) {
	var out digest.Slot
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = scanSlot(tx.queryRow(ctx, `SELECT `+slotColumns+` FROM slot WHERE slot.subscription = $1 ORDER BY slot.slot_key DESC LIMIT 1`, sub))
		if errors.Is(err, sql.ErrNoRows) {
			out, err = digest.Slot{}, nil
		}
		return err
	})
	return out, err
}

// PutSlots adds the slots that do not exist yet and says how many those were.
// A slot exists when its key or its instant does.
func (s *Store) PutSlots(ctx context.Context, slots []digest.Slot) (inserted int, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *transaction) error {
		inserted = 0
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		for _, sl := range slots {
			ok, err := putSlot(ctx, tx, sl, now)
			if err != nil {
				return err
			}
			inserted += flag(ok)
		}
		return nil
	})
	return inserted, err
}

func putSlot(ctx context.Context, tx *transaction, sl digest.Slot, now int64) (bool, error) {
	var workspace string
	var late int64
	err := tx.queryRow(ctx, `SELECT workspace, catch_up FROM subscription WHERE id = $1`, sl.Subscription).Scan(&workspace, &late)
	if errors.Is(err, sql.ErrNoRows) {
		return false, digest.Errorf(digest.NotFound, "there is no subscription %q for the slot %s", sl.Subscription, sl.Key)
	}
	if err != nil {
		return false, err
	}
	decided, closed := or(millis(sl.Decided), now), millis(sl.Closed)
	if open := sl.State == digest.SlotDue; !open {
		closed = or(closed, now)
	}
	expires := max(millis(sl.At)+or(late, catchUp.Milliseconds()), decided+leastExpiry.Milliseconds())
	return changed(tx.exec(ctx, `INSERT INTO slot (workspace, subscription, slot_key, at, expires, state, reason, late, decided, closed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		workspace, sl.Subscription, sl.Key, millis(sl.At), expires, string(sl.State), sl.Reason, flag(sl.Late), decided, closed))
}

// Slots returns slots, newest first. A workspace sees the shared ones too.
func (s *Store) Slots(ctx context.Context, f digest.SlotFilter) ([]digest.Slot, error) {
	var args arguments
	where := "1 = 1"
	if f.Workspace != "" {
		where += " AND slot.workspace IN " + list(&args, sees(f.Workspace))
	}
	if f.Subscription != "" {
		where += " AND slot.subscription = " + args.add(f.Subscription)
	}
	if f.Key != "" {
		where += " AND slot.slot_key = " + args.add(f.Key)
	}
	if len(f.States) > 0 {
		where += " AND slot.state IN " + list(&args, names(f.States))
	}
	query := `SELECT ` + slotColumns + ` FROM slot WHERE ` + where + ` ORDER BY slot.at DESC, slot.subscription LIMIT ` + args.add(rowLimit(f.Limit))
	var out []digest.Slot
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Slot, error) { return scanSlot(row) }, query, args...)
		return err
	})
	return out, err
}

// names returns values of a string type as strings, which drivers take.
func names[T ~string](values []T) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

func rowLimit(n int) int {
	if n <= 0 {
		return stockRows
	}
	return n
}

// ClaimSlot leases the oldest slot in due or selected that nobody holds. Its
// subscription may have been paused or disabled meanwhile. The bool is false
// when there is none.
func (s *Store) ClaimSlot(ctx context.Context, worker string, lease time.Duration) (digest.Slot, digest.Subscription, digest.Claim, bool, error) {
	var sl digest.Slot
	var sub digest.Subscription
	var c digest.Claim
	by := unique(worker)
	err := s.writeOnce(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.lease(ctx, tx, &c, worker, lease)
		if err != nil {
			return err
		}
		sl, err = scanSlot(tx.queryRow(ctx, fmt.Sprintf(`UPDATE slot SET worker = $1, token = slot.token + 1, lease_until = $2
			WHERE (slot.subscription, slot.slot_key) = (SELECT subscription, slot_key FROM slot
				WHERE state IN ('due', 'selected') AND lease_until <= $3 AND %s ORDER BY at, subscription LIMIT 1%s)
			RETURNING %s, slot.token`, unfenced, s.dialect.skipLocked, slotColumns), by, millis(c.Until), now), &c.Token)
		if err != nil {
			return err
		}
		sub, err = scanSubscription(tx.queryRow(ctx, `SELECT `+subscriptionColumns+` FROM subscription sub WHERE sub.id = $1`, sl.Subscription))
		return err
	}, func(ctx context.Context, tx *transaction) (bool, error) {
		return holds(tx.queryRow(ctx, `SELECT count(*) FROM slot WHERE subscription = $1 AND slot_key = $2 AND token = $3 AND worker = $4`,
			sl.Subscription, sl.Key, c.Token, by))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return digest.Slot{}, digest.Subscription{}, digest.Claim{}, false, nil
	}
	return sl, sub, c, err == nil, err
}

// stale is the error of a worker whose claim is no longer the newest.
func stale(what string) error {
	return digest.Errorf(digest.Conflict, "%s was taken over by another worker or is closed; leave it to that one", what)
}

// FreezeWindow records the window and the articles of a slot, which becomes
// selected. Stale claims are refused with kind Conflict, and so is a second
// window: what is frozen stays.
func (s *Store) FreezeWindow(ctx context.Context, c digest.Claim, slot digest.Slot) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		from, to, articles := millis(slot.From), millis(slot.To), encode(slot.Articles)
		ok, err := changed(tx.exec(ctx, `UPDATE slot SET state = 'selected', from_at = $4, to_at = $5, articles = $6
			WHERE subscription = $1 AND slot_key = $2 AND token = $3
				AND (state = 'due' OR state = 'selected' AND from_at = $4 AND to_at = $5 AND articles = $6)`,
			slot.Subscription, slot.Key, c.Token, from, to, articles))
		if err == nil && !ok {
			err = stale("slot " + slot.Key + " of " + slot.Subscription)
		}
		return err
	})
}

// FreezeEdition stores the edition of a slot with its parts, ready to be sent,
// and ends the claim; the slot becomes built. The same edition again changes
// nothing. Stale claims are refused with kind Conflict.
func (s *Store) FreezeEdition(ctx context.Context, c digest.Claim, slot digest.Slot, e digest.Edition, parts []digest.Part) error {
	if len(parts) == 0 {
		return digest.Errorf(digest.Invalid, "edition %s has no parts; close its slot as empty instead", e.ID)
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		var workspace, state, edition string
		var at, expires, token int64
		err := tx.queryRow(ctx, `SELECT workspace, state, edition, at, expires, token FROM slot WHERE subscription = $1 AND slot_key = $2`+s.dialect.forUpdate,
			slot.Subscription, slot.Key).Scan(&workspace, &state, &edition, &at, &expires, &token)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return digest.Errorf(digest.NotFound, "there is no slot %s of %s", slot.Key, slot.Subscription)
		case err != nil:
			return err
		case edition == e.ID && token == c.Token:
			return nil // an earlier commit was not reported to us
		case token != c.Token || state != string(digest.SlotDue) && state != string(digest.SlotSelected):
			return stale("slot " + slot.Key + " of " + slot.Subscription)
		}
		if err := putEdition(ctx, tx, workspace, slot, e); err != nil {
			return err
		}
		for _, p := range parts {
			if err := putPart(ctx, tx, workspace, slot, e.ID, at, expires, p); err != nil {
				return err
			}
		}
		// The condition repeats the check: another worker may claim meanwhile.
		ok, err := changed(tx.exec(ctx, `UPDATE slot SET state = 'built', edition = $4, lease_until = 0
			WHERE subscription = $1 AND slot_key = $2 AND token = $3 AND state IN ('due', 'selected')`, slot.Subscription, slot.Key, c.Token, e.ID))
		if err == nil && !ok {
			err = stale("slot " + slot.Key + " of " + slot.Subscription)
		}
		return err
	})
}

// CloseSlot ends a slot that has no parts: empty, missed, undeliverable or
// expired. Stale claims are refused with kind Conflict; the same again changes
// nothing that matters.
func (s *Store) CloseSlot(ctx context.Context, c digest.Claim, slot digest.Slot, state digest.SlotState, reason string) error {
	switch state {
	case digest.SlotDue, digest.SlotSelected, digest.SlotBuilt:
		return digest.Errorf(digest.Invalid, "a slot cannot be closed as %s, which is no final state", state)
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		ok, err := changed(tx.exec(ctx, `UPDATE slot SET state = $4, reason = $5, closed = $6, lease_until = 0
			WHERE subscription = $1 AND slot_key = $2 AND token = $3 AND (state IN ('due', 'selected') OR state = $4 AND reason = $5)`,
			slot.Subscription, slot.Key, c.Token, string(state), reason, now))
		if err == nil && !ok {
			err = stale("slot " + slot.Key + " of " + slot.Subscription)
		}
		return err
	})
}

// VoidLeases ends all leases and fences off whoever held them. It belongs to
// the process that has just taken the lock, so on PostgreSQL, where the lock
// keeps nobody out, it does nothing: leases run out by themselves.
func (s *Store) VoidLeases(ctx context.Context) error {
	if s.dialect.lockFile == "" {
		return nil
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		for _, table := range []string{"slot", "part"} {
			if _, err := tx.exec(ctx, `UPDATE `+table+` SET lease_until = 0, token = token + 1 WHERE lease_until > 0`); err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, `UPDATE inbox SET until_at = 0 WHERE done = 0`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM lease`)
		return err
	})
}
