package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
)

// chunk is how many articles one transaction stores: enough for speed, few
// enough that others get their turn to write.
const chunk = 1000

// maxText is the longest text that is stored, in bytes.
const maxText = 4 << 20

// AddArticles stores articles and returns one result for each, in their order.
// Up to 1,000 articles are one transaction; of more, those before an error
// stay stored, and storing them again changes nothing.
func (s *Store) AddArticles(ctx context.Context, articles []digest.Article) ([]digest.Result, error) {
	results := make([]digest.Result, 0, len(articles))
	for some := range slices.Chunk(articles, chunk) {
		var stored []digest.Result
		err := s.writeBulk(ctx, func(ctx context.Context, tx *transaction) error {
			now, err := s.now(ctx, tx)
			if err == nil {
				stored, err = addArticles(ctx, tx, some, now)
			}
			return err
		})
		if err != nil {
			return results, err
		}
		results = append(results, stored...)
	}
	return results, nil
}

// StoreBatch stores what one fetch brought: articles, cursor and the source's
// status, all or nothing. The results are those of the batch's articles.
func (s *Store) StoreBatch(ctx context.Context, b digest.Batch, next time.Time) ([]digest.Result, error) {
	var results []digest.Result
	err := s.writeBulk(ctx, func(ctx context.Context, tx *transaction) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		if results, err = addArticles(ctx, tx, b.Articles, now); err != nil {
			return err
		}
		return fetched(ctx, tx, b, now, millis(next))
	})
	return results, err
}

// archivist stores articles within one transaction.
type archivist struct {
	tx    *transaction
	now   int64
	known twins
	fresh []*twin // not inserted yet
	rows  [][]any // of fresh
}

// addArticles stores articles in order of arrival, so that their numbers grow
// with it, and reports in the order given.
func addArticles(ctx context.Context, tx *transaction, articles []digest.Article, now int64) ([]digest.Result, error) {
	if len(articles) == 0 {
		return nil, nil
	}
	// What is known must not change between the look and the insertion.
	if err := tx.dialect.guard(ctx, tx, "articles"); err != nil {
		return nil, err
	}
	order := make([]int, len(articles))
	entries := make([]entry, len(articles))
	for i, a := range articles {
		if a.ID == "" {
			a.ID = digest.NewID(a)
		}
		if a.Arrived.IsZero() {
			a.Arrived = moment(now)
		}
		order[i], entries[i] = i, entryOf(a)
	}
	known, err := loadTwins(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	down, err := takenDown(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	ar := archivist{tx: tx, now: now, known: known}
	slices.SortStableFunc(order, func(i, j int) int { return entries[i].Arrived.Compare(entries[j].Arrived) })
	results := make([]digest.Result, len(articles))
	for _, i := range order {
		if down[i] {
			results[i] = digest.Result{Verdict: digest.Refused, Title: entries[i].Title, Reason: "it was taken down here, and stays away"}
			continue
		}
		r, err := ar.add(ctx, entries[i])
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", entries[i].ID, err)
		}
		r.Title = cmp.Or(r.Title, entries[i].Title)
		results[i] = r
	}
	return results, ar.flush(ctx)
}

// add stores one article or finds it stored.
func (ar *archivist) add(ctx context.Context, a entry) (digest.Result, error) {
	if a.unfit != "" {
		return digest.Result{Verdict: digest.Refused, Reason: a.unfit}, nil
	}
	if t := ar.known.of(a); t != nil {
		return ar.revise(ctx, t, a)
	}
	hash := hashOf(a.Title, a.Text)
	t := &twin{workspace: a.Workspace, id: a.ID, source: a.Source, guid: a.GUID, canonical: a.canonical, titleKey: a.titleKey,
		title: a.Title, hash: hash, editor: a.Source, size: len(a.Text)}
	ar.known.add(t)
	row := []any{a.Workspace, a.ID, a.Source, millis(a.Arrived), millis(a.Published), a.Outlet, a.Category, a.Language,
		a.GUID, a.URL, a.canonical, a.titleKey, hash, a.Source, a.Title, encode(a.Authors), a.Publisher, a.Desk,
		encode(a.Tags), a.Image, encode(a.Marks), len(a.Text), a.Sketch, a.Text}
	if lexemes := ar.tx.dialect.lexemes; lexemes != nil {
		row = append(row, lexemes(a.Title, a.Text))
	}
	ar.fresh, ar.rows = append(ar.fresh, t), append(ar.rows, row)
	var err error
	if len(ar.rows) == ar.tx.dialect.insertRows {
		err = ar.flush(ctx)
	}
	return digest.Result{Verdict: digest.Added, ID: a.ID}, err
}

// flush inserts the rows that wait for it.
func (ar *archivist) flush(ctx context.Context) error {
	const columns = `workspace, id, source, arrived, published, outlet, category, language, guid, url, canonical, title_key, hash, edited_by,
		title, authors, publisher, desk, tags, image, marks, size, sketch, body`
	words, cast := "", ""
	if ar.tx.dialect.lexemes != nil {
		words, cast = ", words", lexemeCast
	}
	err := insert(ctx, ar.tx, `INSERT INTO article (`+columns+words+`) VALUES `, ar.rows, cast, "")
	for _, t := range ar.fresh {
		t.waits = false
	}
	ar.fresh, ar.rows = nil, nil
	return err
}

// lexemeCast makes of a placeholder what article.words holds.
const lexemeCast = `CAST(CAST(? AS text) AS tsvector)`

// revise compares a with its stored twin and takes over what changed.
//
// Several sources may bring one article in different lengths. A version that
// was replaced does not come back when another source repeats it, and another
// source's version wins by being longer; so they do not take turns for ever.
func (ar *archivist) revise(ctx context.Context, t *twin, a entry) (digest.Result, error) {
	same := digest.Result{Verdict: digest.Duplicate, ID: t.id, Title: t.title}
	if t.workspace != a.Workspace || a.Text == "" && t.size > 0 {
		return same, nil // shared articles are not changed from a workspace, nor emptied
	}
	if a.Title == "" || a.Title == digest.Untitled {
		a.Title = t.title
	}
	hash := hashOf(a.Title, a.Text)
	if hash == t.hash || a.Source != t.source && len(a.Text) <= t.size {
		return same, nil
	}
	if a.Source != t.editor {
		var seen int
		err := ar.tx.queryRow(ctx, `SELECT count(*) FROM article_history WHERE workspace = $1 AND article = $2 AND hash = $3`, t.workspace, t.id, hash).Scan(&seen)
		if err != nil || seen > 0 {
			return same, err
		}
	}
	if t.waits {
		if err := ar.flush(ctx); err != nil {
			return same, err
		}
	}
	_, err := ar.tx.exec(ctx, `INSERT INTO article_history (workspace, article, at, title, hash, source) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.workspace, t.id, ar.now, t.title, t.hash, t.editor)
	if err != nil {
		return same, err
	}
	// What the new version does not say stays as it was.
	args := arguments{t.workspace, a.Title, a.Text, len(a.Text), encode(a.Marks), a.Sketch, hash, a.Source, a.URL, a.canonical, a.Outlet, a.Publisher, a.Desk,
		a.Category, a.Language, a.Image, encode(a.Authors), encode(a.Tags), t.id}
	words := ""
	if lexemes := ar.tx.dialect.lexemes; lexemes != nil {
		words = ", words = " + strings.ReplaceAll(lexemeCast, "?", args.add(lexemes(a.Title, a.Text)))
	}
	_, err = ar.tx.exec(ctx, `UPDATE article SET title = $2, body = $3, size = $4, marks = $5, sketch = $6, hash = $7, edited_by = $8,
			url       = CASE WHEN $9 <> ''  THEN $9  ELSE url END,
			canonical = CASE WHEN $10 <> '' THEN $10 ELSE canonical END,
			outlet    = CASE WHEN $11 <> '' THEN $11 ELSE outlet END,
			publisher = CASE WHEN $12 <> '' THEN $12 ELSE publisher END,
			desk      = CASE WHEN $13 <> '' THEN $13 ELSE desk END,
			category  = CASE WHEN $14 <> '' THEN $14 ELSE category END,
			language  = CASE WHEN $15 <> '' THEN $15 ELSE language END,
			image     = CASE WHEN $16 <> '' THEN $16 ELSE image END,
			authors   = CASE WHEN $17 <> '[]' THEN $17 ELSE authors END,
			tags      = CASE WHEN $18 <> '[]' THEN $18 ELSE tags END`+words+`
		WHERE workspace = $1 AND id = $19`, args...)
	t.title, t.hash, t.editor, t.size = a.Title, hash, a.Source, len(a.Text)
	if a.canonical != "" {
		ar.known.readdress(t, a.canonical)
	}
	return digest.Result{Verdict: digest.Updated, ID: t.id, Title: a.Title}, err
}

// hashOf identifies a version of an article.
func hashOf(title, text string) string {
	h := sha256.New()
	h.Write([]byte(title))
	h.Write([]byte{0})
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
