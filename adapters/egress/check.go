package egress

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"

	"nutgraf/digest"
)

// policy decides which addresses a client may reach.
type policy struct {
	Options
	guard *ssrf.Guardian
}

func newPolicy(o Options) *policy {
	var v4, v6 []netip.Prefix
	for _, p := range o.Deny {
		if p.Addr().Unmap().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	v4 = append(v4, netip.MustParsePrefix("168.63.129.16/32")) // Azure's host agent, a public address by its number only
	return &policy{Options: o, guard: ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(v4...), ssrf.WithDeniedV6Prefixes(v6...))}
}

// localSuffixes are the top-level names that lead nowhere or home.
var localSuffixes = []string{"onion", "local", "internal", "localhost", "localdomain", "lan", "home", "intranet", "corp", "private", "test", "invalid", "home.arpa"}

// usualPorts are the ports on which the web is served.
var usualPorts = []string{"80", "443", "8080", "8443"}

// check refuses an address by its looks, before anything is resolved.
func (p *policy) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return digest.Errorf(digest.Invalid, "%s is not a web address; only http:// and https:// are fetched", show(u))
	}
	if u.User != nil {
		return digest.Errorf(digest.Invalid, "%s carries a user name or password; remove what stands before the @", show(u))
	}
	host, port := hostOf(u), portOf(u)
	if host == "" || strings.ContainsAny(host, "% \t\r\n/\\") {
		return digest.Errorf(digest.Invalid, "%s has no valid host name; check the address", show(u))
	}
	for _, d := range p.DenyHosts {
		if d = strings.ToLower(strings.Trim(d, ".")); d != "" && (host == d || strings.HasSuffix(host, "."+d)) {
			return digest.Errorf(digest.Forbidden, "%s is on an address of this program itself, which it does not fetch", show(u))
		}
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return p.refuse(show(u), a, port)
	}
	if numeric(host) {
		return digest.Errorf(digest.Invalid, "%s has a number where a host name belongs; check the address", show(u))
	}
	if len(p.Allow) > 0 {
		return nil // unusual names and ports are decided when the address is known
	}
	return unusual(show(u), host, port)
}

// unusual refuses host names that never are public, and ports that never
// serve the web.
func unusual(what, host, port string) error {
	if !slices.Contains(usualPorts, port) {
		return digest.Errorf(digest.Forbidden, "%s names port %s; only the ports %s are fetched", what, port, strings.Join(usualPorts, ", "))
	}
	if !strings.Contains(host, ".") {
		return digest.Errorf(digest.Forbidden, "%s is a name of a local network, which is not fetched; write the full host name", what)
	}
	for _, s := range localSuffixes {
		if strings.HasSuffix(host, "."+s) {
			return digest.Errorf(digest.Forbidden, "%s is a name of a local network (.%s), which is not fetched", what, s)
		}
	}
	return nil
}

// refuse refuses an address that is neither public nor allowed, and a port
// that is not usual unless the address is allowed.
func (p *policy) refuse(what string, a netip.Addr, port string) error {
	a = a.Unmap()
	for _, d := range p.Deny {
		if d.Contains(a) {
			return digest.Errorf(digest.Forbidden, "%s leads to an address of this program itself, which it does not fetch", what)
		}
	}
	if p.allowed(a) {
		return nil
	}
	if a.Zone() != "" || p.guard.SafeAddr(a) != nil {
		return digest.Errorf(digest.Forbidden, "%s leads to an address that is not public; only public addresses are fetched unless [fetch] allow lists them", what)
	}
	if !slices.Contains(usualPorts, port) {
		return unusual(what, "public.address", port)
	}
	return nil
}

func (p *policy) allowed(a netip.Addr) bool {
	return slices.ContainsFunc(p.Allow, func(x netip.Prefix) bool { return x.Contains(a) })
}

// nearby reports whether plain http may go to a.
func (p *policy) nearby(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || p.allowed(a)
}

// redirect is the rule of Outside clients for following redirects. The
// address itself is checked by the transport, as for every request.
func (p *policy) redirect(req *http.Request, via []*http.Request) error {
	for _, h := range []string{"Authorization", "Cookie", "Proxy-Authorization", "Referer", "Www-Authenticate"} {
		req.Header.Del(h)
	}
	if len(via) > MaxHops {
		return errTooManyHops(via)
	}
	last := via[len(via)-1].URL
	if last.Scheme == "https" && req.URL.Scheme == "http" {
		return digest.Errorf(digest.Forbidden, "%s redirects from https to plain http, which is not followed", show(via[0].URL))
	}
	for _, v := range via {
		if v.URL.String() == req.URL.String() {
			return digest.Errorf(digest.Unavailable, "%s redirects in a circle; check the address in a browser", show(via[0].URL))
		}
	}
	return p.check(req.URL)
}

func errTooManyHops(via []*http.Request) error {
	return digest.Errorf(digest.Unavailable, "%s redirects more than %d times; give the address at which it ends", show(via[0].URL), MaxHops)
}

// hostOf returns the host of u as it will be dialled: lower case, IDNA mapped,
// without brackets and trailing dots.
func hostOf(u *url.URL) string {
	h := strings.ToLower(u.Hostname())
	if a, err := idna.Lookup.ToASCII(h); err == nil && a != "" {
		h = a
	}
	return strings.TrimRight(h, ".")
}

func portOf(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			return strconv.FormatUint(n, 10)
		}
		return p
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// numeric reports whether the last label of host is a number, which some
// resolvers read as an IPv4 address ("127.1", "0x7f.1", "2130706433").
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		last, digits = "0"+hex, digits+"abcdef"
	}
	return strings.Trim(last, digits) == ""
}

// show writes an address for people, without a password and not too long.
func show(u *url.URL) string {
	s := u.Redacted()
	if r := []rune(s); len(r) > 120 {
		s = string(r[:119]) + "…"
	}
	return s
}
