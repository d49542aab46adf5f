package digest

import "time"

// Audit is one row of the record of who changed what.
type Audit struct {
	Workspace string
	At        time.Time // set by the store
	Channel   string    // where the command was given
	User      string    // id on the platform
	Name      string    // of the person, as shown then
	Command   string
	Subject   string // what was changed: a name, with its id
	Detail    string // how, in a few words; may be ""
}
