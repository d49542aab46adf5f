package text_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"nutgraf/digest/text"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "A plain text.", "A plain text."},
		{"empty", "", ""},
		{"blanks only", " \t\n\n \u00a0", ""},
		{"blanks collapse", "  a \t b\u00a0\u2003c  ", "a b c"},
		{"a wrapped line", "one\ntwo\r\nthree", "one two three"},
		{"paragraphs", "one\r\n\r\n \t\r\n\r\ntwo\u2029three", "one\n\ntwo\n\nthree"},
		{"wrapped Chinese", "今天\n天气", "今天天气"},
		{"invalid UTF-8", "a\xff\xfeb", "a\uFFFDb"},
		{"controls", "a\x00b\x1b[31mc\x7f\u0085d", "ab[31mc d"},
		{"direction", "a\u202eb\u2066c\u200ed\u061ce", "abcde"},
		{"zero width", "p\u200ba\u2060y\ufeff\u00adpal", "paypal"},
		{"tags", "hi\U000E0068\U000E0069", "hi"},
		{"private and non-characters", "a\ue000b\ufdd0c\U0001ffff", "abc"},
		{"NFC", "Cafe\u0301", "Café"},
		{"zalgo", "z\u0335\u0336\u0337\u0338\u0339a", "z\u0335\u0336a"},
		{"a mark without a base", "\u0301a \u0301b", "a b"},
		{"a flood of variation selectors", "a\ufe0f\ufe0f\ufe01 \u2764\ufe0f\ufe0f", "a \u2764\ufe0f"},
		{"a family", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
		{"a joiner between letters", "a\u200db\u200cc", "abc"},
		{"Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"Hindi", "क्\u200dष", "क्\u200dष"},
		{"letters that look blank", "a\u3164\u2800b", "a b"},
		{"a keycap", "1\ufe0f\u20e3", "1\ufe0f\u20e3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
			checkClean(t, tt.in)
		})
	}
}

// checkClean reports what Clean leaves in s that it promises to remove.
func checkClean(t *testing.T, in string) {
	t.Helper()
	s := text.Clean(in)
	if again := text.Clean(s); again != s {
		t.Errorf("Clean is not idempotent on %q: %q, then %q", in, s, again)
	}
	if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) {
		t.Errorf("Clean(%q) = %q is no valid UTF-8 in NFC", in, s)
	}
	if strings.Contains(s, "\n\n\n") || strings.Contains(s, "  ") || strings.TrimSpace(s) != s ||
		strings.Contains(strings.ReplaceAll(s, "\n\n", ""), "\n") {
		t.Errorf("Clean(%q) = %q has stray white space", in, s)
	}
	marks := 0
	for _, r := range s {
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		if r != '\n' && unicode.Is(unicode.C, r) && r != '\u200c' && r != '\u200d' || marks > 5 {
			t.Errorf("Clean(%q) = %q holds %U", in, s, r)
		}
	}
}

// TestCleanNaughtyStrings runs over the Big List of Naughty Strings.
func TestCleanNaughtyStrings(t *testing.T) {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("NUTGRAF_SHARED is not set: no development data")
	}
	data, err := os.ReadFile(filepath.Join(root, "data", "hostile", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		checkClean(t, s)
		text.Names(s, "")
		text.Dates(s, "", ref)
		text.Language(s, "en")
	}
}

func TestLine(t *testing.T) {
	tests := []struct {
		in   string
		max  int
		want string
	}{
		{"short", 10, "short"},
		{"two\n\nparagraphs", 40, "two paragraphs"},
		{"a sentence that is long", 14, "a sentence…"},
		{"a sentence, that is long", 13, "a sentence…"},
		{"Donaudampfschifffahrt", 8, "Donauda…"},
		{"anything", 0, ""},
		{"anything", 1, "…"},
		{"東京で地震がありました", 5, "東京で地…"},
		{"abcde👨\u200d👩\u200d👧", 8, "abcde…"},
	}
	for _, tt := range tests {
		got := text.Line(tt.in, tt.max)
		if got != tt.want {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
		}
		if n := utf8.RuneCountInString(got); n > max(tt.max, 0) {
			t.Errorf("Line(%q, %d) has %d runes", tt.in, tt.max, n)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("e\u0301\u0323\n\u2764\ufe0f\u200d🔥 क्\u200dष", 5)
	f.Add("\u1100\u1161\u11a8 a\u0300\u0301\u0302\u0303", 2)
	f.Fuzz(func(t *testing.T, s string, n int) {
		checkClean(t, s)
		line := text.Line(s, n)
		if utf8.RuneCountInString(line) > max(n, 0) || text.Clean(line) != line {
			t.Errorf("Line(%q, %d) = %q", s, n, line)
		}
	})
}
