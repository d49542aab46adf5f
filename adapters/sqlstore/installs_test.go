package sqlstore

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestInstalls(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		if _, err := s.Install(ctx, "slack:T1"); digest.KindOf(err) != digest.NotFound {
			t.Errorf("none: %v", err)
		}
		one := digest.Install{Workspace: "slack:T1", Name: "Linden", Sealed: "a", User: "U1"}
		must(t, s.PutInstall(ctx, one))
		must(t, s.PutInstall(ctx, digest.Install{Workspace: "discord:G1", Sealed: "x"}))
		must(t, s.PutInstall(ctx, digest.Install{Workspace: "slack:T2", Sealed: "b"}))
		c.add(time.Hour)
		one.Sealed, one.User = "c", "U2"
		must(t, s.PutInstall(ctx, one))
		one.At = c.now()
		must(t, s.DeleteInstall(ctx, "slack:T2"))
		must(t, s.DeleteInstall(ctx, "slack:T9"))
		if diff := cmp.Diff([]digest.Install{one}, must1(s.Installs(ctx, "slack"))(t)); diff != "" {
			t.Error("(-want +got):", diff)
		}
		if diff := cmp.Diff(one, must1(s.Install(ctx, "slack:T1"))(t)); diff != "" {
			t.Error("(-want +got):", diff)
		}
	})
}
