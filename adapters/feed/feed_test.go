package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
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

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// channel wraps items as a feed.
func channel(items ...string) string {
	return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Linden Ledger - City</title><link>https://linden.example/</link><language>en-gb</language>` + strings.Join(items, "") + `</channel></rss>`
}

func dated(n int) string {
	return fmt.Sprintf("<item><title>Story number %d</title><guid>g%d</guid><link>/s/%d</link><pubDate>%s</pubDate><description>Text of it.</description></item>", n, n, n, now.Add(-time.Duration(n)*time.Hour).Format(time.RFC1123Z))
}

// site answers as its handler says, and keeps what it was asked.
type site struct {
	*httptest.Server
	handler http.HandlerFunc
	asked   []*http.Request
}

func newSite(tb testing.TB) *site {
	tb.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r)
		s.handler(w, r)
	}))
	tb.Cleanup(s.Close)
	return s
}

func (s *site) source() *Source {
	return New(Options{URL: s.URL + "/feed", ID: "linden", Category: "City", Language: "de", Now: func() time.Time { return now },
		Client: egress.Outside(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})})
}

func TestConditionalRequests(t *testing.T) {
	s := newSite(t)
	const etag, modified = `W/"a,b\"-gzip"`, "Sat, 21 Nov 2026 08:00:00 GMT"
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == etag && r.Header.Get("If-Modified-Since") == modified {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", modified)
		_, _ = io.WriteString(w, channel(dated(1)))
	}
	first, err := s.source().Fetch(t.Context(), digest.Cursor{})
	if err != nil || len(first.Articles) != 1 || first.Cursor.ETag != etag || first.Cursor.LastModified != modified || !first.Cursor.Fetched || first.Cursor.Source != "linden" {
		t.Fatalf("first fetch: %+v, %v", first, err)
	}
	if _, ok := s.asked[0].Header["If-None-Match"]; ok {
		t.Error("the first fetch was conditional")
	}
	second, err := s.source().Fetch(t.Context(), first.Cursor)
	if err != nil || !second.Unchanged || len(second.Articles) != 0 {
		t.Errorf("second fetch: %+v, %v", second, err)
	}
	if diff := cmp.Diff(first.Cursor, second.Cursor); diff != "" {
		t.Errorf("the cursor changed: %s", diff)
	}
}

func TestSameBytesAreUnchanged(t *testing.T) {
	s := newSite(t)
	s.handler = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, channel(dated(1))) }
	first, _ := s.source().Fetch(t.Context(), digest.Cursor{})
	second, err := s.source().Fetch(t.Context(), first.Cursor)
	if err != nil || !second.Unchanged {
		t.Errorf("got %+v, %v; want unchanged", second, err)
	}
	s.handler = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, channel(dated(1), dated(2))) }
	third, err := s.source().Fetch(t.Context(), second.Cursor)
	if err != nil || third.Unchanged || len(third.Articles) != 2 {
		t.Errorf("got %+v, %v; want two articles", third, err)
	}
}

func TestArrival(t *testing.T) {
	s := newSite(t)
	future := "<item><title>From the future</title><pubDate>Mon, 01 Jan 2999 00:00:00 GMT</pubDate></item>"
	undated := "<item><title>Undated</title></item>"
	s.handler = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, channel(dated(5), future, undated))
	}
	arrivals := func(c digest.Cursor) map[string]time.Time {
		b, err := s.source().Fetch(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		out := make(map[string]time.Time)
		for _, a := range b.Articles {
			out[a.Title] = a.Arrived
			if a.Published.After(now.Add(24 * time.Hour)) {
				t.Errorf("%s is published %s", a.Title, a.Published)
			}
		}
		return out
	}
	want := map[string]time.Time{"Story number 5": now.Add(-5 * time.Hour), "From the future": now, "Undated": now}
	if diff := cmp.Diff(want, arrivals(digest.Cursor{})); diff != "" {
		t.Errorf("first fetch (-want +got):\n%s", diff)
	}
	want["Story number 5"] = now
	if diff := cmp.Diff(want, arrivals(digest.Cursor{Fetched: true})); diff != "" {
		t.Errorf("later fetch (-want +got):\n%s", diff)
	}
}

func TestPermanentRedirectsCountToThree(t *testing.T) {
	s := newSite(t)
	status := http.StatusMovedPermanently
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			http.Redirect(w, r, "/new", status)
			return
		}
		_, _ = io.WriteString(w, channel(dated(len(s.asked))))
	}
	var c digest.Cursor
	fetch := func() []string {
		before := len(s.asked)
		b, err := s.source().Fetch(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		c = b.Cursor
		var paths []string
		for _, r := range s.asked[before:] {
			paths = append(paths, r.URL.Path)
		}
		return paths
	}
	for n := 1; n <= 3; n++ {
		if n == 2 {
			status = http.StatusPermanentRedirect
		}
		if got := fetch(); len(got) != 2 || c.Moves != n || c.MovedTo != s.URL+"/new" {
			t.Fatalf("fetch %d asked %v and left %+v", n, got, c)
		}
	}
	if got := fetch(); len(got) != 1 || got[0] != "/new" || c.Moves != 3 {
		t.Errorf("after three moves: asked %v, left %+v", got, c)
	}
	c.Moves, status = 2, http.StatusFound
	if fetch(); c.Moves != 0 || c.MovedTo != "" {
		t.Errorf("a temporary redirect left %+v", c)
	}
	c.Moves, c.MovedTo = 3, s.URL+"/new"
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/new" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, channel(dated(99)))
	}
	if got := fetch(); len(got) != 2 || got[1] != "/feed" || c.Moves != 0 {
		t.Errorf("a move that led nowhere: asked %v, left %+v", got, c)
	}
}

func TestStatuses(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		status int
		wait   string
		kind   digest.Kind
		after  time.Duration
	}{
		{410, "", digest.Gone, 0}, {404, "", digest.NotFound, 0}, {404, "60", digest.NotFound, time.Minute}, {429, "30", digest.RateLimited, 30 * time.Second},
		{429, "1.5", digest.RateLimited, 1500 * time.Millisecond}, {429, "", digest.RateLimited, 0}, {503, now.Add(2 * time.Hour).Format(http.TimeFormat), digest.Unavailable, 2 * time.Hour},
		{503, now.Add(-2 * time.Hour).Format(http.TimeFormat), digest.Unavailable, 0}, {503, "99999999", digest.Unavailable, 24 * time.Hour}, {503, now.AddDate(1, 0, 0).Format(http.TimeFormat), digest.Unavailable, 24 * time.Hour},
		{503, "-5", digest.Unavailable, 0}, {503, "soon", digest.Unavailable, 0}, {500, "", digest.Unavailable, 0}, {401, "", digest.Forbidden, 0}, {403, "", digest.Forbidden, 0}, {451, "", digest.Forbidden, 0},
		{418, "", digest.Unavailable, 0},
	} {
		s.handler = func(w http.ResponseWriter, _ *http.Request) {
			if c.wait != "" {
				w.Header().Set("Retry-After", c.wait)
			}
			w.WriteHeader(c.status)
		}
		_, err := s.source().Fetch(t.Context(), digest.Cursor{})
		var e *digest.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.After != c.after || !strings.Contains(e.Msg, s.URL) {
			t.Errorf("status %d, Retry-After %q: got %#v, want %v after %s", c.status, c.wait, err, c.kind, c.after)
		}
	}
}

func TestFetchRefusesWhatIsNoFeed(t *testing.T) {
	s := newSite(t)
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"><link rel=alternate type=application/atom+xml href=atom></head></html>`)
	}
	_, err := s.source().Fetch(t.Context(), digest.Cursor{})
	if digest.KindOf(err) != digest.Invalid || !strings.Contains(digest.Explain(err), "its feed is "+s.URL+"/rss.xml") {
		t.Errorf("got %v, want a hint at the feed", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.source().Fetch(ctx, digest.Cursor{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	for _, bad := range []string{"http://10.0.0.1/feed", "http://a b/", "file:///etc/passwd"} {
		o := s.source().o
		o.URL = bad
		if _, err := New(o).Fetch(t.Context(), digest.Cursor{}); err == nil || digest.KindOf(err) == digest.Internal {
			t.Errorf("%s: %v", bad, err)
		}
	}
	s.handler = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "999")
		_, _ = io.WriteString(w, "<rss>")
	}
	if _, err := s.source().Fetch(t.Context(), digest.Cursor{}); digest.KindOf(err) != digest.Unavailable {
		t.Errorf("cut answer: %v", err)
	}
	s.handler = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	if b, err := s.source().Fetch(t.Context(), digest.Cursor{}); err != nil || !b.Unchanged {
		t.Errorf("no content: %+v, %v", b, err)
	}
}

func TestFetchFillsArticles(t *testing.T) {
	s := newSite(t)
	s.handler = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, channel(dated(1), "<item><guid>only</guid></item>"))
	}
	b, err := s.source().Fetch(t.Context(), digest.Cursor{})
	if err != nil || len(b.Articles) != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	a := b.Articles[0]
	got := []string{a.Source, a.Workspace, a.Category, a.Language, a.URL, a.Publisher, a.GUID, b.Name}
	want := []string{"linden", digest.Shared, "City", "en", s.URL + "/s/1", "Linden Ledger", "g1", "Linden Ledger - City"}
	if diff := cmp.Diff(want, got); diff != "" || a.ID == "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(b.Refused) != 1 || !strings.HasPrefix(b.Refused[0].Where, "item 2 of http://") || b.Refused[0].Verdict != digest.Refused {
		t.Errorf("refused: %+v", b.Refused)
	}
}
