package digest

import (
	"context"
	"time"
)

// Sentence is a sentence of an article: Text equals Article.Text[Start:End],
// white space runs being one blank.
type Sentence struct {
	Text     string `json:"text"`
	Article  string `json:"article"`  // id of the article it stands in
	Sentence int    `json:"sentence"` // number of the sentence in that article, from 0
	Start    int    `json:"start"`    // byte offsets in the article's text
	End      int    `json:"end"`
}

// Quote is what somebody said, word for word, without the quotation marks.
type Quote struct {
	Text     string `json:"text"`
	Speaker  string `json:"speaker"`
	Role     string `json:"role"`    // "Port director", "" when not given
	Context  string `json:"context"` // "told reporters", "said at a hearing", "posted on X"
	Article  string `json:"article"`
	Sentence int    `json:"sentence"` // number of the sentence in which the quote begins
	Start    int    `json:"start"`    // byte offsets of Text in the article's text
	End      int    `json:"end"`
}

// Reference names one article of a story.
type Reference struct {
	ID        string     `json:"id"`
	Outlet    string     `json:"outlet"`
	Title     string     `json:"title"`
	URL       string     `json:"url,omitempty"`
	Published *time.Time `json:"published,omitempty"`
	Copy      bool       `json:"copy,omitempty"` // reprints another article of the story
}

// Brief is the short form of a story. A section that the articles do not
// support stays empty: nothing is invented to fill it.
type Brief struct {
	ID           string      `json:"id"` // of the story
	Headline     string      `json:"headline"`
	Category     string      `json:"category"`
	Publisher    string      `json:"publisher"`
	Desk         string      `json:"desk,omitempty"`
	Authors      []string    `json:"authors"`
	Source       string      `json:"source"`    // outlet of the leading article
	Published    *time.Time  `json:"published"` // nil when undated
	URL          string      `json:"url"`
	Image        string      `json:"image,omitempty"`
	Language     string      `json:"language,omitempty"`
	SavedBy      string      `json:"saved_by,omitempty"` // who saved one of the articles for the digest
	Changed      []Sentence  `json:"changed,omitempty"`  // what the articles say that are new to a reader who knows the story
	Lede         []Sentence  `json:"lede"`
	WhyItMatters []Sentence  `json:"why_it_matters"`
	WhatToKnow   []Sentence  `json:"what_to_know"`
	Quotes       []Quote     `json:"quotes"`
	WhatsNext    []Sentence  `json:"whats_next"`
	Summary      []Sentence  `json:"summary,omitempty"` // only when Options.Words asks for it
	Outlets      []string    `json:"outlets"`
	Articles     []Reference `json:"articles"`
	Writer       string      `json:"writer"` // "extractive", or the model's name
}

// Options say how a brief is to be written.
type Options struct {
	Words  int       // > 0: also fill Summary, at most this many words
	Length string    // "line", "short" or "full"; "" is "full"
	Now    time.Time // reference for "what's next"; zero: the newest article's time
}

// Writer writes briefs.
type Writer interface {
	Brief(ctx context.Context, s Story, o Options) (Brief, error)
}
