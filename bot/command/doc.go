// Package command holds the slash commands: one table, one function each,
// free of any platform.
package command
