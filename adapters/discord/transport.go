package discord

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

const maxRefusal = 64 << 10 // bytes of a refusal's body that are read

// errRefused is the error of every request after the token was refused.
var errRefused = errors.New("not sent: Discord refused the token before, and bans who insists; set the new token and start again")

// transport is between the library and the network: it leads requests to the
// configured address and keeps to the rate limits. The library's own limiter
// sleeps without regard to deadlines; as no header about limits reaches it, it
// never does. After the first request whose token is refused it sends nothing
// any more: Discord bans the address of who goes on.
type transport struct {
	base    *url.URL
	next    http.RoundTripper
	limit   *limiter
	refused atomic.Bool
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	key, global := routeOf(req.Method, req.URL.Path)
	place, err := t.limit.wait(req.Context(), key, global)
	if err == nil && t.refused.Load() {
		err = errRefused
	}
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // the cause of not sending is the error that matters
		}
		return nil, err
	}
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = t.base.Scheme, t.base.Host, ""
	req.URL.Path, req.URL.RawPath = strings.TrimRight(t.base.Path, "/")+req.URL.Path, ""
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	t.limit.answered(place)
	body := refusalOf(resp)
	if resp.StatusCode == http.StatusUnauthorized && key != "" { // else it is the token of an interaction
		t.refused.Store(true)
	}
	t.limit.learn(key, resp, body)
	if resp.StatusCode == http.StatusTooManyRequests {
		keep(req, resp, retryAfter(resp.Header, body, t.limit.now()))
	}
	for name := range resp.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") || name == "Retry-After" {
			resp.Header.Del(name)
		}
	}
	return resp, nil
}

// refusalOf returns the body of a refusal that may say something about limits,
// and leaves it to be read again. What cannot be read of it is missing.
func refusalOf(resp *http.Response) []byte {
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
	default:
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal)) // that it is a refusal is known already
	_ = resp.Body.Close()                                        // it was read as far as it counts
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the pool.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
