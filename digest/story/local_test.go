package story

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"nutgraf/digest"
)

// TestNamesOfThePlaceAreNoEvent groups two invented corpora whose names no
// background table knows: a town's news, where "Linden" or "Aldermark" stands
// in two of three articles, and a trade paper, where "Quarzwerk" and "wafer"
// do. Every pair of articles must be together or apart as labelled.
func TestNamesOfThePlaceAreNoEvent(t *testing.T) {
	tests := []struct {
		file  string
		wrong int // pairs
	}{
		{"testdata/local.jsonl", 0},
		{"testdata/niche.jsonl", 5},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			articles, gold := labelled(t, tt.file)
			got := membership(Group(articles, nil))
			if len(gold) < 40 {
				t.Fatalf("only %d articles", len(gold))
			}
			wrong := 0
			for i, a := range articles {
				for _, b := range articles[:i] {
					if want := gold[a.ID] == gold[b.ID]; (got[a.ID] == got[b.ID]) != want {
						wrong++
						t.Logf("%q and %q: got together %v, want %v", b.Title, a.Title, !want, want)
					}
				}
			}
			if wrong > tt.wrong {
				t.Errorf("%d pairs are wrong, want at most %d", wrong, tt.wrong)
			}
		})
	}
}

// TestPartsOfALocalDay does the same for parts of the corpora: no size of the
// window may be the one at which names begin to glue.
func TestPartsOfALocalDay(t *testing.T) {
	for _, tt := range []struct {
		file  string
		sizes []int
		floor float64 // B-cubed F1, mean
	}{
		{"testdata/local.jsonl", []int{4, 8, 15, 25, 35}, 99},
		{"testdata/niche.jsonl", []int{8, 15, 25, 35}, 88},
	} {
		articles, gold := labelled(t, tt.file)
		for _, size := range tt.sizes {
			t.Run(fmt.Sprint(tt.file, size), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(size), 1))
				const tries = 40
				mean := 0.0
				for range tries {
					part, right := []digest.Article{}, map[string]string{}
					for _, i := range r.Perm(len(articles))[:size] {
						part = append(part, articles[i])
						right[articles[i].ID] = gold[articles[i].ID]
					}
					_, _, f := bcubed(right, membership(Group(part, nil)))
					mean += f / tries
				}
				t.Logf("B³ F1 %.1f", mean)
				if mean < tt.floor {
					t.Errorf("B³ F1 %.1f, want at least %.1f", mean, tt.floor)
				}
			})
		}
	}
}

// TestOneMoreArticleMovesNoOther adds the articles of a local day one by one to
// the others: few groupings may change for it beyond the article's own.
func TestOneMoreArticleMovesNoOther(t *testing.T) {
	articles, _ := labelled(t, "testdata/local.jsonl")
	without := func(stories []digest.Story, id string) []string {
		for i := range stories {
			stories[i].Articles = slices.DeleteFunc(slices.Clone(stories[i].Articles), func(a digest.Article) bool { return a.ID == id })
		}
		return slices.DeleteFunc(groups(stories), func(g string) bool { return g == "" })
	}
	all, moved := Group(articles, nil), 0
	for i, a := range articles {
		rest := slices.Delete(slices.Clone(articles), i, i+1)
		if !slices.Equal(without(Group(rest, nil), a.ID), without(slices.Clone(all), a.ID)) {
			moved++
			t.Logf("%q moves others", a.Title)
		}
	}
	if moved > 2 {
		t.Errorf("%d of %d articles move others, want 2 at most", moved, len(articles))
	}
}

// TestStoriesOfOnePlaceAreNotAlike compares the stories of a local day with
// each other: by their profiles none may pass for another.
func TestStoriesOfOnePlaceAreNotAlike(t *testing.T) {
	articles, gold := labelled(t, "testdata/local.jsonl")
	of := map[string][]digest.Article{}
	for i := range articles {
		articles[i].Sketch = Sketch(articles[i])
		of[gold[articles[i].ID]] = append(of[gold[articles[i].ID]], articles[i])
	}
	w := NewWindow(articles)
	most := 0.0
	for g, a := range of {
		for h, b := range of {
			if g < h {
				most = max(most, w.Profile(digest.Story{Articles: a}).Alike(w.Profile(digest.Story{Articles: b})))
			}
		}
	}
	if most > .19 {
		t.Errorf("two stories are alike by %.2f, want .19 at most", most)
	}
	t.Logf("most alike: %.2f", most)
}
