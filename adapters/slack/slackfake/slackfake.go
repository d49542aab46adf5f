// Package slackfake is a Slack workspace of its own on the loopback interface:
// the methods, the limits and the failures that matter to a bot, to be tried
// and tested against. It stores what is posted and lets a test be its people.
package slackfake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The ids and tokens of every fake workspace.
const (
	Team     = "T012FAKE"
	TeamName = "Linden Weekly"
	AppID    = "A012FAKE"
	BotID    = "B012FAKE"
	BotUser  = "U012FAKE"
	BotToken = "xoxb-fake-2718281828-abcdefghijklmnop"
	AppToken = "xapp-fake-3141592653-qrstuvwxyz"
)

// Scopes are those that the bot token has at first.
func Scopes() []string {
	return []string{"chat:write", "commands", "channels:read", "groups:read", "channels:history", "groups:history", "users:read",
		"im:read", "im:write", "im:history", "files:read", "files:write"}
}

// Channel is a channel of the workspace.
type Channel struct {
	ID, Name                  string
	Private, Member, Archived bool
	ReadOnly                  bool     // restricted_action
	People                    []string // ids of its members; nil: everybody
	Shared                    bool     // with another organisation
}

// User is a member of the workspace.
type User struct {
	ID, Name, Locale      string
	Team                  string // "" is Team
	Admin, Owner, Primary bool
	Guest, Stranger       bool
}

// Server is the fake workspace. All methods are safe for concurrent use.
type Server struct {
	now  func() time.Time
	addr string

	mu       sync.Mutex
	changed  chan struct{} // closed and renewed at every change
	http     *http.Server
	ln       net.Listener
	scopes   []string
	channels []Channel
	users    []User
	posts    []*Posted
	lastTS   time.Time
	lastPost map[string]time.Time
	limited  bool // 1 post a second and channel
	faults   map[string][]Fault
	weather  func(Request) (Fault, bool)
	requests []*Request
	calls    map[string]int
	used     map[string][]string
	pageCap  int
	sockets  socketState
	answers  map[string]*Invocation // by the end of their response_url
	bodies   []Body
	lost     []string
	triggers map[string]*trigger
	views    []View
	files    []File
	out      *outbound
	grants   map[string]Grant  // by code
	tokens   map[string]string // teams that installed the app, by token
	nextID   int
	closed   chan struct{}
}

// New starts a workspace with the channels C1 (#news, with the bot), C2
// (#quiet, without it), G1 (a private one, with it), C3 (archived) and D1 (a
// direct message with U1), and with the people U1 (a member), U2 (an admin),
// U3 (the owner) and U4 (somebody of another workspace who is admin there).
// The clock is that of all that is stored.
func New(now func() time.Time) (*Server, error) {
	if now == nil {
		return nil, errors.New("slackfake: New needs a clock")
	}
	s := &Server{
		now: now, changed: make(chan struct{}), scopes: Scopes(), closed: make(chan struct{}),
		lastPost: make(map[string]time.Time), faults: make(map[string][]Fault), calls: make(map[string]int), used: make(map[string][]string),
		answers: make(map[string]*Invocation), triggers: make(map[string]*trigger), grants: make(map[string]Grant), tokens: make(map[string]string),
		channels: []Channel{
			{ID: "C1", Name: "news", Member: true}, {ID: "C2", Name: "quiet"}, {ID: "G1", Name: "editors", Private: true, Member: true},
			{ID: "C3", Name: "old", Member: true, Archived: true}, {ID: "D1", Name: "directmessage", Private: true, Member: true},
		},
		users: []User{
			{ID: "U1", Name: "ana", Locale: "en-US"}, {ID: "U2", Name: "tom", Locale: "de-DE", Admin: true},
			{ID: "U3", Name: "maya", Locale: "en-GB", Owner: true, Primary: true},
			{ID: "U4", Name: "eve", Locale: "en-US", Team: "T999OTHER", Admin: true, Stranger: true},
		},
	}
	s.sockets.tickets = make(map[string]bool)
	return s, s.listen("127.0.0.1:0")
}

func (s *Server) listen(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.addr, s.http, s.ln = ln.Addr().String(), server, ln
	s.mu.Unlock()
	go func() { _ = server.Serve(ln) }()
	return nil
}

// URL returns the address of the API, as a platform's configuration takes it.
func (s *Server) URL() string { return "http://" + s.addr + "/api/" }

// Close ends the workspace. Requests that hang are cut off.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.closed:
		s.mu.Unlock()
		return
	default:
	}
	close(s.closed)
	s.mu.Unlock()
	s.Down()
}

// Down makes the workspace refuse connections until Up.
func (s *Server) Down() {
	s.mu.Lock()
	server, ln := s.http, s.ln
	s.http = nil
	s.mu.Unlock()
	s.closeSockets()
	if server != nil {
		_ = ln.Close()
		_ = server.Close()
	}
}

// Up ends Down, on the same address.
func (s *Server) Up() error { return s.listen(s.addr) }

// change runs f under the lock and wakes those who wait.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Await waits until cond holds, which is looked at after every change.
func (s *Server) Await(ctx context.Context, what string, cond func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("slackfake: waited in vain for %s: %w", what, ctx.Err())
		}
	}
}

// SetScopes gives the bot token these scopes and no others.
func (s *Server) SetScopes(scopes ...string) { s.change(func() { s.scopes = scopes }) }

// AddChannel adds a channel, or replaces the one of the same id.
func (s *Server) AddChannel(c Channel) {
	s.change(func() {
		s.channels = append(slices.DeleteFunc(s.channels, func(o Channel) bool { return o.ID == c.ID }), c)
	})
}

// AddUser adds a user, or replaces the one of the same id.
func (s *Server) AddUser(u User) {
	s.change(func() {
		s.users = append(slices.DeleteFunc(s.users, func(o User) bool { return o.ID == u.ID }), u)
	})
}

// RateLimit switches the limit of one post a second and channel on or off.
func (s *Server) RateLimit(on bool) { s.change(func() { s.limited = on }) }

// PageCap makes every page of a history hold at most n messages; 0 is Slack's
// own limit.
func (s *Server) PageCap(n int) { s.change(func() { s.pageCap = n }) }

// Calls returns how often a method was called, refused calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Channels returns the channels of the workspace.
func (s *Server) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.channels)
}

// Users returns the people of the workspace.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.users)
}

func (s *Server) channel(id string) (Channel, bool) {
	for _, c := range s.channels {
		if c.ID == id {
			return c, true
		}
	}
	return Channel{}, false
}

func (s *Server) user(id string) (User, bool) {
	for _, u := range s.users {
		if u.ID == id {
			return u, true
		}
	}
	return User{}, false
}
