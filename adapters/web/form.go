package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
)

// form is a chat.Form made ready for the templates.
type form struct {
	chat.Form
	Help    string
	Opener  string // the line that opened it
	Problem string // what was wrong with what was filled in
	Upload  bool   // it takes a file
	Hidden  []hidden
	Fields  []field
}

// hidden is a field that people do not see.
type hidden struct{ Name, Value string }

// field is one field of a form.
type field struct {
	chat.Input
	Kind    string // "select", "checks", "file", or the type of an input
	Offers  []chat.Choice
	Checked map[string]bool
	Needed  string // says that it must be filled in
	Room    string // says how large a file may be
}

// form returns the form that a command opens: that of the handler, or one of
// the options that lack.
func (s *Server) form(r *http.Request, spec chat.Spec, c chat.Command) (*chat.Form, error) {
	if h, ok := s.o.Handler.(chat.Forms); ok {
		return h.Form(r.Context(), c)
	}
	if complete(spec, c) {
		return nil, nil
	}
	f := &chat.Form{Title: spec.Name, Submit: s.locale(r).T("Run"), Command: spec.Name}
	for _, o := range spec.Options {
		in := chat.Input{Option: o, Label: o.Name, Value: c.Args[o.Name]}
		for _, v := range o.Choices {
			in.Values = append(in.Values, chat.Choice{Value: v, Label: v})
		}
		f.Fields = append(f.Fields, in)
	}
	return f, nil
}

// complete reports whether all required options are given.
func complete(spec chat.Spec, c chat.Command) bool {
	return !slices.ContainsFunc(spec.Options, func(o chat.Option) bool { return o.Required && c.Args[o.Name] == "" })
}

// asked makes a form ready that a command opened.
func (s *Server) asked(r *http.Request, loc chat.Locale, c chat.Command, f chat.Form) *form {
	out := &form{Form: f, Opener: strings.TrimSpace(r.PostForm.Get("line"))}
	if spec, ok := s.spec(c.Name); ok && spec.Help != "" {
		out.Help = loc.T("%s.", loc.T(spec.Help))
	}
	for name, value := range f.Args {
		if value != "" {
			out.Hidden = append(out.Hidden, hidden{name, value})
		}
	}
	slices.SortFunc(out.Hidden, func(a, b hidden) int { return strings.Compare(a.Name, b.Name) })
	for _, in := range f.Fields {
		v := field{Input: in, Kind: inputType(in.Option), Needed: loc.T("required")}
		v.Help = loc.T(in.Help)
		switch {
		case in.File:
			v.Kind, v.Room, out.Upload = "file", loc.T("at most 1 MB"), true
		case len(in.Values) > 0 && in.Many:
			v.Kind, v.Checked = "checks", make(map[string]bool)
			for value := range strings.SplitSeq(in.Value, ",") {
				v.Checked[value] = true
			}
		case len(in.Values) > 0:
			v.Kind = "select"
		case in.Suggest:
			v.Offers = s.offers(r.Context(), f, c, in.Name)
		}
		out.Fields = append(out.Fields, v)
	}
	return out
}

// offers completes a field, as far as a page without a script can: it offers
// what there is before anything was typed.
func (s *Server) offers(ctx context.Context, f chat.Form, c chat.Command, option string) []chat.Choice {
	h, ok := s.o.Handler.(chat.Suggester)
	if !ok {
		return nil
	}
	for _, name := range []string{c.Name, f.Command} {
		c.Name = name
		if list := h.Suggest(ctx, c, option, ""); len(list) > 0 {
			return list
		}
	}
	return nil
}

// again shows a form once more with what was filled in and what is wrong with
// it. It is false when the form is not known any more.
func (s *Server) again(r *http.Request, filled chat.Command, problem error) (view, bool) {
	opener := r.PostForm.Get("opener")
	c, err := chat.Parse(s.o.Specs, opener)
	spec, ok := s.spec(c.Name)
	if err != nil || !ok || !spec.OpensForm {
		return view{}, false
	}
	c.User, c.Address = filled.User, filled.Address
	f, err := s.form(r, spec, c)
	if err != nil || f == nil {
		return view{}, false
	}
	for i, in := range f.Fields {
		f.Fields[i].Value = filled.Args[in.Name]
	}
	status, _ := statusOf(problem)
	loc := s.spoken(r, c)
	v := view{Page: "form", Locale: loc, Title: f.Title, Line: opener, Form: s.asked(r, loc, c, *f), Channel: c.Address.Channel, Status: status}
	v.Form.Opener, v.Form.Problem = opener, loc.Explain(problem)
	return v, true
}

// sizeOf says how large a file is.
func sizeOf(n int) chat.Phrase {
	if n < 1000 {
		return chat.P("%d B", n)
	}
	return chat.P("%d KB", (n+500)/1000)
}
