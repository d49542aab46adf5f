package text_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nutgraf/digest/text"
)

// shared opens a file of the development data, which stays out of the
// repository, or skips the test.
func shared(t testing.TB, name string) *bufio.Scanner {
	t.Helper()
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: no development data")
	}
	f, err := os.Open(filepath.Join(root, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	return sc
}

func cut(s, lang string) []string {
	var out []string
	for _, sp := range text.Sentences(s, lang) {
		out = append(out, strings.Join(strings.Fields(s[sp.Start:sp.End]), " "))
	}
	return out
}

var ruleLanguages = map[string]string{
	"amharic": "am", "arabic": "ar", "armenian": "hy", "bulgarian": "bg", "burmese": "my", "chinese": "zh",
	"danish": "da", "deutsch": "de", "dutch": "nl", "english": "en", "french": "fr", "greek": "el", "hindi": "hi",
	"italian": "it", "japanese": "ja", "kazakh": "kk", "persian": "fa", "polish": "pl", "russian": "ru",
	"spanish": "es", "urdu": "ur",
}

// TestSentenceRules holds floors over the cases of the Pragmatic Segmenter.
// Cases that ask for other text than was given (joined letters, removed
// markup) are about cleaning and do not count.
func TestSentenceRules(t *testing.T) {
	// What is missing in Arabic are cases that end a sentence at a colon or a comma.
	floors := map[string]float64{"en": .96, "pooled": .97, "other": .92, "ar": .4, "da": .96, "fa": 1, "hi": 1, "hy": 1, "ja": 1, "ru": .97, "ur": 1, "zh": 1}
	right, all := map[string]int{}, map[string]int{}
	sc := shared(t, "sentences/rules.jsonl")
	for sc.Scan() {
		var c struct {
			Lang, Name, Text string
			Sentences        []string
		}
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		var want []string
		flat := strings.Join(strings.Fields(c.Text), " ")
		alters := false
		for _, s := range c.Sentences {
			s = strings.Join(strings.Fields(s), " ")
			alters = alters || !strings.Contains(flat, s)
			want = append(want, s)
		}
		if alters || strings.Join(strings.Fields(strings.Join(want, "")), "") != strings.Join(strings.Fields(flat), "") {
			all["altering"]++
			continue
		}
		lang := ruleLanguages[c.Lang]
		pools := []string{lang, "all"}
		switch {
		case strings.Contains(" de fr es it pt nl ", " "+lang+" "):
			pools = append(pools, "pooled")
		case lang != "en":
			pools = append(pools, "other")
		}
		ok := slices.Equal(cut(c.Text, lang), want)
		for _, p := range pools {
			all[p]++
			if ok {
				right[p]++
			}
		}
		if !ok {
			got := cut(c.Text, lang)
			t.Logf("%s %s:\n got %q\nwant %q", lang, c.Name, without(got, want), without(want, got))
		}
	}
	for p, n := range all {
		share := float64(right[p]) / float64(n)
		t.Logf("%-9s %3d of %3d = %.3f", p, right[p], n, share)
		if share < floors[p] {
			t.Errorf("%s: %.3f of the cases are right, want %.3f", p, share, floors[p])
		}
	}
}

// TestSentencesOfNews holds the F1 of boundaries over paragraphs of news.
func TestSentencesOfNews(t *testing.T) {
	var hit, got, want int
	misses := map[string]int{}
	sc := shared(t, "summaries/cnn-dev.jsonl")
	for sc.Scan() {
		var a struct{ Paragraphs [][]string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		for _, p := range a.Paragraphs {
			para := strings.Join(p, " ")
			ends := map[int]bool{}
			at := 0
			for _, s := range p[:max(0, len(p)-1)] {
				at += len(s)
				ends[at] = true
				at++
			}
			want += len(ends)
			spans := text.Sentences(para, "en")
			for _, sp := range spans[:max(0, len(spans)-1)] {
				got++
				if ends[sp.End] {
					hit++
					delete(ends, sp.End)
				} else {
					misses["too many: "+around(para, sp.End)]++
				}
			}
			for e := range ends {
				misses["missed: "+around(para, e)]++
			}
		}
	}
	f1 := 2 * float64(hit) / float64(got+want)
	t.Logf("precision %.4f recall %.4f F1 %.4f", float64(hit)/float64(got), float64(hit)/float64(want), f1)
	if f1 < .985 {
		t.Errorf("boundary F1 %.4f, want %.4f", f1, .985)
	}
	if os.Getenv("VERBOSE_MISSES") != "" {
		for m := range misses {
			t.Log(m)
		}
	}
}

// without returns the sentences of a that b does not have.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func around(s string, at int) string {
	return s[max(0, at-40):at] + " | " + s[at:min(len(s), at+40)]
}
