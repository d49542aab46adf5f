package text

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	isoDate = regexp.MustCompile(`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$`)
	anyDate = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})$`)
)

// date reads a date at token i and returns the token behind it, or i.
func (g *grammar) date(i int) (Date, int) {
	t := g.at(i)
	g.dated = false
	if d, next := g.partOf(i); next > i {
		return d, next
	}
	switch {
	case t.Start < t.End && digitAt(g.s, t.Start, t.End):
		return g.digits(i)
	case t.is(kindMonth) && (t.upper || !g.us):
		if d, next := g.monthFirst(i); next > i {
			return d, next
		}
	case t.is(kindWeekday) && (t.upper || !g.us):
		return g.weekdayAt(i)
	}
	if d, next := g.distance(i); next > i {
		return d, next
	}
	if d, next := g.which(i); next > i {
		return d, next
	}
	if t.is(kindDay) && !(t.upper && t.day == 1 && i > 0 && !g.at(i-1).ends) && (!g.at(i-1).is(kindSkip) || strings.Contains(g.s[t.Start:t.End], " ")) {
		day := plus(g.today, t.day)
		return g.span(i, i+1, day, plus(day, 1))
	}
	return Date{}, i
}

// dayAt reports whether token i can be a day of a month.
func (g *grammar) dayAt(i int) bool {
	n := g.at(i).n
	return n >= 1 && n <= 31 && g.joined(i-1, i)
}

// joined reports whether neither comma nor end of a sentence stands between
// tokens i and j.
func (g *grammar) joined(i, j int) bool {
	for k := i; k < j; k++ {
		if g.at(k).comma {
			return false
		}
	}
	return g.near(i, j)
}

// digits reads what starts with a number: "2026-06-12", "12.6.2026",
// "12 June 2026", "two weeks ago", "2027".
func (g *grammar) digits(i int) (Date, int) {
	raw := g.s[g.at(i).Start:g.at(i).End]
	if m := isoDate.FindStringSubmatch(raw); m != nil {
		return g.numeric(i, m[1], m[2], m[3])
	}
	if m := anyDate.FindStringSubmatch(raw); m != nil {
		year := m[4]
		if len(year) == 2 {
			year = "20" + year
		}
		first, _ := strconv.Atoi(m[1])
		if g.us && m[2] != "." && first <= 12 {
			return g.numeric(i, year, m[1], m[3])
		}
		return g.numeric(i, year, m[3], m[1])
	}
	t := g.at(i)
	if t.n >= 1 && t.n <= 31 {
		j := i + 1
		for g.at(j).is(kindOf) && j < i+3 {
			j++
		}
		if month := g.at(j); month.is(kindMonth) && g.joined(i, j) && (month.upper || !g.us) {
			year, next := g.year(j + 1)
			return g.dayOfMonth(i, next, year, month.month, t.n, t.upTo)
		}
	}
	if t.n >= 1900 && t.n <= 2100 && t.upTo == 0 && g.at(i-1).is(kindPrep) && g.near(i-1, i) {
		g.dated = true
		from, _ := g.day(t.n, 1, 1)
		return g.span(i, i+1, from, from.AddDate(1, 0, 0))
	}
	return g.distance(i)
}

func (g *grammar) numeric(i int, year, month, day string) (Date, int) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	from, ok := g.day(y, m, d)
	if !ok {
		return Date{}, i
	}
	g.dated = true
	return g.span(i, i+1, from, plus(from, 1))
}

// near reports whether no sentence ends between tokens i and j.
func (g *grammar) near(i, j int) bool {
	for ; i < j; i++ {
		if g.at(i).ends {
			return false
		}
	}
	return true
}

// year reads a year at token i, "of" before it included; 0 when there is none.
func (g *grammar) year(i int) (year, next int) {
	j := i
	if g.at(j).is(kindOf) {
		j++
	}
	if y := g.at(j); y.n >= 1900 && y.n <= 2100 && y.upTo == 0 && g.near(i-1, j) {
		return y.n, j + 1
	}
	return 0, i
}

// dayOfMonth builds the date of tokens [i, next); a year of 0 is the nearest.
func (g *grammar) dayOfMonth(i, next, year, month, day, upTo int) (Date, int) {
	g.dated = year != 0
	if year == 0 {
		year = g.nearest(month, day, 0)
	}
	from, ok := g.day(year, month, day)
	if !ok {
		return Date{}, i
	}
	to := from
	if last, ok := g.day(year, month, upTo); ok && upTo > day {
		to = last
	}
	return g.span(i, next, from, plus(to, 1))
}

// nearest returns the year that brings the day nearest to the reference, or
// with a direction the next (+1) or the last (-1) one.
func (g *grammar) nearest(month, day, direction int) int {
	best, year := time.Duration(1<<62), g.today.Year()
	for y := g.today.Year() - 1; y <= g.today.Year()+1; y++ {
		t := time.Date(y, time.Month(month), day, 0, 0, 0, 0, g.today.Location())
		d := t.Sub(g.today)
		if direction > 0 && d < 0 || direction < 0 && d > 0 {
			continue
		}
		if d.Abs() < best {
			best, year = d.Abs(), y
		}
	}
	return year
}

// monthFirst reads "June 12", "June 12, 2026", "June 2026" and "in June".
func (g *grammar) monthFirst(i int) (Date, int) {
	month := g.at(i).month
	if d := g.at(i + 1); d.n >= 1 && d.n <= 31 && g.joined(i, i+1) && (!g.at(i+2).is(kindMonth) || d.comma || d.ends) {
		year, next := g.year(i + 2)
		return g.dayOfMonth(i, next, year, month, d.n, d.upTo)
	}
	year, next := g.year(i + 1)
	g.dated = year != 0
	if year == 0 {
		before, after := g.at(i-1), g.at(i+1)
		direction := 0
		switch {
		case before.is(kindNext) || after.is(kindNext) && g.near(i, i+1):
			direction = 1
		case before.is(kindLast) || after.is(kindLast) && g.near(i, i+1):
			direction = -1
		case before.is(kindOf) && g.at(i-2).unit == 30 || before.unit == 30 || g.at(i).is(kindPrep):
		case !before.is(kindPrep|kindThis) || !g.near(i-1, i):
			return Date{}, i
		}
		year = g.nearest(month, 15, direction)
	}
	from, _ := g.day(year, month, 1)
	return g.span(i, next, from, from.AddDate(0, 1, 0))
}

// weekdayAt reads "Thursday", "next Thursday" and "jeudi prochain"; before an
// absolute date, "Thursday, June 12", it leaves the date to that.
func (g *grammar) weekdayAt(i int) (Date, int) {
	if g.near(i, i+1) && i+1 < len(g.tokens) {
		j := i + 1
		for g.at(j).is(kindSkip) {
			j++
		}
		if t := g.at(j); t.is(kindMonth) && g.at(j+1).n > 0 || t.n > 0 && (g.at(j+1).is(kindMonth) || g.at(j+2).is(kindMonth)) {
			if d, next := g.date(j); next > j {
				d.Start = g.at(i).Start
				return d, next
			}
		}
	}
	before, after, next := g.at(i-1), g.at(i+1), i+1
	if after.is(kindSkip) && g.at(i+2).is(kindNext) && !g.at(i+3).is(kindUnit) && g.joined(i, i+2) { // "que viene"
		before, next = g.at(i+2), i+3
	} else if after.is(kindNext|kindLast) && !g.us && g.joined(i, i+1) {
		before, next = after, i+2
	}
	ahead := (g.at(i).weekday - int(g.today.Weekday()) + 7) % 7
	switch {
	case before.is(kindNext):
		ahead = (ahead+6)%7 + 1
	case before.is(kindLast):
		ahead = (ahead - 7) % 7
		if ahead == 0 {
			ahead = -7
		}
	case before.is(kindThis):
	case !g.future(i):
		ahead = (ahead - 7) % 7
	}
	day := plus(g.today, ahead)
	return g.span(i, next, day, plus(day, 1))
}

// future reports whether the sentence around token i speaks of what is to
// come: the nearest cue before it decides, then the nearest behind it.
func (g *grammar) future(i int) bool {
	for j := i - 1; j >= 0 && j > i-25 && !g.at(j).ends; j-- {
		if t := g.at(j); t.is(kindWill) || g.ending(j, kindWillEnd) {
			return true
		} else if t.is(kindDid) || g.ending(j, kindDidEnd) {
			return false
		}
	}
	for j := i; j < len(g.tokens) && j < i+12; j++ {
		if t := g.at(j); t.is(kindWill) || g.ending(j, kindWillEnd) {
			return true
		} else if t.is(kindDid) || g.ending(j, kindDidEnd) {
			return false
		}
		if g.at(j).ends {
			break
		}
	}
	return true
}

// ending reports whether token i, no name, has an ending of the kind: of the past tense
// in "voted", of the future in "votará".
func (g *grammar) ending(i int, kind dateKind) bool {
	t := g.at(i)
	word := g.s[t.Start:t.End]
	if t.kind != 0 || len(word) < 5 || t.upper && i > 0 && !g.at(i-1).ends {
		return false
	}
	for n := 2; n <= 5 && n < len(word); n++ {
		if tail := word[len(word)-n:]; g.words[tail].kind&kind != 0 {
			return true
		}
	}
	return false
}

// which reads "next week", "later this month", "la semaine prochaine".
func (g *grammar) which(i int) (Date, int) {
	t, next := g.at(i), g.at(i+1)
	var mod *dateToken
	switch {
	case t.is(kindNext|kindLast|kindThis) && next.is(kindUnit) && g.near(i, i+1):
		mod, t = t, next
	case t.is(kindUnit) && t.n == 0:
		j := i + 1
		for g.at(j).is(kindSkip) && g.at(j).kind&kindNext == 0 && j < i+3 {
			j++
		}
		mod = g.at(j)
		if !mod.is(kindNext|kindLast) || g.us || !g.joined(i, j) || g.at(j+1).is(kindUnit|kindWeekday) && !g.at(j).comma {
			return Date{}, i
		}
		from, to := g.period(t.unit, step(mod, t))
		return g.span(i, j+1, from, to)
	case t.is(kindNext|kindLast) && (next.is(kindFew) || next.is(kindNumber) || next.n > 0 && next.n < 100) && g.near(i, i+1):
		return g.stretch(i)
	default:
		return Date{}, i
	}
	if t.unit != 2 && g.plural(i+1) && mod.is(kindNext|kindLast) {
		return g.stretch(i)
	}
	if t.unit == 1 {
		if mod.is(kindThis) {
			return Date{}, i
		}
		return g.stretch(i)
	}
	from, to := g.period(t.unit, step(mod, t))
	if b, tomorrow := g.at(i-1), plus(g.today, 1); mod.is(kindThis) && g.s[b.Start:b.End] == "later" && tomorrow.Before(to) {
		from = tomorrow
	}
	return g.span(i, i+2, from, to)
}

// step returns how many periods ahead the modifier of a unit means.
func step(mod, unit *dateToken) int {
	switch {
	case mod.is(kindComing) && unit.unit == 2:
		return 0
	case mod.is(kindNext):
		return 1
	case mod.is(kindLast):
		return -1
	}
	return 0
}

// plural reports whether the unit at token i, behind its modifier, is a plural:
// by its own form, or in French by that of "prochains mois".
func (g *grammar) plural(i int) bool {
	t, mod := g.at(i), g.at(i-1)
	return t.is(kindPlural) || t.unit == 30 && strings.HasSuffix(g.s[t.Start:t.End], "mois") && g.s[mod.End-1] == 's'
}

// period returns the calendar week, month, year or weekend, n from now.
func (g *grammar) period(unit, n int) (from, to time.Time) {
	monday := plus(g.today, -(int(g.today.Weekday())+6)%7)
	switch unit {
	case 2:
		return plus(monday, 5+7*n), plus(monday, 7+7*n)
	case 7:
		return plus(monday, 7*n), plus(monday, 7*n+7)
	case 30:
		from, _ = g.day(g.today.Year(), int(g.today.Month()), 1)
		return from.AddDate(0, n, 0), from.AddDate(0, n+1, 0)
	}
	from, _ = g.day(g.today.Year(), 1, 1)
	return from.AddDate(n, 0, 0), from.AddDate(n+1, 0, 0)
}
