package schedule

import (
	"strings"
	"time"
	"unicode"

	"nutgraf/digest"
)

// wall returns the local time of an instant, written as UTC.
func wall(at time.Time, zone *time.Location) time.Time {
	_, offset := at.In(zone).Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

// instant returns the first instant at which the zone's clocks show a local
// time or a later one: its first occurrence, or the end of the gap it lies in.
func instant(local time.Time, zone *time.Location) time.Time {
	// No zone was ever 26 hours from UTC: walk its periods from before any
	// possible occurrence.
	t := local.Add(-26 * time.Hour).In(zone)
	for {
		start, end := period(t)
		_, offset := t.Zone()
		at := local.Add(-time.Duration(offset) * time.Second)
		if !start.IsZero() && at.Before(start) {
			return start.UTC() // the clocks jumped over it
		}
		if end.IsZero() || at.Before(end) {
			return at
		}
		t = end
	}
}

// period returns the bounds of the zone's offset around t, end exclusive; zero
// where there is none. Beyond a zone's table of changes, Go ends the last
// period of every year after 365 days: on 31 December of leap years that end
// lies in the past, and the true one is no earlier than the end of the year.
func period(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = time.Date(t.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).In(t.Location())
	}
	return start, end
}

// parseZone loads an IANA zone. The machine's own zone is refused: a digest
// must not move when the program does.
func parseZone(name string) (*time.Location, error) {
	const hint = digest.Words(`write an IANA name, as in "Europe/Berlin" or "UTC"`)
	switch name {
	case "":
		return nil, digest.Errorf(digest.Invalid, "the time zone is missing; %s", hint)
	case "Local", "localtime":
		return nil, digest.Errorf(digest.Invalid, "the time zone %q means another one on every machine; %s", name, hint)
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc, nil
	}
	if s := zoneCase(name); s != name {
		if _, err := time.LoadLocation(s); err == nil {
			return nil, digest.Errorf(digest.Invalid, "the time zone %q is unknown; did you mean %q?", name, s)
		}
	}
	return nil, digest.Errorf(digest.Invalid, "the time zone %q is unknown; %s", name, hint)
}

// zoneCase writes a zone name as the zone files do: "europe/berlin" →
// "Europe/Berlin", "utc" → "UTC", blanks → "_".
func zoneCase(name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	if len(name) <= 3 {
		return strings.ToUpper(name)
	}
	first := true
	return strings.Map(func(r rune) rune {
		wasFirst := first
		first = !unicode.IsLetter(r)
		if wasFirst {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, name)
}
