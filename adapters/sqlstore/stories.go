package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"nutgraf/digest"
)

// SaveStories adds or changes stories of a workspace. An article moves to the
// story that names it last; articles that a story no longer names stay with it
// until another one names them, so that stories keep what left the window.
func (s *Store) SaveStories(ctx context.Context, workspace string, stories []digest.Story) error {
	var heads, members [][]any
	for _, st := range stories {
		if len(st.Articles) == 0 {
			continue
		}
		var latest time.Time
		for i, a := range st.Articles {
			if a.Arrived.After(latest) {
				latest = a.Arrived
			}
			members = append(members, []any{workspace, a.ID, st.ID, i})
		}
		heads = append(heads, []any{workspace, st.ID, st.Articles[0].Title, millis(st.FirstSeen), millis(latest), encode(st.Copies)})
	}
	heads, members = lastOf(heads), lastOf(members)
	return s.writeBulk(ctx, func(ctx context.Context, tx *transaction) error {
		err := insert(ctx, tx, `INSERT INTO story (workspace, id, headline, first_seen, latest, copies) VALUES `, heads, "", `
			ON CONFLICT (workspace, id) DO UPDATE SET headline = excluded.headline, copies = excluded.copies,
				first_seen = CASE WHEN excluded.first_seen < story.first_seen THEN excluded.first_seen ELSE story.first_seen END,
				latest = CASE WHEN excluded.latest > story.latest THEN excluded.latest ELSE story.latest END
			WHERE story.headline <> excluded.headline OR story.copies <> excluded.copies OR story.latest < excluded.latest OR story.first_seen > excluded.first_seen`)
		if err != nil {
			return err
		}
		return insert(ctx, tx, `INSERT INTO story_article (workspace, article, story, position) VALUES `, members, "", `
			ON CONFLICT (workspace, article) DO UPDATE SET story = excluded.story, position = excluded.position
			WHERE story_article.story <> excluded.story OR story_article.position <> excluded.position`)
	})
}

// lastOf keeps the last of the rows with the same second column, sorted by it,
// so that transactions side by side touch rows in the same order.
func lastOf(rows [][]any) [][]any {
	id := func(row []any) string { return row[1].(string) }
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b []any) int { return cmp.Compare(id(a), id(b)) })
	return slices.CompactFunc(rows, func(a, b []any) bool { return id(a) == id(b) })
}

// Stories returns the stories of a workspace, and the shared ones it has no
// version of, to which an article came at or after since. Their articles are
// heads, in the order in which they were saved.
func (s *Store) Stories(ctx context.Context, workspace string, since time.Time) ([]digest.Story, error) {
	var out []digest.Story
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var args arguments
		in, from := list(&args, sees(workspace)), args.add(millis(since))
		stories, err := collect(ctx, tx, scanStory, `SELECT workspace, id, first_seen, copies FROM story
			WHERE workspace IN `+in+` AND latest >= `+from+` ORDER BY first_seen, id`, args...)
		if err != nil {
			return err
		}
		type member struct {
			workspace, story string
			article          digest.Article
		}
		members, err := collect(ctx, tx, func(row scanner) (member, error) {
			var m member
			var err error
			m.article, err = scanArticle(prefixed{prefixed{row, &m.workspace}, &m.story})
			return m, err
		}, `SELECT m.workspace, m.story, `+bareColumns+` FROM story st
			JOIN story_article m ON m.workspace = st.workspace AND m.story = st.id
			JOIN article a ON a.id = m.article AND a.workspace IN (m.workspace, '`+digest.Shared+`')
			WHERE st.workspace IN `+in+` AND st.latest >= `+from+` ORDER BY m.workspace, m.story, m.position, a.n`, args...)
		if err != nil {
			return err
		}
		articles := make(map[[2]string][]digest.Article)
		for _, m := range members {
			key := [2]string{m.workspace, m.story}
			articles[key] = append(articles[key], m.article)
		}
		own := make(map[string]bool)
		for _, st := range stories {
			own[st.ID] = own[st.ID] || st.Workspace != digest.Shared
		}
		for _, st := range stories {
			st.Articles = ownFirst(articles[[2]string{st.Workspace, st.ID}])
			if len(st.Articles) > 0 && (st.Workspace != digest.Shared || !own[st.ID]) {
				out = append(out, st)
			}
		}
		return nil
	})
	return out, err
}

func scanStory(row scanner) (digest.Story, error) {
	var st digest.Story
	var first int64
	var copies string
	if err := row.Scan(&st.Workspace, &st.ID, &first, &copies); err != nil {
		return st, err
	}
	st.FirstSeen = moment(first)
	var err error
	st.Copies, err = decode[string](copies)
	return st, err
}

// Story returns a story with its articles and their texts: the workspace's own
// version, to which the shared articles belong that came later, else the shared
// one.
func (s *Store) Story(ctx context.Context, workspace, id string) (digest.Story, error) {
	var out digest.Story
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		var args arguments
		wanted := args.add(id)
		stories, err := collect(ctx, tx, scanStory, `SELECT workspace, id, first_seen, copies FROM story
			WHERE id = `+wanted+` AND workspace IN `+list(&args, sees(workspace)), args...)
		if err != nil {
			return err
		}
		if len(stories) == 0 {
			return digest.Errorf(digest.NotFound, "there is no story %q; look it up with search", id)
		}
		out = stories[0]
		if len(stories) > 1 && out.Workspace == digest.Shared {
			out = stories[1]
		}
		ids, err := collect(ctx, tx, scanString, `SELECT article FROM story_article m WHERE workspace IN ($1, '`+digest.Shared+`') AND story = $2
			AND (workspace = $1 OR NOT EXISTS (SELECT 1 FROM story_article o WHERE o.workspace = $1 AND o.article = m.article))
			ORDER BY CASE WHEN workspace = $1 THEN 0 ELSE 1 END, position, article`, out.Workspace, id)
		if err != nil {
			return err
		}
		out.Articles, err = articlesByID(ctx, tx, workspace, ids, fullColumns)
		return err
	})
	return out, err
}

// StoryOf returns the id of the story that an article belongs to, "" when it
// has not been grouped.
func (s *Store) StoryOf(ctx context.Context, workspace, article string) (string, error) {
	var out string
	err := s.read(ctx, func(ctx context.Context, tx *transaction) error {
		stories, err := storiesOf(ctx, tx, workspace, []string{article})
		out = stories[article]
		return err
	})
	return out, err
}

// storiesOf returns the stories of articles by article id; the workspace's own
// grouping goes before the shared one.
func storiesOf(ctx context.Context, tx *transaction, workspace string, articles []string) (map[string]string, error) {
	out := make(map[string]string, len(articles))
	if len(articles) == 0 {
		return out, nil
	}
	var args arguments
	query := `SELECT workspace, article, story FROM story_article WHERE workspace IN ` + list(&args, sees(workspace)) + ` AND article IN ` + list(&args, articles)
	_, err := collect(ctx, tx, func(row scanner) (struct{}, error) {
		var where, article, story string
		err := row.Scan(&where, &article, &story)
		if _, ok := out[article]; !ok || where != digest.Shared {
			out[article] = story
		}
		return struct{}{}, err
	}, query, args...)
	return out, err
}
