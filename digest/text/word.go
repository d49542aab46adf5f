package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Words returns the words and numbers of s in order, in lower case and without
// punctuation, as Unicode parts words (UAX #29): "3.5" and "don't" are one
// each, "U.S." is "u.s". Curly apostrophes become straight ones.
func Words(s string) []string {
	out := make([]string, 0, len(s)/6)
	it := words.FromString(s)
	for it.Next() {
		if w := it.Value(); wordlike(w) {
			out = append(out, lower(w))
		}
	}
	return out
}

// wordlike reports whether a token of UAX #29 is a word or a number.
func wordlike(w string) bool {
	if c := w[0]; c < utf8.RuneSelf {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	r := firstRune(w)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func lower(w string) string {
	for i := 0; i < len(w); i++ {
		if c := w[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return strings.ReplaceAll(strings.ToLower(w), "’", "'")
		}
	}
	return w
}

//go:embed data/stop.txt
var stopData string

var stopWords = sync.OnceValue(func() map[string]map[string]bool {
	all := make(map[string]map[string]bool)
	for line := range strings.Lines(stopData) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		all[f[0]] = make(map[string]bool, len(f))
		for _, w := range f[1:] {
			all[f[0]][w] = true
		}
	}
	return all
})

// Stop reports whether the lower-case word is a function word of lang, which
// is English when empty. Languages without a list have none.
func Stop(word, lang string) bool { return stopsOf(lang)[word] }

func stopsOf(lang string) map[string]bool {
	if lang = Base(lang); lang == "" {
		lang = "en"
	}
	return stopWords()[lang]
}

// Terms returns the words of s without stop words and without possessive 's,
// stemmed, in order. They are what sentences, articles and stories are
// compared by.
func Terms(s, lang string) []string {
	if lang = Base(lang); lang == "" {
		lang = "en"
	}
	stops := stopsOf(lang)
	stem := stemmer(lang)
	out := make([]string, 0, len(s)/8)
	it := words.FromString(s)
	for it.Next() {
		w := it.Value()
		if !wordlike(w) {
			continue
		}
		w = lower(w)
		if stops[w] {
			continue
		}
		if w = bare(strings.TrimSuffix(w, "'s"), lang); !stops[w] && w != "" {
			out = append(out, stem(w))
		}
	}
	return out
}
