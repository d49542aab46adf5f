package brief

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"nutgraf/digest"
)

// TestShow prints briefs for reading: NUTGRAF_SHOW=from-to of cnn-dev.
func TestShow(t *testing.T) {
	var from, to int
	if n, _ := fmt.Sscanf(os.Getenv("NUTGRAF_SHOW"), "%d-%d", &from, &to); n != 2 {
		t.Skip("NUTGRAF_SHOW is not set: nothing to print")
	}
	all := singles(t, "summaries/cnn-dev.jsonl")
	for i, e := range all[from:to] {
		b, _ := Extractive{}.Brief(context.Background(), e.Story, digest.Options{})
		fmt.Println(show(strconv.Itoa(from+i), b))
	}
}

func show(n string, b digest.Brief) string {
	var w bytes.Buffer
	fmt.Fprintf(&w, "=== %s %s | %s\n", n, b.Headline, b.Outlets)
	for _, s := range []struct {
		name string
		list []digest.Sentence
	}{{"LEDE", b.Lede}, {"WHY ", b.WhyItMatters}, {"KNOW", b.WhatToKnow}} {
		for _, x := range s.list {
			fmt.Fprintf(&w, "%s [%d] %s\n", s.name, x.Sentence, x.Text)
		}
	}
	for _, q := range b.Quotes {
		fmt.Fprintf(&w, "SAY  %s (%s) %s: “%s”\n", q.Speaker, q.Role, q.Context, q.Text)
	}
	for _, x := range b.WhatsNext {
		fmt.Fprintf(&w, "NEXT [%d] %s\n", x.Sentence, x.Text)
	}
	return w.String()
}
