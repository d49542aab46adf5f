package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"nutgraf/digest"
)

// Pulse is what a sign of life tells of the store.
type Pulse struct {
	Last    time.Time     // of the newest sign of life before this one, of whichever process; zero for the first
	Skew    time.Duration // how far the server's clock is ahead of ours; 0 on SQLite
	Waiting int           // slots and parts that could be worked on now and are not
	Oldest  time.Time     // since when the oldest of them waits; zero for none

	Restored digest.Restored
}

// beatRow is the row of meta that every sign of life overwrites.
const beatRow = "ping"

// Ping proves that the database takes a durable write.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Beat(ctx)
	return err
}

// Beat proves that the database takes a durable write, tells what waits there,
// and measures the server's clock, by which Now goes from then on.
//
// When something could not be written, a store is well again only when it takes
// a whole page more; where damage was met, it stays unwell until it is replaced.
func (s *Store) Beat(ctx context.Context) (Pulse, error) {
	if damage := s.damage.Load(); damage != nil {
		return Pulse{}, *damage
	}
	if s.cramped.Load() {
		if err := s.roomy(ctx); err != nil {
			return Pulse{}, err
		}
		s.cramped.Store(false)
	}
	var p Pulse
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		before := s.clock()
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		p = Pulse{Skew: moment(now).Sub(before)}
		if p.Restored, err = restored(ctx, tx); err != nil {
			return err
		}
		if s.rehearsal {
			// Its time says nothing to others, nor theirs to it.
			if err := setMeta(ctx, tx, "rehearsal", moment(now).Format(time.RFC3339Nano)); err != nil {
				return err
			}
			return p.backlog(ctx, tx, now)
		}
		if p.Last, err = lastBeat(tx.queryRow(ctx, lastBeatQuery)); err != nil {
			return err
		}
		if err := p.backlog(ctx, tx, now); err != nil {
			return err
		}
		at := moment(now)
		if at.Before(p.Last) {
			at = p.Last // the clock was set back; what was is not forgotten
		}
		return setMeta(ctx, tx, beatRow, at.Format(time.RFC3339Nano))
	})
	if err == nil && s.dialect.lockFile == "" && !s.rehearsal {
		s.offset.Store(int64(p.Skew))
	}
	return p, err
}

// notice remembers what an error of the driver says of the whole store.
func (s *Store) notice(err error) {
	switch s.dialect.fault(err) {
	case faultFull, faultReadOnly, faultOpen:
		s.cramped.Store(true)
	case faultCorrupt:
		explained := s.explain(err)
		s.damage.Store(&explained)
	}
}

// roomy writes more than a page, which a sign of life does not need, and takes
// it back.
func (s *Store) roomy(ctx context.Context) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		if err := setMeta(ctx, tx, "room", strings.Repeat("room", 4096)); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `DELETE FROM meta WHERE name = 'room'`)
		return err
	})
}

// backlog counts what could be worked on and is not.
func (p *Pulse) backlog(ctx context.Context, tx *transaction, now int64) error {
	for _, query := range []string{
		`SELECT count(*), coalesce(min(at), 0) FROM slot WHERE state IN ('due', 'selected') AND lease_until <= $1`,
		`SELECT count(*), coalesce(min(CASE WHEN next_at > slot_at THEN next_at ELSE slot_at END), 0) FROM part
			WHERE state IN ('ready', 'sending') AND next_at <= $1 AND lease_until <= $1 AND (threaded = 0 OR parent <> '' OR n = 1)`,
	} {
		var n int
		var oldest int64
		if err := tx.queryRow(ctx, query, now).Scan(&n, &oldest); err != nil {
			return err
		}
		p.Waiting += n
		if at := moment(oldest); n > 0 && (p.Oldest.IsZero() || at.Before(p.Oldest)) {
			p.Oldest = at
		}
	}
	return nil
}

// closeClocks is how far two clocks may differ and still count as the same.
const closeClocks = time.Second

// Now returns the time by which everything is due: that of the database's
// server, where there is one, as the last Beat found it, else ours.
func (s *Store) Now() time.Time {
	now := s.clock()
	if skew := time.Duration(s.offset.Load()); skew.Abs() > closeClocks {
		now = now.Add(skew)
	}
	return now
}

const lastBeatQuery = `SELECT value FROM meta WHERE name = '` + beatRow + `'`

// lastBeat reads the result of lastBeatQuery: when the database last took a
// sign of life, zero when never.
func lastBeat(row scanner) (time.Time, error) {
	var text string
	err := row.Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, text)
}
