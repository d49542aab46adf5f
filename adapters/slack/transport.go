package slack

import (
	"context"
	"math"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// exchange is what one call to Slack left behind, beside what the library
// makes of it.
type exchange struct {
	wrote  atomic.Bool // the request's head has left; before that nothing can have been stored
	status int         // of the answer, 0 without one
	after  string      // its Retry-After
	at     time.Time   // when it came
	scopes string      // the token's scopes, as the answer names them
}

type exchangeKey struct{}

// watch returns a context under which one call is recorded. The head of a
// request is flushed before its body: as long as not even the head is written,
// Slack cannot have the message.
func watch(ctx context.Context) (context.Context, *exchange) {
	x := &exchange{}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { x.wrote.Store(true) }})
	return context.WithValue(ctx, exchangeKey{}, x), x
}

// watched is an HTTP client that fills in the exchange of its context.
type watched struct {
	httpDoer
	now func() time.Time
}

// Do implements the library's HTTP client.
func (w watched) Do(req *http.Request) (*http.Response, error) {
	resp, err := w.httpDoer.Do(req)
	if x, ok := req.Context().Value(exchangeKey{}).(*exchange); ok && resp != nil {
		x.status, x.at, x.after, x.scopes = resp.StatusCode, w.now(), resp.Header.Get("Retry-After"), resp.Header.Get("X-OAuth-Scopes")
	}
	return resp, err
}

// The waits that Slack asks for are kept within these bounds.
const (
	defaultWait = 30 * time.Second // where Slack names none
	longestWait = 6 * time.Hour
)

// wait returns how long Slack asks to wait: whole seconds, fractions rounded
// up, the time until a date, or the default where it says nothing that can be
// read.
func (x *exchange) wait() time.Duration {
	after := strings.TrimSpace(x.after)
	seconds, err := strconv.ParseFloat(after, 64)
	if at, bad := http.ParseTime(after); err != nil && bad == nil {
		seconds, err = max(at.Sub(x.at).Seconds(), 0), nil
	}
	if err != nil || math.IsNaN(seconds) || seconds < 0 {
		return defaultWait
	}
	if seconds >= longestWait.Seconds() {
		return longestWait
	}
	return max(time.Duration(math.Ceil(seconds))*time.Second, time.Second)
}
