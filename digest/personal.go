package digest

import "time"

// Vote is what one person of a channel thinks of a story.
type Vote struct {
	Address Address
	User    string // id on the platform
	Story   string
	Value   int      // 1 useful, -1 not useful, 0 takes the vote back
	Keys    []string // what the story is about, see VoteKeys
}

// VoteKeys names what a vote on a brief speaks for or against: its outlets and
// its category.
func VoteKeys(outlets []string, category string) []string {
	var out []string
	for _, o := range outlets {
		out = append(out, "outlet "+o)
	}
	if category != "" {
		out = append(out, "category "+category)
	}
	return out
}

// Bookmark is a story that a person keeps.
type Bookmark struct {
	Workspace string
	User      string
	Story     string
	Headline  string
	URL       string
	At        time.Time // set by the store
}

// Appearance says when a channel was shown a story.
type Appearance struct {
	Edition  string
	Story    string
	Headline string
	At       time.Time
}
