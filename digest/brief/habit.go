package brief

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/single.tsv
var singleHabits string

//go:embed data/several.tsv
var severalHabits string

// habit is what a word is worth beyond its features, as a change of the logit:
// for its first occurrence in a summary, its second, and all others. People who
// sum up write "says" where articles write "said", and leave out "Photo".
type habit [3]float64

// of returns the habit of occurrence number k, from 1.
func (h habit) of(k int) float64 { return h[min(k, len(h))-1] }

var (
	singleWords  = words{linear: singleLinear, pairs: singlePairs, habits: sync.OnceValue(func() map[string]habit { return parseHabits(singleHabits) })}
	severalWords = words{linear: severalLinear, pairs: severalPairs, trees: severalTrees[:], habits: sync.OnceValue(func() map[string]habit { return parseHabits(severalHabits) })}
)

// parseHabits reads a table: a term and its habit in hundredths on each line.
func parseHabits(table string) map[string]habit {
	out := make(map[string]habit, strings.Count(table, "\n"))
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		var h habit
		if len(f) != 1+len(h) {
			continue
		}
		for i := range h {
			n, err := strconv.Atoi(f[1+i])
			if err != nil {
				continue
			}
			h[i] = float64(n) / 100
		}
		out[f[0]] = h
	}
	return out
}
