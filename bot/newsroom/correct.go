package newsroom

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/brief"
)

const (
	correctable = 72 * time.Hour  // a digest is corrected this long after it was shown
	overlap     = 2 * time.Minute // of what two rounds look at: changes are not committed in the order of their times
	revisions   = 20              // edits that one round takes
	mostRetries = 8               // of one edit
)

// checked says which changes of articles were looked at last.
type checked struct {
	until   time.Time // of the newest of them, by the store's clock
	changes int
	first   time.Time // when just these were looked at first
}

// Correct looks at the articles that were changed or taken down since the last
// round. Where a digest that was shown says what no article says any more, it
// records what it says instead, and edits what was posted. It returns how many
// stories it corrected and parts it edited.
func (n *Newsroom) Correct(ctx context.Context) (int, error) {
	if fenced, err := n.fenced(ctx); fenced || err != nil {
		return 0, err
	}
	now := n.now()
	n.mu.Lock()
	before := n.checked
	n.mu.Unlock()
	since := before.until.Add(-overlap)
	if earliest := now.Add(-correctable); since.Before(earliest) {
		since = earliest
	}
	changes, err := n.Store.ChangesSince(ctx, since)
	if err != nil {
		return 0, err
	}
	worked := 0
	if len(changes) > 0 {
		seen := checked{until: changes[len(changes)-1].At, changes: len(changes), first: now}
		if seen.until.Equal(before.until) && seen.changes == before.changes {
			seen.first = before.first
		}
		if now.Sub(seen.first) < overlap { // a digest that is being built may still have the old text
			if worked, err = n.review(ctx, changes); err != nil {
				return worked, err
			}
		}
		n.mu.Lock()
		n.checked = seen
		n.mu.Unlock()
	}
	edited, err := n.revise(ctx)
	return worked + edited, err
}

// review corrects the editions that show changed articles.
func (n *Newsroom) review(ctx context.Context, changes []digest.Change) (int, error) {
	ids, known := make([]string, len(changes)), make(map[string]bool, len(changes))
	for i, c := range changes {
		ids[i], known[c.Article] = c.Article, true
	}
	changed := func(r digest.Reference) bool { return known[r.ID] }
	editions, err := n.Store.EditionsWith(ctx, ids, n.now().Add(-correctable))
	if err != nil {
		return 0, err
	}
	corrected := 0
	for _, e := range editions {
		for i := range e.Items {
			if !slices.ContainsFunc(e.Items[i].Brief.Articles, changed) {
				continue
			}
			c, wrong, err := n.holdAgainst(ctx, e, e.Items[i])
			if err == nil && wrong {
				corrected++
				err = n.publish(ctx, e, c)
				e.Correct(c) // the header of the next one shows this one too
			}
			if err != nil {
				return corrected, err
			}
		}
	}
	return corrected, nil
}

// holdAgainst holds a story as it was shown against its articles as they are
// now. It reports whether something of it does not stand there any more, and
// how it is to be corrected.
func (n *Newsroom) holdAgainst(ctx context.Context, e digest.Edition, item digest.Item) (digest.Correction, bool, error) {
	ids := make([]string, len(item.Brief.Articles))
	for i, r := range item.Brief.Articles {
		ids[i] = r.ID
	}
	c := digest.Correction{Workspace: e.Workspace, Edition: e.ID, Story: item.Brief.ID, At: n.now()}
	articles, err := n.Store.ArticlesByID(ctx, e.Workspace, ids)
	switch {
	case err != nil:
		return c, false, err
	case len(articles) == 0:
		c.Kind = digest.Withdrawn
		return c, true, nil
	}
	s := digest.Story{ID: item.Brief.ID, Workspace: e.Workspace, Articles: articles}
	shown := item.Brief
	if item.Retitled { // an editor answers for the headline
		shown.Headline = strings.TrimSpace(articles[0].Title)
	}
	titled := slices.ContainsFunc(articles, func(a digest.Article) bool { return strings.TrimSpace(a.Title) == shown.Headline })
	if titled && len(articles) == len(ids) && len(brief.Check(shown, s)) == 0 {
		return c, false, nil
	}
	c.Kind = digest.Corrected
	c.Brief, err = n.brief(ctx, ctx, s, digest.Options{Length: e.Layout.Length, Now: e.Due})
	return c, err == nil && !alike(c.Brief, item.Brief), err
}

// alike reports whether two briefs say the same.
func alike(a, b digest.Brief) bool {
	one, err := json.Marshal(a)
	other, problem := json.Marshal(b)
	return err == nil && problem == nil && bytes.Equal(one, other)
}

// publish records a correction and has the parts edited that show the story,
// and the headers that name it.
func (n *Newsroom) publish(ctx context.Context, e digest.Edition, c digest.Correction) error {
	e.Items = slices.Clone(e.Items)
	e.Correct(c)
	posted, err := n.Store.Deliveries(ctx, digest.PartFilter{Subscription: e.Subscription, Slot: e.Slot, Limit: 1000})
	if err != nil {
		return err
	}
	posted = slices.DeleteFunc(posted, func(p digest.Part) bool {
		return p.Edition != e.ID || p.State != digest.PartSent && p.State != digest.PartReady && p.State != digest.PartSending
	})
	messages := chat.Layout(e, chat.LocaleFor(e.Language, e.Zone))
	var edits []digest.Revision
	for _, p := range posted {
		for _, m := range messages {
			if m.Kind == chat.Header && p.N == 1 || m.Kind == chat.Story && m.ID == c.Story && slices.Contains(p.Stories, c.Story) {
				edits = append(edits, n.reshow(posted, p, m)...)
			}
		}
	}
	if err := n.Store.PutCorrection(ctx, c, edits); err != nil {
		return err
	}
	n.log().Info("digest corrected", "subscription", e.Subscription, "slot", e.Slot, "story", c.Story, "kind", c.Kind, "parts", len(edits))
	n.wake(correctLoop)
	return nil
}

// reshow returns the edits that show a message in the place of the one that
// began with part p. Where it went on in further parts, these show the rest of
// the new one, or that it is over.
func (n *Newsroom) reshow(posted []digest.Part, p digest.Part, m chat.Message) []digest.Revision {
	var payloads, over []digest.Payload
	err := n.safely("rendering for "+p.Platform, func() (err error) {
		if payloads, err = n.Platforms[p.Platform].Render([]chat.Message{m}); err == nil {
			over, err = n.Platforms[p.Platform].Render([]chat.Message{chat.Note("…")})
		}
		return err
	})
	if err != nil || len(payloads) == 0 || len(over) == 0 {
		n.log().Error("a correction cannot be shown", "part", p.Key, "channel", p.Address.String(), "error", err)
		return nil
	}
	out := []digest.Revision{{Part: p, New: payloads[0]}}
	for i := 1; ; i++ {
		at := slices.IndexFunc(posted, func(q digest.Part) bool {
			return q.Address == p.Address && q.N == p.N+i && len(q.Stories) == 0
		})
		if at < 0 {
			return out
		}
		r := digest.Revision{Part: posted[at], New: over[0]}
		if i < len(payloads) {
			r.New = payloads[i]
		}
		out = append(out, r)
	}
}

// goesOn marks the stories that were shown under another id and became part of
// a story of edition e.
func (n *Newsroom) goesOn(ctx context.Context, e digest.Edition, shown []digest.Shown) error {
	for _, item := range e.Items {
		if !item.Update {
			continue
		}
		for _, s := range shown {
			if s.Story == item.Brief.ID || s.Edition == e.ID || n.now().Sub(s.At) > correctable ||
				!slices.ContainsFunc(item.Brief.Articles, func(r digest.Reference) bool { return slices.Contains(s.Articles, r.ID) }) {
				continue
			}
			before, err := n.Store.Edition(ctx, e.Workspace, s.Edition)
			if digest.KindOf(err) == digest.NotFound {
				continue // another workspace's
			}
			if err != nil {
				return err
			}
			if slices.ContainsFunc(before.Items, func(it digest.Item) bool { return it.Brief.ID == s.Story && it.Correction != "" }) {
				continue // what was frozen must not come back
			}
			c := digest.Correction{Workspace: before.Workspace, Edition: before.ID, Story: s.Story, Kind: digest.Merged, Into: item.Brief.Headline, At: n.now()}
			if err := n.publish(ctx, before, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// revise edits what was posted, as far as its time has come.
func (n *Newsroom) revise(ctx context.Context) (int, error) {
	var names []string
	for _, name := range n.openPlatforms(n.now()) {
		if _, ok := n.Platforms[name].(Editor); ok {
			names = append(names, name)
		}
	}
	t := n.timing()
	list, err := n.Store.ClaimRevisions(ctx, names, t.Lease, revisions)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		err := n.safely("editing on "+r.Platform, func() error {
			ctx, cancel := context.WithTimeout(ctx, t.Timeout)
			defer cancel()
			return n.Platforms[r.Platform].(Editor).Edit(ctx, r.Part, r.New)
		})
		if err := n.revised(ctx, r, err); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// revised records what became of an edit. What failed is tried again, unless
// the platform will never take it.
func (n *Newsroom) revised(ctx context.Context, r digest.Revision, cause error) error {
	o := digest.OutcomeOf(cause)
	if cause == nil || o.Class == digest.Sent {
		return n.Store.MarkRevision(ctx, r, digest.RevisionDone, time.Time{}, "")
	}
	state, next := digest.RevisionReady, n.now().Add(max(o.After, n.timing().backoff(r.Key, r.Tries)))
	if o.Class == digest.Rejected || r.Tries >= mostRetries {
		state = digest.RevisionFailed
	}
	n.log().Warn("a correction did not reach its message", "part", r.Key, "channel", r.Address.String(), "state", state, "error", cause)
	n.wakeAfter(correctLoop, next.Sub(n.now()))
	return n.Store.MarkRevision(ctx, r, state, next, shorten(cause))
}
