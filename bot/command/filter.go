package command

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/edition"
)

// mostRules is how many filters and mutes a subscription has at most.
const mostRules = 100

// include adds a rule of which an article must fulfil one.
func (c *Commands) include(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.amend(ctx, cmd, func(s *digest.Subscription) (chat.Phrase, error) {
		rule := strings.TrimSpace(cmd.Args["words"])
		s.Include = add(s.Include, rule)
		return chat.P("“%s” shows only what has %s.", s.Name, anyOf(s.Include)), edition.CheckRule(rule)
	})
}

// exclude adds a rule that no article may fulfil.
func (c *Commands) exclude(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.amend(ctx, cmd, func(s *digest.Subscription) (chat.Phrase, error) {
		rule := strings.TrimSpace(cmd.Args["words"])
		s.Exclude = add(s.Exclude, rule)
		return chat.P("“%s” leaves out what has %s.", s.Name, anyOf(s.Exclude)), edition.CheckRule(rule)
	})
}

// unfilter takes a rule back.
func (c *Commands) unfilter(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.amend(ctx, cmd, func(s *digest.Subscription) (chat.Phrase, error) {
		rule := strings.TrimSpace(cmd.Args["words"])
		same := func(r string) bool { return strings.EqualFold(r, rule) }
		if !slices.ContainsFunc(s.Include, same) && !slices.ContainsFunc(s.Exclude, same) {
			return chat.Phrase{}, digest.Errorf(digest.NotFound, "“%s” has no filter %q; `filter list` shows those there are.", s.Name, clip(rule))
		}
		s.Include, s.Exclude = slices.DeleteFunc(slices.Clone(s.Include), same), slices.DeleteFunc(slices.Clone(s.Exclude), same)
		return chat.P("“%s” has no filter %q any more.", s.Name, rule), nil
	})
}

// add appends a rule that is not there yet.
func add(rules []string, rule string) []string {
	if slices.ContainsFunc(rules, func(r string) bool { return strings.EqualFold(r, rule) }) {
		return rules
	}
	return append(slices.Clone(rules), rule)
}

// anyOf lists rules as alternatives.
func anyOf(rules []string) chat.Spoken {
	out := make(chat.Names, len(rules))
	for i, r := range rules {
		out[i] = strconv.Quote(r)
	}
	return out
}

// muteStory leaves a story out.
func (c *Commands) muteStory(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	id := strings.TrimPrefix(strings.TrimSpace(cmd.Args["story"]), "#")
	if n, err := strconv.Atoi(id); err == nil && len(id) <= 3 {
		item, err := c.numbered(ctx, cmd, n)
		if err != nil {
			return nil, err
		}
		id = item.Brief.ID
	} else {
		st, err := c.Find(ctx, workspace(cmd), id)
		if err != nil {
			return nil, err
		}
		id = st.ID
	}
	return c.mute(ctx, cmd, digest.Mute{Kind: digest.MuteStory, Value: id})
}

// muteSource leaves a source or an outlet out.
func (c *Commands) muteSource(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	name := strings.TrimSpace(cmd.Args["source"])
	if name == "" {
		return nil, digest.Errorf(digest.Invalid, "Write which source, as in `mute source Ledger`; `sources` lists them.")
	}
	if ids, err := c.sourceIDs(ctx, workspace(cmd), name); err == nil && len(ids) == 1 {
		name = ids[0]
	}
	return c.mute(ctx, cmd, digest.Mute{Kind: digest.MuteSource, Value: name})
}

// muteTopic leaves out what has a word or phrase.
func (c *Commands) muteTopic(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	words := strings.TrimSpace(cmd.Args["words"])
	if err := edition.CheckRule(words); err != nil {
		return nil, err
	}
	return c.mute(ctx, cmd, digest.Mute{Kind: digest.MuteTopic, Value: words})
}

// mute adds a mute, or changes how long one lasts.
func (c *Commands) mute(ctx context.Context, cmd chat.Command, m digest.Mute) ([]chat.Message, error) {
	return c.amend(ctx, cmd, func(s *digest.Subscription) (chat.Phrase, error) {
		till, err := pauseEnd(cmd.Args["until"], c.Now(), chat.LocaleFor("en", s.Zone).Zone)
		if err != nil {
			return chat.Phrase{}, err
		}
		m.Till = till
		s.Mutes = append(slices.DeleteFunc(slices.Clone(s.Mutes), func(o digest.Mute) bool { return o.Kind == m.Kind && strings.EqualFold(o.Value, m.Value) }), m)
		if till.IsZero() {
			return chat.P("“%s” leaves %s out; `mute remove %s` takes that back.", s.Name, muted(m), m.Value), nil
		}
		return chat.P("“%s” leaves %s out until %s; `mute remove %s` takes that back.", s.Name, muted(m), stamp(till, s.Zone), m.Value), nil
	})
}

// unmute takes a mute back.
func (c *Commands) unmute(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.amend(ctx, cmd, func(s *digest.Subscription) (chat.Phrase, error) {
		value := strings.TrimSpace(cmd.Args["value"])
		kept := slices.DeleteFunc(slices.Clone(s.Mutes), func(m digest.Mute) bool { return strings.EqualFold(m.Value, value) })
		if len(kept) == len(s.Mutes) {
			return chat.Phrase{}, digest.Errorf(digest.NotFound, "“%s” has no mute %q; `filter list` shows those there are.", s.Name, clip(value))
		}
		s.Mutes = kept
		return chat.P("“%s” shows %s again.", s.Name, value), nil
	})
}

// muted says what a mute is about.
func muted(m digest.Mute) chat.Spoken {
	switch m.Kind {
	case digest.MuteStory:
		return chat.P("the story %s", m.Value)
	case digest.MuteSource:
		return chat.P("the source %s", m.Value)
	}
	return chat.P("the topic %q", m.Value)
}

// amend changes the rules of a subscription and says what that would have cut
// from its latest edition.
func (c *Commands) amend(ctx context.Context, cmd chat.Command, change func(*digest.Subscription) (chat.Phrase, error)) ([]chat.Message, error) {
	var done chat.Phrase
	before, sub, err := c.change(ctx, cmd, picked, func(_ []digest.Subscription, s *digest.Subscription) error {
		err := changeable(*s)
		if err == nil {
			done, err = change(s)
		}
		if err != nil {
			return err
		}
		s.Mutes = slices.DeleteFunc(slices.Clone(s.Mutes), func(m digest.Mute) bool { return !m.Holds(c.Now()) })
		if len(s.Include)+len(s.Exclude)+len(s.Mutes) > mostRules {
			return digest.Errorf(digest.TooLarge, "A digest has at most %d filters and mutes; take some back with `filter remove` or `mute remove`.", mostRules)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.changed(ctx, cmd, sub, given(cmd))
	loc := c.locale(ctx, cmd)
	blocks := []chat.Block{chat.Lines(chat.Text, done.In(loc))}
	cut, shown, err := c.wouldCut(ctx, cmd, before, sub)
	switch {
	case err != nil:
		return nil, err
	case shown == 0:
	case len(cut) == 0:
		blocks = append(blocks, chat.Lines(chat.Text, loc.T("Of the latest digest it would have cut nothing.")))
	default:
		blocks = append(blocks, chat.Lines(chat.Text, loc.T("Of the latest digest it would have cut %d of %d stories:", len(cut), shown)), chat.Lines(chat.Bullets, cut...))
	}
	return []chat.Message{chat.Say(sub.Name, blocks...)}, nil
}

// given writes what a person said to a command, besides the name of a digest.
func given(cmd chat.Command) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(cmd.Args)) {
		if name != "name" {
			out = append(out, name+":"+cmd.Args[name])
		}
	}
	return strings.Join(out, " ")
}

// wouldCut returns the headlines of the channel's latest edition that passed
// the old rules and would not pass the new ones, and how many stories it has.
func (c *Commands) wouldCut(ctx context.Context, cmd chat.Command, before, after digest.Subscription) ([]string, int, error) {
	e, err := c.Desk.LatestEdition(ctx, cmd.Address)
	if digest.KindOf(err) == digest.NotFound || err == nil && e.Subscription != after.ID {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	var ids []string
	for _, item := range e.Items {
		for _, ref := range item.Brief.Articles {
			ids = append(ids, ref.ID)
		}
	}
	articles, err := c.Archive.ArticlesByID(ctx, workspace(cmd), ids)
	if err != nil {
		return nil, 0, err
	}
	passed, passes := make(map[string]bool), make(map[string]bool)
	for _, a := range articles {
		passed[a.ID], passes[a.ID] = edition.Passes(before, a, c.Now()), edition.Passes(after, a, c.Now())
	}
	in := func(some map[string]bool, refs []digest.Reference) bool {
		return slices.ContainsFunc(refs, func(r digest.Reference) bool { return some[r.ID] })
	}
	var cut []string
	for _, item := range e.Items {
		refs := item.Brief.Articles
		if mutes(after, item.Brief.ID) || in(passed, refs) && !in(passes, refs) {
			cut = append(cut, item.Brief.Headline)
		}
	}
	return cut, len(e.Items), nil
}

// mutes reports whether a subscription leaves a story out.
func mutes(sub digest.Subscription, id string) bool {
	return slices.ContainsFunc(sub.Mutes, func(m digest.Mute) bool { return m.Kind == digest.MuteStory && m.Value == id })
}

// filters lists the rules of a subscription.
func (c *Commands) filters(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	sub, err := c.find(ctx, cmd, picked)
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	fields := chat.Block{Kind: chat.Fields}
	for _, row := range []struct {
		label string
		rules []string
	}{{loc.T("Only what has"), sub.Include}, {loc.T("Nothing that has"), sub.Exclude}} {
		if len(row.rules) > 0 {
			fields.Items = append(fields.Items, chat.Field(row.label, chat.Plain(anyOf(row.rules).In(loc))))
		}
	}
	for _, m := range sub.Mutes {
		if !m.Holds(c.Now()) {
			continue
		}
		said := muted(m).In(loc)
		if !m.Till.IsZero() {
			said = loc.T("%s until %s", said, stamp(m.Till, sub.Zone))
		}
		fields.Items = append(fields.Items, chat.Field(loc.T("Muted"), chat.Plain(said)))
	}
	if len(fields.Items) == 0 {
		return []chat.Message{chat.Note(loc.T("“%s” has no filters and no mutes.", sub.Name))}, nil
	}
	return []chat.Message{chat.Say(sub.Name, firstOf(fields, mostRows, loc))}, nil
}
