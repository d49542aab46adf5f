package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nutgraf/digest"
)

// Manifest says what a backup holds. It stands beside the backup, with the
// ending ".json".
type Manifest struct {
	Made     time.Time     `json:"made"`
	Schema   int64         `json:"schema"`
	Install  string        `json:"install_id"`
	Counts   digest.Counts `json:"counts"`
	SHA256   string        `json:"sha256"`
	Database string        `json:"database"` // "sqlite" or "postgres"
}

// Backup copies the database that url names into the file target while others
// go on using it, checks the copy, and writes its manifest beside it. It never
// overwrites. The copy sends nothing until Resume: what happened after it was
// made, it does not know.
func Backup(ctx context.Context, url, target string, now time.Time) (Manifest, error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	for _, name := range []string{target, target + ".json"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return Manifest{}, digest.Errorf(digest.Conflict, "%s is there already and is not overwritten; name another file", name)
		}
	}
	d, err := dialectOf(url, Options{ReadOnly: true})
	if err != nil {
		return Manifest{}, err
	}
	partial := target + ".partial"
	defer func() { _ = os.Remove(partial) }() // it is there only when something failed
	m := Manifest{Made: now.UTC().Truncate(time.Millisecond)}
	if d.lockFile == "" {
		m.Database = "postgres"
		err = postgresBackup(ctx, url, partial, &m)
	} else {
		m.Database = "sqlite"
		err = sqliteBackup(ctx, strings.TrimSuffix(d.lockFile, ".lock"), partial, &m)
	}
	if err != nil {
		return Manifest{}, (&Store{dialect: d}).explain(err)
	}
	return m, publish(partial, target, &m)
}

// publish gives a finished backup its name, which nobody may have taken
// meanwhile, and writes the manifest.
func publish(partial, target string, m *Manifest) error {
	sum, err := sum(partial)
	if err != nil {
		return unwritable(target, err)
	}
	m.SHA256 = sum
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.Link(partial, target); err != nil {
		return unwritable(target, err)
	}
	f, err := os.OpenFile(target+".json", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unwritable(target+".json", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return unwritable(target+".json", err)
	}
	return nil
}

func unwritable(name string, err error) error {
	return digest.Errorf(digest.Unavailable, "%s cannot be written: %w; check the folder and the space on its disk", name, err)
}

// sqliteBackup makes the copy of a file, fences it and fills the manifest.
func sqliteBackup(ctx context.Context, path, partial string, m *Manifest) error {
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(partial, err)
	}
	source, err := sqliteFileOpen(ctx, path, "mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	if have, err := sqliteVersion(ctx, source, path); err != nil || have == 0 {
		return errors.Join(err, digest.Errorf(digest.NotFound, "the database %s is empty, there is nothing to back up", path))
	}
	if _, err := source.ExecContext(ctx, `VACUUM INTO $1`, partial); err != nil {
		return err
	}
	if err := os.Chmod(partial, 0o600); err != nil {
		return unwritable(partial, err)
	}
	return sqliteFence(ctx, partial, m)
}

// sqliteFence keeps a copy from sending, checks it, and reads into m what it
// holds. The copy stays one file.
func sqliteFence(ctx context.Context, path string, m *Manifest) (err error) {
	db, err := sqliteFileOpen(ctx, path, "mode=rw&_pragma=journal_mode(DELETE)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &Store{dialect: sqliteDialect(path), w: db, r: db, clock: func() time.Time { return m.Made }}
	if err := sqliteCheck(ctx, db, path); err != nil {
		return err
	}
	if m.Schema, err = sqliteVersion(ctx, db, path); err != nil {
		return err
	}
	if err := s.write(ctx, func(ctx context.Context, tx *transaction) error { return fence(ctx, tx, m.Made) }); err != nil {
		return err
	}
	return s.inventory(ctx, m)
}

// inventory reads what a backup holds.
func (s *Store) inventory(ctx context.Context, m *Manifest) (err error) {
	if err := s.r.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'install_id'`).Scan(&m.Install); err != nil {
		return err
	}
	m.Counts, err = s.everything(ctx)
	return err
}

// everything counts what the store holds of all workspaces.
func (s *Store) everything(ctx context.Context) (digest.Counts, error) {
	var c digest.Counts
	newest := int64(0)
	err := s.r.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM story), (SELECT count(*) FROM edition),
		(SELECT coalesce(max(arrived), 0) FROM article)`).Scan(&c.Articles, &c.Stories, &c.Editions, &newest)
	c.Newest = moment(newest)
	return c, err
}

// sqliteFileOpen opens one connection to a file.
func sqliteFileOpen(ctx context.Context, path, query string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", fileURI(path)+"?"+query)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // the first error says more
		return nil, err
	}
	return db, nil
}

// sum returns the SHA-256 of a file in hexadecimal.
func sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// manifestOf reads the manifest beside a backup; the zero one when there is none.
func manifestOf(file string) (Manifest, error) {
	text, err := os.ReadFile(file + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, nil
	}
	var m Manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return m, digest.Errorf(digest.Invalid, "the manifest %s.json cannot be read: %v; remove it to restore without its checks", filepath.Base(file), err)
	}
	return m, nil
}
