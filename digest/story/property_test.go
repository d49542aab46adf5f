package story

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestOrderAndProcessorsMakeNoDifference(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 7))
		articles, _ := newWire(t, seed, 2, 20).articles(500)
		for range 40 { // some without a date, some without a language
			articles[r.IntN(500)].Published = time.Time{}
			articles[r.IntN(500)].Language = ""
		}
		prior := Group(articles[:250], nil)
		want := Group(articles, prior)
		for _, procs := range []int{1, 2, 8} {
			old := runtime.GOMAXPROCS(procs)
			r.Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
			r.Shuffle(len(prior), func(i, j int) { prior[i], prior[j] = prior[j], prior[i] })
			got := Group(articles, prior)
			runtime.GOMAXPROCS(old)
			if a, b := lines(want), lines(got); !slices.Equal(a, b) {
				t.Fatalf("seed %d, %d processors (-want +got): %s", seed, procs, cmp.Diff(a, b))
			}
		}
	}
}

// stranger is an article that has no word in common with any other.
func stranger(at time.Time, lang string) digest.Article {
	return digest.Article{ID: "stranger", Title: "Qwxyz vbnmq zzyzx plokij", Text: "Wertzuq asdfghq yxcvbnq mnbvcxq. Qpoiuz lkjhgq.", Language: lang, Published: at, Arrived: at}
}

// lines returns what a story is, apart from the texts.
func lines(stories []digest.Story) []string {
	var out []string
	for _, s := range stories {
		line := fmt.Sprint(s.ID, " ", s.FirstSeen.UnixMilli(), " ", s.Copies)
		for _, a := range s.Articles {
			line += " " + a.ID
		}
		out = append(out, line)
	}
	return out
}

// unmoved fails when one more article changes a story that it is not in.
func unmoved(t *testing.T, articles []digest.Article, want []digest.Story, odd digest.Article) {
	t.Helper()
	got := Group(append(slices.Clip(articles), odd), nil)
	got = slices.DeleteFunc(got, func(s digest.Story) bool { return len(s.Articles) == 1 && s.Articles[0].ID == odd.ID })
	if a, b := lines(want), lines(got); !slices.Equal(a, b) {
		t.Fatalf("%q at %v (-want +got): %s", odd.Title, odd.Published, cmp.Diff(a, b))
	}
}

func TestAnUnrelatedArticleChangesNothing(t *testing.T) {
	for seed := range uint64(4) {
		articles, _ := newWire(t, seed, 2, 20).articles(150)
		want := Group(articles, nil)
		for hours := range 6 {
			unmoved(t, articles, want, stranger(start.Add(-time.Duration(hours*11)*time.Hour), "en"))
		}
		unmoved(t, articles, want, stranger(time.Time{}, "en"))
	}
}

// TestAnUnrelatedArticleChangesNothingReal does so for real articles: a
// stranger at many times, and articles about what none of the others are about.
func TestAnUnrelatedArticleChangesNothingReal(t *testing.T) {
	others := []digest.Article{
		article("o1", "Bright comet spotted near Jupiter", comet, 0),
		article("o2", "Port of Linden weighs night curfew for freight trains", harbour, 0),
		article("o3", "Sourdough that rises in a cold kitchen", "Feed the starter at noon with rye and lukewarm water. Fold the dough every half hour, and let it rest in a basket beside the oven.", 0),
	}
	for _, file := range []string{"stories/allsides-dev.jsonl", "stories/ecbplus-dev.jsonl", "summaries/neus-val.jsonl"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			articles, _ := labelled(t, shared(t, file))
			for i := range articles {
				articles[i].Sketch = Sketch(articles[i])
			}
			want := Group(articles, nil)
			for i := 0; i < len(articles); i += len(articles)/25 + 1 {
				at := articles[i].Published
				unmoved(t, articles, want, stranger(at, "en"))
				for _, odd := range others {
					odd.Published, odd.Arrived = at, at
					unmoved(t, articles, want, odd)
				}
			}
		})
	}
}

// TestLanguagesNeverMerge marks the articles of events as of different
// languages at random, though their words are the same.
func TestLanguagesNeverMerge(t *testing.T) {
	langs := []string{"en", "de", "fr", ""}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 3))
		articles, _ := newWire(t, seed, 1, 10).articles(200)
		of := make(map[string]string)
		for i := range articles {
			a := &articles[i]
			a.URL, a.Language = "", langs[r.IntN(len(langs))]
			a.Sketch = Sketch(*a)
			of[a.ID] = string(a.Sketch[1:3])
		}
		s, _ := NewStream(nil, nil)
		arrive(s, articles, 9)
		told := Group(articles, nil)
		for id := range s.members {
			told = append(told, s.tell(id))
		}
		for _, st := range told {
			known := make(map[string]bool)
			for _, a := range st.Articles {
				if lang := of[a.ID]; strings.Trim(lang, "\x00") != "" {
					known[lang] = true
				}
			}
			if len(known) > 1 {
				t.Fatalf("seed %d: one story in the languages %s", seed, fmt.Sprint(known))
			}
		}
	}
}
