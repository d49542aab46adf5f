package page

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func filler(n int) string {
	return "<p>" + strings.Repeat("The harbour board met on Tuesday to weigh the plan, which would halt the trains between midnight and five. ", n) + "</p>"
}

// brief is a page that follows the form of a brief.
const brief = `<!doctype html><html lang="en-GB"><head><title>Port of Linden Weighs Night Curfew for Freight Trains | Linden Ledger</title>
<link rel="canonical" href="/harbor/curfew">
<meta property="og:site_name" content="Linden Ledger"><meta property="og:image" content="/img/train.jpg">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"Linden Ledger"},
{"@type":["NewsArticle"],"headline":"Port of Linden Weighs Night Curfew for Freight Trains","datePublished":"2026-11-20T08:30:00+01:00",
"author":[{"@type":"Person","name":"Maya Lind"},{"@type":"Person","name":"Jon Park"}],"articleSection":["Harbor","City"],
"publisher":{"@type":"Organization","name":"Linden Ledger"},"keywords":"rail, harbour"}]}</script></head>
<body><nav><a href="/">Home</a><a href="/city">City</a></nav><article><h1>Port of Linden Weighs Night Curfew for Freight Trains</h1>
<p>The Port of Linden is drafting rules that would halt freight trains between midnight and five, according to two people briefed on the plan.</p>
<p>The port authority declined to comment on the draft, which the board is to discuss in June.</p>
<h2>Why It Matters</h2><p>The line carries a third of the region’s grain exports. A curfew would push 40 trains a day onto daytime slots already used by commuters.</p>
<h2>What To Know</h2><p>The draft, dated May 3, follows a year of noise complaints.</p><p>Rail operators say two extra sidings would cost 18 million crowns.</p>
<h2>What People Are Saying</h2><p>Port director Ana Reyes told reporters: “Nobody sleeps within a mile of that yard. That ends this year.”</p>
<h2>What’s Next</h2><p>The board votes on June 12. It is unclear whether operators will be heard before.</p>
</article><footer>© Linden Ledger</footer></body></html>`

func TestExtractReadsTheBriefForm(t *testing.T) {
	a, err := extract([]byte(brief), "https://www.linden.example/harbor/curfew?utm_source=x", "text/html", now, func() {})
	if err != nil {
		t.Fatal(err)
	}
	var sections []digest.Section
	for _, m := range a.Marks {
		sections = append(sections, m.Section)
	}
	if diff := cmp.Diff(digest.Sections(), sections); diff != "" {
		t.Errorf("sections (-want +got):\n%s\nof %q", diff, a.Text)
	}
	got := []string{a.Title, strings.Join(a.Authors, "+"), a.Publisher, a.Category, a.Language, a.Image, a.URL, a.Published.Format(time.RFC3339), strings.Join(a.Tags, "+")}
	want := []string{"Port of Linden Weighs Night Curfew for Freight Trains", "Maya Lind+Jon Park", "Linden Ledger", "Harbor", "en",
		"https://www.linden.example/img/train.jpg", "https://www.linden.example/harbor/curfew", "2026-11-20T07:30:00Z", "rail+harbour"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a.ID == "" || strings.Contains(a.Text, "Home") || strings.Contains(a.Text, "©") {
		t.Errorf("id %q, text %q", a.ID, a.Text)
	}
}

func TestExtractMetadata(t *testing.T) {
	for _, c := range []struct {
		name, head, want string
		got              func(digest.Article) string
	}{
		{"title from og", `<meta property="og:title" content="Rain &amp; wind"><title>x</title>`, "Rain & wind", title},
		{"site cut off by name", `<meta property="og:site_name" content="The Linden Ledger"><title>Rain falls - Linden Ledger</title>`, "Rain falls", title},
		{"site cut off by host", `<link rel=canonical href="https://news.example/x"><title>Rain falls | News</title>`, "Rain falls", title},
		{"site in front", `<meta property="og:site_name" content="Ledger"><title>Ledger | Rain falls</title>`, "Rain falls", title},
		{"dash in a title stays", `<title>Rain - and wind</title>`, "Rain - and wind", title},
		{"author meta", `<meta name="author" content="By Maya Lind and Jon Park">`, "Maya Lind+Jon Park", authors},
		{"author is an address", `<meta property="article:author" content="https://facebook.com/x"><meta name="author" content="Maya Lind">`, "Maya Lind", authors},
		{"author with a date", `<meta name="byl" content="by Maya Lind22 Dec 2016">`, "Maya Lind", authors},
		{"author with a link", `<meta name="dc.creator" content="Maya Lind (http://x.example/)">`, "Maya Lind", authors},
		{"ld author string", `<script type="application/ld+json">[{"@type":"BlogPosting","author":"Maya Lind"}]</script>`, "Maya Lind", authors},
		{"ld in a comment with newlines", "<script type=\"application/ld+json\"><!--{\"@type\":\"http://schema.org/Article\",\"author\":{\"name\":\"Maya\nLind\"}}--></script>", "Maya Lind", authors},
		{"ld nested deep is passed over", `<script type="application/ld+json">` + strings.Repeat("[", 40) + `{"@type":"Article","author":"X"}` + strings.Repeat("]", 40) + `</script>`, "", authors},
		{"broken ld is passed over", `<script type="application/ld+json">{"@type":"Article","author":</script>`, "", authors},
		{"ld name where the headline is none", `<title>Rain falls - x</title><script type="application/ld+json">{"@type":"Article","headline":"A page","name":"Rain falls"}</script>`, "Rain falls", title},
		{"section", `<meta property="article:section" content="World">`, "World", func(a digest.Article) string { return a.Category }},
		{"date", `<meta property="article:published_time" content="2026-11-01T10:00:00Z">`, "2026-11-01", day},
		{"date in the future", `<meta name="date" content="2999-11-01T10:00:00Z">`, "0001-01-01", day},
		{"canonical of another site", `<link rel="canonical" href="https://other.example/x">`, "https://news.example/2026/rain", address},
		{"canonical is the front page", `<link rel="canonical" href="https://news.example/">`, "https://news.example/2026/rain", address},
		{"canonical of the www form", `<link rel="canonical" href="https://www.news.example/rain">`, "https://www.news.example/rain", address},
		{"canonical with script", `<link rel="canonical" href="javascript:alert(1)">`, "https://news.example/2026/rain", address},
		{"language", `<meta property="og:locale" content="en_US">`, "en", func(a digest.Article) string { return a.Language }},
		{"image with script", `<meta property="og:image" content="javascript:alert(1)">`, "", func(a digest.Article) string { return a.Image }},
	} {
		a, err := extract([]byte("<html><head>"+c.head+"</head><body><article>"+filler(4)+filler(4)+"</article></body></html>"), "https://news.example/2026/rain", "text/html; charset=utf-8", now, func() {})
		if got := c.got(a); err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func title(a digest.Article) string   { return a.Title }
func authors(a digest.Article) string { return strings.Join(a.Authors, "+") }
func day(a digest.Article) string     { return a.Published.Format(time.DateOnly) }
func address(a digest.Article) string { return a.URL }

func TestExtractText(t *testing.T) {
	long := strings.Repeat("Body of the story as the publisher gives it. ", 60)
	for _, c := range []struct{ name, page, contentType, want, not string }{
		{"body of JSON-LD when the page is thin", `<script type="application/ld+json">{"@type":"NewsArticle","headline":"A","articleBody":"` + long + `"}</script><p>Subscribe</p>`, "", "publisher gives", "Subscribe"},
		{"body of JSON-LD with markup", `<script type="application/ld+json">{"@type":"NewsArticle","headline":"A","articleBody":"<p>` + long + `</p>"}</script>`, "", "publisher gives", "<p>"},
		{"description when there is nothing else", `<title>A</title><meta name="description" content="Trains may halt at night.">`, "", "Trains may halt", ""},
		{"short article", `<html><body><div>menu</div><main><p>Short but whole.</p></main></body></html>`, "", "Short but whole.", ""},
		{"scripts and styles", `<article><script>alert(1)</script><style>p{}</style>` + filler(4) + `</article>`, "", "harbour board", "alert"},
		{"windows-1252", "<meta charset=windows-1252><article><p>Caf\xe9 by the harbour opened.</p>" + filler(4) + "</article>", "text/html", "Café", ""},
		{"latin-1 by header", "<article><p>Caf\xe9 by the harbour opened.</p>" + filler(4) + "</article>", "text/html; charset=iso-8859-1", "Café", ""},
		{"utf-8 called latin-1", "<article><p>Café by the harbour opened.</p>" + filler(4) + "</article>", "text/html; charset=iso-8859-1", "Café", "Ã"},
		{"broken utf-8", "<meta charset=utf-8><article><p>Caf\xe9 by the harbour opened.</p>" + filler(4) + "</article>", "", "by the harbour", ""},
		{"bom", "\xef\xbb\xbf<article><p>Café by the harbour opened.</p>" + filler(4) + "</article>", "", "Café", "\ufeff"},
		{"meta refresh is not followed", `<meta http-equiv="refresh" content="0;url=http://127.0.0.1/"><article>` + filler(4) + `</article>`, "", "harbour board", "127.0.0.1"},
	} {
		a, err := extract([]byte(c.page), "https://news.example/a", c.contentType, now, func() {})
		if err != nil || !strings.Contains(a.Text, c.want) || c.not != "" && strings.Contains(a.Text, c.not) {
			t.Errorf("%s: got %.120q, %v; want %q and not %q", c.name, a.Text, err, c.want, c.not)
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	for name, page := range map[string]string{
		"empty": "", "blank": " \n ", "no text": "<html><body><script>app()</script></body></html>", "images only": "<img src=x><img src=y>", "zeros": strings.Repeat("\x00", 1000),
	} {
		_, err := extract([]byte(page), "https://news.example/a", "", now, func() {})
		if digest.KindOf(err) != digest.Invalid || !strings.Contains(digest.Explain(err), "news.example") {
			t.Errorf("%s: got %v, want a refusal that names the page", name, err)
		}
	}
	if _, err := extract([]byte("x"), "http://a b/%zz", "", now, func() {}); digest.KindOf(err) != digest.Invalid {
		t.Errorf("bad address: %v", err)
	}
}

func TestHostilePagesEndInTime(t *testing.T) {
	for name, page := range map[string]string{
		"nested div":      strings.Repeat("<div>", 100000) + "x",
		"nested tables":   strings.Repeat("<table><tr><td>", 20000) + "x",
		"many paragraphs": strings.Repeat("<p>word word word,", 110000),
		"unclosed bold":   strings.Repeat("<b>x", 50000),
		"line breaks":     strings.Repeat("<br>", 400000),
		"attributes":      "<p " + strings.Repeat("a=b ", 300000) + ">x</p>" + filler(3),
		"long word":       "<article><p>" + strings.Repeat("a", 2<<20),
		"over the cap":    "<article>" + strings.Repeat(filler(5), 6000) + "</article>",
		"cut rune":        "<article><p>" + strings.Repeat("é", 1<<20) + "x",
	} {
		began := time.Now()
		a, err := extract([]byte(page), "https://news.example/a", "", now, func() {})
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if err != nil && digest.KindOf(err) == digest.Internal {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %s, %d bytes, %v", name, time.Since(began).Round(time.Millisecond), len(a.Text), err)
	}
}

func TestFetch(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/story":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, brief)
		case "/moved":
			http.Redirect(w, r, "/story", http.StatusFound)
		case "/feed":
			w.Header().Set("Content-Type", "application/rss+xml")
		case "/pdf":
			w.Header().Set("Content-Type", "application/pdf")
		case "/cut":
			w.Header().Set("Content-Length", "999")
			_, _ = io.WriteString(w, "<html>")
		case "/private":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		default:
			code := map[string]int{"/401": 401, "/403": 403, "/429": 429, "/500": 500}[r.URL.Path]
			w.WriteHeader(max(code, 0) + map[bool]int{true: 404}[code == 0])
		}
	}))
	defer srv.Close()
	s := New(egress.Outside(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}), func() time.Time { return now })
	for path, want := range map[string]digest.Kind{"/feed": digest.Invalid, "/pdf": digest.Invalid, "/404": digest.NotFound, "/401": digest.Forbidden, "/403": digest.Forbidden,
		"/429": digest.RateLimited, "/500": digest.Unavailable, "/cut": digest.Unavailable, "/private": digest.Forbidden} {
		_, err := s.Fetch(t.Context(), srv.URL+path)
		if got := digest.KindOf(err); err == nil || got != want {
			t.Errorf("%s: got %v (%v), want %v", path, err, got, want)
		}
	}
	for _, path := range []string{"/story", "/moved"} {
		a, err := s.Fetch(t.Context(), " "+srv.URL+path+" ")
		if u, _ := url.Parse(a.URL); err != nil || len(a.Marks) != 5 || u.Path != "/harbor/curfew" || a.Workspace != digest.Shared {
			t.Errorf("%s: %+v, %v", path, a, err)
		}
	}
	for _, bad := range []string{"", "not an address", "http://%zz/", "file:///etc/passwd", "localhost"} {
		if _, err := s.Fetch(t.Context(), bad); digest.KindOf(err) != digest.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Fetch(ctx, srv.URL+"/story"); err == nil {
		t.Error("an ended context was ignored")
	}
}

func FuzzExtract(f *testing.F) {
	f.Add([]byte(brief), "text/html")
	f.Add([]byte("<script type=application/ld+json>{\"@type\":\"Article\",\"author\":[[{}]]}</script><p>x"), "text/html; charset=utf-16")
	f.Add([]byte("\xff\xfe<\x00p\x00>\x00"), "")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		a, err := extract(page, "https://news.example/a", contentType, now, func() {})
		if err == nil && a.ID == "" {
			t.Error("an article without id")
		}
		if err != nil && (digest.KindOf(err) == digest.Internal || strings.Contains(err.Error(), "breaks the page parser")) {
			t.Error(err)
		}
	})
}

func BenchmarkExtract(b *testing.B) {
	page := []byte(strings.Replace(brief, "</article>", strings.Repeat(filler(3), 60)+"</article>", 1))
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if _, err := extract(page, "https://news.example/a", "text/html", now, func() {}); err != nil {
			b.Fatal(err)
		}
	}
}
