package brief

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// harbor is a structured article; its paragraphs stand under the sections that
// precede them.
func harbor() digest.Article {
	return structured("harbor", []part{
		{digest.Lede, "The Port of Linden is drafting rules that would halt freight trains between midnight and five, according to two people briefed on the plan."},
		{digest.Lede, "The port authority declined to comment."},
		{digest.Why, "The line carries a third of the region’s grain exports. A curfew would push 40 trains a day onto daytime slots already used by commuters."},
		{digest.Know, "The draft, dated May 3, follows a year of noise complaints. Mayor Lena Holt backed the idea, stating in August: “We will not wait for another year.”"},
		{digest.Know, "Rail operators say two extra sidings would cost 18 million crowns."},
		{digest.People, "Port director Ana Reyes told reporters: “Nobody sleeps within a mile of that yard. That ends this year.”"},
		{digest.People, "Freight union chair Tom Okafor said at a hearing: “You cannot park a whole harvest.”"},
		{digest.Next, "The board votes on June 12. It is unclear whether operators will be heard before. (Read More)"},
	})
}

type part struct {
	digest.Section
	text string
}

// structured makes an article of paragraphs with their sections.
func structured(id string, parts []part) digest.Article {
	a := digest.Article{ID: id, Title: "Port of Linden Weighs Night Curfew for Freight Trains", Category: "Harbor, city", Publisher: "Linden Ledger", Desk: "Transport Desk",
		Outlet: "Linden Wire", Authors: []string{"Maya Lind", "Jon Park"}, Language: "en", URL: "https://ledger.example/a", Published: time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC)}
	for _, p := range parts {
		if a.Text != "" {
			a.Text += "\n\n"
		}
		start := len(a.Text)
		a.Text += p.text
		if n := len(a.Marks); n > 0 && a.Marks[n-1].Section == p.Section {
			a.Marks[n-1].End = len(a.Text)
			continue
		}
		a.Marks = append(a.Marks, digest.Mark{Section: p.Section, Start: start, End: len(a.Text)})
	}
	return a
}

// write makes the brief of articles and fails the test when Check complains.
func write(t testing.TB, o digest.Options, articles ...digest.Article) digest.Brief {
	t.Helper()
	s := digest.Story{ID: "s", Articles: articles}
	b, err := Extractive{}.Brief(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := Check(b, s); len(wrong) > 0 {
		t.Fatalf("got a brief that fails its check: %s", strings.Join(wrong, "\n"))
	}
	return b
}

// texts returns the texts of sentences.
func texts(list []digest.Sentence) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, s.Text)
	}
	return out
}

func TestStructuredArticleKeepsItsSections(t *testing.T) {
	b := write(t, digest.Options{}, harbor())
	got := map[string]any{"headline": b.Headline, "category": b.Category, "publisher": b.Publisher, "desk": b.Desk, "source": b.Source, "authors": b.Authors, "outlets": b.Outlets,
		"lede": texts(b.Lede), "why": texts(b.WhyItMatters), "know": texts(b.WhatToKnow), "next": texts(b.WhatsNext)}
	want := map[string]any{"headline": "Port of Linden Weighs Night Curfew for Freight Trains", "category": "Harbor, city", "publisher": "Linden Ledger", "desk": "Transport Desk", "source": "Linden Wire",
		"authors": []string{"Maya Lind", "Jon Park"}, "outlets": []string{"Linden Wire"},
		"lede": []string{"The Port of Linden is drafting rules that would halt freight trains between midnight and five, according to two people briefed on the plan.", "The port authority declined to comment."},
		"why":  []string{"The line carries a third of the region’s grain exports.", "A curfew would push 40 trains a day onto daytime slots already used by commuters."},
		"know": []string{"The draft, dated May 3, follows a year of noise complaints.", "Mayor Lena Holt backed the idea, stating in August: “We will not wait for another year.”", "Rail operators say two extra sidings would cost 18 million crowns."},
		"next": []string{"The board votes on June 12.", "It is unclear whether operators will be heard before."}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("brief (-want +got):\n%s", d)
	}
	var said []string
	for _, q := range b.Quotes {
		said = append(said, fmt.Sprintf("%s|%s|%s|%s", q.Speaker, q.Role, q.Context, q.Text))
	}
	if d := cmp.Diff([]string{
		"Ana Reyes|Port director|told reporters|Nobody sleeps within a mile of that yard. That ends this year.",
		"Tom Okafor|Freight union chair|said at a hearing|You cannot park a whole harvest.",
		"Lena Holt|Mayor|stating in August|We will not wait for another year.",
	}, said); d != "" {
		t.Errorf("quotes (-want +got):\n%s", d)
	}
}

func TestStructuredAndPlainTogether(t *testing.T) {
	plain := digest.Article{ID: "plain", Title: "Night trains may stop at Linden port", Outlet: "City Post", Language: "en", Published: time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC),
		Text: "LINDEN (Wire) — Freight trains may stop running at night through the port of Linden under draft rules.\n\nThe rules would affect 3 million tons of grain a year, because the line has no other route.\n\n“We were never asked about any of this,” said Peter Lang, a grain trader from Orrin.\n\nRead more: the noise map of the port"}
	own := structured("harbor", []part{
		{digest.Lede, "The Port of Linden is drafting rules that would halt freight trains between midnight and five."},
		{digest.People, "Port director Ana Reyes told reporters: “Nobody sleeps within a mile of that yard. That ends this year.”"},
	})
	b := write(t, digest.Options{}, plain, own)
	if got, want := texts(b.Lede), []string{"The Port of Linden is drafting rules that would halt freight trains between midnight and five."}; !cmp.Equal(got, want) {
		t.Errorf("lede: got %q, want %q", got, want)
	}
	if got, want := texts(b.WhyItMatters), []string{"The rules would affect 3 million tons of grain a year, because the line has no other route."}; !cmp.Equal(got, want) {
		t.Errorf("why it matters: got %q, want %q", got, want)
	}
	var speakers []string
	for _, q := range b.Quotes {
		speakers = append(speakers, q.Speaker)
	}
	if want := []string{"Ana Reyes", "Peter Lang"}; !cmp.Equal(speakers, want) {
		t.Errorf("speakers: got %q, want %q", speakers, want)
	}
	if got, want := b.Outlets, []string{"City Post", "Linden Wire"}; !cmp.Equal(got, want) {
		t.Errorf("outlets: got %q, want %q", got, want)
	}
}

func TestDatelineIsCutAndFurnitureLeftOut(t *testing.T) {
	a := digest.Article{ID: "a", Title: "Bridge shut", Language: "en", Text: "LONDON (Reuters) — The old river bridge in Orrin was shut on Monday after engineers found cracks in two pillars.\n\n" +
		"CLICK HERE TO GET THE NEWS APP TODAY FOR FREE.\n\nSign up for our morning newsletter to get the news first.\n\nBy Maya Lind in Orrin and Jon Park in Linden.\n\n" +
		"The city expects repairs of the bridge to cost 12 million crowns and to last until the spring.\n\nThe mayor of Orrin said the engineers had warned the city about the economy..."}
	b := write(t, digest.Options{Words: 60}, a)
	got := texts(append(append(append(b.Lede, b.WhyItMatters...), b.WhatToKnow...), b.Summary...))
	if len(got) == 0 || got[0] != "The old river bridge in Orrin was shut on Monday after engineers found cracks in two pillars." {
		t.Errorf("got %q, want the lede without its dateline", got)
	}
	for _, s := range got {
		for _, bad := range []string{"LONDON", "CLICK", "newsletter", "Maya", "..."} {
			if strings.Contains(s, bad) {
				t.Errorf("got %q, want no furniture", s)
			}
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, c := range []struct {
		name     string
		articles []digest.Article
		want     string
	}{
		{"no article", nil, ""},
		{"headline only", []digest.Article{{ID: "a", Title: "Bridge shut in Orrin"}}, "Bridge shut in Orrin"},
		{"nothing", []digest.Article{{ID: "a"}}, ""},
		{"blank text", []digest.Article{{ID: "a", Title: "T", Text: " "}}, "T"},
		{"mark beyond", []digest.Article{{ID: "a", Title: "T", Text: "A.", Marks: []digest.Mark{{Section: digest.Why, Start: 5, End: 9}}}}, "T"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := write(t, digest.Options{Words: 50}, c.articles...)
			if b.Headline != c.want {
				t.Errorf("headline: got %q, want %q", b.Headline, c.want)
			}
			out, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.Replace(string(out), `"published":null`, "", 1), "null") {
				t.Errorf("got %s, want lists that are never null", out)
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Extractive{}).Brief(ctx, digest.Story{}, digest.Options{}); err == nil {
		t.Error("got no error, want that of the context")
	}
}

func TestLengths(t *testing.T) {
	line, short := write(t, digest.Options{Length: "line"}, harbor()), write(t, digest.Options{Length: "short"}, harbor())
	if len(line.Lede) != 1 || len(line.WhyItMatters)+len(line.WhatToKnow)+len(line.Quotes)+len(line.WhatsNext) != 0 {
		t.Errorf("line: got %+v, want one sentence of the lede alone", line)
	}
	if len(short.Lede) != 2 || len(short.WhyItMatters) != 2 || len(short.WhatToKnow) != 1 || len(short.Quotes)+len(short.WhatsNext) != 0 {
		t.Errorf("short: got %+v, want lede, why and one thing to know", short)
	}
}

func TestCopiesAreNamedButNotRead(t *testing.T) {
	a, b := harbor(), harbor()
	b.ID, b.Outlet = "copy", "Other Post"
	s := digest.Story{ID: "s", Articles: []digest.Article{a, b}, Copies: []string{"copy"}}
	got, err := Extractive{}.Brief(context.Background(), s, digest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Linden Wire", "Other Post"}; !cmp.Equal(got.Outlets, want) {
		t.Errorf("outlets: got %q, want %q", got.Outlets, want)
	}
	if got.Articles[0].Copy || !got.Articles[1].Copy {
		t.Errorf("got %+v, want the second marked as a copy", got.Articles)
	}
	for _, l := range got.Lede {
		if l.Article != "harbor" {
			t.Errorf("got a sentence of %q, want those of the original", l.Article)
		}
	}
}

func TestHeadlineIsTheCentralOneThatDoesNotShout(t *testing.T) {
	body := "The old river bridge in Orrin was shut on Monday after engineers found cracks in two pillars."
	b := write(t, digest.Options{},
		digest.Article{ID: "1", Outlet: "A", Title: "BREAKING: ORRIN RIVER BRIDGE SHUT!!!", Text: body, Language: "en"},
		digest.Article{ID: "2", Outlet: "B", Title: "Orrin river bridge shut after cracks are found", Text: body, Language: "en"},
		digest.Article{ID: "3", Outlet: "C", Title: "Five recipes for a rainy day", Text: body, Language: "en"})
	if got, want := b.Headline, "Orrin river bridge shut after cracks are found"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	a := harbor()
	s := digest.Story{ID: "s", Articles: []digest.Article{a}}
	good := write(t, digest.Options{}, a)
	for _, c := range []struct {
		name  string
		spoil func(*digest.Brief)
		want  string
	}{
		{"changed word", func(b *digest.Brief) { b.Lede[0].Text = "The Port of Linden banned freight trains." }, "does not stand at"},
		{"unknown article", func(b *digest.Brief) { b.Lede[0].Article = "other" }, "does not have"},
		{"wrong sentence", func(b *digest.Brief) { b.Lede[0].Sentence = 7 }, "is not in sentence 7"},
		{"repeated", func(b *digest.Brief) { b.WhatToKnow = append(b.WhatToKnow, b.Lede[0]) }, "already"},
		{"no speaker", func(b *digest.Brief) { b.Quotes[0].Speaker = "" }, "no speaker"},
		{"quote made up", func(b *digest.Brief) { b.Quotes[0].Text = "We love the noise of it." }, "does not stand at"},
		{"offsets beyond", func(b *digest.Brief) { b.WhatsNext[0].End = 1 << 20 }, "does not stand at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b digest.Brief
			raw, err := json.Marshal(good)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &b); err != nil {
				t.Fatal(err)
			}
			c.spoil(&b)
			if got := strings.Join(Check(b, s), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func FuzzBrief(f *testing.F) {
	f.Add("Title", harbor().Text, "en", 10, 400)
	f.Add("", "\"a\" said \"b\" „c“ «d» “e", "de", 0, 3)
	f.Add("x", "LONDON (AP) — . (Read more)", "", 0, 0)
	f.Add("x", "“We went there and back again,” he , , said  Ana", "", 0, 0)
	f.Fuzz(func(t *testing.T, title, body, lang string, from, to int) {
		a := digest.Article{ID: "a", Title: title, Text: text.Clean(body), Language: lang, Published: time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC)}
		if from >= 0 && from < to && to <= len(a.Text) {
			a.Marks = []digest.Mark{{Section: digest.Know, Start: from, End: to}}
		}
		plain := a
		plain.ID, plain.Marks = "b", nil
		write(t, digest.Options{Words: 60}, a, plain)
		Quotes(digest.Article{Text: body})
	})
}

// BenchmarkBrief writes the full briefs of single articles, those of cnn-dev
// where they are, else an invented one, and reports the median.
func BenchmarkBrief(b *testing.B) {
	all := []example{{Story: digest.Story{Articles: []digest.Article{harbor()}}}}
	if os.Getenv("NUTGRAF_SHARED") != "" {
		all = singles(b, "summaries/cnn-dev.jsonl")
	}
	for name, o := range map[string]digest.Options{"brief": {}, "with a summary": {Words: 66}} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if _, err := (Extractive{}).Brief(context.Background(), all[i%len(all)].Story, o); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
		})
	}
}

func BenchmarkQuotes(b *testing.B) {
	all := singles(b, "summaries/cnn-dev.jsonl")
	for i := 0; b.Loop(); i++ {
		Quotes(all[i%len(all)].Articles[0])
	}
}
