package feed

import (
	"errors"
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
	err := refused(resp.StatusCode, address)
	var e *digest.Error
	if errors.As(err, &e) {
		e.After = retryAfter(resp.Header.Get("Retry-After"), now)
	}
	return err
}

// refused says what a status means.
func refused(code int, address string) error {
	switch {
	case code == http.StatusGone:
		return digest.Errorf(digest.Gone, "%s is gone for good; remove the source or give its new address", address)
	case code == http.StatusNotFound:
		return digest.Errorf(digest.NotFound, "%s does not exist; check the address", address)
	case code == http.StatusTooManyRequests:
		return digest.Errorf(digest.RateLimited, "%s asks for fewer requests; it is tried again later", address)
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusPaymentRequired || code == http.StatusUnavailableForLegalReasons:
		return digest.Errorf(digest.Forbidden, "%s refuses access (status %d); it may not be public", address, code)
	case code >= 500:
		return digest.Errorf(digest.Unavailable, "%s has a problem of its own (status %d); it is tried again later", address, code)
	}
	return digest.Errorf(digest.Unavailable, "%s answers with status %d instead of a feed; check the address", address, code)
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
