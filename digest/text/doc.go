// Package text reads prose in many languages: it makes hostile text safe,
// finds sentences, words, stems, names, numbers and dates, and says how rare a
// word is in the news.
package text

// Span is a piece of a string, as byte offsets [Start, End).
type Span struct{ Start, End int }
