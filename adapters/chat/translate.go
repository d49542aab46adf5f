package chat

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"nutgraf/digest"
)

// The catalogues hold for each language but English what is said in it: the
// English format, as it stands in the code, with its translation. Arguments
// keep their order, or are named by their number, as in %[2]s.
//
//go:embed locales/*.toml
var files embed.FS

// translations reads the catalogues, by language.
var translations = sync.OnceValue(func() map[string]map[string]string {
	out := make(map[string]map[string]string)
	list, err := files.ReadDir("locales")
	if err != nil {
		return out
	}
	for _, f := range list {
		text, err := files.ReadFile("locales/" + f.Name())
		if err != nil {
			continue
		}
		words := make(map[string]string)
		if toml.Unmarshal(text, &words) == nil { // TestCatalogues reads them all
			out[strings.TrimSuffix(f.Name(), path.Ext(f.Name()))] = words
		}
	}
	return out
})

// Linguist is what a Handler also is when it knows in which language a command
// is answered. It has a second.
type Linguist interface {
	Locale(ctx context.Context, c Command) Locale
}

// LocaleOf returns the locale in which a command is answered: what the handler
// says, or the language of the person where it says nothing. It does not take
// longer than a second: platforms that wait for an answer wait for this, too.
func LocaleOf(ctx context.Context, h Handler, c Command) Locale {
	if l, ok := h.(Linguist); ok {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return l.Locale(ctx, c)
	}
	return LocaleFor(c.User.Locale, "")
}

// T says a sentence in the locale's language. English is the format itself,
// with arguments as for fmt.Sprintf; a sentence that a catalogue lacks is said
// in English. Errors and what is Spoken among the arguments are said in the language
// too.
func (l Locale) T(english string, args ...any) string {
	format, ok := translations()[l.Language][english]
	if !ok {
		format = english
	}
	if len(args) == 0 {
		return format
	}
	said := slices.Clone(args)
	for i, a := range said {
		switch a := a.(type) {
		case Spoken:
			said[i] = a.In(l)
		case digest.Words:
			said[i] = l.T(string(a))
		case error:
			said[i] = l.explain(a)
		}
	}
	return fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), said...)
}

// N says a sentence about n things; n is the first argument of both English
// forms, of which the language's own rules choose.
func (l Locale) N(n int, one, many string, args ...any) string {
	english := many
	if l.one(n) {
		english = one
	}
	return l.T(english, append([]any{n}, args...)...)
}

// one reports whether the language says one thing of n.
// https://cldr.unicode.org/index/cldr-spec/plural-rules
func (l Locale) one(n int) bool {
	tag, err := language.Parse(l.Language)
	if err != nil {
		tag = language.English
	}
	return plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0) == plural.One
}

// Explain returns the sentence for people of an error, as digest.Explain does,
// in the locale's language.
func (l Locale) Explain(err error) string {
	var e *digest.Error
	if !errors.As(err, &e) {
		return l.T("Something went wrong inside Nutgraf; the log of the program says what.")
	}
	return l.explain(e)
}

// explain says an error that may be shown.
func (l Locale) explain(err error) string {
	var e *digest.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if format, args := e.Template(); format != "" {
		return l.T(format, args...)
	}
	return l.T(e.Msg)
}
