package sqlstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nutgraf/digest"
)

const (
	inboxKept   = 24 * time.Hour
	inboxAtOnce = 200 // receipts that one transaction writes
)

// inbox is what waits to be written into the table of that name. While one
// transaction is on its way, what comes meanwhile gathers for the next: a rush
// costs few commits, and whoever comes alone does not wait.
type inbox struct {
	mu      sync.Mutex
	waiting []*receipt
	writing bool // somebody writes, and looks again when that is done
}

// receipt is one that waits.
type receipt struct {
	digest.Receipt
	holder   string // tells this call from all others, also when its commit is repeated
	finished bool   // its work is
	left     atomic.Bool
	written  chan struct{} // closed when the rest is there
	standing digest.Standing
	err      error
}

// Receive notes a request and returns when that is durable. Whoever meets Fresh
// does the work and calls Finish; nobody else meets it again within 24 hours,
// unless the work is not finished when r.Hold is over. When ctx ends before,
// nobody has taken the request, though its note may still be written.
func (s *Store) Receive(ctx context.Context, r digest.Receipt) (digest.Standing, error) {
	w := &receipt{Receipt: r, holder: rand.Text(), written: make(chan struct{})}
	err := s.writeReceipt(ctx, w)
	if err != nil {
		return 0, err
	}
	return w.standing, nil
}

// Finish notes that the work is done which a receipt stands for.
func (s *Store) Finish(ctx context.Context, r digest.Receipt) error {
	return s.writeReceipt(ctx, &receipt{Receipt: r, finished: true, written: make(chan struct{})})
}

// writeReceipt has a receipt written, and waits for that.
func (s *Store) writeReceipt(ctx context.Context, w *receipt) error {
	s.inbox.mu.Lock()
	s.inbox.waiting = append(s.inbox.waiting, w)
	if !s.inbox.writing {
		s.inbox.writing = true
		go s.writeInbox()
	}
	s.inbox.mu.Unlock()
	select {
	case <-w.written:
		return w.err
	case <-ctx.Done():
		w.left.Store(true)
		return s.explain(ctx.Err())
	}
}

// writeInbox writes what waits, until nothing does.
func (s *Store) writeInbox() {
	for {
		s.inbox.mu.Lock()
		some := s.inbox.waiting[:min(len(s.inbox.waiting), inboxAtOnce)]
		s.inbox.waiting = s.inbox.waiting[len(some):]
		s.inbox.writing = len(some) > 0
		s.inbox.mu.Unlock()
		if len(some) == 0 {
			return
		}
		// Transactions that meet the same rows do so in the same order.
		slices.SortStableFunc(some, func(a, b *receipt) int {
			return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.ID, b.ID))
		})
		err := s.write(context.Background(), func(ctx context.Context, tx *transaction) error {
			now, err := s.now(ctx, tx)
			for _, w := range some {
				if err == nil && !w.left.Load() {
					err = w.write(ctx, tx, now)
				}
			}
			return err
		})
		for _, w := range some {
			w.err = err
			close(w.written)
		}
	}
}

// write writes one receipt.
func (w *receipt) write(ctx context.Context, tx *transaction, now int64) error {
	if w.finished {
		_, err := tx.exec(ctx, `UPDATE inbox SET done = 1 WHERE workspace = $1 AND id = $2`, w.Workspace, w.ID)
		return err
	}
	ours, err := changed(tx.exec(ctx, `INSERT INTO inbox (workspace, id, holder, until_at, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace, id) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
		WHERE inbox.done = 0 AND (inbox.until_at <= excluded.at OR inbox.holder = excluded.holder)`,
		w.Workspace, w.ID, w.holder, now+w.Hold.Milliseconds(), now))
	if w.standing = digest.Fresh; err != nil || ours {
		return err
	}
	var done bool
	err = tx.queryRow(ctx, `SELECT done = 1 FROM inbox WHERE workspace = $1 AND id = $2`, w.Workspace, w.ID).Scan(&done)
	if w.standing = digest.Working; done {
		w.standing = digest.Done
	}
	return err
}

// pruneInbox removes some of the requests that came before.
func pruneInbox(ctx context.Context, tx *transaction, before int64) (int, error) {
	result, err := tx.exec(ctx, `DELETE FROM inbox WHERE (workspace, id) IN (SELECT workspace, id FROM inbox WHERE at < $1 LIMIT 1000)`, before)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
