package brief

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest/text"
)

// The word lists below are read only.
var (
	conjunctions = set("and but or as when while after before because that which who whom if although though since where until und aber als während et mais quand pero")
	prepositions = set("in on at to during after before from by with via over through of for about amid outside inside near against in: on: at: within im am auf bei nach vor à dans sur lors en sobre")
)

// mention is a place where a text names somebody.
type mention struct {
	name, role string
	address    string // Mr., Ms.
	speaks     bool   // a reporting verb stands beside the name
	described  string // what an apposition behind the name says: "Reyes, the port director,"
	human      bool   // an age or "who" stands behind it
	titled     bool   // a title stands before it
	opens      bool   // stands first in its sentence
	thing      bool   // a word before it says that it is a place or a thing: "in Hama", "the Silver Star"
	pronoun    gender // of a pronoun that takes it up: "Reyes said she"
	object     bool   // somebody spoken to or of, not one who acts: "told Reyes", "Reyes's house"
}

// last returns the surname, by which mentions of one person are told together.
func (m mention) last() string {
	return m.name[strings.LastIndexByte(m.name, ' ')+1:]
}

// words returns how many words the name has.
func (m mention) words() int { return strings.Count(m.name, " ") + 1 }

// mentions returns the names in s: runs of capitalised words that no word of
// an organisation, place or time is part of. Words at the start of a sentence
// begin a run only when more of it follows, or when all is set.
func mentions(s string, all bool) []mention {
	w := split(s)
	var out []mention
	for i := 0; i < len(w); {
		if !nameWord(w[i]) {
			i++
			continue
		}
		j := i
		for j < len(w) && (nameWord(w[j]) || j > i && j+1 < len(w) && joins(w, j)) {
			j++
			if broken(w[j-1]) {
				break
			}
		}
		first := i == 0 || strings.ContainsAny(w[i-1][len(w[i-1])-1:], ".!?\"”:")
		if first && j > i+1 && (ordinary(bare(w[i])) || text.Common(bare(w[i])) && !given(w[i]) && !slices.ContainsFunc(w[i:j], titled)) && !either[strings.ToLower(w[i])] && w[i] != "Will" {
			i++ // But Reyes
			first = false
		}
		name, role, ok := assemble(w[max(0, i-6):i], w[i:j])
		m := mention{name: name, role: role, address: address(w[i:j]), object: object(w[max(0, i-6):i], w[j-1])}
		m.opens = first
		m.thing = i > 0 && within[strings.ToLower(w[i-1])]
		m.human = human(w[j-1], w[j:]) || i > 0 && relations[strings.TrimRight(w[i-1], ",")]
		m.speaks = m.human
		m.pronoun = takenUp(w[j:])
		if m.words() > 1 && strings.HasSuffix(w[j-1], ",") {
			m.described = description(w[j:])
		}
		m.titled = role != "" || m.address != "" || slices.ContainsFunc(w[i:j], titled)
		m.speaks = m.speaks || j < len(w) && !broken(w[j-1]) && verbs[strings.Trim(w[j], ",.:")] || i > 0 && verbs[strings.Trim(w[i-1], ",.")] && !broken(w[i-1])
		if ok && (!first || all || m.words() > 1 || m.speaks || m.titled) && !(first && m.words() == 1 && ordinary(name)) {
			out = append(out, m)
		}
		i = j
	}
	return out
}

// titled says whether a word of a name is a title.
func titled(w string) bool { return title(strings.ToLower(bare(w))) }

// given says whether a word is a given name.
func given(w string) bool { return mention{name: bare(w)}.known() }

// human says whether what follows a name tells that it is a person's: an age,
// or "who".
func human(last string, w []string) bool {
	if len(w) == 0 {
		return false
	}
	age := strings.TrimRight(w[0], ",")
	return w[0] == "who" || w[0] == "whose" || strings.HasSuffix(last, ",") && age != w[0] && len(age) == 2 && strings.Trim(age, "0123456789") == ""
}

// takenUp returns the gender of the pronoun that takes up who is named before
// w: "Reyes says she".
func takenUp(w []string) gender {
	if len(w) < 3 || !verbs[w[0]] {
		return unknown
	}
	next := w[1]
	if next == "that" {
		next = w[2]
	}
	switch next {
	case "she":
		return female
	case "he":
		return male
	}
	return unknown
}

// address returns the "Mr." or "Ms." within the words of a name.
func address(run []string) string {
	for _, w := range run {
		if l := strings.ToLower(bare(w)); courtesies[l] {
			return l
		}
	}
	return ""
}

// object says whether the words before a name, or the genitive it ends in,
// make it somebody who is spoken to or of.
func object(before []string, last string) bool {
	if strings.HasSuffix(last, "'s") || strings.HasSuffix(last, "’s") || strings.HasSuffix(last, "s'") || strings.HasSuffix(last, "s’") {
		return true
	}
	for k := len(before) - 1; k >= 0; k-- {
		w := strings.ToLower(before[k])
		if hearers[w] {
			return true
		}
		if strings.ContainsAny(w[len(w)-1:], ",.;:!?\"”") || conjunctions[w] || prepositions[w] && w != "of" || verbs[w] {
			return false
		}
	}
	return false
}

// ordinary says whether a single capitalised word at the start of a sentence
// is one that opens sentences.
func ordinary(word string) bool {
	w := strings.ToLower(word)
	return text.Stop(w, "en") || conjunctions[w] || prepositions[w] || pronouns[w] || crowds[w] || (strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "ly")) && !given(word)
}

// crowds are words for speakers without a name.
var crowds = set("police officials authorities prosecutors witnesses critics supporters experts doctors residents lawyers attorneys investigators analysts scientists researchers republicans democrats lawmakers activists others another someone everyone nobody people many some most both all officers detectives neighbors neighbours fans families parents")

// nameWord says whether w can be part of a name.
func nameWord(w string) bool {
	bare := strings.TrimLeft(w, "\"“„«‘'")
	if len(bare) > 4 && (bare[:3] == "al-" || bare[:3] == "el-") {
		bare = bare[3:] // al-Assad
	}
	r, n := utf8.DecodeRuneInString(bare)
	rest := bare[n:]
	return unicode.IsUpper(r) && !(r == 'I' && (rest == "" || rest[0] == ',' || strings.HasPrefix(rest, "'") || strings.HasPrefix(rest, "’")))
}

// joins says whether a name goes on over the small words at w[k]: "van der Berg".
func joins(w []string, k int) bool {
	for n := k; n < min(k+2, len(w)-1) && particles[w[n]]; n++ {
		if nameWord(w[n+1]) {
			return true
		}
	}
	return false
}

// broken says whether a name cannot go on behind w.
func broken(w string) bool {
	if strings.HasSuffix(w, "'s") || strings.HasSuffix(w, "’s") {
		return true
	}
	if strings.HasSuffix(w, ".") {
		return !abbreviation(strings.TrimSuffix(w, "."))
	}
	if nickname(w) {
		return false
	}
	return strings.ContainsAny(w[len(w)-1:], ",;:!?)\"'") || strings.HasSuffix(w, "”") || strings.HasSuffix(w, "’") || strings.HasSuffix(w, "—")
}

// nickname says whether a word stands in quotation marks by itself.
func nickname(w string) bool {
	return len(w) > 3 && w[0] == '"' && w[len(w)-1] == '"' || strings.HasPrefix(w, "“") && strings.HasSuffix(w, "”") || len(w) > 3 && w[0] == '\'' && w[len(w)-1] == '\''
}

// name reads a noun phrase that ends in a person's name: "Turkish President
// Abdullah Gul" is Abdullah Gul, the Turkish President.
func (f *finder) name(w []string) (name, role string, ok bool) {
	for len(w) > 1 && strings.HasPrefix(w[len(w)-1], "(") { // Mitch McConnell (R-Ky.)
		w = w[:len(w)-1]
	}
	end := len(w)
	i := end
	for i > 0 {
		if k := i - 1; nameWord(w[k]) && (i == end || !broken(w[k])) || i < end && k > 0 && joins(w, k) && (nameWord(w[k-1]) || particles[w[k-1]]) {
			i--
			continue
		}
		break
	}
	if i == end {
		return "", "", false
	}
	name, role, ok = assemble(w[:i], w[i:])
	if ok && i > 0 && !f.heads(w, i, role) {
		return "", "", false
	}
	if ok && !strings.Contains(name, " ") && (strings.ToUpper(name) == name && len(name) > 2 || ordinary(name) || role == "" && f.people.common(name)) {
		return "", "", false
	}
	return name, role, ok
}

// heads says whether the name that begins at w[i] is what its noun phrase
// speaks of: not "a spokesman for Reyes", "the former Linden coach".
func (f *finder) heads(w []string, i int, role string) bool {
	before := strings.ToLower(w[i-1])
	if prepositions[before] || before == "to" {
		return before == "of" && i > 1 && title(strings.ToLower(w[i-2])) && role != ""
	}
	if strings.HasPrefix(role, "spokes") && strings.Contains(role, " for ") {
		return false
	}
	for k := i - 1; role == "" && k >= 0 && k > i-4; k-- {
		switch l := strings.ToLower(w[k]); {
		case articles[l]:
			return false
		case upper(w[k]) || broken(w[k]):
			return true
		}
	}
	return true
}

// assemble splits a run of capitalised words, and the words before it, into
// role and name.
func assemble(before, run []string) (name, role string, ok bool) {
	var words []string
	for i, w := range run {
		if i > 0 && i < len(run)-1 && nickname(w) {
			continue
		}
		words = append(words, bare(w))
	}
	cut := 0
	for i, w := range words[:max(0, len(words)-1)] {
		if title(strings.ToLower(w)) {
			cut = i + 1
		}
	}
	if n := len(before); n > 1 && cut == 0 && before[n-1] == "of" && title(strings.ToLower(before[n-2])) && len(words) > 1 && (len(words) > 2 || groups[strings.ToLower(words[0])]) {
		cut = 1 // Secretary of State Antony Blinken
	}
	person := words[cut:]
	if len(person) > 0 && particles[person[0]] {
		return "", "", false // Sprecher der Polizei
	}
	if n := len(person); n > 2 && lands[strings.ToLower(person[0])] {
		person = person[1:] // "Moscow Vladimir Putin": a dateline without its dash
	} else if n > 3 && areas[strings.ToLower(person[0]+" "+person[1])] {
		person = person[2:]
	}
	if len(person) == 0 || len(person) > 4 || possessives[strings.ToLower(person[0])] {
		return "", "", false
	}
	if n := len(person); n > 2 && groups[strings.ToLower(person[0])] && given(person[n-2]) {
		person = person[n-2:] // envoy for Human Trafficking Anthony Steen
	}
	doubt := 0
	for _, w := range person {
		if either[strings.ToLower(w)] {
			doubt++
		}
		if l := strings.ToLower(strings.TrimSuffix(w, ".")); groups[l] || title(l) && !(royal[l] && len(person) == 2 && given(person[0])) || l == "" || strings.ContainsAny(w, "0123456789@#&/") || strings.Contains(strings.TrimRight(l, "."), ".com") {
			return "", "", false
		}
	}
	if doubt == len(person) || areas[strings.ToLower(strings.Join(person, " "))] {
		return "", "", false
	}
	return strings.Join(person, " "), roleOf(before, words[:cut]), true
}

// bare strips the punctuation around a word of a name, and its genitive.
func bare(w string) string {
	w = strings.Trim(w, "\"“”„«»‘'’,;:!?()[]—–")
	w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "’s")
	if strings.HasSuffix(w, ".") && !abbreviation(strings.TrimSuffix(w, ".")) {
		w = strings.TrimSuffix(w, ".")
	}
	return w
}
