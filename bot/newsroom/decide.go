package newsroom

import (
	"context"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

const (
	jump  = 24 * time.Hour // a step of the clock that a second look must confirm
	crowd = 20             // subscriptions that need no spreading
	full  = 500            // subscriptions that are spread over the whole jitter
)

// plan is a parsed schedule, or why it could not be parsed.
type plan struct {
	schedule.Plan
	err error
}

// Decide decides the slots of all subscriptions that have come since the last
// round, and returns how many are new.
func (n *Newsroom) Decide(ctx context.Context) (int, error) {
	now := n.now()
	if !n.clockAgrees(now) {
		n.log().Warn("the clock jumped ahead by more than a day; slots wait until it is confirmed", "now", now)
		return 0, nil
	}
	subs, err := n.Store.Subscriptions(ctx, "")
	if err != nil {
		return 0, err
	}
	var slots []digest.Slot
	for _, sub := range subs {
		if sub.Disabled != "" {
			continue
		}
		p := n.schedule(sub)
		if p.err != nil {
			n.log().Error("subscription disabled", "subscription", sub.ID, "error", p.err)
			if err := n.Store.Disable(ctx, sub.Workspace, sub.ID, digest.Explain(p.err)); err != nil {
				return 0, err
			}
			continue
		}
		last, err := n.Store.LastSlot(ctx, sub.ID)
		if err != nil {
			return 0, err
		}
		slots = append(slots, schedule.Decide(p.Plan, sub, last, now.Add(-n.spread(sub.ID, len(subs))))...)
	}
	if len(slots) == 0 {
		return 0, nil
	}
	for _, s := range slots {
		if s.State == digest.SlotMissed {
			n.log().Warn("slot missed", "subscription", s.Subscription, "slot", s.Key, "reason", s.Reason)
		}
	}
	return n.Store.PutSlots(ctx, slots)
}

// clockAgrees reports whether the clock may be believed: a jump by more than a
// day ahead counts only when a second round sees it too.
func (n *Newsroom) clockAgrees(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.seen.IsZero() && now.Sub(n.seen) > jump {
		agrees := !n.jumped.IsZero() && now.Sub(n.jumped).Abs() < jump
		n.jumped = now
		if !agrees {
			return false
		}
	}
	n.seen, n.jumped = now, time.Time{}
	return true
}

// schedule parses the schedule of a subscription, once.
func (n *Newsroom) schedule(sub digest.Subscription) plan {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := sub.Cron + "\x00" + sub.Zone
	p, ok := n.plans[key]
	if !ok {
		p.Plan, p.err = schedule.Parse(sub.Cron, sub.Zone)
		if n.plans == nil {
			n.plans = make(map[string]plan)
		}
		n.plans[key] = p
	}
	return p
}

// spread returns the delay of a subscription's slots: none while there are
// few subscriptions, up to the jitter for hundreds.
func (n *Newsroom) spread(id string, subs int) time.Duration {
	if subs <= crowd {
		return 0
	}
	over := n.timing().Jitter * time.Duration(min(subs, full)) / full
	return time.Duration(float64(over) * share(id, 0))
}

// PostNow makes a subscription due at this minute, outside of its schedule. Its
// next regular digest covers what comes after. Twice in one minute is once.
func (n *Newsroom) PostNow(ctx context.Context, sub digest.Subscription) (digest.Slot, error) {
	p := n.schedule(sub)
	if p.err != nil {
		return digest.Slot{}, p.err
	}
	now := n.now()
	at := now.UTC().Truncate(time.Minute)
	slot := digest.Slot{Subscription: sub.ID, Key: at.In(p.Zone()).Format(schedule.KeyLayout), At: at, State: digest.SlotDue, Decided: now}
	added, err := n.Store.PutSlots(ctx, []digest.Slot{slot})
	if err == nil && added == 0 {
		err = digest.Errorf(digest.Conflict, "“%s” is being posted already.", sub.Name)
	}
	if err == nil {
		n.wake(buildLoop)
	}
	return slot, err
}
