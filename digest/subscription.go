package digest

import (
	"strings"
	"time"
)

// Address names a channel: "slack:T012/C345", "discord:GUILD/CHANNEL", "web:NAME".
type Address struct{ Platform, Workspace, Channel string }

// String returns the written form, which ParseAddress reads.
func (a Address) String() string {
	if a.Workspace == "" {
		return a.Platform + ":" + a.Channel
	}
	return a.Platform + ":" + a.Workspace + "/" + a.Channel
}

// Tenant returns the workspace whose rows the channel may see: Local for
// platforms without workspaces, else "slack:T012".
func (a Address) Tenant() string {
	if a.Workspace == "" {
		return Local
	}
	return a.Platform + ":" + a.Workspace
}

// ParseAddress reads the written form of an address.
func ParseAddress(s string) (Address, error) {
	platform, rest, ok := strings.Cut(s, ":")
	if !ok || platform == "" || rest == "" || strings.ContainsAny(s, " \t\r\n") {
		return Address{}, Errorf(Invalid, "%q is not a channel; write platform:channel, as in web:news or slack:T012/C345", s)
	}
	ws, channel, ok := strings.Cut(rest, "/")
	if !ok {
		ws, channel = "", rest
	}
	if channel == "" || ok && ws == "" {
		return Address{}, Errorf(Invalid, "%q is not a channel; write platform:workspace/channel, as in slack:T012/C345", s)
	}
	return Address{platform, ws, channel}, nil
}

// Subscription is one channel's digest, or several channels' that share it.
type Subscription struct {
	ID         string
	Workspace  string
	Name       string    // title of the digest
	Channels   []Address // each has its own delivery
	Sources    []string  // source ids; empty for all that the workspace sees
	Categories []string  // only these; empty for all
	Languages  []string  // only these; empty for all
	Include    []string  // words, phrases or /patterns/ of which an article must have one; empty for no such rule
	Exclude    []string  // words, phrases or /patterns/ an article must not have
	Mutes      []Mute    // what is not shown for now
	Review     Review    // editors look at it before it is published
	DaysOff    []string  // local dates without a digest, "2026-12-25", or "12-25" for every year
	Cron       string    // five fields, in the local time of Zone
	Zone       string    // IANA name
	Language   string    // of the labels
	Layout     Layout
	Empty      string        // "skip" or "note": what an edition without stories does; "" is skip
	CatchUp    time.Duration // how late a missed slot is still delivered; 0 means 6 h
	OnUnknown  string        // "park" or "resend"; "" is park
	Origin     string        // "config" or "chat"
	Since      time.Time     // when it was made; slots before it are not due
	Changed    time.Time     // last change of cron or zone
	Paused     bool
	PausedTill time.Time // zero: until resumed
	Disabled   string    // reason it was disabled, "" while active
}

// Draft is the reason for which a subscription is disabled that waits to be
// confirmed.
const Draft = "draft"

// Mute keeps something out of a subscription's digests.
type Mute struct {
	Kind  string    `json:"kind"`          // MuteStory, MuteSource or MuteTopic
	Value string    `json:"value"`         // id of a story; id of a source or name of an outlet; a word or phrase
	Till  time.Time `json:"till,omitzero"` // zero: until it is taken back
}

// The kinds of mutes.
const (
	MuteStory  = "story"
	MuteSource = "source"
	MuteTopic  = "topic"
)

// Holds reports whether the mute counts at an instant.
func (m Mute) Holds(at time.Time) bool { return m.Till.IsZero() || at.Before(m.Till) }

// SlotState says what became of a slot.
type SlotState string

// The states of a slot. Due, Selected and Built are on their way; the others
// are final and carry a reason where it is not plain.
const (
	SlotDue           SlotState = "due"
	SlotSelected      SlotState = "selected"
	SlotBuilt         SlotState = "built"
	SlotDone          SlotState = "done"
	SlotPartial       SlotState = "partial"
	SlotMissed        SlotState = "missed"
	SlotUndeliverable SlotState = "undeliverable"
	SlotExpired       SlotState = "expired"
	SlotEmpty         SlotState = "empty"
)

// Slot is one local date and time at which a subscription is due.
type Slot struct {
	Subscription string
	Key          string    // local date and time, "2026-03-29T02:30"
	At           time.Time // the instant
	State        SlotState
	Reason       string
	From, To     time.Time // window, once frozen
	Articles     []string  // ids of the window's articles, once frozen
	Late         bool
	Edition      string // id, once built
	Decided      time.Time
	Closed       time.Time // when it reached a final state
}
