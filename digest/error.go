package digest

import (
	"errors"
	"fmt"
	"time"
)

// Kind sorts errors by what the caller can do about them.
type Kind int

// The kinds of errors. Internal is the zero value: an error that nobody
// classified is a bug or a failure below us, and belongs in the log.
const (
	Internal    Kind = iota
	Invalid          // the input is wrong; the message says what to change
	NotFound         // what was asked for does not exist in this workspace
	Forbidden        // the user may not do this
	Conflict         // it exists already, or somebody else was faster
	TooLarge         // over a stated limit
	RateLimited      // too often; After says when to try again
	Unavailable      // an outside service failed; trying later may help
	Gone             // it is permanently gone; trying later does not help
)

var kindNames = [...]string{"internal", "invalid", "not found", "forbidden", "conflict", "too large", "rate limited", "unavailable", "gone"}

// String returns the kind in words, as logs and JSON answers show it.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "internal"
	}
	return kindNames[k]
}

// Error is an error with a Kind for code and one sentence for people. Msg says
// what is wrong and what to do, with file and line where there is one.
type Error struct {
	Kind  Kind
	Msg   string
	After time.Duration // for RateLimited and Unavailable: wait at least this long
	Err   error         // the cause, for the log; may be nil

	format string // what Errorf made Msg from, for translations
	args   []any
}

// Template returns the format and the arguments that Errorf made the message
// from, so that it can be said in another language; "" where there is none.
func (e *Error) Template() (format string, args []any) { return e.format, e.args }

// Error returns the sentence for people, followed by the cause.
func (e *Error) Error() string {
	var h hidden
	if e.Err == nil || errors.As(e.Err, &h) {
		return e.Msg
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an *Error of kind k whose message is formatted as by
// fmt.Errorf; a cause given with %w is kept for errors.Is and errors.As.
func Errorf(k Kind, format string, args ...any) error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Kind: k, Msg: wrapped.Error(), Err: hidden{errors.Unwrap(wrapped)}.orNil(), format: format, args: args}
}

// Caused is Errorf with a cause for the log, which people are not told.
func Caused(cause error, k Kind, format string, args ...any) error {
	return &Error{Kind: k, Msg: fmt.Sprintf(format, args...), Err: cause, format: format, args: args}
}

// Words are a part of a message, given to Errorf, that is said in the reader's
// language like the rest.
type Words string

// hidden keeps a cause reachable without printing it twice: the formatted
// message holds its text already.
type hidden struct{ error }

func (h hidden) orNil() error {
	if h.error == nil {
		return nil
	}
	return h
}
func (h hidden) Unwrap() error { return h.error }

// KindOf returns the Kind of the first *Error in err's chain, or Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Explain returns the sentence for people of err: the message of the first
// *Error in its chain, or a general sentence that points at the log, so that
// internals never reach a chat channel.
func Explain(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Msg
	}
	return "Something went wrong inside Nutgraf; the log of the program says what."
}
