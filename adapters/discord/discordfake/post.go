package discordfake

import (
	"encoding/json"
	"net/http"
	"time"
)

// edit edits a message of the bot. What the request does not name stays.
func (s *Server) edit(c *channel, id string, body []byte) reply {
	m := c.find(id)
	if m == nil || m.Ephemeral {
		return refuse(http.StatusNotFound, 10008, "Unknown Message")
	}
	merged := make(map[string]json.RawMessage)
	var change map[string]json.RawMessage
	if json.Unmarshal(m.Body, &merged) != nil || json.Unmarshal(body, &change) != nil {
		return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	for key, v := range change {
		merged[key] = v
	}
	whole, err := json.Marshal(merged)
	if err != nil {
		return refuse(http.StatusInternalServerError, 0, err.Error())
	}
	if _, bad := readMessage(whole); bad != nil {
		return *bad
	}
	m.Body = whole
	m.Edits++
	return ok(m.json())
}

// crosspost publishes a message of an announcement channel, ten in an hour.
func (s *Server) crosspost(c *channel, id string) reply {
	m, now := c.find(id), s.options.Now()
	if now.Sub(c.crossposts.began) >= time.Hour {
		c.crossposts = window{began: now}
	}
	switch {
	case m == nil:
		return refuse(http.StatusNotFound, 10008, "Unknown Message")
	case c.kind != 5:
		return refuse(http.StatusBadRequest, 50024, "Cannot execute action on this channel type")
	case m.Published:
		return refuse(http.StatusBadRequest, 40033, "This message has already been crossposted.")
	case c.crossposts.count >= 10:
		return *tooMany(c.crossposts.began.Add(time.Hour).Sub(now), false)
	}
	c.crossposts.count++
	m.Published = true
	return ok(m.json())
}

// post opens a post in a forum. No nonce keeps it from being opened twice.
func (s *Server) post(c *channel, may Permissions, body []byte) reply {
	var in struct {
		Name    string          `json:"name"`
		Tags    []string        `json:"applied_tags"`
		Message json.RawMessage `json:"message"`
	}
	switch {
	case json.Unmarshal(body, &in) != nil:
		return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	case may&Send == 0:
		return refuse(http.StatusForbidden, 50013, "Missing Permissions")
	case in.Name == "" || length(in.Name) > 100:
		return problems{"name": "Must be between 1 and 100 in length."}.reply()
	}
	if _, bad := readMessage(in.Message); bad != nil {
		return *bad
	}
	for _, tag := range in.Tags {
		known := false
		for i := range c.tags {
			known = known || tag == tagID(i)
		}
		if !known {
			return problems{"applied_tags": "Unknown tag"}.reply()
		}
	}
	id := s.id()
	t := &channel{id: id, guild: c.guild, name: in.Name, parent: c.id, kind: 11, applied: in.Tags, nonces: make(map[string]*Message)}
	s.channels[id] = t
	first := s.store(t, in.Message, "")
	first.ID = id
	out := t.info()
	out["message"] = first.json()
	return reply{status: http.StatusCreated, body: out}
}

// threads lists the threads of some channels.
func (s *Server) threads(of func(*channel) bool) []any {
	out := []any{}
	for _, c := range s.channels {
		if c.kind == 11 && of(c) {
			out = append(out, c.info())
		}
	}
	return out
}

// direct returns the direct messages with a user, which it opens.
func (s *Server) direct(body []byte) reply {
	var in struct {
		User string `json:"recipient_id"`
	}
	if json.Unmarshal(body, &in) != nil || !isID(in.User) {
		return problems{"recipient_id": "Value is not snowflake."}.reply()
	}
	for _, c := range s.channels {
		if c.kind == 1 && c.name == in.User {
			return ok(c.info())
		}
	}
	c := &channel{id: s.id(), name: in.User, kind: 1, allowed: All, nonces: make(map[string]*Message)}
	s.channels[c.id] = c
	return ok(c.info())
}
