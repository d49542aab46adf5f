package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// TestChangesGoOneAfterTheOther lets two handles on one database change the
// subscriptions and sources of a workspace side by side.
func TestChangesGoOneAfterTheOther(t *testing.T) {
	const changes, most = 16, 5
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			c, ctx := newClock(), context.Background()
			open := b.fresh(t)
			handles := []*Store{opened(t, open, c), opened(t, open, c)}
			subscribe(t, handles[0], "shared", channel)
			var all sync.WaitGroup
			for i := range changes {
				s, name := handles[i%2], fmt.Sprintf("n%02d", i)
				all.Go(func() {
					err := s.ChangeSubscriptions(ctx, "slack:T1", func(list []digest.Subscription) ([]digest.Subscription, error) {
						at := slices.IndexFunc(list, func(sub digest.Subscription) bool { return sub.ID == "shared" })
						list[at].Include = append(list[at].Include, name)
						done := []digest.Subscription{list[at]}
						if len(list) < most {
							done = append(done, digest.Subscription{ID: name, Workspace: "slack:T1", Name: name, Channels: []digest.Address{channel}, Cron: "0 8 * * *", Zone: "UTC", Origin: "chat"})
						}
						return done, nil
					})
					if err != nil {
						t.Error(err)
					}
					err = s.ChangeSources(ctx, "slack:T1", func(list []digest.Source) ([]digest.Source, error) {
						if len(list) >= most {
							return nil, nil
						}
						return []digest.Source{{ID: name, Workspace: "slack:T1", Kind: "feed", Address: "https://example.org/" + name}}, nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			subs, sources := must1(handles[1].Subscriptions(ctx, "slack:T1"))(t), must1(handles[1].Sources(ctx, "slack:T1"))(t)
			if len(subs) != most || len(sources) != most {
				t.Errorf("got %d subscriptions and %d sources, want %d of each", len(subs), len(sources), most)
			}
			var got, want []string
			for _, sub := range subs {
				got = append(got, sub.Include...)
			}
			for i := range changes {
				want = append(want, fmt.Sprintf("n%02d", i))
			}
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestChangeSubscriptions(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "a", channel)
		subscribe(t, s, "b", channel)
		change := func(alter func(*digest.Subscription)) error {
			return s.ChangeSubscriptions(ctx, "slack:T1", func(all []digest.Subscription) ([]digest.Subscription, error) {
				alter(&all[0])
				return all[:1], nil
			})
		}
		first := func() digest.Subscription {
			t.Helper()
			return must1(s.Subscriptions(ctx, "slack:T1"))(t)[0]
		}
		want := first()
		want.Name, want.Paused, want.PausedTill, want.Disabled, want.Since = "Evening", true, day, "by Ann", day.AddDate(0, 0, -1)
		must(t, change(func(sub *digest.Subscription) { *sub = want }))
		if d := cmp.Diff(want, first()); d != "" {
			t.Errorf("changed (-want +got):\n%s", d)
		}
		now := c.add(time.Hour)
		must(t, change(func(sub *digest.Subscription) { sub.Cron = "0 9 * * *" }))
		if got := first(); !got.Changed.Equal(now) || got.Name != "Evening" {
			t.Errorf("another time: changed at %v, want %v", got.Changed, now)
		}

		failed := errors.New("no")
		err := s.ChangeSubscriptions(ctx, "slack:T1", func(all []digest.Subscription) ([]digest.Subscription, error) {
			all[0].Name = "Lost"
			return all, failed
		})
		if !errors.Is(err, failed) || first().Name == "Lost" {
			t.Errorf("got %v, and %q was stored", err, first().Name)
		}
		wantKind(t, change(func(sub *digest.Subscription) { sub.Workspace = "slack:T2" }), digest.Invalid)
		wantKind(t, s.ChangeSubscriptions(ctx, "slack:T2", func(all []digest.Subscription) ([]digest.Subscription, error) {
			if len(all) > 0 {
				t.Errorf("a workspace is shown %d of another", len(all))
			}
			return []digest.Subscription{{ID: "b", Workspace: "slack:T2", Cron: "0 8 * * *", Zone: "UTC"}}, nil
		}), digest.Conflict)
		wantKind(t, s.ChangeSources(ctx, "slack:T2", func([]digest.Source) ([]digest.Source, error) {
			return []digest.Source{{ID: "wire", Workspace: digest.Shared}}, nil
		}), digest.Invalid)

		// One that comes back is not waited for any more.
		must(t, change(func(sub *digest.Subscription) { sub.Disabled = "" }))
		must(t, s.DisableChannel(ctx, "slack:T1", "a", "the bot is not in it", c.now()))
		must(t, change(func(sub *digest.Subscription) { sub.Disabled = "unsubscribed by Ann" }))
		if got := must1(s.EnableChannel(ctx, "slack:T1", "a"))(t); got {
			t.Error("what a person ended came back by itself")
		}
	})
}
