package feed

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// guesses are the places where sites keep a feed that they do not announce.
var guesses = []string{"/feed", "/rss.xml", "/atom.xml"}

// Probe finds the feed at an address: the one that is there, or the one that
// the page there announces, or one at a usual place of its site. It returns
// the source as it would be stored, without an id, and what it holds.
func Probe(ctx context.Context, client *http.Client, now func() time.Time, address string) (digest.Source, digest.Batch, error) {
	p := prober{client: client, now: now}
	src, batch, page, err := p.try(ctx, address)
	if err == nil || page == nil {
		return src, batch, err
	}
	for _, link := range announced(page.body, page.base) {
		if src, batch, _, found := p.try(ctx, link); found == nil {
			return src, batch, nil
		}
	}
	for _, path := range guesses {
		place := *page.base
		place.Path, place.RawQuery, place.Fragment = path, "", ""
		if src, batch, _, found := p.try(ctx, place.String()); found == nil {
			return src, batch, nil
		}
	}
	return digest.Source{}, digest.Batch{}, digest.Errorf(digest.NotFound, "%s is a page without a feed; look for a link “RSS” or “Feed” there, and add its address.", address)
}

// prober looks at addresses.
type prober struct {
	client *http.Client
	now    func() time.Time
}

// page is what is there when it is no feed.
type page struct {
	body []byte
	base *url.URL
}

// try reads one address. The page is set when a web page is there instead.
func (p prober) try(ctx context.Context, address string) (digest.Source, digest.Batch, *page, error) {
	src := digest.Source{Kind: "feed", Address: address}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return src, digest.Batch{}, nil, digest.Errorf(digest.Invalid, "%q is not a web address; write it as https://…", address)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return src, digest.Batch{}, nil, egress.Problem(ctx, address, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return src, digest.Batch{}, nil, refusal(resp, address, p.now())
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return src, digest.Batch{}, nil, egress.Problem(ctx, address, err)
	}
	base := resp.Request.URL
	f, err := Parse(body, resp.Header.Get("Content-Type"), base.String())
	if err != nil {
		if bytes.Contains(bytes.ToLower(body[:min(len(body), 4096)]), []byte("<html")) {
			return src, digest.Batch{}, &page{body, base}, err
		}
		return src, digest.Batch{}, nil, err
	}
	src.Address, src.Name, src.Language = base.String(), f.Title, f.Language
	return src, digest.Batch{Name: f.Title, Articles: f.Articles, Refused: f.Refused, Dropped: f.Dropped}, nil, nil
}

// announced returns the addresses of the feeds that a page names in its head,
// three at most.
func announced(body []byte, base *url.URL) []string {
	var out []string
	z := html.NewTokenizer(bytes.NewReader(body))
	for len(out) < 3 {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "body" {
				return out
			}
			attr := make(map[string]string)
			for _, a := range t.Attr {
				attr[a.Key] = a.Val
			}
			kind := strings.ToLower(attr["type"])
			if t.Data != "link" || !strings.Contains(strings.ToLower(attr["rel"]), "alternate") ||
				!strings.Contains(kind, "rss") && !strings.Contains(kind, "atom") && !strings.Contains(kind, "feed+json") {
				continue
			}
			if link, err := base.Parse(strings.TrimSpace(attr["href"])); err == nil {
				out = append(out, link.String())
			}
		}
	}
	return out
}
