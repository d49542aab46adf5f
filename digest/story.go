package digest

import "time"

// Story is the articles about one event.
type Story struct {
	ID        string
	Workspace string
	Articles  []Article // oldest first; copies follow their head
	FirstSeen time.Time // arrival of the first article
	Copies    []string  // ids of articles that reprint another one of the story; they count as no voice of their own
	Known     []string  // ids of the articles that the reader of a brief was shown before; empty outside of an edition
}

// Outlets returns the distinct newsrooms of the story in order of appearance,
// reprints included: every outlet is named, though copies do not count in rank.
func (s Story) Outlets() []string {
	var out []string
	seen := make(map[string]bool)
	for _, a := range s.Articles {
		if v := a.Voice(); v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// Shown says that a channel was shown a story.
type Shown struct {
	Story    string
	Articles []string // ids of its articles at that time
	Headline string
	Edition  string // in which it was shown
	At       time.Time
}

// Score is a rank with its parts, kept for "Why these?".
type Score struct {
	Total float64     `json:"total"`
	Parts []ScorePart `json:"parts"`
}

// ScorePart is one named factor of a score, with the fact it comes from.
type ScorePart struct {
	Name  string  `json:"name"`  // "outlets", "recency", "source", "novelty", …
	Value float64 `json:"value"` // the factor
	Note  string  `json:"note"`  // "4 outlets", "3 h old", …
}
