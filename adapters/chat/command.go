package chat

import (
	"context"
	"time"

	"nutgraf/digest"
)

// Role says who may use a command.
type Role string

// The roles. Everybody is the zero value.
const (
	Everybody Role = ""
	Managers  Role = "managers" // User.Manager must be set; platforms may also hide the command from others
)

// User is the person who gave a command, as vouched for by the platform.
type User struct {
	ID      string // on the platform
	Name    string // shown to people
	Manager bool   // may change subscriptions and sources in this workspace
	Locale  string // "de", "en-US"; "" when unknown
}

// Command is one command as it was given.
type Command struct {
	Name    string
	Args    map[string]string // by option name; validated by Parse, absent when not given
	Address digest.Address    // where it was given and where the answer goes
	User    User
	Direct  bool   // given in a direct message, where only the shared workspace is visible
	Under   string // message under which a button was pressed or a menu opened, as the platform names it; "" otherwise
	Text    string // of a message that a shortcut was used on; "" otherwise
	File    []byte // of an attachment; nil otherwise. At most MaxFile bytes
}

// MaxFile is the size of the largest attachment that a command takes, in bytes.
const MaxFile = 1 << 20

// Pacer is a Handler that knows how much there is to do.
type Pacer interface {
	// Busy reports whether commands wait for others at the moment.
	Busy() bool
}

// Patience is how long people are kept waiting for an answer before a platform
// acknowledges the request and answers later, and impatience the same while
// commands wait: what many ask for at once is acknowledged first and answered
// as its turn comes.
const (
	Patience   = 1500 * time.Millisecond
	impatience = 5 * time.Millisecond
)

// PatienceOf returns how long to wait for the answer of a handler.
func PatienceOf(h Handler) time.Duration {
	if p, ok := h.(Pacer); ok && p.Busy() {
		return impatience
	}
	return Patience
}

// Reply answers a command.
type Reply struct {
	Private  bool // for the asking person only; platforms follow Spec.Private when they must decide before the handler runs
	Replace  bool // takes the place of the private message under which a button was pressed, where the platform can do that
	Messages []Message
	Language string     // in which it is said, for what a platform adds
	Failed   bool       // it says what kept the command from being run
	File     Attachment // to be handed to the person; the zero Attachment for none
}

// Attachment is a file of an answer.
type Attachment struct {
	Name string // "sources.opml"
	Type string // media type
	Data []byte
}

// Handler runs commands. It answers errors itself, as Problem does, so that
// every platform shows them alike.
type Handler interface {
	Handle(ctx context.Context, c Command) Reply
}

// HandlerFunc makes a function a Handler.
type HandlerFunc func(ctx context.Context, c Command) Reply

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, c Command) Reply { return f(ctx, c) }

// Spec describes a command. It is fixed before the handler runs, because
// platforms must acknowledge, register and authorise without it.
type Spec struct {
	Name      string // lower-case letters, digits and hyphens; two words for a command of a group, as in "feed add"
	Help      string // one sentence without a full stop, at most 100 characters
	Options   []Option
	Private   bool // answers are seen by the asking person only
	Hidden    bool // run by buttons, menus and forms only: neither registered nor listed
	OpensForm bool // platforms with forms ask for missing options in one made from Options
	For       Role
	Changes   bool // it may change what is stored: platforms have it noted in an Inbox before they acknowledge it
}

// OptionType says what values an option takes.
type OptionType string

// The types of options. Parse hands all values on as strings, in the form
// stated here, which the Value functions read.
const (
	TextOption     OptionType = ""         // any text
	IntOption      OptionType = "int"      // a decimal number between Min and Max
	BoolOption     OptionType = "bool"     // "true" or "false"; yes, no, on and off are taken too
	DateOption     OptionType = "date"     // "2026-05-03"; "today", "yesterday" and days of the week pass as they are
	DurationOption OptionType = "duration" // Go's form, "72h0m0s"; 3d and 2w are taken too
	SinceOption    OptionType = "since"    // a date or a duration before now, in one of the two forms above
)

// Option describes one argument of a command. Required ones come first.
type Option struct {
	Name     string // lower-case letters, digits and hyphens
	Help     string // a few words, at most 100 characters
	Type     OptionType
	Required bool
	Choices  []string // the only values, for TextOption
	Min, Max int      // bounds of an IntOption; both 0: none
	Keyed    bool     // on a line it is set as name:value only, never by its place
	Suggest  bool     // the Suggester completes it
	File     bool     // the value is an attachment, which the command finds in Command.File; platforms without them leave it out
}

// Problem returns the private reply to a command that failed, in English.
func Problem(err error) Reply { return Locale{}.Problem(err) }

// Problem returns the private reply to a command that failed.
func (l Locale) Problem(err error) Reply {
	return Reply{Private: true, Failed: true, Messages: []Message{Note(l.Explain(err))}, Language: l.Language}
}
