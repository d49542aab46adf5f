package discord

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// schema returns the schema of the body of a request in Discord's own document.
func schema(t *testing.T, doc *openapi3.T, method, path string) *openapi3.Schema {
	t.Helper()
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("the document has no %s %s", method, path)
	}
	return item.GetOperation(method).RequestBody.Value.Content.Get("application/json").Schema.Value
}

func document(t *testing.T) *openapi3.T {
	t.Helper()
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: Discord's OpenAPI document is not at hand")
	}
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(root, "oracles", "discord-openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestBodiesFollowTheDocument sends one request of every kind and holds each
// body against Discord's OpenAPI document.
func TestBodiesFollowTheDocument(t *testing.T) {
	doc := document(t)
	b, stop := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(_ ctx, c chat.Command) chat.Reply {
		if c.Name == "status" {
			b := strings.Repeat("slow ", 10)
			time.Sleep(patience + 200*time.Millisecond)
			return chat.Reply{Messages: []chat.Message{chat.Say("S", chat.Lines(chat.Text, b)), chat.Layout(specimen(), chat.Locale{})[1]}}
		}
		return chat.Reply{Messages: chat.Layout(specimen(), chat.Locale{})}
	}))
	for n, payload := range render(t, chat.Layout(specimen(), chat.Locale{})...) {
		p := digest.Part{Key: strings.Repeat("k", 23) + string(rune('a'+n)), N: n + 1, Of: 3, Address: digest.Address{Platform: "discord", Workspace: guildID, Channel: channelID}, Payload: payload}
		if n > 0 {
			p.Threaded, p.Parent = true, digest.MessageRef(b.fake.Posts(channelID)[0].ID)
		}
		if _, err := b.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	u := discordfake.User{ID: "7", Name: "reader"}
	for _, id := range []string{b.fake.Slash(u, guildID, channelID, "digest", "latest", nil), b.fake.Slash(u, guildID, channelID, "digest", "status", nil),
		b.fake.Click(u, guildID, channelID, "d:k"), b.fake.Click(u, guildID, channelID, "x:y")} {
		eventually(t, "an answer", func() bool {
			i, err := b.fake.Interaction(id)
			return err == nil && !i.Acknowledged.IsZero() && (i.Type != answerDeferred || len(i.FollowUps) > 0)
		})
	}
	stop()
	checked := make(map[string]int)
	for _, r := range b.fake.Requests() {
		parts := strings.Split(r.Path, "/")
		path := ""
		switch {
		case len(r.Body) == 0:
			continue
		case parts[0] == "channels" && len(parts) == 3:
			path = "/channels/{channel_id}/messages"
		case parts[0] == "channels":
			path = "/channels/{channel_id}/messages/{message_id}/threads"
		case parts[0] == "interactions":
			path = "/interactions/{interaction_id}/{interaction_token}/callback"
		case parts[0] == "applications":
			path = "/applications/{application_id}/commands"
		case len(parts) == 3:
			path = "/webhooks/{webhook_id}/{webhook_token}"
		default:
			path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
		}
		var value any
		if err := json.Unmarshal(r.Body, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema(t, doc, r.Method, path).VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s %s: %.800v\n%.500s", r.Method, r.Path, err, r.Body)
		}
		checked[r.Method+" "+path]++
	}
	if len(checked) != 6 {
		t.Errorf("checked %v, want all six kinds of bodies", checked)
	}
}
