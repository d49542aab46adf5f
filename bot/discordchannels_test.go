package main

import (
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// onDiscordOnly has tom subscribe a channel of a kind that add makes.
func onDiscordOnly(t *testing.T, add func(*discordfake.Server)) (*talk, *discordfake.Server) {
	t.Helper()
	k := newTalk(t, venue{platform: "discord", transport: "socket"}, &txtar.Archive{})
	room := newDiscordRoom(k).(*discordRoom)
	k.room = room
	if add != nil {
		add(room.fake)
	}
	k.step(step{text: "tom: subscribe 08:00"})
	return k, room.fake
}

// TestClosedOnDiscord ends the digests of what is closed to the bot at once.
func TestClosedOnDiscord(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*discordfake.Server)
		ends bool
	}{
		"the bot is removed":     {func(f *discordfake.Server) { f.Kick(lifeGuild, false) }, true},
		"the channel is deleted": {func(f *discordfake.Server) { f.RemoveChannel(lifeChannel) }, true},
		"another is deleted":     {func(f *discordfake.Server) { f.RemoveChannel(discordPlaces["editors"][1]) }, false},
		"Discord has an outage":  {func(f *discordfake.Server) { f.Kick(lifeGuild, true) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			k, fake := onDiscordOnly(t, nil)
			c.do(fake)
			disabled := func() bool {
				list, err := k.app.store.Subscriptions(t.Context(), "discord:"+lifeGuild)
				if err != nil || len(list) != 1 {
					t.Fatalf("%v, %v", list, err)
				}
				return list[0].Disabled != ""
			}
			wait := 5 * time.Second
			if !c.ends {
				wait = 300 * time.Millisecond
			}
			if got := until(wait, disabled); got != c.ends {
				t.Errorf("it is disabled: %v, want %v", got, c.ends)
			}
		})
	}
}

// TestForumOnDiscord posts a digest as one post of a forum.
func TestForumOnDiscord(t *testing.T) {
	k, fake := onDiscordOnly(t, func(f *discordfake.Server) { f.AddForum(lifeGuild, lifeChannel, "digests", discordfake.All, "News") })
	k.step(step{text: "tom: settings tag:News"})
	k.step(step{text: "at 2026-05-03T08:05"})
	parts, err := k.app.store.Deliveries(t.Context(), digest.PartFilter{})
	if err != nil || len(parts) < 2 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	post := string(parts[0].Ref)
	if got := fake.Posts(post); len(got) != len(parts) {
		t.Errorf("the post has %d messages, want %d\n%s", len(got), len(parts), k.log)
	}
	if got := strings.Join(fake.Tags(post), " "); got != "News" {
		t.Errorf("the post has the tags %q", got)
	}
}
