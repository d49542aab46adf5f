package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// refusal is an answer with ok false.
type refusal struct {
	Code, Needed, Provided string
	Remarks                []string
}

// method is one of Slack's methods.
type method struct {
	token  string   // BotToken or AppToken
	scopes []string // one of which is needed; none: no scope
	run    func(s *Server, args url.Values) (map[string]any, *refusal)
}

func methods() map[string]method {
	history := []string{"channels:history", "groups:history", "im:history", "mpim:history"}
	read := []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	return map[string]method{
		"auth.test":             {BotToken, nil, (*Server).authTest},
		"chat.postMessage":      {BotToken, []string{"chat:write"}, nil}, // see post
		"conversations.history": {BotToken, history, (*Server).history},
		"conversations.replies": {BotToken, history, (*Server).replies},
		"conversations.info":    {BotToken, read, (*Server).conversation},
		"conversations.list":    {BotToken, read, (*Server).conversations},
		"users.info":            {BotToken, []string{"users:read"}, (*Server).userInfo},
		"views.open":            {BotToken, nil, (*Server).viewsOpen},
		"views.push":            {BotToken, nil, (*Server).viewsOpen},
		"views.update":          {BotToken, nil, (*Server).viewsUpdate},
		"views.publish":         {BotToken, nil, (*Server).viewsPublish},
		"users.conversations":   {BotToken, []string{"channels:read"}, (*Server).joined},
		"conversations.open":    {BotToken, []string{"im:write"}, (*Server).openDirect},
		"chat.update":           {BotToken, []string{"chat:write"}, (*Server).edit},
		"chat.postEphemeral":    {BotToken, []string{"chat:write"}, (*Server).postEphemeral},
		"files.info":            {BotToken, []string{"files:read"}, (*Server).fileInfo},

		"files.getUploadURLExternal":   {BotToken, []string{"files:write"}, (*Server).uploadURL},
		"files.completeUploadExternal": {BotToken, []string{"files:write"}, (*Server).uploaded},

		"oauth.v2.access":       {"", nil, (*Server).access},
		"auth.revoke":           {BotToken, nil, (*Server).revoke},
		"apps.connections.open": {AppToken, nil, (*Server).openConnection},
	}
}

// ServeHTTP serves the API, the sockets and the response_urls.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/socket/"):
		s.serveSocket(w, r)
	case strings.HasPrefix(path, "/files/"):
		s.serveFile(w, r)
	case strings.HasPrefix(path, "/upload/"):
		s.takeUpload(w, r)
	case strings.HasPrefix(path, "/commands/"):
		s.serveResponse(w, r)
	case strings.HasPrefix(path, "/api/"):
		s.serveMethod(w, r, strings.TrimPrefix(path, "/api/"))
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request, name string) {
	args, token := arguments(r)
	w, answered := s.note(w, name, args)
	defer answered()
	m, ok := methods()[name]
	if !ok {
		s.fault(name, args)
		s.say(w, nil, &refusal{Code: "unknown_method"})
		return
	}
	f, failing := s.fault(name, args)
	if bad := s.admit(m, token, args); bad != nil {
		s.say(w, nil, bad)
		return
	}
	if name == "chat.postMessage" {
		s.post(w, r, args, f, failing)
		return
	}
	if failing {
		s.fail(w, r, f, nil)
		return
	}
	out, bad := m.run(s, args)
	s.say(w, out, bad)
}

// admit checks the token and its scopes.
func (s *Server) admit(m method, token string, args url.Values) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens[token] != "" && m.token == BotToken {
		args.Set("as", s.tokens[token])
		token = BotToken // of an install; it has the same scopes
	}
	switch {
	case m.token == "":
		return nil
	case token == "":
		return &refusal{Code: "not_authed"}
	case token != m.token && (token == BotToken || token == AppToken):
		return &refusal{Code: "not_allowed_token_type"}
	case token != m.token:
		return &refusal{Code: "invalid_auth"}
	case len(m.scopes) == 0:
		return nil
	}
	needed := m.scopes[0]
	if len(m.scopes) > 1 {
		c, _ := s.channel(args.Get("channel"))
		switch {
		case strings.HasPrefix(c.ID, "D"):
			needed = m.scopes[2]
		case c.Private:
			needed = m.scopes[1]
		}
	}
	if !slices.Contains(s.scopes, needed) {
		return &refusal{Code: "missing_scope", Needed: needed, Provided: strings.Join(s.scopes, ",")}
	}
	return nil
}

// say answers a call.
func (s *Server) say(w http.ResponseWriter, out map[string]any, bad *refusal) {
	if out == nil {
		out = make(map[string]any)
	}
	out["ok"] = bad == nil
	if bad != nil {
		out["error"] = bad.Code
		if bad.Needed != "" {
			out["needed"], out["provided"] = bad.Needed, bad.Provided
		}
		if len(bad.Remarks) > 0 {
			out["response_metadata"] = map[string]any{"messages": bad.Remarks}
		}
	}
	s.mu.Lock()
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.scopes, ","))
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(out)
}

// arguments returns the arguments and the token of a call, from a form or from
// JSON. Values that are no strings are their JSON.
func arguments(r *http.Request) (url.Values, string) {
	r.Body = http.MaxBytesReader(nil, r.Body, 1<<20)
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	args := url.Values{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var body map[string]json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&body); err == nil {
			for k, v := range body {
				var text string
				if json.Unmarshal(v, &text) != nil {
					text = string(v)
				}
				args.Set(k, text)
			}
		}
	} else if err := r.ParseForm(); err == nil {
		args = r.PostForm
	}
	if t := args.Get("token"); t != "" {
		token = t
	}
	args.Del("token")
	return args, token
}

// id returns a new id with a prefix.
func (s *Server) id(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	return fmt.Sprintf("%s%06d", prefix, s.nextID)
}

// Request is one call of a method that arrived.
type Request struct {
	Method string
	Args   url.Values // without the token
	At     time.Time
	Status int  // of the answer, 0 while or when there is none
	OK     bool // the answer says ok
}

// Requests returns the calls that arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
	}
	return out
}

// answer is a response that remembers what it said.
type answer struct {
	http.ResponseWriter
	status int
	body   []byte
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// note remembers a call, and which arguments its method was called with.
// Answered is called at its end and reads from the returned writer what became
// of it.
func (s *Server) note(w http.ResponseWriter, name string, args url.Values) (_ *answer, answered func()) {
	a, call := &answer{ResponseWriter: w}, &Request{Method: name, Args: args, At: s.now()}
	answered = func() {
		var said struct{ OK bool }
		whole := json.Unmarshal(a.body, &said) == nil
		s.mu.Lock()
		defer s.mu.Unlock()
		if call.Status = a.status; a.status == 0 && whole {
			call.Status = http.StatusOK
		}
		call.OK = whole && said.OK
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, call)
	for a := range args {
		if !slices.Contains(s.used[name], a) {
			s.used[name] = append(s.used[name], a)
		}
	}
	if s.used[name] == nil {
		s.used[name] = []string{}
	}
	return a, answered
}

// Called returns the methods that were called, with the arguments that they
// were given at any time.
func (s *Server) Called() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string][]string, len(s.used))
	for name, args := range s.used {
		out[name] = slices.Sorted(slices.Values(args))
	}
	return out
}
