package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"

	"nutgraf/digest"
)

// Problem turns the failure of a request to raw, or of the reading of its
// body, into a *digest.Error with one sentence for people. A *digest.Error in
// err's chain is returned as it is, and so is the end of ctx.
func Problem(ctx context.Context, raw string, err error) error {
	if err == nil {
		return nil
	}
	var known *digest.Error
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	what := raw
	if u, perr := url.Parse(raw); perr == nil {
		what = show(u)
	}
	return &digest.Error{Kind: digest.Unavailable, Msg: what + " " + reason(err), Err: err}
}

// reason says in words why a request failed.
func reason(err error) string {
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		nerr net.Error
	)
	switch {
	case errors.Is(err, errIdle):
		return "stopped in the middle of its answer; it is tried again later"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "has a host name that does not exist; check the address"
	case errors.As(err, &dns):
		return "has a host name that could not be looked up now; it is tried again later"
	case errors.As(err, &cert):
		return "has a certificate that is not valid; its operator must renew it"
	case errors.As(err, &nerr) && nerr.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "did not answer in time; it is tried again later"
	case strings.Contains(err.Error(), "connection refused"):
		return "refuses connections; it is tried again later"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "speaks plain http; write the address with http://"
	case strings.Contains(err.Error(), "server response headers exceeded"):
		return "sends too many headers and is not read"
	}
	return "could not be read; it is tried again later"
}
