package discordfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// User is a person who uses a command.
type User struct {
	ID          string
	Name        string
	Locale      string
	Permissions Permissions // in the guild
	Bot         bool
}

// Interaction is one use of a command or a button, with what the bot did.
type Interaction struct {
	ID, Token string
	Sent      time.Time

	Acknowledged time.Time       // zero: not yet
	Type         int             // of the acknowledgement: 4 message, 5 deferred, 6 quiet, 8 choices
	Ephemeral    bool            // the answer is for the person only
	Answer       json.RawMessage // the original message, after edits; nil while there is none
	FollowUps    []json.RawMessage
	Edits        int
	Refused      []int // codes of refused answers: 40060 twice, 10062 late, 50027 after 15 min

	channel string
}

// Latency is how long the acknowledgement took.
func (i Interaction) Latency() time.Duration { return i.Acknowledged.Sub(i.Sent) }

// The deadlines of an interaction.
const (
	ackDeadline = 3 * time.Second
	tokenLife   = 15 * time.Minute
)

// Slash has a user run a subcommand. guild "" is a direct message. Values of
// options are strings, ints or bools. It returns the interaction's id.
func (s *Server) Slash(u User, guild, channel, command, sub string, options map[string]any) string {
	names := make([]string, 0, len(options))
	for name := range options {
		names = append(names, name)
	}
	slices.Sort(names)
	list := []any{}
	for _, name := range names {
		kind := 3
		switch options[name].(type) {
		case int:
			kind = 4
		case bool:
			kind = 5
		}
		list = append(list, map[string]any{"name": name, "type": kind, "value": options[name]})
	}
	return s.Use(u, guild, channel, 2, map[string]any{"id": "1", "name": command, "type": 1,
		"options": []any{map[string]any{"name": sub, "type": 1, "options": list}}}, nil)
}

// MessageCommand has a user run an entry of a message's menu.
func (s *Server) MessageCommand(u User, guild, channel, name, content string) string {
	target := map[string]any{"id": "77", "channel_id": channel, "content": content, "author": map[string]any{"id": "5", "username": "somebody"},
		"components": []any{map[string]any{"type": 999, "what": "a kind of the future"}}}
	return s.Use(u, guild, channel, 2, map[string]any{"id": "2", "name": name, "type": 3, "target_id": "77",
		"resolved": map[string]any{"messages": map[string]any{"77": target}}}, nil)
}

// Click has a user press the button with an id under a message.
func (s *Server) Click(u User, guild, channel, customID string) string {
	message := map[string]any{"id": "78", "channel_id": channel, "content": "", "author": botUser(),
		"components": []any{map[string]any{"type": 999}}}
	return s.Use(u, guild, channel, 3, map[string]any{"custom_id": customID, "component_type": 2}, message)
}

// Use dispatches an interaction of any kind to the connected bots.
func (s *Server) Use(u User, guild, channel string, kind int, data, message map[string]any) string {
	s.mu.Lock()
	i := &Interaction{ID: s.id(), Sent: s.options.Now(), channel: channel}
	i.Token = "interaction-token-" + i.ID
	s.interactions = append(s.interactions, i)
	s.mu.Unlock()
	person := map[string]any{"id": u.ID, "username": u.Name, "bot": u.Bot}
	payload := map[string]any{"id": i.ID, "application_id": Application, "type": kind, "token": i.Token, "version": 1,
		"channel_id": channel, "locale": u.Locale, "data": data}
	if message != nil {
		payload["message"] = message
	}
	if guild == "" {
		payload["user"] = person
	} else {
		payload["guild_id"] = guild
		payload["member"] = map[string]any{"user": person, "roles": []string{}, "permissions": fmt.Sprint(uint64(u.Permissions))}
	}
	s.Dispatch("INTERACTION_CREATE", payload)
	return i.ID
}

// Interaction returns the state of an interaction.
func (s *Server) Interaction(id string) (Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.interactions {
		if i.ID == id {
			out := *i
			out.FollowUps, out.Refused = slices.Clone(i.FollowUps), slices.Clone(i.Refused)
			return out, nil
		}
	}
	return Interaction{}, ErrNotThere
}

// interaction answers a callback or a request to an interaction's webhook. The
// lock is held.
func (s *Server) interaction(req Request, parts []string) reply {
	n := len(parts)
	switch {
	case parts[0] == "interactions" && n == 4 && parts[3] == "callback" && req.Method == http.MethodPost:
		return s.callback(req, parts[1], parts[2])
	case parts[0] == "webhooks" && n >= 3 && parts[1] == Application:
		for _, i := range s.interactions {
			if i.Token == parts[2] {
				return s.webhook(i, req, parts[3:])
			}
		}
	}
	return refuse(http.StatusNotFound, 10015, "Unknown Webhook")
}

func (s *Server) callback(req Request, id, token string) reply {
	now := s.options.Now()
	for _, i := range s.interactions {
		if i.ID != id || i.Token != token {
			continue
		}
		var in struct {
			Type int
			Data json.RawMessage
		}
		switch {
		case !i.Acknowledged.IsZero():
			return i.refuse(http.StatusBadRequest, 40060, "Interaction has already been acknowledged.")
		case now.Sub(i.Sent) > ackDeadline:
			return i.refuse(http.StatusNotFound, 10062, "Unknown interaction")
		case json.Unmarshal(req.Body, &in) != nil:
			return i.refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
		}
		var flags form
		switch in.Type {
		case 4:
			f, bad := readMessage(in.Data)
			if bad != nil {
				i.Refused = append(i.Refused, 50035)
				return *bad
			}
			flags, i.Answer = f, in.Data
		case 5, 6, 8:
			if len(in.Data) > 0 && json.Unmarshal(in.Data, &flags) != nil {
				return i.refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
			}
		default:
			return i.refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
		}
		i.Acknowledged, i.Type, i.Ephemeral = now, in.Type, flags.Flags&64 != 0
		if in.Type == 4 {
			s.show(i, in.Data)
		}
		return reply{status: http.StatusNoContent}
	}
	return refuse(http.StatusNotFound, 10062, "Unknown interaction")
}

// refuse refuses an answer and remembers it.
func (i *Interaction) refuse(status, code int, message string) reply {
	i.Refused = append(i.Refused, code)
	return refuse(status, code, message)
}

// webhook edits the original answer or posts a follow-up.
func (s *Server) webhook(i *Interaction, req Request, rest []string) reply {
	switch {
	case s.options.Now().Sub(i.Sent) > tokenLife:
		return i.refuse(http.StatusUnauthorized, 50027, "Invalid Webhook Token")
	case i.Acknowledged.IsZero():
		return i.refuse(http.StatusNotFound, 10015, "Unknown Webhook")
	}
	if _, bad := readMessage(req.Body); bad != nil {
		i.Refused = append(i.Refused, 50035)
		return *bad
	}
	switch {
	case req.Method == http.MethodPatch && len(rest) == 2 && rest[0] == "messages" && rest[1] == "@original":
		first := i.Answer == nil
		i.Answer = req.Body
		i.Edits++
		if first {
			s.show(i, req.Body)
		}
	case req.Method == http.MethodPost && len(rest) == 0:
		i.FollowUps = append(i.FollowUps, req.Body)
		s.show(i, req.Body)
	default:
		return refuse(http.StatusNotFound, 0, "404: Not Found")
	}
	return ok(map[string]any{"id": s.id(), "channel_id": i.channel})
}

// show puts an answer into its channel.
func (s *Server) show(i *Interaction, body []byte) {
	if c := s.channels[i.channel]; c != nil {
		m := s.store(c, body, "")
		m.Answers, m.Ephemeral = i.ID, i.Ephemeral
	}
}
