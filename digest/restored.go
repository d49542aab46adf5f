package digest

import "time"

// Restored is what a store remembers of coming out of a backup. The zero value
// is that of a store which never did.
type Restored struct {
	Backup  time.Time // when the backup was made: what was sent since then, the store does not know
	Resumed time.Time // when an operator let it send again; zero while it must not
}

// Fenced tells whether nothing may be sent: another installation may still
// send what this store believes to be its own.
func (r Restored) Fenced() bool { return !r.Backup.IsZero() && r.Resumed.IsZero() }

// Doubts tells whether a slot that has no edition yet may have been sent before
// the store was let send again, so that its channels must be looked at first.
func (r Restored) Doubts(at time.Time) bool { return !r.Backup.IsZero() && !at.After(r.Resumed) }
