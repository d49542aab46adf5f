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
	maxOptions     = 25   // of a menu
	maxPlaceholder = 150  // characters of what a menu says before something is chosen
	maxThreadName  = 100  // characters of a thread's name

	maxFields     = 5   // of a form: what all versions of Discord show
	maxFormTitle  = 45  // characters of its title
	maxFieldLabel = 45  // … of the label of a field
	maxFieldText  = 500 // … of what is written into a field; Discord takes 4000
	maxFieldHint  = 100 // … of the small print of a field

	maxCommands     = 25   // subcommands of a command
	maxHelp         = 100  // characters of a description, and of a choice
	maxMenuName     = 32   // characters of the name of an entry of a message's menu
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
