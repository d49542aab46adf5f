package slackfake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// File is a file that a person put into a form, or that the bot uploaded.
type File struct {
	ID, Name string
	Data     []byte
	Channel  string // where the bot shared it, "" for nowhere
}

// Attach puts a file at a person's hand; its id is what Submit takes for an
// input of files.
func (s *Server) Attach(name string, data []byte) string {
	f := File{ID: s.id("F"), Name: name, Data: data}
	s.change(func() { s.files = append(s.files, f) })
	return f.ID
}

// Files returns the files that the bot shared.
func (s *Server) Files() []File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.files), func(f File) bool { return f.Channel == "" })
}

// Submit sends a window off. The values are what a person fills in, by block;
// what is not named keeps what stands in it. It returns what Slack shows at the
// fields, by block; none when the window closes.
func (s *Server) Submit(ctx context.Context, v View, values map[string]string) (map[string]string, *Invocation, error) {
	state := make(map[string]any)
	var urls []any
	for _, in := range v.Inputs() {
		value, given := values[in.Block]
		if !given {
			value = in.Initial
		}
		if value == "" && !in.Optional {
			return map[string]string{in.Block: "Please complete this required field."}, nil, nil
		}
		filled, err := s.fill(in, value)
		if err != nil {
			return nil, nil, err
		}
		state[in.Block] = map[string]any{in.Action: filled}
		if in.Type == "conversations_select" {
			hook := s.id("hook-")
			s.change(func() { s.answers[hook] = &Invocation{channel: value, user: v.User, at: s.now()} })
			urls = append(urls, map[string]any{"block_id": in.Block, "action_id": in.Action, "channel_id": value, "response_url": s.hook(hook)})
		}
	}
	payload := s.viewPayload("view_submission", v)
	payload["view"].(map[string]any)["state"] = map[string]any{"values": state}
	payload["response_urls"] = urls
	inv, err := s.invoke("interactive", "", v.User, payload)
	if err != nil {
		return nil, nil, err
	}
	content, err := s.acknowledgement(ctx, inv)
	if err != nil {
		return nil, inv, err
	}
	var said struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	if len(content) > 0 {
		if err := json.Unmarshal(content, &said); err != nil {
			return nil, inv, fmt.Errorf("slackfake: the answer to a window is no JSON: %w", err)
		}
	}
	if said.Action == "errors" { // what was typed stays in the window
		typed := maps.Clone(v.typed)
		if typed == nil {
			typed = make(map[string]string)
		}
		maps.Copy(typed, values)
		s.change(func() {
			if i := slices.IndexFunc(s.views, func(o View) bool { return o.ID == v.ID }); i >= 0 {
				s.views[i].typed = typed
			}
		})
		return said.Errors, inv, nil
	}
	s.change(func() { s.views = slices.DeleteFunc(s.views, func(o View) bool { return o.ID == v.ID }) })
	return nil, inv, nil
}

// fill returns the state of an input into which a value was filled.
func (s *Server) fill(in Input, value string) (map[string]any, error) {
	out := map[string]any{"type": in.Type}
	choice := func(v string) map[string]any {
		return map[string]any{"text": map[string]any{"type": "plain_text", "text": v}, "value": v}
	}
	switch {
	case value == "":
	case in.Type == "file_input":
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, f := range s.files {
			if f.ID == value {
				out["files"] = []any{map[string]any{"id": f.ID, "name": f.Name, "size": len(f.Data), "url_private": "http://" + s.addr + "/files/" + f.ID}}
			}
		}
	case in.Type == "conversations_select":
		out["selected_conversation"] = value
	case strings.HasPrefix(in.Type, "multi_"):
		var list []any
		for v := range strings.SplitSeq(value, ",") {
			list = append(list, choice(v))
		}
		out["selected_options"] = list
	case strings.HasSuffix(in.Type, "_select"):
		if in.Type == "static_select" && !slices.Contains(in.Values, value) {
			return nil, fmt.Errorf("slackfake: %s offers no %q", in.Block, value)
		}
		out["selected_option"] = choice(value)
	default:
		out["value"] = value
	}
	return out, nil
}

// Suggest lets a person type into a menu of a window, and returns the values
// that are offered.
func (s *Server) Suggest(ctx context.Context, v View, block, typed string) ([]string, error) {
	var in Input
	for _, i := range v.Inputs() {
		if i.Block == block {
			in = i
		}
	}
	if !strings.HasSuffix(in.Type, "external_select") {
		return nil, errors.New("slackfake: nothing is asked for in " + block)
	}
	payload := s.viewPayload("block_suggestion", v)
	payload["action_id"], payload["block_id"], payload["value"] = in.Action, block, typed
	inv := &Invocation{Envelope: s.id("envelope-"), kind: "interactive", payload: payload, user: v.User, at: s.now()}
	if err := s.Again(inv); err != nil {
		return nil, err
	}
	content, err := s.acknowledgement(ctx, inv)
	if err != nil {
		return nil, err
	}
	var said struct {
		Options []map[string]any `json:"options"`
	}
	if err := json.Unmarshal(content, &said); err != nil || said.Options == nil || len(said.Options) > 100 {
		return nil, fmt.Errorf("slackfake: the answer to a suggestion has no options: %s", content)
	}
	c := checker{}
	out := []string{}
	for i, o := range said.Options {
		out = append(out, c.option(fmt.Sprintf("/options/%d", i), o))
	}
	if len(c.remarks) > 0 {
		return nil, errors.New("slackfake: " + c.remarks[0])
	}
	return out, nil
}

// viewPayload is what all payloads of a view have in common.
func (s *Server) viewPayload(kind string, v View) map[string]any {
	var view map[string]any
	_ = json.Unmarshal(v.Raw, &view) // checked when it was opened
	view["id"], view["app_installed_team_id"] = v.ID, Team
	_, u := s.place("", v.User)
	return map[string]any{"type": kind, "team": map[string]any{"id": Team, "domain": "linden"}, "api_app_id": AppID,
		"user": map[string]any{"id": v.User, "name": u.Name, "team_id": Team}, "view": view, "container": map[string]any{"type": "view", "view_id": v.ID}}
}

// Click lets a person press a button of a view.
func (s *Server) Click(v View, label string) (*Invocation, error) {
	var m struct {
		Blocks []struct {
			BlockID  string `json:"block_id"`
			Elements []map[string]any
		}
	}
	_ = json.Unmarshal(v.Raw, &m) // checked when it was opened
	for _, b := range m.Blocks {
		for _, e := range b.Elements {
			text, _ := e["text"].(map[string]any)
			if e["type"] == "button" && text["text"] == label {
				payload := s.viewPayload("block_actions", v)
				e["block_id"] = b.BlockID
				payload["actions"] = []any{e}
				return s.invoke("interactive", "", v.User, payload)
			}
		}
	}
	return nil, errors.New("slackfake: the view has no button " + label)
}

// Choose lets a person choose a value from a menu of a message.
func (s *Server) Choose(user string, p Posted, actionID, value string) (*Invocation, error) {
	action, container, err := s.acted(p, actionID)
	if err != nil {
		return nil, err
	}
	options, _ := action["options"].([]any)
	for _, o := range options {
		if o, _ := o.(map[string]any); o["value"] == value {
			action["selected_option"] = o
			return s.interact(user, p, map[string]any{"type": "block_actions", "container": container, "actions": []any{action}, "message": message(p, false)})
		}
	}
	return nil, fmt.Errorf("slackfake: the menu %s has no %q", actionID, value)
}

// Menus returns the action ids of the menus of a message.
func (p Posted) Menus() []string {
	var blocks []struct {
		Elements []struct {
			Type   string
			Action string `json:"action_id"`
		}
	}
	_ = json.Unmarshal(p.Blocks, &blocks) // checked at the post
	var out []string
	for _, b := range blocks {
		for _, e := range b.Elements {
			if e.Type == "static_select" {
				out = append(out, e.Action)
			}
		}
	}
	return out
}

// GlobalShortcut lets a person choose a shortcut that belongs to no message.
func (s *Server) GlobalShortcut(user, callbackID string) (*Invocation, error) {
	_, u := s.place("", user)
	payload := map[string]any{"type": "shortcut", "callback_id": callbackID, "team": map[string]any{"id": Team, "domain": "linden"},
		"user": map[string]any{"id": user, "username": u.Name, "team_id": Team}, "api_app_id": AppID, "trigger_id": s.newTrigger(user)}
	v := &Invocation{Envelope: s.id("envelope-"), kind: "interactive", payload: payload, user: user, at: s.now()}
	return v, s.Again(v)
}

// OpenHome lets a person open the app's home.
func (s *Server) OpenHome(user string) error {
	_, err := s.Event(map[string]any{"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"})
	return err
}

// Event delivers an event; Again delivers it a second time.
func (s *Server) Event(event map[string]any) (*Invocation, error) {
	payload := map[string]any{"type": "event_callback", "team_id": Team, "api_app_id": AppID, "event_id": s.id("Ev"), "event_time": s.now().Unix(), "event": event}
	v := &Invocation{Envelope: s.id("envelope-"), kind: "events_api", payload: payload, at: s.now()}
	return v, s.Again(v)
}
