package brief

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
)

// saying is who said a quotation, and how.
type saying struct {
	speaker, role, context string
	behind                 bool // named behind the quotation: “…,” said Reyes
}

// attribute finds who said quotation m of paragraph number i, from what
// stands before and behind it in its sentence.
func (f *finder) attribute(i int, m quotation, head, tail string) (saying, bool) {
	last, _ := utf8.DecodeLastRuneInString(f.a.Text[m.start:m.end])
	if s, ok := f.leading(i, m, fields(head)); ok {
		return s, true
	}
	open := strings.ContainsRune(",!?-–—", last) || strings.HasPrefix(strings.TrimLeft(tail, " "), ",") || startsWithVerb(tail)
	if open {
		if s, ok := f.behind(i, m, fields(tail)); ok {
			return s, true
		}
	}
	if open && disowned(tail) {
		return saying{}, false
	}
	if s, ok := f.before(i, m, fields(head)); ok {
		return s, true
	}
	return f.inside(i, m)
}

// leading reads what ends in a reporting verb right before the quotation:
// Reyes asked, “…?”
func (f *finder) leading(i int, m quotation, w []string) (saying, bool) {
	if len(w) < 2 || !verbs[strings.ToLower(strings.Trim(w[len(w)-1], ",:"))] {
		return saying{}, false
	}
	return f.before(i, m, w)
}

// startsWithVerb says whether s begins with a reporting verb: “…” said Reyes.
func startsWithVerb(s string) bool {
	w := fields(s)
	return len(w) > 0 && (verbs[w[0]] || w[0] == "so")
}

// split returns the words of s; a dash parts them, and a comma between letters.
func split(s string) []string {
	out := strings.Fields(strings.ReplaceAll(s, "—", " — "))
	for k := 0; k < len(out); k++ {
		if head, tail, ok := strings.Cut(out[k], ","); ok && len(head) > 1 && len(tail) > 1 && unicode.IsLetter(rune(head[0])) && unicode.IsLetter(rune(tail[0])) {
			out = slices.Replace(out, k, k+1, head+",", tail) // Esseks,director
		}
	}
	return out
}

// fields returns the words of s with their commas, without leading dashes.
func fields(s string) []string {
	out := split(s)
	for len(out) > 0 && strings.Trim(out[0], ",-–—. ") == "" {
		out = out[1:]
	}
	return out
}

// behind reads “…,” said Reyes and “…,” Reyes said.
func (f *finder) behind(i int, m quotation, w []string) (saying, bool) {
	for k := range min(len(w), 22) {
		word := strings.ToLower(strings.Trim(w[k], ",.:;!?"))
		if word == "according" && k == 0 && len(w) > 2 && w[1] == "to" {
			return f.inverted(i, m, w[2:], "")
		}
		if k == 0 && sources[word] && len(w) > 1 {
			return f.inverted(i, m, w[1:], "")
		}
		if who, ok := clitic(word); ok && k == 0 {
			return f.pronoun(i, m, who, "", true)
		}
		if helpers[word] && k == 0 || !verbs[word] && word != "so" || word == "so" && (k > 0 || f.a.Language != "de") {
			if word == "and" && k > 0 && k+1 < len(w) && nameWord(w[k-1]) && nameWord(w[k+1]) {
				continue // Marc and Debra Tice
			}
			if conjunctions[word] && k > 0 && !strings.HasSuffix(w[k-1], ",") || k == 0 && conjunctions[word] {
				return saying{}, false
			}
			continue
		}
		verb := strings.ToLower(strings.Trim(strings.Join(verbFrom(w, k), " "), ",.:;"))
		if k == 0 || k == 1 && helpers[strings.ToLower(w[0])] {
			return f.inverted(i, m, w[k+1:], verb)
		}
		context := verb + " " + circumstances(w[k+1:], told(verb))
		return f.subject(i, m, w[:k], strings.TrimSpace(context), true)
	}
	return saying{}, false
}

// pronounced says whether a word is a pronoun; in Italian "il" is an article.
func (f *finder) pronounced(w string) bool {
	return pronouns[w] && !(w == "il" && strings.HasPrefix(f.a.Language, "it"))
}

// clitic returns the pronoun that French hangs on a verb: "dit-elle", "a-t-il".
func clitic(word string) (string, bool) {
	k := strings.LastIndexByte(word, '-')
	if k < 0 {
		return "", false
	}
	verb := strings.TrimSuffix(word[:k], "-t")
	return word[k+1:], (word[k+1:] == "il" || word[k+1:] == "elle") && (verbs[verb] || verb == "a")
}

// told says whether a verb takes the one who listens as its object.
func told(verb string) bool { return verb == "told" || verb == "tells" || verb == "asked" }

// verbFrom returns the verb at w[k] with its helper: "a déclaré".
func verbFrom(w []string, k int) []string {
	if k > 0 && (w[k-1] == "a" || w[k-1] == "ha") {
		return w[k-1 : k+1]
	}
	return w[k : k+1]
}

// inverted reads what follows the verb in “…,” said Ana Reyes, the director.
func (f *finder) inverted(i int, m quotation, w []string, verb string) (saying, bool) {
	if len(w) == 0 {
		return saying{}, false
	}
	if p := strings.ToLower(strings.Trim(w[0], ",.")); f.pronounced(p) {
		if p == "sie" && strings.HasSuffix(verb, "en") {
			return saying{}, false // sagten sie
		}
		return f.pronoun(i, m, p, strings.TrimSpace(verb+" "+circumstances(w[1:], told(verb))), true)
	}
	end := nameEnd(w)
	name, role, ok := f.name(w[:end])
	if !ok && end < len(w) && strings.HasSuffix(w[end-1], ",") { // said the director, Ana Reyes
		next := end + nameEnd(w[end:])
		if name, role, ok = f.name(w[end:next]); ok && strings.Contains(name, " ") && articles[strings.ToLower(w[0])] && role == "" {
			role, _ = apposition(w[:end])
			end = next
		} else {
			ok = false
		}
	}
	if !ok {
		return f.office(w[:end], verb, true)
	}
	rest := w[end:]
	if verb == "" && len(rest) > 0 && !broken(w[end-1]) && !prepositions[rest[0]] && !conjunctions[rest[0]] && !relatives[rest[0]] {
		return saying{}, false // according to North Korean state media
	}
	if strings.HasSuffix(w[end-1], ",") {
		if r, n := apposition(rest); n > 0 {
			if !strings.HasSuffix(rest[n-1], ",") {
				n = len(rest) // the description has no end
			}
			rest = rest[n:]
			if role == "" {
				role = r
			}
		}
	}
	where := ""
	if !strings.HasPrefix(strings.Join(rest, " "), "of ") {
		where = circumstances(rest, false)
	}
	return f.saying(name, role, strings.TrimSpace(verb+" "+where), true), true
}

// nameEnd returns how many words belong to the noun phrase with a name that
// opens w: everything up to the last capital before a comma or a small word
// behind the name.
func nameEnd(w []string) int {
	end, capital := 0, 0
	for end < len(w) && end < 14 {
		word := w[end]
		if l := strings.ToLower(word); capital == 0 && (conjunctions[l] || verbs[l] || prepositions[l] && l != "of") {
			return max(1, end) // the archbishop as he met Reyes
		}
		bare := strings.Trim(word, ",.:;")
		switch {
		case nameWord(word):
			capital = end + 1
		case capital > 0 && end+1 < len(w) && !strings.HasSuffix(word, ",") && described(w[end:]):
		case capital > 0 && joins(w, end):
		case bare == "of" && capital > 0 && title(strings.ToLower(w[end-1])):
		case capital > 0 && !title(bare) && !followed(w[end:]):
			return capital
		}
		end++
		if strings.ContainsAny(word[len(word)-1:], ",;:") || strings.HasSuffix(word, "—") {
			break
		}
	}
	if capital == 0 {
		return max(1, end)
	}
	return capital
}

// described says whether w goes on with a small word or two and the name that
// the capitals before were the description of: "Expo organizer Zhu Yuetao",
// "Hiring Lab director of research Nick Bunker".
func described(w []string) bool {
	for k, word := range w[:min(4, len(w))] {
		if upper(word) {
			l := strings.ToLower(bare(word))
			return k > 0 && k+1 < len(w) && upper(w[k+1]) && !groups[l] && !broken(word)
		}
		if l := strings.ToLower(word); broken(word) || verbs[l] || conjunctions[l] || articles[l] || prepositions[l] && (l != "of" || !title(strings.ToLower(w[max(0, k-1)]))) || strings.HasSuffix(l, "ed") || times[l] {
			return false
		}
	}
	return false
}

// times are words of time that a name may be followed by.
var times = set("last this next earlier later late early today yesterday")

// followed says whether a title with a name stands within the next words, as
// in "Ascot chief executive Charles Barnett".
func followed(w []string) bool {
	for k, word := range w[:min(3, len(w))] {
		if prepositions[word] || strings.HasSuffix(word, ",") || upper(word) {
			return false
		}
		if title(strings.ToLower(word)) && k+1 < len(w) && upper(w[k+1]) {
			return true
		}
	}
	return false
}

// upper says whether a word begins with a capital.
func upper(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r)
}

// before reads Reyes told reporters: “…”.
func (f *finder) before(i int, m quotation, w []string) (saying, bool) {
	if len(w) == 0 {
		return saying{}, false
	}
	for k := max(0, len(w)-14); k < len(w)-2; k++ {
		if strings.EqualFold(w[k], "according") && w[k+1] == "to" {
			return f.inverted(i, m, w[k+2:], "")
		}
	}
	last := w[len(w)-1]
	colon, comma := strings.HasSuffix(last, ":"), strings.HasSuffix(last, ",")
	for k := len(w) - 1; k >= 0 && k > len(w)-18; k-- {
		word := strings.ToLower(strings.Trim(w[k], ",.:;"))
		rest := w[k+1:]
		if !verbs[word] && !gerunds[word] || !near(word, rest, colon, comma) {
			continue
		}
		context := clean(strings.Join(w[k:], " "))
		if gerunds[word] {
			if k == 0 || !strings.HasSuffix(w[k-1], ",") {
				return saying{}, false
			}
			return f.only(w[:k], context)
		}
		verb := strings.Join(verbFrom(w, k), " ")
		subject := w[:k+1-len(strings.Fields(verb))]
		if s, ok := f.subject(i, m, subject, clean(strings.Join(append([]string{verb}, rest...), " ")), false); ok {
			return s, true
		}
	}
	if colon && sectionAt(f.a.Marks, f.paragraphs[i]) == digest.People {
		return f.label(w)
	}
	return saying{}, false
}

// near says whether the words between a reporting verb and the quotation keep
// them together.
func near(verb string, rest []string, colon, comma bool) bool {
	switch {
	case len(rest) == 0 || len(rest) == 1 && (rest[0] == "that" || rest[0] == "dass" || rest[0] == "que"):
		return true
	case colon:
		return true
	case strings.HasSuffix(rest[len(rest)-1], "'s") || strings.HasSuffix(rest[len(rest)-1], "’s"):
		return false // told CNN's “The Lead with Jake Tapper”
	case verb == "told" && len(rest) <= 4 && rest[len(rest)-1] != "to":
		return !has(rest, verbs)
	case comma:
		return len(rest) <= 9 && prepositions[rest[0]] && !has(rest, verbs)
	}
	return false
}

// has says whether one of the words is in the set.
func has(w []string, set map[string]bool) bool {
	for _, x := range w {
		if set[strings.ToLower(strings.Trim(x, ",.:;"))] {
			return true
		}
	}
	return false
}

// label reads a line of the kind of "Ana Reyes, port director, on X: “…”".
func (f *finder) label(w []string) (saying, bool) {
	end := nameEnd(w)
	name, role, ok := f.name(w[:end])
	if !ok {
		return saying{}, false
	}
	rest := w[end:]
	if r, n := apposition(rest); n > 0 && role == "" && !prepositions[rest[0]] {
		role, rest = r, rest[n:]
	}
	return f.saying(name, role, clean(strings.Join(rest, " ")), false), true
}

// only returns the one person whom the words name, for "Reyes backed the plan,
// stating in August: “…”".
func (f *finder) only(w []string, context string) (saying, bool) {
	found := mentions(strings.Join(w, " "), true)
	keys := make(map[string]mention)
	for _, x := range found {
		if f.people.person(x) {
			keys[x.last()] = x
		}
	}
	if len(keys) != 1 {
		return saying{}, false
	}
	for _, x := range found {
		if f.people.person(x) {
			return f.saying(x.name, x.role, context, false), true
		}
	}
	return saying{}, false
}
