package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Posted is a message in a channel.
type Posted struct {
	Channel  string
	TS       string
	ThreadTS string // of the message it answers, "" at the top
	Text     string
	Blocks   json.RawMessage
	Metadata json.RawMessage
	Args     map[string]string // what else chat.postMessage was given
	User     string            // who wrote it; BotUser for the bot
	For      string            // the only user who sees it, "" for all
	Deleted  bool
	Edits    int // how often it was replaced
}

// Posts returns the messages of a channel, oldest first, without deleted ones.
func (s *Server) Posts(channel string) []Posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Posted
	for _, p := range s.posts {
		if p.Channel == channel && !p.Deleted {
			out = append(out, *p)
		}
	}
	return out
}

// Everything returns all messages of the workspace, deleted ones too, oldest
// first.
func (s *Server) Everything() []Posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Posted, len(s.posts))
	for i, p := range s.posts {
		out[i] = *p
	}
	return out
}

// Write lets a user write a message, and returns it.
func (s *Server) Write(channel, user, text string) Posted {
	return s.store(Posted{Channel: channel, User: user, Text: text})
}

// Delete lets a moderator delete a message.
func (s *Server) Delete(channel, ts string) {
	s.change(func() {
		for _, p := range s.posts {
			if p.Channel == channel && p.TS == ts {
				p.Deleted = true
			}
		}
	})
}

// store stores a message under a ts of its own.
func (s *Server) store(p Posted) Posted {
	s.change(func() {
		at := s.now().Truncate(time.Microsecond)
		if !at.After(s.lastTS) {
			at = s.lastTS.Add(100 * time.Microsecond)
		}
		s.lastTS = at
		p.TS = fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000)
		s.posts = append(s.posts, &p)
	})
	return p
}

// The limits of chat.postMessage.
const (
	maxText   = 40_000
	maxTotal  = 13_200
	maxBlocks = 50
	maxMeta   = 8 << 10
)

// post is chat.postMessage.
func (s *Server) post(w http.ResponseWriter, r *http.Request, args url.Values, f Fault, failing bool) {
	draft, bad := s.draft(args)
	if bad == nil && !failing {
		if after, late := s.tooFast(draft.Channel); late {
			w.Header().Set("Retry-After", strconv.Itoa(after))
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"ok":false,"error":"ratelimited"}`))
			return
		}
	}
	if failing {
		store := func() Posted { return s.store(draft) }
		if bad != nil {
			store = nil
		}
		s.fail(w, r, f, store)
		return
	}
	if bad != nil {
		s.say(w, nil, bad)
		return
	}
	p := s.store(draft)
	s.say(w, success(p), nil)
}

// tooFast applies the limit of one message a second and channel.
func (s *Server) tooFast(channel string) (after int, late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if last, ok := s.lastPost[channel]; s.limited && ok && now.Sub(last) < time.Second {
		return 1, true
	}
	s.lastPost[channel] = now
	return 0, false
}

// draft checks the arguments of a post.
func (s *Server) draft(args url.Values) (Posted, *refusal) {
	s.mu.Lock()
	c, ok := s.channel(args.Get("channel"))
	parent := args.Get("thread_ts")
	hasParent := parent == ""
	for _, p := range s.posts {
		hasParent = hasParent || p.Channel == c.ID && p.TS == parent && !p.Deleted
	}
	s.mu.Unlock()
	switch {
	case !ok || c.Private && !c.Member:
		return Posted{}, &refusal{Code: "channel_not_found"}
	case c.Archived:
		return Posted{}, &refusal{Code: "is_archived"}
	case !c.Member:
		return Posted{}, &refusal{Code: "not_in_channel"}
	case c.ReadOnly:
		return Posted{}, &refusal{Code: "restricted_action_read_only_channel"}
	case !hasParent:
		return Posted{}, &refusal{Code: "thread_not_found"}
	case args.Get("text") == "" && args.Get("blocks") == "":
		return Posted{}, &refusal{Code: "no_text"}
	case units(args.Get("text")) > maxText:
		return Posted{}, &refusal{Code: "msg_too_long"}
	}
	if bad := checkMetadata(args.Get("metadata")); bad != nil {
		return Posted{}, bad
	}
	if bad := CheckBlocks([]byte(args.Get("blocks"))); bad != nil {
		return Posted{}, &refusal{Code: bad.Code, Remarks: bad.Remarks}
	}
	p := Posted{Channel: c.ID, ThreadTS: parent, Text: args.Get("text"), User: BotUser, Args: make(map[string]string)}
	for k := range args {
		switch k {
		case "channel", "text", "thread_ts":
		case "blocks":
			p.Blocks = json.RawMessage(args.Get(k))
		case "metadata":
			p.Metadata = json.RawMessage(args.Get(k))
		default:
			p.Args[k] = args.Get(k)
		}
	}
	return p, nil
}

func checkMetadata(raw string) *refusal {
	if raw == "" {
		return nil
	}
	var m struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	}
	switch err := json.Unmarshal([]byte(raw), &m); {
	case err != nil:
		return &refusal{Code: "invalid_metadata_format"}
	case m.EventType == "" || m.EventPayload == nil:
		return &refusal{Code: "invalid_metadata_schema"}
	case len(raw) > maxMeta:
		return &refusal{Code: "metadata_too_large"}
	}
	return nil
}

// message returns a message as Slack's methods show it.
func message(p Posted, metadata bool) map[string]any {
	m := map[string]any{"type": "message", "ts": p.TS, "text": p.Text, "user": p.User, "team": Team}
	if p.User == BotUser {
		m["bot_id"], m["app_id"] = BotID, AppID
	}
	if p.ThreadTS != "" {
		m["thread_ts"], m["parent_user_id"] = p.ThreadTS, BotUser
	}
	if len(p.Blocks) > 0 {
		m["blocks"] = p.Blocks
	}
	if metadata && len(p.Metadata) > 0 {
		m["metadata"] = p.Metadata
	}
	return m
}
