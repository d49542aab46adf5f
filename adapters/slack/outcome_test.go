package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

// TestErrorTable holds what every code of the specification means: the rows
// stand here once more, so that no code can slip out of the table unseen.
func TestErrorTable(t *testing.T) {
	gone := digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Action: digest.ActDisable}
	paused := digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, Action: digest.ActPause}
	ourBug := digest.Outcome{Class: digest.Rejected, Action: digest.ActPlain}
	for _, c := range []struct {
		codes string
		want  digest.Outcome
	}{
		{`channel_not_found is_archived not_in_channel no_permission access_denied messages_tab_disabled restricted_action
			restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel
			restricted_action_thread_locked`, gone},
		{`account_inactive token_revoked token_expired not_authed team_access_not_granted not_allowed_token_type ekm_access_denied
			org_login_required two_factor_setup_required invalid_auth missing_scope`, paused},
		{`ratelimited rate_limited`, digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, After: defaultWait}},
		{`msg_too_long no_text invalid_blocks invalid_blocks_format too_many_attachments invalid_metadata_format
			invalid_metadata_schema metadata_too_large invalid_arguments`, ourBug},
		{`internal_error fatal_error service_unavailable request_timeout`, digest.Outcome{Class: digest.Ambiguous}},
		{`accesslimited team_added_to_org`, digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeWorkspace, After: 15 * time.Minute}},
	} {
		for code := range strings.FieldsSeq(c.codes) {
			w := newWorld(t)
			w.Fail("chat.postMessage", slackfake.Refuse(code))
			_, err := w.p.Post(within(t), w.part(t, chat.Note("x")))
			want := c.want
			want.Code = code
			if diff := cmp.Diff(want, digest.OutcomeOf(err)); err == nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", code, err, diff)
			}
		}
	}
	seen := make(map[string]bool)
	for _, r := range rules {
		for code := range strings.FieldsSeq(r.codes) {
			if seen[code] {
				t.Errorf("%s stands in two rows", code)
			}
			seen[code] = true
		}
	}
}

func TestProbe(t *testing.T) {
	for _, c := range []struct {
		name    string
		channel string
		change  func(world)
		says    string // "" when it is open
	}{
		{"workspace", "", nil, ""},
		{"channel", "C1", nil, ""},
		{"token refused", "", func(w world) { w.Fail("auth.test", slackfake.Refuse("token_revoked")) }, "token_revoked"},
		{"scope lost", "", func(w world) { w.SetScopes("commands") }, "chat:write"},
		{"not invited", "C2", nil, "/invite"},
		{"archived", "C3", nil, "archived"},
		{"down", "", func(w world) { w.Down() }, "Slack"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.p.home.identity(within(t)); err != nil { // is known from before
				t.Fatal(err)
			}
			if c.change != nil {
				c.change(w)
			}
			err := w.p.Probe(within(t), digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: c.channel})
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
			if n := len(w.Posts("C1")); n != 0 {
				t.Errorf("a probe posted %d messages", n)
			}
		})
	}
}
