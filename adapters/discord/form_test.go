package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

// clerk is a handler that opens forms and completes options.
type clerk struct {
	mu    sync.Mutex
	seen  []chat.Command
	form  func(c chat.Command) (*chat.Form, error)
	reply func(c chat.Command) chat.Reply
}

func (k *clerk) Handle(_ context.Context, c chat.Command) chat.Reply {
	k.mu.Lock()
	k.seen = append(k.seen, c)
	k.mu.Unlock()
	if k.reply != nil {
		return k.reply(c)
	}
	return say("done")
}

func (k *clerk) Form(_ context.Context, c chat.Command) (*chat.Form, error) { return k.form(c) }

func (k *clerk) Suggest(_ context.Context, c chat.Command, option, typed string) []chat.Choice {
	if typed == "slow" {
		time.Sleep(suggestTime + 300*time.Millisecond)
	}
	out := []chat.Choice{{Value: "ledger", Label: fmt.Sprintf("%s %s %s %v", c.Name, option, typed, c.Args)}, {Value: strings.Repeat("x", 101), Label: "too long"}, {Label: "no value"}}
	for i := range 40 {
		out = append(out, chat.Choice{Value: fmt.Sprint("v", i), Label: strings.Repeat("報", 90)})
	}
	return out
}

func (k *clerk) last() chat.Command {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.seen) == 0 {
		return chat.Command{}
	}
	return k.seen[len(k.seen)-1]
}

// deskSpecs are commands with forms, groups and suggestions.
func deskSpecs() []chat.Spec {
	return append(specs(),
		chat.Spec{Name: "subscribe", Help: "Post a digest regularly", Private: true, OpensForm: true, Options: []chat.Option{{Name: "time", Help: "as in 08:00", Required: true}, {Name: "stories", Type: chat.IntOption, Min: 1, Max: 60}}},
		chat.Spec{Name: "sketch", Private: true, Hidden: true, Changes: true, Options: []chat.Option{{Name: "time"}, {Name: "days"}, {Name: "sources"}, {Name: "stories", Type: chat.IntOption, Min: 1, Max: 60}, {Name: "name"}, {Name: "more"}}},
		chat.Spec{Name: "feed add", Help: "Add a feed", Private: true, Changes: true, Options: []chat.Option{{Name: "url", Help: "of the feed", Required: true}, {Name: "source", Help: "its name", Suggest: true, Choices: []string{"a"}}}},
		chat.Spec{Name: "import", Help: "Add feeds", Private: true, OpensForm: true, Options: []chat.Option{{Name: "file", Help: "OPML", File: true}}},
		chat.Spec{Name: "set", Private: true, Hidden: true, Changes: true, Options: []chat.Option{{Name: "id"}, {Name: "setting"}, {Name: "value"}}},
		chat.Spec{Name: "save", Private: true, Hidden: true, Changes: true, Options: []chat.Option{{Name: "url", Required: true}}},
		chat.Spec{Name: "covered", Private: true, Hidden: true, Options: []chat.Option{{Name: "url", Required: true}}})
}

// digestForm is a form with fields of all kinds, and one more than Discord shows.
func digestForm(c chat.Command) (*chat.Form, error) {
	if c.Name == "import" {
		return &chat.Form{Title: "Import feeds", Submit: "Import", Command: "import", Fields: []chat.Input{{Option: chat.Option{Name: "file", Help: "OPML", File: true, Required: true}, Label: "OPML file"}}}, nil
	}
	if c.Args["time"] != "" {
		return nil, nil
	}
	var many []chat.Choice
	for i := range 30 {
		many = append(many, chat.Choice{Value: fmt.Sprint("s", i), Label: fmt.Sprint("Source ", i)})
	}
	return &chat.Form{Title: "New digest", Submit: "Continue", Command: "sketch", Args: map[string]string{"stories": c.Args["stories"], "name": ""}, Fields: []chat.Input{
		{Option: chat.Option{Name: "time", Help: "as in 08:00", Required: true}, Label: "Time", Value: "08:00"},
		{Option: chat.Option{Name: "days"}, Label: "Days", Value: "every day", Values: []chat.Choice{{Value: "every day", Label: "every day"}, {Value: "weekdays", Label: "on weekdays"}}},
		{Option: chat.Option{Name: "sources", Help: "all when none is chosen"}, Label: "Sources", Many: true, Value: "s1,s2", Values: many[:4]},
		{Option: chat.Option{Name: "more"}, Label: strings.Repeat("A long label ", 6), Values: many},
		{Option: chat.Option{Name: "stories", Type: chat.IntOption, Min: 1, Max: 60}, Label: "Stories"},
		{Option: chat.Option{Name: "name"}, Label: "Name"},
	}}, nil
}

var reader = discordfake.User{ID: "7", Name: "reader", Locale: "en-US", Permissions: discordfake.ManageGuild}

// desk starts a platform that listens with a clerk.
func desk(t *testing.T, k *clerk) *bench {
	t.Helper()
	b := newBench(t, discordfake.Options{}, func(c *Config) {
		c.pause, c.sleep = 5*time.Millisecond, nil
		c.Identifies = &counter{}
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, k, deskSpecs()) }()
	eventually(t, "the bot logs in", func() bool { return b.fake.Connected() > 0 })
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Listen: %v", err)
		}
	})
	return b
}

// finished waits until an interaction was answered in full.
func finished(t testing.TB, b *bench, id string) discordfake.Interaction {
	t.Helper()
	var got discordfake.Interaction
	eventually(t, "an answer to "+id, func() bool {
		i, err := b.fake.Interaction(id)
		got = i
		return err == nil && (!i.Acknowledged.IsZero() && i.Type != answerDeferred || i.Edits > 0 || len(i.Refused) > 0 && i.Refused[0] != 10015)
	})
	return got
}

func TestFormRoundTrip(t *testing.T) {
	k := &clerk{form: digestForm}
	b := desk(t, k)
	i := finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "subscribe", map[string]any{"stories": 5}))
	if i.Type != answerForm || len(i.Refused) > 0 {
		t.Fatalf("no form: %+v", i)
	}
	golden(t, "modal", i.Form)
	// What a person leaves as it is comes as it was; the text with the many values is typed.
	id, err := b.fake.Submit(reader, guildID, channelID, i.Form, map[string]any{"time": "7:30", "days": []string{"weekdays"}, "more": "s3, s4"})
	if err != nil {
		t.Fatal(err)
	}
	if i = finished(t, b, id); i.Type != answerMessage || !i.Ephemeral {
		t.Fatalf("%+v", i)
	}
	want := map[string]string{"time": "7:30", "days": "weekdays", "sources": "s1,s2", "more": "s3, s4", "stories": "5"}
	if diff := cmp.Diff(want, k.last().Args); diff != "" || k.last().Name != "sketch" || !k.last().User.Manager {
		t.Errorf("%s got %+v", diff, k.last())
	}
	// With what it asks for, there is nothing to ask.
	i = finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "subscribe", map[string]any{"time": "9:00"}))
	if i.Type != answerMessage || k.last().Args["time"] != "9:00" {
		t.Errorf("%+v, %+v", i, k.last())
	}
	// Whoever reads German reads the small print in German.
	german := reader
	german.Locale = "de"
	if i = finished(t, b, b.fake.Slash(german, guildID, channelID, "digest", "subscribe", nil)); !strings.Contains(string(i.Form), "alle, wenn keine gewählt ist") {
		t.Errorf("the hints of a form in German: %s", i.Form)
	}
	// A button opens the form as well; the marker of the message does not matter.
	if i = finished(t, b, b.fake.Click(reader, guildID, channelID, "c:subscribe")); i.Type != answerForm {
		t.Errorf("a button: %+v", i)
	}
}

func TestWrongValuesOpenTheFormAgain(t *testing.T) {
	k := &clerk{form: digestForm, reply: func(c chat.Command) chat.Reply {
		if c.Args["time"] == "25:99" {
			return chat.Locale{}.Problem(digest.Errorf(digest.Invalid, "`time` is wrong"))
		}
		return say("done")
	}}
	b := desk(t, k)
	form := finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "subscribe", map[string]any{"stories": 7})).Form
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{map[string]any{"time": "8", "stories": "many"}, "is not"},
		{map[string]any{"time": "25:99", "stories": "9"}, "`time` is wrong"},
	} {
		id, err := b.fake.Submit(reader, guildID, channelID, form, c.values)
		if err != nil {
			t.Fatal(err)
		}
		i := finished(t, b, id)
		look := discordfake.Message{Body: i.Answer}.Look()
		if !i.Ephemeral || len(look.Rows) != 1 || len(look.Rows[0]) != 1 {
			t.Fatalf("%+v: %s", i, i.Answer)
		}
		again := finished(t, b, b.fake.Click(reader, guildID, channelID, look.Rows[0][0].Action))
		if again.Type != answerForm {
			t.Fatalf("the form is not opened again: %+v", again)
		}
		for name, value := range c.values {
			if !strings.Contains(string(again.Form), fmt.Sprintf(`"custom_id":%q,"style":1,"value":%q`, name, value)) {
				t.Errorf("%s=%s does not stand in the form again: %s", name, value, again.Form)
			}
		}
	}
	b.forms = nil // as after a restart
	i := finished(t, b, b.fake.Click(reader, guildID, channelID, "c:again:XXXX subscribe"))
	if i.Type != answerForm || !strings.Contains(string(i.Form), `"value":"08:00"`) {
		t.Errorf("a form of another process: %+v %s", i, i.Form)
	}
}

// TestFormIDs takes forms through their ids, short and long.
// TestValuesOfFieldsFit shows what a field holds already in a form, as far as
// there is room: Discord refuses a form with a value that is too long.
func TestValuesOfFieldsFit(t *testing.T) {
	for _, value := range []string{"08:00", strings.Repeat("word ", 200), strings.Repeat("🗞", 300), "a\nb"} {
		got := inputOf(chat.Input{Option: chat.Option{Name: "x"}, Label: "X", Value: value}, chat.Locale{}).Component
		if n := size(got.Value); n > got.MaxLength || got.Value == "" || strings.Contains(got.Value, "\n") {
			t.Errorf("%.20q: a value of %d characters, want at most %d", value, n, got.MaxLength)
		}
	}
}

func TestFormIDs(t *testing.T) {
	b := newBench(t, discordfake.Options{}, nil)
	for _, args := range []map[string]string{{}, {"a": "b c|d&e=f", "u": "ü"}, {"long": strings.Repeat("報", 60)}} {
		w := window{opener: "feed add", command: "sketch", args: args}
		id := b.formID(w)
		got, err := b.formOf(id)
		if err != nil || got.opener != w.opener || got.command != w.command || !maps.Equal(got.args, args) || len(id) > maxCustomID {
			t.Errorf("%q: got %+v, %v", id, got, err)
		}
	}
	for _, id := range []string{"k:gone", "f:x", "z:x", "f:a|b|%zz"} {
		if w, err := b.formOf(id); digest.KindOf(err) != digest.NotFound {
			t.Errorf("%q: %+v, %v", id, w, err)
		}
	}
	key := b.keepForm(window{opener: "x"})
	b.clock.Add(keptFor + time.Second)
	if _, ok := b.keptForm(key); ok {
		t.Error("a form is kept for ever")
	}
	for range mostKept + 50 {
		b.keepForm(window{opener: "x"})
	}
	if len(b.forms) > mostKept {
		t.Errorf("%d forms are kept", len(b.forms))
	}
}

func TestSuggestions(t *testing.T) {
	k := &clerk{form: digestForm}
	b := desk(t, k)
	i := finished(t, b, b.fake.Complete(reader, guildID, channelID, "digest", "feed add", map[string]any{"url": "https://a.example"}, "source", "led"))
	var got struct{ Choices []appChoice }
	if err := json.Unmarshal(i.Choices, &got); err != nil || i.Type != answerChoices || len(got.Choices) != maxOptions {
		t.Fatalf("%+v: %s", i, i.Choices)
	}
	if want := "feed add source led map[url:https://a.example]"; got.Choices[0].Name != want || got.Choices[0].Value != "ledger" {
		t.Errorf("got %+v, want %q", got.Choices[0], want)
	}
	golden(t, "autocomplete", i.Choices)
	began := time.Now()
	i = finished(t, b, b.fake.Complete(reader, guildID, channelID, "digest", "feed add", nil, "source", "slow"))
	if string(i.Choices) != `{"choices":[]}` || time.Since(began) > 2500*time.Millisecond {
		t.Errorf("late suggestions: %s after %v", i.Choices, time.Since(began))
	}
	if i = finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "feed add", map[string]any{"url": "https://a.example"})); i.Type != answerMessage || k.last().Name != "feed add" {
		t.Errorf("a command of a group: %+v, %+v", i, k.last())
	}
}

func TestAttachedFiles(t *testing.T) {
	k := &clerk{form: digestForm}
	b := desk(t, k)
	opml := []byte("<opml/>")
	i := finished(t, b, b.fake.SlashFile(reader, guildID, channelID, "digest", "import", "file", b.fake.Attach("41", "feeds.opml", opml)))
	if i.Type != answerMessage || string(k.last().File) != string(opml) || k.last().Args["file"] != "feeds.opml" {
		t.Errorf("an attachment: %+v, %+v", i, k.last())
	}
	form := finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "import", nil)).Form
	id, err := b.fake.Submit(reader, guildID, channelID, form, map[string]any{"file": b.fake.Attach("42", "other.opml", []byte("<other/>"))})
	if err != nil {
		t.Fatal(err)
	}
	if i = finished(t, b, id); string(k.last().File) != "<other/>" {
		t.Errorf("a file of a form: %+v, %+v: %s", i, k.last(), i.Answer)
	}
	before := len(k.seen)
	for name, file := range map[string]map[string]any{
		"larger than":           {"id": "1", "filename": "x", "size": chat.MaxFile + 1, "url": b.fake.URL + "/attachments/1/1/x?hm=1"},
		"no address of Discord": {"id": "1", "filename": "x", "size": 1, "url": "https://evil.example/x"},
		"could not be fetched":  {"id": "1", "filename": "x", "size": 1, "url": b.fake.URL + "/attachments/1/1/gone?hm=1"},
		"larger than 1024 KB": func() map[string]any {
			f := b.fake.Attach("43", "big", make([]byte, chat.MaxFile+1))
			f["size"] = 1
			return f
		}(),
		"at no address of Disco": {"id": "1", "filename": "x", "size": 1, "url": strings.Replace(b.fake.URL, "://", "://user@", 1) + "/attachments/1/41/feeds.opml?hm=1"},
	} {
		i := finished(t, b, b.fake.SlashFile(reader, guildID, channelID, "digest", "import", "file", file))
		if !i.Ephemeral || !strings.Contains(string(i.Answer), name) {
			t.Errorf("%s: %s", name, i.Answer)
		}
	}
	if len(k.seen) != before {
		t.Error("a command ran without its file")
	}
}

func TestFilesAreHandedOut(t *testing.T) {
	slow := false
	k := &clerk{form: digestForm, reply: func(chat.Command) chat.Reply {
		if slow {
			time.Sleep(chat.Patience + 200*time.Millisecond)
		}
		r := say("here")
		r.File = chat.Attachment{Name: "../so urces.opml", Type: "text/x-opml", Data: []byte("<opml/>")}
		return r
	}}
	b := desk(t, k)
	for _, slow = range []bool{false, true} {
		i := finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "status", nil))
		if string(i.Files["so urces.opml"]) != "<opml/>" || !strings.Contains(string(i.Answer), `"attachments":[{"id":"0","filename":"so urces.opml"}]`) {
			t.Errorf("slow %v: %v %s", slow, i.Files, i.Answer)
		}
	}
}

// TestMenusThatHaveNoRoom leads from the menus that a message has room for to
// the others.
func TestMenusThatHaveNoRoom(t *testing.T) {
	message := func(menus, buttons int) chat.Message {
		m := chat.Say("Morning", chat.Lines(chat.Text, "Settings"))
		for n := range menus {
			m.Menus = append(m.Menus, chat.Menu{Label: fmt.Sprint("Setting ", n), Line: fmt.Sprint("set id s", n), Choices: []chat.Choice{{Value: "full", Label: "full"}}})
		}
		for n := range buttons {
			m.Buttons = append(m.Buttons, chat.Button{Label: fmt.Sprint("B", n), Line: fmt.Sprint("set b", n)})
		}
		m.Further = chat.Button{Label: "More settings", Line: "further id 8"}
		return m
	}
	const m = "m:set id s"
	for _, tt := range []struct {
		menus, buttons int
		want           string
	}{
		{5, 0, m + "0 | " + m + "1 | " + m + "2 | " + m + "3 | " + m + "4"},
		{6, 0, m + "0 | " + m + "1 | " + m + "2 | " + m + "3 | c:further id 8 4"},
		{4, 3, m + "0 | " + m + "1 | " + m + "2 | " + m + "3 | c:set b0 c:set b1 c:set b2"},
		{6, 2, m + "0 | " + m + "1 | " + m + "2 | " + m + "3 | c:set b0 c:set b1 c:further id 8 4"},
		{5, 5, m + "0 | " + m + "1 | " + m + "2 | c:set b0 c:set b1 c:set b2 c:set b3 c:set b4 | c:further id 8 3"},
	} {
		d := draft{message: message(tt.menus, tt.buttons)}
		var got []string
		for _, r := range d.controls() {
			var ids []string
			for _, c := range r.Controls {
				ids = append(ids, c.CustomID)
			}
			got = append(got, strings.Join(ids, " "))
		}
		if g := strings.Join(got, " | "); g != tt.want {
			t.Errorf("%d menus, %d buttons: got\n%s\nwant\n%s", tt.menus, tt.buttons, g, tt.want)
		}
	}
}

func TestMenusReplaceTheirMessage(t *testing.T) {
	settings := chat.Say("Morning", chat.Lines(chat.Text, "Settings"))
	for n := range 6 {
		settings.Menus = append(settings.Menus, chat.Menu{Label: fmt.Sprint("Setting ", n), Line: fmt.Sprint("set id", n, " length"), Value: "full",
			Choices: []chat.Choice{{Value: "full", Label: "full"}, {Value: "every day", Label: "short"}, {Value: "full", Label: "again"}}})
	}
	settings.Buttons = []chat.Button{{Label: "Subscribe", Line: "set confirm x", Look: chat.Primary}, {Label: "Cancel", Line: "set cancel x", Look: chat.Danger}, {Label: "Other", Line: "set other x"}}
	slow := time.Duration(0)
	k := &clerk{form: digestForm, reply: func(c chat.Command) chat.Reply {
		time.Sleep(slow)
		return chat.Reply{Replace: c.Name == "set", Messages: []chat.Message{settings}}
	}}
	b := desk(t, k)
	finished(t, b, b.fake.Slash(reader, guildID, channelID, "digest", "status", nil))
	posts := b.fake.Posts(channelID)
	shown := posts[len(posts)-1]
	golden(t, "menus", shown.Body)
	press := func(id string, values ...string) discordfake.Interaction {
		return finished(t, b, b.fake.Press(reader, guildID, channelID, shown.ID, id, values...))
	}
	i := press("m:set id0 length", "every day")
	if want := (map[string]string{"id": "id0", "setting": "length", "value": "every day"}); !maps.Equal(k.last().Args, want) || k.last().Under != shown.ID {
		t.Errorf("got %+v, want %v", k.last(), want)
	}
	if i.Type != answerReplace || len(b.fake.Posts(channelID)) != 1 || b.fake.Posts(channelID)[0].Edits != 1 {
		t.Errorf("%+v, %d messages", i, len(b.fake.Posts(channelID)))
	}
	slow = chat.Patience + 200*time.Millisecond
	if press("c:set confirm x"); len(b.fake.Posts(channelID)) != 1 {
		t.Errorf("%d messages after a slow change", len(b.fake.Posts(channelID)))
	}
	eventually(t, "the slow answer", func() bool { return b.fake.Posts(channelID)[0].Edits == 2 })
	slow = 0
	// Under a message that all see nothing may be replaced.
	if _, err := b.Post(t.Context(), part(t, b.Platform, "kkkkkkkkkkkkkkkkkkkkkkkk")); err != nil {
		t.Fatal(err)
	}
	posts = b.fake.Posts(channelID)
	shown = posts[len(posts)-1]
	if i := press("c:set confirm x"); i.Type != answerMessage || !i.Ephemeral {
		t.Errorf("under a post: %+v", i)
	}
}

func TestShortcuts(t *testing.T) {
	k := &clerk{form: digestForm}
	b := desk(t, k)
	for entry, want := range map[string]string{LinkMenu: "summarize", SaveMenu: "save", CoveredMenu: "covered"} {
		i := finished(t, b, b.fake.MessageCommand(reader, guildID, channelID, entry, "(see https://a.example/x.)"))
		if c := k.last(); c.Name != want || !slices.Contains(slices.Collect(maps.Values(c.Args)), "https://a.example/x") || c.Text == "" || !i.Ephemeral {
			t.Errorf("%s: %+v %+v", entry, c, i)
		}
		i = finished(t, b, b.fake.MessageCommand(reader, guildID, channelID, entry, "no link"))
		if !i.Ephemeral || !strings.Contains(string(i.Answer), "no link; choose one that has") {
			t.Errorf("%s without a link: %s", entry, i.Answer)
		}
		german := reader
		german.Locale = "de"
		if i = finished(t, b, b.fake.MessageCommand(german, guildID, channelID, entry, "kein Link")); !strings.Contains(string(i.Answer), "Diese Nachricht hat keinen Link") {
			t.Errorf("%s for somebody who speaks German: %s", entry, i.Answer)
		}
	}
}
