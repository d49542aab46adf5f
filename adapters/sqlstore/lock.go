package sqlstore

import (
	"github.com/gofrs/flock"

	"nutgraf/digest"
)

// Lock makes this process the only one that delivers from the database that url
// names, until release is called or the process ends. When another holds the
// lock the error is of kind Conflict; nothing of the database was touched then.
// On PostgreSQL any number of processes deliver side by side: there it always
// succeeds and keeps nobody out.
func Lock(url string) (release func(), err error) {
	d, err := dialectOf(url, Options{})
	if err != nil {
		return nil, err
	}
	return d.lock()
}

// Lock is Lock for the database of the store.
func (s *Store) Lock() (release func(), err error) { return s.dialect.lock() }

func (d dialect) lock() (release func(), err error) {
	if d.lockFile == "" {
		return func() {}, nil
	}
	lock := flock.New(d.lockFile)
	held, err := lock.TryLock()
	if err != nil {
		return nil, digest.Errorf(digest.Unavailable, "cannot make the lock file %s; its folder must exist and this user must be able to write it: %w", d.lockFile, err)
	}
	if !held {
		return nil, digest.Errorf(digest.Conflict, "another Nutgraf delivers from %s already; stop it first, or give this one a database of its own", d.name)
	}
	return func() { _ = lock.Close() }, nil // an unlock that fails ends with the process
}
