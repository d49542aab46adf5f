package chat

import (
	"strings"
	"time"
	"unicode"

	"nutgraf/digest"
)

// Kind says what a message is for.
type Kind string

// The kinds of messages.
const (
	Header Kind = "header" // opens an edition
	Story  Kind = "story"  // one story of an edition, or one that was asked for
	Answer Kind = "answer" // answers a command
	Notice Kind = "notice" // one short remark: an error, a confirmation, an empty edition
)

// Message is one message, free of any platform's markup. All texts are to be
// shown literally: none of them is escaped, and none contains line breaks
// except the items of Code blocks.
type Message struct {
	Kind     Kind     `json:"kind"`
	ID       string   `json:"id,omitempty"`       // of the story, or of the edition for a Header; "" otherwise
	Language string   `json:"language,omitempty"` // of its labels; "" where that of the whole answer is meant
	Threaded bool     `json:"threaded,omitempty"` // the layout asks for it to go under the Header; false leaves it to the platform's default
	Blocks   []Block  `json:"blocks"`
	More     Link     `json:"more,omitzero"` // where the rest can be read; also the way out when a platform has to cut
	Buttons  []Button `json:"buttons,omitempty"`
	Menus    []Menu   `json:"menus,omitempty"`
	Further  Button   `json:"further,omitzero"`  // where not all menus have room, leads to the others: the number of those shown goes behind its Line
	Ping     string   `json:"ping,omitempty"`    // whom the message calls, as Layout.Ping says; a platform to which it means nothing calls nobody
	Silent   bool     `json:"silent,omitempty"`  // notify nobody, where the platform can do that
	Publish  bool     `json:"publish,omitempty"` // to be passed on to the channels that follow this one, where the platform has that
	Tag      string   `json:"tag,omitempty"`     // of the post that the message opens, where the platform has tags
	Image    string   `json:"image,omitempty"`   // http(s) URL, only when the layout asks for images
}

// Link is a labelled http(s) address. The zero Link means that there is none.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Button is a button under a message. It has either a Line or a URL.
type Button struct {
	Label string `json:"label"`          // at most 30 characters
	Line  string `json:"line,omitempty"` // command line run when it is pressed, as Parse reads it; at most 90 bytes
	URL   string `json:"url,omitempty"`
	Look  Look   `json:"look,omitempty"`
}

// Look is how a button stands out.
type Look string

// The looks of buttons. Ordinary is the zero value.
const (
	Ordinary Look = ""
	Primary  Look = "primary" // what most people will want
	Danger   Look = "danger"  // what cannot be undone
)

// BlockKind says what a block is.
type BlockKind string

// The kinds of blocks.
const (
	Kicker   BlockKind = "kicker"   // category above a title; items stand beside each other
	Title    BlockKind = "title"    // one item; its Label is the story's number in the edition
	Meta     BlockKind = "meta"     // outlets, date, coverage, byline: small print, one line per item
	Heading  BlockKind = "heading"  // one item; belongs to the block after it and is never left alone at the end of a message
	Text     BlockKind = "text"     // one paragraph; items are its sentences and run on, with a blank between them
	Bullets  BlockKind = "bullets"  // one item per bullet
	Numbered BlockKind = "numbered" // one item per line, counted from Start
	Quotes   BlockKind = "quotes"   // one item per quote, Spans without quotation marks
	Fields   BlockKind = "fields"   // one item per row: Label, then Spans
	Code     BlockKind = "code"     // lines to be shown in a typewriter face, one per item
	Rule     BlockKind = "rule"     // a line across; no items
)

// Block is a run of items of one kind.
type Block struct {
	Kind    BlockKind      `json:"kind"`
	Section digest.Section `json:"section,omitempty"` // of the brief it shows, "" elsewhere; on headings too
	Start   int            `json:"start,omitempty"`   // number of the first item of a Numbered block; 0 means 1
	Items   []Item         `json:"items,omitempty"`
}

// Item is one sentence, bullet, quote or row: the unit that is split last.
type Item struct {
	Label   string `json:"label,omitempty"` // name of a field, number of a title
	Spans   []Span `json:"spans"`
	Speaker string `json:"speaker,omitempty"` // of a quote
	Role    string `json:"role,omitempty"`    // "Port director"
	Context string `json:"context,omitempty"` // "told reporters"
}

// Span is a run of text of one look.
type Span struct {
	Text     string    `json:"text"`
	Language string    `json:"language,omitempty"` // of the text, where it is not that of the message's labels
	URL      string    `json:"url,omitempty"`      // http or https
	Strong   bool      `json:"strong,omitempty"`
	Emph     bool      `json:"emph,omitempty"`
	Code     bool      `json:"code,omitempty"`
	Time     time.Time `json:"time,omitzero"` // the instant that Text shows, for platforms that show it in the reader's zone
}

// Plain returns the item's text without any marks.
func (i Item) Plain() string {
	var out strings.Builder
	for _, s := range i.Spans {
		out.WriteString(s.Text)
	}
	return out.String()
}

// Line returns an item of spans.
func Line(spans ...Span) Item { return Item{Spans: spans} }

// Plain returns a span of text without marks. Like its siblings it turns line
// breaks and other control characters into blanks.
func Plain(text string) Span { return Span{Text: flat(text)} }

// Strong returns a span of text that stands out.
func Strong(text string) Span { return Span{Text: flat(text), Strong: true} }

// Emph returns a span of text in italics.
func Emph(text string) Span { return Span{Text: flat(text), Emph: true} }

// Mono returns a span of text in a typewriter face, for what is to be typed.
func Mono(text string) Span { return Span{Text: flat(text), Code: true} }

// Linked returns a span that links to url, or plain text when url may not be
// linked (see SafeLink).
func Linked(text, url string) Span { return Span{Text: flat(text), URL: SafeLink(text, url)} }

// flat makes text one line of valid UTF-8.
func flat(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
}

// Lines returns a block of kind k with one plain item per text.
func Lines(k BlockKind, texts ...string) Block {
	b := Block{Kind: k, Items: make([]Item, len(texts))}
	for i, t := range texts {
		b.Items[i] = Line(Plain(t))
	}
	return b
}

// Field returns a row of a Fields block.
func Field(label string, spans ...Span) Item { return Item{Label: label, Spans: spans} }

// Say returns an Answer with a title and blocks; an empty title is left out.
func Say(title string, blocks ...Block) Message {
	m := Message{Kind: Answer}
	if title != "" {
		m.Blocks = append(m.Blocks, Lines(Title, title))
	}
	m.Blocks = append(m.Blocks, blocks...)
	return m
}

// Note returns a Notice of one paragraph.
func Note(text string) Message {
	return Message{Kind: Notice, Blocks: []Block{Lines(Text, text)}}
}
