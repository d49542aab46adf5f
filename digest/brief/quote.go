package brief

import (
	"slices"
	"strings"
	"unicode/utf8"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// Shortest and longest quotes, in words.
const (
	fewestWords = 5
	mostWords   = 90
)

// view is how many bytes around a quotation are looked at within a paragraph:
// more than sentences have, and not so many that a text of nothing but
// quotations would take for ever.
const view = 1500

// Quotes returns the direct quotes of an article in their order: those of at
// least five words with a reporting verb beside them and a speaker who is
// named there, or is a pronoun that can mean one person only. A quote whose
// speaker is in doubt is left out. The parts of a split quote stay apart.
func Quotes(a digest.Article) []digest.Quote {
	if !strings.ContainsAny(a.Text, "\"“„«»") {
		return []digest.Quote{}
	}
	f := finder{a: a, sentences: text.Sentences(a.Text, a.Language), paragraphs: text.Paragraphs(a.Text)}
	f.narrate()
	f.people = people(a, f.narrated, f.paragraphs)
	out := []digest.Quote{}
	var before *saying // who said the last quotation of the paragraph before
	for i := range f.paragraphs {
		var found []digest.Quote
		found, before = f.paragraph(i, before)
		out = append(out, found...)
	}
	return out
}

// finder looks for the quotes of one article.
type finder struct {
	a          digest.Article
	sentences  []text.Span
	paragraphs []text.Span
	marks      [][]quotation // by paragraph
	narrated   string        // the text with blanks for what is quoted
	people     crowd
	heard      [][]string // who spoke, by paragraph, each once
}

// narrate finds the quotations of the article and the words around them.
func (f *finder) narrate() {
	b := []byte(f.a.Text)
	f.marks = quotations(f.a.Text, f.paragraphs)
	f.heard = make([][]string, len(f.paragraphs))
	for i := range f.paragraphs {
		for _, m := range f.marks[i] {
			if len(strings.Fields(f.a.Text[m.start:m.end])) < 2 {
				continue // a nickname
			}
			for k := m.open; k < m.after; k++ {
				b[k] = ' '
			}
			b[m.open] = ';' // no name goes on behind it
			if f.a.Text[m.end-1] == '.' {
				b[m.end-1] = '.' // the sentence ends here
			}
		}
	}
	f.narrated = string(b)
}

// paragraph returns the quotes of paragraph number i and who said the last of
// them, nil unless one person alone is quoted. A paragraph that is nothing but
// a quotation goes on with the speaker of the one before.
func (f *finder) paragraph(i int, before *saying) ([]digest.Quote, *saying) {
	p := f.paragraphs[i]
	marks := f.marks[i]
	var out []digest.Quote
	var last *saying // who said the quotation before
	var heard []string
	for k, m := range marks {
		if !strings.HasPrefix(f.a.Language, "de") && heading(f.a.Text[m.start:m.end]) {
			continue // a title
		}
		head, tail := f.around(marks, k, p)
		s, ok := f.attribute(i, m, head, tail)
		if !ok && !disowned(tail) {
			s, ok = f.goesOn(i, k, head, tail, last, before)
		}
		last = nil
		if !ok || !f.people.bearable(s) {
			heard = append(heard, "")
			continue
		}
		heard = append(heard, s.speaker)
		if !slices.Contains(f.heard[i], s.speaker) && len(f.heard[i]) < 4 {
			f.heard[i] = append(f.heard[i], s.speaker)
		}
		if s.behind || strings.TrimSpace(tail) == "" {
			last = &s
		}
		if q, ok := f.quote(m, s); ok {
			out = append(out, q)
		}
	}
	if i+1 < len(f.paragraphs) && f.continued(i+1) {
		return out, last
	}
	if at := f.sentence(i, p.End-1); len(heard) == 0 || at >= marks[len(marks)-1].after {
		if s := f.closing(i); s != nil || len(heard) == 0 {
			return out, s
		}
	}
	if last == nil || slices.ContainsFunc(heard, func(name string) bool { return name != last.speaker }) {
		return out, nil
	}
	return out, last
}

// goesOn returns who said a quotation that nobody is named beside: who spoke
// right before it, in a quotation or in the narrator's words, in its paragraph
// or, when it is a paragraph of its own, at the end of the one before.
func (f *finder) goesOn(i, k int, head, tail string, last, before *saying) (saying, bool) {
	p, m := f.paragraphs[i], f.marks[i][k]
	if strings.TrimSpace(head) != "" || !f.opensSentence(m) {
		return saying{}, false
	}
	if k == 0 && strings.TrimSpace(f.a.Text[p.Start:m.open]) == "" {
		if before == nil || !f.continued(i) && (len(f.marks[i]) > 1 || strings.TrimSpace(tail) != "" || m.after < p.End) {
			return saying{}, false
		}
		return *before, true
	}
	if s, ok := f.lately(i, p.Start, m.open); ok {
		return s, true
	}
	if last != nil {
		return saying{speaker: last.speaker, role: last.role, context: last.context}, true
	}
	return saying{}, false
}

// continued says whether the last quotation of the paragraph before goes on
// in paragraph i.
func (f *finder) continued(i int) bool {
	return i > 0 && len(f.marks[i-1]) > 0 && f.marks[i-1][len(f.marks[i-1])-1].onward
}

// closing returns who speaks in the last sentence of a paragraph without
// quotations, nil when nobody does.
func (f *finder) closing(i int) *saying {
	p := f.paragraphs[i]
	if s, ok := f.titled(fields(strings.TrimRight(f.narrated[p.Start:p.End], ". \u00a0"))); ok {
		return &s
	}
	if s, ok := f.lately(i, p.Start, p.End); ok {
		return &s
	}
	return nil
}

// titled reads a line that announces whose words follow: "Ana Reyes, the port
// director:"
func (f *finder) titled(w []string) (saying, bool) {
	if len(w) < 2 || len(w) > 24 || !strings.HasSuffix(w[len(w)-1], ":") {
		return saying{}, false
	}
	k := slices.IndexFunc(w, func(x string) bool { return strings.HasSuffix(x, ",") || strings.HasSuffix(x, ":") })
	name, role, ok := f.name(w[:k+1])
	if n := len(strings.Fields(name)); !ok || n < 2 || n+len(strings.Fields(role)) != k+1 || !given(strings.Fields(name)[0]) && (k == len(w)-1 || f.people.thing(mention{name: name})) {
		return saying{}, false
	}
	if said, n := apposition(w[k+1:]); role == "" && n == len(w)-k-1 {
		role = said
	}
	return f.saying(name, role, "", false), true
}

// lately returns who speaks in the last sentence of a stretch of paragraph i,
// in the narrator's words.
func (f *finder) lately(i, from, to int) (saying, bool) {
	at := f.sentence(i, len(strings.TrimRight(f.narrated[:to], " \u00a0"))-1)
	if at < from {
		return saying{}, false
	}
	return f.indirect(i, quotation{open: at, after: at}, fields(f.narrated[at:to]))
}

// sentence returns where the sentence of the narrator that byte at of
// paragraph i belongs to begins.
func (f *finder) sentence(i, at int) int {
	start := max(f.paragraphs[i].Start, at-view)
	for k := start; k < at; k++ {
		if stop(f.narrated[:at+1], k) {
			start = k + 1
		}
	}
	return start
}

// around returns what stands before and behind quotation number k in its own
// sentence: up to the sentence's border or the next quotation.
func (f *finder) around(marks []quotation, k int, p text.Span) (head, tail string) {
	m := marks[k]
	from, to := p.Start, p.End
	if k > 0 {
		from = marks[k-1].after
	}
	if k+1 < len(marks) {
		to = marks[k+1].open
	}
	head = f.a.Text[from:m.open]
	if cut := lastStop(head); cut > 0 {
		head = head[cut:]
	}
	tail = f.a.Text[m.after:to]
	if cut := firstStop(tail); cut >= 0 {
		tail = tail[:cut]
	}
	return head, tail
}

// opensSentence says whether a sentence of the text, or of the words before
// it, ends right before the quotation.
func (f *finder) opensSentence(m quotation) bool {
	before := strings.TrimRight(f.a.Text[:m.open], " \u00a0")
	return before == "" || strings.ContainsAny(before[len(before)-1:], ".!?\n\"") || strings.HasSuffix(before, "”")
}

// quote makes the quote of a quotation, unless it is too short, too long or cut.
func (f *finder) quote(m quotation, s saying) (digest.Quote, bool) {
	start, end := m.start, m.end
	for end > start {
		r, n := utf8.DecodeLastRuneInString(f.a.Text[start:end])
		if !strings.ContainsRune(",;: \u00a0—–", r) {
			break
		}
		end -= n
	}
	words := len(strings.Fields(f.a.Text[start:end]))
	said := squeeze(f.a.Text[start:end])
	if strings.Contains(said, "-t-il ") || strings.Contains(said, "-t-elle ") && strings.Contains(said, ", ") {
		return digest.Quote{}, false // the narrator speaks inside the marks
	}
	if words < fewestWords || words > mostWords || strings.HasSuffix(said, "...") || strings.HasSuffix(said, "…") || strings.HasPrefix(said, "...") || strings.HasPrefix(said, "…") {
		return digest.Quote{}, false
	}
	return digest.Quote{Text: said, Speaker: s.speaker, Role: s.role, Context: s.context, Article: f.a.ID,
		Sentence: sentenceAt(f.sentences, start), Start: start, End: end}, true
}

// sentenceAt returns the number of the sentence that holds offset i.
func sentenceAt(spans []text.Span, i int) int {
	for n, sp := range spans {
		if i < sp.End {
			return n
		}
	}
	return max(0, len(spans)-1)
}

// lastStop returns where the last sentence of s begins.
func lastStop(s string) int {
	at := 0
	for i := 0; i < len(s); i++ {
		if stop(s, i) {
			at = i + 1
		}
	}
	return at
}

// firstStop returns where the first sentence of s ends, -1 when it does not.
func firstStop(s string) int {
	for i := 0; i < len(s); i++ {
		if stop(s, i) {
			return i
		}
	}
	return -1
}

// stop says whether the character at i ends a sentence of s: it is not the
// point of "Gen." or "J." and a new sentence or nothing follows.
func stop(s string, i int) bool {
	if s[i] != '.' && s[i] != '!' && s[i] != '?' {
		return false
	}
	rest := strings.TrimLeft(s[i+1:], "\"”)’;' \u00a0\n")
	if len(rest) == len(s[i+1:]) && rest != "" {
		return false
	}
	if s[i] != '.' || rest == "" {
		return true
	}
	word := s[:i]
	word = word[strings.LastIndexAny(word, " (\u00a0\n")+1:]
	r, _ := utf8.DecodeRuneInString(rest)
	return !abbreviation(word) && !lower(r)
}
