package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func feed(id string) digest.Source {
	return digest.Source{ID: id, Workspace: digest.Shared, Kind: "feed", Address: "https://" + id + ".example/feed", Weight: 1.5, Every: time.Hour, Category: "City", Language: "en"}
}

func TestSources(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		own := feed("own")
		own.Workspace = "slack:T1"
		push := feed("push")
		push.Kind = "push"
		must(t, s.PutSources(ctx, []digest.Source{feed("a"), feed("b"), push}, "config"))
		must(t, s.PutSources(ctx, []digest.Source{own}, "chat"))

		due, cursors, err := s.DueSources(ctx, c.now(), time.Minute, 2)
		must(t, err)
		if len(due) != 2 || len(cursors) != 2 || due[0].ID == due[1].ID || cursors[1].Source != due[1].ID {
			t.Fatalf("got %v %v, want two of three", due, cursors)
		}
		due, _, err = s.DueSources(ctx, c.now(), time.Minute, 9)
		must(t, err)
		if len(due) != 1 {
			t.Errorf("got %d sources while two are out and one is pushed to, want 1", len(due))
		}
		c.add(time.Minute)

		cursor := digest.Cursor{Source: "a", ETag: `W/"x"`, LastModified: "Sun", MovedTo: "https://new", Moves: 2, State: "{}", Fetched: true}
		a := article(1)
		a.Source = "a"
		next := c.now().Add(time.Hour)
		results := must1(s.StoreBatch(ctx, digest.Batch{Articles: []digest.Article{a, a}, Cursor: cursor, Name: "The A Times"}, next))(t)
		if got := verdicts(results); got != "added duplicate" {
			t.Errorf("got %s", got)
		}
		must(t, s.FailSource(ctx, "b", "timeout", next))
		must(t, s.FailSource(ctx, "b", "timeout again", next))
		wantKind(t, s.FailSource(ctx, "none", "", next), digest.NotFound)

		got := must1(s.Sources(ctx, digest.Shared))(t)
		st := feed("a")
		st.Name = "The A Times"
		want := []digest.SourceStatus{
			{Source: feed("b"), LastTry: c.now(), NextTry: next, Failures: 2, Problem: "timeout again"}, {Source: push},
			{Source: st, LastTry: c.now(), LastOK: c.now(), NextTry: next},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("sources (-want +got):\n%s", d)
		}
		c.add(time.Hour)
		due, cursors, err = s.DueSources(ctx, c.now(), time.Minute, 9)
		must(t, err)
		for i, src := range due {
			if src.ID == "a" && cursors[i] != cursor {
				t.Errorf("cursor: got %+v, want %+v", cursors[i], cursor)
			}
		}

		moved := feed("a")
		moved.Address = "https://elsewhere.example/feed"
		must(t, s.PutSources(ctx, []digest.Source{moved}, "config"))
		due, cursors, err = s.DueSources(ctx, c.now(), time.Minute, 9)
		must(t, err)
		if len(due) != 1 || due[0].ID != "a" || cursors[0] != (digest.Cursor{Source: "a"}) {
			t.Errorf("after a change of address got %v %v, want a with an empty cursor", due, cursors)
		}
		var off []string
		for _, src := range must1(s.Sources(ctx, "slack:T1"))(t) {
			if src.Disabled {
				off = append(off, src.ID)
			}
		}
		if got := strings.Join(off, " "); got != "b push" {
			t.Errorf("disabled: %q, want what the configuration no longer names", got)
		}
		stolen := own
		stolen.Workspace = "slack:T2"
		wantKind(t, s.PutSources(ctx, []digest.Source{stolen}, "chat"), digest.Conflict)
		wantKind(t, s.PutSources(ctx, []digest.Source{{ID: "x"}}, "chat"), digest.Invalid)
	})
}

func TestBatchIsAllOrNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		_, err := s.StoreBatch(ctx, digest.Batch{Articles: []digest.Article{article(1)}, Cursor: digest.Cursor{Source: "gone"}}, day)
		wantKind(t, err, digest.NotFound)
		if c := must1(s.Counts(ctx, digest.Shared))(t); c.Articles != 0 {
			t.Errorf("got %d articles without their cursor", c.Articles)
		}
	})
}

func TestStories(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		own := article(3)
		own.Workspace = "slack:T1"
		store(t, s, article(1), article(2), own)
		story := func(id string, articles ...digest.Article) digest.Story {
			return digest.Story{ID: id, Articles: articles, FirstSeen: articles[0].Arrived, Copies: []string{"id0002"}}
		}
		must(t, s.SaveStories(ctx, digest.Shared, []digest.Story{story("st", article(1), article(2)), {ID: "hollow"}}))
		must(t, s.SaveStories(ctx, "slack:T1", []digest.Story{story("st", article(1), own), story("solo", article(2))}))

		list := func(ws string, since time.Time) string {
			var out []string
			for _, st := range must1(s.Stories(ctx, ws, since))(t) {
				out = append(out, fmt.Sprintf("%s:%s(%s)", st.Workspace, st.ID, ids(st.Articles)))
			}
			return strings.Join(out, " ")
		}
		for _, tt := range []struct {
			ws    string
			since time.Time
			want  string
		}{
			{digest.Shared, day, "*:st(id0001 id0002)"},
			{"slack:T1", day, "slack:T1:st(id0001 id0003) slack:T1:solo(id0002)"},
			{"slack:T2", day, "*:st(id0001 id0002)"},
			{"slack:T1", day.Add(3 * time.Minute), "slack:T1:st(id0001 id0003)"},
			{"slack:T1", day.Add(time.Hour), ""},
		} {
			if got := list(tt.ws, tt.since); got != tt.want {
				t.Errorf("stories of %s: got %s, want %s", tt.ws, got, tt.want)
			}
		}
		full := must1(s.Story(ctx, "slack:T1", "st"))(t)
		want := digest.Story{ID: "st", Workspace: "slack:T1", Articles: []digest.Article{article(1), own}, FirstSeen: article(1).Arrived, Copies: []string{"id0002"}}
		if d := cmp.Diff(want, full); d != "" {
			t.Errorf("story (-want +got):\n%s", d)
		}
		_, err := s.Story(ctx, "slack:T2", "solo")
		wantKind(t, err, digest.NotFound)
		for ws, want := range map[string]string{"slack:T1": "solo", "slack:T2": "st"} {
			if got := must1(s.StoryOf(ctx, ws, "id0002"))(t); got != want {
				t.Errorf("story of id0002 in %s: got %q, want %q", ws, got, want)
			}
		}
		if got := must1(s.StoryOf(ctx, "slack:T2", "id0003"))(t); got != "" {
			t.Errorf("a foreign article has the story %q", got)
		}
		// An article moves; what left the window stays.
		must(t, s.SaveStories(ctx, "slack:T1", []digest.Story{story("solo", article(1))}))
		if got, want := list("slack:T1", day), "slack:T1:solo(id0001 id0002) slack:T1:st(id0003)"; got != want {
			t.Errorf("after a move: got %s, want %s", got, want)
		}
	})
}

func TestSubscriptions(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		full := digest.Subscription{ID: "full", Workspace: digest.Shared, Name: "N", Channels: []digest.Address{channel, {Platform: "web", Channel: "news"}},
			Sources: []string{"s"}, Categories: []string{"c"}, Languages: []string{"en"}, Include: []string{"i"}, Exclude: []string{"x"}, Cron: "0 8 * * *",
			Zone: "Europe/Berlin", Language: "de", Layout: digest.Layout{Stories: 3, Length: "line", Thread: "no", Images: true}, Empty: "note",
			CatchUp: 2 * time.Hour, OnUnknown: "resend"}
		get := func() digest.Subscription {
			t.Helper()
			for _, sub := range must1(s.Subscriptions(ctx, ""))(t) {
				if sub.ID == "full" {
					return sub
				}
			}
			t.Fatal("full is gone")
			return digest.Subscription{}
		}
		config := func(subs ...digest.Subscription) {
			t.Helper()
			must(t, s.PutSubscriptions(ctx, subs, "config"))
		}
		config(full)
		want := full
		want.Origin, want.Since, want.Changed = "config", day, day
		if d := cmp.Diff(want, get()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}

		must(t, s.ChangeSubscriptions(ctx, digest.Shared, func(all []digest.Subscription) ([]digest.Subscription, error) {
			all[0].Paused, all[0].PausedTill = true, day.Add(time.Hour)
			return all, nil
		}))
		c.add(time.Minute)
		config(full)
		want.Paused, want.PausedTill = true, day.Add(time.Hour)
		if d := cmp.Diff(want, get()); d != "" {
			t.Errorf("paused and put again (-want +got):\n%s", d)
		}
		full.Cron = "0 9 * * *"
		config(full)
		want.Cron, want.Changed = full.Cron, c.now()
		if d := cmp.Diff(want, get()); d != "" {
			t.Errorf("cron changed (-want +got):\n%s", d)
		}
		subscribe(t, s, "chat", channel)
		config()
		if got := get().Disabled; got != Removed {
			t.Errorf("removed: got %q", got)
		}
		config(full)
		if got := get().Disabled; got != "" {
			t.Errorf("named again: still disabled as %q", got)
		}
		must(t, s.Disable(ctx, digest.Shared, "full", "the channel is gone"))
		config(full)
		if got := get().Disabled; got != "the channel is gone" {
			t.Errorf("a restart forgot why it was disabled: %q", got)
		}
		full.Channels = full.Channels[:1]
		config(full)
		if got := get().Disabled; got != "" {
			t.Errorf("with other channels still disabled as %q", got)
		}
		must(t, s.DisableChannel(ctx, digest.Shared, "full", "the bot is not in it", c.now()))
		if got := must1(s.EnableChannel(ctx, digest.Shared, "full"))(t); !got || get().Disabled != "" {
			t.Errorf("the channel lets us in: got %v, %q", got, get().Disabled)
		}
		must(t, s.DisableChannel(ctx, digest.Shared, "full", "the bot is not in it", c.now()))
		config() // nobody brings back what the configuration no longer names
		if got := must1(s.EnableChannel(ctx, digest.Shared, "full"))(t); got || get().Disabled != Removed {
			t.Errorf("removed while its channel was closed: got %v, %q", got, get().Disabled)
		}
		for ws, want := range map[string]int{"": 2, "slack:T1": 2, "slack:T2": 1} {
			if got := len(must1(s.Subscriptions(ctx, ws))(t)); got != want {
				t.Errorf("%q sees %d subscriptions, want %d", ws, got, want)
			}
		}
		wantKind(t, s.Disable(ctx, "slack:T2", "chat", "x"), digest.NotFound)
		wantKind(t, s.Disable(ctx, "slack:T1", "full", "x"), digest.NotFound)
		stolen := full
		stolen.Workspace = "slack:T2"
		wantKind(t, s.PutSubscriptions(ctx, []digest.Subscription{stolen}, "chat"), digest.Conflict)
		wantKind(t, s.PutSubscriptions(ctx, []digest.Subscription{{}}, "chat"), digest.Invalid)
	})
}

func TestSlots(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		if got := must1(s.LastSlot(ctx, "sub"))(t); got.Key != "" {
			t.Errorf("got slot %q of a new subscription", got.Key)
		}
		missed := slotAt("sub", -24)
		missed.State, missed.Reason = digest.SlotMissed, "too late"
		late := slotAt("sub", 0)
		late.Late = true
		instant := late
		instant.Key = "2026-03-29T07:30" // another key of the same instant
		if n := must1(s.PutSlots(ctx, []digest.Slot{missed, late, instant, late}))(t); n != 2 {
			t.Errorf("inserted %d, want 2", n)
		}
		if n := must1(s.PutSlots(ctx, []digest.Slot{late}))(t); n != 0 {
			t.Errorf("inserted %d again", n)
		}
		_, err := s.PutSlots(ctx, []digest.Slot{slotAt("none", 0)})
		wantKind(t, err, digest.NotFound)
		want := late
		want.Decided = day
		missed.Decided, missed.Closed = day, day
		if d := cmp.Diff([]digest.Slot{want, missed}, must1(s.Slots(ctx, digest.SlotFilter{Subscription: "sub"}))(t)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		for _, tt := range []struct {
			f    digest.SlotFilter
			want int
		}{
			{digest.SlotFilter{States: []digest.SlotState{digest.SlotMissed}}, 1}, {digest.SlotFilter{Limit: 1}, 1},
			{digest.SlotFilter{Workspace: "slack:T1"}, 2}, {digest.SlotFilter{Workspace: "slack:T2"}, 0},
		} {
			if got := len(must1(s.Slots(ctx, tt.f))(t)); got != tt.want {
				t.Errorf("%+v: got %d, want %d", tt.f, got, tt.want)
			}
		}
		sl, sub, cl, ok, err := s.ClaimSlot(ctx, "w", time.Minute)
		must(t, err)
		if !ok || sl.Key != late.Key || !sl.Late || sub.ID != "sub" || cl.Token != 1 || !cl.Until.Equal(day.Add(time.Minute)) {
			t.Errorf("got %+v %+v %v", sl, cl, ok)
		}
		_, _, _, ok, err = s.ClaimSlot(ctx, "w", time.Minute)
		must(t, err)
		if ok {
			t.Error("a leased slot was claimed")
		}
		must(t, s.CloseSlot(ctx, cl, sl, digest.SlotEmpty, "nothing new"))
		c.add(time.Hour)
		_, _, _, ok, err = s.ClaimSlot(ctx, "w", time.Minute)
		must(t, err)
		if got := slotState(t, s, "sub"); ok || got != "empty nothing new" {
			t.Errorf("got %v %q, want it closed", ok, got)
		}
	})
}

func TestPruneSlotsAndShown(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		for h := range 3 {
			built(t, s, slotAt("sub", h), false, 1, channel)
			post(t, s, fmt.Sprintf("sub-%s-C1-1", slotAt("sub", h).Key), "ts")
		}
		c.add(48 * time.Hour)
		got := must1(s.Prune(ctx, Retention{Slots: time.Hour, Shown: 96 * time.Hour}))(t)
		if want := (Pruned{Slots: 2}); got != want {
			t.Errorf("got %+v, want %+v: the newest slot stays", got, want)
		}
		if n := len(must1(s.Editions(ctx, "slack:T1", 0))(t)); n != 1 {
			t.Errorf("%d editions are left, want 1", n)
		}
		got = must1(s.Prune(ctx, Retention{Shown: time.Hour}))(t)
		if want := (Pruned{Shown: 3}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestLeases(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		holds := func(worker string, want bool) {
			t.Helper()
			if got := must1(s.AcquireLease(ctx, "gateway", worker, time.Minute))(t); got != want {
				t.Errorf("%s holds the lease: %v, want %v", worker, got, want)
			}
		}
		holds("a", true)
		holds("b", false)
		c.add(59 * time.Second)
		holds("a", true) // prolonged
		c.add(59 * time.Second)
		holds("b", false)
		c.add(time.Second)
		holds("b", true) // it ran out
		holds("a", false)
		must(t, s.ReleaseLease(ctx, "gateway", "a")) // it is not a's to give back
		holds("a", false)
		must(t, s.ReleaseLease(ctx, "gateway", "b"))
		holds("a", true)
		if !must1(s.AcquireLease(ctx, "other", "b", time.Minute))(t) {
			t.Error("one name keeps another busy")
		}
	})
}

// TestOneOfManyHoldsALease lets workers go for one lease at once.
func TestOneOfManyHoldsALease(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		var held atomic.Int32
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				if must1(s.AcquireLease(context.Background(), "gateway", fmt.Sprint(i), time.Minute))(t) {
					held.Add(1)
				}
			})
		}
		wg.Wait()
		if got := held.Load(); got != 1 {
			t.Errorf("%d workers hold the lease, want 1", got)
		}
	})
}

// TestHostileTexts sends through what a platform or a feed may answer.
func TestHostileTexts(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		const bad, good = "50\x000 \xff\xfe oops", "500 \uFFFD oops"
		must(t, s.PutSources(ctx, []digest.Source{feed("a")}, "config"))
		must(t, s.FailSource(ctx, "a", bad, c.now()))
		if got := must1(s.Sources(ctx, ""))(t)[0].Problem; got != good {
			t.Errorf("problem: got %q, want %q", got, good)
		}
		subscribe(t, s, "sub", channel)
		built(t, s, slotAt("sub", 0), false, 1, channel)
		key := "sub-2026-03-29T08:00-C1-1"
		p, cl := claim(t, s, key)
		must(t, s.MarkSending(ctx, cl, p))
		must(t, s.MarkDoubt(ctx, cl, p, c.now(), bad))
		p, cl = claim(t, s, key)
		if p.Reason != good {
			t.Errorf("reason: got %q, want %q", p.Reason, good)
		}
		must(t, s.MarkSent(ctx, cl, p, digest.MessageRef(bad)))
		if st, err := s.Article(ctx, digest.Shared, bad); err == nil || digest.KindOf(err) != digest.NotFound {
			t.Errorf("looked up %q: %v %v", bad, st, err)
		}
	})
}

func TestNotices(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		n := digest.Notice{Workspace: "slack:T1", Cause: digest.CauseChannel, Subject: "slack:T1/C1", Text: "It is archived.", Key: "k1"}
		add := func(key string, state digest.NoticeState, want bool) {
			t.Helper()
			n.Key = key
			if got := must1(s.AddNotice(ctx, n, state))(t); got != want {
				t.Errorf("add %s: fresh %v, want %v", key, got, want)
			}
		}
		add("k1", digest.NoticeNew, true)
		add("k2", digest.NoticeNew, false)
		claim := func(want bool) (digest.Notice, digest.Claim) {
			t.Helper()
			got, held, ok, err := s.ClaimNotice(ctx, "w", time.Minute)
			must(t, err)
			if ok != want {
				t.Errorf("claimed %v, want %v", ok, want)
			}
			return got, held
		}
		got, first := claim(true)
		if want := (digest.Notice{Workspace: "slack:T1", Cause: digest.CauseChannel, Subject: "slack:T1/C1", Text: "It is archived.", Key: "k1", At: c.now(), Attempts: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		claim(false)
		began := c.now()
		c.add(time.Minute)
		got, second := claim(true)
		if !got.Doubt.Equal(began) || got.Attempts != 2 {
			t.Errorf("after a crash: doubt since %v after %d attempts, want %v after 2", got.Doubt, got.Attempts, began)
		}
		must(t, s.MarkNotice(ctx, first, got, digest.NoticeTold, time.Time{})) // fenced
		must(t, s.MarkNotice(ctx, second, got, digest.NoticeNew, c.now().Add(time.Minute)))
		claim(false)
		c.add(time.Minute)
		got, third := claim(true)
		if !got.Doubt.IsZero() {
			t.Errorf("in doubt since %v although it was certainly not there", got.Doubt)
		}
		must(t, s.MarkNotice(ctx, third, got, digest.NoticeTold, time.Time{}))
		c.add(time.Hour)
		claim(false)
		add("k3", digest.NoticeNew, false)
		for _, want := range []bool{true, false} {
			if got := must1(s.ClearNotice(ctx, n))(t); got != want {
				t.Errorf("cleared %v, want %v", got, want)
			}
		}
		add("k4", digest.NoticeTold, true)
		claim(false)
	})
}
