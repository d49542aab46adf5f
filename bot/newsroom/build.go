package newsroom

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/edition"
	"nutgraf/digest/schedule"
)

const (
	builders     = 4                   // slots that are built at the same time
	firstWindow  = 24 * time.Hour      // of a subscription's first digest, and at least of a preview
	widestWindow = 72 * time.Hour      // of any digest
	grouping     = 4 * 24 * time.Hour  // articles of at least this time are grouped, so that stories live on
	leastTime    = 10 * time.Minute    // that a slot has for its digest, however late it was decided
	memory       = 90 * 24 * time.Hour // what a channel was shown counts this long
)

// Build decides which slots are due and builds their editions. It returns how
// many slots it decided or worked on.
func (n *Newsroom) Build(ctx context.Context) (int, error) {
	if fenced, err := n.fenced(ctx); fenced || err != nil {
		return 0, err
	}
	worked, err := n.Decide(ctx)
	if err != nil {
		return worked, err
	}
	drafted, err := n.Draft(ctx) // after the slots before it were decided: its window begins where theirs end
	if err != nil {
		return worked, err
	}
	worked += drafted
	var all sync.WaitGroup
	var mu sync.Mutex
	var problems []error
	for range builders {
		all.Go(func() {
			built, err := n.buildAll(ctx)
			mu.Lock()
			defer mu.Unlock()
			worked += built
			if err != nil {
				problems = append(problems, err)
			}
		})
	}
	all.Wait()
	return worked, errors.Join(problems...)
}

// buildAll claims and builds slots until there are none. A slot that cannot be
// built keeps its claim, so that it is tried again when the lease has ended.
func (n *Newsroom) buildAll(ctx context.Context) (built int, err error) {
	for ctx.Err() == nil {
		slot, sub, claim, ok, err := n.Store.ClaimSlot(ctx, n.Worker, n.timing().Lease)
		if err != nil || !ok {
			return built, err
		}
		built++
		began := n.now()
		err = n.safely("slot "+slot.Key+" of "+sub.ID, func() error { return n.build(ctx, slot, sub, claim) })
		if n.Meter != nil && err == nil {
			n.Meter.Built(n.now().Sub(began))
		}
		switch {
		case digest.KindOf(err) == digest.Conflict:
			n.log().Info("slot left to another worker", "subscription", sub.ID, "slot", slot.Key)
		case err != nil && ctx.Err() == nil:
			n.log().Error("digest not built, to be tried again", "subscription", sub.ID, "slot", slot.Key, "error", err)
		}
	}
	return built, ctx.Err()
}

// build brings one claimed slot to its end: built, or closed with a reason.
func (n *Newsroom) build(ctx context.Context, slot digest.Slot, sub digest.Subscription, claim digest.Claim) error {
	if state, reason := n.obsolete(slot, sub); state != "" {
		return n.Store.CloseSlot(ctx, claim, slot, state, reason)
	}
	if done, err := n.sentBefore(ctx, slot, &sub, claim); done || err != nil {
		return err
	}
	if sub.Review.Channel != "" {
		draft, done, err := n.reviewed(ctx, slot, sub, claim)
		if done || err != nil {
			return err
		}
		if draft.ID != "" {
			return n.approve(ctx, slot, sub, claim, draft)
		}
	}
	if slot.State == digest.SlotDue {
		if err := n.freezeWindow(ctx, &slot, sub, claim); err != nil {
			return err
		}
	}
	in, err := n.input(ctx, slot, sub)
	if err != nil {
		return err
	}
	if in.Shown, err = n.shown(ctx, sub, slot.To); err != nil {
		return err
	}
	sel, err := n.choose(ctx, in)
	if err != nil {
		return err
	}
	if err := n.saveStories(ctx, sub.Workspace, sel.Stories); err != nil {
		return err
	}
	if len(sel.Shown) == 0 && sub.Empty != "note" {
		return n.Store.CloseSlot(ctx, claim, slot, digest.SlotEmpty, "no new stories")
	}
	e, err := n.write(ctx, in, sel)
	if err != nil {
		return err
	}
	return n.freeze(ctx, slot, sub, claim, e, in.Shown)
}

// approve publishes what the editors decided, with the window they had.
func (n *Newsroom) approve(ctx context.Context, slot digest.Slot, sub digest.Subscription, claim digest.Claim, d digest.EditorsDraft) error {
	if slot.State == digest.SlotDue {
		slot.From, slot.To, slot.Articles = d.Edition.From, d.Edition.To, d.Articles
		if err := n.Store.FreezeWindow(ctx, claim, slot); err != nil {
			return err
		}
		slot.State = digest.SlotSelected
	}
	if err := n.refresh(ctx, &d.Edition); err != nil {
		return err
	}
	if len(d.Edition.Items) == 0 && sub.Empty != "note" {
		return n.Store.CloseSlot(ctx, claim, slot, digest.SlotEmpty, "no new stories")
	}
	shown, err := n.shown(ctx, sub, slot.To)
	if err != nil {
		return err
	}
	d.Edition.Late = slot.Late
	return n.freeze(ctx, slot, sub, claim, edition.Renumber(d.Edition), shown)
}

// refresh holds a draft against what its articles say by now: stories that were
// taken down meanwhile are left out, and those that changed are written anew.
func (n *Newsroom) refresh(ctx context.Context, e *digest.Edition) error {
	var items []digest.Item
	for _, item := range e.Items {
		c, wrong, err := n.holdAgainst(ctx, *e, item)
		switch {
		case err != nil:
			return err
		case wrong && c.Kind == digest.Withdrawn:
			continue
		case wrong:
			item.Brief, item.Retitled = c.Brief, false
		}
		items = append(items, item)
	}
	e.Items = items
	return nil
}

// freeze renders an edition for its channels and puts it into the outbox.
func (n *Newsroom) freeze(ctx context.Context, slot digest.Slot, sub digest.Subscription, claim digest.Claim, e digest.Edition, shown []digest.Shown) error {
	parts, problem := n.parts(ctx, sub, e)
	if len(parts) == 0 {
		return n.Store.CloseSlot(ctx, claim, slot, digest.SlotUndeliverable, problem)
	}
	if err := n.Store.FreezeEdition(ctx, claim, slot, e, parts); err != nil {
		return err
	}
	if err := n.goesOn(ctx, e, shown); err != nil {
		n.log().Warn("earlier messages do not say where their stories go on", "subscription", sub.ID, "slot", slot.Key, "error", err)
	}
	n.log().Info("digest built", "subscription", sub.ID, "slot", slot.Key, "edition", e.ID, "stories", len(e.Items), "parts", len(parts), "late", slot.Late)
	return nil
}

// obsolete returns the final state of a slot that is not to be built any more.
func (n *Newsroom) obsolete(slot digest.Slot, sub digest.Subscription) (digest.SlotState, string) {
	now, end := n.now(), slot.At.Add(schedule.CatchUp(sub))
	if least := slot.Decided.Add(leastTime); least.After(end) {
		end = least
	}
	switch {
	case sub.Disabled != "":
		return digest.SlotMissed, "the subscription was disabled: " + sub.Disabled
	case sub.Paused && (sub.PausedTill.IsZero() || now.Before(sub.PausedTill)):
		return digest.SlotMissed, "the subscription was paused"
	case now.After(end):
		return digest.SlotExpired, "it could not be built within the catch-up time"
	}
	return "", ""
}

// freezeWindow fixes the slot's window and the articles in it: a digest that is
// built again after a crash is made of the same ones.
func (n *Newsroom) freezeWindow(ctx context.Context, slot *digest.Slot, sub digest.Subscription, claim digest.Claim) error {
	from, err := n.windowStart(ctx, sub, *slot)
	if err != nil {
		return err
	}
	slot.From, slot.To = from, slot.At
	articles, err := n.Store.Articles(ctx, digest.ArticleQuery{Workspace: sub.Workspace, Sources: edition.Sources(sub), From: slot.From, To: slot.To})
	if err != nil {
		return err
	}
	slot.Articles = make([]string, 0, len(articles))
	for _, a := range articles {
		slot.Articles = append(slot.Articles, a.ID)
	}
	slices.Sort(slot.Articles)
	if err := n.Store.FreezeWindow(ctx, claim, *slot); err != nil {
		return err
	}
	slot.State = digest.SlotSelected
	return nil
}

// windowStart returns where the window of a slot begins: at the end of the last
// slot that a digest covered, or, before the first digest, 24 hours ahead of the
// first slot, missed ones included; at most 72 hours back.
func (n *Newsroom) windowStart(ctx context.Context, sub digest.Subscription, slot digest.Slot) (time.Time, error) {
	slots, err := n.Store.Slots(ctx, digest.SlotFilter{Subscription: sub.ID})
	if err != nil {
		return time.Time{}, err
	}
	start := slot.At.Add(-firstWindow)
	for _, s := range slots { // newest first
		if !s.At.Before(slot.At) {
			continue
		}
		switch s.State {
		case digest.SlotMissed, digest.SlotExpired, digest.SlotUndeliverable:
			start = s.At.Add(-firstWindow)
			continue
		}
		start = s.To
		if start.IsZero() {
			start = s.At
		}
		if s.To.IsZero() && sub.Review.Channel != "" { // it waits for its editors, with the window of its draft
			d, err := n.Store.Draft(ctx, digest.DraftID(sub.ID, s.Key))
			if err != nil && digest.KindOf(err) != digest.NotFound {
				return time.Time{}, err
			}
			if err == nil {
				start = d.Edition.To
			}
		}
		break
	}
	if earliest := slot.At.Add(-widestWindow); start.Before(earliest) {
		start = earliest
	}
	return start, nil
}

// input loads what the selection looks at. Articles of the window that were not
// there when it was frozen are left out.
func (n *Newsroom) input(ctx context.Context, slot digest.Slot, sub digest.Subscription) (edition.Input, error) {
	in := edition.Input{Subscription: sub, Slot: slot}
	since := slot.To.Add(-grouping)
	if slot.From.Before(since) {
		since = slot.From
	}
	articles, err := n.Store.Articles(ctx, digest.ArticleQuery{Workspace: sub.Workspace, From: since, To: slot.To})
	if err != nil {
		return in, err
	}
	in.Articles = slices.DeleteFunc(articles, func(a digest.Article) bool {
		if a.Arrived.Before(slot.From) || len(sub.Sources) > 0 && !slices.Contains(edition.Sources(sub), a.Source) {
			return false // grouped, but not of the window
		}
		_, frozen := slices.BinarySearch(slot.Articles, a.ID)
		return !frozen
	})
	if in.Prior, err = n.Store.Stories(ctx, sub.Workspace, since.Add(-grouping)); err != nil {
		return in, err
	}
	if in.Sources, err = n.Store.Sources(ctx, sub.Workspace); err != nil {
		return in, err
	}
	in.Votes = make(map[string]int)
	for _, address := range sub.Channels {
		votes, err := n.Store.Votes(ctx, address)
		if err != nil {
			return in, err
		}
		for k, v := range votes {
			in.Votes[k] += v
		}
	}
	return in, nil
}

// textsRead is how many texts are held at a time while filters look into them.
const textsRead = 500

// choose groups the articles and selects from them. Only the texts are read
// that filters look into.
func (n *Newsroom) choose(ctx context.Context, in edition.Input) (edition.Selection, error) {
	g := edition.Group(in)
	for some := range slices.Chunk(g.Unread(), textsRead) {
		articles, err := n.Store.ArticlesByID(ctx, in.Subscription.Workspace, some)
		if err != nil {
			return edition.Selection{}, err
		}
		for _, a := range articles {
			g.Read(a)
		}
	}
	return g.Select(), nil
}

// shown returns what the subscription's channels were shown, together.
func (n *Newsroom) shown(ctx context.Context, sub digest.Subscription, now time.Time) ([]digest.Shown, error) {
	var out []digest.Shown
	for _, address := range sub.Channels {
		shown, err := n.Store.ShownTo(ctx, address, now.Add(-memory))
		if err != nil {
			return nil, err
		}
		out = append(out, shown...)
	}
	return out, nil
}

// write has the chosen stories written, from their full texts, and puts the
// edition together.
func (n *Newsroom) write(ctx context.Context, in edition.Input, sel edition.Selection) (digest.Edition, error) {
	var ids []string
	for _, r := range sel.Shown {
		for _, a := range r.Story.Articles {
			ids = append(ids, a.ID)
		}
	}
	texts := make(map[string]digest.Article, len(ids))
	if len(ids) > 0 {
		articles, err := n.Store.ArticlesByID(ctx, in.Subscription.Workspace, ids)
		if err != nil {
			return digest.Edition{}, err
		}
		for _, a := range articles {
			texts[a.ID] = a
		}
	}
	stories := make([]digest.Story, len(sel.Shown))
	for i, r := range sel.Shown {
		stories[i] = r.Story
		stories[i].Articles = slices.Clone(r.Story.Articles)
		for k, a := range stories[i].Articles {
			if whole, ok := texts[a.ID]; ok {
				stories[i].Articles[k].Text, stories[i].Articles[k].Marks = whole.Text, whole.Marks
			}
		}
	}
	briefs, err := n.briefs(ctx, stories, digest.Options{Length: in.Subscription.Layout.Length, Now: in.Slot.At})
	if err != nil {
		return digest.Edition{}, err
	}
	return edition.Assemble(in, sel, briefs), nil
}

// Preview returns the digest that a subscription would show at an instant: its
// window ends there and holds at least 24 hours, and stories that the channels
// were shown count as new, so that a preview is never empty for that reason.
// No slot, window, edition or part is written. The stories are saved, so that
// their ids can be asked for; a store that refuses that is no obstacle.
func (n *Newsroom) Preview(ctx context.Context, sub digest.Subscription, at time.Time) (digest.Edition, error) {
	p := n.schedule(sub)
	if p.err != nil {
		return digest.Edition{}, p.err
	}
	at = at.UTC().Truncate(time.Millisecond)
	slot := digest.Slot{Subscription: sub.ID, Key: at.In(p.Zone()).Format(schedule.KeyLayout), At: at, To: at}
	from, err := n.windowStart(ctx, sub, slot)
	if err != nil {
		return digest.Edition{}, err
	}
	slot.From = from
	if least := at.Add(-firstWindow); least.Before(from) {
		slot.From = least
	}
	articles, err := n.Store.Articles(ctx, digest.ArticleQuery{Workspace: sub.Workspace, Sources: edition.Sources(sub), From: slot.From, To: slot.To})
	if err != nil {
		return digest.Edition{}, err
	}
	for _, a := range articles {
		slot.Articles = append(slot.Articles, a.ID)
	}
	slices.Sort(slot.Articles)
	in, err := n.input(ctx, slot, sub)
	if err != nil {
		return digest.Edition{}, err
	}
	sel, err := n.choose(ctx, in)
	if err != nil {
		return digest.Edition{}, err
	}
	if err := n.saveStories(ctx, sub.Workspace, sel.Stories); err != nil {
		n.log().Warn("the stories of a preview were not saved", "subscription", sub.ID, "error", err)
	}
	return n.write(ctx, in, sel)
}
