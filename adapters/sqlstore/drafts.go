package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"nutgraf/digest"
)

const draftColumns = `id, workspace, subscription, slot_key, deadline, channel, version, state, who, articles, body`

func scanDraft(row scanner) (digest.EditorsDraft, error) {
	var d digest.EditorsDraft
	var deadline int64
	var articles, body string
	err := row.Scan(&d.ID, &d.Workspace, &d.Subscription, &d.Slot, &deadline, &d.Channel, &d.Version, &d.State, &d.Who, &articles, &body)
	if err != nil {
		return d, err
	}
	d.Deadline = moment(deadline)
	if d.Articles, err = decode[string](articles); err != nil {
		return d, err
	}
	return d, json.Unmarshal([]byte(body), &d.Edition)
}

// PutDraft stores the draft of a slot, once, with the notice that tells the
// editors: a second one changes nothing. It reports whether it is the first.
func (s *Store) PutDraft(ctx context.Context, d digest.EditorsDraft, told digest.Notice) (bool, error) {
	body, err := json.Marshal(d.Edition)
	if err != nil {
		return false, err
	}
	first := false
	err = s.write(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		first, err = changed(tx.exec(ctx, `INSERT INTO draft (`+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 1, 'open', '', $7, $8) ON CONFLICT DO NOTHING`,
			d.ID, d.Workspace, d.Subscription, d.Slot, millis(d.Deadline), d.Channel, encode(d.Articles), string(body)))
		if err != nil || !first {
			return err
		}
		_, err = addNotice(ctx, tx, told, digest.NoticeNew)
		return err
	})
	return first && err == nil, err
}

// Draft returns a draft by its id.
func (s *Store) Draft(ctx context.Context, id string) (digest.EditorsDraft, error) {
	var d digest.EditorsDraft
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		d, err = scanDraft(tx.queryRow(ctx, `SELECT `+draftColumns+` FROM draft WHERE id = $1`, id))
		if errors.Is(err, sql.ErrNoRows) {
			return digest.Errorf(digest.NotFound, "This draft does not exist any more.")
		}
		return err
	})
	return d, err
}

// ChangeDraft puts d in the place of the version before it. When somebody else
// was faster, or it is decided, nothing changes and the error is of kind
// Conflict.
func (s *Store) ChangeDraft(ctx context.Context, d digest.EditorsDraft) error {
	body, err := json.Marshal(d.Edition)
	if err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		ok, err := changed(tx.exec(ctx, `UPDATE draft SET version = version + 1, state = $3, who = $4, body = $5, articles = $6 WHERE id = $1 AND version = $2 AND state = 'open'`,
			d.ID, d.Version, string(d.State), d.Who, string(body), encode(d.Articles)))
		if err == nil && !ok {
			err = digest.Errorf(digest.Conflict, "Somebody changed the draft meanwhile.")
		}
		return err
	})
}
