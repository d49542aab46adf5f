package discord

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	perSecond    = 49               // requests to all routes; Discord allows 50
	invalidCap   = 5000             // answers 401, 403 and 429 in invalidSpan after which nothing is sent; Discord bans at 10,000
	invalidSpan  = 10 * time.Minute // also how long Cloudflare is left alone once it blocks
	manyRoutes   = 2000             // routes remembered before old ones are dropped
	defaultRetry = 30 * time.Second // after a 429 that does not say how long
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
	second  time.Time // beginning of the second that is counted
	sent    int       // in that second
	invalid []time.Time
}

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

// wait returns when a request on the route may be sent.
func (l *limiter) wait(ctx context.Context, key string, global bool) error {
	for {
		d, platform, why := l.take(key, global)
		if d <= 0 {
			return ctx.Err()
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
			return &tooBusy{after: d, platform: platform, why: why}
		}
		if !l.sleep(d, ctx.Done()) {
			return ctx.Err()
		}
	}
}

// take takes a place for one request, or says how long to wait for one.
func (l *limiter) take(key string, global bool) (d time.Duration, platform bool, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if d := l.blocked.Sub(now); d > 0 {
		return d, true, l.why
	}
	if !global {
		return 0, false, ""
	}
	r := l.routes[key]
	if r != nil && r.remaining <= 0 {
		if d := r.reset.Sub(now); d > 0 {
			return d, false, "Discord's limit for this route is reached"
		}
		delete(l.routes, key)
		r = nil
	}
	if now.Sub(l.second) >= time.Second || now.Before(l.second) {
		l.second, l.sent = now, 0
	}
	if l.sent >= perSecond {
		return l.second.Add(time.Second).Sub(now), true, "Discord's limit for all requests is reached"
	}
	l.sent++
	if r != nil {
		r.remaining--
	}
	return 0, false, ""
}

// learn reads what an answer says about the limits.
func (l *limiter) learn(key string, resp *http.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, h := l.now(), resp.Header
	switch shared := h.Get("X-RateLimit-Scope") == "shared"; {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusTooManyRequests && !shared:
		l.refused(now)
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		l.limited(now, key, h)
		return
	}
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	after, ok := seconds(h.Get("X-RateLimit-Reset-After"))
	if err != nil || !ok || key == "" {
		return
	}
	l.remember(key, route{remaining, now.Add(after)}, now)
}

// limited closes a route, or everything, for as long as a 429 says.
func (l *limiter) limited(now time.Time, key string, h http.Header) {
	after, ok := seconds(h.Get("Retry-After"))
	if !ok {
		after = defaultRetry
	}
	switch {
	case !strings.HasPrefix(h.Get("Content-Type"), "application/json"):
		l.block(now.Add(max(after, invalidSpan)), "Cloudflare keeps this machine away from Discord")
	case h.Get("X-RateLimit-Global") != "" || h.Get("X-RateLimit-Scope") == "global":
		l.block(now.Add(after), "Discord's limit for all requests is reached")
	case key != "":
		l.remember(key, route{0, now.Add(after)}, now)
	}
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

// seconds reads a number of seconds, whole or not.
func seconds(s string) (time.Duration, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 7*24*3600 {
		return 0, false
	}
	return time.Duration(f * float64(time.Second)), true
}
