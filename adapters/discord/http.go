package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"nutgraf/adapters/chat"
)

// The transports of Config.
const (
	Socket = "socket" // the gateway
	HTTP   = "http"   // Discord calls us
)

// InteractionsPath is where Discord sends interactions with the transport HTTP.
const InteractionsPath = "/discord/interactions"

const (
	maxInbound = 1 << 20         // bytes of a request of Discord's
	stale      = 5 * time.Minute // that a request's time may be off, both ways
)

// Routes returns the handler of what Discord sends with the transport HTTP, by
// its pattern. It checks Discord's signature by itself, over the raw body. It
// is called once; Listen then waits for what is still answered.
func (p *Platform) Routes(h chat.Handler, specs []chat.Spec) map[string]http.Handler {
	if p.cfg.Transport != HTTP {
		return nil
	}
	l := p.listener(h, specs)
	p.mu.Lock()
	p.attending = l
	p.mu.Unlock()
	return map[string]http.Handler{"POST " + InteractionsPath: l}
}

// attend waits until ctx ends, and then for what is still answered.
func (p *Platform) attend(ctx context.Context) {
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
}

// ServeHTTP takes one request of Discord's. The body is capped before anything
// is looked at, and every refusal of a signature looks the same. Discord tries
// wrong signatures itself, and sends nothing any more to who takes them.
// https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInbound))
	var tooLarge *http.MaxBytesError
	var i interaction
	switch {
	case errors.As(err, &tooLarge):
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	case !l.p.genuine(r.Header, body):
		w.WriteHeader(http.StatusUnauthorized)
		return
	case json.Unmarshal(body, &i) != nil || i.Type != ping && (i.ID == "" || i.Token == ""):
		w.WriteHeader(http.StatusBadRequest)
		return
	case i.Type == ping:
		respond(w, callback{Type: answerPong})
		return
	}
	i.received = l.p.now()
	first, finish, err := l.note(i)
	switch {
	case err != nil:
		l.p.log.Warn("an interaction could not be taken", "interaction", i.ID, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case !first:
		w.WriteHeader(http.StatusUnauthorized) // somebody sends a request of Discord's again
		return
	}
	i.inline = &inline{answer: make(chan callback), ended: make(chan struct{}), written: make(chan struct{})}
	defer close(i.inline.written)
	l.working.Go(func() {
		defer finish()
		defer i.inline.close()
		defer l.survive("an interaction")
		l.attend(i)
	})
	limit := time.NewTimer(max(ackTimeout-l.p.now().Sub(i.received), 0)) // noting it took its time
	defer limit.Stop()
	select {
	case answer := <-i.inline.answer:
		respond(w, answer)
	case <-i.inline.ended:
		w.WriteHeader(http.StatusBadRequest) // it asks for nothing that is known
	case <-limit.C:
		w.WriteHeader(http.StatusServiceUnavailable)
	case <-r.Context().Done():
	}
}

// genuine reports whether Discord signed a body, not long ago.
func (p *Platform) genuine(h http.Header, body []byte) bool {
	stamps, signs := h.Values("X-Signature-Timestamp"), h.Values("X-Signature-Ed25519")
	if len(stamps) != 1 || len(signs) != 1 || len(p.key) != ed25519.PublicKeySize {
		return false
	}
	sign, err := hex.DecodeString(signs[0])
	if err != nil || len(sign) != ed25519.SignatureSize {
		return false
	}
	at, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil || p.now().Sub(time.Unix(at, 0)).Abs() > stale {
		return false
	}
	return ed25519.Verify(p.key, append([]byte(stamps[0]), body...), sign)
}

// respond writes an answer, and sees to it that it is on its way.
func respond(w http.ResponseWriter, answer callback) {
	raw, err := json.Marshal(answer)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw)                       // whoever is gone needs no answer
	_ = http.NewResponseController(w).Flush() // what cannot be flushed goes when the handler ends
}

// inline is the place for the first answer to an interaction, in the answer to
// the request that brought it. A nil one takes none.
type inline struct {
	answer  chan callback
	ended   chan struct{} // closed when there will be no answer
	written chan struct{} // closed when the request is over

	once  sync.Once
	given bool
}

// give gives the answer, and reports whether it was taken: no second one is,
// and none when the request is over. It returns when the answer was written.
func (i *inline) give(answer callback) bool {
	if i.given {
		return false
	}
	select {
	case i.answer <- answer:
		i.given = true
		<-i.written
		return true
	case <-i.written:
		return false
	}
}

// close says that there will be no answer any more.
func (i *inline) close() {
	if i != nil {
		i.once.Do(func() { close(i.ended) })
	}
}
