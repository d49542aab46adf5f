package newsroom

import (
	"context"
	"sync"
	"time"

	"nutgraf/digest"
)

const (
	hands   = 1024 // parts that are claimed at a time
	posters = 32   // calls to one platform that go side by side, beside those that take long
)

// lane is where the calls to one platform go side by side. The fields are the
// newsroom's: its lock guards them.
type lane struct {
	places  chan struct{}
	queued  int // parts that wait for a place
	working int // parts at work, those that take long included
}

// lane returns the lane of a platform. The lock must be held.
func (n *Newsroom) lane(platform string) *lane {
	l := n.lanes[platform]
	if l == nil {
		l = &lane{places: make(chan struct{}, posters)}
		if n.lanes == nil {
			n.lanes = make(map[string]*lane)
		}
		n.lanes[platform] = l
	}
	return l
}

// openPlatforms returns the platforms that may be sent to now and that have no
// queue of parts that were claimed already.
func (n *Newsroom) openPlatforms(now time.Time) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var names []string
	for name := range n.Platforms {
		if !now.Before(n.holds[digest.Address{Platform: name}].until) && n.lane(name).queued < posters {
			names = append(names, name)
		}
	}
	return names
}

// queue counts a part that waits for a place, or with -1 one that does not any
// more.
func (n *Newsroom) queue(platform string, by int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lane(platform).queued += by
}

// enter waits for a place among the calls to a platform, and returns what gives
// it back; false when ctx ends before. A call that takes long, as one to a
// channel that never answers, hands its place on while it lasts: it may not
// delay the others.
func (n *Newsroom) enter(ctx context.Context, platform string) (leave func(), ok bool) {
	n.mu.Lock()
	l := n.lane(platform)
	n.mu.Unlock()
	select {
	case l.places <- struct{}{}:
	case <-ctx.Done():
	}
	if ok = ctx.Err() == nil; !ok { // a place that was taken nevertheless is not needed any more
		n.queue(platform, -1)
		return nil, false
	}
	n.mu.Lock()
	l.queued--
	l.working++
	n.mu.Unlock()
	hand := sync.OnceFunc(func() { <-l.places })
	slow := time.AfterFunc(n.timing().Timeout/10, hand)
	return func() {
		slow.Stop()
		hand()
		n.mu.Lock()
		l.working--
		n.mu.Unlock()
	}, true
}

// pace waits until the channel may be posted to again: the gap counts from the
// answer to the last post, so that no two arrive closer together.
func (n *Newsroom) pace(ctx context.Context, a digest.Address) error {
	gap := n.manners(a.Platform).Gap
	n.mu.Lock()
	wait := min(n.posted[a.String()].Add(gap).Sub(n.now()), gap)
	n.mu.Unlock()
	return sleep(ctx, wait)
}

// answered remembers when a channel was last posted to.
func (n *Newsroom) answered(a digest.Address) {
	gap := n.manners(a.Platform).Gap
	if gap <= 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if n.posted == nil {
		n.posted = make(map[string]time.Time)
	}
	if len(n.posted) > rememberedDead {
		for name, at := range n.posted {
			if now.Sub(at) > gap {
				delete(n.posted, name)
			}
		}
	}
	n.posted[a.String()] = now
}
