package slack

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// cellar keeps installs in memory.
type cellar struct {
	mu   sync.Mutex
	rows map[string]digest.Install
}

func (c *cellar) PutInstall(_ context.Context, i digest.Install) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows[i.Workspace] = i
	return nil
}

func (c *cellar) Install(_ context.Context, workspace string) (digest.Install, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i, ok := c.rows[workspace]; ok {
		return i, nil
	}
	return digest.Install{}, digest.Errorf(digest.NotFound, "none")
}

func (c *cellar) Installs(context.Context, string) ([]digest.Install, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []digest.Install
	for _, i := range c.rows {
		out = append(out, i)
	}
	return out, nil
}

func (c *cellar) DeleteInstall(_ context.Context, workspace string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.rows, workspace)
	return nil
}

// installable is a platform that others can install, and a browser before it.
func installable(t *testing.T, change ...func(*Config)) (world, *cellar, *httptest.Server, *http.Client) {
	t.Helper()
	key, err := NewKey(digest.NewSecret("a key of sixteen characters and more"))
	if err != nil {
		t.Fatal(err)
	}
	kept := &cellar{rows: make(map[string]digest.Install)}
	w, server := called(t, &desk{}, append([]func(*Config){func(c *Config) {
		c.Installs, c.ClientID, c.ClientSecret, c.TokenKey, c.PublicURL = kept, slackfake.ClientID, digest.NewSecret(slackfake.ClientSecret), key, "http://news.example"
	}}, change...)...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := *server.Client()
	browser.Jar = jar
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return w, kept, server, &browser
}

// get opens an address in a browser.
func get(t *testing.T, browser *http.Client, address string) (int, string, *url.URL) {
	t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	to, _ := resp.Location() // there is one in redirects only
	return resp.StatusCode, string(said), to
}

const otherToken = "xoxb-other-1618033988"

func TestInstall(t *testing.T) {
	told := 0
	w, kept, server, browser := installable(t, func(c *Config) { c.PKCE, c.Back = true, func(context.Context) { told++ } })
	status, _, to := get(t, browser, server.URL+InstallPath)
	if status != http.StatusSeeOther || to.Host != "slack.com" || to.Path != "/oauth/v2/authorize" {
		t.Fatalf("status %d, to %v", status, to)
	}
	q := to.Query()
	for key, want := range map[string]string{"client_id": slackfake.ClientID, "scope": strings.Join(Scopes(), ","), "redirect_uri": "http://news.example/slack/oauth", "code_challenge_method": "S256"} {
		if q.Get(key) != want {
			t.Errorf("%s is %q, want %q", key, q.Get(key), want)
		}
	}
	if len(q.Get("state")) < 40 || len(q.Get("code_challenge")) != 43 {
		t.Errorf("state %q, challenge %q", q.Get("state"), q.Get("code_challenge"))
	}
	code := w.Allow(slackfake.Grant{Team: "T2", Name: "Oak Street", Token: otherToken, User: "U7", Challenge: q.Get("code_challenge")})
	status, said, _ := get(t, browser, server.URL+RedirectPath+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode())
	if status != http.StatusOK || !strings.Contains(said, "installed in Oak Street") {
		t.Fatalf("status %d: %s", status, said)
	}
	if told != 1 {
		t.Errorf("that the workspace is back was told %d times", told)
	}
	i := kept.rows["slack:T2"]
	if i.Name != "Oak Street" || i.User != "U7" || strings.Contains(i.Sealed, "xoxb") || i.Sealed == "" {
		t.Errorf("kept %+v", i)
	}
	for team, want := range map[string]string{"T2": otherToken, slackfake.Team: slackfake.BotToken} {
		got, err := w.p.in(within(t), team)
		if err != nil || got.token.Reveal() != want {
			t.Errorf("%s has another token: %v", team, err)
		}
	}
	p := w.part(t, chat.Note("for Oak Street"))
	p.Workspace = "T2"
	if _, err := w.p.Post(within(t), p); err != nil {
		t.Error(err)
	}
	if err := w.p.Probe(within(t), digest.Address{Platform: "slack", Workspace: "T2"}); err != nil {
		t.Errorf("Probe: %v", err)
	}
	ill := 0
	for _, f := range w.p.Check(within(t), []digest.Address{p.Address}) {
		if !f.OK {
			ill++
			t.Log(f.Line)
		}
	}
	if ill != 0 {
		t.Errorf("%d findings", ill)
	}
	// The token that somebody copied to another row is worth nothing there.
	i.Workspace = "slack:T3"
	kept.rows["slack:T3"] = i
	if _, err := w.p.in(within(t), "T3"); err == nil || !strings.Contains(err.Error(), "cannot be decrypted") {
		t.Errorf("a moved token: %v", err)
	}
	if !strings.Contains(w.log.String(), "the app was installed") || strings.Contains(w.log.String(), otherToken) {
		t.Errorf("log: %s", w.log)
	}
	w.p.uninstalled(within(t), "T2")
	if got, err := w.p.in(within(t), "T2"); err != nil || got != w.p.home {
		t.Errorf("after the uninstall the token is still there: %v", err)
	}
}

// TestInstallsThatFail ends installs that nobody began, twice, too late, or in
// another browser, and has Slack refuse.
func TestInstallsThatFail(t *testing.T) {
	w, kept, server, browser := installable(t, func(c *Config) { c.Workspaces = []string{"T2", "T5"} })
	begin := func() string {
		_, _, to := get(t, browser, server.URL+InstallPath)
		return to.Query().Get("state")
	}
	end := func(b *http.Client, values url.Values) (int, string) {
		status, said, _ := get(t, b, server.URL+RedirectPath+"?"+values.Encode())
		return status, said
	}
	grant := func(g slackfake.Grant) string {
		if g.Token == "" {
			g.Token = otherToken
		}
		return w.Allow(g)
	}
	for name, c := range map[string]struct {
		code   string
		change func(url.Values)
		status int
		want   string

		revoked int // tokens that are given back
	}{
		"other state":     {grant(slackfake.Grant{Team: "T2"}), func(v url.Values) { v.Set("state", "x") }, 403, "not started in this browser", 0},
		"no state":        {grant(slackfake.Grant{Team: "T2"}), func(v url.Values) { v.Del("state") }, 403, "not started in this browser", 0},
		"declined":        {"", func(v url.Values) { v.Set("error", "access_denied") }, 200, "access_denied", 0},
		"bad code":        {"code-x", nil, 502, "invalid_code", 0},
		"other workspace": {grant(slackfake.Grant{Team: "T9"}), nil, 502, "may not install", 1},
		"no team":         {grant(slackfake.Grant{}), nil, 502, "whole organisation", 1},
		"user token":      {grant(slackfake.Grant{Team: "T2", Token: "xoxp-1"}), nil, 502, "no token of a bot", 1},
		"expiring":        {grant(slackfake.Grant{Team: "T2", Expires: 43200}), nil, 502, "token rotation", 0},
	} {
		t.Run(name, func(t *testing.T) {
			values := url.Values{"state": {begin()}, "code": {c.code}}
			if c.change != nil {
				c.change(values)
			}
			before := w.Calls("auth.revoke")
			if status, said := end(browser, values); status != c.status || !strings.Contains(said, c.want) {
				t.Errorf("status %d: %s", status, said)
			}
			if given := w.Calls("auth.revoke") - before; given != c.revoked || w.TokenOf("T9") != "" {
				t.Errorf("%d tokens were given back, want %d; T9 has %q", given, c.revoked, w.TokenOf("T9"))
			}
		})
	}
	state := begin()
	if status, _ := end(server.Client(), url.Values{"state": {state}, "code": {grant(slackfake.Grant{Team: "T2"})}}); status != 403 {
		t.Errorf("another browser: %d", status)
	}
	w.clock.jump(installTime + time.Second)
	if status, _ := end(browser, url.Values{"state": {state}, "code": {grant(slackfake.Grant{Team: "T2"})}}); status != 403 {
		t.Errorf("too late: %d", status)
	}
	state = begin()
	if status, said := end(browser, url.Values{"state": {state}, "code": {grant(slackfake.Grant{Team: "T5", Name: "<b>x"})}}); status != 200 {
		t.Errorf("good: %d %s", status, said)
	}
	if status, _ := end(browser, url.Values{"state": {state}, "code": {grant(slackfake.Grant{Team: "T5"})}}); status != 403 {
		t.Errorf("a second time: %d", status)
	}
	if len(kept.rows) != 1 {
		t.Errorf("kept %v", kept.rows)
	}
}

// TestWithoutToken has no token but those of installs.
func TestWithoutToken(t *testing.T) {
	w, kept, _, _ := installable(t, func(c *Config) { c.BotToken = digest.Secret{} })
	_, err := w.p.Post(within(t), w.part(t, chat.Note("x")))
	if o := digest.OutcomeOf(err); o.Action != digest.ActPause || o.Code != "not_installed" {
		t.Errorf("%+v, %v", o, err)
	}
	if f := w.p.Check(within(t), []digest.Address{{Platform: "slack", Workspace: "T7", Channel: "C1"}}); f[len(f)-1].OK || !strings.Contains(f[len(f)-1].Line, "/slack/install") {
		t.Errorf("%+v", f)
	}
	kept.rows["slack:T7"] = digest.Install{Workspace: "slack:T7", Name: "x", Sealed: "garbage"}
	w.clock.jump(installAge)
	if f := w.p.Check(within(t), nil); f[len(f)-1].OK || !strings.Contains(f[len(f)-1].Line, "token_key_env") {
		t.Errorf("%+v", f)
	}
	if _, err := NewKey(digest.NewSecret("short")); digest.KindOf(err) != digest.Invalid {
		t.Errorf("a short key: %v", err)
	}
	if _, err := (Key{}).seal("x", digest.NewSecret("y")); err == nil {
		t.Error("no key seals")
	}
}

// TestLateUninstall has Slack deliver late that the app was removed: somebody
// has installed it again since.
func TestLateUninstall(t *testing.T) {
	gone := 0
	w, kept, _, _ := installable(t, func(c *Config) { c.Gone = func(context.Context, digest.Address, string) { gone++ } })
	code := w.Allow(slackfake.Grant{Team: "T2", Name: "Oak Street", Token: otherToken})
	if _, err := w.p.exchange(within(t), code, ""); err != nil {
		t.Fatal(err)
	}
	late := func(id, event string) {
		t.Helper()
		w.p.attending.take(t.Context(), delivery{kind: "events_api", payload: []byte(`{"team_id":"T2","event_id":"` + id + `","event":` + event + `}`)})
		w.p.attending.busy.Wait()
	}
	late("Ev1", `{"type":"app_uninstalled"}`)
	late("Ev2", `{"type":"tokens_revoked","tokens":{"bot":["`+slackfake.BotUser+`"]}}`)
	if len(kept.rows) != 1 || gone != 0 {
		t.Errorf("%d installs are kept and the workspace was closed %d times, though its token works", len(kept.rows), gone)
	}
	w.Fail("auth.test", slackfake.Refuse("account_inactive"))
	late("Ev3", `{"type":"app_uninstalled"}`)
	if len(kept.rows) != 0 || gone != 1 {
		t.Errorf("%d installs are kept and the workspace was closed %d times, want 0 and 1", len(kept.rows), gone)
	}
}

// TestInstallBehindAProxy has the endpoints under a path of the public address:
// the browser brings the cookie back there.
func TestInstallBehindAProxy(t *testing.T) {
	for public, want := range map[string]string{"http://news.example": "/slack/", "https://example.org/news/": "/news/slack/"} {
		_, _, server, browser := installable(t, func(c *Config) { c.PublicURL = public })
		resp, err := browser.Get(server.URL + InstallPath)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		cookies := resp.Cookies()
		if len(cookies) != 1 || cookies[0].Path != want || cookies[0].Secure != strings.HasPrefix(public, "https") || !cookies[0].HttpOnly {
			t.Errorf("%s: cookies %v, want one for %s", public, cookies, want)
		}
	}
}

// TestInstallOutlivesItsBrowser has a browser leave before its install is over:
// Slack has given the token by then, and gives it once.
func TestInstallOutlivesItsBrowser(t *testing.T) {
	w, kept, _, _ := installable(t)
	begun := httptest.NewRecorder()
	w.p.beginInstall(begun, httptest.NewRequest(http.MethodGet, InstallPath, nil))
	to, err := begun.Result().Location()
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequest(http.MethodGet, RedirectPath+"?"+url.Values{"state": {to.Query().Get("state")},
		"code": {w.Allow(slackfake.Grant{Team: "T2", Token: otherToken})}}.Encode(), nil).WithContext(gone)
	r.AddCookie(begun.Result().Cookies()[0])
	w.p.endInstall(httptest.NewRecorder(), r)
	if len(kept.rows) != 1 {
		t.Errorf("kept %v\n%s", kept.rows, w.log)
	}
}
