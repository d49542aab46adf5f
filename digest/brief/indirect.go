package brief

import (
	"strings"

	"nutgraf/digest/text"
)

// tellers are verbs that tell what somebody said or thinks in the narrator's
// words: beside them, a quotation goes on with what is told.
var tellers = set(`agreed agrees believes believed thinks thought feels felt remembers remembered describes described calls called called recounts recounted expressed expresses hopes hoped
	urges urged praised praises criticized criticised criticizes denounced condemned dismissed characterized characterised acknowledges credits credited suspects fears
	maintains maintained reminded reminds told tells questions questioned wants pointed proposed recommends`)

// acts are verbs of saying that mostly mean something else when a quotation is
// not beside them: "answered the phone".
var acts = set("answered charged posted shared")

// introduces stands before titles and names in quotation marks.
var introduces = set("called titled entitled named dubbed nicknamed labeled labelled the a an of in on and or film movie book song album show series program magazine novel documentary play hit host article essay column section")

// reporting says whether a word is a verb of saying, directly or not.
func reporting(w string) bool {
	w = strings.ToLower(strings.Trim(w, ",.:;"))
	return verbs[w] || tellers[w]
}

// indirect returns who speaks in a sentence that tells in the narrator's words
// what somebody said: "The virus is dead, Gupta says." "She says it helps."
func (f *finder) indirect(i int, m quotation, w []string) (saying, bool) {
	if len(w) < 3 {
		return saying{}, false
	}
	last := 0 // where the last part behind a comma begins
	for k := range w[:len(w)-1] {
		if strings.HasSuffix(w[k], ",") {
			last = k + 1
		}
	}
	if tail := w[last:]; last > 0 && len(tail) < 12 {
		if s, ok := f.behind(i, m, tail); ok {
			s.context = ""
			return s, true
		}
	}
	for k := 1; k < min(len(w)-1, 16); k++ {
		if reporting(w[k]) {
			s, ok := f.actor(i, m, w[:k])
			s.context = ""
			return s, ok
		}
	}
	return saying{}, false
}

// actor reads the subject of a verb that stands somewhere before a quotation.
// What describes a name behind it is read over: "Ward of the Newark division".
func (f *finder) actor(i int, m quotation, w []string) (saying, bool) {
	w = w[max(0, len(w)-24):]
	for k := range w {
		if k > 0 && (w[k] == "of" || w[k] == "from" || w[k] == "with" || w[k] == "at") {
			if s, ok := f.subject(i, m, w[:k], "", false); ok && strings.Contains(s.speaker, " ") && f.plausible(s) {
				return s, true
			}
		}
	}
	s, ok := f.subject(i, m, w, "", false)
	return s, ok && f.plausible(s)
}

// plausible says whether a speaker is a person the article knows as one.
func (f *finder) plausible(s saying) bool {
	return f.people.person(mention{name: s.speaker, titled: s.role != ""}) && !f.people.placed(s.speaker)
}

// inside reads a quotation that is a part of what somebody is told to have
// said: Reyes said the plan should “serve the whole yard”.
func (f *finder) inside(i int, m quotation) (saying, bool) {
	w := fields(f.narrated[f.sentence(i, m.open):m.open])
	if len(w) < 3 || genitive(w[len(w)-1]) || introduces[strings.ToLower(strings.Trim(w[len(w)-1], ","))] {
		return saying{}, false
	}
	if n := len(w); w[n-1] == "words," && w[max(0, n-3)] == "in" && genitive(w[n-2]) {
		s, ok := f.subject(i, m, []string{bare(w[n-2])}, "", false)
		return s, ok && f.plausible(s)
	}
	for k := len(w) - 2; k > 0 && k > len(w)-32; k-- {
		if reporting(w[k]) && !acts[w[k]] {
			return f.actor(i, m, w[:k])
		}
	}
	return saying{}, false
}

// heading says whether a quotation is written like a title: “The Way of Things”.
func heading(s string) bool {
	long, capitals := 0, 0
	for _, w := range strings.Fields(s) {
		if l := strings.ToLower(w); len(w) > 3 && !text.Stop(l, "en") {
			long++
			if upper(strings.TrimLeft(w, "'‘(")) {
				capitals++
			}
		}
	}
	return long > 1 && capitals == long
}

// disowned says whether the words behind a quotation give it to somebody whom
// they do not name: “…,” the report said.
func disowned(tail string) bool {
	for k, word := range fields(tail) {
		if k > 8 || conjunctions[strings.ToLower(word)] {
			return false
		}
		if verbs[strings.ToLower(strings.Trim(word, ",.:;"))] {
			return true
		}
		if k > 0 && strings.HasSuffix(word, ".") && !abbreviation(strings.TrimSuffix(word, ".")) {
			return false
		}
	}
	return false
}

// genitive says whether a word is a possessive.
func genitive(w string) bool { return strings.HasSuffix(w, "'s") || strings.HasSuffix(w, "’s") }
