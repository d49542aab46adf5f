package digest

import (
	"regexp"
	"testing"
	"time"
)

func TestCanonicalURL(t *testing.T) {
	const story = "https://ledger.example/2026/port-curfew"
	for _, c := range []struct{ name, raw, want string }{
		{"plain", story, story},
		{"http", "http://ledger.example/2026/port-curfew", story},
		{"upper case", "HTTPS://WWW.Ledger.Example/2026/port-curfew", story},
		{"path keeps its case", "https://ledger.example/A", "https://ledger.example/A"},
		{"www", "https://www.ledger.example/2026/port-curfew", story},
		{"mobile host", "https://m.ledger.example/2026/port-curfew", story},
		{"mobile host, long", "https://mobile.ledger.example/2026/port-curfew", story},
		{"amp host", "https://amp.ledger.example/2026/port-curfew", story},
		{"www and amp", "https://www.amp.ledger.example/2026/port-curfew", story},
		{"language before mobile", "https://en.m.wiki.example/Linden", "https://en.wiki.example/Linden"},
		{"bare m domain stays", "https://m.example/a", "https://m.example/a"},
		{"trailing dot", "https://ledger.example./2026/port-curfew", story},
		{"trailing slash", story + "/", story},
		{"amp suffix", story + "/amp", story},
		{"amp suffix and slash", story + "/amp/", story},
		{"amp file", story + ".amp", story},
		{"amp html", "https://ledger.example/a.amp.html", "https://ledger.example/a.html"},
		{"amp prefix", "https://ledger.example/amp/2026/port-curfew", story},
		{"amp in a word stays", "https://ledger.example/lamp", "https://ledger.example/lamp"},
		{"amp cache", "https://www-ledger-example.cdn.ampproject.org/c/s/www.ledger.example/2026/port-curfew/amp", story},
		{"amp viewer", "https://www.google.com/amp/s/ledger.example/2026/port-curfew", story},
		{"amp parameter", story + "?amp=1", story},
		{"amp parameter, bare", story + "?amp", story},
		{"output type", story + "?outputType=amp", story},
		{"other output type", story + "?outputType=print", story + "?outputType=print"},
		{"fragment", story + "#comments", story},
		{"tracking", story + "?utm_source=x&utm_Medium=y&fbclid=1&gclid=2&mc_cid=3&ref=4&cmpid=5&srnd=6&smid=7", story},
		{"content parameter kept", story + "?utm_source=x&id=7", story + "?id=7"},
		{"query sorted", story + "?b=2&a=1", story + "?a=1&b=2"},
		{"values keep their order", story + "?a=2&a=1", story + "?a=2&a=1"},
		{"default port", "https://ledger.example:443/a", "https://ledger.example/a"},
		{"default http port", "http://ledger.example:80/a", "https://ledger.example/a"},
		{"other port", "https://ledger.example:8443/a", "https://ledger.example:8443/a"},
		{"user", "https://ana:secret@ledger.example/a", "https://ledger.example/a"},
		{"escapes", "https://ledger.example/%7ea/%c3%bc", "https://ledger.example/~a/%C3%BC"},
		{"unescaped letters", "https://ledger.example/ü", "https://ledger.example/%C3%BC"},
		{"escaped slash stays", "https://ledger.example/a%2fb", "https://ledger.example/a%2Fb"},
		{"root", "https://ledger.example/", "https://ledger.example"},
		{"blanks around", " \n" + story + " ", story},
		{"IPv6", "http://[::1]:8080/a", "https://[::1]:8080/a"},
		{"mail", "mailto:a@ledger.example", ""},
		{"script", "javascript:alert(1)", ""},
		{"relative", "/2026/port-curfew", ""},
		{"no host", "https:///a", ""},
		{"empty", "", ""},
		{"broken", "https://%zz/", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := CanonicalURL(c.raw); got != c.want {
				t.Errorf("CanonicalURL(%q) = %q, want %q", c.raw, got, c.want)
			}
		})
	}
}

func TestHost(t *testing.T) {
	for raw, want := range map[string]string{
		"https://www.Ledger.example:8080/a": "ledger.example",
		"https://ledger.example./":          "ledger.example",
		"ledger":                            "",
		"":                                  "",
		"http://[":                          "",
	} {
		if got := Host(raw); got != want {
			t.Errorf("Host(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestNewID(t *testing.T) {
	day := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	base := Article{Workspace: Shared, Source: "ledger", GUID: "7", URL: "https://ledger.example/a", Title: "Port Weighs Curfew", Text: "A.", Published: day}
	with := func(change func(*Article)) Article { a := base; change(&a); return a }
	noURL := func(a *Article) { a.URL = "" }
	bare := func(a *Article) { a.URL, a.GUID = "", "" }
	for _, c := range []struct {
		name string
		a, b Article
		same bool
	}{
		{"address in another form", base, with(func(a *Article) { a.URL = "http://www.ledger.example/a/?utm_source=x" }), true},
		{"other source, same address", base, with(func(a *Article) { a.Source, a.GUID = "wire", "9" }), true},
		{"changed title and text", base, with(func(a *Article) { a.Title, a.Text = "B", "C." }), true},
		{"other address, reused GUID", base, with(func(a *Article) { a.URL = "https://ledger.example/b" }), false},
		{"other workspace", base, with(func(a *Article) { a.Workspace = "slack:T1" }), false},
		{"no address, same GUID", with(noURL), with(func(a *Article) { noURL(a); a.Text = "B." }), true},
		{"no address, other GUID", with(noURL), with(func(a *Article) { noURL(a); a.GUID = "8" }), false},
		{"no address, other source", with(noURL), with(func(a *Article) { noURL(a); a.Source = "wire" }), false},
		{"address of the site only", with(func(a *Article) { a.URL = "https://ledger.example/" }), with(func(a *Article) { a.URL, a.GUID = "https://ledger.example/", "8" }), false},
		{"title in another dress", with(bare), with(func(a *Article) { bare(a); a.Title = "Port weighs – curfew" }), true},
		{"other hour of the day", with(bare), with(func(a *Article) { bare(a); a.Published = day.Add(5 * time.Hour) }), true},
		{"other day", with(bare), with(func(a *Article) { bare(a); a.Published = day.Add(24 * time.Hour) }), false},
		{"untitled, other text", with(func(a *Article) { bare(a); a.Title = Untitled }), with(func(a *Article) { bare(a); a.Title, a.Text = Untitled, "B." }), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := NewID(c.a) == NewID(c.b); got != c.same {
				t.Errorf("same id = %v, want %v (%s, %s)", got, c.same, NewID(c.a), NewID(c.b))
			}
		})
	}
	if got := NewID(base); !regexp.MustCompile(`^[a-z2-7]{16}$`).MatchString(got) {
		t.Errorf("NewID = %q, want 16 characters of [a-z2-7]", got)
	}
	if got, want := NewID(base), "nl3frfksom4dmqir"; got != want {
		t.Errorf("NewID = %q, want %q: stored ids must not change", got, want)
	}
}

func TestTitleKey(t *testing.T) {
	day := time.Date(2026, 5, 4, 23, 30, 0, 0, time.FixedZone("", -2*3600))
	for _, c := range []struct {
		name string
		a    Article
		want string
	}{
		{"host", Article{URL: "https://www.ledger.example/a", Title: "Port’s “Curfew”!", Published: day}, "ledger.example|port s curfew|2026-05-05"},
		{"publisher", Article{Publisher: "Linden Ledger", Title: "A"}, "linden ledger|a|"},
		{"source", Article{Source: "notes", Title: "A"}, "notes|a|"},
		{"no letters", Article{Title: "???"}, "|???|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := TitleKey(c.a); got != c.want {
				t.Errorf("TitleKey = %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzCanonicalURL(f *testing.F) {
	for _, s := range []string{"https://www.ledger.example:80/a/amp/?b=1&utm_x=2#c", "http://[::1%25a]/", "https://a.cdn.ampproject.org/c/s/b.c/d", "https://a.b/%2", "https://a.b/?%zz;&="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once := CanonicalURL(raw)
		if twice := CanonicalURL(once); twice != once {
			t.Errorf("CanonicalURL(%q) = %q, folded again %q", raw, once, twice)
		}
		if once != "" && Host(once) == "" {
			t.Errorf("CanonicalURL(%q) = %q has no host", raw, once)
		}
	})
}

func TestFetchURL(t *testing.T) {
	for raw, want := range map[string]string{
		"HTTPS://News.Example":                       "https://news.example/",
		" https://news.example:443/Feed#top ":        "https://news.example/Feed",
		"http://news.example:80/feed":                "http://news.example/feed",
		"http://news.example:443/feed":               "http://news.example:443/feed",
		"https://www.news.example/feed/?b=2&a=1":     "https://www.news.example/feed/?b=2&a=1", // another answer may be there
		"https://news.example/a%2Fb?utm_source=feed": "https://news.example/a%2Fb?utm_source=feed",
		"ftp://news.example":                         "ftp://news.example",
		"news.example":                               "news.example",
		"https://[2001:DB8::1]:443/":                 "https://[2001:db8::1]/",
	} {
		if got := FetchURL(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
		if got := FetchURL(want); got != want {
			t.Errorf("%q again: got %q", want, got)
		}
	}
}
