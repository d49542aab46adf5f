// Package slack posts digests to Slack workspaces, finds posts of doubtful
// outcome again, and answers slash commands, buttons, forms and shortcuts, over
// Socket Mode or where Slack calls us.
//
// One Platform stands for one app, in the workspace of its token and in those
// that installed it. Nothing of Slack's markup leaves the package: titles and
// sentences go into rich_text and plain_text, which Slack shows literally, and
// what must be mrkdwn is of a type that only the escapers of this package make.
package slack
