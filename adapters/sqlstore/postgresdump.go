package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
)

// postgresBackup saves a database with pg_dump.
func postgresBackup(ctx context.Context, address, partial string, m *Manifest) error {
	s, err := Open(ctx, address, Options{Now: func() time.Time { return m.Made }, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if m.Schema, err = s.version(ctx); err != nil {
		return err
	}
	if err := s.inventory(ctx, m); err != nil {
		return err
	}
	return postgresTool(ctx, "pg_dump", address, "--format=custom", "--no-owner", "--no-privileges", "--file="+partial)
}

// postgresRestore fills an empty database from a dump and fences it.
func postgresRestore(ctx context.Context, address, file string, m *Manifest, aside bool) error {
	if aside {
		return digest.Errorf(digest.Invalid, "a PostgreSQL database is not moved out of the way; create an empty one, and name it in [store] url")
	}
	if m.Made.IsZero() {
		return digest.Errorf(digest.NotFound, "%s.json is missing, which says when the backup was made; a dump that nutgraf backup did not make is restored with pg_restore, and sends nothing until nutgraf deliveries resume", file)
	}
	if known := newestSchema(); m.Schema > known {
		return digest.Errorf(digest.Conflict, "the backup %s has schema version %d, but this program knows versions up to %d; restore it with a newer Nutgraf", file, m.Schema, known)
	}
	d, err := dialectOf(address, Options{})
	if err != nil {
		return err
	}
	s := &Store{dialect: d, clock: func() time.Time { return m.Made }}
	if s.w, s.r, err = d.open(Options{}); err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	have, err := s.version(ctx)
	if err != nil {
		return err
	}
	if have > 0 {
		return digest.Errorf(digest.Conflict, "%s holds a Nutgraf already and is not overwritten; create an empty database, and name it in [store] url", d.name)
	}
	if err := postgresTool(ctx, "pg_restore", address, "--single-transaction", "--no-owner", "--no-privileges", file); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx *transaction) error { return fence(ctx, tx, m.Made) })
}

// forLibpq are the parameters of an address that PostgreSQL's own programs know.
var forLibpq = [...]string{"sslmode", "sslrootcert", "sslcert", "sslkey", "sslsni", "connect_timeout", "application_name", "host", "port", "target_session_attrs", "options"}

// postgresTool runs one of PostgreSQL's own programs on a database. The password
// goes by the environment: other users see the arguments.
func postgresTool(ctx context.Context, name, address string, args ...string) error {
	program, err := exec.LookPath(name)
	if err != nil {
		return digest.Errorf(digest.Unavailable, "%s is not installed here; install PostgreSQL's client programs, or run it where the server is", name)
	}
	u, err := url.Parse(address)
	if err != nil {
		return digest.Errorf(digest.Invalid, "the address of the database cannot be read; write postgres://user:password@host:5432/database")
	}
	env := os.Environ()
	query := u.Query()
	password, given := u.User.Password()
	if !given {
		password, given = query.Get("password"), query.Has("password")
	}
	if given {
		env = append(env, "PGPASSWORD="+password)
		u.User = url.User(u.User.Username())
	}
	if schema := query.Get("search_path"); schema != "" {
		args = append([]string{"--schema=" + schema}, args...)
	}
	for key := range query {
		if !slices.Contains(forLibpq[:], key) {
			query.Del(key)
		}
	}
	u.RawQuery = query.Encode()
	cmd := exec.CommandContext(ctx, program, append([]string{"--no-password", "--dbname=" + u.String()}, args...)...)
	cmd.Env = env
	if said, err := cmd.CombinedOutput(); err != nil {
		return digest.Errorf(digest.Unavailable, "%s failed: %s", name, strings.TrimSpace(fmt.Sprintf("%.600s", errors.Join(errors.New(string(said)), err))))
	}
	return nil
}
