package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"nutgraf/adapters/chat"
)

const (
	maxInbound = 1 << 20         // bytes of a request of Slack's
	window     = 5 * time.Minute // that a request's time may be off, both ways
)

// The paths of Routes.
const (
	CommandsPath    = "/slack/commands"
	InteractivePath = "/slack/interactivity"
	EventsPath      = "/slack/events"
	InstallPath     = "/slack/install"
	RedirectPath    = "/slack/oauth"
)

// Routes returns the handlers of what Slack sends with the transport HTTP, and
// of the pages on which other workspaces install the app, by their patterns.
// Each checks Slack's signature, or the state of the install, by itself. It is
// called once; Listen then waits for what they still answer.
func (p *Platform) Routes(h chat.Handler, specs []chat.Spec) map[string]http.Handler {
	out := make(map[string]http.Handler)
	if p.cfg.Transport == HTTP {
		l := p.listener(h, specs)
		p.mu.Lock()
		p.attending = l
		p.mu.Unlock()
		out["POST "+CommandsPath] = p.signed(l.serveCommand)
		out["POST "+InteractivePath] = p.signed(l.serveInteraction)
		out["POST "+EventsPath] = p.signed(l.serveEvent)
	}
	if p.cfg.Installs != nil {
		out["GET "+InstallPath] = http.HandlerFunc(p.beginInstall)
		out["GET "+RedirectPath] = http.HandlerFunc(p.endInstall)
	}
	return out
}

// attend waits until ctx ends, and then for what is still being answered.
func (p *Platform) attend(ctx context.Context) error {
	p.line.Opened(p.now())
	if p.cfg.Heard != nil {
		p.cfg.Heard()
	}
	<-ctx.Done()
	p.line.Closed(p.now())
	p.mu.Lock()
	l := p.attending
	p.mu.Unlock()
	if l != nil {
		l.drain()
	}
	return nil
}

// signed lets a handler see what Slack signed, and nothing else: the body is
// capped before anything is looked at, and every refusal looks the same.
func (p *Platform) signed(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInbound))
		tooLarge := (*http.MaxBytesError)(nil)
		switch {
		case errors.As(err, &tooLarge):
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		case err != nil:
			w.WriteHeader(http.StatusBadRequest)
		case !p.genuine(r.Header, body):
			w.WriteHeader(http.StatusUnauthorized)
		default:
			next(w, r, body)
		}
	})
}

// signature is the form of Slack's signatures.
var signature = regexp.MustCompile(`^v0=[0-9a-f]{64}$`)

// genuine reports whether Slack signed a body, not long ago.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func (p *Platform) genuine(h http.Header, body []byte) bool {
	stamps, signs := h.Values("X-Slack-Request-Timestamp"), h.Values("X-Slack-Signature")
	if len(stamps) != 1 || len(signs) != 1 || !signature.MatchString(signs[0]) || p.cfg.SigningSecret.IsZero() {
		return false
	}
	at, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != stamps[0] || p.now().Sub(time.Unix(at, 0)).Abs() > window {
		return false
	}
	mac := hmac.New(sha256.New, []byte(p.cfg.SigningSecret.Reveal()))
	mac.Write([]byte("v0:" + stamps[0] + ":"))
	mac.Write(body)
	want, err := hex.DecodeString(strings.TrimPrefix(signs[0], "v0="))
	return err == nil && hmac.Equal(mac.Sum(nil), want)
}

// accept has what came in a signed request taken, once. It reports false when
// that could not be: then it has said so.
func (l *listener) accept(w http.ResponseWriter, r *http.Request, d delivery) (content any, ok bool) {
	d.id = r.Header.Get("X-Slack-Signature")
	content, err := l.take(context.WithoutCancel(r.Context()), d)
	if err != nil {
		l.p.log.Warn("a request could not be taken", "kind", d.kind, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	return content, err == nil
}

// serveCommand takes a slash command. What is answered soon goes into the
// response, the rest to the command's response_url.
func (l *listener) serveCommand(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body)) // of the body alone: the address is not signed
	switch {
	case err == nil && form.Get("ssl_check") != "": // Slack looks at the certificate alone
		return
	case err != nil || form.Get("command") == "":
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	all := make(map[string]string, len(form))
	for key := range form {
		all[key] = form.Get(key)
	}
	payload, err := json.Marshal(all)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	in := newInstant()
	if _, ok := l.accept(w, r, delivery{kind: "slash_commands", payload: payload, inline: in}); !ok {
		return
	}
	if content, ok := in.wait(r.Context(), chat.PatienceOf(l.handler)); ok {
		reply(w, content)
	}
}

// serveInteraction takes a press, a shortcut or a form.
func (l *listener) serveInteraction(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	payload := []byte(form.Get("payload"))
	if err != nil || !json.Valid(payload) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if content, ok := l.accept(w, r, delivery{kind: "interactive", payload: payload}); ok && content != nil {
		reply(w, content)
	}
}

// serveEvent takes an event. Slack sends one again that is not acknowledged.
func (l *listener) serveEvent(w http.ResponseWriter, r *http.Request, body []byte) {
	var e struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch e.Type {
	case "url_verification":
		reply(w, map[string]string{"challenge": e.Challenge})
	case "event_callback":
		l.accept(w, r, delivery{kind: "events_api", payload: body})
	}
}

// reply writes JSON.
func reply(w http.ResponseWriter, content any) {
	raw, err := json.Marshal(content)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(raw) // whoever is gone needs no answer
}

// instant takes the answer to a command while Slack still waits for it. A nil
// instant takes none.
type instant struct {
	mu     sync.Mutex
	answer chan response // closed when there will be none
	closed bool
}

func newInstant() *instant { return &instant{answer: make(chan response, 1)} }

// offer reports whether an answer was taken.
func (i *instant) offer(out response) bool {
	if i == nil {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return false
	}
	i.answer <- out
	i.closed = true
	return true
}

// close says that no answer will be taken any more.
func (i *instant) close() {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.closed {
		i.closed = true
		close(i.answer)
	}
}

// wait waits for an answer that comes in time.
func (i *instant) wait(ctx context.Context, d time.Duration) (response, bool) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case out, ok := <-i.answer:
		return out, ok
	case <-ctx.Done():
	case <-t.C:
	}
	i.close()
	out, ok := <-i.answer // one that came just now
	return out, ok
}
