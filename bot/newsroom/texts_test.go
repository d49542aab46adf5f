package newsroom_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// reader is a store that notes whose texts it gave out.
type reader struct {
	newsroom.Store
	read []string
}

// ArticlesByID notes all.
func (r *reader) ArticlesByID(ctx context.Context, workspace string, ids []string) ([]digest.Article, error) {
	r.read = append(r.read, ids...)
	return r.Store.ArticlesByID(ctx, workspace, ids)
}

// TestFiltersReadFewTexts builds and previews a digest with a rule for words,
// over an archive with older articles: their texts stay where they are.
func TestFiltersReadFewTexts(t *testing.T) {
	sub := daily()
	sub.Exclude = []string{strings.Fields(gibberish("railway2", 1))[0]} // stands in the text alone
	b := newBench(t, sub)
	old := []digest.Article{}
	for i, title := range []string{"Comet passes Jupiter", "Cheese makers win a label", "Chess champion loses"} {
		at := monday.Add(-time.Duration(40+i) * time.Hour)
		old = append(old, digest.Article{ID: "old" + string(rune('a'+i)), Workspace: digest.Shared, Source: "wire", Title: title, Text: title + ", it was reported on the day before.", Published: at, Arrived: at})
	}
	if _, err := b.store.AddArticles(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	fresh, err := b.store.Articles(t.Context(), digest.ArticleQuery{Workspace: digest.Local, From: monday.Add(-24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, a := range fresh {
		want = append(want, a.ID)
	}
	slices.Sort(want)
	r := &reader{Store: b.store}
	b.Store = r
	read := func() []string {
		slices.Sort(r.read)
		got := slices.Compact(r.read)
		r.read = nil
		return got
	}
	e, err := b.Preview(t.Context(), sub, at(8, 0))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("texts of a preview (-want +got):\n%s", diff)
	}
	for _, item := range e.Items {
		if strings.HasPrefix(item.Brief.Headline, "railway") {
			t.Errorf("%q passed the filter", item.Brief.Headline)
		}
	}
	if len(e.Items) != 2 {
		t.Errorf("got %d stories, want the two that pass the filter", len(e.Items))
	}
	b.clock.set(at(8, 0))
	b.settle()
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("texts of a digest (-want +got):\n%s", diff)
	}
}
