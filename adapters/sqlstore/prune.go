package sqlstore

import (
	"context"
	"time"

	"nutgraf/digest"
)

// Retention says how long things are kept; 0 keeps them for ever.
type Retention struct {
	Articles time.Duration // since arrival
	Slots    time.Duration // closed slots with their editions and parts, since due; also the record of who changed what
	Shown    time.Duration // what channels were shown
}

// Pruned says how many rows Prune removed.
type Pruned struct{ Articles, Slots, Shown, Audits, Drafts, Received int }

// Prune removes what is older than keep says. It works in small transactions,
// so that others get their turn; an error leaves the rest for the next time.
func (s *Store) Prune(ctx context.Context, keep Retention) (Pruned, error) {
	var p Pruned
	for _, step := range []struct {
		keep  time.Duration
		count *int
		some  func(ctx context.Context, tx *transaction, before int64) (int, error)
	}{{keep.Articles, &p.Articles, pruneArticles}, {keep.Slots, &p.Slots, pruneSlots}, {keep.Shown, &p.Shown, pruneShown},
		{keep.Slots, &p.Audits, pruneAudit}, {draftLife, &p.Drafts, pruneDrafts}, {inboxKept, &p.Received, pruneInbox}} {
		if step.keep <= 0 {
			continue
		}
		for {
			var n int
			err := s.writeBulk(ctx, func(ctx context.Context, tx *transaction) error {
				now, err := s.now(ctx, tx)
				if err == nil {
					n, err = step.some(ctx, tx, now-step.keep.Milliseconds())
				}
				return err
			})
			if err != nil {
				return p, err
			}
			if *step.count += n; n == 0 {
				break
			}
		}
	}
	return p, nil
}

// draftLife is how long a subscription may wait to be confirmed.
const draftLife = 24 * time.Hour

// pruneDrafts removes subscriptions that nobody confirmed, or that were
// discarded before they began.
func pruneDrafts(ctx context.Context, tx *transaction, before int64) (int, error) {
	result, err := tx.exec(ctx, `DELETE FROM subscription WHERE (disabled = $1 OR disabled = $3 AND origin <> $4) AND since < $2
		AND NOT EXISTS (SELECT 1 FROM slot WHERE slot.subscription = subscription.id)`, digest.Draft, before, Removed, fromConfig)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// pruneArticles removes some articles that arrived before, with their history
// and their places in stories, and stories that became empty.
func pruneArticles(ctx context.Context, tx *transaction, before int64) (int, error) {
	gone, err := collect(ctx, tx, func(row scanner) ([2]string, error) {
		var key [2]string
		err := row.Scan(&key[0], &key[1])
		return key, err
	}, `DELETE FROM article WHERE n IN (SELECT n FROM article WHERE arrived < $1 ORDER BY n LIMIT 500) RETURNING workspace, id`, before)
	if err != nil {
		return 0, err
	}
	for _, key := range gone {
		if _, err := tx.exec(ctx, `DELETE FROM article_history WHERE workspace = $1 AND article = $2`, key[0], key[1]); err != nil {
			return 0, err
		}
		// Other workspaces group shared articles too.
		if _, err := tx.exec(ctx, `DELETE FROM story_article WHERE article = $2 AND (workspace = $1 OR $1 = '*')`, key[0], key[1]); err != nil {
			return 0, err
		}
	}
	if len(gone) == 0 {
		_, err = tx.exec(ctx, `DELETE FROM story WHERE latest < $1
			AND NOT EXISTS (SELECT 1 FROM story_article m WHERE m.workspace = story.workspace AND m.story = story.id)`, before)
	}
	return len(gone), err
}

// pruneSlots removes some closed slots that were due before, with editions,
// parts, attempts, edits, corrections and board posts, and at last notices,
// drafts, votes, and when people caught up. The newest slot of a subscription
// stays: the next one is decided from it.
func pruneSlots(ctx context.Context, tx *transaction, before int64) (int, error) {
	type key struct{ subscription, slot, workspace, edition, state string }
	old, err := collect(ctx, tx, func(row scanner) (key, error) {
		var k key
		err := row.Scan(&k.subscription, &k.slot, &k.workspace, &k.edition, &k.state)
		return k, err
	}, `SELECT subscription, slot_key, workspace, edition, state FROM slot WHERE at < $1 AND closed > 0
		AND EXISTS (SELECT 1 FROM slot newer WHERE newer.subscription = slot.subscription AND newer.slot_key > slot.slot_key)
		ORDER BY at LIMIT 100`, before)
	if err != nil {
		return 0, err
	}
	if len(old) == 0 {
		for _, rest := range []string{`DELETE FROM notice WHERE at < $1`, `DELETE FROM draft WHERE deadline < $1`,
			`DELETE FROM vote WHERE at < $1`, `DELETE FROM caught_up WHERE at < $1`} {
			if _, err := tx.exec(ctx, rest, before); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
	for _, k := range old {
		if err := tallied(ctx, tx, k.state); err != nil {
			return 0, err
		}
		for _, d := range []struct {
			query string
			args  []any
		}{
			{`DELETE FROM board WHERE part_key IN (SELECT part_key FROM part WHERE subscription = $1 AND slot_key = $2)`, []any{k.subscription, k.slot}},
			{`DELETE FROM revision WHERE part_key IN (SELECT part_key FROM part WHERE subscription = $1 AND slot_key = $2)`, []any{k.subscription, k.slot}},
			{`DELETE FROM attempt WHERE part_key IN (SELECT part_key FROM part WHERE subscription = $1 AND slot_key = $2)`, []any{k.subscription, k.slot}},
			{`DELETE FROM part WHERE subscription = $1 AND slot_key = $2`, []any{k.subscription, k.slot}},
			{`DELETE FROM correction WHERE workspace = $1 AND edition = $2`, []any{k.workspace, k.edition}},
			{`DELETE FROM edition WHERE workspace = $1 AND id = $2`, []any{k.workspace, k.edition}},
			{`DELETE FROM slot WHERE subscription = $1 AND slot_key = $2`, []any{k.subscription, k.slot}},
		} {
			if _, err := tx.exec(ctx, d.query, d.args...); err != nil {
				return 0, err
			}
		}
	}
	return len(old), nil
}

// pruneShown removes some of what channels were shown before.
func pruneShown(ctx context.Context, tx *transaction, before int64) (int, error) {
	result, err := tx.exec(ctx, `DELETE FROM shown WHERE (workspace, address, story, edition) IN
		(SELECT workspace, address, story, edition FROM shown WHERE at < $1 LIMIT 1000)`, before)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
