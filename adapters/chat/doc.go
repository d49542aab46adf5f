// Package chat is what the chat platforms share: semantic messages, the layout
// of editions, commands with their argument grammar, and the words of the
// languages in which labels are shown.
//
// Nothing in it carries the markup of a platform. A platform package turns
// messages into its own form, escapes them and splits them where they exceed
// its limits: first between messages, then between blocks, then between items,
// and inside of an item only when nothing else helps.
//
// # What comes twice
//
// Platforms send a request again when they did not see it acknowledged, and
// strangers may send again what they caught. A request that only looks is kept
// in memory by its id, and costs no write. One that changes something (a
// command whose Spec has Changes, by whichever way it is given, or an event
// that has consequences) is noted in the Inbox first and acknowledged then: an
// acknowledgement means that it is known, also after a crash, and without one
// nothing was done.
//
// The note has two states. Who meets it fresh works, for as long as the note
// holds, and marks it as finished afterwards. A copy that meets it finished is
// acknowledged and has no effect. A copy that meets it at work is not carried
// out either: of a command it is acknowledged, because platforms do not send
// commands again and people who see no answer give a new one; of an event it is
// acknowledged when the work is finished, and refused when that takes too long,
// so that the platform sends it once more. Work that a crash left unfinished is
// free again for the next copy: when the note holds no longer, or at once when
// the process that has the store to itself starts anew.
//
// So the work is done at least once where the platform sends again until it is
// acknowledged, and a second time only where a crash came between the end of
// the work and its mark: events disable, or let try again, and may do so twice.
// Nothing of the request itself is stored; its answer address is a secret that
// soon expires.
package chat
