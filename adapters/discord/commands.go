package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// LinkMenu is the entry of a message's menu that summarises the first link in
// the message.
const LinkMenu = "Summarise this link"

// appCommand is a command as Discord registers it.
// https://discord.com/developers/docs/interactions/application-commands
type appCommand struct {
	Type        int         `json:"type"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Options     []appOption `json:"options,omitempty"`
	Contexts    []int       `json:"contexts"`
	Installs    []int       `json:"integration_types"`
}

// appOption is a subcommand, or an option of one.
type appOption struct {
	Type        int         `json:"type"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Required    bool        `json:"required,omitempty"`
	Choices     []appChoice `json:"choices,omitempty"`
	Min         *int        `json:"min_value,omitempty"`
	Max         *int        `json:"max_value,omitempty"`
	MaxLength   int         `json:"max_length,omitempty"`
	Options     []appOption `json:"options,omitempty"`
}

type appChoice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The kinds of commands and options.
const (
	slashCommand   = 1
	messageCommand = 3

	subcommand      = 1
	subcommandGroup = 2
	stringOption    = 3
	intOption       = 4
	boolOption      = 5
)

// registered returns the commands that Discord is to show: one with a
// subcommand for each spec, and the entry of the message menu.
func registered(name string, specs []chat.Spec, withMenu bool) ([]appCommand, error) {
	places := []int{0, 1} // servers and direct messages with the bot
	root := appCommand{Type: slashCommand, Name: name, Description: "News digests: read, search and look up", Contexts: places, Installs: []int{0}}
	for _, s := range specs {
		if s.Hidden {
			continue
		}
		group, name, grouped := strings.Cut(s.Name, " ")
		if !grouped {
			name = s.Name
		}
		sub := appOption{Type: subcommand, Name: name, Description: described(s.Help, s.Name)}
		for _, o := range s.Options {
			sub.Options = append(sub.Options, option(s, o))
		}
		slices.SortStableFunc(sub.Options, func(a, b appOption) int { // Discord wants the required ones first
			return cmp.Compare(rank(a), rank(b))
		})
		if !grouped {
			root.Options = append(root.Options, sub)
			continue
		}
		at := slices.IndexFunc(root.Options, func(o appOption) bool { return o.Type == subcommandGroup && o.Name == group })
		if at < 0 {
			at = len(root.Options)
			root.Options = append(root.Options, appOption{Type: subcommandGroup, Name: group, Description: group})
		}
		root.Options[at].Options = append(root.Options[at].Options, sub)
	}
	if len(root.Options) > maxCommands {
		return nil, digest.Errorf(digest.Internal, "there are %d commands and groups, and Discord takes %d", len(root.Options), maxCommands)
	}
	if n := weight(root.Options) + size(root.Name) + size(root.Description); n > maxCommandChars {
		return nil, digest.Errorf(digest.Internal, "the texts of the commands have %d characters, and Discord takes %d", n, maxCommandChars)
	}
	out := []appCommand{root}
	if withMenu {
		out = append(out, appCommand{Type: messageCommand, Name: LinkMenu, Contexts: places, Installs: []int{0}})
	}
	return out, nil
}

func rank(o appOption) int {
	if o.Required {
		return 0
	}
	return 1
}

// described is a help text as a description, which may not be empty.
func described(help, name string) string {
	if help = cutLine(help, maxHelp); help == "" {
		return name
	}
	return help
}

func option(s chat.Spec, o chat.Option) appOption {
	out := appOption{Type: stringOption, Name: o.Name, Description: described(o.Help, o.Name), Required: o.Required && !s.OpensForm}
	switch o.Type {
	case chat.IntOption:
		out.Type = intOption
		if o.Min != 0 || o.Max != 0 {
			out.Min, out.Max = &o.Min, &o.Max
		}
	case chat.BoolOption:
		out.Type = boolOption
	case chat.TextOption:
		if len(o.Choices) > maxCommands { // as many choices as subcommands
			break
		}
		for _, c := range o.Choices {
			out.Choices = append(out.Choices, appChoice{cutLine(c, maxHelp), c})
		}
	}
	return out
}

// weight counts the characters that Discord counts.
func weight(options []appOption) int {
	n := 0
	for _, o := range options {
		n += size(o.Name) + size(o.Description) + weight(o.Options)
		for _, c := range o.Choices {
			n += size(c.Name) + size(c.Value)
		}
	}
	return n
}

// register makes Discord show the commands. They are written only when they
// differ from what is there, because writing replaces all of them and is
// limited per day.
func (p *Platform) register(ctx context.Context, specs []chat.Spec) error {
	want, err := registered(p.cfg.Command, specs, p.menuSpec(specs) != nil)
	if err != nil {
		return err
	}
	app, err := p.application(ctx)
	if err != nil {
		return err
	}
	path := "applications/" + url.PathEscape(app) + "/commands"
	var have []appCommand
	if err := p.call(ctx, http.MethodGet, path, nil, &have); err != nil {
		return err
	}
	if same(have, want) {
		return nil
	}
	p.log.Info("the commands are registered with Discord", "command", "/"+p.cfg.Command, "subcommands", len(specs))
	return p.call(ctx, http.MethodPut, path, want, nil)
}

// same compares commands regardless of their order and of fields that Discord adds.
func same(a, b []appCommand) bool {
	canon := func(list []appCommand) string {
		var out []string
		for _, c := range list {
			slices.Sort(c.Contexts)
			slices.Sort(c.Installs)
			text, err := json.Marshal(c)
			if err != nil {
				return ""
			}
			out = append(out, string(text))
		}
		slices.Sort(out)
		return strings.Join(out, "\n")
	}
	return canon(slices.Clone(a)) == canon(slices.Clone(b))
}

// menuSpec returns the command that the message menu runs, or nil.
func (p *Platform) menuSpec(specs []chat.Spec) *chat.Spec {
	for i, s := range specs {
		if s.Name == p.cfg.LinkCommand && len(s.Options) > 0 && s.Options[0].Type == chat.TextOption {
			return &specs[i]
		}
	}
	return nil
}
