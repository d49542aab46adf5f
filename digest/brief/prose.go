package brief

import (
	"regexp"
	"strings"
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
	if holds(s.folded, deictic) || holds(unquoted(s), opinionated) || trails(s.text) {
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
	for i, w := range s.fields {
		l := strings.ToLower(strings.Trim(w, "\"“”‘’',.;:()"))
		if personals[l] && !upper(w) {
			return true
		}
		if upper(w) && (i > 0 || !ordinary(bare(w))) || crowds[l] || title(l) || strings.HasSuffix(l, "s") && len(l) > 4 {
			return false // somebody or something that he and they can be
		}
	}
	return false
}

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
