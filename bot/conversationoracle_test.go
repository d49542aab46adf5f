package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack/slackfake"
)

// record writes what was sent to the folder that NUTGRAF_TEST_BODIES names, for
// the check against the types that the platforms publish (.ci/types).
func (k *talk) record(bodies []sent) {
	folder := os.Getenv("NUTGRAF_TEST_BODIES")
	if folder == "" {
		return
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for _, b := range bodies {
		if err := lines.Encode(b); err != nil {
			k.t.Fatal(err)
		}
	}
	name := strings.ReplaceAll(strings.TrimPrefix(k.t.Name(), "TestConversations/"), "/", "-") + ".jsonl"
	if err := os.WriteFile(filepath.Join(folder, name), out.Bytes(), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// sent is a body, with what it was sent as.
type sent struct {
	As   string          `json:"as"`
	Body json.RawMessage `json:"body"`
}

// record writes all windows and all messages.
func (r *slackRoom) record() {
	var out []sent
	for _, call := range r.fake.Requests() {
		if view := call.Args.Get("view"); view != "" {
			out = append(out, sent{"slack", json.RawMessage(view)})
		}
	}
	for _, p := range r.fake.Everything() {
		if len(p.Blocks) > 0 {
			out = append(out, sent{"slack", json.RawMessage(`{"blocks":` + string(p.Blocks) + `}`)})
		}
	}
	for _, b := range r.fake.Bodies() {
		out = append(out, sent{"slack " + b.To, b.JSON})
	}
	r.k.record(out)
}

// slackMethod is a method in Slack's catalogue.
type slackMethod struct {
	Args map[string]struct{ Required bool }
}

// catalogue is Slack's catalogue of methods, read once.
var catalogue = sync.OnceValues(func() (out map[string]slackMethod, err error) {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(filepath.Join(root, "oracles", "slack-methods.json"))
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	return out, err
})

// slackAnswers are the fields of what invocations are answered with. A message
// has those of chat.postMessage, too, but for the channel.
// https://docs.slack.dev/interactivity/handling-user-interaction
var slackAnswers = map[string][]string{
	"slash_commands":   {"response_type", "replace_original", "delete_original"},
	"response_url":     {"response_type", "replace_original", "delete_original"},
	"view_submission":  {"response_action", "errors", "view"},
	"block_suggestion": {"options", "option_groups"},
}

// unlisted are the fields of an answer that Slack does not know.
func unlisted(methods map[string]slackMethod, b slackfake.Body) (out []string) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b.JSON, &fields); err != nil {
		return []string{err.Error()}
	}
	known, isAnswer := slackAnswers[b.To]
	isMessage := slices.Contains(known, "response_type")
	for name := range fields {
		_, listed := methods["chat.postMessage"].Args[name]
		if !isAnswer || !slices.Contains(known, name) && !(isMessage && listed && name != "channel") {
			out = append(out, name)
		}
	}
	return out
}

// oracle holds every call and every answer against Slack's catalogue of methods.
// Nothing may have been lost.
func (r *slackRoom) oracle() {
	r.record()
	for _, what := range r.fake.Lost() {
		r.k.t.Errorf("Slack did not show an answer: %s", what)
	}
	methods, err := catalogue()
	if err != nil {
		r.k.t.Fatal(err)
	}
	if methods == nil {
		return
	}
	for _, call := range r.fake.Requests() {
		m, ok := methods[call.Method]
		if !ok && call.Method != "url_private" {
			r.k.t.Errorf("Slack has no method %s", call.Method)
		}
		for name := range call.Args {
			if _, known := m.Args[name]; ok && !known {
				r.k.t.Errorf("%s has no argument %s", call.Method, name)
			}
		}
		for name, a := range m.Args {
			if a.Required && !call.Args.Has(name) && name != "token" {
				r.k.t.Errorf("%s lacks the argument %s", call.Method, name)
			}
		}
	}
	for _, b := range r.fake.Bodies() {
		for _, name := range unlisted(methods, b) {
			r.k.t.Errorf("an answer in %s has no field %s: %.300s", b.To, name, b.JSON)
		}
	}
}

// record writes all bodies.
func (r *discordRoom) record() {
	var out []sent
	for _, req := range r.sent() {
		if json.Valid(req.Body) && req.Status < 300 {
			out = append(out, sent{req.Method + " " + req.Path, req.Body})
		}
	}
	r.k.record(out)
}

// sent is all that Discord was sent, with the answers in its own requests.
func (r *discordRoom) sent() []discordfake.Request {
	return append(r.fake.Requests(), r.fake.Inline()...)
}

// description is Discord's OpenAPI document, read once.
var description = sync.OnceValues(func() (*openapi3.T, error) {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		return nil, nil
	}
	return openapi3.NewLoader().LoadFromFile(filepath.Join(root, "oracles", "discord-openapi.json"))
})

// heldAgainst are the sums of the bodies that follow the document.
var heldAgainst sync.Map

// pathForm are the ids and tokens in a path.
var pathForm = regexp.MustCompile(`/[^/]*[0-9]{5,}[^/]*`)

// oracle holds the body of every request against Discord's OpenAPI document, and
// those that came in parts as their parts. No answer may have been refused.
func (r *discordRoom) oracle() {
	r.record()
	for id, who := range r.asked {
		i, err := r.fake.Interaction(id)
		refused := slices.DeleteFunc(i.Refused, func(code int) bool { return code == early })
		if err != nil || len(refused) > 0 {
			r.k.t.Errorf("Discord refused an answer to %s: %v %v", who, refused, err)
		}
	}
	doc, err := description()
	if err != nil {
		r.k.t.Fatal(err)
	}
	if doc == nil {
		return
	}
	for _, req := range r.sent() {
		if len(req.Body) == 0 || req.Body[0] != '{' && req.Body[0] != '[' {
			continue
		}
		// Most conversations send the same commands, forms and digests.
		kind := fmt.Sprint(pathForm.ReplaceAllString(req.Method+" "+req.Path, "/N"), req.Parts)
		if _, again := heldAgainst.LoadOrStore(sha256.Sum256(append([]byte(kind), req.Body...)), true); again {
			continue
		}
		schema, body, err := whole(r.k.t, doc, req)
		if err != nil {
			r.k.t.Errorf("%s %s: %v", req.Method, req.Path, err)
			continue
		}
		if schema == nil {
			continue
		}
		if err := schema.VisitJSON(body, openapi3.EnableJSONSchema2020()); err != nil {
			r.k.t.Errorf("%s %s does not follow the document: %.600v\n%.600s", req.Method, req.Path, err, req.Body)
		}
	}
}

// whole returns the body of a request with its schema. One in parts is an object
// that holds the files beside the fields of its payload_json.
func whole(t *testing.T, doc *openapi3.T, req discordfake.Request) (*openapi3.Schema, any, error) {
	var body any
	if err := json.Unmarshal(req.Body, &body); err != nil {
		return nil, nil, err
	}
	if req.Parts == nil {
		return bodyOf(t, doc, req.Method, req.Path, "application/json"), body, nil
	}
	fields, ok := body.(map[string]any)
	if !ok {
		return nil, nil, errors.New("the payload_json is no object")
	}
	for _, part := range req.Parts {
		fields[part] = "a file"
	}
	return bodyOf(t, doc, req.Method, req.Path, "multipart/form-data"), fields, nil
}

// bodyOf returns the schema of a request's body of a media type. The path that names most of
// its parts literally is the one that is meant.
func bodyOf(t *testing.T, doc *openapi3.T, method, path, media string) *openapi3.Schema {
	t.Helper()
	parts := strings.Split(strings.Trim(path, "/"), "/")
	best, literal := "", -1
	for pattern := range doc.Paths.Map() {
		want := strings.Split(strings.Trim(pattern, "/"), "/")
		same := 0
		for i := range want {
			switch {
			case len(want) != len(parts), !strings.HasPrefix(want[i], "{") && want[i] != parts[i]:
				same = -len(want) - 1
			case want[i] == parts[i]:
				same++
			}
		}
		if same > literal || same == literal && same >= 0 && pattern < best {
			best, literal = pattern, same
		}
	}
	if literal < 0 || doc.Paths.Value(best).GetOperation(method) == nil {
		t.Errorf("Discord's document has no %s %s", method, path)
		return nil
	}
	body := doc.Paths.Value(best).GetOperation(method).RequestBody
	if body == nil || body.Value.Content.Get(media) == nil {
		t.Errorf("Discord's document has no %s for %s %s", media, method, best)
		return nil
	}
	return body.Value.Content.Get(media).Schema.Value
}

// TestDescriptionFindsFaults: the oracle is worth nothing if it lets all pass.
func TestDescriptionFindsFaults(t *testing.T) {
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if doc == nil {
		t.Skip("NUTGRAF_SHARED is not set: Discord's OpenAPI document is not at hand")
	}
	const path = "channels/1/messages"
	for body, good := range map[string]bool{
		`{"content":"x","embeds":[{"title":"y"}],"components":[{"type":1,"components":[{"type":2,"style":1,"label":"z","custom_id":"c"}]}]}`: true,
		`{"content":5}`: false,
		`{"content":"x","embeds":[{"title":["y"]}]}`:                                         false,
		`{"content":"x","components":[{"type":1,"components":[{"type":2,"style":"blue"}]}]}`: false,
	} {
		var v any
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatal(err)
		}
		if err := bodyOf(t, doc, "POST", path, "application/json").VisitJSON(v, openapi3.EnableJSONSchema2020()); (err == nil) != good {
			t.Errorf("%s: %v, want good: %v", body, err, good)
		}
	}
	for _, tt := range []struct {
		body  string
		parts []string
		good  bool
	}{
		{`{"content":"x","attachments":[{"id":"0","filename":"a"}]}`, []string{"files[0]"}, true},
		{`{"content":"x","attachments":[{"id":"0","filename":5}]}`, []string{"files[0]"}, false},
		{`{"content":5}`, []string{"files[0]"}, false},
		{`["x"]`, []string{"files[0]"}, false},
	} {
		schema, v, err := whole(t, doc, discordfake.Request{Method: "POST", Path: path, Body: []byte(tt.body), Parts: tt.parts})
		if err == nil {
			err = schema.VisitJSON(v, openapi3.EnableJSONSchema2020())
		}
		if (err == nil) != tt.good {
			t.Errorf("%s %q: %v, want good: %v", tt.body, tt.parts, err, tt.good)
		}
	}
}

// TestCatalogueFindsFaults: so is that of Slack.
func TestCatalogueFindsFaults(t *testing.T) {
	methods, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if methods == nil {
		t.Skip("NUTGRAF_SHARED is not set: Slack's catalogue of methods is not at hand")
	}
	for _, tt := range []struct{ to, body, want string }{
		{"response_url", `{"text":"x","blocks":[],"response_type":"ephemeral","replace_original":true,"thread_ts":"1.2","unfurl_links":false}`, ""},
		{"slash_commands", `{"text":"x","parse":"none"}`, ""},
		{"view_submission", `{"response_action":"errors","errors":{}}`, ""},
		{"block_suggestion", `{"options":[]}`, ""},
		{"response_url", `{"text":"x","replace":true}`, "replace"},
		{"response_url", `{"text":"x","channel":"C1"}`, "channel"},
		{"slash_commands", `{"text":"x","errors":{}}`, "errors"},
		{"view_submission", `{"text":"x"}`, "text"},
		{"block_actions", `{"text":"x"}`, "text"},
	} {
		if got := strings.Join(unlisted(methods, slackfake.Body{To: tt.to, JSON: []byte(tt.body)}), ", "); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.to, tt.body, got, tt.want)
		}
	}
}
