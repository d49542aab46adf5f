package page

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nutgraf/digest"
	"nutgraf/digest/intake"
	"nutgraf/digest/text"
)

// enough is the number of bytes from which on a text counts as an article's.
const enough = 250

// read makes an article of a page in UTF-8.
func read(page string, at *url.URL, now time.Time) (digest.Article, error) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return digest.Article{}, digest.Errorf(digest.Invalid, "%s is nested too deeply to be read; paste the text instead", at)
	}
	f := gather(doc)
	scored, byline := score(doc, at)
	body := choose(scored, f, page)
	if strings.TrimSpace(body) == "" {
		return digest.Article{}, digest.Errorf(digest.Invalid, "%s holds no readable article; it may need a browser or a login, paste the text instead", at)
	}
	title := f.headline()
	a := intake.Structure(title, body)
	a.Title = orString(title, a.Title)
	a.URL = f.address(at)
	if names := f.people(byline); len(names) > 0 && (len(a.Authors) == 0 || len(f.news.authors) > 0) {
		a.Authors = names
	}
	a.Publisher = orString(a.Publisher, f.site())
	a.Category = orString(a.Category, line(orString(f.news.section, f.first("article:section", "og:article:section", "section")), 60))
	a.Tags = f.tags()
	a.Language = orString(f.news.language, orString(f.lang, orString(f.first("og:locale", "language", "content-language"), a.Language)))
	a.Published = f.published(now)
	a.Image = f.image(at)
	a.Workspace = digest.Shared
	return intake.Finish(a, now)
}

// score runs readability and returns the text it finds, and the byline.
func score(doc *html.Node, at *url.URL) (body, byline string) {
	p := readability.NewParser()
	p.MaxElemsToParse = maxNodes
	p.DisableJSONLD = true // gather read it
	found, err := p.ParseAndMutate(doc, at)
	if err != nil || found.Node == nil {
		return "", ""
	}
	var b strings.Builder
	if found.RenderHTML(&b) != nil {
		return "", ""
	}
	return intake.HTMLText(b.String()), found.Byline()
}

// choose returns the best text of a page: what readability found, unless the
// page's own article body is much longer; where both are thin, the paragraphs
// of <article> or <main>, or what the page says of itself.
func choose(scored string, f facts, page string) string {
	own := strings.TrimSpace(f.news.body)
	if strings.Contains(own, "<") && strings.Contains(own, ">") {
		own = intake.HTMLText(own)
	}
	best := scored
	if len(own) > enough && len(scored)*5 < len(own)*3 {
		best = own
	}
	if len(best) < enough {
		if p := paragraphs(page); len(p) > len(best) {
			best = p
		}
	}
	if strings.TrimSpace(best) == "" {
		best = f.first("og:description", "twitter:description", "description")
	}
	return best
}

// paragraphs returns the text of the <p> inside <article> or <main>, else of
// all <p>. It parses again, since readability changes the tree.
func paragraphs(page string) string {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return ""
	}
	var inside, all []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.DataAtom != atom.P {
			continue
		}
		t := textOf(n)
		if t == "" || len(all) > 2000 {
			continue
		}
		all = append(all, t)
		for p := range n.Ancestors() {
			if p.DataAtom == atom.Article || p.DataAtom == atom.Main {
				inside = append(inside, t)
				break
			}
		}
	}
	if len(inside) > 0 {
		return strings.Join(inside, "\n\n")
	}
	return strings.Join(all, "\n\n")
}

// headline returns the page's title without the site's name.
func (f *facts) headline() string {
	news := orString(f.news.headline, f.news.name)
	if f.news.name != "" && strings.Contains(f.title, f.news.name) && !strings.Contains(f.title, news) {
		news = f.news.name // some sites put their description where the headline belongs
	}
	title := orString(news, orString(f.first("dc:title", "dcterms:title", "og:title", "twitter:title", "parsely-title", "sailthru:title"), f.title))
	title = line(title, 256)
	if len(f.headings) == 1 {
		if h := line(f.headings[0], 256); title == "" || strings.HasPrefix(title, h) && len(strings.Fields(h)) >= 3 {
			return h
		}
	}
	return unsigned(title, f.siteNames())
}

// separators stand between a headline and the name of its site.
var separators = []string{" | ", " - ", " – ", " — ", " » ", " :: ", " · ", " • "}

// unsigned cuts the site's name off a title.
func unsigned(title string, sites []string) string {
	for _, sep := range separators {
		if i := strings.LastIndex(title, sep); i > 0 && signs(title[i+len(sep):], sites) {
			return unsigned(strings.TrimSpace(title[:i]), sites)
		}
		if head, rest, ok := strings.Cut(title, sep); ok && signs(head, sites) {
			return strings.TrimSpace(rest)
		}
	}
	return title
}

// signs reports whether part is one of the site's names.
func signs(part string, sites []string) bool {
	squeeze := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	p := strings.TrimPrefix(squeeze(part), "the")
	return len(p) >= 2 && slices.ContainsFunc(sites, func(s string) bool { return strings.TrimPrefix(squeeze(s), "the") == p })
}

// siteNames returns what the site is called, its host included.
func (f *facts) siteNames() []string {
	out := []string{f.news.publisher}
	for _, k := range []string{"og:site_name", "application-name", "twitter:site", "apple-mobile-web-app-title", "publisher"} {
		out = append(out, f.meta[k]...)
	}
	host := digest.Host(orString(f.canonical, f.first("og:url")))
	labels := strings.Split(host, ".")
	return slices.Concat(out, f.meta["author"], []string{host}, labels[:len(labels)-1])
}

// site returns the name of the publisher.
func (f *facts) site() string {
	return line(orString(f.news.publisher, f.first("og:site_name", "application-name", "dc:publisher", "publisher")), 100)
}

// people returns the names of the authors.
func (f *facts) people(byline string) []string {
	lists := [][]string{f.news.authors}
	for _, k := range []string{"dc:creator", "dcterms:creator", "article:author", "author", "byl", "parsely-author", "sailthru:author", "og:article:author", "citation_author"} {
		lists = append(lists, f.meta[k])
	}
	lists = append(lists, f.authors, []string{byline})
	for _, l := range lists {
		var out []string
		for _, s := range l {
			for _, n := range names(s) {
				if !slices.Contains(out, n) && len(out) < 10 {
					out = append(out, n)
				}
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// names splits a byline: "By Maya Lind and Jon Park | Linden Wire".
func names(s string) []string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	s = line(s, 300)
	if i := strings.IndexFunc(s, unicode.IsDigit); i > 0 {
		s = s[:i] // a date glued to the name
	}
	for _, cut := range []string{" | ", " • ", " · ", " – ", " — ", " on ", " Updated", " Published", " (http", " (www"} {
		s, _, _ = strings.Cut(s, cut)
	}
	for _, by := range []string{"written by ", "posted by ", "by: ", "by ", "von ", "par ", "por ", "author: "} {
		if len(s) > len(by) && strings.EqualFold(s[:len(by)], by) {
			s = s[len(by):]
			break
		}
	}
	var out []string
	for n := range strings.SplitSeq(strings.NewReplacer(" and ", ",", " And ", ",", " & ", ",", " et ", ",", " und ", ",", ";", ",").Replace(s), ",") {
		n = strings.Trim(strings.TrimSpace(n), ".:|-")
		if n == "" || strings.Contains(n, "://") || strings.ContainsAny(n, "@/") || len(strings.Fields(n)) > 6 || !strings.ContainsFunc(n, unicode.IsLetter) || strings.ContainsFunc(n, unicode.IsDigit) {
			continue
		}
		out = append(out, strings.TrimSpace(n))
	}
	return out
}

// tags returns the page's keywords.
func (f *facts) tags() []string {
	list := append(slices.Clone(f.news.keywords), f.meta["article:tag"]...)
	if len(list) == 0 {
		list = strings.Split(f.first("news_keywords", "keywords"), ",")
	}
	var out []string
	for _, s := range list {
		if s = line(s, 60); s != "" && !slices.Contains(out, s) && len(out) < 20 {
			out = append(out, s)
		}
	}
	return out
}

// published returns the first time that can be read and is not in the future.
func (f *facts) published(now time.Time) time.Time {
	list := []string{f.news.published}
	for _, k := range []string{"article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru:date", "pubdate", "publish-date", "publishdate", "ptime", "date", "dc:date", "dc:date:issued", "dcterms:date", "citation_publication_date", "og:published_time"} {
		list = append(list, f.meta[k]...)
	}
	for _, s := range append(list, f.times[:min(len(f.times), 3)]...) {
		if t, ok := intake.ParseTime(s); ok && t.Year() >= 1990 && !t.After(now.Add(24*time.Hour)) {
			return t.UTC()
		}
	}
	return time.Time{}
}

// image returns the address of the page's picture.
func (f *facts) image(at *url.URL) string {
	for _, ref := range []string{f.first("og:image", "og:image:url", "og:image:secure_url"), f.news.image, f.first("twitter:image", "twitter:image:src")} {
		if u, err := at.Parse(strings.TrimSpace(ref)); ref != "" && err == nil && (u.Scheme == "https" || u.Scheme == "http") && len(ref) < 2048 {
			return u.String()
		}
	}
	return ""
}

// line returns one clean line of what may hold markup or entities.
func line(s string, n int) string {
	if strings.ContainsAny(s, "<&") {
		s = intake.HTMLText(s)
	}
	return text.Line(s, n)
}
