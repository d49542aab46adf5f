package story

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// wire makes up news as feeds bring it, the same for the same seed: the words of
// English news as often as news has them, events with words and names of their
// own that a few outlets report over hours, running affairs that lend their
// words to many events, and reprints. Everything happens within the days given.
type wire struct {
	r       *rand.Rand
	days    int
	lexicon []string // by falling use
	uses    []int    // of the words up to and with this one
	names   []string
	affairs [][]string
	n       int
}

func newWire(t testing.TB, seed uint64, days, affairs int) *wire {
	w := &wire{r: rand.New(rand.NewPCG(seed, 1)), days: days}
	w.read(t)
	for range 40000 {
		w.names = append(w.names, syllables(w.r, 2+w.r.IntN(2)))
	}
	for range affairs {
		w.affairs = append(w.affairs, w.theme(12, 4))
	}
	return w
}

// read takes the words of the background table.
func (w *wire) read(t testing.TB) {
	t.Helper()
	f, err := os.Open("../text/data/background.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	uses := make(map[string]int)
	for lines := bufio.NewScanner(zip); lines.Scan(); {
		if f := strings.Split(lines.Text(), "\t"); len(f) == 3 {
			uses[f[0]], _ = strconv.Atoi(f[1])
		}
	}
	w.lexicon = slices.SortedFunc(maps.Keys(uses), func(a, b string) int { return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a, b)) })
	sum := 0
	for _, word := range w.lexicon {
		sum += uses[word]
		w.uses = append(w.uses, sum)
	}
}

// word returns a word as often as news has it.
func (w *wire) word() string {
	i, _ := slices.BinarySearch(w.uses, w.r.IntN(w.uses[len(w.uses)-1])+1)
	return w.lexicon[i]
}

func syllables(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
		b.WriteByte("aeiou"[r.IntN(5)])
		if r.IntN(3) == 0 {
			b.WriteByte("lnrst"[r.IntN(5)])
		}
	}
	return b.String()
}

// theme returns words that belong together: some of the lexicon, some names.
func (w *wire) theme(words, names int) []string {
	var out []string
	for range words {
		out = append(out, w.lexicon[int(math.Exp(math.Log(float64(len(w.lexicon)))*(.4+.6*w.r.Float64())))-1])
	}
	for range names {
		out = append(out, w.names[w.r.IntN(len(w.names))])
	}
	return out
}

func (w *wire) prose(n int, event, affair []string) string {
	words := make([]string, n)
	for i := range words {
		switch k := w.r.IntN(20); {
		case k < 5:
			words[i] = event[w.r.IntN(len(event))]
		case k < 8:
			words[i] = affair[w.r.IntN(len(affair))]
		default:
			words[i] = w.word()
		}
		if i%17 == 16 {
			words[i] += "."
		}
	}
	return strings.Join(words, " ")
}

// event returns the reports of one event: mostly one to four, seldom dozens.
func (w *wire) event() []digest.Article {
	own, affair := w.theme(14, 6), w.affairs[w.r.IntN(len(w.affairs))]
	begin := start.Add(-time.Duration(w.r.Float64() * float64(w.days) * 24 * float64(time.Hour)))
	var out []digest.Article
	for range 1 + min(int(w.r.ExpFloat64()*w.r.ExpFloat64()*2.5), 60) {
		w.n++
		a := digest.Article{
			ID: fmt.Sprintf("a%07d", w.n), Workspace: digest.Shared, Language: "en", Source: fmt.Sprint("s", w.r.IntN(300)),
			URL:       fmt.Sprintf("https://outlet%d.example/%d", w.r.IntN(300), w.n),
			Title:     w.prose(9, own, affair),
			Text:      w.prose(40+w.r.IntN(90), own, affair),
			Published: begin.Add(time.Duration(w.r.ExpFloat64() * 8 * float64(time.Hour))).Truncate(time.Second),
		}
		if len(out) > 0 && w.r.IntN(6) == 0 { // a reprint
			a.Text = out[w.r.IntN(len(out))].Text
		}
		a.Arrived = a.Published.Add(time.Duration(w.r.IntN(30)) * time.Minute)
		out = append(out, a)
	}
	return out
}

// articles returns n of them and the event of each by id.
func (w *wire) articles(n int) ([]digest.Article, map[string]string) {
	var out []digest.Article
	events := make(map[string]string)
	for e := 0; len(out) < n; e++ {
		for _, a := range w.event() {
			out, events[a.ID] = append(out, a), fmt.Sprint("e", e)
		}
	}
	return out[:n], events
}
