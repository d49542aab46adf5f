package brief

import (
	"math"
	"slices"
	"strings"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// longest is how many sentences of one article are looked at: news says what
// matters long before, and similarities are computed pairwise.
const longest = 120

// reading is a story taken apart: the sentences of its articles with their
// term vectors, and what the story as a whole is about.
type reading struct {
	articles  []digest.Article            // those with text, copies left out
	sentences []sentence                  // by article, in order
	titles    []vector                    // by article
	headers   [][]int32                   // terms of the titles, by article
	centroid  vector                      // of all sentences
	told      []string                    // ids of articles that the reader was shown before
	counts    []int                       // sentences by article
	starts    []int                       // index of the first sentence by article
	numbers   map[string]int32            // term → its number
	names     []string                    // term by its number
	likeness  [][]float64                 // of sentences, pairwise; nil before they are rated
	idf       []float64                   // by term number
	known     map[string]map[string]int32 // by language: word → number of its term, -1 for none
}

// sentence is a sentence of a reading.
type sentence struct {
	article   int       // index into reading.articles
	number    int       // of the sentence in its article
	span      text.Span // in the article's text, without dateline and trailing noise
	text      string
	paragraph int
	opens     bool     // first sentence of its paragraph
	alone     bool     // only sentence of its paragraph
	folded    string   // for finding phrases, see fold
	fields    []string // words as written
	quoted    float64  // share of the words within quotation marks
	terms     []int32  // in order, with repetitions
	vector    vector
	section   digest.Section // heading it stands under, "" when none
	usable    bool           // a whole sentence of the article's own text, fit to stand alone on a page
	central   float64        // cosine with the centroid
	score     float64        // from the model, 0..1
}

// read takes the articles apart. Articles without text add their titles only.
func read(articles []digest.Article) *reading {
	r := &reading{numbers: make(map[string]int32), known: make(map[string]map[string]int32)}
	for _, a := range articles {
		lang := a.Language
		i := len(r.articles)
		r.articles = append(r.articles, a)
		h := r.terms(a.Title, lang)
		r.headers = append(r.headers, h)
		r.titles = append(r.titles, r.vector(h))
		r.split(a, i)
	}
	var all []int32
	for i := range r.sentences {
		if r.sentences[i].usable {
			all = append(all, r.sentences[i].terms...)
		}
	}
	r.centroid = r.vector(all)
	for i := range r.sentences {
		r.sentences[i].central = cosine(r.sentences[i].vector, r.centroid)
	}
	return r
}

// split adds the sentences of article number i.
func (r *reading) split(a digest.Article, i int) {
	spans := text.Sentences(a.Text, a.Language)
	if len(spans) > longest && len(a.Marks) == 0 {
		spans = spans[:longest]
	}
	first, paragraph, last := len(r.sentences), 0, 0
	for n, sp := range spans {
		if n > 0 && strings.Contains(a.Text[last:sp.Start], "\n") {
			paragraph++
		}
		opens := n == 0 || r.sentences[len(r.sentences)-1].paragraph != paragraph
		last = sp.End
		sp = trim(a.Text, sp)
		s := sentence{article: i, number: n, span: sp, paragraph: paragraph, opens: opens}
		r.fill(&s, a)
		r.sentences = append(r.sentences, s)
	}
	own := r.sentences[first:]
	r.join(own, a)
	for k := range own {
		own[k].alone = own[k].opens && (k+1 == len(own) || own[k+1].opens)
	}
	r.starts = append(r.starts, first)
	r.counts = append(r.counts, len(own))
}

// fill reads what a sentence says from its span.
func (r *reading) fill(s *sentence, a digest.Article) {
	s.text = squeeze(a.Text[s.span.Start:s.span.End])
	s.fields = strings.Fields(s.text)
	s.terms = r.terms(s.text, a.Language)
	s.vector = r.vector(s.terms)
	s.section = sectionAt(a.Marks, s.span)
	s.folded, s.quoted = fold(s.text), quoted(s.text, s.fields)
	s.usable = usable(s.text, s.folded, s.fields)
}

// join makes one sentence of two that a quotation spans, so that neither
// stands with half of it.
func (r *reading) join(own []sentence, a digest.Article) {
	for k := 0; k+1 < len(own); k++ {
		one, two := &own[k], &own[k+1]
		if one.usable || two.usable || two.opens || one.section != two.section || balanced(one.text) || balanced(two.text) {
			continue
		}
		both := *one
		both.span.End = two.span.End
		if r.fill(&both, a); both.usable && len(both.fields) <= 60 {
			*one = both
			k++
		}
	}
}

// sectionAt returns the section that a span stands under.
func sectionAt(marks []digest.Mark, sp text.Span) digest.Section {
	for _, m := range marks {
		if sp.Start >= m.Start && sp.End <= m.End {
			return m.Section
		}
	}
	return ""
}

// terms returns the numbers of the terms of s: those of text.Terms, each word
// looked up once.
func (r *reading) terms(s, lang string) []int32 {
	if text.Base(lang) == "" {
		lang = "en"
	}
	known := r.known[lang]
	if known == nil {
		known = make(map[string]int32)
		r.known[lang] = known
	}
	list := text.Words(s)
	out := make([]int32, 0, len(list))
	for _, w := range list {
		n, ok := known[w]
		if !ok {
			n = r.number(w, lang)
			known[w] = n
		}
		if n >= 0 {
			out = append(out, n)
		}
	}
	return out
}

// number returns the number of a word's term, -1 for a stop word.
func (r *reading) number(word, lang string) int32 {
	w := strings.TrimSuffix(word, "'s")
	if w == "" || text.Stop(word, lang) || len(w) < len(word) && text.Stop(w, lang) {
		return -1
	}
	w = text.Stem(w, lang)
	n, ok := r.numbers[w]
	if !ok {
		n = int32(len(r.idf))
		r.numbers[w] = n
		r.names, r.idf = append(r.names, w), append(r.idf, text.IDF(w, lang))
	}
	return n
}

// weight is one entry of a vector.
type weight struct {
	term  int32
	value float64
}

// vector is a sparse vector of length one, sorted by term.
type vector []weight

// vector returns the TF-IDF vector of terms, tf being 1 + log of the count.
func (r *reading) vector(terms []int32) vector {
	sorted := slices.Clone(terms)
	slices.Sort(sorted)
	v := make(vector, 0, len(sorted))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		v = append(v, weight{sorted[i], (1 + math.Log(float64(j-i))) * r.idf[sorted[i]]})
		i = j
	}
	return v.unit()
}

// unit scales a vector to length one.
func (v vector) unit() vector {
	sum := 0.0
	for _, w := range v {
		sum += w.value * w.value
	}
	if sum == 0 {
		return v
	}
	norm := 1 / math.Sqrt(sum)
	for i := range v {
		v[i].value *= norm
	}
	return v
}

// cosine returns how alike two vectors are, 0..1.
func cosine(a, b vector) float64 {
	sum := 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].term < b[j].term:
			i++
		case a[i].term > b[j].term:
			j++
		default:
			sum += a[i].value * b[j].value
			i++
			j++
		}
	}
	return sum
}

// overlap returns the share of the distinct terms of a that b has too.
func overlap(a, b vector) float64 {
	if len(a) == 0 {
		return 0
	}
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].term < b[j].term:
			i++
		case a[i].term > b[j].term:
			j++
		default:
			n++
			i++
			j++
		}
	}
	return float64(n) / float64(len(a))
}

// squeeze writes runs of white space as one blank.
func squeeze(s string) string {
	if !strings.ContainsAny(s, "\n\t\r") && !strings.Contains(s, "  ") && !strings.Contains(s, "\u00a0") {
		return strings.TrimSpace(s)
	}
	return strings.Join(strings.Fields(s), " ")
}
