package brief

import (
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// FuzzQuotes holds that no text makes Quotes panic or return what does not
// stand in it.
func FuzzQuotes(f *testing.F) {
	for _, c := range speakerCases {
		f.Add(c.text, c.lang)
	}
	for _, c := range tongueCases {
		f.Add(c.text, c.lang)
	}
	f.Add("“, — ,” — said , a,b,c,, “” \"\" „“ «» — the of and Of", "en")
	f.Fuzz(func(t *testing.T, s, lang string) {
		a := digest.Article{ID: "a", Language: lang, Text: s}
		for _, q := range Quotes(a) {
			if q.Start < 0 || q.End > len(s) || q.Start >= q.End || squeeze(s[q.Start:q.End]) != q.Text || q.Speaker == "" {
				t.Errorf("got %+v of %q", q, s)
			}
		}
	})
}

// TestQuotesHostile holds that Quotes is not quadratic in what somebody
// repeats: eight times the text may take up to thirty times as long, or half
// a second, which leaves room for a busy machine.
func TestQuotesHostile(t *testing.T) {
	pieces := []string{"\"", "“", "” ", "\"a\" ", "\"a b c d e\" ", "\"a b c d e,\" he said. ", "Ana Reyes said: \"a b c d e.\" ", "A. ", "a,", "of ", "Reyes of ",
		"\"a b c d e f\" of ", "Ana Reyes, and ", "he said ", "said ", "“a b c d e.\n\n", "“a b c d e,” she said.\n\n", "the mayor said ", "— ", "\"A\" B ", "van der ", "al-"}
	for _, piece := range pieces {
		run := func(size int) time.Duration {
			a := digest.Article{ID: "a", Language: "en", Text: "Mayor Ana Reyes spoke. " + strings.Repeat(piece, size/len(piece))}
			start := time.Now()
			Quotes(a)
			return time.Since(start)
		}
		for tries := 1; ; tries++ { // the best of a few counts: the machine may have been busy
			a, b := run(5_000), run(40_000)
			if b <= 500*time.Millisecond || b <= 30*a {
				break
			}
			if tries == 5 {
				t.Errorf("%q: got %v for 5 kB and %v for 40 kB", piece, a, b)
				break
			}
		}
	}
}
