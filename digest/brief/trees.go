package brief

// depth is how many questions a tree asks.
const depth = 5

// tree asks the same questions of everything: is a feature above a border? The
// answers, the first one weighing most, are the number of the leaf.
type tree struct {
	features [depth]uint8
	borders  [depth]float64
	leaves   [1 << depth]float64
}

// fall returns the sum of the leaves that an occurrence of a word falls into.
func fall(trees []tree, f *traits) float64 {
	sum := 0.0
	for i := range trees {
		sum += trees[i].leaves[trees[i].leaf(f)]
	}
	return sum
}

func (t *tree) leaf(f *traits) (n int) {
	for k, i := range t.features {
		n <<= 1
		if f[i] > t.borders[k] {
			n |= 1
		}
	}
	return n
}
