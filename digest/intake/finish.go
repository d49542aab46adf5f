package intake

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// The limits of an article's fields.
const (
	maxTitle = 256     // runes
	maxText  = 1 << 20 // bytes
	maxName  = 120     // runes of an author, publisher, desk, outlet
	maxLabel = 80      // runes of a category or tag
	maxNames = 20      // authors
	maxTags  = 30
	maxURL   = 4096 // bytes
	maxGUID  = 1024 // bytes
)

var byPrefix = regexp.MustCompile(`(?i)^(?:by|von|par|por)\s*:?\s+`)

// Finish is the last step of every way in: it cleans and caps all fields,
// keeps Marks on the cleaned text, finds the language and sets the id. An
// article without Arrived arrives now. Published stays as given, unless it
// lies more than a day ahead or before 1970: then it becomes the arrival, and
// the id does not depend on it. An article with neither title nor text is
// refused.
func Finish(a digest.Article, now time.Time) (digest.Article, error) {
	a.Title = text.Line(a.Title, maxTitle)
	a.Text, a.Marks = cleanText(a.Text, a.Marks)
	if a.Title == "" && a.Text == "" {
		return a, digest.Errorf(digest.Invalid, "The article has neither title nor text; give it at least one of the two.")
	}
	if a.Title == "" {
		a.Title = digest.Untitled
	}
	a.URL, a.Image = cleanURL(a.URL), cleanURL(a.Image)
	a.GUID = text.Line(clip(a.GUID, maxGUID), maxGUID)
	a.Authors = cleanAuthors(a.Authors)
	a.Publisher = text.Line(a.Publisher, maxName)
	a.Desk = text.Line(a.Desk, maxName)
	a.Outlet = text.Line(a.Outlet, maxName)
	a.Category = text.Line(strings.Trim(a.Category, " .,;:|/#"), maxLabel)
	a.Tags = cleanTags(a.Tags)
	a.Language = text.Language(a.Title+"\n\n"+clip(a.Text, 4096), languageCode(a.Language))
	dated := setTimes(&a, now)
	identity := a
	if !dated {
		identity.Published = time.Time{}
	}
	a.ID = digest.NewID(identity)
	return a, nil
}

// languageCode returns the ISO 639-1 code of "en", "en-US" or "EN_us", or "".
func languageCode(s string) string {
	s, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "_", "-"), "-")
	if len(s) != 2 || s[0] < 'a' || s[0] > 'z' || s[1] < 'a' || s[1] > 'z' {
		return ""
	}
	return s
}

// setTimes applies the rules for times and tells whether the article brought a
// date that can be believed.
func setTimes(a *digest.Article, now time.Time) bool {
	now = now.UTC().Truncate(time.Millisecond)
	credible := func(t time.Time) bool { return t.Year() >= 1970 && !t.After(now.Add(24*time.Hour)) }
	if a.Arrived.IsZero() || !credible(a.Arrived) {
		a.Arrived = now
	}
	a.Arrived = a.Arrived.UTC().Truncate(time.Millisecond)
	if a.Published.IsZero() {
		return false
	}
	a.Published = a.Published.UTC().Truncate(time.Millisecond)
	if !credible(a.Published) {
		a.Published = a.Arrived
		return false
	}
	return true
}

// cleanText cleans and caps a text section by section, so that the marks stay
// on paragraph borders. Marks that overlap or lie outside are dropped.
func cleanText(s string, marks []digest.Mark) (string, []digest.Mark) {
	var b strings.Builder
	var kept []digest.Mark
	add := func(part string, section digest.Section) {
		part = text.Clean(part)
		if part == "" || b.Len()+2 > maxText {
			return
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		start := b.Len()
		b.WriteString(strings.TrimSpace(clip(part, maxText-start)))
		if section != "" && b.Len() > start {
			kept = append(kept, digest.Mark{Section: section, Start: start, End: b.Len()})
		}
	}
	at := 0
	for _, m := range marks {
		if m.Start < at || m.End <= m.Start || m.End > len(s) || !slices.Contains(digest.Sections(), m.Section) ||
			!onBorder(s, m.Start) || !onBorder(s, m.End) {
			continue
		}
		add(s[at:m.Start], "")
		add(s[m.Start:m.End], m.Section)
		at = m.End
	}
	add(s[at:], "")
	return b.String(), kept
}

// onBorder tells whether i lies between two paragraphs of s.
func onBorder(s string, i int) bool {
	return i == 0 || i == len(s) || strings.HasPrefix(s[i:], "\n\n") || strings.HasSuffix(s[:i], "\n\n")
}

// clip cuts s to at most n bytes, between runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cleanURL returns an http or https address as given, or "".
func cleanURL(raw string) string {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxURL || u.Host == "" || u.Hostname() == "" {
		return ""
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	u.User = nil
	return u.String()
}

// cleanAuthors drops "By " and repetitions.
func cleanAuthors(names []string) []string {
	var out []string
	for _, name := range names {
		name = byPrefix.ReplaceAllString(text.Line(name, maxName), "")
		if name = strings.Trim(name, " ,;|"); len(out) < maxNames {
			out = appendNew(out, name)
		}
	}
	return out
}

func cleanTags(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if tag = strings.Trim(text.Line(tag, maxLabel), " #,;"); len(out) < maxTags {
			out = appendNew(out, tag)
		}
	}
	return out
}

// appendNew appends s unless it is empty or there in another case.
func appendNew(list []string, s string) []string {
	if s == "" || slices.ContainsFunc(list, func(have string) bool { return strings.EqualFold(have, s) }) {
		return list
	}
	return append(list, s)
}
