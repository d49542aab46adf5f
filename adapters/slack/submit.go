package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// field is what was filled into one input.
type field struct {
	Type     string  `json:"type"`
	Value    *string `json:"value"`
	Selected *struct {
		Value string `json:"value"`
	} `json:"selected_option"`
	Several []struct {
		Value string `json:"value"`
	} `json:"selected_options"`
	Channel string       `json:"selected_conversation"`
	Files   []sharedFile `json:"files"`
}

// value returns what the field holds, as a command takes it.
func (f field) value() string {
	switch {
	case f.Selected != nil:
		return f.Selected.Value
	case f.Value != nil:
		return *f.Value
	}
	list := make([]string, len(f.Several))
	for i, s := range f.Several {
		list[i] = s.Value
	}
	return strings.Join(list, ",")
}

// form is a form that was filled in.
type form struct {
	meta  formMeta
	args  map[string]string
	files []sharedFile
}

// command returns the command that a form runs.
func (f form) command(specs []chat.Spec) (chat.Command, error) {
	i := slices.IndexFunc(specs, func(s chat.Spec) bool { return s.Name == f.meta.Command })
	if i < 0 {
		return chat.Command{}, digest.Errorf(digest.NotFound, "This form is from another version of the app; open it again.")
	}
	return chat.Check(specs[i], chat.Command{Name: specs[i].Name, Args: f.args})
}

// wrongFields tells Slack which fields to show as wrong, by their blocks.
type wrongFields struct {
	Action string            `json:"response_action"`
	Errors map[string]string `json:"errors"`
}

// maxWrong is how long the sentence at a wrong field gets, in characters.
const maxWrong = 300

// submitted takes a form: what is wrong is shown at its field, else the window
// closes and the command is answered where the form was opened.
func (l *listener) submitted(ctx context.Context, d delivery, i interaction) (any, error) {
	r := i.base()
	var meta formMeta
	if i.View.Callback != formCallback || json.Unmarshal([]byte(i.View.Metadata), &meta) != nil {
		return nil, nil
	}
	r.channel, r.direct, r.thread = meta.Channel, meta.Direct, meta.Thread
	if l.p.now().Sub(time.Unix(meta.At, 0)) < responseLife-time.Minute {
		r.respond = meta.Respond
	}
	f := form{meta: meta, args: make(map[string]string)}
	for k, v := range meta.Args {
		f.args[k] = v
	}
	blocks := make(map[string]string) // by option
	for block, actions := range i.View.State.Values {
		for action, in := range actions {
			name := strings.TrimPrefix(strings.TrimPrefix(action, freeAction), inputAction)
			switch {
			case action == channelAction:
				r.channel, r.direct = in.Channel, direct(in.Channel, "")
			case in.Type == "file_input":
				f.files = append(f.files, in.Files...)
			default:
				f.args[name], blocks[name] = in.value(), block
			}
		}
	}
	for _, u := range i.ResponseURLs {
		if u.ChannelID == r.channel {
			r.respond = u.URL
		}
	}
	if wrong := l.wrong(ctx, r, f, blocks); wrong != nil {
		return wrong, nil
	}
	r.filled, r.line = &f, fmt.Sprint("form of ", meta.Command)
	if !d.told || len(blocks) == 0 {
		return nil, l.start(d, r)
	}
	d.told = false // the window says it, and stays
	if err := l.start(d, r); err != nil {
		return wrongFields{"errors", map[string]string{topmost(blocks): clip(l.hurried(ctx, r).Explain(err), maxWrong)}}, nil
	}
	return nil, nil
}

// wrong returns what is wrong with the fields of a form; nil when nothing is.
func (l *listener) wrong(ctx context.Context, r request, f form, blocks map[string]string) any {
	where := chat.Command{Name: f.meta.Command, Direct: r.direct, Address: digest.Address{Platform: "slack", Workspace: r.team, Channel: r.channel}}
	out := wrongFields{"errors", make(map[string]string)}
	for _, o := range l.spec(f.meta.Command).Options {
		block, ok := blocks[o.Name]
		if !ok {
			continue
		}
		if _, err := chat.Check(chat.Spec{Name: f.meta.Command, Options: []chat.Option{o}}, chat.Command{Args: map[string]string{o.Name: f.args[o.Name]}}); err != nil {
			out.Errors[block] = clip(l.locale(ctx, where).Explain(err), maxWrong)
		}
	}
	if _, err := f.command(l.specs); err != nil && len(out.Errors) == 0 && len(blocks) > 0 {
		out.Errors[topmost(blocks)] = clip(l.locale(ctx, where).Explain(err), maxWrong)
	}
	if len(out.Errors) == 0 {
		return nil
	}
	return out
}

// topmost returns the block that stands for a whole form.
func topmost(blocks map[string]string) string { return slices.Min(slices.Collect(maps.Values(blocks))) }
