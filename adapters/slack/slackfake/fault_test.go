package slackfake

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// send posts "x" to #news and returns the status and Retry-After, or an error.
func send(t *testing.T, s *Server, patience time.Duration) (int, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	form := url.Values{"channel": {"C1"}, "text": {"x"}, "token": {BotToken}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"chat.postMessage", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("Retry-After"), nil
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  Fault
		status int
		after  string
		stored int
	}{
		{"status", Status(502), 502, "", 0},
		{"stored status", Status(502).Stored(), 502, "", 1},
		{"wait", Wait("7"), 429, "7", 0},
		{"wait without", Wait(""), 429, "", 0},
		{"refuse", Refuse("no_text"), 200, "", 0},
		{"cut", Cut(), 0, "", 0},
		{"stored cut", Cut().Stored(), 0, "", 1},
		{"hang", Hang(), 0, "", 0},
		{"stored hang", Hang().Stored(), 0, "", 1},
		{"slow", Slow(10 * time.Millisecond), 200, "", 1},
		{"slow for the sender", Slow(400 * time.Millisecond), 0, "", 0},
		{"stored garbled", Garbled().Stored(), 200, "", 1},
		{"stored torn", Torn().Stored(), 200, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			s.Fail("chat.postMessage", c.fault)
			status, after, err := send(t, s, 300*time.Millisecond)
			if status != c.status || after != c.after || (err != nil) != (c.status == 0) {
				t.Errorf("status %d, Retry-After %q, %v", status, after, err)
			}
			if got := len(s.Posts("C1")); got != c.stored {
				t.Errorf("%d messages, want %d", got, c.stored)
			}
			if status, _, err = send(t, s, 5*time.Second); status != 200 || err != nil || s.Calls("chat.postMessage") != 2 {
				t.Errorf("the next one: status %d, %v", status, err)
			}
		})
	}
}

func TestLateAndDown(t *testing.T) {
	s := start(t)
	gate := make(chan struct{})
	s.Fail("chat.postMessage", Late(gate))
	if _, _, err := send(t, s, time.Second); err == nil || len(s.Posts("C1")) != 0 {
		t.Errorf("in flight: %v, %d messages", err, len(s.Posts("C1")))
	}
	close(gate)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Await(ctx, "the message", func() bool { return len(s.Posts("C1")) == 1 }); err != nil {
		t.Fatal(err)
	}
	s.Down()
	if _, _, err := send(t, s, time.Second); err == nil {
		t.Error("it answers while it is down")
	}
	if err := s.Up(); err != nil {
		t.Fatal(err)
	}
	if status, _, err := send(t, s, 5*time.Second); status != 200 || err != nil {
		t.Errorf("up again: status %d, %v", status, err)
	}
	s.RateLimit(true)
	s.PageCap(1)
	if status, after, _ := send(t, s, 5*time.Second); status != 429 || after != "1" {
		t.Errorf("too fast: status %d, Retry-After %q", status, after)
	}
	if page := call(t, s, "conversations.history", BotToken, "channel", "C1"); page["has_more"] != true {
		t.Errorf("page %v", page)
	}
	s.Close()
	s.Close()
}

func TestPeopleAtWork(t *testing.T) {
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
	call(t, s, "chat.postMessage", BotToken, "channel", "C1", "blocks", `[{"type":"actions","elements":[{"type":"button","action_id":"run:0","value":"story 1","text":{"type":"plain_text","text":"x"}}]}]`)
	top := s.Posts("C1")[0]
	call(t, s, "chat.postMessage", BotToken, "channel", "C1", "text", "y", "thread_ts", top.TS, "blocks", string(top.Blocks))
	if _, err := s.Press("U4", s.Posts("C1")[1], "run:0"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shortcut("U1", top, "summarize_link"); err != nil {
		t.Fatal(err)
	}
	if !s.Raw(`{"type":"odd"}`) {
		t.Error("no socket")
	}
	s.Disconnect("warning")
	var got []string
	var pressed map[string]any
	for range 5 {
		var f struct {
			Type, Reason string
			Payload      map[string]any
		}
		if err := ws.ReadJSON(&f); err != nil {
			t.Fatal(err)
		}
		kind, _ := f.Payload["type"].(string)
		if kind == "block_actions" {
			pressed = f.Payload
		}
		got = append(got, strings.TrimSpace(f.Type+" "+kind+f.Reason))
	}
	if want := "hello, interactive block_actions, interactive message_action, odd, disconnect warning"; strings.Join(got, ", ") != want {
		t.Errorf("heard %s, want %s", strings.Join(got, ", "), want)
	}
	if c := pressed["container"].(map[string]any); c["thread_ts"] != top.TS || pressed["user"].(map[string]any)["team_id"] != "T999OTHER" {
		t.Errorf("pressed %v", pressed)
	}
}
