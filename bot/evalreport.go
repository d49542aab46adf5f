package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"nutgraf/digest/quality"
)

// evaluation is what an evaluation found.
type evaluation struct {
	Kind    string    `json:"kind"` // "summaries", "stories", "quotes"
	File    string    `json:"file"`
	Cases   int       `json:"cases"`
	Missing int       `json:"missing"`                       // cases without an answer in the file that was scored
	Budget  int       `json:"words,omitempty"`               // words of a summary at most
	Note    string    `json:"note,omitempty"`                // how the cases are
	Rows    []evalRow `json:"rows"`                          // the first is what was measured
	Outside []evalRow `json:"published_elsewhere,omitempty"` // figures from publications, on other collections
}

// evalRow is what one method reaches.
type evalRow struct {
	Method string      `json:"method"`
	Words  float64     `json:"words_used,omitempty"` // mean of a summary
	Counts *evalCounts `json:"counts,omitempty"`
	Scores []evalScore `json:"scores"`
}

// evalCounts are the answers of a method that may also give none.
type evalCounts struct {
	Right int `json:"right"`
	Wrong int `json:"wrong"`
}

// evalScore is one figure, F1 × 100 unless its name says otherwise, with its
// 95 % interval; the row that is measured has one.
type evalScore struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Low   float64 `json:"low,omitempty"`
	High  float64 `json:"high,omitempty"`
}

func (e evaluation) print(w io.Writer) {
	fmt.Fprintf(w, "%s of %s: %d cases", e.Kind, e.File, e.Cases)
	withWords := e.Kind == "summaries"
	if e.Budget > 0 {
		fmt.Fprintf(w, ", at most %d words", e.Budget)
	}
	if e.Missing > 0 {
		fmt.Fprintf(w, ", %d without answer", e.Missing)
	}
	if e.Note != "" {
		fmt.Fprintf(w, ", %s", e.Note)
	}
	fmt.Fprint(w, "\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, r := range e.Rows {
		if i == 0 {
			fmt.Fprintln(t, "\t"+r.head(withWords))
		}
		fmt.Fprintln(t, r.Method+"\t"+r.line(withWords))
	}
	t.Flush()
	if len(e.Outside) > 0 {
		fmt.Fprint(w, "\npublished by others on other collections, for orientation only:\n")
		for i, r := range e.Outside {
			if i == 0 {
				fmt.Fprintln(t, "\t"+r.head(false))
			}
			fmt.Fprintln(t, "  "+r.Method+"\t"+r.line(false))
		}
		t.Flush()
	}
}

func (r evalRow) head(withWords bool) string {
	var cells []string
	for _, s := range r.Scores {
		cells = append(cells, s.Name)
	}
	if withWords {
		cells = append(cells, "words")
	}
	if r.Counts != nil {
		cells = append(cells, "right", "wrong")
	}
	return strings.Join(cells, "\t")
}

func (r evalRow) line(withWords bool) string {
	var cells []string
	for _, s := range r.Scores {
		cell := fmt.Sprintf("%.2f", s.Value)
		if s.Name == "ARI" {
			cell = fmt.Sprintf("%.3f", s.Value)
		}
		if s.High > 0 {
			cell += fmt.Sprintf(" [%.2f, %.2f]", s.Low, s.High)
		}
		cells = append(cells, cell)
	}
	if withWords {
		cells = append(cells, fmt.Sprintf("%.1f", r.Words))
	}
	if r.Counts != nil {
		cells = append(cells, fmt.Sprint(r.Counts.Right), fmt.Sprint(r.Counts.Wrong))
	}
	return strings.Join(cells, "\t")
}

// figure is a mean over cases, in percent, with its interval if asked for.
func figure(name string, values []float64, interval bool) evalScore {
	s := evalScore{Name: name, Value: 100 * quality.Mean(values)}
	if interval {
		s.Low, s.High = quality.Interval(len(values), func(cases []int) float64 {
			sum := 0.0
			for _, i := range cases {
				sum += values[i]
			}
			return 100 * sum / float64(len(cases))
		})
	}
	return s
}

// outside is a row of published figures.
func outside(method string, names string, values ...float64) evalRow {
	r := evalRow{Method: method}
	for i, n := range strings.Fields(names) {
		r.Scores = append(r.Scores, evalScore{Name: n, Value: values[i]})
	}
	return r
}
