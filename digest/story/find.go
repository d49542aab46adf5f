package story

import (
	"cmp"
	"slices"
	"time"
)

const (
	glimpse = 0.04 // sum over shared top terms, faded, from which a pair is compared in full
	closest = 160  // pairs per article that are compared in full at most, those with the greatest sums;
	plenty  = 24   // from here on only
	likely  = 0.12 // those with such a sum: stories of a hundred articles need them
)

// finder chooses the articles that are worth being compared with one, from the
// terms they share.
type finder struct {
	fades []float32 // closeness by full hours; see hourly
	sum   []float32 // over the terms shared with an article
	met   []int32   // where sum is not 0
	found []int32
}

func hourly() []float32 {
	fades := make([]float32, horizon/3600+1)
	for h := range fades {
		fades[h] = float32(closeness(time.Duration(h) * time.Hour))
	}
	return fades
}

// begin makes ready for the next article, which is to be compared with n.
func (f *finder) begin(n int) {
	for _, m := range f.met {
		f.sum[m] = 0
	}
	f.met = f.met[:0]
	if len(f.sum) < n {
		f.sum = append(f.sum, make([]float32, n-len(f.sum))...)
	}
}

// add says that article m shares a term of such a weight.
func (f *finder) add(m int32, weight float32) {
	if f.sum[m] == 0 {
		f.met = append(f.met, m)
	}
	f.sum[m] += weight
}

// nearest returns the articles that share most, the order undefined unless they
// are many.
func (f *finder) nearest(own trait, traits []trait) []int32 {
	near := f.found[:0]
	for _, m := range f.met {
		if f.sum[m] *= f.fade(own, traits[m]); f.sum[m] >= glimpse {
			near = append(near, m)
		}
	}
	f.found = near
	if len(near) <= plenty {
		return near
	}
	slices.SortFunc(near, func(a, b int32) int { return cmp.Or(cmp.Compare(f.sum[b], f.sum[a]), cmp.Compare(a, b)) })
	n := plenty
	for n < min(len(near), closest) && f.sum[near[n]] >= likely {
		n++
	}
	return near[:n]
}

// fade returns about how much two articles fade for the time between them.
func (f *finder) fade(a, b trait) float32 {
	if !a.dated || !b.dated {
		return undated
	}
	return f.fades[min(max(a.at-b.at, b.at-a.at)/3600, int64(len(f.fades)-1))]
}
