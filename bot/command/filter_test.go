package command_test

import (
	"context"
	"testing"
	"time"

	"nutgraf/bot/command"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// posted makes a digest of three stories in the team's channel.
func (o *office) posted() {
	o.Helper()
	o.say(team, `subscribe 8am name:"News digest"`)
	at := morning.Add(20 * time.Hour)
	var articles []digest.Article
	for _, row := range []struct{ source, title, text string }{
		{"wire", "Port of Linden weighs night curfew", "The port of Linden is drafting rules that would halt freight trains between midnight and five."},
		{"ledger", "Comet passes Jupiter", "Astronomers with backyard telescopes watched a bright comet pass the giant planet on Tuesday night."},
		{"wire", "Cheese makers win label", "Alpine dairies may now print a protected label on their wheels after a ruling in Brussels."},
	} {
		a, err := intake.Finish(digest.Article{Source: row.source, Workspace: digest.Shared, Title: row.title, Text: row.text, Published: at, Arrived: at}, at)
		o.must(err)
		articles = append(articles, a)
	}
	o.now = at
	_, err := o.room.Accept(context.Background(), articles)
	o.must(err)
	o.round(morning.Add(24*time.Hour + time.Second))
}

func TestFilters(t *testing.T) {
	o := newOffice(t)
	o.posted()
	o.expect(team, "latest", "Port of Linden", "Comet", "Cheese")
	o.expect(team, "filter list", "“News digest” has no filters and no mutes.")
	o.expect(team, "filter exclude freight trains", "leaves out what has \"freight trains\"", "it would have cut 1 of 3 stories:", "Port of Linden weighs night curfew")
	o.expect(team, "filter exclude telescopes", "leaves out what has \"freight trains\" and \"telescopes\"", "cut 1 of 3 stories:", "Comet")
	o.expect(team, "filter exclude sausage", "it would have cut nothing")
	o.expect(team, "filter exclude /(/", "The pattern /(/ cannot be read")
	o.expect(team, "filter exclude …", "has no letter and no digit")
	o.expect(team, "filter include /brussels|jupiter/", "shows only what has \"/brussels|jupiter/\"", "it would have cut nothing")
	o.expect(team, "filter remove TELESCOPES", "has no filter \"TELESCOPES\" any more")
	o.expect(team, "filter remove telescopes", "has no filter \"telescopes\"; `filter list` shows")
	o.expect(team, "filter list", "Only what has", "Nothing that has \"freight trains\" and \"sausage\"")
	got := o.stored("slack:T1", "News digest")
	if len(got.Exclude) != 2 || len(got.Include) != 1 {
		t.Errorf("stored: include %q exclude %q", got.Include, got.Exclude)
	}
	o.expect(team, "filter", "`filter` needs to know what to do; write one of `filter include`")
	o.as.Manager = false
	o.expect(team, "filter exclude seals", "Only people who manage")
	o.expect(team, "filter list", "Only what has")
}

func TestMutes(t *testing.T) {
	o := newOffice(t)
	o.posted()
	o.expect(team, "mute story 9", "The latest digest has 3 stories, so there is no story 9.")
	o.expect(team, "mute story 1", "leaves the story", "it would have cut 1 of 3 stories:")
	o.expect(team, "mute source ledger until:3d", "leaves the source ledger out until Thu 2026-05-07", "Comet")
	o.expect(team, "mute topic protected label until:2026-06-01", "leaves the topic \"protected label\" out until Mon 2026-06-01 00:00 UTC", "Cheese makers win label")
	o.expect(team, "mute topic cheese until:2020-01-01", "This ends in the future")
	o.expect(team, "filter list", "Muted the source ledger until Thu 2026-05-07", "Muted the topic \"protected label\" until")
	o.expect(team, "mute remove ledger", "shows ledger again")
	o.expect(team, "mute remove ledger", "has no mute \"ledger\"")
	o.configured()
	o.expect(lounge, "mute topic cheese", "“House” is set up in the configuration")
	o.now = o.now.AddDate(0, 2, 0)
	o.say(team, `mute topic seals name:"News digest"`)
	if got := len(o.stored("slack:T1", "News digest").Mutes); got != 2 {
		t.Errorf("got %d mutes, want the story and seals: the others have ended", got)
	}
}

// shelf is an archive that counts what is taken out by id, and how often.
type shelf struct {
	command.Archive
	calls, articles int
}

// ArticlesByID counts.
func (s *shelf) ArticlesByID(ctx context.Context, workspace string, ids []string) ([]digest.Article, error) {
	s.calls++
	s.articles += len(ids)
	return s.Archive.ArticlesByID(ctx, workspace, ids)
}

// Articles is not for filters.
func (s *shelf) Articles(context.Context, digest.ArticleQuery) ([]digest.Article, error) {
	s.calls += 100
	return nil, nil
}

// TestFiltersLookAtTheLatestDigest wants the articles of the latest digest
// looked at, all at once, and nothing else.
func TestFiltersLookAtTheLatestDigest(t *testing.T) {
	o := newOffice(t)
	o.posted()
	s := &shelf{Archive: o.Archive}
	o.Archive = s
	o.expect(team, "filter exclude telescopes", "cut 1 of 3 stories:", "Comet")
	if s.calls != 1 || s.articles != 3 {
		t.Errorf("took %d articles in %d calls, want 3 in one", s.articles, s.calls)
	}
}
