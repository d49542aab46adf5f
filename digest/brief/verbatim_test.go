package brief

import (
	"strings"
	"testing"

	"nutgraf/digest"
)

// marks are the quotation marks of all languages.
const marks = "\"“”„«»"

// TestVerbatimShared holds, over every quote of all articles, that a quote is
// a span of the article byte for byte, that it stands between a pair of marks,
// and that no mark is inside: a split quote is never put together.
func TestVerbatimShared(t *testing.T) {
	articles, n := 0, 0
	for _, e := range append(singles(t, "summaries/cnn-dev.jsonl"), triples(t, "summaries/neus-val.jsonl")...) {
		for _, a := range e.Articles {
			articles++
			for _, q := range Quotes(a) {
				n++
				checkVerbatim(t, a, q)
			}
		}
	}
	t.Logf("%d quotes of %d articles", n, articles)
	if n < 1200 {
		t.Errorf("got %d quotes, want at least 1200", n)
	}
}

func checkVerbatim(t *testing.T, a digest.Article, q digest.Quote) {
	t.Helper()
	if q.Start < 1 || q.End > len(a.Text) || q.End <= q.Start || a.Text[q.Start:q.End] != q.Text {
		t.Errorf("%s: got %q, which is not the text at %d–%d", a.ID, q.Text, q.Start, q.End)
		return
	}
	if strings.Contains(q.Text, "\n") || strings.ContainsAny(q.Text, marks) {
		t.Errorf("%s: got %q, want no mark and no end of a paragraph inside", a.ID, q.Text)
	}
	before := strings.TrimRight(a.Text[:q.Start], " \u00a0\u202f")
	behind := strings.TrimLeft(a.Text[q.End:], ",;:-–— \u00a0\u202f")
	if !strings.ContainsAny(runeBefore(before), marks) || behind != "" && behind[0] != '\n' && !strings.ContainsAny(runeAt(behind), marks) {
		t.Errorf("%s: got %q between %q and %q, want a pair of marks", a.ID, q.Text, runeBefore(before), runeAt(behind))
	}
	if words := len(strings.Fields(q.Text)); words < 5 {
		t.Errorf("%s: got %q, want five words or more", a.ID, q.Text)
	}
	if q.Speaker == "" {
		t.Errorf("%s: got %q without a speaker", a.ID, q.Text)
	}
}

// runeAt returns the first character of s.
func runeAt(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// runeBefore returns the last character of s.
func runeBefore(s string) string {
	r := []rune(s[max(0, len(s)-4):])
	if len(r) == 0 {
		return ""
	}
	return string(r[len(r)-1])
}
