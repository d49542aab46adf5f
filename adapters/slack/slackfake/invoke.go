package slackfake

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The limits of a response_url.
const (
	maxResponses = 5
	responseLife = 30 * time.Minute
)

// Response is what was posted to a response_url.
type Response struct {
	Type     string          `json:"response_type"`
	Replace  bool            `json:"replace_original"`
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	ThreadTS string          `json:"thread_ts"`
	Raw      json.RawMessage `json:"-"` // as it was sent
	Inline   bool            `json:"-"` // it was in the acknowledgement
}

// Invocation is one command, press or shortcut of a user.
type Invocation struct {
	Envelope string
	kind     string
	payload  map[string]any
	channel  string
	user     string
	at       time.Time
	said     []Response
	refused  int

	deliveries   int
	acknowledged []byte // what the acknowledgement held; nil before it
	failed       string // why nothing came of it, for the person; "" for nothing
}

// errDeaf is returned when no socket is open.
var errDeaf = errors.New("slackfake: no socket is open, so that nobody hears")

// Slash lets a user type a slash command; text is what stands behind it.
func (s *Server) Slash(user, channel, text string) (*Invocation, error) {
	c, u := s.place(channel, user)
	return s.invoke("slash_commands", channel, user, map[string]any{
		"token": "old", "team_id": Team, "team_domain": "linden", "channel_id": channel, "channel_name": c.Name, "user_id": user,
		"user_name": u.Name, "command": "/digest", "text": text, "api_app_id": AppID, "is_enterprise_install": "false",
	})
}

// Press lets a user press a button of a message. Where several blocks have one
// of that id, "2@" before it means that of the third block.
func (s *Server) Press(user string, p Posted, actionID string) (*Invocation, error) {
	action, container, err := s.acted(p, actionID)
	if err != nil {
		return nil, err
	}
	return s.interact(user, p, map[string]any{"type": "block_actions", "container": container, "actions": []any{action}, "message": message(p, false)})
}

// acted returns the button or menu of a message, and where it is.
func (s *Server) acted(p Posted, actionID string) (action, container map[string]any, err error) {
	var blocks []struct {
		Elements []map[string]any `json:"elements"`
	}
	_ = json.Unmarshal(p.Blocks, &blocks)
	only, id := -1, actionID
	if at, rest, ok := strings.Cut(actionID, "@"); ok {
		if n, err := strconv.Atoi(at); err == nil {
			only, id = n, rest
		}
	}
	for i, b := range blocks {
		for _, e := range b.Elements {
			if e["action_id"] == id && (only < 0 || only == i) {
				action = e
			}
		}
	}
	if action == nil {
		return nil, nil, errors.New("slackfake: the message has no button " + actionID)
	}
	action["action_ts"] = p.TS
	container = map[string]any{"type": "message", "message_ts": p.TS, "channel_id": p.Channel, "is_ephemeral": p.For != ""}
	if p.ThreadTS != "" {
		container["thread_ts"] = p.ThreadTS
	}
	return action, container, nil
}

// Shortcut lets a user choose a message shortcut on a message.
func (s *Server) Shortcut(user string, p Posted, callbackID string) (*Invocation, error) {
	return s.interact(user, p, map[string]any{"type": "message_action", "callback_id": callbackID, "message_ts": p.TS, "message": message(p, false)})
}

func (s *Server) interact(user string, p Posted, payload map[string]any) (*Invocation, error) {
	c, u := s.place(p.Channel, user)
	team := u.Team
	if team == "" {
		team = Team
	}
	payload["team"] = map[string]any{"id": Team, "domain": "linden"}
	payload["channel"] = map[string]any{"id": p.Channel, "name": c.Name}
	payload["user"] = map[string]any{"id": user, "username": u.Name, "name": u.Name, "team_id": team}
	payload["api_app_id"] = AppID
	return s.invoke("interactive", p.Channel, user, payload)
}

func (s *Server) place(channel, user string) (Channel, User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, _ := s.channel(channel)
	u, _ := s.user(user)
	return c, u
}

func (s *Server) invoke(kind, channel, user string, payload map[string]any) (*Invocation, error) {
	hook := s.id("hook-")
	if channel != "" { // what happens in views has none
		payload["response_url"] = s.hook(hook)
	}
	payload["trigger_id"] = s.newTrigger(user)
	v := &Invocation{Envelope: s.id("envelope-"), kind: kind, payload: payload, channel: channel, user: user, at: s.now()}
	s.change(func() { s.answers[hook] = v })
	return v, s.Again(v)
}

// Again delivers an invocation, also a second time.
func (s *Server) Again(v *Invocation) error {
	s.mu.Lock()
	out := s.out
	s.mu.Unlock()
	if out != nil {
		return s.postOut(*out, v)
	}
	if !s.deliver(v) {
		return errDeaf
	}
	return nil
}

// hook returns a response_url.
func (s *Server) hook(id string) string { return "http://" + s.addr + "/commands/" + Team + "/" + id }

// Responses returns what was answered to an invocation so far.
func (s *Server) Responses(v *Invocation) []Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Response(nil), v.said...)
}

// Acknowledged reports whether an invocation was acknowledged.
func (s *Server) Acknowledged(v *Invocation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return v.acknowledged != nil
}

// Refusals returns how many answers to an invocation came too late, were too
// many or were malformed.
func (s *Server) Refusals(v *Invocation) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return v.refused
}

// serveResponse is a response_url.
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	hook := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if f, failing := s.fault("response_url", nil); failing {
		s.fail(w, r, f, nil)
		return
	}
	said, problem := readResponse(raw)
	status, body := http.StatusOK, "ok"
	var v *Invocation
	s.change(func() {
		v = s.answers[hook]
		switch {
		case r.Method != http.MethodPost || v == nil:
			status, body = http.StatusNotFound, "no_such_url"
		case s.now().Sub(v.at) > responseLife:
			status, body = http.StatusNotFound, "expired_url"
		case v.uses() >= maxResponses:
			status, body = http.StatusNotFound, "used_url"
		case err != nil || problem != "":
			status, body = http.StatusBadRequest, cmp.Or(problem, "invalid_payload")
		default:
			v.said = append(v.said, said)
			s.bodies = append(s.bodies, Body{"response_url", raw})
			return
		}
		s.lost = append(s.lost, "response_url: "+body)
		if v != nil {
			v.refused++
		}
	})
	if status == http.StatusOK {
		s.show(v, said)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// uses counts the posts to the response_url: what was in the acknowledgement is
// none.
func (v *Invocation) uses() int {
	n := 0
	for _, r := range v.said {
		if !r.Inline {
			n++
		}
	}
	return n
}

// show puts an answer into the channel, or in the place of what was pressed.
func (s *Server) show(v *Invocation, said Response) {
	p := Posted{Channel: v.channel, ThreadTS: said.ThreadTS, Text: said.Text, Blocks: said.Blocks, User: BotUser, For: v.user}
	if said.Type == "in_channel" {
		p.For = ""
	}
	container, _ := v.payload["container"].(map[string]any)
	if ts, _ := container["message_ts"].(string); said.Replace && ts != "" {
		s.change(func() {
			for _, o := range s.posts {
				if o.Channel == v.channel && o.TS == ts {
					o.Text, o.Blocks, o.Edits = said.Text, said.Blocks, o.Edits+1
				}
			}
		})
		return
	}
	s.store(p)
}
