package intake

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"nutgraf/digest"
)

// htmlPage reads a saved HTML document: title and facts from its JSON-LD, meta
// elements and headings, the text from its article or main element.
func htmlPage(body []byte) digest.Article {
	facts := &pageFacts{meta: make(map[string][]string)}
	s := scan(body, facts.see)
	var a digest.Article
	facts.fill(&a)
	return recognise(a, strings.Join(s.content(), "\n\n"))
}

// content returns the paragraphs of the longest article element if they are
// most of the page's text, else those of main, else all.
func (s *scanner) content() []string {
	var best []string
	for _, r := range s.articles {
		if part := s.paragraphs[r[0]:max(r[0], r[1])]; weight(part) > weight(best) {
			best = part
		}
	}
	rest := s.paragraphs
	if s.main != [2]int{} {
		end := s.main[1]
		if end < 0 {
			end = len(s.paragraphs)
		}
		rest = s.paragraphs[s.main[0]:end]
	}
	if weight(rest) == 0 {
		rest = s.paragraphs
	}
	if weight(best)*5 >= weight(rest)*2 {
		return best
	}
	return rest
}

func weight(paragraphs []string) int {
	n := 0
	for _, p := range paragraphs {
		n += len(p)
	}
	return n
}

// pageFacts collects what a document says about itself.
type pageFacts struct {
	meta   map[string][]string
	title  string
	linked []ldArticle
}

// see takes what the scanner tells.
func (f *pageFacts) see(name string, attr map[string]string, text string) {
	switch {
	case name == "title" && text != "" && f.title == "":
		f.title = strings.Join(strings.Fields(text), " ")
	case name == "script" && text != "":
		f.linked = append(f.linked, readLD([]byte(text))...)
	case name == "html" && attr["lang"] != "":
		f.meta["language"] = append(f.meta["language"], attr["lang"])
	case name == "link" && strings.EqualFold(attr["rel"], "canonical"):
		f.meta["canonical"] = append(f.meta["canonical"], attr["href"])
	case name == "meta":
		key := attr["property"]
		if key == "" {
			key = attr["name"]
		}
		if key == "" {
			key = attr["itemprop"]
		}
		if key, value := strings.ToLower(key), strings.TrimSpace(attr["content"]); key != "" && value != "" {
			f.meta[key] = append(f.meta[key], value)
		}
	case name == "time" && attr["datetime"] != "":
		f.meta["time"] = append(f.meta["time"], attr["datetime"])
	}
}

// fill gives an article what the page says, the best witness first.
func (f *pageFacts) fill(a *digest.Article) {
	var ld ldArticle
	if len(f.linked) > 0 {
		ld = f.linked[0]
	}
	first := func(values ...string) string {
		for _, v := range values {
			if v != "" {
				return v
			}
		}
		return ""
	}
	meta := func(keys ...string) string {
		for _, k := range keys {
			if len(f.meta[k]) > 0 {
				return f.meta[k][0]
			}
		}
		return ""
	}
	a.Publisher = first(meta("og:site_name"), ld.publisher, meta("application-name"))
	if strings.Contains(a.Publisher, "://") {
		a.Publisher = digest.Host(a.Publisher)
	}
	a.Title = withoutSite(first(ld.headline, meta("og:title", "twitter:title"), f.title), a.Publisher)
	a.URL = first(meta("canonical", "og:url"), ld.url)
	a.Image = first(meta("og:image", "twitter:image"), ld.image)
	a.Category = first(meta("article:section"), ld.section)
	a.Tags = f.meta["article:tag"]
	if a.Tags == nil {
		a.Tags = listed(meta("news_keywords", "keywords"))
	}
	if a.Authors = ld.authors; a.Authors == nil {
		for _, name := range append(f.meta["author"], f.meta["article:author"]...) {
			if !strings.Contains(name, "://") {
				a.Authors = appendNew(a.Authors, name)
			}
		}
	}
	if when := first(ld.published, meta("article:published_time", "datepublished", "date", "dc.date", "dcterms.created", "pubdate", "time")); when != "" {
		a.Published = timeOrBad(when)
	}
	a.Language = first(meta("language"), ld.language)
}

// withoutSite drops the name of the site from the end of a document's title.
func withoutSite(title, site string) string {
	for _, bar := range []string{" | ", " – ", " — ", " - ", " · ", " :: "} {
		if i := strings.LastIndex(title, bar); i > 0 {
			tail := title[i+len(bar):]
			if sameTitle(tail, site) || bar == " | " && utf8.RuneCountInString(tail) < 40 && i > len(tail) {
				return title[:i]
			}
		}
	}
	return title
}

// ldArticle is what JSON-LD says about an article.
type ldArticle struct {
	headline, url, image, section, publisher, published, language string
	authors                                                       []string
}

// readLD finds the articles in JSON-LD: at the top, in an array, or in @graph.
func readLD(raw []byte) []ldArticle {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	var out []ldArticle
	for i := 0; i < len(list) && i < 200; i++ {
		var o object
		if json.Unmarshal(list[i], &o) != nil {
			continue
		}
		var graph []json.RawMessage
		if json.Unmarshal(o["@graph"], &graph) == nil {
			list = append(list, graph...)
		}
		if kind := strings.ToLower(string(o["@type"])); !strings.Contains(kind, "article") && !strings.Contains(kind, "posting") {
			continue
		}
		out = append(out, ldArticle{
			headline: named1(o["headline"]), url: named1(o["url"]), image: named1(o["image"]), section: named1(o["articleSection"]),
			publisher: named1(o["publisher"]), published: named1(o["datePublished"]), language: named1(o["inLanguage"]), authors: namedAll(o["author"]),
		})
	}
	return out
}

func named1(raw json.RawMessage) string {
	if all := namedAll(raw); len(all) > 0 {
		return all[0]
	}
	return ""
}

// namedAll reads a string, an object with name or url, or a list of these.
func namedAll(raw json.RawMessage) []string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	var out []string
	for _, item := range list {
		var s string
		var o struct{ Name, URL string }
		if json.Unmarshal(item, &s) != nil && json.Unmarshal(item, &o) == nil {
			if s = o.Name; s == "" {
				s = o.URL
			}
		}
		out = appendNew(out, strings.TrimSpace(s))
	}
	return out
}
