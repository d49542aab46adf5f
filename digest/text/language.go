package text

import (
	"strings"
	"sync"
	"unicode"

	"github.com/abadojack/whatlanggo"
)

// Base returns the ISO 639-1 code of a language tag, "en" for "en-US", or ""
// when there is none. Both written forms of Norwegian are "no".
func Base(tag string) string {
	if len(tag) == 2 && tag != "nb" && tag != "nn" && tag != "iw" && isLetter(tag[0]) && isLetter(tag[1]) {
		return tag
	}
	tag = strings.ToLower(strings.TrimSpace(tag))
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	if code, ok := otherCodes()[tag]; ok {
		return code
	}
	if len(tag) != 2 || !isLetter(tag[0]) || !isLetter(tag[1]) {
		return ""
	}
	return tag
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

var otherCodes = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
		"nld": "nl", "dut": "nl", "rus": "ru", "ukr": "uk", "pol": "pl", "swe": "sv", "dan": "da", "nor": "no",
		"nb": "no", "nn": "no", "nob": "no", "nno": "no", "fin": "fi", "zho": "zh", "chi": "zh", "jpn": "ja",
		"kor": "ko", "ara": "ar", "hin": "hi", "tur": "tr", "heb": "he", "iw": "he",
	}
})

// newsLanguages are the languages that are told apart by their letters'
// sequences; rarer ones would only be mistaken for them.
var newsLanguages = sync.OnceValue(func() map[whatlanggo.Lang]string {
	return map[whatlanggo.Lang]string{
		whatlanggo.Eng: "en", whatlanggo.Deu: "de", whatlanggo.Fra: "fr", whatlanggo.Spa: "es",
		whatlanggo.Ita: "it", whatlanggo.Por: "pt", whatlanggo.Nld: "nl", whatlanggo.Pol: "pl",
		whatlanggo.Swe: "sv", whatlanggo.Dan: "da", whatlanggo.Nob: "no", whatlanggo.Fin: "fi",
		whatlanggo.Ces: "cs", whatlanggo.Hun: "hu", whatlanggo.Ron: "ro", whatlanggo.Tur: "tr",
		whatlanggo.Vie: "vi", whatlanggo.Ind: "id", whatlanggo.Hrv: "hr", whatlanggo.Rus: "ru",
		whatlanggo.Ukr: "uk", whatlanggo.Bul: "bg", whatlanggo.Srp: "sr", whatlanggo.Bel: "be",
		whatlanggo.Arb: "ar", whatlanggo.Pes: "fa", whatlanggo.Urd: "ur", whatlanggo.Hin: "hi",
		whatlanggo.Mar: "mr", whatlanggo.Heb: "he",
	}
})

// sample is how many bytes of a text are looked at.
const sample = 2000

// few is the number of letters under which letter sequences prove nothing.
const few = 24

// beyondDoubt is the share of function words at which a text is in the declared
// language beyond doubt, so that nothing needs to be guessed.
const beyondDoubt = .2

// Language returns the ISO 639-1 code of the language of s, or "" when nothing
// is known. The declared language, a tag as "en-US", wins unless the text
// is plainly something else: another script, or the function words of another
// language and hardly any of its own. Short texts have the declared language.
func Language(s, declared string) string {
	if len(s) > sample {
		s = strings.ToValidUTF8(s[:sample], "")
	}
	declared = Base(declared)
	script, letters := mainScript(s)
	if letters == 0 {
		return declared
	}
	if !writes(declared, script) {
		declared = ""
	}
	if script.langs != "" {
		return byScript(s, script, declared, letters)
	}
	if declared == "" && letters <= headline {
		return ofHeadline(s)
	}
	if letters < few {
		return declared
	}
	if declared != "" && (letters <= 200 || share(s, declared) >= beyondDoubt) {
		return declared
	}
	found, sure := detect(s)
	if declared == "" {
		if sure || found != "" && share(s, found) >= .15 {
			return found
		}
		return ""
	}
	if found != declared && share(s, found) >= .25 && share(s, declared) < share(s, found)/3 {
		return found
	}
	return declared
}

// detect guesses by letter sequences; sure says that no other language is near.
func detect(s string) (lang string, sure bool) {
	lang, certainty := likeliest(s)
	return lang, certainty >= .9
}

// share returns which part of the words of s are function words of lang.
func share(s, lang string) float64 {
	stops := stopWords()[lang]
	all, hits := 0, 0
	for _, w := range Words(s) {
		all++
		if stops[w] {
			hits++
		}
	}
	return float64(hits) / float64(max(all, 1))
}

// script is a writing system that news is written in.
type script struct {
	table *unicode.RangeTable
	langs string // codes with blanks around; "" for Latin, the scripts of all others
	first string // the language when nothing is declared and nothing else tells
}

func scripts() [14]script {
	return [14]script{
		{unicode.Latin, "", ""},
		{unicode.Cyrillic, " ru uk bg sr be mk kk ky mn tg bs ", "ru"},
		{unicode.Arabic, " ar fa ur ps ku ug sd ", "ar"},
		{unicode.Han, " zh ja ko ", "zh"},
		{unicode.Hiragana, " ja ", "ja"},
		{unicode.Katakana, " ja ", "ja"},
		{unicode.Hangul, " ko ", "ko"},
		{unicode.Devanagari, " hi mr ne sa ", "hi"},
		{unicode.Greek, " el ", "el"},
		{unicode.Hebrew, " he yi ", "he"},
		{unicode.Thai, " th ", "th"},
		{unicode.Bengali, " bn as ", "bn"},
		{unicode.Tamil, " ta ", "ta"},
		{unicode.Georgian, " ka ", "ka"},
	}
}

// mainScript returns the script of most letters and the number of its letters.
// Japanese mixes three: kana count as Japanese wherever they are frequent.
func mainScript(s string) (script, int) {
	all := scripts()
	var count [len(all)]int
	for _, r := range s {
		if r < 'A' {
			continue
		}
		for i := range all {
			if unicode.Is(all[i].table, r) {
				count[i]++
				break
			}
		}
	}
	const han, kana, katakana = 3, 4, 5
	count[kana] += count[katakana]
	count[katakana] = 0
	if count[kana] > 0 && count[kana]*4 > count[han] {
		count[kana] += count[han]
		count[han] = 0
	}
	best := 0
	for i, n := range count {
		if n > count[best] {
			best = i
		}
	}
	return all[best], count[best]
}

// writes reports whether lang is written in the script.
func writes(lang string, s script) bool {
	if lang == "" {
		return false
	}
	if s.langs != "" {
		return strings.Contains(s.langs, " "+lang+" ")
	}
	all := scripts()
	for _, other := range all[1:] {
		if strings.Contains(other.langs, " "+lang+" ") && lang != "sr" && lang != "bs" && lang != "kk" && lang != "ku" {
			return false
		}
	}
	return true
}

// byScript returns the language of a text in another script than Latin: the
// declared one, else what letters of its own prove, else what their sequences
// suggest, else the one that is written most.
func byScript(s string, w script, declared string, letters int) string {
	if declared != "" {
		return declared
	}
	for _, own := range ownLetters() {
		if strings.Contains(w.langs, " "+own[0]+" ") && strings.ContainsAny(s, own[1]) {
			return own[0]
		}
	}
	if w.table == unicode.Cyrillic && letters >= few {
		if found, sure := detect(s); sure && found != "" {
			return found
		}
	}
	return w.first
}

// ownLetters lists letters that only one language of its script has, the
// first that fits wins.
func ownLetters() [7][2]string {
	return [7][2]string{
		{"uk", "їєґ"}, {"be", "ў"}, {"sr", "ђћљњ"}, {"ru", "ыэё"}, {"ur", "ٹڈڑں"}, {"fa", "پچژگ"}, {"uk", "і"},
	}
}
