// Package feed reads articles from RSS, Atom and JSON feeds.
package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// movesNeeded is how often in a row a permanent redirect must lead to the same
// address before the feed is fetched there.
const movesNeeded = 3

// Options says which feed is read and how.
type Options struct {
	URL       string
	ID        string // of the source, set on every article
	Workspace string // set on every article
	Language  string // ISO 639-1 of articles whose feed does not say theirs, "" to detect
	Category  string // of articles that have none
	Client    *http.Client
	Now       func() time.Time
}

// Source reads one feed.
type Source struct{ o Options }

// New returns a Source for the feed at o.URL, fetched by o.Client, which
// egress.Outside made.
func New(o Options) *Source { return &Source{o} }

// Fetch reads what the feed holds, or nothing when it did not change since c.
// Its errors are of a kind that says what to do: digest.Gone to stop, After
// when the server asks for patience.
func (s *Source) Fetch(ctx context.Context, c digest.Cursor) (digest.Batch, error) {
	address := s.o.URL
	if c.Moves >= movesNeeded && c.MovedTo != "" {
		address = c.MovedTo
	}
	batch, err := s.fetch(ctx, c, address)
	if k := digest.KindOf(err); address != s.o.URL && (k == digest.NotFound || k == digest.Gone || k == digest.Invalid) {
		c.MovedTo, c.Moves = "", 0 // the move led nowhere: ask at the old place
		return s.fetch(ctx, c, s.o.URL)
	}
	return batch, err
}

func (s *Source) fetch(ctx context.Context, c digest.Cursor, address string) (digest.Batch, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return digest.Batch{}, digest.Errorf(digest.Invalid, "%q is not a web address; check the source's address", address)
	}
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5")
	setIf(req.Header, "If-None-Match", c.ETag)
	setIf(req.Header, "If-Modified-Since", c.LastModified)
	resp, err := s.o.Client.Do(req)
	if err != nil {
		return digest.Batch{}, egress.Problem(ctx, address, err)
	}
	defer resp.Body.Close()
	now := s.o.Now()
	next := s.advance(c, resp, address)
	batch := digest.Batch{Cursor: next, After: retryAfter(resp.Header.Get("Retry-After"), now)}
	switch resp.StatusCode {
	case http.StatusNotModified, http.StatusNoContent:
		batch.Unchanged, batch.Cursor.Fetched = true, c.Fetched || resp.StatusCode == http.StatusNoContent
		return batch, nil
	case http.StatusOK, http.StatusIMUsed, http.StatusNonAuthoritativeInfo:
	default:
		return digest.Batch{}, refusal(resp, address, now)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return digest.Batch{}, egress.Problem(ctx, address, err)
	}
	sum := sha256.Sum256(body)
	batch.Cursor.State = "v1:" + hex.EncodeToString(sum[:12])
	batch.Cursor.Fetched = true
	if c.Fetched && batch.Cursor.State == c.State {
		batch.Unchanged = true
		return batch, nil
	}
	f, err := Parse(body, resp.Header.Get("Content-Type"), resp.Request.URL.String())
	if err != nil {
		return digest.Batch{}, err
	}
	batch.Name, batch.Dropped, batch.Refused = f.Title, f.Dropped, f.Refused
	s.finish(&batch, f, c.Fetched, now)
	return batch, nil
}

// advance returns the cursor after resp, before its body is read.
func (s *Source) advance(c digest.Cursor, resp *http.Response, address string) digest.Cursor {
	next := c
	next.Source = s.o.ID
	etag, modified := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	if resp.StatusCode != http.StatusNotModified || etag != "" {
		next.ETag = etag
	}
	if resp.StatusCode != http.StatusNotModified || modified != "" {
		next.LastModified = modified
	}
	switch target := moved(resp); {
	case target == "" && address != s.o.URL: // fetched where it moved to, and it is still there
	case target == "" || target == s.o.URL:
		next.MovedTo, next.Moves = "", 0
	case target == c.MovedTo:
		next.Moves = min(c.Moves+1, movesNeeded)
	default:
		next.MovedTo, next.Moves = target, 1
	}
	return next
}

// finish completes the articles of a feed. What a feed holds when it is first
// fetched arrived when it was published; later items arrive now.
func (s *Source) finish(batch *digest.Batch, f Feed, fetched bool, now time.Time) {
	for _, a := range f.Articles {
		a.Source, a.Workspace = s.o.ID, s.o.Workspace
		if a.Workspace == "" {
			a.Workspace = digest.Shared
		}
		a.Language = orString(a.Language, s.o.Language)
		a.Category = orString(a.Category, s.o.Category)
		a.Arrived = now
		if !fetched && a.Published.Year() >= 1990 && !a.Published.After(now) {
			a.Arrived = a.Published
		}
		done, err := intake.Finish(a, now)
		if err != nil {
			batch.Refused = append(batch.Refused, digest.Result{Verdict: digest.Refused, Title: a.Title, Where: orString(a.URL, s.o.URL), Reason: digest.Explain(err)})
			continue
		}
		batch.Articles = append(batch.Articles, done)
	}
}

func setIf(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}
