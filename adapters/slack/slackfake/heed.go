package slackfake

import (
	"encoding/json"
	"slices"
	"strings"
)

// Slackbot is who tells a person that a command came to nothing.
const Slackbot = "USLACKBOT"

// Body is what an invocation was answered with, as it was sent.
type Body struct {
	To   string // slash_commands, view_submission or block_suggestion: the acknowledgement; response_url
	JSON json.RawMessage
}

// Bodies returns what invocations were answered with, by whichever way, oldest
// first.
func (s *Server) Bodies() []Body {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bodies)
}

// Lost returns what people did not get to see, and why: answers that were not
// taken, and what was not acknowledged in time.
func (s *Server) Lost() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lost)
}

// asks is what an invocation wants to know, by the type of its payload.
func (v *Invocation) asks() string {
	if kind, _ := v.payload["type"].(string); v.kind == "interactive" {
		return kind
	}
	return v.kind
}

// heed takes the content of an acknowledgement: a command may be answered with a
// message, a window is told what becomes of it, a menu what can be chosen. All
// else has none.
func (s *Server) heed(v *Invocation, media string, content []byte) {
	kind, problem := v.asks(), ""
	var said Response
	switch {
	case len(content) == 0:
	case kind == "slash_commands" && !strings.HasPrefix(media, "application/json"):
		said = Response{Type: "ephemeral", Text: string(content)} // as it stands
	case kind == "slash_commands":
		said, problem = readResponse(content)
	case kind == "view_submission":
		problem = v.closing(content)
	case kind != "block_suggestion": // of which Suggest judges
		problem = "nothing can be said in its acknowledgement"
	}
	if problem != "" {
		s.lose(v, problem)
	}
	shown := kind == "slash_commands" && len(content) > 0 && problem == ""
	said.Raw, said.Inline = content, true
	s.change(func() {
		v.acknowledged = append([]byte{}, content...)
		if len(content) > 0 {
			s.bodies = append(s.bodies, Body{kind, v.acknowledged})
		}
		if shown {
			v.said = append(v.said, said)
		}
	})
	if shown {
		s.show(v, said)
	}
}

// closing says what Slack does not take in the answer to a window.
func (v *Invocation) closing(content []byte) string {
	var said struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if err := json.Unmarshal(content, &said); err != nil {
		return "the answer to a window is no JSON"
	}
	switch said.Action {
	case "clear":
	case "update", "push":
		if bad := CheckView(said.View, "modal"); bad != nil {
			return bad.Code
		}
	case "errors":
		raw, _ := json.Marshal(v.payload["view"]) // it was made from JSON
		ids := make(map[string]bool)
		for _, in := range (View{Raw: raw}).Inputs() {
			ids[in.Block] = true
		}
		for block := range said.Errors {
			if !ids[block] {
				return "the window has no input " + block
			}
		}
		if len(said.Errors) == 0 {
			return "there are no errors"
		}
	default:
		return "unknown response_action " + said.Action
	}
	return ""
}

// lose remembers that something did not reach a person, who is told where Slack
// does so.
func (s *Server) lose(v *Invocation, why string) {
	s.change(func() {
		v.refused++
		v.failed = why
		s.lost = append(s.lost, v.asks()+": "+why)
	})
	if v.kind == "slash_commands" {
		s.store(Posted{Channel: v.channel, User: Slackbot, For: v.user, Text: `/digest failed with the error "` + why + `"`})
	}
}

// readResponse reads a message that answers an invocation, and says what Slack
// does not take in it. The sum of its texts is not limited.
func readResponse(raw []byte) (said Response, problem string) {
	if err := json.Unmarshal(raw, &said); err != nil {
		return said, "invalid_payload"
	}
	said.Raw = raw
	bad := CheckBlocks(said.Blocks)
	switch {
	case bad != nil && bad.Code != "msg_blocks_too_long":
		return said, bad.Code
	case said.Text == "" && len(said.Blocks) == 0:
		return said, "no_text"
	case said.Type != "" && said.Type != "ephemeral" && said.Type != "in_channel":
		return said, "invalid_response_type"
	}
	return said, ""
}
