package main

import (
	"context"
	"encoding/json"
	"strings"

	"nutgraf/digest"
	"nutgraf/digest/brief"
	"nutgraf/digest/quality"
	"nutgraf/digest/text"
)

// The words that a summary of one article and of several outlets may have.
const (
	singleWords  = 66
	severalWords = 72
)

// summaryCase is a text with the summaries that people wrote of it.
type summaryCase struct {
	id         string
	articles   []digest.Article // none, where only output is scored
	sentences  [][]string       // by article
	references [][]string
}

func evalSummaries(path string, o evalOptions) (evaluation, error) {
	e := evaluation{Kind: "summaries", File: path}
	cases, err := summaryCases(path, o)
	if err != nil {
		return e, err
	}
	e.Cases = len(cases)
	if e.Budget = o.words; o.words == 0 {
		e.Budget = singleWords
		if len(cases[0].articles) > 1 {
			e.Budget = severalWords
		}
	}
	method, ours := "nutgraf", func(c summaryCase) ([]string, error) { return briefSummary(c, e.Budget) }
	if o.pred != "" {
		method = o.pred
		given, err := answers(o.pred, "summary")
		if err != nil {
			return e, err
		}
		ours = func(c summaryCase) ([]string, error) {
			l, ok := given[c.id]
			if !ok {
				e.Missing++
				return nil, nil
			}
			return l.sentences("summary")
		}
		e.Budget = o.words
	}
	row, err := rougeRow(method, cases, ours)
	if err != nil {
		return e, err
	}
	e.Rows = append(e.Rows, row)
	for _, m := range plainSummaries(e.Budget, len(cases[0].articles) > 1) {
		if cases[0].articles == nil {
			break
		}
		if row, err = rougeRow(m.method, cases, m.choose); err != nil {
			return e, err
		}
		for i := range row.Scores {
			row.Scores[i].Low, row.Scores[i].High = 0, 0
		}
		e.Rows = append(e.Rows, row)
	}
	const names = "R1 R2 RLsum"
	e.Outside = []evalRow{
		outside("Lead-3, CNN/DM test", names, 40.34, 17.70, 36.57), outside("PacSum (TF-IDF), CNN/DM test", names, 39.2, 16.3, 35.3),
		outside("BertSumExt, CNN/DM test", names, 43.23, 20.24, 39.63), outside("BART, CNN/DM test", names, 44.16, 21.28, 40.90),
	}
	return e, nil
}

// summaryCases reads a collection. Where only output is scored, cases need no text.
func summaryCases(path string, o evalOptions) ([]summaryCase, error) {
	lines, err := evalLines(path)
	if err != nil {
		return nil, err
	}
	var out []summaryCase
	for _, l := range lines {
		var c summaryCase
		if c.id, err = l.name("id", "story"); err != nil {
			return nil, err
		}
		if c.references, err = l.references(); err != nil {
			return nil, err
		}
		if l.has("text") || l.has("html") || l.has("articles") {
			if _, c.articles, err = decodeStory(l.raw, o.now); err != nil {
				return nil, l.problem("%s", digest.Explain(err))
			}
		} else if o.pred == "" {
			return nil, l.problem(`there is nothing to summarise: "text", "html" or "articles" is missing`)
		}
		for _, a := range c.articles {
			var sentences []string
			for _, sp := range text.Sentences(a.Text, a.Language) {
				sentences = append(sentences, a.Text[sp.Start:sp.End])
			}
			c.sentences = append(c.sentences, sentences)
		}
		out = append(out, c)
	}
	return out, nil
}

// references reads the summaries by people: one or several, as text or as sentences.
func (l evalLine) references() ([][]string, error) {
	if !l.has("reference") {
		return nil, l.problem(`"reference", the summary by people, is missing`)
	}
	var several []json.RawMessage
	if json.Unmarshal(l.fields["reference"], &several) != nil || len(several) == 0 || several[0][0] != '[' {
		one, err := l.sentences("reference")
		return [][]string{one}, err
	}
	var out [][]string
	for _, raw := range several {
		one, err := evalLine{where: l.where, fields: map[string]json.RawMessage{"reference": raw}}.sentences("reference")
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// sentences reads a text, which it splits, or a list of sentences.
func (l evalLine) sentences(field string) ([]string, error) {
	var s string
	if json.Unmarshal(l.fields[field], &s) == nil {
		return quality.Split(s), nil
	}
	var list []string
	if json.Unmarshal(l.fields[field], &list) != nil {
		return nil, l.problem("%q must be a text or a list of sentences", field)
	}
	var out []string
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// briefSummary returns the summary that a brief of the case has.
func briefSummary(c summaryCase, words int) ([]string, error) {
	b, err := brief.Extractive{}.Brief(context.Background(), digest.Story{ID: c.id, Articles: c.articles}, digest.Options{Words: words})
	var out []string
	for _, s := range b.Summary {
		out = append(out, s.Text)
	}
	return out, err
}

// choice is a way to choose sentences.
type choice struct {
	method string
	choose func(summaryCase) ([]string, error)
}

// plainSummaries are the methods that ours is compared with.
func plainSummaries(budget int, several bool) []choice {
	out := []choice{{"Lead-3", func(c summaryCase) ([]string, error) { return c.lead(), nil }}}
	if several {
		out[0].method = "first sentence of each"
	}
	if budget == 0 {
		return out
	}
	return append(out,
		choice{"TextRank", func(c summaryCase) ([]string, error) {
			return quality.TextRank(c.all(), c.articles[0].Language, budget), nil
		}},
		choice{"greedy oracle (knows the reference)", func(c summaryCase) ([]string, error) {
			return quality.Oracle(c.references[0], c.all(), budget), nil
		}})
}

// lead returns the first three sentences, or the first of each of three articles.
func (c summaryCase) lead() []string {
	if len(c.sentences) == 1 {
		return quality.Lead(c.sentences[0], 3)
	}
	var out []string
	for _, s := range c.sentences[:min(3, len(c.sentences))] {
		out = append(out, quality.Lead(s, 1)...)
	}
	return out
}

func (c summaryCase) all() []string {
	var out []string
	for _, s := range c.sentences {
		out = append(out, s...)
	}
	return out
}

// rougeRow scores one way to choose sentences.
func rougeRow(method string, cases []summaryCase, choose func(summaryCase) ([]string, error)) (evalRow, error) {
	var one, two, l, sum []float64
	words := 0
	for _, c := range cases {
		chosen, err := choose(c)
		if err != nil {
			return evalRow{}, err
		}
		words += quality.Words(chosen)
		s := quality.Best(c.references, chosen)
		one, two, l, sum = append(one, s.One.F), append(two, s.Two.F), append(l, s.L.F), append(sum, s.Lsum.F)
	}
	return evalRow{Method: method, Words: float64(words) / float64(len(cases)), Scores: []evalScore{
		figure("R1", one, true), figure("R2", two, true), figure("RL", l, true), figure("RLsum", sum, true),
	}}, nil
}
