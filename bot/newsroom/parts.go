package newsroom

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/brief"
)

// briefs has stories written, all at once and in order. What the writer does
// not finish in time or cannot do, the extractive one does.
func (n *Newsroom) briefs(ctx context.Context, stories []digest.Story, o digest.Options) ([]digest.Brief, error) {
	limited, cancel := context.WithTimeout(ctx, n.timing().Brief)
	defer cancel()
	out := make([]digest.Brief, len(stories))
	problems := make([]error, len(stories))
	// A model is waited for, by all stories at once. The extractive writer works
	// on this machine, and leaves the other processors to who waits for an answer.
	places := make(chan struct{}, 1)
	if _, local := n.Writer.(brief.Extractive); n.Writer != nil && !local {
		places = make(chan struct{}, len(stories)+1)
	}
	var all sync.WaitGroup
	for i, s := range stories {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			problems[i] = n.safely("brief of story "+s.ID, func() (err error) {
				out[i], err = n.brief(ctx, limited, s, o)
				return err
			})
		})
	}
	all.Wait()
	for _, err := range problems {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (n *Newsroom) brief(ctx, limited context.Context, s digest.Story, o digest.Options) (digest.Brief, error) {
	if n.Writer != nil {
		var b digest.Brief
		err := n.safely("writer", func() (err error) {
			b, err = n.Writer.Brief(limited, s, o)
			return err
		})
		if err == nil {
			return b, nil
		}
		if ctx.Err() != nil {
			return digest.Brief{}, ctx.Err()
		}
		n.log().Warn("the writer failed; the brief is extractive", "story", s.ID, "error", err)
	}
	return brief.Extractive{}.Brief(ctx, s, o)
}

// parts lays an edition out and renders it for every channel. A channel whose
// platform is not there or cannot render it is left out, with a line in the
// log; problem says why when none is left.
func (n *Newsroom) parts(ctx context.Context, sub digest.Subscription, e digest.Edition) (parts []digest.Part, problem string) {
	problem = "the subscription has no channel; add one to it"
	messages := chat.Layout(e, chat.LocaleFor(e.Language, e.Zone))
	for _, address := range sub.Channels {
		of, err := n.partsFor(ctx, address, e, messages)
		if err != nil {
			problem = digest.Explain(err)
			n.log().Error("channel left out", "subscription", sub.ID, "slot", e.Slot, "channel", address.String(), "error", err)
			continue
		}
		parts = append(parts, of...)
	}
	return parts, problem
}

// partsFor renders the messages for one channel, one by one, so that every part
// knows its stories. Parts are numbered over all messages.
func (n *Newsroom) partsFor(ctx context.Context, address digest.Address, e digest.Edition, messages []chat.Message) ([]digest.Part, error) {
	platform, ok := n.Platforms[address.Platform]
	if !ok {
		return nil, digest.Errorf(digest.Unavailable, "the channel %s is on a platform that is not configured; add a [%s] section or remove the channel", address, address.Platform)
	}
	gathered := n.gathers(ctx, platform, address)
	var parts []digest.Part
	for _, m := range messages {
		var payloads []digest.Payload
		err := n.safely("rendering for "+address.Platform, func() (err error) {
			payloads, err = platform.Render([]chat.Message{m})
			return err
		})
		if err != nil {
			return nil, err
		}
		for i, payload := range payloads {
			p := digest.Part{Edition: e.ID, Subscription: e.Subscription, Slot: e.Slot, Address: address, N: len(parts) + 1,
				Threaded: gathered || n.threaded(address, e.Layout, m), Payload: payload, State: digest.PartReady}
			if m.Kind == chat.Story && i == 0 {
				p.Stories = []string{m.ID}
			}
			parts = append(parts, p)
		}
	}
	for i := range parts {
		parts[i].Of = len(parts)
		parts[i].Threaded = parts[i].Threaded && i > 0
		parts[i].Key = Key(n.Store.InstallID(), parts[i])
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("platform %s rendered nothing", address.Platform)
	}
	return parts, nil
}

// gathers reports whether all messages go under the header in a channel. A
// platform that does not answer holds up no digests: it is asked again when
// Hold is over, and until then no channel of it gathers.
func (n *Newsroom) gathers(ctx context.Context, p Platform, a digest.Address) (all bool) {
	g, ok := p.(Gatherer)
	n.mu.Lock()
	mute := n.now().Before(n.mute[a.Platform])
	n.mu.Unlock()
	if !ok || mute {
		return false
	}
	err := n.safely("asking "+a.Platform, func() error {
		ctx, cancel := context.WithTimeout(ctx, n.timing().Timeout/5)
		defer cancel()
		all = g.Threaded(ctx, a)
		return ctx.Err()
	})
	if err != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.mute == nil {
			n.mute = make(map[string]time.Time)
		}
		n.mute[a.Platform] = n.now().Add(n.timing().Hold)
	}
	return all && err == nil
}

// threaded reports whether a message goes under the header.
func (n *Newsroom) threaded(address digest.Address, layout digest.Layout, m chat.Message) bool {
	switch {
	case m.Kind != chat.Story || layout.Thread == "no":
		return false
	case layout.Thread == "yes":
		return true
	}
	return n.manners(address.Platform).Threads
}

// Key returns the idempotency key of a part: the same content for the same
// channel, place and slot of the same installation has the same key. It begins
// with the Mark of its slot.
func Key(install string, p digest.Part) string {
	content := sha256.Sum256(p.Payload)
	return Mark(install, p) + hashed("v1", install, p.Subscription, p.Slot, p.Address.String(), strconv.Itoa(p.N), hex.EncodeToString(content[:]))[:16]
}

// Mark returns what the keys of all parts of a slot in a channel begin with,
// whatever they say: by it a digest is found of which nothing else is known.
func Mark(install string, p digest.Part) string {
	return hashed("v1", install, p.Subscription, p.Slot, p.Address.String())[:8]
}

func hashed(of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "|")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))
}
