package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress is a line on the terminal that says how far a long job is. It
// appears after a second, and never where the output is not a terminal.
type progress struct {
	w     io.Writer // nil: silent
	now   func() time.Time
	label string
	total int
	n     int
	start time.Time
	last  time.Time
}

func (a *app) progress(label string, total int) *progress {
	p := &progress{now: a.now, label: label, total: total, start: a.now()}
	if isTerminal(a.std.err) {
		p.w = a.std.err
	}
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) add(n int) {
	p.n += n
	now := p.now()
	if p.w == nil || now.Sub(p.start) < time.Second || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last = now
	of := ""
	if p.total > 0 {
		of = fmt.Sprintf(" of %d", p.total)
	}
	fmt.Fprintf(p.w, "\r%s %d%s\x1b[K", p.label, p.n, of)
}

func (p *progress) done() {
	if p.w != nil && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
