package newsroom

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nutgraf/digest"
)

// Access knows which workspaces and channels do not let us in, and when they
// are tried again.
type Access interface {
	PauseWorkspace(ctx context.Context, tenant, reason string, probe time.Time) error
	ResumeWorkspace(ctx context.Context, tenant string) error
	DisableChannel(ctx context.Context, workspace, id, reason string, check time.Time) error
	EnableChannel(ctx context.Context, workspace, id string) (enabled bool, err error)
	ClaimProbes(ctx context.Context, probe, check time.Duration) (tenants []string, subs []digest.Subscription, err error)
	ProbeSoon(ctx context.Context) error
}

// Prober is a Platform that can tell whether it would let us in now. Without a
// channel the address stands for its workspace. Nothing is posted.
type Prober interface {
	Probe(ctx context.Context, a digest.Address) error
}

// shutOut draws the consequences of an outcome that closes a workspace or a
// platform: the workspace is paused, and its operators are told.
func (n *Newsroom) shutOut(ctx context.Context, a digest.Address, o digest.Outcome, cause error) error {
	switch o.Action {
	case digest.ActPause:
		reason := inWords(o, cause)
		if err := n.Store.PauseWorkspace(ctx, a.Tenant(), reason, n.now().Add(n.timing().Probe)); err != nil {
			return err
		}
		n.Notify(ctx, digest.Notice{Workspace: a.Tenant(), Cause: digest.CauseWorkspace, Subject: a.Tenant(),
			Text: "Nothing is posted there until this is mended: " + reason + ". It is tried again by itself every few hours, and when Nutgraf starts."})
	case digest.ActStop:
		n.Notify(ctx, digest.Notice{Workspace: digest.Shared, Cause: digest.CauseToken, Subject: a.Platform,
			Text: "Nothing is asked of " + a.Platform + " any more: " + inWords(o, cause) + ". Set the new token and start Nutgraf again."})
	}
	return nil
}

// inWords returns what a failure is for people, with the platform's code.
func inWords(o digest.Outcome, err error) string {
	var known *digest.Error
	if !errors.As(err, &known) || o.Code == "" {
		return shorten(err)
	}
	return known.Msg + " (" + o.Code + ")"
}

// reached reports whether this is the first post that a platform took from this
// process: its token is good, whatever operators were told before.
func (n *Newsroom) reached(platform string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.took == nil {
		n.took = make(map[string]bool)
	}
	first := !n.took[platform]
	n.took[platform] = true
	return first
}

// channelClosed draws the consequences of a part that its channel refused. A
// channel that is gone disables the subscription at once; one to which the bot
// has no access gets a second chance with the next slot, because somebody may
// be at its settings just now. A subscription with other channels goes on.
func (n *Newsroom) channelClosed(ctx context.Context, p digest.Part, sub digest.Subscription, o digest.Outcome, cause error) error {
	notice := digest.Notice{Workspace: p.Tenant(), Cause: digest.CauseChannel, Subject: p.Address.String()}
	problem := inWords(o, cause)
	switch again, err := n.closedBefore(ctx, p); {
	case err != nil:
		return err
	case o.Action == digest.ActDisableIfAgain && !again:
		notice.Cause = digest.CauseAccess
		notice.Text = fmt.Sprintf("%q could not be posted: %s. If the next one cannot either, the digest is disabled.", sub.Name, problem)
	case len(sub.Channels) > 1:
		notice.Text = fmt.Sprintf("%q cannot be posted there: %s. Its other channels go on.", sub.Name, problem)
	case sub.Disabled != "":
		return nil
	default:
		reason := fmt.Sprintf("the channel %s cannot be posted to: %s", p.Address, problem)
		if err := n.Store.DisableChannel(ctx, sub.Workspace, sub.ID, reason, n.now().Add(n.timing().Check)); err != nil {
			return err
		}
		n.log().Error("subscription disabled", "subscription", sub.ID, "reason", reason)
		notice.Text = fmt.Sprintf("%q is disabled, because it cannot be posted: %s. It comes back by itself once the channel lets Nutgraf in; resume brings it back at once.", sub.Name, problem)
	}
	n.Notify(ctx, notice)
	return nil
}

// closedBefore reports whether the channel of a part refused the slot before,
// too.
func (n *Newsroom) closedBefore(ctx context.Context, p digest.Part) (bool, error) {
	parts, err := n.Store.Deliveries(ctx, digest.PartFilter{Subscription: p.Subscription, Channel: p.Address.String(), Limit: 200})
	if err != nil {
		return false, err
	}
	for _, before := range parts { // newest slot first, the header first of its parts
		if before.Slot < p.Slot {
			return before.State == digest.PartRejected && before.Scope == digest.ScopeChannel, nil
		}
	}
	return false, nil
}

// Watch tries what is closed to us again: paused workspaces and the channels of
// disabled subscriptions. It returns how many are open now.
func (n *Newsroom) Watch(ctx context.Context) (int, error) {
	t := n.timing()
	tenants, subs, err := n.Store.ClaimProbes(ctx, t.Probe, t.Check)
	if err != nil {
		return 0, err
	}
	opened := 0
	for _, tenant := range tenants {
		a, err := digest.ParseAddress(tenant + "/*")
		if err != nil || !n.letsIn(ctx, digest.Address{Platform: a.Platform, Workspace: a.Workspace}) {
			continue
		}
		if err := n.Store.ResumeWorkspace(ctx, tenant); err != nil {
			return opened, err
		}
		n.succeeded(a, n.now())
		n.Clear(ctx, digest.Notice{Workspace: tenant, Cause: digest.CauseWorkspace, Subject: tenant})
		n.log().Info("workspace resumed", "workspace", tenant)
		opened++
	}
	for _, sub := range subs {
		if len(sub.Channels) == 0 || !n.letsIn(ctx, sub.Channels[0]) {
			continue
		}
		switch enabled, err := n.Store.EnableChannel(ctx, sub.Workspace, sub.ID); {
		case err != nil:
			return opened, err
		case !enabled:
			continue // somebody ended it in this moment
		}
		n.log().Info("subscription brought back: its channel lets us in", "subscription", sub.ID, "channel", sub.Channels[0].String())
		opened++
	}
	return opened, nil
}

// letsIn asks the platform whether an address may be posted to.
func (n *Newsroom) letsIn(ctx context.Context, a digest.Address) bool {
	p, ok := n.Platforms[a.Platform].(Prober)
	if !ok {
		return false
	}
	err := n.safely("probing "+a.Platform, func() error {
		ctx, cancel := context.WithTimeout(ctx, n.timing().Timeout)
		defer cancel()
		return p.Probe(ctx, a)
	})
	if err != nil {
		n.log().Info("still closed", "address", a.String(), "error", err)
	}
	return err == nil
}
