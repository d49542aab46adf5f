package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"nutgraf/digest"
)

// workspace is one workspace with the token of the app's bot in it.
type workspace struct {
	p     *Platform
	token digest.Secret
	api   *slack.Client

	mu     sync.Mutex
	self   identity          // zero until auth.test was asked
	people map[string]person // by user id
}

func (p *Platform) workspace(token digest.Secret) *workspace {
	return &workspace{p: p, token: token, api: p.client(watched{p.http, p.now}, token)}
}

// in returns the workspace of a team: the one that installed the app, else that
// of the configured token.
func (p *Platform) in(ctx context.Context, team string) (*workspace, error) {
	w, err := p.installedIn(ctx, team)
	switch {
	case err != nil:
		return nil, &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Code: "no_token"}, Err: err}
	case w != nil:
		return w, nil
	case p.home != nil:
		return p.home, nil
	}
	o := digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Action: digest.ActPause, Code: "not_installed"}
	return nil, &digest.PostError{Outcome: o, Err: digest.Errorf(digest.Forbidden, "the app is not installed in the workspace %s; open /slack/install and install it", clip(team, 40))}
}

// call calls one of Slack's methods and decodes its answer into out, which may
// be nil. It goes past the library where that has no form for what we send, or
// fails on a whole answer for one thing in it that it does not understand.
func (w *workspace) call(ctx context.Context, method string, args url.Values, out any) *digest.PostError {
	return w.p.call(ctx, w.token, method, args, out)
}

func (p *Platform) call(ctx context.Context, token digest.Secret, method string, args url.Values, out any) *digest.PostError {
	ctx, x := watch(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.cfg.APIURL+method, strings.NewReader(args.Encode()))
	if err != nil {
		return x.failure(err, 0)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	resp, err := watched{p.http, p.now}.Do(req)
	if err != nil {
		return x.failure(err, 0)
	}
	defer resp.Body.Close()
	var raw json.RawMessage
	err = json.NewDecoder(resp.Body).Decode(&raw)
	var said slack.SlackResponse
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	switch {
	case resp.StatusCode != http.StatusOK || err != nil:
		return x.failure(err, 0)
	case !said.Ok:
		refused := slack.SlackErrorResponse{Err: said.Error, Needed: said.Needed, Provided: said.Provided}
		refused.ResponseMetadata.Messages = said.ResponseMetadata.Messages
		return x.failure(refused, 0)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return x.failure(err, 0)
	}
	return nil
}
