package discordfake

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Permissions are Discord's bits.
type Permissions uint64

// The permissions that the server looks at.
const (
	Administrator Permissions = 1 << 3
	ManageGuild   Permissions = 1 << 5
	View          Permissions = 1 << 10
	Send          Permissions = 1 << 11
	Embed         Permissions = 1 << 14
	History       Permissions = 1 << 16
	CreateThreads Permissions = 1 << 35
	SendInThreads Permissions = 1 << 38

	All = View | Send | Embed | History | CreateThreads | SendInThreads
)

type guild struct{ id, name string }

// channel is a channel or a thread.
type channel struct {
	id, guild, name, parent string
	kind                    int      // of Discord's: 0 text, 1 direct messages, 5 announcements, 11 thread, 15 forum
	tags                    []string // of a forum; tagID makes their ids
	applied                 []string // ids of the tags of a post
	crossposts              window
	allowed                 Permissions
	messages                []*Message
	nonces                  map[string]*Message
}

// Message is a message as the server stores it.
type Message struct {
	ID        string
	Channel   string
	Nonce     string
	Body      json.RawMessage // as it was sent
	At        time.Time
	Deleted   bool
	Ephemeral bool   // only the person who asked sees it
	Answers   string // id of the interaction it answers, "" for posts
	Edits     int
	Published bool     // to the channels that follow this one
	Calls     []string // whom it called: "everyone", or ids of roles
}

// AddChannel adds a channel, and its guild, in which the bot may do all that
// permissions say.
func (s *Server) AddChannel(guildID, channelID, name string, p Permissions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guilds[guildID] == nil {
		s.guilds[guildID] = &guild{guildID, "Guild " + guildID}
	}
	s.channels[channelID] = &channel{id: channelID, guild: guildID, name: name, allowed: p, nonces: make(map[string]*Message)}
}

// Permit changes what the bot may do in a channel.
func (s *Server) Permit(channelID string, p Permissions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channelID]; c != nil {
		c.allowed = p
	}
}

// AddAnnouncements adds an announcement channel.
func (s *Server) AddAnnouncements(guildID, channelID, name string, p Permissions) {
	s.AddChannel(guildID, channelID, name, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channelID].kind = 5
}

// AddForum adds a forum with tags.
func (s *Server) AddForum(guildID, channelID, name string, p Permissions, tags ...string) {
	s.AddChannel(guildID, channelID, name, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channelID].kind, s.channels[channelID].tags = 15, tags
}

// RemoveChannel deletes a channel or a thread, and says so.
func (s *Server) RemoveChannel(channelID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	if c == nil {
		return
	}
	delete(s.channels, channelID)
	kind := "CHANNEL_DELETE"
	if c.parent != "" {
		kind = "THREAD_DELETE"
	}
	s.tell(kind, c.info())
}

// Kick removes the bot from a guild. Unavailable is an outage of Discord's
// instead, in which nobody reaches the guild.
func (s *Server) Kick(guildID string, unavailable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	event := map[string]any{"id": guildID}
	if unavailable {
		event["unavailable"] = true
	} else {
		delete(s.guilds, guildID)
		for id, c := range s.channels {
			if c.guild == guildID {
				delete(s.channels, id)
			}
		}
	}
	s.tell("GUILD_DELETE", event)
}

// Tags returns the names of the tags of a post in a forum.
func (s *Server) Tags(threadID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	if t := s.channels[threadID]; t != nil {
		for i, name := range s.channels[t.parent].tags {
			if slices.Contains(t.applied, tagID(i)) {
				out = append(out, name)
			}
		}
	}
	return out
}

// tagID is the id of a forum's tag.
func tagID(i int) string { return strconv.Itoa(7000001 + i) }

// Channels returns the ids of all channels and threads, sorted.
func (s *Server) Channels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for id := range s.channels {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Posts returns what stands in a channel or thread, oldest first.
func (s *Server) Posts(channelID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	if c := s.channels[channelID]; c != nil {
		for _, m := range c.messages {
			if !m.Deleted {
				out = append(out, *m)
			}
		}
	}
	return out
}

// Everything returns all messages of all channels and threads, deleted ones
// too, oldest first.
func (s *Server) Everything() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, c := range s.channels {
		for _, m := range c.messages {
			out = append(out, *m)
		}
	}
	slices.SortFunc(out, func(a, b Message) int { return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID)) })
	return out
}

// Delete deletes a message, as a moderator would.
func (s *Server) Delete(channelID, messageID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channelID]; c != nil {
		if m := c.find(messageID); m != nil {
			m.Deleted = true
			return nil
		}
	}
	return ErrNotThere
}

func (c *channel) find(id string) *Message {
	for _, m := range c.messages {
		if m.ID == id && !m.Deleted {
			return m
		}
	}
	return nil
}

// permitted is what the bot may do in a channel; threads are their channel's.
func (s *Server) permitted(c *channel) Permissions {
	if parent := s.channels[c.parent]; parent != nil {
		return parent.allowed
	}
	return c.allowed
}

// guild answers what the bot may know of a guild.
func (s *Server) guild(parts []string) reply {
	g := s.guilds[parts[1]]
	if g == nil {
		return refuse(http.StatusNotFound, 10004, "Unknown Guild")
	}
	everyone := map[string]any{"id": g.id, "name": "@everyone", "permissions": strconv.FormatUint(uint64(All), 10)}
	switch {
	case len(parts) == 2:
		return ok(map[string]any{"id": g.id, "name": g.name, "owner_id": "1", "roles": []any{everyone}})
	case len(parts) == 3 && parts[2] == "roles":
		return ok([]any{everyone})
	case len(parts) == 4 && parts[2] == "threads" && parts[3] == "active":
		return ok(map[string]any{"threads": s.threads(func(c *channel) bool { return c.guild == g.id }), "members": []any{}})
	case len(parts) == 4 && parts[2] == "members" && parts[3] == Bot:
		return ok(map[string]any{"user": botUser(), "roles": []string{}})
	}
	return refuse(http.StatusNotFound, 10007, "Unknown Member")
}

// channel answers about a channel, its messages and its threads.
func (s *Server) channel(req Request, parts []string) reply {
	c := s.channels[parts[1]]
	if c == nil {
		return refuse(http.StatusNotFound, 10003, "Unknown Channel")
	}
	may := s.permitted(c)
	if may&View == 0 {
		return refuse(http.StatusForbidden, 50001, "Missing Access")
	}
	n := len(parts)
	switch {
	case n == 2 && req.Method == http.MethodGet:
		return ok(c.info())
	case n == 3 && parts[2] == "messages" && req.Method == http.MethodGet:
		return s.history(c, may, req.Query)
	case n == 3 && parts[2] == "messages" && req.Method == http.MethodPost:
		return s.create(c, may, req.Body)
	case n == 4 && parts[2] == "messages" && req.Method == http.MethodGet:
		if m := c.find(parts[3]); m != nil && may&History != 0 {
			return ok(m.json())
		}
		return refuse(http.StatusNotFound, 10008, "Unknown Message")
	case n == 4 && parts[2] == "messages" && req.Method == http.MethodPatch:
		return s.edit(c, parts[3], req.Body)
	case n == 5 && parts[4] == "threads" && req.Method == http.MethodPost:
		return s.thread(c, may, parts[3], req.Body)
	case n == 5 && parts[4] == "crosspost" && req.Method == http.MethodPost:
		return s.crosspost(c, parts[3])
	case n == 3 && parts[2] == "threads" && req.Method == http.MethodPost && c.kind == 15:
		return s.post(c, may, req.Body)
	case n == 5 && parts[2] == "threads" && parts[3] == "archived" && parts[4] == "public" && req.Method == http.MethodGet:
		return ok(map[string]any{"threads": []any{}, "members": []any{}, "has_more": false}) // nothing is put away here
	}
	return refuse(http.StatusNotFound, 0, "404: Not Found")
}

func (c *channel) info() map[string]any {
	out := map[string]any{"id": c.id, "guild_id": c.guild, "name": c.name, "type": c.kind}
	switch {
	case c.kind == 1:
		delete(out, "guild_id")
		return out
	case c.parent != "":
		out["parent_id"], out["owner_id"] = c.parent, Bot
		return out
	case c.kind == 15:
		tags := []any{}
		for i, name := range c.tags {
			tags = append(tags, map[string]any{"id": tagID(i), "name": name, "moderated": false})
		}
		out["available_tags"] = tags
	}
	out["permission_overwrites"] = []any{map[string]any{"id": Bot, "type": 1,
		"allow": strconv.FormatUint(uint64(c.allowed), 10), "deny": strconv.FormatUint(uint64(All&^c.allowed), 10)}}
	return out
}

// history lists messages, newest first as Discord does. Without the
// permission it is empty, and no error.
func (s *Server) history(c *channel, may Permissions, query string) reply {
	values, err := url.ParseQuery(query)
	limit, bad := strconv.Atoi(values.Get("limit"))
	if values.Get("limit") == "" {
		limit, bad = 50, nil
	}
	if err != nil || bad != nil || limit < 1 || limit > 100 {
		return refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
	}
	after, _ := strconv.ParseInt(values.Get("after"), 10, 64)
	before, _ := strconv.ParseInt(values.Get("before"), 10, 64)
	out := []any{}
	if may&History == 0 {
		return ok(out)
	}
	var hits []*Message
	for _, m := range c.messages {
		id, _ := strconv.ParseInt(m.ID, 10, 64)
		if !m.Deleted && !m.Ephemeral && id > after && (before == 0 || id < before) {
			hits = append(hits, m)
		}
	}
	if len(hits) > limit {
		if values.Get("after") != "" {
			hits = hits[:limit]
		} else {
			hits = hits[len(hits)-limit:]
		}
	}
	for _, m := range slices.Backward(hits) {
		out = append(out, m.json())
	}
	return ok(out)
}

// create posts a message of the bot.
func (s *Server) create(c *channel, may Permissions, body []byte) reply {
	send := Send
	if c.parent != "" {
		send = SendInThreads
	}
	if may&send == 0 {
		return refuse(http.StatusForbidden, 50013, "Missing Permissions")
	}
	if c.kind == 15 {
		return refuse(http.StatusBadRequest, 50008, "Cannot send messages in a non-text channel")
	}
	m, bad := readMessage(body)
	if bad != nil {
		return *bad
	}
	if m.Enforce && m.Nonce != "" {
		if old := c.nonces[m.Nonce]; old != nil && s.options.Now().Sub(old.At) < s.options.NonceWindow {
			if old.Deleted {
				return refuse(http.StatusNotFound, 10008, "Unknown Message")
			}
			return ok(old.json())
		}
	}
	stored := s.store(c, body, m.Nonce)
	if m.Enforce {
		c.nonces[m.Nonce] = stored
	}
	return ok(stored.json())
}

func (s *Server) store(c *channel, body []byte, nonce string) *Message {
	m := &Message{ID: s.id(), Channel: c.id, Nonce: nonce, Body: slices.Clone(body), At: s.options.Now()}
	m.Calls = called(body)
	c.messages = append(c.messages, m)
	return m
}

var calls = regexp.MustCompile(`@everyone|@here|<@&(\d+)>`)

// called lists whom a message calls: what its text names and its
// allowed_mentions allow. Escapes do not help.
func called(body []byte) []string {
	var f form
	if json.Unmarshal(body, &f) != nil {
		return nil
	}
	var out []string
	for _, hit := range calls.FindAllStringSubmatch(f.Content, -1) {
		all := f.Mentions == nil
		switch {
		case hit[1] == "" && (all || slices.Contains(f.Mentions.Parse, "everyone")):
			out = append(out, "everyone")
		case hit[1] != "" && (all || slices.Contains(f.Mentions.Parse, "roles") || slices.Contains(f.Mentions.Roles, hit[1])):
			out = append(out, hit[1])
		}
	}
	return out
}

// json is a message as Discord returns it.
func (m *Message) json() map[string]any {
	out := map[string]any{"content": "", "embeds": []any{}, "components": []any{}}
	if json.Unmarshal(m.Body, &out) != nil {
		out["content"] = string(m.Body)
	}
	for _, key := range []string{"enforce_nonce", "allowed_mentions", "nonce"} {
		delete(out, key)
	}
	out["id"], out["channel_id"], out["author"] = m.ID, m.Channel, botUser()
	out["timestamp"] = m.At.UTC().Format(time.RFC3339)
	return out
}

// thread makes a thread from a message; it gets the message's id.
func (s *Server) thread(c *channel, may Permissions, message string, body []byte) reply {
	var in struct {
		Name string `json:"name"`
	}
	switch {
	case json.Unmarshal(body, &in) != nil:
		return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	case c.kind != 0 && c.kind != 5:
		return refuse(http.StatusBadRequest, 50024, "Cannot execute action on this channel type")
	case may&CreateThreads == 0:
		return refuse(http.StatusForbidden, 50013, "Missing Permissions")
	case c.find(message) == nil:
		return refuse(http.StatusNotFound, 10008, "Unknown Message")
	case s.channels[message] != nil:
		return refuse(http.StatusBadRequest, 160004, "A thread has already been created for this message")
	case in.Name == "" || length(in.Name) > 100:
		return problems{"name": "Must be between 1 and 100 in length."}.reply()
	}
	t := &channel{id: message, guild: c.guild, name: in.Name, parent: c.id, kind: 11, nonces: make(map[string]*Message)}
	s.channels[message] = t
	return reply{status: http.StatusCreated, body: t.info()}
}
