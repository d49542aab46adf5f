package egress

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"nutgraf/digest"
)

// hooks let this package's tests stand in for the name server and see what is
// dialled. All are nil outside of them.
type hooks struct {
	resolver *net.Resolver
	dialled  func(address string) error // after the guard let it pass
	idle     time.Duration
}

// verdict decides about one address that is about to be dialled. what names
// the host for people; host and port are as asked for.
type verdict func(what, host, port string, a netip.Addr) error

// outside lets public and allowed addresses pass. Unusual names and ports pass
// only when they lead to allowed addresses.
func (p *policy) outside(what, host, port string, a netip.Addr) error {
	if err := p.refuse(what, a, port); err != nil || p.allowed(a.Unmap()) {
		return err
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	return unusual(what, host, port)
}

// anywhere lets every address pass.
func (p *policy) anywhere(string, string, string, netip.Addr) error { return nil }

// nearbyOnly lets loopback and allowed addresses pass.
func (p *policy) nearbyOnly(what, _, _ string, a netip.Addr) error {
	if !p.nearby(a) {
		return digest.Errorf(digest.Forbidden, "%s leads to another machine; plain http:// is accepted only towards this one", what)
	}
	return nil
}

// transport returns a transport of its own pool whose every connection passes
// the verdict after the name is resolved.
func (p *policy) transport(v verdict) http.RoundTripper {
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return p.dial(ctx, network, address, v)
		},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // limits.roundTrip decodes, inside its caps
		TLSHandshakeTimeout:    dialTimeout,
		ResponseHeaderTimeout:  orDuration(p.HeaderTimeout, headerTimeout),
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: maxHeaders,
	}
	if p.Proxy == nil {
		return t
	}
	t.Proxy = http.ProxyURL(p.Proxy)
	t.DialContext = (&net.Dialer{Timeout: dialTimeout, Resolver: p.hooks.resolver}).DialContext
	return &proxied{policy: p, next: t, verdict: v}
}

func (p *policy) dial(ctx context.Context, network, address string, v verdict) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host = strings.TrimRight(host, ".")
	d := net.Dialer{
		Timeout:  dialTimeout,
		Resolver: p.hooks.resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if err := v(host, host, port, ap.Addr()); err != nil {
				return err
			}
			if p.hooks.dialled != nil {
				return p.hooks.dialled(address)
			}
			return nil
		},
	}
	return d.DialContext(ctx, network, net.JoinHostPort(host, port))
}

// proxied resolves and judges the target of a request that a proxy will dial.
type proxied struct {
	*policy
	next    http.RoundTripper
	verdict verdict
}

// RoundTrip implements http.RoundTripper.
func (p *proxied) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := p.judge(req.Context(), req.URL); err != nil {
		return nil, err
	}
	return p.next.RoundTrip(req)
}

func (p *proxied) judge(ctx context.Context, u *url.URL) error {
	r := p.hooks.resolver
	if r == nil {
		r = net.DefaultResolver
	}
	host := hostOf(u)
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if err := p.verdict(host, host, portOf(u), a); err != nil {
			return err
		}
	}
	return nil
}
