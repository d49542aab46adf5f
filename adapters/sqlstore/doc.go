// Package sqlstore keeps everything Nutgraf remembers in one SQL database:
// articles, stories, subscriptions, slots, editions and the outbox of parts.
//
// Every exported method is one transaction of the domain with a deadline of
// its own. Statements are written for SQLite and PostgreSQL alike: $N
// placeholders, times as Unix milliseconds (0 is the zero time), lists as JSON
// text, booleans as 0 and 1. What differs between databases is in the dialect.
//
// SQLite lets one transaction write at a time. On PostgreSQL many do: there the
// rows that a decision rests on are locked, a claim passes over what others
// have locked, and a commit that was not answered is looked up by key.
package sqlstore
