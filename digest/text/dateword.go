package text

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dateKind says what a word can mean in a date; see dates.txt.
type dateKind uint32

const (
	kindMonth dateKind = 1 << iota
	kindWeekday
	kindDay
	kindUnit
	kindNext
	kindLast
	kindThis
	kindPrep
	kindIn
	kindAgo
	kindBefore // "ago" that stands before the number: "vor", "hace"
	kindOf
	kindSkip
	kindFew
	kindWill
	kindDid
	kindNumber
	kindPlural
	kindComing  // the nearest weekend
	kindPart    // "end of June"
	kindPhrase  // the first word of an entry of several
	kindWillEnd // an ending, as of "votará"
	kindDidEnd  // an ending, as of "voted"
)

// dateWord is what one word can mean, with its value for each kind that has one.
type dateWord struct {
	kind                              dateKind
	month, weekday, day, unit, number int
	part                              int // 1 to 3: which third
}

//go:embed data/dates.txt
var dateData string

var dateWords = sync.OnceValue(func() map[string]map[string]dateWord {
	kinds := map[string]dateKind{
		"months": kindMonth, "weekdays": kindWeekday, "day": kindDay, "unit": kindUnit,
		"next": kindNext, "last": kindLast, "this": kindThis, "prep": kindPrep, "in": kindIn,
		"ago": kindAgo, "vor": kindBefore, "of": kindOf, "skip": kindSkip, "few": kindFew,
		"will": kindWill, "did": kindDid, "number": kindNumber, "units": kindUnit | kindPlural, "coming": kindComing,
		"part": kindPart, "willend": kindWillEnd, "didend": kindDidEnd,
	}
	all := make(map[string]map[string]dateWord)
	for line := range strings.Lines(dateData) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		if all[f[0]] == nil {
			all[f[0]] = make(map[string]dateWord)
		}
		for i, entry := range f[2:] {
			addDateWord(all[f[0]], kinds[f[1]], i, entry)
		}
	}
	return all
})

// addDateWord takes the i-th entry of a line: "jan,january" or "today=0".
func addDateWord(words map[string]dateWord, kind dateKind, i int, entry string) {
	for name := range strings.SplitSeq(entry, ",") {
		name, value, _ := strings.Cut(name, "=")
		n, _ := strconv.Atoi(value)
		first, _, several := strings.Cut(name, "_")
		if several {
			w := words[first]
			w.kind |= kindPhrase
			words[first] = w
		}
		name = strings.ReplaceAll(name, "_", " ")
		w := words[name]
		w.kind |= kind
		switch {
		case kind == kindMonth:
			w.month = i + 1
		case kind == kindWeekday:
			w.weekday = i
		case kind == kindDay:
			w.day = n
		case kind&kindUnit != 0:
			w.unit = n
		case kind == kindNumber:
			w.number = n
		case kind == kindPart:
			w.part = n
		}
		words[name] = w
	}
}

// calendar reports whether the lower-case word is a month or a weekday of lang.
func calendar(word, lang string) bool {
	words, ok := dateWords()[lang]
	if !ok {
		words = dateWords()["en"]
	}
	return words[word].kind&(kindMonth|kindWeekday) != 0
}

// Weekday returns the day of the week that the lower-case word names in lang,
// which is English when empty. Short forms do not count: "sun", "sat" and "wed"
// are words of their own.
func Weekday(word, lang string) (time.Weekday, bool) {
	const shortest = len("lundi")
	if lang = Base(lang); lang == "" {
		lang = "en"
	}
	w := dateWords()[lang][word]
	return time.Weekday(w.weekday), w.kind&kindWeekday != 0 && len(word) >= shortest
}
