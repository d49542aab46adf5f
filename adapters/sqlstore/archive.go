package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
		err := s.write(ctx, bulkLimit, func(ctx context.Context, tx *sql.Tx) error {
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
	err := s.write(ctx, bulkLimit, func(ctx context.Context, tx *sql.Tx) error {
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
	tx  *sql.Tx
	now int64

	byGUID, byURL, byTitle, byID, known, insert *sql.Stmt
}

// addArticles stores articles in order of arrival, so that their numbers grow
// with it, and reports in the order given.
func addArticles(ctx context.Context, tx *sql.Tx, articles []digest.Article, now int64) ([]digest.Result, error) {
	if len(articles) == 0 {
		return nil, nil
	}
	ar := archivist{tx: tx, now: now}
	if err := ar.prepare(ctx); err != nil {
		return nil, err
	}
	order := make([]int, len(articles))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return articles[i].Arrived.Compare(articles[j].Arrived) })
	results := make([]digest.Result, len(articles))
	for _, i := range order {
		a := articles[i]
		if a.ID == "" {
			a.ID = digest.NewID(a)
		}
		if a.Arrived.IsZero() {
			a.Arrived = moment(now)
		}
		r, err := ar.add(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", a.ID, err)
		}
		r.Title = cmp.Or(r.Title, a.Title)
		results[i] = r
	}
	return results, nil
}

// twinColumns are read by scanTwin.
const twinColumns = `n, workspace, id, source, canonical, title, hash, edited_by, size`

// prepare makes the statements that every article needs. Rows of the
// workspace stand before shared ones, older before newer.
func (ar *archivist) prepare(ctx context.Context) error {
	const rest = ` ORDER BY CASE WHEN workspace = $1 THEN 0 ELSE 1 END, n`
	const from = `SELECT ` + twinColumns + ` FROM article WHERE workspace IN ($1, $2) AND `
	for _, p := range []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&ar.byGUID, from + `source = $3 AND guid = $4 AND guid <> ''` + rest},
		{&ar.byURL, from + `canonical = $3 AND canonical <> ''` + rest + ` LIMIT 1`},
		{&ar.byTitle, from + `title_key = $3 AND title_key <> ''` + rest + ` LIMIT 1`},
		{&ar.byID, from + `id = $3` + rest + ` LIMIT 1`},
		{&ar.known, `SELECT count(*) FROM article_history WHERE workspace = $1 AND article = $2 AND hash = $3`},
		{&ar.insert, `INSERT INTO article (workspace, id, source, arrived, published, outlet, category, language,
			guid, url, canonical, title_key, hash, edited_by, title, authors, publisher, desk, tags, image, marks, size, sketch, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $3, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`},
	} {
		stmt, err := ar.tx.PrepareContext(ctx, p.query)
		if err != nil {
			return err
		}
		*p.stmt = stmt // closed with the transaction
	}
	return nil
}

// twin is what is stored of the same article.
type twin struct {
	n                              int64
	workspace, id, source          string
	canonical, title, hash, editor string
	size                           int
}

func scanTwin(row scanner) (twin, error) {
	var t twin
	err := row.Scan(&t.n, &t.workspace, &t.id, &t.source, &t.canonical, &t.title, &t.hash, &t.editor, &t.size)
	return t, err
}

// add stores one article or finds it stored.
func (ar *archivist) add(ctx context.Context, a digest.Article) (digest.Result, error) {
	if reason := unfit(a); reason != "" {
		return digest.Result{Verdict: digest.Refused, Reason: reason}, nil
	}
	t, ok, err := ar.twin(ctx, a)
	switch {
	case err != nil:
		return digest.Result{}, err
	case ok:
		return ar.revise(ctx, t, a)
	}
	_, err = ar.insert.ExecContext(ctx, a.Workspace, a.ID, a.Source, millis(a.Arrived), millis(a.Published), a.Outlet, a.Category, a.Language,
		a.GUID, a.URL, identifying(a.URL), digest.TitleKey(a), hashOf(a.Title, a.Text), a.Title, encode(a.Authors), a.Publisher, a.Desk,
		encode(a.Tags), a.Image, encode(a.Marks), len(a.Text), a.Sketch, a.Text)
	return digest.Result{Verdict: digest.Added, ID: a.ID}, err
}

// unfit says why the database cannot take an article, "" when it can.
func unfit(a digest.Article) string {
	switch {
	case a.ID == "":
		return "the article has neither address, title nor text to know it by"
	case a.Workspace == "":
		return "the article belongs to no workspace"
	case len(a.Text) > maxText:
		return fmt.Sprintf("the text has %d bytes, more than the %d that are stored; shorten it", len(a.Text), maxText)
	}
	fields := slices.Concat([]string{a.ID, a.Source, a.GUID, a.URL, a.Title, a.Text, a.Publisher, a.Desk, a.Outlet, a.Category, a.Language, a.Image}, a.Authors, a.Tags)
	for _, f := range fields {
		if !utf8.ValidString(f) || strings.ContainsRune(f, 0) {
			return "the article holds bytes that are no text; save it as UTF-8"
		}
	}
	return ""
}

// identifying returns the canonical form of an address, "" for that of a whole
// site, which many articles share.
func identifying(raw string) string {
	address := digest.CanonicalURL(raw)
	if strings.Count(address, "/") > 2 || strings.Contains(address, "?") {
		return address
	}
	return ""
}

// twin finds the stored article with the identity of a, by the rules in their
// order: source and GUID where URL or title agrees, URL, title and day, id.
func (ar *archivist) twin(ctx context.Context, a digest.Article) (twin, bool, error) {
	canonical := identifying(a.URL)
	if a.GUID != "" {
		rows, err := queryTwins(ctx, ar.byGUID, a.Workspace, digest.Shared, a.Source, a.GUID)
		if err != nil {
			return twin{}, false, err
		}
		for _, t := range rows {
			if canonical != "" && t.canonical == canonical || strings.EqualFold(t.title, a.Title) {
				return t, true, nil
			}
		}
	}
	for _, rule := range []struct {
		stmt *sql.Stmt
		key  string
	}{{ar.byURL, canonical}, {ar.byTitle, digest.TitleKey(a)}, {ar.byID, a.ID}} {
		if rule.key == "" {
			continue
		}
		t, err := scanTwin(rule.stmt.QueryRowContext(ctx, a.Workspace, digest.Shared, rule.key))
		if !errors.Is(err, sql.ErrNoRows) {
			return t, err == nil, err
		}
	}
	return twin{}, false, nil
}

func queryTwins(ctx context.Context, stmt *sql.Stmt, args ...any) ([]twin, error) {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []twin
	for rows.Next() {
		t, err := scanTwin(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// revise compares a with its stored twin and takes over what changed.
//
// Several sources may bring one article in different lengths. A version that
// was replaced does not come back when another source repeats it, and another
// source's version wins by being longer; so they do not take turns for ever.
func (ar *archivist) revise(ctx context.Context, t twin, a digest.Article) (digest.Result, error) {
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
		if err := ar.known.QueryRowContext(ctx, t.workspace, t.id, hash).Scan(&seen); err != nil || seen > 0 {
			return same, err
		}
	}
	_, err := ar.tx.ExecContext(ctx, `INSERT INTO article_history (workspace, article, at, title, hash, source) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.workspace, t.id, ar.now, t.title, t.hash, t.editor)
	if err != nil {
		return same, err
	}
	// What the new version does not say stays as it was.
	_, err = ar.tx.ExecContext(ctx, `UPDATE article SET title = $2, body = $3, size = $4, marks = $5, sketch = $6, hash = $7, edited_by = $8,
			url       = CASE WHEN $9 <> ''  THEN $9  ELSE url END,
			canonical = CASE WHEN $10 <> '' THEN $10 ELSE canonical END,
			outlet    = CASE WHEN $11 <> '' THEN $11 ELSE outlet END,
			publisher = CASE WHEN $12 <> '' THEN $12 ELSE publisher END,
			desk      = CASE WHEN $13 <> '' THEN $13 ELSE desk END,
			category  = CASE WHEN $14 <> '' THEN $14 ELSE category END,
			language  = CASE WHEN $15 <> '' THEN $15 ELSE language END,
			image     = CASE WHEN $16 <> '' THEN $16 ELSE image END,
			authors   = CASE WHEN $17 <> '[]' THEN $17 ELSE authors END,
			tags      = CASE WHEN $18 <> '[]' THEN $18 ELSE tags END
		WHERE n = $1`,
		t.n, a.Title, a.Text, len(a.Text), encode(a.Marks), a.Sketch, hash, a.Source, a.URL, identifying(a.URL), a.Outlet, a.Publisher, a.Desk,
		a.Category, a.Language, a.Image, encode(a.Authors), encode(a.Tags))
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
