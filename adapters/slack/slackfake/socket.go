package slackfake

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// AckDeadline is how long Slack waits for an acknowledgement.
const AckDeadline = 3 * time.Second

const (
	pingEvery = 5 * time.Second        // how often Slack pings a socket
	notice    = 300 * time.Millisecond // between a disconnect message and the end; Slack gives about ten seconds
)

// Ack is what became of an envelope.
type Ack struct {
	Envelope string
	Type     string
	Sent     time.Time
	Latency  time.Duration
	Missed   bool // not acknowledged within AckDeadline
	Extra    bool // acknowledged a second time, or never sent
}

type socketState struct {
	tickets map[string]bool
	conns   []*conn
	waiting map[string]*Ack
	asked   map[string]*Invocation // by envelope
	acks    []Ack
	mute    bool          // no pings, no messages
	every   time.Duration // between two pings; 0 is pingEvery
}

type conn struct {
	*websocket.Conn
	write sync.Mutex
}

func (c *conn) send(v any) error {
	c.write.Lock()
	defer c.write.Unlock()
	return c.WriteJSON(v)
}

func (s *Server) openConnection(url.Values) (map[string]any, *refusal) {
	ticket := s.id("ticket-")
	s.change(func() { s.sockets.tickets[ticket] = true })
	return map[string]any{"url": "ws://" + s.addr + "/socket/" + ticket}, nil
}

// serveSocket is one WebSocket. Its address works once.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := strings.TrimPrefix(r.URL.Path, "/socket/")
	known := false
	s.change(func() { known = s.sockets.tickets[ticket]; delete(s.sockets.tickets, ticket) })
	if !known {
		http.Error(w, "used", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	c := &conn{Conn: ws}
	hello := map[string]any{"type": "hello", "num_connections": 1, "connection_info": map[string]any{"app_id": AppID},
		"debug_info": map[string]any{"host": "applink-fake", "approximate_connection_time": 3600}}
	if c.send(hello) != nil {
		return
	}
	done := make(chan struct{})
	defer close(done)
	go s.ping(c, done)
	s.change(func() { s.sockets.conns = append(s.sockets.conns, c) })
	defer s.change(func() { s.sockets.drop(c) })
	for {
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if err := ws.ReadJSON(&ack); err != nil {
			return
		}
		s.acknowledged(ack.EnvelopeID, ack.Payload)
	}
}

func (s *Server) ping(c *conn, done chan struct{}) {
	for {
		s.mu.Lock()
		mute, every := s.sockets.mute, s.sockets.every
		s.mu.Unlock()
		if !mute {
			c.write.Lock()
			err := c.WriteMessage(websocket.PingMessage, []byte("ping"))
			c.write.Unlock()
			if err != nil {
				return
			}
		}
		if every == 0 {
			every = pingEvery
		}
		select {
		case <-done:
			return
		case <-time.After(every):
		}
	}
}

// Ping sets how often sockets are pinged; 0 is as Slack does.
func (s *Server) Ping(every time.Duration) { s.change(func() { s.sockets.every = every }) }

// Mute stops the pings of all sockets, as a connection does of which the other
// end is gone unnoticed, or lets them go on.
func (s *Server) Mute(mute bool) { s.change(func() { s.sockets.mute = mute }) }

func (t *socketState) drop(c *conn) {
	for i, o := range t.conns {
		if o == c {
			t.conns = append(t.conns[:i:i], t.conns[i+1:]...)
			return
		}
	}
}

func (s *Server) acknowledged(envelope string, content []byte) {
	var v *Invocation
	s.change(func() {
		a, ok := s.sockets.waiting[envelope]
		if !ok {
			s.sockets.acks = append(s.sockets.acks, Ack{Envelope: envelope, Extra: true})
			return
		}
		delete(s.sockets.waiting, envelope)
		a.Latency = s.now().Sub(a.Sent)
		v = s.sockets.asked[envelope]
		s.sockets.acks = append(s.sockets.acks, *a)
	})
	if v != nil {
		s.heed(v, "application/json", content)
	}
}

// Acks returns what became of the envelopes that were sent.
func (s *Server) Acks() []Ack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Ack(nil), s.sockets.acks...)
}

// Sockets returns how many sockets are open.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets.conns)
}

// Disconnect tells every socket that it will be closed, for a reason such as
// "refresh_requested" or "warning", and closes it a little later.
func (s *Server) Disconnect(reason string) {
	s.mu.Lock()
	conns := append([]*conn(nil), s.sockets.conns...)
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-fake"}})
		time.AfterFunc(notice, func() { _ = c.Close() })
	}
}

// Raw sends one raw frame to the newest socket, and reports whether there is one.
func (s *Server) Raw(frame string) bool {
	c := s.newest()
	if c == nil {
		return false
	}
	c.write.Lock()
	defer c.write.Unlock()
	return c.WriteMessage(websocket.TextMessage, []byte(frame)) == nil
}

func (s *Server) newest() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.sockets.conns); n > 0 {
		return s.sockets.conns[n-1]
	}
	return nil
}

func (s *Server) closeSockets() {
	s.mu.Lock()
	conns := append([]*conn(nil), s.sockets.conns...)
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
}

// deliver sends an envelope to the newest socket and watches for its
// acknowledgement. It reports whether there was a socket.
func (s *Server) deliver(v *Invocation) bool {
	envelope, kind, payload := v.Envelope, v.kind, v.payload
	c := s.newest()
	if c == nil {
		return false
	}
	s.change(func() {
		if s.sockets.waiting == nil {
			s.sockets.waiting, s.sockets.asked = make(map[string]*Ack), make(map[string]*Invocation)
		}
		s.sockets.asked[envelope] = v
		s.sockets.waiting[envelope] = &Ack{Envelope: envelope, Type: kind, Sent: s.now()}
	})
	b, err := json.Marshal(payload)
	if err != nil {
		return false
	}
	time.AfterFunc(AckDeadline, func() {
		var a *Ack
		s.change(func() {
			if a = s.sockets.waiting[envelope]; a != nil {
				delete(s.sockets.waiting, envelope)
				a.Missed = true
				s.sockets.acks = append(s.sockets.acks, *a)
			}
		})
		if a != nil {
			s.lose(v, "operation_timeout")
		}
	})
	return c.send(map[string]any{"type": kind, "envelope_id": envelope, "payload": json.RawMessage(b), "accepts_response_payload": kind == "slash_commands"}) == nil
}
