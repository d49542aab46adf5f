package chat

import (
	"context"
	"time"

	"nutgraf/digest"
)

// Inbox keeps which requests came in that change something, over restarts and
// for all replicas. Both methods return when what they note is durable, or when
// ctx ends. See the package's comment.
type Inbox interface {
	// Receive notes a request and tells what became of it before. Whoever meets
	// digest.Fresh carries it out.
	Receive(ctx context.Context, r digest.Receipt) (digest.Standing, error)
	// Finish notes that a request was carried out.
	Finish(ctx context.Context, r digest.Receipt) error
}

const (
	// NotingTime is how long a platform gives its inbox: whoever sent the
	// request waits 3 s for the answer.
	NotingTime = 2 * time.Second
	// CommandTime is the Hold of a command, press or form.
	CommandTime = 5 * time.Minute
)

// NotNoted returns the error for people of a request that an inbox did not take.
func NotNoted(cause error) error {
	return digest.Caused(cause, digest.Unavailable, "The bot cannot store anything at the moment, and nothing was changed; try again in a minute.")
}
