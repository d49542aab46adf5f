package text

import (
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
// which are those of English when lang is empty. Words of languages without
// rules, and words that start with a digit, are their own stem.
func Stem(word, lang string) string { return stemmer(Base(lang))(word) }

// stemmer returns the function that stems words of the language.
func stemmer(lang string) func(string) string {
	rules := algorithm(lang)
	return func(word string) string {
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
