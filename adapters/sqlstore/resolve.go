package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"nutgraf/digest"
)

// headerGone is the reason of parts that were given up with their first one.
const headerGone = "the first part, under which it goes, was not posted"

// resolutions are the verdicts that an operator may say of a part, with what each sets.
var resolutions = map[string]struct {
	set   string
	again bool // the part is to be posted (again)
}{
	"sent":    {`state = 'sent', reason = 'found by the operator', doubt = 0, ref = $2`, false},
	"discard": {`state = 'rejected', reason = $2`, false},
	"resend":  {`state = 'ready', reason = 'sent again by the operator', ` + readied, true},
	"retry":   {`state = 'ready', reason = 'tried again by the operator', ` + readied, true},
}

// readied is what makes a part ready that is to be posted again: at once, and
// for as long as a new one.
const readied = `doubt = 0, plain = 0, scope = 0, next_at = $2, expires = CASE WHEN expires > $3 THEN expires ELSE $3 END`

// ResolvePart records what an operator found out about a part or wants of it:
// "sent" when it is there, as ref where that is known; "resend" to post it
// (again); "discard" to give it up; "retry" to try at once what waits or was
// given up, but not what may be there already. Whoever worked on the part is
// fenced off. The error is of kind NotFound when there is no such part, and
// Conflict when its state does not allow it; both say what to do.
func (s *Store) ResolvePart(ctx context.Context, key, verdict string, ref digest.MessageRef) error {
	v, ok := resolutions[verdict]
	if !ok {
		return digest.Errorf(digest.Invalid, "%q is no verdict; use sent, resend or discard", verdict)
	}
	var token int64
	return s.writeOnce(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		p, err := resolvable(ctx, tx, key, verdict, now)
		if err != nil {
			return err
		}
		args := map[string][]any{"sent": {key, string(ref)}, "discard": {key, digest.Discarded}}[verdict]
		if v.again {
			args = []any{key, now, now + catchUp.Milliseconds()}
		}
		err = tx.queryRow(ctx, `UPDATE part SET `+v.set+`, token = token + 1, lease_until = 0 WHERE part_key = $1 RETURNING token`, args...).Scan(&token)
		if err != nil {
			return err
		}
		if v.again {
			if err := reopen(ctx, tx, p, now); err != nil {
				return err
			}
		} else if err := settle(ctx, tx, key, now); err != nil {
			return err
		}
		return settled(ctx, tx, p)
	}, func(ctx context.Context, tx *transaction) (bool, error) {
		return holds(tx.queryRow(ctx, `SELECT count(*) FROM part WHERE part_key = $1 AND token >= $2`, key, token))
	})
}

// resolvable returns a part if a verdict may be said of it now.
func resolvable(ctx context.Context, tx *transaction, key, verdict string, now int64) (digest.Part, error) {
	var until int64
	p, err := scanPart(tx.queryRow(ctx, `SELECT `+partColumns+`, part.lease_until FROM part WHERE part.part_key = $1`+tx.dialect.forUpdate, key), &until)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p, noPart(key)
	case err != nil:
		return p, err
	case p.State == digest.PartSent:
		return p, digest.Errorf(digest.Conflict, "part %s was sent already; there is nothing to decide about it", key)
	case until > now:
		return p, digest.Errorf(digest.Conflict, "part %s is being worked on at this moment; try again in a minute", key)
	case verdict == "resend" && p.State == digest.PartSending, verdict == "retry" && p.State == digest.PartSending:
		return p, digest.Errorf(digest.Conflict, "whether part %s was posted is being found out; wait until it is sent or unknown, or say what you found with resolve", key)
	case verdict == "retry" && p.State == digest.PartUnknown:
		return p, digest.Errorf(digest.Conflict, "nobody can tell whether part %s was posted; look into the channel and say what you found with resolve", key)
	case resolutions[verdict].again && p.Threaded && p.N > 1 && p.Parent == "":
		return p, digest.Errorf(digest.Conflict, "part %s goes under part 1 of its digest, which was not posted; retry that one, and this one follows", key)
	}
	return p, nil
}

func noPart(key string) error {
	return digest.Errorf(digest.NotFound, "there is no part %q; nutgraf deliveries lists those there are, with their keys in front", key)
}

// reopen opens the slot of a part that is to be posted again. With the first
// part come those that were given up with it.
func reopen(ctx context.Context, tx *transaction, p digest.Part, now int64) error {
	if p.N == 1 {
		_, err := tx.exec(ctx, `UPDATE part SET state = 'ready', reason = '', `+readied+`
			WHERE subscription = $1 AND slot_key = $4 AND address = $5 AND n > 1 AND state IN ('rejected', 'expired') AND (reason = $6 OR scope = $7)`,
			p.Subscription, now, now+catchUp.Milliseconds(), p.Slot, p.Address.String(), headerGone, int(digest.ScopeChannel))
		if err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `UPDATE slot SET state = 'built', reason = '', closed = 0 WHERE subscription = $1 AND slot_key = $2`, p.Subscription, p.Slot)
	return err
}

// settled forgets what operators were told of the parts of a slot in a channel,
// once there is nothing left to decide about them.
func settled(ctx context.Context, tx *transaction, p digest.Part) error {
	_, err := tx.exec(ctx, `DELETE FROM notice WHERE workspace = $1 AND cause IN ($2, $3) AND subject = $4
		AND NOT EXISTS (SELECT 1 FROM part WHERE part.subscription = $5 AND part.slot_key = $6 AND part.address = $7
			AND (part.state = 'unknown' OR part.state = 'rejected' AND part.reason <> $8))`,
		p.Tenant(), string(digest.CauseUnknown), string(digest.CauseRejected), p.Address.String()+" "+p.Slot,
		p.Subscription, p.Slot, p.Address.String(), digest.Discarded)
	return err
}

// Part returns a part with everything that was tried to post it, or an error of
// kind NotFound.
func (s *Store) Part(ctx context.Context, key string) (digest.Part, []digest.Attempt, error) {
	var p digest.Part
	var attempts []digest.Attempt
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		p, err = scanPart(tx.queryRow(ctx, `SELECT `+partColumns+` FROM part WHERE part.part_key = $1`, key))
		if errors.Is(err, sql.ErrNoRows) {
			return noPart(key)
		}
		if err != nil {
			return err
		}
		attempts, err = collect(ctx, tx, func(row scanner) (digest.Attempt, error) {
			var a digest.Attempt
			var started, ended int64
			err := row.Scan(&a.N, &a.Worker, &started, &ended, &a.Outcome, &a.Reason)
			a.Started, a.Ended = moment(started), moment(ended)
			return a, err
		}, `SELECT n, worker, started, ended, outcome, reason FROM attempt WHERE part_key = $1 ORDER BY n`, key)
		return err
	})
	return p, attempts, err
}
