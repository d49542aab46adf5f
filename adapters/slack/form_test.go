package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// desk is a handler with forms, suggestions and App Homes.
type desk struct {
	mu    sync.Mutex
	asked []chat.Command
	form  func(chat.Command) (*chat.Form, error)
	reply chat.Reply
	panic bool
}

func (d *desk) Handle(ctx context.Context, c chat.Command) chat.Reply {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, c)
	if len(d.reply.Messages) > 0 || d.reply.File.Data != nil {
		return d.reply
	}
	return echo(ctx, c)
}

func (d *desk) last() chat.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.asked) == 0 {
		return chat.Command{}
	}
	return d.asked[len(d.asked)-1]
}

func (d *desk) Form(_ context.Context, c chat.Command) (*chat.Form, error) {
	if d.form != nil {
		return d.form(c)
	}
	if c.Args["words"] != "" {
		return nil, nil
	}
	return bigForm(), nil
}

func (d *desk) Suggest(_ context.Context, c chat.Command, option, typed string) []chat.Choice {
	if d.panic {
		panic("boom")
	}
	if typed == "zz" {
		return nil
	}
	return []chat.Choice{{Value: option + "-" + typed, Label: "of " + c.Name + " in " + c.Address.Channel}}
}

func (d *desk) Locale(context.Context, chat.Command) chat.Locale {
	if d.panic {
		panic("boom")
	}
	return chat.LocaleFor("en", "UTC")
}

func (d *desk) Home(_ context.Context, u chat.User, workspace string, channels []digest.Address) []chat.Panel {
	out := []chat.Panel{{Message: chat.Say("Digests of " + u.ID + " in " + workspace)}}
	for _, a := range channels {
		m := chat.Say("", chat.Lines(chat.Text, "A digest in "+a.Channel))
		m.Buttons = []chat.Button{{Label: "Latest " + a.Channel, Line: "latest", Look: chat.Primary}, {Label: "Find " + a.Channel, Line: "ask"}}
		out = append(out, chat.Panel{Channel: a, Message: m})
	}
	return out
}

// bigForm has every kind of field.
func bigForm() *chat.Form {
	var zones, many []chat.Choice
	for i := range 101 {
		many = append(many, chat.Choice{Value: fmt.Sprint("v", i), Label: fmt.Sprint("Value ", i)})
	}
	zones = many[:3]
	return &chat.Form{Title: "New digest", Submit: "Continue", Command: "ask", Args: map[string]string{"hidden": "yes"}, Fields: []chat.Input{
		{Option: chat.Option{Name: "words", Help: "what to look for", Required: true}, Label: "Words", Value: "port"},
		{Option: chat.Option{Name: "n", Type: chat.IntOption, Min: 1, Max: 9}, Label: "Number"},
		{Option: chat.Option{Name: "flag", Type: chat.BoolOption}, Label: "Flag"},
		{Option: chat.Option{Name: "one"}, Label: "One", Value: "v1", Values: zones},
		{Option: chat.Option{Name: "several"}, Label: "Several", Value: "v0,v2", Values: zones, Many: true},
		{Option: chat.Option{Name: "large"}, Label: "Large", Values: many},
		{Option: chat.Option{Name: "zone", Suggest: true}, Label: "Zone", Value: "UTC"},
		{Option: chat.Option{Name: "sources", Suggest: true}, Label: "Sources", Value: "v1", Values: zones, Many: true},
		{Option: chat.Option{Name: "file", File: true}, Label: "File"},
	}}
}

func formSpecs() []chat.Spec {
	return []chat.Spec{
		{Name: "ask", Help: "Ask", OpensForm: true, Private: true, Options: []chat.Option{{Name: "words", Required: true}, {Name: "hidden"},
			{Name: "n", Type: chat.IntOption, Min: 1, Max: 9}, {Name: "flag", Type: chat.BoolOption}, {Name: "one"}, {Name: "several"}, {Name: "large"},
			{Name: "zone"}, {Name: "sources"}, {Name: "file", File: true}, {Name: "since", Type: chat.SinceOption}}},
		{Name: "subscribe", Help: "Subscribe", OpensForm: true, Private: true, Changes: true, Options: []chat.Option{{Name: "words"}, {Name: "since", Type: chat.SinceOption}}},
		{Name: "latest", Help: "Latest", Private: true}, {Name: "set", Help: "Set", Hidden: true, Private: true, Changes: true, Options: []chat.Option{{Name: "id"}, {Name: "value", Required: true}}},
		{Name: "save", Options: []chat.Option{{Name: "url", Required: true}}}, {Name: "covered", Options: []chat.Option{{Name: "url", Required: true}}}, {Name: "help", Help: "Help"},
	}
}

// window types a command and returns the window that it opens.
func (w world) window(t *testing.T, user, line string) slackfake.View {
	t.Helper()
	before := len(w.Windows(user))
	if _, err := w.Slash(user, "C1", line); err != nil {
		t.Fatal(err)
	}
	w.await(t, "a window", func() bool { return len(w.Windows(user)) > before })
	return w.Windows(user)[before]
}

func TestForm(t *testing.T) {
	w, d := newWorld(t), &desk{}
	hearing(t, w, d, formSpecs())
	v := w.window(t, "U1", "ask")
	var m map[string]any
	if err := json.Unmarshal(v.Raw, &m); err != nil {
		t.Fatal(err)
	}
	meta := m["private_metadata"].(string)
	if !strings.Contains(meta, `"a":{"hidden":"yes"}`) || !strings.Contains(meta, `"ch":"C1"`) || !strings.Contains(meta, "/commands/") {
		t.Errorf("metadata %s", meta)
	}
	delete(m, "private_metadata") // it holds an address of this run
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "modal.json", []byte(pretty(t, raw)))
	for _, c := range []struct {
		block, typed string
		want         []string
	}{
		{"in:zone", "Eur", []string{"zone-Eur", "Eur"}}, {"in:zone", "zz", []string{"zz"}}, {"in:zone", "", []string{"zone-"}},
		{"in:sources", "x", []string{"sources-x"}}, {"in:sources", "zz", []string{}},
	} {
		got, err := w.Suggest(within(t), v, c.block, c.typed)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("suggest %s %q: got %q, want %q, %v", c.block, c.typed, got, c.want, err)
		}
	}
	id := w.Attach("feeds.opml", []byte("<opml/>"))
	wrong, _, err := w.Submit(within(t), v, map[string]string{"in:n": "12", "in:words": "strike"})
	if err != nil || len(wrong) != 1 || !strings.Contains(wrong["in:n"], "between 1 and 9") {
		t.Errorf("wrong %v, %v", wrong, err)
	}
	wrong, inv, err := w.Submit(within(t), v, map[string]string{"in:n": "7", "in:words": "port strike", "in:flag": "true", "in:large": "v100", "in:file": id, "in:zone": "Europe/Berlin"})
	if err != nil || len(wrong) > 0 {
		t.Fatalf("wrong %v, %v", wrong, err)
	}
	w.await(t, "the command", func() bool { return d.last().Name != "" })
	want := chat.Command{Name: "ask", Args: map[string]string{"hidden": "yes", "words": "port strike", "n": "7", "flag": "true", "one": "v1", "several": "v0,v2",
		"large": "v100", "zone": "Europe/Berlin", "sources": "v1"}, Address: digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"},
		User: chat.User{ID: "U1", Name: "ana", Locale: "en-US"}, File: []byte("<opml/>")}
	if diff := cmp.Diff(want, d.last()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.await(t, "the answer in the channel", func() bool {
		posts := w.Posts("C1")
		return len(posts) == 1 && posts[0].For == "U1" && strings.Contains(posts[0].Text, "port strike")
	})
	if err := w.Again(inv); err != nil {
		t.Fatal(err)
	}
	w.ask(t, "U1", "C1", "help")
	if n := len(d.asked); n != 2 {
		t.Errorf("%d commands ran, want 2: a form that comes twice runs once", n)
	}
}

// TestFormsFail has windows that do not open, and ones that were open too long.
func TestFormsFail(t *testing.T) {
	w, d := newWorld(t), &desk{}
	hearing(t, w, d, formSpecs())
	w.Fail("views.open", slackfake.Refuse("expired_trigger_id"))
	if got := w.ask(t, "U1", "C1", "ask"); len(got) != 1 || got[0].Text != "Slack did not open the form in time; try it again." || got[0].Type != "ephemeral" {
		t.Errorf("expired: %+v", got)
	}
	d.form = func(chat.Command) (*chat.Form, error) { return nil, digest.Errorf(digest.Forbidden, "not you") }
	if got := w.ask(t, "U1", "C1", "ask"); got[0].Text != "not you" {
		t.Errorf("refused: %+v", got)
	}
	d.form = func(chat.Command) (*chat.Form, error) { return nil, nil }
	if got := w.ask(t, "U1", "C1", "ask"); !strings.Contains(got[0].Text, "ask map[]") {
		t.Errorf("no form: %+v", got)
	}
	d.form = nil
	if got := w.ask(t, "U1", "C1", "ask strike"); !strings.Contains(got[0].Text, "words:strike") {
		t.Errorf("nothing is missing: %+v", got)
	}
	v := w.window(t, "U1", "ask")
	w.clock.jump(31 * time.Minute) // the response_url is dead by now
	if wrong, _, err := w.Submit(within(t), v, nil); err != nil || len(wrong) > 0 {
		t.Fatalf("wrong %v, %v", wrong, err)
	}
	w.await(t, "an answer that only the person sees", func() bool { return w.Calls("chat.postEphemeral") == 1 })
	v = w.window(t, "U1", "ask")
	w.clock.jump(31 * time.Minute)
	w.Fail("chat.postEphemeral", slackfake.Refuse("not_in_channel"))
	w.AddChannel(slackfake.Channel{ID: "U1", Name: "directmessage", Private: true, Member: true})
	if _, _, err := w.Submit(within(t), v, nil); err != nil {
		t.Fatal(err)
	}
	w.await(t, "an answer in the direct messages", func() bool { return len(w.Posts("U1")) == 1 })
	file := w.Attach("big", make([]byte, chat.MaxFile+1))
	w.SetScopes("chat:write", "commands", "users:read", "channels:read")
	for id, want := range map[string]string{file: "larger than 1024 KB", w.Attach("small", []byte("x")): "files:read"} {
		v := w.window(t, "U1", "ask")
		before := len(w.Posts("C1"))
		if _, _, err := w.Submit(within(t), v, map[string]string{"in:file": id}); err != nil {
			t.Fatal(err)
		}
		w.await(t, "a refusal of the file", func() bool { return len(w.Posts("C1")) > before })
		if got := w.Posts("C1")[before].Text; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	d.panic = true
	if got, err := w.Suggest(within(t), v, "in:zone", "x"); err == nil && len(got) > 0 {
		t.Errorf("suggestions after a panic: %v", got)
	}
	_, err := w.p.home.download(within(t), "https://evil.example/x")
	if digest.KindOf(err) != digest.Forbidden {
		t.Errorf("a file elsewhere: %v", err)
	}
}

func TestMenusAndReplacement(t *testing.T) {
	w, d := newWorld(t), &desk{}
	hearing(t, w, d, formSpecs())
	m := chat.Say("Settings")
	m.Menus = []chat.Menu{{Label: "Length", Line: "set 12", Value: "full", Choices: []chat.Choice{{Value: "full", Label: "full"}, {Value: "at 8:00", Label: "short"}}}}
	m.Buttons = []chat.Button{{Label: "Post", Line: "latest", Look: chat.Primary}, {Label: "Drop", Line: "help", Look: chat.Danger}}
	d.reply = chat.Reply{Private: true, Replace: true, Messages: []chat.Message{m}}
	w.ask(t, "U1", "C1", "latest")
	shown := w.Posts("C1")[0]
	if !strings.Contains(string(shown.Blocks), `"style":"primary"`) || !strings.Contains(string(shown.Blocks), `"style":"danger"`) {
		t.Errorf("blocks %s", shown.Blocks)
	}
	v, err := w.Choose("U1", shown, w.Posts("C1")[0].Menus()[0], "at 8:00")
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer", func() bool { return len(w.Responses(v)) == 1 })
	if got := d.last(); got.Name != "set" || got.Args["id"] != "12" || got.Args["value"] != "at 8:00" || got.Under != shown.TS {
		t.Errorf("command %+v", got)
	}
	if posts := w.Posts("C1"); !w.Responses(v)[0].Replace || len(posts) != 1 || posts[0].Edits != 1 {
		t.Errorf("the private message is not replaced: %+v", posts)
	}
	if _, err := w.p.Post(within(t), w.part(t, m)); err != nil {
		t.Fatal(err)
	}
	public := w.Posts("C1")[1]
	if v, err = w.Choose("U1", public, public.Menus()[0], "full"); err != nil {
		t.Fatal(err)
	}
	w.await(t, "the answer", func() bool { return len(w.Responses(v)) == 1 })
	if w.Responses(v)[0].Replace || w.Posts("C1")[1].Edits != 0 {
		t.Error("a message that everybody sees was replaced by a private answer")
	}
}

func TestShortcuts(t *testing.T) {
	w, d := newWorld(t), &desk{}
	d.form = func(c chat.Command) (*chat.Form, error) {
		return &chat.Form{Title: "Subscribe", Submit: "Save", Command: "subscribe", Fields: []chat.Input{{Option: chat.Option{Name: "since"}, Label: "Since"}}}, nil
	}
	hearing(t, w, d, formSpecs())
	for callback, want := range map[string]string{SaveShortcut: "save", CoveredShortcut: "covered"} {
		v, err := w.Shortcut("U1", w.Write("C1", "U2", "see <https://a.example/x>"), callback)
		if err != nil {
			t.Fatal(err)
		}
		w.await(t, "the answer", func() bool { return len(w.Responses(v)) == 1 })
		if got := d.last(); got.Name != want || got.Args["url"] != "https://a.example/x" || got.Text != "see <https://a.example/x>" {
			t.Errorf("command %+v", got)
		}
	}
	w.AddChannel(slackfake.Channel{ID: "U1", Name: "directmessage", Private: true, Member: true})
	form := d.form
	d.form = func(chat.Command) (*chat.Form, error) { return nil, digest.Errorf(digest.Forbidden, "not you") }
	if _, err := w.GlobalShortcut("U1", SubscribeShortcut); err != nil {
		t.Fatal(err)
	}
	w.await(t, "a refusal in the direct messages, as there is no channel", func() bool { return len(w.Posts("U1")) == 1 })
	if got := w.Posts("U1")[0].Text; got != "not you" {
		t.Errorf("got %q", got)
	}
	d.form = form
	if _, err := w.GlobalShortcut("U2", SubscribeShortcut); err != nil {
		t.Fatal(err)
	}
	w.await(t, "a window", func() bool { return len(w.Windows("U2")) == 1 })
	v := w.Windows("U2")[0]
	if wrong, _, err := w.Submit(within(t), v, map[string]string{"channel": "C1", "in:since": "tomorrowish"}); err != nil || !strings.Contains(wrong["in:since"], "is not") {
		t.Errorf("wrong %v, %v", wrong, err)
	}
	if wrong, _, err := w.Submit(within(t), v, map[string]string{"channel": "C1", "in:since": "3d"}); err != nil || len(wrong) > 0 {
		t.Fatalf("wrong %v, %v", wrong, err)
	}
	w.await(t, "the command", func() bool { return d.last().Name == "subscribe" })
	if got := d.last(); got.Address.Channel != "C1" || !got.User.Manager || got.Args["since"] != "72h0m0s" {
		t.Errorf("command %+v", got)
	}
}

func TestFilesAreHandedOver(t *testing.T) {
	w, d := newWorld(t), &desk{}
	d.reply = chat.Reply{Private: true, Messages: []chat.Message{chat.Note("Here it is.")}, File: chat.Attachment{Name: "feeds.opml", Type: "text/x-opml", Data: []byte("<opml>\n<!channel>\n")}}
	hearing(t, w, d, formSpecs())
	got := w.ask(t, "U1", "C1", "latest")
	files := w.Files()
	if len(files) != 1 || string(files[0].Data) != "<opml>\n<!channel>\n" || files[0].Channel != "D1" || !strings.Contains(got[0].Text, "in your direct messages") {
		t.Errorf("files %+v, answer %q", files, got[0].Text)
	}
	w.SetScopes(slices.DeleteFunc(Scopes(), func(s string) bool { return s == "files:write" })...)
	if got = w.ask(t, "U1", "C1", "latest"); !strings.Contains(string(got[0].Blocks), `"rich_text_preformatted"`) || strings.Contains(got[0].Text, "<!channel>") {
		t.Errorf("without the scope: %q", got[0].Raw)
	}
	d.reply.File.Data = []byte{0xff, 0xfe, 0}
	if got = w.ask(t, "U1", "C1", "latest"); !strings.Contains(got[0].Text, "could not be sent") {
		t.Errorf("not text: %q", got[0].Text)
	}
}

// says is the text for notifications.
func (p payload) says() string { return string(p.Text) }

func mustThaw(t testing.TB, raw digest.Payload) payload {
	t.Helper()
	p, err := thaw(raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPings(t *testing.T) {
	w := newWorld(t)
	for ping, want := range map[string]string{"here": `{"type":"broadcast","range":"here"}`, "S012ABC": `{"type":"usergroup","usergroup_id":"S012ABC"}`, "123456789012345678": "", "": "", "channel": ""} {
		for _, kind := range []chat.Kind{chat.Header, chat.Story, chat.Answer} {
			m := chat.Say("Morning <!here> <!channel>")
			m.Kind, m.Ping = kind, ping
			out, err := w.p.Render([]chat.Message{m})
			if err != nil {
				t.Fatal(err)
			}
			raw := string(out[0])
			called := strings.Contains(raw, "broadcast") || strings.Contains(raw, "usergroup")
			if called != (want != "" && kind == chat.Header) || called && !strings.Contains(raw, want) || strings.Count(mustThaw(t, out[0]).says(), "<!") != map[bool]int{true: 1}[called] {
				t.Errorf("%s %s: %s", ping, kind, raw)
			}
			if _, err := w.p.Post(within(t), w.part(t, m)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestManyMenusHaveRoom shows more menus than Discord has room for, beside the
// buttons; nothing leads to further ones.
func TestManyMenusHaveRoom(t *testing.T) {
	w, d := newWorld(t), &desk{}
	hearing(t, w, d, formSpecs())
	m := chat.Say("Settings")
	for n := range 8 {
		m.Menus = append(m.Menus, chat.Menu{Label: fmt.Sprint("Setting ", n), Line: fmt.Sprint("set 12 s", n), Choices: []chat.Choice{{Value: "full", Label: "full"}}})
	}
	m.Further = chat.Button{Label: "More settings", Line: "help"}
	d.reply = chat.Reply{Private: true, Messages: []chat.Message{m}}
	w.ask(t, "U1", "C1", "latest")
	shown := w.Posts("C1")[0]
	if got := len(shown.Menus()); got != 8 || strings.Contains(string(shown.Blocks), "More settings") {
		t.Errorf("got %d menus, want 8 and no way to more of them: %s", got, shown.Blocks)
	}
}
