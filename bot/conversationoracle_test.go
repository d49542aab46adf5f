package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
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
	r.k.record(out)
}

// record writes all bodies.
func (r *discordRoom) record() {
	var out []sent
	for _, req := range r.fake.Requests() {
		if json.Valid(req.Body) && req.Status < 300 {
			out = append(out, sent{req.Method + " " + req.Path, req.Body})
		}
	}
	r.k.record(out)
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

// oracle holds the body of every request against Discord's OpenAPI document.
func (r *discordRoom) oracle() {
	r.record()
	doc, err := description()
	if err != nil {
		r.k.t.Fatal(err)
	}
	if doc == nil {
		return
	}
	for _, req := range r.fake.Requests() {
		if len(req.Body) == 0 || req.Body[0] != '{' && req.Body[0] != '[' {
			continue
		}
		// Most conversations send the same commands, forms and digests.
		if _, again := heldAgainst.LoadOrStore(sha256.Sum256(append([]byte(pathForm.ReplaceAllString(req.Method+" "+req.Path, "/N")), req.Body...)), true); again {
			continue
		}
		schema := bodyOf(r.k.t, doc, req.Method, req.Path)
		var body any
		if err := json.Unmarshal(req.Body, &body); err != nil {
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

// bodyOf returns the schema of a request's body. The path that names most of
// its parts literally is the one that is meant.
func bodyOf(t *testing.T, doc *openapi3.T, method, path string) *openapi3.Schema {
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
	if body == nil || body.Value.Content.Get("application/json") == nil {
		t.Errorf("Discord's document has no body for %s %s", method, best)
		return nil
	}
	return body.Value.Content.Get("application/json").Schema.Value
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
		if err := bodyOf(t, doc, "POST", path).VisitJSON(v, openapi3.EnableJSONSchema2020()); (err == nil) != good {
			t.Errorf("%s: %v, want good: %v", body, err, good)
		}
	}
}
