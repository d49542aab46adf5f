package newsroom

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/story"
)

// regroup is how long a stream is trusted before it is taken up from the store
// again: other processes group too.
const regroup = 10 * time.Minute

// grouper holds the streams that put arriving articles into stories: that of the
// shared articles, and that of the workspace which had articles of its own last.
type grouper struct {
	mu      sync.Mutex
	streams map[string]stream
}

type stream struct {
	*story.Stream
	from time.Time // when it was taken up
}

// group puts articles that have just been stored into stories, so that a story
// can be asked for before a digest is built. An article that this fails for
// waits for the next one that arrives, or for the next digest.
func (n *Newsroom) group(ctx context.Context, articles []digest.Article, results []digest.Result) {
	n.grouper.mu.Lock()
	defer n.grouper.mu.Unlock()
	now := n.now()
	added := make(map[string][]digest.Article) // by workspace
	for i, r := range results {
		if r.Verdict != digest.Added {
			continue
		}
		a := articles[i]
		if a.ID = r.ID; a.Arrived.IsZero() {
			a.Arrived = now
		}
		if now.Sub(a.Arrived) < grouping {
			added[a.Workspace] = append(added[a.Workspace], a)
		}
	}
	for _, workspace := range slices.Sorted(maps.Keys(added)) {
		err := n.safely("grouping", func() error { return n.arrive(ctx, workspace, added[workspace], now) })
		if err != nil {
			delete(n.grouper.streams, workspace)
			n.log().Warn("new articles wait to be grouped", "workspace", workspace, "articles", len(added[workspace]), "error", err)
		}
	}
}

// arrive adds articles of a workspace to its stream and saves the stories that
// they change. Shared ones change the stories of a workspace as well.
func (n *Newsroom) arrive(ctx context.Context, workspace string, articles []digest.Article, now time.Time) error {
	s, ok := n.grouper.streams[workspace]
	if !ok || now.Sub(s.from) > regroup || now.Before(s.from) {
		rest, err := n.takeUp(ctx, workspace, now)
		if err != nil {
			return err
		}
		s, articles = n.grouper.streams[workspace], append(rest, articles...)
	}
	if err := n.Store.SaveStories(ctx, workspace, s.Add(articles)); err != nil {
		return err
	}
	for own, s := range n.grouper.streams {
		if workspace != digest.Shared || own == digest.Shared {
			continue
		}
		changed := slices.DeleteFunc(s.Add(articles), func(st digest.Story) bool { return st.Workspace != own })
		if err := n.Store.SaveStories(ctx, own, changed); err != nil {
			return err
		}
	}
	return nil
}

// takeUp makes a workspace's stream from what the store has of the last days,
// and returns the articles that have no story yet.
func (n *Newsroom) takeUp(ctx context.Context, workspace string, now time.Time) ([]digest.Article, error) {
	since := now.Add(-grouping)
	articles, err := n.Store.Articles(ctx, digest.ArticleQuery{Workspace: workspace, From: since})
	if err != nil {
		return nil, err
	}
	stories, err := n.Store.Stories(ctx, workspace, since)
	if err != nil {
		return nil, err
	}
	s, rest := story.NewStream(articles, stories)
	if n.grouper.streams == nil {
		n.grouper.streams = make(map[string]stream)
	}
	maps.DeleteFunc(n.grouper.streams, func(other string, _ stream) bool { return other != digest.Shared })
	n.grouper.streams[workspace] = stream{s, now}
	return rest, nil
}

// saveStories saves the stories of a whole window. Streams follow them.
func (n *Newsroom) saveStories(ctx context.Context, workspace string, stories []digest.Story) error {
	n.grouper.mu.Lock()
	defer n.grouper.mu.Unlock()
	delete(n.grouper.streams, workspace)
	return n.Store.SaveStories(ctx, workspace, stories)
}
