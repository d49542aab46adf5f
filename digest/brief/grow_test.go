package brief

import (
	"math"
	"math/rand/v2"
	"slices"
)

// How trees are learned, chosen by cross-validation.
const (
	bins    = 64   // steps of a feature that are told apart
	growth  = 0.1  // share of a leaf's best value that it gets
	against = 20.0 // quadratic penalty on the values
)

// columns are the features of all rows, in steps of their borders.
type columns struct {
	steps   [unigrams][]uint8
	borders [unigrams][]float64
}

// inSteps puts the features of all rows into steps of about equally many rows.
func inSteps(data []use) *columns {
	c := &columns{}
	for f := range unigrams {
		sample := make([]float64, 0, len(data))
		for i := 0; i < len(data); i += max(1, len(data)/20000) {
			sample = append(sample, data[i].traits[f])
		}
		slices.Sort(sample)
		values := slices.Compact(slices.Clone(sample))
		for b := 1; b < min(bins, len(values)); b++ {
			border := sample[len(sample)*b/bins]
			if len(values) <= bins {
				border = (values[b-1] + values[b]) / 2
			}
			border = math.Round(border*1e4) / 1e4
			if n := len(c.borders[f]); n == 0 || border > c.borders[f][n-1] {
				c.borders[f] = append(c.borders[f], border)
			}
		}
		c.steps[f] = make([]uint8, len(data))
		for i := range data {
			at, _ := slices.BinarySearch(c.borders[f], data[i].traits[f])
			c.steps[f][i] = uint8(at)
		}
	}
	return c
}

// slope is the gradient and the curvature of the loss of some rows.
type slope struct{ gradient, curve float64 }

// grow learns n trees, one after the other, that correct the logits of rows.
// Each one sees a share of the rows and of the features.
func grow(data []use, logits []float64, n int) []tree {
	rng := rand.New(rand.NewPCG(1, 2))
	c := inSteps(data)
	out := make([]tree, n)
	slopes, leaves := make([]slope, len(data)), make([]uint8, len(data))
	for i := range out {
		var rows []int32
		for k := range data {
			leaves[k] = 0
			if rng.Float64() < 0.4 {
				rows = append(rows, int32(k))
				p := sigmoid(logits[k])
				slopes[k] = slope{truth(data[k].right) - p, p * (1 - p)}
			}
		}
		var some []int
		for f := range unigrams {
			if len(c.borders[f]) > 0 && rng.IntN(2) == 0 {
				some = append(some, f)
			}
		}
		t := &out[i]
		for d := range depth {
			f, cut := c.question(rows, some, slopes, leaves, 1<<d)
			t.features[d], t.borders[d] = uint8(f), c.borders[f][cut]
			for k, s := range c.steps[f] {
				leaves[k] <<= 1
				if int(s) > cut {
					leaves[k] |= 1
				}
			}
		}
		t.fill(rows, slopes, leaves)
		for k := range logits {
			logits[k] += t.leaves[leaves[k]]
		}
	}
	return out
}

// fill sets the values of the leaves.
func (t *tree) fill(rows []int32, slopes []slope, leaves []uint8) {
	var sums [1 << depth]slope
	for _, k := range rows {
		sums[leaves[k]].gradient += slopes[k].gradient
		sums[leaves[k]].curve += slopes[k].curve
	}
	for i, s := range sums {
		t.leaves[i] = math.Round(growth*s.gradient/(s.curve+against)*1e4) / 1e4
	}
}

// question returns the feature and the border that tell the rows of all leaves
// apart best.
func (c *columns) question(rows []int32, some []int, slopes []slope, leaves []uint8, n int) (feature, cut int) {
	best := math.Inf(-1)
	sums := make([]slope, n*bins)
	for _, f := range some {
		clear(sums)
		steps := c.steps[f]
		for _, k := range rows {
			s := &sums[int(leaves[k])*bins+int(steps[k])]
			s.gradient += slopes[k].gradient
			s.curve += slopes[k].curve
		}
		gains := make([]float64, len(c.borders[f]))
		for l := range n {
			gain(gains, sums[l*bins:(l+1)*bins])
		}
		for b, g := range gains {
			if g > best {
				best, feature, cut = g, f, b
			}
		}
	}
	return feature, cut
}

// gain adds to gains what each border is worth in one leaf.
func gain(gains []float64, steps []slope) {
	value := func(s slope) float64 { return s.gradient * s.gradient / (s.curve + against) }
	var all, below slope
	for _, s := range steps {
		all.gradient += s.gradient
		all.curve += s.curve
	}
	for b := range gains {
		below.gradient += steps[b].gradient
		below.curve += steps[b].curve
		gains[b] += value(below) + value(slope{all.gradient - below.gradient, all.curve - below.curve})
	}
}
