package text_test

import (
	"encoding/json"
	"strings"
	"testing"

	"nutgraf/digest/text"
)

// prose returns a passage of some 100 kB.
func prose() string {
	return strings.Repeat("The U.S. Senate voted 52-48 on Thursday, Sen. Mark Warner (D., Va.) said. \"We did it,\" he told CNN. "+
		"Shares of Acme Inc. rose 3.5 percent to $21.75. Prime Minister José Álvarez arrives in São Paulo on May 3.\n\n", 480)
}

func BenchmarkSentences(b *testing.B) {
	s := prose()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		text.Sentences(s, "en")
	}
}

func BenchmarkClean(b *testing.B) {
	s := prose()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		text.Clean(s)
	}
}

func BenchmarkTerms(b *testing.B) {
	s := prose()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		text.Terms(s, "en")
	}
}

func BenchmarkNames(b *testing.B) {
	s := prose()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		text.Names(s, "en")
	}
}

func BenchmarkNumbers(b *testing.B) {
	s := prose()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		text.Numbers(s)
	}
}

func BenchmarkDates(b *testing.B) {
	s := prose()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		text.Dates(s, "en", ref)
	}
}

// BenchmarkNews measures sentences over real articles.
func BenchmarkNews(b *testing.B) {
	var all strings.Builder
	sc := shared(b, "summaries/cnn-dev.jsonl")
	for sc.Scan() {
		var a struct{ Text string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			b.Fatal(err)
		}
		all.WriteString(a.Text + "\n\n")
	}
	b.SetBytes(int64(all.Len()))
	for b.Loop() {
		text.Sentences(all.String(), "en")
	}
}
