// Package digest is the vocabulary of Nutgraf: articles, stories, briefs,
// editions, subscriptions, slots and parts. Adapters and the newsroom meet
// here. It does no I/O, reads no clock and imports the standard library only.
//
// All times are UTC with millisecond precision unless a name says "local".
package digest
