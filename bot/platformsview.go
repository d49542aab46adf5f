package main

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
)

// column is a channel of a platform on the page.
type column struct {
	Key, Name, Place string
	Entries          []entry
	Waiting          bool // nothing was posted yet
}

// entry is one thing in a channel: what a person did, or a message.
type entry struct {
	At      time.Time
	Asked   *asked
	Slack   *slackfake.Look
	Discord *discordfake.Look
	For     string // who sees it alone, "" for all
	Joined  bool   // goes on with the message before it
	Last    bool   // the newest thing that a person did
	Replies []entry
}

// columns returns what stands in both channels, oldest first.
func (st *stage) columns() []column {
	st.mu.Lock()
	done := slices.Clone(st.asked)
	st.mu.Unlock()
	slack := column{Key: "slack", Name: "Slack", Place: "#news in " + slackfake.TeamName}
	discord := column{Key: "discord", Name: "Discord", Place: "#news in " + slackfake.TeamName}
	slack.Entries = slackEntries(st.slack.Looks(stageSlackChannel))
	who := make(map[string]string)
	last := make(map[string]*asked)
	for _, a := range done {
		who[a.Interaction], last[a.Platform] = a.Who, &a
	}
	discord.Entries = discordEntries(st.discord.Looks(stageDiscordChannel), who)
	slack.Waiting, discord.Waiting = len(slack.Entries) == 0, len(discord.Entries) == 0
	for _, a := range done {
		e := entry{At: a.At, Asked: &a, Last: a == *last[a.Platform]}
		if a.Platform == slack.Key {
			slack.add(e)
		} else {
			discord.add(e)
		}
	}
	out := []column{slack, discord}
	for _, c := range out {
		arrange(c.Entries)
	}
	return out
}

// add puts what a person did where it was done.
func (c *column) add(e entry) {
	for i := range c.Entries {
		if x := &c.Entries[i]; e.Asked.Thread != "" && x.Slack != nil && x.Slack.TS == e.Asked.Thread {
			x.Replies = append(x.Replies, e)
			return
		}
	}
	c.Entries = append(c.Entries, e)
}

func slackEntries(looks []slackfake.Look) []entry {
	var out []entry
	for _, l := range looks {
		out = append(out, entry{At: l.At, Slack: &l, For: l.Only, Replies: slackEntries(l.Replies)})
	}
	return out
}

func discordEntries(looks []discordfake.Look, who map[string]string) []entry {
	var out []entry
	for _, l := range looks {
		e := entry{At: l.At, Discord: &l, Replies: discordEntries(l.Replies, who)}
		if l.Only {
			e.For = cmp.Or(who[l.Answers], "the one who asked")
		}
		out = append(out, e)
	}
	return out
}

// joinWithin is how soon after another a message of the same author is shown
// without the author's name.
const joinWithin = 5 * time.Minute

// arrange sorts the entries of a channel by time and finds those that go on
// with the one before them.
func arrange(list []entry) {
	slices.SortStableFunc(list, func(a, b entry) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.rank(), b.rank()))
	})
	for i := range list {
		e := &list[i]
		arrange(e.Replies)
		if e.Asked != nil {
			continue
		}
		before := i > 0 && list[i-1].Asked == nil && list[i-1].author() == e.author() && len(list[i-1].Replies) == 0
		e.Joined = before && list[i-1].For == e.For && e.At.Sub(list[i-1].At) < joinWithin
	}
}

// rank puts what a person did before an answer of the same moment.
func (e entry) rank() int {
	if e.Asked != nil {
		return 0
	}
	return 1
}

func (e entry) author() string {
	if e.Slack != nil {
		return e.Slack.Author
	}
	return "Nutgraf"
}

// slackLabel returns the label of the button with an action.
func slackLabel(l slackfake.Look, action string) string {
	for _, b := range l.Blocks {
		for _, button := range b.Buttons {
			if button.Action == action {
				return button.Label
			}
		}
	}
	return action
}

// discordLabel returns the label of the button with an action.
func discordLabel(l discordfake.Look, action string) string {
	for _, row := range l.Rows {
		for _, button := range row {
			if button.Action == action {
				return button.Label
			}
		}
	}
	return action
}

// stageFunctions are what the page's template calls.
func stageFunctions() template.FuncMap {
	return template.FuncMap{
		"clock": func(t time.Time) string { return t.Format("15:04") },
		"press": func(message, action string) string { return message + " " + action }, // as act reads it
		"replies": func(list []entry) string {
			n := 0
			for _, e := range list {
				if e.Asked == nil && e.For == "" {
					n++
				}
			}
			if n == 1 {
				return "1 reply"
			}
			return strconv.Itoa(n) + " replies"
		},
	}
}
