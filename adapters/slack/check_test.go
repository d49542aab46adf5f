package slack

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

func mustURL(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCheck(t *testing.T) {
	at := func(channel string) digest.Address {
		return digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: channel}
	}
	for _, c := range []struct {
		name   string
		change func(world)
		ask    []digest.Address
		ill    []string // what the lines that are not well say, in order
	}{
		{"all well", nil, []digest.Address{at("C1"), at("G1"), {Platform: "web", Channel: "x"}}, nil},
		{"scopes", func(w world) { w.SetScopes("chat:write", "channels:read", "groups:read", "commands") }, nil, []string{"channels:history, groups:history, users:read, im:read, im:write, im:history, files:read, files:write missing; add under “OAuth"}},
		{"bot token", func(w world) { w.Fail("auth.test", slackfake.Refuse("invalid_auth")) }, []digest.Address{at("C1")}, []string{"install the app again"}},
		{"removed", func(w world) { w.Fail("auth.test", slackfake.Refuse("account_inactive")) }, nil, []string{"was removed"}},
		{"down", func(w world) { w.Down() }, nil, []string{"cannot be reached", "no connection"}},
		{"app token", func(w world) { w.Fail("apps.connections.open", slackfake.Refuse("not_allowed_token_type")) }, nil, []string{"app token: Slack refuses it"}},
		{"app scope", func(w world) { w.Fail("apps.connections.open", slackfake.Refuse("missing_scope")) }, nil, []string{"connections:write"}},
		{"socket mode", func(w world) { w.Fail("apps.connections.open", slackfake.Refuse("forbidden_team")) }, nil, []string{"switch on “Socket Mode”"}},
		{"channels", func(w world) { w.AddChannel(slackfake.Channel{ID: "C4", Name: "shared", Member: true, Shared: true}) },
			[]digest.Address{at("C2"), at("C3"), at("C4"), at("C9"), {Platform: "slack", Workspace: "T9", Channel: "C1"}},
			[]string{"/invite @the-bot", "archived", "no such channel", "write slack:T012FAKE/C1"}},
		{"channel fails", func(w world) { w.Fail("conversations.info", slackfake.Status(500)) }, []digest.Address{at("C1")}, []string{"http_500"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.change != nil {
				c.change(w)
			}
			var ill []string
			for _, f := range w.p.Check(within(t), c.ask) {
				if strings.Contains(f.Line, "\n") || f.Line == "" {
					t.Errorf("not one line: %q", f.Line)
				}
				if !f.OK {
					ill = append(ill, f.Line)
				}
			}
			if len(ill) != len(c.ill) {
				t.Fatalf("got %q, want %q", ill, c.ill)
			}
			for i, want := range c.ill {
				if !strings.Contains(ill[i], want) {
					t.Errorf("got %q, want %q", ill[i], want)
				}
			}
		})
	}
	w := newWorld(t, func(c *Config) { c.AppToken = digest.Secret{} })
	if f := w.p.Check(within(t), nil); f[len(f)-1].OK {
		t.Errorf("without an app token: %+v", f)
	}
}

func TestConfig(t *testing.T) {
	good := Config{BotToken: digest.NewSecret("xoxb-1"), AppToken: digest.NewSecret("xapp-1"), Now: time.Now}
	for name, change := range map[string]func(*Config){
		"no bot token": func(c *Config) { c.BotToken = digest.Secret{} }, "user token": func(c *Config) { c.BotToken = digest.NewSecret("xoxp-very-secret") },
		"bad app token": func(c *Config) { c.AppToken = digest.NewSecret("xoxb-very-secret") }, "command": func(c *Config) { c.Command = "digest" },
		"long command": func(c *Config) { c.Command = "/" + strings.Repeat("d", 32) }, "thread": func(c *Config) { c.Thread = "maybe" }, "no clock": func(c *Config) { c.Now = nil },
		"plain http": func(c *Config) { c.APIURL = "http://slack.example/api" }, "no address": func(c *Config) { c.APIURL = "slack" }, "query": func(c *Config) { c.APIURL = "https://a.example/?x=1" },
		"user name": func(c *Config) { c.APIURL = "https://very-secret@a.example/" }, "unreadable": func(c *Config) { c.APIURL = "https://[very-secret/" },
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			change(&c)
			if _, err := New(c); err == nil || strings.Contains(err.Error(), "very-secret") && name != "unreadable" {
				t.Errorf("New: %v", err)
			}
		})
	}
	p, err := New(good)
	if err != nil {
		t.Fatal(err)
	}
	if p.cfg.APIURL != DefaultAPIURL || p.cfg.Command != DefaultCommand || !p.cfg.Threads() || (Config{Thread: "no"}).Threads() {
		t.Errorf("defaults %+v", p.cfg)
	}
}

func TestManifest(t *testing.T) {
	m := Manifest(ManifestOptions{})
	j, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.YAML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "manifest.json", j)
	golden(t, "manifest.yaml", y)
	web := Manifest(ManifestOptions{URL: "https://news.example/", Install: "https://news.example/", PKCE: true})
	if j, err = web.JSON(); err != nil {
		t.Fatal(err)
	}
	golden(t, "manifest-http.json", j)
	long := Manifest(ManifestOptions{Name: strings.Repeat("n", 50), Command: "/news"})
	for _, s := range m.Features.Shortcuts {
		if len(s.Name) > 24 || len(s.Description) > 150 {
			t.Errorf("the shortcut %q is too long for Slack", s.Name)
		}
	}
	if len(m.Features.Shortcuts) > 10 || len(long.Display.Name) != 35 || long.Features.SlashCommands[0].Command != "/news" {
		t.Errorf("%+v", long)
	}
}

// oracle is Slack's catalogue of methods.
type oracle map[string]struct {
	Args   map[string]any    `json:"args"`
	Errors map[string]string `json:"errors"`
	Scopes struct {
		Bot []struct{ Name string } `json:"bot"`
	} `json:"scopes"`
}

// everything makes a platform call all methods that it ever calls.
func everything(t *testing.T, w world) {
	t.Helper()
	d := &desk{reply: chat.Reply{Messages: []chat.Message{chat.Note("x")}, File: chat.Attachment{Name: "a.txt", Data: []byte("x")}}}
	hearing(t, w, d, formSpecs())
	p := w.part(t, chat.Note("x"))
	ref, err := w.p.Post(within(t), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Ref = ref
	if err := w.p.Edit(within(t), p, p.Payload); err != nil {
		t.Fatal(err)
	}
	for _, parent := range []digest.MessageRef{"", ref} {
		p.Threaded, p.Parent = parent != "", parent
		if _, _, err = w.p.Find(within(t), p, p.Started); err != nil {
			t.Fatal(err)
		}
		if _, err = w.p.Post(within(t), p); err != nil {
			t.Fatal(err)
		}
	}
	w.p.Check(within(t), []digest.Address{p.Address})
	v := w.window(t, "U1", "ask")
	w.clock.jump(31 * time.Minute) // it is answered by chat.postEphemeral then
	if _, _, err := w.Submit(within(t), v, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.OpenHome("U1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "App Home", func() bool { _, ok := w.Home("U1"); return ok })
	home, _ := w.Home("U1")
	if _, err := w.Click(home, "Latest C1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the window", func() bool { return len(w.Windows("U1")) == 1 && w.Windows("U1")[0].Updates == 1 })
	d.mu.Lock()
	m := chat.Note("again")
	m.Buttons = []chat.Button{{Label: "Form", Line: "ask"}}
	d.reply = chat.Reply{Messages: []chat.Message{m}}
	d.mu.Unlock()
	if _, err := w.Click(home, "Latest C1"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the window", func() bool { return len(w.Windows("U1")) == 2 && w.Windows("U1")[1].Updates == 1 })
	if _, err := w.Click(w.Windows("U1")[1], "Form"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "a window on top", func() bool { return w.Calls("views.push") == 1 })
	if _, err := w.p.attached(within(t), slackfake.Team, &form{files: []sharedFile{{ID: w.Attach("x", []byte("x"))}}}); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the private answer", func() bool { return w.Calls("chat.postEphemeral") > 0 })
}

func TestAgainstTheCatalogue(t *testing.T) {
	dir := os.Getenv("NUTGRAF_SHARED")
	if dir == "" {
		t.Skip("NUTGRAF_SHARED is not set: Slack's catalogue of methods is not here")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "oracles", "slack-methods.json"))
	if err != nil {
		t.Fatal(err)
	}
	var methods oracle
	if err := json.Unmarshal(raw, &methods); err != nil {
		t.Fatal(err)
	}
	key, err := NewKey(digest.NewSecret("a key of sixteen characters and more"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *Config) {
		c.Installs, c.ClientID, c.ClientSecret, c.TokenKey, c.PublicURL = &cellar{rows: make(map[string]digest.Install)}, slackfake.ClientID, digest.NewSecret(slackfake.ClientSecret), key, "https://news.example"
	})
	everything(t, w)
	if _, err := w.p.exchange(within(t), w.Allow(slackfake.Grant{Team: "T2", Token: otherToken}), "a verifier"); err != nil {
		t.Fatal(err)
	}
	called := w.Called()
	for _, name := range []string{"auth.test", "chat.postMessage", "chat.update", "chat.postEphemeral", "conversations.history", "conversations.replies",
		"conversations.info", "conversations.open", "users.info", "users.conversations", "views.open", "views.push", "views.update", "views.publish",
		"files.info", "files.getUploadURLExternal", "files.completeUploadExternal", "apps.connections.open", "oauth.v2.access"} {
		if _, ok := called[name]; !ok {
			t.Errorf("%s was not called, so that nothing is known of it", name)
		}
	}
	for method, args := range called {
		m, ok := methods[method]
		if !ok {
			t.Errorf("Slack has no method %s", method)
			continue
		}
		for _, a := range args {
			if _, ok := m.Args[a]; !ok {
				t.Errorf("%s has no argument %s", method, a)
			}
		}
		covered := len(m.Scopes.Bot) == 0
		for _, s := range m.Scopes.Bot {
			covered = covered || slices.Contains(Scopes(), s.Name)
		}
		if !covered {
			t.Errorf("the manifest's scopes do not cover %s", method)
		}
		if private := []string{"views.", "files.", "oauth.", "chat.postEphemeral", "conversations.open", "users.conversations"}; slices.ContainsFunc(private, func(p string) bool { return strings.HasPrefix(method, p) }) {
			continue // what goes wrong there is logged or told, and decides nothing
		}
		for code := range m.Errors {
			if _, ok := ruleFor(code); !ok {
				t.Errorf("%s: the error %s has no rule", method, code)
			}
		}
	}
}

func TestRulesAreDisjoint(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range rules {
		for c := range strings.FieldsSeq(r.codes) {
			if seen[c] {
				t.Errorf("%s stands in two rules", c)
			}
			seen[c] = true
		}
	}
}

func TestNoSecretLeaves(t *testing.T) {
	w := newWorld(t)
	var said strings.Builder
	note := func(err error) {
		if err != nil {
			said.WriteString(err.Error() + "\n")
		}
	}
	leak := `{"ok":false,"error":"` + slackfake.BotToken
	for _, f := range faults() {
		w.Fail("chat.postMessage", f.fault)
		_, err := w.p.Post(within(t), w.part(t, chat.Note("x")))
		note(err)
	}
	w.Fail("auth.test", slackfake.Say(leak), slackfake.Status(500), slackfake.Cut())
	for range 3 {
		note(w.p.Probe(within(t), digest.Address{Platform: "slack", Workspace: slackfake.Team}))
	}
	w.Fail("conversations.history", slackfake.Say(leak), slackfake.Cut())
	for range 2 {
		_, _, err := w.p.Find(within(t), w.part(t, chat.Note("x")), w.clock.now())
		note(err)
	}
	w.Fail("apps.connections.open", slackfake.Say(leak), slackfake.Status(404), slackfake.Refuse("invalid_auth"), slackfake.Cut())
	for range 4 {
		for _, f := range w.p.Check(within(t), nil) {
			said.WriteString(f.Line + "\n")
		}
	}
	w.Down()
	_, err := w.p.Post(within(t), w.part(t, chat.Note("x")))
	note(err)
	all := said.String() + w.log.String()
	if said.Len() < 1000 {
		t.Errorf("too little was said to test anything: %s", all)
	}
	for _, secret := range []string{"xoxb-", "xapp-", "2718281828", "3141592653"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s was said: %s", secret, all)
		}
	}
}
