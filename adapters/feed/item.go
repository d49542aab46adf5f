package feed

import (
	"net/mail"
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

// converter makes articles of the items of one feed.
type converter struct {
	feed      *gofeed.Feed
	base      *url.URL
	publisher string
	language  string
	outlets   []*rss.Source
}

// article makes an article of item i. Its error names what is missing.
func (c *converter) article(i int) (digest.Article, error) {
	if c.outlets == nil {
		c.outlets = sources(c.feed)
	}
	it := c.feed.Items[i]
	title := text.Line(intake.HTMLText(it.Title), 256)
	a := intake.Structure(title, body(it))
	a.Title = orString(title, a.Title)
	a.GUID = strings.TrimSpace(it.GUID)
	a.URL = c.link(it)
	a.Published = published(it)
	a.Language = c.language
	if dc := it.DublinCoreExt; dc != nil && len(dc.Language) > 0 {
		a.Language = orString(strings.TrimSpace(dc.Language[0]), a.Language)
	}
	if len(a.Authors) == 0 {
		a.Authors = c.authors(it)
	}
	if i < len(c.outlets) && c.outlets[i] != nil {
		a.Outlet = orString(a.Outlet, text.Line(intake.HTMLText(c.outlets[i].Title), 100))
	}
	a.Publisher = orString(a.Publisher, c.publisher)
	a.Tags = tags(it.Categories)
	if a.Category == "" && len(a.Tags) > 0 {
		a.Category = a.Tags[0]
	}
	if a.Category == "" {
		if t := tags(c.feed.Categories); len(t) > 0 {
			a.Category = t[0]
		}
	}
	a.Image = c.image(it)
	if a.Title == "" && a.Text == "" {
		return a, digest.Errorf(digest.Invalid, "The item has neither a title nor a text.")
	}
	return a, nil
}

// body returns the text of an item, content first.
func body(it *gofeed.Item) string {
	for _, s := range []string{it.Content, it.Description, extension(it, "media", "description"), extension(it, "media", "group", "description")} {
		if t := intake.HTMLText(s); strings.TrimSpace(t) != "" {
			return t
		}
	}
	if it.ITunesExt != nil {
		return intake.HTMLText(it.ITunesExt.Summary)
	}
	return ""
}

// extension returns the text of an element of a namespace, or of its child.
func extension(it *gofeed.Item, space string, path ...string) string {
	list := it.Extensions[space][path[0]]
	for _, name := range path[1:] {
		if len(list) == 0 {
			return ""
		}
		list = list[0].Children[name]
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Value
}

// link returns the item's address; a GUID that is one stands in.
func (c *converter) link(it *gofeed.Item) string {
	if u := resolve(c.base, it.Link); u != "" {
		return u
	}
	for _, l := range it.Links {
		if u := resolve(c.base, l); u != "" {
			return u
		}
	}
	if strings.HasPrefix(it.GUID, "http://") || strings.HasPrefix(it.GUID, "https://") {
		return resolve(c.base, it.GUID)
	}
	return ""
}

// resolve returns ref as an absolute web address, "" when it is none.
func resolve(base *url.URL, ref string) string {
	ref = strings.Join(strings.Fields(ref), "%20")
	if ref == "" {
		return ""
	}
	u, err := base.Parse(ref)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(ref) > 2048 {
		return ""
	}
	return u.String()
}

// published returns when the item says it was published, zero when it does not.
func published(it *gofeed.Item) time.Time {
	if it.PublishedParsed != nil {
		return it.PublishedParsed.UTC()
	}
	if t, ok := intake.ParseTime(it.Published); ok {
		return t.UTC()
	}
	if it.UpdatedParsed != nil {
		return it.UpdatedParsed.UTC()
	}
	if t, ok := intake.ParseTime(it.Updated); ok {
		return t.UTC()
	}
	return time.Time{}
}

// authors returns the names of the item's authors; an Atom feed's own stand
// in, as its specification says.
func (c *converter) authors(it *gofeed.Item) []string {
	people := it.Authors
	if len(people) == 0 && c.feed.FeedType == "atom" {
		people = c.feed.Authors
	}
	var out []string
	for _, p := range people {
		if p == nil {
			continue
		}
		for _, n := range names(p.Name) {
			if !slices.Contains(out, n) && len(out) < 10 {
				out = append(out, n)
			}
		}
	}
	return out
}

// names splits what stands in an author element: "By A and B", "a@b.c (A)".
func names(s string) []string {
	s = text.Line(intake.HTMLText(s), 200)
	if a, err := mail.ParseAddress(s); err == nil {
		s = a.Name
	}
	if open := strings.Index(s, "@"); open >= 0 {
		if _, in, ok := strings.Cut(s, "("); ok {
			s = strings.TrimSuffix(strings.TrimSpace(in), ")")
		}
	}
	if len(s) > 3 && strings.EqualFold(s[:3], "by ") {
		s = s[3:]
	}
	var out []string
	for n := range strings.SplitSeq(strings.NewReplacer(" and ", ",", " & ", ",", ";", ",").Replace(s), ",") {
		if n = strings.TrimSpace(n); n != "" && !strings.Contains(n, "@") && !strings.Contains(n, "://") {
			out = append(out, n)
		}
	}
	return out
}

// tags cleans categories; addresses and numbers are none.
func tags(list []string) []string {
	var out []string
	for _, s := range list {
		s = text.Line(intake.HTMLText(s), 60)
		if s == "" || strings.Contains(s, "://") || strings.Trim(s, "0123456789-") == "" || slices.Contains(out, s) {
			continue
		}
		if out = append(out, s); len(out) == 20 {
			break
		}
	}
	return out
}

// image returns the address of a picture that the item names.
func (c *converter) image(it *gofeed.Item) string {
	if it.Image != nil {
		if u := resolve(c.base, it.Image.URL); u != "" {
			return u
		}
	}
	for _, e := range it.Enclosures {
		if strings.HasPrefix(e.Type, "image/") {
			if u := resolve(c.base, e.URL); u != "" {
				return u
			}
		}
	}
	media := it.Extensions["media"]
	lists := [][]string{{"thumbnail"}, {"content"}}
	for _, l := range lists {
		for _, x := range media[l[0]] {
			if kind := x.Attrs["type"] + x.Attrs["medium"]; kind == "" || strings.Contains(kind, "image") {
				if u := resolve(c.base, x.Attrs["url"]); u != "" {
					return u
				}
			}
		}
	}
	for _, g := range media["group"] {
		for _, x := range g.Children["thumbnail"] {
			if u := resolve(c.base, x.Attrs["url"]); u != "" {
				return u
			}
		}
	}
	return ""
}

// publisher returns the site's name from a feed's title: of "World | The
// Linden Ledger" the part that its host spells too, else the whole.
func publisher(title, link string) string {
	host := strings.ReplaceAll(digest.Host(link), "-", "")
	for _, sep := range []string{" | ", " - ", " – ", " — ", " » ", " > ", " :: ", ": "} {
		for part := range strings.SplitSeq(title, sep) {
			if part = strings.TrimSpace(part); part != title && spells(host, part) {
				return part
			}
		}
	}
	return title
}

// spells reports whether host holds the name's letters or its initials.
func spells(host, name string) bool {
	words := text.Words(name)
	if len(words) == 0 || host == "" {
		return false
	}
	label, _, _ := strings.Cut(host, ".")
	var initials strings.Builder
	for _, w := range words {
		initials.WriteString(w[:1])
	}
	joined := strings.TrimPrefix(strings.Join(words, ""), "the")
	return len(joined) >= 3 && strings.Contains(host, joined) || initials.Len() > 2 && label == initials.String() || len(words[0]) >= 3 && label == words[0]
}

func orString(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}
