package newsroom

import (
	"context"
	"fmt"
	"time"

	"nutgraf/digest"
)

const (
	slack      = 5 * time.Second // clocks of ours and the platform's may differ by this
	maxResends = 3               // attempts of a part that is sent again in doubt
)

// reconcile finds out whether a part whose post has an unknown outcome is
// there. It asks only after a quiet time: the request may still be on its way
// when the process that sent it is dead.
func (n *Newsroom) reconcile(ctx context.Context, h hand) error {
	p, now, t := h.part, n.now(), n.timing()
	// Started and Next are the store's clock, and so is what ClaimPart goes
	// by: ours has no say in whether the quiet time is over.
	if look := p.Started.Add(n.manners(p.Platform).Quiet); p.Next.Before(look) {
		n.wakeAfter(deliverLoop, look.Sub(now))
		return n.Store.MarkDoubt(ctx, h.claim, p, look, "waiting until a search can be believed")
	}
	since := p.Doubt
	if since.IsZero() {
		since = p.Started
	}
	var ref digest.MessageRef
	var finding digest.Finding
	err := n.safely("searching on "+p.Platform, func() (err error) {
		ctx, cancel := context.WithTimeout(ctx, t.Timeout)
		defer cancel()
		ref, finding, err = n.Platforms[p.Platform].Find(ctx, p, since.Add(-slack))
		return err
	})
	ctx = context.WithoutCancel(ctx)
	switch {
	case err == nil && finding == digest.Found:
		n.succeeded(p.Address, n.now())
		return n.sent(ctx, h, ref)
	case err == nil && finding == digest.Absent:
		return n.sendAbsent(ctx, h)
	case err != nil && digest.OutcomeOf(err).Scope == digest.ScopePlatform:
		until := n.failed(p.Address, digest.OutcomeOf(err), now, n.now())
		n.wakeAfter(deliverLoop, until.Sub(now))
		return n.Store.MarkDoubt(ctx, h.claim, p, until, shorten(fmt.Errorf("in doubt, and the platform cannot be asked: %w", err)))
	case err != nil && now.Sub(p.Started) < t.GiveUp:
		wait := max(digest.OutcomeOf(err).After, t.Search)
		n.log().Warn("a part in doubt could not be searched", "part", p.Key, "channel", p.Address.String(), "error", err, "again in", wait)
		n.wakeAfter(deliverLoop, wait)
		return n.Store.MarkDoubt(ctx, h.claim, p, now.Add(wait), shorten(fmt.Errorf("in doubt, and the search failed: %w", err)))
	}
	return n.undecided(ctx, h, err)
}

// sendAbsent makes a part ready that was searched and is not there. The next
// claim sends it, unless its slot is past the catch-up time by now.
func (n *Newsroom) sendAbsent(ctx context.Context, h hand) error {
	if err := n.retry(ctx, h, n.now(), "searched and not there"); err != nil {
		return err
	}
	_, err := n.Store.ExpireParts(ctx)
	return err
}

// undecided deals with a part of which nobody can tell whether it is there: it
// waits for an operator, unless its subscription would rather see it twice.
func (n *Newsroom) undecided(ctx context.Context, h hand, cause error) error {
	sub, _, err := n.subscription(ctx, h.part.Subscription)
	if err != nil {
		return err
	}
	if sub.OnUnknown == "resend" && h.part.Attempts < maxResends {
		return n.retry(ctx, h, n.now(), "in doubt, sent again as the subscription asks")
	}
	reason := "nobody can tell whether it was posted; look into the channel and resolve the delivery as sent, resend or discard"
	n.log().Error("delivery unknown", "part", h.part.Key, "channel", h.part.Address.String(), "slot", h.part.Slot, "reason", reason, "error", cause)
	return n.Store.MarkFinal(ctx, h.claim, h.part, digest.PartUnknown, reason)
}
