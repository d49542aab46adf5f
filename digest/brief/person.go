package brief

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
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
	titled     bool   // a title stands before it
	opens      bool   // stands first in its sentence
	object     bool   // somebody spoken to or of, not one who acts: "told Reyes", "Reyes's house"
}

// last returns the surname, by which mentions of one person are told together.
func (m mention) last() string {
	return m.name[strings.LastIndexByte(m.name, ' ')+1:]
}

// words returns how many words the name has.
func (m mention) words() int { return strings.Count(m.name, " ") + 1 }

// crowd is the people an article names.
type crowd struct {
	byLast  map[string][]mention // full names by surname, in order of appearance
	byFirst map[string][]mention // and by their first word: Lee Hwok Aun, Oprah Winfrey
	single  map[string]bool      // surnames that are a person's for certain
	genders map[string]gender    // by surname, where the text tells
	text    string               // of the article
}

// people collects whom the article names.
func people(a digest.Article, paragraphs []text.Span) crowd {
	c := crowd{byLast: make(map[string][]mention), byFirst: make(map[string][]mention), single: make(map[string]bool), genders: make(map[string]gender), text: a.Text}
	for _, p := range paragraphs {
		for _, m := range mentions(a.Text[p.Start:p.End], true) {
			if m.words() > 1 {
				c.add(m)
			}
			if m.speaks || m.titled || m.words() > 1 && m.known() {
				c.single[m.last()] = true
			}
			c.sex(m)
		}
	}
	return c
}

// sex notes the gender of a surname; one that two genders bear is unknown.
func (c *crowd) sex(m mention) {
	g := m.gender()
	if known, ok := c.genders[m.last()]; g == unknown || ok && known != g {
		if g != unknown {
			c.genders[m.last()] = unknown
		}
		return
	}
	c.genders[m.last()] = g
}

// add notes a full name.
func (c *crowd) add(m mention) {
	known := c.byLast[m.last()]
	for i := range known {
		if known[i].name == m.name {
			if known[i].role == "" {
				known[i].role = m.role
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
		for _, m := range found {
			if m.name == name {
				return m, true
			}
		}
		return mention{}, false
	}
	if len(found) == 0 {
		found = c.byFirst[name]
	}
	if len(found) != 1 {
		return mention{}, false
	}
	return found[0], true
}

// siblings says whether more than one person of a gender bears a surname.
func (c *crowd) siblings(last string, g gender) bool {
	n, longest := 0, ""
	for _, m := range c.byLast[last] {
		if has := m.gender(); (has == unknown || has == g) && !strings.HasSuffix(longest, " "+m.name) && !strings.HasSuffix(m.name, " "+longest) {
			n++
			longest = m.name
		}
	}
	return n > 1
}

// common says whether the text writes a word with a small first letter too.
func (c *crowd) common(name string) bool {
	return strings.Contains(c.text, " "+strings.ToLower(name)+" ")
}

// person says whether a mention is likely one of a person.
func (c *crowd) person(m mention) bool {
	return m.words() > 1 || m.speaks || m.titled || c.single[m.last()] || len(c.byLast[m.last()]) > 0
}

// mentions returns the names in s: runs of capitalised words that no word of
// an organisation, place or time is part of. Words at the start of a sentence
// begin a run only when more of it follows, or when all is set.
func mentions(s string, all bool) []mention {
	w := strings.Fields(s)
	var out []mention
	for i := 0; i < len(w); {
		if !nameWord(w[i]) {
			i++
			continue
		}
		j := i
		for j < len(w) && (nameWord(w[j]) || j > i && j+1 < len(w) && particles[w[j]] && nameWord(w[j+1])) {
			j++
			if broken(w[j-1]) {
				break
			}
		}
		first := i == 0 || strings.ContainsAny(w[i-1][len(w[i-1])-1:], ".!?\"”:")
		if first && j > i+1 && ordinary(bare(w[i])) && !either[strings.ToLower(w[i])] && w[i] != "Will" {
			i++ // But Reyes
			first = false
		}
		name, role, ok := assemble(w[max(0, i-6):i], w[i:j])
		m := mention{name: name, role: role, address: address(w[i:j]), object: object(w[max(0, i-6):i], w[j-1])}
		m.opens = first
		m.titled = role != "" || m.address != ""
		m.speaks = j < len(w) && !broken(w[j-1]) && verbs[strings.Trim(w[j], ",.:")] || i > 0 && verbs[strings.Trim(w[i-1], ",.")] && !broken(w[i-1])
		if ok && (!first || all || m.words() > 1 || m.speaks || m.titled) && !(first && m.words() == 1 && ordinary(name)) {
			out = append(out, m)
		}
		i = j
	}
	return out
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
	return text.Stop(w, "en") || conjunctions[w] || prepositions[w] || pronouns[w] || crowds[w] || strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "ly")
}

// crowds are words for speakers without a name.
var crowds = set("police officials authorities prosecutors witnesses critics supporters experts doctors residents lawyers attorneys investigators analysts scientists researchers republicans democrats lawmakers activists others another someone everyone nobody people many some most both all officers detectives neighbors neighbours fans families parents")

// nameWord says whether w can be part of a name.
func nameWord(w string) bool {
	bare := strings.TrimLeft(w, "\"“„«‘'")
	r, n := utf8.DecodeRuneInString(bare)
	rest := bare[n:]
	return unicode.IsUpper(r) && !(r == 'I' && (rest == "" || rest[0] == ',' || strings.HasPrefix(rest, "'") || strings.HasPrefix(rest, "’")))
}

// broken says whether a name cannot go on behind w.
func broken(w string) bool {
	if strings.HasSuffix(w, "'s") || strings.HasSuffix(w, "’s") {
		return true
	}
	if strings.HasSuffix(w, ".") {
		return !abbreviation(strings.TrimSuffix(w, "."))
	}
	return strings.ContainsAny(w[len(w)-1:], ",;:!?)\"'") || strings.HasSuffix(w, "”") || strings.HasSuffix(w, "’") || strings.HasSuffix(w, "—")
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
		if k := i - 1; nameWord(w[k]) && (i == end || !broken(w[k])) || i < end && particles[w[k]] && k > 0 && nameWord(w[k-1]) {
			i--
			continue
		}
		break
	}
	if i == end {
		return "", "", false
	}
	name, role, ok = assemble(w[:i], w[i:])
	if ok && !strings.Contains(name, " ") && (strings.ToUpper(name) == name && len(name) > 2 || ordinary(name) || role == "" && f.people.common(name)) {
		return "", "", false
	}
	return name, role, ok
}

// assemble splits a run of capitalised words, and the words before it, into
// role and name.
func assemble(before, run []string) (name, role string, ok bool) {
	words := make([]string, len(run))
	for i, w := range run {
		words[i] = bare(w)
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
	if len(person) == 0 || len(person) > 4 {
		return "", "", false
	}
	doubt := 0
	for _, w := range person {
		if either[strings.ToLower(w)] {
			doubt++
		}
		if l := strings.ToLower(strings.TrimSuffix(w, ".")); groups[l] || title(l) || l == "" || strings.ContainsAny(w, "0123456789@#&/") {
			return "", "", false
		}
	}
	if doubt == len(person) {
		return "", "", false
	}
	return strings.Join(person, " "), roleOf(before, words[:cut]), true
}

// roleOf returns the role that the words before a name give it: those that end
// in a title, back to where their noun phrase begins.
func roleOf(before, own []string) string {
	n := len(before)
	field := n > 2 && before[n-2] == "of" && title(strings.ToLower(before[n-3])) // director of research
	if len(own) == 0 && (n == 0 || !field && !title(strings.ToLower(before[n-1])) || broken(before[n-1])) {
		return ""
	}
	i := len(before)
	for i > 0 && len(before)-i < 6 {
		w := strings.ToLower(before[i-1])
		if broken(before[i-1]) && !strings.HasSuffix(w, "s") || strings.ContainsAny(w, ",;:\"“”()") || articles[w] || conjunctions[w] || verbs[w] || prepositions[w] && w != "of" && w != "for" || w == "of" && (i < 2 || !title(strings.ToLower(before[i-2])) && !upper(before[i-2])) || participle(w) || strings.HasSuffix(w, "ly") && !calendars[w] {
			break
		}
		i--
	}
	for i < len(before) && (before[i] == "of" || before[i] == "for") {
		i++
	}
	words := owned(append(append([]string{}, before[i:]...), own...))
	for len(words) > 0 && (courtesies[strings.ToLower(bare(words[len(words)-1]))] || len(words) > 1 && doctors[words[len(words)-1]]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// participle says whether a small word before a title ends the noun phrase:
// "the issues facing President Reyes".
func participle(w string) bool {
	return strings.HasSuffix(w, "ing") && !activities[w] || strings.HasSuffix(w, "ed") && !strings.Contains(w, "-") && !offices[w]
}

// owned strips "its", "the country's" and the like from the start of a role:
// what they point at is not beside it any more.
func owned(role []string) []string {
	for len(role) > 1 {
		w := strings.ToLower(role[0])
		genitive := strings.HasSuffix(w, "'s") || strings.HasSuffix(w, "’s")
		if !possessives[w] && !articles[w] && !(genitive && !upper(role[0])) {
			break
		}
		role = role[1:]
	}
	return role
}

var (
	// courtesies are forms of address, not roles.
	courtesies = set("mr mr. mrs mrs. ms ms. herr frau sir lord lady dame miss monsieur madame")
	doctors    = set("Dr. Dr Prof. Ph.D Ph.D. Jr. Jr")
	offices    = set("elected appointed named married retired embattled renowned acclaimed disgraced ousted deposed convicted accused indicted esteemed seasoned decorated celebrated united allied armed exiled jailed imprisoned former")
	calendars  = set("daily weekly monthly family early elderly quarterly july italy")
	activities = set("acting ruling sitting managing founding leading marketing engineering manufacturing operating commanding opposing outgoing incoming housing banking shipping mining racing boxing cycling sailing training planning nursing visiting presiding coaching writing casting supervising contributing consulting accounting lending building trading fishing swimming skating breaking rising reigning retiring surviving")
)

var possessives = set("its his her their our my your this that ihr sein sa son ses leur")

var relatives = set("who which that whose whom")

var articles = set("the a an der die das le la les l' un une el los las il lo")

// bare strips the punctuation around a word of a name, and its genitive.
func bare(w string) string {
	w = strings.Trim(w, "\"“”„«»‘'’,;:!?()[]—–")
	w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "’s")
	if strings.HasSuffix(w, ".") && !abbreviation(strings.TrimSuffix(w, ".")) {
		w = strings.TrimSuffix(w, ".")
	}
	return w
}

// apposition reads the description behind a name, up to its comma, and returns
// it as a role with the number of words read. A clause or an age is read over.
func apposition(w []string) (role string, n int) {
	for n < len(w) && n < 16 {
		n++
		if strings.HasSuffix(w[n-1], ",") || len(w[n-1]) > 3 && strings.HasSuffix(w[n-1], ".") && n < len(w) && upper(w[n]) && !abbreviation(strings.TrimSuffix(w[n-1], ".")) {
			break
		}
	}
	if n == 0 {
		return "", 0
	}
	first := strings.ToLower(strings.Trim(w[0], ",."))
	if conjunctions[first] || prepositions[first] || strings.HasSuffix(first, "ing") || has(w[:n], verbs) || strings.IndexFunc(first, unicode.IsDigit) == 0 || n >= 16 {
		return "", n
	}
	words := w[:n]
	if articles[first] {
		words = words[1:]
	} else if strings.HasSuffix(first, "ed") || first == "better" || first == "known" || doctors[strings.Trim(w[0], ",")] {
		return "", n // Abbott, flanked by members
	}
	for k, x := range words {
		if k > 0 && relatives[strings.ToLower(strings.Trim(x, ","))] {
			words = words[:k] // the fellow who heads the project
			break
		}
	}
	if len(words) == 0 || prepositions[strings.Trim(words[len(words)-1], ".")] || articles[words[len(words)-1]] {
		return "", n // cut off
	}
	role = strings.TrimRight(strings.Join(owned(words), " "), ",. ")
	if role == "" || !strings.ContainsAny(role, "abcdefghijklmnopqrstuvwxyz") {
		return "", n
	}
	return role, n
}

// circumstances returns the words behind a reporting verb that tell where or
// to whom it was said, "" when they are too many or tell something else.
func circumstances(w []string, told bool) string {
	s := closed(clean(strings.Join(w, " ")))
	n := len(strings.Fields(s))
	if n == 0 || n > 9 || strings.HasSuffix(s, "'s") || strings.HasSuffix(s, "’s") || strings.HasSuffix(w[len(w)-1], "...") || strings.HasSuffix(w[len(w)-1], "…") || !told && !opensCircumstance(w[0]) || strings.ContainsAny(s, ",;:\"“”") || has(w, verbs) || has(w, conjunctions) {
		return ""
	}
	return s
}

// opensCircumstance says whether a word begins a phrase of place or time.
func opensCircumstance(w string) bool {
	l := strings.ToLower(strings.Trim(w, ",."))
	return prepositions[l] || strings.HasSuffix(l, "day") || l == "yesterday" || l == "last" || l == "earlier" || l == "later" || l == "gestern" || l == "hier"
}

// closed strips the small words that a context was cut off at: "said on".
func closed(s string) string {
	w := strings.Fields(s)
	for len(w) > 0 {
		l := strings.ToLower(w[len(w)-1])
		if !prepositions[l] && !articles[l] && !possessives[l] && !conjunctions[l] && !strings.HasSuffix(l, "'s") && !strings.HasSuffix(l, "’s") && l != "to" && l != "of" {
			break
		}
		w = w[:len(w)-1]
	}
	return strings.Join(w, " ")
}

// telling returns a context if it adds something to the name: how, where or
// to whom it was said. A bare "said" does not, nor does half a story.
func telling(context string) string {
	w := strings.Fields(closed(context))
	if len(w) == 0 || len(w) > 9 || len(w) == 1 && !manners[w[0]] || len(w) == 2 && (w[0] == "a" || w[0] == "ha" || w[0] == "so") {
		return ""
	}
	return strings.Join(w, " ")
}

// manners are verbs that tell more than that something was said.
var manners = set("wrote writes writing tweeted tweets posted posts posting testified texted schrieb schreibt écrit escribió scritto")

// clean strips the punctuation at the end of a context.
func clean(s string) string { return strings.TrimRight(strings.TrimSpace(s), ".,:;!?—– ") }
