package digest

import "time"

// ArticleQuery selects articles of the archive, without their texts.
type ArticleQuery struct {
	Workspace string    // sees Shared and its own
	Sources   []string  // ids; empty for all
	From, To  time.Time // of arrival, [From, To); zero: open
	Category  string    // "" for all; compared without regard to case
	Limit     int       // 0: no limit
	Newest    bool      // newest first instead of oldest first
}

// SearchQuery is a full-text search.
type SearchQuery struct {
	Workspace    string
	Words        string    // as typed; never a syntax error
	Source       string    // source id or outlet, "" for all
	Since, Until time.Time // of publication or, undated, arrival; zero: open
	Limit        int       // 0: 10
}

// Hit is one article that a search found.
type Hit struct {
	Article Article // without Text
	Snippet string  // the passage around the words, plain text
	Story   string  // id of its story, "" when not yet grouped
}

// Counts says how much a workspace holds.
type Counts struct {
	Articles int       `json:"articles"`
	Stories  int       `json:"stories"`
	Editions int       `json:"editions"`
	Newest   time.Time `json:"newest"` // arrival of the newest article
}

// SlotFilter selects slots, newest first.
type SlotFilter struct {
	Workspace    string // "" for all
	Subscription string // "" for all
	Key          string // "" for all
	States       []SlotState
	Limit        int // 0: 100
}

// EditionFilter selects editions of a channel. Zero times are open.
type EditionFilter struct {
	From, Until time.Time // when they were due; Until is not part of it
	PostedAfter time.Time // when they were posted there, however late
}

// PartFilter selects parts of the outbox, newest first.
type PartFilter struct {
	Workspace    string // "" for all, as with the others
	Subscription string
	Slot         string
	Key          string
	Channel      string // an address in its written form
	States       []PartState
	Limit        int // 0: 100
}
