package intake

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"nutgraf/digest"
)

var metaLine = regexp.MustCompile(`^([A-Za-z][A-Za-z_-]{1,30})\s*:\s*(.*)$`)

// plain reads a text or Markdown file: front matter, then a headed article, or
// a title on its own line, a byline, and text.
func (r *reader) plain(body []byte) {
	s := strings.ReplaceAll(string(body), "\r\n", "\n")
	var a digest.Article
	s = frontMatter(s, &a)
	given := a.Title
	a = recognise(a, s)
	if a.Title == "" && a.Marks == nil && a.Publisher == "" {
		first, rest, more := strings.Cut(a.Text, "\n\n")
		if more && titleAlone(s, first) {
			a.Title, a.Text = first, rest
		}
	}
	if a.Title != given && a.Marks == nil && len(a.Authors) == 0 {
		first, rest, more := strings.Cut(a.Text, "\n\n")
		if b, ok := parseByline(first); ok && more {
			credit(&a, b)
			a.Text = rest
		}
	}
	r.add(r.in.Name, a)
}

// titleAlone tells whether the first line of a text is a title: short, no
// sentence, and set apart by a blank line.
func titleAlone(s, first string) bool {
	top, rest, _ := strings.Cut(strings.TrimLeft(s, "\n\t "), "\n")
	next, _, _ := strings.Cut(rest, "\n")
	return utf8.RuneCountInString(first) <= 150 && !ends(first) && strings.TrimSpace(next) == "" &&
		!isItem(top) && utf8.RuneCountInString(top) >= utf8.RuneCountInString(first)
}

// frontMatter reads the "key: value" lines between "---" at the top of a
// Markdown file and returns what follows them. What is no front matter stays.
func frontMatter(s string, a *digest.Article) string {
	rest, ok := strings.CutPrefix(strings.TrimLeft(s, "\n"), "---\n")
	if !ok {
		return s
	}
	meta := make(map[string][]string)
	key, at := "", 0
	for at < len(rest) {
		line, _, _ := strings.Cut(rest[at:], "\n")
		at = min(len(rest), at+len(line)+1)
		line = strings.TrimRight(line, " \t")
		if line == "---" || line == "..." {
			fillMeta(a, meta)
			return rest[at:]
		}
		if item, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "- "); ok && key != "" {
			meta[key] = append(meta[key], unquote(item))
			continue
		}
		m := metaLine.FindStringSubmatch(line)
		if m == nil {
			if line == "" || line[0] == '#' || line[0] == ' ' || line[0] == '\t' {
				continue
			}
			return s
		}
		key = strings.ToLower(m[1])
		if m[2] != "" {
			meta[key] = append(meta[key], m[2])
		}
	}
	return s
}

// fillMeta takes what front matter or the keys of a page say.
func fillMeta(a *digest.Article, meta map[string][]string) {
	one := func(keys ...string) string {
		for _, k := range keys {
			if len(meta[k]) > 0 {
				return unquote(meta[k][0])
			}
		}
		return ""
	}
	list := func(keys ...string) []string {
		for _, k := range keys {
			if v := meta[k]; len(v) == 1 {
				return listed(v[0])
			} else if len(v) > 1 {
				return v
			}
		}
		return nil
	}
	a.Title = one("title", "headline", "titel")
	a.Authors = list("authors", "author", "autor", "by")
	if len(a.Authors) == 1 {
		if names := splitNames(byPrefix.ReplaceAllString(a.Authors[0], "")); names != nil {
			a.Authors = names
		}
	}
	a.URL = one("url", "link", "permalink", "canonical")
	a.Outlet = one("source", "outlet", "quelle")
	a.Publisher = one("publisher", "site")
	a.Category = one("category", "categories", "section", "kategorie")
	a.Tags = list("tags", "keywords")
	a.Language = one("language", "lang")
	a.Image = one("image", "cover")
	a.GUID = one("id", "guid")
	if when := one("published", "date", "datum", "pubdate", "created"); when != "" {
		a.Published = timeOrBad(when)
	}
}

// listed splits "[a, b]" and "a, b".
func listed(s string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.Trim(unquote(s), "[]"), ",") {
		if p = unquote(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// unquote drops white space and a pair of quotes.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
