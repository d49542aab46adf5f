package web

import (
	"net/http"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// help shows the command box with what can be written into it.
func (s *Server) help(*http.Request) (view, error) {
	return s.reply("", chat.Reply{Messages: []chat.Message{s.loc.Help(s.o.Specs)}}, "Commands"), nil
}

// command runs what the form sends: a line, or a name with its options where
// a command asked for them in a form of its own.
func (s *Server) command(r *http.Request) (view, error) {
	if err := r.ParseForm(); err != nil {
		return view{}, &digest.Error{Kind: digest.Invalid, Msg: "The form could not be read; shorten what you wrote and try again.", Err: err}
	}
	line := strings.TrimSpace(r.PostForm.Get("line"))
	c, spec, err := s.read(r, line)
	if err != nil {
		status, _ := statusOf(err)
		v := s.reply(line, chat.Problem(err), "Not understood")
		v.Status, v.Channel = status, s.channelOf(r)
		return v, nil
	}
	c.User, c.Address = userOf(r), s.address(s.channelOf(r))
	if spec.OpensForm && !complete(spec, c) {
		return view{Page: "form", Title: spec.Name, Line: line, Spec: spec, Args: c.Args, Channel: c.Address.Channel}, nil
	}
	v := s.reply(line, s.o.Handler.Handle(r.Context(), c), "Answer")
	v.Channel = c.Address.Channel
	return v, nil
}

// read returns the command of a form with its spec.
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
	for _, o := range spec.Options {
		c.Args[o.Name] = r.PostForm.Get("option-" + o.Name)
	}
	c, err := chat.Check(spec, c)
	return c, spec, err
}

// complete reports whether all required options are given.
func complete(spec chat.Spec, c chat.Command) bool {
	for _, o := range spec.Options {
		if o.Required && c.Args[o.Name] == "" {
			return false
		}
	}
	return true
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
func (s *Server) report(name string) page {
	return func(r *http.Request) (view, error) {
		if _, ok := s.spec(name); !ok {
			return s.missing(r)
		}
		c := chat.Command{Name: name, Args: map[string]string{}, User: userOf(r), Address: s.address(s.o.Channel)}
		return s.reply("", s.o.Handler.Handle(r.Context(), c), strings.ToUpper(name[:1])+name[1:]), nil
	}
}

// reply shows the answer to a command; the line stays in its box. A single
// message that has a title is the page's own.
func (s *Server) reply(line string, reply chat.Reply, title string) view {
	v := view{Page: "answer", Title: title, Line: line}
	level := 2
	if own := titleOf(reply.Messages); own != "" {
		v.Title, v.Titled, level = own, true, 1
	}
	v.Sheets = []sheet{s.sheet(reply.Messages, s.loc, "", level)}
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
