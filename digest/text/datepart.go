package text

import (
	"strings"
	"time"
)

// partOf reads "end of June", "early next year", "Ende des Jahres", "mid-June":
// the third of a month, year or week that is meant. The end of a period that
// has begun lies ahead.
func (g *grammar) partOf(i int) (Date, int) {
	t, j := g.at(i), i
	if !t.is(kindPart) && t.part == 0 {
		return Date{}, i
	}
	if t.is(kindPart) {
		for j++; g.at(j).is(kindOf|kindSkip) && j < i+3; j++ {
		}
	}
	if !g.joined(i, j) {
		return Date{}, i
	}
	var d Date
	next := j
	switch u := g.at(j); {
	case u.is(kindMonth) && (u.upper || !g.us || j == i) && !g.dayAt(j+1):
		year, after := g.year(j + 1)
		if g.dated = year != 0; !g.dated {
			year, after = g.nearest(u.month, 15, 0), j+1
		}
		d.From, _ = g.day(year, u.month, 1)
		d.To, next = d.From.AddDate(0, 1, 0), after
	case u.n >= 1900 && u.n <= 2100 && u.upTo == 0:
		g.dated = true
		d.From, _ = g.day(u.n, 1, 1)
		d.To, next = d.From.AddDate(1, 0, 0), j+1
	case u.is(kindUnit) && u.unit > 2 && !g.at(j+1).is(kindNext|kindLast) && (j > i+1 || strings.ContainsAny(g.s[u.Start:u.End], "'’")):
		d.From, d.To = g.period(u.unit, 0)
		next = j + 1
	default:
		d, next = g.which(j)
	}
	if next == j || d.To.Sub(d.From) < 6*24*time.Hour {
		return Date{}, i
	}
	days := int(d.To.Sub(d.From).Hours()) / 24
	from, to := plus(d.From, (t.part-1)*days/3), d.To
	if t.part < 3 {
		to = plus(d.From, t.part*days/3)
	} else if tomorrow := plus(g.today, 1); from.Before(tomorrow) && tomorrow.Before(to) {
		from = tomorrow
	}
	return g.span(i, next, from, to)
}
