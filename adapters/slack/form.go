package slack

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// The ids in windows with forms: of the window, of inputs, and of inputs that
// also take what is not offered.
const (
	formCallback  = "form"
	inputAction   = "in:"
	freeAction    = "free:"
	channelAction = "channel"
)

// formMeta is what a window carries unseen, from where it was opened to where
// it is sent back.
type formMeta struct {
	Command string            `json:"c"`
	Args    map[string]string `json:"a,omitempty"`
	Channel string            `json:"ch,omitempty"`
	Direct  bool              `json:"d,omitempty"`
	Respond string            `json:"r,omitempty"` // response_url
	Thread  string            `json:"t,omitempty"`
	At      int64             `json:"at"` // when it was opened, in seconds
}

// modal is a window.
type modal struct {
	Type     string     `json:"type"`
	Callback string     `json:"callback_id,omitempty"`
	Metadata string     `json:"private_metadata,omitempty"`
	Title    *plainText `json:"title,omitempty"`
	Submit   *plainText `json:"submit,omitempty"`
	Blocks   []any      `json:"blocks"`
}

// inputBlock is one field of a form.
type inputBlock struct {
	Type     string     `json:"type"`
	BlockID  string     `json:"block_id"`
	Label    plainText  `json:"label"`
	Hint     *plainText `json:"hint,omitempty"`
	Optional bool       `json:"optional"`
	Element  any        `json:"element"`
}

// The elements of inputs, beside selectMenu.
type (
	textInput struct {
		Type     string `json:"type"`
		ActionID string `json:"action_id"`
		Initial  string `json:"initial_value,omitempty"`
		Decimal  *bool  `json:"is_decimal_allowed,omitempty"` // of a number_input
		Min      string `json:"min_value,omitempty"`
		Max      string `json:"max_value,omitempty"`
	}
	fileInput struct {
		Type     string `json:"type"`
		ActionID string `json:"action_id"`
		Most     int    `json:"max_files"`
	}
	channelInput struct {
		Type     string        `json:"type"`
		ActionID string        `json:"action_id"`
		Current  bool          `json:"default_to_current_conversation"`
		Respond  bool          `json:"response_url_enabled"`
		Filter   channelFilter `json:"filter"`
	}
	channelFilter struct {
		Include []string `json:"include"`
		NoBots  bool     `json:"exclude_bot_users"`
	}
)

// openForm opens the form of a command. It reports whether there is one.
func (l *listener) openForm(ctx context.Context, r request, cmd chat.Command) (bool, error) {
	forms, ok := l.handler.(chat.Forms)
	if !ok || r.trigger == "" {
		return false, nil
	}
	asked, cancel := context.WithTimeout(ctx, formTime)
	defer cancel()
	f, err := forms.Form(asked, cmd)
	if err != nil || f == nil {
		return false, err
	}
	m, err := l.window(f, r, l.locale(asked, cmd))
	if err != nil {
		return false, err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return false, err
	}
	w, err := l.p.in(ctx, r.team)
	if err != nil {
		return false, err
	}
	method := "views.open"
	if r.home == "modal" {
		method = "views.push" // on top of the window in which the button is
	}
	trigger, _, _ := strings.Cut(r.trigger, "#")
	if failed := w.call(ctx, method, url.Values{"trigger_id": {trigger}, "view": {string(raw)}}, nil); failed != nil {
		l.p.log.Warn("a form was not opened", "command", cmd.Name, "error", failed)
		return false, digest.Errorf(digest.Unavailable, "Slack did not open the form in time; try it again.")
	}
	return true, nil
}

// window returns a form as Slack shows it. Without a channel it asks for one.
func (l *listener) window(f *chat.Form, r request, loc chat.Locale) (modal, error) {
	meta := formMeta{Command: f.Command, Args: f.Args, Channel: r.channel, Direct: r.direct, Respond: r.respond, Thread: r.thread, At: l.p.now().Unix()}
	raw, err := json.Marshal(meta)
	if err == nil && size(string(raw)) > maxFormMeta {
		meta.Respond = ""
		raw, err = json.Marshal(meta)
	}
	if err != nil || size(string(raw)) > maxFormMeta {
		return modal{}, digest.Errorf(digest.TooLarge, "The command is too long for a form; shorten it.")
	}
	title, submit := literal(trimTo(f.Title, maxTitle)), literal(trimTo(f.Submit, maxTitle))
	out := modal{Type: "modal", Callback: formCallback, Metadata: string(raw), Title: &title, Submit: &submit}
	if r.channel == "" {
		out.Blocks = append(out.Blocks, inputBlock{Type: "input", BlockID: channelAction, Label: literal(loc.T("Channel")),
			Element: channelInput{Type: "conversations_select", ActionID: channelAction, Current: true, Respond: true, Filter: channelFilter{[]string{"public", "private"}, true}}})
	}
	for _, in := range f.Fields {
		b := inputBlock{Type: "input", BlockID: inputAction + in.Name, Label: literal(trimTo(in.Label, maxSmall)), Optional: !in.Required, Element: inputFor(in, loc)}
		if in.Help != "" {
			hint := literal(trimTo(loc.T(in.Help), maxHint))
			b.Hint = &hint
		}
		out.Blocks = append(out.Blocks, b)
	}
	return out, nil
}

// inputFor returns the element that takes a field.
func inputFor(in chat.Input, loc chat.Locale) any {
	id := inputAction + in.Name
	values := in.Values
	for _, c := range in.Choices {
		values = append(slices.Clip(values), chat.Choice{Value: c, Label: c})
	}
	if in.Type == chat.BoolOption && len(values) == 0 {
		values = []chat.Choice{{Value: "true", Label: loc.T("yes")}, {Value: "false", Label: loc.T("no")}}
	}
	switch {
	case in.File:
		return fileInput{Type: "file_input", ActionID: id, Most: 1}
	case in.Suggest:
		return suggested(in, id, values)
	case len(values) > 0:
		return chosen(in, id, values)
	case in.Type == chat.IntOption:
		no := false
		out := textInput{Type: "number_input", ActionID: id, Initial: in.Value, Decimal: &no}
		if in.Min != 0 || in.Max != 0 {
			out.Min, out.Max = strconv.Itoa(in.Min), strconv.Itoa(in.Max)
		}
		return out
	}
	return textInput{Type: "plain_text_input", ActionID: id, Initial: trimTo(in.Value, maxSection)}
}

// chosen is a menu of all that can be chosen, in groups where they are many.
func chosen(in chat.Input, id string, values []chat.Choice) selectMenu {
	all := options(values)
	out := selectMenu{Type: "static_select", ActionID: id, Options: all}
	out.preset(in, all)
	if len(all) > maxChoices {
		out.Options = nil
		for part := range slices.Chunk(all, maxChoices) {
			label := trimTo(part[0].Text.Text, maxLabel/2-2) + " – " + trimTo(part[len(part)-1].Text.Text, maxLabel/2-2)
			out.Groups = append(out.Groups, group{literal(label), part})
		}
	}
	return out
}

// suggested is a menu whose choices are asked for while people type. Where the
// field takes free text, what was typed is among them.
func suggested(in chat.Input, id string, values []chat.Choice) selectMenu {
	if len(values) == 0 {
		id = freeAction + in.Name
	}
	zero := 0
	out := selectMenu{Type: "external_select", ActionID: id, MinQuery: &zero}
	known := options(values)
	for v := range strings.SplitSeq(in.Value, ",") {
		if !slices.ContainsFunc(known, func(o option) bool { return o.Value == v }) {
			known = append(known, options([]chat.Choice{{Value: v, Label: v}})...)
		}
	}
	out.preset(in, known)
	return out
}

// preset chooses what a field holds already, and makes a menu one from which
// several can be chosen.
func (m *selectMenu) preset(in chat.Input, known []option) {
	var set []option
	for v := range strings.SplitSeq(in.Value, ",") {
		if i := slices.IndexFunc(known, func(o option) bool { return o.Value == v }); i >= 0 {
			set = append(set, known[i])
		}
	}
	switch {
	case in.Many:
		m.Type = "multi_" + m.Type
		m.Initials = set
	case len(set) > 0:
		m.Initial = &set[0]
	}
}

// suggest answers what may be chosen, as far as it was typed.
func (l *listener) suggest(ctx context.Context, i interaction) any {
	out := map[string][]option{"options": {}}
	var meta formMeta
	name, free := strings.CutPrefix(i.ActionID, freeAction)
	name = strings.TrimPrefix(name, inputAction)
	s, ok := l.handler.(chat.Suggester)
	if !ok || json.Unmarshal([]byte(i.View.Metadata), &meta) != nil {
		return out
	}
	r := i.base()
	if r.team == "" {
		return out
	}
	defer l.survive("the suggestion of an option")
	ctx, cancel := context.WithTimeout(ctx, formTime)
	defer cancel()
	cmd := chat.Command{Name: meta.Command, Args: meta.Args, Direct: meta.Direct, User: l.p.user(ctx, r.team, r.user, r.name),
		Address: digest.Address{Platform: "slack", Workspace: r.team, Channel: meta.Channel}}
	list := options(s.Suggest(ctx, cmd, name, i.Value))
	if typed := strings.TrimSpace(i.Value); free && typed != "" && !slices.ContainsFunc(list, func(o option) bool { return o.Value == typed }) {
		list = append(list, options([]chat.Choice{{Value: typed, Label: typed}})...)
	}
	if out["options"] = list[:min(len(list), maxChoices)]; list == nil {
		out["options"] = []option{}
	}
	return out
}
