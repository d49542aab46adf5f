package web

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	homeEditions = 60  // editions on the first page
	channelParts = 300 // messages on a channel page
)

// idForm is what an id may look like; anything else names nothing.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// found looks up what the id in a request's path names. Where there is nothing of
// that id, absent says so.
func found[T any](s *Server, r *http.Request, absent error, look func(ctx context.Context, workspace, id string) (T, error)) (out T, err error) {
	id := r.PathValue("id")
	if !idForm.MatchString(id) {
		return out, absent
	}
	out, err = look(r.Context(), s.o.Workspace, id)
	if digest.KindOf(err) == digest.NotFound {
		err = absent
	}
	return out, err
}

// home lists the editions.
func (s *Server) home(r *http.Request) (view, error) {
	editions, err := s.o.Archive.Editions(r.Context(), s.o.Workspace, homeEditions)
	if err != nil {
		return view{}, err
	}
	loc := s.locale(r)
	v := view{Page: "home", Locale: loc, Title: loc.T("Editions")}
	for _, e := range editions {
		there := chat.LocaleFor(loc.Language, e.Zone)
		v.Entries = append(v.Entries, entry{Edition: e, Date: there.Date(e.Due), Clock: there.Clock(e.Due), Stories: loc.Stories(len(e.Items))})
	}
	return v, nil
}

// edition shows one edition in full.
func (s *Server) edition(r *http.Request) (view, error) {
	e, err := found(s, r, digest.Errorf(digest.NotFound, "There is no such edition."), s.o.Archive.Edition)
	if err != nil {
		return view{}, err
	}
	own, loc := chat.LocaleFor(e.Language, e.Zone), s.locale(r)
	return view{Page: "edition", Locale: loc, Title: loc.T("%s, %s", e.Name, chat.Day{At: e.Due, Zone: e.Zone}),
		Sheets: []sheet{s.sheet(chat.Layout(e, own), own.Language, "", 1)}, Edition: e}, nil
}

// story shows one story as its command does, and all its articles.
func (s *Server) story(r *http.Request) (view, error) {
	st, err := found(s, r, digest.Errorf(digest.NotFound, "There is no such story."), s.o.Archive.Story)
	if err != nil {
		return view{}, err
	}
	c := chat.Command{Name: "story", Args: map[string]string{"id": r.PathValue("id")}, User: s.visitor(r), Address: s.address(s.o.Channel)}
	loc := s.spoken(r, c)
	v := s.reply(loc, "", s.o.Handler.Handle(r.Context(), c), chat.P("Story"))
	v.Page = "story"
	for i := range v.Sheets[0].Messages {
		m := &v.Sheets[0].Messages[i]
		m.Blocks = slices.DeleteFunc(m.Blocks, func(b block) bool { return b.Section == chat.Sources })
		m.Buttons = slices.DeleteFunc(m.Buttons, func(b button) bool { return b.Path == r.URL.Path })
	}
	for _, a := range st.Articles {
		v.Sources = append(v.Sources, source{Lang: a.Language, Outlet: a.Voice(), Title: a.Title, ID: a.ID, Link: chat.WebURL(a.URL), Host: digest.Host(a.URL),
			Time: loc.Stamp(a.Published), Copy: slices.Contains(st.Copies, a.ID)})
	}
	return v, nil
}

// article shows the stored text of one article, with labels in its language
// where that is one of ours.
func (s *Server) article(r *http.Request) (view, error) {
	a, err := found(s, r, digest.Errorf(digest.NotFound, "There is no such article."), s.o.Archive.Article)
	if err != nil {
		return view{}, err
	}
	loc := s.locale(r)
	own := loc
	if chat.Speaks(a.Language) {
		own.Language = a.Language
	}
	return view{Page: "article", Locale: loc, Title: a.Title, Sheets: []sheet{s.sheet([]chat.Message{articleMessage(a, own)}, own.Language, "", 1)}}, nil
}

// articleMessage lays an article out: its paragraphs, with the headings it
// brought itself.
func articleMessage(a digest.Article, loc chat.Locale) chat.Message {
	m := chat.Message{Kind: chat.Story, ID: a.ID}
	add := func(b chat.Block) { m.Blocks = append(m.Blocks, b) }
	if a.Category != "" {
		add(chat.Lines(chat.Kicker, a.Category))
	}
	add(chat.Block{Kind: chat.Title, Items: []chat.Item{chat.Line(loc.Foreign(a.Language, chat.Linked(a.Title, a.URL)))}})
	meta := chat.Block{Kind: chat.Meta}
	if by := loc.Byline(a.Authors, a.Voice()); by != "" {
		meta.Items = append(meta.Items, chat.Line(chat.Plain(by)))
	}
	if !a.Published.IsZero() {
		meta.Items = append(meta.Items, chat.Line(loc.Stamp(a.Published)))
	}
	add(meta)
	headings := make(map[int]digest.Section)
	for _, mark := range a.Marks {
		headings[mark.Start] = mark.Section
	}
	at := 0
	for paragraph := range strings.SplitSeq(a.Text, "\n\n") {
		if section := headings[at]; loc.Section(section) != "" {
			add(chat.Lines(chat.Heading, loc.Section(section)))
		}
		add(chat.Block{Kind: chat.Text, Items: []chat.Item{chat.Line(loc.Foreign(a.Language, chat.Plain(paragraph)))}})
		at += len(paragraph) + 2
	}
	if link := chat.WebURL(a.URL); link != "" {
		m.More = chat.Link{Text: loc.ReadMore(), URL: link}
	}
	return m
}

// channel shows what was posted to a channel of the web page.
func (s *Server) channel(r *http.Request) (view, error) {
	name := r.PathValue("name")
	if _, err := digest.ParseAddress("web:" + name); err != nil || len(name) > 100 || strings.Contains(name, "/") {
		return view{}, digest.Errorf(digest.NotFound, "There is no such channel.")
	}
	parts, err := s.o.Archive.Board(r.Context(), name, channelParts)
	if err != nil {
		return view{}, err
	}
	loc := s.locale(r)
	v := view{Page: "channel", Locale: loc, Title: loc.T("Channel %s", name), Channel: name}
	for i, messages := range posts(parts, loc) {
		v.Sheets = append(v.Sheets, s.sheet(messages, s.loc.Language, postAnchor(i), 2))
	}
	return v, nil
}

// missing answers every path without a page.
func (s *Server) missing(*http.Request) (view, error) {
	return view{}, digest.Errorf(digest.NotFound, "There is no page at this address.")
}
