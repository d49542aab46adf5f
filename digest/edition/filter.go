package edition

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"nutgraf/digest"
)

// filter says which articles a subscription wants.
type filter struct {
	sources, categories, languages []string
	include, exclude               words
	muted                          []string // sources and outlets
	stories                        []string // ids of muted stories
}

// newFilter returns the filter of a subscription at an instant.
func newFilter(sub digest.Subscription, at time.Time) filter {
	f := filter{sources: Sources(sub), categories: sub.Categories, languages: sub.Languages}
	f.include, f.exclude = newWords(sub.Include), newWords(sub.Exclude)
	for _, m := range sub.Mutes {
		switch {
		case !m.Holds(at):
		case m.Kind == digest.MuteSource:
			f.muted = append(f.muted, m.Value)
		case m.Kind == digest.MuteStory:
			f.stories = append(f.stories, m.Value)
		case m.Kind == digest.MuteTopic:
			f.exclude.add(m.Value)
		}
	}
	return f
}

// Passes reports whether a subscription's filters and mutes let an article with
// its text into a digest of that instant.
func Passes(sub digest.Subscription, a digest.Article, at time.Time) bool {
	return newFilter(sub, at).pass(a)
}

// Sources returns the ids of the sources that a subscription takes articles
// from: what people saved is for every digest. None stand for all.
func Sources(sub digest.Subscription) []string {
	if len(sub.Sources) == 0 {
		return nil
	}
	return append(slices.Clip(sub.Sources), digest.SavedSource)
}

// reads reports whether the filter looks into the texts of articles.
func (f filter) reads() bool { return !f.include.empty() || !f.exclude.empty() }

// words is what an article is searched for.
type words struct {
	phrases  []string // folded
	patterns []*regexp.Regexp
}

func newWords(list []string) words {
	var w words
	for _, rule := range list {
		w.add(rule)
	}
	return w
}

// add adds a word, a phrase or a /pattern/. A rule without a letter or digit is
// none, and neither is a pattern that cannot be read; see CheckRule.
func (w *words) add(rule string) {
	if p, ok := pattern(rule); ok {
		if re, err := compile(p); err == nil {
			w.patterns = append(w.patterns, re)
		}
		return
	}
	if p := fold(rule); strings.TrimSpace(p) != "" {
		w.phrases = append(w.phrases, p)
	}
}

func (w words) empty() bool { return len(w.phrases)+len(w.patterns) == 0 }

// in reports whether a text, given also folded, holds one of the words.
func (w words) in(text, folded string) bool {
	return slices.ContainsFunc(w.phrases, func(p string) bool { return strings.Contains(folded, p) }) ||
		slices.ContainsFunc(w.patterns, func(re *regexp.Regexp) bool { return re.MatchString(text) })
}

// longestRule is the size of a filter rule in bytes.
const longestRule = 200

// CheckRule returns what is wrong with a filter rule: a word, a phrase, or a
// pattern between slashes in the syntax of RE2, without regard to case.
// https://github.com/google/re2/wiki/Syntax
func CheckRule(rule string) error {
	if len(rule) > longestRule {
		return digest.Errorf(digest.TooLarge, "A filter is at most %d characters long; shorten it.", longestRule)
	}
	p, ok := pattern(rule)
	if !ok {
		if strings.TrimSpace(fold(rule)) == "" {
			return digest.Errorf(digest.Invalid, "The filter %q has no letter and no digit, so it would find nothing; write a word, a phrase or a /pattern/.", rule)
		}
		return nil
	}
	re, err := compile(p)
	if err != nil {
		return digest.Errorf(digest.Invalid, "The pattern %s cannot be read: %v; look it up in the syntax of RE2.", rule, err)
	}
	if re.MatchString("") {
		return digest.Errorf(digest.Invalid, "The pattern %s finds something in every text; make it say more.", rule)
	}
	return nil
}

// pattern returns what stands between the slashes of a rule.
func pattern(rule string) (string, bool) {
	if len(rule) > 2 && rule[0] == '/' && rule[len(rule)-1] == '/' {
		return rule[1 : len(rule)-1], true
	}
	return "", false
}

func compile(p string) (*regexp.Regexp, error) { return regexp.Compile("(?i)" + p) }

// takes reports whether the subscription wants articles like this one, whatever
// it says. Links that were only summarised come in for those who name their
// source.
func (f filter) takes(a digest.Article) bool {
	switch {
	case len(f.sources) == 0 && a.Source == digest.LinkSource,
		len(f.sources) > 0 && !slices.Contains(f.sources, a.Source),
		len(f.categories) > 0 && !named(f.categories, a.Category),
		len(f.languages) > 0 && !named(f.languages, a.Language),
		named(f.muted, a.Source), named(f.muted, a.Voice()):
		return false
	}
	return true
}

// pass reports whether the subscription wants the article. Words are looked for
// in title and text, or in the title alone when the text is not there.
func (f filter) pass(a digest.Article) bool {
	switch {
	case !f.takes(a):
		return false
	case !f.reads():
		return true
	}
	text := a.Title + "\n" + a.Text
	folded := fold(text)
	return (f.include.empty() || f.include.in(text, folded)) && !f.exclude.in(text, folded)
}

// named reports whether a name is listed, however it is capitalised.
func named(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// fold lower-cases s and puts one blank before, between and after its words, so
// that a phrase is found at word borders only.
func fold(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return " " + strings.Join(words, " ") + " "
}
