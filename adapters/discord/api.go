package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
)

// callError is a call that failed. It holds no address and no header, so that
// neither the token nor that of an interaction can be printed.
type callError struct {
	What    string // "POST channels/1/messages"
	Status  int    // 0 when there was no answer
	Code    int    // Discord's own, 0 when there is none
	Message string
	After   time.Duration // of a 429
	Shared  bool          // a 429 for a limit that others used up
	Global  bool          // a 429 for everything
	Foreign bool          // the answer is not Discord's: a proxy's or Cloudflare's page
	Wrote   bool          // the request may have left
	Err     error         // the cause when there was no answer
}

// Error says what failed, without secrets.
func (e *callError) Error() string {
	if e.Err != nil {
		return e.What + ": " + e.Err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: HTTP %d", e.What, e.Status)
	if e.Code != 0 {
		fmt.Fprintf(&b, ", code %d", e.Code)
	}
	if e.Message != "" {
		b.WriteString(", " + e.Message)
	}
	return b.String()
}

// Unwrap returns the cause of a missing answer.
func (e *callError) Unwrap() error { return e.Err }

// limits of one request, kept beside it because the library drops headers.
type outcome struct {
	wrote   atomic.Bool
	limited atomic.Pointer[limited]
}

// limited is what a 429 says beside its body.
type limited struct {
	header http.Header
	after  time.Duration
}

type outcomeKey struct{}

// keep keeps the headers of a 429, and how long it asks to wait, for the caller.
func keep(req *http.Request, resp *http.Response, after time.Duration) {
	if o, ok := req.Context().Value(outcomeKey{}).(*outcome); ok {
		o.limited.Store(&limited{resp.Header.Clone(), after})
	}
}

// call sends one request: in as JSON unless nil, the answer is read into out
// unless nil. Its error is a *callError.
func (p *Platform) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return &callError{What: method + " " + shown(path), Err: err}
		}
		body = b
	}
	return p.send(ctx, method, path, "application/json", body, out)
}

// send sends one request through the library, once: no retry, no sleep, no lock
// shared with another request. Its error is a *callError.
func (p *Platform) send(ctx context.Context, method, path, kind string, body []byte, out any) error {
	o := new(outcome)
	ctx = context.WithValue(ctx, outcomeKey{}, o)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { o.wrote.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { o.wrote.Store(true) },
	})
	bucket := p.rest.Ratelimiter.LockBucketObject(new(discordgo.Bucket))
	answer, err := p.rest.RequestWithLockedBucket(method, discordgo.EndpointAPI+path, kind, body, bucket, 0,
		discordgo.WithContext(ctx), discordgo.WithRestRetries(0), discordgo.WithRetryOnRatelimit(false))
	if err != nil {
		return failed(method+" "+shown(path), err, answer, o)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &callError{What: method + " " + shown(path), Status: http.StatusOK, Wrote: true, Err: errors.New("the answer is not what Discord documents")}
	}
	return nil
}

// shown is a path without the tokens of interactions and without its query.
func shown(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	if len(parts) > 2 && (parts[0] == "interactions" || parts[0] == "webhooks") {
		parts[2] = "…"
	}
	return strings.Join(parts, "/")
}

// failed turns the library's errors into one kind.
func failed(what string, err error, answer []byte, o *outcome) error {
	e := &callError{What: what, Wrote: o.wrote.Load()}
	var refused *discordgo.RESTError
	full := o.limited.Load()
	switch {
	case full != nil:
		headers := full.header
		e.Status = http.StatusTooManyRequests
		e.Foreign = !strings.HasPrefix(headers.Get("Content-Type"), "application/json")
		e.read(answer)
		e.Shared, e.Global = headers.Get("X-RateLimit-Scope") == "shared", headers.Get("X-RateLimit-Global") != ""
		e.After = full.after
	case errors.As(err, &refused):
		e.Status = refused.Response.StatusCode
		if !e.read(refused.ResponseBody) {
			e.Foreign = true
			e.Message = "the answer is not Discord's"
		}
	case strings.HasPrefix(err.Error(), "Exceeded Max retries HTTP "):
		e.Status = http.StatusBadGateway
	default:
		e.Err = cause(err)
		if errors.Is(err, errRefused) {
			e.Status = http.StatusUnauthorized
		}
	}
	return e
}

// cause strips the address from an error of the HTTP client: it may hold the
// token of an interaction.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the connection ended before the answer")
	}
	return err
}

// read reads an error body of Discord's, and reports whether it is one.
func (e *callError) read(body []byte) bool {
	var d struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		After   float64         `json:"retry_after"`
		Errors  json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &d) != nil || d.Message == "" && d.Code == 0 {
		return false
	}
	e.Code, e.Message = d.Code, d.Message
	if after, ok := seconds(strconv.FormatFloat(d.After, 'f', -1, 64), time.Time{}); ok {
		e.After = after
	}
	if fields := formErrors(d.Errors, ""); len(fields) > 0 {
		slices.Sort(fields)
		e.Message += " (" + clip(strings.Join(fields, "; "), 300) + ")"
	}
	return true
}

// formErrors flattens the tree in which Discord says which field is wrong.
// https://discord.com/developers/docs/reference#error-messages
func formErrors(raw json.RawMessage, path string) []string {
	var node map[string]json.RawMessage
	if json.Unmarshal(raw, &node) != nil {
		return nil
	}
	var out []string
	for key, child := range node {
		if key == "_errors" {
			var list []struct{ Message string }
			if json.Unmarshal(child, &list) == nil {
				for _, m := range list {
					out = append(out, path+": "+m.Message)
				}
			}
			continue
		}
		out = append(out, formErrors(child, strings.TrimPrefix(path+"."+key, "."))...)
	}
	return out
}

// clip returns at most n runes of s, with an ellipsis where it was cut.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}
