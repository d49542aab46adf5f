package quality

// BCubed compares a grouping with the right one, both given as the group of
// each item. For each item it returns which share of its group belongs there
// (precision), and which share of what belongs with it is there (recall).
func BCubed(gold, made []string) (precision, recall []float64) {
	type cell struct{ gold, made string }
	right, have, both := make(map[string]int), make(map[string]int), make(map[cell]int)
	for i, g := range gold {
		right[g]++
		have[made[i]]++
		both[cell{g, made[i]}]++
	}
	for i, g := range gold {
		n := float64(both[cell{g, made[i]}])
		precision = append(precision, n/float64(have[made[i]]))
		recall = append(recall, n/float64(right[g]))
	}
	return precision, recall
}

// Mean returns the mean, 0 of nothing.
func Mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(1, len(values)))
}

// AdjustedRand returns the Rand index of a grouping against the right one,
// corrected for chance: 1 when they agree, about 0 when one says nothing about
// the other.
func AdjustedRand(gold, made []string) float64 {
	type cell struct{ gold, made string }
	right, have, both := make(map[string]int), make(map[string]int), make(map[cell]int)
	for i, g := range gold {
		right[g]++
		have[made[i]]++
		both[cell{g, made[i]}]++
	}
	together, a, b := pairs(both), pairs(right), pairs(have)
	expected := 0.0
	if n := float64(len(gold)); n > 1 {
		expected = a * b / (n * (n - 1) / 2)
	}
	most := (a + b) / 2
	if most == expected {
		return 1
	}
	return (together - expected) / (most - expected)
}

// pairs counts the pairs of items that are in one group.
func pairs[K comparable](groups map[K]int) float64 {
	n := 0
	for _, size := range groups {
		n += size * (size - 1) / 2
	}
	return float64(n)
}
