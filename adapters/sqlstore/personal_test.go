package sqlstore

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestVotes(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		other := channel
		other.Channel = "C9"
		put := func(a digest.Address, user, story string, value int, keys ...string) {
			t.Helper()
			must(t, s.PutVote(ctx, digest.Vote{Address: a, User: user, Story: story, Value: value, Keys: keys}))
		}
		want := func(a digest.Address, want map[string]int) {
			t.Helper()
			if diff := cmp.Diff(want, must1(s.Votes(ctx, a))(t)); diff != "" {
				t.Error("(-want +got):", diff)
			}
		}
		put(channel, "U1", "s1", 1, "outlet Wire", "category City")
		put(channel, "U2", "s1", 1, "outlet Wire")
		put(channel, "U2", "s2", -1, "outlet Wire")
		put(other, "U1", "s1", -1, "outlet Wire")
		want(channel, map[string]int{"outlet Wire": 1, "category City": 1})
		put(channel, "U2", "s2", 1, "outlet Wire") // thinks again
		put(channel, "U1", "s1", 0)
		want(channel, map[string]int{"outlet Wire": 2})
		must(t, s.ClearVotes(ctx, channel))
		want(channel, map[string]int{})
		want(other, map[string]int{"outlet Wire": -1})
	})
}

func TestBookmarks(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		b := digest.Bookmark{Workspace: "slack:T1", User: "U1", Story: "s1", Headline: "Seals", URL: "https://a.example"}
		if !must1(s.PutBookmark(ctx, b))(t) {
			t.Error("it is not kept")
		}
		b.At = c.now()
		if diff := cmp.Diff([]digest.Bookmark{b}, must1(s.Bookmarks(ctx, "slack:T1", "U1", 5))(t)); diff != "" {
			t.Error("(-want +got):", diff)
		}
		for _, who := range [][2]string{{"slack:T2", "U1"}, {"slack:T1", "U2"}} {
			if got := must1(s.Bookmarks(ctx, who[0], who[1], 5))(t); len(got) > 0 {
				t.Errorf("%v sees %v", who, got)
			}
		}
		if must1(s.PutBookmark(ctx, b))(t) || len(must1(s.Bookmarks(ctx, "slack:T1", "U1", 5))(t)) > 0 {
			t.Error("it is kept still")
		}
	})
}

func TestCatchUp(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		if got := must1(s.CatchUp(ctx, channel, "U1"))(t); !got.IsZero() {
			t.Errorf("the first time: got %v", got)
		}
		first := c.now()
		c.add(time.Hour)
		if got := must1(s.CatchUp(ctx, channel, "U1"))(t); !got.Equal(first) {
			t.Errorf("got %v, want %v", got, first)
		}
		if got := must1(s.CatchUp(ctx, channel, "U2"))(t); !got.IsZero() {
			t.Errorf("somebody else: got %v", got)
		}
	})
}

func TestEditionsAndAppearances(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		for h := range 3 {
			built(t, s, slotAt("sub", h), false, 1, channel)
			if h < 2 { // the last one is not posted yet
				post(t, s, "sub-"+slotAt("sub", h).Key+"-C1-1", "ts")
			}
		}
		all := must1(s.EditionsTo(ctx, channel, digest.EditionFilter{}))(t)
		if len(all) != 2 || !all[0].Due.After(all[1].Due) {
			t.Fatalf("got %d editions, want the two that were posted, newest first", len(all))
		}
		if got := must1(s.EditionsTo(ctx, channel, digest.EditionFilter{From: all[0].Due}))(t); len(got) != 1 || got[0].ID != all[0].ID {
			t.Errorf("since the newest: got %d", len(got))
		}
		if got := must1(s.EditionsTo(ctx, channel, digest.EditionFilter{Until: all[0].Due}))(t); len(got) != 1 || got[0].ID != all[1].ID {
			t.Errorf("until the newest: got %d", len(got))
		}
		elsewhere := channel
		elsewhere.Channel = "C9"
		if got := must1(s.EditionsTo(ctx, elsewhere, digest.EditionFilter{}))(t); len(got) > 0 {
			t.Errorf("another channel: got %d", len(got))
		}
		// A digest by direct message has a workspace of its own.
		direct := digest.Address{Platform: "slack", Workspace: "T1", Channel: "D1"}
		must(t, s.PutSubscriptions(ctx, []digest.Subscription{{ID: "dm", Workspace: "slack:T1@U1", Name: "Mine", Channels: []digest.Address{direct}, Cron: "0 8 * * *", Zone: "UTC"}}, "chat"))
		mine := built(t, s, slotAt("dm", 3), false, 1, direct)
		post(t, s, "sub-"+slotAt("sub", 2).Key+"-C1-1", "ts")
		post(t, s, "dm-"+slotAt("dm", 3).Key+"-D1-1", "ts")
		if got := must1(s.EditionsTo(ctx, direct, digest.EditionFilter{}))(t); len(got) != 1 || got[0].ID != mine.ID {
			t.Errorf("by direct message: got %+v", got)
		}
		for _, item := range all[0].Items {
			for _, a := range item.Brief.Articles {
				got := must1(s.Appearances(ctx, channel, a.ID))(t)
				if len(got) == 0 || got[0].Story != item.Brief.ID {
					t.Errorf("article %s: got %+v", a.ID, got)
				}
				if got := must1(s.Appearances(ctx, elsewhere, a.ID))(t); len(got) > 0 {
					t.Errorf("another channel: got %+v", got)
				}
			}
		}
	})
}

// TestEditionsByWhenTheyWerePosted posts an edition two hours late, its second
// part an hour after the first.
func TestEditionsByWhenTheyWerePosted(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		late := built(t, s, slotAt("sub", 0), false, 2, channel)
		after := func(h float64) int {
			t.Helper()
			list := must1(s.EditionsTo(ctx, channel, digest.EditionFilter{PostedAfter: day.Add(time.Duration(h * float64(time.Hour)))}))(t)
			return len(list)
		}
		c.add(2 * time.Hour)
		if got := after(-1); got != 0 {
			t.Errorf("before it is posted: got %d", got)
		}
		post(t, s, "sub-"+late.Slot+"-C1-1", "ts1")
		if got := after(1); got != 1 {
			t.Errorf("due before, posted after: got %d", got)
		}
		c.add(time.Hour)
		post(t, s, "sub-"+late.Slot+"-C1-2", "ts2")
		for h, want := range map[float64]int{1.9: 1, 2: 0, 2.5: 0} {
			if got := after(h); got != want {
				t.Errorf("after %.1f h: got %d, want %d", h, got, want)
			}
		}
	})
}

func TestArticleByURL(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		a := digest.Article{ID: "a1", Workspace: "slack:T1", Source: "wire", URL: "https://www.a.example/seals/?utm_source=x", Title: "Seals", Text: "Seals.", Arrived: c.now()}
		must1(s.AddArticles(ctx, []digest.Article{a}))(t)
		if got := must1(s.ArticleByURL(ctx, "slack:T1", "https://a.example/seals#top"))(t); got.Title != "Seals" {
			t.Errorf("got %+v", got)
		}
		for _, ws := range []string{"slack:T2", digest.Shared} {
			if _, err := s.ArticleByURL(ctx, ws, a.URL); digest.KindOf(err) != digest.NotFound {
				t.Errorf("%s: got %v, want not found", ws, err)
			}
		}
	})
}
