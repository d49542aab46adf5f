package intake

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// byline is what a line like "By Maya Lind and Jon Park – Source Linden Wire"
// says.
type byline struct {
	authors []string
	outlet  string
	at      time.Time
}

var (
	bySource  = regexp.MustCompile(`(?i)(?:^|\s*[–—―\-|/·•,;(\[]\s*|\s)(?:source|sources|quelle|quellen|fuente|fuentes)\s?(?:\s|:)\s*([^:]+?)[)\]]?$`)
	byAuthors = regexp.MustCompile(`(?i)^(?:by|written by|reported by|story by|von|par|por)(?:\s*:\s*|\s+)(.+)$`)
	byLabel   = regexp.MustCompile(`(?i)^(?:authors?|autor(?:en|in|a|es)?|auteurs?)\s*:\s*(.+)$`)
	byFor     = regexp.MustCompile(`(?i)^(.+?)(?:\s+(?:for|für|para|pour)\s+|\s*\|\s*|\s+[–—―-]\s+|\s+/\s+)(.+)$`)
	nameJoin  = regexp.MustCompile(`(?i)\s*(?:,|;|&)\s*(?:and\s+|und\s+|et\s+)?|\s+(?:and|und|y|e|et|with|mit|con|avec)\s+`)
	glued     = regexp.MustCompile(`^(.*[.!?”"’)\]])\s+((?:By|Von|Por|Par) .{3,160})$`)
)

// parseByline reads a byline that fills a line.
func parseByline(line string) (byline, bool) {
	line = strings.TrimSpace(strings.Trim(strings.TrimSpace(line), "()[]*_–—-|"))
	var b byline
	if line == "" || utf8.RuneCountInString(line) > 200 || !maybeByline(line) {
		return b, false
	}
	if m := bySource.FindStringSubmatchIndex(line); m != nil {
		outlet := strings.Trim(line[m[2]:m[3]], " .,()[]")
		if !properName(outlet, 8) {
			return b, false
		}
		b.outlet, line = outlet, strings.TrimRight(line[:m[0]], " ,;(–—―-|")
		if line == "" {
			return b, true
		}
	}
	m := byAuthors.FindStringSubmatch(line)
	if m == nil {
		if m = byLabel.FindStringSubmatch(line); m == nil {
			return b, false
		}
	}
	names := m[1]
	if f := byFor.FindStringSubmatch(names); f != nil {
		if t, ok := ParseTime(f[2]); ok {
			b.at, names = t, f[1]
		} else if properName(f[2], 6) && !isRole(f[2]) {
			if b.outlet == "" {
				b.outlet = f[2]
			}
			names = f[1]
		} else if isRole(f[2]) {
			names = f[1]
		}
	}
	b.authors = splitNames(names)
	return b, len(b.authors) > 0
}

// maybeByline tells lines that are worth a closer look.
func maybeByline(line string) bool {
	low := strings.ToLower(line)
	for _, w := range []string{"by", "von", "par", "por", "aut", "written", "report", "story"} {
		if strings.HasPrefix(low, w) {
			return true
		}
	}
	return strings.Contains(low, "source") || strings.Contains(low, "quelle") || strings.Contains(low, "fuente")
}

// splitNames splits a list of names; nil unless all of it is names.
func splitNames(list string) []string {
	var out []string
	for _, name := range nameJoin.Split(strings.TrimSpace(list), -1) {
		name = strings.TrimSpace(name)
		switch {
		case name == "", isRole(name):
			continue
		case slices.Contains([]string{"jr", "jr.", "sr", "sr.", "ii", "iii", "md", "phd"}, strings.ToLower(name)) && len(out) > 0:
			out[len(out)-1] += ", " + name
			continue
		case !properName(name, 5), len(out) == 12, calendar(name):
			return nil
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// properName tells whether every word of s is capitalised, particles apart,
// and no sentence ends with it.
func properName(s string, maxWords int) bool {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > maxWords || utf8.RuneCountInString(s) > 80 || strings.ContainsAny(s, "!?;:\"“”<>|@") {
		return false
	}
	last := strings.TrimRight(words[len(words)-1], ")")
	if body, ok := strings.CutSuffix(last, "."); ok && utf8.RuneCountInString(body) > 3 {
		return false
	}
	capitals := 0
	for i, w := range words {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "('’‘"))
		switch {
		case unicode.IsUpper(r), unicode.IsLetter(r) && !unicode.IsLower(r), unicode.IsDigit(r) && i > 0:
			capitals++
		case particle(w) || strings.ContainsAny(w, "'’.") || strings.ContainsFunc(w, unicode.IsUpper):
		default:
			return false
		}
	}
	return capitals > 0
}

func particle(w string) bool {
	return slices.Contains([]string{"de", "da", "das", "do", "dos", "del", "della", "der", "den", "di", "du", "des", "la", "le", "van", "von", "vom", "bin",
		"ibn", "al", "el", "of", "the", "für", "for", "ter", "ten", "zu", "zur", "y", "e", "und", "and", "&", "et", "af", "av"}, w)
}

// isRole tells what a person does from what a person is called.
func isRole(s string) bool {
	for w := range strings.FieldsSeq(strings.ToLower(s)) {
		switch strings.Trim(w, ".,()") {
		case "correspondent", "reporter", "editor", "writer", "staff", "columnist", "contributor", "producer", "redakteur", "redakteurin",
			"korrespondent", "korrespondentin", "reporterin", "corresponsal", "redactor", "redactora", "periodista", "correspondant", "correspondante", "journaliste":
			return true
		}
	}
	return false
}

// calendar tells a day or month, which follows "By" in headlines, from a
// person; Jan Park and Sam King are persons.
func calendar(s string) bool {
	s = strings.ToLower(strings.Trim(s, ".,"))
	_, month := months[s]
	return month || weekdays[s]
}
