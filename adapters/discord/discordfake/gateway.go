package discordfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// gateway is the state of the WebSocket side.
type gateway struct {
	conns      map[*conn]bool
	sessions   map[string]*session
	identifies int
	resumes    int
	deaf       bool // heartbeats are not answered
	refusal    int  // close code for the next logins
	times      int  // how many of them
	invalid    int  // logins answered with op 9
}

// conn is one connection. Its lock is the server's, but for writing.
type conn struct {
	ws      *websocket.Conn
	out     chan any
	closed  chan struct{}
	session *session
}

// session is what a connection can resume.
type session struct {
	id      string
	intents int
	seq     int
	events  []map[string]any
}

// The gateway's operations.
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opResume         = 6
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opAck            = 11
)

type closing struct{ code int }

// socketURL is the address of the gateway.
func (s *Server) socketURL() string { return "ws" + strings.TrimPrefix(s.URL, "http") + "/ws" }

// connect serves one connection.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &conn{ws: ws, out: make(chan any, 256), closed: make(chan struct{})}
	s.mu.Lock()
	if s.gateway.conns == nil {
		s.gateway.conns, s.gateway.sessions = make(map[*conn]bool), make(map[string]*session)
	}
	s.gateway.conns[c] = true
	s.mu.Unlock()
	s.running.Go(func() { c.write() })
	c.send(map[string]any{"op": opHello, "d": map[string]any{"heartbeat_interval": s.options.Heartbeat.Milliseconds()}})
	for {
		var in struct {
			Op int
			D  json.RawMessage
		}
		if err := ws.ReadJSON(&in); err != nil {
			break
		}
		s.receive(c, in.Op, in.D)
	}
	s.mu.Lock()
	delete(s.gateway.conns, c)
	s.mu.Unlock()
	close(c.closed)
	_ = ws.Close() // it ended already
}

// write sends what is queued.
func (c *conn) write() {
	for {
		select {
		case m := <-c.out:
			if end, isEnd := m.(closing); isEnd {
				_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(end.code, ""), time.Time{}) // it ends either way
				_ = c.ws.Close()
				return
			}
			if c.ws.WriteJSON(m) != nil {
				return
			}
		case <-c.closed:
			return
		}
	}
}

func (c *conn) send(m any) {
	select {
	case c.out <- m:
	default: // a client that does not read is lost
	}
}

// receive handles one message of a client.
func (s *Server) receive(c *conn, op int, d json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch op {
	case opHeartbeat:
		if !s.gateway.deaf {
			c.send(map[string]any{"op": opAck})
		}
	case opIdentify:
		s.identify(c, d)
	case opResume:
		s.resume(c, d)
	default:
		c.send(closing{4001})
	}
}

func (s *Server) identify(c *conn, d json.RawMessage) {
	var in struct {
		Token   string
		Intents int
	}
	s.gateway.identifies++
	switch {
	case json.Unmarshal(d, &in) != nil:
		c.send(closing{4002})
	case s.gateway.times > 0:
		s.gateway.times--
		c.send(closing{s.gateway.refusal})
	case s.gateway.invalid > 0:
		s.gateway.invalid--
		c.send(map[string]any{"op": opInvalidSession, "d": false})
	case in.Token != "Bot "+s.options.Token && in.Token != s.options.Token:
		c.send(closing{4004})
	case in.Intents&(1<<1|1<<8|1<<15) != 0: // the privileged ones
		c.send(closing{4014})
	case c.session != nil:
		c.send(closing{4005})
	default:
		c.session = &session{id: "session-" + s.id(), intents: in.Intents}
		s.gateway.sessions[c.session.id] = c.session
		c.session.dispatch(c, "READY", map[string]any{"v": 9, "user": botUser(), "session_id": c.session.id,
			"resume_gateway_url": s.socketURL(), "guilds": []any{}, "application": map[string]any{"id": Application}})
	}
}

func (s *Server) resume(c *conn, d json.RawMessage) {
	var in struct {
		Token   string
		Session string `json:"session_id"`
		Seq     int
	}
	s.gateway.resumes++
	old := s.gateway.sessions[""]
	if json.Unmarshal(d, &in) == nil {
		old = s.gateway.sessions[in.Session]
	}
	if old == nil || in.Seq > old.seq {
		c.send(map[string]any{"op": opInvalidSession, "d": false})
		return
	}
	c.session = old
	for _, e := range old.events {
		if seq, _ := e["s"].(int); seq > in.Seq {
			c.send(e)
		}
	}
	old.dispatch(c, "RESUMED", map[string]any{})
}

// dispatch sends an event and keeps it for a resume.
func (x *session) dispatch(c *conn, kind string, data any) {
	x.seq++
	event := map[string]any{"op": opDispatch, "s": x.seq, "t": kind, "d": data}
	x.events = append(x.events, event)
	if c != nil {
		c.send(event)
	}
}

// guildEvents are those that come only to who asked for the intent GUILDS.
var guildEvents = []string{"GUILD_CREATE", "GUILD_DELETE", "CHANNEL_DELETE", "THREAD_DELETE"}

// Dispatch sends an event to every bot that is logged in and asked for its kind.
func (s *Server) Dispatch(kind string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(kind, data)
}

// tell is Dispatch with the lock held.
func (s *Server) tell(kind string, data any) {
	for c := range s.gateway.conns {
		if c.session != nil && (c.session.intents&1 != 0 || !slices.Contains(guildEvents, kind)) {
			c.session.dispatch(c, kind, data)
		}
	}
}

// Connected counts the bots that are logged in.
func (s *Server) Connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.gateway.conns {
		if c.session != nil {
			n++
		}
	}
	return n
}

// Identifies counts the logins, refused ones included.
func (s *Server) Identifies() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.identifies
}

// Resumes counts the attempts to resume a session.
func (s *Server) Resumes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.resumes
}

// RefuseLogins closes the next logins with a code.
func (s *Server) RefuseLogins(code, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.refusal, s.gateway.times = code, times
}

// InvalidateLogins answers the next logins with op 9.
func (s *Server) InvalidateLogins(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.invalid = times
}

// Deafen stops or resumes the answers to heartbeats.
func (s *Server) Deafen(deaf bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.deaf = deaf
}

// Drop closes every connection with a code.
func (s *Server) Drop(code int) { s.broadcast(closing{code}) }

// AskReconnect sends op 7 to every connection.
func (s *Server) AskReconnect() { s.broadcast(map[string]any{"op": opReconnect, "d": nil}) }

// Invalidate forgets all sessions and sends op 9 to every connection.
func (s *Server) Invalidate() {
	s.mu.Lock()
	s.gateway.sessions = make(map[string]*session)
	for c := range s.gateway.conns {
		c.session = nil
	}
	s.mu.Unlock()
	s.broadcast(map[string]any{"op": opInvalidSession, "d": false})
}

func (s *Server) broadcast(m any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.gateway.conns {
		c.send(m)
	}
}

// hangUp cuts every connection.
func (s *Server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.gateway.conns {
		_ = c.ws.Close() // the server ends
	}
}
