package discordfake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nutgraf/adapters/discord/discordfake"
)

var morning = time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const (
	guild   = "900001"
	channel = "900002"
)

func start(t *testing.T, o discordfake.Options) (*discordfake.Server, *clock) {
	t.Helper()
	c := &clock{now: morning}
	o.Now = c.Now
	s, err := discordfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.AddChannel(guild, channel, "news", discordfake.All)
	return s, c
}

// ask sends a request and returns status, code and body.
func ask(t *testing.T, s *discordfake.Server, method, path, body string) (int, int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v9/"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot token")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, err.Error()
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var e struct{ Code int }
	_ = json.Unmarshal(raw, &e) // lists have no code
	return resp.StatusCode, e.Code, string(raw)
}

func TestForms(t *testing.T) {
	s, _ := start(t, discordfake.Options{Global: -1})
	long := func(n int) string { return strings.Repeat("x", n) }
	embed := func(s string) string { return `{"embeds":[` + s + `]}` }
	buttons := func(list string) string {
		return `{"content":"x","components":[{"type":1,"components":[` + list + `]}]}`
	}
	for _, c := range []struct {
		name, body string
		code       int
		where      string
	}{
		{"fine", `{"content":"` + long(2000) + `"}`, 0, ""},
		{"content", `{"content":"` + long(2001) + `"}`, 50035, `"content"`},
		{"blanks do not count", `{"content":"` + long(2000) + `   "}`, 0, ""},
		{"empty", `{"content":"  "}`, 50006, ""},
		{"no JSON", `{`, 50109, ""},
		{"nonce", `{"content":"x","nonce":"` + long(26) + `"}`, 50035, `"nonce"`},
		{"title", embed(`{"title":"` + long(257) + `"}`), 50035, `"title"`},
		{"description", embed(`{"description":"` + long(4097) + `"}`), 50035, `"description"`},
		{"author", embed(`{"title":"x","author":{"name":"` + long(257) + `"}}`), 50035, `"author"`},
		{"footer", embed(`{"title":"x","footer":{"text":"` + long(2049) + `"}}`), 50035, `"footer"`},
		{"field", embed(`{"title":"x","fields":[{"name":"","value":"` + long(1025) + `"}]}`), 50035, `"fields"`},
		{"26 fields", embed(`{"title":"x","fields":[` + strings.TrimSuffix(strings.Repeat(`{"name":"a","value":"b"},`, 26), ",") + `]}`), 50035, `"fields"`},
		{"sum", embed(`{"description":"` + long(4000) + `"},{"description":"` + long(2001) + `"}`), 50035, "6000"},
		{"11 embeds", embed(strings.TrimSuffix(strings.Repeat(`{"title":"x"},`, 11), ",")), 50035, `"embeds"`},
		{"empty embed", embed(`{}`), 50035, "required"},
		{"address", embed(`{"title":"x","url":"javascript:1"}`), 50035, `"url"`},
		{"label", buttons(`{"type":2,"style":2,"label":"` + long(81) + `","custom_id":"a"}`), 50035, `"label"`},
		{"custom_id", buttons(`{"type":2,"style":2,"label":"a","custom_id":"` + long(101) + `"}`), 50035, `"custom_id"`},
		{"same custom_id", buttons(`{"type":2,"style":2,"label":"a","custom_id":"a"},{"type":2,"style":2,"label":"a","custom_id":"a"}`), 50035, "duplicated"},
		{"button address", buttons(`{"type":2,"style":5,"label":"a","url":"https://x.example/` + long(500) + `"}`), 50035, `"url"`},
		{"both", buttons(`{"type":2,"style":5,"label":"a","url":"https://x.example","custom_id":"a"}`), 50035, "both"},
		{"6 in a row", buttons(strings.TrimSuffix(strings.Repeat(`{"type":2,"style":5,"label":"a","url":"https://x.example"},`, 6), ",")), 50035, "5 in length"},
		{"6 rows", `{"content":"x","components":[` + strings.TrimSuffix(strings.Repeat(`{"type":1,"components":[{"type":2,"style":5,"label":"a","url":"https://x.example"}]},`, 6), ",") + `]}`, 50035, `"components"`},
		{"other kinds", `{"content":"x","components":[{"type":3,"components":[{"type":9,"label":"a","custom_id":"a"}]}]}`, 50035, `"type"`},
	} {
		status, code, body := ask(t, s, "POST", "channels/"+channel+"/messages", c.body)
		if code != c.code || c.code != 0 && status != 400 || !strings.Contains(body, c.where) {
			t.Errorf("%s: HTTP %d, code %d, want %d at %s: %.300s", c.name, status, code, c.code, c.where, body)
		}
	}
}

func TestMenusAndModals(t *testing.T) {
	s, _ := start(t, discordfake.Options{Global: -1})
	u := discordfake.User{ID: "7", Name: "reader"}
	long := func(n int) string { return strings.Repeat("x", n) }
	options := func(n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(`{"label":"l","value":"v%d"}`, i))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	menu := func(fields string) string {
		return `{"content":"x","components":[{"type":1,"components":[{"type":3,"custom_id":"a",` + fields + `}]}]}`
	}
	for _, c := range []struct {
		name, body string
		code       int
	}{
		{"a menu", menu(`"options":` + options(25)), 0},
		{"26 options", menu(`"options":` + options(26)), 50035},
		{"no options", menu(`"options":[]`), 50035},
		{"placeholder", menu(`"placeholder":"` + long(151) + `","options":` + options(1)), 50035},
		{"the same value", menu(`"options":[{"label":"a","value":"v"},{"label":"b","value":"v"}]`), 50035},
		{"two chosen", menu(`"options":[{"label":"a","value":"v","default":true},{"label":"b","value":"w","default":true}]`), 50035},
		{"a button beside", `{"content":"x","components":[{"type":1,"components":[{"type":3,"custom_id":"a","options":` + options(1) + `},{"type":2,"style":2,"label":"b","custom_id":"b"}]}]}`, 50035},
		{"a file that is not there", `{"content":"x","attachments":[{"id":0}],"allowed_mentions":{"parse":["roles"],"roles":["1"]}}`, 50035},
	} {
		if _, code, body := ask(t, s, "POST", "channels/"+channel+"/messages", c.body); code != c.code {
			t.Errorf("%s: code %d, want %d: %s", c.name, code, c.code, body)
		}
	}
	field := func(fields string) string {
		return `{"type":18,"label":"L","component":{"custom_id":"a",` + fields + `}}`
	}
	form := func(list string) string { return `{"custom_id":"f","title":"T","components":[` + list + `]}` }
	text := field(`"type":4,"style":1`)
	for _, c := range []struct {
		name, body string
		code       int
	}{
		{"a text", form(text), 0},
		{"a list", form(field(`"type":3,"required":false,"min_values":0,"options":` + options(2))), 0},
		{"a file", form(field(`"type":19`)), 0},
		{"title", `{"custom_id":"f","title":"` + long(46) + `","components":[` + text + `]}`, 50035},
		{"no field", form(""), 50035},
		{"6 fields", form(strings.Repeat(text+",", 5) + text), 50035},
		{"the same id", form(text + "," + text), 50035},
		{"label", form(`{"type":18,"label":"` + long(46) + `","component":{"type":4,"style":1,"custom_id":"a"}}`), 50035},
		{"a button", form(field(`"type":2,"style":1`)), 50035},
		{"a row", `{"custom_id":"f","title":"T","components":[{"type":1,"components":[]}]}`, 50035},
		{"required and none", form(field(`"type":3,"min_values":0,"options":` + options(2))), 50035},
		{"too much in it", form(field(`"type":4,"style":1,"max_length":2,"value":"abc"`)), 50035},
	} {
		i, err := s.Interaction(s.Slash(u, guild, channel, "digest", "latest", nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, code, body := ask(t, s, "POST", "interactions/"+i.ID+"/"+i.Token+"/callback", `{"type":9,"data":`+c.body+`}`); code != c.code {
			t.Errorf("%s: code %d, want %d: %s", c.name, code, c.code, body)
		}
	}
	for _, c := range []struct {
		use    func() string
		answer string
		code   int
	}{
		{func() string { return s.Complete(u, guild, channel, "digest", "latest", nil, "a", "b") }, `{"type":8,"data":{"choices":[]}}`, 0},
		{func() string { return s.Complete(u, guild, channel, "digest", "latest", nil, "a", "b") }, `{"type":8,"data":{"choices":[{"name":"` + long(101) + `","value":"v"}]}}`, 50035},
		{func() string { return s.Complete(u, guild, channel, "digest", "latest", nil, "a", "b") }, `{"type":4,"data":{"content":"x"}}`, 50035},
		{func() string { return s.Slash(u, guild, channel, "digest", "latest", nil) }, `{"type":7,"data":{"content":"x"}}`, 50035},
		{func() string { return s.Slash(u, guild, channel, "digest", "latest", nil) }, `{"type":8,"data":{"choices":[]}}`, 50035},
		{func() string { return s.Use(u, guild, channel, 5, map[string]any{"custom_id": "f"}, nil) }, `{"type":9,"data":` + form(text) + `}`, 50035},
	} {
		i, err := s.Interaction(c.use())
		if err != nil {
			t.Fatal(err)
		}
		if _, code, body := ask(t, s, "POST", "interactions/"+i.ID+"/"+i.Token+"/callback", c.answer); code != c.code {
			t.Errorf("%s: code %d, want %d: %s", c.answer, code, c.code, body)
		}
	}
}

func TestPermissionsAndHistory(t *testing.T) {
	s, c := start(t, discordfake.Options{})
	path := "channels/" + channel
	for i := range 7 {
		c.Add(10 * time.Millisecond)
		ask(t, s, "POST", path+"/messages", fmt.Sprintf(`{"content":"m%d"}`, i))
	}
	posts := s.Posts(channel)
	for _, x := range []struct{ query, want string }{
		{"?limit=2", "m6 m5"}, {"?after=" + posts[1].ID + "&limit=2", "m3 m2"}, {"?before=" + posts[2].ID, "m1 m0"}, {"?limit=3&before=" + posts[6].ID, "m5 m4 m3"},
	} {
		_, _, body := ask(t, s, "GET", path+"/messages"+x.query, "")
		var list []struct{ Content string }
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range list {
			got = append(got, m.Content)
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s: got %v, want %s", x.query, got, x.want)
		}
	}
	if _, code, _ := ask(t, s, "GET", path+"/messages?limit=101", ""); code != 50035 {
		t.Errorf("limit=101: %d", code)
	}
	s.Permit(channel, discordfake.All&^discordfake.History)
	if status, _, body := ask(t, s, "GET", path+"/messages", ""); status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("without the permission: HTTP %d %s", status, body)
	}
	s.Permit(channel, discordfake.View)
	if _, code, _ := ask(t, s, "POST", path+"/messages", `{"content":"x"}`); code != 50013 {
		t.Errorf("without Send: %d", code)
	}
	if _, code, _ := ask(t, s, "POST", path+"/messages/"+posts[0].ID+"/threads", `{"name":"x"}`); code != 50013 {
		t.Errorf("without CreateThreads: %d", code)
	}
	s.Permit(channel, 0)
	if _, code, _ := ask(t, s, "GET", path, ""); code != 50001 {
		t.Errorf("without View: %d", code)
	}
	s.Permit(channel, discordfake.All)
	for _, x := range []struct {
		id, body string
		code     int
	}{{"1", `{"name":"x"}`, 10008}, {posts[0].ID, `{"name":""}`, 50035}, {posts[0].ID, `{`, 50109}, {posts[0].ID, `{"name":"x"}`, 0}, {posts[0].ID, `{"name":"x"}`, 160004}} {
		if _, code, body := ask(t, s, "POST", path+"/messages/"+x.id+"/threads", x.body); code != x.code {
			t.Errorf("thread: %d %s, want %d", code, body, x.code)
		}
	}
	if got := s.Channels(); len(got) != 2 {
		t.Errorf("channels %v", got)
	}
	if err := s.Delete(channel, "1"); err == nil {
		t.Error("what is not there is deleted")
	}
	for path, code := range map[string]int{"guilds/1": 10004, "guilds/" + guild + "/members/5": 10007, "nothing": 0, "applications/5/commands": 20012, path + "/messages/1": 10008} {
		if status, got, _ := ask(t, s, "GET", path, ""); got != code || status < 400 {
			t.Errorf("%s: HTTP %d, code %d, want %d", path, status, got, code)
		}
	}
	if s.Invalid() == 0 {
		t.Error("refused requests are not counted")
	}
}

func TestRates(t *testing.T) {
	s, c := start(t, discordfake.Options{Limit: 2, Window: 5 * time.Second, Global: 6})
	post := func() int {
		status, _, _ := ask(t, s, "POST", "channels/"+channel+"/messages", `{"content":"x"}`)
		return status
	}
	if got := fmt.Sprint(post(), post(), post()); got != "200 200 429" {
		t.Errorf("got %s", got)
	}
	c.Add(5 * time.Second)
	if got := post(); got != 200 {
		t.Errorf("after the window: %d", got)
	}
	var last string
	for range 7 {
		_, _, last = ask(t, s, "GET", "users/@me", "")
	}
	if !strings.Contains(last, `"global":true`) {
		t.Errorf("no global limit: %s", last)
	}
	c.Add(time.Second)
	s.Fail(discordfake.Fault{Kind: discordfake.Refuse, Times: -1})
	if status := post(); status != 0 {
		t.Errorf("a refused connection: %d", status)
	}
	s.Heal()
	c.Add(5 * time.Second)
	if status := post(); status != 200 {
		t.Errorf("after healing: %d", status)
	}
}

func TestInteractionDeadlines(t *testing.T) {
	s, c := start(t, discordfake.Options{Global: -1})
	u := discordfake.User{ID: "7", Name: "reader"}
	use := func() (discordfake.Interaction, string, string) {
		i, err := s.Interaction(s.Slash(u, guild, channel, "digest", "latest", map[string]any{"a": 1, "b": true}))
		if err != nil {
			t.Fatal(err)
		}
		return i, "interactions/" + i.ID + "/" + i.Token + "/callback", "webhooks/" + discordfake.Application + "/" + i.Token
	}
	i, callback, hook := use()
	c.Add(2 * time.Second)
	for _, x := range []struct {
		method, path, body string
		code, status       int
	}{
		{"POST", hook, `{"content":"x"}`, 10015, 404},
		{"POST", callback, `{"type":99}`, 50035, 400},
		{"POST", callback, `{`, 50109, 400},
		{"POST", callback, `{"type":4,"data":{}}`, 50006, 400},
		{"POST", callback, `{"type":5,"data":{"flags":64}}`, 0, 204},
		{"POST", callback, `{"type":5}`, 40060, 400},
		{"PATCH", hook + "/messages/@original", `{"content":"a"}`, 0, 200},
		{"POST", hook, `{"content":"b"}`, 0, 200},
		{"POST", hook, `{}`, 50006, 400},
		{"DELETE", hook, `{"content":"b"}`, 0, 404},
		{"POST", "interactions/1/x/callback", `{"type":5}`, 10062, 404},
		{"POST", "webhooks/1/x", `{}`, 10015, 404},
	} {
		if status, code, body := ask(t, s, x.method, x.path, x.body); status != x.status || code != x.code {
			t.Errorf("%s %s %s: HTTP %d, code %d: %s", x.method, x.path, x.body, status, code, body)
		}
	}
	c.Add(16 * time.Minute)
	if _, code, _ := ask(t, s, "POST", hook, `{"content":"x"}`); code != 50027 {
		t.Errorf("after 16 minutes: %d", code)
	}
	i, err := s.Interaction(i.ID)
	if err != nil || i.Latency() != 2*time.Second || !i.Ephemeral || i.Edits != 1 || len(i.FollowUps) != 1 || len(s.Posts(channel)) != 2 {
		t.Errorf("got %+v", i)
	}
	_, callback, _ = use()
	c.Add(3100 * time.Millisecond)
	if _, code, _ := ask(t, s, "POST", callback, `{"type":5}`); code != 10062 {
		t.Errorf("too late: %d", code)
	}
	if _, err := s.Interaction("1"); err == nil {
		t.Error("an unknown interaction is there")
	}
}

// event is a message of the gateway.
type event struct {
	Op int
	T  string
	S  int
	D  map[string]any
}

func TestGateway(t *testing.T) {
	s, _ := start(t, discordfake.Options{Heartbeat: time.Second})
	_, _, body := ask(t, s, "GET", "gateway/bot", "")
	var where struct{ URL string }
	if err := json.Unmarshal([]byte(body), &where); err != nil {
		t.Fatal(err)
	}
	dial := func() *websocket.Conn {
		c, _, err := websocket.DefaultDialer.DialContext(t.Context(), where.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	next := func(c *websocket.Conn) (e event) {
		var raw struct {
			event
			D json.RawMessage
		}
		if err := c.ReadJSON(&raw); err != nil {
			return event{Op: -1, T: err.Error()}
		}
		_ = json.Unmarshal(raw.D, &raw.event.D) // some are no objects
		return raw.event
	}
	tell := func(c *websocket.Conn, text string) {
		if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	c := dial()
	if e := next(c); e.Op != 10 {
		t.Fatalf("no hello: %+v", e)
	}
	tell(c, `{"op":1,"d":null}`)
	if e := next(c); e.Op != 11 {
		t.Errorf("no answer to a heartbeat: %+v", e)
	}
	tell(c, `{"op":2,"d":{"token":"Bot token","intents":0}}`)
	ready := next(c)
	if ready.T != "READY" {
		t.Fatalf("got %+v", ready)
	}
	s.Drop(4000)
	if e := next(c); !strings.Contains(e.T, "4000") {
		t.Errorf("got %+v", e)
	}
	for name, x := range map[string]struct{ say, want string }{
		"resume":          {fmt.Sprintf(`{"op":6,"d":{"token":"Bot token","session_id":%q,"seq":0}}`, ready.D["session_id"]), "0 READY"},
		"unknown session": {`{"op":6,"d":{"token":"Bot token","session_id":"x","seq":0}}`, "9 "},
		"wrong token":     {`{"op":2,"d":{"token":"x"}}`, "4004"},
		"intents":         {`{"op":2,"d":{"token":"Bot token","intents":32768}}`, "4014"},
		"nonsense":        {`{"op":77}`, "4001"},
		"broken":          {`{"op":2,"d":5}`, "4002"},
	} {
		c := dial()
		next(c)
		tell(c, x.say)
		if e := next(c); !strings.Contains(fmt.Sprint(e.Op, " ", e.T), x.want) {
			t.Errorf("%s: got %+v, want %s", name, e, x.want)
		}
		if name == "resume" {
			if e := next(c); e.T != "RESUMED" {
				t.Errorf("got %+v", e)
			}
		}
	}
	if s.Resumes() != 2 || s.Identifies() != 4 {
		t.Errorf("%d resumes, %d logins", s.Resumes(), s.Identifies())
	}
}

func TestCommandForms(t *testing.T) {
	s, _ := start(t, discordfake.Options{Global: -1})
	path := "applications/" + discordfake.Application + "/commands"
	option := func(n int) string {
		return strings.TrimSuffix(strings.Repeat(`{"type":3,"name":"a","description":"d"},`, n), ",")
	}
	for _, x := range []struct {
		name, body string
		code       int
	}{
		{"fine", `[{"type":1,"name":"digest","description":"d","options":[` + option(25) + `]},{"type":3,"name":"Do it","description":""}]`, 0},
		{"capitals", `[{"type":1,"name":"Digest","description":"d"}]`, 50035},
		{"no description", `[{"type":1,"name":"digest","description":""}]`, 50035},
		{"26 options", `[{"type":1,"name":"digest","description":"d","options":[` + option(26) + `]}]`, 50035},
		{"required last", `[{"type":1,"name":"digest","description":"d","options":[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]}]`, 50035},
		{"menu with a description", `[{"type":3,"name":"Do it","description":"d"}]`, 50035},
		{"too much", `[{"type":1,"name":"digest","description":"d","options":[{"type":3,"name":"a","description":"d","choices":[{"name":"a","value":"` + strings.Repeat("v", 8000) + `"}]}]}]`, 50035},
		{"no list", `{}`, 50109},
	} {
		if _, code, body := ask(t, s, "PUT", path, x.body); code != x.code {
			t.Errorf("%s: %d %s", x.name, code, body)
		}
	}
	if n := len(s.Commands()); n != 2 {
		t.Errorf("%d commands", n)
	}
	if status, _, _ := ask(t, s, "DELETE", path, ""); status != 405 {
		t.Errorf("DELETE: %d", status)
	}
}
