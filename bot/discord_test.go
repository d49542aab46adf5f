package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

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
