package brief

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// sentenceOf reads one sentence.
func sentenceOf(s string) *sentence {
	r := read([]digest.Article{{ID: "a", Language: "en", Text: s}})
	return &r.sentences[0]
}

func TestDangles(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"The port of Linden will close on Monday.", false},
		{"Peripheral countries must stop expecting help from the bank, he added.", true},
		{"Dads are welcome to call the line too, the manager said.", true},
		{"Dads are welcome to call the line too, Ana Reyes said.", false},
		{"For him, as well as many others in this country, diamonds are a source of pride.", true},
		{"With his vow to spend money, Biden means to win the vote back.", false},
		{"On his telling, every good thing of the year is a tribute to wisdom.", true},
		{"The researcher said she saw the bridge fall on Monday.", false},
		{"According to the latter, the port of Linden will close.", true},
		{"The plan must still be approved, which could come as soon as tomorrow.", true},
		{"The board of Linden meets today to vote on the plan.", false},
		{"In the current media climate, let me take a different stance.", true},
		{"Last month this board endorsed Kathryn Holt for mayor.", true},
		{"Ana Reyes told reporters that “we will not wait for our turn” in May.", false},
		{"“Stop telling me this is about the yard,” said a New Yorker in May.", true},
	} {
		if got := dangles(sentenceOf(c.text)); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestSolid(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"Supporters are already lining up, but most agree on this: It’s an ambitious plan.", false},
		{"On Tuesday, the company announced how much the shot brings.", false},
		{"The rebranding edict was directed to no one in particular.", false},
		{"The vaccine was by far the biggest source of revenue of Pfizer.", true},
		{"Rail operators say two extra sidings would cost 18 million crowns.", true},
	} {
		if got := solid(sentenceOf(c.text)); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestUsable(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"The old bridge in Orrin was shut on Monday.", true},
		{"23.1: Millions of foreign-born workers in the labor force.", false},
		{"Debby Holt, a scientist and the author of \"Sex Made Easy:\".", false},
		{"Joe Kort, a founder of the Center for Health:.", false},
		{"THE OLD BRIDGE IN ORRIN WAS SHUT ON MONDAY.", false},
		{"The old bridge in Orrin was shut after…", false},
		{"JH: The idea is to shut the old bridge in Orrin.", false},
		{"“The old bridge in Orrin was shut.", false},
	} {
		if got := sentenceOf(c.text).usable; got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestStakes(t *testing.T) {
	const enough = 0.7
	for _, c := range []struct {
		text string
		want bool
	}{
		{"The decision marks a setback for the commission and could lead to calls for a new law.", true},
		{"Some 1 in 5 renters are behind on their payments.", true},
		{"Last year was the hottest on record for the country.", true},
		{"It was the most ambitious speech of any president in decades.", true},
		{"The bill is a rare point of agreement between the parties.", true},
		{"Pundits say that Biden poses a problem because he is so “boring.”", false},
		{"Ambassadors endorsed a plan that would allow visits from tourists.", false},
		{"The investigation reviewed thousands of documents, a press release said.", false},
		{"The lawmaker pointed out that seeking asylum is “at stake for millions of people.”", false},
		{"The company told its readers about the plan in the first week.", false},
	} {
		if got := stakes(unquoted(sentenceOf(c.text))) >= enough; got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

// union is three outlets on one decision.
func union() []digest.Article {
	day := time.Date(2026, 5, 19, 9, 0, 0, 0, time.UTC)
	article := func(id, outlet, title string, paragraphs ...string) digest.Article {
		return digest.Article{ID: id, Outlet: outlet, Title: title, Language: "en", Published: day, Text: strings.Join(paragraphs, "\n\n")}
	}
	return []digest.Article{
		article("1", "Journal", "European Union Set to Open Borders to Vaccinated Travelers",
			"The European Union took a step toward opening its borders to vaccinated tourists, a move that likely means Americans will be allowed to visit the continent this summer. The decision, taken Tuesday by ambassadors from the 27 member countries, must still be approved, which could come as soon as tomorrow.",
			"Tourism makes up a tenth of the output of Greece and Spain."),
		article("2", "Wire", "EU agrees to reopen borders to vaccinated travelers",
			"The European Union on Tuesday agreed to reopen its borders to vaccinated travelers, among them Americans who wish to visit the continent this summer.",
			"Hotels in Lisbon reported 40,000 bookings within two hours of the news."),
		article("3", "Times", "Europe opens its borders to vaccinated tourists",
			"Vaccinated Americans will soon be able to visit the European Union as tourists this summer, ambassadors agreed on Tuesday."),
	}
}

func TestOutletsDoNotRepeatOneAnother(t *testing.T) {
	b := write(t, digest.Options{Now: time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC)}, union()...)
	know := texts(append(append(b.Lede[1:], b.WhyItMatters...), b.WhatToKnow...))
	for _, s := range know {
		if strings.Contains(s, "Tuesday agreed") || strings.Contains(s, "ambassadors") {
			t.Errorf("got %q, want neither what is told already nor a day-old tomorrow", s)
		}
	}
	for _, want := range []string{"Lisbon", "Greece"} {
		if !slices.ContainsFunc(know, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("got %q, want what is new about %s", know, want)
		}
	}
}

func TestTomorrowIsUnderstoodOnTheDay(t *testing.T) {
	b := write(t, digest.Options{Now: time.Date(2026, 5, 19, 20, 0, 0, 0, time.UTC)}, union()[0])
	if len(b.Lede) != 2 {
		t.Errorf("lede: got %q, want both sentences", texts(b.Lede))
	}
}

func TestNextLooksAhead(t *testing.T) {
	day := time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		want bool
	}{
		{"The board of the Linden port will vote on the noise rules on June 12.", true},
		{"The Senate, in a vote on Thursday, sent its strongest message on the noise rules of Linden.", false},
		{"The share of night trains in Linden is expected to fall by half by 2050.", false},
		{"The vote on the noise rules of Linden, initially scheduled for June 12, pits two men against each other.", false},
	} {
		b := write(t, digest.Options{}, digest.Article{ID: "a", Title: "Port weighs curfew", Language: "en", Published: day,
			Text: "The port of Orrin is drafting rules that would halt freight trains between midnight and five.\n\nRail operators oppose the plan and asked for two sidings.\n\n" + c.text})
		if got := len(b.WhatsNext) == 1; got != c.want {
			t.Errorf("%q: got %q, want it there: %v", c.text, texts(b.WhatsNext), c.want)
		}
	}
}

func TestQuotesOfAnotherEventStayOut(t *testing.T) {
	other := digest.Article{ID: "other", Title: "Bakers of Orrin win a prize", Outlet: "Post", Language: "en",
		Text: "The bakers of Orrin won a prize for their rye bread.\n\n“We never thought that bread could win anything,” said Peter Lang, a baker."}
	b := write(t, digest.Options{}, other, harbor())
	for _, q := range b.Quotes {
		if q.Speaker == "Peter Lang" {
			t.Errorf("got %+v, want quotes of the event alone", q)
		}
	}
	if len(b.Quotes) == 0 || b.Quotes[0].Speaker != "Ana Reyes" {
		t.Errorf("got %+v, want those under the heading first", b.Quotes)
	}
}

func TestQuotationOverTwoSentencesIsOne(t *testing.T) {
	r := read([]digest.Article{{ID: "a", Language: "en", Text: "\"The yard of Linden is loud at night. We will move it before June,\" port director Ana Reyes said. She left."}})
	var got []string
	for _, s := range r.sentences {
		if s.usable {
			got = append(got, s.text)
		}
	}
	if d := cmp.Diff([]string{"\"The yard of Linden is loud at night. We will move it before June,\" port director Ana Reyes said."}, got); d != "" {
		t.Errorf("sentences (-want +got):\n%s", d)
	}
}
