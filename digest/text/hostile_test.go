package text_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nutgraf/digest/text"
)

// TestHostileSize holds that no function is quadratic: what somebody repeats
// thousands of times must not stop the bot. Eight times the text may take up
// to thirty times as long, or half a second; on a busy machine, the best of
// three counts.
func TestHostileSize(t *testing.T) {
	functions := map[string]func(s string){
		"Line":      func(s string) { text.Line(s, 50) },
		"Sentences": func(s string) { text.Sentences(s, "en") },
		"Terms":     func(s string) { text.Terms(s, "en") },
		"Names":     func(s string) { text.Names(s, "en") },
		"Numbers":   func(s string) { text.Numbers(s) },
		"Dates":     func(s string) { text.Dates(s, "en", ref) },
		"Language":  func(s string) { text.Language(s, "") },
	}
	pieces := []string{"A", "A. ", "(", "'", "\"a ", ". ", "! ", "1.", "1) ", "\n", "a\n", "A b. c", "[1]", "\u0301",
		"\u200d", "’", "Von der ", "in 2 ", "Monday ", "last ", "1,000 ", "one ", "« ", "\xff", "。", "x.Y", "• 1. ", ". . ", "p.m. a "}
	for _, piece := range pieces {
		for name, f := range functions {
			small, large := strings.Repeat(piece, 5_000/len(piece)), strings.Repeat(piece, 40_000/len(piece))
			var a, b time.Duration
			for try := 0; try < 3 && (try == 0 || b > 500*time.Millisecond && b > 30*a); try++ {
				start := time.Now()
				f(small)
				middle := time.Now()
				f(large)
				a, b = middle.Sub(start), time.Since(middle)
			}
			if b > 500*time.Millisecond && b > 30*a {
				t.Errorf("%s of %q: %v for 5 kB, %v for 40 kB", name, piece, a, b)
			}
		}
	}
}

// everything calls all functions of the package, and holds what they promise
// of any text.
func everything(t *testing.T, s, lang string) {
	t.Helper()
	clean := text.Clean(s)
	for _, s := range []string{s, clean, text.Line(s, 80)} {
		checkSpans(t, s, text.Paragraphs(s))
		checkSpans(t, s, text.Sentences(s, lang))
		checkInside(t, s, text.Numbers(s))
		var dates, names []text.Span
		for _, d := range text.Dates(s, lang, ref) {
			dates = append(dates, d.Span)
		}
		for _, n := range text.Names(s, lang) {
			names = append(names, n.Span)
		}
		checkInside(t, s, dates)
		checkInside(t, s, names)
		for _, w := range append(text.Words(s), text.Terms(s, lang)...) {
			if w == "" || text.Stem(w, lang) == "" || text.IDF(w, lang) <= 0 {
				t.Fatalf("a word of %q is empty or without worth: %q", s, w)
			}
			text.Stop(w, lang)
			text.Common(w)
			text.Weekday(w, lang)
		}
		if got := text.Language(s, lang); got != text.Base(got) {
			t.Fatalf("Language(%q, %q) = %q, which is no code", s, lang, got)
		}
	}
	if again := text.Clean(clean); again != clean {
		t.Fatalf("Clean(%q) = %q, cleaned again %q", s, clean, again)
	}
}

// checkInside reports spans that are empty, overlap or leave the text.
func checkInside(t *testing.T, s string, spans []text.Span) {
	t.Helper()
	at := 0
	for _, sp := range spans {
		if sp.Start < at || sp.End <= sp.Start || sp.End > len(s) {
			t.Fatalf("span %v of %q is out of order", sp, s)
		}
		at = sp.End
	}
}

// TestHostileData holds all functions on the strings that break programs:
// naughty strings, look-alikes of letters, injected instructions.
func TestHostileData(t *testing.T) {
	var all []string
	var gather func(v any)
	gather = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case []any:
			for _, x := range v {
				gather(x)
			}
		case map[string]any:
			for k, x := range v {
				all = append(all, k)
				gather(x)
			}
		}
	}
	for _, name := range []string{"blns", "confusables", "injection-train"} {
		var v any
		sc := shared(t, "hostile/"+name+".json")
		var b strings.Builder
		for sc.Scan() {
			b.WriteString(sc.Text() + "\n")
		}
		if err := json.Unmarshal([]byte(b.String()), &v); err != nil {
			t.Fatal(err)
		}
		gather(v)
	}
	all = append(all, strings.Join(all, " "), strings.Join(all, ". "), strings.Join(all, "\n\n"))
	for i, s := range all {
		langs := []string{"", "en", "de", "fr", "es", "it", "pt", "nl", "ja", "ar", "hy", "xx"}
		if i > 1000 {
			langs = langs[i%len(langs) : i%len(langs)+1]
		}
		for _, lang := range langs {
			everything(t, s, lang)
		}
	}
	t.Logf("%d strings", len(all))
}

func FuzzEverything(f *testing.F) {
	f.Add("L’élection d’une ministre. O'Neill's 3.5 % “x” 東京。", "fr")
	f.Add("İSTANBUL \u0301\u200d\xff l' 'n' d'\u2019s mid- mi-", "tr-TR")
	f.Fuzz(everything)
}
