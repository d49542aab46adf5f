package newsroom

import (
	"hash/fnv"
	"time"
)

// Timing holds every duration of the newsroom, so that tests and fast
// installations scale them together. A zero field means its default.
type Timing struct {
	Poll    time.Duration   // between two looks for work, by wall clock; 15 s
	Lease   time.Duration   // of a claim; 60 s. It must exceed twice the Timeout, and Brief
	Timeout time.Duration   // of one post or search; 10 s
	Quiet   time.Duration   // after an attempt, before a search is believed; 40 s = Timeout + 30 s of the platform's
	Search  time.Duration   // between two searches that could not be made; 1 min
	GiveUp  time.Duration   // after which a search that cannot be made is given up; 15 min
	Probe   time.Duration   // between two probes of a workspace that is paused; 6 h
	Check   time.Duration   // between two checks of a channel that does not let us in; 1 h
	Hold    time.Duration   // between two probes of a platform or workspace that fails; 30 s
	Retry   []time.Duration // waits after certain failures, the last one repeated; 1 s, 5 s, 30 s, 2 min, 10 min, 30 min
	Fetch   time.Duration   // of one source; 60 s
	Brief   time.Duration   // for the briefs of one digest, before the fallback writes them; 25 s
	Jitter  time.Duration   // over which many subscriptions that are due together are spread; 60 s
	Grace   time.Duration   // for posts in flight when the program stops; 7 s
}

// timing returns the timing with its defaults filled in.
func (n *Newsroom) timing() Timing {
	t := n.Timing
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Poll, 15 * time.Second}, {&t.Lease, time.Minute}, {&t.Timeout, 10 * time.Second}, {&t.Quiet, 40 * time.Second},
		{&t.Search, time.Minute}, {&t.GiveUp, 15 * time.Minute}, {&t.Hold, 30 * time.Second}, {&t.Fetch, time.Minute},
		{&t.Brief, 25 * time.Second}, {&t.Probe, 6 * time.Hour}, {&t.Check, time.Hour}, {&t.Jitter, time.Minute}, {&t.Grace, 7 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if len(t.Retry) == 0 {
		t.Retry = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}
	}
	return t
}

// margin is the end of a lease in which nothing is begun: a post that starts
// before it has ended when another worker may claim the part.
func (t Timing) margin() time.Duration { return t.Timeout + t.Timeout/2 }

// backoff returns the wait after the attempt-th failed attempt (from 1), ±20 %
// by key, so that parts that failed together do not come back together.
func (t Timing) backoff(key string, attempt int) time.Duration {
	wait := t.Retry[min(max(attempt, 1), len(t.Retry))-1]
	return time.Duration(float64(wait) * (0.8 + 0.4*share(key, attempt)))
}

// share maps a key to [0, 1), always the same.
func share(key string, n int) float64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	h.Write([]byte{byte(n)})
	return float64(h.Sum64()*0x9E3779B97F4A7C15>>40) / (1 << 24)
}
