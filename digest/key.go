package digest

import "time"

// Key lets another program push articles. Its secret is known to that program
// alone; the store holds a hash of it.
type Key struct {
	ID        string // the beginning of the secret, by which people tell keys apart
	Name      string // of the program or person who has it
	Workspace string // that its articles belong to; Shared for all
	Source    string // that its articles come in by
	Created   time.Time
	Used      time.Time // last, to a minute; zero: never
	Revoked   time.Time // zero: it is valid
}

// Push is one delivery of articles by a key, which may come several times.
type Push struct {
	Key   string   // id of the key
	Token string   // by which the sender knows the delivery again
	Body  [32]byte // SHA-256 of what it holds
}
