package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// discordRoom is a Discord with a guild of the scripts, and another one.
type discordRoom struct {
	k    *talk
	fake *discordfake.Server

	mu    sync.Mutex
	asked map[string]string // who did what, by the id of the interaction
	where map[string]string // and where
	id    string            // of the last interaction
	open  map[string]modal  // the form that a person has open
}

// modal is a form as Discord is sent it.
type modal struct {
	CustomID   string `json:"custom_id"`
	Title      string
	Components []struct {
		Label, Description string
		Component          struct {
			Type     int
			CustomID string `json:"custom_id"`
			Value    string
			Required *bool
			Options  []modalOption
		}
	}
	place string
	raw   json.RawMessage
}

type modalOption struct {
	Label, Value string
	Default      bool
}

// discordPeople are ana, a member, tom, who manages the guild, and eve, who
// manages another one.
func discordPeople(who string) discordfake.User {
	u := discordfake.User{ID: "3000000000000000001", Name: who, Permissions: discordfake.View}
	switch who {
	case "tom":
		u.ID, u.Permissions = "3000000000000000002", discordfake.View|discordfake.ManageGuild
	case "eve":
		u.ID, u.Permissions = "3000000000000000003", discordfake.View|discordfake.ManageGuild
	}
	return u
}

// discordPlaces are the channels of the scripts, with their guilds.
var discordPlaces = map[string][2]string{"news": {lifeGuild, lifeChannel}, "editors": {lifeGuild, "2000000000000000003"},
	"direct": {"", "2000000000000000004"}, "far": {"2000000000000000011", "2000000000000000012"}}

func newDiscordRoom(k *talk) room {
	k.t.Helper()
	fake, err := discordfake.New(discordfake.Options{Now: k.clock.Now, Limit: 1 << 30, Global: -1})
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = fake.Close() })
	for _, place := range []string{"news", "editors", "far"} {
		fake.AddChannel(discordPlaces[place][0], discordPlaces[place][1], place, discordfake.All)
	}
	k.cfg.Discord = &DiscordConfig{APIURL: fake.URL, Application: discordfake.Application, token: digest.NewSecret("token")}
	overHTTP := k.venue.transport == discord.HTTP
	if overHTTP {
		k.cfg.Discord.Transport, k.cfg.Discord.PublicKey = discord.HTTP, fake.PublicKey()
	}
	k.editors = discordPlaces["editors"][1]
	k.open()
	if overHTTP {
		address, _ := k.call()
		if err := fake.SetEndpoint(address + discord.InteractionsPath); err != nil {
			k.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.app.discord.Listen(ctx, k.slow, command.Specs()) }()
	k.t.Cleanup(func() { cancel(); <-done })
	if !until(patience, func() bool {
		return len(fake.Commands()) > 0 && (fake.Connected() > 0 || overHTTP && k.app.discord.Connection().Up)
	}) {
		k.t.Fatalf("Discord is not heard: %s", k.log)
	}
	return &discordRoom{k: k, fake: fake, asked: make(map[string]string), where: make(map[string]string), open: make(map[string]modal)}
}

// early is the code of answers that come before Discord has seen the first one.
const early = 10015

// do does something, and waits for what Discord is answered.
func (r *discordRoom) do(who, place string, what func() string) error {
	r.mu.Lock()
	r.id = ""
	delete(r.open, who)
	r.mu.Unlock()
	id := what()
	r.mu.Lock()
	r.asked[id], r.where[id], r.id = who, place, id
	r.mu.Unlock()
	gone := 0
	ok := until(patience, func() bool {
		i, err := r.fake.Interaction(id)
		if err == nil && i.Form != nil {
			m := modal{place: place, raw: i.Form}
			_ = json.Unmarshal(i.Form, &m) // the fake checked it
			r.mu.Lock()
			r.open[who] = m
			r.mu.Unlock()
			return true
		}
		if strings.Contains(r.k.log.String(), id) && strings.Contains(r.k.log.String(), "too late") || slices.ContainsFunc(i.Refused, func(code int) bool { return code != early }) {
			gone++ // nothing will be answered any more
		}
		return err == nil && (i.Answer != nil || i.Type == 6 || i.Type == 7) || gone > 3
	})
	if !ok {
		return errors.New("Discord was not answered")
	}
	return nil
}

func (r *discordRoom) say(who, place, line string, file *attached) error {
	specs := command.Specs()
	c, err := chat.Parse(specs, line)
	if err != nil { // what Discord's own client would not send, people may still come up with
		loose := make([]chat.Spec, len(specs))
		for i, s := range specs {
			loose[i] = s
			loose[i].Options = slices.Clone(s.Options)
			for j := range loose[i].Options {
				o := &loose[i].Options[j]
				o.Type, o.Choices, o.Required = chat.TextOption, nil, false
			}
		}
		if c, err = chat.Parse(loose, line); err != nil {
			return fmt.Errorf("this cannot be sent from Discord: %w", err)
		}
	}
	at, u := discordPlaces[place], discordPeople(who)
	if file != nil {
		option := "file"
		return r.do(who, place, func() string {
			return r.fake.SlashFile(u, at[0], at[1], "digest", c.Name, option, r.fake.Attach("9000000000000000001", file.name, file.data))
		})
	}
	options := make(map[string]any)
	for name, value := range c.Args {
		options[name] = value
	}
	return r.do(who, place, func() string { return r.fake.Slash(u, at[0], at[1], "digest", c.Name, options) })
}

func (r *discordRoom) press(who, place string, c control) error {
	at := discordPlaces[place]
	return r.do(who, place, func() string { return r.fake.Press(discordPeople(who), at[0], at[1], c.under.(string), c.id) })
}

func (r *discordRoom) choose(who string, c control, value string) error {
	at := discordPlaces[c.place]
	return r.do(who, c.place, func() string {
		return r.fake.Press(discordPeople(who), at[0], at[1], c.under.(string), c.id, value)
	})
}

// fill sends the form off that a person has open. What is not named keeps what
// stands in it.
func (r *discordRoom) fill(who string, values map[string]string) error {
	r.mu.Lock()
	m, ok := r.open[who]
	r.mu.Unlock()
	if !ok {
		return fmt.Errorf("%s has no form open", who)
	}
	given := make(map[string]any)
	for _, c := range m.Components {
		v, ok := values[c.Component.CustomID]
		switch {
		case ok && c.Component.Type == 3:
			given[c.Component.CustomID] = strings.Split(v, ",")
		case ok:
			given[c.Component.CustomID] = v
		}
	}
	if len(given) < len(values) {
		return fmt.Errorf("the form has not all of %v: %s", values, m.raw)
	}
	at := discordPlaces[m.place]
	return r.do(who, m.place, func() string {
		id, err := r.fake.Submit(discordPeople(who), at[0], at[1], m.raw, given)
		if err != nil {
			r.k.t.Error(err)
		}
		return id
	})
}

func (r *discordRoom) shortcut(who, name, text string) error {
	return r.do(who, "news", func() string {
		return r.fake.MessageCommand(discordPeople(who), lifeGuild, lifeChannel, name, text)
	})
}

func (r *discordRoom) repeat() error {
	r.mu.Lock()
	id := r.id
	r.mu.Unlock()
	return r.fake.Again(id)
}

// expire has the next interaction be four seconds old when it arrives.
func (r *discordRoom) expire() error { return errors.New("forms have no trigger on Discord") }

func (r *discordRoom) remove() error {
	r.fake.RemoveChannel(lifeChannel)
	return nil
}

func (r *discordRoom) offers(who, name, option, typed string) ([]string, error) {
	id := r.fake.Complete(discordPeople(who), lifeGuild, lifeChannel, "digest", name, nil, option, typed)
	var said struct {
		Choices []struct{ Name, Value string }
	}
	ok := until(patience, func() bool {
		i, err := r.fake.Interaction(id)
		return err == nil && i.Choices != nil && json.Unmarshal(i.Choices, &said) == nil
	})
	var out []string
	for _, c := range said.Choices {
		out = append(out, c.Value)
	}
	if !ok {
		return out, errors.New("Discord was told nothing to offer")
	}
	return out, nil
}

func (r *discordRoom) acknowledged() bool {
	r.mu.Lock()
	id := r.id
	r.mu.Unlock()
	i, err := r.fake.Interaction(id)
	return err == nil && !i.Acknowledged.IsZero()
}

func (r *discordRoom) seen(who string) []seen {
	var out []seen
	for _, place := range places {
		at := discordPlaces[place]
		if place == "editors" && who != "tom" || place == "direct" && who != "ana" || (place == "far") != (who == "eve") && place == "far" || who == "eve" && place != "far" && place != "news" {
			continue
		}
		ids := append([]string{at[1]}, r.threads(at[1])...)
		if place == "direct" {
			ids = r.directs()
		}
		for _, id := range ids {
			for _, m := range r.fake.Posts(id) {
				r.mu.Lock()
				mine := r.asked[m.Answers] == who
				r.mu.Unlock()
				if !m.Ephemeral || mine {
					out = append(out, seenOnDiscord(m, place))
				}
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(r.asked)) {
		by := r.asked[id]
		i, err := r.fake.Interaction(id)
		if err == nil && by == who && r.where[id] == "direct" {
			for _, body := range append([]json.RawMessage{i.Answer}, i.FollowUps...) {
				if body != nil {
					out = append(out, seenOnDiscord(discordfake.Message{Body: body}, "direct"))
				}
			}
		}
		if err == nil && by == who {
			for name, data := range i.Files {
				out = append(out, seen{text: plainly("file " + name + " " + string(data))})
			}
		}
	}
	if m, ok := r.open[who]; ok {
		text := m.Title
		for _, c := range m.Components {
			text += " " + c.Label + " " + c.Description + " " + c.Component.Value
			for _, o := range c.Component.Options {
				text += " " + o.Label
			}
		}
		out = append(out, seen{text: plainly(text)})
	}
	return out
}

// directs are the channels of direct messages that the bot opened.
func (r *discordRoom) directs() []string {
	known := make(map[string]bool)
	for _, at := range discordPlaces {
		known[at[1]] = true
		for _, id := range r.threads(at[1]) {
			known[id] = true
		}
	}
	return slices.DeleteFunc(r.fake.Channels(), func(id string) bool { return known[id] })
}

// threads are the ids of the threads of a channel: those of the messages at
// which they begin.
func (r *discordRoom) threads(channel string) []string {
	var out []string
	all := r.fake.Channels()
	for _, m := range r.fake.Posts(channel) {
		if slices.Contains(all, m.ID) {
			out = append(out, m.ID)
		}
	}
	return out
}

// seenOnDiscord returns what a message shows.
func seenOnDiscord(m discordfake.Message, place string) seen {
	var words strings.Builder
	lines := func(blocks []discordfake.LookBlock) {
		for _, b := range blocks {
			for _, line := range b.Lines {
				for _, s := range line {
					words.WriteString(s.Text)
				}
				words.WriteByte('\n')
			}
		}
	}
	look := m.Look()
	lines(look.Content)
	for _, e := range look.Embeds {
		words.WriteString(e.Author + "\n")
		lines([]discordfake.LookBlock{{Lines: [][]chat.Span{e.Title}}})
		lines(e.Description)
		for _, f := range e.Fields {
			words.WriteString(f.Name + "\n")
			lines(f.Value)
		}
		words.WriteString(e.Footer + "\n")
	}
	var body struct {
		Components []struct {
			Components []struct {
				Type        int
				Label       string
				Placeholder string
				CustomID    string `json:"custom_id"`
				Options     []modalOption
			}
		}
	}
	_ = json.Unmarshal(m.Body, &body) // the fake checked it
	var out seen
	for _, row := range body.Components {
		for _, c := range row.Components {
			switch {
			case c.Type == 2 && c.CustomID != "":
				out.controls = append(out.controls, control{label: c.Label, id: c.CustomID, place: place, under: m.ID})
				words.WriteString(" [" + c.Label + "]")
			case c.Type == 3:
				menu := control{label: c.Placeholder, id: c.CustomID, place: place, menu: true, under: m.ID}
				for _, o := range c.Options {
					menu.options = append(menu.options, [2]string{o.Value, o.Label})
				}
				out.controls = append(out.controls, menu)
				words.WriteString(" [" + c.Placeholder + "]")
			}
		}
	}
	out.text = plainly(words.String())
	return out
}
