// Package egress is the only maker of HTTP clients: Outside for addresses that
// came from outside, Operator for endpoints that the operator configured.
//
// What a client of this package refuses, it refuses with a *digest.Error whose
// message is one sentence for people; Problem turns every other failure of a
// request into one as well.
package egress

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"nutgraf/digest"
)

// The limits of every client, unless Options says otherwise.
const (
	MaxWire    = 5 << 20  // bytes of a response body as sent
	MaxBody    = 10 << 20 // bytes of a response body after decompression
	MaxHops    = 5        // redirects that are followed
	maxHeaders = 64 << 10 // bytes of response headers

	totalTimeout  = 30 * time.Second
	dialTimeout   = 3 * time.Second
	headerTimeout = 10 * time.Second
	idleTimeout   = 10 * time.Second // between two pieces of a body
)

// Options configures a client. The zero value is the strictest one.
type Options struct {
	// Allow lists addresses that are allowed although they are not public, for
	// people with feeds on their intranet. Towards these addresses every port
	// and every host name is allowed. It is empty by default.
	Allow []netip.Prefix
	// Deny lists further addresses that are refused, such as the program's own
	// public ones. It wins over Allow.
	Deny []netip.Prefix
	// DenyHosts lists host names that are refused with all names below them,
	// such as the program's own.
	DenyHosts []string
	// Proxy is an HTTP proxy through which every request goes; nil for none.
	// The environment's proxy variables are ignored. Behind a proxy the target
	// is resolved and checked before the request, since it is not dialled here.
	Proxy *url.URL
	// UserAgent is sent with every request that has none; it should say how to
	// reach the operator. "" sends the program's name.
	UserAgent string
	// Timeout bounds a request with all its redirects and the reading of its
	// body; 0 means 30 s.
	Timeout time.Duration
	// HeaderTimeout bounds the wait for the response's headers once the request
	// is written; 0 means 10 s. A model that thinks needs more.
	HeaderTimeout time.Duration
	// Refused is told of every request of an Outside client that is refused
	// because of where it leads; nil for nobody.
	Refused func()

	hooks hooks // of this package's tests
}

// Outside returns a client for addresses that came from outside: users, feeds
// and pages. It speaks http and https on the usual ports to public addresses
// only; the address is checked when it is dialled, so that neither a redirect
// nor a name server can lead it elsewhere.
func Outside(o Options) *http.Client {
	p := newPolicy(o)
	return &http.Client{
		Transport:     &guarded{check: p.check, next: p.transport(p.outside), limits: o.limits(), tell: o.tell},
		CheckRedirect: func(req *http.Request, via []*http.Request) error { return o.tell(p.redirect(req, via)) },
		Timeout:       orDuration(o.Timeout, totalTimeout),
	}
}

// Operator returns a client for one endpoint that the operator configured. It
// talks to base's host and port only, wherever that is; plain http is accepted
// only towards loopback and Options.Allow.
func Operator(base string, o Options) (*http.Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, digest.Errorf(digest.Invalid, "%q is not an address of a service; write it as https://host or https://host/path", base)
	}
	p := newPolicy(o)
	e := endpoint{scheme: u.Scheme, host: hostOf(u), port: portOf(u), name: u.Scheme + "://" + u.Host}
	dial := p.anywhere
	if u.Scheme == "http" {
		if a, err := netip.ParseAddr(e.host); err == nil && !p.nearby(a) || err != nil && e.host != "localhost" && len(o.Allow) == 0 {
			return nil, digest.Errorf(digest.Invalid, "%s would send everything in the clear; use https://, plain http:// is accepted only towards this machine", e.name)
		}
		dial = p.nearbyOnly
	}
	return &http.Client{
		Transport: &guarded{check: e.check, next: p.transport(dial), limits: o.limits()},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > MaxHops {
				return errTooManyHops(via)
			}
			return e.check(req.URL)
		},
		Timeout: orDuration(o.Timeout, totalTimeout),
	}, nil
}

// endpoint is the one service to which an Operator client talks.
type endpoint struct{ scheme, host, port, name string }

func (e endpoint) check(u *url.URL) error {
	if u.Scheme != e.scheme || hostOf(u) != e.host || portOf(u) != e.port {
		return digest.Errorf(digest.Forbidden, "%s is not on %s, the address in the configuration; requests stay there", show(u), e.name)
	}
	return nil
}

// guarded is a RoundTripper that checks the address of every request, hop by
// hop, before the next one sees it, and caps what comes back.
type guarded struct {
	check  func(*url.URL) error
	next   http.RoundTripper
	limits limits

	tell func(error) error // see Options; nil where nobody wants to know
}

// RoundTrip implements http.RoundTripper.
func (g *guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	send := g.roundTrip
	if all, ok := req.Context().Value(togetherKey{}).(*answers); ok && req.Method == http.MethodGet && req.Body == nil {
		send = func(req *http.Request) (*http.Response, error) { return all.roundTrip(req, g.roundTrip) }
	}
	resp, err := send(req)
	if err != nil && g.tell != nil {
		err = g.tell(err)
	}
	return resp, err
}

func (g *guarded) roundTrip(req *http.Request) (*http.Response, error) {
	if err := g.check(req.URL); err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	return g.limits.roundTrip(g.next, req)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the pool.
func (g *guarded) CloseIdleConnections() {
	if c, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// tell calls Refused when err refuses a request because of where it leads, and
// returns err.
func (o Options) tell(err error) error {
	if o.Refused != nil && digest.KindOf(err) == digest.Forbidden {
		o.Refused()
	}
	return err
}

func (o Options) limits() limits {
	return limits{
		agent: orString(o.UserAgent, "Nutgraf (self-hosted news digest)"),
		wire:  MaxWire, body: MaxBody, idle: orDuration(o.hooks.idle, idleTimeout),
	}
}

func orDuration(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

func orString(s, fallback string) string {
	if strings.TrimSpace(s) != "" {
		return s
	}
	return fallback
}
