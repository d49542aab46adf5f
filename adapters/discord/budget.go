package discord

import (
	"context"
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
	Load func(ctx context.Context) ([]time.Time, error)      // nil: nothing is remembered from before
	Save func(ctx context.Context, logins []time.Time) error // nil: nothing is remembered; called before a login

	mu     sync.Mutex
	loaded bool
	logins []time.Time
}

// Identify implements Identifies.
func (b *Budget) Identify(ctx context.Context, at time.Time) (time.Duration, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded && b.Load != nil {
		logins, err := b.Load(ctx)
		if err != nil {
			return 0, err
		}
		b.logins = logins
	}
	b.loaded = true
	for len(b.logins) > 0 && at.Sub(b.logins[0]) >= 24*time.Hour {
		b.logins = b.logins[1:]
	}
	if wait := b.wait(at); wait > 0 {
		return wait, nil
	}
	if len(b.logins) >= identifyDaily {
		return b.logins[0].Add(24 * time.Hour).Sub(at), digest.Errorf(digest.RateLimited, "the bot logged in to Discord %d times in 24 hours, and 1000 would reset its token; it stays off the gateway until the day is over, see the log for what restarts it", len(b.logins))
	}
	b.logins = append(b.logins, at)
	if b.Save != nil {
		if err := b.Save(ctx, b.logins); err != nil {
			b.logins = b.logins[:len(b.logins)-1]
			return 0, err
		}
	}
	return 0, nil
}

// wait is how long the next login has to wait for the one before it.
func (b *Budget) wait(at time.Time) time.Duration {
	n := len(b.logins)
	if n == 0 {
		return 0
	}
	recent := 0
	for i := n - 1; i >= 0 && at.Sub(b.logins[i]) < identifyCalm; i-- {
		recent++
	}
	gap := identifyGap
	if recent >= identifyFree {
		gap = identifySlow
	}
	return max(b.logins[n-1].Add(gap).Sub(at), 0)
}
