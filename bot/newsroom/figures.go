package newsroom

import (
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
)

// Figures is what the newsroom is about at a moment, for metrics and health.
type Figures struct {
	Platforms    []Lane    // by name
	Breakers     []Breaker // of platforms and of workspaces that were posted to, by name
	HeldChannels int       // channels that are left alone for now
}

// Lane is the work on one platform.
type Lane struct {
	Platform string
	Working  int // posts and searches on their way
	Queued   int // parts that are claimed and wait for their turn
}

// BreakerState says whether something is sent to a platform or workspace. Its
// number is that of the metric.
type BreakerState int

// The states of a breaker.
const (
	Closed  BreakerState = iota // everything is sent
	Probing                     // one post decides
	Open                        // nothing is sent
)

// String names the state.
func (s BreakerState) String() string { return [...]string{"closed", "probing", "open"}[s] }

// Breaker is the breaker of a platform, "slack", or of a workspace, "slack:T012".
type Breaker struct {
	Name     string
	State    BreakerState
	Failures int       // in a row
	Until    time.Time // of an open one: when the next post may probe
}

// Figures returns the figures of now. It is safe to call at any time.
func (n *Newsroom) Figures() Figures {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	var f Figures
	for name := range n.Platforms {
		l := n.lane(name)
		f.Platforms = append(f.Platforms, Lane{Platform: name, Working: l.working, Queued: l.queued})
		if _, ok := n.holds[digest.Address{Platform: name}]; !ok {
			f.Breakers = append(f.Breakers, Breaker{Name: name})
		}
	}
	for name, h := range n.holds {
		b := Breaker{Name: name.Platform, Failures: h.failures}
		switch {
		case now.Before(h.until):
			b.State, b.Until = Open, h.until
		case !h.until.IsZero():
			b.State = Probing
		}
		switch {
		case name.Channel != "" && b.State == Open:
			f.HeldChannels++
		case name.Channel == "":
			if name.Workspace != "" {
				b.Name = name.Tenant()
			}
			f.Breakers = append(f.Breakers, b)
		}
	}
	slices.SortFunc(f.Platforms, func(a, b Lane) int { return strings.Compare(a.Platform, b.Platform) })
	slices.SortFunc(f.Breakers, func(a, b Breaker) int { return strings.Compare(a.Name, b.Name) })
	return f
}
