// Package chat is what the chat platforms share: semantic messages, the layout
// of editions, commands with their argument grammar, and the words of the
// languages in which labels are shown.
//
// Nothing in it carries the markup of a platform. A platform package turns
// messages into its own form, escapes them and splits them where they exceed
// its limits: first between messages, then between blocks, then between items,
// and inside of an item only when nothing else helps.
package chat
