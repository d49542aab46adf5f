package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// numberKind says what a word around a figure means; see numbers.txt.
type numberKind uint16

const (
	numberCode numberKind = 1 << iota
	numberArticle
	numberSpelled
	numberScale
	numberTight
	numberUnit
	numberScaled
	numberLink
)

//go:embed data/numbers.txt
var numberData string

// numberWord is what one word means, and how many words the longest entry has
// that begins with it.
type numberWord struct {
	kind numberKind
	more int
}

var numberWords = sync.OnceValue(func() map[string]numberWord {
	kinds := map[string]numberKind{"code": numberCode, "article": numberArticle, "spelled": numberSpelled, "scale": numberScale,
		"tight": numberTight, "unit": numberUnit, "scaled": numberScaled, "link": numberLink}
	all := make(map[string]numberWord)
	for line := range strings.Lines(numberData) {
		f := strings.Fields(line)
		if len(f) < 2 || kinds[f[0]] == 0 {
			continue
		}
		for _, entry := range f[1:] {
			words := strings.Split(entry, "_")
			key := strings.Join(words, " ")
			w := all[key]
			w.kind |= kinds[f[0]]
			all[key] = w
			w = all[words[0]]
			w.more = max(w.more, len(words)-1)
			all[words[0]] = w
		}
	}
	return all
})

// Numbers returns the numbers of s in order, with the currency, scale and unit
// that belong to them: "18", "2.5 million", "€40", "30 percent", "40 km/h",
// "two million", "3,5 Millionen Euro". Signs and ranges stay outside: "52-48"
// is two numbers. Digits inside of words, as in "G20", are none.
func Numbers(s string) []Span {
	n := numbers{s: s, words: numberWords()}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= '0' && r <= '9':
			i = n.figure(i)
		case unicode.IsLetter(r):
			i = n.word(i)
		default:
			i += size
		}
	}
	return n.out
}

// numbers reads the numbers of one text.
type numbers struct {
	s     string
	words map[string]numberWord
	out   []Span
}

// figure takes the number in digits at byte i, and returns where it ends.
func (n *numbers) figure(i int) int {
	from := n.currencyBefore(i)
	end := n.tail(n.tight(digits(n.s, i)), false)
	n.out = append(n.out, Span{from, end})
	return end
}

// digits returns the end of the figure at i: "1,234.5", "40 000", "1.5.2026".
func digits(s string, i int) int {
	run := func(i int) int {
		for digitAt(s, i, len(s)) {
			i++
		}
		return i
	}
	end := run(i)
	if end-i <= 3 {
		first, _ := utf8.DecodeRuneInString(s[end:])
		for {
			r, size := utf8.DecodeRuneInString(s[end:])
			if r != first || !strings.ContainsRune(".,'’ \u00a0\u202f", r) || run(end+size) != end+size+3 {
				break
			}
			end += size + 3
		}
	}
	for end < len(s) && (s[end] == '.' || s[end] == ',') && digitAt(s, end+1, len(s)) {
		end = run(end + 1)
	}
	return end
}

// tight returns the end of an ordinal's ending, or of "m" and "bn", right
// behind the figure that ends at i.
func (n *numbers) tight(i int) int {
	end := i
	for r := range runes(n.s[i:]) {
		if !unicode.IsLetter(r) && r != 'º' && r != 'ª' {
			break
		}
		end += utf8.RuneLen(r)
	}
	switch w := n.s[i:end]; {
	case w == "st", w == "nd", w == "rd", w == "th", w == "er", w == "º", w == "ª", n.words[w].kind&numberTight != 0:
		return end
	}
	return i
}

// runes yields the valid characters at the start of s, some dozens at most.
func runes(s string) func(func(rune) bool) {
	return func(yield func(rune) bool) {
		for i, r := range s {
			if i > longest || r == utf8.RuneError || !yield(r) {
				return
			}
		}
	}
}

// tail returns where the scales and the unit end that stand behind i, or i.
// Some units count only behind a scale.
func (n *numbers) tail(i int, scaled bool) int {
	for range 2 {
		end := n.find(gap(n.s, i), numberScale)
		if end == 0 {
			break
		}
		i, scaled = end, true
	}
	at, kinds := gap(n.s, i), numberUnit|numberCode
	if r, size := utf8.DecodeRuneInString(n.s[at:]); strings.ContainsRune("%€£¥$₹", r) {
		if digitAt(n.s, at+size, len(n.s)) {
			return i
		}
		return at + size
	}
	if scaled {
		kinds |= numberScaled
		if end := n.find(at, numberLink); end > 0 {
			at = gap(n.s, end)
		} else if strings.HasPrefix(n.s[at:], "d'") || strings.HasPrefix(n.s[at:], "d’") {
			_, size := utf8.DecodeRuneInString(n.s[at+1:])
			at += 1 + size
		}
	}
	if end := n.find(at, kinds); end > 0 {
		return end
	}
	return i
}

// gap returns the byte behind the blank or hyphen at i, or i.
func gap(s string, i int) int {
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == ' ' || r == '-' || r == 0xA0 || r == 0x202F {
		return i + n
	}
	return i
}

// find returns the end of the longest entry of one of the kinds at byte i, or 0.
func (n *numbers) find(i int, kinds numberKind) int {
	key, end := n.token(i)
	best := 0
	for more := n.lookup(key).more; key != ""; more-- {
		if strings.HasPrefix(n.s[end:], ".") && n.lookup(key+".").kind&kinds != 0 {
			best = end + 1
		} else if n.lookup(key).kind&kinds != 0 {
			best = end
		}
		next, to := n.token(gap(n.s, end))
		if more <= 0 || next == "" {
			break
		}
		key, end = key+" "+next, to
	}
	return best
}

// token returns the word at byte i, marks of units included, and its end.
func (n *numbers) token(i int) (string, int) {
	end := i
	for end < len(n.s) && end-i < longest {
		r, size := utf8.DecodeRuneInString(n.s[end:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune("/²³°'’", r) {
			break
		}
		end += size
	}
	w := strings.TrimRight(n.s[i:end], "/'’")
	return strings.ReplaceAll(w, "’", "'"), i + len(w)
}

// lookup returns what is known of a word or phrase.
func (n *numbers) lookup(key string) numberWord {
	w, ok := n.words[key]
	if !ok && len(key) > 2 {
		w = n.words[lower(key)]
	}
	return w
}

// word takes the number in words at byte i, where there is one, and returns
// where it, or else the word, ends.
func (n *numbers) word(i int) int {
	w := wordAt(n.s[i:min(len(n.s), i+longest)])
	next := i + max(1, len(w))
	if digit := strings.IndexAny(w, "0123456789"); digit > 0 && n.words[w[:digit]].kind&numberCode != 0 {
		return i + digit
	}
	const some = numberSpelled | numberArticle
	if known := n.lookup(w); len(w) > len("cinquenta") || known.kind&some == 0 && known.more == 0 {
		return next
	}
	end, article := i, false
	for range 4 {
		to := n.find(gap(n.s, end), some)
		if end == i {
			to = n.find(i, some)
			article = n.find(i, numberArticle) > 0
		}
		if to == 0 {
			break
		}
		end = to
	}
	if end == i {
		return next
	}
	scale := n.find(gap(n.s, end), numberScale)
	to := n.tail(end, false)
	if to == end || scale == 0 && (article || to-end < len(" feet")) {
		return next
	}
	n.out = append(n.out, Span{i, to})
	return to
}

// currencyBefore returns where the currency before the figure at i starts, not
// before the end of the last number, or i.
func (n *numbers) currencyBefore(i int) int {
	floor := 0
	if len(n.out) > 0 {
		floor = n.out[len(n.out)-1].End
	}
	at := i
	before, size := utf8.DecodeLastRuneInString(n.s[floor:at])
	if before == ' ' || before == 0xA0 || before == 0x202F {
		at -= size
	}
	if r, size := utf8.DecodeLastRuneInString(n.s[floor:at]); strings.ContainsRune("$€£¥₹₽₩₺₪₴", r) && r != utf8.RuneError {
		at -= size
		for _, dollar := range []string{"US", "HK", "NZ", "A", "C", "R", "S"} {
			if r == '$' && strings.HasSuffix(n.s[floor:at], dollar) {
				return at - len(dollar)
			}
		}
		return at
	}
	from := at
	for from > floor && at-from < 4 && (isLetter(n.s[from-1]|0x20) || n.s[from-1] == '.') {
		from--
	}
	if n.words[n.s[from:at]].kind&numberCode != 0 {
		return from
	}
	return i
}
