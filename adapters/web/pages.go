package web

import (
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

// id returns the id in a request's path.
func id(r *http.Request, what string) (string, error) {
	v := r.PathValue("id")
	if !idForm.MatchString(v) {
		return "", digest.Errorf(digest.NotFound, "There is no such %s.", what)
	}
	return v, nil
}

// home lists the editions.
func (s *Server) home(r *http.Request) (view, error) {
	editions, err := s.o.Archive.Editions(r.Context(), s.o.Workspace, homeEditions)
	if err != nil {
		return view{}, err
	}
	v := view{Page: "home", Title: "Editions"}
	for _, e := range editions {
		loc := chat.LocaleFor(e.Language, e.Zone)
		entry := entry{Edition: e, Lang: loc.Language, Date: loc.Date(e.Due), Clock: loc.Clock(e.Due), Stories: loc.Stories(len(e.Items))}
		for _, item := range e.Items {
			entry.Headlines = append(entry.Headlines, item.Brief.Headline)
		}
		v.Entries = append(v.Entries, entry)
	}
	return v, nil
}

// edition shows one edition in full.
func (s *Server) edition(r *http.Request) (view, error) {
	id, err := id(r, "edition")
	if err != nil {
		return view{}, err
	}
	e, err := s.o.Archive.Edition(r.Context(), s.o.Workspace, id)
	if err != nil {
		return view{}, err
	}
	loc := chat.LocaleFor(e.Language, e.Zone)
	return view{Page: "edition", Title: e.Name + ", " + loc.Date(e.Due), Sheets: []sheet{s.sheet(chat.Layout(e, loc), loc, "", 1)}, Edition: e}, nil
}

// story shows one story as its command does, and all its articles.
func (s *Server) story(r *http.Request) (view, error) {
	id, err := id(r, "story")
	if err != nil {
		return view{}, err
	}
	st, err := s.o.Archive.Story(r.Context(), s.o.Workspace, id)
	if err != nil {
		return view{}, err
	}
	c := chat.Command{Name: "story", Args: map[string]string{"id": id}, User: userOf(r), Address: s.address(s.o.Channel)}
	v := s.reply("", s.o.Handler.Handle(r.Context(), c), "Story")
	v.Page = "story"
	for i := range v.Sheets[0].Messages {
		m := &v.Sheets[0].Messages[i]
		m.Blocks = slices.DeleteFunc(m.Blocks, func(b block) bool { return b.Section == chat.Sources })
		m.Buttons = slices.DeleteFunc(m.Buttons, func(b button) bool { return b.Path == r.URL.Path })
	}
	for _, a := range st.Articles {
		v.Sources = append(v.Sources, source{Outlet: a.Voice(), Title: a.Title, ID: a.ID, Link: chat.WebURL(a.URL), Host: digest.Host(a.URL),
			Time: s.loc.Stamp(a.Published), Copy: slices.Contains(st.Copies, a.ID)})
	}
	return v, nil
}

// locale returns the locale of a text in the given language.
func (s *Server) locale(language string) chat.Locale {
	loc := s.loc
	if language != "" {
		loc.Language = chat.LocaleFor(language, "").Language
	}
	return loc
}

// article shows the stored text of one article.
func (s *Server) article(r *http.Request) (view, error) {
	id, err := id(r, "article")
	if err != nil {
		return view{}, err
	}
	a, err := s.o.Archive.Article(r.Context(), s.o.Workspace, id)
	if err != nil {
		return view{}, err
	}
	loc := s.locale(a.Language)
	sh := s.sheet([]chat.Message{articleMessage(a, loc)}, loc, "", 1)
	if a.Language != "" {
		sh.Lang = a.Language
	}
	return view{Page: "article", Title: a.Title, Sheets: []sheet{sh}}, nil
}

// articleMessage lays an article out: its paragraphs, with the headings it
// brought itself.
func articleMessage(a digest.Article, loc chat.Locale) chat.Message {
	m := chat.Message{Kind: chat.Story, ID: a.ID}
	add := func(b chat.Block) { m.Blocks = append(m.Blocks, b) }
	if a.Category != "" {
		add(chat.Lines(chat.Kicker, a.Category))
	}
	add(chat.Block{Kind: chat.Title, Items: []chat.Item{chat.Line(chat.Linked(a.Title, a.URL))}})
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
		add(chat.Lines(chat.Text, paragraph))
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
	v := view{Page: "channel", Title: "Channel " + name, Channel: name}
	for i, messages := range posts(parts) {
		v.Sheets = append(v.Sheets, s.sheet(messages, s.loc, postAnchor(i), 2))
	}
	return v, nil
}

// missing answers every path without a page.
func (s *Server) missing(*http.Request) (view, error) {
	return view{}, digest.Errorf(digest.NotFound, "There is no page at this address.")
}
