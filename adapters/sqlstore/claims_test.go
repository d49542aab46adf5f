package sqlstore

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"nutgraf/digest"
)

// TestClaimsAreExclusive lets eight workers with two handles on one database
// claim side by side.
func TestClaimsAreExclusive(t *testing.T) {
	const parts = 1000
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			c := newClock()
			open := b.fresh(t)
			s, second := opened(t, open, c), opened(t, open, c)
			var channels []digest.Address
			for i := range parts {
				channels = append(channels, digest.Address{Platform: "slack", Workspace: "T1", Channel: fmt.Sprintf("C%d", i)})
			}
			subscribe(t, s, "sub", channels...)
			built(t, s, slotAt("sub", 0), false, 1, channels...)
			times := claimAll(t, parts, s, second, s, second, s, second, s, second)
			if len(times) != parts {
				t.Errorf("%d of %d parts were claimed", len(times), parts)
			}
			for key, n := range times {
				if n != 1 {
					t.Errorf("%s was claimed %d times", key, n)
				}
			}
		})
	}
}

// claimAll claims with one worker for each handle until nothing is left, and
// counts how often each part was handed out.
func claimAll(t testing.TB, most int, handles ...*Store) map[string]int {
	t.Helper()
	var mu sync.Mutex
	times := make(map[string]int)
	var wg sync.WaitGroup
	for i, handle := range handles {
		wg.Go(func() {
			for range 2 * most { // a part that comes again and again must not keep us here
				p, _, ok, err := handle.ClaimPart(context.Background(), fmt.Sprint(i), slack, time.Hour)
				if digest.KindOf(err) == digest.Unavailable && err != nil {
					continue // starved by the others, or the server restarts: a worker's next round
				}
				if err != nil || !ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				times[p.Key]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return times
}

// TestChannelsAreSerial lets workers go for several editions in few channels:
// at no time may two parts of one channel be leased.
func TestChannelsAreSerial(t *testing.T) {
	const editions, workers = 12, 8
	everywhere(t, func(t *testing.T, s *Store, _ *clock) {
		ctx := context.Background()
		var channels []digest.Address
		for i := range 3 {
			channels = append(channels, digest.Address{Platform: "slack", Workspace: "T1", Channel: fmt.Sprintf("C%d", i)})
		}
		for e := range editions {
			id := fmt.Sprintf("sub%d", e)
			subscribe(t, s, id, channels...)
			built(t, s, slotAt(id, e%3), false, 2, channels...)
		}
		var mu sync.Mutex
		held, sent := make(map[string]string), 0
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for {
					mu.Lock()
					left := editions*2*len(channels) - sent
					mu.Unlock()
					p, c, ok, err := s.ClaimPart(ctx, "w", slack, time.Hour)
					if err != nil && digest.KindOf(err) != digest.Unavailable {
						t.Error(err)
						return
					}
					if left == 0 {
						return
					}
					if err != nil || !ok {
						continue // the channels are busy
					}
					mu.Lock()
					if other := held[p.Channel]; other != "" {
						t.Errorf("%s is leased beside %s", p.Key, other)
					}
					held[p.Channel] = p.Key
					mu.Unlock()
					if err := s.MarkSending(ctx, c, p); err != nil {
						t.Error(err)
					}
					mu.Lock()
					delete(held, p.Channel) // just before the lease ends
					sent++
					mu.Unlock()
					if err := s.MarkSent(ctx, c, p, "ts"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for e := range editions { // the last parts of a slot end side by side too
			if got := slotState(t, s, fmt.Sprintf("sub%d", e)); got != "done" {
				t.Errorf("slot of sub%d is %s, want done", e, got)
			}
		}
	})
}
