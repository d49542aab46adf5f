// Package slack posts digests to a Slack workspace, finds posts of doubtful
// outcome again, and answers slash commands, buttons and message shortcuts over
// Socket Mode.
//
// One Platform stands for one installed app, that is for one workspace. Nothing
// of Slack's markup leaves the package: titles and sentences go into rich_text
// and plain_text, which Slack shows literally, and what must be mrkdwn is of a
// type that only the escapers of this package make.
package slack
