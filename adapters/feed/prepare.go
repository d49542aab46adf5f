package feed

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"nutgraf/digest"
)

// The limits of a document, beside the one on its size.
const (
	maxProlog = 64 << 10 // bytes before the root element
	maxDepth  = 200      // elements inside one another
)

// tag is one piece of markup of a document: body[start:end].
type tag struct {
	start, end int
	name       string // as written, with its prefix; "" for comments, declarations and CDATA
	closing    bool
	empty      bool // <name/>
}

// local returns the name without prefix, in lower case.
func (t tag) local() string { return strings.ToLower(t.name[strings.LastIndexByte(t.name, ':')+1:]) }

func (t tag) isItem() bool { return t.local() == "item" || t.local() == "entry" }

// nextTag returns the first markup at or after from. It forgives everything
// that a parser of real feeds must forgive; ok is false at the end.
func nextTag(b []byte, from int) (t tag, ok bool) {
	for {
		i := bytes.IndexByte(b[from:], '<')
		if i < 0 || from+i+1 >= len(b) {
			return tag{}, false
		}
		t.start = from + i
		rest := b[t.start:]
		switch {
		case rest[1] == '?':
			return through(b, t, 2, "?>")
		case bytes.HasPrefix(rest, []byte("<!--")):
			return through(b, t, 4, "-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			return through(b, t, 9, "]]>")
		case rest[1] == '!' && len(rest) > 2 && (rest[2]|0x20) >= 'a' && (rest[2]|0x20) <= 'z':
			return doctype(b, t)
		case rest[1] == '!':
			from = t.start + 1
			continue
		}
		n := 1
		if rest[1] == '/' {
			t.closing, n = true, 2
		}
		m := n
		for m < len(rest) && isName(rest[m]) {
			m++
		}
		if m == n {
			t.closing, from = false, t.start+1
			continue
		}
		t.name = string(rest[n:m])
		return attributes(b, t, t.start+m), true
	}
}

func through(b []byte, t tag, skip int, shut string) (tag, bool) {
	j := bytes.Index(b[t.start+skip:], []byte(shut))
	if j < 0 {
		return tag{}, false
	}
	t.end = t.start + skip + j + len(shut)
	return t, true
}

// doctype skips a declaration with its internal subset.
func doctype(b []byte, t tag) (tag, bool) {
	depth := 0
	for i := t.start; i < len(b); i++ {
		switch b[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth <= 0 {
				t.end = i + 1
				return t, true
			}
		}
	}
	return tag{}, false
}

// attributes finds the end of a tag, past quoted ">".
func attributes(b []byte, t tag, i int) tag {
	var quote byte
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && b[i-1] == '=':
			quote = c
		case c == '>':
			t.empty = b[i-1] == '/'
			t.end = i + 1
			return t
		}
	}
	t.end = len(b)
	return t
}

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_' || c == '-' || c == '.' || c >= 0x80
}

// root returns the document from its root element on, without declarations
// and without what a broken server printed before it.
func root(b []byte, base string) ([]byte, error) {
	var first tag
	for at := 0; ; {
		t, ok := nextTag(b, at)
		if !ok || t.start > maxProlog {
			break
		}
		at = t.end
		if t.name == "" || t.closing {
			continue
		}
		switch t.local() {
		case "rss", "rdf", "feed":
			return b[t.start:], nil
		case "html", "head", "body":
			return nil, notAFeed(b, base)
		}
		if first.name == "" {
			first = t
		}
	}
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		return nil, digest.Errorf(digest.Invalid, "%s sends an empty document instead of a feed; it is tried again later", base)
	case first.name == "" && len(b) > maxProlog:
		return nil, digest.Errorf(digest.Invalid, "%s has no feed within its first %d kB; check the address", base, maxProlog>>10)
	case first.name == "":
		return nil, digest.Errorf(digest.Invalid, "%s is neither RSS nor Atom nor JSON Feed; check the address", base)
	case slices.Contains([]string{"div", "p", "a", "span", "title", "meta", "link", "table", "script"}, first.local()):
		return nil, notAFeed(b, base)
	}
	return nil, digest.Errorf(digest.Invalid, "%s holds <%.40s>, which is neither RSS nor Atom; check the address", base, first.name)
}

// notAFeed says that a page is no feed, and which feeds it points at.
func notAFeed(b []byte, base string) error {
	links := Links(b, base)
	if len(links) == 0 {
		return digest.Errorf(digest.Invalid, "%s is a web page, not a feed, and names no feed; look for its RSS link", base)
	}
	return digest.Errorf(digest.Invalid, "%s is a web page, not a feed; its feed is %s", base, links[0])
}

// Links returns the addresses of the feeds that a web page names, in order.
func Links(page []byte, base string) []string {
	from, err := url.Parse(base)
	if err != nil {
		from = &url.URL{}
	}
	var out []string
	z := html.NewTokenizer(bytes.NewReader(page[:min(len(page), 1<<20)]))
	z.SetMaxBuf(256 << 10)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data != "link" {
				continue
			}
			a := make(map[string]string)
			for _, x := range t.Attr {
				a[x.Key] = x.Val
			}
			kind := strings.ToLower(a["type"])
			if !strings.Contains(strings.ToLower(a["rel"]), "alternate") || !strings.Contains(kind, "rss") && !strings.Contains(kind, "atom") && !strings.Contains(kind, "feed+json") {
				continue
			}
			if u := resolve(from, a["href"]); u != "" && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
}

// void are HTML elements that feeds leave open in unescaped descriptions.
var void = []string{"br", "hr", "img", "input", "meta", "area", "wbr", "embed", "col"}

// item is one item or entry of a document: body[start:end].
type item struct{ start, end int }

// shape is what one walk over a document's tags tells.
type shape struct {
	items  []item
	before []tag // open where the first item starts
	open   []tag // open at the end
	end    int   // where the last whole tag ends
}

// survey walks over a document's tags. It refuses what is nested too deeply.
func survey(b []byte, base string) (shape, error) {
	var s shape
	var open []tag
	begin, level := -1, 0
	for at := 0; ; {
		t, ok := nextTag(b, at)
		if !ok || b[t.end-1] != '>' {
			s.open, s.end = open, at
			return s, nil
		}
		at = t.end
		if t.name == "" {
			continue
		}
		kind := t.local()
		isItem := t.isItem()
		if !t.closing {
			if t.empty || slices.Contains(void, kind) {
				continue
			}
			if isItem && (begin < 0 || len(open) <= level) {
				if begin < 0 && s.items == nil {
					s.before = slices.Clone(open)
				}
				begin, level = t.start, len(open)
			}
			if open = append(open, t); len(open) > maxDepth {
				return s, digest.Errorf(digest.Invalid, "%s nests its elements more than %d deep and is not read", base, maxDepth)
			}
			continue
		}
		for i := len(open) - 1; i >= 0; i-- {
			if open[i].name == t.name {
				open = open[:i]
				break
			}
		}
		if isItem && begin >= 0 && len(open) <= level {
			s.items = append(s.items, item{begin, t.end})
			begin = -1
		}
	}
}

// head returns the document without its items.
func (s shape) head(b []byte) []byte { return closed(slices.Clone(b[:s.items[0].start]), s.before) }

// alone returns a document that holds one item only, for one in which another
// item is broken.
func (s shape) alone(b []byte, it item) []byte {
	var out []byte
	for _, t := range s.before {
		out = append(out, b[t.start:t.end]...)
	}
	return closed(append(out, b[it.start:it.end]...), s.before)
}

// ended returns a document whose end is missing, with one.
func (s shape) ended(b []byte) []byte { return closed(slices.Clone(b[:s.end]), s.open) }

func closed(b []byte, open []tag) []byte {
	for _, t := range slices.Backward(open) {
		b = append(b, "</"+t.name+">"...)
	}
	return b
}
