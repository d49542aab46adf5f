package intake

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nutgraf/digest/text"
)

// maxHTML is the length in bytes after which HTML is not read any further.
const maxHTML = 2 << 20

// HTMLText returns the clean text of an HTML fragment or document: blocks,
// lines and list items become paragraphs, headings paragraphs of their own,
// table cells are set apart by " · ". Scripts, navigation, asides, captions
// and what is hidden are dropped. At most 2 MB are read.
func HTMLText(fragment string) string {
	s := scan([]byte(fragment), nil)
	return text.Clean(strings.Join(s.paragraphs, "\n\n"))
}

// seen is what a scanner calls for every start tag and for the text of title
// and JSON-LD elements; text is empty for start tags.
type seen func(name string, attr map[string]string, text string)

// scanner walks HTML as a stream of tokens, so that nesting costs nothing and
// a missing end tag cannot swallow the rest of a page.
type scanner struct {
	paragraphs []string
	articles   [][2]int // ranges of paragraphs that stand in outermost article elements
	main       [2]int   // range of paragraphs of the first main element
	body       []byte   // input
	line       bytes.Buffer
	blank      bool
	skip       string // element being skipped, "" for none
	skipDepth  int
	keep       bool // skip raw elements only
	article    int  // depth of article elements
	pre        int
	tell       seen
}

// scan reads HTML. If dropped elements were not closed, or hold all the text,
// it reads again and keeps them.
func scan(body []byte, tell seen) *scanner {
	if len(body) > maxHTML {
		body = body[:maxHTML]
		if i := bytes.LastIndexByte(body, '<'); i > maxHTML-4096 {
			body = body[:i]
		}
	}
	s := &scanner{body: body, tell: tell}
	s.run()
	if s.skip != "" || len(s.paragraphs) == 0 {
		s = &scanner{body: body, keep: true}
		s.run()
	}
	return s
}

func (s *scanner) run() {
	z := html.NewTokenizer(bytes.NewReader(s.body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			s.flush()
			s.closeArticle()
			return
		case html.TextToken:
			if s.skip == "" {
				s.text(z.Text())
			}
		case html.StartTagToken:
			s.start(z, false)
		case html.SelfClosingTagToken:
			s.start(z, true)
		case html.EndTagToken:
			name, _ := z.TagName()
			s.end(string(name))
		}
	}
}

func (s *scanner) start(z *html.Tokenizer, closed bool) {
	raw, more := z.TagName()
	a := atom.Lookup(raw)
	name := a.String()
	if a == 0 {
		name = string(raw)
	}
	if s.skip != "" {
		if name == s.skip && !closed {
			s.skipDepth++
		}
		return
	}
	var attr map[string]string
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if attr == nil {
			attr = make(map[string]string, 4)
		}
		if _, twice := attr[string(key)]; !twice {
			attr[string(key)] = string(value)
		}
	}
	if s.tell != nil {
		s.tell(name, attr, "")
		if a == atom.Title || a == atom.Script && strings.Contains(attr["type"], "ld+json") {
			if z.Next() == html.TextToken {
				s.tell(name, attr, string(z.Text()))
			}
			return
		}
	}
	s.open(a, name, attr, closed)
}

// open handles a start tag outside of skipped elements.
func (s *scanner) open(a atom.Atom, name string, attr map[string]string, closed bool) {
	switch {
	case raw(a) || !s.keep && (dropped(a) || hidden(attr)):
		if isBlock(a) {
			s.flush()
		}
		if !closed && !void(a) {
			s.skip, s.skipDepth = name, 1
		}
		return
	case a == atom.Td || a == atom.Th:
		if s.line.Len() > 0 {
			s.line.WriteString(" · ")
			s.blank = true
		}
		return
	case isBlock(a):
		s.flush()
	}
	switch a {
	case atom.Pre:
		s.pre++
	case atom.Article:
		if s.article == 0 {
			s.articles = append(s.articles, [2]int{len(s.paragraphs), -1})
		}
		s.article++
	case atom.Main:
		if s.main == [2]int{} {
			s.main = [2]int{len(s.paragraphs), -1}
		}
	}
}

func (s *scanner) end(name string) {
	if s.skip != "" {
		if name == s.skip {
			if s.skipDepth--; s.skipDepth == 0 {
				s.skip = ""
			}
		}
		return
	}
	a := atom.Lookup([]byte(name))
	if isBlock(a) {
		s.flush()
	}
	switch a {
	case atom.Pre:
		s.pre = max(0, s.pre-1)
	case atom.Article:
		if s.article = max(0, s.article-1); s.article == 0 {
			s.closeArticle()
		}
	case atom.Main:
		if s.main[1] < 0 {
			s.main[1] = len(s.paragraphs)
		}
	}
}

// text adds character data to the paragraph, runs of white space as one blank.
func (s *scanner) text(data []byte) {
	for _, c := range data {
		switch c {
		case ' ', '\t', '\r', '\n', '\f':
			if s.pre > 0 && c == '\n' {
				s.line.WriteByte('\n')
			}
			s.blank = true
			continue
		}
		if s.blank && s.line.Len() > 0 {
			s.line.WriteByte(' ')
		}
		s.blank = false
		s.line.WriteByte(c)
	}
}

// flush ends the paragraph. Preformatted lines are rejoined where they were
// wrapped.
func (s *scanner) flush() {
	s.blank = false
	if s.line.Len() == 0 {
		return
	}
	whole := strings.TrimSuffix(strings.TrimSpace(s.line.String()), " ·")
	s.line.Reset()
	if strings.Contains(whole, "\n") {
		s.paragraphs = append(s.paragraphs, paragraphs(whole)...)
	} else if whole != "" {
		s.paragraphs = append(s.paragraphs, whole)
	}
}

func (s *scanner) closeArticle() {
	if n := len(s.articles); n > 0 && s.articles[n-1][1] < 0 {
		s.articles[n-1][1] = len(s.paragraphs)
	}
}

// raw tells elements whose content the tokenizer does not read as HTML; it is
// never text for readers.
func raw(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Noscript, atom.Title, atom.Textarea, atom.Iframe, atom.Noframes, atom.Noembed, atom.Xmp:
		return true
	}
	return false
}

// dropped tells elements that stand beside the text.
func dropped(a atom.Atom) bool {
	switch a {
	case atom.Nav, atom.Aside, atom.Figcaption, atom.Button, atom.Menu, atom.Dialog, atom.Rt, atom.Rp, atom.Template, atom.Svg,
		atom.Math, atom.Object, atom.Audio, atom.Video, atom.Canvas, atom.Map, atom.Select, atom.Datalist:
		return true
	}
	return false
}

func hidden(attr map[string]string) bool {
	if _, ok := attr["hidden"]; ok {
		return true
	}
	style := strings.ToLower(strings.ReplaceAll(attr["style"], " ", ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// isBlock tells elements that begin a paragraph; br is one, since it stands
// between the paragraphs of many feeds.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Caption, atom.Center, atom.Dd, atom.Details,
		atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hgroup, atom.Hr, atom.Html, atom.Iframe, atom.Legend,
		atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.Optgroup, atom.Option, atom.P, atom.Pre, atom.Section, atom.Select,
		atom.Summary, atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Title, atom.Tr, atom.Ul, atom.Video:
		return true
	}
	return false
}
