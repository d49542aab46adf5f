package sqlstore

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// library stores the articles that searches look for.
func library(t testing.TB, s *Store) {
	t.Helper()
	for i, a := range []digest.Article{
		{ID: "port", Title: "Port of Linden weighs curfew", Text: "It's a plan for freight trains. Ubuntu 20.04 runs the multi-agent cranes."},
		{ID: "cafe", Title: "Café opens", Text: "The naïve owner of the café said: title: secret is safe."},
		{ID: "pass", Title: "Trains pass", Text: "A freight train passes the port at night. " + strings.Repeat("More words follow here. ", 40) + "At last the curfew."},
		{ID: "asia", Title: "東京の天気", Text: "東京は今日も雨です。"},
		{ID: "old", Title: "Harbor strike", Text: "A strike at the harbor.", Published: day.AddDate(-2, 0, 0)},
		{ID: "new", Title: "Harbor strike", Text: "A strike at the harbor, again.", Outlet: "Linden Wire"},
	} {
		a.Workspace, a.Source = digest.Shared, "lib"
		a.URL = "https://lib.example/" + a.ID
		a.Arrived = day.Add(time.Duration(i) * time.Minute)
		if a.ID == "pass" {
			a.Workspace = "slack:T1"
		}
		if got := store(t, s, a); got != "added" {
			t.Fatalf("%s: %s", a.ID, got)
		}
	}
}

func found(hits []digest.Hit) string {
	out := make([]string, 0, len(hits))
	for _, h := range hits {
		out = append(out, h.Article.ID)
	}
	return strings.Join(out, " ")
}

func TestSearch(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		library(t, s)
		for _, tt := range []struct {
			name string
			q    digest.SearchQuery
			want string
		}{
			{"apostrophe", digest.SearchQuery{Words: "it's"}, "port"},
			{"number", digest.SearchQuery{Words: "20.04"}, "port"},
			{"hyphen", digest.SearchQuery{Words: "multi-agent"}, "port"},
			{"title before text", digest.SearchQuery{Workspace: "slack:T1", Words: "port"}, "port pass"},
			{"tenant", digest.SearchQuery{Words: "freight"}, "port"},
			{"all words", digest.SearchQuery{Workspace: "slack:T1", Words: "curfew night"}, "pass"},
			{"beginning", digest.SearchQuery{Words: "trains cur"}, "port"},
			{"short beginnings are words", digest.SearchQuery{Words: "cu"}, ""},
			{"diacritics of the text", digest.SearchQuery{Words: "cafe naive"}, "cafe"},
			{"diacritics of the query", digest.SearchQuery{Words: "CAFÉ"}, "cafe"},
			{"no column filter", digest.SearchQuery{Words: "title:secret"}, "cafe"},
			{"no column filter in braces", digest.SearchQuery{Words: "{title}: weighs OR"}, ""},
			{"operators are words", digest.SearchQuery{Words: "strike NOT again"}, ""},
			{"recent first", digest.SearchQuery{Words: "harbor strike"}, "new old"},
			{"since", digest.SearchQuery{Words: "harbor", Since: day.AddDate(-1, 0, 0)}, "new"},
			{"until", digest.SearchQuery{Words: "harbor", Until: day.AddDate(-1, 0, 0)}, "old"},
			{"outlet", digest.SearchQuery{Words: "harbor", Source: "linden wire"}, "new"},
			{"source", digest.SearchQuery{Words: "harbor", Source: "lib", Limit: 1}, "new"},
			{"no such source", digest.SearchQuery{Words: "harbor", Source: "none"}, ""},
			{"script without blanks", digest.SearchQuery{Words: "今日"}, "asia"},
			{"both kinds of script", digest.SearchQuery{Words: "今日 harbor"}, ""},
			{"punctuation besides words", digest.SearchQuery{Words: "( harbor * ^ \x00 \" again )"}, "new"},
			{"20,000 words", digest.SearchQuery{Words: strings.Repeat("harbor ", 20000)}, "new old"},
			{"one long word", digest.SearchQuery{Words: strings.Repeat("ä", 100000)}, ""},
			{"invalid UTF-8", digest.SearchQuery{Words: "harbor\xff again"}, "new"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				hits, err := s.Search(context.Background(), tt.q)
				must(t, err)
				if got := found(hits); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		}
		for _, words := range []string{"", "  ", "(", "*", "\x00", `"`, "?!", "\"\"\"", "´"} {
			_, err := s.Search(context.Background(), digest.SearchQuery{Words: words})
			wantKind(t, err, digest.Invalid)
		}
	})
}

func TestSearchFollowsUpdatesAndPruning(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		a := article(1)
		store(t, s, a)
		a.Text = "Wholly rewritten about zeppelins."
		store(t, s, a)
		look := func(words string) string {
			return found(must1(s.Search(context.Background(), digest.SearchQuery{Words: words}))(t))
		}
		if got := look("council") + "|" + look("zeppelins"); got != "|id0001" {
			t.Errorf("after the update got %q, want only the new text found", got)
		}
		c.add(240 * time.Hour)
		p := must1(s.Prune(context.Background(), Retention{Articles: 24 * time.Hour}))(t)
		if got := look("zeppelins"); p.Articles != 1 || got != "" {
			t.Errorf("pruned %d, still found %q", p.Articles, got)
		}
		must(t, s.Check(context.Background()))
	})
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("Filler words stand here. ", 60)
	for _, tt := range []struct{ name, text, words, want string }{
		{"whole text", "A short text.", "short", "A short text."},
		{"the passage", long + "The curfew begins at ten. " + long, "curfew begins", "The curfew begins at ten."},
		{"most words", "A curfew. " + long + "The night curfew. " + long, "night curfew", "The night curfew."},
		{"folded", long + "Das Café. " + long, "cafe", "Das Café."},
		{"beginning", long + "The curfew. " + long, "curf", "The curfew."},
		{"in the title only", long, "nowhere", "Filler words stand"},
		{"script without blanks", strings.Repeat("雨です。", 200) + "東京。" + strings.Repeat("雨です。", 200), "東京", "東京"},
		{"paragraphs on one line", "One.\n\nTwo.", "two", "One. Two."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := snippet(tt.text, parseWords(tt.words))
			if !strings.Contains(got, tt.want) || len([]rune(got)) > snippetRunes+10 {
				t.Errorf("got %q, want about %d runes with %q", got, snippetRunes, tt.want)
			}
		})
	}
}

func FuzzSearch(f *testing.F) {
	c := newClock()
	s := opened(f, backends()[0].fresh(f), c)
	library(f, s)
	for _, seed := range []string{"it's", "20.04", "multi-agent", "(", "*", "\x00", "title:secret", "{title}: secret", `"`, "NEAR(a b)", "a AND", "^x", "東京 -x", "\ufe0f", "١٢", "ﬁ*", "\U000e0041"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		hits, err := s.Search(context.Background(), digest.SearchQuery{Workspace: "slack:T1", Words: words})
		if err != nil && digest.KindOf(err) != digest.Invalid {
			t.Fatalf("%q: %v", words, err)
		}
		for _, h := range hits {
			if strings.ContainsAny(h.Snippet, "\n\r") {
				t.Errorf("%q: snippet %q has several lines", words, h.Snippet)
			}
		}
	})
}
