package brief

import (
	"math"
	"regexp"
	"strings"
	"unicode"
)

// lead returns the index of the leading article: one with sections of its own
// first, then the fullest and most central one, the earliest among equals.
// -1 when there is none.
func (r *reading) lead() int {
	best, at := math.Inf(-1), -1
	words := make([]int, len(r.articles))
	for i := range r.sentences {
		if s := &r.sentences[i]; s.usable {
			words[s.article] += len(s.fields)
		}
	}
	for i, a := range r.articles {
		v := math.Min(float64(words[i]), 250)/250 + r.central(i)
		if len(a.Marks) > 0 {
			v += 10
		}
		if words[i] == 0 {
			v -= 5
		}
		if len(r.told) > 0 && !r.familiar(i) {
			v += 0.5
		}
		if v > best+1e-9 {
			best, at = v, i
		}
	}
	return at
}

// central returns how near the title of article i is to the other titles and
// to the story, 0..2.
func (r *reading) central(i int) float64 {
	sum := cosine(r.titles[i], r.centroid)
	for j := range r.titles {
		if j != i {
			sum += cosine(r.titles[i], r.titles[j]) / float64(len(r.titles)-1)
		}
	}
	return sum
}

// headline returns one of the outlets' titles: the most central that shouts
// least. That of the leading article wins unless another is clearly better.
func (r *reading) headline(lead int) string {
	best, title := math.Inf(-1), ""
	for i, a := range r.articles {
		t := strings.TrimSpace(a.Title)
		if t == "" {
			continue
		}
		v := r.central(i) - loud(t)
		if i == lead {
			v += 0.25
		}
		if len(r.told) > 0 && !r.familiar(i) {
			v += 0.5 // an update is not announced by a headline that was read before
		}
		if v > best+1e-9 {
			best, title = v, t
		}
	}
	return title
}

// teaser is a title that counts or asks instead of telling: "3 key moments of
// the debate", "How the port could win", "What we know".
var teaser = regexp.MustCompile(`^(?:\d{1,2}|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten) (?:[\p{L}-]+ ){0,3}(?i:things|moments|takeaways|ways|reasons|questions|facts|traditions|tips|lessons|charts|photos|recipes|signs|places|keys)\b|^(?:How|Why|What|Who|When|Where|Is|Are|Will|Can|Could|Should|Does|Do|Did) `)

// loud says how much a title shouts, asks and teases, 0 for not at all.
func loud(title string) float64 {
	words := strings.Fields(title)
	v := 0.0
	capitals := 0
	for _, w := range words {
		letters := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		if len(letters) > 3 && strings.ToUpper(letters) == letters {
			capitals++
		}
	}
	v += math.Min(1, float64(capitals)/3)
	v += 0.5 * float64(min(3, strings.Count(title, "!")))
	if strings.HasSuffix(title, "?") {
		v += 0.3
	}
	if strings.HasSuffix(title, "...") || strings.HasSuffix(title, "…") {
		v += 0.3
	}
	l := strings.ReplaceAll(strings.ToLower(title), "’", "'")
	for _, p := range []string{"breaking", "watch:", "opinion", "live updates", "live:", "video:", "exclusive", "you won't believe", "here's", "what to know", "what we know", "5 things", "analysis:", "fact check", "photos"} {
		if strings.Contains(l, p) {
			v += 0.4
		}
	}
	if teaser.MatchString(title) {
		v += 0.4
	}
	switch n := len(words); {
	case n < 4:
		v += 0.5
	case n > 18:
		v += 0.2
	}
	return v
}
