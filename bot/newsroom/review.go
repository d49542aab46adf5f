package newsroom

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/edition"
	"nutgraf/digest/schedule"
)

// Drafts keeps the editions that editors look at before they are published.
type Drafts interface {
	PutDraft(ctx context.Context, d digest.EditorsDraft, told digest.Notice) (first bool, err error)
	Draft(ctx context.Context, id string) (digest.EditorsDraft, error)
	ChangeDraft(ctx context.Context, d digest.EditorsDraft) error
}

// Draft builds the drafts of the slots that come within their subscription's
// lead, and has the editors told. It returns how many it built. One that cannot
// be built is no obstacle to the others.
func (n *Newsroom) Draft(ctx context.Context) (int, error) {
	subs, err := n.Store.Subscriptions(ctx, "")
	if err != nil {
		return 0, err
	}
	now, built := n.now(), 0
	for _, sub := range subs {
		if sub.Review.Channel == "" || sub.Disabled != "" || sub.Paused {
			continue
		}
		p := n.schedule(sub)
		if p.err != nil {
			continue // Decide says so
		}
		slot, ok := p.Next(now)
		if !ok || now.Before(slot.At.Add(-sub.Review.Ahead())) || schedule.DayOff(slot, sub) {
			continue
		}
		first := false
		err := n.safely("the draft "+slot.Key+" of "+sub.ID, func() (err error) {
			first, err = n.draft(ctx, sub, slot, now)
			return err
		})
		if err != nil && ctx.Err() == nil {
			n.log().Error("draft not built, to be tried again", "subscription", sub.ID, "slot", slot.Key, "error", err)
		}
		if first {
			built++
		}
	}
	return built, nil
}

// draft builds the draft of one slot from what arrived until an instant, unless
// there is one.
func (n *Newsroom) draft(ctx context.Context, sub digest.Subscription, slot digest.Slot, until time.Time) (bool, error) {
	id := digest.DraftID(sub.ID, slot.Key)
	if _, err := n.Store.Draft(ctx, id); digest.KindOf(err) != digest.NotFound {
		return false, err
	}
	e, articles, err := n.anticipate(ctx, sub, slot, until)
	if err != nil {
		return false, err
	}
	notice := digest.Notice{Workspace: sub.Workspace, Cause: digest.CauseDraft, Subject: id, At: n.now(),
		Text: fmt.Sprintf("The draft of “%s” for %s waits for the editors.", sub.Name, slot.Key)}
	notice.Key = n.noticeKey(notice)
	first, err := n.Store.PutDraft(ctx, digest.EditorsDraft{ID: id, Workspace: sub.Workspace, Subscription: sub.ID, Slot: slot.Key, Deadline: slot.At,
		Channel: sub.Review.Channel, Articles: articles, Edition: e}, notice)
	if err != nil {
		return false, err
	}
	n.log().Info("draft built", "subscription", sub.ID, "slot", slot.Key, "stories", len(e.Items), "channel", sub.Review.Channel)
	n.wake(deliverLoop)
	return first, nil
}

// anticipate builds the edition of a slot as of an instant before it.
func (n *Newsroom) anticipate(ctx context.Context, sub digest.Subscription, slot digest.Slot, until time.Time) (digest.Edition, []string, error) {
	slot.Subscription = sub.ID
	from, err := n.windowStart(ctx, sub, slot)
	if err != nil {
		return digest.Edition{}, nil, err
	}
	slot.From, slot.To = from, until
	articles, err := n.Store.Articles(ctx, digest.ArticleQuery{Workspace: sub.Workspace, Sources: edition.Sources(sub), From: slot.From, To: slot.To})
	if err != nil {
		return digest.Edition{}, nil, err
	}
	for _, a := range articles {
		slot.Articles = append(slot.Articles, a.ID)
	}
	slices.Sort(slot.Articles)
	in, err := n.input(ctx, slot, sub)
	if err != nil {
		return digest.Edition{}, nil, err
	}
	if in.Shown, err = n.shown(ctx, sub, slot.To); err != nil {
		return digest.Edition{}, nil, err
	}
	sel, err := n.choose(ctx, in)
	if err != nil {
		return digest.Edition{}, nil, err
	}
	if err := n.Store.SaveStories(ctx, sub.Workspace, sel.Stories); err != nil {
		return digest.Edition{}, nil, err
	}
	e, err := n.write(ctx, in, sel)
	return e, slot.Articles, err
}

// Redraft builds an open draft anew, from what has arrived by now. What the
// editors changed is lost.
func (n *Newsroom) Redraft(ctx context.Context, d digest.EditorsDraft) (digest.EditorsDraft, error) {
	sub, ok, err := n.subscription(ctx, d.Subscription)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, digest.Errorf(digest.NotFound, "This digest does not exist any more.")
	}
	until := n.now()
	if until.After(d.Deadline) {
		until = d.Deadline
	}
	d.Edition, d.Articles, err = n.anticipate(ctx, sub, digest.Slot{Subscription: sub.ID, Key: d.Slot, At: d.Deadline}, until)
	return d, err
}

// Insert adds the story of an article to the end of an open draft.
func (n *Newsroom) Insert(ctx context.Context, d digest.EditorsDraft, s digest.Story) (digest.EditorsDraft, error) {
	b, err := n.brief(ctx, ctx, s, digest.Options{Length: d.Edition.Layout.Length, Now: d.Deadline})
	if err != nil {
		return d, err
	}
	d.Edition.Items = append(slices.Clip(d.Edition.Items), digest.Item{Brief: b})
	d.Edition = edition.Renumber(d.Edition)
	return d, nil
}

// reviewed returns what becomes of a claimed slot whose digest editors look at:
// the edition to publish, or done when it is closed or waits.
func (n *Newsroom) reviewed(ctx context.Context, slot digest.Slot, sub digest.Subscription, claim digest.Claim) (d digest.EditorsDraft, done bool, err error) {
	d, err = n.Store.Draft(ctx, digest.DraftID(sub.ID, slot.Key))
	missing := digest.KindOf(err) == digest.NotFound
	if err != nil && !missing {
		return d, false, err
	}
	rule := sub.Review.Rule
	switch {
	case !missing && d.State == digest.DraftApproved:
		return d, false, nil
	case !missing && d.State == digest.DraftSkipped:
		return d, true, n.Store.CloseSlot(ctx, claim, slot, digest.SlotMissed, "skipped by "+d.Who)
	case missing && !n.regular(sub, slot):
		return d, false, nil // somebody who may do so had it posted
	case rule == digest.RuleSkip:
		return d, true, n.Store.CloseSlot(ctx, claim, slot, digest.SlotMissed, "nobody approved it in time")
	case rule == digest.RuleHold:
		if missing { // the program did not run before the deadline: the editors get it now
			_, err = n.draft(ctx, sub, slot, slot.At)
			return d, true, err
		}
		return d, true, nil // the claim runs out, and the slot is looked at again
	case missing:
		return d, false, nil
	}
	// Nobody decided: it is published as it stands, and nobody changes it any more.
	decided := d
	decided.State, decided.Who = digest.DraftApproved, "the deadline"
	switch err = n.Store.ChangeDraft(ctx, decided); digest.KindOf(err) {
	case digest.Conflict:
		return n.reviewed(ctx, slot, sub, claim) // somebody changed or decided it in this moment
	default:
		return decided, false, err
	}
}

// regular reports whether the schedule of a subscription has a slot.
func (n *Newsroom) regular(sub digest.Subscription, slot digest.Slot) bool {
	p := n.schedule(sub)
	if p.err != nil {
		return true
	}
	next, ok := p.Next(slot.At.Add(-time.Millisecond))
	return ok && next.Key == slot.Key
}
