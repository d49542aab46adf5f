package page

import (
	"encoding/json"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nutgraf/digest"
)

// facts is what a page says about itself outside of its text.
type facts struct {
	meta      map[string][]string // by lower-case name, property or itemprop, "." being ":"
	title     string              // of <title>
	headings  []string            // texts of <h1>
	lang      string
	canonical string
	times     []string // of <time datetime>
	authors   []string // of rel=author and itemprop=author
	news      jsonld
}

// gather walks over the tree once. It does not recurse, for deep trees.
func gather(doc *html.Node) facts {
	f := facts{meta: make(map[string][]string)}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			f.add(n)
		}
	}
	return f
}

func (f *facts) add(n *html.Node) {
	switch n.DataAtom {
	case atom.Html:
		f.lang = orString(attr(n, "lang"), attr(n, "xml:lang"))
	case atom.Title:
		if f.title == "" && (n.Parent == nil || n.Parent.Data != "svg") {
			f.title = textOf(n)
		}
	case atom.H1:
		if t := textOf(n); t != "" && len(f.headings) < 20 {
			f.headings = append(f.headings, t)
		}
	case atom.Meta:
		value := strings.TrimSpace(attr(n, "content"))
		for _, key := range []string{"name", "property", "itemprop", "http-equiv"} {
			for name := range strings.FieldsSeq(strings.ToLower(attr(n, key))) {
				name = strings.ReplaceAll(name, ".", ":") // "dc.title" and "dc:title" are one
				if value != "" && len(f.meta[name]) < 50 {
					f.meta[name] = append(f.meta[name], value)
				}
			}
		}
	case atom.Link:
		if strings.EqualFold(attr(n, "rel"), "canonical") && f.canonical == "" {
			f.canonical = attr(n, "href")
		}
	case atom.Time:
		if t := attr(n, "datetime"); t != "" && len(f.times) < 20 {
			f.times = append(f.times, t)
		}
	case atom.Script:
		if strings.Contains(strings.ToLower(attr(n, "type")), "ld+json") && n.FirstChild != nil {
			f.news.read(n.FirstChild.Data)
		}
	}
	if n.DataAtom != atom.Meta && len(f.authors) < 20 && (strings.EqualFold(attr(n, "rel"), "author") || strings.Contains(strings.ToLower(attr(n, "itemprop")), "author")) {
		if t := textOf(n); t != "" && len(t) < 200 {
			f.authors = append(f.authors, t)
		}
	}
}

// first returns the first value that the page gives under one of the names.
func (f *facts) first(names ...string) string {
	for _, n := range names {
		if v := f.meta[n]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// address returns the page's canonical address where it is one of the same
// site, else where it was found: a page cannot claim another site's article.
func (f *facts) address(at *url.URL) string {
	for _, ref := range []string{f.canonical, f.first("og:url"), f.news.url} {
		u, err := at.Parse(strings.TrimSpace(ref))
		if ref == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			continue
		}
		ours, theirs := digest.Host(at.String()), digest.Host(u.String())
		if theirs != ours && !strings.HasSuffix(ours, "."+theirs) && !strings.HasSuffix(theirs, "."+ours) {
			continue
		}
		if strings.Trim(u.Path, "/") == "" && strings.Trim(at.Path, "/") != "" {
			continue // a site whose every page claims to be the front page
		}
		return u.String()
	}
	return at.String()
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textOf returns the text below n on one line.
func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && (c.Parent == nil || c.Parent.DataAtom != atom.Script && c.Parent.DataAtom != atom.Style) {
			b.WriteString(c.Data)
			b.WriteByte(' ')
		}
		if b.Len() > 4096 {
			break
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// jsonld is what a page says of its article in JSON-LD.
type jsonld struct {
	headline, name, body, published, section, publisher, language, image, url string
	authors, keywords                                                         []string
	found                                                                     bool
}

// articleTypes are the schema.org types that are articles.
const articleTypes = " article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle reviewnewsarticle askpublicnewsarticle blogposting liveblogposting techarticle scholarlyarticle report advertisercontentarticle satiricalarticle socialmediaposting "

// read takes the first article of a script, in whatever list or graph it stands.
func (j *jsonld) read(script string) {
	if j.found || len(script) > 1<<20 {
		return
	}
	script = strings.TrimSpace(script)
	script = strings.TrimSuffix(strings.TrimPrefix(script, "<!--"), "-->")
	var v any
	if err := json.Unmarshal([]byte(script), &v); err != nil {
		clean := strings.Map(func(r rune) rune { // newlines inside of strings are the usual damage
			if r < ' ' {
				return ' '
			}
			return r
		}, script)
		if json.Unmarshal([]byte(clean), &v) != nil {
			return
		}
	}
	j.visit(v, 0)
}

func (j *jsonld) visit(v any, depth int) {
	if j.found || depth > 6 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			j.visit(x, depth+1)
		}
	case map[string]any:
		for _, t := range stringsOf(v["@type"]) {
			t = strings.ToLower(t[strings.LastIndexByte(t, '/')+1:])
			if strings.Contains(articleTypes, " "+t+" ") {
				j.take(v)
				return
			}
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "hasPart"} {
			j.visit(v[key], depth+1)
		}
	}
}

func (j *jsonld) take(v map[string]any) {
	j.found = true
	j.headline, j.name = firstOf(stringsOf(v["headline"])), firstOf(stringsOf(v["name"]))
	j.body = firstOf(stringsOf(v["articleBody"]))
	j.published = firstOf(stringsOf(v["datePublished"]), stringsOf(v["dateCreated"]))
	j.section = firstOf(stringsOf(v["articleSection"]))
	j.publisher = firstOf(namesOf(v["publisher"], "name"), namesOf(v["sourceOrganization"], "name"))
	j.language = firstOf(namesOf(v["inLanguage"], "alternateName"))
	j.image = firstOf(namesOf(v["image"], "url"), namesOf(v["thumbnailUrl"], "url"))
	j.url = firstOf(stringsOf(v["url"]), namesOf(v["mainEntityOfPage"], "@id"))
	j.authors = namesOf(v["author"], "name")
	if j.authors == nil {
		j.authors = namesOf(v["creator"], "name")
	}
	j.keywords = stringsOf(v["keywords"])
	if len(j.keywords) == 1 {
		j.keywords = strings.Split(j.keywords[0], ",")
	}
}

// stringsOf returns the strings of a value that is one or a list of them.
func stringsOf(v any) []string { return namesOf(v, "") }

// namesOf returns strings, and the field key of objects, one or a list of them.
func namesOf(v any, key string) []string {
	var out []string
	switch v := v.(type) {
	case string:
		if s := strings.TrimSpace(v); s != "" {
			out = append(out, s)
		}
	case []any:
		for _, x := range v[:min(len(v), 50)] {
			if _, nested := x.([]any); !nested {
				out = append(out, namesOf(x, key)...)
			}
		}
	case map[string]any:
		if key == "" {
			key = "@value"
		}
		if s, ok := v[key]; ok {
			if _, again := s.(map[string]any); !again {
				out = append(out, namesOf(s, "")...)
			}
		}
	}
	return out
}

func firstOf(lists ...[]string) string {
	for _, l := range lists {
		if len(l) > 0 {
			return l[0]
		}
	}
	return ""
}

func orString(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}
