package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// atDiscord is how many subcommands and groups of them a command may have, and
// how many subcommands a group.
// https://discord.com/developers/docs/interactions/application-commands#application-command-object
const atDiscord = 25

// TestDiscordHasRoomForTheCommands counts them, and says what to do about one
// too many.
func TestDiscordHasRoomForTheCommands(t *testing.T) {
	if problem := crowded(command.Specs()); problem != "" {
		t.Error(problem)
	}
	plain, grouped := []chat.Spec{{Name: "feed"}}, []chat.Spec{}
	for n := range atDiscord + 1 {
		plain, grouped = append(plain, chat.Spec{Name: fmt.Sprint("c", n)}), append(grouped, chat.Spec{Name: fmt.Sprint("feed c", n)})
	}
	for _, list := range [][]chat.Spec{plain[1:], grouped, append(grouped[:1:1], plain[0])} {
		if crowded(list) == "" {
			t.Errorf("%d commands like %q are found to have room", len(list), list[0].Name)
		}
	}
	if got := crowded(append(plain[:atDiscord:atDiscord], chat.Spec{Name: "x", Hidden: true})); got != "" {
		t.Errorf("commands that nobody types need no room: %s", got)
	}
}

// crowded says for which commands Discord has no room, and what to do.
func crowded(specs []chat.Spec) string {
	const mend = `; group the new one with some that are there, by a name of two words as in "filter include" (the one-word name of a group is no command of its own then), or make it Hidden, behind a button, a menu or an option of another command`
	below := make(map[string][]string) // the subcommands by group, "" being that of a command itself
	var top []string
	for _, s := range specs {
		if s.Hidden {
			continue
		}
		first, rest, _ := strings.Cut(s.Name, " ")
		if _, known := below[first]; !known {
			top = append(top, first)
		}
		below[first] = append(below[first], rest)
	}
	if len(top) > atDiscord {
		return fmt.Sprintf("Discord takes %d subcommands and groups, and there are %d (%s)%s", atDiscord, len(top), strings.Join(top, ", "), mend)
	}
	for first, names := range below {
		switch {
		case len(names) > atDiscord:
			return fmt.Sprintf("Discord takes %d subcommands in a group, and %q has %d%s", atDiscord, first, len(names), mend)
		case len(names) > 1 && slices.Contains(names, ""):
			return fmt.Sprintf("%q is a command and a group at once, which Discord refuses%s", first, mend)
		}
	}
	return ""
}

// TestDiscordTakesTheCommands registers the commands with a Discord, which
// takes 8,000 characters of them, counting each text in the language in which
// it is longest.
func TestDiscordTakesTheCommands(t *testing.T) {
	fake, err := discordfake.New(discordfake.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	p, err := discord.New(discord.Config{Token: digest.NewSecret("token"), APIURL: fake.URL, Transport: discord.HTTP, PublicKey: fake.PublicKey(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error, 1)
	go func() { cancelled <- p.Listen(ctx, nil, command.Specs()) }()
	if !until(10*time.Second, func() bool { return len(fake.Commands()) > 0 }) {
		t.Error("nothing is registered")
	}
	cancel()
	if err := <-cancelled; err != nil {
		t.Fatal(err)
	}
	var names []string
	translated := 0
	for _, raw := range fake.Commands() {
		var c struct {
			Name    string
			Options []struct {
				Name         string
				Descriptions map[string]string `json:"description_localizations"`
			}
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		names = append(names, c.Name)
		for _, o := range c.Options {
			if len(o.Descriptions) == 5 {
				translated++
			}
		}
	}
	if got, want := strings.Join(names, ", "), "digest, "+discord.LinkMenu+", "+discord.SaveMenu+", "+discord.CoveredMenu; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if translated < 10 {
		t.Errorf("%d commands are described in all languages", translated)
	}
}
