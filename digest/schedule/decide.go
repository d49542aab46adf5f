package schedule

import (
	"fmt"
	"slices"
	"time"

	"nutgraf/digest"
)

// DefaultCatchUp is how late a slot is still delivered when its subscription
// does not say.
const DefaultCatchUp = 6 * time.Hour

// LateAfter is the delay from which a digest is labelled late.
const LateAfter = 5 * time.Minute

const (
	lookBack  = 400 * 24 * time.Hour // slots older than this are kept nowhere
	maxMissed = 200                  // missed slots that one decision records
)

// CatchUp returns how late a slot of the subscription is still delivered.
func CatchUp(sub digest.Subscription) time.Duration {
	if sub.CatchUp > 0 {
		return sub.CatchUp
	}
	return DefaultCatchUp
}

// Decide returns the slots of a subscription that have come since the last
// decided one (zero when there is none), oldest first: the newest one is due
// when it is no later than the catch-up time, all others are missed, with a
// reason. It is a pure function of its arguments; repeating it does no harm
// because a slot's key is unique per subscription.
//
// Slots up to sub.Since do not count. After a change of schedule or zone the
// first slot lies after sub.Changed, on a later local date than the last
// decided one. Slots that come while the subscription is paused are missed.
func Decide(p Plan, sub digest.Subscription, last digest.Slot, now time.Time) []digest.Slot {
	if sub.Disabled != "" {
		return nil
	}
	var slots []digest.Slot
	var newest digest.Slot // that is no day off
	skipped := 0
	for _, s := range p.Between(decideFrom(sub, last, now), now) {
		if !follows(s.Key, sub, last) {
			continue
		}
		slots = append(slots, s)
		if !DayOff(s, sub) {
			newest = s
		}
		if len(slots) > maxMissed {
			slots, skipped = slots[1:], skipped+1
		}
	}
	for i := range slots {
		s := &slots[i]
		s.Subscription, s.Decided = sub.ID, now
		s.State, s.Reason = verdict(*s, sub, newest, now)
		if s.State == digest.SlotMissed {
			s.Closed = now
		} else {
			s.Late = now.Sub(s.At) > LateAfter
		}
	}
	if skipped > 0 {
		slots[0].Reason += fmt.Sprintf("; so are %d slots before it, which are not recorded one by one", skipped)
	}
	return slots
}

// decideFrom returns the instant after which slots are looked for.
func decideFrom(sub digest.Subscription, last digest.Slot, now time.Time) time.Time {
	from := now.Add(-lookBack)
	if sub.Since.IsZero() && last.Key == "" {
		from = now.Add(-CatchUp(sub))
	}
	bounds := []time.Time{sub.Since, last.At}
	if last.Key != "" {
		bounds = append(bounds, sub.Changed) // making it is no change of what was promised
	}
	for _, t := range bounds {
		if t.After(from) {
			from = t
		}
	}
	return from
}

// follows reports whether a slot may come after the last decided one. Keys of
// one zone sort by time; after a change only a later date is sure to be new.
func follows(key string, sub digest.Subscription, last digest.Slot) bool {
	if last.Key == "" {
		return true
	}
	decided := last.Decided
	if decided.IsZero() {
		decided = last.At
	}
	if !sub.Changed.IsZero() && !sub.Changed.Before(decided) {
		return key[:len("2006-01-02")] > last.Key[:len("2006-01-02")]
	}
	return key > last.Key
}

// DayOff reports whether a slot lies on a day without a digest.
func DayOff(s digest.Slot, sub digest.Subscription) bool {
	day := s.Key[:len("2006-01-02")]
	return slices.Contains(sub.DaysOff, day) || slices.Contains(sub.DaysOff, day[len("2006-"):])
}

// CheckDay returns what is wrong with a day off: a date that exists, as in
// "2026-12-25", or one of every year, as in "12-25".
func CheckDay(day string) error {
	whole := day
	if len(day) == len("12-25") {
		whole = "2000-" + day // a leap year: February 29 is a day
	}
	if _, err := time.Parse(time.DateOnly, whole); err != nil {
		return digest.Errorf(digest.Invalid, "%q is no day off; write a date like 2026-12-25, or 12-25 for every year.", day)
	}
	return nil
}

// verdict returns the state of a slot that has come, and why.
func verdict(s digest.Slot, sub digest.Subscription, newest digest.Slot, now time.Time) (digest.SlotState, string) {
	late := now.Sub(s.At)
	switch {
	case sub.Paused && (sub.PausedTill.IsZero() || s.At.Before(sub.PausedTill)):
		return digest.SlotMissed, "the subscription was paused"
	case DayOff(s, sub):
		return digest.SlotMissed, "a day off of the subscription"
	case late > CatchUp(sub):
		return digest.SlotMissed, fmt.Sprintf("it was found %s late, which is over the catch-up time of %s", late.Round(time.Minute), CatchUp(sub))
	case s.Key != newest.Key:
		return digest.SlotMissed, "the slot " + newest.Key + " covers it"
	}
	return digest.SlotDue, ""
}
