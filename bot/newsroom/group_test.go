package newsroom_test

import (
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// wires are reports of one event and one of another.
var wires = map[string][2]string{
	"p1": {"Port of Linden weighs night curfew for freight trains", "The port of Linden is drafting rules that would halt freight trains between midnight and five. The port authority declined to comment on the curfew."},
	"p2": {"Linden port may ban freight trains at night", "Freight trains may be barred from the port of Linden at night. Union chair Tom Okafor criticised the curfew plan."},
	"p3": {"Freight train curfew at Linden port angers union", "The night curfew for freight trains at the port of Linden angers the union of Tom Okafor."},
	"c1": {"Bright comet spotted near Jupiter", "Astronomers in Chile spotted a bright comet near Jupiter with a survey telescope."},
}

// accept stores reports as articles of a workspace.
func (b *bench) accept(workspace string, ids ...string) {
	b.t.Helper()
	var articles []digest.Article
	for _, id := range ids {
		articles = append(articles, digest.Article{ID: id, Workspace: workspace, Source: "wire", URL: "https://" + id + ".example/" + id,
			Title: wires[id][0], Text: wires[id][1], Language: "en", Arrived: b.clock.Now()})
	}
	results, err := b.Accept(b.t.Context(), articles)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict != digest.Added {
			b.t.Fatalf("article %s is %s", r.ID, r.Verdict)
		}
	}
}

// story returns the id of an article's story.
func (b *bench) story(workspace, article string) string {
	b.t.Helper()
	id, err := b.store.StoryOf(b.t.Context(), workspace, article)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestAnArticleThatArrivesHasAStory(t *testing.T) {
	b := newBench(t, daily())
	b.clock.set(at(7, 0))
	b.accept(digest.Shared, "p1", "c1")
	port, comet := b.story("slack:T1", "p1"), b.story("slack:T1", "c1")
	if port == "" || comet == "" || port == comet {
		t.Fatalf("got stories %q and %q, want two", port, comet)
	}
	b.accept("slack:T1", "p2")
	if got := b.story("slack:T1", "p2"); got != port {
		t.Errorf("the workspace's own report is in story %q, want %q", got, port)
	}
	if got := b.story("slack:T2", "p2"); got != "" {
		t.Errorf("another workspace finds it in story %q", got)
	}
	if got, err := b.store.Story(t.Context(), "slack:T2", port); err != nil || len(got.Articles) != 1 {
		t.Errorf("another workspace sees %d articles (%v), want the shared one", len(got.Articles), err)
	}
	b.restart()
	b.accept(digest.Shared, "p3")
	if got := b.story("slack:T2", "p3"); got != port {
		t.Errorf("after a restart a report is in story %q, want %q", got, port)
	}
	b.clock.set(at(8, 0))
	b.settle()
	for _, id := range []string{"p1", "p3"} {
		if got := b.story(digest.Local, id); got != port {
			t.Errorf("the digest has %s in story %q, want %q", id, got, port)
		}
	}
}

func TestSharedArticlesReachTheStoriesOfAWorkspace(t *testing.T) {
	b := newBench(t)
	b.clock.set(at(7, 0))
	b.accept(digest.Shared, "p1")
	b.accept("slack:T1", "p2")
	port := b.story("slack:T1", "p2")
	b.restart() // the stream of the workspace is gone
	b.accept(digest.Shared, "p3", "c1")
	got, err := b.store.Story(t.Context(), "slack:T1", port)
	if err != nil || len(got.Articles) != 3 {
		t.Errorf("the workspace's story has %d articles (%v), want 3", len(got.Articles), err)
	}
}

func TestOldArticlesWaitForADigest(t *testing.T) {
	b := newBench(t)
	b.clock.set(at(7, 0).Add(30 * 24 * time.Hour))
	old := digest.Article{ID: "p1", Workspace: digest.Shared, Source: "wire", Title: wires["p1"][0], Text: wires["p1"][1], Arrived: at(7, 0)}
	if _, err := b.Accept(t.Context(), []digest.Article{old}); err != nil {
		t.Fatal(err)
	}
	if got := b.story(digest.Shared, "p1"); got != "" {
		t.Errorf("got story %q, want none", got)
	}
}

func TestStreamsOfAWorkspaceTakeSharedArticles(t *testing.T) {
	b := newBench(t)
	b.clock.set(at(7, 0))
	b.accept("slack:T1", "p1")
	b.accept(digest.Shared, "p2")
	if got, want := b.story("slack:T1", "p2"), b.story("slack:T1", "p1"); got != want {
		t.Errorf("got story %q, want the one that begins with the workspace's own report, %q", got, want)
	}
	if got := b.story("slack:T2", "p2"); got == "" || got == b.story("slack:T1", "p1") {
		t.Errorf("another workspace finds story %q, want one without the own report", got)
	}
}

// TestStreamsFollowTheStore lets another process group an article first.
func TestStreamsFollowTheStore(t *testing.T) {
	b := newBench(t)
	b.clock.set(at(7, 0))
	b.accept(digest.Shared, "c1")
	other := &newsroom.Newsroom{Store: b.store, Now: b.clock.Now, Worker: "other"}
	if _, err := other.Accept(t.Context(), []digest.Article{{ID: "p1", Workspace: digest.Shared, Source: "wire", Title: wires["p1"][0], Text: wires["p1"][1], Language: "en", Arrived: at(7, 0)}}); err != nil {
		t.Fatal(err)
	}
	b.clock.turn(11 * time.Minute)
	b.accept(digest.Shared, "p2")
	if got, want := b.story(digest.Shared, "p2"), b.story(digest.Shared, "p1"); got != want {
		t.Errorf("got story %q, want the one that the other process made, %q", got, want)
	}
}
