package discordfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
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
	Type         int             // of the acknowledgement: 4 message, 5 deferred, 6 quiet, 7 replaced, 8 choices, 9 form
	Ephemeral    bool            // the answer is for the person only
	Answer       json.RawMessage // the original message, after edits; nil while there is none
	FollowUps    []json.RawMessage
	Form         json.RawMessage   // that was opened
	Choices      json.RawMessage   // that were suggested
	Files        map[string][]byte // that were handed out, by name
	Status       int               // of the bot's answer over HTTP
	Edits        int
	Refused      []int // codes of refused answers: 40060 twice, 10062 late, 50027 after 15 min

	channel string
	kind    int
	under   string // message under which a button was pressed
	payload map[string]any
}

// Latency is how long the acknowledgement took.
func (i Interaction) Latency() time.Duration { return i.Acknowledged.Sub(i.Sent) }

// FormTitle returns the title of the form that was opened, "" when none was.
func (i Interaction) FormTitle() string {
	var f struct{ Title string }
	if json.Unmarshal(i.Form, &f) != nil {
		return ""
	}
	return f.Title
}

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
		list = append(list, option(name, options[name]))
	}
	return s.Use(u, guild, channel, 2, slash(command, sub, list), nil)
}

// slash is the data of a command; sub may name a group and a subcommand.
func slash(command, sub string, options []any) map[string]any {
	chosen := map[string]any{"name": sub, "type": 1, "options": options}
	if group, name, ok := strings.Cut(sub, " "); ok {
		chosen["name"] = name
		chosen = map[string]any{"name": group, "type": 2, "options": []any{chosen}}
	}
	return map[string]any{"id": "1", "name": command, "type": 1, "options": []any{chosen}}
}

func option(name string, value any) map[string]any {
	kind := 3
	switch value.(type) {
	case int:
		kind = 4
	case bool:
		kind = 5
	}
	return map[string]any{"name": name, "type": kind, "value": value}
}

// Complete has a user type into an option, after others were given.
func (s *Server) Complete(u User, guild, channel, command, sub string, options map[string]any, typing, text string) string {
	list := []any{}
	for name, value := range options {
		list = append(list, option(name, value))
	}
	focused := option(typing, text)
	focused["focused"] = true
	return s.Use(u, guild, channel, 4, slash(command, sub, append(list, focused)), nil)
}

// SlashFile has a user run a subcommand with an attached file.
func (s *Server) SlashFile(u User, guild, channel, command, sub, optionName string, file map[string]any) string {
	data := slash(command, sub, []any{map[string]any{"name": optionName, "type": 11, "value": file["id"]}})
	data["resolved"] = map[string]any{"attachments": map[string]any{fmt.Sprint(file["id"]): file}}
	return s.Use(u, guild, channel, 2, data, nil)
}

// Submit has a user fill in a form that an interaction opened: values by the
// names of the fields. A list takes []string, a file what Attach returned.
func (s *Server) Submit(u User, guild, channel string, form json.RawMessage, values map[string]any) (string, error) {
	var f struct {
		CustomID   string `json:"custom_id"`
		Components []struct{ Component control }
	}
	if err := json.Unmarshal(form, &f); err != nil {
		return "", err
	}
	list, files := []any{}, map[string]any{}
	for n, l := range f.Components {
		c := map[string]any{"type": l.Component.Type, "id": 2*n + 2, "custom_id": l.Component.CustomID}
		given, ok := values[l.Component.CustomID]
		switch v := given.(type) {
		case map[string]any:
			c["values"], files[fmt.Sprint(v["id"])] = []any{v["id"]}, v
		case []string:
			c["values"] = v
		case string:
			c["value"] = v
		}
		if !ok && l.Component.Type == 4 {
			c["value"] = l.Component.Value
		}
		if !ok && l.Component.Type == 3 {
			chosen := []string{}
			for _, o := range l.Component.Options {
				if o.Default {
					chosen = append(chosen, o.Value)
				}
			}
			c["values"] = chosen
		}
		list = append(list, map[string]any{"type": 18, "id": 2*n + 1, "component": c})
	}
	data := map[string]any{"custom_id": f.CustomID, "components": list}
	if len(files) > 0 {
		data["resolved"] = map[string]any{"attachments": files}
	}
	return s.Use(u, guild, channel, 5, data, nil), nil
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
	return s.Press(u, guild, channel, "", customID)
}

// Press has a user press the button with an id under one message, or choose
// values of a menu there.
func (s *Server) Press(u User, guild, channel, message, customID string, values ...string) string {
	under := map[string]any{"id": "78", "channel_id": channel, "content": "", "author": botUser(), "flags": 0,
		"components": []any{map[string]any{"type": 999}}}
	s.mu.Lock()
	if c := s.channels[channel]; c != nil && message != "" {
		if m := c.find(message); m != nil {
			under = m.json()
			under["flags"] = 0
			if m.Ephemeral {
				under["flags"] = 64
			}
		}
	}
	s.mu.Unlock()
	data := map[string]any{"custom_id": customID, "component_type": 2}
	if len(values) > 0 {
		data["component_type"], data["values"] = 3, values
	}
	return s.Use(u, guild, channel, 3, data, under)
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
	s.mu.Lock()
	if message != nil {
		i.under, _ = message["id"].(string)
	}
	i.kind, i.payload = kind, payload
	endpoint := s.endpoint
	s.mu.Unlock()
	if endpoint.address != "" { // then nothing comes over the gateway
		s.running.Go(func() { s.deliver(endpoint, i, payload) })
		return i.ID
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
		switch {
		case !i.Acknowledged.IsZero():
			return i.refuse(http.StatusBadRequest, 40060, "Interaction has already been acknowledged.")
		case now.Sub(i.Sent) > ackDeadline:
			return i.refuse(http.StatusNotFound, 10062, "Unknown interaction")
		}
		return s.acknowledge(i, req)
	}
	return refuse(http.StatusNotFound, 10062, "Unknown interaction")
}

// acknowledge takes the first answer to an interaction.
func (s *Server) acknowledge(i *Interaction, req Request) reply {
	var in struct {
		Type int
		Data json.RawMessage
	}
	if json.Unmarshal(req.Body, &in) != nil {
		return i.refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	var bad *reply
	refused := func(p problems) {
		if len(p) > 0 {
			r := p.reply()
			bad = &r
		}
	}
	var f form
	switch {
	case in.Type == 4 && i.kind != 4, in.Type == 7 && i.kind == 3:
		if f, bad = readMessage(in.Data); bad == nil {
			i.Answer = in.Data
		}
	case in.Type == 5 && i.kind != 4, in.Type == 6 && i.kind == 3:
		if len(in.Data) > 0 && json.Unmarshal(in.Data, &f) != nil {
			refused(problems{"data": "Invalid Form Body"})
		}
	case in.Type == 8 && i.kind == 4:
		refused(checkChoices(in.Data))
		i.Choices = in.Data
	case in.Type == 9 && i.kind != 4 && i.kind != 5: // no form answers a form
		refused(checkModal(in.Data))
		i.Form = in.Data
	default:
		return i.refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
	}
	if bad != nil {
		i.Refused = append(i.Refused, 50035)
		return *bad
	}
	if r := i.handOut(f, req); r != nil {
		return *r
	}
	i.Acknowledged, i.Type, i.Ephemeral = s.options.Now(), in.Type, f.Flags&64 != 0
	switch in.Type {
	case 4:
		s.show(i, in.Data)
	case 7:
		s.replace(i, in.Data)
	}
	return reply{status: http.StatusNoContent}
}

// handOut takes the files of an answer, which has to name them by the numbers of
// their parts.
func (i *Interaction) handOut(f form, req Request) *reply {
	named := len(req.Files) == len(f.Attachments)
	for _, a := range f.Attachments {
		named = named && slices.Contains(req.Parts, fmt.Sprintf("files[%v]", a.ID))
	}
	if !named {
		r := problems{"attachments": "The files and the attachments are not the same."}.reply()
		i.Refused = append(i.Refused, 50035)
		return &r
	}
	if len(req.Files) > 0 {
		i.Files = req.Files
	}
	return nil
}

// replace puts an answer in the place of the message under which the button
// was pressed.
func (s *Server) replace(i *Interaction, body []byte) {
	if c := s.channels[i.channel]; c != nil {
		if m := c.find(i.under); m != nil {
			m.Body, m.Edits = slices.Clone(body), m.Edits+1
		}
	}
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
	f, bad := readMessage(req.Body)
	if bad != nil {
		i.Refused = append(i.Refused, 50035)
		return *bad
	}
	if r := i.handOut(f, req); r != nil {
		return *r
	}
	switch {
	case req.Method == http.MethodPatch && len(rest) == 2 && rest[0] == "messages" && rest[1] == "@original":
		first := i.Answer == nil
		i.Answer = req.Body
		i.Edits++
		switch {
		case i.Type == 6 || i.Type == 7:
			s.replace(i, req.Body)
		case first:
			s.show(i, req.Body)
		}
	case req.Method == http.MethodPost && len(rest) == 0:
		i.FollowUps = append(i.FollowUps, req.Body)
		s.show(i, req.Body)
		if (i.Type == 6 || i.Type == 7) && f.Flags&64 != 0 { // nothing was deferred whose eyes they would have
			if c := s.channels[i.channel]; c != nil {
				c.messages[len(c.messages)-1].Ephemeral = true
			}
		}
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

// Again delivers an interaction a second time.
func (s *Server) Again(id string) error {
	s.mu.Lock()
	var again *Interaction
	for _, i := range s.interactions {
		if i.ID == id {
			again = i
		}
	}
	endpoint := s.endpoint
	s.mu.Unlock()
	switch {
	case again == nil:
		return ErrNotThere
	case endpoint.address != "":
		s.running.Go(func() { s.deliver(endpoint, again, again.payload) })
	default:
		s.Dispatch("INTERACTION_CREATE", again.payload)
	}
	return nil
}
