package intake

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var (
	isoDate   = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})\.?|(\d{2})(\d{2}))?$`)
	dayFirst  = regexp.MustCompile(`^(\d{1,2})[.\-](\d{1,2})[.\-](\d{4}|\d{2})$`)
	slashed   = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})$`)
	named     = regexp.MustCompile(`^(\d{1,2})[-/. ](\pL{3,12})\.?[-/. ](\d{4}|\d{2})$`)
	clock     = regexp.MustCompile(`^(\d{1,2})(?::|h|\.)(\d{2})(?:[:.m](\d{2})s?(?:[.,](\d{1,9}))?)?$`)
	compact   = regexp.MustCompile(`^(\d{2})(\d{2})(?:(\d{2})(?:[.,](\d{1,9}))?)?$`)
	hourOnly  = regexp.MustCompile(`^(\d{1,2})h?$`)
	offset    = regexp.MustCompile(`^(?:UTC|GMT)?([+\-−])(\d{1,2})(?::?(\d{2}))?$`)
	zoneTail  = regexp.MustCompile(`^(.*\d)((?:[+\-−]\d{2}(?::?\d{2})?|Z|[A-Z]{3,4}))$`)
	halfDay   = regexp.MustCompile(`^(.*\d)([ap])\.?m\.?$`)
	brackets  = regexp.MustCompile(`\s*[(\[][^()\[\]]*[)\]]`)
	ordinal   = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)$`)
	monotonic = regexp.MustCompile(`\s+m=[+-][\d.]+$`)
)

// moment is a time while it is being read.
type moment struct {
	year, month, day        int
	hour, minute, sec, nano int
	half                    byte // 'a' or 'p' of a.m. and p.m.
	clock, zoned            bool
	shift                   int // seconds east of UTC
	american                string
}

// ParseTime reads the many forms in which feeds, mails and pages write a time:
// RFC 822 and its variants, ISO 8601, Unix seconds and milliseconds, and dates
// with names of months in seven languages. A time without zone is taken as
// UTC, "3/4/2026" as March 4, "3.4.2026" as April 3. The result is in UTC,
// with milliseconds; a year before 1 or a date that does not exist is none.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 4 || len(s) > 120 || !strings.ContainsAny(s, "0123456789") {
		return time.Time{}, false
	}
	if t, ok := unixTime(s); ok {
		return t, true
	}
	if strings.ContainsAny(s, "([=") {
		s = brackets.ReplaceAllString(monotonic.ReplaceAllString(s, ""), "")
	}
	var m moment
	fields := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '|' || r == '_' })
	if len(fields) > 14 {
		return time.Time{}, false
	}
	for _, f := range fields {
		if !m.read(f) {
			return time.Time{}, false
		}
	}
	return m.time()
}

// unixTime reads seconds, milliseconds and packed digits.
func unixTime(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || s[0] == '+' {
		return time.Time{}, false
	}
	switch len(s) {
	case 10:
		return time.Unix(n, 0).UTC(), true
	case 13:
		return time.UnixMilli(n).UTC(), true
	case 14:
		t, err := time.Parse("20060102150405", s)
		return t, err == nil
	}
	return time.Time{}, false
}

// read takes one word of a date; false when it means nothing.
func (m *moment) read(w string) bool {
	word := strings.ToLower(strings.Trim(w, ".;:"))
	if (word == "am" || word == "pm" || word == "a.m" || word == "p.m") && m.clock {
		m.half = word[0]
		return true
	}
	if word == "" || weekdays[word] || fillers[word] { // "am" is German, too
		return true
	}
	if n, ok := months[word]; ok && m.month == 0 {
		m.month = n
		return true
	}
	if date, rest, ok := strings.Cut(strings.ToUpper(w), "T"); ok && len(date) >= 8 && rest != "" && isoDate.MatchString(date) {
		return m.date(date) && m.time24(rest)
	}
	if m.date(w) || m.ordinal(word) || m.zone(w) {
		return true
	}
	return m.time24(w)
}

// date reads a word that holds a date, or the year that belongs to a month.
func (m *moment) date(w string) bool {
	if g := dayFirst.FindStringSubmatch(w); g != nil && m.month == 0 {
		m.year, m.month, m.day = year(g[3]), number(g[2]), number(g[1])
		return true
	}
	if g := slashed.FindStringSubmatch(w); g != nil && m.month == 0 {
		m.year, m.month, m.day = year(g[3]), number(g[1]), number(g[2])
		if m.month > 12 {
			m.month, m.day = m.day, m.month
		}
		return true
	}
	if g := named.FindStringSubmatch(w); g != nil && m.month == 0 {
		if n, ok := months[strings.ToLower(g[2])]; ok {
			m.year, m.month, m.day = year(g[3]), n, number(g[1])
			return true
		}
	}
	g := isoDate.FindStringSubmatch(w)
	if g == nil || m.year != 0 {
		if m.year == 0 && m.month != 0 && m.day != 0 && len(strings.Trim(w, "'’")) == 2 && number(strings.Trim(w, "'’")) >= 0 {
			m.year = year(strings.Trim(w, "'’"))
			return true
		}
		return false
	}
	m.year = number(g[1])
	for i := 2; i+1 < len(g); i += 2 {
		if g[i] != "" && m.month == 0 {
			m.month, m.day = number(g[i]), max(1, number("0"+g[i+1]))
		}
	}
	return true
}

// ordinal reads the day beside the name of a month.
func (m *moment) ordinal(w string) bool {
	if g := ordinal.FindStringSubmatch(w); g != nil {
		w = g[1]
	}
	if n := number(w); m.day == 0 && len(w) <= 2 && n >= 1 && n <= 31 {
		m.day = n
		return true
	}
	return false
}

// time24 reads a time of day with what is glued to it: "15:10:00.5+01:00",
// "3:10pm", "15h10", "151000Z".
func (m *moment) time24(w string) bool {
	if m.clock {
		return false
	}
	if g := zoneTail.FindStringSubmatch(w); g != nil && m.zone(g[2]) {
		w = g[1]
	}
	if g := halfDay.FindStringSubmatch(strings.ToLower(w)); g != nil {
		w, m.half = g[1], g[2][0]
	}
	g := clock.FindStringSubmatch(strings.ToLower(w))
	if g == nil {
		g = compact.FindStringSubmatch(w)
	}
	if g == nil {
		if g = hourOnly.FindStringSubmatch(w); g == nil || m.half == 0 && !m.zoned && !strings.HasSuffix(w, "h") {
			return false
		}
		g = append(g, "0", "", "")
	}
	m.hour, m.minute, m.sec, m.clock = number(g[1]), number(g[2]), number("0"+g[3]), true
	if g[4] != "" {
		m.nano = number((g[4] + "000000000")[:9])
	}
	return true
}

// zone reads a zone: an offset, a letter combination, or both.
func (m *moment) zone(w string) bool {
	if g := offset.FindStringSubmatch(strings.ToUpper(w)); g != nil && (m.clock || m.day != 0) {
		h, min := number(g[2]), number("0"+g[3])
		if h > 15 || min > 59 {
			return false
		}
		m.shift, m.zoned, m.american = h*3600+min*60, true, ""
		if g[1] != "+" {
			m.shift = -m.shift
		}
		return true
	}
	upper := strings.ToUpper(strings.Trim(w, "."))
	if h, ok := zones[upper]; ok {
		if !m.zoned {
			m.shift, m.zoned = int(h*3600), true
			if len(upper) == 2 && upper != "UT" {
				m.american = upper
			}
		}
		return true
	}
	return false
}

// time puts the parts together; false when there is no such date.
func (m *moment) time() (time.Time, bool) {
	if m.year == 0 || m.month == 0 && m.day != 0 {
		return time.Time{}, false
	}
	if m.half != 0 {
		if m.hour < 1 || m.hour > 12 {
			m.half = 0
		} else if m.hour %= 12; m.half == 'p' {
			m.hour += 12
		}
	}
	m.month, m.day = max(m.month, 1), max(m.day, 1)
	midnight := m.hour == 24 && m.minute == 0 && m.sec == 0
	if m.month > 12 || m.hour > 23 && !midnight || m.minute > 59 || m.sec > 60 {
		return time.Time{}, false
	}
	day := time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC)
	if day.Day() != m.day || m.year < 1 {
		return time.Time{}, false
	}
	if m.american != "" && summerInAmerica(day) {
		m.shift += 3600
	}
	t := day.Add(time.Duration(m.hour*3600+m.minute*60+m.sec-m.shift)*time.Second + time.Duration(m.nano))
	t = t.Truncate(time.Millisecond)
	return t, !t.IsZero() && t.Year() >= 1
}

// summerInAmerica tells whether US clocks are forward on a day: from the
// second Sunday of March to the first of November (since 2007).
func summerInAmerica(day time.Time) bool {
	sunday := func(month time.Month, n int) time.Time {
		first := time.Date(day.Year(), month, 1, 0, 0, 0, 0, time.UTC)
		return first.AddDate(0, 0, (7-int(first.Weekday()))%7+7*(n-1))
	}
	return !day.Before(sunday(time.March, 2)) && day.Before(sunday(time.November, 1))
}

// year widens a year of two digits.
func year(s string) int {
	n := number(s)
	switch {
	case len(s) > 2:
		return n
	case n < 70:
		return 2000 + n
	}
	return 1900 + n
}

// number reads digits; -1 when there is anything else.
func number(s string) int {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
