package chat

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Spoken is what is said differently in every language. As an argument of T
// or digest.Errorf it is said in the language of the sentence; its String is
// English.
type Spoken interface {
	In(l Locale) string
	String() string
}

// Phrase is a part of a sentence, or one that is not said yet.
type Phrase struct {
	English string
	Args    []any
}

// P returns a phrase, with the arguments of T.
func P(english string, args ...any) Phrase { return Phrase{english, args} }

// In says the phrase.
func (p Phrase) In(l Locale) string { return l.T(p.English, p.Args...) }

// String says the phrase in English.
func (p Phrase) String() string { return p.In(Locale{}) }

// Count is a phrase about N things.
type Count struct {
	N         int
	One, Many string
}

// In says the phrase.
func (c Count) In(l Locale) string { return l.N(c.N, c.One, c.Many) }

// String says the phrase in English.
func (c Count) String() string { return c.In(Locale{}) }

// Names is a list, as "A, B and C".
type Names []string

// In says the list.
func (n Names) In(l Locale) string { return l.List(n) }

// String says the list in English.
func (n Names) String() string { return n.In(Locale{}) }

// List is a list of what may be Spoken.
type List []fmt.Stringer

// In says the list.
func (n List) In(l Locale) string {
	said := make([]string, len(n))
	for i, one := range n {
		said[i] = one.String()
		if s, ok := one.(Spoken); ok {
			said[i] = s.In(l)
		}
	}
	return l.List(said)
}

// String says the list in English.
func (n List) String() string { return n.In(Locale{}) }

// Days is a list of days of the week by their short names.
type Days []time.Weekday

// In says the days.
func (d Days) In(l Locale) string {
	names := make([]string, len(d))
	for i, day := range d {
		names[i] = l.day(day)
	}
	return l.List(names)
}

// String says the days in English.
func (d Days) String() string { return d.In(Locale{}) }

// Moment is an instant in the local time of a zone, with the day and the
// zone's letters: "Sun 2026-03-29 08:00 CEST".
type Moment struct {
	At   time.Time
	Zone string // IANA name
}

// In says the moment.
func (m Moment) In(l Locale) string {
	local := m.At.In(LocaleFor("en", m.Zone).zone())
	return l.T("%s %s %s", l.day(local.Weekday()), local.Format(time.DateOnly), local.Format("15:04 MST"))
}

// String says the moment in English.
func (m Moment) String() string { return m.In(Locale{}) }

// Day is a local date in words: "Tuesday, May 3, 2026".
type Day struct {
	At   time.Time
	Zone string // IANA name
}

// In says the day.
func (d Day) In(l Locale) string { return LocaleFor(l.Language, d.Zone).Date(d.At) }

// String says the day in English.
func (d Day) String() string { return d.In(Locale{}) }

// Sentence is an error of a lower layer, made a sentence of its own.
type Sentence struct{ Err error }

// In says the sentence.
func (s Sentence) In(l Locale) string {
	said := l.explain(s.Err)
	r, size := utf8.DecodeRuneInString(said)
	return l.T("%s.", string(unicode.ToUpper(r))+strings.TrimRight(said[size:], ".。"))
}

// String says the sentence in English.
func (s Sentence) String() string { return s.In(Locale{}) }

// day returns the short name of a day of the week.
func (l Locale) day(d time.Weekday) string { return strings.Fields(l.labels().Days)[d] }
