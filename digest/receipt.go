package digest

import "time"

// Receipt is the note that a request came in which changes something.
type Receipt struct {
	Workspace string        // the tenant, as Address.Tenant returns it
	ID        string        // by which the platform tells the request from all others, the same when it is sent again
	Hold      time.Duration // how long whoever took it has for the work; then another may take it
}

// Standing is what a Receipt met: whether its request came before, and what
// became of it.
type Standing int

// The standings. Only who meets Fresh may do the work.
const (
	Fresh   Standing = iota // it is new, or whoever took it did not finish
	Working                 // somebody has taken it and has time left
	Done                    // somebody has finished it
)
