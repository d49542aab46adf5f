package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// maxBody caps what a form may send, in bytes.
const maxBody = 64 << 10

// maxUpload caps forms with a file, in bytes.
const maxUpload = chat.MaxFile + maxBody

// uploads reports whether a request sends a form that may hold a file.
func uploads(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// policy forbids everything but our own style sheet and forms.
const policy = "default-src 'none'; style-src 'self'; img-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Router is a table of routes, each with its authenticator. Every answer
// carries the same security headers; requests that change something must not
// come from a foreign origin; and each address has an allowance.
type Router struct {
	mux    *http.ServeMux
	origin *http.CrossOriginProtection
	limit  *limiter
	fail   func(http.ResponseWriter, *http.Request, error)
	routes []Route
}

// Route is one row of the table, for tests and logs.
type Route struct{ Pattern, Who string }

// newRouter returns an empty table; fail shows errors to people.
func newRouter(now func() time.Time, fail func(http.ResponseWriter, *http.Request, error)) *Router {
	return &Router{
		mux:    http.NewServeMux(),
		origin: http.NewCrossOriginProtection(),
		limit:  newLimiter(now),
		fail:   fail,
	}
}

// Handle registers a route. The pattern is one of http.ServeMux.
func (t *Router) Handle(pattern string, who Authenticator, h http.Handler) {
	t.routes = append(t.routes, Route{pattern, who.String()})
	t.mux.Handle(pattern, t.guard(who, h))
}

// Routes returns the table in order of registration.
func (t *Router) Routes() []Route { return t.routes }

// ServeHTTP answers one request.
func (t *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	t.mux.ServeHTTP(w, r)
}

// guard wraps a handler with all that stands before it.
func (t *Router) guard(who Authenticator, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !who.exempt && !t.limit.allow(network(r.RemoteAddr).String()) {
			t.fail(w, r, &digest.Error{Kind: digest.RateLimited, Msg: "Too many requests from your address; wait a second and try again.", After: time.Second})
			return
		}
		if who.check == nil {
			t.fail(w, r, digest.Errorf(digest.Forbidden, "Nobody may open this page."))
			return
		}
		if packed := r.Header.Get("Content-Encoding"); packed != "" && packed != "identity" {
			t.fail(w, r, errPacked) // a small body could unpack to any size
			return
		}
		from, err := who.check(r)
		if err != nil {
			t.fail(w, r, err)
			return
		}
		if err := t.origin.Check(r); err != nil {
			t.fail(w, r, digest.Errorf(digest.Forbidden, "The request came from a page of another site and was refused."))
			return
		}
		most := cmp.Or(who.body, maxBody)
		if who.body == 0 && uploads(r) {
			most = maxUpload
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, from)))
	})
}

// errPacked is answered with 415.
var errPacked = digest.Errorf(digest.Invalid, "Send the body as it is, not compressed.")

// callerKey is the key under which a request's context holds its caller.
type callerKey struct{}

// callerOf returns who sends the request, as the authenticator said.
func callerOf(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return c
}
