package brief

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

var update = flag.Bool("update", false, "write weights.go and the golden files anew")

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

// grams counts the words and pairs of words of s, stemmed.
func grams(s string) (one, two map[string]int) {
	one, two = make(map[string]int), make(map[string]int)
	last := ""
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 3 {
			w = text.Stem(w, "en")
		}
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
	return model{chosen: fit(data, func(d *row) float64 { return d.chosen }), common: fit(data, func(d *row) float64 { return d.common })}
}

// fit returns the weights of a logistic model with a quadratic penalty, by
// Newton's method.
func fit(data []row, label func(*row) float64) (w facts) {
	const penalty = 3
	for range 10 {
		var gradient facts
		var hessian [features][features + 1]float64
		for _, d := range data {
			p := w.probability(&d.facts)
			for i, x := range d.facts {
				if x == 0 {
					continue
				}
				gradient[i] += (label(&d) - p) * x
				for j, y := range d.facts {
					hessian[i][j] += p * (1 - p) * x * y
				}
			}
		}
		for i := range w {
			gradient[i] -= penalty * w[i]
			hessian[i][i] += penalty
			hessian[i][features] = gradient[i]
		}
		step := solve(hessian)
		for i := range w {
			w[i] += step[i]
		}
	}
	for i := range w {
		w[i] = math.Round(w[i]*1e4) / 1e4
	}
	return w
}

// solve solves a system of linear equations, the right side being the last column.
func solve(m [features][features + 1]float64) (x facts) {
	for i := range m {
		p := i
		for k := i + 1; k < features; k++ {
			if math.Abs(m[k][i]) > math.Abs(m[p][i]) {
				p = k
			}
		}
		m[i], m[p] = m[p], m[i]
		for k := i + 1; k < features; k++ {
			f := m[k][i] / m[i][i]
			for j := i; j <= features; j++ {
				m[k][j] -= f * m[i][j]
			}
		}
	}
	for i := features - 1; i >= 0; i-- {
		sum := m[i][features]
		for j := i + 1; j < features; j++ {
			sum -= m[i][j] * x[j]
		}
		x[i] = sum / m[i][i]
	}
	return x
}

// measure returns the mean ROUGE-1 F of the summaries that weights make.
func measure(examples []example, m model, words int) float64 {
	sum := 0.0
	for _, e := range examples {
		r := read(e.Articles)
		r.rateWith(&m)
		ref, _ := grams(e.reference)
		hyp, _ := grams(r.join(r.summary(words)))
		sum += f1(ref, hyp)
	}
	return 100 * sum / float64(len(examples))
}

func (r *reading) join(indices []int) string {
	var b strings.Builder
	for _, i := range indices {
		b.WriteString(r.sentences[i].text + " ")
	}
	return b.String()
}

// task is one model to train.
type task struct {
	name     string
	examples []example
	words    int
}

func tasks(t testing.TB) []task {
	return []task{
		{"single", singles(t, "summaries/cnn-train.jsonl"), 66},
		{"several", triples(t, "summaries/neus-train.jsonl"), 72},
	}
}

// TestWeights trains the models again. With -update it writes them down;
// without, it holds the written ones against the data they were made from.
func TestWeights(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("// Code generated by go test -run TestWeights -update (needs NUTGRAF_SHARED). DO NOT EDIT.\n\npackage brief\n\n")
	for _, k := range tasks(t) {
		if !*update {
			break
		}
		var data []row
		for _, e := range k.examples {
			data = append(data, rows(e)...)
		}
		m := train(data)
		fmt.Fprintf(&b, "var %s = model{\n", k.name)
		for _, half := range []struct {
			name string
			facts
		}{{"chosen", m.chosen}, {"common", m.common}} {
			fmt.Fprintf(&b, "%s: facts{\n", half.name)
			for i, v := range half.facts {
				fmt.Fprintf(&b, "%g, // %s\n", v, featureNames[i])
			}
			b.WriteString("},\n")
		}
		b.WriteString("}\n\n")
	}
	if !*update {
		t.Skip("run with -update to train")
	}
	src, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("weights.go", src, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestCross measures the models by cross-validation.
func TestCross(t *testing.T) {
	if os.Getenv("NUTGRAF_CROSS") == "" {
		t.Skip("NUTGRAF_CROSS is not set: cross-validation takes minutes")
	}
	for _, k := range tasks(t) {
		all := make([][]row, len(k.examples))
		for i, e := range k.examples {
			all[i] = rows(e)
		}
		const folds = 4
		mean := 0.0
		for fold := range folds {
			var data []row
			var held []example
			for i, e := range k.examples {
				if i%folds == fold {
					held = append(held, e)
				} else {
					data = append(data, all[i]...)
				}
			}
			mean += measure(held, train(data), k.words) / folds
		}
		t.Logf("%s: ROUGE-1 %.2f", k.name, mean)
	}
}

// TestHypotheses writes the summaries of the development stories to the
// folder NUTGRAF_OUT, for score.py.
func TestHypotheses(t *testing.T) {
	out := os.Getenv("NUTGRAF_OUT")
	if out == "" {
		t.Skip("NUTGRAF_OUT is not set: nowhere to write the summaries to")
	}
	for _, k := range []task{
		{"cnn-dev", singles(t, "summaries/cnn-dev.jsonl"), 66},
		{"neus-val", triples(t, "summaries/neus-val.jsonl"), 72},
	} {
		var b bytes.Buffer
		for _, e := range k.examples {
			r := read(e.Articles)
			r.rate()
			var s []string
			for _, i := range r.summary(k.words) {
				s = append(s, r.sentences[i].text)
			}
			line, err := json.Marshal(map[string]any{"id": e.ID, "summary": s})
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
		if err := os.WriteFile(filepath.Join(out, k.name+".jsonl"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
