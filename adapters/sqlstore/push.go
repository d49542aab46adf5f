package sqlstore

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"time"

	"nutgraf/digest"
)

const (
	pushKept    = 24 * time.Hour  // the answer to a push
	pushAbandon = 2 * time.Minute // after which a push without an answer counts as broken off
	usedEvery   = time.Minute     // how exactly it is known when a key was used
	keyColumns  = `id, name, workspace, source, created, used, revoked`
	keyIDLength = len("ng_") + 8   // of a secret, which goes on with _ and 52 more characters
	secretSize  = keyIDLength + 53 // bytes
)

func scanKey(row scanner, more ...any) (digest.Key, error) {
	var k digest.Key
	var created, used, revoked int64
	err := row.Scan(append([]any{&k.ID, &k.Name, &k.Workspace, &k.Source, &created, &used, &revoked}, more...)...)
	k.Created, k.Used, k.Revoked = moment(created), moment(used), moment(revoked)
	return k, err
}

// AddKey stores a key with the hash of its secret, and its source where that is
// new: one of the kind "push" in the key's workspace. The key's ID is that of
// the secret.
func (s *Store) AddKey(ctx context.Context, k digest.Key, secret digest.Secret) (digest.Key, error) {
	if len(secret.Reveal()) != secretSize {
		return k, digest.Errorf(digest.Invalid, "the secret of a key has %d characters", secretSize)
	}
	k.ID = secret.Reveal()[:keyIDLength]
	hash := sha256.Sum256([]byte(secret.Reveal()))
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		k.Created = moment(now)
		if err := pushSource(ctx, tx, k); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO push_key (workspace, id, name, source, hash, created) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			k.Workspace, k.ID, k.Name, k.Source, hash[:], now)
		return err
	})
	return k, err
}

// pushSource makes the source of a key unless it is there.
func pushSource(ctx context.Context, tx *transaction, k digest.Key) error {
	var workspace, kind string
	err := tx.queryRow(ctx, `SELECT workspace, kind FROM source WHERE id = $1`, k.Source).Scan(&workspace, &kind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return putSource(ctx, tx, digest.Source{ID: k.Source, Workspace: k.Workspace, Kind: "push", Name: k.Name}, "keys")
	case err != nil:
		return err
	case kind != "push":
		return digest.Errorf(digest.Conflict, "the source %s is a %s; articles are pushed into a source of their own, so name another one", k.Source, kind)
	case workspace != k.Workspace:
		return digest.Errorf(digest.Conflict, "the source %s belongs to the workspace %s; name another source, or that workspace", k.Source, workspace)
	}
	return nil
}

// Keys returns all keys, the newest first.
func (s *Store) Keys(ctx context.Context) ([]digest.Key, error) {
	var out []digest.Key
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.Key, error) { return scanKey(row) }, `SELECT `+keyColumns+` FROM push_key ORDER BY created DESC, id`)
		return err
	})
	return out, err
}

// RevokeKey ends a key. One that was revoked before stays so since then.
func (s *Store) RevokeKey(ctx context.Context, id string) (digest.Key, error) {
	var k digest.Key
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		k, err = scanKey(tx.queryRow(ctx, `UPDATE push_key SET revoked = CASE WHEN revoked > 0 THEN revoked ELSE $2 END WHERE id = $1 RETURNING `+keyColumns, id, now))
		if errors.Is(err, sql.ErrNoRows) {
			return digest.Errorf(digest.NotFound, "there is no key %q; nutgraf keys list shows those there are", id)
		}
		return err
	})
	return k, err
}

// errNoKey is the one answer to every secret that opens nothing.
var errNoKey = digest.Errorf(digest.Forbidden, "This key is not valid, or was revoked; whoever runs Nutgraf makes one with nutgraf keys add.")

// UseKey returns the key that a secret belongs to, and remembers that it was
// used. Whatever is wrong with the secret, the error is the same, of the kind
// Forbidden.
func (s *Store) UseKey(ctx context.Context, secret digest.Secret) (digest.Key, error) {
	if len(secret.Reveal()) != secretSize {
		return digest.Key{}, errNoKey
	}
	given := sha256.Sum256([]byte(secret.Reveal()))
	var k digest.Key
	var hash []byte
	var now int64
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		if now, err = s.now(ctx, tx); err != nil {
			return err
		}
		k, err = scanKey(tx.queryRow(ctx, `SELECT `+keyColumns+`, hash FROM push_key WHERE id = $1`, secret.Reveal()[:keyIDLength]), &hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	switch {
	case err != nil:
		return digest.Key{}, err
	case subtle.ConstantTimeCompare(given[:], hash) != 1 || !k.Revoked.IsZero():
		return digest.Key{}, errNoKey
	case now-millis(k.Used) < usedEvery.Milliseconds():
		return k, nil
	}
	return k, s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `UPDATE push_key SET used = $2 WHERE id = $1 AND used < $2`, k.ID, now)
		return err
	})
}

// BeginPush takes a push on. When it was answered within 24 hours, the answer
// comes back instead. The same push while it is still worked on is a Conflict,
// another one under the same token is Invalid.
func (s *Store) BeginPush(ctx context.Context, k digest.Key, p digest.Push) (answer []byte, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *transaction) error {
		answer = nil // of a try that failed
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM push WHERE at < $1`, now-pushKept.Milliseconds()); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM push WHERE workspace = $1 AND key_id = $2 AND token = $3 AND answer IS NULL AND at < $4`,
			k.Workspace, k.ID, p.Token, now-pushAbandon.Milliseconds()); err != nil {
			return err
		}
		fresh, err := changed(tx.exec(ctx, `INSERT INTO push (workspace, key_id, token, body, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			k.Workspace, k.ID, p.Token, p.Body[:], now))
		if err != nil || fresh {
			return err
		}
		var body []byte
		err = tx.queryRow(ctx, `SELECT body, answer FROM push WHERE workspace = $1 AND key_id = $2 AND token = $3`, k.Workspace, k.ID, p.Token).Scan(&body, &answer)
		switch {
		case err != nil:
			return err
		case string(body) != string(p.Body[:]):
			return digest.Errorf(digest.Invalid, "This Idempotency-Key was used for another body within the last 24 hours; give every push its own.")
		case answer == nil:
			return digest.Errorf(digest.Conflict, "The same push is still being worked on; ask again in a moment.")
		}
		return nil
	})
	return answer, err
}

// EndPush keeps the answer to a push; without one, the push may come again.
func (s *Store) EndPush(ctx context.Context, k digest.Key, p digest.Push, answer []byte) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		query, args := `UPDATE push SET answer = $4 WHERE workspace = $1 AND key_id = $2 AND token = $3 AND answer IS NULL`, []any{k.Workspace, k.ID, p.Token, answer}
		if answer == nil {
			query, args = `DELETE FROM push WHERE workspace = $1 AND key_id = $2 AND token = $3 AND answer IS NULL`, args[:3]
		}
		_, err := tx.exec(ctx, query, args...)
		return err
	})
}
