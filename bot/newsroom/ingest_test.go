package newsroom_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// sourceFunc is a source made of a function.
type sourceFunc func(digest.Cursor) (digest.Batch, error)

func (f sourceFunc) Fetch(_ context.Context, c digest.Cursor) (digest.Batch, error) { return f(c) }

func TestIngest(t *testing.T) {
	b := newBench(t)
	article, err := intake.Finish(digest.Article{Workspace: digest.Shared, Source: "good", URL: "https://example.org/dam", Title: "A dam is built", Text: "A dam is built in Linden."}, at(7, 0))
	if err != nil {
		t.Fatal(err)
	}
	fetched := make(map[string]int)
	sources := map[string]sourceFunc{
		"good": func(c digest.Cursor) (digest.Batch, error) {
			if fetched["good"]++; fetched["good"] > 1 && c.ETag != `"1"` {
				t.Errorf("got cursor %+v, want the one of the last fetch", c)
			}
			return digest.Batch{Articles: []digest.Article{article}, Cursor: digest.Cursor{ETag: `"1"`}}, nil
		},
		"down": func(digest.Cursor) (digest.Batch, error) {
			fetched["down"]++
			return digest.Batch{}, digest.Errorf(digest.Unavailable, "the site is down")
		},
		"busy": func(digest.Cursor) (digest.Batch, error) {
			fetched["busy"]++
			return digest.Batch{}, &digest.Error{Kind: digest.RateLimited, Msg: "too often", After: 5 * time.Hour}
		},
		"panic": func(digest.Cursor) (digest.Batch, error) { fetched["panic"]++; panic("a bug in a parser") },
	}
	one := make(chan struct{}, 1) // the map above is not made for concurrent use
	b.Open = func(s digest.Source) (newsroom.Source, error) {
		return sourceFunc(func(c digest.Cursor) (digest.Batch, error) {
			one <- struct{}{}
			defer func() { <-one }()
			return sources[s.ID](c)
		}), nil
	}
	var list []digest.Source
	for id := range sources {
		list = append(list, digest.Source{ID: id, Workspace: digest.Shared, Kind: "feed", Address: "https://example.org/" + id, Name: id})
	}
	if err := b.store.PutSources(t.Context(), list, "config"); err != nil {
		t.Fatal(err)
	}
	for range 24 * 6 {
		b.settle()
		b.clock.turn(10 * time.Minute)
	}
	// Every hour and a little; after 1, 2, 4, 8 … hours; every five hours at
	// least while that is longer.
	for id, want := range map[string][2]int{"good": {21, 24}, "down": {5, 5}, "busy": {5, 5}, "panic": {5, 5}} {
		if got := fetched[id]; got < want[0] || got > want[1] {
			t.Errorf("source %s was fetched %d times in a day, want %d to %d", id, got, want[0], want[1])
		}
	}
	statuses, err := b.store.Sources(t.Context(), digest.Local)
	if err != nil {
		t.Fatal(err)
	}
	problems := map[string]string{"good": "", "down": "the site is down", "busy": "too often", "panic": "could not be read; the log"}
	for _, s := range statuses {
		if want := problems[s.ID]; !strings.Contains(s.Problem, want) || want == "" && s.Problem != "" {
			t.Errorf("source %s has the problem %q, want %q", s.ID, s.Problem, want)
		}
	}
	stored, err := b.store.Article(t.Context(), digest.Local, article.ID)
	if err != nil || len(stored.Sketch) == 0 {
		t.Errorf("got article with a sketch of %d bytes, %v", len(stored.Sketch), err)
	}
}

// TestGoneSource tells once of a source that is gone for good, and again when
// that happens after it had come back.
func TestGoneSource(t *testing.T) {
	b := newOperatedBench(t)
	gone := true
	b.Open = func(digest.Source) (newsroom.Source, error) {
		return sourceFunc(func(digest.Cursor) (digest.Batch, error) {
			if gone {
				return digest.Batch{}, digest.Errorf(digest.Gone, "https://example.org/feed is gone for good")
			}
			return digest.Batch{}, nil
		}), nil
	}
	err := b.store.PutSources(t.Context(), []digest.Source{{ID: "feed", Workspace: digest.Shared, Kind: "feed", Address: "https://example.org/feed"}}, "config")
	if err != nil {
		t.Fatal(err)
	}
	const told = "source stopped · feed"
	for _, day := range []struct {
		gone bool
		want []string
	}{{true, []string{told}}, {true, []string{told}}, {false, []string{told}}, {true, []string{told, told}}} {
		gone = day.gone
		b.settle()
		b.wantNotices(day.want...)
		b.clock.turn(25 * time.Hour)
	}
}
