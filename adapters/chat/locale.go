package chat

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"nutgraf/digest"
)

// Locale is the language and the zone in which labels and dates are shown.
// The zero Locale means English and UTC, and makes Layout use the edition's.
type Locale struct {
	Language string         // one of Languages
	Zone     *time.Location // nil means UTC
}

// LocaleFor returns the locale of a language tag ("de-AT") and an IANA zone.
// Unknown languages are shown in English, unknown zones in UTC.
func LocaleFor(language, zone string) Locale {
	tag := base(language)
	if !Speaks(tag) {
		tag = "en"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		loc = time.UTC
	}
	return Locale{Language: tag, Zone: loc}
}

// base returns the language of a tag, without its region.
func base(tag string) string {
	lang, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	return lang
}

// Speaks reports whether there are labels in the language of a tag.
func Speaks(tag string) bool { return slices.Contains(Languages(), base(tag)) }

// Languages lists the languages in which labels exist.
func Languages() []string { return []string{"en", "de", "fr", "es", "ja"} }

func (l Locale) labels() labels {
	if words, ok := catalogue[l.Language]; ok {
		return words
	}
	return catalogue["en"]
}

// language returns the language in which T speaks.
func (l Locale) language() string {
	if Speaks(l.Language) {
		return l.Language
	}
	return "en"
}

// Foreign returns a span of a text that is in the given language, "" when that
// is not known; it says so where the language is not the locale's.
func (l Locale) Foreign(language string, s Span) Span {
	if language != "" && base(language) != l.language() {
		s.Language = language
	}
	return s
}

// Quotes returns the quotation marks of the language.
func (l Locale) Quotes() (open, closed string) {
	open, closed, _ = strings.Cut(l.T("“%s”"), "%s")
	return open, closed
}

// Place returns the locale's zone, UTC when it has none.
func (l Locale) Place() *time.Location { return l.zone() }

func (l Locale) zone() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

// Date returns the local date in words: "Tuesday, May 3, 2026".
func (l Locale) Date(t time.Time) string {
	words, t := l.labels(), t.In(l.zone())
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = words.First
	}
	return strings.NewReplacer(
		"{weekday}", strings.Fields(words.Weekdays)[t.Weekday()],
		"{month}", strings.Fields(words.Months)[t.Month()-1],
		"{day}", day,
		"{year}", strconv.Itoa(t.Year()),
	).Replace(words.Date)
}

// Clock returns the local time of day: "08:00".
func (l Locale) Clock(t time.Time) string { return t.In(l.zone()).Format("15:04") }

// DateTime returns the local date and time in digits: "2026-05-03 08:00".
func (l Locale) DateTime(t time.Time) string { return t.In(l.zone()).Format("2006-01-02 15:04") }

// Stamp returns the local date and time in digits, "2026-05-03 08:00", as a
// span that platforms may show in the reader's zone. The zero time gives "–".
func (l Locale) Stamp(t time.Time) Span {
	if t.IsZero() {
		return Plain("–")
	}
	return Span{Text: l.DateTime(t), Time: t.UTC()}
}

// List joins names: "A", "A and B", "A, B and C".
func (l Locale) List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	if l.Language == "ja" {
		return strings.Join(names, "、")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + l.and(names[last]) + " " + names[last]
}

// and returns the word before the last name of a list. Spanish says "e"
// before the sound of an i.
func (l Locale) and(name string) string {
	low := strings.ToLower(name)
	spoken := strings.HasPrefix(low, "i") || strings.HasPrefix(low, "í") ||
		strings.HasPrefix(low, "hi") && !strings.HasPrefix(low, "hie")
	if l.Language == "es" && spoken {
		return "e"
	}
	return l.labels().And
}

// Byline returns "By Maya Lind and Jon Park – Source Linden Wire", as far as
// authors and source are known.
func (l Locale) Byline(authors []string, source string) string {
	var parts []string
	if len(authors) > 0 {
		parts = append(parts, led(l.labels().By, l.List(authors)))
	}
	if source != "" {
		parts = append(parts, led(l.labels().Source, source))
	}
	return strings.Join(parts, " – ")
}

// led puts a label before a name, with a blank unless it ends with a full-width
// colon.
func led(label, name string) string {
	if strings.HasSuffix(label, "：") {
		return label + name
	}
	return label + " " + name
}

// Coverage returns "14 of 16 sources · 212 articles → 41 stories → 8 shown";
// where all articles were imported, there are no sources to speak of.
func (l Locale) Coverage(c digest.Coverage) string {
	words := l.labels()
	articles := l.plural(words.Articles, c.Articles) + " → " + l.plural(words.Stories, c.Stories) + " → " + l.plural(words.Shown, c.Shown)
	if c.Sources == 0 {
		return articles
	}
	n := c.Sources
	if l.Language == "fr" { // the noun follows the first number
		n = c.SourcesOK
	}
	sources := strings.NewReplacer("{ok}", l.Number(c.SourcesOK), "{n}", l.Number(c.Sources)).Replace(l.form(words.Sources, n))
	return sources + " · " + articles
}

// Section returns the heading of a section of a brief, "" for the lede.
func (l Locale) Section(s digest.Section) string { return l.labels().section(s) }

// Articles returns "1 article", "12 articles".
func (l Locale) Articles(n int) string { return l.plural(l.labels().Articles, n) }

// Stories returns "1 story", "12 stories".
func (l Locale) Stories(n int) string { return l.plural(l.labels().Stories, n) }

// Number returns n in digits, with thousands apart from 10,000 on.
func (l Locale) Number(n int) string {
	digits := strconv.Itoa(n)
	if n < 10_000 {
		return digits
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + l.labels().Group + digits[i:]
	}
	return digits
}

// Decimal returns x with two digits of its fraction: "0.86", "0,86".
func (l Locale) Decimal(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', 2, 64), ".", l.labels().Point, 1)
}

func (l Locale) plural(p plurals, n int) string {
	return strings.ReplaceAll(l.form(p, n), "{n}", l.Number(n))
}

// form chooses the word form for n.
func (l Locale) form(p plurals, n int) string {
	if l.one(n) {
		return p.One
	}
	return p.Other
}

// ReadMore returns the words for the link to the whole text.
func (l Locale) ReadMore() string { return l.labels().ReadMore }
