package brief

import (
	"cmp"
	"slices"
)

// aim is how the sentences of a summary are chosen.
type aim struct {
	reference float64 // words that a summary by people has
	sentence  float64 // share of the sentences' own scores in the worth
	beam      int     // drafts kept at a time
}

// The aims were chosen by cross-validation.
var singleAim, severalAim = aim{reference: 38, sentence: 0.12, beam: 12}, aim{reference: 33, sentence: 0.05, beam: 8}

// summary returns the sentences that tell most of the story in at most budget
// words: those whose words are likeliest to stand in a summary by people,
// counted once, for the length they take.
func (r *reading) summary(budget int) []int {
	m, a := &singleWords, singleAim
	if len(r.articles) > 1 {
		m, a = &severalWords, severalAim
	}
	return r.summaryWith(budget, m, a)
}

func (r *reading) summaryWith(budget int, m *words, a aim) []int {
	most := 50
	if len(r.articles) > 1 {
		most = 60 // the openings of outlets are long, and say it all
	}
	var candidates []int
	for i := range r.sentences {
		if n := len(r.sentences[i].fields); r.sentences[i].usable && n >= 6 && n <= min(most, budget) {
			candidates = append(candidates, i)
		}
	}
	l := r.lexis()
	l.weigh(m, len(r.articles))
	return r.compose(l, candidates, budget, a)
}

// compose searches the drafts of at most budget words, a few at a time, for the
// one of the greatest expected F-measure.
func (r *reading) compose(l *lexis, candidates []int, budget int, a aim) []int {
	value := func(worth float64, size int) float64 { return worth / (float64(size) + a.reference) }
	best := &draft{has: make([]uint8, len(l.tokens))}
	beam := []*draft{best}
	type step struct {
		from  *draft
		i     int
		gain  float64
		value float64
	}
	for len(beam) > 0 {
		var steps []step
		for _, d := range beam {
			for _, i := range candidates {
				n := len(r.sentences[i].fields)
				if d.words+n > budget || slices.Contains(d.taken, i) || r.repeats(i, d.taken) {
					continue
				}
				g := l.gain(d, i) + a.sentence*r.sentences[i].score*float64(len(l.words[i]))
				steps = append(steps, step{d, i, g, value(d.worth+g, d.size+len(l.words[i]))})
			}
		}
		slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(b.value, a.value) })
		beam = beam[:0:0]
		seen := make(map[float64]bool)
		for _, s := range steps {
			if len(beam) == a.beam {
				break
			}
			if seen[s.value] { // the same sentences in another order
				continue
			}
			seen[s.value] = true
			d := l.with(s.from, s.i, s.gain, len(r.sentences[s.i].fields))
			beam = append(beam, d)
			if s.value > value(best.worth, best.size) {
				best = d
			}
		}
	}
	slices.Sort(best.taken)
	return best.taken
}

// plain returns the logit of an occurrence by its features alone.
func (m *words) plain(f *traits) float64 {
	sum := 0.0
	for i, x := range f {
		sum += m.linear[i] * x
	}
	n := 0
	for i, a := range crossed {
		if f[a] != 0 {
			part := 0.0
			for j, b := range crossed[:i+1] {
				part += m.pairs[n+j] * f[b]
			}
			sum += f[a] * part
		}
		n += i + 1
	}
	return sum
}

// ranks is how many occurrences of a word are told apart.
const ranks = 6

// told returns how many occurrences of a token count: a summary repeats the
// small words, hardly ever the others.
func (t *token) told() int {
	if t.small {
		return min(t.count, ranks)
	}
	return min(t.count, 2)
}

// weigh computes what every occurrence of every token is worth.
func (l *lexis) weigh(m *words, articles int) {
	l.worth = make([][]float64, len(l.tokens))
	habits := m.habits()
	for i := range l.tokens {
		t := &l.tokens[i]
		n := t.told()
		l.worth[i] = make([]float64, n)
		own := habits[t.term]
		for k := 1; k <= n; k++ {
			f := l.traits(t, k, articles)
			l.worth[i][k-1] = sigmoid(m.plain(&f) + own.of(k) + fall(m.trees, &f))
		}
	}
}

// draft is a summary in the making.
type draft struct {
	taken []int
	has   []uint8 // by token: occurrences
	worth float64
	words int // as written
	size  int // as measured
}

// gain returns what sentence i would add to a draft.
func (l *lexis) gain(d *draft, i int) float64 {
	sum := 0.0
	for _, t := range l.words[i] {
		if k := int(d.has[t]); k < len(l.worth[t]) {
			sum += l.worth[t][k]
		}
		d.has[t]++
	}
	for _, t := range l.words[i] {
		d.has[t]--
	}
	return sum
}

// with returns the draft with sentence i.
func (l *lexis) with(d *draft, i int, gain float64, words int) *draft {
	out := &draft{taken: append(slices.Clone(d.taken), i), has: slices.Clone(d.has), worth: d.worth + gain, words: d.words + words, size: d.size + len(l.words[i])}
	for _, t := range l.words[i] {
		out.has[t]++
	}
	return out
}
