package web

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEditionGolden(t *testing.T) {
	late := morning()
	late.Late, late.Items = true, late.Items[:2]
	plain := func(s string) string { // the address of the style sheet changes with it
		before, after, _ := strings.Cut(s, "style.css?v=")
		return before + after[min(12, len(after)):]
	}
	for _, c := range []struct {
		path, language string
		edition        digest.Edition
	}{
		{"testdata/edition.html", "en", late},
		{"testdata/edition-french.html", "fr", abroad()},
	} {
		got := in(newServer(t, &desk{editions: []digest.Edition{c.edition}}, nil), c.language, "/edition/e5morning", "").Body.String()
		if *update {
			if err := os.WriteFile(c.path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain(string(want)), plain(got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.path, diff)
		}
	}
}

func TestPages(t *testing.T) {
	d := newDesk()
	fillBoard(t, d)
	s := newServer(t, d, nil)
	for _, c := range []struct {
		path, form string
		status     int
		want       []string
	}{
		{"/", "", 200, []string{"<h1 class=\"page-title\">Editions</h1>", `href="/edition/e5morning"`, "The Morning Brief", "Tuesday, May 5, 2026 · 08:00", "5 stories"}},
		{"/edition/e5morning", "", 200, []string{`<h1 class="title">The Morning Brief</h1>`, `href="#story-1"`, `id="story-5"`, `datetime="2026-05-05T06:00:00Z"`, "Why these stories?", "Library extends", "Harbor Post and City Radio", `<html lang="en">`}},
		{"/story/s7curfew", "", 200, []string{`<h1 class="title">`, `rel="noopener noreferrer nofollow"`, "Harbor Post", "2026-05-05 02:00", "reprint", `href="/article/a3"`}},
		{"/article/a1", "", 200, []string{"Why it matters", "<p class=\"text text-\">The Port of Linden is drafting rules.</p>", "Read more"}},
		{"/channel/news", "", 200, []string{"Channel news", `href="#post-1-story-2"`, `id="post-1-story-2"`, `name="channel" value="news"`}},
		{"/channel/empty", "", 200, []string{"Nothing has been posted here yet"}},
		{"/command", "", 200, []string{"<h1 class=\"title\">Commands</h1>", "search &lt;words&gt;"}},
		{"/sources", "", 200, []string{"<h1 class=\"title\">Echo</h1>", "sources"}},
		{"/status", "", 200, []string{"status"}},
		{"/command", "line=search+port+since:3d&channel=desk", 200, []string{`value="search port since:3d"`, "72h0m0s", "web:desk", "Visitor", "<pre class=\"code\"><code>a line\nanother\n</code></pre>"}},
		{"/command", "line=search+x&channel=a/b", 200, []string{"web:news"}},
		{"/command", "line=serach+x", 404, []string{"did you mean <code>search</code>?", `value="serach x"`}},
		{"/command", "line=search+x+since:soon", 400, []string{"since:soon"}},
		{"/command", "line=subscribe+length:full", 200, []string{"Order a digest.", `name="option-name"`, "required", `<option value="full" selected>full</option>`, `type="number"`}},
		{"/command", "name=subscribe&option-name=Morning&option-stories=5", 200, []string{"Morning", ">5</dd>"}},
		{"/command", "name=subscribe&option-name=Morning&option-stories=99", 400, []string{"between 1 and 20"}},
		{"/command", "name=nothing", 404, []string{"no such command"}},
		{"/command", "line=" + strings.Repeat("x", 70_000), 413, []string{"shorten"}},
		{"/command", "line=%zz", 400, []string{"could not be read"}},
		{"/edition/none", "", 404, []string{"There is no such edition."}},
		{"/edition/a%00b", "", 404, []string{"no such edition"}},
		{"/edition/..%2f..%2fetc", "", 404, []string{"no such edition"}},
		{"/story/%3Cb%3E", "", 404, []string{"no such story"}},
		{"/story/none", "", 404, []string{"Not found"}},
		{"/article/none", "", 404, []string{"Not found"}},
		{"/article/a.b", "", 404, []string{"no such article"}},
		{"/channel/a%20b", "", 404, []string{"no such channel"}},
		{"/nowhere", "", 404, []string{"no page at this address"}},
		{"/%3Cscript%3E", "", 404, []string{"no page at this address"}},
		{"//evil.example", "", 307, nil},
		{"/style.css", "", 200, []string{"--paper"}},
		{"/healthz", "", 200, []string{"ok"}},
		{"/readyz", "", 200, []string{"ready"}},
	} {
		w := call(newServer(t, d, nil), c.path, c.form)
		if w.Code != c.status {
			t.Errorf("%s %.60s: got status %d, want %d", c.path, c.form, w.Code, c.status)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s %.60s lacks %q:\n%s", c.path, c.form, want, w.Body)
			}
		}
		if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, ":") {
			t.Errorf("%s leads to %s", c.path, to)
		}
	}
	if got := call(s, "/story/s7curfew", "").Body.String(); strings.Count(got, "All sources") != 0 || strings.Count(got, ">Sources</h2>") != 1 {
		t.Errorf("the story page shows its sources twice or leads to itself:\n%s", got)
	}
	if got := call(s, "/edition/e5morning", "").Body.String(); strings.Contains(got, "Why these?") {
		t.Error("a button runs a command that does not exist")
	}
}

func TestEmptyPages(t *testing.T) {
	e := morning()
	e.Items = nil
	s := newServer(t, &desk{editions: []digest.Edition{e}}, func(o *Options) { o.Specs = nil })
	for path, want := range map[string]string{"/": "0 stories", "/edition/e5morning": "Nothing new to report", "/sources": "no page"} {
		if got := call(s, path, "").Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%s", path, want, got)
		}
	}
	if got := call(newServer(t, &desk{}, nil), "/", "").Body.String(); !strings.Contains(got, "No edition has been published yet") {
		t.Errorf("the first page of an empty archive:\n%s", got)
	}
}

func TestHeaders(t *testing.T) {
	s := newServer(t, newDesk(), nil)
	for _, path := range []string{"/", "/nowhere", "/style.css", "/healthz", "/edition/none"} {
		h := call(s, path, "").Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	page := call(s, "/", "").Body.String()
	_, rest, _ := strings.Cut(page, `href="/style.css`)
	query, _, _ := strings.Cut(rest, `"`)
	if got := call(s, "/style.css"+query, "").Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("the style sheet is cached as %q", got)
	}
	if got := call(s, "/style.css?v=old", "").Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("another style sheet is cached as %q", got)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{errors.New("disk <b>on fire</b>"), 500, "the log of the program says what"},
		{digest.Errorf(digest.Unavailable, "Try <i>later</i>."), 503, "Try &lt;i&gt;later&lt;/i&gt;."},
		{digest.Errorf(digest.Gone, "It is gone."), 410, "It is gone."},
		{digest.Errorf(digest.Conflict, "Somebody was faster."), 409, "faster"},
		{digest.Errorf(digest.TooLarge, "Too long."), 413, "Too long."},
		{digest.Errorf(digest.Forbidden, "Not you."), 403, "Not you."},
		{&http.MaxBytesError{Limit: 1}, 413, "Too large"},
	} {
		d := newDesk()
		d.err = c.err
		w := call(newServer(t, d, nil), "/", "")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || strings.Contains(w.Body.String(), "on fire") {
			t.Errorf("%v: got %d\n%s", c.err, w.Code, w.Body)
		}
		for _, path := range []string{"/edition/e5morning", "/story/s7curfew", "/article/a1", "/channel/news"} {
			if got := call(newServer(t, d, nil), path, "").Code; got != c.status {
				t.Errorf("%v on %s: got %d, want %d", c.err, path, got, c.status)
			}
		}
	}
}

func TestReady(t *testing.T) {
	s := newServer(t, newDesk(), func(o *Options) { o.Ready = func(context.Context) error { return errors.New("secret path /data") } })
	if w := call(s, "/readyz", ""); w.Code != 503 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %q, want 503 without the reason", w.Code, w.Body)
	}
}

func TestNewRefusesBadAddress(t *testing.T) {
	for _, address := range []string{"news.example.org", "://", "https://"} {
		if _, err := New(Options{PublicURL: address}); digest.KindOf(err) != digest.Invalid {
			t.Errorf("%q: got %v, want an Invalid error", address, err)
		}
	}
}

func TestButtons(t *testing.T) {
	s := newServer(t, newDesk(), nil)
	m := chat.Message{ID: "s1", Buttons: []chat.Button{{Label: "a", Line: "story s1"}, {Label: "b", Line: "search x"}, {Label: "c", Line: "why e1"},
		{Label: "d", URL: "https://ledger.example"}, {Label: "e", URL: "javascript:alert(1)"}}}
	want := []button{{Label: "a", Path: "/story/s1"}, {Label: "b", Line: "search x"}, {Label: "d", URL: "https://ledger.example"}}
	if diff := cmp.Diff(want, s.buttons(m)); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkEditionPage(b *testing.B) {
	s := newServer(b, newDesk(), nil)
	page := s.serve(s.edition)
	r, err := http.NewRequest(http.MethodGet, "/edition/e5morning", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.SetPathValue("id", "e5morning")
	for b.Loop() {
		page.ServeHTTP(discard{}, r)
	}
}

// discard is a response that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
