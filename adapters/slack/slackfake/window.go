package slackfake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// triggerLife is how long a trigger_id can open a window.
const triggerLife = 3 * time.Second

// View is a window that is open, or somebody's App Home.
type View struct {
	ID, Type string
	User     string
	Raw      json.RawMessage // as it was sent last
	Updates  int             // how often it was replaced

	typed map[string]string // into a window that was sent off in vain, by block
}

// trigger is a trigger_id that was handed out.
type trigger struct {
	user string
	at   time.Time
	used bool
}

// newTrigger hands out a trigger_id.
func (s *Server) newTrigger(user string) string {
	id := s.id("trigger-")
	s.change(func() { s.triggers[id] = &trigger{user: user, at: s.now()} })
	return id
}

func (s *Server) viewsOpen(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	t := s.triggers[args.Get("trigger_id")]
	s.mu.Unlock()
	switch {
	case t == nil:
		return nil, &refusal{Code: "invalid_trigger_id"}
	case t.used:
		return nil, &refusal{Code: "exchanged_trigger_id"}
	case s.now().Sub(t.at) > triggerLife:
		return nil, &refusal{Code: "expired_trigger_id"}
	}
	if bad := CheckView([]byte(args.Get("view")), "modal"); bad != nil {
		return nil, &refusal{Code: bad.Code, Remarks: bad.Remarks}
	}
	v := View{ID: s.id("V"), Type: "modal", User: t.user, Raw: json.RawMessage(args.Get("view"))}
	s.change(func() {
		t.used = true
		s.views = append(s.views, v)
	})
	return map[string]any{"view": map[string]any{"id": v.ID, "type": v.Type}}, nil
}

func (s *Server) viewsUpdate(args url.Values) (map[string]any, *refusal) {
	if bad := CheckView([]byte(args.Get("view")), "modal"); bad != nil {
		return nil, &refusal{Code: bad.Code, Remarks: bad.Remarks}
	}
	found := false
	s.change(func() {
		for i := range s.views {
			if v := &s.views[i]; v.ID == args.Get("view_id") {
				v.Raw, found = json.RawMessage(args.Get("view")), true
				v.Updates++
			}
		}
	})
	if !found {
		return nil, &refusal{Code: "not_found"}
	}
	return map[string]any{"view": map[string]any{"id": args.Get("view_id"), "type": "modal"}}, nil
}

func (s *Server) viewsPublish(args url.Values) (map[string]any, *refusal) {
	if bad := CheckView([]byte(args.Get("view")), "home"); bad != nil {
		return nil, &refusal{Code: bad.Code, Remarks: bad.Remarks}
	}
	v := View{ID: "VHOME" + args.Get("user_id"), Type: "home", User: args.Get("user_id"), Raw: json.RawMessage(args.Get("view"))}
	s.change(func() {
		if i := slices.IndexFunc(s.views, func(o View) bool { return o.ID == v.ID }); i >= 0 {
			v.Updates = s.views[i].Updates + 1
			s.views = slices.Delete(s.views, i, i+1)
		}
		s.views = append(s.views, v)
	})
	return map[string]any{"view": map[string]any{"id": v.ID, "type": "home"}}, nil
}

// Windows returns the windows that a person has open, oldest first.
func (s *Server) Windows(user string) []View { return s.viewsOf(user, "modal") }

// Home returns the App Home of a person; false when there is none.
func (s *Server) Home(user string) (View, bool) {
	list := s.viewsOf(user, "home")
	if len(list) == 0 {
		return View{}, false
	}
	return list[0], true
}

func (s *Server) viewsOf(user, kind string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.views {
		if v.User == user && v.Type == kind {
			out = append(out, v)
		}
	}
	return out
}

// Label returns the text of the view's title, and the labels of its inputs.
func (v View) Label() string {
	var m struct {
		Title struct{ Text string }
	}
	_ = json.Unmarshal(v.Raw, &m) // checked when it was opened
	var labels []string
	for _, in := range v.Inputs() {
		labels = append(labels, in.Label)
	}
	return fmt.Sprintf("%s: %s", m.Title.Text, strings.Join(labels, ", "))
}

// Input is one field of a window.
type Input struct {
	Block, Action, Type, Label, Hint string
	Optional                         bool
	Initial                          string   // what stands in it, several with commas between
	Values                           []string // what can be chosen
}

// Inputs returns the fields of a window.
func (v View) Inputs() []Input {
	type choice struct{ Value string }
	var m struct {
		Blocks []struct {
			Type        string
			BlockID     string `json:"block_id"`
			Label, Hint struct{ Text string }
			Optional    bool
			Element     struct {
				Type, ActionID string
				Action         string   `json:"action_id"`
				Value          string   `json:"initial_value"`
				Option         choice   `json:"initial_option"`
				Several        []choice `json:"initial_options"`
				Options        []choice
				Groups         []struct{ Options []choice } `json:"option_groups"`
			}
		}
	}
	_ = json.Unmarshal(v.Raw, &m) // checked when it was opened
	var out []Input
	for _, b := range m.Blocks {
		if b.Type != "input" {
			continue
		}
		e := b.Element
		in := Input{Block: b.BlockID, Action: e.Action, Type: e.Type, Label: b.Label.Text, Hint: b.Hint.Text, Optional: b.Optional, Initial: e.Value + e.Option.Value}
		for _, g := range e.Groups {
			e.Options = append(e.Options, g.Options...)
		}
		for _, o := range e.Options {
			in.Values = append(in.Values, o.Value)
		}
		for _, o := range e.Several {
			in.Initial = strings.TrimPrefix(in.Initial+","+o.Value, ",")
		}
		if typed, ok := v.typed[b.BlockID]; ok {
			in.Initial = typed
		}
		out = append(out, in)
	}
	return out
}

// CheckView checks a view as views.open and views.publish do; nil is a good one.
func CheckView(raw []byte, kind string) *BadBlocks {
	if len(raw) > 250<<10 {
		return &BadBlocks{Code: "view_too_large"}
	}
	var v struct {
		Type, CallbackID string
		Callback         string `json:"callback_id"`
		Metadata         string `json:"private_metadata"`
		Title, Submit    map[string]any
		Blocks           []map[string]any
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return &BadBlocks{Code: "invalid_arguments", Remarks: []string{"[ERROR] view is no view"}}
	}
	c := checker{view: true}
	c.must(v.Type == kind, "/view/type", "must be "+kind)
	c.limit("/view/private_metadata", "characters", units(v.Metadata), 0, 3000)
	c.limit("/view/callback_id", "characters", units(v.Callback), 0, 255)
	c.limit("/view/blocks", "items", len(v.Blocks), 0, 100)
	inputs := false
	ids := make(map[string]bool)
	for i, b := range v.Blocks {
		at := fmt.Sprintf("/view/blocks/%d", i)
		if id, _ := b["block_id"].(string); id != "" {
			c.limit(at+"/block_id", "characters", units(id), 1, 255)
			c.must(!ids[id], at+"/block_id", "must be unique")
			ids[id] = true
		}
		inputs = inputs || b["type"] == "input"
		c.block(at, b)
	}
	if kind == "modal" {
		c.text("/view/title", any(v.Title), 24, "plain_text")
		c.must(!inputs || v.Submit != nil, "/view/submit", "is required with an input")
	}
	if v.Submit != nil {
		c.text("/view/submit", any(v.Submit), 24, "plain_text")
	}
	if len(c.remarks) > 0 {
		return &BadBlocks{Code: "invalid_arguments", Remarks: c.remarks}
	}
	return nil
}

// input checks an input block.
func (c *checker) input(at string, b map[string]any) {
	c.must(c.view, at, "inputs belong into windows")
	c.text(at+"/label", b["label"], 2000, "plain_text")
	if b["hint"] != nil {
		c.text(at+"/hint", b["hint"], 2000, "plain_text")
	}
	e, ok := b["element"].(map[string]any)
	c.must(ok, at+"/element", "must be an object")
	at += "/element"
	c.string(at+"/action_id", e["action_id"], 1, 255)
	switch kind, _ := e["type"].(string); kind {
	case "plain_text_input":
		if e["initial_value"] != nil {
			c.string(at+"/initial_value", e["initial_value"], 1, 3000)
		}
	case "number_input":
		_, ok := e["is_decimal_allowed"].(bool)
		c.must(ok, at+"/is_decimal_allowed", "must be a boolean")
	case "static_select", "multi_static_select", "external_select", "multi_external_select":
		c.menu(at, e, kind)
	case "file_input":
		n, _ := e["max_files"].(float64)
		c.must(n >= 1 && n <= 10, at+"/max_files", "must be between 1 and 10")
	case "conversations_select":
		c.must(c.view, at, "response_url_enabled belongs into windows")
	default:
		c.must(false, at+"/type", "unsupported element "+kind)
	}
}

// menu checks a select element.
func (c *checker) menu(at string, e map[string]any, kind string) {
	if e["placeholder"] != nil {
		c.text(at+"/placeholder", e["placeholder"], 150, "plain_text")
	}
	known := make(map[string]bool)
	check := func(at string, v any, most int) {
		list, ok := v.([]any)
		c.must(ok, at, "must be a list")
		c.limit(at, "items", len(list), 1, most)
		for i, o := range list {
			known[c.option(fmt.Sprintf("%s/%d", at, i), o)] = true
		}
	}
	groups, grouped := e["option_groups"].([]any)
	switch {
	case strings.HasSuffix(kind, "external_select"):
		c.must(e["options"] == nil && !grouped, at+"/options", "are asked for")
	case grouped:
		c.limit(at+"/option_groups", "items", len(groups), 1, 100)
		for i, g := range groups {
			one, _ := g.(map[string]any)
			c.text(fmt.Sprintf("%s/option_groups/%d/label", at, i), one["label"], 75, "plain_text")
			check(fmt.Sprintf("%s/option_groups/%d/options", at, i), one["options"], 100)
		}
	default:
		check(at+"/options", e["options"], 100)
	}
	initial, _ := e["initial_options"].([]any)
	if e["initial_option"] != nil {
		initial = append(initial, e["initial_option"])
		c.must(!strings.HasPrefix(kind, "multi_"), at+"/initial_option", "belongs to menus of one choice")
	}
	for i, o := range initial {
		v := c.option(fmt.Sprintf("%s/initial/%d", at, i), o)
		c.must(known[v] || strings.HasSuffix(kind, "external_select"), at+"/initial", "must be one of the options")
	}
}

// option checks an option and returns its value.
func (c *checker) option(at string, v any) string {
	o, ok := v.(map[string]any)
	c.must(ok, at, "must be an object")
	c.text(at+"/text", o["text"], 75, "plain_text")
	return c.string(at+"/value", o["value"], 1, 75)
}
