package brief

import (
	"slices"
	"strings"
	"testing"

	"nutgraf/digest"
)

// What a reader stumbles over, a table a rule.

func TestDatelines(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"LINDEN, Northland (Wire) -- The bridge was shut.", "The bridge was shut."},
		{"ORRIN, North Land — The bridge was shut.", "The bridge was shut."},
		{"(CNN) -- The bridge was shut.", "The bridge was shut."},
		{"Linden, Northland In cafes across town, the tea is a hit.", "In cafes across town, the tea is a hit."},
		{"Orrin, Germany Shut for a year, the bridge opened.", "Shut for a year, the bridge opened."},
		{"London The bridge was shut on Monday.", "The bridge was shut on Monday."},
		{"New York Federal inspectors shut the bridge.", "Federal inspectors shut the bridge."},
		{"Islamabad Pakistan is opening the bridge.", "Pakistan is opening the bridge."},
		{"United Nations The council met on Monday.", "The council met on Monday."},
		{"United Nations inspectors met on Monday.", "United Nations inspectors met on Monday."},
		{"Harare, Zimbabwe Repairs of the bridge began.", "Repairs of the bridge began."},
		{"Berlin German Chancellor Anna Holt shut the bridge.", "German Chancellor Anna Holt shut the bridge."},
		{"Paris Anna Holt shut the bridge.", "Anna Holt shut the bridge."},
		{"Washington President Holt opened the bridge.", "President Holt opened the bridge."},
		{"London Bridge was shut on Monday.", "London Bridge was shut on Monday."},
		{"Boston Harbor Authority inspectors shut the bridge.", "Boston Harbor Authority inspectors shut the bridge."},
		{"Ana Reyes, Mayor of Orrin, shut the bridge.", "Ana Reyes, Mayor of Orrin, shut the bridge."},
	} {
		if got := sentenceOf(c.text).text; got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	r := read([]digest.Article{{ID: "a", Language: "en", Text: "The bridge in Orrin was shut.\n\nLondon The musical plays on."}})
	if got, want := r.sentences[1].text, "London The musical plays on."; got != want {
		t.Errorf("in the middle of a text: got %q, want %q", got, want)
	}
}

func TestEntriesAreNoSentences(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"Orrin Light Station, Linden, Northland.", false},
		{"The Great Orrin Light Station, a listed tower in Linden.", false},
		{"Link between Holt case and the death of another woman.", false},
		{"11.5 million: Estimated number of travelers in the country.", false},
		{"Did Holt win the debate? : The mayor had a good night in Orrin.", false},
		{"Anyone who saw the ferry is urged to call the harbor police.", false},
		{"Where to try it: At the old inn of Orrin by the river.", false},
		{"1. The agency interviewed 755 people in Orrin.", false},
		{"December 21, 1988: A ferry sinks off the coast of Orrin.", false},
		{"The one condition: The money comes back if Holt wins.", false},
		{"Mayor Ana Reyes met Tom Okafor in Orrin.", true},
		{"The Orrin Light Station in Linden closed in May.", true},
	} {
		if got := sentenceOf(c.text).usable; got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestOpenersThatPointBack(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"For in reality, the yard is small.", true},
		{"Two days later, the ferry came back to Orrin.", true},
		{"Most of these are in the north of Orrin.", true},
		{"The next one will leave on June 12.", true},
		{"Separately, the board met in Orrin.", true},
		{"Take the ferry to Orrin for a day.", true},
		{"The former is the older of the two.", true},
		{"Rather than a bus, the city sent a ferry.", false},
		{"The former mayor of Orrin met the board.", false},
		{"For two years, the yard was shut.", false},
	} {
		if got := leans(strings.Fields(c.text)); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestFirstSentencesPointAtNothing(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"Once, the yard of Orrin was the pride of the coast.", true},
		{"It was a night of joy at the harbor of Orrin after the ferries came back.", true},
		{"It was late.", false},
		{"He had been on the run for forty years.", false},
		{"But the yard of Orrin is shut.", false},
		{"Go to the yard of Orrin and look up.", false},
	} {
		if got := begins(strings.Fields(c.text)); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestPronounsNeedSomebody(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"As the founder of the Orrin Ferry Club she runs forty boats.", true},
		{"As the founder of the club, Ana Reyes says she runs forty boats.", false},
		{"Ruthless and calm, she ran the yard of Orrin.", true},
		{"Reyes ran the yard and said she would leave.", false},
		{"Most Americans agree with him.", true},
		{"Most Americans say they agree.", false},
		{"Officials say he left the yard at noon.", true},
		{"Officials say they left the yard at noon.", false},
		{"The actress says she left the yard at noon.", false},
		{"A man said he left the yard at noon.", false},
		{"The dentist used it to scare children.", true},
		{"The board made it clear that the yard is shut.", false},
		{"The company says it expects a loss.", false},
	} {
		if got := dangles(sentenceOf(c.text)); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestGoesOnAndDefers(t *testing.T) {
	for _, c := range []struct {
		text           string
		goesOn, defers bool
	}{
		{"The operator also wants two sidings.", true, false},
		{"Holt was equally glad about the sidings.", true, false},
		{"In 2004, for instance, the yard was shut.", true, false},
		{"The operator wants two sidings, and also a crane.", false, false},
		{"With 40 people, the company is small.", false, true},
		{"With 40 people, the company of Ana Reyes is small.", false, false},
	} {
		s := sentenceOf(c.text)
		if got := goesOn(s); got != c.goesOn {
			t.Errorf("%q: goes on: got %v, want %v", c.text, got, c.goesOn)
		}
		if got := defers(s); got != c.defers {
			t.Errorf("%q: defers: got %v, want %v", c.text, got, c.defers)
		}
	}
}

func TestStakesTellMoreThanNumbers(t *testing.T) {
	const enough = 0.7
	for _, c := range []struct {
		text string
		want bool
	}{
		{"Nearly half of the children in the region go hungry.", false},
		{"He is accused of copying millions of documents.", false},
		{"The first one in the row fell on a Monday.", false},
		{"It was the first time since the trial began.", false},
		{"The lake is the third largest in the world.", false},
		{"The study will cost 2 million crowns.", false},
		{"The coalition could prove only that cards were sold.", false},
		{"It is the worst flood of the valley since 1953.", true},
		{"Ana Reyes would become the first woman to lead the port.", true},
		{"The cut would hurt thousands of families.", true},
	} {
		if got := stakes(unquoted(sentenceOf(c.text))) >= enough; got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

// yard is an article whose best sentences are hard to show alone.
func yard(paragraphs ...string) digest.Article {
	return digest.Article{ID: "a", Title: "Port of Linden weighs night curfew", Outlet: "Ledger", Language: "en", Text: strings.Join(paragraphs, "\n\n")}
}

func TestLedePairs(t *testing.T) {
	const first = "The port of Linden is drafting rules that would halt freight trains between midnight and five."
	for _, c := range []struct {
		name, second string
		want         bool
	}{
		{"a fact", "The rules would push 40 trains a day onto daytime slots that commuters use.", true},
		{"what follows it with a pronoun", "It would be the first curfew of its kind on the coast.", true},
		{"a quote", "“It is loud at night,” said harbor director Ana Reyes, who wrote the draft.", false},
		{"a word to the reader", "Chances are that you have never heard the trains pass by at night.", false},
		{"the same with a name more", "Freight trains would halt between midnight and five under rules that Ana Reyes is drafting with lawyers of Orrin.", false},
		{"the same again", "The rules of the port of Linden would halt freight trains from midnight to five.", false},
	} {
		b := write(t, digest.Options{}, yard(first, c.second))
		if got := slices.Contains(texts(b.Lede), c.second); got != c.want {
			t.Errorf("%s: got %q, want it there: %v", c.name, texts(b.Lede), c.want)
		}
	}
}

func TestStrangersAreNotShownFirst(t *testing.T) {
	a := yard("The port of Linden is drafting rules that would halt freight trains between midnight and five.",
		"“The yard is loud at night, and it will be quiet in June,” said Tom Okafor, who lives beside it.",
		"Okafor counted 43 freight trains in one night of March.",
		"Rail operators say two extra sidings would cost 18 million crowns.",
		"The union of Linden says 40 trains a day carry the grain of the region.")
	r := read([]digest.Article{a})
	w := writer{reading: r, shown: []int{0}}
	if got, want := r.sentences[2].text, "Okafor counted 43 freight trains in one night of March."; got != want || !w.strange(2) {
		t.Errorf("%q: got %v, want it to name a stranger", got, w.strange(2))
	}
	if w.strange(3) || w.strange(1) {
		t.Error("got strangers in sentences that name nobody, or in full")
	}
	w.shown = []int{1}
	if w.strange(2) {
		t.Error("got a stranger who was named before")
	}
}

func TestSaidElsewhereIsNoQuote(t *testing.T) {
	const said = "The yard of Linden will be quiet after June."
	b := write(t, digest.Options{}, yard(said, "“"+said+"”, said port director Ana Reyes.", "Rail operators say two extra sidings would cost 18 million crowns."))
	if len(b.Lede) == 0 || b.Lede[0].Text != said || len(b.Quotes) != 0 {
		t.Errorf("got lede %q and quotes %+v, want the words once", texts(b.Lede), b.Quotes)
	}
}

func TestLineIsASentenceOfTheLede(t *testing.T) {
	a := yard("The night is short at the port of Linden and the trains are long.",
		"The port of Linden is drafting rules that would halt freight trains between midnight and five.",
		"The line carries a third of the grain exports of the region.")
	line, full := write(t, digest.Options{Length: "line"}, a), write(t, digest.Options{}, a)
	if len(line.Lede) != 1 || !slices.Contains(texts(full.Lede), line.Lede[0].Text) {
		t.Errorf("got %q, want one of %q", texts(line.Lede), texts(full.Lede))
	}
}

func TestLoud(t *testing.T) {
	const calm = "Orrin river bridge shut after cracks are found"
	for _, title := range []string{"ORRIN RIVER BRIDGE SHUT AFTER CRACKS", "Orrin river bridge shut after cracks are found!", "3 key moments of the Orrin bridge debate", "How the Orrin river bridge could open",
		"What we know about the Orrin river bridge", "You won’t believe the Orrin river bridge", "Opinion: The Orrin river bridge was safe", "Is the Orrin river bridge safe to cross?", "Bridge shut"} {
		if loud(title) < loud(calm)+0.2 {
			t.Errorf("%q: got %.2f, want more than %.2f of %q", title, loud(title), loud(calm), calm)
		}
	}
	for _, title := range []string{"EU agrees to shut the Orrin river bridge", "2 dead after fall from Orrin river bridge"} {
		if loud(title) > loud(calm) {
			t.Errorf("%q: got %.2f, want it as calm as any", title, loud(title))
		}
	}
}

func TestClaimsOfOneOutletWeighLess(t *testing.T) {
	r := read(union())
	for i, want := range map[int]float64{0: 1, 2: 0, 3: 1} {
		if got := r.backed(i); got != want {
			t.Errorf("%q: got %v of the other outlets behind it, want %v", r.sentences[i].text, got, want)
		}
	}
}

func TestLeaningSentencesStayOut(t *testing.T) {
	const leaning = "Separately, inspectors of Orrin found 43 cracks in the pillars of an old bridge in March."
	a := yard("The port of Linden is drafting rules that would halt freight trains between midnight and five.",
		"The mayor of Orrin asked for the rules after a year of complaints.",
		leaning,
		"Rail operators say two extra sidings would cost 18 million crowns.")
	b := write(t, digest.Options{}, a)
	if shown := slices.Concat(texts(b.Lede), texts(b.WhyItMatters), texts(b.WhatToKnow)); slices.Contains(shown, leaning) || len(shown) < 3 {
		t.Errorf("got %q, want the sentences that stand alone", shown)
	}
}
