package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/intake"
	"nutgraf/digest/text"
)

// overlap returns the F1 of the words of got and want, as bags.
func overlap(got, want string) float64 {
	bag, n, hits := make(map[string]int), 0, 0
	for _, w := range text.Words(want) {
		bag[w]++
		n++
	}
	words := text.Words(got)
	for _, w := range words {
		if bag[w] > 0 {
			bag[w]--
			hits++
		}
	}
	if len(words)+n == 0 {
		return 1
	}
	return 2 * float64(hits) / float64(len(words)+n)
}

// squeezed folds what does not matter in a title or a name.
func squeezed(s string) string { return strings.Join(text.Words(s), " ") }

// TestCorpus reads real pages: each is imported or refused with a reason, none
// takes long, and texts, titles and bylines are near to what people expect.
func TestCorpus(t *testing.T) {
	shared := os.Getenv("NUTGRAF_SHARED")
	if shared == "" {
		t.Skip("NUTGRAF_SHARED is not set: the corpus of pages is not at hand")
	}
	sources, err := filepath.Glob(filepath.Join(shared, "data", "pages", "*", "source.html"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var sum float64
	var slowest time.Duration
	var read, titles, titlesWanted, bylines, bylinesWanted int
	for _, source := range sources {
		name := filepath.Base(filepath.Dir(source))
		page, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		var want struct{ Title, Byline string }
		meta, err := os.ReadFile(filepath.Join(filepath.Dir(source), "expected-metadata.json"))
		if err != nil || json.Unmarshal(meta, &want) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := os.ReadFile(filepath.Join(filepath.Dir(source), "expected.html"))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		a, err := extract(page, "http://fakehost/test/page.html", "text/html; charset=utf-8", now, func() {})
		took := time.Since(began)
		if slowest = max(slowest, took); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if err != nil {
			t.Logf("%s refused: %v", name, err)
			if k := digest.KindOf(err); k != digest.Invalid && k != digest.TooLarge { // too large: the deadline, on a busy machine
				t.Errorf("%s: kind %v of %v", name, k, err)
			}
			continue
		}
		read++
		f1 := overlap(a.Text, intake.HTMLText(string(body)))
		if sum += f1; f1 < 0.7 {
			t.Logf("%s: F1 %.2f, %d bytes", name, f1, len(a.Text))
		}
		if want.Title != "" {
			titlesWanted++
			if g, w := squeezed(a.Title), squeezed(want.Title); g == w || g != "" && (strings.HasPrefix(w, g) || strings.HasSuffix(w, g)) {
				titles++
			} else {
				t.Logf("%s: title %q, want %q", name, a.Title, want.Title)
			}
		}
		if want.Byline != "" {
			bylinesWanted++
			if w := squeezed(want.Byline); slices.ContainsFunc(a.Authors, func(n string) bool { return strings.Contains(w, squeezed(n)) || strings.Contains(squeezed(n), w) }) {
				bylines++
			} else {
				t.Logf("%s: authors %q, want %q", name, a.Authors, want.Byline)
			}
		}
	}
	mean := sum / float64(read)
	t.Logf("%d of %d pages read, mean F1 %.3f, titles %d/%d, bylines %d/%d, the slowest took %s", read, len(sources), mean, titles, titlesWanted, bylines, bylinesWanted, slowest)
	if read*100 < len(sources)*97 || mean < 0.9 {
		t.Errorf("%d of %d pages with mean F1 %.3f, want 97 %% and 0.9", read, len(sources), mean)
	}
	if titles*100 < titlesWanted*85 || bylines*100 < bylinesWanted*75 {
		t.Errorf("titles %d of %d, bylines %d of %d, want 85 %% and 75 %%", titles, titlesWanted, bylines, bylinesWanted)
	}
}
