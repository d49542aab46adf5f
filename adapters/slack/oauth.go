package slack

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
)

const (
	installCookie = "nutgraf-slack-install"
	installTime   = 10 * time.Minute // from the start of an install to Slack's answer
	stateFor      = "the start of an install"
)

// authorizeURL is where Slack asks people whether the app may come in.
const authorizeURL = "https://slack.com/oauth/v2/authorize"

// attempt is an install that somebody began. It waits, sealed, in the browser
// of the one who did, so that nobody can end it in another's.
type attempt struct {
	State    string `json:"s"`
	Verifier string `json:"v,omitempty"`
	Until    int64  `json:"u"` // in seconds
}

func (p *Platform) redirect() string {
	return strings.TrimSuffix(p.cfg.PublicURL, "/") + RedirectPath
}

// beginInstall sends a browser to Slack, which asks whether the app may come in.
func (p *Platform) beginInstall(w http.ResponseWriter, r *http.Request) {
	a := attempt{State: nonce(), Until: p.now().Add(installTime).Unix()}
	ask := url.Values{"client_id": {p.cfg.ClientID}, "scope": {strings.Join(Scopes(), ",")}, "state": {a.State}, "redirect_uri": {p.redirect()}}
	if p.cfg.PKCE {
		a.Verifier = nonce()
		sum := sha256.Sum256([]byte(a.Verifier))
		ask.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		ask.Set("code_challenge_method", "S256")
	}
	raw, err := json.Marshal(a)
	if err != nil {
		p.page(w, http.StatusInternalServerError, "The install could not be started.")
		return
	}
	sealed, err := p.cfg.TokenKey.seal(stateFor, digest.NewSecret(string(raw)))
	if err != nil {
		p.log.Error("an install could not be started", "error", err)
		p.page(w, http.StatusInternalServerError, "The install could not be started.")
		return
	}
	http.SetCookie(w, p.cookie(sealed, int(installTime.Seconds())))
	http.Redirect(w, r, authorizeURL+"?"+ask.Encode(), http.StatusSeeOther)
}

// cookie is for the address to which Slack sends the browser back, as the
// browser knows it: a proxy may have it under a path of its own.
func (p *Platform) cookie(value string, age int) *http.Cookie {
	at := "/slack/"
	if u, err := url.Parse(p.redirect()); err == nil {
		at = path.Dir(u.Path) + "/"
	}
	return &http.Cookie{Name: installCookie, Value: value, Path: at, MaxAge: age, HttpOnly: true,
		Secure: strings.HasPrefix(p.cfg.PublicURL, "https://"), SameSite: http.SameSiteLaxMode}
}

// endInstall takes the answer that Slack sends a browser back with.
func (p *Platform) endInstall(w http.ResponseWriter, r *http.Request) {
	a, ok := p.began(r)
	http.SetCookie(w, p.cookie("", -1))
	ask := r.URL.Query()
	switch {
	case !ok || subtle.ConstantTimeCompare([]byte(a.State), []byte(ask.Get("state"))) != 1:
		p.page(w, http.StatusForbidden, "This install was not started in this browser, or took too long. Begin again at "+InstallPath+".")
		return
	case ask.Get("error") != "" || ask.Get("code") == "":
		p.page(w, http.StatusOK, "The app was not installed: Slack says "+clip(ask.Get("error"), 80)+".")
		return
	}
	ctx := context.WithoutCancel(r.Context()) // Slack gives a token once, also to who leaves
	i, err := p.exchange(ctx, ask.Get("code"), a.Verifier)
	if err != nil {
		p.log.Warn("an install failed", "error", err)
		p.page(w, http.StatusBadGateway, "The app was not installed: "+digest.Explain(err))
		return
	}
	p.back(ctx)
	p.log.Info("the app was installed", "workspace", i.Workspace, "name", i.Name, "user", i.User)
	p.page(w, http.StatusOK, fmt.Sprintf("The app is installed in %s. Invite it to a channel there with /invite, and type %s subscribe.", i.Name, p.cfg.Command))
}

// began returns the install that was begun in a browser.
func (p *Platform) began(r *http.Request) (attempt, bool) {
	c, err := r.Cookie(installCookie)
	if err != nil {
		return attempt{}, false
	}
	raw, err := p.cfg.TokenKey.open(stateFor, c.Value)
	if err != nil {
		return attempt{}, false
	}
	var a attempt
	err = json.Unmarshal([]byte(raw.Reveal()), &a)
	return a, err == nil && a.State != "" && p.now().Unix() <= a.Until
}

// exchange turns the code of an install into a token, and keeps it.
func (p *Platform) exchange(ctx context.Context, code, verifier string) (digest.Install, error) {
	var got struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Team    struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"team"`
		User struct {
			ID string `json:"id"`
		} `json:"authed_user"`
	}
	args := url.Values{"client_id": {p.cfg.ClientID}, "client_secret": {p.cfg.ClientSecret.Reveal()}, "code": {code}, "redirect_uri": {p.redirect()}}
	if verifier != "" {
		args.Set("code_verifier", verifier)
	}
	if failed := p.call(ctx, digest.Secret{}, "oauth.v2.access", args, &got); failed != nil {
		return digest.Install{}, digest.Errorf(digest.Unavailable, "Slack refuses the install (%s).", failed.Code)
	}
	switch {
	case got.Type != "bot" || !strings.HasPrefix(got.Token, "xoxb-") || got.Team.ID == "":
		p.giveBack(ctx, got.Token)
		return digest.Install{}, digest.Errorf(digest.Invalid, "Slack gave no token of a bot for one workspace; the app cannot be installed for a whole organisation.")
	case got.Expires > 0:
		return digest.Install{}, digest.Errorf(digest.Invalid, "Slack gave a token that expires; switch off token rotation in the app's settings.")
	case len(p.cfg.Workspaces) > 0 && !slices.Contains(p.cfg.Workspaces, got.Team.ID):
		p.giveBack(ctx, got.Token)
		return digest.Install{}, digest.Errorf(digest.Forbidden, "The workspace %s may not install this app; whoever runs it can allow that.", got.Team.ID)
	}
	i := digest.Install{Workspace: tenant(got.Team.ID), Name: got.Team.Name, User: got.User.ID}
	var err error
	if i.Sealed, err = p.cfg.TokenKey.seal(i.Workspace, digest.NewSecret(got.Token)); err != nil {
		return digest.Install{}, err
	}
	if err := p.cfg.Installs.PutInstall(ctx, i); err != nil {
		return digest.Install{}, err
	}
	p.mu.Lock()
	delete(p.installed, got.Team.ID)
	p.mu.Unlock()
	return i, nil
}

// giveBack revokes the token of an install that is refused. Slack gives it
// before anybody can tell whose it is, and the app stays where it has one.
func (p *Platform) giveBack(ctx context.Context, token string) {
	if failed := p.call(ctx, digest.NewSecret(token), "auth.revoke", nil, nil); failed != nil {
		p.log.Warn("the token of an install that was refused was not revoked; remove the app from the workspace", "error", failed)
	}
}

// page shows one sentence.
func (p *Platform) page(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(sentence + "\n")) // whoever is gone needs no answer
}
