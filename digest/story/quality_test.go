package story

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nutgraf/digest"
)

// bcubed returns B-cubed precision, recall and F1 in percent of a grouping
// against the right one, both given as story per article.
func bcubed(gold, got map[string]string) (p, r, f float64) {
	type cell struct{ gold, got string }
	right, made, both := map[string]float64{}, map[string]float64{}, map[cell]float64{}
	for id, g := range gold {
		right[g]++
		made[got[id]]++
		both[cell{g, got[id]}]++
	}
	for c, n := range both {
		p += n * n / made[c.got]
		r += n * n / right[c.gold]
	}
	n := float64(len(gold)) / 100
	p, r = p/n, r/n
	return p, r, 2 * p * r / (p + r)
}

// shared returns a file of the labelled collections, or skips the test.
func shared(t testing.TB, name string) string {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("set NUTGRAF_SHARED to the folder with the labelled collections to run this")
	}
	return filepath.Join(root, "data", name)
}

// labelled reads a collection: articles, and the right story of each.
func labelled(t testing.TB, path string) ([]digest.Article, map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var articles []digest.Article
	gold := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row struct {
			ID, Story, Title, Text, URL, Source, Language string
			Published                                     time.Time
			Articles                                      []struct{ Title, Body string }
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		add := func(id, title, text string) {
			articles = append(articles, digest.Article{ID: id, Title: title, Text: text, URL: row.URL,
				Source: row.Source, Language: cmp.Or(row.Language, "en"), Published: row.Published, Arrived: row.Published})
			gold[id] = row.Story
		}
		for i, a := range row.Articles {
			add(fmt.Sprint(row.Story, "-", i), a.Title, a.Body)
		}
		if row.Articles == nil {
			add(row.ID, row.Title, row.Text)
		}
	}
	return articles, gold
}

// membership returns the story of each article.
func membership(stories []digest.Story) map[string]string {
	of := map[string]string{}
	for _, s := range stories {
		for _, a := range s.Articles {
			of[a.ID] = s.ID
		}
	}
	return of
}

func TestQuality(t *testing.T) {
	tests := []struct {
		file  string
		floor float64 // B-cubed F1
	}{
		{"stories/allsides-dev.jsonl", 92},
		{"stories/ecbplus-dev.jsonl", 90},
		{"stories/uci-dev.jsonl", 80},
		{"summaries/neus-val.jsonl", 88},
	}
	for _, tt := range tests {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			articles, gold := labelled(t, shared(t, tt.file))
			stories := Group(articles, nil)
			p, r, f := bcubed(gold, membership(stories))
			copies := 0
			for _, s := range stories {
				copies += len(s.Copies)
			}
			t.Logf("%d articles, %d stories, %d copies: B³ P %.1f R %.1f F1 %.1f", len(articles), len(stories), copies, p, r, f)
			if f < tt.floor {
				t.Errorf("B³ F1 %.1f, want at least %.1f", f, tt.floor)
			}
		})
	}
}
