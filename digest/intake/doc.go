// Package intake turns what comes in (plain text, Markdown, HTML, interchange
// JSON) into clean articles, and recognises the sections they bring.
package intake
