package slackfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// edit is chat.update.
func (s *Server) edit(args url.Values) (map[string]any, *refusal) {
	var bad *refusal
	s.change(func() {
		i := slices.IndexFunc(s.posts, func(p *Posted) bool { return p.Channel == args.Get("channel") && p.TS == args.Get("ts") && !p.Deleted })
		c, _ := s.channel(args.Get("channel"))
		checked := CheckBlocks([]byte(args.Get("blocks")))
		switch {
		case i < 0 || s.posts[i].For != "":
			bad = &refusal{Code: "message_not_found"}
		case s.posts[i].User != BotUser:
			bad = &refusal{Code: "cant_update_message"}
		case c.Archived:
			bad = &refusal{Code: "is_inactive"}
		case args.Get("text") == "" && args.Get("blocks") == "":
			bad = &refusal{Code: "no_text"}
		case units(args.Get("text")) > 4000:
			bad = &refusal{Code: "msg_too_long"}
		case checked != nil:
			bad = &refusal{Code: checked.Code, Remarks: checked.Remarks}
		default:
			p := s.posts[i]
			p.Text, p.Blocks, p.Edits = args.Get("text"), nil, p.Edits+1
			if b := args.Get("blocks"); b != "" {
				p.Blocks = json.RawMessage(b)
			}
			if m := args.Get("metadata"); m != "" {
				p.Metadata = json.RawMessage(m)
			}
		}
	})
	if bad != nil {
		return nil, bad
	}
	return map[string]any{"channel": args.Get("channel"), "ts": args.Get("ts"), "text": args.Get("text")}, nil
}

// postEphemeral is chat.postEphemeral.
func (s *Server) postEphemeral(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	c, ok := s.channel(args.Get("channel"))
	_, known := s.user(args.Get("user"))
	s.mu.Unlock()
	checked := CheckBlocks([]byte(args.Get("blocks")))
	switch {
	case !ok || c.Private && !c.Member:
		return nil, &refusal{Code: "channel_not_found"}
	case c.Archived:
		return nil, &refusal{Code: "is_archived"}
	case !c.Member:
		return nil, &refusal{Code: "not_in_channel"}
	case !known || c.People != nil && !slices.Contains(c.People, args.Get("user")):
		return nil, &refusal{Code: "user_not_in_channel"}
	case args.Get("text") == "" && args.Get("blocks") == "":
		return nil, &refusal{Code: "no_text"}
	case checked != nil:
		return nil, &refusal{Code: checked.Code, Remarks: checked.Remarks}
	}
	p := s.store(Posted{Channel: c.ID, ThreadTS: args.Get("thread_ts"), Text: args.Get("text"), Blocks: json.RawMessage(args.Get("blocks")), User: BotUser, For: args.Get("user")})
	return map[string]any{"message_ts": p.TS}, nil
}

func (s *Server) fileInfo(args url.Values) (map[string]any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.ID == args.Get("file") {
			return map[string]any{"file": map[string]any{"id": f.ID, "name": f.Name, "size": len(f.Data), "url_private": "http://" + s.addr + "/files/" + f.ID}}, nil
		}
	}
	return nil, &refusal{Code: "file_not_found"}
}

// serveFile is a url_private. Who may not read it gets a page to sign in.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	if f, failing := s.fault("url_private", nil); failing {
		s.fail(w, r, f, nil)
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.ID == strings.TrimPrefix(r.URL.Path, "/files/") && (token == BotToken || s.tokens[token] != "") && slices.Contains(s.scopes, "files:read") {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(f.Data)
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in</body></html>")
}

func (s *Server) uploadURL(args url.Values) (map[string]any, *refusal) {
	n, err := strconv.Atoi(args.Get("length"))
	if err != nil || n <= 0 || args.Get("filename") == "" {
		return nil, &refusal{Code: "missing_argument"}
	}
	f := File{ID: s.id("F"), Name: args.Get("filename"), Data: make([]byte, 0, n)}
	s.change(func() { s.files = append(s.files, f) })
	return map[string]any{"upload_url": "http://" + s.addr + "/upload/" + f.ID, "file_id": f.ID}, nil
}

func (s *Server) takeUpload(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 10<<20))
	status := http.StatusNotFound
	s.change(func() {
		for i := range s.files {
			if f := &s.files[i]; err == nil && r.Method == http.MethodPost && "/upload/"+f.ID == r.URL.Path && len(data) == cap(f.Data) {
				f.Data, status = data, http.StatusOK
			}
		}
	})
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data)))
}

// uploaded is files.completeUploadExternal.
func (s *Server) uploaded(args url.Values) (map[string]any, *refusal) {
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(args.Get("files")), &list); err != nil || len(list) == 0 {
		return nil, &refusal{Code: "invalid_arguments"}
	}
	var bad *refusal
	s.change(func() {
		c, ok := s.channel(args.Get("channel_id"))
		if bad = (&refusal{Code: "file_not_found"}); !ok || !c.Member {
			bad = &refusal{Code: "channel_not_found"}
			return
		}
		for i := range s.files {
			if f := &s.files[i]; f.ID == list[0].ID && len(f.Data) > 0 {
				f.Channel, bad = c.ID, nil
			}
		}
	})
	if bad != nil {
		return nil, bad
	}
	return map[string]any{"files": []any{map[string]any{"id": list[0].ID}}}, nil
}
