package slackfake

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) authTest(args url.Values) (map[string]any, *refusal) {
	team, name := Team, TeamName
	if as := args.Get("as"); as != "" {
		team, name = as, "workspace "+as
	}
	return map[string]any{"url": "https://linden.slack.com/", "team": name, "team_id": team, "user": "nutgraf", "user_id": BotUser, "bot_id": BotID}, nil
}

// history is conversations.history: newest first, without what is in threads.
func (s *Server) history(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bad := s.readable(args.Get("channel")); bad != nil {
		return nil, bad
	}
	list := s.between(args, func(p *Posted) bool { return p.ThreadTS == "" })
	slices.Reverse(list)
	return s.page(args, list)
}

// replies is conversations.replies: the parent and what is under it, oldest first.
func (s *Server) replies(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bad := s.readable(args.Get("channel")); bad != nil {
		return nil, bad
	}
	ts := args.Get("ts")
	known := slices.ContainsFunc(s.posts, func(p *Posted) bool { return p.Channel == args.Get("channel") && p.TS == ts && !p.Deleted })
	if !known {
		return nil, &refusal{Code: "thread_not_found"}
	}
	return s.page(args, s.between(args, func(p *Posted) bool { return p.TS == ts || p.ThreadTS == ts }))
}

func (s *Server) readable(id string) *refusal {
	c, ok := s.channel(id)
	switch {
	case !ok || c.Private && !c.Member:
		return &refusal{Code: "channel_not_found"}
	case !c.Member:
		return &refusal{Code: "not_in_channel"}
	}
	return nil
}

// between returns the messages of a channel that everybody sees and that lie
// between oldest and latest, oldest first.
func (s *Server) between(args url.Values, want func(*Posted) bool) []*Posted {
	inclusive := args.Get("inclusive") == "1" || args.Get("inclusive") == "true"
	var out []*Posted
	for _, p := range s.posts {
		if p.Channel != args.Get("channel") || p.Deleted || p.For != "" || !want(p) {
			continue
		}
		if o := args.Get("oldest"); o != "" && (number(p.TS) < number(o) || !inclusive && p.TS == o) {
			continue
		}
		if l := args.Get("latest"); l != "" && (number(p.TS) > number(l) || !inclusive && p.TS == l) {
			continue
		}
		out = append(out, p)
	}
	return out
}

// number returns a ts in microseconds.
func number(ts string) int64 {
	whole, part, _ := strings.Cut(ts, ".")
	n, _ := strconv.ParseInt(whole+(part + "000000")[:6], 10, 64)
	return n
}

// page cuts one page out of a list.
func (s *Server) page(args url.Values, list []*Posted) (map[string]any, *refusal) {
	limit, err := strconv.Atoi(args.Get("limit"))
	if err != nil {
		limit = 100
	}
	if limit = min(max(limit, 1), 999); s.pageCap > 0 {
		limit = min(limit, s.pageCap)
	}
	from := 0
	if cursor := args.Get("cursor"); cursor != "" {
		b, err := base64.StdEncoding.DecodeString(cursor)
		at, _ := strings.CutPrefix(string(b), "next:")
		if from, _ = strconv.Atoi(at); err != nil || from <= 0 || from > len(list) {
			return nil, &refusal{Code: "invalid_cursor"}
		}
	}
	to := min(from+limit, len(list))
	messages := make([]map[string]any, 0, limit)
	all := args.Get("include_all_metadata") == "1" || args.Get("include_all_metadata") == "true"
	for _, p := range list[from:to] {
		messages = append(messages, message(*p, all))
	}
	next := ""
	if to < len(list) {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(to)))
	}
	return map[string]any{"messages": messages, "has_more": to < len(list), "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func (c Channel) shown() map[string]any {
	return map[string]any{"id": c.ID, "name": c.Name, "is_channel": !c.Private, "is_group": c.Private, "is_im": strings.HasPrefix(c.ID, "D"),
		"is_private": c.Private, "is_member": c.Member, "is_archived": c.Archived, "is_ext_shared": c.Shared, "context_team_id": Team}
}

func (s *Server) conversation(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channel(args.Get("channel"))
	if !ok || c.Private && !c.Member {
		return nil, &refusal{Code: "channel_not_found"}
	}
	return map[string]any{"channel": c.shown()}, nil
}

func (s *Server) conversations(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	types := args.Get("types")
	list := []map[string]any{}
	for _, c := range s.channels {
		switch {
		case strings.HasPrefix(c.ID, "D"), c.Private && !c.Member:
		case c.Archived && args.Get("exclude_archived") == "true":
		case c.Private && !strings.Contains(types, "private_channel"), !c.Private && types != "" && !strings.Contains(types, "public_channel"):
		default:
			list = append(list, c.shown())
		}
	}
	return map[string]any{"channels": list, "response_metadata": map[string]any{"next_cursor": ""}}, nil
}

func (s *Server) userInfo(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.user(args.Get("user"))
	if !ok {
		return nil, &refusal{Code: "user_not_found"}
	}
	team := u.Team
	if team == "" {
		team = Team
	}
	return map[string]any{"user": map[string]any{
		"id": u.ID, "team_id": team, "name": u.Name, "locale": u.Locale, "is_admin": u.Admin, "is_owner": u.Owner,
		"is_primary_owner": u.Primary, "is_restricted": u.Guest, "is_stranger": u.Stranger,
	}}, nil
}

// joined is users.conversations: the channels of a person, as the bot sees them.
func (s *Server) joined(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, types := args.Get("user"), args.Get("types")
	list := []map[string]any{}
	for _, c := range s.channels {
		switch {
		case strings.HasPrefix(c.ID, "D"), c.Private && !c.Member, c.People != nil && !slices.Contains(c.People, user):
		case c.Archived && args.Get("exclude_archived") == "true":
		case c.Private && !strings.Contains(types, "private_channel"), !c.Private && types != "" && !strings.Contains(types, "public_channel"):
		default:
			list = append(list, c.shown())
		}
	}
	from, _ := strconv.Atoi(args.Get("cursor"))
	to, next := len(list), ""
	if s.pageCap > 0 && from+s.pageCap < len(list) {
		to, next = from+s.pageCap, strconv.Itoa(from+s.pageCap)
	}
	return map[string]any{"channels": list[min(from, to):to], "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// openDirect is conversations.open for one person.
func (s *Server) openDirect(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	_, ok := s.user(args.Get("users"))
	s.mu.Unlock()
	if !ok {
		return nil, &refusal{Code: "user_not_found"}
	}
	id := "D" + args.Get("users")
	if args.Get("users") == "U1" {
		id = "D1"
	}
	s.AddChannel(Channel{ID: id, Name: "directmessage", Private: true, Member: true})
	return map[string]any{"channel": map[string]any{"id": id}}, nil
}
