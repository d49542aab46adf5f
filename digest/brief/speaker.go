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
	return f.before(i, m, fields(head))
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

// fields returns the words of s with their commas, without leading dashes.
func fields(s string) []string {
	out := strings.Fields(s)
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
		if who, found := strings.CutPrefix(word, "dit-"); found && k == 0 && pronouns[who] {
			return f.pronoun(i, m, who, "dit")
		}
		if helpers[word] && k == 0 || !verbs[word] && word != "so" || word == "so" && (k > 0 || f.a.Language != "de") {
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
	if p := strings.ToLower(strings.Trim(w[0], ",.")); pronouns[p] {
		return f.pronoun(i, m, p, strings.TrimSpace(verb+" "+circumstances(w[1:], told(verb))))
	}
	end := nameEnd(w)
	name, role, ok := f.name(w[:end])
	if !ok {
		return saying{}, false
	}
	rest := w[end:]
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
		r, _ := utf8.DecodeRuneInString(word)
		bare := strings.Trim(word, ",.:;")
		switch {
		case unicode.IsUpper(r):
			capital = end + 1
		case capital > 0 && end+1 < len(w) && !strings.HasSuffix(word, ",") && described(w[end:]):
		case particles[bare] && capital > 0 && end+1 < len(w) && upper(w[end+1]):
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

// subject reads the words before the verb.
func (f *finder) subject(i int, m quotation, w []string, context string, behind bool) (saying, bool) {
	for len(w) > 0 && helpers[strings.ToLower(w[len(w)-1])] {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return saying{}, false
	}
	if p := strings.ToLower(w[len(w)-1]); pronouns[p] {
		if behind && len(w) > 1 {
			return saying{}, false
		}
		return f.pronoun(i, m, p, context)
	}
	role := ""
	if strings.HasSuffix(w[len(w)-1], ",") { // Ana Reyes, the port director, said
		k := slices.IndexFunc(w, func(x string) bool { return strings.HasSuffix(x, ",") })
		if k == len(w)-1 || len(w)-k > 16 {
			return saying{}, false
		}
		if _, _, ok := f.name(phrase(w[:k+1])); !ok { // In a statement, Ana Reyes, the director, said
			for k = len(w) - 2; k >= 0 && !strings.HasSuffix(w[k], ","); k-- {
			}
			if name, _, ok := f.name(phrase(w[:k+1])); !ok || !strings.Contains(name, " ") {
				return saying{}, false
			}
		}
		role, _ = apposition(w[k+1:])
		w = w[:k+1]
	}
	w = phrase(w)
	name, own, ok := f.name(w)
	if !ok {
		return saying{}, false
	}
	if own != "" {
		role = own
	}
	return f.saying(name, role, context, behind), true
}

// phrase returns the last noun phrase of w: what stands behind the last comma
// or conjunction.
func phrase(w []string) []string {
	for k := len(w) - 2; k >= 0; k-- {
		if strings.ContainsAny(w[k][len(w[k])-1:], ",;:—") || conjunctions[strings.ToLower(w[k])] {
			return w[k+1:]
		}
	}
	return w
}

// saying makes a saying; a surname alone is completed from the rest of the
// article, when it can mean one person only.
func (f *finder) saying(name, role, context string, behind bool) saying {
	if full, ok := f.people.full(name); ok {
		name = full.name
		if role == "" {
			role = full.role
		}
	}
	return saying{speaker: name, role: role, context: telling(context), behind: behind}
}

// pronoun resolves he and she to the one person named in the same paragraph
// before the quotation or in the paragraph before. Whoever is spoken to or of
// there is not meant, but may not be told from the one who is; those of the
// other gender are out.
func (f *finder) pronoun(i int, m quotation, word, context string) (saying, bool) {
	want := unknown
	switch {
	case feminine[word]:
		want = female
	case masculine[word]:
		want = male
	default:
		return saying{}, false
	}
	p := f.paragraphs[i]
	from := p.Start
	if i > 0 {
		from = f.paragraphs[i-1].Start
	}
	before := mentions(f.a.Text[from:m.open], true)
	rest := f.a.Text[m.close+width(f.a.Text, m.close) : p.End]
	if cut := firstStop(rest); cut >= 0 {
		rest = rest[cut:]
	} else {
		rest = ""
	}
	var one mention
	for k, x := range append(before, mentions(rest, true)...) {
		if x.words() == 1 {
			if full, ok := f.people.full(x.name); ok {
				x.name = full.name
			}
		}
		g := f.people.genders[x.last()]
		if g != unknown && g != want || strings.ToUpper(x.name) == x.name {
			continue
		}
		if !f.people.person(x) {
			if x.opens && x.words() == 1 && !f.people.common(x.name) {
				return saying{}, false // may be somebody
			}
			continue
		}
		if one.name != "" && one.last() != x.last() || one.name == "" && k >= len(before) {
			return saying{}, false
		}
		if len(x.name) > len(one.name) {
			one.name = x.name
		}
		if one.role == "" {
			one.role = x.role
		}
		one.speaks = one.speaks || !x.object // acts, in one place at least
	}
	if one.name == "" || !one.speaks || !one.known() && !f.people.single[one.last()] || f.people.siblings(one.last(), want) {
		return saying{}, false
	}
	return f.saying(one.name, one.role, context, false), true
}
