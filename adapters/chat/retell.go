package chat

import (
	"regexp"
	"strings"
	"sync"

	"nutgraf/digest"
)

// Retold lists the sentences in which the program keeps reasons and scores, in
// English, and which Stored says in other languages.
func Retold() []string {
	return []string{
		// of slots and parts, with their states
		"missed", "partial", "undeliverable", "expired", "rejected", "unknown",
		"the subscription was paused", "a day off of the subscription",
		"%s; so are %s slots before it, which are not recorded one by one",
		"it was found %s late, which is over the catch-up time of %s", "the slot %s covers it",
		"no new stories", "it could not be built within the catch-up time",
		"the store was restored, and nobody can tell whether this digest was posted before",
		"skipped by %s", "nobody approved it in time", "the subscription was disabled: %s",
		"%s of %s parts sent, %s: %s", "%s of %s parts sent, %s",
		"%s rejected, %s", "%s unknown, %s", "%s rejected", "%s unknown", "%s expired",
		"discarded by the operator",
		// of subscriptions
		"removed from the configuration", "unsubscribed by %s",
		"the channel %s cannot be posted to: %s",
		"the app was removed from the workspace", "the app's token was revoked", "the channel was archived", "the channel was deleted",
		"the app was removed from the channel", "the bot was removed from the server", "the thread was deleted",
		"nobody can tell whether it was posted", "the channel is archived; unarchive it", "the channel does not exist any more",
		"the bot is not in the channel; write /invite @the-bot there",
		// of scores
		"%s, %s reprints not counted", "%s, 1 reprint not counted", "1 outlet", "%s outlets",
		"undated", "newest just now", "newest %s min ago", "newest %s h ago", "newest %s days ago",
		"source weight %s", "votes %s for the outlet %s", "votes %s for the category %s", "not shown before",
		"1 new article since %s UTC", "%s new articles since %s UTC", "1 new article", "%s new articles",
	}
}

// kept finds a sentence of Retold in what was stored.
type kept struct {
	format string
	like   *regexp.Regexp
}

var retold = sync.OnceValue(func() []kept {
	var out []kept
	for _, f := range Retold() {
		out = append(out, kept{f, regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(f), "%s", "(.+?)") + "$")})
	}
	return out
})

var fraction = regexp.MustCompile(`^\d+\.\d+$`)

// Stored is a reason that was kept in English. What is not one of the
// program's own sentences stays as it is.
type Stored string

// In says the reason.
func (s Stored) In(l Locale) string {
	if l.Language == "" || l.Language == "en" {
		return string(s)
	}
	if fraction.MatchString(string(s)) {
		return strings.Replace(string(s), ".", l.labels().Point, 1)
	}
	for _, k := range retold() {
		m := k.like.FindStringSubmatch(string(s))
		if m == nil {
			continue
		}
		args := make([]any, len(m)-1)
		for i := range args {
			args[i] = Stored(m[i+1])
		}
		return l.T(k.format, args...)
	}
	return string(s)
}

// String returns the reason in English.
func (s Stored) String() string { return string(s) }

// Reasons returns the parts of a score, each as "3 outlets ×2.00".
func (l Locale) Reasons(s digest.Score) []string {
	var out []string
	for _, p := range s.Parts {
		if p.Note != "" {
			out = append(out, Stored(p.Note).In(l)+" ×"+l.Decimal(p.Value))
		}
	}
	return out
}
