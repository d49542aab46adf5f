package digest

import "time"

// The kinds of corrections.
const (
	Corrected = "corrected" // an article says something else now
	Withdrawn = "withdrawn" // no article is left that says it
	Merged    = "merged"    // the story goes on as another one
)

// Correction is what an edition says of a story instead of what was frozen.
type Correction struct {
	Workspace string
	Edition   string
	Story     string
	Kind      string
	Brief     Brief     // of what is left; the old one for withdrawn and merged stories
	Into      string    // for merged stories: headline of the other one
	At        time.Time // set by the store
}

// Change is an article that was changed or taken down after it came in.
type Change struct {
	Workspace string
	Article   string
	At        time.Time
}

// Revision is a posted part with the payload that is to take its place.
type Revision struct {
	Part
	New   Payload
	Tries int // attempts to edit it, this one included
}

// The states of a revision.
const (
	RevisionReady  = "ready"
	RevisionDone   = "done"
	RevisionFailed = "failed"
)
