package command

import (
	"context"
	"slices"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	mostPanels  = 15 // digests on a page; Slack shows 100 blocks, and each has six at most
	homeFirings = 3  // next digests of each
)

// Home fills a person's own page of a platform: the digests of the channels
// that the person is in, when they come next, and what ails them.
func (c *Commands) Home(ctx context.Context, user chat.User, workspace string, channels []digest.Address) []chat.Panel {
	loc := chat.LocaleFor(c.Language, c.Zone)
	subs, err := c.Desk.Subscriptions(ctx, workspace)
	if err != nil {
		return []chat.Panel{{Message: chat.Note(loc.Explain(err))}}
	}
	var panels []chat.Panel
	more := 0
	for _, s := range byName(subs) {
		for _, a := range s.Channels {
			switch {
			case ended(s) || !slices.Contains(channels, a):
				continue
			case len(panels) == mostPanels:
				more++
				continue
			}
			panels = append(panels, chat.Panel{Channel: a, Message: c.panel(ctx, user, a, s)})
		}
	}
	top := chat.Say(loc.T("Your digests"), chat.Lines(chat.Text, c.health(ctx, workspace, loc)))
	switch {
	case len(panels) == 0:
		top.Blocks = append(top.Blocks, chat.Lines(chat.Text, loc.T("None of your channels has a digest yet; type `subscribe` in one.")))
	case more > 0:
		top.Blocks = append(top.Blocks, chat.Lines(chat.Text, loc.N(more, "%d more digest is not shown here.", "%d more digests are not shown here.")))
	}
	return append([]chat.Panel{{Message: top}}, panels...)
}

// panel shows one digest of a channel.
func (c *Commands) panel(ctx context.Context, user chat.User, a digest.Address, s digest.Subscription) chat.Message {
	loc := c.locale(ctx, chat.Command{Address: a, User: user})
	fields := chat.Block{Kind: chat.Fields, Items: []chat.Item{chat.Field(loc.T("Posts"), chat.Plain(loc.T("%s (%s)", inWords(s.Cron), s.Zone)))}}
	if state, err := c.state(ctx, s); err != nil {
		fields.Items = append(fields.Items, chat.Field(loc.T("Status"), chat.Plain(loc.Explain(err))))
	} else {
		fields.Items = append(fields.Items, chat.Field(loc.T("Status"), chat.Plain(state.In(loc))))
	}
	m := chat.Say("", chat.Lines(chat.Heading, s.Name), fields)
	if next, err := c.firings(ctx, s, homeFirings); err == nil && len(next) > 0 {
		times := make([]string, len(next))
		for i, slot := range next {
			times[i] = stamp(slot.At, s.Zone).In(loc)
		}
		m.Blocks = append(m.Blocks, chat.Lines(chat.Heading, loc.T("Next digests")), chat.Lines(chat.Bullets, times...))
	}
	m.Buttons = []chat.Button{{Label: loc.T("Latest"), Line: "latest", Look: chat.Primary}, {Label: loc.T("Catch me up"), Line: "since"}}
	if !user.Manager {
		return m
	}
	turn := chat.Button{Label: loc.T("Pause"), Line: "pause name:" + s.ID}
	if s.Disabled != "" || c.paused(s) {
		turn = chat.Button{Label: loc.T("Resume"), Line: "resume name:" + s.ID}
	}
	m.Buttons = append(m.Buttons, chat.Button{Label: loc.T("Settings"), Line: "settings name:" + s.ID}, turn)
	return m
}

// health says in one sentence how the sources are that a workspace sees.
func (c *Commands) health(ctx context.Context, workspace string, loc chat.Locale) string {
	list, err := c.Desk.Sources(ctx, workspace)
	if err != nil {
		return loc.Explain(err)
	}
	ill, all := 0, 0
	for _, s := range list {
		if s.Disabled {
			continue
		}
		if all++; s.Problem != "" {
			ill++
		}
	}
	if ill == 0 {
		return loc.N(all, "%d source, and it is well.", "%d sources, and all are well.")
	}
	return loc.N(ill, "%d source of %d could not be read: see `sources`.", "%d sources of %d could not be read: see `sources`.", all)
}
