package story

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

var start = time.Date(2026, 3, 10, 6, 0, 0, 0, time.UTC)

const (
	harbour = "The port of Linden is drafting rules that would halt freight trains between midnight and five, according to two people briefed on the plan. The port authority declined to comment on the curfew. Rail operators say sidings would cost millions."
	railway = "Freight trains may be barred from the port of Linden at night. Union chair Tom Okafor criticised the curfew plan at a hearing, while residents complained of noise from the freight yard."
	comet   = "Astronomers in Chile spotted a bright comet near Jupiter with a survey telescope. It will be visible to the naked eye in June, the observatory announced."
)

func article(id, title, text string, age time.Duration) digest.Article {
	at := start.Add(-age)
	return digest.Article{ID: id, Workspace: digest.Shared, Title: title, Text: text, Language: "en", Published: at, Arrived: at}
}

func sample() []digest.Article {
	return []digest.Article{
		article("p1", "Port of Linden weighs night curfew for freight trains", harbour, 3*time.Hour),
		article("p2", "Linden port may ban freight trains at night", railway, 2*time.Hour),
		article("c1", "Bright comet spotted near Jupiter", comet, time.Hour),
	}
}

// groups returns the ids of each story's articles, stories joined by blanks.
func groups(stories []digest.Story) []string {
	out := []string{}
	for _, s := range stories {
		var ids []string
		for _, a := range s.Articles {
			ids = append(ids, a.ID)
		}
		out = append(out, strings.Join(ids, " "))
	}
	slices.Sort(out)
	return out
}

func TestGroup(t *testing.T) {
	with := func(more ...digest.Article) []digest.Article { return append(sample(), more...) }
	address := func(a digest.Article, url string) digest.Article { a.URL = url; return a }
	language := func(a digest.Article, lang string) digest.Article { a.Language = lang; return a }
	timeless := func(a digest.Article) digest.Article { a.Published = time.Time{}; return a }
	tests := []struct {
		name     string
		articles []digest.Article
		want     []string
	}{
		{"none", nil, []string{}},
		{"two about one event", sample(), []string{"c1", "p1 p2"}},
		{"one id counts once", with(sample()...), []string{"c1", "p1 p2"}},
		{"a week later it is another event", with(article("p3", "Linden port may ban freight trains at night", railway, -8*24*time.Hour)), []string{"c1", "p1 p2", "p3"}},
		{"undated belongs by its words", with(timeless(article("p3", "Linden port may ban freight trains at night", railway+" More.", -8*24*time.Hour))), []string{"c1", "p1 p2 p3"}},
		{"another language stays apart", with(language(article("p3", "Port of Linden weighs night curfew for freight trains", harbour, time.Hour), "de")), []string{"c1", "p1 p2", "p3"}},
		{"one address is one article", []digest.Article{
			address(article("u1", "Comet", comet, time.Hour), "https://star.example/a?utm_source=x"),
			address(article("u2", "Freight trains", harbour, time.Hour), "https://www.star.example/a"),
		}, []string{"u1 u2"}},
		{"one title at one outlet on one day is one article", []digest.Article{
			address(article("u1", "Live: the day", comet, time.Hour), "https://star.example/a"),
			address(article("u2", "Live: the day", harbour, time.Hour), "https://star.example/b"),
			address(article("u3", "Live: the day", railway, time.Hour), "https://else.example/b"),
		}, []string{"u1 u2", "u3"}},
		{"sameness is passed on", []digest.Article{
			address(article("u1", "Comet near Jupiter", comet, 3*time.Hour), "https://star.example/a"),
			address(article("u2", "Freight curfew", harbour, 2*time.Hour), "https://star.example/b"),
			address(article("u3", "Freight curfew", "", time.Hour), "https://star.example/a"),
		}, []string{"u1 u2 u3"}},
		{"nothing to go by", []digest.Article{{ID: "x"}, {ID: "y"}}, []string{"x", "y"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, groups(Group(tt.articles, nil))); diff != "" {
				t.Error("(-want +got):", diff)
			}
		})
	}
}

func TestUnknownLanguageIsNoBridge(t *testing.T) {
	en, de := [2]byte{'e', 'n'}, [2]byte{'d', 'e'}
	got := cluster([][2]byte{en, {}, de}, []edge{{0, 1, unit}, {1, 2, unit / 2}}, .1)
	if diff := cmp.Diff([]int32{0, 0, 2}, got); diff != "" {
		t.Error("(-want +got):", diff)
	}
}

func TestClusterAverages(t *testing.T) {
	lang := make([][2]byte, 4)
	tests := []struct {
		name  string
		edges []edge
		want  []int32
	}{
		{"a chain breaks where the mean is low", []edge{{0, 1, 800}, {1, 2, 600}, {2, 3, 800}}, []int32{0, 0, 2, 2}},
		{"ties go to the earliest", []edge{{0, 1, 500}, {1, 2, 500}}, []int32{0, 0, 2, 3}},
		{"full agreement merges", []edge{{0, 1, 800}, {0, 2, 700}, {1, 2, 700}}, []int32{0, 0, 0, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, cluster(lang, tt.edges, 400.0/unit)); diff != "" {
				t.Error("(-want +got):", diff)
			}
		})
	}
}

func TestCopies(t *testing.T) {
	wire := article("w1", "Port weighs curfew", harbour, 5*time.Hour)
	changed := strings.Replace(harbour, "two people briefed", "three officials familiar", 1)
	got := Group([]digest.Article{
		article("m1", "Night curfew for freight trains at port of Linden", changed, 2*time.Hour),
		wire,
		article("p2", "Linden port may ban freight trains at night", railway, 3*time.Hour),
		article("m2", "Port weighs curfew", harbour, time.Hour),
	}, nil)
	if diff := cmp.Diff([]string{"w1 m1 m2 p2"}, groups(got)); diff != "" {
		t.Fatal("copies follow their head (-want +got):", diff)
	}
	if diff := cmp.Diff([]string{"m1", "m2"}, got[0].Copies); diff != "" {
		t.Error("copies (-want +got):", diff)
	}
	if want := wire.Arrived; !got[0].FirstSeen.Equal(want) {
		t.Errorf("first seen %v, want %v", got[0].FirstSeen, want)
	}
}

func TestReprintsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	found := map[float64]int{}
	const tries = 200
	for range tries {
		words := make([]string, 150)
		for i := range words {
			words[i] = fmt.Sprint("w", r.IntN(5000))
		}
		original := Sketch(digest.Article{Text: strings.Join(words, " ")})
		for _, share := range []float64{0, .05, .1, 1} {
			other := slices.Clone(words)
			for i := range other {
				if r.Float64() < share {
					other[i] = fmt.Sprint("v", r.IntN(5000))
				}
			}
			a, b := sketch(original), sketch(Sketch(digest.Article{Text: strings.Join(other, " ")}))
			if reprint(a.vector(census{}), b.vector(census{})) {
				found[share]++
			}
		}
	}
	t.Logf("of %d: %v", tries, found)
	if found[0] < tries || found[.05] < tries*97/100 || found[.1] < tries*90/100 || found[1] > 0 {
		t.Errorf("found %v of %d, want all equal ones, 97 %% at .05, 90 %% at .1 and none at 1", found, tries)
	}
}

func TestStoryIDs(t *testing.T) {
	first := Group(sample(), nil)
	port := membership(first)["p1"]
	if len(port) != idLength || port == membership(first)["c1"] {
		t.Fatalf("got ids %v", membership(first))
	}
	t.Run("stay when older and newer articles come", func(t *testing.T) {
		more := append(sample(), article("p0", "Port of Linden: freight trains and night curfew", harbour+" Updated.", 9*time.Hour), article("p3", "Freight trains curfew at Linden port", railway+" Later.", 0))
		if got := membership(Group(more, first))["p3"]; got != port {
			t.Errorf("got %s, want %s", got, port)
		}
	})
	t.Run("go with the larger part", func(t *testing.T) {
		prior := []digest.Story{{ID: "old", FirstSeen: start.Add(-90 * time.Hour), Articles: []digest.Article{{ID: "c1"}, {ID: "p1"}, {ID: "p2"}}}}
		got := Group(sample(), prior)
		of := membership(got)
		if of["p1"] != "old" || of["c1"] == "old" {
			t.Errorf("got %v, want the two of three to keep the id", of)
		}
		if !got[0].FirstSeen.Equal(prior[0].FirstSeen) {
			t.Errorf("first seen %v, want the prior one %v", got[0].FirstSeen, prior[0].FirstSeen)
		}
	})
	t.Run("of two that merge the larger wins", func(t *testing.T) {
		more := append(sample(), article("p3", "Freight trains curfew at Linden port", railway+" Later.", 0))
		prior := []digest.Story{
			{ID: "small", Articles: []digest.Article{{ID: "p1"}}},
			{ID: "large", Articles: []digest.Article{{ID: "p2"}, {ID: "p3"}}},
		}
		if got := membership(Group(more, prior))["p1"]; got != "large" {
			t.Errorf("got %s, want large", got)
		}
	})
	t.Run("are never used twice", func(t *testing.T) {
		prior := []digest.Story{{ID: port, Articles: []digest.Article{{ID: "c1"}}}}
		of := membership(Group(sample(), prior))
		if of["c1"] != port || of["p1"] == port || of["p1"] == "" {
			t.Errorf("got %v, want the comet to keep %s and the port to get another", of, port)
		}
	})
}

func TestProfiles(t *testing.T) {
	s := sample()
	for i := range s {
		s[i].Sketch = Sketch(s[i])
	}
	of := func(articles ...digest.Article) Profile {
		return NewWindow(s).Profile(digest.Story{Articles: articles})
	}
	later := s[1]
	later.Published = later.Published.Add(9 * 24 * time.Hour)
	german := s[1]
	german.Language = "de"
	german.Sketch = Sketch(german)
	if got := of(s[0]).Alike(of(s[0], s[1])); got < .6 || got > 1.001 {
		t.Errorf("one event: got %.2f, want .6 to 1", got)
	}
	for name, p := range map[string]Profile{"another event": of(s[2]), "another week": of(later), "another language": of(german), "nothing": of(digest.Article{})} {
		if got := of(s[0]).Alike(p); got > .1 {
			t.Errorf("%s: got %.2f, want next to nothing", name, got)
		}
	}
}

func TestCrowdWeakens(t *testing.T) {
	n := 40
	docs, nodes := make([]doc, n), make([]int32, n)
	var edges []edge
	for i := range docs {
		nodes[i] = int32(i)
		if i == 0 {
			continue
		}
		edges = append(edges, edge{0, int32(i), unit / 5})
	}
	few := thin(docs, nodes, slices.Clone(edges[:kin]))
	if diff := cmp.Diff(edges[0].sim, few[0].sim); diff != "" {
		t.Error("a story's worth of look-alikes is no crowd (-want +got):", diff)
	}
	if many := thin(docs, nodes, slices.Clone(edges)); many[0].sim >= edges[0].sim*9/10 {
		t.Errorf("in a crowd got %d of %d, want less", many[0].sim, edges[0].sim)
	}
	for i := range docs {
		docs[i].article.Published = start
	}
	if dated := thin(docs, nodes, slices.Clone(edges)); dated[0].sim != edges[0].sim {
		t.Errorf("dated got %d, want %d unchanged", dated[0].sim, edges[0].sim)
	}
}

func TestWeekdaysThatDoNotAgree(t *testing.T) {
	sim := func(first, second string) float64 {
		a := article("a", "Port of Linden weighs night curfew", harbour+first, 0)
		b := article("b", "Linden port may ban freight trains at night", railway+second, 0)
		docs := NewWindow([]digest.Article{a, b}).docs
		return factor(docs[0].trait(), docs[1].trait()) * cosine(docs[0].vector, docs[1].vector)
	}
	none, same, other := sim(" He said so Monday.", " They met."), sim(" He said so Monday.", " They met Monday."), sim(" He said so Monday.", " They met Friday.")
	if !(other < none*.8 && none < same) {
		t.Errorf("other day %.3f, no day %.3f, same day %.3f: want them to rise", other, none, same)
	}
}
