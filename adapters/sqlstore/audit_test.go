package sqlstore

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestAudit(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		first := digest.Audit{Workspace: "slack:T1", Channel: "slack:T1/C1", User: "U1", Name: "Ann", Command: "pause", Subject: "Morning (m1)", Detail: "until tomorrow"}
		must(t, s.Record(ctx, first))
		first.At = c.now()
		must(t, s.Record(ctx, digest.Audit{Workspace: "slack:T2", Command: "resume"}))
		c.add(time.Hour)
		second := digest.Audit{Workspace: "slack:T1", User: "U2", Command: "resume", Subject: "Morning (m1)"}
		must(t, s.Record(ctx, second))
		second.At = c.now()
		if diff := cmp.Diff([]digest.Audit{second, first}, must1(s.Audits(ctx, "slack:T1", 10))(t)); diff != "" {
			t.Error("(-want +got):", diff)
		}
		if diff := cmp.Diff([]digest.Audit{second}, must1(s.Audits(ctx, "slack:T1", 1))(t)); diff != "" {
			t.Error("(-want +got):", diff)
		}
		c.add(time.Minute)
		got := must1(s.Prune(ctx, Retention{Slots: 30 * time.Minute}))(t)
		if want := (Pruned{Audits: 2}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestDraftsDoNotStay(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		draft := digest.Subscription{ID: "d", Workspace: "slack:T1", Channels: []digest.Address{channel}, Cron: "0 8 * * *", Zone: "UTC", Disabled: digest.Draft}
		discarded := draft
		discarded.ID, discarded.Disabled = "x", Removed
		must(t, s.PutSubscriptions(ctx, []digest.Subscription{draft, discarded}, "chat"))
		c.add(23 * time.Hour)
		if got, want := must1(s.Prune(ctx, Retention{}))(t), (Pruned{}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		c.add(2 * time.Hour)
		if got, want := must1(s.Prune(ctx, Retention{}))(t), (Pruned{Drafts: 2}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}
