package digest

import (
	"errors"
	"time"
)

// Payload is the frozen bytes of one platform message, without address and thread.
type Payload []byte

// MessageRef names a message on its platform: a Slack ts, a Discord message
// id, a post of the web page. It is opaque outside of the platform's package.
type MessageRef string

// PartState says where a part stands in the outbox.
type PartState string

// The states of a part. Sending is written before the request leaves, so that
// a crash leaves a trace of the doubt.
const (
	PartReady    PartState = "ready"
	PartSending  PartState = "sending"
	PartSent     PartState = "sent"
	PartRejected PartState = "rejected"
	PartUnknown  PartState = "unknown"
	PartExpired  PartState = "expired"
)

// Discarded is the reason of parts that an operator gave up.
const Discarded = "discarded by the operator"

// Part is one platform message of an edition, the unit of delivery.
type Part struct {
	Key          string // idempotency key, at most 25 characters of [a-z2-7]
	Edition      string
	Subscription string
	Slot         string
	Due          time.Time // when its slot was due; zero before it is stored
	Address
	N        int        // from 1; part 1 is the header
	Of       int        // parts of the edition in this channel
	Threaded bool       // goes under part 1
	Parent   MessageRef // part 1's message, once sent; "" for part 1 and unthreaded parts
	Stories  []string   // ids of the stories it shows
	Payload  Payload
	State    PartState
	Attempts int
	Started  time.Time // when the last attempt began
	Doubt    time.Time // when the first attempt began whose outcome is unknown: look for the message from here on
	Next     time.Time // not to be touched before
	Ref      MessageRef
	Reason   string
	Plain    bool  // the platform did not take its form; it goes as plain text
	Scope    Scope // how far the refusal of a rejected part reaches
}

// Attempt is one try to post a part: a request that left, or was about to.
type Attempt struct {
	N       int // from 1
	Worker  string
	Started time.Time
	Ended   time.Time // zero while it is not known
	Outcome string    // "sent", "not sent", "in doubt", or the final state; "" while it is not known
	Reason  string
}

// Claim is a lease on a slot or a part. Token grows with every claim; a worker
// whose token is not the newest is fenced off.
type Claim struct {
	Worker string
	Token  int64
	Until  time.Time
}

// Class sorts what a failed post may have left behind.
type Class int

// The classes of outcomes.
const (
	Ambiguous Class = iota // the message may or may not be there
	NotSent                // the message is certainly not there; try again
	Sent                   // the message is there
	Rejected               // the platform will never take this; do not try again
)

// Scope says how far an outcome reaches.
type Scope int

// The scopes of outcomes.
const (
	ScopePart Scope = iota
	ScopeChannel
	ScopeWorkspace
	ScopePlatform
)

// Action is what a failed post asks for, besides what its class says of the
// part: try again, look for it, or give it up.
type Action int

// The actions.
const (
	ActClass          Action = iota // nothing else
	ActPlain                        // our form is at fault: post the part as plain text, once
	ActDisable                      // the channel is gone: disable the subscription and tell its operators
	ActDisableIfAgain               // no access: tell the operators; disable when the next slot finds none either
	ActPause                        // the workspace does not let us in: pause it, and probe it from time to time
	ActStop                         // the token is refused: no more calls to the platform by this process
	ActName                         // the platform objects to what a part says: tell the operators which story it is
	ActDrop                         // an answer or an edit that came too late: forget it
)

// Outcome says what a failed post means for the part and for others.
type Outcome struct {
	Class  Class
	Scope  Scope
	Action Action
	Code   string        // the platform's code, for the log and the operator
	After  time.Duration // wait at least this long
}

// PostError is the error of Platform.Post: a cause with its outcome.
type PostError struct {
	Outcome
	Err error
}

// Error returns the cause, after the platform's code where there is one.
func (e *PostError) Error() string {
	switch {
	case e.Err == nil:
		return e.Code
	case e.Code == "":
		return e.Err.Error()
	}
	return e.Code + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *PostError) Unwrap() error { return e.Err }

// OutcomeOf returns the outcome that err carries. An error without one is
// ambiguous: whoever does not know must look.
func OutcomeOf(err error) Outcome {
	var e *PostError
	if errors.As(err, &e) {
		return e.Outcome
	}
	return Outcome{Class: Ambiguous}
}

// Finding is the answer to "is the message there?".
type Finding int

// The findings. CannotTell is the zero value: absence must be proven.
const (
	CannotTell Finding = iota
	Found
	Absent
)
