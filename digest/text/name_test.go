package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest/text"
)

func TestNames(t *testing.T) {
	tests := []struct{ lang, in, want string }{
		{"en", "Nobody was there. It rained on Monday in May.", ""},
		{"en", "The White House said President Barack Obama met Ursula von der Leyen.", "White House|President Barack Obama|Ursula von der Leyen"},
		{"en", "Bashar al-Assad met J. R. R. Tolkien's heirs in Paris.", "Bashar al-Assad|J. R. R. Tolkien|Paris"},
		{"en", "Officials said so. Police left. Obama came.", "Obama"},
		{"en", "Zorbax left. They all saw Zorbax leave.", "Zorbax|Zorbax"},
		{"en", "Sen. Mark Warner of the Bank of England spoke to NATO.", "Mark Warner|Bank of England|NATO"},
		{"en", "The U.S. Senate met Johnson & Johnson about the iPhone.", "U.S. Senate|Johnson & Johnson|iPhone"},
		{"en", "Prime Minister José Álvarez’s plan, I said.", "Prime Minister José Álvarez"},
		{"de", "Bundeskanzler Olaf Scholz sprach mit der Regierung über das Gesetz. Scholz lobte die Deutsche Bahn.", "Bundeskanzler Olaf Scholz|Scholz|Deutsche Bahn"},
		{"de", "Die EU traf in Berlin den Minister. Frau Müller kam mit dem Hund.", "EU|Berlin|Frau Müller"},
		{"fr", "Le président Emmanuel Macron est à Lyon.", "Emmanuel Macron|Lyon"},
	}
	for _, tt := range tests {
		var got []string
		for _, n := range text.Names(tt.in, tt.lang) {
			if tt.in[n.Start:n.End] != n.Text {
				t.Errorf("the span of %q is not its text", n.Text)
			}
			got = append(got, n.Text)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("Names(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("Sen. Mark O’Brien’s U.S. Bank of d'E & Co. \"Stop\" iPhone's", "en")
	f.Add("Herr Dr. Ä. von der Heide's", "de")
	f.Fuzz(func(t *testing.T, s, lang string) {
		at := 0
		for _, n := range text.Names(s, lang) {
			if n.Start < at || n.End <= n.Start || n.End > len(s) || s[n.Start:n.End] != n.Text {
				t.Fatalf("Names(%q): %v", s, n)
			}
			at = n.End
		}
		text.Numbers(s)
		text.Terms(s, lang)
		text.Language(s, lang)
	})
}
