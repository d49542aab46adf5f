package discord

import (
	"context"
	"time"

	"nutgraf/adapters/chat"
)

// suggestTime is how long suggestions are waited for: people go on typing.
const suggestTime = time.Second

// choices is the data of suggestions.
type choices struct {
	Choices []appChoice `json:"choices"`
}

// suggest answers what is typed into an option with what it may be. What comes
// too late is not shown.
func (p *Platform) suggest(ctx context.Context, h chat.Handler, i interaction) callback {
	ctx, cancel := context.WithTimeout(ctx, suggestTime)
	defer cancel()
	found := make(chan []chat.Choice, 1)
	go func() {
		var list []chat.Choice
		defer func() {
			if v := recover(); v != nil {
				p.log.Error("suggestions failed inside the program", "panic", v)
			}
			found <- list
		}()
		list = suggestions(ctx, h, i)
	}()
	out := choices{Choices: []appChoice{}}
	select {
	case list := <-found:
		for _, c := range list {
			if name := cutLine(c.Label, maxHelp); name != "" && c.Value != "" && size(c.Value) <= maxHelp && len(out.Choices) < maxOptions {
				out.Choices = append(out.Choices, appChoice{Name: name, Value: c.Value})
			}
		}
	case <-ctx.Done():
	}
	return callback{answerChoices, out}
}

// suggestions asks the handler about the option that is typed.
func suggestions(ctx context.Context, h chat.Handler, i interaction) []chat.Choice {
	s, ok := h.(chat.Suggester)
	c, options := i.subcommand()
	c.Address, c.User, c.Direct = i.address(), i.who(), i.Guild == ""
	for _, o := range options {
		if o.Focused && ok {
			typed := c.Args[o.Name]
			delete(c.Args, o.Name)
			return s.Suggest(ctx, c, o.Name, typed)
		}
	}
	return nil
}
