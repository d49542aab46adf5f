package story

// table is a vector laid out so that many others can be compared with it
// quickly: a hash table of its terms, open to the next free place.
type table struct {
	hash   [tableSize]uint32
	weight [tableSize]float32 // 0 where there is no term
}

const tableSize = 1 << 11 // many times maxTerms, small enough for the processor's nearest cache

func (s *table) set(v *vector) {
	for i, h := range v.hashes {
		at := h % tableSize
		for s.weight[at] != 0 {
			at = (at + 1) % tableSize
		}
		s.hash[at], s.weight[at] = h, v.weight[i]
	}
}

// clear takes out the vector that was set.
func (s *table) clear(v *vector) {
	for _, h := range v.hashes {
		for at := h % tableSize; s.weight[at] != 0; at = (at + 1) % tableSize {
			s.weight[at] = 0
		}
	}
}

// cosine returns the same as cosine of the vector that was set and v.
func (s *table) cosine(v *vector) float64 {
	var sum float64
	for i, h := range v.hashes {
		for at := h % tableSize; s.weight[at] != 0; at = (at + 1) % tableSize {
			if s.hash[at] == h {
				sum += float64(s.weight[at] * v.weight[i])
				break
			}
		}
	}
	return sum
}
