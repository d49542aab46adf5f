package brief

import (
	"math"
	"unicode"
	"unicode/utf8"

	"nutgraf/digest/text"
)

// unigrams is how many numbers the model of words sees of one of them.
const unigrams = 36

// unigramNames names the features in order, for the table of weights.
var unigramNames = [unigrams]string{
	"constant", "second", "third", "fourth or later", "log count", "log count over rank", "title", "share of titles", "near the start", "first sentence",
	"inverse position", "log position", "idf", "small", "small × log count", "capital", "digits", "best sentence", "sum of sentences", "first score",
	"share of articles", "two articles", "quoted", "log size", "log letters", "second × small", "third × small", "title × capital", "first sentence × capital",
	"small × near the start", "idf × log count", "pronoun", "article or preposition", "reports", "auxiliary", "fourth × small",
}

// crossed are the features whose products with one another are features too.
var crossed = [...]int{1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 17, 18, 20, 23}

// products is how many pairs of crossed features there are.
const products = len(crossed) * (len(crossed) + 1) / 2

// words is a model of how likely a summary by people has a word: a logistic
// one, corrected by the word's own habits and, where that helps, by trees.
type words struct {
	linear traits
	pairs  [products]float64 // row by row: each crossed feature with those up to it
	habits func() map[string]habit
	trees  []tree
}

// token is one of the words that a summary is measured by, small words
// included.
type token struct {
	word              string
	term              string // under which its habits are found
	count             int    // in usable sentences
	first             int    // number of the first sentence it stands in
	capitals, quoted  int
	titles            int    // that have it
	in                []bool // articles that have it
	articles          int
	best, sum, scored float64 // of the scores of its sentences: greatest, sum, first
	small, reports    bool
	idf               float64
}

// traits are the features of one occurrence of a token: its first in a
// summary, its second, and so on.
type traits [unigrams]float64

// lexis is the words of a reading: what each is worth in a summary.
type lexis struct {
	tokens []token
	words  [][]int32   // by sentence
	worth  [][]float64 // by token and occurrence: chance that a reference has as many
	size   int
}

// lexis collects the words of the reading's usable sentences.
func (r *reading) lexis() *lexis {
	l := &lexis{words: make([][]int32, len(r.sentences))}
	c := collector{lexis: l, reading: r, surfaces: make(map[string]int32, 512), terms: make(map[int32]int32, 512)}
	l.tokens = make([]token, 0, 512)
	for i := range r.sentences {
		s := &r.sentences[i]
		if !s.usable {
			continue
		}
		l.size++
		l.words[i] = make([]int32, 0, len(s.fields)+4)
		c.tokenize(s.text, func(word []byte, capital bool) {
			n := c.number(word, s)
			l.words[i] = append(l.words[i], n)
			l.tokens[n].note(s, capital)
		})
	}
	for _, a := range r.articles {
		seen := make(map[int32]bool)
		c.tokenize(a.Title, func(word []byte, _ bool) {
			if n, ok := c.surfaces[string(word)]; ok && !seen[n] {
				seen[n] = true
				l.tokens[n].titles++
			}
		})
	}
	return l
}

// collector gives numbers to the words of a reading.
type collector struct {
	*lexis
	reading  *reading
	surfaces map[string]int32 // by the word as written, in small letters
	terms    map[int32]int32  // by the number of a term
	word     []byte
}

// tokenize calls f with the words of s as summaries are measured by: runs of
// letters and digits, in small letters.
func (c *collector) tokenize(s string, f func(word []byte, capital bool)) {
	c.word = c.word[:0]
	capital := false
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			c.word = append(c.word, byte(r))
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if len(c.word) == 0 {
				capital = unicode.IsUpper(r)
			}
			c.word = utf8.AppendRune(c.word, unicode.ToLower(r))
			continue
		case len(c.word) > 0:
			f(c.word, capital)
		}
		c.word, capital = c.word[:0], false
	}
	if len(c.word) > 0 {
		f(c.word, capital)
	}
}

// number returns the number of the token of a word, which words of one term
// share.
func (c *collector) number(word []byte, s *sentence) int32 {
	n, ok := c.surfaces[string(word)]
	if ok {
		return n
	}
	lang, w := c.reading.articles[s.article].Language, string(word)
	term, known := c.reading.known[lang][w]
	if !known && len(w) > 1 {
		term = c.reading.number(w, lang)
	}
	small := term < 0 || len(w) == 1
	if n, ok = c.terms[term]; small || !ok {
		n = int32(len(c.tokens))
		t := token{word: w, first: s.number, scored: s.score, in: make([]bool, len(c.reading.articles)), small: small, reports: reports[w]}
		if text.Base(lang) == "" || text.Base(lang) == "en" {
			t.term = w
		}
		if !small {
			t.idf = c.reading.idf[term]
			if t.term != "" {
				t.term = c.reading.names[term]
			}
			c.terms[term] = n
		}
		c.tokens = append(c.tokens, t)
	}
	c.surfaces[w] = n
	return n
}

// note counts an occurrence of the token in a sentence.
func (t *token) note(s *sentence, capital bool) {
	t.count++
	t.first = min(t.first, s.number)
	if !t.in[s.article] {
		t.in[s.article] = true
		t.articles++
	}
	if capital {
		t.capitals++
	}
	if s.quoted > 0.35 {
		t.quoted++
	}
	t.best = math.Max(t.best, s.score)
	t.sum += s.score
}

// The kinds of small words.
var (
	persons     = set("i you he she it we they me him her us them my your his our their its who what")
	connectors  = set("the a an of in to on at for by with from and")
	reports     = set("said says saying told tells added adds according")
	auxiliaries = set("is are was were be been being has have had do does did will would can could may might not but that this there")
)

// traits returns the features of occurrence number k, from 1, of a token.
func (l *lexis) traits(t *token, k, articles int) (f traits) {
	n, count, first := float64(k), math.Log(1+float64(t.count)), float64(t.first)
	small := truth(t.small)
	f[0], f[1], f[2], f[3] = 1, truth(k == 2), truth(k == 3), truth(k > 3)*math.Log(n)
	f[4], f[5] = count/3, math.Log(float64(t.count)/n)/3
	f[6], f[7] = truth(t.titles > 0), float64(t.titles)/float64(articles)
	f[8], f[9], f[10], f[11] = math.Exp(-first/2), truth(t.first == 0), 1/(1+first), math.Log(1+first)/4
	f[12], f[13], f[14] = t.idf/10, small, small*count/3
	f[15], f[16] = float64(t.capitals)/float64(t.count), truth(t.word[0] >= '0' && t.word[0] <= '9')
	f[17], f[18], f[19] = t.best, math.Log(1+t.sum)/2, t.scored
	f[20], f[21] = float64(t.articles)/float64(articles), truth(t.articles > 1)
	f[22], f[23], f[24] = float64(t.quoted)/float64(t.count), math.Log(1+float64(l.size))/4, math.Log(float64(len(t.word)))/3
	f[25], f[26], f[35] = f[1]*small, f[2]*small, f[3]*small
	f[27], f[28], f[29], f[30] = f[6]*f[15], f[9]*f[15], small*f[8], f[12]*f[4]
	if t.small {
		f[31], f[32], f[34] = truth(persons[t.word]), truth(connectors[t.word]), truth(auxiliaries[t.word])
	}
	f[33] = truth(t.reports)
	return f
}
