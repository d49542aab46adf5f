package edition

import (
	"slices"
	"strings"
	"unicode"

	"nutgraf/digest"
)

// filter says which articles a subscription wants.
type filter struct {
	sources, categories, languages []string
	include, exclude               []string // folded phrases
}

func newFilter(sub digest.Subscription) filter {
	f := filter{sources: sub.Sources, categories: sub.Categories, languages: sub.Languages}
	f.include, f.exclude = phrases(sub.Include), phrases(sub.Exclude)
	return f
}

// phrases folds words and phrases; those without a letter or digit are no rule.
func phrases(list []string) []string {
	var out []string
	for _, w := range list {
		if p := fold(w); strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return out
}

// pass reports whether the subscription wants the article. Words are looked for
// in title and text, or in the title alone when the text is not there. Links
// that were only summarised come in for those who name their source.
func (f filter) pass(a digest.Article) bool {
	if len(f.sources) == 0 && a.Source == digest.LinkSource ||
		len(f.sources) > 0 && !slices.Contains(f.sources, a.Source) ||
		len(f.categories) > 0 && !named(f.categories, a.Category) ||
		len(f.languages) > 0 && !named(f.languages, a.Language) {
		return false
	}
	if len(f.include)+len(f.exclude) == 0 {
		return true
	}
	words := fold(a.Title + " " + a.Text)
	return (len(f.include) == 0 || holds(words, f.include)) && !holds(words, f.exclude)
}

// named reports whether a name is listed, however it is capitalised.
func named(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// holds reports whether folded words contain one of the folded phrases.
func holds(words string, phrases []string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(words, p) })
}

// fold lower-cases s and puts one blank before, between and after its words, so
// that a phrase is found at word borders only.
func fold(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return " " + strings.Join(words, " ") + " "
}
