package newsroom

import (
	"context"
	"sync"
	"time"
)

// The names of the loops, for logs and wake-ups.
const (
	ingestLoop  = "ingest"
	buildLoop   = "build"
	deliverLoop = "deliver"
	correctLoop = "correct"
	watchLoop   = "watch"
)

// Run runs the loops until ctx ends. Each looks for work at least every
// Poll by wall clock, and at once where work leads to more. Then it claims
// nothing more and waits up to Grace for the posts in flight; what is cut off
// stays in doubt and is cleared up after the next start. It always returns nil.
func (n *Newsroom) Run(ctx context.Context) error {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var loops, posts sync.WaitGroup
	free := make(chan struct{}, hands)
	loops.Go(func() { n.loop(ctx, ingestLoop, n.Ingest, "") })
	loops.Go(func() { n.loop(ctx, buildLoop, n.Build, deliverLoop) })
	if err := n.Store.ProbeSoon(ctx); err != nil {
		n.log().Warn("what is closed to us is tried again later", "error", err)
	}
	loops.Go(func() { n.loop(ctx, watchLoop, n.Watch, deliverLoop) })
	loops.Go(func() { n.loop(ctx, correctLoop, n.Correct, "") })
	loops.Go(func() {
		n.loop(ctx, deliverLoop, func(ctx context.Context) (int, error) { return n.dispatch(ctx, work, &posts, free) }, "")
	})
	loops.Wait()
	ended := make(chan struct{})
	go func() {
		posts.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(n.timing().Grace):
		n.log().Warn("posts in flight were cut off; they are cleared up after the next start")
	}
	return nil
}

// loop repeats a round until ctx ends: at once while there is work, else after
// Poll or a wake-up. Work of a round wakes the next loop, where there is one.
func (n *Newsroom) loop(ctx context.Context, name string, round func(context.Context) (int, error), next string) {
	for ctx.Err() == nil {
		var worked int
		err := n.safely("the "+name+" loop", func() (err error) {
			worked, err = round(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			n.log().Error("round failed", "loop", name, "error", err)
		}
		if worked > 0 {
			if next != "" {
				n.wake(next)
			}
			if err == nil {
				continue
			}
		}
		timer := time.NewTimer(n.timing().Poll)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-n.bell(name):
		}
		timer.Stop()
	}
}

// bell returns the channel that wakes a loop.
func (n *Newsroom) bell(loop string) chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.wakeups == nil {
		n.wakeups = make(map[string]chan struct{})
	}
	if n.wakeups[loop] == nil {
		n.wakeups[loop] = make(chan struct{}, 1)
	}
	return n.wakeups[loop]
}

// wake has a loop look for work at once.
func (n *Newsroom) wake(loop string) {
	select {
	case n.bell(loop) <- struct{}{}:
	default: // woken already
	}
}

// Wake has all loops look for work at once.
func (n *Newsroom) Wake() {
	for _, loop := range []string{ingestLoop, buildLoop, deliverLoop} {
		n.wake(loop)
	}
}

// wakeAfter wakes a loop when something falls due before its next look.
func (n *Newsroom) wakeAfter(loop string, d time.Duration) {
	if d < n.timing().Poll {
		time.AfterFunc(max(d, 0), func() { n.wake(loop) })
	}
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
