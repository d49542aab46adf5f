package newsroom_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
	"nutgraf/digest/edition"
)

// underReview is a daily digest that editors look at half an hour before.
func underReview(rule string) digest.Subscription {
	sub := daily()
	sub.Review = digest.Review{Channel: "chat:editors", Lead: 30 * time.Minute, Rule: rule}
	return sub
}

// draft returns the draft of Monday's digest.
func (b *bench) draft() digest.EditorsDraft {
	b.t.Helper()
	d, err := b.store.Draft(b.t.Context(), digest.DraftID("daily", "2026-05-04T08:00"))
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// decide ends a draft.
func (b *bench) decide(state digest.DraftState) error {
	d := b.draft()
	d.State, d.Who = state, "Ann"
	return b.store.ChangeDraft(b.t.Context(), d)
}

func TestDraftGoesToTheEditors(t *testing.T) {
	b := newBench(t, underReview(""))
	b.clock.set(at(7, 29))
	b.settle()
	b.wantPosts(map[string]int{})
	b.clock.set(at(7, 30))
	b.settle()
	b.settle()
	b.wantPosts(map[string]int{"chat:editors": 1})
	for _, body := range b.chat.bodies {
		for _, want := range []string{"Draft: Daily", "draft-approve ", "draft-drop ", "grain", "harbour"} {
			if !strings.Contains(body, want) {
				t.Errorf("the editors see %s, want %q in it", body, want)
			}
		}
	}
	b.news("late") // comes after the draft, and waits for the next digest
	b.clock.set(at(7, 45))
	d := b.draft()
	d.Edition.Items = d.Edition.Items[:2]
	d.Edition.Items[0].Brief.Headline, d.Edition.Items[0].Retitled = "What the editors call it", true
	d.Edition = edition.Renumber(d.Edition)
	if err := b.store.ChangeDraft(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := b.decide(digest.DraftApproved); err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.wantPosts(map[string]int{"chat:editors": 1})
	b.clock.set(at(8, 0))
	b.settle()
	b.wantPosts(map[string]int{"chat:editors": 1, "chat:news": 3})
	b.wantSlots("2026-05-04T08:00 done")
	e, err := b.store.LatestEdition(t.Context(), daily().Channels[0])
	if err != nil || e.Items[0].Brief.Headline != "What the editors call it" || len(e.Items) != 2 {
		t.Errorf("published: %+v, %v", e.Items, err)
	}
	b.clock.set(at(31, 30))
	b.settle()
	next, err := b.store.Draft(t.Context(), digest.DraftID("daily", "2026-05-05T08:00"))
	if err != nil || !strings.HasPrefix(next.Edition.Items[0].Brief.Headline, "late") {
		t.Errorf("the next draft: %+v, %v; want what came late", next.Edition.Items, err)
	}
}

func TestUndecided(t *testing.T) {
	tests := []struct {
		rule   string
		decide digest.DraftState // "" for nobody decided
		slots  []string
		posts  int
	}{
		{digest.RulePublish, "", []string{"2026-05-04T08:00 done"}, 4},
		{digest.RuleSkip, "", []string{"2026-05-04T08:00 missed"}, 0},
		{digest.RuleHold, "", []string{"2026-05-04T08:00 due"}, 0},
		{digest.RuleSkip, digest.DraftApproved, []string{"2026-05-04T08:00 done"}, 4},
		{digest.RulePublish, digest.DraftSkipped, []string{"2026-05-04T08:00 missed"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.rule+string(tt.decide), func(t *testing.T) {
			b := newBench(t, underReview(tt.rule))
			b.clock.set(at(7, 30))
			b.settle()
			if tt.decide != "" {
				if err := b.decide(tt.decide); err != nil {
					t.Fatal(err)
				}
			}
			b.clock.set(at(8, 0))
			b.settle()
			if diff := cmp.Diff(tt.slots, b.slots()); diff != "" {
				t.Error("slots (-want +got):", diff)
			}
			if got := b.chat.count(t)["chat:news"]; got != tt.posts {
				t.Errorf("got %d posts, want %d", got, tt.posts)
			}
		})
	}
}

func TestHeldUntilApproved(t *testing.T) {
	b := newBench(t, underReview(digest.RuleHold))
	b.clock.set(at(8, 0)) // the program was down while the draft was due
	b.settle()
	b.wantPosts(map[string]int{"chat:editors": 1})
	b.clock.set(at(9, 0))
	b.settle()
	b.wantSlots("2026-05-04T08:00 due")
	if err := b.decide(digest.DraftApproved); err != nil {
		t.Fatal(err)
	}
	b.clock.set(at(9, 2))
	b.settle()
	b.wantSlots("2026-05-04T08:00 done")
	b.wantPosts(map[string]int{"chat:editors": 1, "chat:news": 4})
}

// unwilling takes no drafts.
type unwilling struct{ *sqlstore.Store }

func (unwilling) PutDraft(context.Context, digest.EditorsDraft, digest.Notice) (bool, error) {
	return false, errors.New("no drafts today")
}

func TestDraftThatFailsStopsNobody(t *testing.T) {
	other := daily()
	other.ID, other.Channels = "other", []digest.Address{{Platform: "chat", Channel: "other"}}
	b := newBench(t, underReview(digest.RuleSkip), other)
	b.Store = unwilling{b.store}
	b.clock.set(at(7, 30))
	b.settle()
	b.clock.set(at(8, 0))
	b.settle()
	b.wantPosts(map[string]int{"chat:other": 4})
}

// TestDraftFollowsItsArticles has an article taken down and another one
// corrected between the draft and its slot.
func TestDraftFollowsItsArticles(t *testing.T) {
	b := newBench(t, underReview(digest.RulePublish))
	b.clock.set(at(7, 30))
	b.settle()
	items := b.draft().Edition.Items
	gone, mended := items[0].Brief, items[1].Brief
	b.clock.set(at(7, 45))
	if _, err := b.store.Takedown(t.Context(), digest.Shared, gone.Articles[0].ID, "a court says so"); err != nil {
		t.Fatal(err)
	}
	a, err := b.store.Article(t.Context(), digest.Shared, mended.Articles[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	b.rewrite(a, "The corrected headline of the report", "The authority corrected the figures that it gave on Monday to eleven ships a day.")
	b.clock.set(at(8, 0))
	b.settle()
	e, err := b.store.LatestEdition(t.Context(), daily().Channels[0])
	if err != nil || len(e.Items) != 2 || e.Items[0].Brief.Headline != "The corrected headline of the report" || e.Items[1].Brief.ID == gone.ID {
		t.Errorf("published: %+v, %v", e.Items, err)
	}
}

// TestDraftBeginsWhereTheHeldOneEnds has a digest wait for its editors while the
// draft of the next one is built: what came between the two drafts is in it.
func TestDraftBeginsWhereTheHeldOneEnds(t *testing.T) {
	sub := underReview(digest.RuleHold)
	sub.Cron = "0 8,10 * * *"
	b := newBench(t, sub)
	b.clock.set(at(7, 30))
	b.settle()
	b.clock.set(at(7, 45))
	b.news("between")
	b.clock.set(at(8, 0))
	b.settle()
	b.clock.set(at(9, 30))
	b.settle()
	next, err := b.store.Draft(t.Context(), digest.DraftID("daily", "2026-05-04T10:00"))
	if err != nil || len(next.Edition.Items) == 0 || !strings.HasPrefix(next.Edition.Items[0].Brief.Headline, "between") {
		t.Errorf("the next draft: %+v, %v; want what came between", next.Edition.Items, err)
	}
}

func TestPostedByHandPastTheEditors(t *testing.T) {
	b := newBench(t, underReview(digest.RuleSkip))
	b.clock.set(at(7, 15))
	if _, err := b.PostNow(t.Context(), underReview(digest.RuleSkip)); err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.wantSlots("2026-05-04T07:15 done")
}

// TestDecidedAtOnce has two editors decide in the same moment, while the
// deadline comes: one decision counts, and one edition results at most.
func TestDecidedAtOnce(t *testing.T) {
	b := newBench(t, underReview(digest.RulePublish))
	b.clock.set(at(7, 30))
	b.settle()
	b.clock.set(at(8, 0))
	var all sync.WaitGroup
	results := make([]error, 2)
	for i, state := range []digest.DraftState{digest.DraftApproved, digest.DraftSkipped} {
		all.Go(func() { results[i] = b.decide(state) })
	}
	for range 2 {
		all.Go(func() { _, _ = b.Build(t.Context()) })
	}
	all.Wait()
	b.clock.turn(2 * time.Minute)
	b.settle()
	d := b.draft()
	want := map[digest.DraftState]int{digest.DraftApproved: 4, digest.DraftSkipped: 0}[d.State]
	if got := b.chat.count(t)["chat:news"]; d.State == digest.DraftOpen || got != want {
		t.Errorf("the draft is %s by %s, and %d parts are posted, want %d", d.State, d.Who, got, want)
	}
	if results[0] == nil && results[1] == nil {
		t.Error("both editors decided")
	}
}
