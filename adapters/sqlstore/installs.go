package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"nutgraf/digest"
)

const installColumns = `workspace, name, sealed, user_id, at`

func scanInstall(row scanner) (digest.Install, error) {
	var i digest.Install
	var at int64
	err := row.Scan(&i.Workspace, &i.Name, &i.Sealed, &i.User, &at)
	i.At = moment(at)
	return i, err
}

// PutInstall keeps that a workspace installed the app, instead of what was
// known before.
func (s *Store) PutInstall(ctx context.Context, i digest.Install) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO install (`+installColumns+`) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (workspace) DO UPDATE SET name = excluded.name, sealed = excluded.sealed, user_id = excluded.user_id, at = excluded.at`,
			i.Workspace, i.Name, i.Sealed, i.User, now)
		return err
	})
}

// Install returns the install of a workspace, or an error of Kind NotFound.
func (s *Store) Install(ctx context.Context, workspace string) (digest.Install, error) {
	var i digest.Install
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		i, err = scanInstall(tx.queryRow(ctx, `SELECT `+installColumns+` FROM install WHERE workspace = $1`, workspace))
		if errors.Is(err, sql.ErrNoRows) {
			return digest.Errorf(digest.NotFound, "the app is not installed in %.80s", workspace)
		}
		return err
	})
	return i, err
}

// Installs returns the installs of a platform's app, by workspace.
func (s *Store) Installs(ctx context.Context, platform string) ([]digest.Install, error) {
	var out []digest.Install
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		all, err := collect(ctx, tx, scanInstall, `SELECT `+installColumns+` FROM install ORDER BY workspace`)
		out = nil
		for _, i := range all {
			if strings.HasPrefix(i.Workspace, platform+":") {
				out = append(out, i)
			}
		}
		return err
	})
	return out, err
}

// DeleteInstall forgets the install of a workspace, with its token.
func (s *Store) DeleteInstall(ctx context.Context, workspace string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM install WHERE workspace = $1`, workspace)
		return err
	})
}
