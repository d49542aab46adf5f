package sqlstore

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"nutgraf/digest"
)

// Restore puts a backup in the place of the database that url names, which must
// not be there; with aside it is moved out of the way first, and aside is
// returned. The backup is checked before anything is touched, and sends nothing
// until Resume. No process may use the database.
func Restore(ctx context.Context, url, file string, aside bool, now time.Time) (m Manifest, moved string, err error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	d, err := dialectOf(url, Options{})
	if err != nil {
		return m, "", err
	}
	if m, err = manifestOf(file); err != nil {
		return m, "", err
	}
	if got, err := sum(file); err != nil {
		return m, "", digest.Errorf(digest.NotFound, "the backup cannot be read: %w; name a file that nutgraf backup wrote", err)
	} else if m.SHA256 != "" && got != m.SHA256 {
		return m, "", digest.Errorf(digest.Conflict, "the backup %s is not the file that its manifest describes: it was changed or is cut off; take another backup", file)
	}
	if d.lockFile == "" {
		err = postgresRestore(ctx, url, file, &m, aside)
		return m, "", (&Store{dialect: d}).explain(err)
	}
	release, err := d.lock()
	if err != nil {
		return m, "", err
	}
	defer release()
	moved, err = sqliteRestore(ctx, strings.TrimSuffix(d.lockFile, ".lock"), file, &m, aside, now)
	return m, moved, (&Store{dialect: d}).explain(err)
}

// leavings are the files that belong to a database beside the file itself.
var leavings = [...]string{"", "-wal", "-shm", "-journal"}

// sqliteRestore checks a copy of the backup beside the target and gives it the
// target's name.
func sqliteRestore(ctx context.Context, target, file string, m *Manifest, aside bool, now time.Time) (string, error) {
	there := false
	for _, suffix := range leavings {
		if _, err := os.Lstat(target + suffix); !errors.Is(err, fs.ErrNotExist) {
			there = true
		}
	}
	if there && !aside {
		return "", digest.Errorf(digest.Conflict, "%s is there already and is not overwritten; --force moves it out of the way and restores", target)
	}
	partial := target + ".partial"
	defer func() { _ = os.Remove(partial) }() // it is there only when something failed
	if err := copyFile(file, partial); err != nil {
		return "", unwritable(partial, err)
	}
	if err := examine(ctx, file, partial, m); err != nil {
		return "", err
	}
	moved := ""
	if there {
		moved = unusedName(target + ".before-" + now.UTC().Format("20060102-150405"))
		for _, suffix := range leavings {
			if err := os.Rename(target+suffix, moved+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return moved, unwritable(moved+suffix, err)
			}
		}
	}
	if err := os.Link(partial, target); err != nil {
		return moved, unwritable(target, err)
	}
	return moved, nil
}

// examine checks the copy of a backup and fences it: at the time of the
// manifest, else at that of the last sign of life in it, else at its file's.
func examine(ctx context.Context, file, partial string, m *Manifest) error {
	db, err := sqliteFileOpen(ctx, partial, "mode=rw")
	if err != nil {
		return err
	}
	have, err := sqliteVersion(ctx, db, file)
	if err == nil && m.Made.IsZero() {
		m.Made, err = lastBeat(db.QueryRowContext(ctx, lastBeatQuery))
		if info, statErr := os.Stat(file); err == nil && m.Made.IsZero() && statErr == nil {
			m.Made = info.ModTime().UTC()
		}
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	switch known := newestSchema(); {
	case have == 0:
		return digest.Errorf(digest.Invalid, "%s is empty, there is nothing to restore", file)
	case have > known:
		return digest.Errorf(digest.Conflict, "the backup %s has schema version %d, but this program knows versions up to %d; restore it with a newer Nutgraf", file, have, known)
	}
	m.Database = "sqlite"
	return sqliteFence(ctx, partial, m)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
