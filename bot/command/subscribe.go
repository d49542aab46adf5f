package command

import (
	"context"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
	"nutgraf/digest/text"
)

const (
	fromChat    = "chat" // the origin of subscriptions that commands make
	firstName   = "News digest"
	longestName = 80 // characters of a subscription's name
	mostStories = 60 // of one digest
	preview     = 3  // digests whose times an answer shows
)

// subscribe makes a subscription of the command's channel.
func (c *Commands) subscribe(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	sub, err := c.draft(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if err := c.create(ctx, cmd, sub); err != nil {
		return nil, err
	}
	c.changed(ctx, cmd, sub, sub.Cron+" "+sub.Zone)
	return c.planned(ctx, cmd, sub, chat.P("“%s” will be posted to this channel %s (%s).", sub.Name, inWords(sub.Cron), sub.Zone))
}

// draft reads a subscription from the options of a command.
func (c *Commands) draft(ctx context.Context, cmd chat.Command) (digest.Subscription, error) {
	sub := c.Default
	if cmd.Args["time"] == "" {
		return sub, digest.Errorf(digest.Invalid, "`time` is missing; %s.", chat.P(timeForms))
	}
	sub.Cron, sub.Zone = "", c.Zone
	err := retime(&sub, cmd)
	if err != nil {
		return sub, err
	}
	if sub.Sources, err = c.sourceIDs(ctx, workspace(cmd), cmd.Args["sources"]); err != nil {
		return sub, err
	}
	sub.Language = c.Language
	if code := cmd.Args["language"]; code != "" {
		sub.Language = code
	}
	sub.Name = chat.LocaleFor(sub.Language, "").T(firstName)
	if written := cmd.Args["name"]; written != "" {
		if sub.Name = text.Line(written, longestName); sub.Name == "" {
			return sub, digest.Errorf(digest.Invalid, "The name has no letter that can be shown; choose another one.")
		}
	}
	sub.Layout.Stories = chat.IntValue(cmd.Args["stories"], sub.Layout.Stories)
	now := c.Now()
	sub.ID, sub.Workspace, sub.Origin = c.NewID(), workspace(cmd), fromChat
	sub.Channels, sub.Since, sub.Changed = []digest.Address{cmd.Address}, now, now
	return sub, nil
}

// retime sets time and zone of a subscription, as far as a command gives them.
// The zone may also stand behind the time.
func retime(sub *digest.Subscription, cmd chat.Command) (err error) {
	at, zone := cmd.Args["time"], cmd.Args["zone"]
	if words := strings.Fields(at); zone == "" && len(words) > 1 && !isCron(words) {
		last := words[len(words)-1]
		if _, err := zoneOf(last); err == nil || strings.Contains(last, "/") {
			at, zone = strings.Join(words[:len(words)-1], " "), last
		}
	}
	if at != "" {
		if sub.Cron, err = cronOf(at, cmd.Args["days"]); err != nil {
			return err
		}
	}
	if zone != "" {
		if sub.Zone, err = zoneOf(zone); err != nil {
			return err
		}
	}
	if _, err := schedule.Parse(sub.Cron, sub.Zone); err != nil {
		return sentence(err)
	}
	return nil
}

// sourceIDs returns the ids of sources that are written by id or name, with
// commas between them. None stand for all.
func (c *Commands) sourceIDs(ctx context.Context, ws, written string) ([]string, error) {
	if written = strings.TrimSpace(written); written == "" || strings.EqualFold(written, "all") {
		return nil, nil
	}
	list, err := c.Desk.Sources(ctx, ws)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s digest.SourceStatus) bool { return s.Disabled })
	var out []string
	for word := range strings.FieldsFuncSeq(written, func(r rune) bool { return r == ',' || r == ';' }) {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		ids, err := matchSources(list, word)
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// matchSources finds one source by id or name, or several with blanks between.
func matchSources(list []digest.SourceStatus, written string) ([]string, error) {
	var known []string
	for _, s := range list {
		if strings.EqualFold(s.ID, written) || strings.EqualFold(s.Name, written) {
			return []string{s.ID}, nil
		}
		known = append(known, s.ID, s.Name)
	}
	if words := strings.Fields(written); len(words) > 1 {
		var out []string
		for _, word := range words {
			ids, err := matchSources(list, word)
			if err != nil {
				return nil, err
			}
			out = append(out, ids...)
		}
		return out, nil
	}
	if near := chat.Nearest(written, known); near != "" {
		return nil, digest.Errorf(digest.NotFound, "There is no source %q; did you mean %q?", clip(written), near)
	}
	return nil, digest.Errorf(digest.NotFound, "There is no source %q; `sources` lists those there are.", clip(written))
}

// reschedule changes time or zone of a subscription.
func (c *Commands) reschedule(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	if cmd.Args["time"] == "" && cmd.Args["zone"] == "" {
		return nil, digest.Errorf(digest.Invalid, "`time` is missing; %s.", chat.P(timeForms))
	}
	old, sub, err := c.change(ctx, cmd, picked, func(_ []digest.Subscription, s *digest.Subscription) error {
		if s.Origin != fromChat {
			return digest.Errorf(digest.Forbidden, "“%s” is set up in the configuration; change `cron` and `zone` of the [[subscription]] with id = %q there. Only `pause` and `resume` work on it here.", s.Name, s.ID)
		}
		return retime(s, cmd)
	})
	if err != nil {
		return nil, err
	}
	if sub.Cron == old.Cron && sub.Zone == old.Zone {
		return c.planned(ctx, cmd, sub, chat.P("“%s” is posted %s (%s) already.", sub.Name, inWords(sub.Cron), sub.Zone))
	}
	sub.Changed = c.Now()
	c.changed(ctx, cmd, sub, old.Cron+" "+old.Zone+" → "+sub.Cron+" "+sub.Zone)
	return c.planned(ctx, cmd, sub, chat.P("“%s” is now posted %s (%s).", sub.Name, inWords(sub.Cron), sub.Zone))
}

// planned is the answer to a change: what was done, and when the next digests
// come.
func (c *Commands) planned(ctx context.Context, cmd chat.Command, sub digest.Subscription, done chat.Phrase) ([]chat.Message, error) {
	next, err := c.firings(ctx, sub, preview)
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	blocks := []chat.Block{chat.Lines(chat.Text, done.In(loc))}
	switch {
	case sub.Disabled != "":
		blocks = append(blocks, chat.Lines(chat.Text, loc.T("It is disabled: %s. Bring it back with `resume`.", chat.Stored(sub.Disabled))))
	case c.paused(sub) && sub.PausedTill.IsZero():
		blocks = append(blocks, chat.Lines(chat.Text, loc.T("It is paused until somebody gives `resume`.")))
	case len(next) > 0:
		times := make([]string, len(next))
		for i, s := range next {
			times[i] = stamp(s.At, sub.Zone).In(loc)
		}
		blocks = append(blocks, chat.Lines(chat.Heading, loc.T("Next digests")), chat.Lines(chat.Bullets, times...))
	}
	return []chat.Message{chat.Say(sub.Name, blocks...)}, nil
}

// stamp writes an instant in a zone's local time, with the zone's letters at
// that time: "Sun 2026-03-29 08:00 CEST".
func stamp(at time.Time, zone string) chat.Moment { return chat.Moment{At: at, Zone: zone} }

// sentence makes the message of a lower layer a sentence for people.
func sentence(err error) error {
	if digest.KindOf(err) == digest.Internal {
		return err
	}
	return digest.Errorf(digest.KindOf(err), "%s", chat.Sentence{Err: err})
}
