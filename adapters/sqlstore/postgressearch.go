package sqlstore

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What PostgreSQL can hold of one text.
const (
	maxLexeme    = 256       // bytes that are told apart; a search has no more
	maxPlaces    = 255       // of one word
	lastPlace    = 16383     // in a text; words behind stand there
	maxTsvector  = 900 << 10 // bytes
	betweenParts = 10        // places between title and text, so that no phrase spans them
)

// tsvector returns what a title and a text are found by, as PostgreSQL reads
// it: folded words with their places, those of the title marked "A". The words
// are cut here as SQLite's index cuts them, whatever the server is set up for.
func tsvector(title, body string) string {
	type lexeme struct {
		word   string
		places []byte
		n      int
	}
	seen := make(map[string]*lexeme, min(len(body)/8, 4096))
	var order []*lexeme
	place, size := 0, 0
	note := func(text, weight string) {
		for word := range strings.FieldsFuncSeq(fold(text), notWord) {
			place++
			word = cutLexeme(word)
			l := seen[word]
			if l == nil {
				if size += len(word) + 8; size > maxTsvector {
					return
				}
				l = &lexeme{word: word}
				seen[word] = l
				order = append(order, l)
			}
			if size += 2; l.n == maxPlaces || size > maxTsvector {
				continue
			}
			l.n++
			l.places = append(strconv.AppendInt(append(l.places, ','), int64(min(place, lastPlace)), 10), weight...)
		}
	}
	note(title, "A")
	place += betweenParts
	note(body, "")
	var out strings.Builder
	out.Grow(len(body) * 2)
	for _, l := range order {
		out.WriteString(quoteLexeme(l.word))
		if l.n > 0 {
			out.WriteByte(':')
			out.Write(l.places[1:])
		}
		out.WriteByte(' ')
	}
	return out.String()
}

// cutLexeme shortens a word that nobody can search for in full.
func cutLexeme(word string) string {
	if len(word) <= maxLexeme {
		return word
	}
	word = word[:maxLexeme]
	for !utf8.ValidString(word) {
		word = word[:len(word)-1]
	}
	return word
}

// quoteLexeme makes of a word, which is letters and numbers alone, what is
// nothing but a word.
func quoteLexeme(word string) string { return "'" + word + "'" }

// tsquery returns the words as PostgreSQL reads them: the pieces of each side
// by side, the last of the last one possibly a beginning. "" when there are
// none.
func (w words) tsquery() string {
	var all []string
	for i, word := range w.index {
		var pieces []string
		for piece := range strings.FieldsFuncSeq(fold(word), notWord) {
			pieces = append(pieces, quoteLexeme(cutLexeme(piece)))
		}
		if len(pieces) == 0 {
			continue
		}
		if w.begin && i == len(w.index)-1 {
			pieces[len(pieces)-1] += ":*"
		}
		all = append(all, strings.Join(pieces, " <-> "))
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ") & (") + ")"
}

// postgresMatch ranks the newest matches only, like sqliteMatch: ts_rank must
// read every text that it ranks.
func postgresMatch(w words, conditions string, args *arguments, limit int) string {
	when := "CASE WHEN a.published <> 0 THEN a.published ELSE a.arrived END"
	query := w.tsquery()
	if query == "" {
		if len(w.index) > 0 {
			conditions += " AND 1 = 0" // words that no text can hold
		}
		return fmt.Sprintf(`SELECT a.n, CAST(0 AS double precision), %s FROM article a WHERE %s ORDER BY a.n DESC LIMIT %s`,
			when, conditions, args.add(limit))
	}
	cast := `CAST(CAST(` + args.add(query) + ` AS text) AS tsquery)`
	return fmt.Sprintf(`SELECT n, CAST(-ts_rank('{0.16, 0.16, 0.16, 1}', words, %s, 1) AS double precision), at
		FROM (SELECT a.n, a.words, %s AS at FROM article a WHERE a.words @@ %s AND %s ORDER BY a.n DESC LIMIT %s) AS newest`,
		cast, when, cast, conditions, args.add(limit))
}
