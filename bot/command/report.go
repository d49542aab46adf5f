package command

import (
	"context"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// help lists the commands or explains one.
func (c *Commands) help(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	loc := c.locale(ctx, cmd)
	name := strings.TrimPrefix(cmd.Args["command"], "/")
	if name == "" {
		return []chat.Message{loc.Help(Specs())}, nil
	}
	var names []string
	for _, s := range Specs() {
		if s.Name != name {
			names = append(names, s.Name)
			continue
		}
		fields := chat.Block{Kind: chat.Fields}
		for _, o := range s.Options {
			fields.Items = append(fields.Items, chat.Field(o.Name, chat.Plain(loc.T(o.Help))))
		}
		blocks := []chat.Block{chat.Lines(chat.Code, chat.Usage(s)), chat.Lines(chat.Text, loc.T("%s.", loc.T(s.Help)))}
		if len(fields.Items) > 0 {
			blocks = append(blocks, fields)
		}
		return []chat.Message{chat.Say(s.Name, blocks...)}, nil
	}
	if near := chat.Nearest(name, names); near != "" {
		return nil, digest.Errorf(digest.NotFound, "There is no command %q. Did you mean %s?", name, near)
	}
	return nil, digest.Errorf(digest.NotFound, "There is no command %q.", name)
}

// now previews the digest of the channel, with a button that posts it for those
// who may.
func (c *Commands) now(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	sub, ok := c.subscription(ctx, cmd)
	if cmd.Args["name"] != "" {
		var err error
		if sub, err = c.find(ctx, cmd, picked); err != nil {
			return nil, err
		}
		ok = true
	}
	if !ok {
		sub = c.Default
		loc := c.locale(ctx, cmd)
		sub.Workspace, sub.Language, sub.Name = workspace(cmd), loc.Language, loc.T("All sources")
	}
	e, err := c.Newsroom.Preview(ctx, sub, c.Now())
	if err != nil {
		return nil, err
	}
	messages := chat.Layout(e, chat.LocaleFor(e.Language, e.Zone))
	if ok && cmd.User.Manager && !cmd.Direct && sub.Workspace == workspace(cmd) && len(e.Items) > 0 {
		loc := c.locale(ctx, cmd)
		m := chat.Note(loc.T("Only you see this. Posting it now shows it to everybody in %s; the next regular digest covers what comes after.", places(sub, cmd.Address)))
		m.Buttons = []chat.Button{{Label: loc.T("Post it now"), Line: "post " + sub.ID, Look: chat.Primary}}
		messages = append(messages, m)
	}
	return messages, nil
}

// post has a digest posted outside of its schedule.
func (c *Commands) post(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	sub, err := c.find(ctx, cmd, identified)
	switch {
	case err != nil:
		return nil, err
	case sub.Disabled != "":
		return nil, digest.Errorf(digest.Conflict, "“%s” is disabled: %s. Bring it back with `resume %s`.", sub.Name, chat.Stored(sub.Disabled), sub.Name)
	case c.paused(sub):
		return nil, digest.Errorf(digest.Conflict, "“%s” is paused; `resume %s` brings it back.", sub.Name, sub.Name)
	}
	slot, err := c.Newsroom.PostNow(ctx, sub)
	if err != nil {
		return nil, err
	}
	c.changed(ctx, cmd, sub, "slot "+slot.Key)
	return []chat.Message{chat.Note(c.locale(ctx, cmd).T("“%s” is being posted to %s.", sub.Name, places(sub, cmd.Address)))}, nil
}

// sources lists the sources with how they are doing.
func (c *Commands) sources(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	list, err := c.Desk.Sources(ctx, workspace(cmd))
	if err != nil {
		return nil, err
	}
	stored, err := c.Archive.CountBySource(ctx, workspace(cmd))
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	block := chat.Block{Kind: chat.Fields}
	for _, s := range illFirst(list) {
		if s.Disabled {
			continue
		}
		block.Items = append(block.Items, chat.Field(sourceName(s), chat.Plain(sourceState(s, stored[s.ID], loc))))
	}
	if len(block.Items) == 0 {
		return []chat.Message{chat.Note(loc.T("There are no sources yet; add a [[source]] to the configuration."))}, nil
	}
	return []chat.Message{chat.Say(loc.T("Sources"), firstOf(block, mostRows, loc))}, nil
}

// illFirst puts the sources that fail before the others, in their order.
func illFirst(list []digest.SourceStatus) []digest.SourceStatus {
	well, ill := []digest.SourceStatus(nil), []digest.SourceStatus(nil)
	for _, s := range list {
		if s.Problem != "" {
			ill = append(ill, s)
		} else {
			well = append(well, s)
		}
	}
	return append(ill, well...)
}

func sourceName(s digest.SourceStatus) string {
	if s.Name != "" {
		return s.Name
	}
	return s.ID
}

func sourceState(s digest.SourceStatus, stored int, loc chat.Locale) string {
	articles := loc.N(stored, "%d article", "%d articles")
	switch {
	case s.LastTry.IsZero():
		return loc.T("not fetched yet")
	case s.Problem != "" && s.LastOK.IsZero():
		return loc.T("never worked: %s", s.Problem)
	case s.Problem != "":
		return loc.T("%s · failing since %s: %s", articles, loc.DateTime(s.LastOK), s.Problem)
	}
	return loc.T("%s · well, last fetched %s", articles, loc.DateTime(s.LastOK))
}

// status shows what is stored, what is due and what needs attention.
func (c *Commands) status(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	ws := workspace(cmd)
	loc := c.locale(ctx, cmd)
	counts, err := c.Archive.Counts(ctx, ws)
	if err != nil {
		return nil, err
	}
	subs, err := c.Desk.Subscriptions(ctx, ws)
	if err != nil {
		return nil, err
	}
	fields := chat.Block{Kind: chat.Fields, Items: []chat.Item{
		chat.Field(loc.T("Version"), chat.Plain(c.Version)),
		chat.Field(loc.T("Archive"), chat.Plain(strings.Join([]string{loc.N(counts.Articles, "%d article", "%d articles"),
			loc.N(counts.Stories, "%d story", "%d stories"), loc.N(counts.Editions, "%d digest", "%d digests")}, ", "))),
	}}
	subs = lasting(subs)
	for _, s := range subs[:min(len(subs), mostRows)] {
		state, err := c.state(ctx, s)
		if err != nil {
			return nil, err
		}
		fields.Items = append(fields.Items, chat.Field(s.Name, chat.Plain(state.In(loc))))
	}
	if more := len(subs) - mostRows; more > 0 {
		fields.Items = append(fields.Items, chat.Field("…", chat.Plain(loc.T("and %d more", more))))
	}
	blocks := []chat.Block{fields}
	attention, err := c.attention(ctx, cmd, loc)
	if err != nil {
		return nil, err
	}
	if len(attention) > 0 {
		blocks = append(blocks, chat.Lines(chat.Heading, loc.T("Needs attention")), chat.Lines(chat.Bullets, attention...))
	}
	return []chat.Message{chat.Say(loc.T("Status"), blocks...)}, nil
}

// attention lists what an operator should look at: sources that fail, and what
// went wrong in the last days, in the asking channel first.
func (c *Commands) attention(ctx context.Context, cmd chat.Command, loc chat.Locale) ([]string, error) {
	var out []string
	ws, since := workspace(cmd), c.Now().AddDate(0, 0, -attentionDays)
	list, err := c.Desk.Sources(ctx, ws)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.Problem != "" && !s.Disabled {
			out = append(out, loc.T("The source %s fails: %s", sourceName(s), s.Problem))
		}
	}
	if more := len(out) - mostListed; more > 0 { // they leave room for what else there is
		out = append(out[:mostListed:mostListed], loc.T("and %d more", more))
	}
	slots, err := c.Desk.Slots(ctx, digest.SlotFilter{Workspace: ws, Limit: 5,
		States: []digest.SlotState{digest.SlotMissed, digest.SlotPartial, digest.SlotUndeliverable, digest.SlotExpired}})
	if err != nil {
		return nil, err
	}
	for _, s := range slots {
		if s.At.After(since) {
			out = append(out, loc.T("%s of %s was %s: %s", s.Subscription, s.Key, chat.Stored(s.State), chat.Stored(s.Reason)))
		}
	}
	own := cmd.Address.String()
	for _, channel := range []string{own, ""} {
		parts, err := c.Desk.Deliveries(ctx, digest.PartFilter{Workspace: ws, Channel: channel, Limit: 5,
			States: []digest.PartState{digest.PartUnknown, digest.PartRejected}})
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			if channel == "" && p.Address.String() == own || p.Reason == digest.Discarded || p.Slot < since.Format("2006-01-02") {
				continue
			}
			out = append(out, loc.T("Part %d of %s for %s is %s: %s", p.N, p.Slot, p.Address, chat.Stored(p.State), chat.Stored(p.Reason)))
		}
	}
	return out, nil
}

// attentionDays is how long what went wrong is shown.
const attentionDays = 7

// why shows the scores of an edition's stories with their parts, the stories
// just below the line, and the sources that failed.
func (c *Commands) why(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	e, err := c.edition(ctx, cmd)
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	shown := chat.Block{Kind: chat.Numbered}
	for _, it := range e.Items {
		shown.Items = append(shown.Items, chat.Line(chat.Strong(it.Brief.Headline), chat.Plain(" · "+scoreLine(it.Score, loc))))
	}
	blocks := []chat.Block{chat.Lines(chat.Meta, e.Name, chat.LocaleFor(e.Language, e.Zone).DateTime(e.Due)), shown}
	if len(e.Cut) > 0 {
		below := chat.Block{Kind: chat.Bullets}
		for _, cut := range e.Cut {
			below.Items = append(below.Items, chat.Line(chat.Plain(cut.Headline+" · "+scoreLine(cut.Score, loc))))
		}
		blocks = append(blocks, chat.Lines(chat.Heading, loc.T("Just below the line")), below)
	}
	if voted(e) {
		blocks = append(blocks, chat.Lines(chat.Meta, loc.T("Votes of this channel moved some of them.")))
	}
	if len(e.Coverage.Failed) > 0 {
		blocks = append(blocks, chat.Lines(chat.Heading, loc.T("Sources that failed")), chat.Lines(chat.Bullets, e.Coverage.Failed...))
	}
	m := chat.Say(loc.T("Why these stories?"), blocks...)
	if voted(e) && cmd.User.Manager && !cmd.Direct {
		m.Buttons = []chat.Button{{Label: loc.T("Forget the votes"), Line: "forget-votes", Look: chat.Danger}}
	}
	return []chat.Message{m}, nil
}

// voted reports whether votes moved a story of an edition.
func voted(e digest.Edition) bool {
	return slices.ContainsFunc(e.Items, func(it digest.Item) bool {
		return slices.ContainsFunc(it.Score.Parts, func(p digest.ScorePart) bool { return p.Name == "votes" })
	})
}

// edition returns the edition a command names, or the channel's latest one.
func (c *Commands) edition(ctx context.Context, cmd chat.Command) (digest.Edition, error) {
	if id := cmd.Args["edition"]; id != "" {
		e, err := c.Desk.Edition(ctx, workspace(cmd), id)
		if digest.KindOf(err) == digest.NotFound {
			err = digest.Errorf(digest.NotFound, "There is no digest with the id %q here.", id)
		}
		return e, err
	}
	e, err := c.Desk.LatestEdition(ctx, cmd.Address)
	if digest.KindOf(err) == digest.NotFound {
		err = digest.Errorf(digest.NotFound, "No digest was posted here yet, so there is nothing to explain.")
	}
	return e, err
}

func scoreLine(s digest.Score, loc chat.Locale) string {
	return loc.T("%s: %s", loc.Decimal(s.Total), strings.Join(loc.Reasons(s), "; "))
}
