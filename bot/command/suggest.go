package command

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	mostSuggested = 25
	longestChoice = 75 // characters of what is offered
)

// Suggest offers what an option of a command may be: what begins like the typed
// text first, then what holds it.
func (c *Commands) Suggest(ctx context.Context, cmd chat.Command, option, typed string) []chat.Choice {
	for _, e := range table() {
		if e.Name != cmd.Name || c.refuse(e, cmd) != nil {
			continue
		}
		for _, o := range e.Options {
			if o.Name == option && o.Suggest {
				return matching(c.offers(ctx, cmd, option, typed), typed)
			}
		}
	}
	return nil
}

// offers lists all that an option may be. What cannot be looked up is not
// offered: people may still type it.
func (c *Commands) offers(ctx context.Context, cmd chat.Command, option, typed string) []chat.Choice {
	var out []chat.Choice
	switch option {
	case "zone":
		for _, z := range knownZones() {
			out = append(out, chat.Choice{Value: z, Label: z})
		}
		if near := NearZone(typed); near != "" && typed != "" {
			out = append([]chat.Choice{{Value: near, Label: near}}, out...)
		}
	case "name":
		list, err := c.managed(ctx, cmd)
		if err != nil {
			return nil
		}
		for _, s := range append(here(list, cmd.Address), list...) {
			out = append(out, chat.Choice{Value: s.ID, Label: s.Name})
		}
	case "source", "sources":
		list, err := c.Desk.Sources(ctx, workspace(cmd))
		if err != nil {
			return nil
		}
		for _, s := range list {
			if !s.Disabled {
				out = append(out, chat.Choice{Value: s.ID, Label: sourceName(s)})
			}
		}
	case "story", "id":
		e, err := c.Desk.LatestEdition(ctx, cmd.Address)
		if err != nil {
			return nil
		}
		for _, it := range e.Items {
			if it.Correction == digest.Withdrawn {
				continue
			}
			out = append(out, chat.Choice{Value: it.Brief.ID, Label: strconv.Itoa(it.N) + ". " + it.Brief.Headline})
		}
	case "date", "since", "until":
		out = c.days(c.locale(ctx, cmd), option == "until")
	}
	return out
}

// days offers the days of a week and their names, back or ahead.
func (c *Commands) days(loc chat.Locale, ahead bool) []chat.Choice {
	step := -1
	if ahead {
		step = 1
	}
	var out []chat.Choice
	now := c.Now()
	for n := range 8 {
		at := now.AddDate(0, 0, step*n)
		day := at.In(loc.Place()).Format(time.DateOnly)
		out = append(out, chat.Choice{Value: day, Label: day + " · " + loc.Date(at)})
	}
	return out
}

// matching returns what fits the typed text, each value once.
func matching(list []chat.Choice, typed string) []chat.Choice {
	typed = strings.ToLower(strings.TrimSpace(typed))
	rank := func(ch chat.Choice) int {
		label, value := strings.ToLower(ch.Label), strings.ToLower(ch.Value)
		switch {
		case strings.HasPrefix(label, typed) || strings.HasPrefix(value, typed):
			return 0
		case strings.Contains(label, typed) || strings.Contains(value, typed):
			return 1
		}
		return 2
	}
	seen := make(map[string]bool)
	list = slices.DeleteFunc(list, func(ch chat.Choice) bool {
		again := seen[ch.Value]
		seen[ch.Value] = true
		return again || ch.Value == "" || len(ch.Value) > longestChoice || rank(ch) == 2
	})
	slices.SortStableFunc(list, func(a, b chat.Choice) int { return rank(a) - rank(b) })
	list = list[:min(len(list), mostSuggested)]
	for i, ch := range list {
		if utf8.RuneCountInString(ch.Label) > longestChoice {
			list[i].Label = string([]rune(ch.Label)[:longestChoice-1]) + "…"
		}
	}
	return list
}
