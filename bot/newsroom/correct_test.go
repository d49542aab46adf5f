package newsroom_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// editable is a platform that edits what it posted.
type editable struct {
	*channels
	edits int
	fail  error // of the next edit
}

func (e *editable) Edit(_ context.Context, p digest.Part, payload digest.Payload) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.edits++
	if err := e.fail; err != nil {
		e.fail = nil
		return err
	}
	e.bodies[p.Key] = string(payload)
	return nil
}

// edited is a bench on which a digest of three stories was posted.
func edited(t *testing.T) (*bench, *editable) {
	b := newBench(t, daily())
	e := &editable{channels: b.chat}
	b.Platforms = map[string]newsroom.Platform{"chat": e}
	b.clock.set(at(8, 0))
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 4})
	return b, e
}

// bodyOf returns what the channel shows for a story, by a word of its text.
func (b *bench) body(n int) string {
	b.t.Helper()
	for _, p := range b.parts() {
		if p.N == n {
			b.chat.mu.Lock()
			defer b.chat.mu.Unlock()
			return b.chat.bodies[p.Key]
		}
	}
	b.t.Fatalf("there is no part %d", n)
	return ""
}

// first returns the article of the first story of the latest digest.
func (b *bench) first() digest.Article {
	b.t.Helper()
	e, err := b.store.LatestEdition(b.t.Context(), daily().Channels[0])
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := b.store.Article(b.t.Context(), digest.Shared, e.Items[0].Brief.Articles[0].ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// rewrite lets the source bring an article again with another title and text.
func (b *bench) rewrite(a digest.Article, title, text string) {
	b.t.Helper()
	a.Title, a.Text, a.Marks, a.Sketch = title, text, nil, nil
	again, err := intake.Finish(a, b.clock.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	results, err := b.Accept(b.t.Context(), []digest.Article{again})
	if err != nil || results[0].Verdict != digest.Updated {
		b.t.Fatalf("got %+v, %v; want it updated", results, err)
	}
}

func TestCorrection(t *testing.T) {
	b, e := edited(t)
	a := b.first()
	b.clock.turn(time.Hour)
	b.rewrite(a, a.Title, a.Text+"\n\nOne more sentence stands at the end of the report now.")
	b.settle()
	if e.edits != 0 {
		t.Errorf("got %d edits for a text of which all is there still, want none", e.edits)
	}
	b.clock.turn(time.Hour)
	e.fail = &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent}, Err: context.DeadlineExceeded}
	b.rewrite(a, "The corrected headline of the harbour report", "The harbour authority corrected the figures that it gave on Monday to eleven ships a day.")
	b.settle()
	b.clock.turn(time.Hour)
	b.settle()
	if e.edits != 3 {
		t.Errorf("got %d edits, want 3: the header, the story, and the one that failed at first", e.edits)
	}
	for n, want := range map[int]string{1: "The corrected headline of the harbour report", 2: "eleven ships a day"} {
		if got := b.body(n); !strings.Contains(got, want) {
			t.Errorf("part %d shows %s, want %q in it", n, got, want)
		}
	}
	if got := b.body(2); !strings.Contains(got, "Corrected on Mon 2026-05-04 10:00 UTC") {
		t.Errorf("the correction is not marked: %s", got)
	}
	if got, err := b.store.LatestEdition(t.Context(), daily().Channels[0]); err != nil || got.Items[0].Correction != digest.Corrected || got.Items[0].Brief.Headline != "The corrected headline of the harbour report" {
		t.Errorf("the edition says %+v, %v", got.Items[0], err)
	}
	b.wantPosts(map[string]int{"chat:news": 4})
	b.restart()
	b.Platforms = map[string]newsroom.Platform{"chat": e}
	b.settle()
	if e.edits != 3 {
		t.Errorf("got %d edits after a restart, want no more", e.edits)
	}
}

// TestChangeWhilePosting has an article change after its digest was built and
// before the channel has all of it.
func TestChangeWhilePosting(t *testing.T) {
	b := newBench(t, daily())
	e := &editable{channels: b.chat}
	b.Platforms = map[string]newsroom.Platform{"chat": e}
	b.clock.set(at(8, 0))
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	ready, err := b.store.Editions(t.Context(), digest.Local, 1)
	if err != nil || len(ready) != 1 {
		t.Fatalf("got %+v, %v; want one edition", ready, err)
	}
	a, err := b.store.Article(t.Context(), digest.Shared, ready[0].Items[0].Brief.Articles[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	b.rewrite(a, "The corrected headline of the harbour report", "The harbour authority corrected the figures that it gave on Monday to eleven ships a day.")
	b.clock.turn(time.Second)
	if _, err := b.Correct(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.clock.turn(time.Hour)
	b.settle()
	if got := b.body(2); !strings.Contains(got, "eleven ships a day") {
		t.Errorf("the channel shows %s", got)
	}
}

// TestTwoCorrections has two stories of one digest corrected in one round: the
// header names both as they are now.
func TestTwoCorrections(t *testing.T) {
	b, _ := edited(t)
	e, err := b.store.LatestEdition(t.Context(), daily().Channels[0])
	if err != nil {
		t.Fatal(err)
	}
	b.clock.turn(time.Hour)
	for i, headline := range []string{"The harbour report as it is now", "The railway report as it is now"} {
		a, err := b.store.Article(t.Context(), digest.Shared, e.Items[i].Brief.Articles[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		b.rewrite(a, headline, "There are eleven ships or trains a day, says the authority on Monday.")
	}
	b.settle()
	for _, want := range []string{"The harbour report as it is now", "The railway report as it is now"} {
		if got := b.body(1); !strings.Contains(got, want) {
			t.Errorf("the header shows %s, want %q in it", got, want)
		}
	}
}

// TestCorrectionsOverlap has another replica write a change whose time is before
// that of one that was looked at already.
func TestCorrectionsOverlap(t *testing.T) {
	b, e := edited(t)
	a := b.first()
	b.clock.turn(time.Hour)
	b.news("unrelated")
	list, err := b.store.Articles(t.Context(), digest.ArticleQuery{Workspace: digest.Shared, From: b.clock.Now()})
	if err != nil || len(list) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	if list, err = b.store.ArticlesByID(t.Context(), digest.Shared, []string{list[0].ID}); err != nil {
		t.Fatal(err)
	}
	b.clock.turn(time.Minute)
	b.rewrite(list[0], list[0].Title, list[0].Text+"\n\nOne more sentence stands at the end.")
	b.settle()
	b.clock.turn(-10 * time.Second)
	b.rewrite(a, "The corrected headline of the harbour report", "The harbour authority corrected the figures that it gave on Monday to eleven ships a day.")
	b.clock.turn(20 * time.Second)
	b.settle()
	if e.edits != 2 {
		t.Errorf("got %d edits, want 2", e.edits)
	}
}

// TestRetitledStays has an article grow whose story an editor gave a headline.
func TestRetitledStays(t *testing.T) {
	b := newBench(t, underReview(digest.RulePublish))
	e := &editable{channels: b.chat}
	b.Platforms = map[string]newsroom.Platform{"chat": e}
	b.clock.set(at(7, 30))
	b.settle()
	d := b.draft()
	d.Edition.Items[0].Brief.Headline, d.Edition.Items[0].Retitled = "What the editors call it", true
	if err := b.store.ChangeDraft(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	b.clock.set(at(8, 0))
	b.settle()
	a := b.first()
	b.clock.turn(time.Hour)
	b.rewrite(a, a.Title, a.Text+"\n\nOne more sentence stands at the end of the report now.")
	b.settle()
	if e.edits != 0 || !strings.Contains(b.body(1), "What the editors call it") {
		t.Errorf("got %d edits, want none; the header is %s", e.edits, b.body(1))
	}
}

func TestRestoredStoreEditsNothing(t *testing.T) {
	b := restoredBench(t)
	e := &editable{channels: b.chat}
	b.Platforms = map[string]newsroom.Platform{"chat": e}
	b.rewrite(b.first(), "The corrected headline of the harbour report", "The harbour authority corrected the figures that it gave on Monday to eleven ships a day.")
	if _, err := b.Correct(t.Context()); err != nil || e.edits != 0 {
		t.Errorf("got %d edits, %v; want none before the store may send", e.edits, err)
	}
	b.resume()
	b.settle()
	if e.edits == 0 {
		t.Error("nothing is edited after the store may send")
	}
}

func TestTakedown(t *testing.T) {
	b, e := edited(t)
	a := b.first()
	if _, err := b.store.Takedown(t.Context(), "slack:T1", a.ID, "x"); digest.KindOf(err) != digest.NotFound {
		t.Errorf("another workspace takes it down: %v", err)
	}
	gone, err := b.store.Takedown(t.Context(), digest.Shared, a.ID, "a court says so")
	if err != nil || gone.Title != a.Title {
		t.Fatalf("got %+v, %v", gone, err)
	}
	b.settle()
	if got := b.body(1) + b.body(2); strings.Contains(got, a.Title) || strings.Count(got, "Withdrawn") != 2 {
		t.Errorf("the channel shows %s", got)
	}
	if e.edits != 2 {
		t.Errorf("got %d edits, want 2", e.edits)
	}
	if hits, err := b.store.Search(t.Context(), digest.SearchQuery{Workspace: digest.Local, Words: a.Title}); err != nil || len(hits) > 0 {
		t.Errorf("search finds %v, %v", hits, err)
	}
	results, err := b.Accept(t.Context(), []digest.Article{a})
	if err != nil || results[0].Verdict != digest.Refused {
		t.Errorf("it came in again: %+v, %v", results, err)
	}
	b.clock.set(at(32, 0))
	b.settle()
	b.wantSlots("2026-05-04T08:00 done", "2026-05-05T08:00 empty")
}

func TestNoCorrectionAfterDays(t *testing.T) {
	b, e := edited(t)
	a := b.first()
	b.clock.turn(73 * time.Hour)
	b.rewrite(a, "The corrected headline of the harbour report", "The harbour authority corrected the figures that it gave on Monday to eleven ships a day.")
	if _, err := b.Correct(t.Context()); err != nil || e.edits != 0 {
		t.Errorf("got %d edits, %v; want none so late", e.edits, err)
	}
}

func TestMergedStoryPointsOn(t *testing.T) {
	b, e := edited(t)
	a := b.first()
	ctx := t.Context()
	old, err := b.store.Stories(ctx, digest.Local, at(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range old { // the regrouping puts the story's article into a new one
		if s.Articles[0].ID == a.ID {
			old[i].ID = "another"
		}
	}
	b.clock.set(at(9, 0))
	fresh := a
	fresh.ID, fresh.URL, fresh.Title, fresh.Text, fresh.Sketch = "", a.URL+"/second", a.Title+" again", a.Title+" "+gibberish("second", 40)+".\n\n"+gibberish("third", 30)+".", nil
	fresh.Arrived, fresh.Published = b.clock.Now(), b.clock.Now()
	if fresh, err = intake.Finish(fresh, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Accept(ctx, []digest.Article{fresh}); err != nil {
		t.Fatal(err)
	}
	if err := b.store.SaveStories(ctx, digest.Local, old); err != nil {
		t.Fatal(err)
	}
	b.clock.set(at(32, 0))
	b.settle()
	b.chat.mu.Lock()
	defer b.chat.mu.Unlock()
	for _, body := range b.chat.bodies {
		if strings.Contains(body, "This story goes on as “"+a.Title) {
			return
		}
	}
	t.Errorf("no message points on; %d edits, slots %v", e.edits, b.slots())
}
