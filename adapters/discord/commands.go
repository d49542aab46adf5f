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

// appCommand is a command as Discord registers it.
// https://discord.com/developers/docs/interactions/application-commands
type appCommand struct {
	Type         int         `json:"type"`
	Name         string      `json:"name"`
	Names        localized   `json:"name_localizations,omitempty"`
	Description  string      `json:"description,omitempty"` // menu entries have none
	Descriptions localized   `json:"description_localizations,omitempty"`
	Options      []appOption `json:"options,omitempty"`
	Contexts     []int       `json:"contexts"`
	Installs     []int       `json:"integration_types"`
}

// localized is a text in other languages, by Discord's names of them.
type localized map[string]string

// appOption is a subcommand, or an option of one.
type appOption struct {
	Type         int         `json:"type"`
	Name         string      `json:"name"`
	Description  string      `json:"description"`
	Descriptions localized   `json:"description_localizations,omitempty"`
	Autocomplete bool        `json:"autocomplete,omitempty"`
	Required     bool        `json:"required,omitempty"`
	Choices      []appChoice `json:"choices,omitempty"`
	Min          *int        `json:"min_value,omitempty"`
	Max          *int        `json:"max_value,omitempty"`
	MaxLength    int         `json:"max_length,omitempty"`
	Options      []appOption `json:"options,omitempty"`
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
	fileOption      = 11
)

// registered returns the commands that Discord is to show: one with a
// subcommand for each spec, and the entries of the message menu. Descriptions
// are in as many languages as there is room for: all, those of the commands
// alone, or English.
func registered(name string, specs []chat.Spec, menus []chat.Phrase) ([]appCommand, error) {
	places := []int{0, 1} // servers and direct messages with the bot
	root := appCommand{Type: slashCommand, Name: name, Description: rootHelp, Descriptions: inLanguages(chat.P(rootHelp), maxHelp), Contexts: places, Installs: []int{0}}
	for _, s := range specs {
		if s.Hidden {
			continue
		}
		group, name, grouped := strings.Cut(s.Name, " ")
		if !grouped {
			name = s.Name
		}
		sub := appOption{Type: subcommand, Name: name, Description: described(s.Help, s.Name), Descriptions: inLanguages(chat.P(s.Help), maxHelp)}
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
	for _, depth := range []int{2, 1} { // of what is in English only, where all languages are too much
		if weight(root.Options)+root.own() > maxCommandChars {
			anglicize(root.Options, depth)
		}
	}
	if n := weight(root.Options) + root.own(); n > maxCommandChars {
		return nil, digest.Errorf(digest.Internal, "the texts of the commands have %d characters, and Discord takes %d", n, maxCommandChars)
	}
	out := []appCommand{root}
	for _, entry := range menus {
		out = append(out, appCommand{Type: messageCommand, Name: entry.String(), Names: inLanguages(entry, maxMenuName), Contexts: places, Installs: []int{0}})
	}
	return out, nil
}

// rootHelp describes the command itself.
const rootHelp = "News digests: read, search and look up"

// languages are Discord's names of the languages in which we speak, beside
// English.
// https://discord.com/developers/docs/reference#locales
var languages = map[string]string{"de": "de", "fr": "fr", "es-ES": "es", "es-419": "es", "ja": "ja"}

// inLanguages returns a text in all languages, as far as it is translated.
func inLanguages(text chat.Phrase, most int) localized {
	var out localized
	for name, language := range languages {
		said := cutLine(text.In(chat.Locale{Language: language}), most)
		if said == "" || said == cutLine(text.English, most) {
			continue
		}
		if out == nil {
			out = make(localized)
		}
		out[name] = said
	}
	return out
}

// anglicize takes the other languages off options that are at least so deep:
// subcommands are at 1, theirs at 2.
func anglicize(list []appOption, depth int) {
	for i, o := range list {
		below := depth - 1
		if o.Type == subcommandGroup {
			below = depth
		}
		if depth <= 1 {
			list[i].Descriptions = nil
		}
		anglicize(o.Options, below)
	}
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
	out := appOption{Type: stringOption, Name: o.Name, Description: described(o.Help, o.Name), Descriptions: inLanguages(chat.P(o.Help), maxHelp), Required: o.Required && !s.OpensForm}
	switch {
	case o.File:
		out.Type = fileOption
		return out
	case o.Suggest && o.Type != chat.IntOption && o.Type != chat.BoolOption:
		out.Autocomplete = true
		return out
	}
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

// own counts the characters of a command without those of its options.
func (c appCommand) own() int { return size(c.Name) + longest(c.Description, c.Descriptions) }

// weight counts the characters that Discord counts: of each text those of the
// language in which it is longest.
func weight(options []appOption) int {
	n := 0
	for _, o := range options {
		n += size(o.Name) + longest(o.Description, o.Descriptions) + weight(o.Options)
		for _, c := range o.Choices {
			n += size(c.Name) + size(c.Value)
		}
	}
	return n
}

func longest(text string, others localized) int {
	n := size(text)
	for _, t := range others {
		n = max(n, size(t))
	}
	return n
}

// register makes Discord show the commands. They are written only when they
// differ from what is there, because writing replaces all of them and is
// limited per day.
func (p *Platform) register(ctx context.Context, specs []chat.Spec) error {
	var menus []chat.Phrase
	for _, m := range p.cfg.menus() {
		if p.menuSpec(m.title.English, specs) != nil {
			menus = append(menus, m.title)
		}
	}
	want, err := registered(p.cfg.Command, specs, menus)
	if err != nil {
		return err
	}
	app, err := p.application(ctx)
	if err != nil {
		return err
	}
	path := "applications/" + url.PathEscape(app) + "/commands"
	var have []json.RawMessage
	if err := p.call(ctx, http.MethodGet, path+"?with_localizations=true", nil, &have); err != nil {
		return err
	}
	if same(have, want) {
		return nil
	}
	p.log.Info("the commands are registered with Discord", "command", "/"+p.cfg.Command, "subcommands", len(specs))
	return p.call(ctx, http.MethodPut, path, want, nil)
}

// same compares commands regardless of their order and of fields that Discord
// adds. Commands that we do not understand are others.
func same(have []json.RawMessage, want []appCommand) bool {
	there := make([]appCommand, len(have))
	for i, raw := range have {
		if json.Unmarshal(raw, &there[i]) != nil {
			return false
		}
	}
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
	return canon(there) == canon(slices.Clone(want))
}
