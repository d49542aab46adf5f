package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

// TestUnknown lets posts end in doubt where nobody can tell any more whether
// they are there: the app may not read the channel. The parts are parked or
// sent again, as the subscription says, and operators are told once.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"slack", "discord"} {
		for _, policy := range []string{"park", "resend"} {
			for _, stored := range []bool{true, false} {
				name := platform + " " + policy + map[bool]string{true: " stored", false: " not stored"}[stored]
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					unknown(t, platform, policy, stored)
				})
			}
		}
	}
}

func unknown(t *testing.T, platform, policy string, stored bool) {
	t.Helper()
	due := chaosDay()
	w := newWorld(t, scene{store: "sqlite", subs: 1, platforms: []string{platform}, cron: "0 6 * * *",
		more: "on_unknown = \"" + policy + "\"", admin: true}, due.Add(-time.Hour))
	imported(t, w.dir, invented(0, due.Add(-time.Hour)))
	w.set(due.Add(time.Second))
	way := storedThenHang()
	if !stored {
		way = hang()
	}
	w.weather.gentle, w.weather.spare = true, 1 // the header passes, and the story after it is in doubt
	w.storm(1, way)
	p := w.up(t)
	if !until(chaosPatience, func() bool { return len(w.postings()) > 1 }) {
		t.Fatalf("no second post began\n%s", p.said())
	}
	p.kill(w)
	w.storm(0)
	w.forbidReading()
	w.skip(10 * time.Minute) // no nonce is remembered so long
	p = w.up(t)
	key := due.Format(schedule.KeyLayout)
	if !w.settle(t, key, chaosPatience) {
		t.Errorf("the slot does not come to an end\n%s", p.said())
	}
	visible := 1
	if policy == "resend" && stored {
		visible = 2
	} else if policy == "park" && !stored {
		visible = 0
	}
	parts := w.deliveries(t)
	told := func() int { return w.told(digest.CauseUnknown) }
	until(chaosPatience/4, func() bool { return told() > 0 })
	wantState, wantSlot := digest.PartSent, digest.SlotDone
	if policy == "park" {
		wantState, wantSlot = digest.PartUnknown, digest.SlotPartial
	}
	p.kill(w)
	w.finish(t, w.up(t), key) // another start tells nothing again
	if slots := w.slots(t); len(slots) != 1 || slots[0].State != wantSlot {
		t.Errorf("slots %+v, want one that is %s", slots, wantSlot)
	}
	for _, part := range parts {
		n := 0
		for _, s := range w.sightings(t, parts) {
			if s.key == part.Key {
				n++
			}
		}
		want, state := visible, wantState
		if part.N == 1 {
			want, state = 1, digest.PartSent
		}
		if n != want || part.State != state || state != digest.PartSent && part.Reason == "" {
			t.Errorf("part %d is %s (%s) and there %d times, want %s and %d times\n%s", part.N, part.State, part.Reason, n, state, want, p.said())
		}
	}
	if n := told(); n != 1 {
		t.Errorf("operators were told %d times, want once: %+v\n%s", n, w.slack.Posts(adminChannel), p.said())
	}
}

// forbidReading takes the right to read channels from the bot.
func (w *world) forbidReading() {
	w.slack.SetScopes("chat:write", "commands", "channels:read", "groups:read", "users:read")
	for i := range w.subs {
		_, channel, _ := strings.Cut(w.channelName("discord", i), "/")
		w.discord.Permit(channel, discordfake.All&^discordfake.History)
	}
}

// told counts the messages of a cause in the admin channel.
func (w *world) told(cause digest.Cause) int {
	n := 0
	for _, p := range w.slack.Posts(adminChannel) {
		if strings.Contains(p.Text+string(p.Blocks), string(cause)) {
			n++
		}
	}
	return n
}

// deliveries returns all parts of a world.
func (w *world) deliveries(t *testing.T) []digest.Part {
	t.Helper()
	store := w.open(t)
	defer store.Close()
	parts, err := store.Deliveries(context.Background(), digest.PartFilter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// TestModerator lets a moderator delete the header of a digest before its
// stories are posted, and a story while it is in doubt. Nothing is there twice,
// and what is not there is not called sent, unless it was deleted.
func TestModerator(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"slack", "discord"} {
		for _, what := range []string{"header", "header in doubt", "story in doubt"} {
			t.Run(platform+" "+what, func(t *testing.T) {
				t.Parallel()
				moderated(t, platform, what)
			})
		}
	}
}

func moderated(t *testing.T, platform, what string) {
	t.Helper()
	due := chaosDay()
	w := newWorld(t, scene{store: "sqlite", subs: 1, platforms: []string{platform}, cron: "0 6 * * *", admin: true}, due.Add(-time.Hour))
	imported(t, w.dir, invented(0, due.Add(-time.Hour)))
	w.set(due.Add(time.Second))
	w.weather.gentle, w.weather.spare = true, 1
	way, messages, victim := storedThenHang(), 2, 1 // the story is stored, and no answer comes
	switch what {
	case "header":
		way, messages, victim = hang(), 1, 0 // the story never comes
	case "header in doubt":
		w.weather.spare, messages, victim = 0, 1, 0
	}
	w.storm(1, way)
	p := w.up(t)
	if !until(chaosPatience, func() bool { return len(w.postings()) > victim && len(w.sightings(t, nil)) == messages }) {
		t.Fatalf("%d messages are there, want %d\n%s", len(w.sightings(t, nil)), messages, p.said())
	}
	if what == "header" && !until(chaosPatience, func() bool { return w.deliveries(t)[0].State == digest.PartSent && len(w.postings()) > 1 }) {
		t.Fatalf("the header is not recorded\n%s", p.said())
	}
	p.kill(w)
	w.storm(0)
	w.erase(t, w.sightings(t, nil)[victim])
	p = w.up(t)
	key := due.Format(schedule.KeyLayout)
	if !w.settle(t, key, chaosPatience) {
		t.Errorf("the slot does not come to an end\n%s", p.said())
	}
	parts := w.deliveries(t)
	p.kill(w)
	seen := w.sightings(t, parts)
	for _, part := range parts {
		visible, deleted := 0, 0
		for _, s := range seen {
			switch {
			case s.key == part.Key && s.deleted:
				deleted++
			case s.key == part.Key:
				visible++
			}
		}
		if visible > 1 || visible == 0 && deleted == 0 && part.State == digest.PartSent {
			t.Errorf("part %d is %s (%s), there %d times and deleted %d times\n%s", part.N, part.State, part.Reason, visible, deleted, p.said())
		}
		if part.State != digest.PartSent && part.Reason == "" {
			t.Errorf("part %d is %s without a reason", part.N, part.State)
		}
	}
}

// erase deletes a message, as a moderator does.
func (w *world) erase(t *testing.T, s sighting) {
	t.Helper()
	if s.platform == "slack" {
		w.slack.Delete(s.channel, s.ref)
		return
	}
	if err := w.discord.Delete(s.channel, s.ref); err != nil {
		t.Fatal(err)
	}
}

// adminChannel is where operators are told, on Slack.
const adminChannel = "CADMIN"

// withAdmin adds the channel in which operators are told.
func (w *world) withAdmin() string {
	w.slack.AddChannel(slackfake.Channel{ID: adminChannel, Name: "ops", Member: true})
	return "[[workspace]]\nid = \"*\"\nadmin_channel = \"slack:" + slackfake.Team + "/" + adminChannel + "\"\n"
}
