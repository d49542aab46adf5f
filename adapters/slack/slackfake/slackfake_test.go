package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func start(t *testing.T) *Server {
	t.Helper()
	s, err := New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// call calls a method with a form and returns the answer.
func call(t *testing.T, s *Server, method, token string, args ...string) map[string]any {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, s.URL()+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return out
}

func TestRefusals(t *testing.T) {
	s := start(t)
	s.SetScopes(slices.DeleteFunc(Scopes(), func(n string) bool { return n == "groups:history" })...)
	used, late, fresh := s.newTrigger("U1"), s.newTrigger("U1"), s.newTrigger("U1")
	s.triggers[used].used, s.triggers[late].at = true, s.now().Add(-triggerLife-time.Second)
	const window = `{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[]}`
	for _, c := range []struct {
		method, token, want string
		args                []string
	}{
		{"auth.test", BotToken, "", nil},
		{"auth.test", "", "not_authed", nil},
		{"auth.test", "xoxb-other", "invalid_auth", nil},
		{"auth.test", AppToken, "not_allowed_token_type", nil},
		{"chat.dance", BotToken, "unknown_method", nil},
		{"apps.connections.open", BotToken, "not_allowed_token_type", nil},
		{"chat.postMessage", BotToken, "channel_not_found", []string{"channel", "C9", "text", "x"}},
		{"chat.postMessage", BotToken, "not_in_channel", []string{"channel", "C2", "text", "x"}},
		{"chat.postMessage", BotToken, "is_archived", []string{"channel", "C3", "text", "x"}},
		{"chat.postMessage", BotToken, "restricted_action_read_only_channel", []string{"channel", "C5", "text", "x"}},
		{"chat.postMessage", BotToken, "no_text", []string{"channel", "C1"}},
		{"chat.postMessage", BotToken, "msg_too_long", []string{"channel", "C1", "text", strings.Repeat("x", 40_001)}},
		{"chat.postMessage", BotToken, "thread_not_found", []string{"channel", "C1", "text", "x", "thread_ts", "1.1"}},
		{"chat.postMessage", BotToken, "invalid_metadata_format", []string{"channel", "C1", "text", "x", "metadata", "{"}},
		{"chat.postMessage", BotToken, "invalid_metadata_schema", []string{"channel", "C1", "text", "x", "metadata", "{}"}},
		{"chat.postMessage", BotToken, "metadata_too_large", []string{"channel", "C1", "text", "x", "metadata", `{"event_type":"x","event_payload":{"k":"` + strings.Repeat("x", 9000) + `"}}`}},
		{"chat.postMessage", BotToken, "invalid_blocks", []string{"channel", "C1", "blocks", `[{"type":"poem"}]`}},
		{"conversations.history", BotToken, "not_in_channel", []string{"channel", "C2"}},
		{"conversations.history", BotToken, "missing_scope", []string{"channel", "G1"}},
		{"conversations.history", BotToken, "invalid_cursor", []string{"channel", "C1", "cursor", "?"}},
		{"conversations.replies", BotToken, "thread_not_found", []string{"channel", "C1", "ts", "1.1"}},
		{"conversations.info", BotToken, "channel_not_found", []string{"channel", "G9"}},
		{"users.info", BotToken, "user_not_found", []string{"user", "U99"}},
		{"views.open", BotToken, "invalid_trigger_id", []string{"view", "{}"}},
		{"views.open", BotToken, "invalid_trigger_id", []string{"trigger_id", "1", "view", `{"type":"modal"}`}},
		{"views.open", BotToken, "exchanged_trigger_id", []string{"trigger_id", used, "view", window}},
		{"views.open", BotToken, "expired_trigger_id", []string{"trigger_id", late, "view", window}},
		{"views.open", BotToken, "view_too_large", []string{"trigger_id", fresh, "view", strings.Repeat(" ", 251<<10)}},
		{"views.open", BotToken, "invalid_arguments", []string{"trigger_id", fresh, "view", `{"type":"modal","title":{"type":"plain_text","text":"A title of more than 24 characters"},"blocks":[]}`}},
		{"views.open", BotToken, "invalid_arguments", []string{"trigger_id", fresh, "view", `{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[{"type":"input"}]}`}},
		{"views.open", BotToken, "", []string{"trigger_id", fresh, "view", window}},
		{"views.update", BotToken, "not_found", []string{"view_id", "V9", "view", window}},
		{"views.publish", BotToken, "invalid_arguments", []string{"user_id", "U1", "view", window}},
		{"chat.update", BotToken, "message_not_found", []string{"channel", "C1", "ts", "1.1", "text", "x"}},
		{"chat.postEphemeral", BotToken, "not_in_channel", []string{"channel", "C2", "user", "U1", "text", "x"}},
		{"chat.postEphemeral", BotToken, "user_not_in_channel", []string{"channel", "C1", "user", "U99", "text", "x"}},
		{"conversations.open", BotToken, "user_not_found", []string{"users", "U99"}},
		{"files.info", BotToken, "file_not_found", []string{"file", "F9"}},
		{"files.getUploadURLExternal", BotToken, "missing_argument", nil},
		{"files.completeUploadExternal", BotToken, "file_not_found", []string{"channel_id", "C1", "files", `[{"id":"F9"}]`}},
		{"oauth.v2.access", "", "bad_client_secret", []string{"client_id", ClientID}},
		{"oauth.v2.access", "", "invalid_code", []string{"client_id", ClientID, "client_secret", ClientSecret}},
	} {
		s.AddChannel(Channel{ID: "C5", Name: "board", Member: true, ReadOnly: true})
		t.Run(c.method+" "+c.want, func(t *testing.T) {
			got, _ := call(t, s, c.method, c.token, c.args...)["error"].(string)
			if got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
		})
	}
}

func TestMissingScopeIsExplained(t *testing.T) {
	s := start(t)
	s.SetScopes("chat:write", "channels:history")
	got := call(t, s, "conversations.history", BotToken, "channel", "G1")
	if got["error"] != "missing_scope" || got["needed"] != "groups:history" || got["provided"] != "chat:write,channels:history" {
		t.Errorf("got %v", got)
	}
}

func TestCheckBlocks(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	rich := func(n int) string {
		return fmt.Sprintf(`{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":%q}]}]}`, long(n))
	}
	many := func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, n), ",") + "]"
	}
	for name, c := range map[string]struct{ blocks, want, remark string }{
		"none":              {"", "", ""},
		"no JSON":           {"{", "invalid_blocks_format", ""},
		"no list":           {`{"type":"divider"}`, "invalid_blocks_format", ""},
		"empty":             {"[]", "invalid_blocks", "at least 1 items"},
		"50":                {many(50), "", ""},
		"51":                {many(51), "invalid_blocks", "at most 50 items"},
		"header":            {`[{"type":"header","text":{"type":"plain_text","text":"` + long(150) + `"}}]`, "", ""},
		"long header":       {`[{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}]`, "invalid_blocks", "at most 150"},
		"mrkdwn header":     {`[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "invalid_blocks", "plain_text"},
		"section":           {`[{"type":"section","text":{"type":"mrkdwn","text":"` + long(3000) + `"},"fields":[{"type":"mrkdwn","text":"x"}]}]`, "", ""},
		"long section":      {`[{"type":"section","text":{"type":"mrkdwn","text":"` + long(3001) + `"}}]`, "invalid_blocks", "at most 3000"},
		"bare section":      {`[{"type":"section"}]`, "invalid_blocks", "needs text"},
		"empty text":        {`[{"type":"section","text":{"type":"mrkdwn","text":""}}]`, "invalid_blocks", "at least 1"},
		"11 small prints":   {`[{"type":"context","elements":[` + strings.TrimSuffix(strings.Repeat(`{"type":"mrkdwn","text":"x"},`, 11), ",") + `]}]`, "invalid_blocks", "at most 10"},
		"emoji in mrkdwn":   {`[{"type":"context","elements":[{"type":"mrkdwn","text":"x","emoji":false}]}]`, "invalid_blocks", "plain_text only"},
		"verbatim in plain": {`[{"type":"context","elements":[{"type":"plain_text","text":"x","verbatim":true}]}]`, "invalid_blocks", "mrkdwn only"},
		"button":            {`[{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"},"url":"https://a.example"}]}]`, "", ""},
		"same action":       {`[{"type":"actions","elements":[` + strings.TrimSuffix(strings.Repeat(`{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"}},`, 2), ",") + `]}]`, "invalid_blocks", "unique"},
		"long label":        {`[{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"` + long(76) + `"}}]}]`, "invalid_blocks", "at most 75"},
		"bad link":          {`[{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"},"url":"javascript:x"}]}]`, "invalid_blocks", "must be a URL"},
		"image":             {`[{"type":"image","image_url":"https://a.example/a.png"}]`, "invalid_blocks", "alt_text"},
		"same ids":          {`[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`, "invalid_blocks", "unique"},
		"rich":              {"[" + rich(3000) + "]", "", ""},
		"too much in all":   {"[" + strings.TrimSuffix(strings.Repeat(rich(3400)+",", 4), ",") + "]", "msg_blocks_too_long", ""},
		"list":              {`[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"dance","elements":[{"type":"rich_text_quote","elements":[{"type":"poem"}]}]}]}]`, "invalid_blocks", "bullet or ordered"},
		"rich poem":         {`[{"type":"rich_text","elements":[{"type":"poem"}]}]`, "invalid_blocks", "unsupported element"},
		"date":              {`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"date","timestamp":"x","format":"{time}"}]}]}]`, "invalid_blocks", "must be a number"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := CheckBlocks([]byte(c.blocks))
			got, remarks := "", ""
			if bad != nil {
				got, remarks = bad.Code, strings.Join(bad.Remarks, "\n")
			}
			if got != c.want || !strings.Contains(remarks, c.remark) {
				t.Errorf("got %q %s, want %q %s", got, remarks, c.want, c.remark)
			}
		})
	}
}

func TestHistoryPages(t *testing.T) {
	s := start(t)
	var written []Posted
	for i := range 7 {
		written = append(written, s.Write("C1", "U1", fmt.Sprint(i)))
	}
	s.Delete("C1", written[3].TS)
	call(t, s, "chat.postMessage", BotToken, "channel", "C1", "text", "below", "thread_ts", written[0].TS)
	var got []string
	cursor := ""
	for range 10 {
		page := call(t, s, "conversations.history", BotToken, "channel", "C1", "limit", "2", "oldest", written[1].TS, "inclusive", "true", "cursor", cursor)
		for _, m := range page["messages"].([]any) {
			got = append(got, m.(map[string]any)["text"].(string))
		}
		if cursor, _ = page["response_metadata"].(map[string]any)["next_cursor"].(string); cursor == "" {
			break
		}
	}
	if want := "6 5 4 2 1"; strings.Join(got, " ") != want {
		t.Errorf("history %v, want %s", got, want)
	}
	thread := call(t, s, "conversations.replies", BotToken, "channel", "C1", "ts", written[0].TS)["messages"].([]any)
	if len(thread) != 2 || thread[1].(map[string]any)["text"] != "below" {
		t.Errorf("thread %v", thread)
	}
	all := call(t, s, "conversations.list", BotToken, "types", "public_channel,private_channel", "exclude_archived", "true")["channels"].([]any)
	if len(all) != 3 {
		t.Errorf("channels %v", all)
	}
	if len(s.Channels()) != 5 || len(s.Users()) != 4 || len(s.Posts("C1")) != 7 {
		t.Errorf("%d channels, %d users, %d messages", len(s.Channels()), len(s.Users()), len(s.Posts("C1")))
	}
}

func TestSocketAndResponses(t *testing.T) {
	s := start(t)
	if _, err := s.Slash("U1", "C1", "x"); err == nil {
		t.Error("a command was heard without a socket")
	}
	address := call(t, s, "apps.connections.open", AppToken)["url"].(string)
	ws, _, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, resp, err := websocket.DefaultDialer.Dial(address, nil); err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("the address works twice: %v", err)
	}
	var frame struct {
		Type       string
		EnvelopeID string `json:"envelope_id"`
		Payload    map[string]any
	}
	if err := ws.ReadJSON(&frame); err != nil || frame.Type != "hello" {
		t.Fatalf("%+v, %v", frame, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Await(ctx, "the socket", func() bool { return s.Sockets() == 1 }); err != nil {
		t.Fatal(err)
	}
	v, err := s.Slash("U1", "C1", "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.ReadJSON(&frame); err != nil || frame.Type != "slash_commands" || frame.Payload["text"] != "x" {
		t.Fatalf("%+v, %v", frame, err)
	}
	_ = ws.WriteJSON(map[string]string{"envelope_id": frame.EnvelopeID})
	_ = ws.WriteJSON(map[string]string{"envelope_id": frame.EnvelopeID})
	if err := s.Await(ctx, "acknowledgements", func() bool { return len(s.Acks()) == 2 }); err != nil {
		t.Fatal(err)
	}
	if a := s.Acks(); a[0].Missed || a[0].Latency <= 0 || !a[1].Extra {
		t.Errorf("acknowledgements %+v", a)
	}
	hook := frame.Payload["response_url"].(string)
	for i, c := range []struct {
		body   string
		status int
	}{{`{"text":"1"}`, 200}, {`{`, 400}, {`{"response_type":"in_channel"}`, 400}, {`{"blocks":[{"type":"poem"}]}`, 400}, {`{"text":"2","response_type":"in_channel"}`, 200},
		{`{"text":"3"}`, 200}, {`{"text":"4"}`, 200}, {`{"text":"5"}`, 200}, {`{"text":"6"}`, 404}} {
		resp, err := http.Post(hook, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("answer %d: status %d %s, want %d", i, resp.StatusCode, body, c.status)
		}
	}
	if len(s.Responses(v)) != 5 || s.Refusals(v) != 4 {
		t.Errorf("%d answers, %d refused", len(s.Responses(v)), s.Refusals(v))
	}
	posts := s.Posts("C1")
	if len(posts) != 5 || posts[0].For != "U1" || posts[1].For != "" {
		t.Errorf("posts %+v", posts)
	}
	if _, err := s.Press("U1", posts[0], "run:0"); err == nil {
		t.Error("a button that is not there was pressed")
	}
}

func TestMissedAcknowledgement(t *testing.T) {
	s := start(t)
	ws, _, err := websocket.DefaultDialer.Dial(call(t, s, "apps.connections.open", AppToken)["url"].(string), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Await(ctx, "the socket", func() bool { return s.Sockets() == 1 }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Slash("U1", "C1", "x"); err != nil {
		t.Fatal(err)
	}
	if err := s.Await(ctx, "the deadline", func() bool { return len(s.Acks()) == 1 }); err != nil {
		t.Fatal(err)
	}
	if a := s.Acks()[0]; !a.Missed {
		t.Errorf("acknowledgement %+v", a)
	}
	if err := s.Await(ctx, "the word of Slack's own bot", func() bool { return len(s.Posts("C1")) == 1 }); err != nil {
		t.Fatal(err)
	}
	if p := s.Posts("C1")[0]; p.User != Slackbot || p.For != "U1" || !strings.Contains(p.Text, "operation_timeout") || len(s.Lost()) != 1 {
		t.Errorf("%+v, lost %q", p, s.Lost())
	}
	short, stop := context.WithTimeout(ctx, time.Millisecond)
	defer stop()
	if err := s.Await(short, "nothing", func() bool { return false }); err == nil {
		t.Error("Await found nothing")
	}
}

func TestNewNeedsAClock(t *testing.T) {
	if _, err := New(nil); err == nil {
		t.Error("no clock, no error")
	}
}
