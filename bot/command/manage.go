package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
	"nutgraf/digest/text"
)

const (
	// removed is the reason for which the store disables subscriptions that
	// the configuration no longer names.
	removed = "removed from the configuration"
	// unsubscribed begins the reason of those that somebody ended.
	unsubscribed = "unsubscribed by "
	// mostListed is how many subscriptions a message lists beside the answer.
	mostListed = 10
	mostRows   = 50 // of the list that an answer is about
)

// managing lists the commands around subscriptions.
func managing() []entry {
	text := func(name, help string) chat.Option { return chat.Option{Name: name, Help: help} }
	name := suggested(text("name", "which digest, where there are several"))
	at := chat.Option{Name: "time", Help: "as in 08:00, 8am, weekdays 8:30, mon,thu 7:00 or five cron fields", Required: true}
	zone := suggested(text("zone", "time zone, as in Europe/Berlin"))
	rule := chat.Option{Name: "words", Help: "a word, a phrase or a /pattern/", Required: true}
	more := hidden("more-settings", (*Commands).moreSettings, text("id", ""), text("from", ""), text("shown", ""))
	more.Changes = false
	till := keyed(chat.Option{Name: "until", Help: "a day, or a span like 7d; for good when not given", Type: chat.SinceOption})
	return []entry{
		{Spec: chat.Spec{Name: "subscriptions", Help: "List the digests of this workspace, and when they come next", Private: true}, run: (*Commands).list},
		{Spec: chat.Spec{Name: "subscribe", Help: "Post a digest to this channel regularly", Private: true, OpensForm: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{at, zone, text("sources", "only these, with commas between; all when not given"),
				text("name", "title of the digest; “"+firstName+"” when not given"),
				{Name: "stories", Help: "how many at most", Type: chat.IntOption, Min: 1, Max: mostStories},
				{Name: "language", Help: "of the labels", Choices: chat.Languages()},
				text("days", "as in weekdays or mon,thu; every day when not given")}}, run: (*Commands).subscribe, form: (*Commands).subscribeForm},
		{Spec: chat.Spec{Name: "unsubscribe", Help: "End a digest", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{name}}, run: (*Commands).unsubscribe},
		{Spec: chat.Spec{Name: "schedule", Help: "Change when a digest comes", Private: true, OpensForm: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{at, zone, name}}, run: (*Commands).reschedule, form: (*Commands).scheduleForm},
		{Spec: chat.Spec{Name: "pause", Help: "Pause a digest, until a day or until it is resumed", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{name, {Name: "until", Help: "first day with a digest, as in 2026-05-10, or a span like 3d", Type: chat.SinceOption}}}, run: (*Commands).pause},
		{Spec: chat.Spec{Name: "resume", Help: "Resume a digest that is paused or disabled", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{name}}, run: (*Commands).resume},
		{Spec: chat.Spec{Name: "test", Help: "Show privately what a digest would post now, and where", Private: true, Hidden: true, For: chat.Managers,
			Options: []chat.Option{name}}, run: (*Commands).test},
		{Spec: chat.Spec{Name: "settings", Help: "Show or change the settings of a digest", Private: true, For: chat.Managers, Changes: true,
			Options: append([]chat.Option{name}, settingOptions()...)}, run: (*Commands).settings},
		{Spec: chat.Spec{Name: "filter include", Help: "Show only what has one of some words, a phrase or a /pattern/", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{rule, keyed(name)}}, run: (*Commands).include},
		{Spec: chat.Spec{Name: "filter exclude", Help: "Leave out what has a word, a phrase or a /pattern/", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{rule, keyed(name)}}, run: (*Commands).exclude},
		{Spec: chat.Spec{Name: "filter remove", Help: "Take a filter back", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{rule, keyed(name)}}, run: (*Commands).unfilter},
		{Spec: chat.Spec{Name: "filter list", Help: "List filters and mutes", Private: true, Options: []chat.Option{name}}, run: (*Commands).filters},
		{Spec: chat.Spec{Name: "mute story", Help: "Leave a story out from now on", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{suggested(text("story", "its number in the latest digest, or its id")), till, keyed(name)}}, run: (*Commands).muteStory},
		{Spec: chat.Spec{Name: "mute source", Help: "Leave a source or an outlet out", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{suggested(text("source", "its name")), till, keyed(name)}}, run: (*Commands).muteSource},
		{Spec: chat.Spec{Name: "mute topic", Help: "Leave out what has a word or phrase", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{text("words", "a word, a phrase or a /pattern/"), till, keyed(name)}}, run: (*Commands).muteTopic},
		{Spec: chat.Spec{Name: "mute remove", Help: "Take a mute back", Private: true, For: chat.Managers, Changes: true,
			Options: []chat.Option{text("value", "as filter list shows it"), keyed(name)}}, run: (*Commands).unmute},
		{Spec: chat.Spec{Name: "audit", Help: "Show who changed what here", Private: true, For: chat.Managers,
			Options: []chat.Option{{Name: "rows", Help: "how many", Type: chat.IntOption, Min: 1, Max: 100}}}, run: (*Commands).audit},
		hidden("post", (*Commands).post, text("id", "")),
		hidden("sketch", (*Commands).sketch, at, text("days", ""), zone, text("sources", ""), text("name", ""), text("stories", ""), text("language", "")),
		hidden("confirm", (*Commands).confirm, text("id", "")),
		hidden("discard", (*Commands).discard, text("id", "")),
		hidden("set", (*Commands).setOne, text("id", ""), text("setting", ""), text("value", ""), keyed(text("from", ""))),
		more,
	}
}

// keyed makes an option one that is written name:value.
func keyed(o chat.Option) chat.Option { o.Keyed = true; return o }

// suggested makes an option one that is completed as it is typed.
func suggested(o chat.Option) chat.Option { o.Suggest = true; return o }

// hidden is a managing command that forms, menus and buttons run to change
// something.
func hidden(name string, run func(*Commands, context.Context, chat.Command) ([]chat.Message, error), options ...chat.Option) entry {
	for i := range options {
		options[i].Help = ""
	}
	return entry{Spec: chat.Spec{Name: name, Private: true, Hidden: true, For: chat.Managers, Changes: true, Options: options}, run: run}
}

// ended reports whether a subscription was ended by people and is only kept
// for the record, or has not begun.
func ended(s digest.Subscription) bool {
	return s.Disabled == removed || s.Disabled == digest.Draft || strings.HasPrefix(s.Disabled, unsubscribed)
}

// byName sorts subscriptions by what people call them: their ids are made by chance.
func byName(list []digest.Subscription) []digest.Subscription {
	slices.SortStableFunc(list, func(a, b digest.Subscription) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list
}

// here returns the subscriptions that post to a channel.
func here(list []digest.Subscription, channel digest.Address) []digest.Subscription {
	var out []digest.Subscription
	for _, s := range list {
		if slices.Contains(s.Channels, channel) {
			out = append(out, s)
		}
	}
	return out
}

// changeable refuses subscriptions that stand in the configuration.
func changeable(sub digest.Subscription) error {
	if sub.Origin == fromChat {
		return nil
	}
	return digest.Errorf(digest.Forbidden, "“%s” is set up in the configuration; change the [[subscription]] with id = %q there. Only `pause` and `resume` work on it here.", sub.Name, sub.ID)
}

func unknownName(all []digest.Subscription, name string) error {
	if len(all) == 0 {
		return digest.Errorf(digest.NotFound, "There is no digest here yet; make one, as in `subscribe 08:00`.")
	}
	var known []string
	for _, s := range all {
		known = append(known, s.Name)
	}
	if near := chat.Nearest(name, known); near != "" {
		return digest.Errorf(digest.NotFound, "There is no digest called “%s”; did you mean “%s”?", clip(name), near)
	}
	return digest.Errorf(digest.NotFound, "There is no digest called “%s”; there are %s.", clip(name), names(all))
}

// names lists subscriptions for a message, the first of them at most.
func names(list []digest.Subscription) chat.Spoken {
	var out chat.List
	for _, s := range list[:min(len(list), mostListed)] {
		out = append(out, chat.P("“%s”", s.Name))
	}
	if more := len(list) - len(out); more > 0 {
		return chat.P("%s and %d more; see `subscriptions`", out, more)
	}
	return out
}

func ids(list []digest.Subscription) string {
	var out []string
	for _, s := range list[:min(len(list), mostListed)] {
		out = append(out, fmt.Sprintf("`%s` (%s)", s.ID, s.Channels[0]))
	}
	return strings.Join(out, ", ")
}

// changed notes who changed what.
func (c *Commands) changed(ctx context.Context, cmd chat.Command, s digest.Subscription, detail string) {
	c.Log.Info("subscription changed", "command", cmd.Name, "by", cmd.User.ID, "channel", cmd.Address.String(),
		"subscription", s.ID, "name", s.Name, "cron", s.Cron, "zone", s.Zone, "detail", detail)
	c.record(ctx, cmd, fmt.Sprintf("%s (%s)", s.Name, s.ID), detail)
}

// record notes what a person did. The deed is done: that it cannot be noted is
// for the log.
func (c *Commands) record(ctx context.Context, cmd chat.Command, subject, detail string) {
	err := c.Auditor.Record(ctx, digest.Audit{Workspace: workspace(cmd), Channel: cmd.Address.String(), User: cmd.User.ID, Name: cmd.User.Name,
		Command: cmd.Name, Subject: subject, Detail: detail})
	if err != nil {
		c.Log.Error("a change was not put on record", "command", cmd.Name, "by", cmd.User.ID, "subject", subject, "error", err)
	}
}

// audit shows who changed what in the workspace.
func (c *Commands) audit(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	rows, err := c.Auditor.Audits(ctx, workspace(cmd), chat.IntValue(cmd.Args["rows"], 20))
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	if len(rows) == 0 {
		return []chat.Message{chat.Note(loc.T("Nothing was changed here yet."))}, nil
	}
	block := chat.Block{Kind: chat.Bullets}
	for _, r := range rows {
		line := chat.Line(loc.Stamp(r.At), chat.Plain(" · "+orElse(r.Name, r.User)+" · "), chat.Mono(r.Command), chat.Plain(" · "+r.Subject))
		if r.Detail != "" {
			line.Spans = append(line.Spans, chat.Plain(" · "+r.Detail))
		}
		block.Items = append(block.Items, line)
	}
	return []chat.Message{chat.Say(loc.T("Who changed what"), block)}, nil
}

// list shows the subscriptions of the workspace.
func (c *Commands) list(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	loc := c.locale(ctx, cmd)
	if cmd.Direct {
		return []chat.Message{chat.Note(loc.T("Direct messages have no digests; ask in a channel of the workspace."))}, nil
	}
	all, err := c.Desk.Subscriptions(ctx, workspace(cmd))
	if err != nil {
		return nil, err
	}
	rows, over := chat.Block{Kind: chat.Fields}, chat.Block{Kind: chat.Bullets}
	for _, s := range byName(all) {
		switch {
		case s.Workspace != workspace(cmd), s.Disabled == digest.Draft, s.Disabled == removed && s.Origin == fromChat: // that was a draft too
		case ended(s):
			over.Items = append(over.Items, chat.Line(chat.Plain(s.Name+" · "+chat.Stored(s.Disabled).In(loc))))
		default:
			row, err := c.row(ctx, cmd, loc, s)
			if err != nil {
				return nil, err
			}
			rows.Items = append(rows.Items, row)
		}
	}
	blocks := []chat.Block{firstOf(rows, mostRows, loc)}
	if len(rows.Items) == 0 {
		blocks = []chat.Block{chat.Lines(chat.Text, loc.T("There is no digest yet; managers make one, as in `subscribe 08:00`."))}
	}
	over = firstOf(over, mostListed, loc)
	if len(over.Items) > 0 {
		blocks = append(blocks, chat.Lines(chat.Heading, loc.T("Ended")), over)
	}
	return []chat.Message{chat.Say(loc.T("Digests"), blocks...)}, nil
}

// firstOf keeps the first rows of a list, and says how many more there are: an
// answer with hundreds is cut by the platforms where nobody chose.
func firstOf(list chat.Block, most int, loc chat.Locale) chat.Block {
	more := len(list.Items) - most
	if more <= 0 {
		return list
	}
	last := chat.Line(chat.Plain(loc.T("and %d more", more)))
	if list.Kind == chat.Fields {
		last = chat.Field("…", chat.Plain(loc.T("and %d more", more)))
	}
	list.Items = append(list.Items[:most:most], last)
	return list
}

// row shows one subscription.
func (c *Commands) row(ctx context.Context, cmd chat.Command, loc chat.Locale, s digest.Subscription) (chat.Item, error) {
	state, err := c.state(ctx, s)
	if err != nil {
		return chat.Item{}, err
	}
	origin := loc.T("made in chat")
	if s.Origin != fromChat {
		origin = loc.T("from the configuration")
	}
	return chat.Field(s.Name, chat.Plain(strings.Join([]string{places(s, cmd.Address).In(loc), loc.T("%s (%s)", inWords(s.Cron), s.Zone), state.In(loc), origin, ""}, " · ")), chat.Mono(s.ID)), nil
}

// places names the channels of a subscription.
func places(s digest.Subscription, own digest.Address) chat.Spoken {
	var out chat.List
	for _, a := range s.Channels {
		if a == own {
			out = append(out, chat.P("this channel"))
			continue
		}
		out = append(out, a)
	}
	return out
}

// unsubscribe ends a subscription.
func (c *Commands) unsubscribe(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	_, s, err := c.change(ctx, cmd, picked, func(_ []digest.Subscription, s *digest.Subscription) error {
		if s.Origin != fromChat {
			return digest.Errorf(digest.Forbidden, "“%s” is set up in the configuration; remove the [[subscription]] with id = %q there, or `pause` it here.", s.Name, s.ID)
		}
		s.Disabled = unsubscribed + orElse(text.Line(cmd.User.Name, longestName), cmd.User.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.changed(ctx, cmd, s, "")
	return []chat.Message{chat.Note(c.locale(ctx, cmd).T("“%s” has ended; it is not posted to %s any more. Make a new one with `subscribe`.", s.Name, places(s, cmd.Address)))}, nil
}

// pause pauses a subscription.
func (c *Commands) pause(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	var till time.Time
	_, s, err := c.change(ctx, cmd, picked, func(_ []digest.Subscription, s *digest.Subscription) (err error) {
		if s.Disabled != "" {
			return digest.Errorf(digest.Conflict, "“%s” is disabled: %s. Bring it back with `resume %s`.", s.Name, chat.Stored(s.Disabled), s.Name)
		}
		till, err = pauseEnd(cmd.Args["until"], c.Now(), chat.LocaleFor("en", s.Zone).Zone)
		s.Paused, s.PausedTill = true, till
		return err
	})
	if err != nil {
		return nil, err
	}
	c.changed(ctx, cmd, s, "")
	if till.IsZero() {
		return []chat.Message{chat.Note(c.locale(ctx, cmd).T("“%s” is paused; `resume %s` brings it back.", s.Name, s.Name))}, nil
	}
	return c.planned(ctx, cmd, s, chat.P("“%s” is paused until %s; `resume %s` brings it back earlier.", s.Name, stamp(till, s.Zone), s.Name))
}

// resume brings a subscription back that is paused, or that was disabled
// because it could not be posted.
func (c *Commands) resume(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	was, s, err := c.change(ctx, cmd, picked, func(all []digest.Subscription, s *digest.Subscription) error {
		if _, err := schedule.Parse(s.Cron, s.Zone); err != nil {
			return sentence(err)
		}
		if s.Disabled != "" && s.Origin == fromChat {
			if err := room(all, cmd, *s, s.Channels); err != nil {
				return err
			}
		}
		s.Disabled, s.Paused, s.PausedTill = "", false, time.Time{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if was.Disabled == "" && !c.paused(was) {
		return c.planned(ctx, cmd, s, chat.P("“%s” is not paused.", s.Name))
	}
	c.changed(ctx, cmd, s, "")
	done := chat.P("“%s” is posted again.", s.Name)
	late, ok, err := c.overdue(ctx, s)
	if err != nil {
		return nil, err
	}
	if ok {
		done = chat.P("“%s” is posted again. The one that was due %s comes at once, late.", s.Name, stamp(late.At, s.Zone))
	}
	return c.planned(ctx, cmd, s, done)
}

// test shows what a subscription would post now, to the asking person alone.
func (c *Commands) test(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	draft := cmd
	draft.Args = map[string]string{"id": cmd.Args["name"]}
	s, err := c.find(ctx, draft, identified)
	if err != nil {
		s, err = c.find(ctx, cmd, picked)
	}
	if err != nil {
		return nil, err
	}
	e, err := c.Newsroom.Preview(ctx, s, c.Now())
	if err != nil {
		return nil, err
	}
	live, loc := s, c.locale(ctx, cmd)
	if s.Disabled == digest.Draft {
		live.Disabled = ""
	}
	state, err := c.state(ctx, live)
	if err != nil {
		return nil, err
	}
	note := chat.Note(loc.T("Test: this is what “%s” would post to %s now. Nothing was posted (%s).", s.Name, places(s, cmd.Address), state))
	if s.Disabled == digest.Draft {
		note.Buttons = confirming(s, loc)
	}
	return append([]chat.Message{note}, chat.Layout(e, chat.LocaleFor(e.Language, e.Zone))...), nil
}

// confirming are the buttons that save a draft, or do not.
func confirming(s digest.Subscription, loc chat.Locale) []chat.Button {
	return []chat.Button{{Label: loc.T("Subscribe"), Line: "confirm " + s.ID, Look: chat.Primary}, {Label: loc.T("Cancel"), Line: "discard " + s.ID}}
}
