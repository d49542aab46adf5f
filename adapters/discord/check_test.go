package discord

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

func TestConfig(t *testing.T) {
	good := Config{Token: digest.NewSecret("t"), Now: time.Now}
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string // part of the message; "" for none
	}{
		{"good", func(*Config) {}, ""},
		{"loopback", func(c *Config) { c.APIURL = "http://localhost:99/base/" }, ""},
		{"a slash", func(c *Config) { c.Command, c.Thread = "/news", "yes" }, ""},
		{"no token", func(c *Config) { c.Token = digest.Secret{} }, "token is missing"},
		{"Bot in front", func(c *Config) { c.Token = digest.NewSecret("Bot hidden-token") }, "holds a blank"},
		{"application", func(c *Config) { c.Application = "nutgraf" }, "application id"},
		{"plain http", func(c *Config) { c.APIURL = "http://discord.example" }, "in the clear"},
		{"no address", func(c *Config) { c.APIURL = "discord.com" }, "no address"},
		{"command", func(c *Config) { c.Command = "Digest Now" }, "no name for a command"},
		{"thread", func(c *Config) { c.Thread = "maybe" }, `"yes" or "no"`},
		{"clock", func(c *Config) { c.Now = nil }, "no clock"},
	} {
		cfg := good
		c.change(&cfg)
		p, err := New(cfg)
		if (err == nil) != (c.want == "") || !strings.Contains(fmt.Sprint(err), c.want) || strings.Contains(fmt.Sprint(err), "hidden") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err == nil && (p.cfg.Command == "" || strings.HasPrefix(p.cfg.Command, "/") || p.cfg.Threads() != (cfg.Thread == "yes")) {
			t.Errorf("%s: %+v", c.name, p.cfg)
		}
	}
}

func TestInstallLink(t *testing.T) {
	const want = "https://discord.com/oauth2/authorize?client_id=42&scope=bot+applications.commands&permissions=309237730304"
	if got := InstallLink("42"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCheck(t *testing.T) {
	here := digest.Address{Platform: "discord", Workspace: guildID, Channel: channelID}
	for _, c := range []struct {
		name    string
		change  func(*Config)
		fake    func(*discordfake.Server)
		address digest.Address
		want    string // in the last line
		ok      bool
	}{
		{"well", nil, nil, here, "may post to #news", true},
		{"a wrong token", func(c *Config) { c.Token = digest.NewSecret("x") }, nil, here, "Reset Token", false},
		{"no Discord", func(c *Config) { c.APIURL = "http://127.0.0.1:1" }, nil, here, "cannot be reached", false},
		{"broken", nil, func(f *discordfake.Server) { f.Fail(discordfake.Refusal(500, 0, "oops")) }, here, "oops", false},
		{"names instead of ids", nil, nil, digest.Address{Platform: "discord", Workspace: "home", Channel: "news"}, "Copy Channel ID", false},
		{"not in the server", nil, nil, digest.Address{Platform: "discord", Workspace: "123456", Channel: channelID}, "client_id=" + discordfake.Application, false},
		{"no such channel", nil, nil, digest.Address{Platform: "discord", Workspace: guildID, Channel: "123456"}, "does not exist", false},
		{"not seen", nil, func(f *discordfake.Server) { f.Permit(channelID, 0) }, here, "allow View Channel", false},
		{"no history", nil, func(f *discordfake.Server) { f.Permit(channelID, discordfake.View|discordfake.Send) }, here, "lacks Embed Links, Read Message History", false},
		{"no threads", func(c *Config) { c.Thread = "yes" }, func(f *discordfake.Server) { f.Permit(channelID, discordfake.All&^discordfake.SendInThreads) }, here, "lacks Send Messages in Threads", false},
		{"another server's", nil, func(f *discordfake.Server) { f.AddChannel("777777", "888888", "other", discordfake.All) }, digest.Address{Platform: "discord", Workspace: guildID, Channel: "888888"}, "write discord:777777/888888", false},
		{"another platform's", func(c *Config) { c.Application = "" }, nil, digest.Address{Platform: "slack", Workspace: "T", Channel: "C"}, "oauth2/authorize", true},
		{"another application", func(c *Config) { c.Application = "42" }, nil, digest.Address{}, "not to 42", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, discordfake.Options{}, c.change)
			if c.fake != nil {
				c.fake(b.fake)
			}
			got := b.Check(t.Context(), []digest.Address{c.address})
			last := got[len(got)-1]
			if last.OK != c.ok || !strings.Contains(last.Line, c.want) || strings.Contains(last.Line, "\n") {
				t.Errorf("got %+v, want %q", got, c.want)
			}
			if n := len(b.fake.Posts(channelID)); n != 0 {
				t.Errorf("it posted %d messages", n)
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	const all = needed
	roles := []guildRole{{guildID, viewChannel | sendMessages}, {"5", readHistory}, {"6", administrator}}
	for _, c := range []struct {
		name    string
		roles   []string
		changes []overwrite
		want    permissions
	}{
		{"everyone", nil, nil, viewChannel | sendMessages},
		{"a role", []string{"5"}, nil, viewChannel | sendMessages | readHistory},
		{"an administrator", []string{"6"}, []overwrite{{guildID, 0, 0, all}}, viewChannel | sendMessages | administrator},
		{"denied to everyone", []string{"5"}, []overwrite{{guildID, 0, 0, viewChannel}}, 0},
		{"allowed to the role again", []string{"5"}, []overwrite{{guildID, 0, 0, viewChannel}, {"5", 0, viewChannel, 0}}, viewChannel | sendMessages | readHistory},
		{"the member has the last word", []string{"5"}, []overwrite{{"9", 1, embedLinks, readHistory}, {"5", 0, readHistory, sendMessages}}, viewChannel | embedLinks},
		{"others' changes", nil, []overwrite{{"8", 1, all, 0}, {"7", 0, all, 0}}, viewChannel | sendMessages},
	} {
		if got := permissionsIn(guildID, "9", guildMember{c.roles}, roles, c.changes); got != c.want {
			t.Errorf("%s: got %b, want %b", c.name, got, c.want)
		}
	}
	var p permissions
	if err := p.UnmarshalText([]byte("x")); err != nil || p != 0 {
		t.Errorf("what cannot be read grants %v", p)
	}
}

func TestRegistration(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	writes := func() int {
		n := 0
		for _, r := range b.fake.Requests() {
			if r.Method == http.MethodPut {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		specs []chat.Spec
		want  int
	}{{specs(), 1}, {specs(), 1}, {specs()[:3], 2}, {specs()[:3], 2}} {
		if err := b.register(t.Context(), c.specs); err != nil {
			t.Fatal(err)
		}
		if got := writes(); got != c.want {
			t.Errorf("%d writes, want %d", got, c.want)
		}
	}
	got := fmt.Sprintf("%s", b.fake.Commands())
	for _, want := range []string{`"name":"digest"`, `"min_value":1`, `"required":true`, `"type":5`, `"choices":[`} {
		if !strings.Contains(got, want) {
			t.Errorf("the command lacks %s: %s", want, got)
		}
	}
	if strings.Contains(got, LinkMenu) {
		t.Error("the menu is registered without its command")
	}
	many := make([]chat.Spec, 26)
	if _, err := registered("digest", many, nil); err == nil {
		t.Error("26 commands are accepted")
	}
	long := make([]chat.Spec, 25)
	for i := range long {
		long[i] = chat.Spec{Name: fmt.Sprint("c", i), Help: strings.Repeat("h", 200), Options: []chat.Option{
			{Name: "a", Help: strings.Repeat("x", 200)}, {Name: "b", Help: strings.Repeat("y", 200)}, {Name: "c", Help: strings.Repeat("z", 200)}}}
	}
	if _, err := registered("digest", long, nil); err == nil {
		t.Error("more than 8000 characters are accepted")
	}
	if cmds, err := registered("digest", long[:10], []chat.Phrase{chat.P(LinkMenu)}); err != nil || len(cmds) != 2 || size(cmds[0].Options[0].Description) > maxHelp {
		t.Errorf("%v %v", cmds, err)
	}
}

// TestCommandsInAllLanguages holds what is registered against its golden file,
// and finds room for long texts by leaving translations out.
// TestCommandsOfOthers replaces commands that another program left behind, of
// whatever form.
func TestCommandsOfOthers(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	path := "applications/" + discordfake.Application + "/commands"
	others := []any{map[string]any{"type": 1, "name": "roll", "description": "Roll a die", "options": []any{map[string]any{"type": 4, "name": "sides", "description": "How many",
		"choices": []any{map[string]any{"name": "six", "value": 6}}}, map[string]any{"type": 10, "name": "weight", "description": "In grams", "min_value": 0.5}}}}
	if err := b.call(t.Context(), http.MethodPut, path, others, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.register(t.Context(), specs()); err != nil {
		t.Fatal(err)
	}
	if got := b.fake.Commands(); len(got) < 2 || !strings.Contains(string(got[0]), `"digest"`) {
		t.Errorf("%d commands, the first is %s", len(got), got[0])
	}
}

func TestCommandsInAllLanguages(t *testing.T) {
	known := specs()
	known[0].Help, known[0].Options[0].Help = "Search the archive, newest first", "only this category"
	list, err := registered("digest", append(known, deskSpecs()[5:]...), []chat.Phrase{chat.P(LinkMenu), chat.P(SaveMenu), chat.P(CoveredMenu)})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "commands", raw)
	for _, c := range []struct {
		options        int // of each of 20 commands
		sub, own, fail bool
	}{{12, true, true, false}, {13, true, false, false}, {17, false, false, false}, {25, false, false, true}} {
		many := make([]chat.Spec, 20)
		for i := range many {
			many[i] = chat.Spec{Name: fmt.Sprint("c", i), Help: "Search the archive, newest first"}
			for n := range c.options {
				many[i].Options = append(many[i].Options, chat.Option{Name: fmt.Sprint("o", n), Help: "only this category"})
			}
		}
		list, err := registered("digest", many, nil)
		if c.fail {
			if err == nil {
				t.Errorf("%d options: more than 8000 characters are accepted", c.options)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		first := list[0].Options[0]
		if (first.Descriptions != nil) != c.sub || (first.Options[0].Descriptions != nil) != c.own {
			t.Errorf("%d options: %v, %v with %d characters", c.options, first.Descriptions, first.Options[0].Descriptions, weight(list[0].Options))
		}
	}
}

func TestLimits(t *testing.T) {
	now := morning
	var slept []time.Duration
	l := &limiter{now: func() time.Time { return now }, sleep: func(d time.Duration, _ <-chan struct{}) bool { slept = append(slept, d); now = now.Add(d); return true }}
	body := []byte("{}")
	response := func(status int, pairs ...string) *http.Response {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return &http.Response{StatusCode: status, Header: h}
	}
	key, global := routeOf("POST", "/api/v9/channels/111111/messages")
	must := func(want time.Duration) {
		t.Helper()
		slept = nil
		if _, err := l.wait(t.Context(), key, global); err != nil {
			t.Fatal(err)
		}
		var got time.Duration
		for _, d := range slept {
			got += d
		}
		if got != want {
			t.Errorf("waited %v, want %v", got, want)
		}
	}
	must(0)
	l.learn(key, response(200, "X-RateLimit-Remaining", "1", "X-RateLimit-Reset-After", "2.5"), body)
	must(0)
	must(2500 * time.Millisecond)
	l.learn(key, response(429, "Retry-After", "30", "X-RateLimit-Scope", "shared"), body)
	other, _ := routeOf("POST", "/api/v9/channels/222222/messages")
	if _, d, _, _ := l.take(other, true); d > 0 {
		t.Error("another channel waits, too")
	}
	ctx := brief(t, time.Second)
	if _, err := l.wait(ctx, key, true); err == nil || !strings.Contains(err.Error(), "the turn comes in 30s") {
		t.Errorf("a wait beyond the deadline: %v", err)
	}
	must(30 * time.Second)
	for range perSecond - 1 {
		must(0)
	}
	must(second + lateness) // nothing was answered
	l.learn(key, response(429, "Retry-After", "1", "X-RateLimit-Global", "true"), body)
	if _, d, platform, _ := l.take(other, true); d != time.Second || !platform {
		t.Errorf("a global limit: %v %v", d, platform)
	}
	must(time.Second)
	if key, global := routeOf("POST", "/api/v9/interactions/111111/token/callback"); key != "" || global {
		t.Errorf("interactions count as %q", key)
	}
	if a, _ := routeOf("GET", "/api/v9/channels/1/messages/222"); a != "GET channels/1/messages/id" {
		t.Errorf("got %q", a)
	}
	for range invalidCap {
		l.learn(key, response(403), body)
	}
	must(invalidSpan)
	l.learn(key, response(429, "Content-Type", "text/html"), body)
	must(invalidSpan)
}

// TestRetryAfter reads how long a 429 asks to wait, in every form it is said.
func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		header, body string
		want         time.Duration
	}{
		{"30", `{}`, 30 * time.Second},
		{"1.5", `{}`, 1500 * time.Millisecond},
		{"0.0001", `{}`, time.Millisecond}, // never early
		{"1", `{"retry_after": 1.337}`, 1337 * time.Millisecond},
		{"", `{"retry_after": 0.25}`, 250 * time.Millisecond},
		{"2", `{"retry_after": 0.25}`, 2 * time.Second},
		{"Sun, 03 May 2026 08:01:00 GMT", `{}`, time.Minute},
		{"Sun, 03 May 2026 07:00:00 GMT", `{}`, 0}, // it is over
		{"", `{}`, 30 * time.Second},
		{"soon", `error code: 1015`, 30 * time.Second},
		{"NaN", ``, 30 * time.Second},
		{"-1", ``, 30 * time.Second},
	} {
		if got := retryAfter(http.Header{"Retry-After": {c.header}}, []byte(c.body), morning); got != c.want {
			t.Errorf("%q %s: got %v, want %v", c.header, c.body, got, c.want)
		}
	}
}

// TestNothingIsSentWhile has Discord say that further requests are harmful.
func TestNothingIsSentWhile(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault discordfake.Fault
		after time.Duration
	}{
		{"Cloudflare blocks with a page", discordfake.Cloudflare(), invalidSpan},
		{"Cloudflare blocks with a 403", discordfake.Fault{Kind: discordfake.Status, Status: 403, Body: "<html>error code: 1020</html>"}, invalidSpan},
		{"Cloudflare blocks with a code", discordfake.Refusal(403, 40333, "internal network error"), invalidSpan},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, discordfake.Options{}, func(c *Config) { c.sleep = nil })
			b.fake.Fail(c.fault)
			for range 3 {
				p := part(t, b.Platform, "k")
				_, err := b.Post(t.Context(), p)
				if o := digest.OutcomeOf(err); o.Class != digest.NotSent || o.Scope != digest.ScopePlatform {
					t.Errorf("got %+v, %v", o, err)
				}
				p.Channel = "900000000000000099"
				_, _, err = b.Find(t.Context(), p, morning)
				if o := digest.OutcomeOf(err); o.Scope != digest.ScopePlatform || o.After != c.after {
					t.Errorf("a search: %+v, %v", o, err)
				}
			}
			if n := len(b.fake.Requests()); n != 1 {
				t.Errorf("%d requests were sent, want 1", n)
			}
			b.clock.Add(c.after)
			if _, err := b.Post(t.Context(), part(t, b.Platform, "k")); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// TestTurns has answers come irregularly: however the counted seconds lie, no
// more requests than Discord takes are in one.
func TestTurns(t *testing.T) {
	now := morning
	l := &limiter{now: func() time.Time { return now }, sleep: func(d time.Duration, _ <-chan struct{}) bool { now = now.Add(d); return true }}
	rnd := rand.New(rand.NewPCG(1, 2))
	type request struct {
		ticket
		counted, answered time.Time
	}
	var all, open []request
	for len(all) < 2000 {
		slices.SortFunc(open, func(a, b request) int { return a.answered.Compare(b.answered) })
		place, wait, _, _ := l.take("k", true)
		if len(open) > 0 && (wait > 0 || len(open) >= 32) && !open[0].answered.After(now.Add(max(wait, time.Second))) {
			if open[0].answered.After(now) {
				now = open[0].answered
			}
			l.answered(open[0].ticket)
			open = open[1:]
			if wait > 0 {
				continue
			}
		}
		if wait > 0 {
			now = now.Add(wait)
			continue
		}
		there := 20*time.Millisecond + time.Duration(rnd.ExpFloat64()*float64(40*time.Millisecond))
		r := request{place, now.Add(min(there, 450*time.Millisecond)), time.Time{}}
		r.answered = r.counted.Add(20*time.Millisecond + time.Duration(rnd.ExpFloat64()*float64(40*time.Millisecond)))
		all, open = append(all, r), append(open, r)
	}
	slices.SortFunc(all, func(a, b request) int { return a.counted.Compare(b.counted) })
	for i := perSecond + 1; i < len(all); i++ {
		if d := all[i].counted.Sub(all[i-perSecond-1].counted); d < time.Second {
			t.Fatalf("%d requests within %v", perSecond+2, d)
		}
	}
	took := all[len(all)-1].counted.Sub(all[0].counted)
	if least := time.Duration(len(all)) * time.Second / 50; took > least*115/100 {
		t.Errorf("%d requests took %v, the least is %v", len(all), took, least)
	}
}

// TestManyChannels posts to many channels at once and must not be refused.
func TestManyChannels(t *testing.T) {
	b := newBench(t, discordfake.Options{Limit: 5, Window: time.Second}, nil)
	for i := range 60 {
		b.fake.AddChannel(guildID, fmt.Sprint(910000000000000000+i), "c", discordfake.All)
	}
	for i := range 300 {
		p := part(t, b.Platform, fmt.Sprint("key", i))
		p.Channel = fmt.Sprint(910000000000000000 + i%60)
		if i%7 == 0 {
			p.Channel = channelID
		}
		if _, err := b.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.fake.Invalid(); n != 0 {
		t.Errorf("%d refused requests, want none", n)
	}
}

// TestInteractionsAreExempt answers commands while Discord's limit for all other
// requests is reached.
func TestInteractionsAreExempt(t *testing.T) {
	b, _ := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(ctx, chat.Command) chat.Reply { return say("done") }))
	f := discordfake.TooMany(time.Hour, true)
	f.Path = "messages"
	b.fake.Fail(f)
	if _, err := b.Post(t.Context(), part(t, b.Platform, "k")); err == nil {
		t.Fatal("the limit is not reached")
	}
	if _, err := b.Post(t.Context(), part(t, b.Platform, "k")); err == nil || !strings.Contains(err.Error(), "limit for all requests") {
		t.Fatalf("%v, want that everything else waits", err)
	}
	id := b.fake.Slash(discordfake.User{ID: "7"}, guildID, channelID, "digest", "latest", nil)
	if i := answered(t, b, id); !strings.Contains(string(i.Answer), "done") {
		t.Errorf("got %+v", i)
	}
}
