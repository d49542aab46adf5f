// Package story groups articles into stories: it makes the sketches that
// articles are compared by, finds reprints, and keeps a story's id over days.
package story
