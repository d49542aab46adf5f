package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean makes safe text of hostile text: valid UTF-8 in NFC without control,
// direction, zero-width, tag and private characters, at most two combining
// marks on a letter (four in scripts that stack), blanks collapsed to one.
// Empty lines part paragraphs and become "\n\n"; a single line break becomes a
// blank, or nothing between Chinese and Japanese characters. Joiners stay
// inside emoji and where Indic and Arabic scripts spell with them.
// Clean(Clean(s)) equals Clean(s).
func Clean(s string) string {
	if plain(s) {
		return s
	}
	out := scrub(s)
	if !strings.ContainsAny(out, "\u200c\u200d") || scrub(out) == out {
		return out
	}
	// Normalisation has moved a mark beside a joiner that no spelling has.
	return scrub(strings.NewReplacer("\u200c", "", "\u200d", "").Replace(out))
}

// scrub is one pass of Clean.
func scrub(s string) string {
	f := filter{in: strings.ToValidUTF8(s, "\uFFFD")}
	f.out.Grow(len(f.in))
	for at := 0; at < len(f.in); {
		r, n := utf8.DecodeRuneInString(f.in[at:])
		at += n
		f.add(r, at)
	}
	return thin(norm.NFC.String(f.out.String()))
}

// plain reports whether s is printable ASCII with single blanks only, for
// which Clean has nothing to do.
func plain(s string) bool {
	last := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return len(s) == 0 || last != ' '
}

// filter collects the characters of a text that may stay.
type filter struct {
	in     string
	out    strings.Builder
	last   rune // last character written, 0 at the start
	blanks int  // blanks since then
	lines  int  // line breaks since then
	marks  int  // combining marks since the last base
	cr     bool // the last character read was a carriage return
}

// beforeNFC is how many marks a base may bring into normalisation; norm breaks
// sequences of more than 30 up with a joiner of its own.
const beforeNFC = 8

// add takes r, which ends at byte at of the input.
func (f *filter) add(r rune, at int) {
	cr := f.cr
	f.cr = r == '\r'
	switch {
	case r == '\n' && cr:
	case r == '\n', r == '\r', r == '\v', r == '\f', r == 0x85, r == 0x2028:
		f.lines++
	case r == 0x2029:
		f.lines += 2
	case unicode.IsSpace(r), blankLetter(r):
		f.blanks++
	case r == zwj, r == zwnj:
		f.join(r, at)
	case r == 0xFE0E, r == 0xFE0F:
		if f.blanks+f.lines == 0 && takesVariation(f.last) {
			f.write(r)
		}
	case !visible(r):
	case unicode.Is(unicode.M, r):
		if f.marks++; f.last != 0 && f.blanks+f.lines == 0 && f.marks <= beforeNFC {
			f.write(r)
		}
	default:
		f.space(r)
		f.marks = 0
		f.write(r)
	}
}

func (f *filter) write(r rune) {
	f.out.WriteRune(r)
	f.last = r
}

// space writes the white space that was read before r.
func (f *filter) space(r rune) {
	switch {
	case f.last == 0 || f.blanks+f.lines == 0:
	case f.lines >= 2:
		f.out.WriteString("\n\n")
	case f.lines == 1 && ideographic(f.last) && ideographic(r):
	default:
		f.out.WriteByte(' ')
	}
	f.blanks, f.lines = 0, 0
}

const (
	zwnj = 0x200C
	zwj  = 0x200D
)

// join keeps a joiner where spelling needs it: between emoji, inside words of
// scripts that use it, and ZWJ after a virama.
func (f *filter) join(r rune, at int) {
	if f.blanks+f.lines > 0 || f.last == 0 {
		return
	}
	next, _ := utf8.DecodeRuneInString(f.in[at:])
	inEmoji := r == zwj && pictograph(next) &&
		(pictograph(f.last) || f.last == 0xFE0F || f.last >= 0x1F3FB && f.last <= 0x1F3FF)
	inWord := spellsWithJoiners(f.last) && spellsWithJoiners(next)
	if inEmoji || inWord {
		f.write(r)
	}
}

func spellsWithJoiners(r rune) bool {
	return r >= 0x600 && unicode.IsOneOf(joining, r) && unicode.In(r, unicode.L, unicode.M)
}

var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari, unicode.Bengali,
	unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
	unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar,
}

// pictograph reports whether r can be part of an emoji sequence.
func pictograph(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2190 && r <= 0x2BFF && unicode.Is(unicode.S, r)
}

// takesVariation reports whether an emoji or text style selector may follow r.
func takesVariation(r rune) bool {
	return pictograph(r) || r >= '0' && r <= '9' || r == '#' || r == '*' || r == '©' || r == '®' || r == '™' || r == '‼' || r == '⁉' || r == '〰' || r == '〽' || r == '㊗' || r == '㊙'
}

// blankLetter reports letters and symbols that look like a blank.
func blankLetter(r rune) bool {
	return r == 0x115F || r == 0x1160 || r == 0x2800 || r == 0x3164 || r == 0xFFA0
}

func ideographic(r rune) bool {
	return r >= 0x2E80 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFF0F)
}

// visible reports whether r shows something: no control, format, surrogate,
// private or non-character, no variation selector, no invisible mark.
func visible(r rune) bool {
	switch {
	case r < 0x7F:
		return r >= ' '
	case r == 0x34F, r == 0x17B4, r == 0x17B5, r >= 0x180B && r <= 0x180F,
		r >= 0xFE00 && r <= 0xFE0F, r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE,
		r >= 0xFFF0 && r <= 0xFFF8, r >= 0xE0000 && r <= 0xE0FFF, r == 0x2065:
		return false
	}
	return !unicode.Is(unicode.C, r)
}

// thin drops the combining marks of normalised text beyond the limit. What is
// dropped comes last on its base, so that the rest stays normalised.
func thin(s string) string {
	marks, over := 0, false
	for _, r := range s {
		if marks = countMark(marks, r); marks > markLimit(r) {
			over = true
			break
		}
	}
	if !over {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	marks = 0
	for _, r := range s {
		if marks = countMark(marks, r); marks <= markLimit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func countMark(marks int, r rune) int {
	switch {
	case r < 0x300:
		return 0
	case r == 0xFE0E, r == 0xFE0F:
		return marks
	case unicode.Is(unicode.M, r):
		return marks + 1
	}
	return 0
}

// markLimit returns how many marks there may be on a base up to r.
func markLimit(r rune) int {
	if r >= 0xF00 && unicode.In(r, unicode.Tibetan, unicode.Myanmar, unicode.Khmer, unicode.Balinese, unicode.Javanese, unicode.Tai_Tham) {
		return 4
	}
	return 2
}

// Line returns s as one clean line of at most max runes. A longer one is cut
// at a word border and ends in "…".
func Line(s string, max int) string {
	s = strings.ReplaceAll(Clean(s), "\n\n", " ")
	if max <= 0 {
		return ""
	}
	if len(s) <= max || utf8.RuneCountInString(s) <= max {
		return s
	}
	cut, border, n, prev := 0, 0, 0, rune(0)
	for i, r := range s {
		if n == max-1 {
			if cut = i; r == ' ' {
				border = i
			} else if unicode.Is(unicode.M, r) || r == zwj || r == zwnj || prev == zwj || r >= 0x1F3FB && r <= 0x1F3FF {
				cut = wholeBefore(s, i)
			}
			break
		}
		if r == ' ' {
			border = i
		}
		prev = r
		n++
	}
	if border > cut/2 {
		cut = border
	}
	return strings.TrimRightFunc(s[:cut], func(r rune) bool {
		return r == zwj || r == zwnj || strings.ContainsRune(" ,;:–—-(«“„\"'‘[/", r)
	}) + "…"
}

// wholeBefore returns where the character starts whose marks stand at byte at.
func wholeBefore(s string, at int) int {
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		if !unicode.Is(unicode.M, r) && r != zwj && r != zwnj && before != zwj && before != zwnj {
			break
		}
	}
	return at
}
