package egress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// conditions are the headers that say what an answer is compared with.
var conditions = []string{"If-None-Match", "If-Modified-Since"}

// togetherKey is the key under which a context holds its answers.
type togetherKey struct{}

// Together returns a context under which the clients of this package send a GET
// request once: those that follow for the same address, with the same headers,
// get the same answer or the same error. They may compare with something else,
// for an answer in full is one for them, too; "not modified" is one only for
// those that compare with the same. What was answered is held as long as the
// context.
func Together(ctx context.Context) context.Context {
	return context.WithValue(ctx, togetherKey{}, &answers{kept: make(map[string]answer)})
}

// answers are what was answered under one context, by address and headers.
type answers struct {
	mu   sync.Mutex // held while a request is under way: others wait for its answer
	kept map[string]answer
}

// answer is a response that was read to its end, or the error instead.
type answer struct {
	asked string // what it was compared with
	resp  *http.Response
	body  []byte
	cut   error // of the body, behind what was read
	err   error
}

// roundTrip answers req, by next when nobody has asked for it.
func (s *answers) roundTrip(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, asked := identity(req)
	a, known := s.kept[key]
	if !known || a.resp != nil && a.resp.StatusCode == http.StatusNotModified && a.asked != asked {
		a = answer{asked: asked}
		if a.resp, a.err = next(req); a.err == nil {
			a.body, a.cut = io.ReadAll(a.resp.Body)
			a.cut = errors.Join(a.cut, a.resp.Body.Close())
		}
		s.kept[key] = a
	}
	if a.err != nil {
		return nil, a.err
	}
	resp := *a.resp
	resp.Header, resp.Request = a.resp.Header.Clone(), req
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body), broken{a.cut}))
	return &resp, nil
}

// identity returns what makes two requests the same, and what they compare with.
func identity(req *http.Request) (key, asked string) {
	rest := req.Header.Clone()
	var compared strings.Builder
	for _, name := range conditions {
		compared.WriteString(rest.Get(name) + "\n")
		rest.Del(name)
	}
	var b strings.Builder
	b.WriteString(req.URL.String() + "\n")
	_ = rest.Write(&b) // a Builder takes everything
	return b.String(), compared.String()
}

// broken is the end of a body: an error, or the end.
type broken struct{ err error }

// Read implements io.Reader.
func (b broken) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}
