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
		return n.doubt(ctx, h, look.Add(-h.skew), "waiting until a search can be believed")
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
		if err := n.shutOut(ctx, p.Address, digest.OutcomeOf(err), err); err != nil {
			return err
		}
		until := n.failed(p.Address, digest.OutcomeOf(err), now, n.now())
		return n.doubt(ctx, h, until, shorten(fmt.Errorf("in doubt, and the platform cannot be asked: %w", err)))
	case err != nil && digest.OutcomeOf(err).Class != digest.Rejected && now.Add(h.skew).Sub(p.Started) < t.GiveUp:
		if err := n.shutOut(ctx, p.Address, digest.OutcomeOf(err), err); err != nil {
			return err
		}
		wait := max(digest.OutcomeOf(err).After, t.Search)
		n.log().Warn("a part in doubt could not be searched", "part", p.Key, "channel", p.Address.String(), "error", err, "again in", wait)
		return n.doubt(ctx, h, now.Add(wait), shorten(fmt.Errorf("in doubt, and the search failed: %w", err)))
	}
	return n.undecided(ctx, h, err)
}

// sendAbsent makes a part ready that was searched and is not there. The next
// claim sends it, unless its slot is past the catch-up time by now.
//
// On a platform that knows a repeat by its key the search comes early, when the
// first post may still be on its way. It is worth nothing without the repeat,
// because the key is remembered for a short time: the part is sent at once, and
// stays in doubt until that is a success.
func (n *Newsroom) sendAbsent(ctx context.Context, h hand) error {
	if n.now().Add(h.skew).Sub(h.part.Started) < n.timing().Quiet {
		return n.send(ctx, h)
	}
	if err := n.retry(ctx, h, n.now(), "searched and not there"); err != nil {
		return err
	}
	_, err := n.Store.ExpireParts(ctx)
	return err
}

// undecided deals with a part of which nobody can tell whether it is there: it
// waits for an operator, unless its subscription would rather see it twice.
// Either way its operators are told.
func (n *Newsroom) undecided(ctx context.Context, h hand, cause error) error {
	sub, _, err := n.subscription(ctx, h.part.Subscription)
	if err != nil {
		return err
	}
	notice := digest.Notice{Workspace: h.part.Tenant(), Cause: digest.CauseUnknown, Subject: place(h.part)}
	why := "nobody can tell whether it was posted"
	if cause != nil {
		why += ": " + shorten(cause)
	}
	what := fmt.Sprintf("Part %d of %d of %q: %s. ", h.part.N, h.part.Of, sub.Name, why)
	if sub.OnUnknown == "resend" && h.part.Attempts < maxResends {
		if err := n.retry(ctx, h, n.now(), "in doubt, sent again as the subscription asks"); err != nil {
			return err
		}
		notice.Text = what + "It is posted again, as on_unknown asks, so that the channel may show it twice."
		n.Notify(ctx, notice)
		return nil
	}
	if err := n.Store.MarkFinal(ctx, h.claim, h.part, digest.PartUnknown, why); err != nil {
		return err
	}
	notice.Text = what + "Look into the channel, then say what you found: nutgraf deliveries resolve " + h.part.Key + " sent, resend or discard."
	n.Notify(ctx, notice)
	return nil
}
