package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"nutgraf/digest"
)

const (
	silence     = 30 * time.Second // Slack pings every few seconds
	overlap     = 20 * time.Second // for which a connection that Slack will close is heard beside the next one
	maxEnvelope = 1 << 20          // bytes of one message from Slack
)

// refusals are the codes with which Slack refuses a connection for good, with
// what to do about them.
var refusals = map[string]string{
	"invalid_auth":           "Slack refuses the app token, or this machine's address; make a new token under “Basic Information”, or look into the app's allowed addresses",
	"not_authed":             "the app token is empty; make one with the scope connections:write under “Basic Information”",
	"account_inactive":       "the app was removed from the workspace; install it again",
	"token_revoked":          "the app token was revoked; make a new one under “Basic Information”",
	"token_expired":          "the app token has expired; make a new one under “Basic Information”",
	"not_allowed_token_type": "the app token is not an app-level one; copy the one that begins with xapp-",
	"missing_scope":          "the app token lacks the scope connections:write; make one that has it under “Basic Information”",
	"forbidden_team":         "the workspace does not allow the app to connect; ask its admins",
	"link_disabled":          "Socket Mode is switched off; switch it on under “Socket Mode” in the app's settings",
}

// final is an error after which there is no use in connecting again.
type final struct{ error }

// refused returns the error for people of a refusal that will not pass, or nil.
func refused(code string) error {
	if advice, ok := refusals[code]; ok {
		return final{digest.Errorf(digest.Forbidden, "The bot cannot listen to Slack (%s): %s.", code, advice)}
	}
	return nil
}

// socket is one WebSocket to Slack.
type socket struct {
	conn    *websocket.Conn
	alive   *time.Timer   // closes the connection when nothing comes any more
	hello   chan struct{} // closed when Slack has said hello
	leaving chan struct{} // closed when Slack has said that it will close the connection
	ended   chan error    // why it ended; one value

	mu sync.Mutex // of writing
}

// relay listens on one connection after the other: where Slack announces the
// end of one, the next is there before it goes, so that no command is lost. It
// returns when there is none any more.
func (l *listener) relay(ctx context.Context) error {
	run, cancel := context.WithCancel(ctx)
	defer cancel() // ends what is heard beside the last one, too
	defer func() { l.p.line.Closed(l.p.now()) }()
	current, err := l.open(run)
	for err == nil {
		select {
		case err = <-current.ended:
			return err
		case <-current.leaving:
		}
		next, failed := l.next(run, current)
		if failed != nil {
			return failed
		}
		old := current
		time.AfterFunc(overlap, func() { _ = old.conn.Close() }) // Slack closes it before that
		current = next
	}
	return err
}

// next opens the connection that comes after one that Slack will close, which
// is heard meanwhile.
func (l *listener) next(ctx context.Context, current *socket) (*socket, error) {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		s, err := l.open(ctx)
		if err == nil {
			return s, nil
		}
		l.p.log.Warn("the next connection to Slack could not be opened; the old one is heard on", "error", plain(err))
		select {
		case <-current.ended:
			return nil, err
		case <-time.After(max(wait, digest.OutcomeOf(err).After)):
		}
	}
}

// open opens a connection and returns when Slack has said hello on it. It is
// heard until ctx ends.
func (l *listener) open(ctx context.Context) (*socket, error) {
	opening, cancel := context.WithTimeout(ctx, 3*callTimeout)
	defer cancel()
	_, address, err := l.p.client(paced{l.p}, digest.Secret{}).StartSocketModeContext(opening)
	if err != nil {
		return nil, l.unopened(err)
	}
	conn, resp, err := l.p.dialer().DialContext(opening, address, nil)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close() // it is the connection's now
	s := &socket{conn: conn, hello: make(chan struct{}), leaving: make(chan struct{}), ended: make(chan error, 1)}
	s.alive = time.AfterFunc(l.p.silence, func() { _ = conn.Close() })
	conn.SetReadLimit(maxEnvelope)
	conn.SetPingHandler(func(data string) error {
		s.alive.Reset(l.p.silence)
		return conn.WriteControl(websocket.PongMessage, []byte(data), time.Time{})
	})
	closing := context.AfterFunc(ctx, func() { _ = conn.Close() })
	go func() {
		defer closing()
		s.ended <- l.read(ctx, s)
		_ = conn.Close() // it has ended
	}()
	select {
	case <-s.hello:
		l.p.log.Info("connected to Slack")
		l.p.line.Opened(l.p.now())
		if l.p.cfg.Heard != nil {
			l.p.cfg.Heard()
		}
		return s, nil
	case err := <-s.ended:
		return nil, err
	}
}

// unopened turns a refusal that will not pass into an error for people, and
// keeps how long Slack asks to wait.
func (l *listener) unopened(err error) error {
	var answer slack.SlackErrorResponse
	var limited *slack.RateLimitedError
	switch {
	case errors.As(err, &answer):
		if e := refused(answer.Err); e != nil {
			return e
		}
	case errors.As(err, &limited):
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, Code: "ratelimited", After: limited.RetryAfter}, Err: err}
	}
	return err
}

// read hears a connection to its end.
func (l *listener) read(ctx context.Context, s *socket) (err error) {
	defer s.alive.Stop()
	defer func() {
		if v := recover(); v != nil {
			l.p.log.Error("a message of Slack's failed inside the program", "panic", v, "stack", string(debug.Stack()))
			err = errors.New("the program failed at a message")
		}
	}()
	greeted, parting := sync.OnceFunc(func() { close(s.hello) }), sync.OnceFunc(func() { close(s.leaving) })
	for {
		_, message, err := s.conn.ReadMessage()
		if err != nil {
			if !s.alive.Stop() {
				return fmt.Errorf("no sign of life for %s", l.p.silence)
			}
			return err
		}
		s.alive.Reset(l.p.silence)
		var m struct {
			socketmode.Request
			Reason string `json:"reason"`
		}
		if err := json.Unmarshal(message, &m); err != nil {
			l.p.log.Warn("a message of Slack's could not be read", "error", plain(err))
			continue
		}
		switch {
		case m.Type == socketmode.RequestTypeHello:
			greeted()
		case m.Type == socketmode.RequestTypeDisconnect:
			if e := refused(m.Reason); e != nil {
				return e
			}
			if strings.HasPrefix(m.Reason, "too_many") { // one more would be too many, too
				return fmt.Errorf("the connection was closed by Slack: %s", clip(m.Reason, 80))
			}
			parting()
		case m.EnvelopeID != "":
			l.envelope(ctx, s, m.Request)
		}
	}
}

// acknowledge tells Slack that a request has come, with what it waits for.
func (s *socket) acknowledge(envelope string, content any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.WriteJSON(struct {
		Envelope string `json:"envelope_id"`
		Payload  any    `json:"payload,omitempty"`
	}{envelope, content})
}
