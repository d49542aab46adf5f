package text

import (
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"
)

// algorithm returns the Snowball stemmer of lang, nil for languages without.
func algorithm(lang string) func(*snowballstem.Env) bool {
	switch lang {
	case "en", "":
		return english.Stem
	case "de":
		return german.Stem
	case "fr":
		return french.Stem
	case "es":
		return spanish.Stem
	case "it":
		return italian.Stem
	case "pt":
		return portuguese.Stem
	case "nl":
		return dutch.Stem
	case "ru":
		return russian.Stem
	case "sv":
		return swedish.Stem
	case "da":
		return danish.Stem
	case "no":
		return norwegian.Stem
	case "fi":
		return finnish.Stem
	case "hu":
		return hungarian.Stem
	case "ro":
		return romanian.Stem
	case "tr":
		return turkish.Stem
	case "ar":
		return arabic.Stem
	case "ga":
		return irish.Stem
	case "ta":
		return tamil.Stem
	}
	return nil
}

// longest is the length in bytes from which on a word is no word, but a
// address or a number: it is its own stem.
const longest = 64

// environments are the workspaces of the stemmers, kept for their memory.
var environments = sync.Pool{New: func() any { return snowballstem.NewEnv("") }}

// Stem returns the stem of a lower-case word by the Snowball rules of lang,
// which are those of English when lang is empty. What a vowel swallowed counts
// for nothing: in French, "l'élection" has the stem of "élection". Words of
// languages without rules, and words that start with a digit, are their own stem.
func Stem(word, lang string) string { return stemmer(Base(lang))(word) }

// stemmer returns the function that stems words of the language.
func stemmer(lang string) func(string) string {
	rules := algorithm(lang)
	return func(word string) string {
		word = bare(word, lang)
		if rules == nil || len(word) < 3 || len(word) > longest || word[0] >= '0' && word[0] <= '9' {
			return word
		}
		env := environments.Get().(*snowballstem.Env)
		env.SetCurrent(word)
		rules(env)
		out := env.Current()
		environments.Put(env)
		if out == "" {
			return word
		}
		return out
	}
}

// longestElision is that of "quell'" and "lorsqu'"; "aujourd'hui" has none.
const longestElision = len("lorsqu")

// bare returns a lower-case word without what the rules of its language do not
// see: articles and pronouns before a vowel in French and Italian, and the
// plural of Portuguese words in -ão.
func bare(word, lang string) string {
	switch lang {
	case "fr", "it":
		if i := strings.IndexByte(word, '\''); i > 0 && i <= longestElision && i+2 < len(word) {
			return word[i+1:]
		}
	case "pt":
		if head, ok := strings.CutSuffix(word, "ões"); ok {
			return head + "ão"
		}
	}
	return word
}
