package discord

import (
	"encoding/json"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// interaction is what Discord sends when somebody uses a command or a button.
// It is read by this type instead of the library's, which refuses the whole of
// it for one kind of component that it does not know.
// https://discord.com/developers/docs/interactions/receiving-and-responding
type interaction struct {
	ID          string `json:"id"`
	Application string `json:"application_id"`
	Type        int    `json:"type"`
	Token       string `json:"token"`
	Guild       string `json:"guild_id"`
	Channel     string `json:"channel_id"`
	Locale      string `json:"locale"`
	Member      *struct {
		User        user        `json:"user"`
		Nick        string      `json:"nick"`
		Permissions permissions `json:"permissions"`
	} `json:"member"`
	User    *user `json:"user"`
	Message *struct {
		ID    string `json:"id"`
		Flags int    `json:"flags"`
	} `json:"message"` // under which a button was pressed
	Data struct {
		Name       string        `json:"name"`
		Type       int           `json:"type"`
		Options    []optionValue `json:"options"`
		CustomID   string        `json:"custom_id"`
		Values     []string      `json:"values"`
		Components []submitted   `json:"components"`
		Target     string        `json:"target_id"`
		Resolved   struct {
			Messages    map[string]message  `json:"messages"`
			Attachments map[string]uploaded `json:"attachments"`
		} `json:"resolved"`
	} `json:"data"`

	received time.Time
	inline   *inline // takes the first answer, of interactions that came over HTTP
}

// private reports whether a button stands under a message that the person
// alone sees.
func (i interaction) private() bool {
	return i.Type == usedComponent && i.Message != nil && i.Message.Flags&ephemeral != 0
}

type user struct {
	ID         string `json:"id"`
	Name       string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
}

// optionValue is a chosen subcommand or the value of an option.
type optionValue struct {
	Name    string          `json:"name"`
	Type    int             `json:"type"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"` // it is being typed
	Options []optionValue   `json:"options"`
}

// text returns a value as people would type it.
func (o optionValue) text() string {
	var s string
	if json.Unmarshal(o.Value, &s) == nil {
		return s
	}
	return string(o.Value) // a number or a truth value
}

// The kinds of interactions.
const (
	ping          = 1 // of Discord's own, over HTTP
	usedCommand   = 2
	usedComponent = 3
	typing        = 4 // an option that is completed
	submittedForm = 5
)

// who returns the person, as vouched for by Discord.
func (i interaction) who() chat.User {
	u := chat.User{Locale: i.Locale}
	var of user
	switch {
	case i.Member != nil:
		of = i.Member.User
		u.Name = i.Member.Nick
		u.Manager = i.Guild != "" && i.Member.Permissions.has(manageGuild)
	case i.User != nil:
		of = *i.User
	}
	u.ID = of.ID
	for _, name := range []string{of.GlobalName, of.Name} {
		if u.Name == "" {
			u.Name = name
		}
	}
	return u
}

// bot reports whether a program used the command.
func (i interaction) bot() bool {
	return i.Member != nil && i.Member.User.Bot || i.User != nil && i.User.Bot
}

// alone is the workspace of direct messages, which belong to no server: it is
// Discord's own name for that.
const alone = "@me"

// address is the channel the interaction comes from.
func (i interaction) address() digest.Address {
	guild := i.Guild
	if guild == "" {
		guild = alone
	}
	return digest.Address{Platform: "discord", Workspace: guild, Channel: i.Channel}
}

// request is what an interaction asks for.
type request struct {
	chat.Command
	spec  chat.Spec
	again *window           // the form that was filled in, nil for none
	write map[string]string // what a form that is opened holds already
}

// request returns what an interaction asks for. It is filled in as far as
// possible with an error too.
func (p *Platform) request(i interaction, specs []chat.Spec) (request, error) {
	var r request
	var err error
	id := i.Data.CustomID
	switch {
	case i.Type == usedCommand && i.Data.Type == messageCommand:
		r.Command, err = p.shortcut(i, specs)
	case i.Type == usedCommand:
		r.Command, err = typed(i, specs)
	case i.Type == submittedForm:
		r.Command, r.again, err = p.filled(i, specs)
	case strings.HasPrefix(id, linePrefix+againLine):
		var w window
		r.Command, w = p.again(id, specs)
		r.write = w.written
	case strings.HasPrefix(id, linePrefix):
		r.Command, err = chat.Parse(specs, strings.TrimPrefix(id, linePrefix))
	case strings.HasPrefix(id, menuPrefix) && len(i.Data.Values) == 1:
		r.Command, err = chat.Parse(specs, strings.TrimPrefix(id, menuPrefix)+" "+word(i.Data.Values[0]))
	default:
		err = digest.Errorf(digest.NotFound, "This button belongs to a version of the bot that does not run any more; use the commands instead.")
	}
	r.Address, r.User, r.Direct = i.address(), i.who(), i.Guild == ""
	if i.Type == usedComponent && i.Message != nil {
		r.Under = i.Message.ID
	}
	r.spec = chat.Spec{Private: true}
	for _, s := range specs {
		if s.Name == r.Name {
			r.spec = s
		}
	}
	return r, err
}

// word writes a value as one word of a command line.
func word(value string) string {
	if strings.ContainsAny(value, "\"“”") {
		return value
	}
	return `"` + value + `"`
}

// typed reads a slash command.
func typed(i interaction, specs []chat.Spec) (chat.Command, error) {
	if len(i.Data.Options) == 0 {
		return chat.Parse(specs, "help")
	}
	c, options := i.subcommand()
	if c.Name == "" {
		return chat.Parse(specs, "help")
	}
	for _, o := range options {
		if file, ok := i.Data.Resolved.Attachments[c.Args[o.Name]]; ok && o.Type == fileOption {
			c.Args[o.Name] = file.Name
		}
	}
	for _, s := range specs {
		if s.Name == c.Name {
			return chat.Check(s, c)
		}
	}
	return c, digest.Errorf(digest.NotFound, "The bot does not know `%s` any more; reload Discord to see its commands.", clip(c.Name, 40))
}

// subcommand returns the chosen subcommand with its options as they were
// given, "" when none was.
func (i interaction) subcommand() (chat.Command, []optionValue) {
	if len(i.Data.Options) == 0 {
		return chat.Command{}, nil
	}
	sub, name := i.Data.Options[0], i.Data.Options[0].Name
	if sub.Type == subcommandGroup && len(sub.Options) == 1 {
		sub = sub.Options[0]
		name += " " + sub.Name
	}
	if sub.Type != subcommand {
		return chat.Command{}, nil
	}
	c := chat.Command{Name: name, Args: make(map[string]string)}
	for _, o := range sub.Options {
		c.Args[o.Name] = o.text()
	}
	return c, sub.Options
}
