package digest

import (
	"strings"
	"time"
)

// Shared is the workspace whose articles and sources everybody sees.
const Shared = "*"

// Local is the workspace of the web page and the terminal.
const Local = "local"

// Article is one stored text.
type Article struct {
	ID        string    // hash prefix of its identity, stable and deterministic (see NewID)
	Workspace string    // tenant it belongs to; Shared for all
	Source    string    // id of the source it came in by
	GUID      string    // identifier given by the source, "" when none
	URL       string    // as given, cleaned; "" when none
	Title     string    // one clean line, at most 256 runes
	Text      string    // clean plain text; paragraphs separated by "\n\n", no other line breaks
	Marks     []Mark    // sections the article brings itself, as spans of Text in order; nil when plain
	Authors   []string  // names, in order
	Publisher string    // whose site it stands on ("Linden Ledger")
	Desk      string    // the publisher's section ("Transport Desk")
	Outlet    string    // the newsroom that wrote it ("Source Linden Wire"); ranking counts outlets
	Category  string    // "" when none
	Tags      []string  // as given
	Language  string    // ISO 639-1, "" when unknown
	Image     string    // URL of a picture, "" when none
	Published time.Time // as given, zero when undated
	Arrived   time.Time // when it came in; selection uses this
	Sketch    []byte    // compact term vector made by story.Sketch, nil when not yet made
}

// Voice returns the newsroom that counts as the article's outlet: the outlet
// itself, else the publisher, else the host of its URL, else the source; "" when
// nothing is known.
func (a Article) Voice() string {
	for _, s := range []string{a.Outlet, a.Publisher, Host(a.URL), a.Source} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Section names one part of a brief or of a structured article.
type Section string

// The sections of a brief, in the order in which they are shown.
const (
	Lede   Section = "lede"
	New    Section = "changed" // of briefs only: what a reader who knows the story does not know
	Why    Section = "why_it_matters"
	Know   Section = "what_to_know"
	People Section = "quotes"
	Next   Section = "whats_next"
)

// Sections lists the sections in the order in which they are shown.
func Sections() []Section { return []Section{Lede, Why, Know, People, Next} }

// Mark says that Text[Start:End] of an article stands under a section's
// heading. Offsets are bytes and fall on paragraph borders.
type Mark struct {
	Section Section `json:"section"`
	Start   int     `json:"start"`
	End     int     `json:"end"`
}

// Verdict says what became of one imported item.
type Verdict string

// The verdicts of an import.
const (
	Added     Verdict = "added"
	Updated   Verdict = "updated"
	Duplicate Verdict = "duplicate"
	Refused   Verdict = "refused"
)

// Result reports on one imported item.
type Result struct {
	Verdict Verdict `json:"verdict"`
	ID      string  `json:"id,omitempty"`     // the article's id, unless refused
	Title   string  `json:"title,omitempty"`  // as far as known
	Where   string  `json:"where,omitempty"`  // "notes.jsonl:12", a URL, "item 3 of https://…"
	Reason  string  `json:"reason,omitempty"` // for refused: one sentence that says what to do
}

// Source is a place where articles come in.
type Source struct {
	ID        string        // "" is never valid; from config, or random for those made in chat
	Workspace string        // Shared for config sources
	Kind      string        // "feed", "folder", "page", "push", "mail", "sample"
	Address   string        // URL or path
	Name      string        // shown to people; the feed's own title when not set
	Category  string        // category of its articles when they have none
	Language  string        // ISO 639-1, "" to detect
	Weight    float64       // factor in ranking; 0 means 1
	Every     time.Duration // shortest time between fetches; 0 means the kind's default
	Disabled  bool
}

// SourceStatus is a source with what its last fetches brought.
type SourceStatus struct {
	Source
	LastTry  time.Time // zero: never tried
	LastOK   time.Time // zero: never succeeded
	NextTry  time.Time
	Failures int    // in a row
	Problem  string // one sentence about the last failure, "" when well
}

// Cursor is what a source remembers between two fetches. It is stored in the
// transaction that stores the articles, so that neither is ahead of the other.
type Cursor struct {
	Source       string
	ETag         string // byte for byte as received, quotes included
	LastModified string // as received
	MovedTo      string // target of the last permanent redirect
	Moves        int    // how many times in a row MovedTo was seen
	State        string // opaque to everyone but the source's adapter
	Fetched      bool   // false before the first successful fetch
}

// Batch is what one fetch brought.
type Batch struct {
	Articles  []Article
	Refused   []Result      // items that could not be read, with reasons
	Cursor    Cursor        // to be stored with the articles
	Unchanged bool          // the source said that nothing is new
	Name      string        // the source's own title, "" when it has none
	Dropped   int           // items over the cap that were not taken
	After     time.Duration // do not fetch again before this; 0 for the default
}

// SavedSource is the source of links that people saved for the next digest.
const SavedSource = "saved"

// credit begins the tag that says who saved an article.
const credit = "saved by "

// CreditTag returns the tag that names who saved an article.
func CreditTag(who string) string { return credit + who }

// IsCredit reports whether a tag says who saved an article.
func IsCredit(tag string) bool { return strings.HasPrefix(tag, credit) }

// SavedBy returns who saved the article for a digest, "" for the others.
func (a Article) SavedBy() string {
	for _, tag := range a.Tags {
		if who, ok := strings.CutPrefix(tag, credit); ok && a.Source == SavedSource {
			return who
		}
	}
	return ""
}

// LinkSource is the source of links that people had summarised in a chat: they
// can be looked up and searched, but no digest selects them.
const LinkSource = "link"
