package terminal

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// Platform posts messages as text to W. It is used through a pointer and is
// safe for concurrent use; posts do not interleave.
type Platform struct {
	W     io.Writer
	Width int  // columns; 0 means 80
	Color bool // bold and dim may be used

	mu     sync.Mutex
	posted map[string]bool
}

// Render returns one payload of text for each message.
func (p *Platform) Render(messages []chat.Message) ([]digest.Payload, error) {
	out := make([]digest.Payload, len(messages))
	for i, m := range messages {
		var b bytes.Buffer
		if err := Write(&b, []chat.Message{m}, p.Width, p.Color); err != nil {
			return nil, err
		}
		out[i] = digest.Payload(b.Bytes())
	}
	return out, nil
}

// Post writes a part, once for each key in the life of the process.
func (p *Platform) Post(ctx context.Context, part digest.Part) (digest.MessageRef, error) {
	if err := ctx.Err(); err != nil {
		return "", &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent}, Err: err}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.posted[part.Key] {
		return digest.MessageRef(part.Key), nil
	}
	n, err := p.W.Write(append(bytes.Clone(part.Payload), '\n'))
	if err != nil {
		class := digest.Ambiguous
		if n == 0 {
			class = digest.NotSent
		}
		return "", &digest.PostError{Outcome: digest.Outcome{Class: class}, Err: err}
	}
	if p.posted == nil {
		p.posted = make(map[string]bool)
	}
	p.posted[part.Key] = true
	return digest.MessageRef(part.Key), nil
}

// Find cannot tell: nobody reads back what a terminal has shown.
func (p *Platform) Find(context.Context, digest.Part, time.Time) (digest.MessageRef, digest.Finding, error) {
	return "", digest.CannotTell, nil
}
