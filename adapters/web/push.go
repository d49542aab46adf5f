package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/intake"
)

const (
	pushBody  = 1 << 20         // bytes of one push
	pushItems = 1000            // articles of one push
	pushToken = 200             // bytes of an Idempotency-Key
	pushing   = 4               // pushes that are stored at a time
	pushWait  = 5 * time.Second // for a turn
)

// Keys knows the programs that may push, and their pushes.
type Keys interface {
	UseKey(ctx context.Context, secret digest.Secret) (digest.Key, error)                  // Forbidden: it opens nothing
	BeginPush(ctx context.Context, k digest.Key, p digest.Push) (answer []byte, err error) // the answer that was given before; nil: go on
	EndPush(ctx context.Context, k digest.Key, p digest.Push, answer []byte) error         // nil: it may come again
}

// Push takes in the articles that other programs push.
type Push struct {
	Keys   Keys
	Accept func(ctx context.Context, articles []digest.Article) ([]digest.Result, error) // one result each, in order
}

// Pushing lets in programs that have a key, as a bearer token, and users of
// the pages nowhere.
func Pushing(k Keys) Authenticator {
	return Authenticator{name: "key", body: pushBody, check: func(r *http.Request) (caller, error) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || len(r.Header.Values("Authorization")) != 1 {
			return caller{}, errNoKey
		}
		key, err := k.UseKey(r.Context(), digest.NewSecret(strings.TrimSpace(given)))
		if digest.KindOf(err) == digest.Forbidden {
			err = &digest.Error{Kind: digest.Forbidden, Msg: digest.Explain(err), Err: errNoKey}
		}
		return caller{key: key}, err
	}}
}

// errNoKey is answered with 401 and a challenge.
var errNoKey = digest.Errorf(digest.Forbidden, "Send a key as Authorization: Bearer ng_…; whoever runs Nutgraf makes one with nutgraf keys add.")

// pushed is the answer to a push.
type pushed struct {
	Added     int             `json:"added"`
	Updated   int             `json:"updated"`
	Duplicate int             `json:"duplicate"`
	Refused   int             `json:"refused"`
	Results   []digest.Result `json:"results"` // of the articles, in their order
}

// errType is answered with 415.
var errType = digest.Errorf(digest.Invalid, "Send application/json (an article, a list of them, or {\"articles\": […]}), or application/x-ndjson with an article on each line.")

// pushes answers pushes: each key has an allowance, and few are stored at a
// time, so that those who push leave room for those who read.
func (s *Server) pushes() http.Handler {
	turns := make(chan struct{}, pushing)
	limit := newLimiter(s.o.Now)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !limit.allow(callerOf(r).key.ID) {
			s.fail(w, r, &digest.Error{Kind: digest.RateLimited, Msg: "Too many pushes with this key; wait a second, and put more articles into one.", After: time.Second})
			return
		}
		wait, cancel := context.WithTimeout(r.Context(), pushWait)
		defer cancel()
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
		case <-wait.Done():
			s.fail(w, r, &digest.Error{Kind: digest.RateLimited, Msg: "Too many pushes at once; try again in a moment.", After: pushWait})
			return
		}
		if err := s.push(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// push stores the articles of one request and answers it.
func (s *Server) push(w http.ResponseWriter, r *http.Request) error {
	lines, err := byLines(r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &digest.Error{Kind: digest.TooLarge, Msg: "A push holds at most 1 MiB; send several.", Err: err}
	case err != nil:
		return &digest.Error{Kind: digest.Invalid, Msg: "The body did not come to its end; send it again.", Err: err}
	}
	items, err := itemsOf(body, lines)
	if err != nil {
		return err
	}
	token, key := r.Header.Values("Idempotency-Key"), callerOf(r).key
	if len(token) > 1 || len(token) == 1 && (len(token[0]) == 0 || len(token[0]) > pushToken) {
		return digest.Errorf(digest.Invalid, "An Idempotency-Key has 1 to %d characters.", pushToken)
	}
	work := func() ([]byte, error) {
		results, err := s.take(r.Context(), key, items)
		if err != nil {
			return nil, err
		}
		return pushAnswer(results, lines)
	}
	answer, err := []byte(nil), error(nil)
	if len(token) == 0 {
		answer, err = work()
	} else {
		answer, err = s.once(r.Context(), key, digest.Push{Key: key.ID, Token: token[0], Body: sha256.Sum256(fmt.Appendf(nil, "%t\n%s", lines, body))}, work)
	}
	if err != nil {
		return err
	}
	media := "application/json; charset=utf-8"
	if lines {
		media = "application/x-ndjson"
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer) // the sender is gone; it will ask again
	return nil
}

// once does the work of a push that names itself, unless it was done before.
func (s *Server) once(ctx context.Context, k digest.Key, p digest.Push, work func() ([]byte, error)) ([]byte, error) {
	answer, err := s.o.Push.Keys.BeginPush(ctx, k, p)
	switch {
	case digest.KindOf(err) == digest.Conflict:
		return nil, &digest.Error{Kind: digest.Conflict, Msg: digest.Explain(err), After: time.Second, Err: err}
	case digest.KindOf(err) == digest.Invalid:
		return nil, &digest.Error{Kind: digest.Invalid, Msg: digest.Explain(err), Err: errReused}
	case err != nil || answer != nil:
		return answer, err
	}
	answer, err = work()
	// What is done is kept even when the sender is gone: it will ask again.
	if ended := s.o.Push.Keys.EndPush(context.WithoutCancel(ctx), k, p, answer); ended != nil && err == nil {
		s.o.Log.Warn("the answer to a push is not kept", "key", k.ID, "error", ended)
	}
	return answer, err
}

// errReused is answered with 422.
var errReused = errors.New("the Idempotency-Key was used for another body")

// take stores the articles and returns one result for each.
func (s *Server) take(ctx context.Context, k digest.Key, items []json.RawMessage) ([]digest.Result, error) {
	results := make([]digest.Result, len(items))
	var articles []digest.Article
	var places []int
	now := s.o.Now()
	for i, item := range items {
		a, err := intake.Decode(item)
		if err == nil {
			a.Source, a.Workspace, a.Arrived = k.Source, k.Workspace, now
			a, err = intake.Finish(a, now)
		}
		results[i].Where = fmt.Sprintf("item %d", i+1)
		if err != nil {
			results[i].Verdict, results[i].Title, results[i].Reason = digest.Refused, a.Title, digest.Explain(err)
			continue
		}
		articles, places = append(articles, a), append(places, i)
	}
	stored, err := s.o.Push.Accept(ctx, articles)
	if err != nil {
		return nil, err
	}
	for i, res := range stored {
		res.Where = results[places[i]].Where
		results[places[i]] = res
	}
	return results, nil
}

// byLines reads the media type of a push: JSON lines, or JSON.
func byLines(header string) (bool, error) {
	media, _, err := mime.ParseMediaType(header)
	if err != nil {
		return false, errType
	}
	switch media {
	case "application/json":
		return false, nil
	case "application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines":
		return true, nil
	}
	return false, errType
}

// itemsOf splits a body into its articles, which are not read yet.
func itemsOf(body []byte, lines bool) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if lines {
		for line := range bytes.Lines(body) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				items = append(items, line)
			}
		}
	} else {
		var all struct {
			Articles []json.RawMessage `json:"articles"`
		}
		switch body = bytes.TrimSpace(body); {
		case !json.Valid(body):
			return nil, digest.Errorf(digest.Invalid, "The body is not JSON; send an article, a list of them, or {\"articles\": […]}.")
		case json.Unmarshal(body, &items) == nil && items != nil:
		case json.Unmarshal(body, &all) == nil && all.Articles != nil:
			items = all.Articles
		default:
			items = []json.RawMessage{body}
		}
	}
	switch {
	case len(items) == 0:
		return nil, digest.Errorf(digest.Invalid, "There is no article in the body.")
	case len(items) > pushItems:
		return nil, digest.Errorf(digest.TooLarge, "A push holds at most %d articles, not %d; send several.", pushItems, len(items))
	}
	return items, nil
}

// pushAnswer writes results as what was sent: a line each, or one object.
func pushAnswer(results []digest.Result, lines bool) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	if lines {
		for _, res := range results {
			if err := enc.Encode(res); err != nil {
				return nil, err
			}
		}
		return out.Bytes(), nil
	}
	p := pushed{Results: results}
	for _, res := range results {
		switch res.Verdict {
		case digest.Added:
			p.Added++
		case digest.Updated:
			p.Updated++
		case digest.Duplicate:
			p.Duplicate++
		default:
			p.Refused++
		}
	}
	err := enc.Encode(p)
	return out.Bytes(), err
}

// schema answers with the JSON Schema of an article.
func schema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(intake.Schema()) // the asker is gone; nobody is left to tell
}

// answerJSON writes JSON.
func answerJSON(w http.ResponseWriter, status int, v any) {
	out, err := json.Marshal(v)
	if err != nil {
		status, out = http.StatusInternalServerError, []byte(`{"error":"The answer cannot be written."}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out) // the asker is gone; nobody is left to tell
}
