package brief

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// How much a brief shows.
const (
	mostKnow   = 4  // sentences to know of plain articles
	mostQuotes = 3  // quotes of plain articles
	ownQuotes  = 6  // quotes of an article that brings them under a heading
	ledeWords  = 62 // of the two sentences of a lede
	knowWords  = 110

	freshness = 0.45 // share of a sentence's terms, by rarity, that must be new
	// openness is the same for the first sentence of another outlet, which
	// tells the same news in words of its own.
	openness = 0.7
	// samePair is the share of its terms that the second sentence of a lede may
	// have in common with the first.
	samePair = 0.4
)

// own says how many sentences of its own sections a structured article keeps.
var own = map[digest.Section]int{digest.Lede: 5, digest.Why: 6, digest.Know: 10, digest.Next: 5}

// writer fills the sections of one brief.
type writer struct {
	*reading
	lead  int
	now   time.Time
	taken map[int]bool // sentences that a section or a quote shows
	shown []int        // sentences that a section shows
	known []bool       // terms of those, and of the news itself
	leans []int8       // by sentence: 1 it dangles, -1 it does not, 0 not looked at
	said  []string     // texts of the quotes that are shown
}

// write fills the sections, and leaves out what length does not ask for.
func (w *writer) write(b *digest.Brief, length string) {
	if w.lead < 0 || len(w.sentences) == 0 {
		return
	}
	marked := len(w.articles[w.lead].Marks) > 0
	b.Lede = w.cite(w.section(digest.Lede, marked, w.lede))
	w.learn()
	if length == "line" {
		if len(b.Changed) > 0 {
			b.Lede, b.Changed = b.Changed, nil // the line of an update tells the update
		}
		b.Lede = b.Lede[:min(1, len(b.Lede))]
		return
	}
	b.Quotes = w.unsaid(w.quotes(marked), marked)
	b.WhatsNext = w.cite(w.section(digest.Next, marked, w.next))
	b.WhyItMatters = w.cite(w.section(digest.Why, marked, w.why))
	b.WhatToKnow = w.cite(w.section(digest.Know, marked, w.know))
	if length == "short" {
		b.Quotes, b.WhatsNext = []digest.Quote{}, []digest.Sentence{}
		b.WhatToKnow = b.WhatToKnow[:min(1, len(b.WhatToKnow))]
	}
}

// learn notes the terms of the news itself: those of the titles, and those
// that two outlets open with.
func (w *writer) learn() {
	for _, h := range w.headers {
		for _, t := range h {
			w.known[t] = true
		}
	}
	opened := make(map[int32]int)
	for i := range w.sentences {
		if s := &w.sentences[i]; s.number == 0 {
			for _, x := range s.vector {
				if opened[x.term]++; opened[x.term] == 2 {
					w.known[x.term] = true
				}
			}
		}
	}
}

// dangles says whether sentence i leans on others by its words.
func (w *writer) dangles(i int) bool {
	if w.leans[i] == 0 {
		w.leans[i] = -1
		if dangles(&w.sentences[i]) {
			w.leans[i] = 1
		}
	}
	return w.leans[i] > 0
}

// section returns the sentences under the leading article's own heading; when
// it has none, those that choose picks from the plain text. A story that mixes
// structured and plain articles so uses both.
func (w *writer) section(name digest.Section, marked bool, choose func() []int) []int {
	var out []int
	if marked {
		out = w.given(name)
	}
	if len(out) == 0 && (!marked || len(w.articles) > 1 || name == digest.Lede) {
		out = choose()
	}
	for _, i := range out {
		w.show(i)
	}
	return out
}

// given returns the leading article's own sentences of a section. Text before
// the first heading is the lede.
func (w *writer) given(name digest.Section) []int {
	var out []int
	firstMark := w.articles[w.lead].Marks[0].Start
	for i := range w.sentences {
		s := &w.sentences[i]
		in := s.section == name || name == digest.Lede && s.section == "" && s.span.End <= firstMark
		if s.article != w.lead || !in || w.taken[i] || len(out) >= own[name] {
			continue
		}
		if furniture(s.text, s.folded) {
			continue
		}
		out = append(out, i)
	}
	return out
}

// free says whether sentence i may go into a section: whole, fit to be read
// alone, not shown yet, and not from under another heading.
func (w *writer) free(i int) bool {
	s := &w.sentences[i]
	return s.usable && s.text[0] != '[' && !w.taken[i] && len(s.fields) >= 6 && len(s.fields) <= 50 && s.section != digest.People
}

// best returns the sentence of the highest value, -1 when none has one of zero
// or more. The earlier one wins among equals.
func (w *writer) best(value func(int) float64) int {
	top, at := 0.0, -1
	for i := range w.sentences {
		if v := value(i); v > top || at < 0 && v == top {
			top, at = v, i
		}
	}
	return at
}

// why picks the sentence that says most clearly what hangs on the story: it
// speaks of the story itself, in the article's own words, and tells a
// consequence, a scale or a first.
func (w *writer) why() []int {
	const (
		threshold = 1.1
		subject   = 0.25 // least likeness with the story and its title
		plainly   = 0.9  // weight that needs neither name nor number
	)
	at := w.pick(never, func(i int) float64 {
		s := &w.sentences[i]
		if len(s.fields) < 9 || s.central+0.5*cosine(s.vector, w.titles[w.lead]) < subject || !w.stands(i) || w.dangles(i) {
			return -1
		}
		weight := stakes(unquoted(s))
		if !solid(s) && (weight < plainly || s.score < 0.28) {
			return -1
		}
		if v := weight + 1.5*s.score + 1.5*s.central - threshold; weight >= 0.7 && v >= 0 && !w.astray(i) && !w.stale(i) {
			return v
		}
		return -1
	})
	if at < 0 {
		return nil
	}
	return []int{at}
}

// show notes that a section shows sentence i.
func (w *writer) show(i int) {
	w.taken[i] = true
	if slices.Contains(w.shown, i) {
		return
	}
	w.shown = append(w.shown, i)
	for _, t := range w.sentences[i].terms {
		w.known[t] = true
	}
}

// stale says whether sentence i tells little that the sections do not show:
// outlets tell one fact in words of their own.
func (w *writer) stale(i int) bool {
	s := &w.sentences[i]
	if slices.ContainsFunc(w.said, func(q string) bool { return strings.Contains(s.text, q) }) {
		return true
	}
	need, likeness := freshness, 0.45
	if len(w.shown) > 0 && s.article != w.sentences[w.shown[0]].article {
		switch s.number {
		case 0:
			need, likeness = openness, 0.25
		case 1:
			need, likeness = (freshness+openness)/2, 0.35
		}
	}
	fresh := w.fresh(s)
	if fresh < need || fresh < 0.65 && w.counted(s) || w.repeats(i, w.shown) {
		return true
	}
	for _, j := range w.shown {
		if o := &w.sentences[j]; o.article != s.article && cosine(s.vector, o.vector) > likeness {
			return true
		}
	}
	return false
}

// counted says whether a sentence has numbers, and every one of them has been
// shown: it tells the same fact again.
func (w *writer) counted(s *sentence) bool {
	amounts := text.Numbers(s.text)
	for _, sp := range amounts {
		amount := s.text[sp.Start:sp.End]
		if !slices.ContainsFunc(w.shown, func(j int) bool { return strings.Contains(w.sentences[j].text, amount) }) {
			return false
		}
	}
	return len(amounts) > 0
}

// fresh returns the share of a sentence's terms, weighted by their rarity,
// that no section shows and no title tells.
func (w *writer) fresh(s *sentence) float64 { return w.untold(s, w.known) }

// know picks what else there is to know: facts with names and numbers that
// neither repeat one another nor what is shown already.
func (w *writer) know() []int {
	var out, candidates []int
	for i := range w.sentences {
		if s := &w.sentences[i]; w.stands(i) && len(s.fields) >= 8 && !w.astray(i) && !w.early(i) && !w.dangles(i) && solid(s) && (!defers(s) || slices.Contains(w.shown, i-1)) {
			candidates = append(candidates, i)
		}
	}
	words := 0
	for len(out) < mostKnow {
		candidates = slices.DeleteFunc(candidates, func(i int) bool {
			return w.taken[i] || words+len(w.sentences[i].fields) > knowWords || w.stale(i)
		})
		at := w.pick(0.25, func(i int) float64 {
			if _, ok := slices.BinarySearch(candidates, i); !ok {
				return -1
			}
			s := &w.sentences[i]
			v := 1 + lambda*(s.score+density(s)) - (1-lambda)*w.nearest(i, w.shown) + 0.3*w.fresh(s)
			if goesOn(s) || len(s.fields) > 40 {
				v -= 0.1
			}
			return v + 0.2*w.backed(i)
		})
		if at < 0 {
			break
		}
		out = append(out, at)
		words += len(w.sentences[at].fields)
		w.show(at)
	}
	slices.Sort(out)
	return out
}

// backed returns the share of the other articles that tell something like
// sentence i: what one outlet alone claims weighs less.
func (r *reading) backed(i int) float64 {
	const alike = 0.15
	if len(r.articles) < 2 {
		return 0
	}
	told := make([]bool, len(r.articles))
	n := 0
	for j := range r.sentences {
		if a := r.sentences[j].article; a != r.sentences[i].article && !told[a] && r.alike(i, j) >= alike {
			told[a] = true
			n++
		}
	}
	return float64(n) / float64(len(r.articles)-1)
}

// stands says whether sentence i may go into a section and can be read without
// the ones around it.
func (w *writer) stands(i int) bool {
	s := &w.sentences[i]
	return w.free(i) && (!leans(s.fields) || s.number == 0 && begins(s.fields)) && !mostlyQuote(s) && !question(s)
}

// early says whether sentence i sets the scene for the lede, whose article it
// stands in before the lede.
func (w *writer) early(i int) bool {
	return len(w.shown) > 0 && w.sentences[i].article == w.sentences[w.shown[0]].article && i < w.shown[0]
}

// astray says whether sentence i of another article than the leading one
// speaks of something else than the story does.
func (w *writer) astray(i int) bool {
	s := &w.sentences[i]
	return s.article != w.lead && s.central < 0.2 && cosine(s.vector, w.sentences[w.starts[w.lead]].vector) < 0.05 && cosine(s.vector, w.titles[w.lead]) < 0.05
}

// next picks the sentences that announce something for a day to come.
func (w *writer) next() []int {
	var out []int
	for i := range w.sentences {
		if s := &w.sentences[i]; w.stands(i) && !w.dangles(i) && announces(s, w.articles[s.article], w.now) && !w.astray(i) && !w.stale(i) {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(w.sentences[b].score, w.sentences[a].score) })
	var kept []int
	for _, i := range out {
		if len(kept) < 2 && !w.repeats(i, kept) {
			kept = append(kept, i)
		}
	}
	slices.Sort(kept)
	return kept
}

// sameDay says whether two times fall on one day; words like "tomorrow" are
// understood on it. An undated article is taken at its word.
func sameDay(a, b time.Time) bool {
	return a.IsZero() || b.IsZero() || a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

// mostlyQuote says whether a sentence is somebody's words more than the
// article's own.
func mostlyQuote(s *sentence) bool { return s.quoted > 0.35 }

// question says whether a sentence asks.
func question(s *sentence) bool {
	return strings.HasSuffix(strings.TrimRight(s.text, "\"”»’') "), "?")
}

// echoes says whether a sentence hardly says more than the title.
func echoes(s *sentence, title vector) bool {
	return len(title) > 2 && overlap(s.vector, title) >= 0.7
}
