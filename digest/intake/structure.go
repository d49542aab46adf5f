package intake

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
)

// kind says what a line of a headed article is.
type kind int

const (
	prose  kind = iota
	gap         // a blank line, a rule, noise
	headed      // a known heading
	unknownHeading
	publisherLine
	bylineLine
	labelLine // "Category: X" and the like
	taken     // became title or category
)

// line is one line of a text with what it was recognised as.
type line struct {
	raw     string // as it stands, cleaned
	text    string // without Markdown
	rest    string // of an inline heading: what follows it
	kind    kind
	level   mdLevel
	heading heading
}

var anyTag = regexp.MustCompile(`(?i)</(?:p|div|h[1-6]|article|section|ul|ol|blockquote|body)>|<br\s*/?>`)

// maxBodyText is the length in bytes after which a body is not read any
// further: markup and noise included, that makes a text of maxText.
const maxBodyText = 4 * maxText

// Structure recognises a headed article in plain text, Markdown or HTML with
// newlines as found: category, headline, publisher line, sections and byline
// go to their fields, noise is dropped, and all else stays in Text, whose
// sections Marks names. A text without known headings or publisher line stays
// as it is, but for noise and wrapped lines.
func Structure(title, body string) digest.Article {
	return recognise(digest.Article{Title: title}, body)
}

// recognise fills in what the body says and a does not know yet.
func recognise(a digest.Article, body string) digest.Article {
	body = clip(body, maxBodyText)
	if isHTML(body) {
		body = HTMLText(body)
	}
	lines := readLines(body)
	headings := markHeadings(lines)
	publisher := markPublisher(lines, headings, &a)
	front(lines, headings || publisher, publisher, &a)
	if headings || publisher {
		markBylines(lines, &a)
	}
	assemble(lines, headings, &a)
	if a.Text == "" && a.Title == "" {
		a.Text = strings.Join(paragraphs(body), "\n\n")
	}
	return a
}

// isHTML tells HTML from text with a tag here and there: half of its lines hold
// tags of blocks.
func isHTML(body string) bool {
	if len(anyTag.FindAllStringIndex(body, 2)) < 2 {
		return false
	}
	tagged, lines := 0, 0
	for l := range strings.Lines(body) {
		if strings.TrimSpace(l) == "" {
			continue
		}
		lines++
		if anyTag.MatchString(l) {
			tagged++
		}
	}
	return tagged*2 >= lines
}

// readLines splits a text into lines, reads their Markdown, and drops noise.
func readLines(body string) []line {
	raws := splitLines(body)
	lines := make([]line, len(raws))
	for i, raw := range raws {
		l := line{raw: raw}
		l.text, l.level = markup(raw)
		switch {
		case l.level == ruleLine:
			l.kind = gap
			if i > 0 && lines[i-1].kind == prose && strings.Trim(raw, "=-") == "" && underlines(lines[:i]) {
				lines[i-1].level = 1
				if raw[0] == '-' {
					lines[i-1].level = 2
				}
			}
		case raw == "" || l.text == "" || noisy(l.text):
			l.kind = gap
		default:
			if text := trimNoise(l.text); text != l.text {
				l.raw, l.text = trimNoise(raw), text
			}
		}
		lines[i] = l
	}
	dropBoilerplate(lines)
	return lines
}

// dropBoilerplate drops what sites append, from the end of a text.
func dropBoilerplate(lines []line) {
	for i := len(lines) - 1; i > 0; i-- {
		if lines[i].kind == prose {
			if !boilerplate(lines[i].text) {
				return
			}
			lines[i].kind = gap
		}
	}
}

// underlines tells whether the last line is one that a rule may underline.
func underlines(lines []line) bool {
	n := len(lines)
	return utf8.RuneCountInString(lines[n-1].text) <= 120 && !ends(lines[n-1].text) && (n == 1 || lines[n-2].kind == gap)
}

// markHeadings finds the known headings and tells whether there are any.
// Everyday words count only beside others; a label before a colon only when
// bold or beside others.
func markHeadings(lines []line) bool {
	strong, labels := 0, 0
	for i := range lines {
		l := &lines[i]
		if l.kind != prose {
			continue
		}
		if h, ok := headingOf(l.text); ok && !midSentence(lines, i) {
			l.heading = h
			if !h.weak {
				strong++
			}
			continue
		}
		if h, rest, bold, ok := inlineHeading(l.raw); ok {
			l.heading, l.rest = h, rest
			labels++
			if bold {
				strong++
			}
		}
	}
	if strong == 0 && labels < 2 {
		for i := range lines {
			lines[i].heading, lines[i].rest = heading{}, ""
		}
		return false
	}
	for i := range lines {
		l := &lines[i]
		switch {
		case l.heading.section != "":
			l.kind = headed
		case l.kind == prose && l.level >= 1 && l.level <= 6 && i > 0:
			l.kind = unknownHeading
		}
	}
	return true
}

// midSentence tells whether a line stands inside a wrapped sentence.
func midSentence(lines []line, i int) bool {
	if lines[i].level != plainLine || i == 0 || i+1 == len(lines) || lines[i-1].kind != prose || lines[i+1].kind != prose {
		return false
	}
	r, _ := utf8.DecodeRuneInString(lines[i+1].raw)
	first, _ := utf8.DecodeRuneInString(lines[i].raw)
	return unicode.IsLower(r) && !ends(lines[i-1].raw) || unicode.IsLower(first) && !ends(lines[i-1].raw)
}

// markBylines takes authors and outlet from the bylines near the beginning and
// the end; whatever says "Source" counts everywhere.
func markBylines(lines []line, a *digest.Article) {
	total := 0
	for _, l := range lines {
		if l.kind != gap {
			total++
		}
	}
	n := 0
	for i := range lines {
		l := &lines[i]
		if l.kind == gap {
			continue
		}
		n++
		if l.kind != prose {
			continue
		}
		near := n <= 8 || n > total-5
		if b, ok := parseByline(l.text); ok && (near || b.outlet != "") && (len(b.authors) > 0 || near) {
			l.kind = bylineLine
			credit(a, b)
			continue
		}
		if n == total {
			cutGlued(l, a)
		}
	}
}

// cutGlued takes a byline with source that hangs on the end of the last line.
func cutGlued(l *line, a *digest.Article) {
	tail := clipLeft(l.text, 240)
	m := glued.FindStringSubmatch(tail)
	if m == nil {
		return
	}
	if b, ok := parseByline(m[2]); ok && b.outlet != "" {
		credit(a, b)
		l.text = trimNoise(strings.TrimSuffix(l.text, tail) + m[1])
		l.raw = l.text
	}
}

// credit adds what a byline says to an article.
func credit(a *digest.Article, b byline) {
	if a.Outlet == "" {
		a.Outlet = b.outlet
	}
	if a.Published.IsZero() {
		a.Published = b.at
	}
	for _, name := range b.authors {
		a.Authors = appendNew(a.Authors, name)
	}
}

// assemble joins what is left to paragraphs and marks the sections.
func assemble(lines []line, headings bool, a *digest.Article) {
	var proseLines []string
	for _, l := range lines {
		if l.kind == prose {
			proseLines = append(proseLines, l.raw)
		} else {
			proseLines = append(proseLines, "")
		}
	}
	w := &writer{width: wrapWidth(blocksOf(proseLines)), section: digest.Lede, level: 7}
	for _, l := range lines {
		switch l.kind {
		case prose:
			w.lines = append(w.lines, l.raw)
		case gap, taken, labelLine, publisherLine:
			w.lines = append(w.lines, "")
		case headed:
			w.turn(l.heading.section, l.level)
			if l.rest != "" {
				w.lines = append(w.lines, l.rest)
			}
		case unknownHeading:
			if l.level <= w.level && w.section != digest.Lede {
				w.turn("", l.level)
			}
			w.lines = append(w.lines, "", l.text, "")
		case bylineLine:
			w.lines = append(w.lines, "")
			if w.section != digest.Lede {
				w.turn("", w.level)
			}
		}
	}
	w.turn("", 0)
	a.Text = w.text.String()
	if headings {
		a.Marks = w.marks
	}
}

// writer collects paragraphs and the marks over them.
type writer struct {
	text    strings.Builder
	marks   []digest.Mark
	lines   []string // of the current section, not yet written
	section digest.Section
	level   mdLevel
	width   int
}

// turn writes the section that ends here and begins the next.
func (w *writer) turn(next digest.Section, level mdLevel) {
	start := -1
	for _, p := range rejoin(w.lines, w.width) {
		if p, _ = markup(p); p == "" {
			continue
		}
		if w.text.Len() > 0 {
			w.text.WriteString("\n\n")
		}
		if start < 0 {
			start = w.text.Len()
		}
		w.text.WriteString(p)
	}
	if n := len(w.marks); start >= 0 && w.section != "" {
		if n > 0 && w.marks[n-1].Section == w.section && w.marks[n-1].End == start-2 {
			w.marks[n-1].End = w.text.Len()
		} else {
			w.marks = append(w.marks, digest.Mark{Section: w.section, Start: start, End: w.text.Len()})
		}
	}
	if level == plainLine || level == boldLine {
		level = 2
	}
	w.lines, w.section, w.level = w.lines[:0], next, level
}
