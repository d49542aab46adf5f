package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	firstWait    = time.Second // before a connection that failed is tried again, doubled each time
	lastWait     = 5 * time.Minute
	settled      = time.Minute // a connection that lasted this long begins the waits anew
	maxAnswering = 100         // commands that are answered at once
	farewell     = 5 * time.Second
	frameBuffer  = 32 << 10 // Slack drops acknowledgements that come in several frames
	responseLife = 30 * time.Minute
)

// Listen answers slash commands, buttons and message shortcuts over Socket
// Mode until ctx ends. It connects again for ever, except when Slack refuses
// the app itself; that is its only error. Every request is acknowledged at once
// and answered by its response_url, so that a handler may take as long as that
// lives, 30 minutes.
func (p *Platform) Listen(ctx context.Context, h chat.Handler, specs []chat.Spec) error {
	if p.cfg.AppToken.IsZero() {
		return digest.Errorf(digest.Invalid, "Slack's app token is missing, without which no command reaches the bot; make one with the scope connections:write under “Basic Information” of the app's settings")
	}
	l := &listener{p: p, handler: h, specs: specs, free: make(chan struct{}, maxAnswering)}
	defer l.drain()
	wait := firstWait
	for ctx.Err() == nil {
		began := p.now()
		err := l.relay(ctx)
		if ctx.Err() != nil {
			break
		}
		if refused := (final{}); errors.As(err, &refused) {
			return refused.error
		}
		if p.now().Sub(began) > settled {
			wait = firstWait
		}
		p.log.Error("the connection to Slack ended; commands are not heard", "error", plain(err), "again in", max(wait, digest.OutcomeOf(err).After))
		pause(ctx, max(wait, digest.OutcomeOf(err).After))
		wait = min(2*wait, lastWait)
	}
	return nil
}

// pause waits, or returns early when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// listener is one run of Listen.
type listener struct {
	p       *Platform
	handler chat.Handler
	specs   []chat.Spec
	free    chan struct{}
	busy    sync.WaitGroup
	seen    memory
}

// drain waits a little for handlers that are still at work.
func (l *listener) drain() {
	done := make(chan struct{})
	go func() { l.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(farewell):
		l.p.log.Warn("commands were still being answered when the program stopped")
	}
}

// envelope acknowledges a request and has it answered, once for each id. The
// answer outlives the connection that the request came by.
func (l *listener) envelope(ctx context.Context, s *socket, req socketmode.Request) {
	if err := s.acknowledge(req.EnvelopeID); err != nil {
		l.p.log.Warn("a request was not acknowledged", "error", plain(err))
	}
	for _, r := range l.p.requests(req) {
		if !l.seen.add(l.p.now(), req.EnvelopeID+r.suffix, r.trigger) {
			l.p.log.Info("a request came twice and is answered once", "envelope", req.EnvelopeID)
			continue
		}
		l.busy.Add(1)
		select {
		case l.free <- struct{}{}:
			go func() {
				defer func() { <-l.free; l.busy.Done() }()
				l.p.serve(ctx, l.handler, l.specs, r)
			}()
		default:
			go func() {
				defer l.busy.Done()
				l.p.answer(ctx, r, chat.Problem(digest.Errorf(digest.RateLimited, "Too many commands at once; try again in a minute.")), true)
			}()
		}
	}
}

// paced is the HTTP client that asks for connections, not too often.
type paced struct{ p *Platform }

// Do implements the library's HTTP client.
func (c paced) Do(req *http.Request) (*http.Response, error) {
	p := c.p
	p.mu.Lock()
	now := p.now()
	wait := time.Duration(0)
	if !p.opened.IsZero() {
		wait = min(max(p.opened.Add(p.reopen).Sub(now), 0), p.reopen)
	}
	p.opened = now.Add(wait)
	p.mu.Unlock()
	if wait > 0 {
		pause(req.Context(), wait)
	}
	return watched{p.http, p.now}.Do(req)
}

// dialer returns what opens the WebSocket. Its proxy function sees every
// address before it is dialled, and lets only Slack's own pass.
func (p *Platform) dialer() *websocket.Dialer {
	return &websocket.Dialer{
		HandshakeTimeout: callTimeout,
		WriteBufferSize:  frameBuffer,
		Proxy: func(req *http.Request) (*url.URL, error) {
			if !p.trusted(req.URL) {
				return nil, digest.Errorf(digest.Forbidden, "Slack names a connection on %s, which is not Slack's; it is not used", clip(req.URL.Hostname(), 80))
			}
			return p.cfg.Egress.Proxy, nil
		},
	}
}

// slackHosts are the domains whose hosts are Slack's.
var slackHosts = []string{"slack.com", "slack-gov.com"}

// trusted reports whether an address that Slack named is Slack's own, or on
// the host of the configured API.
func (p *Platform) trusted(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	if api, err := url.Parse(p.cfg.APIURL); err == nil && u.Scheme == api.Scheme && strings.EqualFold(u.Host, api.Host) {
		return true
	}
	host := strings.ToLower(u.Hostname())
	for _, own := range slackHosts {
		if u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && (host == own || strings.HasSuffix(host, "."+own)) {
			return true
		}
	}
	return false
}

// serve answers one request. A handler that panics costs its own answer only.
func (p *Platform) serve(ctx context.Context, h chat.Handler, specs []chat.Spec, r request) {
	ctx, cancel := context.WithTimeout(ctx, responseLife)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			p.log.Error("a command failed inside the program", "line", clip(r.line, 80), "panic", v, "stack", string(debug.Stack()))
			p.answer(ctx, r, chat.Problem(fmt.Errorf("panic: %v", v)), true)
		}
	}()
	cmd, err := r.command(specs)
	if err != nil {
		p.answer(ctx, r, chat.Problem(err), true)
		return
	}
	cmd.User = p.user(ctx, r.team, r.user, r.name)
	private := false
	for _, s := range specs {
		private = private || s.Name == cmd.Name && s.Private
	}
	reply := h.Handle(ctx, cmd)
	p.log.Log(ctx, slog.LevelDebug, "command answered", "command", cmd.Name, "channel", cmd.Address.String())
	p.answer(ctx, r, reply, private)
}
