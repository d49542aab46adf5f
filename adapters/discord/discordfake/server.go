// Package discordfake is a Discord on the loopback interface: its HTTP API and
// its gateway, as far as a bot that posts and answers commands touches them,
// with its limits, its rate limits and its ways to fail.
package discordfake

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options configures a Server. With a clock alone it is a friendly Discord.
type Options struct {
	Token       string           // of the bot; "" is "token"
	Now         func() time.Time // the clock; must be set
	NonceWindow time.Duration    // for which a nonce is remembered; 0 is 3 min
	Limit       int              // requests of one route in Window; 0 is 1000
	Window      time.Duration    // 0 is 1 s
	Global      int              // requests of all routes in a second; 0 is 50, negative is no limit
	Heartbeat   time.Duration    // interval that the gateway asks for; 0 is 41.25 s
}

// The ids of the bot and its application.
const (
	Application = "1000000000000000001"
	Bot         = "1000000000000000002"
)

// Server is a Discord. It is safe for concurrent use.
type Server struct {
	URL string // for the api_url of a configuration

	options Options
	http    *http.Server
	done    chan struct{}
	running sync.WaitGroup
	key     ed25519.PrivateKey

	mu           sync.Mutex
	serial       int64
	guilds       map[string]*guild
	channels     map[string]*channel
	commands     []json.RawMessage
	interactions []*Interaction
	faults       []*Fault
	weather      func(Request) *Fault
	requests     []*Request
	uploads      map[string][]byte // by path
	endpoint     callee            // to which interactions go, instead of the gateway
	inline       []Request
	invalid      int
	routes       map[string]*window
	global       window
	gateway      gateway
}

// Request is one request that arrived.
type Request struct {
	Method, Path, Query string            // Path is without /api/v9
	Body                []byte            // of one with files their payload_json
	Files               map[string][]byte // by name
	Parts               []string          // that held the files: "files[0]", …
	Status              int               // of the answer, 0 while or when there is none
	At                  time.Time
}

// New starts a server on a free port.
func New(o Options) (*Server, error) {
	if o.Token == "" {
		o.Token = "token"
	}
	if o.Now == nil {
		return nil, errors.New("discordfake: Options.Now is missing")
	}
	o.NonceWindow = or(o.NonceWindow, 3*time.Minute)
	o.Window = or(o.Window, time.Second)
	o.Heartbeat = or(o.Heartbeat, 41250*time.Millisecond)
	if o.Limit == 0 {
		o.Limit = 1000
	}
	if o.Global == 0 {
		o.Global = 50
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + listener.Addr().String(), options: o, done: make(chan struct{}), uploads: make(map[string][]byte),
		key:    ed25519.NewKeyFromSeed([]byte("the key of a pretended Discord..")),
		guilds: make(map[string]*guild), channels: make(map[string]*channel), routes: make(map[string]*window)}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.running.Go(func() { _ = s.http.Serve(listener) }) // it ends with ErrServerClosed
	return s, nil
}

func or(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

// Close stops the server and cuts every connection.
func (s *Server) Close() error {
	close(s.done)
	s.hangUp()
	err := s.http.Close()
	s.running.Wait()
	return err
}

// Requests returns what arrived so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
	}
	return out
}

// Invalid counts the answers 401, 403 and 429, of which Discord takes 10,000
// in ten minutes before it bans the address.
func (s *Server) Invalid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.invalid
}

// Commands returns the registered commands.
func (s *Server) Commands() []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]json.RawMessage(nil), s.commands...)
}

// id makes a new id. The lock must be held.
func (s *Server) id() string {
	s.serial++
	return strconv.FormatInt((s.options.Now().UnixMilli()-1420070400000)<<22|s.serial&0x3fffff, 10)
}

// reply is the answer to a request.
type reply struct {
	status int
	body   any // nil: none
	header map[string]string
	torn   bool // the connection ends in the middle
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

// refuse is an error body as Discord's.
func refuse(status, code int, message string) reply {
	return reply{status: status, body: map[string]any{"code": code, "message": message}}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/ws") {
		s.connect(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/attachments/") {
		s.serveFile(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 25<<20))
	if err != nil {
		return
	}
	body, files, parts := unpack(r, body)
	path := strings.TrimPrefix(r.URL.Path, "/api")
	if len(path) > 2 && path[:2] == "/v" {
		_, path, _ = strings.Cut(path[1:], "/")
	}
	path = strings.Trim(path, "/")
	req := Request{Method: r.Method, Path: path, Query: r.URL.RawQuery, Body: body, Files: files, Parts: parts, At: s.options.Now()}
	noted := &req
	s.mu.Lock()
	s.requests = append(s.requests, noted)
	s.mu.Unlock()
	answer, answered := s.answer(r, req)
	s.mu.Lock()
	if answered {
		noted.Status = answer.status
		if answer.status == 401 || answer.status == 403 || answer.status == 429 && answer.header["X-RateLimit-Scope"] != "shared" {
			s.invalid++
		}
	}
	s.mu.Unlock()
	if !answered {
		cut(w)
		return
	}
	if answer.torn {
		tear(w, answer)
	}
	for k, v := range answer.header {
		w.Header().Set(k, v)
	}
	if text, isText := answer.body.(string); isText {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(answer.status)
		_, _ = io.WriteString(w, text) // the client may be gone
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.status)
	if answer.body != nil {
		_ = json.NewEncoder(w).Encode(answer.body) // the client may be gone
	}
}

// tear ends a connection in the middle of an answer.
func tear(w http.ResponseWriter, a reply) {
	body, _ := json.Marshal(a.body) // it was made by us
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush() // whoever is gone needs no answer
	panic(http.ErrAbortHandler)
}

// cut ends a connection without an answer.
func cut(w http.ResponseWriter) {
	if h, isHijacker := w.(http.Hijacker); isHijacker {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close() // that it ends is the point
		}
	}
}

// answer answers a request, unless a fault keeps the answer back.
func (s *Server) answer(r *http.Request, req Request) (reply, bool) {
	fault := s.fault(req)
	switch {
	case fault == nil:
	case fault.Kind == Refuse:
		return reply{}, false
	case fault.Kind == Status:
		return reply{status: fault.Status, body: fault.Body, header: fault.Header}, true
	case fault.Kind == DelayedStore:
		// The client gives up first; the request is carried out nevertheless.
		s.running.Go(func() {
			select {
			case <-time.After(fault.Delay):
				s.route(r.WithContext(context.WithoutCancel(r.Context())), req)
			case <-s.done:
			}
		})
		return s.hang(r)
	case fault.Kind == Hang:
		return s.hang(r)
	case fault.Kind == Slow:
		select {
		case <-time.After(fault.Delay):
		case <-s.done:
			return reply{}, false
		}
	}
	answer := s.route(r, req)
	switch {
	case fault == nil, fault.Kind == Slow:
		return answer, true
	case fault.Kind == StoreThenTorn:
		answer.torn = true
		return answer, true
	case fault.Kind == StoreThenGarbled:
		answer.body = `{"id":"17`
		return answer, true
	case fault.Kind == StoreThen502:
		return reply{status: http.StatusBadGateway, body: "<html>502 Bad Gateway</html>"}, true
	case fault.Kind == StoreThenHang:
		return s.hang(r)
	}
	return reply{}, false // StoreThenCut
}

// hang holds a request until the client gives up.
func (s *Server) hang(r *http.Request) (reply, bool) {
	select {
	case <-r.Context().Done():
	case <-s.done:
	}
	return reply{}, false
}

// route checks the token and the rate limits and finds who answers.
func (s *Server) route(r *http.Request, req Request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(req.Path, "/")
	if parts[0] == "interactions" || parts[0] == "webhooks" {
		return s.interaction(req, parts)
	}
	if r.Header.Get("Authorization") != "Bot "+s.options.Token {
		return refuse(http.StatusUnauthorized, 0, "401: Unauthorized")
	}
	headers, limited := s.limit(req, parts)
	if limited != nil {
		return *limited
	}
	answer := s.resource(req, parts)
	if answer.header == nil {
		answer.header = make(map[string]string)
	}
	for k, v := range headers {
		answer.header[k] = v
	}
	return answer
}

// resource answers a request of the bot. The lock is held.
func (s *Server) resource(req Request, parts []string) reply {
	get, n := req.Method == http.MethodGet, len(parts)
	switch {
	case get && req.Path == "gateway":
		return ok(map[string]any{"url": s.socketURL()})
	case get && req.Path == "gateway/bot":
		return ok(map[string]any{"url": s.socketURL(), "shards": 1, "session_start_limit": map[string]any{
			"total": 1000, "remaining": 1000 - s.gateway.identifies, "reset_after": 3600000, "max_concurrency": 1}})
	case get && req.Path == "users/@me":
		return ok(botUser())
	case get && req.Path == "oauth2/applications/@me", get && req.Path == "applications/@me":
		return ok(map[string]any{"id": Application, "name": "Nutgraf", "verify_key": s.PublicKey(), "interactions_endpoint_url": orNull(s.endpoint.address)})
	case req.Method == http.MethodPost && req.Path == "users/@me/channels":
		return s.direct(req.Body)
	case parts[0] == "applications" && n == 3 && parts[2] == "commands":
		return s.appCommands(req, parts[1])
	case get && parts[0] == "guilds":
		return s.guild(parts)
	case parts[0] == "channels" && n >= 2:
		return s.channel(req, parts)
	}
	return refuse(http.StatusNotFound, 0, "404: Not Found")
}

func botUser() map[string]any {
	return map[string]any{"id": Bot, "username": "nutgraf", "discriminator": "0", "bot": true}
}

// appCommands lists the commands or replaces all of them.
func (s *Server) appCommands(req Request, app string) reply {
	if app != Application {
		return refuse(http.StatusForbidden, 20012, "You are not authorized to perform this action on this application")
	}
	switch req.Method {
	case http.MethodGet:
		return ok(shownCommands(s.commands, strings.Contains(req.Query, "with_localizations=true")))
	case http.MethodPut:
		var list []map[string]any
		if json.Unmarshal(req.Body, &list) != nil {
			return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
		}
		if problems := checkCommands(list); len(problems) > 0 {
			return problems.reply()
		}
		s.commands = nil
		for _, c := range list {
			c["id"], c["application_id"], c["version"] = s.id(), Application, s.id()
			text, err := json.Marshal(c)
			if err != nil {
				return refuse(http.StatusInternalServerError, 0, err.Error())
			}
			s.commands = append(s.commands, text)
		}
		return ok(append([]json.RawMessage{}, s.commands...))
	}
	return refuse(http.StatusMethodNotAllowed, 0, "405: Method Not Allowed")
}

// shownCommands leaves translations out for who did not ask for them.
func shownCommands(list []json.RawMessage, translated bool) []any {
	out := []any{}
	for _, raw := range list {
		var c any
		if json.Unmarshal(raw, &c) == nil {
			if !translated {
				untranslate(c)
			}
			out = append(out, c)
		}
	}
	return out
}

func untranslate(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			untranslate(e)
		}
	case map[string]any:
		delete(v, "name_localizations")
		delete(v, "description_localizations")
		untranslate(v["options"])
	}
}

// ErrNotThere is the error of methods that name what does not exist.
var ErrNotThere = errors.New("discordfake: it does not exist")
