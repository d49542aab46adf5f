package web

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// view is what a template shows.
type view struct {
	Page    string // name of the template
	Locale  chat.Locale
	Title   string
	Titled  bool // the messages show the title
	Status  int  // 0 is 200
	Text    string
	Line    string // command line that stays in its box
	Channel string // for which the command box speaks
	Sheets  []sheet
	Entries []entry
	Sources []source
	Edition digest.Edition
	Form    *form
	File    *download

	StyleTag string
	Nav      []link
	Specs    []chat.Spec
}

// dress adds what every page has.
func (s *Server) dress(v *view) {
	v.StyleTag, v.Specs = s.styleTag, s.o.Specs
	if v.Channel == "" {
		v.Channel = s.o.Channel
	}
	if !chat.Speaks(v.Locale.Language) {
		v.Locale = s.loc
	}
	loc := v.Locale
	v.Nav = []link{{loc.T("Editions"), "/"}, {loc.T("Channel"), "/channel/" + s.o.Channel}}
	if _, ok := s.spec("sources"); ok {
		v.Nav = append(v.Nav, link{loc.T("Sources"), "/sources"})
	}
	if _, ok := s.spec("status"); ok {
		v.Nav = append(v.Nav, link{loc.T("Status"), "/status"})
	}
	v.Nav = append(v.Nav, link{loc.T("Help"), "/command"})
	for i := range v.Sheets {
		for j := range v.Sheets[i].Messages {
			m := &v.Sheets[i].Messages[j]
			for k := range m.Buttons {
				m.Buttons[k].Channel = v.Channel
			}
			for k := range m.Menus {
				m.Menus[k].Channel = v.Channel
			}
		}
	}
}

type link struct{ Text, Path string }

// download is a file that an answer hands out. It stands in the page itself, so
// that the command is not run again for it.
type download struct {
	Name, Size string
	Data       template.URL // ours alone; its media type is one that no browser shows
}

// entry is an edition in the list of editions.
type entry struct {
	digest.Edition
	Date, Clock, Stories string // on the page around it
}

// source is one article of a story page.
type source struct {
	Lang              string // of the title, "" when not known
	Outlet, Title, ID string
	Link, Host        string
	Time              chat.Span
	Copy              bool
}

// sheet is a run of messages on a page.
type sheet struct{ Messages []message }

// message is a chat.Message made ready for the templates.
type message struct {
	Kind    chat.Kind
	Lang    string // of its labels
	Anchor  string
	Level   int // of the heading that is its title
	Blocks  []block
	More    chat.Link
	Host    string // of More
	Buttons []button
	Menus   []menu
}

type block struct {
	chat.Block
	Items []item
	Level int
}

type item struct {
	chat.Item
	Spans        []span
	Lang         string // of a quote, where it is not that of the message
	Open, Closed string // the marks around a quote
}

type span struct {
	chat.Span
	Href  string // "", an http(s) address, or a place on this page
	Local bool   // Href is a place on this page
}

// button runs a line for a channel, or leads to a path or an address.
type button struct {
	Label, Line, Path, URL, Channel string
	Look                            chat.Look
}

// menu is a chat.Menu with the channel for which it speaks.
type menu struct {
	chat.Menu
	ID, Channel string
}

// sheet makes messages ready; those that name no language are in the given one.
// The numbered list of a header leads to the stories that follow it. Anchors
// begin with prefix.
func (s *Server) sheet(messages []chat.Message, language, prefix string, level int) sheet {
	var out sheet
	stories := 0
	for _, m := range messages {
		if m.Kind == chat.Story {
			stories++
		}
	}
	n := 0
	for _, m := range messages {
		v := message{Kind: m.Kind, Lang: cmp.Or(m.Language, language), Level: level, More: chat.Link{Text: m.More.Text, URL: chat.WebURL(m.More.URL)}, Host: digest.Host(m.More.URL)}
		if m.Kind == chat.Story && len(messages) > 1 {
			n++
			v.Anchor, v.Level = prefix+"story-"+strconv.Itoa(n), level+1
		}
		for _, b := range m.Blocks {
			local := m.Kind == chat.Header && b.Kind == chat.Numbered && len(b.Items) == stories
			if m.Kind == chat.Notice && b.Kind == chat.Text {
				b = typed(b)
			}
			v.Blocks = append(v.Blocks, v.block(b, local, prefix))
		}
		v.Buttons, v.Menus = s.buttons(m), s.menus(m, prefix+strconv.Itoa(len(out.Messages)))
		out.Messages = append(out.Messages, v)
	}
	return out
}

// block makes a block of the message ready.
func (m message) block(b chat.Block, local bool, prefix string) block {
	out := block{Block: b, Level: m.Level}
	for i, it := range b.Items {
		v := item{Item: it}
		if b.Kind == chat.Quotes {
			v.Lang = languageOf(it)
			v.Open, v.Closed = chat.LocaleFor(cmp.Or(v.Lang, m.Lang), "").Quotes()
		}
		for j, sp := range it.Spans {
			w := span{Span: sp, Href: chat.SafeLink(sp.Text, sp.URL)}
			if local && j == 0 {
				w.Href, w.Local = "#"+prefix+"story-"+strconv.Itoa(i+1), true
			}
			v.Spans = append(v.Spans, w)
		}
		out.Items = append(out.Items, v)
	}
	return out
}

// languageOf returns the language of an item's words, "" for that of its message.
func languageOf(it chat.Item) string {
	if len(it.Spans) == 0 {
		return ""
	}
	return it.Spans[0].Language
}

// typed shows what stands between backticks in a remark as what is to be typed.
func typed(b chat.Block) chat.Block {
	items := make([]chat.Item, len(b.Items))
	for i, it := range b.Items {
		items[i] = chat.Line(runs(it.Plain())...)
	}
	b.Items = items
	return b
}

// runs splits a sentence at its backticks, if each has its partner.
func runs(sentence string) []chat.Span {
	parts := strings.Split(sentence, "`")
	if len(parts)%2 == 0 {
		return []chat.Span{chat.Plain(sentence)}
	}
	var out []chat.Span
	for i, part := range parts {
		if part != "" {
			out = append(out, chat.Span{Text: part, Code: i%2 == 1})
		}
	}
	return out
}

// buttons leaves out those whose command does not exist here. A story has a
// page of its own.
func (s *Server) buttons(m chat.Message) []button {
	var out []button
	for _, b := range m.Buttons {
		name, arg, _ := strings.Cut(b.Line, " ")
		switch {
		case chat.WebURL(b.URL) != "":
			out = append(out, button{Label: b.Label, URL: b.URL})
		case name == "story" && arg == m.ID && idForm.MatchString(arg):
			out = append(out, button{Label: b.Label, Path: "/story/" + arg})
		case s.runs(b.Line):
			out = append(out, button{Label: b.Label, Line: b.Line, Look: b.Look})
		}
	}
	return out
}

// runs reports whether the command of a line exists here. The names of some
// have two words.
func (s *Server) runs(line string) bool {
	return slices.ContainsFunc(s.o.Specs, func(spec chat.Spec) bool { return line == spec.Name || strings.HasPrefix(line, spec.Name+" ") })
}

// menus leaves out those whose command does not exist here.
func (s *Server) menus(m chat.Message, prefix string) []menu {
	var out []menu
	for i, one := range m.Menus {
		if s.runs(one.Line) && len(one.Choices) > 0 {
			out = append(out, menu{Menu: one, ID: prefix + "-menu-" + strconv.Itoa(i+1)})
		}
	}
	return out
}

// postAnchor is the prefix of the anchors of the n-th posting of a channel.
func postAnchor(n int) string { return "post-" + strconv.Itoa(n+1) + "-" }

// functions are what the templates call. T says a sentence in the language of
// the page.
func functions(loc chat.Locale) template.FuncMap {
	return template.FuncMap{
		"T":       loc.T,
		"lang":    func() string { return loc.Language },
		"foreign": func(language string) bool { return language != "" && language != loc.Language },
		"list":    loc.List,
		"number":  loc.Decimal,
		"reasons": loc.Reasons,
		"runs":    runs,
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"first":   func(n int, items []digest.Item) []digest.Item { return items[:min(n, len(items))] },
	}
}

// inputType is the type of the field in which an option is asked for.
func inputType(o chat.Option) string {
	switch o.Type {
	case chat.IntOption:
		return "number"
	case chat.DateOption:
		return "date"
	}
	return "text"
}
