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

// Quotes returns the direct quotes of an article in their order: those of at
// least five words with a reporting verb beside them and a speaker who is
// named there, or is a pronoun that can mean one person only. A quote whose
// speaker is in doubt is left out. The parts of a split quote stay apart.
func Quotes(a digest.Article) []digest.Quote {
	if !strings.ContainsAny(a.Text, "\"“„«»") {
		return []digest.Quote{}
	}
	f := finder{a: a, sentences: text.Sentences(a.Text, a.Language), paragraphs: text.Paragraphs(a.Text)}
	f.people = people(a, f.paragraphs)
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
	people     crowd
}

// paragraph returns the quotes of paragraph number i and who said the last of
// them, nil unless one person alone is quoted. A paragraph that is nothing but
// a quotation goes on with the speaker of the one before.
func (f *finder) paragraph(i int, before *saying) ([]digest.Quote, *saying) {
	p := f.paragraphs[i]
	marks := quotations(f.a.Text, p)
	var out []digest.Quote
	var last *saying // who said the quotation before
	var heard []string
	for k, m := range marks {
		head, tail := f.around(marks, k, p)
		s, ok := f.attribute(i, m, head, tail)
		if !ok && last != nil && strings.TrimSpace(head) == "" && f.opensSentence(m) {
			s, ok = saying{speaker: last.speaker, role: last.role, context: last.context}, true
		}
		if !ok && before != nil && len(marks) == 1 && strings.TrimSpace(f.a.Text[p.Start:m.open]+tail) == "" && m.close+width(f.a.Text, m.close) >= p.End {
			s, ok = *before, true
		}
		last = nil
		if !ok {
			heard = append(heard, "")
			continue
		}
		heard = append(heard, s.speaker)
		if s.behind || strings.TrimSpace(tail) == "" {
			last = &s
		}
		if q, ok := f.quote(m, s); ok {
			out = append(out, q)
		}
	}
	if last == nil || slices.ContainsFunc(heard, func(name string) bool { return name != last.speaker }) {
		return out, nil
	}
	return out, last
}

// around returns what stands before and behind quotation number k in its own
// sentence: up to the sentence's border or the next quotation.
func (f *finder) around(marks []quotation, k int, p text.Span) (head, tail string) {
	m := marks[k]
	from, to := p.Start, p.End
	if k > 0 {
		from = marks[k-1].close + width(f.a.Text, marks[k-1].close)
	}
	if k+1 < len(marks) {
		to = marks[k+1].open
	}
	head = f.a.Text[from:m.open]
	if cut := lastStop(head); cut > 0 {
		head = head[cut:]
	}
	tail = f.a.Text[m.close+width(f.a.Text, m.close) : to]
	if cut := firstStop(tail); cut >= 0 {
		tail = tail[:cut]
	}
	return head, tail
}

// width returns the size of the character at offset i.
func width(s string, i int) int {
	_, n := utf8.DecodeRuneInString(s[i:])
	return n
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
	rest := strings.TrimLeft(s[i+1:], "\"”)’' \u00a0\n")
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
