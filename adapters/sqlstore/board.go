package sqlstore

import (
	"context"

	"nutgraf/digest"
)

// Show puts a part on the board of its channel, once by key.
func (s *Store) Show(ctx context.Context, p digest.Part) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		payload := []byte(p.Payload)
		if payload == nil {
			payload = []byte{}
		}
		_, err = tx.exec(ctx, `INSERT INTO board (channel, part_key, edition, n, of_n, stories, slot_at, at, payload)
			VALUES ($1, $2, $3, $4, $5, $6, coalesce((SELECT slot_at FROM part WHERE part_key = $2), $7), $7, $8)
			ON CONFLICT (part_key) DO NOTHING`,
			p.Channel, p.Key, p.Edition, p.N, p.Of, encode(p.Stories), now, payload)
		return err
	})
}

// Revise puts another payload in the place of a part on a board. It reports
// whether the part is there.
func (s *Store) Revise(ctx context.Context, key string, payload digest.Payload) (bool, error) {
	there := false
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		there, err = changed(tx.exec(ctx, `UPDATE board SET payload = $2 WHERE part_key = $1`, key, []byte(payload)))
		return err
	})
	return there && err == nil, err
}

// Board returns the parts on a channel's board: those of the newest edition
// first, in an edition in their order. Started is when each was shown. A limit
// of 0 means 100.
func (s *Store) Board(ctx context.Context, channel string, limit int) ([]digest.Part, error) {
	var out []digest.Part
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Part, error) {
			p := digest.Part{State: digest.PartSent}
			var stories string
			var at int64
			err := row.Scan(&p.Platform, &p.Channel, &p.Key, &p.Edition, &p.Subscription, &p.Slot, &p.N, &p.Of, &stories, &at, (*[]byte)(&p.Payload))
			if err == nil {
				p.Started, p.Ref = moment(at), digest.MessageRef(p.Key)
				p.Stories, err = decode[string](stories)
			}
			return p, err
		}, `SELECT 'web', b.channel, b.part_key, b.edition, coalesce(p.subscription, ''), coalesce(p.slot_key, ''), b.n, b.of_n, b.stories, b.at, b.payload
			FROM board b LEFT JOIN part p ON p.part_key = b.part_key
			WHERE b.channel = $1 ORDER BY b.slot_at DESC, b.edition, b.n LIMIT $2`, channel, rowLimit(limit))
		return err
	})
	return out, err
}

// Posted tells whether a part is on a board.
func (s *Store) Posted(ctx context.Context, key string) (bool, error) {
	var n int
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		return tx.queryRow(ctx, `SELECT count(*) FROM board WHERE part_key = $1`, key).Scan(&n)
	})
	return n > 0, err
}
