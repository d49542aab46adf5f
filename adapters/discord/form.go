package discord

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	formTime      = time.Second // within which a form must be there: Discord waits 3 s for it
	formPrefix    = "f:"        // custom_id of a form that carries its settled options
	keptPrefix    = "k:"        // custom_id of a form whose options are kept here
	keptFor       = time.Hour   // in which a form may be filled in
	mostKept      = 1000        // forms and what was written into them
	betweenValues = ","         // of a field that takes several
)

// modal is a form as Discord shows it.
// https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal
type modal struct {
	CustomID   string  `json:"custom_id"`
	Title      string  `json:"title"`
	Components []label `json:"components"`
}

// label is a field of a form with what is written beside it.
type label struct {
	Type        int    `json:"type"` // 18
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	Component   field  `json:"component"`
}

// field is a text, a list or a file of a form.
type field struct {
	Type      int            `json:"type"`
	CustomID  string         `json:"custom_id"`
	Style     int            `json:"style,omitempty"` // of a text: 1 is one line
	Value     string         `json:"value,omitempty"`
	Required  bool           `json:"required"` // Discord takes true when it is not there
	MaxLength int            `json:"max_length,omitempty"`
	MinValues *int           `json:"min_values,omitempty"`
	MaxValues int            `json:"max_values,omitempty"`
	Options   []selectOption `json:"options,omitempty"`
}

// The types of components of a form.
const (
	textType  = 4
	labelType = 18
	fileType  = 19
)

// window is what is kept of a form: the command that opened it, the one that it
// runs, and what was written into it.
type window struct {
	opener, command string
	args            map[string]string // settled before
	written         map[string]string
	at              time.Time
}

// opening returns the form that a command opens, nil when it is handled as it
// is. What was written before stands in it again.
func (p *Platform) opening(ctx context.Context, h chat.Handler, spec chat.Spec, c chat.Command, before map[string]string) (*modal, error) {
	forms, ok := h.(chat.Forms)
	if !ok || !spec.OpensForm {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, formTime)
	defer cancel()
	f, err := forms.Form(ctx, c)
	if err != nil || f == nil {
		return nil, err
	}
	loc := chat.LocaleOf(ctx, h, c)
	m := &modal{CustomID: p.formID(window{opener: spec.Name, command: f.Command, args: f.Args}), Title: cutLine(f.Title, maxFormTitle)}
	for _, in := range f.Fields[:min(len(f.Fields), maxFields)] {
		if value, again := before[in.Name]; again {
			in.Value = value
		}
		m.Components = append(m.Components, inputOf(in, loc))
	}
	if len(m.Components) == 0 {
		return nil, digest.Errorf(digest.Internal, "the form of %s has no fields", spec.Name)
	}
	return m, nil
}

// inputOf renders one field. A list with more values than Discord shows is
// typed instead.
func inputOf(in chat.Input, loc chat.Locale) label {
	name := in.Label
	if strings.TrimSpace(name) == "" {
		name = in.Name
	}
	f := field{Type: textType, CustomID: in.Name, Style: 1, Value: cutLine(in.Value, maxFieldText), Required: in.Required, MaxLength: maxFieldText}
	values := in.Values
	for _, c := range in.Choices {
		values = append(values, chat.Choice{Value: c, Label: c})
	}
	switch {
	case in.File:
		f = field{Type: fileType, CustomID: in.Name, Required: in.Required, MaxValues: 1}
	case len(values) > 0 && len(values) <= maxOptions:
		chosen := []string{in.Value}
		if in.Many {
			chosen = strings.Split(in.Value, betweenValues)
		}
		f = field{Type: menuType, CustomID: in.Name, Required: in.Required, MaxValues: 1,
			Options: options(values, func(v string) bool { return slices.Contains(chosen, v) })}
		if in.Many {
			f.MaxValues = len(f.Options)
		}
		if least := 0; !in.Required {
			f.MinValues = &least
		}
	}
	out := label{Type: labelType, Label: cutLine(name, maxFieldLabel), Component: f}
	if in.Help != "" {
		out.Description = cutLine(loc.T(in.Help), maxFieldHint)
	}
	return out
}

// formID returns the custom_id of a form: with the settled options, so that
// any process takes the filled in form, or the key under which they are kept
// where that would be too long.
func (p *Platform) formID(w window) string {
	settled := make(url.Values)
	for name, value := range w.args {
		if value != "" {
			settled.Set(name, value)
		}
	}
	id := formPrefix + w.opener + "|" + w.command + "|" + settled.Encode()
	if len(id) <= maxCustomID {
		return id
	}
	return keptPrefix + p.keepForm(w)
}

// formOf returns the form of a custom_id.
func (p *Platform) formOf(id string) (window, error) {
	if key, ok := strings.CutPrefix(id, keptPrefix); ok {
		if w, ok := p.keptForm(key); ok {
			return w, nil
		}
		return window{}, digest.Errorf(digest.NotFound, "This form is too old; open it anew.")
	}
	parts := strings.SplitN(strings.TrimPrefix(id, formPrefix), "|", 3)
	if !strings.HasPrefix(id, formPrefix) || len(parts) != 3 {
		return window{}, digest.Errorf(digest.NotFound, "This form belongs to a version of the bot that does not run any more; open it anew.")
	}
	settled, err := url.ParseQuery(parts[2])
	if err != nil {
		return window{}, digest.Errorf(digest.NotFound, "This form is too old; open it anew.")
	}
	w := window{opener: parts[0], command: parts[1], args: make(map[string]string)}
	for name := range settled {
		w.args[name] = settled.Get(name)
	}
	return w, nil
}

// keepForm keeps a form for a while and returns its key.
func (p *Platform) keepForm(w window) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.at = p.now()
	if p.forms == nil {
		p.forms = make(map[string]window)
	}
	if len(p.forms) >= mostKept {
		oldest := ""
		for key, old := range p.forms {
			switch {
			case w.at.Sub(old.at) > keptFor:
				delete(p.forms, key)
			case oldest == "" || old.at.Before(p.forms[oldest].at):
				oldest = key
			}
		}
		if len(p.forms) >= mostKept {
			delete(p.forms, oldest)
		}
	}
	key := rand.Text()[:12]
	p.forms[key] = w
	return key
}

func (p *Platform) keptForm(key string) (window, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.forms[key]
	return w, ok && p.now().Sub(w.at) <= keptFor
}

// submitted is a component of a form that was filled in.
type submitted struct {
	Type       int         `json:"type"`
	CustomID   string      `json:"custom_id"`
	Value      string      `json:"value"`
	Values     []string    `json:"values"`
	Component  *submitted  `json:"component"`
	Components []submitted `json:"components"`
}

// fields collects what was filled in, by name; those of a file name it.
func fields(list []submitted, out map[string]string) {
	for _, s := range list {
		switch {
		case s.Component != nil:
			fields([]submitted{*s.Component}, out)
		case len(s.Components) > 0:
			fields(s.Components, out)
		case s.CustomID != "" && s.Value != "":
			out[s.CustomID] = s.Value
		case s.CustomID != "":
			out[s.CustomID] = strings.Join(s.Values, betweenValues)
		}
	}
}

// filled reads a form that was filled in. The returned form holds what was
// written, for when it is shown again.
func (p *Platform) filled(i interaction, specs []chat.Spec) (chat.Command, *window, error) {
	w, err := p.formOf(i.Data.CustomID)
	if err != nil {
		return chat.Command{}, nil, err
	}
	written := make(map[string]string)
	fields(i.Data.Components, written)
	w.written = written
	c := chat.Command{Name: w.command, Args: make(map[string]string)}
	for _, args := range []map[string]string{w.args, written} {
		for name, value := range args {
			if value != "" {
				c.Args[name] = value
			}
		}
	}
	at := slices.IndexFunc(specs, func(s chat.Spec) bool { return s.Name == c.Name })
	if at < 0 {
		return c, nil, digest.Errorf(digest.NotFound, "This form belongs to a version of the bot that does not run any more; open it anew.")
	}
	checked, err := chat.Check(specs[at], c)
	if err != nil {
		return c, &w, err
	}
	return checked, &w, nil
}

// reopen puts a button under an answer that opens a form again with what was
// written into it.
func (p *Platform) reopen(reply chat.Reply, again *window, loc chat.Locale) chat.Reply {
	if again == nil || !reply.Failed || len(reply.Messages) == 0 {
		return reply
	}
	last := reply.Messages[len(reply.Messages)-1]
	last.Buttons = append(slices.Clip(last.Buttons), chat.Button{Label: loc.T("Fill in again"), Line: againLine + p.keepForm(*again) + " " + again.opener, Look: chat.Primary})
	reply.Messages = append(slices.Clone(reply.Messages[:len(reply.Messages)-1]), last)
	return reply
}

// again reads the button of reopen: the command that opens the form, and the
// form as it was, as long as that is kept.
func (p *Platform) again(id string, specs []chat.Spec) (chat.Command, window) {
	key, opener, _ := strings.Cut(strings.TrimPrefix(id, linePrefix+againLine), " ")
	c := chat.Command{Name: opener, Args: make(map[string]string)}
	w, _ := p.keptForm(key)
	for _, s := range specs {
		for _, o := range s.Options {
			if value := w.args[o.Name]; s.Name == opener && value != "" {
				c.Args[o.Name] = value
			}
		}
	}
	return c, w
}
