package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"nutgraf/digest"
)

// Removed is the reason for which subscriptions are disabled that the
// configuration no longer names.
const Removed = "removed from the configuration"

// catchUp is how late a missed slot is delivered when the subscription does
// not say.
const catchUp = 6 * time.Hour

// terms are the parts of a subscription that no statement looks into.
type terms struct {
	Name       string        `json:"name"`
	Channels   []string      `json:"channels"`
	Sources    []string      `json:"sources,omitempty"`
	Categories []string      `json:"categories,omitempty"`
	Languages  []string      `json:"languages,omitempty"`
	Include    []string      `json:"include,omitempty"`
	Exclude    []string      `json:"exclude,omitempty"`
	Mutes      []digest.Mute `json:"mutes,omitempty"`
	DaysOff    []string      `json:"days_off,omitempty"`
	Review     digest.Review `json:"review,omitzero"`
	Language   string        `json:"language,omitempty"`
	Layout     digest.Layout `json:"layout"`
	Empty      string        `json:"empty,omitempty"`
	OnUnknown  string        `json:"on_unknown,omitempty"`
}

const subscriptionColumns = `sub.workspace, sub.id, sub.origin, sub.cron, sub.zone, sub.catch_up, sub.since, sub.changed,
	sub.paused, sub.paused_till, sub.disabled, sub.body`

func scanSubscription(row scanner) (digest.Subscription, error) {
	var sub digest.Subscription
	var late, since, changed, till int64
	var body string
	err := row.Scan(&sub.Workspace, &sub.ID, &sub.Origin, &sub.Cron, &sub.Zone, &late, &since, &changed, &sub.Paused, &till, &sub.Disabled, &body)
	if err != nil {
		return sub, err
	}
	var t terms
	if err := json.Unmarshal([]byte(body), &t); err != nil {
		return sub, err
	}
	for _, written := range t.Channels {
		address, err := digest.ParseAddress(written)
		if err != nil {
			return sub, err
		}
		sub.Channels = append(sub.Channels, address)
	}
	sub.CatchUp = time.Duration(late) * time.Millisecond
	sub.Since, sub.Changed, sub.PausedTill = moment(since), moment(changed), moment(till)
	sub.Name, sub.Sources, sub.Categories, sub.Languages = t.Name, t.Sources, t.Categories, t.Languages
	sub.Include, sub.Exclude, sub.Language, sub.Layout = t.Include, t.Exclude, t.Language, t.Layout
	sub.Review, sub.Mutes, sub.DaysOff, sub.Empty, sub.OnUnknown = t.Review, t.Mutes, t.DaysOff, t.Empty, t.OnUnknown
	return sub, nil
}

// PutSubscriptions adds or changes subscriptions by id. What was paused stays
// so; Since stays that of the first time; Changed becomes now when cron or zone
// differ. With origin "config" they are all that the configuration names: those
// it named before are disabled as Removed, and one that was disabled for another
// reason stays so until its channels change.
func (s *Store) PutSubscriptions(ctx context.Context, subs []digest.Subscription, origin string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(subs))
		for _, sub := range subs {
			ids = append(ids, sub.ID)
			if err := putSubscription(ctx, tx, sub, origin, now); err != nil {
				return err
			}
		}
		if origin != fromConfig {
			return nil
		}
		var args arguments
		query := `UPDATE subscription SET recheck = 0, disabled = ` + args.add(Removed) + ` WHERE (disabled = '' OR recheck > 0) AND origin = ` + args.add(fromConfig)
		if len(ids) > 0 {
			query += ` AND id NOT IN ` + list(&args, ids)
		}
		_, err = tx.exec(ctx, query, args...)
		return err
	})
}

func putSubscription(ctx context.Context, tx *transaction, sub digest.Subscription, origin string, now int64) error {
	if sub.ID == "" || sub.Workspace == "" {
		return digest.Errorf(digest.Invalid, "a subscription needs an id and a workspace; %q has not both", sub.ID+sub.Name)
	}
	old, err := scanSubscription(tx.queryRow(ctx, `SELECT `+subscriptionColumns+` FROM subscription sub WHERE sub.id = $1`+tx.dialect.forUpdate, sub.ID))
	fresh := errors.Is(err, sql.ErrNoRows)
	if err != nil && !fresh {
		return err
	}
	sub.Origin = origin
	if fresh {
		sub.Since, sub.Changed = moment(or(millis(sub.Since), now)), moment(or(millis(sub.Changed), now))
		return writeSubscription(ctx, tx, sub)
	}
	sub.Since, sub.Changed, sub.Paused, sub.PausedTill = old.Since, old.Changed, old.Paused, old.PausedTill
	if old.Cron != sub.Cron || old.Zone != sub.Zone {
		sub.Changed = moment(now)
	}
	if origin == fromConfig && sub.Disabled == "" && old.Disabled != Removed && slices.Equal(old.Channels, sub.Channels) {
		sub.Disabled = old.Disabled
	}
	return writeSubscription(ctx, tx, sub)
}

// writeSubscription stores a subscription as it is.
func writeSubscription(ctx context.Context, tx *transaction, sub digest.Subscription) error {
	values, err := subscriptionRow(sub)
	if err != nil {
		return err
	}
	ok, err := changed(tx.exec(ctx, `INSERT INTO subscription (workspace, id, origin, cron, zone, catch_up, since, changed, paused, paused_till, disabled, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, cron = excluded.cron, zone = excluded.zone, catch_up = excluded.catch_up,
			since = excluded.since, changed = excluded.changed, paused = excluded.paused, paused_till = excluded.paused_till,
			disabled = excluded.disabled, body = excluded.body
		WHERE subscription.workspace = excluded.workspace`, values...))
	if err == nil && !ok {
		err = digest.Errorf(digest.Conflict, "the subscription id %q is taken by another workspace; choose another", sub.ID)
	}
	return err
}

// subscriptionRow returns what is stored of a subscription, in the order of
// subscriptionColumns.
func subscriptionRow(sub digest.Subscription) ([]any, error) {
	body, err := json.Marshal(termsOf(sub))
	return []any{sub.Workspace, sub.ID, sub.Origin, sub.Cron, sub.Zone, sub.CatchUp.Milliseconds(), millis(sub.Since), millis(sub.Changed),
		flag(sub.Paused), millis(sub.PausedTill), sub.Disabled, string(body)}, err
}

// ChangeSubscriptions changes subscriptions of a workspace. Change gets all of
// them, ended ones too, and returns those to add or to replace; what it returns
// is stored as it is, but that Changed becomes now where cron or zone differ.
// Nobody changes any of them between: the changes of a workspace go one after
// the other. Change may be called more than once, must not use the store, and
// with its error everything stays as it is. What becomes active again is no
// longer waited for, and operators may be told of its channels anew.
func (s *Store) ChangeSubscriptions(ctx context.Context, workspace string, change func(all []digest.Subscription) ([]digest.Subscription, error)) error {
	var done []digest.Subscription
	return s.writeOnce(ctx, func(ctx context.Context, tx *transaction) error {
		if err := tx.dialect.guard(ctx, tx, "changes "+workspace); err != nil {
			return err
		}
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		all, err := collect(ctx, tx, func(row scanner) (digest.Subscription, error) { return scanSubscription(row) },
			`SELECT `+subscriptionColumns+` FROM subscription sub WHERE sub.workspace = $1 ORDER BY sub.id`+tx.dialect.forUpdate, workspace)
		if err != nil {
			return err
		}
		old := make(map[string]digest.Subscription, len(all))
		for _, sub := range all {
			old[sub.ID] = sub
		}
		if done, err = change(all); err != nil {
			return err
		}
		for i, sub := range done {
			before, known := old[sub.ID]
			if known && (before.Cron != sub.Cron || before.Zone != sub.Zone) {
				done[i].Changed = moment(now)
			}
			if err := replaceSubscription(ctx, tx, workspace, before, done[i]); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context, tx *transaction) (bool, error) {
		for _, sub := range done {
			if same, err := stored(ctx, tx, sub); err != nil || !same {
				return false, err
			}
		}
		return true, nil
	})
}

// replaceSubscription stores what a workspace made of a subscription.
func replaceSubscription(ctx context.Context, tx *transaction, workspace string, old, sub digest.Subscription) error {
	if sub.ID == "" || sub.Workspace != workspace {
		return digest.Errorf(digest.Invalid, "the subscription %q is not of the workspace %s", sub.ID+sub.Name, workspace)
	}
	if err := writeSubscription(ctx, tx, sub); err != nil || old.Disabled == sub.Disabled {
		return err
	}
	if err := alter(ctx, tx, workspace, sub.ID, `recheck = 0`); err != nil || sub.Disabled != "" {
		return err
	}
	return allIn(ctx, tx, sub.ID)
}

// stored reports whether the store holds a subscription as it is.
func stored(ctx context.Context, tx *transaction, sub digest.Subscription) (bool, error) {
	got, err := scanSubscription(tx.queryRow(ctx, `SELECT `+subscriptionColumns+` FROM subscription sub WHERE sub.id = $1`, sub.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	have, err := subscriptionRow(got)
	if err != nil {
		return false, err
	}
	want, err := subscriptionRow(sub)
	return slices.Equal(have, want), err
}

func or(ms, otherwise int64) int64 {
	if ms != 0 {
		return ms
	}
	return otherwise
}

func termsOf(sub digest.Subscription) terms {
	t := terms{Name: sub.Name, Sources: sub.Sources, Categories: sub.Categories, Languages: sub.Languages, Include: sub.Include,
		Exclude: sub.Exclude, Mutes: sub.Mutes, DaysOff: sub.DaysOff, Review: sub.Review, Language: sub.Language, Layout: sub.Layout, Empty: sub.Empty, OnUnknown: sub.OnUnknown}
	for _, c := range sub.Channels {
		t.Channels = append(t.Channels, c.String())
	}
	return t
}

// Subscriptions returns the subscriptions that a workspace sees, by id; ""
// returns all. Disabled ones are among them.
func (s *Store) Subscriptions(ctx context.Context, workspace string) ([]digest.Subscription, error) {
	var args arguments
	where := ""
	if workspace != "" {
		where = ` WHERE sub.workspace IN ` + list(&args, sees(workspace))
	}
	var out []digest.Subscription
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, scanSubscription, `SELECT `+subscriptionColumns+` FROM subscription sub`+where+` ORDER BY sub.id`, args...)
		return err
	})
	return out, err
}

// alter sets columns of one subscription of a workspace.
func alter(ctx context.Context, tx *transaction, workspace, id, set string, values ...any) error {
	ok, err := changed(tx.exec(ctx, `UPDATE subscription SET `+set+` WHERE workspace = $1 AND id = $2`, append([]any{workspace, id}, values...)...))
	if err == nil && !ok {
		err = digest.Errorf(digest.NotFound, "there is no subscription %q here; list them to see their ids", id)
	}
	return err
}
