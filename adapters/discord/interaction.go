package discord

import (
	"encoding/json"
	"regexp"
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
	User *user `json:"user"`
	Data struct {
		Name     string        `json:"name"`
		Type     int           `json:"type"`
		Options  []optionValue `json:"options"`
		CustomID string        `json:"custom_id"`
		Target   string        `json:"target_id"`
		Resolved struct {
			Messages map[string]message `json:"messages"`
		} `json:"resolved"`
	} `json:"data"`

	received time.Time
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
	usedCommand   = 2
	usedComponent = 3
	typing        = 4 // an option with suggestions, of which we have none
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

// address is the channel the interaction comes from. Direct messages belong to
// no server; their workspace is Discord's own name for that.
func (i interaction) address() digest.Address {
	guild := i.Guild
	if guild == "" {
		guild = "@me"
	}
	return digest.Address{Platform: "discord", Workspace: guild, Channel: i.Channel}
}

// command returns the command that an interaction gives, and its spec.
func (p *Platform) command(i interaction, specs []chat.Spec) (chat.Command, chat.Spec, error) {
	var c chat.Command
	var err error
	switch {
	case i.Type == usedCommand && i.Data.Type == messageCommand:
		c, err = p.menu(i, specs)
	case i.Type == usedCommand:
		c, err = typed(i, specs)
	case strings.HasPrefix(i.Data.CustomID, linePrefix):
		c, err = chat.Parse(specs, strings.TrimPrefix(i.Data.CustomID, linePrefix))
	default:
		err = digest.Errorf(digest.NotFound, "This button belongs to a version of the bot that does not run any more; use the commands instead.")
	}
	c.Address, c.User, c.Direct = i.address(), i.who(), i.Guild == ""
	for _, s := range specs {
		if s.Name == c.Name {
			return c, s, err
		}
	}
	return c, chat.Spec{Private: true}, err
}

// typed reads a slash command.
func typed(i interaction, specs []chat.Spec) (chat.Command, error) {
	if len(i.Data.Options) == 0 {
		return chat.Parse(specs, "help")
	}
	sub, name := i.Data.Options[0], i.Data.Options[0].Name
	if sub.Type == subcommandGroup && len(sub.Options) == 1 {
		sub = sub.Options[0]
		name += " " + sub.Name
	}
	if sub.Type != subcommand {
		return chat.Parse(specs, "help")
	}
	c := chat.Command{Name: name, Args: make(map[string]string)}
	for _, o := range sub.Options {
		c.Args[o.Name] = o.text()
	}
	for _, s := range specs {
		if s.Name == c.Name {
			return chat.Check(s, c)
		}
	}
	return c, digest.Errorf(digest.NotFound, "The bot does not know `%s` any more; reload Discord to see its commands.", clip(name, 40))
}

var webLink = regexp.MustCompile(`https?://[^\s<>"` + "`" + `]+`)

// menu reads the entry of the message menu: the first link of the message.
func (p *Platform) menu(i interaction, specs []chat.Spec) (chat.Command, error) {
	spec := p.menuSpec(specs)
	if spec == nil {
		return chat.Command{}, digest.Errorf(digest.NotFound, "The bot cannot summarise links any more; reload Discord to see its commands.")
	}
	link := firstLink(i.Data.Resolved.Messages[i.Data.Target])
	if link == "" {
		return chat.Command{Name: spec.Name}, digest.Errorf(digest.Invalid, "This message has no link; choose one that has.")
	}
	return chat.Check(*spec, chat.Command{Name: spec.Name, Args: map[string]string{spec.Options[0].Name: link}})
}

// firstLink returns the first web address of a message, "" when it has none.
func firstLink(m message) string {
	texts := []string{m.Content}
	for _, e := range m.Embeds {
		texts = append(texts, e.URL, e.Description)
	}
	for _, text := range texts {
		for _, found := range webLink.FindAllString(text, -1) {
			found = strings.TrimRight(found, ".,;:!?'*_~|]}")
			for strings.HasSuffix(found, ")") && strings.Count(found, ")") > strings.Count(found, "(") {
				found = found[:len(found)-1]
			}
			if chat.WebURL(found) != "" {
				return found
			}
		}
	}
	return ""
}
