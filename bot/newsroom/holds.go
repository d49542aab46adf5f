package newsroom

import (
	"maps"
	"time"

	"nutgraf/digest"
)

const (
	failuresToHold = 5      // channels of a workspace that fail in a row, with nothing posted in between, before it is left alone
	rememberedDead = 10_000 // channels whose failures are remembered
)

// hold remembers that a channel, a workspace or a platform fails. Nothing is
// sent there before until; then one post may probe it, and what becomes of that
// decides.
type hold struct {
	failures int       // in a row
	last     time.Time // when the last of them was seen
	until    time.Time // zero while it is open to all
	good     time.Time // when something was last posted
	probed   time.Time // when the probe began that is on its way, else zero
}

// levels returns the names under which holds are kept: of the platform, the
// workspace and the channel. A platform without workspaces is one itself.
func levels(a digest.Address) (platform, workspace, channel digest.Address) {
	return digest.Address{Platform: a.Platform}, digest.Address{Platform: a.Platform, Workspace: a.Workspace}, a
}

// barred returns until when nothing may be sent to a channel, zero when it may
// be now. Where its workspace or platform failed, the part that asks becomes
// the one probe and all others wait, for a short time while that is on its way. Channels that failed themselves come later
// than others, so that dead ones do not use up the probes.
func (n *Newsroom) barred(a digest.Address, now time.Time) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	platform, workspace, channel := levels(a)
	for _, name := range []digest.Address{platform, workspace, channel} {
		until := n.holds[name].until
		if name == workspace && n.holds[channel].failures > 0 && !until.IsZero() {
			until = until.Add(n.timing().Hold / 2)
		}
		if soon := now.Add(n.timing().Hold / 6); now.Before(n.holds[name].probed.Add(n.timing().Timeout)) && soon.Before(until) {
			return soon // its outcome will be known
		}
		if now.Before(until) {
			return until
		}
	}
	for _, name := range []digest.Address{platform, workspace} {
		if h := n.holds[name]; !h.until.IsZero() {
			h.until, h.probed = now.Add(n.timing().Hold), now
			n.holds[name] = h
		}
	}
	return time.Time{}
}

// succeeded forgets the failures of a channel, its workspace and its platform.
func (n *Newsroom) succeeded(a digest.Address, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	platform, workspace, channel := levels(a)
	delete(n.holds, channel)
	n.keep(platform, hold{good: now})
	n.keep(workspace, hold{good: now})
}

// failed counts the failure of a call that began at an instant, and returns
// until when nothing is sent where it failed.
//
// A platform or workspace that is at fault itself is held at once, and the
// longer the more often it fails. A channel is held by itself; only when
// several of a workspace fail for the first time, and nothing was posted in it
// since they began, the workspace is at fault.
func (n *Newsroom) failed(a digest.Address, o digest.Outcome, began, now time.Time) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	platform, workspace, channel := levels(a)
	switch {
	case o.Scope == digest.ScopePlatform:
		return n.hold(platform, o.After, n.timing().Hold, began, now)
	case o.Scope == digest.ScopeWorkspace:
		return n.hold(workspace, o.After, n.timing().Hold, began, now)
	case o.After == 0:
		h := n.holds[workspace]
		if n.holds[channel].failures == 0 && h.good.Before(began) {
			h.failures++
		}
		if h.failures >= failuresToHold {
			h.until, h.probed = now.Add(n.timing().Hold), time.Time{}
		}
		n.keep(workspace, h)
	}
	return n.hold(channel, o.After, 0, began, now)
}

// hold counts a failure and lengthens the hold of name: by after where the
// platform says so, else by the waits of the retries, at most longest unless
// that is 0. Failures of calls that were on their way together count once.
func (n *Newsroom) hold(name digest.Address, after, longest time.Duration, began, now time.Time) time.Time {
	h := n.holds[name]
	h.probed = time.Time{}
	if after == 0 {
		if h.failures == 0 || !began.Before(h.last) {
			h.failures++
			h.last = now
		}
		after = n.timing().backoff(name.String(), h.failures)
		if longest > 0 {
			after = min(after, longest)
		}
	}
	if until := now.Add(after); until.After(h.until) {
		h.until = until
	}
	n.keep(name, h)
	return h.until
}

// keep stores a hold. When there are very many, those of channels are forgotten
// that may be tried again.
func (n *Newsroom) keep(name digest.Address, h hold) {
	if n.holds == nil {
		n.holds = make(map[digest.Address]hold)
	}
	if len(n.holds) > rememberedDead {
		now := n.now()
		maps.DeleteFunc(n.holds, func(name digest.Address, h hold) bool { return name.Channel != "" && !now.Before(h.until) })
	}
	n.holds[name] = h
}
