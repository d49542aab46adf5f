package slackfake

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// answering has a workspace call an endpoint that answers everything in one way,
// and returns what was called.
func answering(t *testing.T, s *Server, status int, media, body string) *[]http.Header {
	t.Helper()
	var called []http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called = append(called, r.Header.Clone())
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	s.Call(server.URL, server.Client().Do)
	return &called
}

// settled waits until a number of deliveries were acknowledged, or not.
func settled(t *testing.T, s *Server, acks int, lost int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Await(ctx, "what becomes of it", func() bool { return len(s.Acks()) == acks && len(s.Lost()) == lost }); err != nil {
		t.Fatal(err, s.Acks(), s.Lost())
	}
}

// TestAnswersInAcknowledgements: a command may be answered in the response to its
// request, where Slack's limits are the same; what it does not take is lost, and
// the person is told.
func TestAnswersInAcknowledgements(t *testing.T) {
	const long = `{"text":"x","blocks":[{"type":"header","text":{"type":"plain_text","text":"` // and more
	for _, c := range []struct {
		name        string
		status      int
		media, body string
		shown, from string // what the person sees, and who says so
		lost        string
	}{
		{"a message", 200, "application/json; charset=utf-8", `{"text":"hello","response_type":"ephemeral"}`, "hello", BotUser, ""},
		{"for all", 200, "application/json", `{"text":"hello","response_type":"in_channel"}`, "hello", BotUser, ""},
		{"words", 200, "text/plain", "hello", "hello", BotUser, ""},
		{"nothing", 200, "", "", "", "", ""},
		{"no JSON", 200, "application/json", "hello", `/digest failed with the error "invalid_payload"`, Slackbot, "slash_commands: invalid_payload"},
		{"no text", 200, "application/json", "{}", `/digest failed with the error "no_text"`, Slackbot, "slash_commands: no_text"},
		{"too long", 200, "application/json", long + strings.Repeat("x", 151) + `"}}]}`, `/digest failed with the error "invalid_blocks"`, Slackbot, "slash_commands: invalid_blocks"},
		{"a strange type", 200, "application/json", `{"text":"x","response_type":"secret"}`, `/digest failed with the error "invalid_response_type"`, Slackbot, "slash_commands: invalid_response_type"},
		{"an error", 500, "", "", `/digest failed with the error "dispatch_failed"`, Slackbot, "slash_commands: dispatch_failed"},
	} {
		s := start(t)
		answering(t, s, c.status, c.media, c.body)
		v, err := s.Slash("U1", "C1", "x")
		if err != nil {
			t.Fatal(err)
		}
		lost := []string{}
		if c.lost != "" {
			lost = []string{c.lost}
		}
		settled(t, s, 1, len(lost))
		var shown, from string
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if c.shown != "" {
			if err := s.Await(ctx, c.name, func() bool { return len(s.Posts("C1")) == 1 }); err != nil {
				t.Fatal(err)
			}
			p := s.Posts("C1")[0]
			shown, from = p.Text, p.User
			if all := c.name == "for all"; all != (p.For == "") {
				t.Errorf("%s: it is for %q", c.name, p.For)
			}
		}
		if shown != c.shown || from != c.from || !slices.Equal(s.Lost(), lost) || len(s.Posts("C1")) > 1 {
			t.Errorf("%s: %s says %q, lost %q; want %s %q, %q", c.name, from, shown, s.Lost(), c.from, c.shown, lost)
		}
		if inline := len(s.Responses(v)) == 1; inline != (c.from == BotUser) {
			t.Errorf("%s: %d responses", c.name, len(s.Responses(v)))
		}
	}
}

// TestInlineAnswersAreNoUses: the response_url takes five beside the answer in
// the acknowledgement.
func TestInlineAnswersAreNoUses(t *testing.T) {
	s := start(t)
	answering(t, s, 200, "application/json", `{"text":"first"}`)
	v, err := s.Slash("U1", "C1", "x")
	if err != nil {
		t.Fatal(err)
	}
	settled(t, s, 1, 0)
	var got []int
	for range 6 {
		resp, err := http.Post(v.payload["response_url"].(string), "application/json", strings.NewReader(`{"text":"more"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		got = append(got, resp.StatusCode)
	}
	if want := []int{200, 200, 200, 200, 200, 404}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := s.Bodies(); len(got) != 6 || got[0].To != "slash_commands" || got[1].To != "response_url" || string(got[1].JSON) != `{"text":"more"}` {
		t.Errorf("bodies %+v", got)
	}
	if got := s.Lost(); !slices.Equal(got, []string{"response_url: used_url"}) {
		t.Errorf("lost %q", got)
	}
}

// TestAcknowledgementsOfWindows: a window takes what becomes of it, and nothing
// else; other things that people do take nothing at all.
func TestAcknowledgementsOfWindows(t *testing.T) {
	const window = `{"type":"modal","title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"S"},"blocks":[
		{"type":"input","block_id":"b","optional":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","action_id":"a"}}]}`
	for _, c := range []struct {
		body string
		lost string
	}{
		{"", ""},
		{`{"response_action":"clear"}`, ""},
		{`{"response_action":"errors","errors":{"b":"no"}}`, ""},
		{`{"response_action":"errors","errors":{"c":"no"}}`, "view_submission: the window has no input c"},
		{`{"response_action":"errors"}`, "view_submission: there are no errors"},
		{`{"response_action":"update","view":` + window + `}`, ""},
		{`{"response_action":"update","view":{"type":"home"}}`, "view_submission: invalid_arguments"},
		{`{"response_action":"close"}`, "view_submission: unknown response_action close"},
		{`no`, "view_submission: the answer to a window is no JSON"},
	} {
		s := start(t)
		answering(t, s, 200, "application/json", c.body)
		v := View{ID: "V1", Type: "modal", User: "U1", Raw: []byte(window)}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, _, err := s.Submit(ctx, v, map[string]string{"b": "x"})
		if got := strings.Join(s.Lost(), ", "); got != c.lost || (err != nil) != (c.lost != "") {
			t.Errorf("%s: lost %q, want %q; %v", c.body, got, c.lost, err)
		}
	}
	s := start(t)
	answering(t, s, 200, "application/json", `{"text":"x"}`)
	if _, err := s.Shortcut("U1", s.Write("C1", "U2", "x"), "id"); err != nil {
		t.Fatal(err)
	}
	settled(t, s, 1, 1)
	if got, want := s.Lost(), []string{"message_action: nothing can be said in its acknowledgement"}; !slices.Equal(got, want) {
		t.Errorf("lost %q, want %q", got, want)
	}
}

// TestTypedTextStays: a window that is not taken keeps what was typed.
func TestTypedTextStays(t *testing.T) {
	s := start(t)
	answering(t, s, 200, "application/json", `{"response_action":"errors","errors":{"b":"no"}}`)
	raw := []byte(`{"type":"modal","blocks":[{"type":"input","block_id":"b","label":{"text":"L"},"element":{"type":"plain_text_input","action_id":"a"}},
		{"type":"input","block_id":"c","label":{"text":"M"},"element":{"type":"plain_text_input","action_id":"a","initial_value":"kept"}}]}`)
	s.change(func() { s.views = append(s.views, View{ID: "V1", Type: "modal", User: "U1", Raw: raw}) })
	for _, typed := range []map[string]string{{"b": "x"}, {"c": "y"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if wrong, _, err := s.Submit(ctx, s.Windows("U1")[0], typed); wrong["b"] != "no" {
			t.Fatal(wrong, err)
		}
	}
	in := s.Windows("U1")[0].Inputs()
	if got := in[0].Initial + in[1].Initial; got != "xy" {
		t.Errorf("got %q, want what was typed", got)
	}
}

// TestEventsSayThatTheyComeAgain as those of Slack do; commands are never sent
// again, and say nothing.
func TestEventsSayThatTheyComeAgain(t *testing.T) {
	s := start(t)
	called := answering(t, s, 200, "", "")
	v, err := s.Event(map[string]any{"type": "app_home_opened", "user": "U1"})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, s, 1, 0)
	if err := s.Again(v); err != nil {
		t.Fatal(err)
	}
	settled(t, s, 2, 0)
	if got := (*called)[0].Get("X-Slack-Retry-Num") + " " + (*called)[1].Get("X-Slack-Retry-Num"); got != " 1" {
		t.Errorf("retries %q", got)
	}
}
