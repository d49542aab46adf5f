package sqlstore

import (
	"context"

	"nutgraf/digest"
)

// Figures is what a store counts, for metrics. Every process on one database
// sees the same.
type Figures struct {
	Slots   map[digest.SlotState]int64 // that ever came to an outcome, those since forgotten too
	Parts   map[digest.PartState]int64 // that are on their way, or unknown
	Failing int                        // sources whose last fetch failed
}

// slotTally is how the slots of a state that were forgotten are counted.
const slotTally = "slot "

// Figures counts.
func (s *Store) Figures(ctx context.Context) (Figures, error) {
	f := Figures{Slots: make(map[digest.SlotState]int64), Parts: make(map[digest.PartState]int64)}
	for _, state := range []digest.SlotState{digest.SlotDone, digest.SlotPartial, digest.SlotMissed, digest.SlotUndeliverable, digest.SlotExpired, digest.SlotEmpty} {
		f.Slots[state] = 0
	}
	for _, state := range []digest.PartState{digest.PartReady, digest.PartSending, digest.PartUnknown} {
		f.Parts[state] = 0
	}
	type count struct {
		name string
		n    int64
	}
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		scan := func(row scanner) (c count, err error) { err = row.Scan(&c.name, &c.n); return c, err }
		slots, err := collect(ctx, tx, scan, `SELECT state, count(*) FROM slot WHERE closed > 0 GROUP BY state
			UNION ALL SELECT substr(name, 6), n FROM tally WHERE name LIKE '`+slotTally+`%'`)
		if err != nil {
			return err
		}
		for _, c := range slots {
			f.Slots[digest.SlotState(c.name)] += c.n
		}
		parts, err := collect(ctx, tx, scan, `SELECT state, count(*) FROM part WHERE state IN ('ready', 'sending') GROUP BY state
			UNION ALL SELECT 'unknown', count(*) FROM part WHERE state = 'unknown'`)
		if err != nil {
			return err
		}
		for _, c := range parts {
			f.Parts[digest.PartState(c.name)] += c.n
		}
		return tx.queryRow(ctx, `SELECT count(*) FROM source WHERE failures > 0 AND disabled = 0`).Scan(&f.Failing)
	})
	return f, err
}

// tallied counts a slot that is forgotten.
func tallied(ctx context.Context, tx *transaction, state string) error {
	_, err := tx.exec(ctx, `INSERT INTO tally (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = tally.n + 1`, slotTally+state)
	return err
}
