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
	return unreachable(what, err)
}

// unreachable says in words why a request failed.
func unreachable(what string, err error) error {
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		nerr net.Error
	)
	switch {
	case errors.Is(err, errIdle):
		return digest.Caused(err, digest.Unavailable, "%s stopped in the middle of its answer; it is tried again later", what)
	case errors.As(err, &dns) && dns.IsNotFound:
		return digest.Caused(err, digest.Unavailable, "%s has a host name that does not exist; check the address", what)
	case errors.As(err, &dns):
		return digest.Caused(err, digest.Unavailable, "%s has a host name that could not be looked up now; it is tried again later", what)
	case errors.As(err, &cert):
		return digest.Caused(err, digest.Unavailable, "%s has a certificate that is not valid; its operator must renew it", what)
	case errors.As(err, &nerr) && nerr.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return digest.Caused(err, digest.Unavailable, "%s did not answer in time; it is tried again later", what)
	case strings.Contains(err.Error(), "connection refused"):
		return digest.Caused(err, digest.Unavailable, "%s refuses connections; it is tried again later", what)
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return digest.Caused(err, digest.Unavailable, "%s speaks plain http; write the address with http://", what)
	case strings.Contains(err.Error(), "server response headers exceeded"):
		return digest.Caused(err, digest.Unavailable, "%s sends too many headers and is not read", what)
	}
	return digest.Caused(err, digest.Unavailable, "%s could not be read; it is tried again later", what)
}
