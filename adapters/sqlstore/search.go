package sqlstore

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
)

// Limits of a search.
const (
	maxQuery   = 256   // bytes of words that are looked at
	maxWords   = 16    // words that are looked at
	matches    = 300   // newest matches that are ranked
	scanned    = 20000 // newest articles that are read for words the index does not know
	maxHits    = 100
	stockHits  = 10
	minPrefix  = 3 // letters of the last word from which it may be a beginning
	halfFading = 30 * 24 * time.Hour
)

// words are the cleaned words of a search.
type words struct {
	index []string // looked up in the index; the last may be a beginning
	scan  []string // of scripts without blanks: the index holds no words of them
	begin bool     // the last of index may be a beginning
}

// parseWords takes hostile text apart. Whatever is neither letter nor digit
// separates nothing here: the index cuts "20.04" and "multi-agent" itself and
// finds the pieces side by side.
func parseWords(text string) words {
	text = strings.ToValidUTF8(text, " ")
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	var w words
	for token := range strings.FieldsFuncSeq(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' }) {
		if len(w.index)+len(w.scan) == maxWords {
			break
		}
		w.begin = false
		switch {
		case !strings.ContainsFunc(token, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }):
			continue
		case strings.ContainsFunc(token, unspaced):
			w.scan = append(w.scan, strings.ToLower(token))
		default:
			w.index = append(w.index, token)
			last, _ := utf8.DecodeLastRuneInString(token)
			w.begin = utf8.RuneCountInString(token) >= minPrefix && (unicode.IsLetter(last) || unicode.IsNumber(last))
		}
	}
	return w
}

// unspaced tells whether a letter is of a script that writes words without
// blanks between them.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// indexed returns the words as FTS5 reads them: each quoted, so that nothing
// in them is an operator or a column. "" when there are none.
func (w words) indexed() string {
	quoted := make([]string, 0, len(w.index))
	for _, word := range w.index {
		quoted = append(quoted, `"`+word+`"`)
	}
	if w.begin {
		quoted[len(quoted)-1] += "*"
	}
	return strings.Join(quoted, " ")
}

// match is one row of the dialect's search.
type match struct {
	n    int64
	rank float64
}

// Search returns articles that contain all words, best first: few, early and
// in the title is better, and so is new. It ranks the newest 300 matches.
//
// Words of scripts without blanks (Chinese, Japanese, Thai, …) are not in the
// index; they are looked for in the newest 20,000 articles.
func (s *Store) Search(ctx context.Context, q digest.SearchQuery) ([]digest.Hit, error) {
	w := parseWords(q.Words)
	if len(w.index)+len(w.scan) == 0 {
		return nil, digest.Errorf(digest.Invalid, "give at least one word to search for")
	}
	limit := min(cmp.Or(max(q.Limit, 0), stockHits), maxHits)
	var args arguments
	query := s.dialect.match(w, matchConditions(q, w, &args), &args, matches)
	now := s.clock()
	var out []digest.Hit
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		found, err := collect(ctx, tx, func(row scanner) (match, error) {
			var m match
			var at int64
			err := row.Scan(&m.n, &m.rank, &at)
			// A month makes half the difference that a word makes.
			age := max(0, now.Sub(moment(at)))
			m.rank *= 0.5 + 0.5*math.Exp2(-float64(age)/float64(halfFading))
			return m, err
		}, query, args...)
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(a, b match) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.n, a.n))
		})
		out, err = hits(ctx, tx, q.Workspace, w, found[:min(limit, len(found))])
		return err
	})
	return out, err
}

// matchConditions returns what article "a" must fulfil besides the index.
func matchConditions(q digest.SearchQuery, w words, args *arguments) string {
	const when = "(CASE WHEN a.published <> 0 THEN a.published ELSE a.arrived END)"
	where := []string{"a.workspace IN " + list(args, sees(q.Workspace))}
	if q.Source != "" {
		source := args.add(q.Source)
		where = append(where, "(a.source = "+source+" OR lower(a.outlet) = lower("+source+"))")
	}
	if !q.Since.IsZero() {
		where = append(where, when+" >= "+args.add(millis(q.Since)))
	}
	if !q.Until.IsZero() {
		where = append(where, when+" < "+args.add(millis(q.Until)))
	}
	for _, word := range w.scan {
		where = append(where, `lower(a.title || ' ' || a.body) LIKE `+args.add("%"+likeable(word)+"%")+` ESCAPE '!'`)
	}
	if len(w.scan) > 0 {
		where = append(where, `a.n > (SELECT coalesce(max(n), 0) FROM article) - `+args.add(scanned))
	}
	return strings.Join(where, " AND ")
}

// hits loads the articles of matches, in their order.
func hits(ctx context.Context, tx *transaction, workspace string, w words, found []match) ([]digest.Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	var args arguments
	numbers := make([]int64, 0, len(found))
	for _, m := range found {
		numbers = append(numbers, m.n)
	}
	type numbered struct {
		n int64
		digest.Article
	}
	rows, err := collect(ctx, tx, func(row scanner) (numbered, error) {
		var r numbered
		var err error
		r.Article, err = scanArticle(prefixed{row, &r.n})
		return r, err
	}, `SELECT a.n, `+fullColumns+` FROM article a WHERE a.n IN `+list(&args, numbers), args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b numbered) int {
		return cmp.Compare(slices.Index(numbers, a.n), slices.Index(numbers, b.n))
	})
	articles := make([]digest.Article, 0, len(rows))
	for _, r := range rows {
		articles = append(articles, r.Article)
	}
	articles = ownFirst(articles)
	ids := make([]string, 0, len(articles))
	for _, a := range articles {
		ids = append(ids, a.ID)
	}
	stories, err := storiesOf(ctx, tx, workspace, ids)
	if err != nil {
		return nil, err
	}
	out := make([]digest.Hit, 0, len(articles))
	for _, a := range articles {
		h := digest.Hit{Snippet: snippet(a.Text, w), Story: stories[a.ID]}
		a.Text, a.Marks = "", nil
		h.Article = a
		out = append(out, h)
	}
	return out, nil
}

// prefixed reads one more column before those of a scan.
type prefixed struct {
	scanner
	first any
}

// Scan reads first, then dest.
func (p prefixed) Scan(dest ...any) error {
	return p.scanner.Scan(append([]any{p.first}, dest...)...)
}
