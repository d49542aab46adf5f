package slack

import (
	"strings"
	"testing"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// TestWorkspaceOfARequest files requests under the workspace that Slack names,
// wherever it names it, and runs none that belongs to no workspace: it would
// pass for one of this machine's own.
func TestWorkspaceOfARequest(t *testing.T) {
	const press = `"type":"block_actions","channel":{"id":"C1"},"container":{"type":"message"},"actions":[{"action_id":"run:0","value":"latest"}]`
	for _, c := range []struct{ name, kind, payload, want string }{
		{"a command", "slash_commands", `{"team_id":"T012FAKE","channel_id":"C1","user_id":"U1","text":"latest"}`, "T012FAKE"},
		{"a press", "interactive", `{` + press + `,"team":{"id":"T012FAKE"},"user":{"id":"U1","team_id":"T2"}}`, "T012FAKE"},
		{"a press, of an app that an organisation installed", "interactive", `{` + press + `,"team":null,"user":{"id":"U1","team_id":"T012FAKE"}}`, "T012FAKE"},
		{"a command from nowhere", "slash_commands", `{"channel_id":"C1","user_id":"U1","text":"latest"}`, ""},
		{"a press from nowhere", "interactive", `{` + press + `,"user":{"id":"U1"}}`, ""},
		{"a form from nowhere", "slash_commands", `{"channel_id":"C1","user_id":"U1","text":"ask","trigger_id":"1.2"}`, ""},
		{"a shortcut from nowhere", "interactive", `{"type":"shortcut","callback_id":"subscribe","trigger_id":"1.2","user":{"id":"U1"}}`, ""},
		{"a home from nowhere", "events_api", `{"event_id":"Ev1","event":{"type":"app_home_opened","tab":"home","user":"U1"}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, d := newWorld(t), &desk{}
			l := w.p.listener(d, formSpecs())
			l.take(t.Context(), delivery{kind: c.kind, payload: []byte(c.payload)})
			l.busy.Wait()
			if got := d.last().Address.Workspace; got != c.want {
				t.Errorf("it ran in %q, want %q", got, c.want)
			}
			if n := w.Calls("views.open") + w.Calls("views.publish"); n != 0 {
				t.Errorf("%d windows were opened", n)
			}
			if c.want != "" && d.last().Address != (digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"}) || c.want == "" && strings.Contains(w.log.String(), "command answered") {
				t.Errorf("command %+v\n%s", d.last(), w.log)
			}
		})
	}
	w, d := newWorld(t), &desk{}
	l := w.p.listener(d, formSpecs())
	got, err := l.take(t.Context(), delivery{kind: "interactive", payload: []byte(`{"type":"block_suggestion","action_id":"free:zone","value":"E","user":{"id":"U1"},"view":{"private_metadata":"{\"c\":\"ask\"}"}}`)})
	if out, ok := got.(map[string][]option); err != nil || !ok || len(out["options"]) != 0 {
		t.Errorf("suggestions from nowhere: %v, %v", got, err)
	}
}
