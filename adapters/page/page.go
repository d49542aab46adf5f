// Package page reads one article from one web page.
package page

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// The limits of one page.
const (
	maxBytes = 2 << 20         // of HTML that is read; the rest is cut off
	maxNodes = 60000           // elements that are scored for the text
	maxTime  = 2 * time.Second // for parsing and scoring
	workers  = 4               // pages of one Source that are parsed at once
)

// Source fetches and reads single web pages.
type Source struct {
	client *http.Client
	now    func() time.Time
	slots  chan struct{}
}

// New returns a Source that fetches by client, which egress.Outside made.
func New(client *http.Client, now func() time.Time) *Source {
	return &Source{client: client, now: now, slots: make(chan struct{}, workers)}
}

// Fetch returns the article that stands on the page at address. It belongs to
// no source and to digest.Shared; the caller may say otherwise.
func (s *Source) Fetch(ctx context.Context, address string) (digest.Article, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSpace(address), nil)
	if err != nil {
		return digest.Article{}, digest.Errorf(digest.Invalid, "%.120q is not a web address; write it as https://…", address)
	}
	req.Header.Set("Accept", "text/html, application/xhtml+xml;q=0.9, */*;q=0.5")
	resp, err := s.client.Do(req)
	if err != nil {
		return digest.Article{}, egress.Problem(ctx, address, err)
	}
	defer resp.Body.Close()
	if err := refusal(resp, address); err != nil {
		return digest.Article{}, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes))
	if err != nil {
		return digest.Article{}, egress.Problem(ctx, address, err)
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return digest.Article{}, ctx.Err()
	}
	return extract(body, resp.Request.URL.String(), resp.Header.Get("Content-Type"), s.now(), func() { <-s.slots })
}

// refusal says why an answer holds no page, nil when it does.
func refusal(resp *http.Response, address string) error {
	switch code := resp.StatusCode; {
	case code == http.StatusNotFound || code == http.StatusGone:
		return digest.Errorf(digest.NotFound, "%s does not exist; check the address", address)
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusPaymentRequired || code == http.StatusUnavailableForLegalReasons:
		return digest.Errorf(digest.Forbidden, "%s refuses access (status %d); paste the text instead", address, code)
	case code == http.StatusTooManyRequests:
		return digest.Errorf(digest.RateLimited, "%s asks for fewer requests; try again later", address)
	case code < 200 || code > 299:
		return digest.Errorf(digest.Unavailable, "%s answers with status %s; try again later", address, strconv.Itoa(code))
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil, kind == "text/html", kind == "application/xhtml+xml", kind == "text/plain", kind == "application/octet-stream":
		return nil
	case strings.HasSuffix(kind, "xml"), strings.HasSuffix(kind, "feed+json"):
		return digest.Errorf(digest.Invalid, "%s is a feed or other XML, not an article; add it as a source instead", address)
	}
	return digest.Errorf(digest.Invalid, "%s is %.60s, not a web page; only articles in HTML are read", address, kind)
}

// extract returns the article of a page. address is where the page stands,
// contentType the header's. A page without a readable article is refused with
// an error of kind digest.Invalid. It takes at most two seconds and never
// panics: the page is read beside the caller, since no parser can be stopped,
// and one that takes too long is left to end by itself. It calls done then.
func extract(page []byte, address, contentType string, now time.Time, done func()) (digest.Article, error) {
	at, err := url.Parse(address)
	if err != nil {
		done()
		return digest.Article{}, digest.Errorf(digest.Invalid, "%.120q is not a web address; write it as https://…", address)
	}
	type answer struct {
		a   digest.Article
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		defer done()
		defer func() {
			if p := recover(); p != nil {
				answers <- answer{err: digest.Caused(fmt.Errorf("panic: %v", p), digest.Invalid, "%s breaks the page parser and is not read", address)}
			}
		}()
		a, err := read(decode(page, contentType), at, now)
		answers <- answer{a, err}
	}()
	timeout := time.NewTimer(maxTime)
	defer timeout.Stop()
	select {
	case r := <-answers:
		return r.a, r.err
	case <-timeout.C:
		return digest.Article{}, digest.Errorf(digest.TooLarge, "%s is too complicated to be read in %s; paste the text instead", address, maxTime)
	}
}

// decode returns the page as UTF-8, cut to maxBytes.
func decode(page []byte, contentType string) string {
	page = page[:min(len(page), maxBytes)]
	for i := 0; i < utf8.UTFMax-1 && len(page) == maxBytes; i++ { // do not judge a rune that was cut in two
		if r, n := utf8.DecodeLastRune(page); r != utf8.RuneError || n != 1 {
			break
		}
		page = page[:len(page)-1]
	}
	e, name, _ := charset.DetermineEncoding(page, contentType)
	if utf8.Valid(page) && name != "iso-2022-jp" && !strings.HasPrefix(name, "utf-16") {
		return string(page)
	}
	out, err := e.NewDecoder().Bytes(page)
	if err != nil {
		out = page
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}
