package slack

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"nutgraf/digest"
)

// mrkdwn is text in Slack's markup. Only the functions of this file make one,
// so that a raw string does not compile into a message.
type mrkdwn string

// escaper disarms the three characters with which every mention, link and
// special command begins or ends.
// https://docs.slack.dev/messaging/formatting-message-text#escaping
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// addressEscaper keeps an address from ending its link early.
var addressEscaper = strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "\n", "%0A", "\r", "%0D")

// escape makes text literal, but for the marks that markup reports.
func escape(text string) mrkdwn { return mrkdwn(escaper.Replace(text)) }

// link returns a link whose label is text.
func link(url, text string) mrkdwn {
	return mrkdwn("<" + addressEscaper.Replace(url) + "|" + escaper.Replace(text) + ">")
}

// date shows an instant in the reader's own zone and language, and text where
// that is not possible.
func date(t time.Time, text string) mrkdwn {
	return mrkdwn(fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), dateFormat, escaper.Replace(text)))
}

// dateFormat is how Slack writes dates for us: "Monday, May 4th, 2026, 8:00 AM".
const dateFormat = "{date_long}, {time}"

// strong and emph mark text that is escaped already.
func strong(m mrkdwn) mrkdwn { return "*" + m + "*" }
func emph(m mrkdwn) mrkdwn   { return "_" + m + "_" }

// userGroup matches the id of a user group.
var userGroup = regexp.MustCompile(`^S[A-Z0-9]{2,31}$`)

// mention calls whom a subscription calls: all who are there, or a user group.
// For what means nothing to Slack it is empty.
func mention(ping string) mrkdwn {
	switch {
	case ping == digest.Here:
		return "<!here>"
	case userGroup.MatchString(ping):
		return mrkdwn("<!subteam^" + ping + ">")
	}
	return ""
}

// markup reports whether Slack would take a part of text for formatting. Such
// a text is shown as plain_text instead.
func markup(text string) bool {
	return strings.ContainsAny(text, "*_~`") || emoji.MatchString(text)
}

// emoji matches the name of an emoji between colons.
var emoji = regexp.MustCompile(`:[^\s:]+:`)
