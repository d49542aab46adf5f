package brief

import (
	"cmp"
	"strings"

	"nutgraf/digest/text"
)

// reach is how many paragraphs before its own a pronoun is looked up in, as
// long as each of them speaks of somebody with the same pronoun.
const reach = 4

// pronoun resolves he and she to the one person named in the same paragraph,
// or, when it names nobody, in the paragraph before. What stands in quotation
// marks names nobody, but who is quoted there counts as named. Whoever is
// spoken to or of is not meant, but may not be told from the one who is; those
// of the other gender are out.
func (f *finder) pronoun(i int, m quotation, word, context string, behind bool) (saying, bool) {
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
	one, doubt := f.sole(mentions(f.narrated[max(p.Start, m.open-view):m.open], true), want)
	for back := 1; one.name == "" && !doubt && back <= reach && i-back >= 0; back++ {
		q := f.paragraphs[i-back]
		q.Start = max(q.Start, q.End-view)
		found := mentions(f.narrated[q.Start:q.End], true)
		for _, name := range f.heard[i-back] {
			found = append(found, mention{name: name, speaks: true})
		}
		one, doubt = f.sole(found, want)
		if w := split(f.narrated[q.Start:q.End]); one.name == "" && (!speaksOf(w, want) || somebody(w, "")) {
			break
		}
	}
	if doubt || one.words() < 2 { // a surname that is nobody's in full is not enough
		return saying{}, false
	}
	if other, doubt := f.sole(f.behindSentence(i, m), want); doubt || other.name != "" && !f.people.same(one, other) {
		return saying{}, false
	}
	from := p.Start
	if i > 0 {
		from = f.paragraphs[i-1].Start
	}
	full, _ := f.people.full(one.name)
	if somebody(split(f.narrated[max(from, m.open-view):m.open]), cmp.Or(full.role, full.described, "nobody")) {
		return saying{}, false
	}
	f.people.sex(mention{name: one.name, pronoun: want})
	return f.saying(one.name, one.role, context, behind), true
}

// speaksOf says whether a pronoun of a gender is among the words.
func speaksOf(words []string, want gender) bool {
	for _, w := range words {
		if l := strings.ToLower(strings.Trim(w, ",.;:")); want == female && feminine[l] || want == male && masculine[l] {
			return true
		}
	}
	return false
}

// somebody says whether the words speak of somebody whom they do not name, or,
// when the role of one who is named is given, of another one who speaks: "her
// husband said".
func somebody(w []string, role string) bool {
	for k := range w {
		if l := strings.ToLower(w[k]); !articles[l] && !possessives[l] && !genitive(l) {
			continue
		}
		for n := k + 1; n < min(len(w)-1, k+4) && !upper(w[n]) && !broken(w[n]); n++ {
			if (role == "" || verbs[strings.Trim(w[n+1], ",.")] && !strings.HasSuffix(role, w[n])) && (relations[w[n]] || title(w[n]) || unnamables[w[n]]) {
				return true
			}
		}
	}
	return false
}

// unnamables are words for people who stay unnamed.
var unnamables = set("man woman boy girl victim suspect official source neighbor neighbour driver passenger teenager relative father")

// usual says whether a word at the start of a sentence is an everyday one.
func usual(w string) bool {
	head, tail, _ := strings.Cut(w, "-")
	return text.Common(head) && (tail == "" || text.Common(tail))
}

// behindSentence returns who is named behind the sentence of a quotation in
// its paragraph.
func (f *finder) behindSentence(i int, m quotation) []mention {
	rest := f.narrated[m.after:min(f.paragraphs[i].End, m.after+view)]
	cut := firstStop(rest)
	if cut < 0 {
		return nil
	}
	return mentions(rest[cut:], true)
}

// sole returns the one person of a gender among those mentioned, and whether
// more than one may be meant. Nobody is meant who only is spoken to or of.
func (f *finder) sole(found []mention, want gender) (one mention, doubt bool) {
	acts := false
	for _, x := range found {
		if x.words() == 1 {
			if full, ok := f.people.full(x.name); ok {
				x.name = full.name
			}
		}
		if g := f.people.genderOf(x); g != unknown && g != want || strings.ToUpper(x.name) == x.name || f.people.thing(x) || f.people.placed(x.name) {
			continue
		}
		if !f.people.person(x) {
			if x.words() > 1 || x.opens && !f.people.common(x.name) && !usual(x.name) {
				return mention{}, true // may be somebody
			}
			continue
		}
		if one.name != "" && !f.people.same(one, x) {
			return mention{}, true
		}
		if len(x.name) > len(one.name) {
			one.name = x.name
		}
		if one.role == "" {
			one.role = x.role
		}
		acts = acts || !x.object // in one place at least
	}
	return one, one.name != "" && !acts
}
