package brief

import "strings"

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
