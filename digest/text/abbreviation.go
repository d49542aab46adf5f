package text

import (
	_ "embed"
	"strings"
	"sync"
)

// class says what a word before a full stop means; see abbreviations.txt.
type class uint16

const (
	classTitle class = 1 << iota
	classNumber
	classAbbr
	classEnd
	classStart
	classSay
	classOrdinal
	classBrand
	classRoman
)

//go:embed data/abbreviations.txt
var abbreviationData string

// vocabulary is what the sentence rules know of one language.
type vocabulary struct {
	words   map[string]class
	ordinal bool // "12. Juni"
}

var vocabularies = sync.OnceValue(func() map[string]vocabulary {
	names := map[string]class{
		"title": classTitle, "number": classNumber, "abbr": classAbbr, "end": classEnd,
		"start": classStart, "say": classSay, "ordinal": classOrdinal, "brand": classBrand, "roman": classRoman,
	}
	all := make(map[string]vocabulary)
	for line := range strings.Lines(abbreviationData) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		v, ok := all[f[0]]
		if !ok {
			v.words = make(map[string]class)
		}
		kind := names[f[1]]
		v.ordinal = v.ordinal || kind == classOrdinal
		for _, w := range f[2:] {
			v.words[w] |= kind
		}
		all[f[0]] = v
	}
	for lang, v := range all {
		if lang != "en" {
			inherit(v, all["en"])
		}
	}
	return all
})

// inherit gives v the English words that it does not know otherwise: English
// names and titles stand in the news of all languages.
func inherit(v, english vocabulary) {
	for w, c := range english.words {
		if _, ok := v.words[w]; !ok {
			v.words[w] = c
		} else {
			v.words[w] |= c & (classStart | classBrand)
		}
	}
}

// vocabularyOf returns the vocabulary of lang, English for unknown ones.
func vocabularyOf(lang string) vocabulary {
	all := vocabularies()
	if v, ok := all[lang]; ok {
		return v
	}
	return all["en"]
}

// class returns what is known of a word, which may be in any case.
func (v vocabulary) class(word string) class {
	var buf [48]byte
	if len(word) > len(buf) {
		return 0
	}
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c >= 0x80 {
			return v.words[strings.ToLower(word)]
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return v.words[string(buf[:len(word)])]
}
