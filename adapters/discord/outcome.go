package discord

import (
	"errors"
	"net/http"
	"strconv"

	"nutgraf/digest"
)

// refusal says what a code of Discord's means for a message that is posted.
type refusal struct {
	class  digest.Class
	scope  digest.Scope
	action digest.Action
	hint   string // what to do, for the operator
}

// The rows of the table that come more than once.
func gone(hint string) refusal {
	return refusal{digest.Rejected, digest.ScopeChannel, digest.ActDisable, hint}
}
func noAccess(hint string) refusal {
	return refusal{digest.Rejected, digest.ScopeChannel, digest.ActDisableIfAgain, hint}
}
func wait(scope digest.Scope, hint string) refusal {
	return refusal{digest.NotSent, scope, digest.ActClass, hint}
}
func badForm(hint string) refusal {
	return refusal{digest.Rejected, digest.ScopePart, digest.ActPlain, hint}
}
func badWords(hint string) refusal {
	return refusal{digest.Rejected, digest.ScopePart, digest.ActName, hint}
}
func over(hint string) refusal {
	return refusal{digest.Rejected, digest.ScopePart, digest.ActDrop, hint}
}

// refusals is the table of Discord's codes. What is not in it is judged by its
// HTTP status.
// https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
var refusals = map[int]refusal{
	10003: gone("the channel does not exist any more"),
	10004: gone("the server does not exist any more, or the bot is no member"),
	10008: {digest.Sent, digest.ScopePart, digest.ActClass, "it was posted before and has been deleted since"},
	10015: gone("the webhook does not exist any more"),

	50001:  noAccess("the bot does not see the channel; give it View Channel in the channel's settings"),
	50007:  noAccess("the user does not take messages from the bot"),
	50008:  noAccess("messages cannot be posted to this kind of channel"),
	50013:  noAccess("the bot lacks a permission; give it Send Messages, Embed Links, Read Message History and, for threads, Send Messages in Threads in the channel's settings"),
	50024:  noAccess("this kind of channel does not allow it"),
	50083:  noAccess("the thread is archived and locked"),
	40058:  noAccess("this kind of channel takes threads only"),
	40067:  noAccess("posts of this channel need a tag"),
	160005: noAccess("the thread is locked"),

	40001: {digest.NotSent, digest.ScopePlatform, digest.ActStop, "the token is not valid; make a new one under “Bot” in the application's settings"},
	40002: wait(digest.ScopePlatform, "the account must be verified with Discord"),

	20016:  wait(digest.ScopeChannel, "the channel is in slow mode"),
	20028:  wait(digest.ScopeChannel, "the channel takes no more messages for now"),
	20029:  wait(digest.ScopeWorkspace, "the server takes no more messages for now"),
	40062:  wait(digest.ScopeChannel, "the service is limited for now"),
	130000: wait(digest.ScopePlatform, "Discord is overloaded"),
	40333:  wait(digest.ScopePlatform, "Cloudflare keeps the request away from Discord; its User-Agent may be at fault"),

	50035: badForm("Discord does not take the form of the message"),
	50006: badForm("the message is empty for Discord"),
	50109: badForm("Discord cannot read the message"),
	40005: badForm("the message is too large"),

	200000: badWords("AutoMod of the server blocks it"),
	200001: badWords("AutoMod of the server blocks its title"),
	240000: badWords("Discord takes a link in it for harmful"),

	// Of answers and edits; no post gets these.
	10062: over("the command is not waiting for an answer any more"),
	40060: over("the command has its answer already"),
	40094: over("the command takes no more answers"),
	50027: over("the command's token has run out"),
	30046: over("the message is too old for another edit"),
}

// maxUnknown is how often a part is tried that fails with a code of which the
// table knows nothing.
const maxUnknown = 3

// tokenRefused reports whether a call failed because Discord refuses the token,
// now or before.
func tokenRefused(err error) bool { return err != nil && verdict(err).Action == digest.ActStop }

// verdict returns what a failed call means.
func verdict(err error) *digest.PostError { return judged(err, maxUnknown) }

// judged returns what a failed post means. Attempts counts this one.
func judged(err error, attempts int) *digest.PostError {
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
	return &digest.PostError{Outcome: e.outcome(attempts), Err: e.explained()}
}

// outcome judges an answer by Discord's code, else by its HTTP status.
func (e *callError) outcome(attempts int) digest.Outcome {
	r, known := refusals[e.Code]
	o := digest.Outcome{Class: r.class, Scope: r.scope, Action: r.action, Code: strconv.Itoa(e.Code), After: e.After}
	if known && e.Status < http.StatusInternalServerError {
		switch {
		case e.Code == 40333:
			o.After = max(o.After, invalidSpan)
		case r.class == digest.NotSent && o.After == 0:
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
		o.Class, o.Scope, o.Action = digest.NotSent, digest.ScopePlatform, digest.ActStop
	case e.Status == http.StatusForbidden && e.Foreign:
		o.Class, o.Scope, o.After = digest.NotSent, digest.ScopePlatform, invalidSpan
	case e.Status == http.StatusForbidden:
		o.Class, o.Scope, o.Action = digest.Rejected, digest.ScopeChannel, digest.ActDisableIfAgain
	case e.Status == http.StatusNotFound && !e.Foreign:
		o.Class, o.Scope, o.Action = digest.Rejected, digest.ScopeChannel, digest.ActDisable
	case e.Status >= 400 && e.Status < 500 && attempts < maxUnknown:
		o.Class = digest.NotSent
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
