package quality

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// near rounds to what a table shows.
func near(x float64) float64 { return math.Round(x*10000) / 10000 }

// TestScore has figures worked out by hand.
func TestScore(t *testing.T) {
	tests := []struct {
		name     string
		ref, hyp string // sentences parted by "|"
		want     [4]float64
	}{
		{"equal", "The cats sat. On mats.", "the cat sat|on mat", [4]float64{1, 1, 1, 1}},
		{"nothing", "", "a word", [4]float64{}},
		{"no summary", "a word", "", [4]float64{}},
		{"half", "a b c d", "a b x y", [4]float64{.5, 1. / 3, .5, .5}},
		{"repeated", "a b", "a a a a", [4]float64{1. / 3, 0, 1. / 3, 1. / 3}},
		{"order", "a b c", "c b a", [4]float64{1, 0, 1. / 3, 1. / 3}},
		{"over sentences", "w1 w2 w3 w4 w5", "w1 w2 w6 w7 w8|w1 w3 w8 w9 w5", [4]float64{8. / 15, 2. / 13, 8. / 15, 8. / 15}},
		{"stems", "He was running quickly", "they run quick", [4]float64{2. / 7, 0, 2. / 7, 2. / 7}},
	}
	for _, tt := range tests {
		s := Score(strings.Split(tt.ref, "|"), strings.Split(tt.hyp, "|"))
		got := [4]float64{near(s.One.F), near(s.Two.F), near(s.L.F), near(s.Lsum.F)}
		for i := range tt.want {
			tt.want[i] = near(tt.want[i])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestBest(t *testing.T) {
	got := Best([][]string{{"x y"}, {"a b"}, {"a c"}}, []string{"a b"})
	if want := (Measure{1, 1, 1}); got.One != want {
		t.Errorf("got %v, want %v of the second reference", got.One, want)
	}
}

func TestSplit(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Mr. J. Smith left. He slept!", "Mr. J. Smith left.|He slept!"},
		{"He fell into lakes.Another rose.", "He fell into lakes.|Another rose."},
		{"First\n\nsecond. ... third", "First|second.|third"},
		{"“Why?” he asked. \"Go.\" Then silence.", "“Why?”|he asked.|\"Go.\"|Then silence."},
		{"?!", ""},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, strings.Join(Split(tt.in), "|")); diff != "" {
			t.Errorf("Split(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

// TestGrouping has the worked example of Amigó et al.: one item strays.
func TestGrouping(t *testing.T) {
	gold, made := strings.Fields("a a a a b b"), strings.Fields("x x x y y y")
	p, r := BCubed(gold, made)
	want := []float64{1, 1, 1, 1. / 3, 2. / 3, 2. / 3, .75, .75, .75, .25, 1, 1}
	if diff := cmp.Diff(want, append(p, r...)); diff != "" {
		t.Errorf("BCubed (-want +got):\n%s", diff)
	}
	if got, want := near(AdjustedRand(gold, made)), .3243; got != want {
		t.Errorf("AdjustedRand = %v, want %v", got, want)
	}
	if got := AdjustedRand(gold, gold); got != 1 {
		t.Errorf("AdjustedRand of the same = %v, want 1", got)
	}
}

func TestInterval(t *testing.T) {
	values := make([]float64, 400)
	for i := range values {
		values[i] = float64(i % 2)
	}
	mean := func(cases []int) float64 {
		sum := 0.0
		for _, i := range cases {
			sum += values[i]
		}
		return sum / float64(len(cases))
	}
	low, high := Interval(len(values), mean)
	// The standard error is .025, so that the interval is about [.451, .549].
	if math.Abs(low-.451) > .006 || math.Abs(high-.549) > .006 {
		t.Errorf("got [%.3f, %.3f], want about [.451, .549]", low, high)
	}
	if again, _ := Interval(len(values), mean); again != low {
		t.Errorf("the second interval starts at %v, the first at %v", again, low)
	}
}

func TestPlainSummaries(t *testing.T) {
	sentences := []string{
		"It was a grey morning in Linden.",
		"The port council voted to close the freight yard at night.",
		"The freight yard of the port is loud at night, the council said.",
		"A cat slept.",
		"Trains carry grain to the port council.",
	}
	if got, want := strings.Join(TextRank(sentences, "en", 25), "|"), sentences[1]+"|"+sentences[2]; got != want {
		t.Errorf("TextRank = %q, want %q", got, want)
	}
	if got, want := strings.Join(Oracle([]string{"A cat slept while trains carried grain."}, sentences, 25), "|"), sentences[3]+"|"+sentences[4]; got != want {
		t.Errorf("Oracle = %q, want %q", got, want)
	}
	if got := Words(Oracle([]string{"The freight yard of the port closes at night"}, sentences, 12)); got > 12 || got == 0 {
		t.Errorf("Oracle takes %d words, want at most 12", got)
	}
	if got := Lead(sentences[:2], 3); len(got) != 2 {
		t.Errorf("Lead of two sentences has %d", len(got))
	}
}

func TestSinglePass(t *testing.T) {
	got := SinglePass([]string{
		"Storm cuts power on the coast", "Parliament votes on pension reform", "Power cut on the coast after the storm", "Pension reform passes parliament", "",
	}, []string{"en", "en", "en", "en", ""})
	if diff := cmp.Diff(strings.Fields("0 1 0 1 2"), got); diff != "" {
		t.Errorf("SinglePass (-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name, speaker, found string
		want                 Answer
		accept               []string
	}{
		{"the same", "Ana Reyes", "Ana Reyes", Right, nil},
		{"with title", "Reyes", "Port director Ana Reyes", Right, nil},
		{"genitive", "Ana Reyes", "Reyes's", Right, nil},
		{"a namesake", "Doug Ford", "Rob Ford", Wrong, nil},
		{"another", "Ana Reyes", "Tom Okafor", Wrong, nil},
		{"where nobody can be named", "", "Ana Reyes", Wrong, nil},
		{"nobody", "Ana Reyes", "", Missed, nil},
		{"listed", "Ana Reyes", "Reyes", Right, []string{"Reyes"}},
		{"a name that is not listed", "Ana Reyes", "Reyes", Wrong, []string{}},
	}
	for _, tt := range tests {
		found := []Quoted{{"Another quote, by all means.", "X"}, {"Nobody sleeps — within a mile", tt.found}}
		if got := Judge(Labelled{Quoted{"Nobody sleeps within a mile,", tt.speaker}, tt.accept}, found); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestPlainQuotes(t *testing.T) {
	got := PlainQuotes(`“We will wait,” said Ana Reyes. "Not long." Tom Okafor told reporters: “You cannot park a harvest.”`)
	want := []Quoted{{"We will wait,", "Ana Reyes"}, {"Not long.", "Tom Okafor"}, {"You cannot park a harvest.", "Tom Okafor"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PlainQuotes (-want +got):\n%s", diff)
	}
}

func FuzzScore(f *testing.F) {
	f.Add("Mr. İ. Smith’s news.Then “Why?” he asked.", "The skies. \u212A dying ...\nagreed")
	f.Fuzz(func(t *testing.T, ref, hyp string) {
		s := Score(Split(ref), Split(hyp))
		for _, m := range []Measure{s.One, s.Two, s.L, s.Lsum} {
			if !(m.P >= 0 && m.P <= 1 && m.R >= 0 && m.R <= 1 && m.F >= 0 && m.F <= 1) {
				t.Fatalf("Score(%q, %q) = %+v", ref, hyp, s)
			}
		}
		if same := Score(Split(ref), Split(ref)); len(Tokens(ref)) > 0 && len(Split(ref)) > 0 && same.Lsum.F != 1 {
			t.Fatalf("Score(%q) with itself = %+v", ref, same)
		}
		PlainQuotes(ref)
	})
}
