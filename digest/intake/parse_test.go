package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nutgraf/digest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// parse reads one input and leaves out what other tests look at.
func parse(name, body string) ([]digest.Article, []digest.Result) {
	return Parse(Input{Name: name, Body: []byte(body), Source: "notes", Now: now})
}

func TestParseReadsEveryType(t *testing.T) {
	published := time.Date(2026, 5, 4, 13, 10, 0, 0, time.UTC)
	want := digest.Article{
		Workspace: digest.Shared, Source: "notes", URL: "https://ledger.example/a", Title: "Port Weighs Curfew", Text: "The port is drafting rules.\n\nOperators object.",
		Authors: []string{"Maya Lind", "Jon Park"}, Category: "Harbor", Tags: []string{"rail", "noise"}, Language: "en", Published: published, Arrived: published,
	}
	const fields = `"url":"https://ledger.example/a","title":"Port Weighs Curfew","authors":["Maya Lind","Jon Park"],"category":"Harbor","tags":["rail","noise"],"language":"en","published":"2026-05-04T13:10:00Z"`
	const object = `{` + fields + `,"text":"The port is drafting rules.\n\nOperators object.","unknown":{"a":[1]}}`
	const markdown = "---\ntitle: \"Port Weighs Curfew\"\nauthors:\n  - Maya Lind\n  - Jon Park\ndate: 2026-05-04T15:10:00+02:00\nurl: https://ledger.example/a\ncategory: Harbor\ntags: [rail, 'noise']\nlanguage: en-US\n# a comment\n---\n\nThe *port* is drafting rules.\n\nOperators object.\n"
	const page = `<!DOCTYPE html><html lang="en-GB"><head><title>Port Weighs Curfew | Linden</title><meta property="og:title" content="Port Weighs Curfew"><link rel="canonical" href="https://ledger.example/a">
<meta name="author" content="Maya Lind"><meta name="author" content="Jon Park"><meta property="article:published_time" content="2026-05-04T15:10:00+02:00"><meta property="article:section" content="Harbor">
<meta property="article:tag" content="rail"><meta property="article:tag" content="noise"></head><body><header>Menu</header><article><h1>Port Weighs Curfew</h1><p>The port is drafting rules.</p><p>Operators object.</p></article><footer>Imprint</footer></body></html>`
	for _, c := range []struct{ name, file, body string }{
		{"json object", "a.json", object},
		{"json array", "a.json", "[" + object + "]"},
		{"json with articles", "a.json", `{"version":1,"articles":[` + object + `]}`},
		{"json lines", "a.jsonl", "\n" + object + "\n\n"},
		{"json with html", "a.json", `{` + fields + `,"html":"<p>The port is drafting rules.</p><p>Operators object.</p>"}`},
		{"json with html in text", "a.json", `{` + fields + `,"text":"<p>The port is drafting rules.</p><p>Operators object.</p>"}`},
		{"json, authors as a string", "a.json", strings.Replace(object, `["Maya Lind","Jon Park"]`, `"By Maya Lind and Jon Park"`, 1)},
		{"json, authors as objects", "a.json", strings.Replace(object, `["Maya Lind","Jon Park"]`, `[{"name":"Maya Lind"},{"name":"Jon Park"}]`, 1)},
		{"json, Unix time", "a.json", strings.Replace(object, `"2026-05-04T13:10:00Z"`, `1777900200`, 1)},
		{"json, a key twice", "a.json", strings.Replace(object, `{`, `{"title":"Old",`, 1)},
		{"json lines, pretty-printed", "a.jsonl", "{\n" + object[1:]},
		{"json by its looks", "push", object},
		{"json lines by their looks", "https://ledger.example/export", object + "\n"},
		{"markdown", "a.md", markdown},
		{"markdown, Windows", "a.md", strings.ReplaceAll(markdown, "\n", "\r\n")},
		{"byte order mark", "a.md", "\ufeff" + markdown},
		{"UTF-16", "a.md", wideBytes(markdown, true)},
		{"UTF-16 without mark", "a.md", wideBytes(markdown, false)},
		{"page", "a.html", page},
		{"page by its looks", "https://ledger.example/a?x=.y", page},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, refused := parse(c.file, c.body)
			if len(refused) > 0 {
				t.Errorf("refused %+v", refused)
			}
			opts := cmpopts.IgnoreFields(digest.Article{}, "ID", "Marks")
			if diff := cmp.Diff([]digest.Article{want}, got, opts); diff != "" {
				t.Errorf("articles (-want +got):\n%s", diff)
			}
		})
	}
}

// wideBytes encodes s as UTF-16, little endian.
func wideBytes(s string, mark bool) string {
	var b strings.Builder
	if mark {
		b.WriteString("\xff\xfe")
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestParsePlainText(t *testing.T) {
	for _, c := range []struct {
		name, body string
		title      string
		text       string
		authors    []string
	}{
		{"title, byline and text", "Port Weighs Curfew\n\nBy Maya Lind\n\nThe port is drafting rules.\n", "Port Weighs Curfew", "The port is drafting rules.", []string{"Maya Lind"}},
		{"title and text", "Port Weighs Curfew\n\nThe port is drafting rules.\n", "Port Weighs Curfew", "The port is drafting rules.", nil},
		{"text only", "The port is drafting rules. Operators object.\n\nThat is all.\n", digest.Untitled, "The port is drafting rules. Operators object.\n\nThat is all.", nil},
		{"one line", "The port is drafting rules", digest.Untitled, "The port is drafting rules", nil},
		{"first line of a paragraph is no title", "The port is drafting\nrules.\n\nMore.", digest.Untitled, "The port is drafting\n\nrules.\n\nMore.", nil},
		{"windows-1252", "The port\x92s caf\xe9 is \x93open\x94.", digest.Untitled, "The port’s café is “open”.", nil},
		{"rule is no front matter", "---\nThe port is drafting rules.\n---\nMore.", digest.Untitled, "The port is drafting rules.\n\nMore.", nil},
		{"front matter without end", "---\ntitle: A\n\nMore.", digest.Untitled, "title: A\n\nMore.", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, refused := parse("a.txt", c.body)
			if len(got) != 1 || len(refused) > 0 {
				t.Fatalf("%d articles, refused %+v; want one", len(got), refused)
			}
			want := digest.Article{Title: c.title, Text: c.text, Authors: c.authors}
			if diff := cmp.Diff(want, digest.Article{Title: got[0].Title, Text: got[0].Text, Authors: got[0].Authors}); diff != "" {
				t.Errorf("article (-want +got):\n%s", diff)
			}
			if !got[0].Arrived.Equal(now) {
				t.Errorf("arrived %v, want %v for an undated article", got[0].Arrived, now)
			}
		})
	}
}

func TestParseRefusesAndGoesOn(t *testing.T) {
	const good = `{"title":"A","text":"B."}`
	for _, c := range []struct {
		name, file, body string
		articles         int
		where, reason    []string
	}{
		{"bad lines", "n.jsonl", good + "\n{\"title\":\n\n[]\n" + `{"title":7,"text":"x"}` + "\n" + good + "\n{}\nnull", 2,
			[]string{"n.jsonl:2", "n.jsonl:4", "n.jsonl:5", "n.jsonl:7", "n.jsonl:8"},
			[]string{"not JSON", "must be a JSON object", `"title" must be a string, not a number`, "neither title nor text", "null"}},
		{"bad items", "n.json", `[` + good + `, 5, {"authors":{},"title":"x"}, {"title":"x","tags":[[1]]}, {"title":"x","published":{}}, ` + good + `]`, 2,
			[]string{"item 2 of n.json", "item 3 of n.json", "item 4 of n.json", "item 5 of n.json"},
			[]string{"must be a JSON object", `"authors" must be a list of strings, not an object`, `"tags" must be a list of strings, but holds a list`, `"published" must be a string, not an object`}},
		{"cut off", "n.json", `[` + good + `,{"title":`, 1, []string{"item 2 of n.json"}, []string{"ends too early"}},
		{"broken in the middle", "n.json", "[" + good + ",\n{title:1},\n" + good + "]", 1, []string{"item 2 of n.json"}, []string{"near line 2"}},
		{"articles cut off", "n.json", `{"version":[1],"articles":[` + good + `,{"title":`, 1, []string{"item 2 of n.json"}, []string{"ends too early"}},
		{"no closing bracket", "n.json", "[" + good, 1, []string{"item 2 of n.json"}, []string{"ends too early"}},
		{"number", "n.json", `7`, 0, []string{"n.json"}, []string{"must hold a JSON object"}},
		{"empty list", "n.json", `[]`, 0, []string{"n.json"}, []string{"empty"}},
		{"empty", "n.txt", " \n", 0, []string{"n.txt"}, []string{"empty"}},
		{"binary", "n.txt", "\x89PNG\x00\x00\x01x", 0, []string{"n.txt"}, []string{"not text"}},
		{"only noise and tags", "n.html", "<p></p>", 0, []string{"n.html"}, []string{"neither title nor text"}},
		{"deep", "", strings.Repeat(`{"a":`, 100_000), 0, []string{""}, []string{"not JSON"}},
		{"without a name", "", "[7]", 0, []string{"item 1"}, []string{"must be a JSON object"}},
		{"huge line", "n.jsonl", `{"title":"` + strings.Repeat("x", maxLine) + "\"}\n" + good, 1, []string{"n.jsonl:1"}, []string{"larger than 8 MB"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, refused := parse(c.file, c.body)
			if len(got) != c.articles {
				t.Errorf("%d articles, want %d", len(got), c.articles)
			}
			if len(refused) != len(c.where) {
				t.Fatalf("refused %+v, want %d", refused, len(c.where))
			}
			for i, r := range refused {
				if r.Verdict != digest.Refused || r.Where != c.where[i] || !strings.Contains(r.Reason, c.reason[i]) {
					t.Errorf("refused %+v, want where %q, reason with %q", r, c.where[i], c.reason[i])
				}
			}
		})
	}
}

func TestParseRecognisesSectionsInEveryType(t *testing.T) {
	const text = "Port Weighs Curfew\n\nThe lede.\n\nWhy It Matters\n\nGrain.\n\nWhat’s Next\n\nA vote."
	for file, body := range map[string]string{
		"a.txt":   text,
		"a.md":    "# " + strings.NewReplacer("Why", "## Why", "What’s", "## What’s").Replace(text),
		"a.jsonl": fmt.Sprintf(`{"title":"Port Weighs Curfew","text":%q}`, text),
		"a.html":  "<html><h1>Port Weighs Curfew</h1><p>The lede.</p><h2>Why It Matters</h2><p>Grain.</p><h2>What’s Next</h2><p>A vote.</p>",
	} {
		t.Run(file, func(t *testing.T) {
			got, refused := parse(file, body)
			if len(got) != 1 {
				t.Fatalf("%d articles, refused %+v", len(got), refused)
			}
			want := "title: Port Weighs Curfew\n[lede]\nThe lede.\n[why_it_matters]\nGrain.\n[whats_next]\nA vote.\n"
			if diff := cmp.Diff(want, describe(got[0])); diff != "" {
				t.Errorf("article (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseArrival(t *testing.T) {
	published := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, published    string
		fresh              bool
		wantPub, wantArriv time.Time
	}{
		{"dated import", "2026-05-04", false, published, published},
		{"dated push", "2026-05-04", true, published, now},
		{"undated", "", false, time.Time{}, now},
		{"unreadable", "last Tuesday", false, now, now},
		{"year 1", "0001-01-01T00:00:00Z", false, now, now},
		{"future", "2026-11-24", false, now, now},
		{"within a day", "2026-11-23T11:00:00Z", true, time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC), now},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := Parse(Input{Name: "x.json", Body: fmt.Appendf(nil, `{"title":"A","published":%q}`, c.published), Now: now, Fresh: c.fresh})
			if len(got) != 1 {
				t.Fatalf("%d articles, want 1", len(got))
			}
			if !got[0].Published.Equal(c.wantPub) || !got[0].Arrived.Equal(c.wantArriv) {
				t.Errorf("published %v, arrived %v; want %v, %v", got[0].Published, got[0].Arrived, c.wantPub, c.wantArriv)
			}
			later, _ := Parse(Input{Name: "x.json", Body: fmt.Appendf(nil, `{"title":"A","published":%q}`, c.published), Now: now.Add(72 * time.Hour)})
			if c.name != "future" && later[0].ID != got[0].ID {
				t.Errorf("id %s, read three days later %s; want the same", got[0].ID, later[0].ID)
			}
		})
	}
}

// checkArticle holds what every article that Parse takes must be.
func checkArticle(t testing.TB, a digest.Article) {
	t.Helper()
	checkMarks(t, a)
	if len(a.ID) != 16 || a.Title == "" || utf8.RuneCountInString(a.Title) > maxTitle || strings.Contains(a.Title, "\n") || len(a.Text) > maxText || a.Arrived.IsZero() {
		t.Errorf("bad article: id %q, title %q, %d bytes of text, arrived %v", a.ID, a.Title, len(a.Text), a.Arrived)
	}
	if !utf8.ValidString(a.Title + a.Text + a.Category) {
		t.Errorf("article is not UTF-8: %q", a.Title)
	}
	again, err := Finish(a, now)
	if err != nil || again.ID != a.ID && a.Published != a.Arrived || again.Text != a.Text {
		t.Errorf("finished twice: %v, id %s → %s, text %q → %q", err, a.ID, again.ID, a.Text, again.Text)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []struct{ name, body string }{
		{"a.txt", "Harbor, city\n\nPort Weighs Curfew\n\n| Linden Ledger | Desk\n\nLede.\nWhy It Matters\nGrain.\n\nBy Maya Lind – Source Wire"},
		{"a.md", "---\ntitle: A\ndate: 2026-05-04\n---\n# A\n\n## What’s Next\n- b"},
		{"a.html", "<html lang=en><title>A | B</title><script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"A\",\"author\":[{\"name\":\"B\"}]}</script><main><article><p>x</article><h2>Why it matters</h2>y"},
		{"a.json", `{"articles":[{"title":"A","text":"B","authors":"C","published":1777900200},{}]}`},
		{"a.jsonl", "{\"html\":\"<p>x\"}\n{"},
		{"", "\xff\xfea\x00"},
	} {
		f.Add(s.name, []byte(s.body))
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		articles, refused := Parse(Input{Name: name, Body: body, Source: "fuzz", Now: now})
		for _, a := range articles {
			checkArticle(t, a)
			line, err := Encode(a)
			if err != nil {
				t.Fatalf("Encode: %v", err)
			}
			if _, err := Decode(line); err != nil {
				t.Errorf("Decode(Encode(a)) = %v for %s", err, line)
			}
		}
		for _, r := range refused {
			if r.Verdict != digest.Refused || r.Reason == "" {
				t.Errorf("refused without reason: %+v", r)
			}
		}
		if len(articles)+len(refused) == 0 {
			t.Error("neither articles nor refusals")
		}
	})
}

func FuzzStructure(f *testing.F) {
	f.Add("", "Harbor\n\nPort Weighs\n\n| A | B\n\nLede.\n\n## Why it matters\n\nx\n**What to know:** y\n\nBy Maya Lind – Source Wire")
	f.Add("Port", "wrapped line that is long enough to be\njoined with the next one of it\n\nWhat’s next\n---\nz (Read More)")
	f.Add("", "<p>a</p><h2>What’s Next</h2><p>b</p>")
	f.Fuzz(func(t *testing.T, title, body string) {
		a := Structure(title, body)
		checkMarks(t, a)
		if title == "" && a.Title == "" && a.Text == "" && strings.Join(strings.Fields(HTMLText("<p>"+body)), "") != "" && len(paragraphs(body)) > 0 && !isHTML(body) {
			t.Errorf("Structure(%q) lost everything", body)
		}
	})
}
