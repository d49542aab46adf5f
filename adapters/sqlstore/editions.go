package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"nutgraf/digest"
)

// putEdition stores an edition once; its id is the hash of its content.
func putEdition(ctx context.Context, tx *transaction, workspace string, slot digest.Slot, e digest.Edition) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO edition (workspace, id, subscription, slot_key, due, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		workspace, e.ID, slot.Subscription, slot.Key, millis(e.Due), string(body))
	return err
}

func scanEdition(row scanner) (digest.Edition, error) {
	var body string
	var e digest.Edition
	if err := row.Scan(&body); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(body), &e)
}

// Edition returns one edition that a workspace sees.
func (s *Store) Edition(ctx context.Context, workspace, id string) (digest.Edition, error) {
	var args arguments
	query := `SELECT body FROM edition WHERE id = ` + args.add(id) + ` AND workspace IN ` + list(&args, sees(workspace))
	return s.oneEdition(ctx, digest.Errorf(digest.NotFound, "there is no edition %q", id), query, args...)
}

// Editions returns the newest editions that a workspace sees, newest first; a
// limit of 0 means 100.
func (s *Store) Editions(ctx context.Context, workspace string, limit int) ([]digest.Edition, error) {
	var args arguments
	query := `SELECT body FROM edition WHERE workspace IN ` + list(&args, sees(workspace)) + ` ORDER BY due DESC, id LIMIT ` + args.add(rowLimit(limit))
	return s.editions(ctx, query, args)
}

// editions returns the editions of a query with their corrections.
func (s *Store) editions(ctx context.Context, query string, args arguments) ([]digest.Edition, error) {
	var out []digest.Edition
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		if out, err = collect(ctx, tx, scanEdition, query, args...); err != nil {
			return err
		}
		return correct(ctx, tx, out)
	})
	return out, err
}

// LatestEdition returns the newest edition of which a channel has a part.
func (s *Store) LatestEdition(ctx context.Context, a digest.Address) (digest.Edition, error) {
	return s.oneEdition(ctx, digest.Errorf(digest.NotFound, "no digest has been posted to %s yet", a),
		`SELECT e.body FROM part p JOIN edition e ON e.workspace = p.workspace AND e.id = p.edition
		WHERE p.address = $1 AND p.state = 'sent' ORDER BY p.slot_at DESC LIMIT 1`, a.String())
}

func (s *Store) oneEdition(ctx context.Context, missing error, query string, args ...any) (digest.Edition, error) {
	var out digest.Edition
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = scanEdition(tx.queryRow(ctx, query, args...))
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		if err != nil {
			return err
		}
		one := []digest.Edition{out}
		err = correct(ctx, tx, one)
		out = one[0]
		return err
	})
	return out, err
}

// ShownTo returns what a channel was shown at or after since, oldest first.
func (s *Store) ShownTo(ctx context.Context, a digest.Address, since time.Time) ([]digest.Shown, error) {
	var out []digest.Shown
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Shown, error) {
			var sh digest.Shown
			var at int64
			var articles string
			err := row.Scan(&sh.Story, &articles, &sh.Headline, &sh.Edition, &at)
			if err == nil {
				sh.At = moment(at)
				sh.Articles, err = decode[string](articles)
			}
			return sh, err
		}, `SELECT story, articles, headline, edition, at FROM shown WHERE workspace = $1 AND address = $2 AND at >= $3 ORDER BY at, edition, story`,
			a.Tenant(), a.String(), millis(since))
		return err
	})
	return out, err
}
