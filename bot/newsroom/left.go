package newsroom

import (
	"context"
	"fmt"

	"nutgraf/digest"
)

// Left draws the consequences of a channel, or without one of a workspace, that
// its platform says is closed to us, before anything is posted there: what goes
// nowhere else is disabled at once, and the operators are told. It comes back by
// itself once the channel lets us in.
func (n *Newsroom) Left(ctx context.Context, a digest.Address, why string) error {
	subs, err := n.Store.Subscriptions(ctx, "")
	if err != nil {
		return err
	}
	for _, sub := range subs {
		open, shut := 0, false
		for _, c := range sub.Channels {
			if c.Tenant() == a.Tenant() && (a.Channel == "" || c.Channel == a.Channel) {
				shut = true
			} else {
				open++
			}
		}
		if !shut || sub.Disabled != "" {
			continue
		}
		subject := a.String()
		if a.Channel == "" {
			subject = a.Tenant()
		}
		notice := digest.Notice{Workspace: a.Tenant(), Cause: digest.CauseChannel, Subject: subject}
		if open > 0 {
			notice.Text = fmt.Sprintf("%q is not posted there any more: %s. Its other channels go on.", sub.Name, why)
		} else {
			if err := n.Store.DisableChannel(ctx, sub.Workspace, sub.ID, fmt.Sprintf("%s: %s", subject, why), n.now().Add(n.timing().Check)); err != nil {
				return err
			}
			n.log().Error("subscription disabled", "subscription", sub.ID, "reason", why)
			notice.Text = fmt.Sprintf("%q is disabled: %s. It comes back by itself once the channel lets Nutgraf in; resume brings it back at once.", sub.Name, why)
		}
		n.Notify(ctx, notice)
	}
	return nil
}
