package main

import (
	"cmp"
	"fmt"
	"slices"

	"nutgraf/digest"
	"nutgraf/digest/quality"
	"nutgraf/digest/story"
)

// storyItem is an article with the story it belongs to.
type storyItem struct {
	id, story string
	article   digest.Article // without an id, where only output is scored
}

func evalStories(path string, o evalOptions) (evaluation, error) {
	e := evaluation{Kind: "stories", File: path}
	items, err := storyItems(path, o)
	if err != nil {
		return e, err
	}
	e.Cases = len(items)
	gold := make([]string, len(items))
	for i, it := range items {
		gold[i] = it.story
	}
	method, made := "nutgraf", []string(nil)
	if o.pred == "" {
		made = grouped(items)
	} else {
		method = o.pred
		if made, e.Missing, err = givenStories(o.pred, items); err != nil {
			return e, err
		}
	}
	e.Note = fmt.Sprintf("%d stories, %d found", count(gold), count(made))
	e.Rows = append(e.Rows, storyRow(method, gold, made, true))
	if !slices.ContainsFunc(items, func(it storyItem) bool { return it.article.ID == "" }) {
		e.Rows = append(e.Rows, storyRow("single pass", gold, singlePass(items), false))
	}
	e.Outside = []evalRow{
		outside("Miranda 2018, Miranda's English stream", "F1", 92.4), outside("Linger, the same", "F1", 93.9), outside("Saravanakumar, the same", "F1", 94.8),
	}
	return e, nil
}

func count(groups []string) int {
	seen := make(map[string]bool)
	for _, g := range groups {
		seen[g] = true
	}
	return len(seen)
}

// storyItems reads a collection. Where only output is scored, articles need
// neither title nor text.
func storyItems(path string, o evalOptions) ([]storyItem, error) {
	lines, err := evalLines(path)
	if err != nil {
		return nil, err
	}
	var out []storyItem
	taken := make(map[string]bool)
	for n, l := range lines {
		right, err := l.name("story")
		if err != nil {
			return nil, err
		}
		id := right
		if !l.has("articles") {
			if id, err = l.name("id"); err != nil {
				return nil, err
			}
		}
		articles := make([]digest.Article, 1)
		if o.pred == "" || l.has("title") || l.has("text") || l.has("html") || l.has("articles") {
			if _, articles, err = decodeStory(l.raw, o.now); err != nil {
				return nil, l.problem("%s", digest.Explain(err))
			}
			for i := range articles { // ids of a collection need not be unique
				if a := &articles[i]; taken[a.ID] || l.has("articles") {
					a.ID = fmt.Sprintf("%s line %d-%d", id, n, i)
				}
				taken[articles[i].ID] = true
			}
		}
		for i, a := range articles {
			it := storyItem{id, right, a}
			if l.has("articles") {
				it.id = fmt.Sprintf("%s-%d", right, i)
			}
			out = append(out, it)
		}
	}
	return out, nil
}

// grouped returns the stories that the program finds.
func grouped(items []storyItem) []string {
	articles := make([]digest.Article, len(items))
	for i, it := range items {
		articles[i] = it.article
	}
	of := make(map[string]string, len(items))
	for _, s := range story.Group(articles, nil) {
		for _, a := range s.Articles {
			of[a.ID] = s.ID
		}
	}
	out := make([]string, len(items))
	for i, a := range articles {
		out[i] = of[a.ID]
	}
	return out
}

// givenStories returns the stories that a file names; an article that it does
// not name stands alone.
func givenStories(path string, items []storyItem) (made []string, missing int, err error) {
	given, err := answers(path, "story")
	if err != nil {
		return nil, 0, err
	}
	for _, it := range items {
		l, ok := given[it.id]
		if !ok {
			missing++
			made = append(made, "missing-"+it.id)
			continue
		}
		name, err := l.name("story")
		if err != nil {
			return nil, 0, err
		}
		made = append(made, name)
	}
	return made, missing, nil
}

// singlePass groups the articles in the plainest way, in order of time.
func singlePass(items []storyItem) []string {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(items[a].article.Published.Compare(items[b].article.Published), cmp.Compare(a, b))
	})
	var texts, langs []string
	for _, i := range order {
		texts, langs = append(texts, items[i].article.Title+"\n\n"+items[i].article.Text), append(langs, items[i].article.Language)
	}
	made := make([]string, len(items))
	for k, group := range quality.SinglePass(texts, langs) {
		made[order[k]] = group
	}
	return made
}

// storyRow scores a grouping. The interval draws whole stories, since what is
// right for one article of a story is mostly right for the others.
func storyRow(method string, gold, made []string, interval bool) evalRow {
	p, r := quality.BCubed(gold, made)
	f1 := evalScore{Name: "F1", Value: 100 * quality.FMeasure(quality.Mean(p), quality.Mean(r))}
	precision, recall := figure("precision", p, false), figure("recall", r, false)
	if interval {
		f1.Low, f1.High = storyInterval(gold, p, r)
	}
	return evalRow{Method: method, Scores: []evalScore{f1, precision, recall, {Name: "ARI", Value: quality.AdjustedRand(gold, made)}}}
}

func storyInterval(gold []string, p, r []float64) (low, high float64) {
	type sums struct{ p, r, n float64 }
	number := make(map[string]int)
	var stories []sums
	for i, g := range gold {
		k, ok := number[g]
		if !ok {
			k = len(stories)
			number[g] = k
			stories = append(stories, sums{})
		}
		stories[k] = sums{stories[k].p + p[i], stories[k].r + r[i], stories[k].n + 1}
	}
	return quality.Interval(len(stories), func(cases []int) float64 {
		var all sums
		for _, k := range cases {
			all = sums{all.p + stories[k].p, all.r + stories[k].r, all.n + stories[k].n}
		}
		return 100 * quality.FMeasure(all.p/all.n, all.r/all.n)
	})
}
