package command

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/edition"
	"nutgraf/digest/schedule"
	"nutgraf/digest/text"
)

// setting is one thing about a subscription that people may change.
type setting struct {
	chat.Option
	label string // where it is shown
	menu  bool   // is offered as a menu under the settings
	show  func(s digest.Subscription) chat.Spoken
	set   func(s *digest.Subscription, value string) error
}

// settings lists them in the order in which they are shown.
func settings() []setting {
	return []setting{
		{chat.Option{Name: "title", Help: "name of the digest"}, "Name", false,
			func(s digest.Subscription) chat.Spoken { return chat.Names{s.Name} }, setTitle},
		{chat.Option{Name: "stories", Help: "how many at most", Type: chat.IntOption, Min: 1, Max: mostStories}, "Stories", false,
			func(s digest.Subscription) chat.Spoken { return chat.Names{strconv.Itoa(orDefault(s.Layout.Stories))} },
			func(s *digest.Subscription, v string) error {
				s.Layout.Stories = chat.IntValue(v, s.Layout.Stories)
				return nil
			}},
		choice("length", "of each story", "Length", []string{"full", "short", "line"}, func(s *digest.Subscription) *string { return &s.Layout.Length }),
		choice("thread", "stories under the headlines", "Thread", []string{"auto", "yes", "no"}, func(s *digest.Subscription) *string { return &s.Layout.Thread }),
		choice("empty", "what comes when there is nothing new", "When empty", []string{"skip", "note"}, func(s *digest.Subscription) *string { return &s.Empty }),
		choice("language", "of the labels", "Language", chat.Languages(), func(s *digest.Subscription) *string { return &s.Language }),
		toggle("images", "pictures beside the stories", "Pictures", func(s *digest.Subscription) *bool { return &s.Layout.Images }),
		toggle("silent", "posts notify nobody", "Silent", func(s *digest.Subscription) *bool { return &s.Layout.Silent }),
		{chat.Option{Name: "ping", Help: "whom it calls: a role or user group, here, or none"}, "Calls", false,
			func(s digest.Subscription) chat.Spoken { return orNone(s.Layout.Ping) }, setPing},
		toggle("publish", "announcement channels pass posts on", "Published", func(s *digest.Subscription) *bool { return &s.Layout.Publish }),
		{chat.Option{Name: "tag", Help: "of posts in a forum, or none"}, "Tag", false,
			func(s digest.Subscription) chat.Spoken { return orNone(s.Layout.Tag) }, setTag},
		{chat.Option{Name: "days-off", Help: "days without a digest, as in 2026-12-24,12-25, or none"}, "Days off", false,
			func(s digest.Subscription) chat.Spoken { return orNone(s.DaysOff...) }, setDaysOff},
		{chat.Option{Name: "also-in", Help: "other channels that get it too, or none"}, "Also in", false,
			func(s digest.Subscription) chat.Spoken { return orNone(others(s)...) }, setAlsoIn},
		{chat.Option{Name: "editors", Help: "channel that gets the draft first, or none"}, "Editors", false,
			func(s digest.Subscription) chat.Spoken { return orNone(s.Review.Channel) }, setEditors},
		{chat.Option{Name: "lead", Help: "how long before, as in 1h", Type: chat.DurationOption}, "They get it before by", false,
			func(s digest.Subscription) chat.Spoken { return orNone(brief(s.Review.Ahead())) }, setLead},
		choice("undecided", "what happens when the editors do not decide", "When undecided", []string{"publish", "hold", "skip"}, func(s *digest.Subscription) *string { return &s.Review.Rule }),
		{chat.Option{Name: "catch-up", Help: "how late it may come, as in 6h", Type: chat.DurationOption}, "Comes late by", false,
			func(s digest.Subscription) chat.Spoken { return chat.Names{brief(schedule.CatchUp(s))} }, setCatchUp},
		choice("in-doubt", "after a post that may have failed", "In doubt", []string{"park", "resend"}, func(s *digest.Subscription) *string { return &s.OnUnknown }),
	}
}

// choice is a setting with a few values, of which the first is the default.
func choice(name, help, label string, values []string, field func(*digest.Subscription) *string) setting {
	return setting{chat.Option{Name: name, Help: help, Choices: values}, label, true,
		func(s digest.Subscription) chat.Spoken {
			return typed(orElse(*field(&s), values[0]))
		},
		func(s *digest.Subscription, v string) error {
			if *field(s) = v; v == "auto" {
				*field(s) = ""
			}
			return nil
		}}
}

// typed is a value that people type in English. They read it in their language,
// with the word that is typed.
type typed string

// In says the value.
func (v typed) In(l chat.Locale) string {
	said := l.T("%s", digest.Words(v))
	if said == string(v) {
		return said
	}
	return l.T("%s (%s)", said, string(v))
}

// String returns what is typed.
func (v typed) String() string { return string(v) }

// toggle is a setting that is on or off.
func toggle(name, help, label string, field func(*digest.Subscription) *bool) setting {
	return setting{chat.Option{Name: name, Help: help, Type: chat.BoolOption}, label, false,
		func(s digest.Subscription) chat.Spoken {
			if *field(&s) {
				return chat.P("yes")
			}
			return chat.P("no")
		},
		func(s *digest.Subscription, v string) error { *field(s) = v == "true"; return nil }}
}

// orDefault returns how many stories a digest shows that does not say.
func orDefault(n int) int {
	if n == 0 {
		return edition.DefaultStories
	}
	return n
}

func orNone(list ...string) chat.Spoken {
	if list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" }); len(list) == 0 {
		return chat.P("none")
	}
	return chat.Names(list)
}

// brief writes a span of time without zeros: "6h", "1h30m".
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func setTitle(s *digest.Subscription, v string) error {
	if s.Name = text.Line(v, longestName); s.Name == "" {
		return digest.Errorf(digest.Invalid, "The name has no letter that can be shown; choose another one.")
	}
	return nil
}

func setPing(s *digest.Subscription, v string) error {
	if v = strings.Trim(v, "<@&!>^"); strings.EqualFold(v, "none") {
		v = ""
	}
	v = strings.TrimPrefix(v, "subteam^") // as Slack writes a user group
	v, _, _ = strings.Cut(v, "|")
	s.Layout.Ping = v
	return digest.CheckPing(v)
}

func setTag(s *digest.Subscription, v string) error {
	if s.Layout.Tag = text.Line(v, digest.MaxTag); strings.EqualFold(v, "none") {
		s.Layout.Tag = ""
	}
	return nil
}

func setDaysOff(s *digest.Subscription, v string) error {
	s.DaysOff = nil
	for day := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		if strings.EqualFold(day, "none") {
			continue
		}
		if err := schedule.CheckDay(day); err != nil {
			return err
		}
		s.DaysOff = append(s.DaysOff, day)
	}
	if len(s.DaysOff) > 100 {
		return digest.Errorf(digest.TooLarge, "A digest has at most %d days off; leave out those that are over.", 100)
	}
	return nil
}

// others lists the channels of a subscription besides the first.
func others(s digest.Subscription) []string {
	var out []string
	for _, a := range s.Channels[min(1, len(s.Channels)):] {
		out = append(out, a.String())
	}
	return out
}

// mostChannels is how many channels a subscription made in chat posts to.
const mostChannels = 10

// setAlsoIn reads further channels of the subscription's platform and workspace.
func setAlsoIn(s *digest.Subscription, v string) error {
	s.Channels = s.Channels[:1:1]
	for word := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		if strings.EqualFold(word, "none") {
			continue
		}
		a, err := channelOf(s.Channels[0], word)
		if err != nil {
			return err
		}
		if !slices.Contains(s.Channels, a) {
			s.Channels = append(s.Channels, a)
		}
	}
	if len(s.Channels) > mostChannels {
		return digest.Errorf(digest.TooLarge, "A digest goes to at most %d channels; make another one for the rest.", mostChannels)
	}
	return nil
}

// channelOf reads a channel beside another one: its id, as the platform writes
// it or bare.
func channelOf(beside digest.Address, written string) (digest.Address, error) {
	id, _, _ := strings.Cut(strings.Trim(written, "<#>"), "|")
	a := digest.Address{Platform: beside.Platform, Workspace: beside.Workspace, Channel: id}
	if _, err := digest.ParseAddress(a.String()); err != nil || strings.ContainsAny(id, ":/") {
		return a, digest.Errorf(digest.Invalid, "%q is no channel here; name one as #channel, or by its id.", clip(written))
	}
	return a, nil
}

// setEditors reads the channel of the editors.
func setEditors(s *digest.Subscription, v string) error {
	if s.Review.Channel = ""; strings.EqualFold(v, "none") {
		return nil
	}
	a, err := channelOf(s.Channels[0], v)
	if err == nil {
		s.Review.Channel = a.String()
	}
	return err
}

func setLead(s *digest.Subscription, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < 5*time.Minute || d > 12*time.Hour {
		return digest.Errorf(digest.Invalid, "The editors get the draft 5 minutes to 12 hours before; write a span like 1h.")
	}
	s.Review.Lead = d
	return nil
}

func setCatchUp(s *digest.Subscription, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d > 7*24*time.Hour {
		return digest.Errorf(digest.Invalid, "A digest may come at most a week late; write a span like 6h.")
	}
	s.CatchUp = d
	return nil
}

// settingOptions are the options of the command, besides the name.
func settingOptions() []chat.Option {
	var out []chat.Option
	for _, s := range settings() {
		s.Keyed = true
		out = append(out, s.Option)
	}
	return out
}

// settings shows the settings of a subscription, or changes some.
func (c *Commands) settings(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	values := make(map[string]string)
	for name, v := range cmd.Args {
		if name != "name" {
			values[name] = v
		}
	}
	return c.set(ctx, cmd, picked, values, 0)
}

// setOne changes one setting of a subscription, by a menu: of a draft too. The
// menus begin where they began before.
func (c *Commands) setOne(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.set(ctx, cmd, identified, map[string]string{cmd.Args["setting"]: cmd.Args["value"]}, chat.IntValue(cmd.Args["from"], 0))
}

// moreSettings shows the menus for which there was no room.
func (c *Commands) moreSettings(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.set(ctx, cmd, identified, nil, chat.IntValue(cmd.Args["from"], 0)+chat.IntValue(cmd.Args["shown"], 0))
}

// set changes settings and shows them all, with the menus from one of them on.
func (c *Commands) set(ctx context.Context, cmd chat.Command, which picker, values map[string]string, from int) ([]chat.Message, error) {
	var done []string
	for _, s := range settings() {
		if v, ok := values[s.Name]; ok {
			done = append(done, s.Name+"="+v)
		}
	}
	sub, err := c.find(ctx, cmd, which)
	if err != nil {
		return nil, err
	}
	if len(done) == 0 {
		return c.overview(ctx, cmd, sub, from)
	}
	trial := sub // the platform is asked before anything is held that others wait for
	if err := apply(&trial, values); err != nil {
		return nil, err
	}
	if err := c.foreign(ctx, trial, values); err != nil {
		return nil, err
	}
	_, sub, err = c.change(ctx, cmd, which, func(all []digest.Subscription, s *digest.Subscription) error {
		before := s.Channels
		if err := apply(s, values); err != nil {
			return err
		}
		more := slices.DeleteFunc(slices.Clone(s.Channels), func(a digest.Address) bool { return slices.Contains(before, a) })
		return room(all, cmd, *s, more)
	})
	if err != nil {
		return nil, err
	}
	if sub.Disabled != digest.Draft {
		c.changed(ctx, cmd, sub, strings.Join(done, " "))
	}
	return c.overview(ctx, cmd, sub, from)
}

// apply gives settings of a subscription the values that people wrote.
func apply(sub *digest.Subscription, values map[string]string) error {
	for _, s := range settings() {
		v, ok := values[s.Name]
		if !ok {
			continue
		}
		checked, err := chat.Check(chat.Spec{Name: "settings", Options: []chat.Option{s.Option}}, chat.Command{Args: map[string]string{s.Name: v}})
		if err != nil {
			return err
		}
		if err := s.set(sub, checked.Args[s.Name]); err != nil {
			return err
		}
	}
	return changeable(*sub)
}

// foreign refuses channels that people named and that are not of the
// workspace, as the platform says.
func (c *Commands) foreign(ctx context.Context, sub digest.Subscription, values map[string]string) error {
	var named []digest.Address
	if _, ok := values["also-in"]; ok {
		named = append(named, sub.Channels[1:]...)
	}
	if _, ok := values["editors"]; ok && sub.Review.Channel != "" {
		a, err := digest.ParseAddress(sub.Review.Channel)
		if err != nil {
			return err
		}
		named = append(named, a)
	}
	for _, a := range named {
		if c.Belongs == nil {
			return digest.Errorf(digest.Unavailable, "Other channels cannot be named here.")
		}
		if err := c.Belongs(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// overview shows a subscription with all its settings and when it comes next.
// Whoever may change it finds menus below, from one of them on, and buttons.
func (c *Commands) overview(ctx context.Context, cmd chat.Command, sub digest.Subscription, from int) ([]chat.Message, error) {
	loc := c.locale(ctx, cmd)
	draft := sub.Disabled == digest.Draft
	live := sub
	if draft {
		live.Disabled = ""
	}
	next, err := c.firings(ctx, live, preview)
	if err != nil {
		return nil, err
	}
	fields := chat.Block{Kind: chat.Fields, Items: []chat.Item{
		chat.Field(loc.T("Posts"), chat.Plain(loc.T("%s (%s)", inWords(sub.Cron), sub.Zone))),
		chat.Field(loc.T("Channels"), chat.Plain(places(sub, cmd.Address).In(loc))),
		chat.Field(loc.T("Sources"), chat.Plain(c.sourceNames(ctx, cmd, sub).In(loc))),
	}}
	m := chat.Say(sub.Name)
	for _, s := range shown(sub)[1:] {
		fields.Items = append(fields.Items, chat.Field(loc.T(s.label), chat.Plain(s.show(sub).In(loc))))
	}
	m.Menus = menus(sub, loc)
	if from = min(max(from, 0), len(m.Menus)); from == len(m.Menus) {
		from = 0
	}
	m.Menus = m.Menus[from:]
	m.Further = chat.Button{Label: loc.T("More settings"), Line: "more-settings " + sub.ID + " " + strconv.Itoa(from)}
	if from > 0 {
		for i := range m.Menus {
			m.Menus[i].Line += " from:" + strconv.Itoa(from)
		}
	}
	m.Blocks = append(m.Blocks, fields)
	if len(next) > 0 {
		times := make([]string, len(next))
		for i, s := range next {
			times[i] = stamp(s.At, sub.Zone).In(loc)
		}
		m.Blocks = append(m.Blocks, chat.Lines(chat.Heading, loc.T("Next digests")), chat.Lines(chat.Bullets, times...))
	}
	if draft {
		m.Blocks = append(m.Blocks, chat.Lines(chat.Meta, loc.T("Nothing is saved yet.")))
		m.Buttons = slices.Insert(confirming(sub, loc), 1, chat.Button{Label: loc.T("Preview"), Line: "test " + sub.ID})
	}
	if from > 0 {
		m.Buttons = append(m.Buttons, chat.Button{Label: loc.T("Back"), Line: "more-settings " + sub.ID})
	}
	return []chat.Message{m}, nil
}

// shown are the settings that a subscription shows: without those about its
// editors where it has none.
func shown(sub digest.Subscription) []setting {
	return slices.DeleteFunc(settings(), func(s setting) bool {
		return sub.Review.Channel == "" && (s.Name == "lead" || s.Name == "undecided")
	})
}

// menus are the menus with which a subscription is changed that was made in chat.
func menus(sub digest.Subscription, loc chat.Locale) []chat.Menu {
	if sub.Origin != fromChat {
		return nil
	}
	var out []chat.Menu
	for _, s := range shown(sub) {
		if !s.menu {
			continue
		}
		menu := chat.Menu{Label: loc.T(s.label), Line: "set " + sub.ID + " " + s.Name, Value: s.show(sub).String()}
		for _, v := range s.Choices {
			menu.Choices = append(menu.Choices, chat.Choice{Value: v, Label: typed(v).In(loc)})
		}
		out = append(out, menu)
	}
	return out
}

// sourceNames names the sources of a subscription.
func (c *Commands) sourceNames(ctx context.Context, cmd chat.Command, sub digest.Subscription) chat.Spoken {
	if len(sub.Sources) == 0 {
		return chat.P("all")
	}
	list, err := c.Desk.Sources(ctx, workspace(cmd))
	if err != nil {
		return chat.Names(sub.Sources)
	}
	var out chat.Names
	for _, id := range sub.Sources {
		name := id
		for _, s := range list {
			if s.ID == id {
				name = sourceName(s)
			}
		}
		out = append(out, name)
	}
	return out
}
