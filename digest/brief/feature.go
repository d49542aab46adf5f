package brief

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// features is how many numbers the scorer sees of a sentence.
const features = 42

// featureNames names the features in order, for the table of weights.
var featureNames = [features]string{
	"constant", "first", "second", "third", "near the start", "inverse position", "relative position", "log position", "last",
	"paragraph opens", "paragraph of its own", "log paragraph", "centroid", "centroid rank", "title", "title covered", "lexrank", "lexrank rank",
	"log length", "short", "long", "names", "log names", "digits", "quotation mark", "share quoted", "pronoun", "connective", "question",
	"first person", "second person", "mean idf", "first sentence", "next sentence", "reporting verb", "outlets", "all titles", "top terms",
	"first × title", "near the start × centroid", "log size", "names of the title",
}

// facts are the features of one sentence.
type facts [features]float64

// facts returns the features of every sentence of the reading.
func (r *reading) facts() []facts {
	out := make([]facts, len(r.sentences))
	central := make([]float64, len(r.sentences))
	for i := range r.sentences {
		central[i] = r.sentences[i].central
	}
	ranks, likeness := lexrank(r.sentences)
	r.likeness = likeness
	centralRank, lexRank := places(central), places(ranks)
	top := r.top(12)
	for i := range r.sentences {
		s, f := &r.sentences[i], &out[i]
		f[0] = 1
		r.position(s, f)
		f[12], f[13] = central[i], centralRank[i]
		f[14], f[15] = cosine(s.vector, r.titles[s.article]), overlap(r.titles[s.article], s.vector)
		f[16], f[17] = ranks[i]*float64(len(ranks)), lexRank[i]
		form(s, f)
		f[31] = r.rarity(s)
		r.context(i, likeness, f)
		f[37] = share(s.vector, top)
		f[38], f[39] = f[1]*f[14], f[4]*f[12]
		f[40] = math.Log(1+float64(r.counts[s.article])) / 4
	}
	return out
}

// position fills the features that say where the sentence stands.
func (r *reading) position(s *sentence, f *facts) {
	n, of := float64(s.number), float64(r.counts[s.article])
	if s.number < 3 {
		f[1+s.number] = 1
	}
	f[4], f[5], f[6], f[7] = math.Exp(-n/2), 1/(1+n), n/of, math.Log(1+n)/4
	if n >= of*0.9 {
		f[8] = 1
	}
	f[9], f[10] = truth(s.opens), truth(s.alone)
	f[11] = math.Log(1+float64(s.paragraph)) / 4
}

// form fills the features that the words of the sentence alone decide.
func form(s *sentence, f *facts) {
	n := float64(len(s.fields))
	f[18], f[19], f[20] = math.Log(1+n)/4, truth(n < 10), truth(n > 35)
	names, digits, first, second, reports := 0.0, 0.0, 0.0, 0.0, 0.0
	for i, w := range s.fields {
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case i > 0 && unicode.IsUpper(r):
			names++
		case strings.ContainsAny(w, "0123456789"):
			digits++
		}
		switch strings.ToLower(strings.Trim(w, "\"“”,.;:?!")) {
		case "i", "we", "my", "our", "us", "me", "i'm", "i’m", "we're", "we’re":
			first = 1
		case "you", "your", "you're", "you’re":
			second = 1
		case "said", "says", "told", "according", "added", "wrote":
			reports = 1
		}
	}
	f[21], f[22], f[23] = names/n, math.Log(1+names)/3, math.Min(digits, 3)/3
	f[24], f[25] = truth(strings.ContainsAny(s.text, "\"“”«»„")), s.quoted
	f[26], f[27] = truth(leans(s.fields)), truth(links[strings.ToLower(strings.Trim(s.fields[0], ",\"“"))])
	f[28] = truth(strings.HasSuffix(strings.TrimRight(s.text, "\"”"), "?"))
	f[29], f[30], f[34] = first, second, reports
}

// links are first words that go on from the sentence before.
var links = set("but and or so yet however also meanwhile still then moreover furthermore nevertheless nonetheless therefore thus instead otherwise besides additionally")

// quoted returns the share of the words that stand within quotation marks.
func quoted(s string, fields []string) float64 {
	n, open := 0, false
	if !strings.ContainsAny(s, "\"“«„") {
		return 0
	}
	for _, w := range fields {
		straight := strings.Count(w, "\"")
		opens := strings.ContainsAny(w, "“«„") || straight == 1 && !open
		open = open || opens
		if open {
			n++
		}
		if strings.ContainsAny(w, "”»") || straight == 1 && !opens || straight == 2 {
			open = false
		}
	}
	return float64(n) / math.Max(1, float64(len(fields)))
}

// rarity returns the mean IDF of the sentence's terms, about 0..1.
func (r *reading) rarity(s *sentence) float64 {
	sum := 0.0
	for _, t := range s.terms {
		sum += r.idf[t]
	}
	return sum / (10 * math.Max(1, float64(len(s.terms))))
}

// context fills the features that other sentences, articles and titles decide.
func (r *reading) context(i int, likeness [][]float64, f *facts) {
	s := &r.sentences[i]
	first := i - s.number
	if s.number > 0 && first >= 0 {
		f[32] = cosine(s.vector, r.sentences[first].vector)
	}
	if i+1 < len(r.sentences) && r.sentences[i+1].article == s.article {
		f[33] = cosine(s.vector, r.sentences[i+1].vector)
	}
	best := make([]float64, len(r.articles))
	for j, v := range likeness[i] {
		if a := r.sentences[j].article; a != s.article {
			best[a] = math.Max(best[a], v)
		}
	}
	for a, v := range best {
		f[35] += v
		f[36] += cosine(s.vector, r.titles[a])
	}
	f[35] /= math.Max(1, float64(len(r.articles)-1))
	f[36] /= float64(len(r.articles))
}

// top returns the n heaviest terms of the centroid.
func (r *reading) top(n int) vector {
	v := slices.Clone(r.centroid)
	slices.SortFunc(v, func(a, b weight) int {
		if a.value != b.value {
			if a.value > b.value {
				return -1
			}
			return 1
		}
		return int(a.term - b.term)
	})
	v = v[:min(n, len(v))]
	slices.SortFunc(v, func(a, b weight) int { return int(a.term - b.term) })
	return v
}

// share returns how much of the weight of top a sentence holds, 0..1.
func share(v, top vector) float64 {
	has, all := 0.0, 0.0
	i := 0
	for _, t := range top {
		all += t.value
		for i < len(v) && v[i].term < t.term {
			i++
		}
		if i < len(v) && v[i].term == t.term {
			has += t.value
		}
	}
	if all == 0 {
		return 0
	}
	return has / all
}

// places returns for every value the share of values that are greater.
func places(values []float64) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	out := make([]float64, len(values))
	for i, v := range values {
		at, _ := slices.BinarySearch(sorted, v)
		above := at
		for above < len(sorted) && sorted[above] == v {
			above++
		}
		out[i] = float64(len(sorted)-above) / float64(len(sorted))
	}
	return out
}

// truth turns a yes or no into 1 or 0.
func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// lexrank returns the continuous LexRank of the sentences, which sums to one,
// and their pairwise cosines.
func lexrank(s []sentence) (rank []float64, likeness [][]float64) {
	n := len(s)
	likeness = make([][]float64, n)
	cells := make([]float64, n*n)
	sums := make([]float64, n)
	for i := range s {
		likeness[i] = cells[i*n : (i+1)*n]
	}
	for i := range s {
		for j := range i {
			c := cosine(s[i].vector, s[j].vector)
			likeness[i][j], likeness[j][i] = c, c
			sums[i] += c
			sums[j] += c
		}
	}
	rank = make([]float64, n)
	next := make([]float64, n)
	for i := range rank {
		rank[i] = 1 / float64(n)
	}
	for range 15 {
		lost := 0.0
		clear(next)
		for i, row := range likeness {
			if sums[i] == 0 {
				lost += rank[i]
				continue
			}
			give := rank[i] / sums[i]
			for j, c := range row {
				next[j] += give * c
			}
		}
		for i := range next {
			next[i] = 0.15/float64(n) + 0.85*(next[i]+lost/float64(n))
		}
		rank, next = next, rank
	}
	return rank, likeness
}
