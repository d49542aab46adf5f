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
		w = stemmed(w)
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

// use is one occurrence of a word to learn from.
type use struct {
	traits
	right bool // the reference has as many
}

// uses returns the occurrences of the words of a story.
func uses(e example, m *model) []use {
	r := read(e.Articles)
	r.rateWith(m)
	ref, _ := grams(e.reference)
	l := r.lexis()
	var out []use
	for i := range l.tokens {
		t := &l.tokens[i]
		for k := 1; k <= t.told(); k++ {
			out = append(out, use{l.traits(t, k, len(r.articles)), ref[stemmed(t.word)] >= k})
		}
	}
	return out
}

// stemmed returns a word as grams counts it.
func stemmed(w string) string {
	if len(w) > 3 {
		return text.Stem(w, "en")
	}
	return w
}

// trainWords returns the model of the words of the stories, whose sentences m
// scores.
func trainWords(examples []example, m *model) words {
	var data []use
	for _, e := range examples {
		data = append(data, uses(e, m)...)
	}
	w := fit(len(data), unigrams+products, func(i int) ([]float64, float64) { return data[i].expand(), truth(data[i].right) })
	return words{traits(w[:unigrams]), [products]float64(w[unigrams:])}
}

// expand returns the features with the products of the crossed ones.
func (f *traits) expand() []float64 {
	out := append(make([]float64, 0, unigrams+products), f[:]...)
	for i, a := range crossed {
		for _, b := range crossed[:i+1] {
			out = append(out, f[a]*f[b])
		}
	}
	return out
}

// fit returns the weights of a logistic model of n rows with a quadratic
// penalty, by Newton's method.
func fit(n, width int, at func(int) (x []float64, y float64)) []float64 {
	const penalty = 3
	w := make([]float64, width)
	for range 8 {
		gradient, hessian := make([]float64, width), make([][]float64, width)
		for i := range hessian {
			hessian[i] = make([]float64, width+1)
		}
		for k := range n {
			x, y := at(k)
			sum := 0.0
			for i, v := range x {
				sum += w[i] * v
			}
			p := 1 / (1 + math.Exp(-sum))
			for i, v := range x {
				if v == 0 {
					continue
				}
				gradient[i] += (y - p) * v
				row, c := hessian[i], p*(1-p)*v
				for j, u := range x[:i+1] {
					row[j] += c * u
				}
			}
		}
		for i := range w {
			for j := range i {
				hessian[j][i] = hessian[i][j]
			}
			hessian[i][i] += penalty
			hessian[i][width] = gradient[i] - penalty*w[i]
		}
		for i, v := range solve(hessian) {
			w[i] += v
		}
	}
	for i := range w {
		w[i] = math.Round(w[i]*1e4) / 1e4
	}
	return w
}

// solve solves a system of linear equations, the right side being the last column.
func solve(m [][]float64) []float64 {
	n := len(m)
	x := make([]float64, n)
	for i := range m {
		p := i
		for k := i + 1; k < n; k++ {
			if math.Abs(m[k][i]) > math.Abs(m[p][i]) {
				p = k
			}
		}
		m[i], m[p] = m[p], m[i]
		for k := i + 1; k < n; k++ {
			f := m[k][i] / m[i][i]
			for j := i; j <= n; j++ {
				m[k][j] -= f * m[i][j]
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		sum := m[i][n]
		for j := i + 1; j < n; j++ {
			sum -= m[i][j] * x[j]
		}
		x[i] = sum / m[i][i]
	}
	return x
}

// measure returns the mean ROUGE-1 F of the summaries that weights make.
func measure(examples []example, m model, w words, a aim, budget int) float64 {
	sum := 0.0
	for _, e := range examples {
		r := read(e.Articles)
		r.rateWith(&m)
		ref, _ := grams(e.reference)
		hyp, _ := grams(r.words(r.summaryWith(budget, &w, a)))
		sum += f1(ref, hyp)
	}
	return 100 * sum / float64(len(examples))
}

func (r *reading) words(indices []int) string {
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
	aim      aim
}

func tasks(t testing.TB) []task {
	return []task{
		{"single", singles(t, "summaries/cnn-train.jsonl"), 66, singleAim},
		{"several", triples(t, "summaries/neus-train.jsonl"), 72, severalAim},
	}
}

// TestWeights trains the models again and writes them down with -update.
func TestWeights(t *testing.T) {
	if !*update {
		t.Skip("run with -update to train")
	}
	var b, w bytes.Buffer
	for _, out := range []*bytes.Buffer{&b, &w} {
		out.WriteString("// Code generated by go test -run TestWeights -update (needs NUTGRAF_SHARED). DO NOT EDIT.\n\npackage brief\n\n")
	}
	for _, k := range tasks(t) {
		var data []row
		for _, e := range k.examples {
			data = append(data, rows(e)...)
		}
		m := train(data)
		fmt.Fprintf(&b, "var %s = model{\n", k.name)
		table(&b, "chosen: facts", m.chosen[:], featureNames[:])
		table(&b, "common: facts", m.common[:], featureNames[:])
		b.WriteString("}\n\n")
		v := trainWords(k.examples, &m)
		fmt.Fprintf(&w, "var %sWords = words{\n", k.name)
		table(&w, "linear: traits", v.linear[:], unigramNames[:])
		fmt.Fprintf(&w, "pairs: [products]float64{\n")
		for i, n := 0, 0; i < len(crossed); i++ {
			for range i + 1 {
				fmt.Fprintf(&w, "%g, ", v.pairs[n])
				n++
			}
			fmt.Fprintf(&w, "// %s ×\n", unigramNames[crossed[i]])
		}
		w.WriteString("},\n}\n\n")
	}
	for name, out := range map[string]*bytes.Buffer{"weights.go": &b, "wordweights.go": &w} {
		src, err := format.Source(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, src, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// table writes a list of weights, each with the name of its feature.
func table(out *bytes.Buffer, head string, values []float64, names []string) {
	fmt.Fprintf(out, "%s{\n", head)
	for i, v := range values {
		fmt.Fprintf(out, "%g, // %s\n", v, names[i])
	}
	out.WriteString("},\n")
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
			var held, rest []example
			for i, e := range k.examples {
				if i%folds == fold {
					held = append(held, e)
				} else {
					data, rest = append(data, all[i]...), append(rest, e)
				}
			}
			m := train(data)
			mean += measure(held, m, trainWords(rest, &m), k.aim, k.words) / folds
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
		{"cnn-dev", singles(t, "summaries/cnn-dev.jsonl"), 66, singleAim},
		{"neus-val", triples(t, "summaries/neus-val.jsonl"), 72, severalAim},
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
