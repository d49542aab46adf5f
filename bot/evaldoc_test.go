package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	figuresStart = "<!-- figures: go test ./bot -run TestQualityDocument -update -->\n"
	figuresEnd   = "<!-- end of the figures -->\n"
)

// documented are the tables of docs/quality.md: what is evaluated, under which
// name it stands there, and which figures are shown.
var documented = []struct {
	title, head string
	parts       []struct{ name, file string }
	run         func(path string) (evaluation, error)
	scores      []string
}{
	{"summaries", "| summaries | R1 | R2 | RLsum | words |", []struct{ name, file string }{
		{"one article, at most 66 words (`cnn-dev`)", "summaries/cnn-dev.jsonl"},
		{"three outlets, at most 72 words (`neus-val`)", "summaries/neus-val.jsonl"},
	}, func(path string) (evaluation, error) { return evalSummaries(path, evalOptions{now: time.Now()}) }, []string{"R1", "R2", "RLsum"}},
	{"stories", "| stories | F1 | precision | recall | ARI |", []struct{ name, file string }{
		{"`allsides-dev`", "stories/allsides-dev.jsonl"}, {"`ecbplus-dev`", "stories/ecbplus-dev.jsonl"},
		{"`uci-dev`", "stories/uci-dev.jsonl"}, {"`neus-val`, its items", "summaries/neus-val.jsonl"},
	}, func(path string) (evaluation, error) { return evalStories(path, evalOptions{now: time.Now()}) }, []string{"F1", "precision", "recall", "ARI"}},
	{"quotes", "| quotes | precision | recall | right | wrong |", []struct{ name, file string }{
		{"`quotes-dev`", "quotes/quotes-dev.jsonl"}, {"`quotes-cnn`", "../digest/brief/testdata/quotes-cnn.jsonl"},
	}, func(path string) (evaluation, error) {
		if strings.Contains(path, "testdata") {
			texts := filepath.Join(os.Getenv("NUTGRAF_SHARED"), "data", "summaries/cnn-dev.jsonl")
			return evalQuotes("../digest/brief/testdata/quotes-cnn.jsonl", evalOptions{texts: texts, now: time.Now()})
		}
		return evalQuotes(path, evalOptions{now: time.Now()})
	}, []string{"precision", "recall"}},
}

// TestQualityDocument holds docs/quality.md against the program: it may not
// promise more than is measured. With -update, it writes the figures anew.
func TestQualityDocument(t *testing.T) {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: no collections to measure on")
	}
	var b strings.Builder
	for _, d := range documented {
		b.WriteString("\n" + d.head + "\n|" + strings.Repeat("---|", strings.Count(d.head, "|")-1) + "\n")
		for _, p := range d.parts {
			e, err := d.run(filepath.Join(root, "data", p.file))
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range e.Rows {
				name := "**" + p.name + "**"
				if i > 0 {
					name = r.Method
				}
				b.WriteString("| " + name + " | " + documentRow(r, d.scores, i == 0) + " |\n")
			}
		}
	}
	b.WriteString("\n")
	const path = "../docs/quality.md"
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), figuresStart)
	old, after, ok2 := strings.Cut(rest, figuresEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the figures", path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+figuresStart+b.String()+figuresEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	promised, measured := ownFigures(old), ownFigures(b.String())
	if len(promised) != len(measured) || len(measured) == 0 {
		t.Fatalf("%s has %d rows of ours, want %d; run with -update", path, len(promised), len(measured))
	}
	for i, m := range measured {
		if p := promised[i]; p.name != m.name || p.value > m.value+.3 {
			t.Errorf("%s says %.2f for %s, measured %.2f for %s; run with -update", path, p.value, p.name, m.value, m.name)
		}
	}
}

func documentRow(r evalRow, names []string, own bool) string {
	var cells []string
	for _, s := range r.Scores {
		for k, name := range names {
			if s.Name != name {
				continue
			}
			cell := fmt.Sprintf("%.2f", s.Value)
			if name == "ARI" {
				cell = fmt.Sprintf("%.3f", s.Value)
			}
			if own {
				cell = "**" + cell + "**"
			}
			if own && k == 0 {
				cell += fmt.Sprintf(" [%.1f, %.1f]", s.Low, s.High)
			}
			cells = append(cells, cell)
		}
	}
	if r.Words > 0 {
		cells = append(cells, fmt.Sprintf("%.1f", r.Words))
	}
	if r.Counts != nil {
		cells = append(cells, fmt.Sprint(r.Counts.Right), fmt.Sprint(r.Counts.Wrong))
	}
	return strings.Join(cells, " | ")
}

type ownFigure struct {
	name  string
	value float64
}

// ownFigures returns the first figure of each of our rows.
func ownFigures(table string) []ownFigure {
	var out []ownFigure
	for _, m := range regexp.MustCompile(`(?m)^\| \*\*(.*?)\*\* \| \*\*([\d.]+)\*\*`).FindAllStringSubmatch(table, -1) {
		v, _ := strconv.ParseFloat(m[2], 64)
		out = append(out, ownFigure{m[1], v})
	}
	return out
}
