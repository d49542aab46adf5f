package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/digest"
)

// press is a receipt of a workspace that holds for 45 seconds.
func press(workspace, id string) digest.Receipt {
	return digest.Receipt{Workspace: workspace, ID: id, Hold: 45 * time.Second}
}

// TestInbox sends the same request again as platforms do, also to another
// replica and after a restart.
func TestInbox(t *testing.T) {
	const s1, s2 = "slack:T1", "slack:T2"
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			ctx, c, open := context.Background(), newClock(), b.fresh(t)
			here, there := opened(t, open, c), opened(t, open, c)
			for i, step := range []struct {
				after     time.Duration
				at        *Store
				workspace string
				id        string
				want      digest.Standing
				finish    bool // then
			}{
				{0, here, s1, "Ev1", digest.Fresh, false},
				{0, here, s1, "Ev1", digest.Working, false},
				{0, there, s1, "Ev1", digest.Working, false},
				{0, there, s2, "Ev1", digest.Fresh, true}, // another one's
				{0, there, s1, "Ev2", digest.Fresh, false},
				{44 * time.Second, there, s1, "Ev1", digest.Working, true},
				{16 * time.Second, there, s1, "Ev1", digest.Done, false},
				{0, here, s2, "Ev1", digest.Done, false},
				{0, here, s1, "Ev2", digest.Fresh, false}, // whoever took it is gone
				{0, there, s1, "Ev2", digest.Working, true},
				{5 * time.Minute, here, s1, "Ev1", digest.Done, false},
				{23 * time.Hour, here, s1, "Ev2", digest.Done, false},
			} {
				c.add(step.after)
				r := press(step.workspace, step.id)
				if got := must1(step.at.Receive(ctx, r))(t); got != step.want {
					t.Errorf("step %d: got %d, want %d", i, got, step.want)
				}
				if step.finish {
					must(t, step.at.Finish(ctx, r))
				}
			}
			must(t, here.Close())
			must(t, there.Close())
			again := opened(t, open, c)
			if got := must1(again.Receive(ctx, press(s1, "Ev1")))(t); got != digest.Done {
				t.Errorf("after a restart: got %d, want done", got)
			}
			for _, want := range []int{0, 3} { // before and after the day is over
				if got := must1(again.Prune(ctx, Retention{}))(t); got.Received != want {
					t.Errorf("%d were forgotten, want %d", got.Received, want)
				}
				c.add(time.Hour)
			}
			if got := must1(again.Receive(ctx, press(s1, "Ev1")))(t); got != digest.Fresh {
				t.Errorf("after a day: got %d, want fresh", got)
			}
		})
	}
}

// TestInboxAfterACrash lets the process that took the lock do what a killed one
// left.
func TestInboxAfterACrash(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		must1(s.Receive(ctx, press("slack:T1", "left")))(t)
		must1(s.Receive(ctx, press("slack:T1", "finished")))(t)
		must(t, s.Finish(ctx, press("slack:T1", "finished")))
		must(t, s.VoidLeases(ctx))
		left := digest.Fresh
		if s.dialect.lockFile == "" {
			left = digest.Working // whoever took it may be another replica, alive
		}
		for id, want := range map[string]digest.Standing{"left": left, "finished": digest.Done} {
			if got := must1(s.Receive(ctx, press("slack:T1", id)))(t); got != want {
				t.Errorf("%s: got %d, want %d", id, got, want)
			}
		}
	})
}

// TestInboxInARush has many ask for the same few at once: each is met fresh once.
func TestInboxInARush(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		var fresh, others atomic.Int32
		var work sync.WaitGroup
		for i := range 3 * inboxAtOnce {
			work.Go(func() {
				r := press("slack:T1", fmt.Sprint("Ev", i%inboxAtOnce))
				got, err := s.Receive(context.Background(), r)
				switch {
				case err != nil:
					t.Error(err)
				case got == digest.Fresh:
					fresh.Add(1)
					if err := s.Finish(context.Background(), r); err != nil {
						t.Error(err)
					}
				default:
					others.Add(1)
				}
			})
		}
		work.Wait()
		if fresh.Load() != inboxAtOnce || others.Load() != 2*inboxAtOnce {
			t.Errorf("%d were met fresh and %d again, want %d and %d", fresh.Load(), others.Load(), inboxAtOnce, 2*inboxAtOnce)
		}
	})
}

// TestInboxKnowsItsOwn repeats a transaction whose commit was not answered: what
// it noted before is its own.
func TestInboxKnowsItsOwn(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		w := &receipt{Receipt: press("slack:T1", "Ev1"), holder: "this call"}
		for range 2 {
			must(t, s.write(context.Background(), func(ctx context.Context, tx *transaction) error { return w.write(ctx, tx, millis(c.now())) }))
			if w.standing != digest.Fresh {
				t.Errorf("got %d, want fresh", w.standing)
			}
		}
		if got := must1(s.Receive(context.Background(), w.Receipt))(t); got != digest.Working {
			t.Errorf("another call: got %d, want working", got)
		}
	})
}

// TestInboxOfAStalledStore gives up in time; nothing is noted of that when the
// store goes on.
func TestInboxOfAStalledStore(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		var held []*sql.Conn
		for range max(1, s.w.Stats().MaxOpenConnections) {
			held = append(held, must1(s.w.Conn(ctx))(t))
		}
		brief, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		for range 2 {
			_, err := s.Receive(brief, press("slack:T1", "Ev1"))
			wantKind(t, err, digest.Unavailable)
		}
		for _, c := range held {
			must(t, c.Close())
		}
		if got := must1(s.Receive(ctx, press("slack:T1", "Ev1")))(t); got != digest.Fresh {
			t.Errorf("afterwards: got %d, want fresh", got)
		}
	})
}
