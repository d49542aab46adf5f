package newsroom

import (
	"time"

	"nutgraf/digest"
)

// failuresToHold is how many posts into a workspace fail in a row, with nothing
// posted in between, before it is left alone for a while.
const failuresToHold = 5

// hold remembers that a platform or workspace fails. After until one post may
// probe it; what becomes of that decides.
type hold struct {
	failures int
	until    time.Time
}

// openPlatforms returns the platforms that may be posted to now.
func (n *Newsroom) openPlatforms(now time.Time) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var names []string
	for name := range n.Platforms {
		if !now.Before(n.holds[name].until) {
			names = append(names, name)
		}
	}
	return names
}

// probe is called for a part that was claimed: where a platform or workspace
// failed, it becomes the one probe, and all others wait. It returns until when
// the part's workspace is held, zero when it is not.
func (n *Newsroom) probe(a digest.Address, now time.Time) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h := n.holds[a.Tenant()]; now.Before(h.until) {
		return h.until
	}
	for _, name := range []string{a.Platform, a.Tenant()} {
		if h, ok := n.holds[name]; ok && !h.until.IsZero() {
			h.until = now.Add(n.timing().Hold)
			n.holds[name] = h
		}
	}
	return time.Time{}
}

// succeeded forgets failures of the part's platform and workspace.
func (n *Newsroom) succeeded(a digest.Address) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.holds, a.Platform)
	delete(n.holds, a.Tenant())
}

// failed counts a failure. The platform is held when it is at fault itself, the
// workspace when it is or when its posts keep failing.
func (n *Newsroom) failed(a digest.Address, o digest.Outcome, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.holds == nil {
		n.holds = make(map[string]hold)
	}
	name := a.Platform
	if o.Scope != digest.ScopePlatform && a.Workspace != "" {
		name = a.Tenant()
	}
	h := n.holds[name]
	if o.After == 0 {
		h.failures++
	}
	if o.Scope >= digest.ScopeWorkspace || h.failures >= failuresToHold {
		h.until = now.Add(max(o.After, n.timing().Hold))
	}
	n.holds[name] = h
}
