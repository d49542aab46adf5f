package command_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// drafted makes the draft of tomorrow's digest, with the three stories that
// posted would post.
func (o *office) drafted() digest.EditorsDraft {
	o.Helper()
	o.posted()
	sub := o.stored("slack:T1", "News digest")
	sub.Review = digest.Review{Channel: lounge.String()}
	o.must(o.store.PutSubscriptions(context.Background(), []digest.Subscription{sub}, "chat"))
	e, err := o.store.LatestEdition(context.Background(), team)
	o.must(err)
	d := digest.EditorsDraft{ID: digest.DraftID(sub.ID, "2026-05-05T08:00"), Workspace: "slack:T1", Subscription: sub.ID, Slot: "2026-05-05T08:00",
		Deadline: morning.Add(48 * time.Hour), Channel: lounge.String(), Edition: e}
	_, err = o.store.PutDraft(context.Background(), d, digest.Notice{Workspace: d.Workspace, Cause: digest.CauseDraft, Subject: d.ID, Key: d.ID})
	o.must(err)
	return o.draft(d.ID)
}

func (o *office) draft(id string) digest.EditorsDraft {
	o.Helper()
	d, err := o.store.Draft(context.Background(), id)
	o.must(err)
	return d
}

func TestEditors(t *testing.T) {
	o := newOffice(t)
	d := o.drafted()
	var ids, heads []string
	for _, it := range d.Edition.Items {
		ids, heads = append(ids, it.Brief.ID), append(heads, it.Brief.Headline)
	}
	reply := o.ask(lounge, "draft-drop "+d.ID+" "+ids[0], "M1")
	if got := text(reply); !reply.Replace || strings.Contains(got, heads[0]) || !strings.Contains(got, heads[1]) {
		t.Errorf("dropped: got %s", got)
	}
	o.expect(lounge, "draft-drop "+d.ID+" "+ids[0], heads[1]) // twice is once
	o.expect(lounge, "draft-top "+d.ID+" "+ids[0], "This story is not in the draft any more.")
	o.expect(lounge, "draft-top "+d.ID+" "+ids[2], heads[2])
	form, err := o.Form(context.Background(), chat.Command{Name: "draft-title", Args: map[string]string{"id": d.ID, "story": ids[2]}, Address: lounge, User: manager})
	if err != nil || form.Fields[0].Value != heads[2] {
		t.Errorf("got form %+v, %v", form, err)
	}
	o.expect(lounge, "draft-title "+d.ID+" "+ids[2]+` title:"A <!channel> better one"`, "A <!channel> better one")
	o.expect(lounge, "draft-title "+d.ID+" "+ids[2]+` title:"`+"\u200b"+`"`, "has no letter that can be shown")
	o.expect(lounge, "draft-add "+d.ID+" "+ids[2], "is in the draft already")
	o.expect(lounge, "draft-add "+d.ID+" words:nothing-like-it", "Nothing was found for")
	o.expect(lounge, "draft-add "+d.ID+" "+ids[0], heads[0])
	got := o.draft(d.ID)
	if len(got.Edition.Items) != 3 || got.Edition.Items[0].Brief.Headline != "A <!channel> better one" || got.Edition.Items[0].N != 1 || got.Edition.Items[2].Brief.ID != ids[0] || got.Version != 6 {
		t.Errorf("got version %d with %+v", got.Version, got.Edition.Items)
	}
	o.expect(lounge, "draft-show "+d.ID, "A <!channel> better one", heads[0])
	o.expect(rivals, "draft-approve "+d.ID, "This draft does not exist any more.")
	o.as.Manager = false
	o.expect(lounge, "draft-approve "+d.ID, "Only people who manage")
	o.as = manager
	o.expect(lounge, "draft-approve "+d.ID, "Approved by Ann.")
	o.as.Name = "Bo"
	o.expect(lounge, "draft-skip "+d.ID, "Approved by Ann.")
	o.expect(lounge, "draft-drop "+d.ID+" "+ids[1], "Approved by Ann.")
	if got := o.draft(d.ID); got.State != digest.DraftApproved || got.Who != "Ann" || len(got.Edition.Items) != 3 {
		t.Errorf("got %s by %s with %d stories", got.State, got.Who, len(got.Edition.Items))
	}
	o.expect(lounge, "audit", "draft-approve", "draft-drop")
}

func TestEditorsTooLate(t *testing.T) {
	o := newOffice(t)
	d := o.drafted()
	o.now = d.Deadline
	o.expect(lounge, "draft-drop "+d.ID+" "+d.Edition.Items[0].Brief.ID, "This draft does not exist any more.")
	if got := o.draft(d.ID); len(got.Edition.Items) != 3 || got.Version != 1 {
		t.Errorf("got %d stories, want 3: the deadline has come", len(got.Edition.Items))
	}
	sub := o.stored("slack:T1", "News digest")
	sub.Review.Rule = digest.RuleHold
	o.must(o.store.PutSubscriptions(context.Background(), []digest.Subscription{sub}, "chat"))
	o.now = d.Deadline.Add(time.Hour)
	slot := digest.Slot{Subscription: sub.ID, Key: "2026-05-03T08:00", At: d.Deadline.Add(-48 * time.Hour), State: digest.SlotExpired}
	_, err := o.store.PutSlots(context.Background(), []digest.Slot{slot})
	o.must(err)
	given := d
	given.ID, given.Slot = digest.DraftID(sub.ID, slot.Key), slot.Key
	_, err = o.store.PutDraft(context.Background(), given, digest.Notice{Workspace: d.Workspace, Cause: digest.CauseDraft, Subject: given.ID, Key: given.ID})
	o.must(err)
	o.expect(lounge, "draft-approve "+given.ID, "This draft does not exist any more.") // nothing would come of it
	_, err = o.store.PutSlots(context.Background(), []digest.Slot{{Subscription: sub.ID, Key: d.Slot, At: d.Deadline, State: digest.SlotDue}})
	o.must(err)
	o.expect(lounge, "draft-approve "+d.ID, "Approved by Ann.")
}

// TestEditorsAtOnce lets every editor drop another story in the same moment:
// nobody's change is lost.
func TestEditorsAtOnce(t *testing.T) {
	o := newOffice(t)
	d := o.drafted()
	var all sync.WaitGroup
	for _, it := range d.Edition.Items {
		for range 2 {
			all.Go(func() {
				cmd, _ := chat.Parse(command.Specs(), "draft-drop "+d.ID+" "+it.Brief.ID)
				cmd.Address, cmd.User = lounge, manager
				o.Handle(context.Background(), cmd)
			})
		}
	}
	all.Wait()
	if got := o.draft(d.ID); len(got.Edition.Items) != 0 {
		t.Errorf("%d stories are left, want none", len(got.Edition.Items))
	}
}

func TestChannelsAreNamedWithinTheWorkspace(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 8am")
	o.expect(team, "settings editors:#C2", "Other channels cannot be named here.")
	o.Belongs = func(_ context.Context, a digest.Address) error {
		if a.Channel != "C2" {
			return digest.Errorf(digest.NotFound, "The bot does not see %s.", a)
		}
		return nil
	}
	o.expect(team, "settings editors:<#C2|lounge> lead:30m undecided:hold also-in:C2", "Editors slack:T1/C2", "They get it before by 30m", "When undecided hold", "Also in slack:T1/C2")
	o.expect(team, "settings editors:C9", "The bot does not see slack:T1/C9.")
	o.expect(team, "settings also-in:slack:T2/C1", "is no channel here")
	o.expect(team, "settings also-in:C2,C9", "The bot does not see slack:T1/C9.")
	sub := o.stored("slack:T1", "News digest")
	if sub.Review != (digest.Review{Channel: lounge.String(), Lead: 30 * time.Minute, Rule: "hold"}) || len(sub.Channels) != 2 || sub.Channels[1] != lounge {
		t.Errorf("got %+v and %v", sub.Review, sub.Channels)
	}
	o.expect(team, "settings editors:none also-in:none", "Editors none", "Also in none")
	for _, said := range shown(o.ask(team, "settings", "")) {
		if strings.Contains(said, "They get it before by") || strings.Contains(said, "When undecided") {
			t.Errorf("without editors it says %q", said)
		}
	}
}
