package edition

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
	"nutgraf/digest/story"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

var topics = map[string]string{
	"curfew":  "Linden port weighs night curfew for freight trains after noise complaints",
	"comet":   "Astronomers spot bright comet passing Jupiter with backyard telescope",
	"cheese":  "Alpine cheese makers win protected label in Brussels ruling",
	"bridge":  "Suspension bridge collapses during typhoon in southern province",
	"vaccine": "Malaria vaccine trial halves infections among toddlers in Ghana",
	"chess":   "Teenage grandmaster defeats world champion at Reykjavik tournament",
	"drought": "Reservoirs run dry as drought tightens grip on olive growers",
	"museum":  "Stolen Vermeer painting returns to museum after forty years",
}

// article returns one about a topic, age before noon.
func article(id, topic, outlet string, age time.Duration) digest.Article {
	a := digest.Article{ID: id, Workspace: digest.Shared, Source: "feed-" + outlet, Outlet: outlet,
		Title: topics[topic], Language: "en", Published: noon.Add(-age), Arrived: noon.Add(-age)}
	a.Text = fmt.Sprintf("%s reports: %s.", outlet, strings.ToLower(topics[topic]))
	for i := range 25 {
		a.Text += fmt.Sprintf(" %s%s%d", topic, outlet, i) // every outlet has words of its own
	}
	a.Sketch = story.Sketch(a)
	return a
}

func day(articles ...digest.Article) Input {
	return Input{
		Subscription: digest.Subscription{ID: "morning", Name: "Morning", Zone: "UTC", Language: "en"},
		Slot:         digest.Slot{Subscription: "morning", Key: "2026-03-10T12:00", At: noon, From: noon.Add(-24 * time.Hour), To: noon},
		Articles:     articles,
	}
}

// titles names the topics of ranked stories.
func titles(ranked []Ranked) []string {
	out := []string{}
	for _, r := range ranked {
		for topic, title := range topics {
			if r.Story.Articles[0].Title == title {
				out = append(out, topic)
			}
		}
	}
	return out
}

func TestSelectRanks(t *testing.T) {
	got := Select(day(
		article("a1", "comet", "Star", time.Hour),
		article("b1", "curfew", "Ledger", 2*time.Hour),
		article("b2", "curfew", "Wire", 3*time.Hour),
		article("b3", "curfew", "Post", 3*time.Hour),
		article("c1", "cheese", "Dairy", 20*time.Hour),
		article("d1", "chess", "Board", 25*time.Hour),
	))
	if diff := cmp.Diff([]string{"curfew", "comet", "cheese"}, titles(got.Shown)); diff != "" {
		t.Error("shown (-want +got):", diff)
	}
	if len(got.Stories) != 4 {
		t.Errorf("got %d stories to save, want 4", len(got.Stories))
	}
	want := digest.Coverage{Articles: 5, Stories: 3, Shown: 3}
	if diff := cmp.Diff(want, got.Coverage); diff != "" {
		t.Error("coverage (-want +got):", diff)
	}
	var notes []string
	total := 1.0
	for _, p := range got.Shown[0].Score.Parts {
		notes = append(notes, p.Name+": "+p.Note)
		total *= p.Value
	}
	wantNotes := []string{"outlets: 3 outlets", "recency: newest 2 h ago", "source: source weight 1", "novelty: not shown before"}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Error("notes (-want +got):", diff)
	}
	if round(total) != got.Shown[0].Score.Total {
		t.Errorf("total %v, want the product of its parts, %v", got.Shown[0].Score.Total, round(total))
	}
}

func TestSelectFilters(t *testing.T) {
	a := article("a1", "comet", "Star", time.Hour)
	a.Category = "Science"
	b := article("b1", "curfew", "Ledger", time.Hour)
	b.Language = "de"
	c := article("c1", "cheese", "Dairy", time.Hour)
	c.Text = ""
	tests := []struct {
		name string
		sub  digest.Subscription
		want []string
	}{
		{"no filter", digest.Subscription{}, []string{"cheese", "comet", "curfew"}},
		{"source", digest.Subscription{Sources: []string{"feed-Star"}}, []string{"comet"}},
		{"category in any case", digest.Subscription{Categories: []string{"science"}}, []string{"comet"}},
		{"language", digest.Subscription{Languages: []string{"de"}}, []string{"curfew"}},
		{"include in the text", digest.Subscription{Include: []string{"Ledger reports"}}, []string{"curfew"}},
		{"include in the title alone", digest.Subscription{Include: []string{"protected label"}}, []string{"cheese"}},
		{"words, not parts of words", digest.Subscription{Include: []string{"come"}}, []string{}},
		{"exclude", digest.Subscription{Exclude: []string{"TELESCOPE", "curfew"}}, []string{"cheese"}},
		{"include by pattern", digest.Subscription{Include: []string{`/back.?yard|BRUSSELS/`}}, []string{"cheese", "comet"}},
		{"exclude by pattern", digest.Subscription{Exclude: []string{`/\bnight\b/`}}, []string{"cheese", "comet"}},
		{"a pattern that cannot be read is none", digest.Subscription{Exclude: []string{`/(/`}}, []string{"cheese", "comet", "curfew"}},
		{"muted topic", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteTopic, Value: "Jupiter"}}}, []string{"cheese", "curfew"}},
		{"muted source", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteSource, Value: "feed-star"}}}, []string{"cheese", "curfew"}},
		{"muted outlet", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteSource, Value: "Ledger"}}}, []string{"cheese", "comet"}},
		{"muted story", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteStory, Value: story.Group([]digest.Article{b}, nil)[0].ID}}}, []string{"cheese", "comet"}},
		{"a mute that has ended", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteTopic, Value: "Jupiter", Till: noon}}}, []string{"cheese", "comet", "curfew"}},
		{"a mute that has not", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteTopic, Value: "Jupiter", Till: noon.Add(1)}}}, []string{"cheese", "curfew"}},
		{"blank rules are none", digest.Subscription{Include: []string{" "}, Exclude: []string{"–"}}, []string{"cheese", "comet", "curfew"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := day(a, b, c)
			in.Subscription = tt.sub
			got := titles(Select(in).Shown)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error("(-want +got):", diff)
			}
		})
	}
}

func TestCheckRule(t *testing.T) {
	for rule, want := range map[string]digest.Kind{"port strike": digest.Internal, "/port.*strike/": digest.Internal, "C++": digest.Internal, "…": digest.Invalid,
		"/(/": digest.Invalid, "/a*/": digest.Invalid, "/(?P<x>a/": digest.Invalid, strings.Repeat("a", 201): digest.TooLarge, "/": digest.Invalid, "//": digest.Invalid} {
		if got := digest.KindOf(CheckRule(rule)); got != want {
			t.Errorf("%q: got %v, want %v", rule, got, want)
		}
	}
}

func TestSelectCutsFloods(t *testing.T) {
	var articles []digest.Article
	for i := range 40 {
		a := article(fmt.Sprintf("f%02d", i), "comet", "Flood", time.Duration(i+1)*time.Minute)
		a.Title = fmt.Sprintf("Zq%dx wv%dk jj%dm", i, i, i)
		a.Text = ""
		a.Sketch = story.Sketch(a)
		articles = append(articles, a)
	}
	in := day(append(articles, article("b1", "curfew", "Ledger", 20*time.Hour))...)
	in.Subscription.Layout.Stories = 100
	got := Select(in)
	if len(got.Shown) != perSource+1 {
		t.Errorf("got %d stories, want %d of the flood and the other one", len(got.Shown), perSource)
	}
	if got.Coverage.Articles != 41 {
		t.Errorf("got %d articles in the window, want 41", got.Coverage.Articles)
	}
}

func TestSelectKnowsWhatWasShown(t *testing.T) {
	old := article("b1", "curfew", "Ledger", 30*time.Hour)
	prior := story.Group([]digest.Article{old}, nil)
	reprint := article("b2", "curfew", "Mirror", 2*time.Hour)
	reprint.Text = old.Text
	reprint.Sketch = story.Sketch(reprint)
	voice := article("b3", "curfew", "Wire", time.Hour)
	voice.Text = "Rail operators fear two extra sidings would cost millions, freight unions told the Linden port hearing about night curfew trains."
	voice.Sketch = story.Sketch(voice)
	repeat := article("b4", "curfew", "Echo", time.Hour)
	repeat.Text = shuffleWords(old.Text) // no reprint by its sequences, yet no word is new
	repeat.Sketch = story.Sketch(repeat)
	tests := []struct {
		name  string
		add   []digest.Article
		shown []digest.Shown
		want  int // new articles; -1 for not shown at all
	}{
		{"nothing new", nil, nil, -1},
		{"a reprint is nothing new", []digest.Article{reprint}, nil, -1},
		{"a near repeat is nothing new", []digest.Article{repeat}, nil, -1},
		{"another voice is", []digest.Article{voice}, nil, 1},
		{"another voice beside a near repeat", []digest.Article{voice, repeat}, nil, 1},
		{"shown already", []digest.Article{voice}, []digest.Shown{{Story: prior[0].ID, Articles: []string{"b3"}, At: noon.Add(-time.Minute)}}, -1},
		{"known under another id", []digest.Article{voice}, []digest.Shown{{Story: "gone", Articles: []string{"b3"}, At: noon.Add(-time.Minute)}}, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := day(append(tt.add, old)...)
			in.Prior = prior
			in.Shown = append(tt.shown, digest.Shown{Story: prior[0].ID, Articles: []string{"b1"}, At: noon.Add(-24 * time.Hour)})
			got := Select(in)
			if len(got.Stories) != 1 || got.Stories[0].ID != prior[0].ID {
				t.Fatalf("got stories %v, want the prior one alone", got.Stories)
			}
			switch {
			case tt.want < 0 && len(got.Shown) > 0:
				t.Errorf("got %v, want it not shown", titles(got.Shown))
			case tt.want >= 0 && len(got.Shown) != 1:
				t.Fatalf("got %d stories, want 1", len(got.Shown))
			case tt.want >= 0:
				r := got.Shown[0]
				if !r.Update || r.New != tt.want {
					t.Errorf("got update %v with %d new, want true with %d", r.Update, r.New, tt.want)
				}
				if want := noon.Add(-24 * time.Hour); !r.Since.Equal(want) || !slices.Equal(r.Story.Known, []string{"b1"}) {
					t.Errorf("got known %v since %v, want b1 since %v", r.Story.Known, r.Since, want)
				}
				if note := r.Score.Parts[3].Note; note != "1 new article since 2026-03-09 12:00 UTC" {
					t.Errorf("got note %q", note)
				}
			}
		})
	}
}

// shuffleWords returns the words of s in another order.
func shuffleWords(s string) string {
	return strings.Join(shuffle(rand.New(rand.NewPCG(4, 4)), strings.Fields(s)), " ")
}

func TestSelectTakesEveryNewsroomOfASource(t *testing.T) {
	var all []digest.Article
	for i := range 2 * perSource {
		a := article(fmt.Sprintf("f%02d", i), "comet", fmt.Sprint("Outlet", i%4), time.Duration(i+1)*time.Minute)
		a.Source = "folder"
		all = append(all, a)
	}
	if got := Select(day(all...)); len(got.Shown) != 1 || len(got.Shown[0].Story.Articles) != 2*perSource {
		t.Errorf("got %d stories, want one with all %d articles of the folder's four newsrooms", len(got.Shown), 2*perSource)
	}
}

func TestSelectCountsReprintsOnce(t *testing.T) {
	one := article("a1", "comet", "Star", time.Hour)
	two := article("a2", "comet", "Mirror", time.Hour)
	two.Text = one.Text
	two.Sketch = story.Sketch(two)
	got := Select(day(one, two))
	if len(got.Shown) != 1 || got.Shown[0].Score.Parts[0].Note != "1 outlet, 1 reprint not counted" {
		t.Errorf("got %+v, want one story of one outlet", got.Shown)
	}
}

func TestSelectWindow(t *testing.T) {
	first := article("a1", "comet", "Star", 24*time.Hour)  // at From: in
	second := article("b1", "curfew", "Ledger", 0)         // at To: not yet
	third := article("c1", "cheese", "Dairy", time.Minute) // in
	late := article("d1", "chess", "Board", 30*time.Hour)  // published before, arrived in the window
	late.Arrived = noon.Add(-time.Hour)
	got := titles(Select(day(first, second, third, late)).Shown)
	slices.Sort(got)
	if diff := cmp.Diff([]string{"cheese", "chess", "comet"}, got); diff != "" {
		t.Error("(-want +got):", diff)
	}
}

func TestSelectLimits(t *testing.T) {
	var all []digest.Article
	for topic := range topics {
		all = append(all, article("x-"+topic, topic, "Star", time.Hour))
	}
	in := day(all...)
	in.Subscription.Layout.Stories = 2
	got := Select(in)
	if len(got.Shown) != 2 || len(got.Cut) != cutStories {
		t.Errorf("got %d shown and %d cut, want 2 and %d", len(got.Shown), len(got.Cut), cutStories)
	}
	for i := range got.Cut[1:] {
		if got.Cut[i].Story.ID > got.Cut[i+1].Story.ID {
			t.Errorf("equal ranks are not in order of id: %s before %s", got.Cut[i].Story.ID, got.Cut[i+1].Story.ID)
		}
	}
}

func TestSelectEdges(t *testing.T) {
	undated := article("a1", "comet", "Star", time.Hour)
	undated.Published = time.Time{}
	bare := digest.Article{ID: "bare", Source: "s", Arrived: noon.Add(-time.Hour)}
	timeless := article("t1", "cheese", "Dairy", 0)
	timeless.Published, timeless.Arrived = time.Time{}, time.Time{}
	tests := []struct {
		name string
		in   Input
		want int
	}{
		{"no articles", day(), 0},
		{"one", day(article("a1", "comet", "Star", time.Hour)), 1},
		{"undated", day(undated), 1},
		{"without title and text", day(bare), 1},
		{"no times at all", Input{Articles: []digest.Article{timeless}}, 0},
		{"nothing at all", Input{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Select(tt.in); len(got.Shown) != tt.want {
				t.Errorf("got %d stories, want %d", len(got.Shown), tt.want)
			}
		})
	}
}

func TestCoverage(t *testing.T) {
	in := day()
	in.Subscription.Sources = []string{"a", "b", "c", "d", "e", "g"}
	in.Sources = []digest.SourceStatus{
		{Source: digest.Source{ID: "a", Kind: "feed", Name: "Alpha"}, LastOK: noon.Add(-time.Hour)},
		{Source: digest.Source{ID: "b", Kind: "feed", Name: "Beta"}, LastOK: noon.Add(-25 * time.Hour), Problem: "timed out"},
		{Source: digest.Source{ID: "c", Kind: "folder"}, LastOK: noon.Add(-99 * time.Hour)},
		{Source: digest.Source{ID: "d", Kind: "folder", Address: "news/"}, LastOK: noon.Add(-time.Hour), Problem: "not readable"},
		{Source: digest.Source{ID: "e", Kind: "push"}},
		{Source: digest.Source{ID: "f", Kind: "feed"}},
		{Source: digest.Source{ID: "g", Kind: "feed", Disabled: true}},
	}
	want := digest.Coverage{SourcesOK: 3, Sources: 5, Failed: []string{"Beta", "news/"}}
	if diff := cmp.Diff(want, Select(in).Coverage); diff != "" {
		t.Error("(-want +got):", diff)
	}
}

// busy returns a day with a story about each topic from several outlets.
func busy() Input {
	var all []digest.Article
	for topic := range topics {
		for i, outlet := range []string{"Star", "Ledger", "Wire"} {
			all = append(all, article(topic+outlet, topic, outlet, time.Duration(len(topic)*3+i)*time.Hour))
		}
	}
	in := day(all...)
	in.Subscription.Layout.Stories = 3
	in.Sources = []digest.SourceStatus{
		{Source: digest.Source{ID: "feed-Star", Kind: "feed", Weight: 1.5}, LastOK: noon},
		{Source: digest.Source{ID: "feed-Wire", Kind: "feed"}},
	}
	in.Prior = story.Group(all[:5], nil)
	for _, p := range in.Prior {
		in.Shown = append(in.Shown, digest.Shown{Story: p.ID, Articles: []string{p.Articles[0].ID}, At: noon.Add(-20 * time.Hour)})
	}
	return in
}

func briefs(sel Selection) []digest.Brief {
	var out []digest.Brief
	for _, r := range sel.Shown {
		out = append(out, digest.Brief{ID: r.Story.ID, Headline: headline(r.Story)})
	}
	return out
}

func shuffle[T any](r *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

func TestSameInputSameBytes(t *testing.T) {
	in := busy()
	var want []byte
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		in.Articles, in.Prior, in.Sources, in.Shown = shuffle(r, in.Articles), shuffle(r, in.Prior), shuffle(r, in.Sources), shuffle(r, in.Shown)
		sel := Select(in)
		got, err := json.Marshal(Assemble(in, sel, shuffle(r, briefs(sel))))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatal("another order gave another edition (-first +this):", diff)
		}
	}
}

func TestAssemble(t *testing.T) {
	in := busy()
	sel := Select(in)
	all := briefs(sel)
	e := Assemble(in, sel, all[1:]) // the first story's brief is missing
	if len(e.Items) != len(all)-1 || e.Items[0].N != 1 || e.Items[0].Brief.ID != all[1].ID {
		t.Errorf("got items %+v, want those with a brief, numbered from 1", e.Items)
	}
	if e.Coverage.Shown != len(e.Items) {
		t.Errorf("coverage says %d shown, want %d", e.Coverage.Shown, len(e.Items))
	}
	if len(e.ID) != idLength || strings.Trim(e.ID, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		t.Errorf("got id %q", e.ID)
	}
	if len(e.Cut) == 0 || e.Cut[0].Headline == "" {
		t.Errorf("got cut %+v, want headlines", e.Cut)
	}
	other := in
	other.Subscription.Name = "Evening"
	if o := Assemble(other, sel, all[1:]); o.ID == e.ID {
		t.Error("another name gave the same id")
	}
	if e := Assemble(Input{}, Selection{}, nil); e.Items == nil || len(e.ID) != idLength {
		t.Errorf("got %+v, want an empty edition", e)
	}
}

func TestOneEventIsShownOnce(t *testing.T) {
	a, b := article("a1", "comet", "Star", time.Hour), article("b1", "comet", "Wire", 2*time.Hour)
	b.Sketch = a.Sketch
	c := article("c1", "cheese", "Dairy", time.Hour)
	s := newSieve(Group(day(a, b, c)))
	var candidates []Ranked
	for _, x := range []digest.Article{a, b, c} {
		r, ok := s.candidate(digest.Story{ID: "s-" + x.ID, Articles: []digest.Article{x}, FirstSeen: x.Arrived})
		if !ok {
			t.Fatal("no candidate:", x.ID)
		}
		candidates = append(candidates, r)
	}
	got := s.best(candidates, 10)
	if diff := cmp.Diff([]string{"comet", "cheese"}, titles(got)); diff != "" {
		t.Fatal("(-want +got):", diff)
	}
	if r := got[0]; len(r.Story.Articles) != 2 || r.Score.Parts[0].Note != "2 outlets" || !r.Story.FirstSeen.Equal(b.Arrived) {
		t.Errorf("got %+v, want both articles in one story", r)
	}
}

func BenchmarkSelect(b *testing.B) {
	in := day()
	r := rand.New(rand.NewPCG(1, 2))
	common := strings.Fields("the of and a in to for on with as that by at from it is was be said will has have its")
	for i := range 8000 {
		age := time.Duration(r.IntN(96*60)) * time.Minute
		event := rand.New(rand.NewPCG(uint64(i/4), 3))
		var title, text []string
		for range 8 {
			title = append(title, fmt.Sprint("name", event.IntN(20000)))
		}
		for range 40 {
			text = append(text, fmt.Sprint("name", r.IntN(20000)), common[r.IntN(len(common))])
		}
		if i < 2000 {
			age /= 4
		}
		a := digest.Article{ID: fmt.Sprint("a", i), Source: fmt.Sprint("s", r.IntN(300)), Title: strings.Join(title, " "),
			Text: strings.Join(text, " "), Language: "en", Published: noon.Add(-age), Arrived: noon.Add(-age)}
		a.Sketch = story.Sketch(a)
		a.Text = ""
		in.Articles = append(in.Articles, a)
	}
	for b.Loop() {
		Select(in)
	}
}
