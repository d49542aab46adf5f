package brief

import (
	"slices"
	"strings"
	"unicode"
)

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
		if broken(before[i-1]) && !strings.HasSuffix(w, "s") || strings.ContainsAny(w, ",;:\"“”()") || strings.HasPrefix(w, "--") || articles[w] || conjunctions[w] || verbs[w] || prepositions[w] && w != "of" && w != "for" && !upper(before[i-1]) || w == "of" && (i < 2 || !title(strings.ToLower(before[i-2])) && !upper(before[i-2])) || !upper(before[i-1]) && participle(w) || auxiliary[w] || strings.HasSuffix(w, "ly") && !calendars[w] {
			break
		}
		i--
	}
	for i < len(before) && (before[i] == "of" || before[i] == "for") {
		i++
	}
	words := owned(anew(append(append([]string{}, before[i:]...), own...)))
	for len(words) > 0 && (courtesies[strings.ToLower(bare(words[len(words)-1]))] || len(words) > 1 && doctors[words[len(words)-1]]) {
		words = words[:len(words)-1]
	}
	if len(words) == 1 && (doctors[words[0]] || relations[strings.ToLower(words[0])]) {
		return ""
	}
	return strings.Join(words, " ")
}

// anew cuts what stands before a role without being a part of it: a time, a
// verb, the place of a dateline that has no dash.
func anew(role []string) []string {
	for k := len(role) - 2; k >= 0; k-- {
		w := role[k]
		if spans[w] || !upper(w) && upper(role[k+1]) && !genitive(w) && !modifiers[w] && !title(w) && w != "of" && w != "for" && w != "and" {
			return role[k+1:]
		}
	}
	if len(role) > 1 && lands[strings.ToLower(role[0])] {
		switch next := role[1]; {
		case next == "As":
			return role[2:]
		case next == "President" || next == "Chancellor" || next == "Prime" || next == "U.S." || national(next):
			return role[1:]
		}
	}
	return role
}

// national says whether a capitalised word looks like the adjective of a country.
func national(w string) bool {
	return strings.HasSuffix(w, "an") || strings.HasSuffix(w, "ish") || strings.HasSuffix(w, "ese")
}

// description returns the role in an apposition that has an end and tells what
// somebody is for certain.
func description(w []string) string {
	role, n := apposition(w)
	if role == "" || n == 0 || !strings.ContainsAny(w[n-1][len(w[n-1])-1:], ",.") {
		return ""
	}
	if l := strings.ToLower(w[0]); l == "a" || l == "an" || l == "the" || strings.IndexFunc(role, unicode.IsSpace) > 0 && slices.ContainsFunc(w[:n], titled) {
		return role
	}
	return ""
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
	modifiers  = set("former then state deputy acting retired late ex current longtime long-time veteran top senior chief assistant vice interim outgoing incoming leading conservative liberal embattled fellow junior associate executive national federal local regional general ranking longest-serving two-term three-term one-time onetime sometime celebrity legendary famed renowned international presidential congressional independent new old first second third fourth")
	auxiliary  = set("is are was were be been being has have had will would can could may might must do does did")
	spans      = set("year month week night today yesterday tomorrow")
	relations  = set("wife husband mother father son daughter brother sister uncle aunt cousin widow girlfriend boyfriend fiancee fiance parents grandmother grandfather grandson granddaughter niece nephew friend mom dad co-worker")
	calendars  = set("daily weekly monthly family early elderly quarterly july italy")
	activities = set("acting ruling sitting managing founding leading marketing engineering manufacturing operating commanding opposing outgoing incoming housing banking shipping mining racing boxing cycling sailing training planning nursing visiting presiding coaching writing casting supervising contributing consulting accounting lending building trading fishing swimming skating breaking rising reigning retiring surviving")
)

var possessives = set("its his her their our my your this that ihr sein sa son ses leur")

// royal are titles that are surnames as well.
var royal = set("king prince bishop judge major page marshal baker cook parker")

// within stands before places and things.
var within = set("the in at near inside outside across throughout")

var relatives = set("who which that whose whom")

var articles = set("the a an der die das le la les l' un une el los las il lo o os as de het een ein eine einen i gli")

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
	if len(words) > 1 && (words[0] == "now" || words[0] == "currently") {
		words = words[1:]
		if articles[words[0]] {
			words = words[1:]
		}
	}
	if k := slices.Index(words, ";"); k > 0 && !broken(words[k-1]) {
		return "", n // known by the name “…”
	}
	for k, x := range words {
		if l := strings.ToLower(strings.Trim(x, ",")); relatives[l] || l == ";" || strings.HasPrefix(l, "who'") || strings.HasPrefix(l, "who’") {
			words = words[:k] // the fellow who heads the project
			break
		}
	}
	if has(words, auxiliary) {
		return "", n // a sentence: Quest, the forum may have a point
	}
	if len(words) == 0 || prepositions[strings.Trim(words[len(words)-1], ".")] || articles[words[len(words)-1]] {
		return "", n // cut off
	}
	if n < len(w) && (strings.HasPrefix(w[n], "D.C.") || upper(w[n-1]) && upper(w[n]) && strings.HasSuffix(w[n], ",") && !lands[strings.ToLower(bare(w[n-1]))]) {
		return "", n // the first of a list
	}
	role = strings.TrimRight(strings.Join(owned(words), " "), ",.: ")
	if role == "" || first == "then" || first == "another" || first == "previously" || len(role) > 1 && role[1] == '-' || relations[role] || !strings.ContainsAny(role, "abcdefghijklmnopqrstuvwxyz") {
		return "", n
	}
	return role, n
}
