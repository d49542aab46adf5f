package feed

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"nutgraf/digest"
)

const base = "https://linden.example/feed.xml"

func titles(f Feed) []string {
	var out []string
	for _, a := range f.Articles {
		out = append(out, a.Title)
	}
	return out
}

func TestParseItems(t *testing.T) {
	for _, c := range []struct {
		name, item string
		want       digest.Article
		only       func(digest.Article) any
	}{
		{"html in a title", `<item><title>&lt;b&gt;Rain&lt;/b&gt; &amp;amp; wind</title></item>`, digest.Article{Title: "Rain & wind"}, title},
		{"title in CDATA", `<item><title><![CDATA[Rain <i>falls</i>]]></title></item>`, digest.Article{Title: "Rain falls"}, title},
		{"script in a title", `<item><title>&lt;script&gt;x()&lt;/script&gt;Rain</title></item>`, digest.Article{Title: "Rain"}, title},
		{"content over description", `<item><title>A</title><description>Short.</description><content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[<p>Long.</p><p>Longer.</p>]]></content:encoded></item>`, digest.Article{Text: "Long.\n\nLonger."}, words},
		{"description alone", `<item><title>A</title><description>&lt;p&gt;One &amp;amp; two.&lt;/p&gt;</description></item>`, digest.Article{Text: "One & two."}, words},
		{"relative link", `<item><title>A</title><link>/s/1?a=b&amp;c=d</link></item>`, digest.Article{URL: "https://linden.example/s/1?a=b&c=d"}, link},
		{"guid as link", `<item><title>A</title><guid>https://linden.example/p/7</guid></item>`, digest.Article{URL: "https://linden.example/p/7"}, link},
		{"javascript link", `<item><title>A</title><link>javascript:alert(1)</link></item>`, digest.Article{}, link},
		{"link with a password", `<item><title>A</title><link>https://u:p@x.example/</link></item>`, digest.Article{}, link},
		{"creator", `<item><title>A</title><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">By Maya Lind and Jon Park</dc:creator></item>`, digest.Article{Authors: []string{"Maya Lind", "Jon Park"}}, people},
		{"mail author", `<item><title>A</title><author>desk@linden.example (Maya Lind)</author></item>`, digest.Article{Authors: []string{"Maya Lind"}}, people},
		{"bare mail author", `<item><title>A</title><author>desk@linden.example</author></item>`, digest.Article{}, people},
		{"categories", `<item><title>A</title><category>City</category><category>Rail</category><category>City</category><category>https://x.example/</category></item>`, digest.Article{Category: "City", Tags: []string{"City", "Rail"}}, func(a digest.Article) any { return append([]string{a.Category}, a.Tags...) }},
		{"enclosure", `<item><title>A</title><enclosure url="/a.jpg" type="image/jpeg" length="1"/></item>`, digest.Article{Image: "https://linden.example/a.jpg"}, image},
		{"thumbnail", `<item xmlns:media="http://search.yahoo.com/mrss/"><title>A</title><media:thumbnail url="https://x.example/t.png"/></item>`, digest.Article{Image: "https://x.example/t.png"}, image},
		{"media group", `<item xmlns:media="http://search.yahoo.com/mrss/"><title>A</title><media:group><media:thumbnail url="https://x.example/g.png"/><media:description>Film of it.</media:description></media:group></item>`, digest.Article{Image: "https://x.example/g.png", Text: "Film of it."}, func(a digest.Article) any { return a.Image + a.Text }},
		{"video is no picture", `<item xmlns:media="http://search.yahoo.com/mrss/"><title>A</title><media:content url="https://x.example/v.mp4" type="video/mp4"/></item>`, digest.Article{}, image},
		{"outlet of an aggregator", `<item><title>A</title><source url="https://wire.example/">Linden Wire</source></item>`, digest.Article{Outlet: "Linden Wire"}, func(a digest.Article) any { return a.Outlet }},
		{"language of an item", `<item><title>A</title><dc:language xmlns:dc="http://purl.org/dc/elements/1.1/">fr</dc:language></item>`, digest.Article{Language: "fr"}, func(a digest.Article) any { return a.Language }},
		{"odd date", `<item><title>A</title><pubDate>2026-11-17T15:10:00+01:00</pubDate></item>`, digest.Article{Published: time.Date(2026, 11, 17, 14, 10, 0, 0, time.UTC)}, date},
		{"date in words", `<item><title>A</title><pubDate>17 November 2026 15:10 CET</pubDate></item>`, digest.Article{Published: time.Date(2026, 11, 17, 14, 10, 0, 0, time.UTC)}, date},
		{"no date", `<item><title>A</title><pubDate>yesterday-ish</pubDate></item>`, digest.Article{}, date},
	} {
		f, err := Parse([]byte(channel(c.item)), "", base)
		if err != nil || len(f.Articles) != 1 {
			t.Errorf("%s: %+v, %v", c.name, f, err)
			continue
		}
		if diff := cmp.Diff(c.only(c.want), c.only(f.Articles[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func title(a digest.Article) any  { return a.Title }
func words(a digest.Article) any  { return a.Text }
func link(a digest.Article) any   { return a.URL }
func people(a digest.Article) any { return strings.Join(a.Authors, "+") }
func image(a digest.Article) any  { return a.Image }
func date(a digest.Article) any   { return a.Published }

func TestParseKinds(t *testing.T) {
	const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Linden</title><author><name>Maya Lind</name></author><entry><title type="html">Rain &amp;amp; wind</title><id>tag:1</id><link href="rain"/><updated>2026-11-20T10:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content></entry></feed>`
	const rdf = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>Linden</title></channel><item><title>Rain &amp; wind</title><link>rain</link></item></rdf:RDF>`
	const json = `{"version":"https://jsonfeed.org/version/1.1","title":"Linden","language":"en","items":[{"id":"1","url":"https://linden.example/rain","title":"Rain & wind","content_html":"<p>One.</p><p>Two.</p>","authors":[{"name":"Maya Lind"}]}]}`
	for name, doc := range map[string]string{
		"rss": channel("<item><title>Rain &amp; wind</title><link>rain</link></item>"), "atom": atom, "rdf": rdf, "json": json, "prefixed": strings.NewReplacer("<feed xmlns=", "<a:feed xmlns:a=", "</feed", "</a:feed", "<entry", "<a:entry", "</entry", "</a:entry", "<title", "<a:title", "</title", "</a:title", "<link", "<a:link").Replace(atom),
		"upper case":                strings.NewReplacer("<rss", "<RSS", "</rss", "</RSS").Replace(channel("<item><title>Rain &amp; wind</title><link>rain</link></item>")),
		"xml 1.1":                   strings.Replace(channel("<item><title>Rain &amp; wind</title><link>rain</link></item>"), `version="1.0"`, `version="1.1"`, 1),
		"bom, blanks and a warning": "\ufeff \n<br />\n<b>Warning</b>: mysql_connect() in /x.php\n" + channel("<item><title>Rain & wind</title><link>rain</link></item>"),
		"doctype":                   `<!DOCTYPE rss [<!ENTITY a "b > c"><!ELEMENT x ANY>]>` + channel("<item><title>Rain &amp; wind</title><link>rain</link></item>"),
		"control characters":        channel("<item><title>Rain \x01&amp; wind\x00</title><link>rain</link></item>"),
	} {
		f, err := Parse([]byte(doc), "", base)
		if diff := cmp.Diff([]string{"Rain & wind"}, titles(f)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			continue
		}
		if got, want := f.Articles[0].URL, "https://linden.example/rain"; got != want && name != "prefixed" {
			t.Errorf("%s: URL %q, want %q", name, got, want)
		}
		if name == "atom" || name == "json" {
			if got := f.Articles[0]; got.Text != "One.\n\nTwo." || len(got.Authors) != 1 {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func TestEncodings(t *testing.T) {
	doc := func(name, s string) string {
		if name != "" {
			name = ` encoding="` + name + `"`
		}
		return `<?xml version="1.0"` + name + `?><rss><channel><item><title>` + s + `</title></item></channel></rss>`
	}
	encode := func(e interface{ String(string) (string, error) }, s string) string {
		out, err := e.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const cafe, russian, kana = "Café – naïve", "Привет, мир и порт", "ニュースの港"
	latin, cyr, sjis := charmap.Windows1252.NewEncoder(), charmap.Windows1251.NewEncoder(), japanese.ShiftJIS.NewEncoder()
	for _, c := range []struct{ name, body, header, want string }{
		{"utf-8", doc("utf-8", cafe), "", cafe}, {"nothing said", doc("", cafe), "", cafe}, {"bom", "\ufeff" + doc("utf-8", cafe), "", cafe},
		{"windows-1252 declared", encode(latin, doc("windows-1252", cafe)), "", cafe}, {"latin-1 declared", encode(latin, doc("ISO-8859-1", "Café")), "", "Café"},
		{"windows-1251 declared", encode(cyr, doc("windows-1251", russian)), "", russian}, {"by header", encode(cyr, doc("", russian)), "text/xml; charset=windows-1251", russian},
		{"header against declaration", encode(cyr, doc("utf-8", russian)), `application/rss+xml; charset="windows-1251"`, russian},
		{"utf-8 called latin-1", doc("iso-8859-1", cafe), "text/xml; charset=iso-8859-1", cafe}, {"utf-8 that is none", encode(latin, doc("utf-8", cafe)), "text/xml; charset=utf-8", cafe},
		{"shift-jis", encode(sjis, doc("Shift_JIS", kana)), "", kana}, {"unknown name", doc("x-martian", cafe), "text/xml; charset=nonsense", cafe},
		{"unknown name, old bytes", encode(latin, doc("x-martian", cafe)), "", cafe}, {"one bad byte", doc("utf-8", "Café – naïve \xe9t"), "", "Café – naïve \ufffdt"},
		{"utf-16le with bom", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), doc("utf-16", russian)), "", russian},
		{"utf-16be with bom", encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), doc("utf-16", russian)), "", russian},
		{"utf-16le without", encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), doc("utf-16le", kana)), "", kana},
		{"utf-16 in name only", doc("utf-16", cafe), "", cafe},
	} {
		f, err := Parse([]byte(c.body), c.header, base)
		if diff := cmp.Diff([]string{c.want}, titles(f)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
}

func TestBrokenFeeds(t *testing.T) {
	whole := channel(dated(1), dated(2), dated(3))
	for _, c := range []struct {
		name, doc string
		want      int
		refused   int
	}{
		{"end missing", strings.TrimSuffix(whole, "</channel></rss>"), 3, 0},
		{"cut inside the third item", whole[:strings.Index(whole, "number 3")], 2, 0},
		{"cut inside a tag", whole[:strings.Index(whole, "number 3")] + "</titl", 2, 0},
		{"cut inside CDATA", whole[:strings.Index(whole, "Story number 3")] + "<![CDATA[ab", 2, 0},
		{"bare ampersands", channel("<item><title>A & B</title><link>http://x.example/?a=1&b=2</link></item>"), 1, 0},
		{"html entities", channel("<item><title>Caf&eacute; &nbsp; &hellip;</title></item>"), 1, 0},
		{"tags crossed", channel("<item><title>A</title><description><b><i>x</b></i></description></item>", dated(2)), 2, 0},
		{"broken item between", channel(dated(1), "<item><title>B</title><description><![foo[</description></item>", dated(3)), 2, 1},
		{"atom cut", `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title>A</title></entry><entry><title>B`, 1, 0},
		{"empty feed cut", `<rss><channel><title>x</title></channel></rss`, 0, 0},
		{"billion laughs", `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>` + channel("<item><title>x &b;</title></item>"), 1, 0},
		{"system entity", `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + channel("<item><title>x &a;</title></item>"), 1, 0},
	} {
		f, err := Parse([]byte(c.doc), "", base)
		if err != nil || len(f.Articles) != c.want || len(f.Refused) != c.refused {
			t.Errorf("%s: %d articles, %d refused (%v), %v; want %d and %d", c.name, len(f.Articles), len(f.Refused), f.Refused, err, c.want, c.refused)
		}
		for _, a := range f.Articles {
			if strings.Contains(a.Title, "hahaha") || strings.Contains(a.Title, "root:") {
				t.Errorf("%s: an entity was expanded: %q", c.name, a.Title)
			}
		}
	}
}

func TestRefusedDocuments(t *testing.T) {
	for _, c := range []struct {
		name, doc, want string
		kind            digest.Kind
	}{
		{"empty", "", "empty", digest.Invalid}, {"blanks", " \n\t", "empty", digest.Invalid}, {"words", "not found", "neither RSS", digest.Invalid},
		{"html", "<!doctype html><html><body>hi</body></html>", "names no feed", digest.Invalid},
		{"html with feeds", `<html><head><link rel="alternate" type="application/rss+xml" href="/a.rss"><link rel="alternate" type="application/atom+xml" href="/b.atom">`, "https://linden.example/a.rss", digest.Invalid},
		{"html in pieces", `<div><p>hi</p></div>`, "web page", digest.Invalid}, {"other xml", `<?xml version="1.0"?><opml/>`, "<opml>", digest.Invalid},
		{"json", `{"a":1}`, "no JSON Feed", digest.Invalid}, {"broken json", `{"version":`, "no JSON Feed", digest.Invalid},
		{"long prolog", "<!--" + strings.Repeat("x", 65<<10) + "-->" + channel(dated(1)), "first 64 kB", digest.Invalid},
		{"too deep", channel("<item><title>A</title>" + strings.Repeat("<a>", 201)), "200 deep", digest.Invalid},
		{"deep json", `{"version":"https://jsonfeed.org/version/1","items":` + strings.Repeat("[", 100000), "no JSON Feed", digest.Invalid},
		{"too large", strings.Repeat(" ", maxBytes+1), "10 MB", digest.TooLarge}, {"broken", "<rss><channel><item><title><![CD", "broken feed", digest.Invalid},
	} {
		_, err := Parse([]byte(c.doc), "", base)
		if got := digest.KindOf(err); err == nil || got != c.kind || !strings.Contains(digest.Explain(err), c.want) || !strings.Contains(digest.Explain(err), base) {
			t.Errorf("%s: got %v (%v), want %q (%v)", c.name, err, got, c.want, c.kind)
		}
	}
}

func TestNewestItemsAreTaken(t *testing.T) {
	var items []string
	for n := range 10000 {
		items = append(items, dated((n*7919)%10000))
	}
	doc := []byte(channel(items...))
	began := time.Now()
	f, err := Parse(doc, "", base)
	took := time.Since(began)
	if err != nil || len(f.Articles) != MaxItems || f.Dropped != 10000-MaxItems {
		t.Fatalf("%d articles, %d dropped, %v", len(f.Articles), f.Dropped, err)
	}
	for i, a := range f.Articles {
		if want := fmt.Sprintf("Story number %d", i); a.Title != want {
			t.Fatalf("article %d is %q, want %q", i, a.Title, want)
		}
	}
	if took > 10*time.Second {
		t.Errorf("10,000 items took %s", took)
	}
	t.Logf("10,000 items, %d kB: %s", len(doc)>>10, took)
}

func TestUndatedItemsStayByTheirNeighbours(t *testing.T) {
	undated := func(s string) string { return "<item><title>" + s + "</title></item>" }
	f, err := Parse([]byte(channel(dated(3), undated("by three"), dated(1), undated("by one"))), "", base)
	if diff := cmp.Diff([]string{"Story number 1", "by one", "Story number 3", "by three"}, titles(f)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestHostileFeedsEndInTime(t *testing.T) {
	for name, doc := range map[string]string{
		"open tags": "<rss>" + strings.Repeat("<", 3<<20), "open comments": "<rss>" + strings.Repeat("<!--", 1<<20), "open quotes": "<rss>" + strings.Repeat(`<a b="`, 500000),
		"items in a broken feed": "<rss><channel>" + strings.Repeat("<item><title>x</title></item>", 60000) + "<![foo[", "nested html": channel("<item><title>x</title><description>" + strings.Repeat("&lt;b&gt;", 200000) + "</description></item>"),
		"large title": channel("<item><title>" + strings.Repeat("x", 8<<20) + "</title></item>"), "attributes": "<rss " + strings.Repeat("a='b' ", 100000) + ">", "zeros": strings.Repeat("\x00", 1<<20),
		"unclosed items": "<rss><channel>" + strings.Repeat("<item>", 300000), "half tags": strings.Repeat("<rss", 1<<20), "brackets": "<!DOCTYPE " + strings.Repeat("[", 2<<20), "brackets many": strings.Repeat("<![", 200000),
		"large header, broken": "<rss><channel><description>" + strings.Repeat("x", 2<<20) + "</description>" + strings.Repeat("<item><title>x</title></item>", 400) + "<![foo[",
	} {
		began := time.Now()
		f, err := Parse([]byte(doc), "", base)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		} else {
			t.Logf("%s: %s, %d articles, %.100v", name, took.Round(time.Millisecond), len(f.Articles), err)
		}
	}
}

func TestPublisher(t *testing.T) {
	for _, c := range []struct{ title, link, want string }{
		{"World | The Linden Ledger", "https://www.lindenledger.example/", "The Linden Ledger"}, {"BBC News - World", "https://www.bbc.co.uk/news", "BBC News"}, {"NYT > World News", "https://nyt.example", "NYT"},
		{"Linden Ledger", "https://x.example", "Linden Ledger"}, {"A - B", "https://x.example", "A - B"}, {"", "", ""}, {"Maya: notes", "https://maya.example", "Maya"},
	} {
		if got := publisher(c.title, c.link); got != c.want {
			t.Errorf("publisher(%q, %q) = %q, want %q", c.title, c.link, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(channel(dated(1), dated(2))), "text/xml")
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title></entry><entry><![CDATA[`), "application/atom+xml; charset=utf-16")
	f.Add([]byte("\xff\xfe<\x00r\x00s\x00s\x00>\x00"), "")
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","items":[{"id":1}]}`), "application/json")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := Parse(body, contentType, base)
		if err != nil {
			if digest.KindOf(err) == digest.Internal || strings.Contains(err.Error(), "breaks the feed parser") {
				t.Error(err)
			}
			return
		}
		if len(got.Articles) > MaxItems {
			t.Errorf("%d articles", len(got.Articles))
		}
		for _, a := range got.Articles {
			if a.Title == "" && a.Text == "" {
				t.Error("an empty article")
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var items []string
	for n := range 50 {
		items = append(items, strings.Replace(dated(n), "Text of it.", "&lt;p&gt;"+strings.Repeat("The harbour board met on Tuesday. ", 60)+"&lt;/p&gt;", 1))
	}
	doc := bytes.Clone([]byte(channel(items...)))
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := Parse(doc, "", base); err != nil {
			b.Fatal(err)
		}
	}
}
