package text

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:generate go run generate_idf.go

//go:embed data/background.tsv.gz
var backgroundData []byte

// usage is how a stem is used in the background articles.
type usage struct {
	df    uint16 // articles that have it
	upper uint8  // tenths of its uses inside sentences that start with a capital
}

// background is the frozen table of English news that IDF reads: rarity must
// not depend on what happens to be in the archive, or a small day is grouped
// differently from a large one.
type background struct {
	articles float64
	stems    map[string]usage
}

var newsTable = sync.OnceValue(func() background {
	b := background{articles: 1, stems: make(map[string]usage)}
	zip, err := gzip.NewReader(bytes.NewReader(backgroundData))
	if err != nil {
		return b
	}
	data, err := io.ReadAll(zip)
	if err != nil {
		return b
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 2 && f[0] == "articles" {
			b.articles, _ = strconv.ParseFloat(f[1], 64)
		}
		if len(f) != 3 {
			continue
		}
		df, _ := strconv.ParseUint(f[1], 10, 16)
		upper, _ := strconv.ParseUint(f[2], 10, 8)
		b.stems[f[0]] = usage{uint16(df), uint8(upper)}
	}
	return b
})

// Rarities of words in languages without a background table.
const (
	rareWord  = 6.0
	shortWord = 3.0
	stopWord  = 0.5
)

// IDF returns how rare a stem, as made by Stem and Terms, is in the news: the
// logarithm of all articles over those that have it, from about 0.5 to 9. A
// stem that the background does not have gets the maximum. There is a table
// for English only, which also serves the empty language; in others a stop
// word counts 0.5, a word of one to three letters 3 and any other word 6, so
// that frequency inside the texts compared decides.
func IDF(stem, lang string) float64 {
	if lang = Base(lang); lang != "" && lang != "en" {
		switch n := utf8.RuneCountInString(stem); {
		case Stop(stem, lang):
			return stopWord
		case n <= 3 && firstRune(stem) < 0x2E80:
			return shortWord
		}
		return rareWord
	}
	b := newsTable()
	u, ok := b.stems[stem]
	if !ok {
		if Stop(stem, "en") {
			return stopWord
		}
		return math.Log(b.articles)
	}
	return max(stopWord, math.Log(b.articles/float64(u.df)))
}

// properName reports whether the word is nearly always capitalised in English
// news: a name, as far as one word can tell.
func properName(word string) bool {
	return newsTable().stems[Stem(lower(word), "en")].upper >= 8
}
