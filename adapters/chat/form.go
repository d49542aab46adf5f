package chat

import (
	"context"

	"nutgraf/digest"
)

// Choice is a value that can be chosen, with what people read.
type Choice struct {
	Value string `json:"value"` // at most 75 bytes
	Label string `json:"label"` // at most 75 characters
}

// Form asks in a window of the platform for what a command still needs. What
// is filled in runs the command as if it had been typed. A platform that shows
// fewer fields leaves the last ones out.
type Form struct {
	Title   string            // at most 24 characters
	Submit  string            // label of the button, at most 24 characters
	Command string            // name of the command that is run
	Args    map[string]string // options that are settled already; not shown, at most 1,000 bytes together
	Fields  []Input
}

// Input is one field of a Form. Its Option says what it takes.
type Input struct {
	Option
	Label  string   // at most 45 characters
	Value  string   // filled in already; of one with Many, values with commas between
	Values []Choice // what can be chosen; empty for free text. Suggest of the Option offers more than fit in here
	Many   bool     // several may be chosen; they reach the command with commas between
}

// Menu is a list under a message from which one value is chosen. Choosing runs
// the line with the value behind it.
type Menu struct {
	Label   string   `json:"label"` // at most 100 characters
	Line    string   `json:"line"`  // at most 60 bytes, without the value
	Value   string   `json:"value,omitempty"`
	Choices []Choice `json:"choices"` // at most 25
}

// Forms is what a Handler also is when it opens forms. Platforms ask it before
// they acknowledge a command whose Spec has OpensForm: it has a second, and
// looks nothing up over the network.
type Forms interface {
	// Form returns the form that a command opens; nil when it is to be
	// handled as it is.
	Form(ctx context.Context, c Command) (*Form, error)
}

// Suggester is what a Handler also is when it completes what people type.
type Suggester interface {
	// Suggest returns at most 25 choices for an option of a command, of which
	// the other arguments may be missing. It has a second.
	Suggest(ctx context.Context, c Command, option, typed string) []Choice
}

// Panel is a part of a page of a platform that shows a person what concerns
// some channels. Its buttons run commands in its channel.
type Panel struct {
	Channel digest.Address
	Message Message
}

// Homer is what a Handler also is when it fills such a page: with what
// concerns the channels that the person is in, and with nothing else.
type Homer interface {
	Home(ctx context.Context, user User, workspace string, channels []digest.Address) []Panel
}
