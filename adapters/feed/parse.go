package feed

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"

	"nutgraf/digest"
	"nutgraf/digest/intake"
	"nutgraf/digest/text"
)

// The limits of one feed.
const (
	MaxItems = 200      // newest items that are taken
	maxBytes = 10 << 20 // size of a document
	maxAlone = 500      // items that are parsed one by one when the document is broken
)

// Feed is what one document holds.
type Feed struct {
	Title    string
	Link     string // the site it belongs to, "" when it does not say
	Language string // ISO 639-1 or longer, as given
	// Articles are the newest items, newest first. They are not finished: they
	// have no id, source, workspace or arrival yet.
	Articles []digest.Article
	Refused  []digest.Result // items that could not be read
	Dropped  int             // items beyond MaxItems
}

// Parse reads an RSS, Atom or JSON feed. contentType is the header's, base the
// address it came from. Broken documents are read as far as they go; what is
// no feed is an error of kind digest.Invalid. It never panics.
func Parse(body []byte, contentType, base string) (f Feed, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = Feed{}, digest.Caused(fmt.Errorf("panic: %v", p), digest.Invalid, "%s breaks the feed parser and is not read", base)
		}
	}()
	if len(body) > maxBytes {
		return Feed{}, digest.Errorf(digest.TooLarge, "%s is larger than %d MB and is not read", base, maxBytes>>20)
	}
	b := decode(body, contentType)
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '{' {
		g, err := parser().Parse(bytes.NewReader(t))
		if err != nil || g.FeedVersion == "" && len(g.Items) == 0 {
			return Feed{}, digest.Errorf(digest.Invalid, "%s is JSON but no JSON Feed; check the address", base)
		}
		return translate(g, base), nil
	}
	b, err = root(b, base)
	if err != nil {
		return Feed{}, err
	}
	s, err := survey(b, base)
	if err != nil {
		return Feed{}, err
	}
	g, err := parser().Parse(bytes.NewReader(b))
	if err == nil && len(g.Items) >= len(s.items) {
		return translate(g, base), nil
	}
	f, broken := salvage(b, s, base, err)
	if err == nil && (broken != nil || len(f.Articles) <= len(g.Items)) {
		return translate(g, base), nil
	}
	return f, broken
}

// parser returns a parser of its own: gofeed's are not for sharing.
func parser() *gofeed.Parser {
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	return p
}

// salvage reads the whole items of a broken document, one by one.
func salvage(b []byte, s shape, base string, cause error) (Feed, error) {
	if len(s.items) == 0 && !slices.ContainsFunc(s.open, tag.isItem) {
		if g, err := parser().Parse(bytes.NewReader(s.ended(b))); err == nil {
			return translate(g, base), nil // only the end was missing: an empty feed is a feed
		}
	}
	failed := digest.Errorf(digest.Invalid, "%s is a broken feed without a single whole item (%s); tell its operator", base, text.Line(fmt.Sprint(cause), 120))
	if len(s.items) == 0 {
		return Feed{}, failed
	}
	if last := s.before; len(last) > 0 && last[len(last)-1].end-last[0].start > maxProlog && len(s.alone(b, item{})) > maxProlog {
		return Feed{}, failed
	}
	whole, err := parser().Parse(bytes.NewReader(s.head(b)))
	if err != nil {
		whole = nil
	}
	var refused []digest.Result
	for i, it := range s.items[:min(len(s.items), maxAlone)] {
		g, err := parser().Parse(bytes.NewReader(s.alone(b, it)))
		switch {
		case err != nil || len(g.Items) == 0:
			refused = append(refused, digest.Result{Verdict: digest.Refused, Where: fmt.Sprintf("item %d of %s", i+1, base), Reason: "The item's markup is broken: " + text.Line(fmt.Sprint(err), 120)})
		case whole == nil:
			whole = g
		default:
			whole.Items = append(whole.Items, g.Items[0])
		}
	}
	if whole == nil || len(whole.Items) == 0 {
		return Feed{}, failed
	}
	f := translate(whole, base)
	f.Refused = append(refused, f.Refused...)
	f.Dropped += max(0, len(s.items)-maxAlone)
	return f, nil
}

// translate makes a Feed of the newest items of g.
func translate(g *gofeed.Feed, base string) Feed {
	from, err := url.Parse(base)
	if err != nil {
		from = &url.URL{}
	}
	f := Feed{Title: text.Line(intake.HTMLText(g.Title), 200), Link: resolve(from, g.Link), Language: language(g)}
	c := converter{feed: g, base: from, publisher: publisher(f.Title, orString(f.Link, base)), language: f.Language}
	if from.Host == "" && f.Link != "" {
		c.base, _ = url.Parse(f.Link)
	}
	order := newest(g.Items)
	f.Dropped = max(0, len(order)-MaxItems)
	for _, i := range order[:min(len(order), MaxItems)] {
		a, err := c.article(i)
		if err != nil {
			f.Refused = append(f.Refused, digest.Result{Verdict: digest.Refused, Title: a.Title, Where: fmt.Sprintf("item %d of %s", i+1, base), Reason: digest.Explain(err)})
			continue
		}
		f.Articles = append(f.Articles, a)
	}
	return f
}

// newest returns the indices of items, newest first. An undated item stands by
// the one before it.
func newest(items []*gofeed.Item) []int {
	order, when := make([]int, len(items)), make([]time.Time, len(items))
	for i, it := range items {
		order[i], when[i] = i, published(it)
		if when[i].IsZero() && i > 0 {
			when[i] = when[i-1]
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(when[b].Compare(when[a]), cmp.Compare(a, b)) })
	return order
}

func language(g *gofeed.Feed) string {
	if g.Language == "" && g.DublinCoreExt != nil && len(g.DublinCoreExt.Language) > 0 {
		return strings.TrimSpace(g.DublinCoreExt.Language[0])
	}
	return strings.TrimSpace(g.Language)
}

// sources returns the outlets that the items of an aggregator's feed name.
func sources(g *gofeed.Feed) []*rss.Source {
	r, ok := g.OriginalFeed().(*rss.Feed)
	if !ok || len(r.Items) != len(g.Items) {
		return nil
	}
	out := make([]*rss.Source, len(r.Items))
	for i, it := range r.Items {
		out[i] = it.Source
	}
	return out
}
