package slackfake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// SigningSecret is the one with which every fake workspace signs.
const SigningSecret = "5ec7e7000000000000000000000000af"

// The app's id and secret for installs.
const (
	ClientID     = "2718281828.3141592653"
	ClientSecret = "c11e475ec7e7"
)

// outbound is where requests go instead of to a socket.
type outbound struct {
	do   func(*http.Request) (*http.Response, error)
	base string
}

// Call lets the workspace send all requests to /slack/… under an address,
// signed, instead of to a socket. Do carries them there.
func (s *Server) Call(base string, do func(*http.Request) (*http.Response, error)) {
	s.change(func() { s.out = &outbound{do, strings.TrimSuffix(base, "/")} })
}

// Sign signs a body as Slack does, for a request at a time in seconds.
func Sign(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%d:%s", at, body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// Request returns the signed request with which a delivery of a kind is sent:
// slash_commands, interactive or events_api.
func (s *Server) Request(base, kind string, payload map[string]any) (*http.Request, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	path, content, body := "/slack/events", "application/json", raw
	switch kind {
	case "slash_commands":
		form := url.Values{}
		for k, v := range payload {
			form.Set(k, fmt.Sprint(v))
		}
		path, content, body = "/slack/commands", "application/x-www-form-urlencoded", []byte(form.Encode())
	case "interactive":
		path, content, body = "/slack/interactivity", "application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(raw)}}.Encode())
	}
	req, err := http.NewRequest(http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	at := s.now().Unix()
	req.Header.Set("Content-Type", content)
	req.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(at, 10))
	req.Header.Set("X-Slack-Signature", Sign(SigningSecret, at, body))
	return req, nil
}

// postOut sends a delivery by HTTP and takes what its response holds. Events that
// are sent again say so; what people do is sent once by Slack itself.
func (s *Server) postOut(o outbound, v *Invocation) error {
	req, err := s.Request(o.base, v.kind, v.payload)
	if err != nil {
		return err
	}
	again := 0
	s.change(func() { again = v.deliveries; v.deliveries++ })
	if v.kind == "events_api" && again > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(again))
		req.Header.Set("X-Slack-Retry-Reason", "http_timeout")
	}
	ack := Ack{Envelope: v.Envelope, Type: v.kind, Sent: s.now()}
	ctx, cancel := context.WithTimeout(context.Background(), AckDeadline)
	go func() {
		defer cancel()
		media, body, why := fetched(o.do(req.WithContext(ctx)))
		if ack.Latency = s.now().Sub(ack.Sent); ack.Latency > AckDeadline {
			why = "operation_timeout"
		}
		ack.Missed = why != ""
		s.change(func() { s.sockets.acks = append(s.sockets.acks, ack) })
		if ack.Missed {
			s.lose(v, why)
			return
		}
		s.heed(v, media, body)
	}()
	return nil
}

// fetched returns the body of a response, or why Slack takes none of it.
func fetched(resp *http.Response, err error) (media string, body []byte, why string) {
	if err == nil {
		defer resp.Body.Close()
		body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "", nil, "operation_timeout"
	case err != nil || resp.StatusCode != http.StatusOK:
		return "", nil, "dispatch_failed"
	}
	return resp.Header.Get("Content-Type"), body, ""
}

// acknowledgement waits for what the acknowledgement of an invocation holds.
func (s *Server) acknowledgement(ctx context.Context, v *Invocation) ([]byte, error) {
	var content []byte
	var failed string
	err := s.Await(ctx, "an acknowledgement", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		content, failed = v.acknowledged, v.failed
		return content != nil || failed != ""
	})
	if failed != "" {
		err = errors.New("slackfake: the window says that there was some trouble connecting: " + failed)
	}
	return content, err
}

// Grant is what an install of the app in another workspace gives.
type Grant struct {
	Team, Name, Token, User string
	Challenge               string // of PKCE, "" for none
	Expires                 int    // seconds that the token lives, 0 for ever
}

// Allow lets somebody allow the app into a workspace, and returns the code with
// which a browser comes back.
func (s *Server) Allow(g Grant) string {
	code := s.id("code-")
	s.change(func() { s.grants[code] = g })
	return code
}

// TokenOf returns the token of a workspace that installed the app, "" where it
// has none.
func (s *Server) TokenOf(team string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, of := range s.tokens {
		if of == team {
			return token
		}
	}
	return ""
}

// revoke is auth.revoke: the token with which it is called is worth nothing any
// more.
func (s *Server) revoke(args url.Values) (map[string]any, *refusal) {
	s.change(func() {
		for token, of := range s.tokens {
			if of == args.Get("as") {
				delete(s.tokens, token)
			}
		}
	})
	return map[string]any{"revoked": true}, nil
}

// access is oauth.v2.access: a code gives a token once.
func (s *Server) access(args url.Values) (map[string]any, *refusal) {
	var g Grant
	ok := false
	s.change(func() {
		g, ok = s.grants[args.Get("code")]
		delete(s.grants, args.Get("code"))
	})
	sum := sha256.Sum256([]byte(args.Get("code_verifier")))
	switch {
	case args.Get("client_id") != ClientID:
		return nil, &refusal{Code: "invalid_client_id"}
	case args.Get("client_secret") != ClientSecret:
		return nil, &refusal{Code: "bad_client_secret"}
	case !ok:
		return nil, &refusal{Code: "invalid_code"}
	case g.Challenge != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != g.Challenge:
		return nil, &refusal{Code: "invalid_code_verifier"}
	}
	s.change(func() { s.tokens[g.Token] = g.Team })
	return map[string]any{"access_token": g.Token, "token_type": "bot", "scope": strings.Join(Scopes(), ","), "bot_user_id": BotUser, "app_id": AppID,
		"team": map[string]any{"id": g.Team, "name": g.Name}, "authed_user": map[string]any{"id": g.User}, "expires_in": g.Expires}, nil
}
