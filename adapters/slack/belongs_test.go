package slack

import (
	"testing"

	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

func TestBelongs(t *testing.T) {
	w := newWorld(t)
	for channel, want := range map[string]bool{"C1": true, "G1": true, "C2": false, "C3": false, "D1": false, "C999": false, "": false} {
		err := w.p.Belongs(within(t), digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: channel})
		if got := err == nil; got != want || err != nil && digest.KindOf(err) != digest.NotFound {
			t.Errorf("%q: got %v, want it to belong: %v", channel, err, want)
		}
	}
	w.Fail("conversations.info", slackfake.Status(500))
	if err := w.p.Belongs(within(t), digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"}); digest.KindOf(err) != digest.Unavailable {
		t.Errorf("without an answer: got %v, want unavailable", err)
	}
}
