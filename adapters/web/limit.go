package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	perSecond  = 10     // requests of one address
	burst      = 40     // a page and its style sheet, opened in a few tabs
	maxClients = 10_000 // addresses remembered
)

// limiter counts requests by address, or by key. Its memory is bounded: those
// whose allowance is full again are forgotten first.
type limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	clients map[string]*client
	swept   time.Time // when all of them were last looked at
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, clients: make(map[string]*client)}
}

type client struct {
	allowance *rate.Limiter
	seen      time.Time
}

// allow reports whether a request of key may pass.
func (l *limiter) allow(key string) bool {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.clients[key]
	if !ok {
		if len(l.clients) >= maxClients {
			l.forget(now)
		}
		c = &client{allowance: rate.NewLimiter(perSecond, burst)}
		l.clients[key] = c
	}
	c.seen = now
	return c.allowance.AllowN(now, 1)
}

// forget makes room: it drops every address that has its full allowance again,
// and an arbitrary one when there is none. It looks at all of them at most once
// in the time of a refill, so that a flood of addresses stays cheap.
func (l *limiter) forget(now time.Time) {
	const refill = burst / perSecond * time.Second
	if now.Sub(l.swept) >= refill {
		l.swept = now
		for key, c := range l.clients {
			if now.Sub(c.seen) >= refill {
				delete(l.clients, key)
			}
		}
	}
	for key := range l.clients {
		if len(l.clients) < maxClients {
			return
		}
		delete(l.clients, key)
	}
}

// network is the unit that is limited: an IPv4 address or an IPv6 network of
// 64 bits, which one host can fill by itself.
func network(remote string) netip.Prefix {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := from.Addr().Unmap().WithZone(""), 64
	if ip.Is4() {
		bits = 32
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
