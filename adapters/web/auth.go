package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// Authenticator decides who sends a request. Routes take one by value, so that
// none can be registered without it; the zero Authenticator refuses everybody.
type Authenticator struct {
	name   string
	check  func(*http.Request) (caller, error)
	exempt bool  // from the limit per address
	body   int64 // bytes of a body at most; 0 is maxBody
}

// caller is who sends a request.
type caller struct {
	chat.User
	key digest.Key // of a program that pushes articles
}

// String returns the authenticator's name, for route tables.
func (a Authenticator) String() string {
	if a.check == nil {
		return "nobody"
	}
	return a.name
}

// Public lets everybody in, as an anonymous user who may look but not manage.
func Public() Authenticator {
	return Authenticator{name: "public", check: func(*http.Request) (caller, error) {
		return caller{User: chat.User{ID: "web", Name: "Visitor"}}, nil
	}}
}

// Loopback lets in who sits at the same machine, as a manager. The Host must
// be a loopback name too: otherwise a foreign page could reach the server
// through a name of its own that resolves to the local address.
func Loopback() Authenticator {
	return Authenticator{name: "loopback", check: func(r *http.Request) (caller, error) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !from.Addr().Unmap().IsLoopback() || !local(r.Host) {
			return caller{}, digest.Errorf(digest.Forbidden, "This page answers on this machine only; open it as http://localhost, or configure a token.")
		}
		return caller{User: chat.User{ID: "local", Name: "You", Manager: true}}, nil
	}}
}

// local reports whether a Host header names the own machine.
func local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// Token lets in who knows a secret, as a manager: as a bearer token, or as the
// password of basic authentication, which browsers ask for. An empty secret
// lets nobody in.
func Token(secret string) Authenticator {
	want := sha256.Sum256([]byte(secret))
	return Authenticator{name: "token", check: func(r *http.Request) (caller, error) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			_, given, ok = r.BasicAuth()
		}
		got := sha256.Sum256([]byte(given))
		if !ok || secret == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			return caller{}, errUnauthorized
		}
		return caller{User: chat.User{ID: "operator", Name: "Operator", Manager: true}}, nil
	}}
}

// signedBody caps what a chat platform may send, in bytes.
const signedBody = 1 << 20

// Signed is for handlers that check a signature over the body by themselves,
// as the chat platforms' endpoints do. Such routes are exempt from the limit
// per address, because a platform calls from few addresses.
func Signed() Authenticator {
	return Authenticator{name: "signed", exempt: true, body: signedBody, check: func(*http.Request) (caller, error) {
		return caller{}, nil
	}}
}

// Probe lets everybody in without limit. It is for checks of the server's
// health, which must answer when everything else is refused.
func Probe() Authenticator {
	return Authenticator{name: "probe", exempt: true, check: Public().check}
}

// errUnauthorized is answered with 401 and a challenge.
var errUnauthorized = digest.Errorf(digest.Forbidden, "This page needs the configured token: as the password, or as a bearer token.")
