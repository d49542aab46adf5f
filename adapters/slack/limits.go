package slack

// Slack's limits, as far as messages touch them.
// https://docs.slack.dev/reference/block-kit/blocks
const (
	maxBlocks      = 50    // in a message
	maxHeader      = 150   // characters of a header block
	maxSection     = 3000  // characters of a text block
	maxSmall       = 2000  // characters of an element of a context block
	maxContext     = 10    // elements of a context block
	maxActions     = 25    // buttons in a row
	maxLabel       = 75    // characters of a button's label
	maxValue       = 2000  // characters of a button's value
	maxLink        = 3000  // characters of an address
	maxPlaceholder = 150   // characters of a menu's label
	maxAction      = 255   // characters of an action's id
	maxChoice      = 75    // characters of the value of a choice
	maxChoices     = 100   // choices of a menu
	maxTitle       = 24    // characters of a window's title
	maxFormMeta    = 3000  // characters that a window carries unseen
	maxHint        = 2000  // characters under an input
	maxView        = 100   // blocks of a window or of App Home
	maxAlt         = 2000  // characters that describe a picture
	maxFallback    = 3900  // characters of a message's text; Slack asks for fewer than 4000
	maxChars       = 10000 // characters of all blocks of a message; Slack refuses some from 11 300 on
	maxResponse    = 5     // posts to one response_url
)

// cost is what a character counts against the limits. Slack does not say how
// it counts; this is the dearest way: UTF-16 units of the escaped text.
func cost(r rune) int {
	switch {
	case r == '&':
		return len("&amp;")
	case r == '<' || r == '>':
		return len("&lt;")
	case r > 0xFFFF:
		return 2
	}
	return 1
}

// size is the cost of a text.
func size(s string) int {
	n := 0
	for _, r := range s {
		n += cost(r)
	}
	return n
}
