// Package schedule turns five cron fields and a time zone into slots, and
// decides which of them are due.
//
// A slot's key is its local date and time. The instant follows from the zone's
// rules: a local time that a clock change skips falls on the first valid
// instant after the gap, one that comes twice on its first occurrence, and
// slots that fall on the same instant are one slot, under the first key.
package schedule

import (
	"time"
	_ "time/tzdata" // zones work where the system has no zone files

	"github.com/robfig/cron/v3"

	"nutgraf/digest"
)

// KeyLayout is the time layout of slot keys.
const KeyLayout = "2006-01-02T15:04"

// MinInterval is the shortest local time between two slots of a plan.
const MinInterval = time.Hour

// Plan is a parsed schedule: five cron fields in the local time of a zone. The
// zero Plan has no slots. A Plan is safe for concurrent use.
type Plan struct {
	fields cron.Schedule // fed with local times that are written as UTC, and nothing else
	zone   *time.Location
}

// Parse reads five cron fields (minute, hour, day of month, month, day of
// week; 7 is Sunday too) and an IANA zone name. Errors are digest.Invalid and
// say what to write instead.
func Parse(fields, zone string) (Plan, error) {
	loc, err := parseZone(zone)
	if err != nil {
		return Plan{}, err
	}
	return parseIn(fields, loc)
}

func parseIn(fields string, loc *time.Location) (Plan, error) {
	s, err := parseFields(fields)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{fields: s, zone: loc}
	if err := p.checkFirings(fields); err != nil {
		return Plan{}, err
	}
	return p, nil
}

// checkFirings refuses plans that never fire or fire too often. The times of
// day are the same on every day of a plan and any two in one hour follow each
// other, so a short run from any date shows the shortest interval.
func (p Plan) checkFirings(fields string) error {
	prev := p.step(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	if prev.IsZero() {
		return digest.Errorf(digest.Invalid, "the schedule %q never comes, because no month has such a day; write a date that exists, as in \"0 8 1 * *\"", fields)
	}
	for range 24 {
		next := p.step(prev)
		if next.Sub(prev) < MinInterval {
			return digest.Errorf(digest.Invalid, "the schedule %q comes more often than once an hour; name one minute in the first field, as in \"0 8 * * *\"", fields)
		}
		prev = next
	}
	return nil
}

// Zone returns the plan's zone; UTC for the zero Plan.
func (p Plan) Zone() *time.Location {
	if p.zone == nil {
		return time.UTC
	}
	return p.zone
}

// Next returns the first slot after an instant; false when there is none.
// Only Key and At of the slot are set.
func (p Plan) Next(after time.Time) (digest.Slot, bool) {
	if p.fields == nil {
		return digest.Slot{}, false
	}
	// Every slot after the instant has a later local time than the instant,
	// but in the repeated part of an overlap some later local times have
	// had their first occurrence already.
	for local := p.step(wall(after, p.zone)); !local.IsZero(); local = p.step(local) {
		if at := instant(local, p.zone); at.After(after) {
			return digest.Slot{Key: local.Format(KeyLayout), At: at}, true
		}
	}
	return digest.Slot{}, false
}

// Between returns the slots with from < At ≤ to, oldest first.
func (p Plan) Between(from, to time.Time) []digest.Slot {
	var out []digest.Slot
	for s, ok := p.Next(from); ok && !s.At.After(to); s, ok = p.Next(s.At) {
		out = append(out, s)
	}
	return out
}

// Upcoming returns the next n slots after an instant.
func (p Plan) Upcoming(after time.Time, n int) []digest.Slot {
	var out []digest.Slot
	for len(out) < n {
		s, ok := p.Next(after)
		if !ok {
			break
		}
		out = append(out, s)
		after = s.At
	}
	return out
}

// step returns the next local time of the plan, zero when there is none. Cron
// looks five years ahead, but between 2096 and 2104 there is no 29 February.
func (p Plan) step(local time.Time) time.Time {
	for range 2 {
		if next := p.fields.Next(local); !next.IsZero() {
			return next
		}
		local = time.Date(local.Year()+5, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	return time.Time{}
}
