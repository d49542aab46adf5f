package discord

import (
	"context"
	"slices"
	"sync"
	"time"

	"nutgraf/digest"
)

// Identifies keeps the count of gateway logins ("identifies"). Discord resets
// the bot's token after 1000 in a day, so that a crash loop must not use them
// up: an implementation that remembers them over restarts is safer than one in
// memory.
type Identifies interface {
	// Identify asks for one login at an instant. It returns 0 when it may go
	// ahead and is counted, and otherwise how long to wait before asking again.
	Identify(ctx context.Context, at time.Time) (wait time.Duration, err error)
}

// The budget of logins.
const (
	identifyFree  = 3                // at first, only identifyGap apart
	identifyGap   = 5 * time.Second  // which Discord demands
	identifySlow  = 90 * time.Second // apart, after the free ones of the last identifyCalm
	identifyCalm  = 10 * time.Minute
	identifyDaily = 900 // in 24 h; Discord allows 1000
)

// Budget is the rule for logins: three at once, then one in 90 seconds, and
// 900 a day. The zero value keeps them in memory. It is safe for concurrent use.
type Budget struct {
	// Keep replaces the logins that are remembered by what change makes of them,
	// in one step for all processes; nil remembers those of this process. Change
	// may be called more than once.
	Keep func(ctx context.Context, change func(logins []time.Time) []time.Time) error

	mu     sync.Mutex
	logins []time.Time
}

// Identify implements Identifies. Where the logins cannot be remembered, there
// is none.
func (b *Budget) Identify(ctx context.Context, at time.Time) (time.Duration, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	keep := b.Keep
	if keep == nil {
		keep = func(_ context.Context, change func([]time.Time) []time.Time) error {
			b.logins = change(b.logins)
			return nil
		}
	}
	var wait time.Duration
	var full error
	err := keep(ctx, func(logins []time.Time) []time.Time {
		logins = slices.DeleteFunc(slices.Clone(logins), func(login time.Time) bool {
			return at.Sub(login) >= 24*time.Hour || login.Sub(at) > identifyCalm // those of a clock that was ahead
		})
		full = nil
		switch wait = loginGap(logins, at); {
		case wait > 0:
		case len(logins) >= identifyDaily:
			wait = logins[0].Add(24 * time.Hour).Sub(at)
			full = digest.Errorf(digest.RateLimited, "the bot logged in to Discord %d times in 24 hours, and 1000 would reset its token; it stays off the gateway until the day is over, see the log for what restarts it", len(logins))
		default:
			logins = append(logins, at)
		}
		return logins
	})
	if err != nil {
		return 0, err
	}
	return wait, full
}

// loginGap is how long a login has to wait for those before it.
func loginGap(logins []time.Time, at time.Time) time.Duration {
	n := len(logins)
	if n == 0 {
		return 0
	}
	recent := 0
	for i := n - 1; i >= 0 && at.Sub(logins[i]) < identifyCalm; i-- {
		recent++
	}
	gap := identifyGap
	if recent >= identifyFree {
		gap = identifySlow
	}
	return max(logins[n-1].Add(gap).Sub(at), 0)
}
