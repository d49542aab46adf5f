package newsroom

import (
	"context"
	"fmt"
	"sync"
	"time"

	"nutgraf/digest"
)

// posters is how many posts are in flight at most. Each waits for its own
// channel, so that a slow one does not delay the others.
const posters = 128

// hand is one worker's hold on a part. Until is by our own clock, from before
// the claim: past it another worker may have the part.
type hand struct {
	part  digest.Part
	claim digest.Claim
	until time.Time
	held  time.Time // the part's workspace is left alone until then
}

// Deliver posts the parts that are ready and clears up those in doubt, once
// around. It returns how many it worked on.
func (n *Newsroom) Deliver(ctx context.Context) (int, error) {
	var all sync.WaitGroup
	worked, err := n.dispatch(ctx, context.WithoutCancel(ctx), &all, make(chan struct{}, posters))
	all.Wait()
	return worked, err
}

// dispatch claims all parts that can be claimed and sets a goroutine to work on
// each. Ctx ends the claiming, work the posts.
func (n *Newsroom) dispatch(ctx, work context.Context, all *sync.WaitGroup, free chan struct{}) (int, error) {
	expired, err := n.Store.ExpireParts(ctx)
	if err != nil {
		return 0, err
	}
	if expired > 0 {
		n.log().Warn("parts expired: they could not be posted within the catch-up time", "parts", expired)
	}
	if err := n.tell(ctx, work, all); err != nil {
		n.log().Warn("notices wait", "error", err) // parts do not
	}
	for claimed := 0; ; claimed++ {
		select {
		case <-ctx.Done():
			return claimed, nil
		case free <- struct{}{}:
		}
		h, ok, err := n.claim(ctx)
		if err != nil || !ok {
			<-free
			return claimed, err
		}
		all.Go(func() {
			defer func() { <-free; n.wake(deliverLoop) }()
			err := n.safely("part "+h.part.Key, func() error { return n.deliver(work, h) })
			switch {
			case digest.KindOf(err) == digest.Conflict:
				n.log().Info("part left to another worker", "part", h.part.Key)
			case err != nil:
				n.log().Error("part not worked on", "part", h.part.Key, "channel", h.part.Address.String(), "error", err)
			}
		})
	}
}

// claim leases the next part.
func (n *Newsroom) claim(ctx context.Context) (hand, bool, error) {
	now := n.now()
	platforms := n.openPlatforms(now)
	if ctx.Err() != nil || len(platforms) == 0 {
		return hand{}, false, nil
	}
	t := n.timing()
	p, c, ok, err := n.Store.ClaimPart(ctx, n.Worker, platforms, t.Lease)
	if err != nil || !ok {
		return hand{}, false, err
	}
	return hand{part: p, claim: c, until: now.Add(t.Lease - t.margin()), held: n.probe(p.Address, now)}, true, nil
}

// deliver takes one claimed part a step on.
func (n *Newsroom) deliver(ctx context.Context, h hand) error {
	switch {
	case h.part.State == digest.PartSending:
		return n.reconcile(ctx, h)
	case !h.held.IsZero():
		return n.retry(ctx, h, h.held, "its workspace cannot be posted to")
	}
	return n.send(ctx, h)
}

// send posts a part. That it is about to is durable before the request leaves.
func (n *Newsroom) send(ctx context.Context, h hand) error {
	if err := n.pace(ctx, h.part.Address); err != nil {
		return err
	}
	if err := n.Store.MarkSending(ctx, h.claim, h.part); err != nil {
		return err
	}
	h.part.Started = n.now()
	h.part.Attempts++
	if !n.now().Before(h.until) {
		// We slept too long: somebody else may be about to send this part.
		return n.retry(ctx, h, n.now(), "not sent: the claim had run out")
	}
	var ref digest.MessageRef
	err := n.safely("posting to "+h.part.Platform, func() (err error) {
		ctx, cancel := context.WithTimeout(ctx, n.timing().Timeout)
		defer cancel()
		ref, err = n.Platforms[h.part.Platform].Post(ctx, h.part)
		return err
	})
	return n.settle(context.WithoutCancel(ctx), h, ref, err)
}

// settle records what became of a post.
func (n *Newsroom) settle(ctx context.Context, h hand, ref digest.MessageRef, err error) error {
	o := digest.OutcomeOf(err)
	if err == nil || o.Class == digest.Sent {
		n.succeeded(h.part.Address)
		return n.sent(ctx, h, ref)
	}
	now, t := n.now(), n.timing()
	n.log().Warn("post failed", "part", h.part.Key, "channel", h.part.Address.String(), "attempt", h.part.Attempts, "class", className(o.Class), "code", o.Code, "after", o.After, "error", err)
	switch {
	case o.Class == digest.Ambiguous:
		n.failed(h.part.Address, o, now)
		quiet := n.manners(h.part.Platform).Quiet
		n.wakeAfter(deliverLoop, quiet)
		return n.Store.MarkDoubt(ctx, h.claim, h.part, h.part.Started.Add(quiet), shorten(err))
	case o.Class == digest.Rejected && o.Scope < digest.ScopeWorkspace:
		n.succeeded(h.part.Address) // it answered
		return n.rejected(ctx, h, o, err)
	}
	// Not sent, or refused for a reason that lies beyond the part: a revoked
	// token may be renewed before the catch-up time is over.
	n.failed(h.part.Address, o, now)
	wait := t.backoff(h.part.Key, h.part.Attempts)
	if o.Scope >= digest.ScopeWorkspace {
		wait = t.Hold // it says nothing about the part, which goes out soon after recovery
	}
	return n.retry(ctx, h, now.Add(max(o.After, wait)), shorten(err))
}

// sent records that a part is there.
func (n *Newsroom) sent(ctx context.Context, h hand, ref digest.MessageRef) error {
	if err := n.Store.MarkSent(ctx, h.claim, h.part, ref); err != nil {
		return err
	}
	n.log().Info("part posted", "part", h.part.Key, "channel", h.part.Address.String(), "slot", h.part.Slot, "n", h.part.N, "of", h.part.Of)
	return nil
}

// retry makes a part that is certainly not there ready again.
func (n *Newsroom) retry(ctx context.Context, h hand, next time.Time, reason string) error {
	n.wakeAfter(deliverLoop, next.Sub(n.now()))
	return n.Store.MarkRetry(ctx, h.claim, h.part, next, reason)
}

// rejected gives a part up. When its channel is gone and the subscription has
// no other, the subscription is disabled.
func (n *Newsroom) rejected(ctx context.Context, h hand, o digest.Outcome, cause error) error {
	if err := n.Store.MarkFinal(ctx, h.claim, h.part, digest.PartRejected, shorten(cause)); err != nil {
		return err
	}
	if o.Scope != digest.ScopeChannel {
		return nil
	}
	sub, ok, err := n.subscription(ctx, h.part.Subscription)
	if err != nil || !ok || sub.Disabled != "" || len(sub.Channels) > 1 {
		return err
	}
	reason := fmt.Sprintf("the channel %s cannot be posted to (%s); invite the bot again, then resume", h.part.Address, o.Code)
	n.log().Error("subscription disabled", "subscription", sub.ID, "reason", reason)
	return n.Store.Disable(ctx, sub.Workspace, sub.ID, reason)
}

func (n *Newsroom) subscription(ctx context.Context, id string) (digest.Subscription, bool, error) {
	subs, err := n.Store.Subscriptions(ctx, "")
	for _, s := range subs {
		if s.ID == id {
			return s, true, err
		}
	}
	return digest.Subscription{}, false, err
}

// pace waits until the channel may be posted to again.
func (n *Newsroom) pace(ctx context.Context, a digest.Address) error {
	gap := n.manners(a.Platform).Gap
	if gap <= 0 {
		return nil
	}
	n.mu.Lock()
	now := n.now()
	wait := min(max(n.posted[a.String()].Add(gap).Sub(now), 0), gap)
	if n.posted == nil || len(n.posted) > 10_000 {
		n.posted = make(map[string]time.Time)
	}
	n.posted[a.String()] = now.Add(wait)
	n.mu.Unlock()
	return sleep(ctx, wait)
}

func className(c digest.Class) string {
	return [...]string{"ambiguous", "not sent", "sent", "rejected"}[c]
}

// shorten returns the reason that is kept of an error: its beginning.
func shorten(err error) string {
	if r := []rune(err.Error()); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return err.Error()
}
