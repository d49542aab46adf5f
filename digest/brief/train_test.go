package brief

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/quality"
	"nutgraf/digest/text"
)

// example is one story with the summary that people wrote of it.
type example struct {
	digest.Story
	reference string
}

// shared returns the path of a file of the shared data, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("NUTGRAF_SHARED")
	if dir == "" {
		t.Skip("NUTGRAF_SHARED is not set: the data to train and measure with is not here")
	}
	return filepath.Join(dir, "data", name)
}

// lines calls f with every line of a file of the shared data.
func lines(t testing.TB, name string, f func([]byte)) {
	t.Helper()
	file, err := os.Open(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		f(in.Bytes())
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
}

// singles reads stories of one article.
func singles(t testing.TB, name string) []example {
	var out []example
	lines(t, name, func(line []byte) {
		var row struct {
			ID, URL, Title, Text, Published, Source, Language string
			Authors                                           []string
			Reference                                         []string
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		published, _ := time.Parse(time.RFC3339, row.Published)
		a := digest.Article{ID: row.ID, URL: row.URL, Title: row.Title, Text: paragraphs(row.Text), Outlet: row.Source, Language: row.Language, Authors: row.Authors, Published: published, Arrived: published}
		out = append(out, example{digest.Story{ID: row.ID, Articles: []digest.Article{a}}, strings.Join(row.Reference, " ")})
	})
	return out
}

// triples reads stories that several outlets tell.
func triples(t testing.TB, name string) []example {
	var out []example
	lines(t, name, func(line []byte) {
		var row struct {
			Story     string
			Reference string
			Articles  []struct{ Title, Body string }
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		e := example{digest.Story{ID: row.Story}, row.Reference}
		for i, a := range row.Articles {
			e.Articles = append(e.Articles, digest.Article{ID: fmt.Sprint(row.Story, "-", i), Title: a.Title, Text: paragraphs(a.Body), Language: "en", Outlet: fmt.Sprint("Outlet ", i+1)})
		}
		out = append(out, e)
	})
	return out
}

// paragraphs writes single line breaks as paragraph borders.
func paragraphs(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "\n\n")
}

// grams counts the words and pairs of words of s as ROUGE does.
func grams(s string) (one, two map[string]int) {
	one, two = make(map[string]int), make(map[string]int)
	last := ""
	for _, w := range quality.Tokens(s) {
		one[w]++
		if last != "" {
			two[last+" "+w]++
		}
		last = w
	}
	return one, two
}

// f1 is ROUGE's F-measure of two counts.
func f1(ref, hyp map[string]int) float64 {
	hits, n, m := 0, 0, 0
	for g, c := range hyp {
		hits += min(c, ref[g])
		m += c
	}
	for _, c := range ref {
		n += c
	}
	if hits == 0 {
		return 0
	}
	p, r := float64(hits)/float64(m), float64(hits)/float64(n)
	return 2 * p * r / (p + r)
}

// row is one sentence to learn from.
type row struct {
	facts
	chosen, common float64 // what the two models learn
}

// rows labels the sentences of a story: those that a greedy search takes to
// come near the reference.
func rows(e example) []row {
	r := read(e.Articles)
	all := r.facts()
	ref1, ref2 := grams(e.reference)
	taken := make(map[int]bool)
	type counts struct{ one, two map[string]int }
	has := make([]counts, len(r.sentences))
	for i, s := range r.sentences {
		has[i].one, has[i].two = grams(s.text)
	}
	worth := func(extra int) float64 {
		one, two := make(map[string]int), make(map[string]int)
		for i := range r.sentences {
			if taken[i] || i == extra {
				for g, c := range has[i].one {
					one[g] += c
				}
				for g, c := range has[i].two {
					two[g] += c
				}
			}
		}
		return f1(ref1, one) + f1(ref2, two)
	}
	for score := 0.0; len(taken) < 5; {
		best, at := score, -1
		for i, s := range r.sentences {
			if n := len(s.fields); s.usable && !taken[i] && n >= 6 && n <= 60 {
				if v := worth(i); v > best+1e-9 {
					best, at = v, i
				}
			}
		}
		if at < 0 {
			break
		}
		taken[at], score = true, best
	}
	var out []row
	for i, s := range r.sentences {
		if n := len(s.fields); s.usable && n >= 6 && n <= 60 {
			out = append(out, row{all[i], truth(taken[i]), common(has[i].one, ref1)})
		}
	}
	return out
}

// common returns the share of words that the reference has too; stop words
// count half.
func common(words, ref map[string]int) float64 {
	hits, all := 0.0, 0.0
	for w, n := range words {
		x := 1.0
		if text.Stop(w, "en") {
			x = 0.5
		}
		hits += x * float64(min(n, ref[w]))
		all += x * float64(n)
	}
	return hits / math.Max(1, all)
}

// train returns the two logistic models of the data.
func train(data []row) model {
	return model{
		chosen: facts(fit(len(data), features, func(i int) ([]float64, float64) { return data[i].facts[:], data[i].chosen })),
		common: facts(fit(len(data), features, func(i int) ([]float64, float64) { return data[i].facts[:], data[i].common })),
	}
}
