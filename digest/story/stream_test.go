package story

import (
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// arrive adds articles to a stream in order of time, in batches, and returns
// the story of each article.
func arrive(s *Stream, articles []digest.Article, batch int) map[string]string {
	of := make(map[string]string)
	docs := sorted(articles)
	for from := 0; from < len(docs); from += batch {
		var now []digest.Article
		for _, d := range docs[from:min(from+batch, len(docs))] {
			now = append(now, d.article)
		}
		for _, st := range s.Add(now) {
			for _, a := range st.Articles {
				of[a.ID] = st.ID
			}
		}
	}
	return of
}

func TestStream(t *testing.T) {
	s, rest := NewStream(nil, nil)
	if len(rest) != 0 {
		t.Fatalf("%d articles of none are left", len(rest))
	}
	articles := sample()
	first := s.Add(articles[:1])
	if len(first) != 1 || first[0].ID == "" || !first[0].FirstSeen.Equal(articles[0].Arrived) {
		t.Fatalf("the first article gives %v, want a story", first)
	}
	port := first[0].ID
	second := s.Add(articles[1:2])
	if len(second) != 1 || second[0].ID != port {
		t.Fatalf("the second report gives %v, want story %s", second, port)
	}
	if diff := cmp.Diff([]string{"p1 p2"}, groups(second)); diff != "" {
		t.Error("a changed story is told whole (-want +got):", diff)
	}
	if got := s.Add(articles[2:]); len(got) != 1 || got[0].ID == port {
		t.Errorf("the comet gives %v, want a story of its own", got)
	}
	if got := s.Add(articles); len(got) != 0 {
		t.Errorf("known articles change %v, want nothing", got)
	}
	german := articles[0]
	german.ID, german.Language = "p3", "de"
	if got := s.Add([]digest.Article{german}); len(got) != 1 || got[0].ID == port {
		t.Errorf("the same words as another language give %v, want another story", got)
	}
	late := article("p4", articles[0].Title, harbour, -9*24*time.Hour)
	if got := s.Add([]digest.Article{late}); len(got) != 1 || got[0].ID == port {
		t.Errorf("a week later gives %v, want another story", got)
	}
}

func TestStreamKeepsOneAddressTogether(t *testing.T) {
	s, _ := NewStream(nil, nil)
	a, b := article("a", "Comet", comet, time.Hour), article("b", "Freight trains", harbour, 0)
	a.URL, b.URL = "https://star.example/a?utm_source=x", "https://www.star.example/a"
	id := s.Add([]digest.Article{a})[0].ID
	got := s.Add([]digest.Article{b})
	if len(got) != 1 || got[0].ID != id || len(got[0].Copies) != 1 {
		t.Errorf("got %v, want a copy in story %s", got, id)
	}
}

// TestStreamAndRegroupAgreeOnIDs lets articles arrive, groups them all together
// with what the stream said as prior, and starts the stream anew from that.
func TestStreamAndRegroupAgreeOnIDs(t *testing.T) {
	articles, _ := newWire(t, 3, 2, 20).articles(400)
	for i := range articles {
		articles[i].Sketch = Sketch(articles[i])
	}
	s, _ := NewStream(nil, nil)
	arrived := arrive(s, articles, 7)
	var said []digest.Story
	for id := range s.members {
		said = append(said, s.tell(id))
	}
	regrouped := Group(articles, said)
	kept := 0
	for id, story := range membership(regrouped) {
		if arrived[id] == story {
			kept++
		}
	}
	if kept < 360 {
		t.Errorf("%d of 400 articles keep their story's id, want 360", kept)
	}
	again, rest := NewStream(articles, regrouped)
	if len(rest) != 0 {
		t.Errorf("%d articles with a story are left over", len(rest))
	}
	var told []digest.Story
	for id := range again.members {
		told = append(told, again.tell(id))
	}
	if diff := cmp.Diff(groups(regrouped), groups(told)); diff != "" {
		t.Error("a stream taken up tells other stories (-want +got):", diff)
	}
	_, rest = NewStream(articles, regrouped[1:])
	if len(rest) != len(regrouped[0].Articles) {
		t.Errorf("%d articles without a story are left over, want %d", len(rest), len(regrouped[0].Articles))
	}
}

func TestStreamForgets(t *testing.T) {
	articles, _ := newWire(t, 4, 1, 20).articles(400)
	s, _ := NewStream(nil, nil)
	for week := range 4 {
		for i := range articles {
			articles[i].ID += "+"
			articles[i].URL = ""
			articles[i].Published = articles[i].Published.Add(7 * 24 * time.Hour)
		}
		arrive(s, articles, 50)
		if got := len(s.docs); got > 2*len(articles)+growth {
			t.Fatalf("after %d weeks the stream holds %d articles of %d in four days", week+1, got, len(articles))
		}
	}
	if len(s.docs) != len(s.story) {
		t.Errorf("%d articles have a story, want %d", len(s.story), len(s.docs))
	}
}

func TestStreamOrderAndProcessors(t *testing.T) {
	articles, _ := newWire(t, 5, 2, 20).articles(600)
	add := func() []digest.Story {
		s, _ := NewStream(nil, nil)
		s.Add(articles[:300])
		return s.Add(articles[300:])
	}
	want := add()
	r := rand.New(rand.NewPCG(5, 5))
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		for _, part := range [][]digest.Article{articles[:300], articles[300:]} {
			r.Shuffle(300, func(i, j int) { part[i], part[j] = part[j], part[i] })
		}
		got := add()
		runtime.GOMAXPROCS(old)
		if a, b := lines(want), lines(got); !slices.Equal(a, b) {
			t.Fatalf("on %d processors (-want +got): %s", procs, cmp.Diff(a, b))
		}
	}
}

func TestStreamQuality(t *testing.T) {
	tests := []struct {
		file  string
		floor float64 // B-cubed F1
	}{
		{"stories/allsides-dev.jsonl", 89},
		{"stories/ecbplus-dev.jsonl", 87},
		{"stories/uci-dev.jsonl", 75},
		{"summaries/neus-val.jsonl", 82.5},
	}
	for _, tt := range tests {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			articles, gold := labelled(t, shared(t, tt.file))
			s, _ := NewStream(nil, nil)
			p, r, f := bcubed(gold, arrive(s, articles, 20))
			t.Logf("%d articles as they arrive: B³ P %.1f R %.1f F1 %.1f", len(articles), p, r, f)
			if f < tt.floor {
				t.Errorf("B³ F1 %.1f, want at least %.1f", f, tt.floor)
			}
		})
	}
}

// BenchmarkArrival adds single articles to a window that holds many, sketching
// included.
func BenchmarkArrival(b *testing.B) {
	articles, _ := newWire(b, 1, 4, 60).articles(12000)
	var window []digest.Article
	for _, d := range sorted(articles) {
		window = append(window, d.article)
	}
	var s *Stream
	next := len(window)
	for b.Loop() {
		if next == len(window) {
			b.StopTimer()
			s, _ = NewStream(nil, nil)
			s.Add(window[:10000])
			next = 10000
			b.StartTimer()
		}
		s.Add(window[next : next+1])
		next++
	}
}
