package text

import (
	"strings"
	"sync"

	"github.com/abadojack/whatlanggo"
)

// headline is the number of letters up to which a text is read as a headline:
// too short for its letters' sequences alone to tell the language.
const headline = 120

// The weights of what speaks for a language, and by how much the best must be
// ahead of the next to be believed.
const (
	sequenceWeight = 1.0 // letters' sequences, times their certainty
	sequenceFirst  = 0.3 // being the likeliest by letters' sequences at all
	commonWeight   = 0.4 // a word that is common in English news, and no name
	ahead          = 0.5
	aheadUnknown   = 0.9 // where nothing but the sequences speaks for it
)

// common is how rare a word may be to be common in English news; see IDF.
const common = 7

// spelling is what words of some languages look like.
type spelling struct {
	pieces string // letters and sequences of letters, parted by blanks
	langs  string
	weight float64
}

func spellings() [15]spelling {
	return [...]spelling{
		{"ß ü", "de", .7}, {"ñ", "es", .9}, {"ã õ ção ções lh nh", "pt", .7}, {"œ ê û î eau oux qu' aux", "fr", .7},
		{"ò ì gli cch zz zione dell' l'u", "it", .7}, {"ij aa uu", "nl", .5}, {"th sh wh", "en", .7},
		{"sch", "de nl", .6},
		{"ä ö", "de sv fi", .5}, {"å", "sv da no", .6}, {"æ ø", "da no", .8}, {"á í ó ú", "es pt", .6}, {"â ç ô", "fr pt", .6},
		{"è à ù", "fr it", .5}, {"ł ż ś ć ą ę ź", "pl", .9},
	}
}

// wordTongues returns, for each function word, the languages that have it.
var wordTongues = sync.OnceValue(func() map[string][]string {
	out := make(map[string][]string)
	for lang, words := range stopWords() {
		for w := range words {
			out[w] = append(out[w], lang)
		}
	}
	return out
})

// ofHeadline guesses the language of a few words in Latin script by what they
// are: function words, spellings, words that are common in English news, and
// the sequences of letters. It returns "" where two languages are near.
func ofHeadline(s string) string {
	guess, certainty := likeliest(s)
	bySequence := sequenceFirst + sequenceWeight*certainty
	score := map[string]float64{guess: bySequence}
	for _, w := range Words(s) {
		tongues := wordTongues()[w]
		for _, l := range tongues {
			score[l] += 1 / float64(len(tongues))
		}
		if len(tongues) == 0 && len(w) > 3 && !properName(w) && IDF(Stem(w, "en"), "en") < common {
			score["en"] += commonWeight
		}
		for _, k := range spellings() {
			if !k.fits(w) {
				continue
			}
			for l := range strings.FieldsSeq(k.langs) {
				score[l] += k.weight
			}
		}
	}
	best, next, lang := 0.0, 0.0, ""
	for l, x := range score {
		if x > best {
			best, next, lang = x, best, l
		} else {
			next = max(next, x)
		}
	}
	need := ahead
	if lang == guess && best == bySequence {
		need = aheadUnknown
	}
	if best-next < need {
		return ""
	}
	return lang
}

// fits reports whether the word is spelled so.
func (k spelling) fits(w string) bool {
	for piece := range strings.FieldsSeq(k.pieces) {
		if strings.Contains(w, piece) {
			return true
		}
	}
	return false
}

// likeliest returns the language that the sequences of letters suggest, and
// how certain they are, from 0 to 1; "" with a certainty of 0 for a tie, which
// would be broken by chance.
func likeliest(s string) (lang string, certainty float64) {
	names := newsLanguages()
	options := whatlanggo.Options{Whitelist: make(map[whatlanggo.Lang]bool, len(names))}
	for l := range names {
		options.Whitelist[l] = true
	}
	info := whatlanggo.DetectWithOptions(s, options)
	if info.Confidence == 0 {
		return "", 0
	}
	return names[info.Lang], info.Confidence
}
