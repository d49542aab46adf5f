package feed

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"nutgraf/digest"
)

// maxWait caps what a server may ask us to wait.
const maxWait = 24 * time.Hour

// refusal makes an error of a status that brings no feed.
func refusal(resp *http.Response, address string, now time.Time) error {
	e := &digest.Error{Kind: digest.Unavailable, After: retryAfter(resp.Header.Get("Retry-After"), now)}
	switch code := resp.StatusCode; {
	case code == http.StatusGone:
		e.Kind, e.Msg = digest.Gone, address+" is gone for good; remove the source or give its new address"
	case code == http.StatusNotFound:
		e.Kind, e.Msg = digest.NotFound, address+" does not exist; check the address"
	case code == http.StatusTooManyRequests:
		e.Kind, e.Msg = digest.RateLimited, address+" asks for fewer requests; it is tried again later"
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusPaymentRequired || code == http.StatusUnavailableForLegalReasons:
		e.Kind, e.Msg = digest.Forbidden, address+" refuses access (status "+strconv.Itoa(code)+"); it may not be public"
	case code >= 500:
		e.Msg = address + " has a problem of its own (status " + strconv.Itoa(code) + "); it is tried again later"
	default:
		e.Msg = address + " answers with status " + strconv.Itoa(code) + " instead of a feed; check the address"
	}
	return e
}

// retryAfter reads seconds, also broken ones, or a date; at most maxWait.
func retryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	var wait time.Duration
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		wait = time.Duration(min(max(n, 0), maxWait.Seconds()) * float64(time.Second))
	} else if t, err := http.ParseTime(s); err == nil {
		wait = t.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}

// moved returns where a chain of permanent redirects led, "" when there was
// none or one of them was temporary.
func moved(resp *http.Response) string {
	hops := 0
	for r := resp.Request.Response; r != nil; r = r.Request.Response {
		if r.StatusCode != http.StatusMovedPermanently && r.StatusCode != http.StatusPermanentRedirect {
			return ""
		}
		hops++
	}
	if hops == 0 {
		return ""
	}
	return resp.Request.URL.String()
}
