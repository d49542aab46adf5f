package chat

import (
	"strconv"
	"strings"
	"time"

	"nutgraf/digest"
)

// maxSpan is the longest duration an option takes: ten years.
const maxSpan = 3653 * 24 * time.Hour

// value validates raw and returns it in the form that o.Type states.
func (o Option) value(raw string) (string, error) {
	switch o.Type {
	case IntOption:
		return o.integer(raw)
	case BoolOption:
		return o.boolean(raw)
	case DateOption:
		if v, ok := date(raw); ok {
			return v, nil
		}
		return "", digest.Errorf(digest.Invalid, "`%s:%s` is not a date; write it like 2026-05-03, or today or yesterday.", o.Name, clip(raw, 40))
	case DurationOption:
		if d, ok := duration(raw); ok {
			return d.String(), nil
		}
		return "", digest.Errorf(digest.Invalid, "`%s:%s` is not a span of time; write it like 90m, 12h, 3d or 2w.", o.Name, clip(raw, 40))
	case SinceOption:
		if v, ok := date(raw); ok {
			return v, nil
		}
		if d, ok := duration(raw); ok {
			return d.String(), nil
		}
		return "", digest.Errorf(digest.Invalid, "`%s:%s` is not a date or a span of time; write it like 2026-05-03, yesterday, 12h or 3d.", o.Name, clip(raw, 40))
	}
	return o.choice(raw)
}

func (o Option) integer(raw string) (string, error) {
	n, err := strconv.Atoi(raw)
	if err != nil {
		return "", digest.Errorf(digest.Invalid, "`%s:%s` is not a number; write it in digits, like %s.", o.Name, clip(raw, 40), o.sample())
	}
	if (o.Min != 0 || o.Max != 0) && (n < o.Min || n > o.Max) {
		return "", digest.Errorf(digest.Invalid, "`%s:%s` is not possible; it must be between %d and %d.", o.Name, clip(raw, 40), o.Min, o.Max)
	}
	return strconv.Itoa(n), nil
}

func (o Option) boolean(raw string) (string, error) {
	switch strings.ToLower(raw) {
	case "true", "yes", "on", "y", "1":
		return "true", nil
	case "false", "no", "off", "n", "0":
		return "false", nil
	}
	return "", digest.Errorf(digest.Invalid, "`%s:%s` is not yes or no.", o.Name, clip(raw, 40))
}

func (o Option) choice(raw string) (string, error) {
	if len(o.Choices) == 0 {
		return raw, nil
	}
	for _, c := range o.Choices {
		if strings.EqualFold(c, raw) {
			return c, nil
		}
	}
	if guess := Nearest(strings.ToLower(raw), o.Choices); guess != "" {
		return "", digest.Errorf(digest.Invalid, "`%s:%s` is not one of %s; did you mean `%s`?", o.Name, clip(raw, 40), strings.Join(o.Choices, ", "), guess)
	}
	return "", digest.Errorf(digest.Invalid, "`%s:%s` is not one of %s.", o.Name, clip(raw, 40), strings.Join(o.Choices, ", "))
}

// date reads a day: 2026-05-03, today, yesterday or the last monday.
func date(raw string) (string, bool) {
	low := strings.ToLower(raw)
	if _, ok := weekday(low); ok || low == "today" || low == "yesterday" {
		return low, true
	}
	t, err := time.Parse(time.DateOnly, raw)
	if err != nil || t.Year() < 1900 {
		return "", false
	}
	return raw, true
}

// weekday reads the English name of a day of the week, or its first letters,
// three at least.
func weekday(low string) (time.Weekday, bool) {
	for d := range 7 {
		if name := strings.ToLower(time.Weekday(d).String()); len(low) >= 3 && strings.HasPrefix(name, low) {
			return time.Weekday(d), true
		}
	}
	return 0, false
}

// duration reads Go's form and days and weeks: 90m, 12h, 3d, 2w, 1d12h.
func duration(raw string) (time.Duration, bool) {
	var total time.Duration
	s := strings.ToLower(raw)
	for _, unit := range []struct {
		mark string
		size time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		head, tail, ok := strings.Cut(s, unit.mark)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(head)
		if err != nil || n < 0 || time.Duration(n) > maxSpan/unit.size {
			return 0, false
		}
		total += time.Duration(n) * unit.size
		s = tail
	}
	if s != "" {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return 0, false
		}
		total += d
	}
	return total, total > 0 && total <= maxSpan
}

// SinceValue returns the instant that the value of a SinceOption or DateOption
// means: the beginning of a day in loc's zone, or a span of time before now.
// "" gives the zero time.
func SinceValue(value string, now time.Time, loc Locale) (time.Time, error) {
	local := now.In(loc.zone())
	midnight := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 0, 0, 0, 0, loc.zone())
	}
	switch strings.ToLower(value) {
	case "":
		return time.Time{}, nil
	case "today":
		return midnight(0), nil
	case "yesterday":
		return midnight(-1), nil
	}
	if d, ok := weekday(strings.ToLower(value)); ok { // the last such day before today
		return midnight(-1 - int(local.Weekday()-d+6)%7), nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, value, loc.zone()); err == nil {
		return t, nil
	}
	if d, ok := duration(value); ok {
		return now.Add(-d), nil
	}
	return time.Time{}, digest.Errorf(digest.Invalid, "%q is neither a date nor a span of time; write it like 2026-05-03, yesterday, 12h or 3d.", clip(value, 40))
}

// IntValue returns the number that an IntOption's value means, or fallback
// when it was not given.
func IntValue(value string, fallback int) int {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	return fallback
}
