package discord

import (
	"errors"
	"net/http"
	"strconv"

	"nutgraf/digest"
)

// refusal says what a code of Discord's means for a message that is posted.
type refusal struct {
	class digest.Class
	scope digest.Scope
	plain bool   // the body is at fault: worth one try as plain text
	hint  string // what to do, for the operator
}

// refusals is the table of Discord's codes. What is not in it is judged by its
// HTTP status.
// https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
var refusals = map[int]refusal{
	10003: {digest.Rejected, digest.ScopeChannel, false, "the channel does not exist any more"},
	10004: {digest.Rejected, digest.ScopeChannel, false, "the server does not exist any more, or the bot is no member"},
	10008: {digest.Sent, digest.ScopePart, false, "it was posted before and has been deleted since"},
	10015: {digest.Rejected, digest.ScopeChannel, false, "the webhook does not exist any more"},

	50001:  {digest.Rejected, digest.ScopeChannel, false, "the bot does not see the channel; give it View Channel in the channel's settings"},
	50007:  {digest.Rejected, digest.ScopeChannel, false, "the user does not take messages from the bot"},
	50008:  {digest.Rejected, digest.ScopeChannel, false, "messages cannot be posted to this kind of channel"},
	50013:  {digest.Rejected, digest.ScopeChannel, false, "the bot lacks a permission; give it Send Messages, Embed Links, Read Message History and, for threads, Send Messages in Threads in the channel's settings"},
	50024:  {digest.Rejected, digest.ScopeChannel, false, "this kind of channel does not allow it"},
	50083:  {digest.Rejected, digest.ScopeChannel, false, "the thread is archived and locked"},
	40058:  {digest.Rejected, digest.ScopeChannel, false, "this kind of channel takes threads only"},
	40067:  {digest.Rejected, digest.ScopeChannel, false, "posts of this channel need a tag"},
	160005: {digest.Rejected, digest.ScopeChannel, false, "the thread is locked"},

	40001: {digest.NotSent, digest.ScopePlatform, false, "the token is not valid; make a new one under “Bot” in the application's settings"},
	40002: {digest.NotSent, digest.ScopePlatform, false, "the account must be verified with Discord"},

	20016:  {digest.NotSent, digest.ScopeChannel, false, "the channel is in slow mode"},
	20028:  {digest.NotSent, digest.ScopeChannel, false, "the channel takes no more messages for now"},
	20029:  {digest.NotSent, digest.ScopeWorkspace, false, "the server takes no more messages for now"},
	40062:  {digest.NotSent, digest.ScopeChannel, false, "the service is limited for now"},
	130000: {digest.NotSent, digest.ScopePlatform, false, "Discord is overloaded"},
	40333:  {digest.NotSent, digest.ScopePlatform, false, "Cloudflare keeps the request away from Discord"},

	50035: {digest.Rejected, digest.ScopePart, true, "Discord does not take the form of the message"},
	50006: {digest.Rejected, digest.ScopePart, true, "the message is empty for Discord"},
	50109: {digest.Rejected, digest.ScopePart, true, "Discord cannot read the message"},
	40005: {digest.Rejected, digest.ScopePart, true, "the message is too large"},

	200000: {digest.Rejected, digest.ScopePart, false, "AutoMod of the server blocks it"},
	200001: {digest.Rejected, digest.ScopePart, false, "AutoMod of the server blocks its title"},
	240000: {digest.Rejected, digest.ScopePart, false, "Discord takes a link in it for harmful"},
}

// verdict returns what a failed post means.
func verdict(err error) *digest.PostError {
	var known *digest.PostError
	if errors.As(err, &known) {
		return known
	}
	var e *callError
	if !errors.As(err, &e) {
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.Ambiguous}, Err: err}
	}
	var busy *tooBusy
	if errors.As(e.Err, &busy) {
		o := digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "wait", After: busy.after}
		if busy.platform {
			o.Scope = digest.ScopePlatform
		}
		return &digest.PostError{Outcome: o, Err: e}
	}
	return &digest.PostError{Outcome: e.outcome(), Err: e.explained()}
}

// outcome judges an answer by Discord's code, else by its HTTP status.
func (e *callError) outcome() digest.Outcome {
	r, known := refusals[e.Code]
	o := digest.Outcome{Class: r.class, Scope: r.scope, Code: strconv.Itoa(e.Code), After: e.After}
	if known && e.Status < http.StatusInternalServerError {
		if r.class == digest.NotSent && o.After == 0 {
			o.After = defaultRetry
		}
		return o
	}
	o = digest.Outcome{Code: "HTTP " + strconv.Itoa(e.Status), After: e.After}
	switch {
	case e.Status == 0:
		o.Code = "no answer"
		if !e.Wrote {
			o.Class, o.Scope = digest.NotSent, digest.ScopePlatform
		}
	case e.Status == http.StatusTooManyRequests:
		o.Class, o.Scope = digest.NotSent, digest.ScopeChannel
		if e.Foreign {
			o.Scope, o.After = digest.ScopePlatform, max(o.After, invalidSpan)
		} else if e.Global {
			o.Scope = digest.ScopePlatform
		}
	case e.Status == http.StatusUnauthorized:
		o.Class, o.Scope = digest.NotSent, digest.ScopePlatform
	case e.Status == http.StatusForbidden && e.Foreign:
		o.Class, o.Scope, o.After = digest.NotSent, digest.ScopePlatform, invalidSpan
	case e.Status == http.StatusForbidden:
		o.Class, o.Scope = digest.Rejected, digest.ScopeChannel
	case e.Status == http.StatusNotFound && !e.Foreign:
		o.Class, o.Scope = digest.Rejected, digest.ScopeChannel
	case e.Status >= 400 && e.Status < 500:
		o.Class = digest.Rejected
	}
	if e.Code != 0 {
		o.Code = strconv.Itoa(e.Code)
	}
	return o // 5xx, and success that cannot be read: it may be there
}

// explained adds what to do to an error that the table knows.
func (e *callError) explained() error {
	hint := refusals[e.Code].hint
	if hint == "" && e.Status == http.StatusUnauthorized {
		hint = refusals[40001].hint
	}
	if hint == "" {
		return e
	}
	kind := digest.Unavailable
	if e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized {
		kind = digest.Forbidden
	}
	return &digest.Error{Kind: kind, Msg: hint, After: e.After, Err: e}
}
