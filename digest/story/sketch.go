package story

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"nutgraf/digest"
	"nutgraf/digest/text"
)

// A sketch is, in this order: the version; two bytes of language, zero when
// unknown; the number of terms; a bit for each weekday that is named, from
// Sunday; six bytes per term, by rising hash; and the signature. Numbers are
// little-endian.
const (
	version   = 2
	header    = 5
	termSize  = 6
	maxTerms  = 148 // keeps a sketch within 1,024 bytes
	signature = 64  // numbers of two bytes

	leadWords = 120
	leadBytes = 12 * leadWords // read at most this much of a text: cheap even for books
	fewWords  = 20             // a lead shorter than this is no base for telling reprints
	shingle   = 3              // words per shingle

	idfScale = 16 // steps per unit of inverse document frequency
	maxTitle = 3  // occurrences counted in a title
	maxLead  = 15 // occurrences counted in a lead
	digits   = 1 << 6
)

// term is one stem of a sketch: how often it stands in title and lead, whether
// it is a number, and how rare it is in news at large.
type term struct {
	hash   uint32
	counts byte // two bits title, four bits lead, one bit number
	idf    byte // in steps of 1/idfScale
}

// weight returns the term's share in similarity when it is as rare as given,
// before normalisation: a word of the title counts as two and a half of the lead.
func (t term) weight(rarity float64) float64 {
	tf := titleWeight*float64(t.counts&maxTitle) + float64(t.counts>>2&maxLead)
	w := math.Log1p(tf) * rarity
	if t.counts&digits != 0 {
		w *= numberWeight
	}
	return w
}

// Sketch returns what Group compares an article by: a compact term vector of
// its title and the first 120 words of its text, and a signature that reprints
// share. It is at most 1,024 bytes, depends on title, text and language alone,
// and is meant to be made once and stored.
func Sketch(a digest.Article) []byte {
	lead := opening(a.Text)
	lang := a.Language
	if lang == "" {
		lang = text.Language(a.Title+"\n\n"+lead, "")
	}
	titleWords, words := text.Words(a.Title), text.Words(lead)
	words = words[:min(len(words), leadWords)]
	terms := count(titleWords, words, lang)

	b := make([]byte, header, header+termSize*len(terms)+2*signature)
	b[0], b[3] = version, byte(len(terms))
	if len(lang) == 2 {
		copy(b[1:3], lang)
	}
	for _, w := range slices.Concat(titleWords, words) {
		if day, ok := text.Weekday(w, lang); ok {
			b[4] |= 1 << day
		}
	}
	for _, t := range terms {
		b = binary.LittleEndian.AppendUint32(b, t.hash)
		b = append(b, t.counts, t.idf)
	}
	if len(words) < fewWords {
		words = append(titleWords, words...)
	}
	for _, s := range sign(words) {
		b = binary.LittleEndian.AppendUint16(b, s)
	}
	return b
}

// opening returns the first leadBytes of s, cut at a blank.
func opening(s string) string {
	if len(s) <= leadBytes {
		return s
	}
	s = s[:leadBytes]
	return strings.ToValidUTF8(s[:max(strings.LastIndexByte(s, ' '), 0)], "")
}

// count returns the terms of a title and a lead by rising hash; of more than
// maxTerms those with the greatest weight.
func count(title, lead []string, lang string) []term {
	found := make(map[string]*term)
	note := func(words []string, step, most byte) {
		for _, w := range words {
			if text.Stop(w, lang) {
				continue
			}
			stem := text.Stem(w, lang)
			t := found[stem]
			if t == nil {
				idf := math.Round(text.IDF(stem, lang) * idfScale)
				t = &term{hash: hash(stem), idf: byte(min(max(idf, 1), math.MaxUint8))}
				if stem[0] >= '0' && stem[0] <= '9' {
					t.counts = digits
				}
				found[stem] = t
			}
			if t.counts&most < most {
				t.counts += step
			}
		}
	}
	note(title, 1, maxTitle)
	note(lead, 1<<2, maxLead<<2)
	terms := make([]term, 0, len(found))
	for _, t := range found {
		terms = append(terms, *t)
	}
	slices.SortFunc(terms, byHash)
	terms = slices.CompactFunc(terms, func(a, b term) bool { return a.hash == b.hash })
	if len(terms) > maxTerms {
		slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(b.weight(float64(b.idf)), a.weight(float64(a.idf))) })
		terms = terms[:maxTerms]
		slices.SortFunc(terms, byHash)
	}
	return terms
}

// byHash orders terms so that two with one hash, should that ever happen, have
// an order too.
func byHash(a, b term) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.idf, b.idf), cmp.Compare(a.counts, b.counts))
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// sign returns the MinHash signature of the words' shingles, one number per
// permutation; two texts agree in about as many places as their shingles do.
func sign(words []string) [signature]uint16 {
	var least [signature]uint32
	for i := range least {
		least[i] = math.MaxUint32
	}
	for i := range max(len(words)-shingle+1, min(len(words), 1)) {
		h := uint64(hash(strings.Join(words[i:min(i+shingle, len(words))], " ")))
		for k := range least {
			least[k] = min(least[k], mix(h|uint64(k)<<32))
		}
	}
	var s [signature]uint16
	for k, v := range least {
		s[k] = uint16(v)
	}
	return s
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint32 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return uint32(x >> 32)
}

// sketch is the bytes of a valid sketch.
type sketch []byte

// read checks that b is what Sketch writes.
func read(b []byte) (sketch, bool) {
	if len(b) < header || b[0] != version || len(b) != header+termSize*int(b[3])+2*signature {
		return nil, false
	}
	s := sketch(b)
	for i := 1; i < s.terms(); i++ {
		if s.term(i).hash <= s.term(i-1).hash {
			return nil, false
		}
	}
	return s, true
}

func (s sketch) lang() [2]byte { return [2]byte(s[1:3]) }
func (s sketch) terms() int    { return int(s[3]) }
func (s sketch) days() byte    { return s[4] }
func (s sketch) sign() []byte  { return s[header+termSize*s.terms():] }
func (s sketch) term(i int) term {
	p := s[header+termSize*i:]
	return term{binary.LittleEndian.Uint32(p), p[4], p[5]}
}

// vector is a sketch with the weights that its terms have in a window. The
// weights have the Euclidean norm 1.
type vector struct {
	lang   [2]byte
	hashes []uint32 // rising
	weight []float32
	sign   []byte
}

// vector weighs the terms of a sketch.
func (s sketch) vector(c census) vector {
	n := s.terms()
	v := vector{lang: s.lang(), hashes: make([]uint32, n), weight: make([]float32, n), sign: s.sign()}
	var sum float64
	for i := range n {
		t := s.term(i)
		w := t.weight(c.rarity(t))
		v.hashes[i], v.weight[i] = t.hash, float32(w)
		sum += w * w
	}
	if sum > 0 {
		scale := float32(1 / math.Sqrt(sum))
		for i := range v.weight {
			v.weight[i] *= scale
		}
	}
	return v
}

// cosine returns how much two articles speak of the same, from 0 to 1.
func cosine(a, b vector) float64 {
	var sum float64
	for i, j := 0, 0; i < len(a.hashes) && j < len(b.hashes); {
		switch {
		case a.hashes[i] < b.hashes[j]:
			i++
		case a.hashes[i] > b.hashes[j]:
			j++
		default:
			sum += float64(a.weight[i] * b.weight[j])
			i++
			j++
		}
	}
	return sum
}

// reprint reports whether one of the two texts copies the other: about half of
// their three-word sequences are the same, as after changing a tenth of the words.
func reprint(a, b vector) bool {
	same := 0
	for k := 0; k+1 < min(len(a.sign), len(b.sign)); k += 2 {
		if a.sign[k] == b.sign[k] && a.sign[k+1] == b.sign[k+1] {
			same++
		}
	}
	return same >= reprintPlaces && len(a.hashes) > 0
}
