package quality

import (
	"math/rand/v2"
	"slices"
)

// draws is how many samples an interval is taken from.
const draws = 1000

// Interval returns the 95 % bootstrap interval of a statistic over n cases:
// between which values it lies for 95 of 100 samples of n cases drawn with
// repetition. The statistic is given the numbers of the cases. The draws are
// the same every time.
func Interval(n int, statistic func(cases []int) float64) (low, high float64) {
	if n == 0 {
		return 0, 0
	}
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, draws)
	cases := make([]int, n)
	for i := range values {
		for k := range cases {
			cases[k] = random.IntN(n)
		}
		values[i] = statistic(cases)
	}
	slices.Sort(values)
	return values[draws/40], values[draws-draws/40-1]
}
