package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"nutgraf/digest"
)

// PutVote records what a person thinks of a story, instead of what the person
// thought before; 0 takes it back.
func (s *Store) PutVote(ctx context.Context, v digest.Vote) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		if v.Value == 0 {
			_, err = tx.exec(ctx, `DELETE FROM vote WHERE workspace = $1 AND address = $2 AND user_id = $3 AND story = $4`,
				v.Address.Tenant(), v.Address.String(), v.User, v.Story)
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO vote (workspace, address, user_id, story, value, keys, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (workspace, address, user_id, story) DO UPDATE SET value = excluded.value, keys = excluded.keys, at = excluded.at`,
			v.Address.Tenant(), v.Address.String(), v.User, v.Story, v.Value, encode(v.Keys), now)
		return err
	})
}

// Votes returns the sum of a channel's votes by key.
func (s *Store) Votes(ctx context.Context, a digest.Address) (map[string]int, error) {
	out := make(map[string]int)
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		clear(out)
		_, err := collect(ctx, tx, func(row scanner) (struct{}, error) {
			var value int
			var keys string
			if err := row.Scan(&value, &keys); err != nil {
				return struct{}{}, err
			}
			list, err := decode[string](keys)
			for _, k := range list {
				out[k] += value
			}
			return struct{}{}, err
		}, `SELECT value, keys FROM vote WHERE workspace = $1 AND address = $2`, a.Tenant(), a.String())
		return err
	})
	return out, err
}

// ClearVotes forgets all votes of a channel.
func (s *Store) ClearVotes(ctx context.Context, a digest.Address) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM vote WHERE workspace = $1 AND address = $2`, a.Tenant(), a.String())
		return err
	})
}

// PutBookmark keeps a story for a person, or forgets it when it is kept already.
// It reports whether it is kept now.
func (s *Store) PutBookmark(ctx context.Context, b digest.Bookmark) (bool, error) {
	kept := false
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		gone, err := changed(tx.exec(ctx, `DELETE FROM bookmark WHERE workspace = $1 AND user_id = $2 AND story = $3`, b.Workspace, b.User, b.Story))
		if kept = !gone; err != nil || gone {
			return err
		}
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO bookmark (workspace, user_id, story, headline, url, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			b.Workspace, b.User, b.Story, b.Headline, b.URL, now)
		return err
	})
	return kept && err == nil, err
}

// Bookmarks returns the newest n stories that a person keeps in a workspace.
func (s *Store) Bookmarks(ctx context.Context, workspace, user string, n int) ([]digest.Bookmark, error) {
	var out []digest.Bookmark
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Bookmark, error) {
			b := digest.Bookmark{Workspace: workspace, User: user}
			var at int64
			err := row.Scan(&b.Story, &b.Headline, &b.URL, &at)
			b.At = moment(at)
			return b, err
		}, `SELECT story, headline, url, at FROM bookmark WHERE workspace = $1 AND user_id = $2 ORDER BY at DESC, story LIMIT $3`, workspace, user, rowLimit(n))
		return err
	})
	return out, err
}

// EditionsTo returns the editions that a channel got, those due last first, 100
// at most. One is posted when its first part is, which its newest attempt tells.
func (s *Store) EditionsTo(ctx context.Context, a digest.Address, f digest.EditionFilter) ([]digest.Edition, error) {
	var args arguments
	query := `SELECT e.body FROM edition e JOIN (SELECT p.workspace, p.edition,
			min(coalesce((SELECT max(t.ended) FROM attempt t WHERE t.part_key = p.part_key), p.slot_at)) AS posted
			FROM part p WHERE p.address = ` + args.add(a.String()) + ` AND p.state = 'sent' GROUP BY p.workspace, p.edition) AS got
		ON got.workspace = e.workspace AND got.edition = e.id WHERE got.posted > ` + args.add(millis(f.PostedAfter))
	if !f.From.IsZero() {
		query += ` AND e.due >= ` + args.add(millis(f.From))
	}
	if !f.Until.IsZero() {
		query += ` AND e.due < ` + args.add(millis(f.Until))
	}
	query += ` ORDER BY e.due DESC, e.id LIMIT 100`
	return s.editions(ctx, query, args)
}

// ArticleByURL returns the article at an address that a workspace sees, its
// own first.
func (s *Store) ArticleByURL(ctx context.Context, workspace, url string) (digest.Article, error) {
	var a digest.Article
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var args arguments
		query := `SELECT ` + fullColumns + ` FROM article a WHERE a.canonical = ` + args.add(digest.CanonicalURL(url)) +
			` AND a.workspace IN ` + list(&args, sees(workspace)) + ` ORDER BY CASE WHEN a.workspace = '*' THEN 1 ELSE 0 END, a.n LIMIT 1`
		var err error
		a, err = scanArticle(tx.queryRow(ctx, query, args...))
		if errors.Is(err, sql.ErrNoRows) {
			return digest.Errorf(digest.NotFound, "there is no article from %.120s", url)
		}
		return err
	})
	return a, err
}

// Appearances returns when a channel was shown an article, newest first.
func (s *Store) Appearances(ctx context.Context, channel digest.Address, article string) ([]digest.Appearance, error) {
	var out []digest.Appearance
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		rows, err := collect(ctx, tx, func(row scanner) (digest.Appearance, error) {
			var a digest.Appearance
			var articles string
			var at int64
			if err := row.Scan(&a.Edition, &a.Story, &a.Headline, &articles, &at); err != nil {
				return a, err
			}
			ids, err := decode[string](articles)
			if slices.Contains(ids, article) { // LIKE may find more than it should
				a.At = moment(at)
			}
			return a, err
		}, `SELECT edition, story, headline, articles, at FROM shown WHERE workspace = $1 AND address = $2 AND articles LIKE $3 ORDER BY at DESC LIMIT 20`,
			channel.Tenant(), channel.String(), "%\""+article+"\"%")
		out = slices.DeleteFunc(rows, func(a digest.Appearance) bool { return a.At.IsZero() })
		return err
	})
	return out, err
}

// CatchUp records that a person caught up with a channel now, and returns when
// the person did so before, zero for the first time.
func (s *Store) CatchUp(ctx context.Context, a digest.Address, user string) (time.Time, error) {
	var last int64
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		last = 0
		err = tx.queryRow(ctx, `SELECT at FROM caught_up WHERE workspace = $1 AND user_id = $2 AND address = $3`, a.Tenant(), user, a.String()).Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO caught_up (workspace, user_id, address, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace, user_id, address) DO UPDATE SET at = excluded.at`, a.Tenant(), user, a.String(), now)
		return err
	})
	return moment(last), err
}
