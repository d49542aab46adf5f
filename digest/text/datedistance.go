package text

import "time"

// stretch reads "the next few days", "the coming weeks", "last two months":
// the time from today on, or up to today.
func (g *grammar) stretch(i int) (Date, int) {
	mod, j, n := g.at(i), i+1, 0
	if t := g.at(j); t.is(kindFew) || t.is(kindNumber) || t.n > 0 {
		if n = max(t.n, t.number); t.is(kindFew) || n == 0 {
			n = 4
		}
		j++
	}
	unit := g.at(j)
	if !unit.is(kindUnit) || unit.unit == 2 || !g.near(i, j) {
		return Date{}, i
	}
	if n == 0 {
		n = 4
	}
	days := min(n, 200) * unit.unit
	if mod.is(kindLast) {
		return g.span(i, j+1, plus(g.today, -days), plus(g.today, 1))
	}
	return g.span(i, j+1, g.today, plus(g.today, days+1))
}

// distance reads "in two weeks", "three days ago", "vor drei Tagen".
func (g *grammar) distance(i int) (Date, int) {
	start, sign := i, 0
	switch t := g.at(i); {
	case t.is(kindIn|kindBefore) && g.at(i+1).is(kindSkip) && g.at(i+2).is(kindNext):
		return Date{}, i
	case t.is(kindIn):
		if sign, i = 1, i+1; g.at(i).is(kindOf|kindSkip) && g.at(i).number == 0 { // "dentro de"
			i++
		}
	case t.is(kindBefore):
		if word := g.s[t.Start:t.End]; word == "a" && (i == 0 || g.s[g.at(i-1).Start:g.at(i-1).End] != "y") {
			return Date{}, start // French "il y a", not "elle a trois jours"
		}
		sign, i = -1, i+1
	}
	num, unit := g.at(i), g.at(i+1)
	n := max(num.n, num.number)
	if num.is(kindFew) {
		n = 3
	}
	if n == 0 || n > 200 || num.upTo > 0 || !unit.is(kindUnit) || unit.unit == 2 || !g.near(start, i+1) {
		return Date{}, start
	}
	next := i + 2
	if g.at(next).is(kindAgo) && g.near(i+1, next) {
		sign, next = -1, next+1
	}
	if sign == 0 || sign > 0 && n == 0 {
		return Date{}, start
	}
	var from time.Time
	switch n *= sign; unit.unit {
	case 30:
		from = g.today.AddDate(0, n, 0)
	case 365:
		from = g.today.AddDate(n, 0, 0)
	default:
		from = plus(g.today, n*unit.unit)
	}
	return g.span(start, next, from, plus(from, 1))
}
