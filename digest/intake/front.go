package intake

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest"
)

// frontLines is how many lines from the top may hold category, headline and
// publisher.
const frontLines = 8

var label = regexp.MustCompile(`(?i)^(category|section|rubrik|kategorie|ressort|categoría|categoria|sección|catégorie|rubrique|title|headline|titel|schlagzeile|título|titular|titre|` +
	`publisher|published by|herausgeber|medium|editor(?:ial)?|published(?: on| at)?|date|datum|fecha|veröffentlicht(?: am)?|publié le)\s?:\s*(\S.{0,250})$`)

// markPublisher finds the line "| Linden Ledger | Transport Desk" among the
// first lines and tells whether it is there.
func markPublisher(lines []line, headings bool, a *digest.Article) bool {
	n := 0
	for i := range lines {
		l := &lines[i]
		if l.kind == gap {
			continue
		}
		if n++; n > frontLines || l.kind == headed {
			break
		}
		if m := labelled(l.text); m != nil && labelKind(m[1]) == "publisher" {
			publish(a, strings.Split(m[2], "|"))
			l.kind = publisherLine
			return true
		}
		pieces, fenced := bars(l.text)
		if pieces == nil || barsBeside(lines, i) || !fenced && !headings && !follows(lines, i) {
			continue
		}
		publish(a, pieces)
		l.kind = publisherLine
		return true
	}
	return false
}

// bars splits a publisher line; fenced ones begin with a bar.
func bars(s string) (pieces []string, fenced bool) {
	s = strings.NewReplacer("│", "|", "｜", "|", "¦", "|", "┃", "|").Replace(s)
	if !strings.Contains(s, "|") {
		return nil, false
	}
	fenced = strings.HasPrefix(s, "|")
	for p := range strings.SplitSeq(strings.Trim(s, "| "), "|") {
		if p = strings.TrimSpace(p); p != "" {
			pieces = append(pieces, p)
		}
	}
	if len(pieces) == 0 || len(pieces) > 3 || len(pieces) == 1 && !fenced {
		return nil, false
	}
	for _, p := range pieces {
		r, _ := utf8.DecodeRuneInString(p)
		if utf8.RuneCountInString(p) > 60 || len(strings.Fields(p)) > 5 || unicode.IsLower(r) && !strings.Contains(p, ".") || strings.ContainsAny(p, "?!:") || noisy(p) {
			return nil, false
		}
	}
	return pieces, fenced
}

// barsBeside tells rows of a table from a publisher line.
func barsBeside(lines []line, i int) bool {
	return i > 0 && strings.Contains(lines[i-1].raw, "|") || i+1 < len(lines) && strings.Contains(lines[i+1].raw, "|")
}

// follows tells whether everything above line i looks like category and
// headline, and text follows.
func follows(lines []line, i int) bool {
	above := 0
	for j := range i {
		if lines[j].kind != gap {
			if above++; !titleLike(lines, j, false) {
				return false
			}
		}
	}
	return above > 0 && above <= 2
}

// publish fills in publisher, desk and date.
func publish(a *digest.Article, pieces []string) {
	for _, p := range pieces {
		p = strings.TrimSpace(p)
		if t, ok := ParseTime(p); ok {
			if a.Published.IsZero() {
				a.Published = t
			}
			continue
		}
		switch {
		case a.Publisher == "":
			a.Publisher = p
		case a.Desk == "" && p != a.Publisher:
			a.Desk = p
		}
	}
}

// front takes category and headline from the lines above publisher or text.
// Without evidence that this is a headed article only a Markdown
// title and the repeated headline count.
func front(lines []line, evidence, publisher bool, a *digest.Article) {
	if !evidence {
		for i := range lines {
			if l := &lines[i]; l.kind == prose {
				switch {
				case a.Title != "" && sameTitle(a.Title, l.text):
					l.kind = taken
				case a.Title == "" && l.level == 1:
					a.Title, l.kind = l.text, taken
				}
				break
			}
		}
		return
	}
	wrapped := wrappedProse(lines)
	var above []int
	n, passed := 0, false
scan:
	for i := range lines {
		l := &lines[i]
		if l.kind != gap {
			n++
		}
		switch {
		case n > frontLines || l.kind == headed:
			break scan
		case l.kind == publisherLine:
			if passed = true; len(above) > 0 {
				takeDates(lines, i+1, a)
				break scan
			}
		case l.kind != prose && l.kind != unknownHeading:
		case takeLabel(l, a):
		case !publisher && isByline(l.text):
		case len(above) < 3 && titleLike(lines, i, wrapped && !(publisher && !passed)):
			above = append(above, i)
		default:
			if !publisher || passed {
				break scan
			}
		}
	}
	takeTitle(lines, above, a)
}

func isByline(s string) bool {
	_, ok := parseByline(s)
	return ok
}

// takeDates takes a line below the publisher that is nothing but a date.
func takeDates(lines []line, from int, a *digest.Article) {
	for i := from; i < len(lines); i++ {
		if lines[i].kind == gap {
			continue
		}
		if lines[i].kind == prose && takeLabel(&lines[i], a) {
			continue
		}
		return
	}
}

// takeLabel takes "Category: X", "Title: X", "Published: X" and bare dates.
func takeLabel(l *line, a *digest.Article) bool {
	if t, ok := ParseTime(l.text); ok && utf8.RuneCountInString(l.text) > 7 {
		if a.Published.IsZero() {
			a.Published = t
		}
		l.kind = labelLine
		return true
	}
	m := labelled(l.text)
	if m == nil {
		return false
	}
	value := m[2]
	switch labelKind(m[1]) {
	case "category":
		if a.Category == "" {
			a.Category = value
		}
	case "title":
		if a.Title != "" && !sameTitle(a.Title, value) {
			return false
		}
		a.Title = value
	case "date":
		t, ok := ParseTime(value)
		if !ok {
			return false
		}
		if a.Published.IsZero() {
			a.Published = t
		}
	default:
		return false
	}
	l.kind = labelLine
	return true
}

// labelled matches "Category: X" and the like.
func labelled(s string) []string {
	if i := strings.IndexByte(s, ':'); i < 0 || i > 24 {
		return nil
	}
	return label.FindStringSubmatch(s)
}

// labelKind sorts the labels of the languages.
func labelKind(s string) string {
	switch s = strings.ToLower(s); s {
	case "publisher", "published by", "herausgeber", "medium", "editor", "editorial":
		return "publisher"
	case "title", "headline", "titel", "schlagzeile", "título", "titular", "titre":
		return "title"
	case "category", "section", "rubrik", "kategorie", "ressort", "categoría", "categoria", "sección", "catégorie", "rubrique":
		return "category"
	}
	return "date"
}

// takeTitle decides which of the title-like lines are category and headline;
// the others stay in the text.
func takeTitle(lines []line, above []int, a *digest.Article) {
	take := func(k int) { lines[above[k]].kind = taken }
	text := func(k int) string { return lines[above[k]].text }
	title := -1
	for k := range above {
		if a.Title != "" && sameTitle(a.Title, text(k)) || a.Title == "" && lines[above[k]].level == 1 {
			title = k
			break
		}
	}
	switch {
	case len(above) == 0:
		return
	case title >= 0:
		a.Title = text(title)
	case a.Title != "":
		longer := len(above) > 1 && len(text(1)) > len(text(0)) // the text's own headline, which stays
		if (len(above) == 1 || longer) && shortLabel(text(0)) && a.Category == "" {
			a.Category = text(0)
			take(0)
		}
		return
	case len(above) >= 2 && a.Category == "" && shortLabel(text(0)) && len(text(1)) > len(text(0)):
		title, a.Title = 1, text(1)
	default:
		title, a.Title = 0, text(0)
	}
	take(title)
	if title == 1 && shortLabel(text(0)) && (a.Category == "" || strings.EqualFold(a.Category, text(0))) {
		a.Category = text(0)
		take(0)
	}
}

// shortLabel tells whether a line can be a category.
func shortLabel(s string) bool {
	return utf8.RuneCountInString(s) <= 40 && len(strings.Fields(s)) <= 5 && !strings.ContainsAny(s, "?!\"“”")
}

// titleLike tells whether a line can be a headline or a category: short, no
// end of sentence, not the first of wrapped lines.
func titleLike(lines []line, i int, wrapped bool) bool {
	s := lines[i].text
	if utf8.RuneCountInString(s) > 200 || ends(s) && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "!") {
		return false
	}
	if i+1 == len(lines) || lines[i+1].kind != prose {
		return true
	}
	r, _ := utf8.DecodeRuneInString(lines[i+1].text)
	return !wrapped && !unicode.IsLower(r)
}

// wrappedProse tells whether the lines were wrapped.
func wrappedProse(lines []line) bool {
	raws := make([]string, len(lines))
	for i, l := range lines {
		if l.kind == prose {
			raws[i] = l.raw
		}
	}
	return wrapWidth(blocksOf(raws)) > 0
}

// sameTitle tells whether two titles differ in dress only.
func sameTitle(a, b string) bool { return foldHeading(a) == foldHeading(b) }
