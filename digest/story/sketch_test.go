package story

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"nutgraf/digest"
)

func TestSketch(t *testing.T) {
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "word%d ", i)
	}
	tests := []struct {
		name string
		a    digest.Article
	}{
		{"nothing", digest.Article{}},
		{"title alone", digest.Article{Title: "Port weighs curfew", Language: "en"}},
		{"stop words alone", digest.Article{Title: "The of and", Language: "en"}},
		{"long", digest.Article{Title: many.String(), Text: many.String(), Language: "en"}},
		{"one endless word", digest.Article{Text: strings.Repeat("ü", 1<<16)}},
		{"no text but bytes", digest.Article{Title: "\xff\x00\xfe", Text: "\xc3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := Sketch(tt.a)
			if len(b) > 1024 {
				t.Errorf("got %d bytes, want at most 1024", len(b))
			}
			s, ok := read(b)
			if !ok {
				t.Fatal("does not read")
			}
			v := s.vector(census{})
			if got := cosine(v, v); len(v.hashes) > 0 && math.Abs(got-1) > 1e-5 {
				t.Errorf("likeness to itself %v, want 1", got)
			}
			if !bytes.Equal(b, Sketch(tt.a)) {
				t.Error("made twice it differs")
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	good := Sketch(sample()[0])
	tests := map[string][]byte{
		"nothing":         nil,
		"another version": append([]byte{version + 1}, good[1:]...),
		"too short":       good[:len(good)-1],
		"too long":        append(bytes.Clone(good), 0),
	}
	for name, b := range tests {
		if _, ok := read(b); ok {
			t.Errorf("%s was taken for a sketch", name)
		}
	}
	a := sample()[0]
	a.Sketch = []byte("rubbish")
	if got := Group([]digest.Article{a, sample()[1]}, nil); len(got) != 1 {
		t.Errorf("got %d stories, want a bad sketch to be made anew", len(got))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(Sketch(sample()[0]))
	f.Add([]byte{version, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := read(b)
		if !ok {
			return
		}
		v := s.vector(take([]sketch{s})[s.lang()])
		if got := cosine(v, v); got < 0 || got > 1.001 || math.IsNaN(got) {
			t.Errorf("likeness to itself %v", got)
		}
		a := sample()[0]
		a.Sketch = b
		if got := Group([]digest.Article{a, sample()[1]}, nil); len(got) < 1 || len(got) > 2 {
			t.Errorf("got %d stories of two articles", len(got))
		}
	})
}

func BenchmarkSketch(b *testing.B) {
	a := sample()[0]
	a.Text = strings.Repeat(harbour+" ", 20)
	for b.Loop() {
		Sketch(a)
	}
}
