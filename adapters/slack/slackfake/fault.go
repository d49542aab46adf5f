package slackfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Fault is a failure of one call.
type Fault struct {
	store  bool          // the message is stored before it fails
	status int           // answer with this status
	header http.Header   // with these headers
	body   string        // and this body
	hang   bool          // never answer
	cut    bool          // close the connection instead of answering
	torn   bool          // close the connection in the middle of the answer
	slow   time.Duration // do all that only after a while, the client gone or not
	gate   chan struct{} // store only when it opens, after the client is gone
}

// Fail makes the next calls of a method fail, one for each fault in turn.
// Faults that store do so only for chat.postMessage.
func (s *Server) Fail(method string, faults ...Fault) {
	s.change(func() { s.faults[method] = append(s.faults[method], faults...) })
}

// Weather asks f about every call for which no fault was given by Fail; nil is
// fair weather again. F may be called by several goroutines.
func (s *Server) Weather(f func(Request) (Fault, bool)) {
	s.change(func() { s.weather = f })
}

// Stored makes a fault happen after the message was stored.
func (f Fault) Stored() Fault { f.store = true; return f }

// Status answers with a status and an HTML body, as Slack's gateways do.
func Status(code int) Fault {
	return Fault{status: code, body: fmt.Sprintf("<html><body><h1>%d</h1></body></html>", code), header: http.Header{"Content-Type": {"text/html"}}}
}

// Wait answers 429 with a Retry-After, or without one when it is "".
func Wait(after string) Fault {
	f := Status(http.StatusTooManyRequests)
	if after != "" {
		f.header.Set("Retry-After", after)
	}
	return f
}

// Refuse answers with one of Slack's error codes.
func Refuse(code string) Fault { return Say(fmt.Sprintf(`{"ok":false,"error":%q}`, code)) }

// Say answers 200 with a body of JSON, or of what passes for it.
func Say(body string) Fault {
	return Fault{status: http.StatusOK, body: body, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
}

// Hang never answers.
func Hang() Fault { return Fault{hang: true} }

// Cut closes the connection instead of answering.
func Cut() Fault { return Fault{cut: true} }

// Late cuts the connection at once and stores the message when gate is closed:
// a request that was still on its way when its sender died.
func Late(gate chan struct{}) Fault { return Fault{cut: true, gate: gate} }

// Torn breaks the connection in the middle of an answer that says ok.
func Torn() Fault { return Fault{torn: true} }

// Garbled answers with the beginning of an answer that says ok, as if that
// were all.
func Garbled() Fault { return Say(`{"ok":true,"channel":"C1","ts":"17`) }

// Slow takes its time and is a success then. A message is stored also when its
// sender has given up or died meanwhile.
func Slow(d time.Duration) Fault { return Fault{slow: d, store: true} }

// fault takes the next fault of a method.
func (s *Server) fault(method string, args url.Values) (Fault, bool) {
	s.mu.Lock()
	s.calls[method]++
	queue, weather := s.faults[method], s.weather
	if len(queue) > 0 {
		s.faults[method] = queue[1:]
	}
	s.mu.Unlock()
	switch {
	case len(queue) > 0:
		return queue[0], true
	case weather != nil:
		return weather(Request{Method: method, Args: args, At: s.now()})
	}
	return Fault{}, false
}

// success is the answer to a post.
func success(p Posted) map[string]any {
	return map[string]any{"ok": true, "channel": p.Channel, "ts": p.TS, "message": message(p, true)}
}

// fail carries a fault out. Store stores the message of the call.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f Fault, store func() Posted) {
	if f.slow > 0 {
		select {
		case <-time.After(f.slow):
		case <-s.closed:
			panic(http.ErrAbortHandler)
		}
	}
	var stored Posted
	if f.store && store != nil {
		stored = store()
	}
	if f.gate != nil && store != nil {
		go func() {
			select {
			case <-f.gate:
				store()
			case <-s.closed:
			}
		}()
	}
	switch {
	case f.hang:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		panic(http.ErrAbortHandler)
	case f.cut:
		panic(http.ErrAbortHandler)
	case f.torn:
		answer, _ := json.Marshal(success(stored)) // strings and numbers
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer[:len(answer)/2])
		_ = http.NewResponseController(w).Flush() // whoever is gone needs no answer
		panic(http.ErrAbortHandler)
	case f.slow > 0 && f.status == 0:
		s.say(w, success(stored), nil)
		return
	}
	for k, v := range f.header {
		w.Header()[k] = v
	}
	w.WriteHeader(f.status)
	_, _ = w.Write([]byte(f.body))
}
