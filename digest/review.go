package digest

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// Review says that editors look at a digest before it is published. The zero
// Review is none.
type Review struct {
	Channel string        `json:"channel,omitempty"` // address of the editors' channel
	Lead    time.Duration `json:"lead,omitempty"`    // how long before the slot they get the draft; 0 means an hour
	Rule    string        `json:"rule,omitempty"`    // what happens at the slot when nobody decided: RulePublish, RuleHold or RuleSkip; "" is publish
}

// The rules for drafts on which nobody decided.
const (
	RulePublish = "publish"
	RuleHold    = "hold"
	RuleSkip    = "skip"
)

// Ahead returns how long before the slot the editors get the draft.
func (r Review) Ahead() time.Duration {
	switch {
	case r.Channel == "":
		return 0
	case r.Lead <= 0:
		return time.Hour
	}
	return r.Lead
}

// DraftState says what editors decided.
type DraftState string

// The states of a draft. Only an open one can be changed.
const (
	DraftOpen     DraftState = "open"
	DraftApproved DraftState = "approved"
	DraftSkipped  DraftState = "skipped"
)

// EditorsDraft is the edition of a slot that editors look at.
type EditorsDraft struct {
	ID           string // see DraftID
	Workspace    string
	Subscription string
	Slot         string
	Deadline     time.Time // the slot's instant
	Channel      string    // address of the editors' channel
	Version      int       // grows with every change
	State        DraftState
	Who          string   // decided, "" while open
	Articles     []string // ids of the window's articles
	Edition      Edition
}

// DraftID returns the id of a slot's draft: one for each slot, short enough for
// a button.
func DraftID(subscription, slot string) string {
	sum := sha256.Sum256([]byte("draft\x00" + subscription + "\x00" + slot))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:16]
}
