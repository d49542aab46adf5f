//go:build unix

package story

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"nutgraf/digest"
)

// processorTime returns what this process has used of the processors: unlike
// the clock, it does not count what others do on the machine.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWire groups the articles of four days, from nothing and with
// sketches made when they arrived: the more articles, the denser the days.
func BenchmarkWire(b *testing.B) {
	for _, n := range []int{10000, 100000} {
		articles, gold := newWire(b, 1, 4, 60).articles(n)
		group := func(b *testing.B) {
			var got []digest.Story
			before := processorTime(b)
			for b.Loop() {
				got = Group(articles, nil)
			}
			b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			_, _, f := bcubed(gold, membership(got))
			b.ReportMetric(f, "F1")
		}
		b.Run(fmt.Sprint("from nothing/", n), group)
		for i := range articles {
			articles[i].Sketch = Sketch(articles[i])
		}
		b.Run(fmt.Sprint("sketched/", n), group)
	}
}

// BenchmarkMemory reports what a window keeps for an article beyond its text,
// its sketch included.
func BenchmarkMemory(b *testing.B) {
	const n = 20000
	articles, _ := newWire(b, 1, 4, 60).articles(n)
	live := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := live()
	var w *Window
	for b.Loop() {
		w = NewWindow(articles)
	}
	b.ReportMetric(float64(live()-before)/n, "B/article")
	runtime.KeepAlive(w)
	runtime.KeepAlive(articles)
}
