package digest

import "time"

// Cause says why operators are told something.
type Cause string

// The causes of notices. The subject that goes with each is in parentheses.
const (
	CauseChannel   Cause = "channel gone"       // a channel cannot be posted to (the channel)
	CauseAccess    Cause = "permission missing" // a channel does not let the bot do what it needs (the channel)
	CauseWorkspace Cause = "workspace paused"   // a workspace or its token does not let the bot in (the workspace)
	CauseToken     Cause = "token refused"      // a platform refuses the token for everything (the platform)
	CauseUnheard   Cause = "commands unheard"   // a platform does not let the bot listen (the platform)
	CauseUnknown   Cause = "part unknown"       // nobody can tell whether parts were posted (channel and slot)
	CauseRejected  Cause = "part rejected"      // a platform will never take a part (channel and slot)
	CauseSource    Cause = "source stopped"     // a source is gone for good (the source)
	CauseDraft     Cause = "draft to look at"   // editors are to decide on a digest (id of the draft)
	CauseStore     Cause = "store degraded"     // the database cannot be written, or is damaged (the store)
)

// Notice tells the operators of a workspace of something that needs them, once
// for every workspace, cause and subject until the cause ends.
type Notice struct {
	Workspace string // whose operators; Shared for those of the whole installation
	Cause     Cause
	Subject   string // what it is about; see the causes
	Text      string // one or two sentences that say what is wrong and what to do
	Key       string // of the message, at most 25 characters of [a-z2-7]; the newsroom makes it
	At        time.Time
	Attempts  int       // to tell it in a channel, this one included
	Doubt     time.Time // when the last attempt began, if its outcome is unknown
}

// NoticeState says how far the telling of a notice is.
type NoticeState string

// The states of a notice.
const (
	NoticeNew     NoticeState = "new"     // certainly not in a channel yet
	NoticeSending NoticeState = "sending" // perhaps in a channel
	NoticeTold    NoticeState = "told"    // in a channel, or in the log where there is none
)
