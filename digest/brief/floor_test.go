package brief

import "testing"

// TestFloors holds the summaries of stories that no model has seen to the
// figures reached.
func TestFloors(t *testing.T) {
	for _, c := range []struct {
		name     string
		examples []example
		words    int
		want     float64
	}{
		{"one article", singles(t, "summaries/cnn-dev.jsonl"), 66, 37.4},
		{"several outlets", triples(t, "summaries/neus-val.jsonl"), 72, 40.4},
	} {
		sum, length := 0.0, 0
		for _, e := range c.examples {
			r := read(e.Articles)
			r.rate()
			s := r.summary(c.words)
			n := 0
			for _, i := range s {
				n += len(r.sentences[i].fields)
			}
			if n > c.words {
				t.Errorf("%s: got %d words, want at most %d", e.ID, n, c.words)
			}
			length += n
			ref, _ := grams(e.reference)
			hyp, _ := grams(r.words(s))
			sum += f1(ref, hyp)
		}
		got, n := 100*sum/float64(len(c.examples)), float64(len(c.examples))
		t.Logf("%s: ROUGE-1 %.2f with %.1f words", c.name, got, float64(length)/n)
		if got < c.want {
			t.Errorf("%s: got ROUGE-1 %.2f, want at least %.1f", c.name, got, c.want)
		}
	}
}
