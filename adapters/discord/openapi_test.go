package discord

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// schema returns the schema of the body of a request, of a media type, in
// Discord's own document.
func schema(t *testing.T, doc *openapi3.T, method, path, media string) *openapi3.Schema {
	t.Helper()
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("the document has no %s %s", method, path)
	}
	content := item.GetOperation(method).RequestBody.Value.Content.Get(media)
	if content == nil {
		t.Fatalf("the document has no %s for %s %s", media, method, path)
	}
	return content.Schema.Value
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
			time.Sleep(chat.Patience + 200*time.Millisecond)
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
	checked := follow(t, doc, b.fake.Requests())
	if len(checked) != 8 {
		t.Errorf("checked %v, want all eight kinds of bodies", checked)
	}
}

// templates are the paths of the document that we use, with a body.
var templates = []string{"/channels/{channel_id}/messages", "/channels/{channel_id}/messages/{message_id}", "/channels/{channel_id}/messages/{message_id}/threads",
	"/channels/{channel_id}/threads", "/interactions/{interaction_id}/{interaction_token}/callback", "/applications/{application_id}/commands",
	"/webhooks/{webhook_id}/{webhook_token}", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", "/users/@me/channels"}

// template returns the path of the document for that of a request.
func template(path string) string {
	parts := strings.Split("/"+path, "/")
	for _, candidate := range templates {
		names := strings.Split(candidate, "/")
		fits := len(names) == len(parts)
		for i := 0; fits && i < len(names); i++ {
			fits = names[i] == parts[i] || strings.HasPrefix(names[i], "{")
		}
		if fits {
			return candidate
		}
	}
	return ""
}

// follow holds the bodies of requests against Discord's document, and counts
// them by their kind. One that came in parts is an object that holds the files
// beside what is in its payload_json.
func follow(t *testing.T, doc *openapi3.T, requests []discordfake.Request) map[string]int {
	t.Helper()
	checked := make(map[string]int)
	for _, r := range requests {
		if len(r.Body) == 0 {
			continue
		}
		path := template(r.Path)
		var value any
		if err := json.Unmarshal(r.Body, &value); err != nil {
			t.Fatal(err)
		}
		media := "application/json"
		for _, part := range r.Parts {
			media = "multipart/form-data"
			value.(map[string]any)[part] = "a file"
		}
		if err := schema(t, doc, r.Method, path, media).VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s %s: %.800v\n%.500s", r.Method, r.Path, err, r.Body)
		}
		kind := r.Method + " " + path
		if o, ok := value.(map[string]any); ok && strings.HasSuffix(path, "/callback") {
			kind = fmt.Sprint(kind, " ", o["type"])
		}
		if len(r.Parts) > 0 {
			kind += " in parts"
		}
		checked[kind]++
	}
	return checked
}

// TestNativeBodiesFollowTheDocument does so with what forms, menus, files,
// forums, edits and direct messages send.
func TestNativeBodiesFollowTheDocument(t *testing.T) {
	doc := document(t)
	k := &clerk{form: digestForm, reply: func(c chat.Command) chat.Reply {
		r := chat.Reply{Replace: true, Messages: []chat.Message{{Kind: chat.Answer, Blocks: []chat.Block{chat.Lines(chat.Text, "x")},
			Menus:   []chat.Menu{{Label: "Length", Line: "set id length", Value: "full", Choices: []chat.Choice{{Value: "full", Label: "full"}, {Value: "short", Label: "short"}}}},
			Buttons: []chat.Button{{Label: "Subscribe", Line: "set id confirm", Look: chat.Primary}}}}}
		if c.Name == "latest" {
			r.File = chat.Attachment{Name: "a.txt", Data: []byte("a")}
		}
		return r
	}}
	b := desk(t, k)
	finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "status", nil))
	shown := b.fake.Posts(channelID)[0]
	form := finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "subscribe", nil)).Form
	again, err := b.fake.Submit(reader, guildID, channelID, form, map[string]any{"stories": "x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{again, b.fake.Press(reader, guildID, channelID, shown.ID, "m:set id length", "short"), b.fake.Slash(reader, guildID, channelID, "digest", "latest", nil),
		b.fake.Complete(reader, guildID, channelID, "digest", "feed add", nil, "source", "x"), b.fake.Slash(reader, guildID, channelID, "digest", "import", nil)} {
		if i := finished(t, b, id); len(i.Refused) > 0 {
			t.Errorf("%+v", i)
		}
	}
	b.fake.AddForum(guildID, forumID, "digests", discordfake.All, "Daily")
	p := partsOf(t, b, forumID, digest.Layout{Tag: "Daily", Ping: "900000000000000009", Silent: true})[0]
	ref, err := b.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Edit(t.Context(), withRef(p, ref), p.Payload); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Direct(t.Context(), digest.Address{}, "700000000000000001"); err != nil {
		t.Fatal(err)
	}
	checked := follow(t, doc, b.fake.Requests())
	callback := "POST /interactions/{interaction_id}/{interaction_token}/callback "
	for _, want := range []string{callback + "4", callback + "4 in parts", callback + "7", callback + "8", callback + "9", "POST /channels/{channel_id}/threads", "PATCH /channels/{channel_id}/messages/{message_id}",
		"POST /users/@me/channels", "PUT /applications/{application_id}/commands"} {
		if checked[want] == 0 {
			t.Errorf("%s was not checked; %v were", want, checked)
		}
	}
}

// TestResponsesFollowTheDocument does so with what is answered in Discord's own
// requests: as callbacks they are the same.
func TestResponsesFollowTheDocument(t *testing.T) {
	doc := document(t)
	k := &clerk{form: digestForm, reply: func(c chat.Command) chat.Reply {
		r := chat.Reply{Replace: true, Messages: []chat.Message{{Kind: chat.Answer, Blocks: []chat.Block{chat.Lines(chat.Text, "x")},
			Buttons: []chat.Button{{Label: "Subscribe", Line: "status"}}}}}
		switch c.Name {
		case "latest":
			r.File = chat.Attachment{Name: "a.txt", Data: []byte("a")}
		case "why":
			for range 3 {
				r.Messages = append(r.Messages, chat.Say("x", chat.Lines(chat.Text, strings.Repeat("word ", 1000))))
			}
		}
		return r
	}}
	b, endpoint := called(t, k)
	if err := b.fake.SetEndpoint(endpoint); err != nil {
		t.Fatal(err)
	}
	finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "status", nil))
	shown := b.fake.Posts(channelID)[0]
	for _, id := range []string{b.fake.Press(reader, guildID, channelID, shown.ID, linePrefix+"status"), b.fake.Press(reader, guildID, channelID, shown.ID, markerPrefix+"k"),
		b.fake.Slash(reader, guildID, channelID, "digest", "subscribe", nil), b.fake.Slash(reader, guildID, channelID, "digest", "latest", nil),
		b.fake.Complete(reader, guildID, channelID, "digest", "feed add", nil, "source", "x"), b.fake.Slash(reader, guildID, channelID, "digest", "why", nil)} {
		if i := finished(t, b, id); slices.ContainsFunc(i.Refused, func(code int) bool { return code != 10015 }) {
			t.Errorf("%+v", i)
		}
	}
	follow(t, doc, b.fake.Requests())
	checked := follow(t, doc, b.fake.Inline())
	callback := "POST /interactions/{interaction_id}/{interaction_token}/callback "
	for _, want := range []string{callback + "4", callback + "5", callback + "6", callback + "7", callback + "8", callback + "9"} {
		if checked[want] == 0 {
			t.Errorf("%s was not checked; %v were", want, checked)
		}
	}
}
