package sqlstore

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestArticleKeepsEveryField(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		want := digest.Article{
			ID: "full", Workspace: "slack:T1", Source: "src", GUID: "g", URL: "https://a.example/x", Title: "Tïtle ‘quoted’",
			Text: "One.\n\nTwo.", Marks: []digest.Mark{{Section: digest.Why, Start: 6, End: 10}}, Authors: []string{"Maya Lind", "Jon Park"},
			Publisher: "Ledger", Desk: "Desk", Outlet: "Wire", Category: "Harbor, city", Tags: []string{"a", "b"}, Language: "en",
			Image: "https://a.example/i.png", Published: day, Arrived: day.Add(time.Millisecond), Sketch: []byte{0, 1, 255},
		}
		if got := store(t, s, want); got != "added" {
			t.Fatalf("got %s, want added", got)
		}
		got := must1(s.Article(context.Background(), "slack:T1", "full"))(t)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("article changed in the store (-want +got):\n%s", d)
		}
		_, err := s.Article(context.Background(), "slack:T2", "full")
		wantKind(t, err, digest.NotFound)
	})
}

func TestIdentity(t *testing.T) {
	edit := func(f func(*digest.Article)) digest.Article {
		a := article(1)
		a.ID = "other"
		f(&a)
		return a
	}
	tests := []struct {
		name string
		in   digest.Article
		want digest.Verdict
	}{
		{"the same again", article(1), digest.Duplicate},
		{"other id, all else the same", edit(func(*digest.Article) {}), digest.Duplicate},
		{"same guid and title, other url", edit(func(a *digest.Article) { a.URL = "https://news.example/moved" }), digest.Duplicate},
		{"same guid and url, other title", edit(func(a *digest.Article) { a.Title = "A new headline" }), digest.Updated},
		{"guid reused for another article", edit(func(a *digest.Article) { a.URL, a.Title = "https://news.example/9", "Another" }), digest.Added},
		{"guid of another source", edit(func(a *digest.Article) { a.Source, a.URL, a.Title = "x", "https://x.example/9", "Another" }), digest.Added},
		{"tracking parameters", edit(func(a *digest.Article) { a.GUID, a.URL = "", "http://www.news.example/1/story/?utm_source=x#top" }), digest.Duplicate},
		{"guid changes each fetch", edit(func(a *digest.Article) { a.GUID = "fresh" }), digest.Duplicate},
		{"same host, title and day", edit(func(a *digest.Article) { a.GUID, a.URL = "", "https://news.example/again" }), digest.Duplicate},
		{"same host and title, other day", edit(func(a *digest.Article) {
			a.GUID, a.URL, a.Published = "", "https://news.example/again", day.AddDate(0, 0, 7)
		}), digest.Added},
		{"changed text", edit(func(a *digest.Article) { a.Text = "Now decided." }), digest.Updated},
		{"text lost", edit(func(a *digest.Article) { a.Text = "" }), digest.Duplicate},
		{"shorter text of another source", edit(func(a *digest.Article) { a.Source, a.Text = "x", "Short." }), digest.Duplicate},
		{"longer text of another source", edit(func(a *digest.Article) { a.Source, a.Text = "x", strings.Repeat("Long. ", 50) }), digest.Updated},
		{"same id only", func() digest.Article {
			a := article(2)
			a.ID, a.GUID, a.URL, a.Title = "id0001", "", "", "Wholly different"
			return a
		}(), digest.Updated},
		{"from a workspace", edit(func(a *digest.Article) { a.Workspace, a.Text = "slack:T1", "Overwritten?" }), digest.Duplicate},
		{"no workspace", edit(func(a *digest.Article) { a.Workspace = "" }), digest.Refused},
		{"NUL", edit(func(a *digest.Article) { a.Text = "a\x00b" }), digest.Refused},
		{"invalid UTF-8", edit(func(a *digest.Article) { a.Authors = []string{"\xff"} }), digest.Refused},
		{"too long", edit(func(a *digest.Article) { a.Text = strings.Repeat("x", maxText+1) }), digest.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, s *Store, _ *clock) {
				// Once in two batches, once within one.
				store(t, s, article(1))
				if got := store(t, s, tt.in); got != string(tt.want) {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				if tt.want == digest.Added || tt.want == digest.Refused {
					return
				}
				r := must1(s.AddArticles(context.Background(), []digest.Article{tt.in}))(t)
				if r[0].Verdict != digest.Duplicate || r[0].ID != "id0001" {
					t.Errorf("again: got %+v, want a duplicate of id0001", r[0])
				}
			})
		})
	}
}

func TestSameWithinOneBatch(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		b := article(1)
		b.ID, b.GUID = "b", ""
		if got, want := store(t, s, article(1), b, article(2), article(1)), "added duplicate added duplicate"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestVersionsDoNotTakeTurns(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		short, long := article(1), article(1)
		long.Source, long.Text = "x", strings.Repeat("The whole text. ", 20)
		edited := article(1)
		edited.Text = "The publisher's correction."
		var got []string
		for _, a := range []digest.Article{short, long, short, long, edited, long, edited, short, edited} {
			got = append(got, store(t, s, a))
		}
		want := strings.Fields("added updated duplicate duplicate updated duplicate duplicate updated updated")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("verdicts (-want +got):\n%s", d)
		}
		var n int
		must(t, s.r.QueryRow(`SELECT count(*) FROM article_history WHERE article = 'id0001'`).Scan(&n))
		if n != 4 {
			t.Errorf("got %d rows of history, want 4", n)
		}
	})
}

func TestUpdateKeepsWhatIsNotSaid(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		a := article(1)
		a.Authors, a.Category, a.Outlet = []string{"Maya"}, "City", "Wire"
		b := article(1)
		b.Text, b.Outlet, b.Arrived = "New text.", "Other Wire", day.AddDate(0, 0, 3)
		if got, want := store(t, s, a, b), "added updated"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		got := must1(s.Article(context.Background(), digest.Shared, "id0001"))(t)
		want := a
		want.Text, want.Outlet = b.Text, b.Outlet
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestArticlesSelects(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		own := article(5)
		own.Workspace, own.Category = "slack:T1", "Harbor, City"
		foreign := article(6)
		foreign.Workspace = "slack:T2"
		other := article(4)
		other.Source, other.Category = "feed", "Citywide"
		store(t, s, foreign, own, other, article(3), article(2), article(1))
		at := func(n int) time.Time { return day.Add(time.Duration(n) * time.Minute) }
		for _, tt := range []struct {
			name string
			q    digest.ArticleQuery
			want string
		}{
			{"in order of arrival", digest.ArticleQuery{Workspace: "slack:T1"}, "id0001 id0002 id0003 id0004 id0005"},
			{"shared only", digest.ArticleQuery{Workspace: digest.Shared}, "id0001 id0002 id0003 id0004"},
			{"newest", digest.ArticleQuery{Workspace: "slack:T1", Newest: true, Limit: 2}, "id0005 id0004"},
			{"half-open window", digest.ArticleQuery{Workspace: "slack:T1", From: at(2), To: at(4)}, "id0002 id0003"},
			{"sources", digest.ArticleQuery{Workspace: "slack:T1", Sources: []string{"feed", "none"}}, "id0004"},
			{"part of a category", digest.ArticleQuery{Workspace: "slack:T1", Category: "city"}, "id0005"},
			{"whole category", digest.ArticleQuery{Workspace: "slack:T1", Category: "harbor, city"}, "id0005"},
			{"no wildcard", digest.ArticleQuery{Workspace: "slack:T1", Category: "%"}, ""},
		} {
			t.Run(tt.name, func(t *testing.T) {
				got := must1(s.Articles(context.Background(), tt.q))(t)
				if ids(got) != tt.want {
					t.Errorf("got %s, want %s", ids(got), tt.want)
				}
				for _, a := range got {
					if a.Text != "" {
						t.Errorf("got the text of %s unasked", a.ID)
					}
				}
			})
		}
		byID := must1(s.ArticlesByID(context.Background(), "slack:T1", []string{"id0005", "none", "id0006", "id0001", "id0005"}))(t)
		if got, want := ids(byID), "id0005 id0001"; got != want {
			t.Errorf("by id: got %s, want %s", got, want)
		}
		if byID[1].Text != article(1).Text {
			t.Errorf("got text %q, want %q", byID[1].Text, article(1).Text)
		}
		c := must1(s.Counts(context.Background(), "slack:T1"))(t)
		if want := (digest.Counts{Articles: 5, Newest: at(5)}); c != want {
			t.Errorf("counts: got %+v, want %+v", c, want)
		}
		must(t, s.PutSources(context.Background(), []digest.Source{{ID: "feed", Workspace: digest.Shared, Kind: "feed", Address: "https://feed.example"}, {ID: article(1).Source, Workspace: digest.Shared, Kind: "push"}}, "config"))
		bySource := must1(s.CountBySource(context.Background(), "slack:T1"))(t)
		if want := map[string]int{article(1).Source: 3, "feed": 1}; !maps.Equal(bySource, want) {
			t.Errorf("by source: got %v, want %v", bySource, want)
		}
		byCategory := must1(s.CountByCategory(context.Background(), "slack:T1", at(4)))(t)
		if want := map[string]int{"Harbor, City": 1, "Citywide": 1}; !maps.Equal(byCategory, want) {
			t.Errorf("by category: got %v, want %v", byCategory, want)
		}
	})
}

func TestOwnArticleHidesTheSharedOne(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		own := article(1)
		own.Workspace, own.Text = "slack:T1", "Council notes of our own."
		store(t, s, own)
		store(t, s, article(1)) // the shared one comes later
		ctx := context.Background()
		list := must1(s.Articles(ctx, digest.ArticleQuery{Workspace: "slack:T1"}))(t)
		byID := must1(s.ArticlesByID(ctx, "slack:T1", []string{own.ID}))(t)
		hits := must1(s.Search(ctx, digest.SearchQuery{Workspace: "slack:T1", Words: "council"}))(t)
		if len(list) != 1 || list[0].Workspace != own.Workspace || len(byID) != 1 || byID[0].Text != own.Text || len(hits) != 1 || hits[0].Article.Workspace != "slack:T1" {
			t.Errorf("got %d articles %v and %d hits, want the own one once", len(list), list, len(hits))
		}
	})
}
