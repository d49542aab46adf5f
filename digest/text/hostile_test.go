package text_test

import (
	"strings"
	"testing"
	"time"

	"nutgraf/digest/text"
)

// TestHostileSize holds that no function is quadratic: what somebody repeats
// thousands of times must not stop the bot. Eight times the text may take up
// to thirty times as long, or half a second, which leaves room for a busy machine.
func TestHostileSize(t *testing.T) {
	functions := map[string]func(s string){
		"Line":      func(s string) { text.Line(s, 50) },
		"Sentences": func(s string) { text.Sentences(s, "en") },
		"Terms":     func(s string) { text.Terms(s, "en") },
		"Names":     func(s string) { text.Names(s, "en") },
		"Numbers":   func(s string) { text.Numbers(s) },
		"Dates":     func(s string) { text.Dates(s, "en", ref) },
		"Language":  func(s string) { text.Language(s, "") },
	}
	pieces := []string{"A", "A. ", "(", "'", "\"a ", ". ", "! ", "1.", "1) ", "\n", "a\n", "A b. c", "[1]", "\u0301",
		"\u200d", "’", "Von der ", "in 2 ", "Monday ", "last ", "1,000 ", "one ", "« ", "\xff", "。", "x.Y", "• 1. ", ". . ", "p.m. a "}
	for _, piece := range pieces {
		for name, f := range functions {
			small, large := strings.Repeat(piece, 5_000/len(piece)), strings.Repeat(piece, 40_000/len(piece))
			start := time.Now()
			f(small)
			middle := time.Now()
			f(large)
			a, b := middle.Sub(start), time.Since(middle)
			if b > 500*time.Millisecond && b > 30*a {
				t.Errorf("%s of %q: %v for 5 kB, %v for 40 kB", name, piece, a, b)
			}
		}
	}
}
