package web

import (
	"cmp"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/text"
)

// help shows the command box with what can be written into it.
func (s *Server) help(r *http.Request) (view, error) {
	loc := s.locale(r)
	return s.reply(loc, "", chat.Reply{Messages: []chat.Message{loc.Help(s.o.Specs)}}, chat.P("Commands")), nil
}

// command runs what a page sends: a line, the line of a menu with the value
// that was chosen, or the command of a form with its fields.
func (s *Server) command(r *http.Request) (view, error) {
	if err := readForm(r); err != nil {
		return view{}, err
	}
	line, chosen := strings.TrimSpace(r.PostForm.Get("line")), r.PostForm.Get("value")
	if chosen != "" {
		line += " " + chosen
	}
	c, spec, err := s.read(r, line)
	c.User, c.Address = s.visitor(r), s.address(s.channelOf(r))
	loc := s.spoken(r, c)
	submitted := r.PostForm.Get("name") != ""
	switch {
	case err != nil && submitted:
		if v, ok := s.again(r, c, err); ok {
			return v, nil
		}
		fallthrough
	case err != nil:
		status, _ := statusOf(err)
		v := s.reply(loc, line, loc.Problem(err), chat.P("Not understood"))
		v.Status, v.Channel = status, s.channelOf(r)
		return v, nil
	case spec.OpensForm && !submitted:
		f, err := s.form(r, spec, c)
		if err != nil {
			return s.reply(loc, line, loc.Problem(err), chat.P("Not possible")), nil
		}
		if f != nil {
			return view{Page: "form", Locale: loc, Title: f.Title, Line: line, Form: s.asked(r, loc, c, *f), Channel: c.Address.Channel}, nil
		}
	}
	v := s.reply(loc, line, s.o.Handler.Handle(r.Context(), c), chat.P("Answer"))
	v.Channel = c.Address.Channel
	return v, nil
}

// readForm reads what a page sends, files included, into memory.
func readForm(r *http.Request) error {
	err := r.ParseForm()
	if err == nil && uploads(r) {
		err = r.ParseMultipartForm(maxUpload)
	}
	if err != nil {
		return digest.Caused(err, digest.Invalid, "The form could not be read; shorten what you wrote and try again.")
	}
	return nil
}

// read returns the command of a form with its spec. What was sent as a file
// counts as the value of its option, too.
func (s *Server) read(r *http.Request, line string) (chat.Command, chat.Spec, error) {
	name := r.PostForm.Get("name")
	if name == "" {
		c, err := chat.Parse(s.o.Specs, line)
		spec, _ := s.spec(c.Name)
		return c, spec, err
	}
	spec, ok := s.spec(name)
	if !ok {
		return chat.Command{}, chat.Spec{}, digest.Errorf(digest.NotFound, "There is no such command.")
	}
	c := chat.Command{Name: name, Args: make(map[string]string)}
	var err error
	for _, o := range spec.Options {
		given := slices.DeleteFunc(slices.Clone(r.PostForm["option-"+o.Name]), func(v string) bool { return v == "" })
		c.Args[o.Name] = strings.Join(given, ",")
		if o.File {
			c.File, c.Args[o.Name], err = attached(r, "option-"+o.Name)
		}
	}
	if err != nil {
		return c, spec, err
	}
	checked, err := chat.Check(spec, c)
	if err != nil {
		return c, spec, err
	}
	return checked, spec, nil
}

// attached returns a file that was sent, and its name; nothing where none was.
func attached(r *http.Request, field string) ([]byte, string, error) {
	f, head, err := r.FormFile(field)
	if err != nil {
		return nil, "", nil
	}
	defer f.Close()
	if head.Size > chat.MaxFile {
		return nil, "", digest.Errorf(digest.TooLarge, "The file is larger than 1 MB; attach a smaller one.")
	}
	data, err := io.ReadAll(f)
	return data, text.Line(head.Filename, 80), err
}

// channelOf returns the channel for which a form speaks.
func (s *Server) channelOf(r *http.Request) string {
	name := r.PostForm.Get("channel")
	if _, err := digest.ParseAddress("web:" + name); err != nil || len(name) > 100 || strings.Contains(name, "/") {
		return s.o.Channel
	}
	return name
}

// address is where the commands of a page are given.
func (s *Server) address(channel string) digest.Address {
	return digest.Address{Platform: "web", Channel: channel}
}

func (s *Server) spec(name string) (chat.Spec, bool) {
	for _, spec := range s.o.Specs {
		if spec.Name == name {
			return spec, true
		}
	}
	return chat.Spec{}, false
}

// report shows the answer to a command that only looks.
func (s *Server) report(name string, title chat.Phrase) page {
	return func(r *http.Request) (view, error) {
		if _, ok := s.spec(name); !ok {
			return s.missing(r)
		}
		c := chat.Command{Name: name, Args: map[string]string{}, User: s.visitor(r), Address: s.address(s.o.Channel)}
		return s.reply(s.spoken(r, c), "", s.o.Handler.Handle(r.Context(), c), title), nil
	}
}

// reply shows the answer to a command; the line stays in its box. A single
// message that has a title is the page's own.
func (s *Server) reply(loc chat.Locale, line string, reply chat.Reply, title chat.Phrase) view {
	v := view{Page: "answer", Locale: loc, Title: title.In(loc), Line: line}
	level := 2
	if own := titleOf(reply.Messages); own != "" {
		v.Title, v.Titled, level = own, true, 1
	}
	v.Sheets = []sheet{s.sheet(reply.Messages, cmp.Or(reply.Language, loc.Language), "", level)}
	if f := reply.File; len(f.Data) > 0 {
		v.File = &download{Name: f.Name, Size: sizeOf(len(f.Data)).In(loc), Data: template.URL("data:application/octet-stream;base64," + base64.StdEncoding.EncodeToString(f.Data))}
	}
	return v
}

// titleOf returns the title of the first message when no other one needs a
// heading of the same rank.
func titleOf(messages []chat.Message) string {
	if len(messages) == 0 || len(messages) > 1 && messages[0].Kind != chat.Header {
		return ""
	}
	for _, b := range messages[0].Blocks {
		if b.Kind == chat.Title && len(b.Items) > 0 {
			return b.Items[0].Plain()
		}
	}
	return ""
}
