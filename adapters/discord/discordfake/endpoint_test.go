package discordfake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/adapters/discord/discordfake"
)

// TestAnswersInResponses: over HTTP the first answer is the response, held
// against the same rules as a callback, and there is one.
func TestAnswersInResponses(t *testing.T) {
	var status atomic.Int32
	var answer atomic.Value
	var late atomic.Bool
	s, c := start(t, discordfake.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var in struct{ Type int }
		_ = json.Unmarshal(body, &in)
		if h := s.Sign(c.Now(), body); h.Get("X-Signature-Ed25519") != r.Header.Get("X-Signature-Ed25519") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if in.Type == 1 {
			_, _ = io.WriteString(w, `{"type":1}`)
			return
		}
		if late.Load() {
			c.Add(3*time.Second + time.Millisecond)
		}
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, answer.Load().(string))
	}))
	t.Cleanup(server.Close)
	if err := s.SetEndpoint(server.URL); err != nil {
		t.Fatal(err)
	}
	u := discordfake.User{ID: "7", Name: "ana"}
	for _, tt := range []struct {
		name, body string
		status     int
		late       bool
		refused    []int
		shown      int // messages of the channel then
	}{
		{"a message", `{"type":4,"data":{"content":"x"}}`, 200, false, nil, 1},
		{"a message that is too long", `{"type":4,"data":{"embeds":[{"title":"` + string(bytes.Repeat([]byte("x"), 257)) + `"}]}}`, 200, false, []int{50035}, 1},
		{"deferred", `{"type":5}`, 200, false, nil, 1},
		{"choices for a command", `{"type":8,"data":{"choices":[]}}`, 200, false, []int{50035}, 1},
		{"no JSON", `x`, 200, false, []int{50109}, 1},
		{"an error", ``, 500, false, []int{10062}, 1},
		{"late", `{"type":4,"data":{"content":"x"}}`, 200, true, []int{10062}, 1},
	} {
		status.Store(int32(tt.status))
		answer.Store(tt.body)
		late.Store(tt.late)
		id := s.Slash(u, guild, channel, "digest", "help", nil)
		i := whenAnswered(t, s, id)
		if !slices.Equal(i.Refused, tt.refused) || i.Acknowledged.IsZero() == (tt.refused == nil) || len(s.Posts(channel)) != tt.shown {
			t.Errorf("%s: refused %v, acknowledged %v, %d messages; want %v, %d", tt.name, i.Refused, i.Acknowledged, len(s.Posts(channel)), tt.refused, tt.shown)
		}
		if tt.name != "a message" {
			continue
		}
		if err := s.Again(id); err != nil {
			t.Fatal(err)
		}
		for len(i.Refused) == 0 {
			i, _ = s.Interaction(id)
		}
		if i.Refused[0] != 40060 || len(s.Posts(channel)) != 1 {
			t.Errorf("answered twice: %v, %d messages", i.Refused, len(s.Posts(channel)))
		}
	}
	if got := s.Inline(); len(got) != 5 || got[0].Path[:13] != "interactions/" || got[0].Status != 204 || got[1].Status != 400 || string(got[2].Body) != `{"type":5}` {
		t.Errorf("inline answers %+v", got)
	}
}

func whenAnswered(t *testing.T, s *discordfake.Server, id string) discordfake.Interaction {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if i, err := s.Interaction(id); err != nil || !i.Acknowledged.IsZero() || len(i.Refused) > 0 {
			return i
		}
	}
	t.Fatal("nothing became of it")
	return discordfake.Interaction{}
}

// TestParts: a body in parts is taken as Discord's reference has it made.
func TestParts(t *testing.T) {
	type part struct{ name, file, media, data string }
	payload := part{"payload_json", "", "application/json", `{"type":4,"data":{"content":"x","attachments":[{"id":"0","filename":"a.txt"}]}}`}
	file := part{"files[0]", "a.txt", "text/plain", "a"}
	for _, tt := range []struct {
		name  string
		parts []part
		want  int
	}{
		{"good", []part{payload, file}, 204},
		{"no payload_json", []part{file}, 400},
		{"of no media type", []part{{payload.name, "", "", payload.data}, file}, 400},
		{"twice", []part{payload, payload, file}, 400},
		{"another number", []part{payload, {"files[1]", "a.txt", "text/plain", "a"}}, 400},
		{"no number", []part{payload, {"file", "a.txt", "text/plain", "a"}}, 400},
		{"two of a number", []part{payload, file, file}, 400},
		{"no name", []part{payload, {"files[0]", "", "text/plain", "a"}}, 400},
		{"no file", []part{payload}, 400},
		{"a file that is not named", []part{payload, file, {"files[1]", "b.txt", "text/plain", "b"}}, 400},
	} {
		s, _ := start(t, discordfake.Options{})
		id := s.Slash(discordfake.User{ID: "7"}, guild, channel, "digest", "help", nil)
		i, err := s.Interaction(id)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for _, p := range tt.parts {
			h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.name + `"`}}
			if p.file != "" {
				h.Set("Content-Disposition", h.Get("Content-Disposition")+`; filename="`+p.file+`"`)
			}
			if p.media != "" {
				h.Set("Content-Type", p.media)
			}
			w, err := m.CreatePart(h)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, p.data)
		}
		_ = m.Close()
		resp, err := http.Post(s.URL+"/api/v9/interactions/"+id+"/"+i.Token+"/callback", m.FormDataContentType(), &body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: HTTP %d, want %d", tt.name, resp.StatusCode, tt.want)
		}
		if parts := s.Requests()[0].Parts; tt.want == 204 && !slices.Equal(parts, []string{"files[0]"}) {
			t.Errorf("parts %q", parts)
		}
	}
}
