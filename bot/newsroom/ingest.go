package newsroom

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"nutgraf/digest"
)

const (
	fetchers  = 8  // sources that are fetched at the same time
	sourceRun = 64 // sources that one round claims
	maxWait   = 24 * time.Hour
)

// Ingest fetches the sources that are due and stores what they bring. Feeds of
// one address are fetched with one request. It returns how many sources it
// tried.
func (n *Newsroom) Ingest(ctx context.Context) (int, error) {
	t := n.timing()
	sources, cursors, err := n.Store.DueSources(ctx, n.now(), 2*t.Fetch, sourceRun)
	if err != nil {
		return 0, err
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var problems []error
	free := make(chan struct{}, fetchers)
	for _, same := range byAddress(sources, cursors) {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			ctx := ctx
			if len(same) > 1 && n.Together != nil {
				ctx = n.Together(ctx)
			}
			for _, d := range same {
				if err := n.ingest(ctx, d.Source, d.cursor); err != nil {
					mu.Lock()
					problems = append(problems, err)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return len(sources), errors.Join(problems...)
}

// due is a source that is to be fetched, with what it remembers.
type due struct {
	digest.Source
	cursor digest.Cursor
}

// byAddress puts the feeds of one address together, however many workspaces
// have it. First come those that have nothing to compare with: what they are
// sent is enough for the others.
func byAddress(sources []digest.Source, cursors []digest.Cursor) [][]due {
	var out [][]due
	at := make(map[string]int)
	for i, src := range sources {
		d := due{src, cursors[i]}
		k, known := at[src.Address]
		switch {
		case src.Kind == "feed" && known && d.cursor.ETag+d.cursor.LastModified == "":
			out[k] = slices.Insert(out[k], 0, d)
		case src.Kind == "feed" && known:
			out[k] = append(out[k], d)
		default:
			if src.Kind == "feed" {
				at[src.Address] = len(out)
			}
			out = append(out, []due{d})
		}
	}
	return out
}

// ingest fetches one source. Its error is one of the store; those of the
// source are recorded there.
func (n *Newsroom) ingest(ctx context.Context, src digest.Source, c digest.Cursor) error {
	var b digest.Batch
	err := n.safely("source "+src.ID, func() (err error) {
		b, err = n.fetch(ctx, src, c)
		return err
	})
	if ctx.Err() != nil {
		return nil // stopping: the source is tried again
	}
	every := interval(src)
	if err != nil {
		return n.sourceFailed(ctx, src, every, err)
	}
	every = time.Duration(float64(every) * (1 + 0.1*share(src.ID, 0)))
	results, err := n.Store.StoreBatch(ctx, b, n.now().Add(max(every, b.After)))
	if err != nil {
		return err
	}
	if !b.Unchanged {
		n.Clear(ctx, digest.Notice{Workspace: src.Workspace, Cause: digest.CauseSource, Subject: src.ID})
	}
	n.group(ctx, b.Articles, results)
	added := 0
	for _, r := range results {
		if r.Verdict == digest.Added {
			added++
		}
	}
	n.log().Info("source fetched", "source", src.ID, "articles", len(b.Articles), "new", added, "refused", len(b.Refused), "dropped", b.Dropped, "unchanged", b.Unchanged)
	return nil
}

func (n *Newsroom) fetch(ctx context.Context, src digest.Source, c digest.Cursor) (digest.Batch, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timing().Fetch)
	defer cancel()
	adapter, err := n.Open(src)
	if err != nil {
		return digest.Batch{}, err
	}
	b, err := adapter.Fetch(ctx, c)
	if err != nil {
		return digest.Batch{}, err
	}
	b.Cursor.Source, b.Cursor.Fetched = src.ID, true
	for i := range b.Articles {
		a := &b.Articles[i]
		if a.Source == "" {
			a.Source = src.ID
		}
		if a.Workspace == "" {
			a.Workspace = src.Workspace
		}
	}
	sketch(b.Articles)
	return b, nil
}

// sourceFailed records a failure and when the source is tried again: after its
// interval, doubled by every failure in a row up to a day, and no sooner than
// the source asked.
func (n *Newsroom) sourceFailed(ctx context.Context, src digest.Source, every time.Duration, cause error) error {
	problem := digest.Explain(cause)
	if digest.KindOf(cause) == digest.Internal {
		problem = "This source could not be read; the log of the program says why."
	}
	wait := max(min(every, time.Hour), time.Minute)
	statuses, err := n.Store.Sources(ctx, src.Workspace)
	if err != nil {
		return err
	}
	for _, s := range statuses {
		if s.ID == src.ID {
			wait = min(wait<<min(s.Failures, 12), maxWait)
		}
	}
	var e *digest.Error
	if errors.As(cause, &e) {
		wait = max(wait, e.After)
		if e.Kind == digest.Gone {
			wait = max(wait, maxWait)
			n.Notify(ctx, digest.Notice{Workspace: src.Workspace, Cause: digest.CauseSource, Subject: src.ID, Text: problem})
		}
	}
	n.log().Warn("source failed", "source", src.ID, "error", cause, "again in", wait)
	return n.Store.FailSource(ctx, src.ID, problem, n.now().Add(wait))
}

// interval returns the shortest time between two fetches of a source.
func interval(src digest.Source) time.Duration {
	switch {
	case src.Every > 0:
		return src.Every
	case src.Kind == "folder":
		return time.Minute
	}
	return time.Hour
}
