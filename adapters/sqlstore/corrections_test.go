package sqlstore

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestChangesAndTakedown(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		a := digest.Article{ID: "a1", Workspace: digest.Shared, Source: "wire", URL: "https://a.example/seals", Title: "Seals", Text: "There are 3 seals.", Arrived: c.now()}
		must1(s.AddArticles(ctx, []digest.Article{a}))(t)
		start := c.now()
		c.add(time.Hour)
		a.Text = "There are 4 seals off the coast."
		must1(s.AddArticles(ctx, []digest.Article{a}))(t)
		changed := digest.Change{Workspace: digest.Shared, Article: "a1", At: c.now()}
		if diff := cmp.Diff([]digest.Change{changed}, must1(s.ChangesSince(ctx, start))(t)); diff != "" {
			t.Error("(-want +got):", diff)
		}
		c.add(time.Hour)
		if got := must1(s.Takedown(ctx, digest.Shared, "a1", "wrong"))(t); got.Title != "Seals" {
			t.Errorf("got %+v", got)
		}
		if got := must1(s.ChangesSince(ctx, changed.At))(t); len(got) != 1 || !got[0].At.Equal(c.now()) {
			t.Errorf("got %+v, want the takedown", got)
		}
		again := a
		again.ID, again.URL = "a2", "https://www.a.example/seals/?utm_source=x"
		other := digest.Article{ID: "a3", Workspace: digest.Shared, Source: "wire", URL: "https://a.example/otters", Title: "Otters", Text: "There are otters.", Arrived: c.now()}
		var verdicts []digest.Verdict
		for _, r := range must1(s.AddArticles(ctx, []digest.Article{a, again, other}))(t) {
			verdicts = append(verdicts, r.Verdict)
		}
		if diff := cmp.Diff([]digest.Verdict{digest.Refused, digest.Refused, digest.Added}, verdicts); diff != "" {
			t.Error("(-want +got):", diff)
		}
	})
}

func TestCorrectionsOfAnEdition(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		built(t, s, slotAt("sub", 0), false, 1, channel)
		key := "sub-" + slotAt("sub", 0).Key + "-C1-1"
		e := must1(s.Editions(ctx, "slack:T1", 1))(t)[0]
		p := digest.Part{Key: key}
		story := e.Items[0].Brief
		put := func(kind string, payload string) {
			t.Helper()
			must(t, s.PutCorrection(ctx, digest.Correction{Workspace: e.Workspace, Edition: e.ID, Story: story.ID, Kind: kind, Brief: digest.Brief{ID: story.ID, Headline: "Mended"}},
				[]digest.Revision{{Part: p, New: digest.Payload(payload)}}))
		}
		put(digest.Corrected, "one")
		claim := func() []digest.Revision {
			t.Helper()
			return must1(s.ClaimRevisions(ctx, []string{"slack"}, time.Minute, 5))(t)
		}
		if got := claim(); len(got) > 0 {
			t.Errorf("a part that is not posted yet is edited: %+v", got)
		}
		article := story.Articles[0].ID
		if with := must1(s.EditionsWith(ctx, []string{article}, c.now()))(t); len(with) != 1 || with[0].ID != e.ID {
			t.Errorf("got %+v, want the edition that is being posted", with)
		}
		post(t, s, key, "ts")
		got := claim()
		if len(got) != 1 || string(got[0].New) != "one" || got[0].Ref != "ts" || got[0].Tries != 1 {
			t.Fatalf("got %+v", got)
		}
		if again := claim(); len(again) > 0 {
			t.Errorf("handed out twice: %+v", again)
		}
		put(digest.Withdrawn, "two") // a later one takes its place
		if early := claim(); len(early) > 0 {
			t.Errorf("handed out while the one before is on its way: %+v", early)
		}
		must(t, s.MarkRevision(ctx, got[0], digest.RevisionDone, time.Time{}, "")) // the first one ends late
		c.add(time.Minute)
		if got = claim(); len(got) != 1 || string(got[0].New) != "two" {
			t.Fatalf("got %+v", got)
		}
		must(t, s.MarkRevision(ctx, got[0], digest.RevisionDone, time.Time{}, ""))
		c.add(time.Hour)
		if got := claim(); len(got) > 0 {
			t.Errorf("done, and handed out: %+v", got)
		}
		for name, e := range map[string]digest.Edition{"Edition": must1(s.Edition(ctx, "slack:T1", e.ID))(t), "LatestEdition": must1(s.LatestEdition(ctx, channel))(t),
			"Editions": must1(s.Editions(ctx, "slack:T1", 1))(t)[0], "EditionsTo": must1(s.EditionsTo(ctx, channel, digest.EditionFilter{}))(t)[0]} {
			if it := e.Items[0]; it.Correction != digest.Withdrawn || it.Brief.Headline != "" || it.CorrectedAt.IsZero() {
				t.Errorf("%s says %+v", name, it)
			}
		}
		built(t, s, slotAt("sub", 1), false, 1, channel) // the newest slot stays
		c.add(48 * time.Hour)
		if got := must1(s.Prune(ctx, Retention{Slots: 24 * time.Hour}))(t); got.Slots != 1 {
			t.Errorf("got %+v, want the corrected digest gone", got)
		}
		for _, table := range []string{"revision", "correction"} {
			var n int
			if must(t, s.r.QueryRow(`SELECT count(*) FROM `+table).Scan(&n)); n != 0 {
				t.Errorf("%d rows of %s stay", n, table)
			}
		}
	})
}
