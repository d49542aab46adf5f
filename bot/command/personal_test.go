package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// first returns the id of a story of the channel's latest digest.
func (o *office) first(at digest.Address) digest.Item {
	o.Helper()
	e, err := o.store.LatestEdition(context.Background(), at)
	o.must(err)
	return e.Items[0]
}

func TestStoryButtons(t *testing.T) {
	o := newOffice(t)
	o.posted()
	o.as = chat.User{ID: "U9", Name: "Bo"} // a member
	it := o.first(team)
	press := map[string]string{}
	for _, b := range chat.StoryMessage(it, digest.Layout{}, chat.Locale{}).Buttons {
		press[b.Label] = b.Line
	}
	o.expect(team, press["More"], it.Brief.Headline, "Sources")
	o.expect(team, press["Sources"], it.Brief.Headline)
	o.expect(team, press["Mute"], "Only people who manage")
	o.expect(team, "latest saved:yes", "You keep no stories yet")
	o.expect(team, press["Save"], "is kept for you")
	o.expect(team, "latest saved:yes", "What you keep", it.Brief.Headline)
	o.expect(rivals, "latest saved:yes", "You keep no stories yet")
	o.expect(team, press["Save"], "is not kept any more")
	o.expect(rivals, press["Save"], "is kept for you") // shared news is everybody's
	results, err := o.room.Accept(context.Background(), []digest.Article{{ID: "own", Workspace: "slack:T1", Source: "notes", Title: "Canteen closes", Text: "The canteen of the team closes on Friday.", Arrived: o.now}})
	o.must(err)
	own, err := o.store.StoryOf(context.Background(), "slack:T1", results[0].ID)
	o.must(err)
	o.expect(team, "keep "+own, "is kept for you")
	o.expect(rivals, "keep "+own, "There is no story and no article")
}

// TestWithdrawnStoryIsNotKept presses the buttons of a story of which nothing
// stays.
func TestWithdrawnStoryIsNotKept(t *testing.T) {
	o := newOffice(t)
	o.posted()
	it := o.first(team)
	e, err := o.store.LatestEdition(context.Background(), team)
	o.must(err)
	o.must(o.store.PutCorrection(context.Background(), digest.Correction{Workspace: e.Workspace, Edition: e.ID, Story: it.Brief.ID, Kind: digest.Withdrawn}, nil))
	for _, line := range []string{"keep ", "useful ", "references "} {
		o.expect(team, line+it.Brief.ID, "Story 1 was withdrawn.")
	}
	cmd := chat.Command{Name: "story", Address: team, User: manager}
	for _, ch := range o.Suggest(context.Background(), cmd, "id", "") {
		if ch.Value == it.Brief.ID {
			t.Errorf("it is offered: %+v", ch)
		}
	}
}

func TestVotesMoveTheRanking(t *testing.T) {
	o := newOffice(t)
	o.posted()
	it := o.first(team)
	for _, who := range []string{"U5", "U6", "U7"} {
		o.as = chat.User{ID: who}
		o.expect(team, "useless "+it.Brief.ID, "rank what is like “"+it.Brief.Headline+"” lower")
	}
	o.as = manager
	o.expect(team, "useful "+it.Brief.ID, "higher")
	e, err := o.room.Preview(context.Background(), o.stored("slack:T1", "News digest"), o.now)
	o.must(err)
	found := false
	for _, item := range e.Items {
		for _, p := range item.Score.Parts {
			found = found || p.Name == "votes" && p.Value < 1 && strings.HasPrefix(p.Note, "votes -2 for the outlet ")
		}
	}
	if !found {
		t.Errorf("no story was moved by the votes: %+v", e.Items)
	}
	o.round(o.now.Add(24 * time.Hour))
	o.expect(team, "forget-votes", "The votes of this channel are forgotten")
	o.expect(team, "audit", "forget-votes")
	if got, err := o.store.Votes(context.Background(), team); err != nil || len(got) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCatchingUp(t *testing.T) {
	o := newOffice(t)
	o.expect(team, "since 3d", "There was no digest here since")
	o.posted()
	o.as = chat.User{ID: "U9"}
	o.expect(team, "since 3d", "3 stories in 1 digest since Friday, May 1, 2026", "Port of Linden", "Comet", "Cheese")
	o.now = o.now.Add(time.Hour)
	o.expect(team, "since", "There was no digest here since Monday, May 4, 2026.")
	o.expect(team, "since monday", "3 stories in 1 digest since Monday, April 27, 2026")
	o.as = chat.User{ID: "U8"} // who never caught up
	o.expect(team, "since", "3 stories in 1 digest")
	o.expect(rivals, "since 3d", "There was no digest here since")
	o.expect(team, "latest date:2026-05-04", "Port of Linden")
	o.expect(team, "latest date:2026-05-03", "There was no digest here on Sunday, May 3, 2026.")
	o.expect(team, "topics", "have no categories")
}

// TestCatchingUpWithALateDigest posts a digest four hours late, to a person who
// caught up between.
func TestCatchingUpWithALateDigest(t *testing.T) {
	o := newOffice(t)
	o.say(team, `subscribe 8am name:"News digest"`)
	o.now = morning.Add(25 * time.Hour) // nothing runs at 8
	_, err := o.room.Accept(context.Background(), []digest.Article{{ID: "a1", Workspace: digest.Shared, Source: "wire", Title: "Port weighs night curfew",
		Text: "The port is drafting rules that would halt trains at night.", URL: "https://ledger.example/curfew", Arrived: morning.Add(20 * time.Hour)}})
	o.must(err)
	o.expect(team, "since", "There was no digest here since")
	o.round(morning.Add(28 * time.Hour))
	o.now = o.now.Add(time.Minute)
	o.expect(team, "since 1h", "1 story in 1 digest since", "Port weighs night curfew")
	o.expect(team, "since", "There was no digest here since")
	o.now = o.now.Add(time.Hour)
	o.expect(team, "since 1h", "There was no digest here since")
	o.expect(team, "since 2h", "Port weighs night curfew")
	o.expect(team, "latest date:2026-05-04", "Port weighs night curfew")
}

func TestPostNow(t *testing.T) {
	o := newOffice(t)
	o.posted()
	reply := o.ask(team, "now", "")
	last := reply.Messages[len(reply.Messages)-1]
	if len(last.Buttons) != 1 || last.Buttons[0].Label != "Post it now" {
		t.Fatalf("got %+v", last)
	}
	o.now = o.now.Add(10 * time.Minute)
	o.expect(team, last.Buttons[0].Line, "“News digest” is being posted to this channel.")
	o.expect(team, last.Buttons[0].Line, "is being posted already")
	o.expect(rivals, last.Buttons[0].Line, "This digest does not exist any more")
	o.as.Manager = false
	o.expect(team, last.Buttons[0].Line, "Only people who manage")
	if r := o.ask(team, "now", ""); len(r.Messages[len(r.Messages)-1].Buttons) == 1 {
		t.Error("a member is offered to post")
	}
	o.round(o.now)
	slots, err := o.store.Slots(context.Background(), digest.SlotFilter{})
	o.must(err)
	if len(slots) != 2 || slots[0].Key != "2026-05-04T08:10" || slots[0].State != digest.SlotEmpty {
		t.Errorf("got %+v, want one of 08:10 with nothing new", slots)
	}
}

func TestSaveAndCovered(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 8am sources:wire")
	o.expect(team, "covered https://harbour.example/seals", "This page is not in the archive.")
	o.expect(team, "save https://nowhere.example", "cannot be reached")
	o.as = chat.User{ID: "U9", Name: "Bo"}
	o.expect(team, "save https://harbour.example/seals", "“Seals counted” is saved: the next digest here considers it")
	o.expect(team, "save https://harbour.example/seals", "is saved already")
	o.expect(team, "covered https://harbour.example/seals", "It is in the archive, but was in no digest of this channel.")
	o.round(morning.Add(24*time.Hour + time.Second))
	o.expect(team, "latest", "Seals counted", "saved by Bo")
	o.expect(team, "covered https://www.harbour.example/seals?utm_source=x", "Yes, this channel was shown it:", "Seals counted")
	o.expect(rivals, "covered https://harbour.example/seals", "This page is not in the archive.")
}

func TestOwnDigest(t *testing.T) {
	o := newOffice(t)
	o.as = chat.User{ID: "U9", Name: "Bo"}
	o.expect(team, "dm on", "There are no direct messages here")
	o.Direct = func(_ context.Context, near digest.Address, user string) (digest.Address, error) {
		return digest.Address{Platform: near.Platform, Workspace: near.Workspace, Channel: "D" + user}, nil
	}
	o.expect(team, "dm off", "You have no digest by direct message.")
	o.expect(team, "dm on weekdays 7:30 zone:Europe/Berlin", "You get a digest by direct message on weekdays at 07:30 (Europe/Berlin)", "Mon 2026-05-04 07:30 CEST")
	o.expect(team, "dm on", "every day at 08:00")
	sub := o.stored("slack:T1@U9", "Your digest")
	if sub.Workspace != "slack:T1@U9" || sub.Cron != "0 8 * * *" || sub.Channels[0].Channel != "DU9" {
		t.Errorf("got %+v", sub)
	}
	o.as = manager
	if got := o.say(team, "subscriptions"); strings.Contains(got, "Your digest") {
		t.Errorf("others see it: %s", got)
	}
	o.expect(team, "dm off", "You have no digest")
	o.as = chat.User{ID: "U9", Name: "Bo"}
	o.expect(team, "dm off", "has ended")
	if got := o.stored("slack:T1@U9", "Your digest"); got.Disabled == "" {
		t.Error("it goes on")
	}
	ended := o.now
	o.now = o.now.Add(96*time.Hour + 30*time.Minute)
	o.expect(team, "dm on", "every day at 08:00")
	if got := o.stored("slack:T1@U9", "Your digest"); got.Disabled != "" || !got.Since.After(ended) {
		t.Errorf("got %+v, want it to begin anew", got)
	}
}
