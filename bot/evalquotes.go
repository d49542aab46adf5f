package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"nutgraf/digest"
	"nutgraf/digest/brief"
	"nutgraf/digest/quality"
)

// quoteCase is a labelled quote, with what was found there.
type quoteCase struct {
	label       quality.Labelled
	ours, plain []quality.Quoted
}

func evalQuotes(path string, o evalOptions) (evaluation, error) {
	e := evaluation{Kind: "quotes", File: path}
	lines, err := evalLines(path)
	if err != nil {
		return e, err
	}
	cases := make([]quoteCase, 0, len(lines))
	if o.texts == "" {
		for _, l := range lines {
			c, err := paragraphCase(l)
			if err != nil {
				return e, err
			}
			cases = append(cases, c)
		}
	} else if cases, err = articleCases(lines, o); err != nil {
		return e, err
	}
	e.Cases = len(lines)
	e.Rows = []evalRow{
		quoteRow("nutgraf", cases, true, func(c quoteCase) []quality.Quoted { return c.ours }),
		quoteRow("regular expressions", cases, false, func(c quoteCase) []quality.Quoted { return c.plain }),
	}
	return e, nil
}

// paragraphCase reads a quote with its paragraph and the one before.
func paragraphCase(l evalLine) (quoteCase, error) {
	var c quoteCase
	var before, here string
	var err error
	for _, f := range []struct {
		into *string
		name string
		must bool
	}{{&c.label.Text, "quote", true}, {&c.label.Speaker, "speaker", false}, {&before, "prev_paragraph", false}, {&here, "paragraph", true}} {
		if *f.into, err = l.text(f.name); err != nil {
			return c, err
		}
		if f.must && *f.into == "" {
			return c, l.problem("%q is missing", f.name)
		}
	}
	if _, ok := l.fields["speaker"]; !ok {
		return c, l.problem(`"speaker" is missing; it is null where nobody can be named`)
	}
	for _, q := range brief.Quotes(digest.Article{ID: "case", Title: "case", Language: "en", Text: before + "\n\n" + here}) {
		c.ours = append(c.ours, quality.Quoted{Text: q.Text, Speaker: q.Speaker})
	}
	c.plain = quality.PlainQuotes(here)
	return c, nil
}

// quoteLabel points at a quote in the text of an article.
type quoteLabel struct {
	Start, End int    // bytes, without the marks
	Sum        string // start of the SHA-256 of these bytes in hexadecimal; may be missing
	Speaker    string
	Accept     []string
}

// articleCases reads labels that point into articles. A quote found in one of
// these articles where no label is becomes a case of nobody.
func articleCases(lines []evalLine, o evalOptions) ([]quoteCase, error) {
	articles, err := quoteArticles(o)
	if err != nil {
		return nil, err
	}
	found := make(map[string][]digest.Quote)
	var out []quoteCase
	for _, l := range lines {
		id, err := l.name("id")
		if err != nil {
			return nil, err
		}
		a, ok := articles[id]
		if !ok {
			return nil, l.problem("%s has no article %q", o.texts, id)
		}
		if _, ok := found[id]; !ok {
			found[id] = brief.Quotes(a)
		}
		var label quoteLabel
		if err := json.Unmarshal(l.raw, &label); err != nil || label.Start < 0 || label.Start >= label.End || label.End > len(a.Text) {
			return nil, l.problem("\"start\" and \"end\" must be bytes of the article's text")
		}
		quote := a.Text[label.Start:label.End]
		if sum := sha256.Sum256([]byte(quote)); !strings.HasPrefix(hex.EncodeToString(sum[:]), label.Sum) {
			return nil, l.problem("the article has another text there than the one that was labelled")
		}
		if label.Accept == nil {
			label.Accept = []string{}
		}
		c := quoteCase{label: quality.Labelled{Quoted: quality.Quoted{Text: quote, Speaker: label.Speaker}, Accept: label.Accept}}
		rest := found[id][:0:0]
		for _, q := range found[id] {
			if c.ours == nil && q.Start == label.Start && q.End <= label.End {
				c.ours = []quality.Quoted{{Text: quote, Speaker: q.Speaker}}
			} else {
				rest = append(rest, q)
			}
		}
		found[id] = rest
		c.plain = quality.PlainQuotes(paragraphAt(a.Text, label.Start))
		out = append(out, c)
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		for _, q := range found[id] {
			out = append(out, quoteCase{label: quality.Labelled{Quoted: quality.Quoted{Text: q.Text}}, ours: []quality.Quoted{{Text: q.Text, Speaker: q.Speaker}}})
		}
	}
	return out, nil
}

// quoteArticles reads articles by id.
func quoteArticles(o evalOptions) (map[string]digest.Article, error) {
	lines, err := evalLines(o.texts)
	if err != nil {
		return nil, err
	}
	out := make(map[string]digest.Article, len(lines))
	for _, l := range lines {
		id, articles, err := decodeStory(l.raw, o.now)
		if err != nil {
			return nil, l.problem("%s", digest.Explain(err))
		}
		out[id] = articles[0]
	}
	return out, nil
}

// paragraphAt returns the paragraph of s around byte i.
func paragraphAt(s string, i int) string {
	start := strings.LastIndexByte(s[:i], '\n') + 1
	end := strings.IndexByte(s[i:], '\n')
	if end < 0 {
		return s[start:]
	}
	return s[start : i+end]
}

// quoteRow scores one way to find speakers: how many of those it names are
// right, and how many of the labelled ones it finds.
func quoteRow(method string, cases []quoteCase, interval bool, find func(quoteCase) []quality.Quoted) evalRow {
	got := make([]quality.Answer, len(cases))
	all, row := make([]int, len(cases)), evalRow{Method: method, Counts: &evalCounts{}}
	for i, c := range cases {
		all[i], got[i] = i, quality.Judge(c.label, find(c))
		switch got[i] {
		case quality.Right:
			row.Counts.Right++
		case quality.Wrong:
			row.Counts.Wrong++
		}
	}
	share := func(sample []int, in func(i int) bool) float64 {
		hits, of := 0, 0
		for _, i := range sample {
			if !in(i) {
				continue
			}
			of++
			if got[i] == quality.Right {
				hits++
			}
		}
		return 100 * float64(hits) / float64(max(1, of))
	}
	for _, s := range []struct {
		name string
		in   func(int) bool
	}{
		{"precision", func(i int) bool { return got[i] != quality.Missed }},
		{"recall", func(i int) bool { return cases[i].label.Speaker != "" }},
	} {
		score := evalScore{Name: s.name, Value: share(all, s.in)}
		if interval {
			score.Low, score.High = quality.Interval(len(cases), func(sample []int) float64 { return share(sample, s.in) })
		}
		row.Scores = append(row.Scores, score)
	}
	return row
}
