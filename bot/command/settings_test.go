package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// ask returns the reply to a command line, with what was pressed it under.
func (o *office) ask(at digest.Address, line, under string) chat.Reply {
	o.Helper()
	cmd, err := chat.Parse(command.Specs(), line)
	o.must(err)
	cmd.Address, cmd.User, cmd.Under = at, o.as, under
	return o.Handle(context.Background(), cmd)
}

func TestSubscribeByForm(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	asked := chat.Command{Name: "subscribe", Args: map[string]string{}, Address: team, User: manager}
	form, err := o.Form(ctx, asked)
	o.must(err)
	var fields []string
	for _, f := range form.Fields {
		fields = append(fields, f.Name+"="+f.Value)
	}
	if diff := cmp.Diff([]string{"time=08:00", "days=every day", "zone=UTC", "sources=", "name=News digest"}, fields); diff != "" {
		t.Error("fields (-want +got):", diff)
	}
	if diff := cmp.Diff([]chat.Choice{{Value: "ledger", Label: "Ledger"}, {Value: "wire", Label: "The Wire"}}, form.Fields[3].Values); diff != "" {
		t.Error("sources (-want +got):", diff)
	}

	reply := o.ask(team, form.Command+` time:8:30 days:weekdays zone:Europe/Berlin sources:wire name:"Early birds"`, "")
	m := reply.Messages[0]
	for _, want := range []string{"Early birds", "on weekdays at 08:30 (Europe/Berlin)", "The Wire", "Mon 2026-05-04 08:30 CEST", "Wed 2026-05-06 08:30 CEST", "Nothing is saved yet."} {
		if !strings.Contains(text(reply), want) {
			t.Errorf("got:\n%s\nwant %q in it", text(reply), want)
		}
	}
	id := o.stored("slack:T1", "Early birds").ID
	if o.stored("slack:T1", "Early birds").Disabled != digest.Draft {
		t.Error("it is posted before anybody confirmed it")
	}
	if got := o.say(team, "subscriptions"); !strings.Contains(got, "There is no digest yet") {
		t.Errorf("a draft is listed: %s", got)
	}
	press := func(label string) chat.Reply {
		t.Helper()
		for _, b := range m.Buttons {
			if b.Label == label {
				return o.ask(team, b.Line, "M1")
			}
		}
		t.Fatalf("there is no button %q in %+v", label, m.Buttons)
		return chat.Reply{}
	}
	if got := text(press("Preview")); !strings.Contains(got, "Test: this is what “Early birds” would post") {
		t.Errorf("preview: got %s", got)
	}
	for _, menu := range m.Menus {
		if menu.Label == "Length" {
			reply := o.ask(team, menu.Line+" "+menu.Choices[1].Value, "M1")
			if !reply.Replace || !strings.Contains(text(reply), "Length short") {
				t.Errorf("the menu: got replace %v, %s", reply.Replace, text(reply))
			}
		}
	}

	o.now = o.now.Add(3 * time.Hour)
	if got := text(press("Subscribe")); !strings.Contains(got, "“Early birds” will be posted to this channel on weekdays at 08:30 (Europe/Berlin).") {
		t.Errorf("confirmed: got %s", got)
	}
	if got := text(press("Subscribe")); !strings.Contains(got, "is posted on weekdays at 08:30 (Europe/Berlin) already") {
		t.Errorf("confirmed twice: got %s", got)
	}
	if got := o.stored("slack:T1", "Early birds"); got.ID != id || got.Disabled != "" || got.Layout.Length != "short" || !got.Since.Equal(o.now) {
		t.Errorf("stored: %+v", got)
	}
	o.expect(team, "audit", "Ann · confirm · Early birds ("+id+")")
	o.expect(rivals, "audit", "Nothing was changed here yet.")
	if got := text(press("Cancel")); !strings.Contains(got, "Nothing was saved.") || o.stored("slack:T1", "Early birds").Disabled != "" {
		t.Errorf("cancelling what is confirmed: got %s, %+v", got, o.stored("slack:T1", "Early birds"))
	}
	reply = o.ask(team, "sketch time:9:00 days:weekdays zone:Europe/Berlin name:Never", "")
	o.expect(team, reply.Messages[0].Buttons[2].Line, "Nothing was saved.")
	if got := o.say(team, "subscriptions"); strings.Contains(got, "Never") {
		t.Errorf("what was discarded is listed: %s", got)
	}
}

func TestFormsAreForManagers(t *testing.T) {
	o := newOffice(t)
	form, err := o.Form(context.Background(), chat.Command{Name: "subscribe", Address: team, User: chat.User{ID: "U9"}})
	if form != nil || digest.KindOf(err) != digest.Forbidden {
		t.Errorf("got %v, %v; want it forbidden", form, err)
	}
	o.as = chat.User{ID: "U9"}
	for _, line := range []string{"sketch time:8:00", "confirm x", "discard x", "set x length short", "settings", "audit"} {
		o.expect(team, line, "Only people who manage this server or workspace may use")
	}
}

func TestSettings(t *testing.T) {
	o := newOffice(t)
	o.configured()
	o.say(team, "subscribe 8am")
	o.expect(team, `settings "News digest" length:line silent:yes ping:<@&123456> days-off:12-25,2026-05-04 in-doubt:resend catch-up:90m`,
		"Length line", "Silent yes", "Calls 123456", "Days off 12-25 and 2026-05-04", "Comes late by 1h30m", "Tue 2026-05-05 08:00 UTC")
	got := o.stored("slack:T1", "News digest")
	want := digest.Layout{Stories: 8, Length: "line", Silent: true, Ping: "123456"}
	if diff := cmp.Diff(want, got.Layout); diff != "" || got.OnUnknown != "resend" || got.CatchUp != 90*time.Minute {
		t.Errorf("(-want +got): %s%+v", diff, got)
	}
	o.expect(team, `settings "News digest" publish:yes tag:"Daily news"`, "Published yes", "Tag Daily news")
	if l := o.stored("slack:T1", "News digest").Layout; !l.Publish || l.Tag != "Daily news" {
		t.Errorf("got %+v", l)
	}
	o.expect(team, `settings "News digest" publish:no tag:none`, "Published no", "Tag none")
	o.expect(team, `settings "News digest" ping:none days-off:none`, "Calls none", "Days off none", "Mon 2026-05-04 08:00 UTC")
	o.expect(team, "settings", "This channel has 2 digests; write which one")
	o.expect(team, "settings House", "on weekdays at 09:00 (Europe/Berlin)", "Stories 8", "Next digests")
	o.expect(team, "settings House length:line", "“House” is set up in the configuration; change the [[subscription]] with id = \"house\" there.")
	o.expect(team, `settings "News digest" length:long`, "`length:long` is not one of full, short, line")
	o.expect(team, `settings "News digest" days-off:25.12.`, "is no day off")
	o.expect(team, `settings "News digest" ping:@all`, "cannot be called")
	o.expect(team, "set nowhere length line", "This digest does not exist any more")
	id := o.stored("slack:T1", "News digest").ID
	o.expect(rivals, "set "+id+" length line", "This digest does not exist any more")
	o.expect(team, "set "+id+" colour red", "News digest")
}

// TestSettingsPages turns the pages of the settings where a platform has no room
// for all menus, and stays on the page where something is changed.
func TestSettingsPages(t *testing.T) {
	o := newOffice(t)
	o.Belongs = func(context.Context, digest.Address) error { return nil }
	o.say(team, "subscribe 8am")
	o.say(team, "settings editors:C2")
	id := o.stored("slack:T1", "News digest").ID
	labels := func(m chat.Message) string {
		var out []string
		for _, menu := range m.Menus {
			out = append(out, menu.Label)
		}
		for _, b := range m.Buttons {
			out = append(out, "["+b.Label+"]")
		}
		return strings.Join(out, ", ")
	}
	first := o.ask(team, "settings", "").Messages[0]
	if got, want := labels(first), "Length, Thread, When empty, Language, When undecided, In doubt"; got != want {
		t.Errorf("the first page: got %s, want %s", got, want)
	}
	turned := o.ask(team, first.Further.Line+" 4", "M1")
	second := turned.Messages[0]
	if got, want := labels(second), "When undecided, In doubt, [Back]"; got != want || !turned.Replace || first.Further.Label != "More settings" {
		t.Errorf("the second page: got %s, want %s, in place of the first (%v)", got, want, turned.Replace)
	}
	changed := o.ask(team, second.Menus[1].Line+" resend", "M1").Messages[0]
	if got, want := labels(changed), "When undecided, In doubt, [Back]"; got != want || o.stored("slack:T1", "News digest").OnUnknown != "resend" {
		t.Errorf("after a change: got %s, want %s", got, want)
	}
	if got := o.ask(team, second.Further.Line+" 1", "M1").Messages[0]; labels(got) != "In doubt, [Back]" {
		t.Errorf("the third page: got %s", labels(got))
	}
	if got := o.ask(team, second.Buttons[0].Line, "M1").Messages[0]; labels(got) != labels(first) {
		t.Errorf("back: got %s, want %s", labels(got), labels(first))
	}
	for _, line := range []string{"more-settings " + id + " 99 9", "more-settings " + id + " x"} {
		if got := o.ask(team, line, "M1").Messages[0]; labels(got) != labels(first) {
			t.Errorf("%s: got %s", line, labels(got))
		}
	}
	if got := o.ask(team, first.Menus[0].Line+" short", "M1").Messages[0]; labels(got) != labels(first) {
		t.Errorf("after a change on the first page: got %s", labels(got))
	}
	draft := o.ask(team, "sketch time:9:00 days:weekdays zone:UTC name:New", "").Messages[0]
	if got, want := labels(o.ask(team, draft.Further.Line+" 4", "M1").Messages[0]), "In doubt, [Subscribe], [Preview], [Cancel], [Back]"; got != want {
		t.Errorf("of a draft: got %s, want %s", got, want)
	}
}
