package brief

import "testing"

// TestFloors holds the summaries of stories that no model has seen to the
// figures reached.
func TestFloors(t *testing.T) {
	floors := map[string]float64{"cnn-dev": 37.4, "neus-val": 40.4}
	for _, c := range held(t) {
		want := floors[c.name]
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
		if got < want {
			t.Errorf("%s: got ROUGE-1 %.2f, want at least %.1f", c.name, got, want)
		}
	}
}
