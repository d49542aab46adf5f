package text

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

var (
	// figureForm is a figure with its currency before it and its scale, unit
	// or currency behind it.
	figureForm = regexp.MustCompile(`(?i)^(?:(?:(?:US|A|C|HK|NZ)?\$|[€£¥₹₽₩]|(?:USD|EUR|GBP|CHF|Rs\.?) )[ \x{a0}\x{202f}]?)?` +
		`(?:\d{1,3}(?:[.,'’ \x{a0}\x{202f}]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)` + numberTail)
	// spelledForm is a spelled-out number with a scale or unit.
	spelledForm = regexp.MustCompile(`(?i)^(?:` + numberWords + `)(?:[ -](?:` + numberWords + `)){0,3}` + neededTail)
)

const (
	numberWords = `half a|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|deux|trois|quatre|cinq|dix|dos|tres|cuatro|cinco|diez`
	scales      = `hundred|thousand|million|billion|trillion|millionen|milliarden|tausend|millions|milliards?|mille|millones|mil|bn|tn|milioni|miliardi|milhões|miljoen|miljard`
	units       = `per ?cent|percentage points?|percent|prozent|pour cent|por ciento|por cento|per cento|procent|%|dollars?|euros?|pounds?|yen|francs?|franken|kilomet(?:er|re)s?|km|miles?|met(?:er|re)s?|feet|tonnes|tons|kg|°C|°F|degrees`
	numberTail  = `(?:st|nd|rd|th|m|bn|k|°[CF])?\b?(?:[ \x{a0}\x{202f}-]?(?:(?:` + scales + `)\b|(?:mio|mrd)\.))?(?:[ \x{a0}\x{202f}-]?(?:(?:de |d')?(?:` + units + `)(?:\b|$)|%|[€£¥$]))?`
	neededTail  = `(?:(?:[ -](?:` + scales + `)\b)+(?:[ -](?:` + units + `)\b)?|[ -](?:per ?cent|percentage points?|percent|prozent|pour cent|por ciento)\b)`
)

// longestNumber is how many bytes a number may have with all that belongs to it.
const longestNumber = 96

// numberStarts are the words that a spelled-out number can start with.
var numberStarts = sync.OnceValue(func() map[string]bool {
	out := make(map[string]bool)
	for w := range strings.SplitSeq(numberWords, "|") {
		w, _, _ = strings.Cut(w, " ")
		out[w] = true
	}
	return out
})

// Numbers returns the numbers of s in order, with the currency, scale and unit
// that belong to them: "18", "2.5 million", "€40", "30 percent", "two million".
// Signs and ranges stay outside: "52-48" is two numbers.
func Numbers(s string) []Span {
	var out []Span
	starts := numberStarts()
	floor := 0 // the end of the last number
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= '0' && r <= '9':
			from := currencyBefore(s, floor, i)
			if m := figureForm.FindStringIndex(s[from:min(len(s), i+longestNumber)]); m != nil && from+m[1] > i {
				sp, _ := trim(s, from, from+m[1])
				out = append(out, sp)
				n, floor = sp.End-i, sp.End
			}
		case unicode.IsLetter(r):
			word := wordAt(s[i:min(len(s), i+longestNumber)])
			n = max(n, len(word))
			if len(word) < 12 && starts[lower(word)] {
				if m := spelledForm.FindStringIndex(s[i:min(len(s), i+longestNumber/2)]); m != nil {
					out = append(out, Span{i, i + m[1]})
					n, floor = m[1], i+m[1]
				}
			}
			if digit := strings.IndexAny(s[i:i+n], "0123456789"); floor <= i && digit > 0 {
				n = digit
			}
		}
		i += n
	}
	return out
}

// currencyBefore returns where the currency before the figure at i starts, not
// before floor, or i.
func currencyBefore(s string, floor, i int) int {
	at := i
	before, n := utf8.DecodeLastRuneInString(s[floor:at])
	if before == ' ' || before == 0xA0 || before == 0x202F {
		at -= n
	}
	if r, n := utf8.DecodeLastRuneInString(s[floor:at]); strings.ContainsRune("$€£¥₹₽₩", r) && r != utf8.RuneError {
		at -= n
		for _, dollar := range []string{"US", "HK", "NZ", "A", "C"} {
			if r == '$' && strings.HasSuffix(s[floor:at], dollar) {
				return at - len(dollar)
			}
		}
		return at
	}
	for _, code := range []string{"USD", "EUR", "GBP", "CHF", "Rs.", "Rs"} {
		if at < i && strings.HasSuffix(s[floor:at], code) {
			return at - len(code)
		}
	}
	return i
}
