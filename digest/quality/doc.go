// Package quality measures summaries, groupings and quotes against labelled
// answers, and has the plain methods that theirs is compared with. The measures
// are those of the usual evaluation scripts, figure for figure.
package quality

// Measure is a precision, a recall and their F-measure, from 0 to 1.
type Measure struct{ P, R, F float64 }

// measure returns the measure of hits among those made and those wanted.
func measure(hits, made, wanted int) Measure {
	var m Measure
	if made > 0 {
		m.P = float64(hits) / float64(made)
	}
	if wanted > 0 {
		m.R = float64(hits) / float64(wanted)
	}
	m.F = FMeasure(m.P, m.R)
	return m
}

// FMeasure returns the harmonic mean of a precision and a recall, 0 when both are 0.
func FMeasure(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}
