package command

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// What one person may ask for, and what is worked on at a time.
const (
	askedMinute   = 120                    // commands of one person in a minute
	fetchedMinute = 5                      // of those that fetch something from an address that the person names
	working       = 16                     // commands that are worked on at a time
	fetching      = 8                      // those that fetch, which have places of their own: they wait for others
	waiting       = 2000                   // commands that wait for a place
	patience      = 10 * time.Second       // for a place
	fronting      = 4                      // forms and suggestions that are worked on at a time: platforms wait for them
	formPatience  = 500 * time.Millisecond // for a place, of those
	maxPeople     = 10_000                 // remembered, and as many channels
)

// Gate stands before Commands: it keeps one person from asking too often, and
// everybody together from asking for more than can be done. It is one for all
// platforms. Make it with NewGate.
type Gate struct {
	*Commands
	asked, fetched *tally
	quick, slow    chan struct{} // places
	front          chan struct{}
	queue          chan struct{}
	heard          hearsay
}

// NewGate returns a gate before c.
func NewGate(c *Commands) *Gate {
	return &Gate{Commands: c,
		asked:   &tally{most: askedMinute, people: make(map[string][]time.Time)},
		fetched: &tally{most: fetchedMinute, people: make(map[string][]time.Time)},
		quick:   make(chan struct{}, working), slow: make(chan struct{}, fetching), front: make(chan struct{}, fronting), queue: make(chan struct{}, waiting)}
}

// Handle runs one command, when its turn has come.
func (g *Gate) Handle(ctx context.Context, cmd chat.Command) chat.Reply {
	who, now := cmd.Address.Platform+" "+cmd.Address.Workspace+" "+cmd.User.ID, g.Now()
	if after, ok := g.asked.allow(who, now); !ok {
		return g.spoken(cmd).Problem(digest.Errorf(digest.RateLimited, "You gave %d commands within a minute; try again in %s.", askedMinute, seconds(after)))
	}
	places := g.quick
	if fetches(cmd) {
		if after, ok := g.fetched.allow(who, now); !ok {
			return g.spoken(cmd).Problem(digest.Errorf(digest.RateLimited, "You had %d web addresses looked up within a minute; try again in %s.", fetchedMinute, seconds(after)))
		}
		places = g.slow
	}
	if !g.enter(ctx, places, patience) {
		return g.spoken(cmd).Problem(digest.Errorf(digest.RateLimited, "Too many commands at once; try again in a minute."))
	}
	defer func() { <-places }()
	reply := g.Commands.Handle(ctx, cmd)
	if _, personal := own(cmd); !personal {
		g.heard.note(cmd.Address, reply.Language)
	}
	return reply
}

// Busy implements chat.Pacer: more commands are worked on than there are threads
// for, or as many.
func (g *Gate) Busy() bool { return len(g.quick) >= runtime.GOMAXPROCS(0) }

// Form returns the form that a command opens, when there is a place for that
// soon.
func (g *Gate) Form(ctx context.Context, cmd chat.Command) (*chat.Form, error) {
	if !g.enter(ctx, g.front, formPatience) {
		return nil, digest.Errorf(digest.RateLimited, "Too many commands at once; try again in a minute.")
	}
	defer func() { <-g.front }()
	return g.Commands.Form(ctx, cmd)
}

// Suggest returns choices for an option; none when there is no place for that
// soon.
func (g *Gate) Suggest(ctx context.Context, cmd chat.Command, option, typed string) []chat.Choice {
	if !g.enter(ctx, g.front, formPatience) {
		return nil
	}
	defer func() { <-g.front }()
	return g.Commands.Suggest(ctx, cmd, option, typed)
}

// enter waits for a place, in a queue that has an end.
func (g *Gate) enter(ctx context.Context, places chan struct{}, limit time.Duration) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
	}
	select {
	case g.queue <- struct{}{}:
		defer func() { <-g.queue }()
	default:
		return false
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case places <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// spoken returns the language of an answer that must cost nothing: that of the
// person, or the one in which the channel was answered last.
func (g *Gate) spoken(cmd chat.Command) chat.Locale {
	if wish, ok := own(cmd); ok {
		return chat.LocaleFor(wish, g.Zone)
	}
	return chat.LocaleFor(orElse(g.heard.of(cmd.Address), g.Language), g.Zone)
}

// hearsay is in which language channels were answered last. Its memory is
// bounded: an arbitrary channel is forgotten for a new one.
type hearsay struct {
	mu        sync.Mutex
	languages map[digest.Address]string
}

func (h *hearsay) note(channel digest.Address, language string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.languages[channel]; !known && len(h.languages) >= maxPeople {
		for some := range h.languages {
			delete(h.languages, some)
			break
		}
	}
	if h.languages == nil {
		h.languages = make(map[digest.Address]string)
	}
	h.languages[channel] = language
}

func (h *hearsay) of(channel digest.Address) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.languages[channel]
}

// fetches reports whether a command fetches from an address that a person names.
func fetches(cmd chat.Command) bool {
	switch cmd.Name {
	case "save", "covered", "feed add", "feed test":
		return true
	case "summarize":
		target := strings.Trim(cmd.Args["target"], "<> ")
		return strings.Contains(target, "://") || strings.HasPrefix(target, "www.")
	}
	return false
}

// seconds rounds up.
func seconds(d time.Duration) chat.Count {
	return chat.Count{N: int((d + time.Second - 1) / time.Second), One: "%d second", Many: "%d seconds"}
}

// tally counts what each person did within a minute. Its memory is bounded.
type tally struct {
	most   int
	mu     sync.Mutex
	people map[string][]time.Time // when, oldest first
}

// allow reports whether a person may go on, and if not, after which time.
func (t *tally) allow(who string, now time.Time) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	times := t.people[who]
	for len(times) > 0 && now.Sub(times[0]) >= time.Minute {
		times = times[1:]
	}
	if len(times) >= t.most {
		t.people[who] = times
		return time.Minute - now.Sub(times[0]), false
	}
	if _, known := t.people[who]; !known && len(t.people) >= maxPeople {
		t.forget(now)
	}
	t.people[who] = append(times, now)
	return 0, true
}

// forget makes room: it drops those who did nothing for a minute, and an
// arbitrary one when there are none.
func (t *tally) forget(now time.Time) {
	for who, times := range t.people {
		if now.Sub(times[len(times)-1]) >= time.Minute {
			delete(t.people, who)
		}
	}
	for who := range t.people {
		if len(t.people) < maxPeople {
			return
		}
		delete(t.people, who)
	}
}
