package command

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// timeForms shows people how a time is written.
const timeForms = "write it like `08:00`, `8am`, `weekdays 8:30` or `mon,thu 7:00`, or in five cron fields like `0 8 * * 1-5`"

// weekdays are the days on which a digest comes, by time.Weekday.
type weekdays [7]bool

// cron returns the day-of-week field. No day at all means every day.
func (w weekdays) cron() string {
	switch w {
	case weekdays{}, dayGroups()["daily"]:
		return "*"
	case dayGroups()["weekdays"]:
		return "1-5"
	}
	var out []string
	for d, on := range w {
		if on {
			out = append(out, strconv.Itoa(d))
		}
	}
	return strings.Join(out, ",")
}

// words says on which days: "every day", "on weekdays", "on Mon and Thu".
func (w weekdays) words() chat.Phrase {
	switch w {
	case weekdays{}, dayGroups()["daily"]:
		return chat.P("every day")
	case dayGroups()["weekdays"]:
		return chat.P("on weekdays")
	case dayGroups()["weekends"]:
		return chat.P("on weekends")
	}
	var out chat.Days
	for i := range 7 {
		if d := (i + 1) % 7; w[d] { // the week begins on Monday
			out = append(out, time.Weekday(d))
		}
	}
	return chat.P("on %s", out)
}

// dayGroups are the words that mean several days.
func dayGroups() map[string]weekdays {
	all := weekdays{true, true, true, true, true, true, true}
	work := weekdays{false, true, true, true, true, true, false}
	free := weekdays{true, false, false, false, false, false, true}
	return map[string]weekdays{"daily": all, "everyday": all, "day": all, "days": all,
		"weekdays": work, "weekday": work, "workdays": work, "weekends": free, "weekend": free}
}

// add sets the days that a word means: "weekdays", "mon", "Thursdays",
// "mon-fri", and in cron fields "1-5" and "*". It reports whether it knew the word.
func (w *weekdays) add(word string, inCron bool) bool {
	group, ok := dayGroups()[word]
	switch {
	case inCron && word == "*":
		group, ok = dayGroups()["daily"], true
	case !ok:
		first, last, ranged := strings.Cut(word, "-")
		from, known := dayOf(first, inCron)
		till := from
		if ranged && known {
			till, known = dayOf(last, inCron)
		}
		if !known {
			return false
		}
		for d := from; ; d = (d + 1) % 7 {
			group[d] = true
			if d == till {
				break
			}
		}
	}
	for d := range w {
		w[d] = w[d] || group[d]
	}
	return true
}

// dayOf reads the name of a day, short or long, or its number in cron.
func dayOf(s string, inCron bool) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n % 7, inCron && len(s) == 1 && n >= 0 && n <= 7
	}
	s = strings.TrimSuffix(s, ".")
	for d := range 7 {
		whole := strings.ToLower(time.Weekday(d).String())
		if len(s) >= 3 && (strings.HasPrefix(whole, s) || s == whole+"s") {
			return d, true
		}
	}
	return 0, false
}

// daysOf reads days alone.
func daysOf(written string) (weekdays, error) {
	var on weekdays
	for _, word := range plainWords(written) {
		if !on.add(word, false) {
			return on, digest.Errorf(digest.Invalid, "%q is no day; write the days like `weekdays`, `mon,thu` or `mon-sat`.", word)
		}
	}
	return on, nil
}

// cronOf turns what people write for a time into five cron fields: "08:00",
// "8am", "weekdays 8:30", "mon,thu 7:00", "8:00 and 18:00". Five cron fields
// stay as they are. days are added to the days of the time.
func cronOf(written, days string) (string, error) {
	on, err := daysOf(days)
	if err != nil {
		return "", err
	}
	if fields := strings.Fields(written); isCron(fields) {
		if days != "" {
			return "", digest.Errorf(digest.Invalid, "Cron fields say the days themselves; leave `days` out, or write the time like `08:00`.")
		}
		return strings.Join(fields, " "), nil
	}
	var times []clock
	named := on != weekdays{}
	for _, word := range plainWords(written) {
		last := len(times) - 1
		switch t, ok := readClock(word); {
		case ok:
			times = append(times, t)
		case (word == "am" || word == "pm") && last >= 0 && times[last].half(word):
		case on.add(word, false):
			if named {
				return "", digest.Errorf(digest.Invalid, "The days are given twice; write them either in `time` or in `days`.")
			}
		default:
			return "", digest.Errorf(digest.Invalid, "%q is no time of day and no day of the week; %s.", word, chat.P(timeForms))
		}
	}
	return cronAt(times, on)
}

// cronAt writes times of day and days as cron fields.
func cronAt(times []clock, on weekdays) (string, error) {
	if len(times) == 0 {
		return "", digest.Errorf(digest.Invalid, "The time of day is missing; %s.", chat.P(timeForms))
	}
	var hours []int
	for _, t := range times {
		if t.minute != times[0].minute {
			return "", digest.Errorf(digest.Invalid, "Several times of one digest must have the same minute, as in `8:30 and 18:30`; subscribe twice, with two names, for others.")
		}
		hours = append(hours, t.hour)
	}
	slices.Sort(hours)
	var list []string
	for _, h := range slices.Compact(hours) {
		list = append(list, strconv.Itoa(h))
	}
	return fmt.Sprintf("%d %s * * %s", times[0].minute, strings.Join(list, ","), on.cron()), nil
}

// isCron reports whether words are meant as cron fields: five of them, of
// which the first two are numbers or begin with a star.
func isCron(fields []string) bool {
	if len(fields) != 5 || strings.Contains(strings.Join(fields, ""), ":") {
		return false
	}
	for _, f := range fields[:2] {
		if strings.Trim(f, "0123456789*,-/") != "" {
			return false
		}
	}
	return true
}

// plainWords splits what people write into words that mean something, with
// ranges in one piece.
func plainWords(s string) []string {
	s = strings.NewReplacer(",", " ", ";", " ", "&", " ", "–", "-", "—", "-", "a.m.", "am", "p.m.", "pm").Replace(strings.ToLower(s))
	s = strings.Join(strings.Fields(s), " ")
	s = strings.NewReplacer(" - ", "-", " to ", "-", " through ", "-").Replace(s)
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool {
		return slices.Contains([]string{"at", "on", "every", "each", "and", "the", "o'clock", "o’clock"}, w)
	})
}

// clock is a time of day.
type clock struct{ hour, minute int }

var clockForm = regexp.MustCompile(`^(\d{1,2})(?:[:.h](\d{2})|h)?(am|pm)?$`)

// readClock reads a time of day: "8", "08:00", "8.30", "8h30", "8am", "noon".
func readClock(word string) (clock, bool) {
	switch word {
	case "noon":
		return clock{12, 0}, true
	case "midnight":
		return clock{}, true
	}
	m := clockForm.FindStringSubmatch(word)
	if m == nil {
		return clock{}, false
	}
	hour, _ := strconv.Atoi(m[1]) // digits, or nothing for the minute
	minute, _ := strconv.Atoi(m[2])
	t := clock{hour, minute}
	if hour > 23 || minute > 59 {
		return clock{}, false
	}
	return t, m[3] == "" || t.half(m[3])
}

// half puts the time into a half of the day, when it can lie there.
func (t *clock) half(of string) bool {
	if t.hour < 1 || t.hour > 12 {
		return false
	}
	t.hour %= 12
	if of == "pm" {
		t.hour += 12
	}
	return true
}

// inWords says when a schedule comes: "every day at 08:00", "on Mon and Thu at
// 07:00". Schedules with dates or steps are shown as they are.
func inWords(cron string) chat.Phrase {
	f := strings.Fields(strings.ToLower(cron))
	if len(f) != 5 || f[2] != "*" || f[3] != "*" {
		return chat.P("by cron %s", cron)
	}
	minute, err := strconv.Atoi(f[0])
	if err != nil {
		return chat.P("by cron %s", cron)
	}
	var times chat.Names
	for h := range strings.SplitSeq(f[1], ",") {
		hour, err := strconv.Atoi(h)
		if err != nil {
			return chat.P("by cron %s", cron)
		}
		times = append(times, fmt.Sprintf("%02d:%02d", hour, minute))
	}
	var on weekdays
	for d := range strings.SplitSeq(f[4], ",") {
		if !on.add(d, true) {
			return chat.P("by cron %s", cron)
		}
	}
	return chat.P("%s at %s", on.words(), times)
}
