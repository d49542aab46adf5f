package main

import (
	"nutgraf/digest"
	"nutgraf/digest/brief"
	"nutgraf/digest/quality"
)

// quoteCase is a labelled quote with the text around it.
type quoteCase struct {
	label  quality.Quoted
	before string // the paragraph before
	here   string // the paragraph
}

func evalQuotes(path string, _ evalOptions) (evaluation, error) {
	e := evaluation{Kind: "quotes", File: path}
	lines, err := evalLines(path)
	if err != nil {
		return e, err
	}
	var cases []quoteCase
	for _, l := range lines {
		var c quoteCase
		for _, f := range []struct {
			into *string
			name string
			must bool
		}{{&c.label.Text, "quote", true}, {&c.label.Speaker, "speaker", false}, {&c.before, "prev_paragraph", false}, {&c.here, "paragraph", true}} {
			if *f.into, err = l.text(f.name); err != nil {
				return e, err
			}
			if f.must && *f.into == "" {
				return e, l.problem("%q is missing", f.name)
			}
		}
		if _, ok := l.fields["speaker"]; !ok {
			return e, l.problem(`"speaker" is missing; it is null where nobody can be named`)
		}
		cases = append(cases, c)
	}
	e.Cases = len(cases)
	e.Rows = []evalRow{
		quoteRow("nutgraf", cases, true, func(c quoteCase) []quality.Quoted {
			var out []quality.Quoted
			for _, q := range brief.Quotes(digest.Article{ID: "case", Title: "case", Language: "en", Text: c.before + "\n\n" + c.here}) {
				out = append(out, quality.Quoted{Text: q.Text, Speaker: q.Speaker})
			}
			return out
		}),
		quoteRow("regular expressions", cases, false, func(c quoteCase) []quality.Quoted { return quality.PlainQuotes(c.here) }),
	}
	return e, nil
}

// quoteRow scores one way to find speakers: how many of those it names are
// right, and how many of the labelled ones it finds.
func quoteRow(method string, cases []quoteCase, interval bool, find func(quoteCase) []quality.Quoted) evalRow {
	got := make([]quality.Answer, len(cases))
	for i, c := range cases {
		got[i] = quality.Judge(c.label, find(c))
	}
	all := make([]int, len(cases))
	for i := range all {
		all[i] = i
	}
	share := func(cases2 []int, in func(i int) bool) float64 {
		right, of := 0, 0
		for _, i := range cases2 {
			if !in(i) {
				continue
			}
			of++
			if got[i] == quality.Right {
				right++
			}
		}
		return 100 * float64(right) / float64(max(1, of))
	}
	named := func(i int) bool { return got[i] != quality.Missed }
	labelled := func(i int) bool { return cases[i].label.Speaker != "" }
	row := evalRow{Method: method}
	for _, s := range []struct {
		name string
		in   func(int) bool
	}{{"precision", named}, {"recall", labelled}} {
		score := evalScore{Name: s.name, Value: share(all, s.in)}
		if interval {
			score.Low, score.High = quality.Interval(len(cases), func(sample []int) float64 { return share(sample, s.in) })
		}
		row.Scores = append(row.Scores, score)
	}
	right, wrong := 0, 0
	for _, a := range got {
		switch a {
		case quality.Right:
			right++
		case quality.Wrong:
			wrong++
		}
	}
	row.Scores = append(row.Scores, evalScore{Name: "right", Value: float64(right)}, evalScore{Name: "wrong", Value: float64(wrong)})
	return row
}
