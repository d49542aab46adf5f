package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"nutgraf/digest"
)

// rule says what some of Slack's error codes mean for a post.
type rule struct {
	class  digest.Class
	scope  digest.Scope
	action digest.Action
	after  time.Duration // wait at least this long
	codes  string        // separated by blanks
}

// rules is the table of Slack's error codes. Those that are not in it are
// unknown: see maxUnknown.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
var rules = []rule{
	// The destination is gone, or closed to us.
	{digest.Rejected, digest.ScopeChannel, digest.ActDisable, 0, `channel_not_found is_archived not_in_channel no_permission access_denied
		restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
		restricted_action_non_threadable_channel restricted_action_thread_locked messages_tab_disabled
		channel_is_limited_access method_not_supported_for_channel_type`},
	// The workspace or the token does not let us in. Somebody may mend that.
	{digest.NotSent, digest.ScopeWorkspace, digest.ActPause, 0, `account_inactive token_revoked token_expired
		not_authed invalid_auth team_access_not_granted not_allowed_token_type ekm_access_denied org_login_required
		two_factor_setup_required missing_scope team_not_found enterprise_is_restricted forbidden_team`},
	// Too much, or a bad moment.
	{digest.NotSent, digest.ScopeChannel, digest.ActClass, 0, `ratelimited rate_limited`},
	{digest.NotSent, digest.ScopeWorkspace, digest.ActClass, 15 * time.Minute, `accesslimited team_added_to_org message_limit_exceeded`},
	// Our fault: the message will never pass as it is, but plain text may.
	{digest.Rejected, digest.ScopePart, digest.ActPlain, 0, `msg_too_long no_text invalid_blocks invalid_blocks_format
		msg_blocks_too_long too_many_attachments attachment_payload_limit_exceeded invalid_arguments invalid_metadata_format
		invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app markdown_text_conflict missing_file_data
		too_many_contact_cards slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
		slack_connect_lists_sharing_blocked`},
	{digest.Rejected, digest.ScopePart, digest.ActClass, 0, `cannot_reply_to_message thread_not_found user_not_found user_not_visible
		as_user_not_supported draft_already_deleted draft_already_sent draft_has_conflict draft_not_found invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type
		missing_post_type missing_argument missing_args invalid_cursor invalid_limit invalid_types invalid_ts_latest invalid_ts_oldest
		invalid_metadata_filter_keys too_many_users insecure_request list_record_comment_fetch_failed`},
	// An edit that Slack does not let through: the message stays as it was posted.
	{digest.Rejected, digest.ScopePart, digest.ActClass, 0, `edit_window_closed message_not_found cant_update_message cant_broadcast_message is_inactive
		block_mismatch blocked_file_type external_channel_migrating file_deleted file_is_deleted file_not_found file_share_limit_reached
		invalid_attachments max_file_sharing_exceeded no_dual_broadcast_content_update posting_to_channel_denied slack_connect_blocked_file_type
		slack_connect_clip_sharing_blocked slack_connect_file_upload_sharing_blocked streaming_state_conflict unable_to_share_files update_failed`},
	// Slack itself does not know what became of it.
	{digest.Ambiguous, digest.ScopePart, digest.ActClass, 0, `internal_error fatal_error service_unavailable request_timeout
		duplicate_message_not_found duplicate_channel_not_found`},
}

// hints say what to do about codes that people can mend.
var hints = map[string]string{
	"channel_not_found":     "Slack shows no such channel to the bot; in a private one write /invite @the-bot",
	"is_archived":           "the channel is archived; unarchive it",
	"not_in_channel":        "the bot is not in the channel; write /invite @the-bot there",
	"restricted_action":     "only some people may post to the channel; let the app in under its posting permissions",
	"account_inactive":      "the app was removed from the workspace; install it again under “Install App” of its settings",
	"token_revoked":         "the bot token was revoked; install the app again and give Nutgraf the new token",
	"token_expired":         "the bot token has expired; install the app again and give Nutgraf the new token",
	"invalid_auth":          "Slack refuses the bot token, or this machine's address; compare the token, and the allowed addresses under “OAuth & Permissions”",
	"not_authed":            "Slack got no token; set the bot token again",
	"messages_tab_disabled": "the app takes no direct messages; switch on “Messages Tab” under “App Home” of its settings",
}

// maxUnknown is how often a part is tried that fails with a code of which the
// table knows nothing.
const maxUnknown = 3

// ruleFor returns the rule of a code.
func ruleFor(code string) (rule, bool) {
	for _, r := range rules {
		for c := range strings.FieldsSeq(r.codes) {
			if c == code {
				return r, true
			}
		}
	}
	return rule{}, false
}

// failure returns the outcome of a call that failed. Attempts counts this
// attempt. The error it returns never holds what a server sent beyond its code
// and its remarks on our blocks.
func (x *exchange) failure(err error, attempts int) *digest.PostError {
	var refused slack.SlackErrorResponse
	o := digest.Outcome{}
	switch {
	case !x.wrote.Load() && errors.Is(err, context.Canceled):
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, Code: "canceled"}, Err: context.Canceled}
	case x.status == 0 && !x.wrote.Load():
		o = digest.Outcome{Class: digest.NotSent, Scope: digest.ScopePlatform, Code: "unreachable"}
		return &digest.PostError{Outcome: o, Err: fmt.Errorf("no connection to Slack: %w", plain(err))}
	case x.status == 0:
		o.Code = "no_answer"
		return &digest.PostError{Outcome: o, Err: fmt.Errorf("no answer from Slack: %w", plain(err))}
	case x.status == http.StatusTooManyRequests:
		o = digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "ratelimited", After: x.wait()}
		return &digest.PostError{Outcome: o, Err: fmt.Errorf("too fast for Slack, which asks to wait %s", o.After)}
	case errors.As(err, &refused):
		return x.refused(refused, attempts)
	case x.status == http.StatusOK:
		o.Code = "unreadable"
		return &digest.PostError{Outcome: o, Err: errors.New("the answer of Slack cannot be read")}
	}
	o.Code = fmt.Sprintf("http_%d", x.status)
	switch s := x.status; {
	case s >= 500 || s == http.StatusRequestTimeout:
		o.Class = digest.Ambiguous
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		o.Class, o.Scope, o.After = digest.NotSent, digest.ScopeWorkspace, 5*time.Minute
	case attempts >= maxUnknown:
		o.Class = digest.Rejected
	default:
		o.Class = digest.NotSent
	}
	return &digest.PostError{Outcome: o, Err: fmt.Errorf("an answer of Slack with the status %d", x.status)}
}

// refused returns the outcome of an error that Slack names by its code.
func (x *exchange) refused(e slack.SlackErrorResponse, attempts int) *digest.PostError {
	code := clip(e.Err, 80)
	r, known := ruleFor(code)
	if !known {
		r.class = digest.NotSent
		if attempts >= maxUnknown {
			r.class = digest.Rejected
		}
	}
	o := digest.Outcome{Class: r.class, Scope: r.scope, Action: r.action, Code: code, After: r.after}
	if code == "ratelimited" || code == "rate_limited" {
		o.After = x.wait()
	}
	why := "Slack refused it"
	if hint, ok := hints[code]; ok {
		why = hint
	}
	switch {
	case code == "missing_scope":
		why = fmt.Sprintf("the app lacks the scope %s (it has %s); add it under “OAuth & Permissions” and install the app again", clip(e.Needed, 200), clip(e.Provided, 300))
	case len(e.ResponseMetadata.Messages) > 0:
		why += ": " + clip(strings.Join(e.ResponseMetadata.Messages, "; "), 400)
	}
	return &digest.PostError{Outcome: o, Err: errors.New(why)}
}

// plain reduces the error of a request to its kind. The text of the library's
// errors may hold addresses and parts of answers.
func plain(err error) error {
	switch {
	case err == nil:
		return errors.New("no reason is known")
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	var known *digest.Error
	if errors.As(err, &known) {
		return known
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return errors.New(clip(err.Error(), 200))
}

// clip returns at most n characters of s.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
