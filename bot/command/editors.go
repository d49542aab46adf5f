package command

import (
	"context"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/edition"
	"nutgraf/digest/text"
)

// Editing changes the drafts that editors look at.
type Editing interface {
	Draft(ctx context.Context, id string) (digest.EditorsDraft, error)
	ChangeDraft(ctx context.Context, d digest.EditorsDraft) error
}

// Redrafting writes drafts and parts of them.
type Redrafting interface {
	Redraft(ctx context.Context, d digest.EditorsDraft) (digest.EditorsDraft, error)
	Insert(ctx context.Context, d digest.EditorsDraft, s digest.Story) (digest.EditorsDraft, error)
}

// tries is how often a change is made again when somebody else was faster.
const tries = 5

// editing lists what editors do with a draft, behind its buttons.
func editing() []entry {
	id, story := chat.Option{Name: "id"}, chat.Option{Name: "story"}
	with := func(e entry, form func(*Commands, context.Context, chat.Command) (*chat.Form, error)) entry {
		e.OpensForm, e.form = true, form
		return e
	}
	show := hidden("draft-show", (*Commands).draftShow, id)
	show.Changes = false
	return []entry{
		show,
		hidden("draft-drop", (*Commands).draftDrop, id, story),
		hidden("draft-top", (*Commands).draftTop, id, story),
		with(hidden("draft-title", (*Commands).draftTitle, id, story, chat.Option{Name: "title"}), (*Commands).draftTitleForm),
		with(hidden("draft-add", (*Commands).draftAdd, id, chat.Option{Name: "words"}), (*Commands).draftAddForm),
		hidden("draft-redo", (*Commands).draftRedo, id),
		hidden("draft-approve", (*Commands).draftApprove, id),
		hidden("draft-skip", (*Commands).draftSkip, id),
	}
}

// draftOf returns the draft that a command means: one of the workspace, or one
// that was sent to the command's channel.
func (c *Commands) draftOf(ctx context.Context, cmd chat.Command) (digest.EditorsDraft, error) {
	d, err := c.Editing.Draft(ctx, cmd.Args["id"])
	if err == nil && d.Workspace != workspace(cmd) && d.Channel != cmd.Address.String() {
		err = digest.Errorf(digest.NotFound, "This draft does not exist any more.")
	}
	return d, err
}

// revise changes an open draft. When somebody else was faster, the change is
// made to what they made of it.
func (c *Commands) revise(ctx context.Context, cmd chat.Command, change func(digest.EditorsDraft) (digest.EditorsDraft, error)) ([]chat.Message, error) {
	for range tries {
		d, err := c.draftOf(ctx, cmd)
		if err != nil {
			return nil, err
		}
		loc := chat.LocaleFor(d.Edition.Language, d.Edition.Zone) // as the newsroom posted it
		switch {
		case d.State != digest.DraftOpen:
			return []chat.Message{chat.Draft(d, loc)}, nil // it shows who decided
		case !c.Now().Before(d.Deadline) && !c.held(ctx, d):
			return nil, digest.Errorf(digest.NotFound, "This draft does not exist any more.")
		}
		before := d.Version
		if d, err = change(d); err != nil {
			return nil, err
		}
		d.Version = before
		switch err = c.Editing.ChangeDraft(ctx, d); {
		case digest.KindOf(err) == digest.Conflict:
			continue
		case err != nil:
			return nil, err
		}
		c.record(ctx, cmd, d.Edition.Name+" "+d.Slot, strings.TrimSpace(cmd.Args["story"]+" "+cmd.Args["title"]+cmd.Args["words"]))
		return []chat.Message{chat.Draft(d, loc)}, nil
	}
	return nil, digest.Errorf(digest.Conflict, "Others are changing the draft too; try again.")
}

// held reports whether a draft waits for its editors beyond the deadline: that
// its slot is still open, or is about to be decided.
func (c *Commands) held(ctx context.Context, d digest.EditorsDraft) bool {
	subs, err := c.Desk.Subscriptions(ctx, d.Workspace)
	if err != nil || !slices.ContainsFunc(subs, func(s digest.Subscription) bool { return s.ID == d.Subscription && s.Review.Rule == digest.RuleHold }) {
		return false
	}
	slots, err := c.Desk.Slots(ctx, digest.SlotFilter{Subscription: d.Subscription, Key: d.Slot, Limit: 1})
	switch {
	case err != nil:
		return false
	case len(slots) == 0:
		return c.Now().Before(d.Deadline.Add(time.Minute))
	}
	return slots[0].State == digest.SlotDue || slots[0].State == digest.SlotSelected
}

// draftShow shows the digest as it would be posted.
func (c *Commands) draftShow(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	d, err := c.draftOf(ctx, cmd)
	if err != nil {
		return nil, err
	}
	return chat.Layout(d.Edition, chat.LocaleFor(d.Edition.Language, d.Edition.Zone)), nil
}

// place returns where a story stands in a draft.
func place(d digest.EditorsDraft, story string) (int, error) {
	i := slices.IndexFunc(d.Edition.Items, func(it digest.Item) bool { return it.Brief.ID == story })
	if i < 0 {
		return i, digest.Errorf(digest.NotFound, "This story is not in the draft any more.")
	}
	return i, nil
}

// draftDrop takes a story out. One that is out already stays out.
func (c *Commands) draftDrop(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.revise(ctx, cmd, func(d digest.EditorsDraft) (digest.EditorsDraft, error) {
		d.Edition.Items = slices.DeleteFunc(d.Edition.Items, func(it digest.Item) bool { return it.Brief.ID == cmd.Args["story"] })
		d.Edition = edition.Renumber(d.Edition)
		return d, nil
	})
}

// draftTop makes a story the first one.
func (c *Commands) draftTop(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.revise(ctx, cmd, func(d digest.EditorsDraft) (digest.EditorsDraft, error) {
		i, err := place(d, cmd.Args["story"])
		if err != nil {
			return d, err
		}
		it := d.Edition.Items[i]
		d.Edition.Items = slices.Insert(slices.Delete(d.Edition.Items, i, i+1), 0, it)
		d.Edition = edition.Renumber(d.Edition)
		return d, nil
	})
}

// draftTitleForm asks for the new headline of a story.
func (c *Commands) draftTitleForm(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if cmd.Args["title"] != "" {
		return nil, nil
	}
	d, err := c.draftOf(ctx, cmd)
	if err != nil {
		return nil, err
	}
	i, err := place(d, cmd.Args["story"])
	if err != nil {
		return nil, err
	}
	loc := c.locale(ctx, cmd)
	return &chat.Form{Title: loc.T("Retitle"), Submit: loc.T("Save"), Command: "draft-title", Args: map[string]string{"id": d.ID, "story": cmd.Args["story"]},
		Fields: []chat.Input{{Option: chat.Option{Name: "title", Required: true}, Label: loc.T("Headline"), Value: d.Edition.Items[i].Brief.Headline}}}, nil
}

// longestTitle is how many characters a headline has at most.
const longestTitle = 200

// draftTitle gives a story another headline.
func (c *Commands) draftTitle(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	title := text.Line(cmd.Args["title"], longestTitle)
	if title == "" {
		return nil, digest.Errorf(digest.Invalid, "The headline has no letter that can be shown; write another one.")
	}
	return c.revise(ctx, cmd, func(d digest.EditorsDraft) (digest.EditorsDraft, error) {
		i, err := place(d, cmd.Args["story"])
		if err != nil {
			return d, err
		}
		d.Edition.Items[i].Brief.Headline, d.Edition.Items[i].Retitled = title, true
		d.Edition = edition.Renumber(d.Edition)
		return d, nil
	})
}

// draftAddForm asks what is to be added.
func (c *Commands) draftAddForm(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if cmd.Args["words"] != "" {
		return nil, nil
	}
	loc := c.locale(ctx, cmd)
	return &chat.Form{Title: loc.T("Add a story"), Submit: loc.T("Add"), Command: "draft-add", Args: map[string]string{"id": cmd.Args["id"]},
		Fields: []chat.Input{{Option: chat.Option{Name: "words", Help: "the id of a story or article, or words to search for", Required: true}, Label: loc.T("Story")}}}, nil
}

// draftAdd adds a story by its id or that of an article, or the newest one that
// a search finds and the draft does not have.
func (c *Commands) draftAdd(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	words := strings.TrimSpace(cmd.Args["words"])
	return c.revise(ctx, cmd, func(d digest.EditorsDraft) (digest.EditorsDraft, error) {
		s, err := c.Find(ctx, d.Workspace, words)
		if digest.KindOf(err) == digest.NotFound {
			s, err = c.searched(ctx, d, words)
		}
		if err != nil {
			return d, err
		}
		if _, err := place(d, s.ID); err == nil {
			return d, digest.Errorf(digest.Conflict, "This story is in the draft already.")
		}
		return c.Redrafting.Insert(ctx, d, s)
	})
}

// searched returns the newest story that a search finds and a draft lacks.
func (c *Commands) searched(ctx context.Context, d digest.EditorsDraft, words string) (digest.Story, error) {
	hits, err := c.Archive.Search(ctx, digest.SearchQuery{Workspace: d.Workspace, Words: words, Limit: 20})
	if err != nil {
		return digest.Story{}, err
	}
	for _, h := range hits {
		s, err := c.Find(ctx, d.Workspace, h.Article.ID)
		if err != nil {
			return s, err
		}
		if _, err := place(d, s.ID); err != nil {
			return s, nil
		}
	}
	return digest.Story{}, digest.Errorf(digest.NotFound, "Nothing was found for %q that the draft does not have.", clip(words))
}

// draftRedo writes the draft anew from what has arrived by now.
func (c *Commands) draftRedo(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.revise(ctx, cmd, func(d digest.EditorsDraft) (digest.EditorsDraft, error) { return c.Redrafting.Redraft(ctx, d) })
}

// draftApprove has the draft published at its deadline, as it is now.
func (c *Commands) draftApprove(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.decide(ctx, cmd, digest.DraftApproved)
}

// draftSkip has nothing published.
func (c *Commands) draftSkip(ctx context.Context, cmd chat.Command) ([]chat.Message, error) {
	return c.decide(ctx, cmd, digest.DraftSkipped)
}

func (c *Commands) decide(ctx context.Context, cmd chat.Command, state digest.DraftState) ([]chat.Message, error) {
	return c.revise(ctx, cmd, func(d digest.EditorsDraft) (digest.EditorsDraft, error) {
		d.State, d.Who = state, orElse(text.Line(cmd.User.Name, longestName), cmd.User.ID)
		return d, nil
	})
}
