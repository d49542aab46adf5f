package discord

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// TestWhereNoThreadCanBe posts stories that are to go under their header in
// places that hold no threads: they follow it there.
func TestWhereNoThreadCanBe(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, b *bench) digest.Address
	}{
		{"direct messages", func(t *testing.T, b *bench) digest.Address {
			a, err := b.Direct(t.Context(), digest.Address{Platform: "discord", Workspace: guildID}, "700000000000000001")
			if err != nil {
				t.Fatal(err)
			}
			return a
		}},
		{"a thread", func(t *testing.T, b *bench) digest.Address {
			header := part(t, b.Platform, "header")
			ref, err := b.Post(t.Context(), header)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.call(t.Context(), http.MethodPost, "channels/"+channelID+"/messages/"+string(ref)+"/threads", map[string]string{"name": "Talk"}, nil); err != nil {
				t.Fatal(err)
			}
			return digest.Address{Platform: "discord", Workspace: guildID, Channel: string(ref)}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, discordfake.Options{}, nil)
			place := c.make(t, b)
			header := part(t, b.Platform, "hhhhhhhhhhhhhhhhhhhhhhhh")
			header.Address = place
			ref, err := b.Post(t.Context(), header)
			if err != nil {
				t.Fatal(err)
			}
			story := part(t, b.Platform, "ssssssssssssssssssssssss")
			story.Address, story.Threaded, story.Parent = place, true, ref
			if story.Ref, err = b.Post(t.Context(), story); err != nil {
				t.Fatal(err)
			}
			posts := b.fake.Posts(place.Channel)
			if n := len(posts); n != 2 || posts[1].ID != string(story.Ref) {
				t.Errorf("%d messages there, want the header and the story", n)
			}
			if got, finding, err := b.Find(t.Context(), story, morning.Add(-5*time.Second)); finding != digest.Found || got != story.Ref {
				t.Errorf("Find: %s %v %v", got, finding, err)
			}
			if err := b.Edit(t.Context(), story, story.Payload); err != nil {
				t.Errorf("Edit: %v", err)
			}
			if err := b.Probe(t.Context(), place); err != nil {
				t.Errorf("Probe: %v", err)
			}
		})
	}
}

// TestPermissionsInAThread asks for those that count in threads: to send
// messages in the channel itself is another one.
func TestPermissionsInAThread(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	ref, err := b.Post(t.Context(), part(t, b.Platform, "header"))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.call(t.Context(), http.MethodPost, "channels/"+channelID+"/messages/"+string(ref)+"/threads", map[string]string{"name": "Talk"}, nil); err != nil {
		t.Fatal(err)
	}
	p := part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")
	p.Channel = string(ref)
	b.fake.Permit(channelID, discordfake.All&^discordfake.Send)
	if _, err := b.Post(t.Context(), p); err != nil {
		t.Errorf("who may send in threads, may: %v", err)
	}
	if err := b.Probe(t.Context(), p.Address); err != nil {
		t.Errorf("Probe: %v", err)
	}
	b.fake.Permit(channelID, discordfake.All&^discordfake.SendInThreads)
	if _, err := b.Post(t.Context(), p); err == nil || !strings.Contains(err.Error(), "lacks Send Messages in Threads;") {
		t.Errorf("Post: %v", err)
	}
	if err := b.Probe(t.Context(), p.Address); err == nil || !strings.Contains(err.Error(), "lacks Send Messages in Threads;") {
		t.Errorf("Probe: %v", err)
	}
}
