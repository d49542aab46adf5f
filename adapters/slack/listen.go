package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	firstWait   = time.Second // before a connection that failed is tried again, doubled each time
	lastWait    = 5 * time.Minute
	settled     = time.Minute // a connection that lasted this long begins the waits anew
	farewell    = 5 * time.Second
	frameBuffer = 32 << 10 // Slack drops acknowledgements that come in several frames
)

// Listen answers slash commands, buttons and message shortcuts over Socket
// Mode until ctx ends. It connects again for ever, except when Slack refuses
// the app itself; that is its only error. Every request is acknowledged at once,
// or when it is noted if it changes something, and answered by its response_url,
// so that a handler may take as long as that lives, 30 minutes. With the transport HTTP there is nothing to connect to:
// it waits for the handlers of Routes.
func (p *Platform) Listen(ctx context.Context, h chat.Handler, specs []chat.Spec) error {
	if p.cfg.Transport == HTTP {
		return p.attend(ctx)
	}
	if p.cfg.AppToken.IsZero() {
		return digest.Errorf(digest.Invalid, "Slack's app token is missing, without which no command reaches the bot; make one with the scope connections:write under “Basic Information” of the app's settings")
	}
	l := p.listener(h, specs)
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

// envelope has a request answered and acknowledges it, beside all others. The
// answer outlives the connection that the request came by.
func (l *listener) envelope(ctx context.Context, s *socket, req socketmode.Request) {
	l.busy.Go(func() {
		defer l.survive("a request of Slack's")
		content, err := l.take(ctx, delivery{kind: req.Type, id: req.EnvelopeID, payload: req.Payload, told: true})
		if err != nil {
			l.p.log.Warn("a request could not be taken, and is left for Slack to send again", "error", err)
			return
		}
		if err := s.acknowledge(req.EnvelopeID, content); err != nil {
			l.p.log.Warn("a request was not acknowledged", "error", plain(err))
		}
	})
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
