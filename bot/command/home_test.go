package command_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// TestHome has the page show what concerns the person's channels, and the
// buttons do what they say.
func TestHome(t *testing.T) {
	o := newOffice(t)
	member := chat.User{ID: "U9"}
	other := digest.Address{Platform: team.Platform, Workspace: team.Workspace, Channel: "Cother"}
	o.say(team, "subscribe 8am name:Harbour")
	o.say(other, "subscribe 9am name:Secret")
	home := func(u chat.User, channels ...digest.Address) (said string, labels []string, lines []string) {
		for _, p := range o.Home(context.Background(), u, team.Tenant(), channels) {
			said += text(chat.Reply{Messages: []chat.Message{p.Message}})
			for _, b := range p.Message.Buttons {
				labels, lines = append(labels, b.Label), append(lines, b.Line)
				if p.Channel != team {
					t.Errorf("the button %s is for %s", b.Label, p.Channel)
				}
			}
		}
		return said, labels, lines
	}
	said, labels, lines := home(manager, team)
	for _, want := range []string{"Your digests", "Harbour", "every day at 08:00", "Next digests"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "Secret") || strings.Contains(said, "Cother") {
		t.Errorf("the page shows a channel that the person is not in:\n%s", said)
	}
	if want := []string{"Latest", "Catch me up", "Settings", "Pause"}; !slices.Equal(labels, want) {
		t.Errorf("buttons %q, want %q", labels, want)
	}
	for _, line := range lines[2:] {
		if got := o.say(team, line); !strings.Contains(got, "Harbour") {
			t.Errorf("%s: %s", line, got)
		}
	}
	if said, labels, _ = home(manager, team); labels[3] != "Resume" || !strings.Contains(said, "paused") {
		t.Errorf("paused: %q\n%s", labels, said)
	}
	if _, labels, _ = home(member, team); len(labels) != 2 {
		t.Errorf("a member has the buttons %q", labels)
	}
	if said, _, _ = home(member); !strings.Contains(said, "None of your channels") {
		t.Errorf("without a channel: %s", said)
	}
}
