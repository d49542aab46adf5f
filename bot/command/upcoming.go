package command

import (
	"context"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

// farAhead bounds the slots that are looked at for the next digests.
const farAhead = 1000

// firings returns the next n slots at which a subscription will post: those
// that the newsroom will find due when their time comes. Paused without end and
// disabled ones have none.
func (c *Commands) firings(ctx context.Context, sub digest.Subscription, n int) ([]digest.Slot, error) {
	plan, err := schedule.Parse(sub.Cron, sub.Zone)
	if err != nil {
		return nil, sentence(err)
	}
	after := c.Now()
	switch {
	case sub.Disabled != "" || c.paused(sub) && sub.PausedTill.IsZero():
		return nil, nil
	case c.paused(sub):
		after = sub.PausedTill.Add(-1) // the first instant after the pause counts
	}
	last, err := c.Manager.LastSlot(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	var out []digest.Slot
	for range farAhead {
		s, ok := plan.Next(after)
		if !ok || len(out) == n {
			break
		}
		after = s.At
		decided := schedule.Decide(plan, sub, last, s.At)
		if len(decided) == 0 || decided[len(decided)-1].Key != s.Key {
			continue // on the date of the last one, before the change of schedule
		}
		if last = decided[len(decided)-1]; last.State == digest.SlotDue { // no day off
			out = append(out, s)
		}
	}
	return out, nil
}

// overdue returns the slot that the newsroom will post late as soon as it sees
// the subscription, if there is one.
func (c *Commands) overdue(ctx context.Context, sub digest.Subscription) (digest.Slot, bool, error) {
	plan, err := schedule.Parse(sub.Cron, sub.Zone)
	if err != nil {
		return digest.Slot{}, false, sentence(err)
	}
	last, err := c.Manager.LastSlot(ctx, sub.ID)
	if err != nil {
		return digest.Slot{}, false, err
	}
	for _, s := range schedule.Decide(plan, sub, last, c.Now()) {
		if s.State == digest.SlotDue {
			return s, true, nil
		}
	}
	return digest.Slot{}, false, nil
}

// paused reports whether a subscription is paused now; a pause that was to last
// until a time is over then.
func (c *Commands) paused(sub digest.Subscription) bool {
	return sub.Paused && (sub.PausedTill.IsZero() || c.Now().Before(sub.PausedTill))
}

// state says when a subscription posts next, or why it does not.
func (c *Commands) state(ctx context.Context, sub digest.Subscription) (chat.Spoken, error) {
	if sub.Disabled != "" {
		return chat.P("disabled: %s", chat.Stored(sub.Disabled)), nil
	}
	next, err := c.firings(ctx, sub, 1)
	if digest.KindOf(err) == digest.Invalid {
		return chat.Sentence{Err: err}, nil
	}
	if err != nil {
		return nil, err
	}
	due := chat.P("never due")
	if len(next) > 0 {
		due = chat.P("next %s", stamp(next[0].At, sub.Zone))
	}
	switch {
	case c.paused(sub) && sub.PausedTill.IsZero():
		return chat.P("paused"), nil
	case c.paused(sub):
		return chat.P("paused until %s, %s", stamp(sub.PausedTill, sub.Zone), due), nil
	}
	return due, nil
}

// pauseEnd reads until when a subscription is to be paused.
func pauseEnd(value string, now time.Time, zone *time.Location) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	till, err := time.ParseInLocation(time.DateOnly, value, zone)
	if err != nil {
		span, err := time.ParseDuration(value) // as chat hands spans on; today and yesterday are none
		if err == nil {
			till = now.Add(span)
		}
	}
	switch {
	case !till.After(now):
		return till, digest.Errorf(digest.Invalid, "This ends in the future; write a day to come, as in `until:%s`, or a span like `until:3d`.", now.In(zone).AddDate(0, 0, 7).Format(time.DateOnly))
	case till.After(now.AddDate(1, 0, 0)):
		return till, digest.Errorf(digest.Invalid, "Until a day means a year at most; leave `until` out to do it for good.")
	}
	return till, nil
}
