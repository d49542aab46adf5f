package brief

import (
	"slices"
	"strings"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// crowd is the people an article names.
type crowd struct {
	byLast  map[string][]mention // full names by surname, in order of appearance
	byFirst map[string][]mention // and by their first word: Lee Hwok Aun, Oprah Winfrey
	single  map[string]bool      // surnames that are a person's for certain
	sure    map[string]bool      // surnames that are a person's by more than a verb
	titles  map[string]string    // roles of surnames that stand beside a title only: President Reyes
	things  map[string]bool      // last words of names that are none of a person
	genders map[string]gender    // by name and surname, where the text tells
	text    string               // of the article
	small   map[string]bool      // words that were looked up: does the text write them small as well?
}

// people collects whom the article names.
func people(a digest.Article, narrated string, paragraphs []text.Span) crowd {
	c := crowd{byLast: make(map[string][]mention), byFirst: make(map[string][]mention), single: make(map[string]bool), things: make(map[string]bool), sure: make(map[string]bool), titles: make(map[string]string), genders: make(map[string]gender), text: a.Text, small: make(map[string]bool)}
	for _, p := range paragraphs {
		for _, m := range mentions(narrated[p.Start:p.End], true) {
			if m.words() > 1 {
				c.add(m)
			}
			if m.titled || m.speaks && !m.thing || m.words() > 1 && m.known() {
				c.single[m.last()] = true
			}
			if m.titled || m.human || m.words() > 1 && m.known() {
				c.sure[m.last()] = true
			}
			if m.words() == 1 && m.role != "" {
				if role, ok := c.titles[m.name]; ok && role != m.role {
					m.role = ""
				}
				c.titles[m.name] = m.role
			}
			if m.thing {
				c.things[m.last()] = true
			}
			c.sex(m)
		}
	}
	return c
}

// sex notes the gender of a name and of its surname; one that two genders
// bear is unknown.
func (c *crowd) sex(m mention) {
	g := m.gender()
	if g == unknown {
		g = m.pronoun
	}
	if g == unknown {
		return
	}
	for _, name := range []string{m.name, m.last()} {
		if known, ok := c.genders[name]; ok && known != g {
			c.genders[name] = unknown
		} else {
			c.genders[name] = g
		}
	}
}

// genderOf returns what is known of the gender of somebody.
func (c *crowd) genderOf(m mention) gender {
	if g, ok := c.genders[m.name]; ok {
		return g
	}
	if m.words() > 1 && len(c.byLast[m.last()]) > 1 {
		return unknown
	}
	return c.genders[m.last()]
}

// same says whether two mentions may be of one person.
func (c *crowd) same(a, b mention) bool {
	return a.last() == b.last() && (strings.HasSuffix(a.name, b.name) || strings.HasSuffix(b.name, a.name) || len(c.byLast[a.last()]) < 2)
}

// add notes a full name.
func (c *crowd) add(m mention) {
	known := c.byLast[m.last()]
	for i := range known {
		if known[i].name == m.name {
			if known[i].role == "" {
				known[i].role = m.role
			}
			if known[i].described == "" {
				known[i].described = m.described
			}
			return
		}
	}
	c.byLast[m.last()] = append(known, m)
	first, _, _ := strings.Cut(m.name, " ")
	c.byFirst[first] = append(c.byFirst[first], m)
}

// full returns the full name of a surname, when just one person bears it.
func (c *crowd) full(name string) (mention, bool) {
	last := mention{name: name}.last()
	found := c.byLast[last]
	if len(found) > 1 { // Manuel Barroso is Jose Manuel Barroso
		longest := slices.MaxFunc(found, func(a, b mention) int { return len(a.name) - len(b.name) })
		if !slices.ContainsFunc(found, func(m mention) bool { return m.name != longest.name && !strings.HasSuffix(longest.name, " "+m.name) }) {
			found = []mention{longest}
		}
	}
	if strings.Contains(name, " ") {
		var one mention
		for _, m := range found {
			if m.name == name {
				one = m
			}
		}
		for _, m := range found { // Al Houli is Mahmoud Al Houli
			if strings.HasSuffix(m.name, " "+name) && (one.name == "" || len(m.name) > len(one.name)) {
				one = m
			}
		}
		return one, one.name != ""
	}
	if len(found) == 0 {
		found = c.byFirst[name]
	}
	if len(found) != 1 {
		return mention{}, false
	}
	return found[0], true
}

// holder returns the one person with an office.
func (c *crowd) holder(office string) (one mention, ok bool) {
	for _, found := range c.byLast {
		for _, m := range found {
			if w := strings.Fields(strings.ToLower(m.role)); len(w) == 0 || w[len(w)-1] != office {
				continue
			}
			if ok && !c.same(one, m) {
				return mention{}, false
			}
			if !ok || len(m.name) > len(one.name) {
				one, ok = m, true
			}
		}
	}
	return one, ok
}

// common says whether the text writes a word with a small first letter too.
func (c *crowd) common(name string) bool {
	small, ok := c.small[name]
	if !ok {
		small = strings.Contains(c.text, " "+strings.ToLower(name)+" ")
		c.small[name] = small
	}
	return small
}

// person says whether a mention is likely one of a person.
func (c *crowd) person(m mention) bool {
	sure := m.titled || m.words() > 1 && m.known()
	return sure || (m.speaks || c.single[m.last()]) && !m.thing && !either[strings.ToLower(m.last())]
}

// thing says whether a mention is one of a place or a thing.
func (c *crowd) thing(m mention) bool {
	first, _, _ := strings.Cut(m.name, " ")
	return !c.person(m) && (m.thing || c.things[m.last()] || m.words() > 1 && (text.Common(first) || text.Common(m.last()) || either[strings.ToLower(m.last())]))
}
