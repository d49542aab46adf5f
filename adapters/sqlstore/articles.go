package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
)

// headColumns are read by scanArticle, before the text.
const headColumns = `a.workspace, a.id, a.source, a.arrived, a.published, a.outlet, a.category, a.language,
	a.guid, a.url, a.title, a.authors, a.publisher, a.desk, a.tags, a.image, a.marks, a.sketch`

// fullColumns and bareColumns are headColumns with and without the text.
const (
	fullColumns = headColumns + `, a.body`
	bareColumns = headColumns + `, ''`
)

// scanArticle reads the columns of fullColumns or bareColumns.
func scanArticle(row scanner) (digest.Article, error) {
	var a digest.Article
	var arrived, published int64
	var authors, tags, marks string
	err := row.Scan(&a.Workspace, &a.ID, &a.Source, &arrived, &published, &a.Outlet, &a.Category, &a.Language,
		&a.GUID, &a.URL, &a.Title, &authors, &a.Publisher, &a.Desk, &tags, &a.Image, &marks, &a.Sketch, &a.Text)
	if err != nil {
		return a, err
	}
	a.Arrived, a.Published = moment(arrived), moment(published)
	if a.Authors, err = decode[string](authors); err != nil {
		return a, err
	}
	if a.Tags, err = decode[string](tags); err != nil {
		return a, err
	}
	a.Marks, err = decode[digest.Mark](marks)
	return a, err
}

// sees lists the workspaces whose rows a workspace may see, its own first.
func sees(workspace string) []string {
	if workspace == digest.Shared || workspace == "" {
		return []string{digest.Shared}
	}
	return []string{workspace, digest.Shared}
}

// Article returns one article with its text. It sees the workspace's own
// articles and the shared ones.
func (s *Store) Article(ctx context.Context, workspace, id string) (digest.Article, error) {
	found, err := s.ArticlesByID(ctx, workspace, []string{id})
	if err != nil {
		return digest.Article{}, err
	}
	if len(found) == 0 {
		return digest.Article{}, digest.Errorf(digest.NotFound, "there is no article %q; look it up with search", id)
	}
	return found[0], nil
}

// ArticlesByID returns articles with their texts in the order of ids. Those
// that do not exist or that the workspace does not see are left out.
func (s *Store) ArticlesByID(ctx context.Context, workspace string, ids []string) ([]digest.Article, error) {
	var out []digest.Article
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = articlesByID(ctx, tx, workspace, ids, fullColumns)
		return err
	})
	return out, err
}

// articlesByID reads articles in the order of ids; of two with the same id the
// workspace's own one.
func articlesByID(ctx context.Context, tx *transaction, workspace string, ids []string, columns string) ([]digest.Article, error) {
	found := make(map[string]digest.Article, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		var args arguments
		query := `SELECT ` + columns + ` FROM article a WHERE a.workspace IN ` + list(&args, sees(workspace)) + ` AND a.id IN ` + list(&args, chunk)
		articles, err := collect(ctx, tx, scanArticle, query, args...)
		if err != nil {
			return nil, err
		}
		for _, a := range articles {
			if old, ok := found[a.ID]; !ok || old.Workspace == digest.Shared {
				found[a.ID] = a
			}
		}
	}
	out := make([]digest.Article, 0, len(found))
	for _, id := range ids {
		if a, ok := found[id]; ok {
			out = append(out, a)
			delete(found, id)
		}
	}
	return out, nil
}

// Articles returns the articles that q selects.
func (s *Store) Articles(ctx context.Context, q digest.ArticleQuery) ([]digest.Article, error) {
	var args arguments
	where, order, limit := windowOf(q, &args), " ORDER BY a.arrived, a.n", ""
	if q.Newest {
		order = " ORDER BY a.arrived DESC, a.n DESC"
	}
	if q.Limit > 0 {
		limit = " LIMIT " + args.add(q.Limit)
	}
	// Each workspace's rows are chosen by an index alone, in its order.
	var chosen []string
	for _, workspace := range sees(q.Workspace) {
		chosen = append(chosen, `SELECT n FROM (SELECT a.n FROM article a WHERE a.workspace = `+args.add(workspace)+where+order+limit+`) AS chosen`)
	}
	query := `SELECT ` + bareColumns + ` FROM article a WHERE a.n IN (` + strings.Join(chosen, " UNION ALL ") + `)` + order + limit
	var out []digest.Article
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var err error
		out, err = collect(ctx, tx, scanArticle, query, args...)
		return err
	})
	return ownFirst(out), err
}

// windowOf returns the conditions that q puts on article "a", each after AND.
func windowOf(q digest.ArticleQuery, args *arguments) string {
	var where strings.Builder
	if len(q.Sources) > 0 {
		where.WriteString(" AND a.source IN " + list(args, q.Sources))
	}
	if !q.From.IsZero() {
		where.WriteString(" AND a.arrived >= " + args.add(millis(q.From)))
	}
	if !q.To.IsZero() {
		where.WriteString(" AND a.arrived < " + args.add(millis(q.To)))
	}
	if q.Category != "" {
		// "Harbor, city" is of the categories "harbor", "city" and both.
		pattern := "%, " + likeable(strings.ToLower(q.Category)) + ",%"
		where.WriteString(` AND ', ' || lower(a.category) || ',' LIKE ` + args.add(pattern) + ` ESCAPE '!'`)
	}
	return where.String()
}

// likeable escapes what LIKE takes for wildcards, with "!".
func likeable(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

// ownFirst drops shared articles that the workspace also has as its own.
func ownFirst(articles []digest.Article) []digest.Article {
	own := make(map[string]bool)
	for _, a := range articles {
		if a.Workspace != digest.Shared {
			own[a.ID] = true
		}
	}
	if len(own) == 0 {
		return articles
	}
	return slices.DeleteFunc(articles, func(a digest.Article) bool { return a.Workspace == digest.Shared && own[a.ID] })
}

// Counts says how much a workspace sees.
func (s *Store) Counts(ctx context.Context, workspace string) (digest.Counts, error) {
	var c digest.Counts
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var args arguments
		in, newest := list(&args, sees(workspace)), int64(0)
		err := tx.queryRow(ctx, `SELECT
			(SELECT count(*) FROM article WHERE workspace IN `+in+`),
			(SELECT count(*) FROM story WHERE workspace IN `+in+`),
			(SELECT count(*) FROM edition WHERE workspace IN `+in+`),
			(SELECT coalesce(max(arrived), 0) FROM article WHERE workspace IN `+in+`)`, args...).
			Scan(&c.Articles, &c.Stories, &c.Editions, &newest)
		c.Newest = moment(newest)
		return err
	})
	return c, err
}

// CountBySource says how many articles are stored from each source that a
// workspace sees, by the source's id.
func (s *Store) CountBySource(ctx context.Context, workspace string) (map[string]int, error) {
	var args arguments
	return s.tally(ctx, `SELECT source.id, (SELECT count(*) FROM article a WHERE a.workspace = source.workspace AND a.source = source.id)
		FROM source WHERE source.workspace IN `+list(&args, sees(workspace)), args)
}

// CountByCategory says how many of the articles that a workspace sees and that
// arrived since a time are filed under each category, as it is written there.
func (s *Store) CountByCategory(ctx context.Context, workspace string, since time.Time) (map[string]int, error) {
	var args arguments
	return s.tally(ctx, `SELECT a.category, count(*) FROM article a WHERE a.workspace IN `+list(&args, sees(workspace))+
		windowOf(digest.ArticleQuery{From: since}, &args)+` GROUP BY a.category`, args)
}

// tally runs a query for names with numbers.
func (s *Store) tally(ctx context.Context, query string, args arguments) (map[string]int, error) {
	var out map[string]int
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		out = make(map[string]int)
		_, err := collect(ctx, tx, func(row scanner) (struct{}, error) {
			var name string
			var n int
			err := row.Scan(&name, &n)
			out[name] = n
			return struct{}{}, err
		}, query, args...)
		return err
	})
	return out, err
}
