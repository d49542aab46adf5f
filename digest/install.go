package digest

import "time"

// Install is a workspace that installed the app of a platform by itself.
type Install struct {
	Workspace string // "slack:T012ABC"
	Name      string // as its people know it
	Sealed    string // its token, encrypted by the platform
	User      string // who installed it, by id
	At        time.Time
}
