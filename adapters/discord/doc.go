// Package discord posts digests to Discord channels, finds posts of doubtful
// outcome again, and answers slash commands, buttons, forms and the message
// menu, over the gateway or where Discord calls us.
//
// One Platform stands for one bot, which may be a member of many guilds.
// Nothing of Discord's markup leaves the package: text that Discord would
// interpret is of a type that only the escapers of this package make, and no
// message of it can mention anybody but whom a layout calls. The library's own
// retries, sleeps and reconnects are off, because each of them can post twice
// or hang.
package discord
