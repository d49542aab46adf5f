package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/adapters/web"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// called is what a platform is that calls us, instead of being listened to.
type called interface {
	// Routes returns its endpoints by their patterns; they check by themselves
	// who calls.
	Routes(h chat.Handler, specs []chat.Spec) map[string]http.Handler
}

// endpoints returns what the chat platforms call to have h answer, by pattern.
func (a *app) endpoints(h chat.Handler) map[string]http.Handler {
	out := make(map[string]http.Handler)
	for _, p := range a.news.Platforms {
		if c, ok := p.(called); ok {
			for pattern, route := range c.Routes(h, command.Specs()) {
				out[pattern] = a.unfencedOnly(route)
			}
		}
	}
	return out
}

// unfencedOnly answers nobody while the store is a restored one that may not
// send: until then its original answers. Whoever calls is asked to come again.
func (a *app) unfencedOnly(h http.Handler) http.Handler {
	var open atomic.Bool // a fence that has fallen stays down
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !open.Load() {
			state, err := a.store.Restored(r.Context())
			if err != nil || state.Fenced() {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			open.Store(true)
		}
		h.ServeHTTP(w, r)
	})
}

// mount adds endpoints to a server. What platforms post is signed; what people
// open to install the app is a page like others.
func mount(s *web.Server, endpoints map[string]http.Handler) {
	for pattern, h := range endpoints {
		who := web.Signed()
		if strings.HasPrefix(pattern, "GET ") {
			who = web.Public()
		}
		s.Handle(pattern, who, h)
	}
}

// errNoPage says that endpoints need the web page's address.
func errNoPage(platform string) error {
	return digest.Errorf(digest.Invalid, "transport = \"http\" needs an address that %s can call; set listen in [web], or write transport = \"socket\"", platform)
}

// endpoints asks the addresses that platforms call whether serve answers there:
// it refuses what is not signed.
func (d *doctor) endpoints(ctx context.Context, a *app) {
	var paths []string
	for pattern := range a.endpoints(a.handler()) {
		if path, ok := strings.CutPrefix(pattern, "POST "); ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	base := strings.TrimRight(a.cfg.Web.PublicURL, "/")
	if len(paths) > 0 && base == "" {
		d.say(false, "endpoints: set public_url in [web] to the address under which the platforms reach this machine, so that it can be asked")
		return
	}
	for _, path := range paths {
		status, err := unsigned(ctx, base, path, egressOptions(a.cfg))
		switch {
		case err != nil:
			d.say(false, "endpoint %s: %s", path, digest.Explain(err))
		case status != http.StatusUnauthorized:
			d.say(false, "endpoint %s: %s answers %d instead of refusing what is not signed; serve does not run there with transport = \"http\", or a proxy before it does not pass this path on", path, base, status)
		default:
			d.say(true, "endpoint %s: it can be reached, and refuses what is not signed", path)
		}
	}
}

// unsigned returns what an endpoint answers to a request without a signature.
func unsigned(ctx context.Context, base, path string, o egress.Options) (int, error) {
	client, err := egress.Operator(base, o)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader("{}"))
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, egress.Problem(ctx, base, err)
	}
	return resp.StatusCode, resp.Body.Close()
}
