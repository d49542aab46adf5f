package brief

import (
	"fmt"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// Check holds a brief, whoever wrote it, against the articles of its story. It
// returns what is wrong, a sentence each: words that do not stand in the named
// article where they should, wrong sentence numbers, and sentences or quotes
// that the brief shows twice. Nil means that every word is accounted for.
func Check(b digest.Brief, s digest.Story) []string {
	c := checker{articles: make(map[string]digest.Article), sentences: make(map[string][]text.Span), seen: make(map[string]string)}
	for _, a := range s.Articles {
		c.articles[a.ID] = a
	}
	c.section("what changed", b.Changed)
	c.section("lede", b.Lede)
	c.section("why it matters", b.WhyItMatters)
	c.section("what to know", b.WhatToKnow)
	c.section("what's next", b.WhatsNext)
	for _, q := range b.Quotes {
		if q.Speaker == "" {
			c.complain("quotes: %q has no speaker", q.Text)
		}
		c.span("quotes", q.Text, q.Article, q.Sentence, q.Start, q.End)
		c.once("quotes", q.Text)
	}
	clear(c.seen) // a summary may show what a section shows
	c.section("summary", b.Summary)
	return c.wrong
}

// checker collects what is wrong with one brief.
type checker struct {
	articles  map[string]digest.Article
	sentences map[string][]text.Span
	seen      map[string]string // text → section
	wrong     []string
}

func (c *checker) complain(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// section checks the sentences of one section.
func (c *checker) section(name string, sentences []digest.Sentence) {
	for _, s := range sentences {
		c.span(name, s.Text, s.Article, s.Sentence, s.Start, s.End)
		c.once(name, s.Text)
	}
}

// once notes a text, and complains when it was there before.
func (c *checker) once(name, said string) {
	if before, ok := c.seen[said]; ok {
		c.complain("%s: %q stands under %s already", name, said, before)
	}
	c.seen[said] = name
}

// span checks that an article says the words at the offsets, in the sentence.
func (c *checker) span(name, said, article string, number, start, end int) {
	a, ok := c.articles[article]
	if !ok {
		c.complain("%s: %q names article %q, which the story does not have", name, said, article)
		return
	}
	if start < 0 || end > len(a.Text) || start >= end || squeeze(a.Text[start:end]) != said {
		c.complain("%s: %q does not stand at %d–%d of article %q", name, said, start, end, article)
		return
	}
	spans, ok := c.sentences[article]
	if !ok {
		spans = text.Sentences(a.Text, a.Language)
		c.sentences[article] = spans
	}
	if number < 0 || number >= len(spans) || start < spans[number].Start || start >= spans[number].End {
		c.complain("%s: %q is not in sentence %d of article %q", name, said, number, article)
	}
}
