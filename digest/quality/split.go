package quality

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Split cuts a text into sentences by the few plain rules that the figures of
// the published summaries rest on. It is here for references and summaries
// that are given as one text; articles are read by text.Sentences.
func Split(s string) []string {
	var out []string
	for _, p := range strings.Split(s, "\n") {
		if p = unglue(strings.Join(strings.FieldsFunc(p, blank), " ")); p != "" {
			out = splitParagraph(out, p)
		}
	}
	return out
}

// blank reports white space, the four separators of ASCII included.
func blank(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

var (
	gluedEnd   = regexp.MustCompile(`[a-z0-9)][.!?]["”’]?`)
	gluedStart = regexp.MustCompile(`^["“]?[A-Z][a-z]`)
	endMarks   = regexp.MustCompile(`([.!?]+)(["'”’)\]]*)(?: |$)`)
)

// unglue puts the blank that is missing into "lakes.Another".
func unglue(s string) string {
	var b strings.Builder
	for {
		m := gluedEnd.FindStringIndex(s)
		if m == nil {
			break
		}
		end := m[0] + 2
		switch {
		case gluedStart.MatchString(s[m[1]:]):
			end = m[1]
			b.WriteString(s[:end] + " ")
		case gluedStart.MatchString(s[end:]):
			b.WriteString(s[:end] + " ")
		default:
			end = m[0] + 1
			b.WriteString(s[:end])
		}
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

func splitParagraph(out []string, p string) []string {
	start := 0
	add := func(s string) {
		if s = strings.TrimSpace(s); strings.ContainsFunc(s, func(r rune) bool { return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }) {
			out = append(out, s)
		}
	}
	for _, m := range endMarks.FindAllStringSubmatchIndex(p, -1) {
		if m[1] == len(p) {
			continue
		}
		next, _ := utf8.DecodeRuneInString(p[m[1]:])
		if p[m[2]:m[3]] == "." && (abbreviated(p[start:m[0]], next) || lowerCase(next)) {
			continue
		}
		add(p[start:m[5]])
		start = m[1]
	}
	add(p[start:])
	return out
}

// abbreviated reports whether the text before a full stop ends in an
// abbreviation or initial behind which, before next, no sentence ends.
func abbreviated(before string, next rune) bool {
	w := before[strings.LastIndexByte(before, ' ')+1:]
	w = strings.Trim(strings.ToLower(strings.ReplaceAll(w, "İ", "i̇")), "(\"'“‘[")
	r, n := utf8.DecodeRuneInString(w)
	initial := n == len(w) && unicode.IsLetter(r) && w != "i"
	if !initial && !strings.Contains(shortened, " "+w+" ") {
		return false
	}
	closes := strings.Contains(" a.m p.m etc inc co ltd corp u.s u.k ", " "+w+" ")
	return !closes || !unicode.IsUpper(next) && !unicode.Is(unicode.Other_Uppercase, next) || len(strings.FieldsFunc(before, blank)) <= 6
}

func lowerCase(r rune) bool { return unicode.IsLower(r) || unicode.Is(unicode.Other_Lowercase, r) }

const shortened = " mr mrs ms dr prof sen rep gov gen col lt sgt capt maj cmdr adm rev hon st mt ft jr sr vs etc inc ltd co corp no nos vol p pp fig " +
	"jan feb mar apr jun jul aug sept sep oct nov dec mon tue wed thu fri sat sun u.s u.k u.n e.g i.e a.m p.m d.c al approx dept est ave blvd rd ph.d u.s.a "
