package command_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// meanwhile is a desk at which something happens right after the n-th time that
// somebody looked.
type meanwhile struct {
	command.Desk
	n  int
	do func()
}

func (m *meanwhile) looked() {
	if m.n--; m.n == 0 {
		m.do()
	}
}

// Subscriptions returns what was there before it happens.
func (m *meanwhile) Subscriptions(ctx context.Context, workspace string) ([]digest.Subscription, error) {
	defer m.looked()
	return m.Desk.Subscriptions(ctx, workspace)
}

// Sources returns what was there before it happens.
func (m *meanwhile) Sources(ctx context.Context, workspace string) ([]digest.SourceStatus, error) {
	defer m.looked()
	return m.Desk.Sources(ctx, workspace)
}

// replicas are two processes with one store.
func replicas(t *testing.T, address string) (mine, theirs *office) {
	t.Helper()
	mine, theirs = officeIn(t, address), officeIn(t, address)
	id, belongs := rand.Text, func(context.Context, digest.Address) error { return nil }
	for _, o := range []*office{mine, theirs} {
		o.NewID, o.Belongs = id, belongs
	}
	return mine, theirs
}

// active counts the digests that are posted to a channel.
func (o *office) active(channel digest.Address) int {
	o.Helper()
	list, err := o.store.Subscriptions(context.Background(), channel.Tenant())
	o.must(err)
	n := 0
	for _, s := range list {
		if s.Disabled == "" && strings.Contains(fmt.Sprint(s.Channels), channel.String()) {
			n++
		}
	}
	return n
}

// TestTwoManagersAtOnce has a manager on another replica change something
// between any two looks of a command.
func TestTwoManagersAtOnce(t *testing.T) {
	full := []string{"subscribe 6:00 name:A", "subscribe 7:00 name:B", "subscribe 8:00 name:C", "subscribe 9:00 name:D"}
	for _, tt := range []struct {
		name         string
		before       []string
		mine, theirs string
		want         func(o *office) string // what is wrong, "" when nothing is
	}{
		{"two settings", full[:1], "settings stories:3", "settings length:line", func(o *office) string {
			return wrong(o.stored("slack:T1", "A").Layout, digest.Layout{Stories: 3, Length: "line"})
		}},
		{"two filters", full[:1], "filter exclude sport", "filter exclude gossip", func(o *office) string {
			return wrong(len(o.stored("slack:T1", "A").Exclude), 2)
		}},
		{"a setting and a schedule", full[:1], "schedule 10:00", "settings stories:3", func(o *office) string {
			s := o.stored("slack:T1", "A")
			return wrong(s.Cron+fmt.Sprint(s.Layout.Stories), "0 10 * * *3")
		}},
		{"a setting and an end", full[:1], "settings stories:3", "unsubscribe A", func(o *office) string { return wrong(o.active(team), 0) }},
		{"a resumption and an end", append([]string{"pause"}, full[:1]...), "resume A", "unsubscribe A", func(o *office) string { return wrong(o.active(team), 0) }},
		{"a pause and a setting", full[:1], "pause", "settings stories:3", func(o *office) string {
			s := o.stored("slack:T1", "A")
			return wrong(fmt.Sprint(s.Paused, s.Layout.Stories), "true 3")
		}},
		{"the fifth digest twice", full, "subscribe 10:00 name:E", "subscribe 11:00 name:F", func(o *office) string { return wrong(o.active(team), 5) }},
		{"the same name twice", nil, "subscribe 10:00", "subscribe 11:00", func(o *office) string { return wrong(o.active(team), 1) }},
		{"another channel of the fifth", full, "settings L also-in:C1", "subscribe 11:00 name:F", func(o *office) string { return wrong(o.active(team), 5) }},
		{"a feed twice", nil, "feed add harbour.example", "feed add harbour.example", func(o *office) string {
			list, err := o.store.Sources(context.Background(), "slack:T1")
			o.must(err)
			return wrong(len(list), 3)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for look := 1; look <= 6; look++ {
				mine, theirs := replicas(t, filepath.Join(t.TempDir(), "news.db"))
				mine.say(lounge, "subscribe 5:00 name:L")
				for _, line := range tt.before {
					mine.say(team, line)
				}
				mine.Desk = &meanwhile{mine.Desk, look, func() { theirs.say(team, tt.theirs) }}
				mine.say(team, tt.mine)
				if mine.Desk.(*meanwhile).n > 0 {
					theirs.say(team, tt.theirs)
				}
				if problem := tt.want(mine); problem != "" {
					t.Errorf("after look %d: %s", look, problem)
				}
			}
		})
	}
}

// wrong compares.
func wrong[T comparable](got, want T) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("got %v, want %v", got, want)
}

// TestLimitsHoldBetweenReplicas lets many managers on two replicas make more
// than there may be.
func TestLimitsHoldBetweenReplicas(t *testing.T) {
	var pg pgtest.Server
	t.Cleanup(pg.Stop)
	for name, address := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "news.db") },
		"postgres": func(t *testing.T) string { return pg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			mine, theirs := replicas(t, address(t))
			var all sync.WaitGroup
			for i := range 20 {
				o := []*office{mine, theirs}[i%2]
				all.Go(func() {
					cmd, err := chat.Parse(command.Specs(), fmt.Sprintf("subscribe %d:00 name:N%d", i, i))
					if err != nil {
						t.Error(err)
					}
					cmd.Address, cmd.User = team, manager
					_ = o.Handle(context.Background(), cmd)
				})
			}
			all.Wait()
			if got := mine.active(team); got != 5 {
				t.Errorf("got %d digests in a channel, want 5", got)
			}
		})
	}
}

// TestAlsoInCounts keeps the further channels of a digest to what a channel may
// have, and a digest that comes back.
func TestAlsoInCounts(t *testing.T) {
	mine, _ := replicas(t, filepath.Join(t.TempDir(), "news.db"))
	for i := range 5 {
		mine.say(team, fmt.Sprintf("subscribe %d:00 name:N%d", i, i))
	}
	mine.say(lounge, "subscribe 5:00 name:L")
	mine.expect(lounge, "settings also-in:C1", "slack:T1/C1 has 5 digests, which is the most; end one with `unsubscribe` first.")
	mine.expect(lounge, "settings", "Also in none")
	mine.say(team, "unsubscribe N0")
	mine.expect(lounge, "settings also-in:C1", "Also in slack:T1/C1")
	mine.expect(team, "subscribe 9:00 name:More", "This channel has 5 digests, which is the most")
	mine.expect(lounge, "settings stories:3", "Stories 3")

	mine.must(mine.store.Disable(context.Background(), "slack:T1", mine.stored("slack:T1", "N1").ID, "the channel is gone"))
	mine.expect(team, "subscribe 9:00 name:More", "will be posted")
	mine.expect(team, "resume N1", "This channel has 5 digests, which is the most")
	mine.say(team, "unsubscribe More")
	mine.expect(team, "resume N1", "is posted again")
}
