package brief

import (
	"cmp"
	"slices"
	"strings"
)

// subject reads the words before the verb.
func (f *finder) subject(i int, m quotation, w []string, context string, behind bool) (saying, bool) {
	w = w[max(0, len(w)-40):]
	for len(w) > 0 && helpers[strings.ToLower(w[len(w)-1])] {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return saying{}, false
	}
	if p := strings.ToLower(w[len(w)-1]); f.pronounced(p) {
		if behind && len(w) > 1 {
			return saying{}, false
		}
		return f.pronoun(i, m, p, context, behind)
	}
	role := ""
	if strings.HasSuffix(w[len(w)-1], ",") {
		var ok bool
		if w, role, ok = f.apposed(w); !ok {
			return saying{}, false
		}
	}
	if s, ok := f.joint(w); ok {
		return f.saying(s, "", context, behind), true
	}
	if name, own, ok := f.stem(w); ok {
		return f.saying(name, cmp.Or(own, role), context, behind), true
	}
	w = phrase(w)
	name, own, ok := f.name(w)
	if !ok {
		return f.office(w, context, behind)
	}
	if own != "" {
		role = own
	}
	return f.saying(name, role, context, behind), true
}

// stem reads a full name that more words describe before the verb comes:
// "Gemma Reeve of London", "Anson Chan, former secretary of the town".
func (f *finder) stem(w []string) (name, role string, ok bool) {
	from := len(w) - len(phrase(w))
	for k := from + 1; k < len(w); k++ {
		if l := w[k]; l == "of" || l == "from" || l == "with" || l == "at" || l == "in" || l == "for" {
			name, role, ok = f.name(w[from:k])
			return name, role, ok && strings.Contains(name, " ") && f.people.person(mention{name: name, titled: role != ""})
		}
	}
	return "", "", false
}

// seats are titles that stand for the one person of an article who bears them.
var seats = set("pope pontiff president premier chancellor mayor governor king queen senator congressman congresswoman sheriff ambassador archbishop judge")

// office reads a title that stands for its bearer: the mayor said.
func (f *finder) office(w []string, context string, behind bool) (saying, bool) {
	if len(w) != 2 || !articles[strings.ToLower(w[0])] || strings.ToLower(w[0]) == "a" {
		return saying{}, false
	}
	held := strings.ToLower(strings.TrimRight(w[1], ","))
	if !seats[held] {
		return saying{}, false
	}
	if held == "pontiff" {
		held = "pope"
	}
	one, ok := f.people.holder(held)
	if !ok {
		return saying{}, false
	}
	return f.saying(one.name, one.role, context, behind), true
}

// apposed reads a subject that ends in a comma: "Ana Reyes, the port director,"
// or "The port director, Ana Reyes,". It returns the words with the name.
func (f *finder) apposed(w []string) (name []string, role string, ok bool) {
	k := slices.IndexFunc(w, func(x string) bool { return strings.HasSuffix(x, ",") })
	if k < len(w)-1 && len(w)-k <= 16 {
		_, _, ok := f.name(phrase(w[:k+1]))
		if !ok { // In a statement, Ana Reyes, the director, said
			for k = len(w) - 2; k >= 0 && !strings.HasSuffix(w[k], ","); k-- {
			}
			n, _, found := f.name(phrase(w[:k+1]))
			ok = found && strings.Contains(n, " ")
		}
		if ok {
			role, _ = apposition(w[k+1:])
			return w[:k+1], role, true
		}
	}
	k = len(w) - 2
	for k >= 0 && !strings.HasSuffix(w[k], ",") {
		k--
	}
	last := w[k+1:]
	if k < 1 || !nameWord(last[0]) {
		return nil, "", false
	}
	n, own, ok := f.name(last)
	if !ok || len(strings.Fields(n))+len(strings.Fields(own)) != len(last) || f.people.placed(n) {
		return nil, "", false // in Boise, Idaho, ...
	}
	if own == "" {
		before := phrase(w[:k+1])
		opens := strings.ToLower(before[0])
		if k := slices.Index(before, "for"); k > 0 && slices.ContainsFunc(before[k:], titled) {
			return nil, "", false // a spokeswoman for the foreign minister, Reyes,
		}
		if role, _ = apposition(before); role == "" && !possessives[opens] && !genitive(opens) {
			return nil, "", false
		}
	}
	return last, role, true
}

// joint reads two people who speak as one: "Marc and Debra Tice".
func (f *finder) joint(w []string) (string, bool) {
	k := len(w) - 2
	for k > 0 && (w[k] != "and" || !nameWord(w[k-1]) || broken(w[k-1])) {
		if !nameWord(w[k]) && w[k] != "and" {
			return "", false
		}
		k--
	}
	if k <= 0 {
		return "", false
	}
	right, _, ok := f.name(w[k+1:])
	if !ok {
		return "", false
	}
	left, _, ok := f.name(w[:k])
	return left + " and " + right, ok
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
			role = cmp.Or(full.role, full.described)
		}
	} else if role == "" {
		role = f.people.titles[name]
	}
	return saying{speaker: name, role: role, context: telling(context), behind: behind}
}
