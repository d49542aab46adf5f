package command

import (
	"context"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// sketch keeps what a form said as a draft, and shows what would come of it.
func (c *Commands) sketch(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	sub, err := c.draft(ctx, cmd)
	if err != nil {
		return nil, err
	}
	sub.Disabled = digest.Draft
	if err := c.create(ctx, cmd, sub); err != nil {
		return nil, err
	}
	return c.overview(ctx, cmd, sub, 0)
}

// confirm makes a draft a subscription. Its first digest lies in the future,
// however long the draft lay there.
func (c *Commands) confirm(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	was, sub, err := c.change(ctx, cmd, identified, func(all []digest.Subscription, s *digest.Subscription) error {
		if s.Disabled != digest.Draft {
			return nil
		}
		s.Disabled, s.Since, s.Changed = "", c.Now(), c.Now()
		return admit(all, cmd, *s)
	})
	switch {
	case err != nil:
		return nil, err
	case was.Disabled != digest.Draft:
		return c.planned(ctx, cmd, sub, chat.P("“%s” is posted %s (%s) already.", sub.Name, inWords(sub.Cron), sub.Zone))
	}
	c.changed(ctx, cmd, sub, "")
	return c.planned(ctx, cmd, sub, chat.P("“%s” will be posted to this channel %s (%s).", sub.Name, inWords(sub.Cron), sub.Zone))
}

// discard forgets a draft.
func (c *Commands) discard(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	_, _, err := c.change(ctx, cmd, identified, func(_ []digest.Subscription, s *digest.Subscription) error {
		if s.Disabled == digest.Draft {
			s.Disabled = removed
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []chat.Message{chat.Note(c.locale(ctx, cmd).T("Nothing was saved."))}, nil
}

// Form returns the form of a command that lacks what only a person can say.
func (c *Commands) Form(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	for _, e := range table() {
		if e.Name != cmd.Name || e.form == nil {
			continue
		}
		if problem := c.refuse(e, cmd); problem != nil {
			return nil, problem
		}
		return e.form(c, ctx, cmd)
	}
	return nil, nil
}

// subscribeForm asks for what a new subscription needs, unless the time is
// given: then there is nothing to ask.
func (c *Commands) subscribeForm(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if cmd.Args["time"] != "" {
		return nil, nil
	}
	loc := c.locale(ctx, cmd)
	sources, err := c.Desk.Sources(ctx, workspace(cmd))
	if err != nil {
		return nil, err
	}
	pickSources := chat.Input{Option: chat.Option{Name: "sources", Help: "all when none is chosen"}, Label: loc.T("Sources"), Many: true}
	for _, s := range sources {
		if !s.Disabled {
			pickSources.Values = append(pickSources.Values, chat.Choice{Value: s.ID, Label: sourceName(s)})
		}
	}
	days := chat.Input{Option: chat.Option{Name: "days"}, Label: loc.T("Days"), Value: "every day", Values: []chat.Choice{
		{Value: "every day", Label: loc.T("every day")}, {Value: "weekdays", Label: loc.T("on weekdays")}, {Value: "weekends", Label: loc.T("on weekends")}}}
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		days.Values = append(days.Values, chat.Choice{Value: d.String(), Label: loc.T("on %s", chat.Days{d})})
	}
	return &chat.Form{Title: loc.T("New digest"), Submit: loc.T("Continue"), Command: "sketch",
		Args: map[string]string{"stories": cmd.Args["stories"], "language": cmd.Args["language"]},
		Fields: []chat.Input{
			{Option: chat.Option{Name: "time", Help: "as in 08:00, 8am or 8:00 and 18:00", Required: true}, Label: loc.T("Time"), Value: "08:00"},
			days,
			{Option: chat.Option{Name: "zone", Required: true, Suggest: true}, Label: loc.T("Time zone"), Value: orElse(cmd.Args["zone"], c.Zone)},
			pickSources,
			{Option: chat.Option{Name: "name", Help: "its title"}, Label: loc.T("Name"), Value: orElse(cmd.Args["name"], loc.T(firstName))},
		}}, nil
}

// scheduleForm asks for time and zone of a subscription.
func (c *Commands) scheduleForm(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if cmd.Args["time"] != "" || cmd.Args["zone"] != "" {
		return nil, nil
	}
	sub, err := c.find(ctx, cmd, picked)
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	return &chat.Form{Title: loc.T("Schedule"), Submit: loc.T("Save"), Command: "schedule", Args: map[string]string{"name": sub.ID},
		Fields: []chat.Input{
			{Option: chat.Option{Name: "time", Help: "as in 08:00, weekdays 8:30 or five cron fields", Required: true}, Label: loc.T("Time"), Value: sub.Cron},
			{Option: chat.Option{Name: "zone", Required: true, Suggest: true}, Label: loc.T("Time zone"), Value: sub.Zone},
		}}, nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
