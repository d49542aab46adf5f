package sqlstore

import (
	"context"
	"fmt"
	"time"

	"nutgraf/digest"
)

// fromConfig is the origin of what stands in the configuration.
const fromConfig = "config"

// fromChat is the origin of what people made in chat.
const fromChat = "chat"

const sourceColumns = `source.id, source.workspace, source.kind, source.address, CASE WHEN source.name <> '' THEN source.name ELSE source.own_name END,
	source.category, source.language, source.weight, source.every_ms, source.disabled`

// scanSource reads sourceColumns and then into more.
func scanSource(row scanner, more ...any) (digest.Source, error) {
	var src digest.Source
	var every int64
	dest := []any{&src.ID, &src.Workspace, &src.Kind, &src.Address, &src.Name, &src.Category, &src.Language, &src.Weight, &every, &src.Disabled}
	err := row.Scan(append(dest, more...)...)
	src.Every = time.Duration(every) * time.Millisecond
	return src, err
}

// PutSources adds or changes sources. With origin "config" they are all that
// the configuration names: those it named before become disabled. A source
// whose address changed is fetched afresh.
func (s *Store) PutSources(ctx context.Context, sources []digest.Source, origin string) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		for _, src := range sources {
			if err := putSource(ctx, tx, src, origin); err != nil {
				return err
			}
		}
		if origin != fromConfig {
			return nil
		}
		var args arguments
		ids := make([]string, 0, len(sources))
		for _, src := range sources {
			ids = append(ids, src.ID)
		}
		query := `UPDATE source SET disabled = 1 WHERE origin = ` + args.add(fromConfig)
		if len(ids) > 0 {
			query += ` AND id NOT IN ` + list(&args, ids)
		}
		_, err := tx.exec(ctx, query, args...)
		return err
	})
}

// ChangeSources adds or changes sources of a workspace that are made in chat.
// Change gets those that the workspace sees, disabled ones too, and returns what
// to store. Nobody changes them between: the changes of a workspace go one after
// the other. Change may be called more than once, must not use the store, and
// with its error everything stays as it is.
func (s *Store) ChangeSources(ctx context.Context, workspace string, change func(seen []digest.Source) ([]digest.Source, error)) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		if err := tx.dialect.guard(ctx, tx, "changes "+workspace); err != nil {
			return err
		}
		var args arguments
		seen, err := collect(ctx, tx, func(row scanner) (digest.Source, error) { return scanSource(row) },
			`SELECT `+sourceColumns+` FROM source WHERE source.workspace IN `+list(&args, sees(workspace))+` ORDER BY 5, source.id`, args...)
		if err != nil {
			return err
		}
		made, err := change(seen)
		if err != nil {
			return err
		}
		for _, src := range made {
			if src.Workspace != workspace {
				return digest.Errorf(digest.Invalid, "the source %q is not of the workspace %s", src.ID, workspace)
			}
			if err := putSource(ctx, tx, src, fromChat); err != nil {
				return err
			}
		}
		return nil
	})
}

func putSource(ctx context.Context, tx *transaction, src digest.Source, origin string) error {
	if src.ID == "" || src.Workspace == "" {
		return digest.Errorf(digest.Invalid, "a source needs an id and a workspace; %q has not both", src.ID+src.Address)
	}
	ok, err := changed(tx.exec(ctx, `INSERT INTO source (workspace, id, kind, address, name, category, language, weight, every_ms, disabled, origin)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, category = excluded.category, language = excluded.language,
			weight = excluded.weight, every_ms = excluded.every_ms, disabled = excluded.disabled, origin = excluded.origin
		WHERE source.workspace = excluded.workspace`,
		src.Workspace, src.ID, src.Kind, src.Address, src.Name, src.Category, src.Language, src.Weight, src.Every.Milliseconds(), flag(src.Disabled), origin))
	if err != nil {
		return err
	}
	if !ok {
		return digest.Errorf(digest.Conflict, "the source id %q is taken by another workspace; choose another", src.ID)
	}
	_, err = tx.exec(ctx, `UPDATE source SET address = $2, own_name = '', etag = '', last_modified = '', moved_to = '', moves = 0,
		state = '', fetched = 0, next_try = 0, failures = 0, problem = '' WHERE id = $1 AND address <> $2`, src.ID, src.Address)
	return err
}

// fetched records a fetch that succeeded.
func fetched(ctx context.Context, tx *transaction, b digest.Batch, now, next int64) error {
	c := b.Cursor
	ok, err := changed(tx.exec(ctx, `UPDATE source SET last_try = $2, last_ok = $2, next_try = $3, failures = 0, problem = '',
		own_name = CASE WHEN $4 <> '' THEN $4 ELSE own_name END,
		etag = $5, last_modified = $6, moved_to = $7, moves = $8, state = $9, fetched = $10 WHERE id = $1`,
		c.Source, now, next, b.Name, c.ETag, c.LastModified, c.MovedTo, c.Moves, c.State, flag(c.Fetched)))
	if err == nil && !ok {
		err = digest.Errorf(digest.NotFound, "there is no source %q; it may have been removed meanwhile", c.Source)
	}
	return err
}

// FailSource records a fetch that failed; the cursor stays as it was.
func (s *Store) FailSource(ctx context.Context, source, problem string, next time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		ok, err := changed(tx.exec(ctx, `UPDATE source SET last_try = $2, next_try = $3, failures = failures + 1, problem = $4 WHERE id = $1`,
			source, now, millis(next), problem))
		if err == nil && !ok {
			err = digest.Errorf(digest.NotFound, "there is no source %q; it may have been removed meanwhile", source)
		}
		return err
	})
}

// mostTogether is how many feeds that are not due are fetched with others.
const mostTogether = 200

// DueSources hands out at most n sources whose time has come, longest overdue
// first, each with its cursor. Behind them come feeds that are not due but have
// the address of one that is, so that one request serves all; those that were
// never fetched are due anyway. None of them is due again before now + lease,
// whatever becomes of the fetch. Sources of kind "push" are never due.
func (s *Store) DueSources(ctx context.Context, now time.Time, lease time.Duration, n int) ([]digest.Source, []digest.Cursor, error) {
	var sources []digest.Source
	var cursors []digest.Cursor
	err := s.write(ctx, func(ctx context.Context, tx *transaction) error {
		sources, cursors = nil, nil // of a try that failed
		claim := func(which string, args arguments) error {
			_, err := collect(ctx, tx, func(row scanner) (struct{}, error) {
				var c digest.Cursor
				src, err := scanSource(row, &c.ETag, &c.LastModified, &c.MovedTo, &c.Moves, &c.State, &c.Fetched)
				c.Source = src.ID
				sources, cursors = append(sources, src), append(cursors, c)
				return struct{}{}, err
			}, fmt.Sprintf(`WITH due AS MATERIALIZED (SELECT id FROM source WHERE disabled = 0 AND %s%s)
				UPDATE source SET next_try = $1 WHERE source.id IN (SELECT id FROM due)
				RETURNING %s, source.etag, source.last_modified, source.moved_to, source.moves, source.state, source.fetched`,
				which, s.dialect.skipLocked, sourceColumns), args...)
			return err
		}
		until := millis(now.Add(lease))
		if err := claim(`kind <> 'push' AND next_try <= $2 ORDER BY next_try, id LIMIT $3`, arguments{until, millis(now), n}); err != nil {
			return err
		}
		var ids, addresses []string
		for _, src := range sources {
			ids = append(ids, src.ID)
			if src.Kind == "feed" {
				addresses = append(addresses, src.Address)
			}
		}
		if len(addresses) == 0 {
			return nil
		}
		args := arguments{until}
		return claim(`kind = 'feed' AND fetched = 1 AND address IN `+list(&args, addresses)+` AND id NOT IN `+list(&args, ids)+` ORDER BY id LIMIT `+args.add(mostTogether), args)
	})
	return sources, cursors, err
}

// Sources returns the sources that a workspace sees with their state, by name;
// "" returns all.
func (s *Store) Sources(ctx context.Context, workspace string) ([]digest.SourceStatus, error) {
	var args arguments
	where := ""
	if workspace != "" {
		where = ` WHERE source.workspace IN ` + list(&args, sees(workspace))
	}
	var out []digest.SourceStatus
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, func(row scanner) (digest.SourceStatus, error) {
			var st digest.SourceStatus
			var try, ok, next int64
			var err error
			st.Source, err = scanSource(row, &try, &ok, &next, &st.Failures, &st.Problem)
			st.LastTry, st.LastOK, st.NextTry = moment(try), moment(ok), moment(next)
			return st, err
		}, `SELECT `+sourceColumns+`, source.last_try, source.last_ok, source.next_try, source.failures, source.problem
			FROM source`+where+` ORDER BY 5, source.id`, args...)
		return err
	})
	return out, err
}
