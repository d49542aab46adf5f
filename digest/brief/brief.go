// Package brief turns a story into a brief by picking its sentences and
// quotes word for word, and checks the briefs of any writer against the
// articles.
package brief

import (
	"cmp"
	"context"
	"slices"
	"time"

	"nutgraf/digest"
)

// Extractive writes briefs from the articles' own sentences. It invents
// nothing: every sentence and quote is a span of a stored article.
type Extractive struct{}

// Brief implements digest.Writer. A section that the articles do not support
// stays empty. The only error is that of a context that is done.
func (Extractive) Brief(ctx context.Context, s digest.Story, o digest.Options) (digest.Brief, error) {
	if err := ctx.Err(); err != nil {
		return digest.Brief{}, err
	}
	r := read(originals(s))
	r.told = s.Known
	r.rate()
	lead := r.lead()
	b := outline(s, r, lead)
	w := writer{reading: r, lead: lead, now: reference(s, o), taken: make(map[int]bool), known: make([]bool, len(r.idf)), leans: make([]int8, len(r.sentences))}
	w.update(&b)
	w.write(&b, o.Length)
	if o.Words > 0 {
		b.Summary = r.cite(r.summary(o.Words))
	}
	return b, ctx.Err()
}

// outline returns the brief of a story with everything but its sections.
func outline(s digest.Story, r *reading, lead int) digest.Brief {
	b := digest.Brief{ID: s.ID, Authors: []string{}, Lede: []digest.Sentence{}, WhyItMatters: []digest.Sentence{}, WhatToKnow: []digest.Sentence{},
		Quotes: []digest.Quote{}, WhatsNext: []digest.Sentence{}, Outlets: s.Outlets(), Articles: []digest.Reference{}, Writer: "extractive"}
	if b.Outlets == nil {
		b.Outlets = []string{}
	}
	for _, a := range s.Articles {
		b.SavedBy = cmp.Or(b.SavedBy, a.SavedBy())
		b.Articles = append(b.Articles, digest.Reference{ID: a.ID, Outlet: a.Voice(), Title: a.Title, URL: a.URL, Published: instant(a.Published), Copy: slices.Contains(s.Copies, a.ID)})
	}
	if lead < 0 {
		return b
	}
	a := r.articles[lead]
	b.Headline = r.headline(lead)
	b.Category, b.Publisher, b.Desk, b.Source = a.Category, a.Publisher, a.Desk, a.Voice()
	b.URL, b.Image, b.Language, b.Published = a.URL, a.Image, a.Language, instant(a.Published)
	b.Authors = append(b.Authors, a.Authors...)
	for _, other := range r.articles { // what the leading article lacks
		if b.Category == "" {
			b.Category = other.Category
		}
		if b.Image == "" {
			b.Image = other.Image
		}
		if b.URL == "" {
			b.URL = other.URL
		}
	}
	return b
}

// originals returns the articles of a story without the reprints.
func originals(s digest.Story) []digest.Article {
	out := make([]digest.Article, 0, len(s.Articles))
	for _, a := range s.Articles {
		if !slices.Contains(s.Copies, a.ID) {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return s.Articles
	}
	return out
}

// instant returns a time for a field that may be left out.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// reference returns the time that "what's next" is seen from.
func reference(s digest.Story, o digest.Options) time.Time {
	now := o.Now
	if now.IsZero() {
		for _, a := range s.Articles {
			if t := when(a); t.After(now) {
				now = t
			}
		}
	}
	return now
}

// when returns the time an article speaks from.
func when(a digest.Article) time.Time {
	if a.Published.IsZero() {
		return a.Arrived
	}
	return a.Published
}

// cite turns indices of sentences into the sentences of a brief.
func (r *reading) cite(indices []int) []digest.Sentence {
	out := make([]digest.Sentence, 0, len(indices))
	for _, i := range indices {
		s := &r.sentences[i]
		out = append(out, digest.Sentence{Text: s.text, Article: r.articles[s.article].ID, Sentence: s.number, Start: s.span.Start, End: s.span.End})
	}
	return out
}
