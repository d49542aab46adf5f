package brief

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/intake"
	"nutgraf/digest/text"
)

// faithful writes the briefs of a story in all lengths, and holds them to what
// a reader may trust: see Check, and unlike below. It returns the full one.
func faithful(t testing.TB, s digest.Story, words int) digest.Brief {
	t.Helper()
	var full digest.Brief
	for _, length := range []string{"line", "short", ""} {
		b, err := Extractive{}.Brief(context.Background(), s, digest.Options{Words: words, Length: length})
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range append(Check(b, s), unlike(b, s)...) {
			t.Errorf("%s %q: %s", s.ID, length, wrong)
		}
		if b.Headline != "" && !slices.ContainsFunc(s.Articles, func(a digest.Article) bool { return strings.TrimSpace(a.Title) == b.Headline }) {
			t.Errorf("%s: got headline %q, want a title of one of the articles", s.ID, b.Headline)
		}
		full = b
	}
	return full
}

// unlike returns the sentences of a brief that tell what another one or a quote
// tells, in nearly the same words. It shares no code with what picks them. What
// stands under an article's own headings stands as it is.
func unlike(b digest.Brief, s digest.Story) (wrong []string) {
	own := make(map[string]bool)
	for _, a := range s.Articles {
		own[a.ID] = len(a.Marks) > 0
	}
	shown := slices.Concat(b.Lede, b.WhyItMatters, b.WhatToKnow, b.WhatsNext)
	for i, x := range shown {
		for _, y := range shown[:i] {
			if common := jaccard(x.Text, y.Text); common >= 0.6 && !(own[x.Article] && own[y.Article]) {
				wrong = append(wrong, fmt.Sprintf("got %q and %q, want one of them", y.Text, x.Text))
			}
		}
		for _, q := range b.Quotes {
			if strings.Contains(x.Text, q.Text) && !own[x.Article] {
				wrong = append(wrong, fmt.Sprintf("got the quote %q in a section as well", q.Text))
			}
		}
	}
	return wrong
}

// jaccard returns the share of the words of two sentences that both have.
func jaccard(a, b string) float64 {
	in := make(map[string]int)
	for _, w := range text.Words(a) {
		in[w] |= 1
	}
	for _, w := range text.Words(b) {
		in[w] |= 2
	}
	both := 0
	for _, n := range in {
		both += int(truth(n == 3))
	}
	return float64(both) / max(1, float64(len(in)))
}

func TestUnlikeFindsRepeats(t *testing.T) {
	s := digest.Story{Articles: []digest.Article{{ID: "a"}}}
	sentence := func(text string) []digest.Sentence { return []digest.Sentence{{Text: text, Article: "a"}} }
	for _, c := range []struct {
		name string
		digest.Brief
		want int
	}{
		{"nothing alike", digest.Brief{Lede: sentence("The bridge in Orrin was shut."), WhatToKnow: sentence("Repairs will cost 12 million crowns.")}, 0},
		{"told again", digest.Brief{Lede: sentence("The bridge in Orrin was shut."), WhatToKnow: sentence("The bridge in Orrin was shut down.")}, 1},
		{"quoted again", digest.Brief{Lede: sentence("The bridge, she said, “was never safe for trucks.”"), Quotes: []digest.Quote{{Text: "was never safe for trucks."}}}, 1},
	} {
		if got := unlike(c.Brief, s); len(got) != c.want {
			t.Errorf("%s: got %q, want %d", c.name, got, c.want)
		}
	}
}

// TestSampleBriefs checks the briefs of the invented articles of this
// repository, each alone and those of one folder together.
func TestSampleBriefs(t *testing.T) {
	now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	action := regexp.MustCompile(`{{[^}]*}}`)
	var all []digest.Article
	for _, pattern := range []string{"../../bot/sample/*", "../intake/testdata/*.txt", "../intake/testdata/*.md", "../intake/testdata/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			articles, _ := intake.Parse(intake.Input{Name: name, Body: action.ReplaceAll(raw, []byte("June 12")), Source: "test", Now: now})
			for i := range articles {
				articles[i].ID = fmt.Sprint(name, i)
			}
			all = append(all, articles...)
		}
	}
	if len(all) < 5 {
		t.Fatalf("got %d articles, want those of the sample", len(all))
	}
	for _, a := range all {
		faithful(t, digest.Story{ID: a.ID, Articles: []digest.Article{a}}, 60)
	}
	for i := 0; i < len(all); i += 3 {
		faithful(t, digest.Story{ID: fmt.Sprint("mixed ", i), Articles: all[i:min(len(all), i+3)]}, 60)
	}
}

// TestSharedBriefs checks the briefs of all stories of the development data.
func TestSharedBriefs(t *testing.T) {
	for _, k := range held(t) {
		lede, why, know, said, next := 0, 0, 0, 0, 0
		for _, e := range k.examples {
			b := faithful(t, e.Story, k.words)
			lede += min(1, len(b.Lede))
			why += min(1, len(b.WhyItMatters))
			know += min(1, len(b.WhatToKnow))
			said += min(1, len(b.Quotes))
			next += min(1, len(b.WhatsNext))
			if len(b.Summary) == 0 {
				t.Errorf("%s %s: got no summary", k.name, e.ID)
			}
		}
		t.Logf("%s: of %d stories have a lede %d, why it matters %d, what to know %d, quotes %d, what's next %d", k.name, len(k.examples), lede, why, know, said, next)
		if lede < len(k.examples)*98/100 {
			t.Errorf("%s: got %d ledes of %d stories", k.name, lede, len(k.examples))
		}
	}
}

// TestHostile writes briefs of texts made to break programs.
func TestHostile(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "hostile"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole := text.Clean(string(raw[:min(len(raw), 1<<15)]))
		faithful(t, digest.Story{ID: name, Articles: []digest.Article{{ID: "raw", Title: whole[:min(len(whole), 200)], Text: whole}}}, 60)
		var all any
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		for _, s := range stringsIn(all) {
			s = text.Clean(s)
			faithful(t, digest.Story{ID: s, Articles: []digest.Article{{ID: "odd", Title: s, Text: s + "\n\n“" + s + "”, said " + s + ".\n\n" + s}, {ID: "plain", Title: s, Text: s}}}, 60)
		}
	}
}

// stringsIn returns the distinct strings in a JSON value, names of fields included.
func stringsIn(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = []string{v}
	case []any:
		for _, x := range v {
			out = append(out, stringsIn(x)...)
		}
	case map[string]any:
		for k, x := range v {
			out = append(append(out, k), stringsIn(x)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
