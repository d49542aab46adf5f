package discord

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	perSecond    = 49                      // requests to all routes; Discord allows 50
	second       = 1005 * time.Millisecond // in which they are counted, with some room for the clocks
	lateness     = 500 * time.Millisecond  // after which a request without an answer is taken as counted
	invalidCap   = 5000                    // answers 401, 403 and 429 in invalidSpan after which nothing is sent; Discord bans at 10,000
	invalidSpan  = 10 * time.Minute        // also how long Cloudflare is left alone once it blocks
	manyRoutes   = 2000                    // routes remembered before old ones are dropped
	defaultRetry = 30 * time.Second        // after a 429 that does not say how long
)

// limiter keeps to Discord's rate limits: what the headers of each route say,
// the global one, and the ban that too many refused requests bring. It waits
// only as long as a request's own deadline allows.
// https://discord.com/developers/docs/topics/rate-limits
type limiter struct {
	now   func() time.Time
	sleep func(time.Duration, <-chan struct{}) bool

	mu      sync.Mutex
	routes  map[string]*route
	blocked time.Time // nothing is sent before
	why     string
	full    time.Time     // nothing is sent before but what the global limit exempts
	turns   []turn        // at most perSecond
	trip    time.Duration // the shortest time between a request and its answer so far
	invalid []time.Time
}

// turn is one of the requests that Discord takes in a second.
type turn struct {
	sent time.Time
	free time.Time // when another request may be sent instead of it
}

// ticket is a place among the requests of a second, "no ticket" for requests
// that do not count.
type ticket struct {
	turn int
	sent time.Time
}

var noTicket = ticket{turn: -1}

// route is what is known of one route.
type route struct {
	remaining int
	reset     time.Time
}

// tooBusy is the error of a request that was not sent, because its turn comes
// after its deadline.
type tooBusy struct {
	after    time.Duration
	platform bool // everything waits, not this route alone
	why      string
}

// Error says why, and when the turn comes.
func (e *tooBusy) Error() string {
	return "not sent: " + e.why + "; the turn comes in " + e.after.Round(time.Millisecond).String()
}

// routeOf names the route of a request, with the ids that have limits of their
// own: of channels, guilds and webhooks. global is false for interactions,
// which the global limit exempts.
func routeOf(method, path string) (key string, global bool) {
	_, path, _ = strings.Cut(path, "/api/")
	parts := strings.Split(path, "/")[1:] // without the version
	if len(parts) > 0 && (parts[0] == "interactions" || parts[0] == "webhooks") {
		return "", false // every one is a route of its own and short-lived
	}
	for i := 2; i < len(parts); i++ {
		if snowflake.MatchString(parts[i]) {
			parts[i] = "id"
		}
	}
	return method + " " + strings.Join(parts, "/"), true
}

// wait returns when a request on the route may be sent, with its ticket.
func (l *limiter) wait(ctx context.Context, key string, global bool) (ticket, error) {
	for {
		t, d, platform, why := l.take(key, global)
		if d <= 0 {
			return t, ctx.Err()
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
			return noTicket, &tooBusy{after: d, platform: platform, why: why}
		}
		if !l.sleep(d, ctx.Done()) {
			return noTicket, ctx.Err()
		}
	}
}

// take takes a place for one request, or says how long to wait for one.
func (l *limiter) take(key string, global bool) (t ticket, d time.Duration, platform bool, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if d := l.blocked.Sub(now); d > 0 {
		return noTicket, d, true, l.why
	}
	if !global {
		return noTicket, 0, false, ""
	}
	if d := l.full.Sub(now); d > 0 {
		return noTicket, d, true, tooMany
	}
	r := l.routes[key]
	if r != nil && r.remaining <= 0 {
		if d := r.reset.Sub(now); d > 0 {
			return noTicket, d, false, "Discord's limit for this route is reached"
		}
		delete(l.routes, key)
		r = nil
	}
	i := l.firstFree()
	if d := l.turns[i].free.Sub(now); d > 0 {
		return noTicket, d, true, tooMany
	}
	l.turns[i] = turn{sent: now, free: now.Add(second + lateness)}
	if r != nil {
		r.remaining--
	}
	return ticket{i, now}, 0, false, ""
}

// firstFree returns the turn that is free first. The lock must be held.
func (l *limiter) firstFree() int {
	if len(l.turns) < perSecond {
		l.turns = append(l.turns, turn{})
		return len(l.turns) - 1
	}
	first := 0
	for i, t := range l.turns {
		if t.free.Before(l.turns[first].free) {
			first = i
		}
	}
	return first
}

// answered frees a ticket's turn. Discord counted the request at some time
// before its answer came, and the next one takes some time to get there: a turn
// that is free a second after the answer, less the shortest way there and back,
// cannot meet the same second on Discord's clock, however irregular the network.
func (l *limiter) answered(t ticket) {
	if t.turn < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if took := now.Sub(t.sent); l.trip == 0 || took < l.trip {
		l.trip = max(took, 0)
	}
	held := &l.turns[t.turn]
	if free := now.Add(second - l.trip); held.sent.Equal(t.sent) && free.Before(held.free) {
		held.free = free
	}
}

// learn reads what an answer says about the limits. body is that of a refusal.
func (l *limiter) learn(key string, resp *http.Response, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, h := l.now(), resp.Header
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		if h.Get("X-RateLimit-Scope") != "shared" {
			l.refused(now)
		}
		l.limited(now, key, h, body)
		return
	case http.StatusUnauthorized:
		l.refused(now)
	case http.StatusForbidden:
		l.refused(now)
		if keptAway(h, body) {
			l.block(now.Add(invalidSpan), cloudflare)
		}
	}
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	after, ok := seconds(h.Get("X-RateLimit-Reset-After"), now)
	if err != nil || !ok || key == "" {
		return
	}
	l.remember(key, route{remaining, now.Add(after)}, now)
}

// Why nothing is sent.
const (
	cloudflare = "Cloudflare keeps this machine away from Discord"
	tooMany    = "Discord's limit for all requests is reached"
)

// limited closes a route, or everything, for as long as a 429 says.
func (l *limiter) limited(now time.Time, key string, h http.Header, body []byte) {
	after := retryAfter(h, body, now)
	switch {
	case keptAway(h, body):
		l.block(now.Add(max(after, invalidSpan)), cloudflare)
	case h.Get("X-RateLimit-Global") != "" || h.Get("X-RateLimit-Scope") == "global":
		if until := now.Add(after); until.After(l.full) {
			l.full = until
		}
	case key != "":
		l.remember(key, route{0, now.Add(after)}, now)
	}
}

// keptAway reports whether an answer is not Discord's own, but of the service
// in front of it, which lets nothing through for a while.
func keptAway(h http.Header, body []byte) bool {
	var d struct{ Code int }
	return !strings.HasPrefix(h.Get("Content-Type"), "application/json") || json.Unmarshal(body, &d) == nil && d.Code == 40333
}

// retryAfter returns how long a 429 asks to wait: the longer of what its header
// and its body say, or the default where neither can be read.
func retryAfter(h http.Header, body []byte, now time.Time) time.Duration {
	after, inHeader := seconds(h.Get("Retry-After"), now)
	var d struct {
		After json.Number `json:"retry_after"`
	}
	inBody := false
	if json.Unmarshal(body, &d) == nil && d.After != "" {
		var more time.Duration
		more, inBody = seconds(d.After.String(), now)
		after = max(after, more)
	}
	if !inHeader && !inBody {
		return defaultRetry
	}
	return after
}

// refused counts an answer that Discord counts towards a ban.
func (l *limiter) refused(now time.Time) {
	l.invalid = append(l.invalid, now)
	for len(l.invalid) > 0 && now.Sub(l.invalid[0]) >= invalidSpan {
		l.invalid = l.invalid[1:]
	}
	if len(l.invalid) >= invalidCap {
		l.block(now.Add(invalidSpan), "Discord refused too many requests and would ban this machine")
		l.invalid = nil
	}
}

func (l *limiter) block(until time.Time, why string) {
	if until.After(l.blocked) {
		l.blocked, l.why = until, why
	}
}

// remember keeps the later of two states of a route: answers overtake each
// other, and an older one may not reopen what a newer one closed.
func (l *limiter) remember(key string, r route, now time.Time) {
	if l.routes == nil {
		l.routes = make(map[string]*route)
	}
	if len(l.routes) >= manyRoutes {
		for k, old := range l.routes {
			if !old.reset.After(now) {
				delete(l.routes, k)
			}
		}
	}
	if old := l.routes[key]; old != nil && old.reset.After(now) && old.remaining < r.remaining && r.reset.Sub(old.reset) < 500*time.Millisecond {
		r.remaining = old.remaining
	}
	l.routes[key] = &r
}

// seconds reads how long to wait: a number of seconds, whole or not, or a date.
func seconds(s string, now time.Time) (time.Duration, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		at, err := http.ParseTime(s)
		if err != nil {
			return 0, false
		}
		f = max(at.Sub(now).Seconds(), 0)
	}
	if !(f >= 0 && f <= 7*24*3600) { // not a number fails both
		return 0, false
	}
	return time.Duration(math.Ceil(f*1000)) * time.Millisecond, true
}
