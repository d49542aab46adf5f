package discord

import "unicode/utf16"

// Discord's limits, as far as messages touch them.
// https://discord.com/developers/docs/resources/message#embed-object-embed-limits
const (
	maxContent     = 2000 // characters of a message's own text
	maxTitle       = 256  // characters of an embed's title
	maxAuthor      = 256  // … of the line above it
	maxDescription = 4096 // … of its text
	maxEmbeds      = 6000 // … of all embeds of a message together
	maxEmbedCount  = 10   // embeds of a message
	maxAddress     = 2048 // … of an address in an embed
	maxButtonURL   = 512  // … of an address behind a button
	maxLabel       = 80   // … of a button's label
	maxCustomID    = 100  // … of a button's custom_id
	maxRows        = 5    // rows of buttons in a message
	maxInRow       = 5    // buttons in a row
	maxThreadName  = 100  // characters of a thread's name

	maxCommands     = 25   // subcommands of a command
	maxHelp         = 100  // characters of a command's or option's description
	maxCommandChars = 8000 // characters of a command with everything in it
)

// size counts a text the dearest way that Discord may: in UTF-16 units.
func size[S ~string](s S) int {
	n := 0
	for _, r := range string(s) {
		n += utf16.RuneLen(r)
	}
	return n
}
