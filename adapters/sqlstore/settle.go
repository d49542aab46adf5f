package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nutgraf/digest"
)

// settle draws the consequences of a part that reached a final state: threaded
// parts learn their parent or fail with it, and a slot whose parts are all
// final is closed, together with what its channels were shown.
func settle(ctx context.Context, tx *transaction, key string, now int64) error {
	p, err := scanPart(tx.queryRow(ctx, `SELECT `+partColumns+` FROM part WHERE part.part_key = $1`, key))
	if err != nil {
		return err
	}
	if p.N == 1 {
		if err := followers(ctx, tx, p); err != nil {
			return err
		}
	}
	if p.State == digest.PartSent {
		if err := letIn(ctx, tx, p.Address); err != nil {
			return err
		}
	}
	return closeSlot(ctx, tx, p.Subscription, p.Slot, now)
}

// followers tells the threaded parts what became of the first one. While that
// is unknown they wait: an operator may still find it.
func followers(ctx context.Context, tx *transaction, first digest.Part) error {
	const threaded = ` WHERE subscription = $1 AND slot_key = $2 AND address = $3 AND n > 1 AND threaded = 1`
	place := []any{first.Subscription, first.Slot, first.Address.String()}
	var err error
	switch {
	case first.State == digest.PartSent && first.Ref == "":
		// It is there, or was: nobody knows under which name. They stand for
		// themselves then.
		_, err = tx.exec(ctx, `UPDATE part SET threaded = 0`+threaded, place...)
	case first.State == digest.PartSent:
		_, err = tx.exec(ctx, `UPDATE part SET parent = $4`+threaded, append(place, string(first.Ref))...)
	case first.State == digest.PartRejected || first.State == digest.PartExpired:
		_, err = tx.exec(ctx, `UPDATE part SET state = $4, reason = $5`+threaded+` AND state = 'ready'`,
			append(place, string(first.State), headerGone)...)
	}
	return err
}

// closeSlot closes a slot whose parts are all final, or corrects it when an
// operator decided about a part of a closed one.
func closeSlot(ctx context.Context, tx *transaction, subscription, slot string, now int64) error {
	// Two parts may become final at the same time; the second one to come here
	// sees the first.
	_, err := collect(ctx, tx, scanString, `SELECT slot_key FROM slot WHERE subscription = $1 AND slot_key = $2`+tx.dialect.forUpdate, subscription, slot)
	if err != nil {
		return err
	}
	parts, err := collect(ctx, tx, func(row scanner) (digest.Part, error) { return scanPart(row) },
		`SELECT `+partColumns+` FROM part WHERE part.subscription = $1 AND part.slot_key = $2 ORDER BY part.address, part.n`, subscription, slot)
	if err != nil {
		return err
	}
	state, reason, ok := verdictOn(parts)
	if !ok {
		return nil
	}
	var at int64
	err = tx.queryRow(ctx, `UPDATE slot SET state = $3, reason = $4, closed = CASE WHEN closed = 0 THEN $5 ELSE closed END
		WHERE subscription = $1 AND slot_key = $2 RETURNING closed`, subscription, slot, string(state), reason, now).Scan(&at)
	if err != nil {
		return err
	}
	return recordShown(ctx, tx, parts, at)
}

// verdictOn says what a slot with these parts is; false while one is open.
func verdictOn(parts []digest.Part) (digest.SlotState, string, bool) {
	count := make(map[digest.PartState]int)
	for _, p := range parts {
		count[p.State]++
	}
	sent, all := count[digest.PartSent], len(parts)
	switch {
	case count[digest.PartReady]+count[digest.PartSending] > 0:
		return "", "", false
	case sent == all:
		return digest.SlotDone, "", true
	}
	var why []string
	for _, state := range []digest.PartState{digest.PartRejected, digest.PartUnknown, digest.PartExpired} {
		if n := count[state]; n > 0 {
			why = append(why, fmt.Sprintf("%d %s", n, state))
		}
	}
	reason := fmt.Sprintf("%d of %d parts sent, %s", sent, all, strings.Join(why, ", "))
	for _, p := range parts {
		if p.State != digest.PartSent && p.Reason != "" {
			reason += ": " + p.Reason
			break
		}
	}
	switch {
	case sent > 0:
		return digest.SlotPartial, reason, true
	case count[digest.PartExpired] == all:
		return digest.SlotExpired, reason, true
	}
	return digest.SlotUndeliverable, reason, true
}

// recordShown writes which stories each channel was shown: those of which it
// has a part.
func recordShown(ctx context.Context, tx *transaction, parts []digest.Part, at int64) error {
	var body string
	err := tx.queryRow(ctx, `SELECT e.body FROM edition e JOIN part ON part.workspace = e.workspace AND part.edition = e.id WHERE part.part_key = $1`,
		parts[0].Key).Scan(&body)
	if err != nil {
		return err
	}
	var e digest.Edition
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return err
	}
	briefs := make(map[string]digest.Brief, len(e.Items))
	for _, item := range e.Items {
		briefs[item.Brief.ID] = item.Brief
	}
	for _, p := range parts {
		if p.State != digest.PartSent {
			continue
		}
		for _, story := range p.Stories {
			b := briefs[story]
			ids := make([]string, 0, len(b.Articles))
			for _, a := range b.Articles {
				ids = append(ids, a.ID)
			}
			_, err := tx.exec(ctx, `INSERT INTO shown (workspace, address, story, edition, articles, headline, at)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
				p.Address.Tenant(), p.Address.String(), story, p.Edition, encode(ids), b.Headline, at)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ExpireParts gives up the ready parts of slots that are past their time to be
// caught up with, and says how many those were. Parts in doubt stay: whether
// they are there must be found out.
func (s *Store) ExpireParts(ctx context.Context) (int, error) {
	var n int
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		slots, err := collect(ctx, tx, func(row scanner) ([2]string, error) {
			var place [2]string
			err := row.Scan(&place[0], &place[1])
			return place, err
		}, `UPDATE part SET state = 'expired', lease_until = 0,
				reason = coalesce((SELECT 'its workspace is paused: ' || pause.reason FROM pause WHERE pause.tenant = part.tenant), 'too late to be posted')
			WHERE state = 'ready' AND expires <= $1 AND lease_until <= $1 RETURNING subscription, slot_key`, now)
		if err != nil {
			return err
		}
		n = len(slots)
		slices.SortFunc(slots, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
		for _, place := range slices.Compact(slots) {
			if err := closeSlot(ctx, tx, place[0], place[1], now); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Deliveries returns parts, newest slot first. A workspace sees those of its own
// subscriptions and those that go to its channels.
func (s *Store) Deliveries(ctx context.Context, f digest.PartFilter) ([]digest.Part, error) {
	var args arguments
	where := "1 = 1"
	if f.Workspace != "" {
		ws := args.add(f.Workspace)
		where += " AND (part.workspace = " + ws + " OR part.tenant = " + ws + ")"
	}
	for _, c := range []struct{ column, value string }{{"subscription", f.Subscription}, {"slot_key", f.Slot}, {"part_key", f.Key}, {"address", f.Channel}} {
		if c.value != "" {
			where += " AND part." + c.column + " = " + args.add(c.value)
		}
	}
	if len(f.States) > 0 {
		where += " AND part.state IN " + list(&args, names(f.States))
	}
	query := `SELECT ` + partColumns + ` FROM part WHERE ` + where + ` ORDER BY part.slot_at DESC, part.address, part.n LIMIT ` + args.add(rowLimit(f.Limit))
	var out []digest.Part
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Part, error) { return scanPart(row) }, query, args...)
		return err
	})
	return out, err
}
