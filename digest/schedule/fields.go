package schedule

import (
	"strconv"
	"strings"

	"github.com/robfig/cron/v3"

	"nutgraf/digest"
)

// maxFields bounds the length of a schedule: 24 hours written one by one fit.
const maxFields = 120

// field is one of the five fields of a schedule.
type field struct {
	name     digest.Words
	from, to int
}

// inOrder are the five fields in order.
func inOrder() [5]field {
	return [5]field{{digest.Words("minute"), 0, 59}, {digest.Words("hour"), 0, 23}, {digest.Words("day of month"), 1, 31},
		{digest.Words("month"), 1, 12}, {digest.Words("day of week"), 0, 6}}
}

// parseFields reads five cron fields. Cron itself sees them only after the
// check: it takes zone prefixes, on some of which it panics, and "@every 1ns".
func parseFields(s string) (_ cron.Schedule, err error) {
	const hint = digest.Words(`write five fields (minute, hour, day of month, month, day of week), as in "0 8 * * 1-5"`)
	defer func() {
		if r := recover(); r != nil {
			err = digest.Errorf(digest.Invalid, "the schedule %q cannot be read; %s", clip(s), hint)
		}
	}()
	switch {
	case strings.TrimSpace(s) == "":
		return nil, digest.Errorf(digest.Invalid, "the schedule is missing; %s", hint)
	case strings.Contains(s, "="):
		return nil, digest.Errorf(digest.Invalid, "the schedule %q names a zone or a setting; %s, and give the zone apart", clip(s), hint)
	case strings.HasPrefix(strings.TrimSpace(s), "@"):
		return nil, digest.Errorf(digest.Invalid, "the schedule %q is a short form that is not taken; %s", clip(s), hint)
	case len(s) > maxFields:
		return nil, digest.Errorf(digest.Invalid, "the schedule is over %d characters long; %s", maxFields, hint)
	}
	fields := strings.Fields(strings.ToLower(s))
	if len(fields) != 5 {
		return nil, digest.Errorf(digest.Invalid, "the schedule %q has %d fields; %s", clip(s), len(fields), hint)
	}
	for i, f := range fields {
		if err := checkField(f); err != nil {
			return nil, digest.Errorf(digest.Invalid, "the %s %q of the schedule cannot be read: %w; %s", inOrder()[i].name, clip(f), err, hint)
		}
	}
	fields[4] = foldSunday(fields[4])
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	for i := range fields { // one by one, so that the message names the field
		alone := []string{"*", "*", "*", "*", "*"}
		alone[i] = fields[i]
		if _, err := parser.Parse(strings.Join(alone, " ")); err != nil {
			f := inOrder()[i]
			return nil, digest.Caused(err, digest.Invalid, "the %s %q of the schedule cannot be read; it goes from %d to %d, and steps and ranges go up; %s", f.name, fields[i], f.from, f.to, hint)
		}
	}
	return parser.Parse(strings.Join(fields, " "))
}

// checkField lets through lists of values, ranges and steps alone: digits,
// names of three letters, "*", "," "-" and "/".
func checkField(f string) error {
	for _, item := range strings.Split(f, ",") {
		values, step, stepped := strings.Cut(item, "/")
		if stepped && !digits(step) {
			return digest.Errorf(digest.Invalid, "after \"/\" stands no number of one or two digits")
		}
		low, high, ranged := strings.Cut(values, "-")
		if low == "*" && !ranged {
			continue
		}
		if !value(low) || ranged && !value(high) {
			return digest.Errorf(digest.Invalid, "%q is no number, name or range", clip(item))
		}
	}
	return nil
}

func value(s string) bool {
	if digits(s) {
		return true
	}
	return len(s) == 3 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

func digits(s string) bool {
	return len(s) > 0 && len(s) <= 2 && strings.Trim(s, "0123456789") == ""
}

// foldSunday writes the days of a checked day-of-week field with Sunday as 0:
// cron takes neither 7 nor a range that ends on Sunday.
func foldSunday(f string) string {
	items := strings.Split(f, ",")
	for i, item := range items {
		values, step, stepped := strings.Cut(item, "/")
		low, high, ranged := strings.Cut(values, "-")
		switch {
		case low == "7" && !ranged && !stepped:
			items[i] = "0"
		case ranged && (high == "7" || high == "sun" && low != "sun"):
			items[i] = daysTo7(item, low, step)
		}
	}
	return strings.Join(items, ",")
}

// daysTo7 lists the days from low to Sunday; a day it does not know leaves the
// item to cron's own message.
func daysTo7(item, low, step string) string {
	first, err := strconv.Atoi(low)
	if at := strings.Index("sunmontuewedthufrisat", low); err != nil && at >= 0 && at%3 == 0 {
		first, err = at/3, nil
	}
	by := 1
	if err == nil && step != "" {
		by, err = strconv.Atoi(step)
	}
	if err != nil || first > 7 || by < 1 {
		return item
	}
	var days []string
	for d := first; d <= 7; d += by {
		days = append(days, strconv.Itoa(d%7))
	}
	return strings.Join(days, ",")
}

// clip shortens what somebody wrote for a message.
func clip(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
