package brief

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// What keeps a sentence from being read alone.
var (
	// asides end a sentence in the words of somebody who is named elsewhere:
	// "…, he added."
	asides = regexp.MustCompile(`,["”]? (?:(?:he|she|they|it|who) (?:also )?\p{Ll}+|(?:said|added|says|adds) (?:he|she|they)|the (?:\p{L}+ ){1,2}(?:said|added|says|adds))[.]["”]?$`)
	// deictic words need the day, or the sentence before.
	deictic = phrases("tomorrow |tonight |yesterday |this morning |this afternoon |this evening |earlier today |later today |the latter |as mentioned |as noted |see below |pictured |shown here |seen here |above left |file photo ")
	// opinionated words are the writer's, not the news.
	opinionated = phrases("i |i'm |i've |i'd |i'll |my |me |you |your |you're |we |we're |we've |we'll |our |let's |let us |let me |us all |this board |this newspaper |this column |this writer |this editorial |the editorial board |should not have to |ought to |it's time to |it is time to ")
	// he or she before a name stands for somebody the sentence does not name.
	personals = set("he she his her him hers they their them")
	singular  = set("he she his her him hers")
	// persona is a word for one person without a name.
	persona = set("man woman boy girl teen teenager student suspect victim child kid baby infant patient parent driver passenger gunman shooter accuser defendant widow widower nobody everybody somebody person")
)

// unquoted returns folded text without what stands between quotation marks.
func unquoted(s *sentence) string {
	if s.quoted == 0 {
		return s.folded
	}
	var b strings.Builder
	open := false
	for _, r := range s.text {
		switch r {
		case '"':
			open = !open
		case '“', '„', '«':
			open = true
		case '”', '»':
			open = false
		}
		if !open {
			b.WriteRune(r)
		} else if r == '"' || r == '“' {
			b.WriteByte(' ')
		}
	}
	return fold(b.String())
}

// dangles says whether a sentence leans on others by its words: somebody it
// does not name, a day it does not give, or the writer's own voice.
func dangles(s *sentence) bool {
	if holds(s.folded, deictic) || chatty(s) || trails(s.text) || led(s) {
		return true
	}
	if t := strings.TrimLeft(s.text, "\"“„«"); len(t) < len(s.text) && s.quoted > 0.15 {
		return true // opens with somebody's words
	}
	if l := strings.ToLower(s.fields[0]); prepositions[l] || conjunctions[l] || l == "although" || l == "despite" || l == "like" {
		for i, w := range s.fields[1:] {
			if strings.HasSuffix(s.fields[i], ",") && nameWord(w) && !ordinary(bare(w)) {
				return false // With his vow, Biden
			}
		}
	}
	return orphaned(s.fields)
}

// orphaned says whether a pronoun comes before anybody or anything that it can
// stand for: one for he and she, somebody or many for they.
func orphaned(fields []string) bool {
	many := false
	for i, w := range fields {
		if w == "it" && i > 0 && i < 5 && !many && objects(fields[i-1]) {
			return true // The dentist used it
		}
		l := strings.ToLower(strings.Trim(w, "\"“”‘’',.;:()"))
		if personals[l] && !upper(w) {
			return singular[l] || !many
		}
		switch {
		case i == 0 && upper(w) && !doer(fields):
			many = many || strings.HasSuffix(l, "s") // Ruthless and calm, they …
		case upper(w) && (i > 0 || !ordinary(bare(w))):
			if next := fields[min(i+1, len(fields)-1)]; groups[l] || upper(next) && groups[strings.ToLower(bare(next))] || strings.HasSuffix(l, "ans") {
				many = true // the White House, Americans
				continue
			}
			return false
		case title(l), ladies[l], gentlemen[l], persona[l]:
			return false
		case crowds[l], strings.HasSuffix(l, "s") && len(l) > 4:
			many = true
		}
	}
	return false
}

// doer says whether the first word of a sentence is a name: it belongs to
// somebody, is one of two, or does something.
func doer(fields []string) bool {
	if ordinary(bare(fields[0])) {
		return false
	}
	if len(fields) < 2 || broken(fields[0]) || upper(fields[1]) {
		return true
	}
	next := strings.ToLower(strings.Trim(fields[1], ",.;:"))
	return verbs[next] || auxiliaries[next] || irregular[next] || helpers[next] || strings.HasSuffix(next, "s") || strings.HasSuffix(next, "ed")
}

// objects says whether "it" behind a word is what something is done to: not
// the subject of a clause, nor said in advance of one.
func objects(before string) bool {
	l := strings.ToLower(before)
	return !verbs[l] && !conjunctions[l] && !prepositions[l] && !auxiliaries[l] && !advance[l] && !broken(before)
}

// advance words stand before an "it" that means nothing yet: "makes it clear".
var advance = set("make makes made making find finds found think thinks thought hope hopes call calls called believe believes consider considers how what whether once until so than then like means mean take takes took sure know knows knew")

// trails says whether a sentence ends in words of the kind of ", he added".
func trails(s string) bool {
	const most = 45
	at := strings.LastIndexByte(s, ',')
	return at >= 0 && len(s)-at < most && asides.MatchString(s[at:])
}

// dated says whether a sentence counts from the day it was written on.
func dated(s *sentence) bool {
	return holds(s.folded, deictic)
}

// solid says whether a sentence holds a fact: a number, or a name behind its
// first word.
func solid(s *sentence) bool {
	for i, w := range s.fields {
		if strings.ContainsAny(w, "0123456789") || i > 0 && nameWord(w) && !ordinary(bare(w)) && !groups[strings.ToLower(bare(w))] {
			return true
		}
	}
	return false
}

// chatty says whether the writer speaks, or speaks to the reader.
func chatty(s *sentence) bool { return holds(unquoted(s), opinionated) }

// goesOn says whether a sentence adds to one before it: its "also" stands near
// the start, or in what it says first.
func goesOn(s *sentence) bool {
	const near = 6
	for i, w := range s.fields[:min(near, len(s.fields))] {
		if w == "also" || w == "equally" || i > 0 && (strings.HasPrefix(w, "instance") || strings.HasPrefix(w, "example")) && s.fields[i-1] == "for" {
			return true
		}
	}
	return false
}

// led says whether a sentence opens with a phrase that describes somebody whom
// it then calls he or she: "As the founder of the club she runs …".
func led(s *sentence) bool {
	if first := strings.ToLower(s.fields[0]); !prepositions[first] && !conjunctions[first] {
		return false
	}
	for i, w := range s.fields[1:] {
		switch before := s.fields[i]; {
		case w == "he" || w == "she":
			return true
		case strings.HasSuffix(before, ","):
			return w == "he" || w == "she"
		case i > 0 && nameWord(w) && nameWord(before) && !broken(before): // a full name
			if m := (mention{name: bare(before) + " " + bare(w)}); m.known() {
				return false
			}
		case verbs[w]:
			return false
		}
	}
	return false
}

// begins says whether the first sentence of an article can be read although its
// first word points back: "Once, the yard …" has nothing to point at.
func begins(fields []string) bool {
	if first := strings.ToLower(strings.Trim(fields[0], ",.:;—-")); first != "it" {
		return !referring[first] && !links[first] && !commands[first]
	}
	return len(fields) >= 12 && (fields[1] == "was" || fields[1] == "is")
}

// referring words stand for somebody or something.
var referring = set(`he she they his her hers its their them him these those this that such same it's it’s he's he’s she's she’s they're they’re that's that’s
	i i'm i’m my we our we're we’re you your you're you’re another others neither either`)

// defers says whether a sentence speaks of somebody or something that it does
// not name: "With 40 people, the company is small."
func defers(s *sentence) bool {
	if !holds(s.folded, unnamed) {
		return false
	}
	for i, w := range s.fields {
		if i > 0 && nameWord(w) && !ordinary(bare(w)) {
			return false
		}
	}
	return true
}

// unnamed words stand for a name said before.
var unnamed = phrases("the company |the firm |the group |the agency |the organization |the organisation |the bank |the airline |the team |the club |the man |the woman |the boy |the girl |the couple |the family |the suspect |the victim |the author |the singer |the actor |the remainder ")

// firstRune returns the first rune of s.
func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
