package feed

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

const tiny = `<rss version="2.0"><channel><title>Harbour Post</title><item><title>Seals</title><link>https://a.example/1</link></item></channel></rss>`

func TestProbe(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/news.xml", "/feed":
			w.Header().Set("Content-Type", "application/rss+xml")
			fmt.Fprint(w, tiny)
		case "/announces":
			fmt.Fprint(w, `<html><head><link rel="stylesheet" href="x"><link href="/broken" type="application/rss+xml" rel="alternate"><LINK REL="alternate" TYPE="application/atom+xml" HREF="news.xml"></head><body></body></html>`)
		case "/silent", "/sub/silent":
			fmt.Fprint(w, `<!doctype html><html><body><link rel="alternate" type="application/rss+xml" href="/news.xml"></body></html>`)
		case "/moved":
			http.Redirect(w, r, "/news.xml", http.StatusFound)
		case "/picture":
			w.Header().Set("Content-Type", "image/png")
			fmt.Fprint(w, "\x89PNG")
		default:
			http.NotFound(w, r)
		}
	}))
	defer site.Close()
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "<html><body>nothing</body></html>")
	}))
	defer bare.Close()
	client := egress.Outside(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	tests := []struct {
		address, want string // address of the feed, or a part of the problem
		kind          digest.Kind
	}{
		{site.URL + "/news.xml", site.URL + "/news.xml", digest.Internal},
		{site.URL + "/moved", site.URL + "/news.xml", digest.Internal},
		{site.URL + "/announces", site.URL + "/news.xml", digest.Internal},
		{site.URL + "/sub/silent", site.URL + "/feed", digest.Internal},
		{bare.URL + "/", "is a page without a feed", digest.NotFound},
		{site.URL + "/gone", "", digest.NotFound},
		{site.URL + "/picture", "", digest.Invalid},
		{"http://10.0.0.1/", "", digest.Forbidden},
		{"gopher://x", "", digest.Invalid},
		{"::", "is not a web address", digest.Invalid},
	}
	for _, tt := range tests {
		src, batch, err := Probe(context.Background(), client, time.Now, tt.address)
		if tt.kind == digest.Internal {
			if err != nil || src.Address != tt.want || src.Name != "Harbour Post" || len(batch.Articles) != 1 {
				t.Errorf("%s: got %+v with %d articles, %v; want %s", tt.address, src, len(batch.Articles), err, tt.want)
			}
			continue
		}
		if digest.KindOf(err) != tt.kind || !strings.Contains(digest.Explain(err), tt.want) {
			t.Errorf("%s: got %v (%v), want %v with %q", tt.address, err, digest.KindOf(err), tt.kind, tt.want)
		}
	}
}

func TestReadOPML(t *testing.T) {
	got, err := ReadOPML([]byte(`<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>
		<outline text="City &amp; harbour"><outline type="rss" text="Post" title="Harbour Post" xmlUrl=" https://a.example/feed "/>
		<outline text="Deep"><outline text="Ledger" XMLURL="https://b.example/rss"/></outline></outline>
		<outline text="Wire" xmlUrl="https://c.example/"></outline></body></opml>`))
	want := []digest.Source{
		{Kind: "feed", Address: "https://a.example/feed", Name: "Harbour Post", Category: "City & harbour"},
		{Kind: "feed", Address: "https://b.example/rss", Name: "Ledger", Category: "Deep"},
		{Kind: "feed", Address: "https://c.example/", Name: "Wire"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got): %s %v", diff, err)
	}
	again, err := WriteOPML("mine", got)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadOPML(again)
	if diff := cmp.Diff(want, back); diff != "" || err != nil {
		t.Errorf("written and read again (-want +got): %s %v", diff, err)
	}
	for name, text := range map[string]string{
		"not XML": "feeds: a, b", "another XML": tiny, "empty": "", "no feeds": `<opml><body><outline text="a"/></body></opml>`,
		"broken": `<opml><body><outline xmlUrl="https://a.example"`, "deep": "<opml>" + strings.Repeat("<outline text='a'>", 100),
		"many": "<opml>" + strings.Repeat("<outline xmlUrl='https://a.example'/>", 1001),
	} {
		if got, err := ReadOPML([]byte(text)); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

func FuzzReadOPML(f *testing.F) {
	f.Add([]byte(`<opml><body><outline text="a"><outline xmlUrl="https://a.example"/></outline></body></opml>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ReadOPML(data)
		if (err == nil) != (len(list) > 0) {
			t.Errorf("got %d feeds and %v", len(list), err)
		}
	})
}
