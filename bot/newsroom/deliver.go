package newsroom

import (
	"context"
	"fmt"
	"sync"
	"time"

	"nutgraf/digest"
)

// hand is one worker's hold on a part. Until is by our own clock, from before
// the claim: past it another worker may have the part.
type hand struct {
	part  digest.Part
	claim digest.Claim
	until time.Time
	skew  time.Duration // by which the store's clock, that of Next, is ahead of ours; never less
	slip  time.Duration // by which skew may be too much: who is woken sooner looks in vain
}

// Deliver posts the parts that are ready and clears up those in doubt, once
// around. It returns how many it worked on.
func (n *Newsroom) Deliver(ctx context.Context) (int, error) {
	var all sync.WaitGroup
	worked, err := n.dispatch(ctx, context.WithoutCancel(ctx), &all, make(chan struct{}, hands))
	all.Wait()
	return worked, err
}

// dispatch claims all parts that can be claimed and sets a goroutine to work on
// each. Ctx ends the claiming, work the posts.
func (n *Newsroom) dispatch(ctx, work context.Context, all *sync.WaitGroup, free chan struct{}) (int, error) {
	if fenced, err := n.fenced(ctx); fenced || err != nil {
		return 0, err
	}
	if err := n.expire(ctx); err != nil {
		return 0, err
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
			err := n.safely("part "+h.part.Key, func() error { return n.deliver(ctx, work, h) })
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
	n.queue(p.Platform, 1)
	return hand{part: p, claim: c, until: now.Add(t.Lease - t.margin()), skew: c.Until.Add(-t.Lease).Sub(now), slip: n.now().Sub(now)}, true, nil
}

// deliver takes one claimed part a step on, when its turn comes. Ctx ends the
// waiting, work the step itself.
func (n *Newsroom) deliver(ctx, work context.Context, h hand) error {
	if h.part.State == digest.PartReady {
		n.queue(h.part.Platform, -1) // nobody waits behind its channel
		_ = n.pace(ctx, h.part.Address)
		n.queue(h.part.Platform, 1)
	}
	leave, ok := n.enter(ctx, h.part.Platform)
	if !ok {
		return n.giveBack(work, h, n.now(), "not begun: the program stops")
	}
	defer leave()
	if until := n.barred(h.part.Address, n.now()); !until.IsZero() {
		return n.giveBack(work, h, until, "its channel, workspace or platform cannot be posted to")
	}
	if h.part.State == digest.PartSending {
		return n.reconcile(work, h)
	}
	return n.send(work, h)
}

// giveBack gives a claim back of which nothing came. A part that was in doubt
// stays so: that this post was not sent says nothing about an earlier one.
func (n *Newsroom) giveBack(ctx context.Context, h hand, next time.Time, reason string) error {
	ctx = context.WithoutCancel(ctx)
	if h.part.State == digest.PartReady {
		return n.retry(ctx, h, next, reason)
	}
	return n.doubt(ctx, h, next, reason)
}

// expire gives up the parts that are too late, once a second at most.
func (n *Newsroom) expire(ctx context.Context) error {
	now := n.now()
	n.mu.Lock()
	due := now.Sub(n.expired).Abs() >= time.Second
	n.mu.Unlock()
	if !due {
		return nil
	}
	expired, err := n.Store.ExpireParts(ctx)
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.expired = now
	n.mu.Unlock()
	if expired > 0 {
		n.log().Warn("parts expired: they could not be posted within the catch-up time", "parts", expired)
	}
	return nil
}

// send posts a part. That it is about to is durable before the request leaves.
func (n *Newsroom) send(ctx context.Context, h hand) error {
	if err := n.Store.MarkSending(ctx, h.claim, h.part); err != nil {
		return err
	}
	h.part.Started = n.now()
	h.part.Attempts++
	if !n.now().Before(h.until) {
		// We slept too long: somebody else may be about to send this part.
		return n.giveBack(ctx, h, n.now(), "not sent: the claim had run out")
	}
	var ref digest.MessageRef
	err := n.safely("posting to "+h.part.Platform, func() (err error) {
		ctx, cancel := context.WithTimeout(ctx, n.timing().Timeout)
		defer cancel()
		ref, err = n.Platforms[h.part.Platform].Post(ctx, h.part)
		return err
	})
	n.answered(h.part.Address)
	if n.Meter != nil {
		class := digest.Sent
		if err != nil {
			class = digest.OutcomeOf(err).Class
		}
		n.Meter.Posted(h.part.Platform, class)
	}
	return n.settle(context.WithoutCancel(ctx), h, ref, err)
}

// settle records what became of a post.
func (n *Newsroom) settle(ctx context.Context, h hand, ref digest.MessageRef, err error) error {
	o := digest.OutcomeOf(err)
	if err == nil || o.Class == digest.Sent {
		n.succeeded(h.part.Address, n.now())
		return n.sent(ctx, h, ref)
	}
	now := n.now()
	n.log().Warn("post failed", "part", h.part.Key, "channel", h.part.Address.String(), "attempt", h.part.Attempts, "class", className(o.Class), "code", o.Code, "after", o.After, "error", err)
	switch {
	case o.Class == digest.Ambiguous:
		// It is looked for when it could be sent again at once: on Discord the
		// key of the repeat meets a message that was on its way for not too long.
		look := n.failed(h.part.Address, o, h.part.Started, now)
		if quiet := h.part.Started.Add(n.manners(h.part.Platform).Quiet); look.Before(quiet) {
			look = quiet
		}
		return n.doubt(ctx, h, look, shorten(err))
	case o.Class == digest.Rejected && o.Action == digest.ActPlain && !h.part.Plain:
		n.succeeded(h.part.Address, now) // it answered
		h.part.Plain = true
		return n.retry(ctx, h, now, shorten(err))
	case o.Class == digest.Rejected && o.Scope < digest.ScopeWorkspace:
		n.succeeded(h.part.Address, now)
		return n.rejected(ctx, h, o, err)
	}
	// Not sent, or refused for a reason that lies beyond the part: a revoked
	// token may be renewed before the catch-up time is over.
	if err := n.shutOut(ctx, h.part.Address, o, err); err != nil {
		return err
	}
	next := n.failed(h.part.Address, o, h.part.Started, now)
	if o.After == 0 && o.Scope < digest.ScopeWorkspace {
		if own := now.Add(n.timing().backoff(h.part.Key, h.part.Attempts)); next.Before(own) {
			next = own
		}
	}
	return n.giveBack(ctx, h, next, shorten(err))
}

// sent records that a part is there.
func (n *Newsroom) sent(ctx context.Context, h hand, ref digest.MessageRef) error {
	if err := n.Store.MarkSent(ctx, h.claim, h.part, ref); err != nil {
		return err
	}
	if n.reached(h.part.Platform) {
		n.Clear(ctx, digest.Notice{Workspace: digest.Shared, Cause: digest.CauseToken, Subject: h.part.Platform})
	}
	if n.Meter != nil {
		n.Meter.Delivered(h.part.Platform, max(n.now().Sub(h.part.Due), 0))
	}
	n.log().Info("part posted", "part", h.part.Key, "channel", h.part.Address.String(), "slot", h.part.Slot, "n", h.part.N, "of", h.part.Of)
	return nil
}

// retry makes a part that is certainly not there ready again. Next is by our
// clock, here and in doubt.
func (n *Newsroom) retry(ctx context.Context, h hand, next time.Time, reason string) error {
	n.wakeAfter(deliverLoop, next.Sub(n.now())+h.slip)
	return n.Store.MarkRetry(ctx, h.claim, h.part, next.Add(h.skew), reason)
}

// doubt has a part looked for that may or may not be there.
func (n *Newsroom) doubt(ctx context.Context, h hand, look time.Time, reason string) error {
	n.wakeAfter(deliverLoop, look.Sub(n.now())+h.slip)
	return n.Store.MarkDoubt(ctx, h.claim, h.part, look.Add(h.skew), reason)
}

// rejected gives a part up. What that means for its channel and for those who
// run the bot, the outcome's action says.
func (n *Newsroom) rejected(ctx context.Context, h hand, o digest.Outcome, cause error) error {
	h.part.Scope = o.Scope
	reason := shorten(cause)
	if h.part.Plain && h.part.Reason != "" {
		reason = h.part.Reason + "; as plain text: " + reason
	}
	if err := n.Store.MarkFinal(ctx, h.claim, h.part, digest.PartRejected, reason); err != nil {
		return err
	}
	sub, ok, err := n.subscription(ctx, h.part.Subscription)
	switch {
	case err != nil || !ok || o.Action == digest.ActDrop:
		return err
	case o.Scope == digest.ScopeChannel:
		return n.channelClosed(ctx, h.part, sub, o, cause)
	}
	n.Notify(ctx, digest.Notice{Workspace: h.part.Tenant(), Cause: digest.CauseRejected, Subject: place(h.part),
		Text: fmt.Sprintf("Part %d of %d of %q was not posted%s: %s. See it with: nutgraf deliveries show %s",
			h.part.N, h.part.Of, sub.Name, n.about(ctx, h.part, sub, o), inWords(o, cause), h.part.Key)})
	return nil
}

// place is the subject of notices about the parts of one slot in one channel.
func place(p digest.Part) string { return p.Address.String() + " " + p.Slot }

// about names the story to which a platform objects.
func (n *Newsroom) about(ctx context.Context, p digest.Part, sub digest.Subscription, o digest.Outcome) string {
	if o.Action != digest.ActName || len(p.Stories) == 0 {
		return ""
	}
	e, err := n.Store.Edition(ctx, sub.Workspace, p.Edition)
	if err != nil {
		n.log().Warn("the edition of a part cannot be read", "part", p.Key, "error", err)
	}
	for _, item := range e.Items {
		if item.Brief.ID == p.Stories[0] {
			return fmt.Sprintf(", the story %q", item.Brief.Headline)
		}
	}
	return ", the story " + p.Stories[0]
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
