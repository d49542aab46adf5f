package sqlstore

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"nutgraf/digest"
)

// Takedown removes an article for good: it does not come in again by its id or
// its address. Only articles of the workspace itself are removed, shared ones by
// digest.Shared.
func (s *Store) Takedown(ctx context.Context, workspace, id, reason string) (digest.Article, error) {
	var gone digest.Article
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		list, err := collect(ctx, tx, scanArticle, `SELECT `+bareColumns+` FROM article a WHERE a.workspace = $1 AND a.id = $2`, workspace, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return digest.Errorf(digest.NotFound, "there is no article %q in the workspace %q; look it up with search", id, workspace)
		}
		gone = list[0]
		if _, err = tx.exec(ctx, `INSERT INTO takedown (workspace, article, canonical, reason, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			workspace, id, digest.CanonicalURL(gone.URL), reason, now); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM article WHERE workspace = $1 AND id = $2`, `DELETE FROM article_history WHERE workspace = $1 AND article = $2`,
			`DELETE FROM story_article WHERE article = $2 AND (workspace = $1 OR $1 = '*')`,
		} {
			if _, err := tx.exec(ctx, statement, workspace, id); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
}

// takenDown returns which of some articles were taken down, by their place.
func takenDown(ctx context.Context, tx *transaction, entries []entry) (map[int]bool, error) {
	out := make(map[int]bool)
	var any int
	if err := tx.queryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM takedown LIMIT 1) t`).Scan(&any); err != nil || any == 0 {
		return out, err
	}
	for i, e := range entries {
		var n int
		err := tx.queryRow(ctx, `SELECT count(*) FROM takedown WHERE workspace = $1 AND (article = $2 OR canonical <> '' AND canonical = $3)`,
			e.Workspace, e.ID, e.canonical).Scan(&n)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[i] = true
		}
	}
	return out, nil
}

// ChangesSince returns the articles that were changed or taken down after an
// instant, oldest first.
func (s *Store) ChangesSince(ctx context.Context, since time.Time) ([]digest.Change, error) {
	var out []digest.Change
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Change, error) {
			var c digest.Change
			var at int64
			err := row.Scan(&c.Workspace, &c.Article, &at)
			c.At = moment(at)
			return c, err
		}, `SELECT workspace, article, at FROM article_history WHERE at > $1 UNION ALL SELECT workspace, article, at FROM takedown WHERE at > $1 ORDER BY 3`, millis(since))
		return err
	})
	return out, err
}

// EditionsWith returns the editions that were shown since an instant, or are
// being posted, with one of some articles.
func (s *Store) EditionsWith(ctx context.Context, articles []string, since time.Time) ([]digest.Edition, error) {
	var out []digest.Edition
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		out = nil
		wanted := make(map[string]bool, len(articles))
		for _, a := range articles {
			wanted[a] = true
		}
		ids, err := collect(ctx, tx, func(row scanner) (string, error) {
			var id, shown string
			if err := row.Scan(&id, &shown); err != nil {
				return "", err
			}
			list, err := decode[string](shown)
			if !slices.ContainsFunc(list, func(a string) bool { return wanted[a] }) {
				id = ""
			}
			return id, err
		}, `SELECT edition, articles FROM shown WHERE at >= $1`, millis(since))
		if err != nil {
			return err
		}
		// What channels were shown is written when all parts are out.
		open, err := collect(ctx, tx, scanString, `SELECT DISTINCT edition FROM part WHERE state IN ('ready', 'sending')`)
		if err != nil {
			return err
		}
		ids = append(ids, open...)
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			more, err := collect(ctx, tx, scanEdition, `SELECT body FROM edition WHERE id = $1`, id)
			if err != nil {
				return err
			}
			out = append(out, more...)
		}
		return correct(ctx, tx, out)
	})
	return out, err
}

// PutCorrection records what an edition says of a story from now on, and which
// of its posted parts are to be edited. An edit that is on its way ends, or
// loses its claim, before the next one of its part is handed out.
func (s *Store) PutCorrection(ctx context.Context, c digest.Correction, parts []digest.Revision) error {
	body, err := json.Marshal(corrected{c.Brief, c.Into})
	if err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `INSERT INTO correction (workspace, edition, story, kind, body, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (workspace, edition, story) DO UPDATE SET kind = excluded.kind, body = excluded.body, at = excluded.at`,
			c.Workspace, c.Edition, c.Story, c.Kind, string(body), now); err != nil {
			return err
		}
		for _, r := range parts {
			if _, err := tx.exec(ctx, `INSERT INTO revision (part_key, payload, state, next_at) VALUES ($1, $2, 'ready', $3)
				ON CONFLICT (part_key) DO UPDATE SET payload = excluded.payload, attempts = 0, reason = '', state = 'ready',
					next_at = CASE WHEN revision.state = 'ready' AND revision.next_at > excluded.next_at THEN revision.next_at ELSE excluded.next_at END`,
				r.Key, []byte(r.New), now); err != nil {
				return err
			}
		}
		return nil
	})
}

// corrected is the body of a correction.
type corrected struct {
	Brief digest.Brief `json:"brief"`
	Into  string       `json:"into,omitempty"`
}

// correct puts the corrections of editions in the place of what was frozen.
func correct(ctx context.Context, tx *transaction, editions []digest.Edition) error {
	for i := range editions {
		e := &editions[i]
		rows, err := collect(ctx, tx, func(row scanner) (digest.Correction, error) {
			var c digest.Correction
			var body string
			var at int64
			if err := row.Scan(&c.Story, &c.Kind, &body, &at); err != nil {
				return c, err
			}
			var b corrected
			err := json.Unmarshal([]byte(body), &b)
			c.Brief, c.Into, c.At = b.Brief, b.Into, moment(at)
			return c, err
		}, `SELECT story, kind, body, at FROM correction WHERE workspace = $1 AND edition = $2`, e.Workspace, e.ID)
		if err != nil {
			return err
		}
		for _, c := range rows {
			e.Correct(c)
		}
	}
	return nil
}

// ClaimRevisions hands out at most n posted parts that are to be edited. They
// are not handed out again before now + lease.
func (s *Store) ClaimRevisions(ctx context.Context, platforms []string, lease time.Duration, n int) ([]digest.Revision, error) {
	var out []digest.Revision
	if len(platforms) == 0 {
		return nil, nil
	}
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		var args arguments
		query := `SELECT ` + partColumns + `, r.payload, r.attempts + 1 FROM revision r JOIN part ON part.part_key = r.part_key WHERE r.state = 'ready' AND r.next_at <= ` + args.add(now) +
			` AND part.state = 'sent' AND part.platform IN ` + list(&args, platforms) + ` ORDER BY r.next_at, r.part_key LIMIT ` + args.add(n) + s.dialect.skipLocked
		out, err = collect(ctx, tx, func(row scanner) (digest.Revision, error) {
			var r digest.Revision
			p, err := scanPart(row, (*[]byte)(&r.New), &r.Tries)
			r.Part = p
			return r, err
		}, query, args...)
		if err != nil {
			return err
		}
		for _, r := range out {
			if _, err := tx.exec(ctx, `UPDATE revision SET next_at = $2, attempts = attempts + 1 WHERE part_key = $1`, r.Key, now+lease.Milliseconds()); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// MarkRevision records what became of an edit: done, failed, or ready to be
// tried again at an instant. One in whose place another was put meanwhile is
// left alone: that one has still to be made.
func (s *Store) MarkRevision(ctx context.Context, r digest.Revision, state string, next time.Time, reason string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `UPDATE revision SET state = $2, next_at = $3, reason = $4 WHERE part_key = $1 AND payload = $5`,
			r.Key, state, millis(next), reason, []byte(r.New))
		return err
	})
}
