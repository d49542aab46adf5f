package text_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest/text"
)

func TestWords(t *testing.T) {
	got := text.Words("The U.S. paid $3.5 billion; “don’t” — ÉLAN, 東京!")
	want := []string{"the", "u.s", "paid", "3.5", "billion", "don't", "élan", "東", "京"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Words (-want +got):\n%s", diff)
	}
}

func TestTerms(t *testing.T) {
	tests := []struct{ lang, in, want string }{
		{"en", "The senators' votes on Obama's running mates don't count", "senat vote obama run mate count"},
		{"en-GB", "It’s the minister’s running", "minist run"},
		{"", "They are voting", "vote"},
		{"de", "Die Minister sprachen über die Häuser", "minist sprach haus"},
		{"fr", "Les élections présidentielles", "élect présidentiel"},
		{"fr", "L’élection d’une ministre qu’on n’attendait pas aujourd’hui", "élect ministr attend"},
		{"it", "L’elezione dell’anno: c’è un’altra riforma all’orizzonte", "elezion anno riform orizzont"},
		{"pt", "As eleições e a eleição", "eleiçã eleiçã"},
		{"es", "Las elecciones y la elección", "eleccion eleccion"},
		{"nl", "De verkiezingen en de verkiezing", "verkiez verkiez"},
		{"xx", "nothing is known", "nothing is known"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, strings.Join(text.Terms(tt.in, tt.lang), " ")); diff != "" {
			t.Errorf("Terms(%q, %q) (-want +got):\n%s", tt.in, tt.lang, diff)
		}
	}
}

func TestStem(t *testing.T) {
	for _, lang := range strings.Fields("en de fr es it pt nl ru sv da no fi hu ro tr ar ga ta xx") {
		if got := text.Stem("internationalisation", lang); got == "" {
			t.Errorf("the %s stem is empty", lang)
		}
	}
	long := strings.Repeat("a", 100)
	for word, want := range map[string]string{"votes": "vote", "us": "us", "1990s": "1990s", "": "", long: long} {
		if got := text.Stem(word, "en"); got != want {
			t.Errorf("Stem(%q) = %q, want %q", word, got, want)
		}
	}
}

// TestStemsMeet holds that forms of one word have one stem, and other words
// another.
func TestStemsMeet(t *testing.T) {
	for lang, groups := range map[string]string{
		"en": "election elections|vote votes voted voting|reform reforms",
		"de": "haus häuser häusern|minister ministern|wahl wahlen|regierung regierungen",
		"fr": "élection élections l'élection qu'élections|ministre ministres|annonce annoncé annoncer|réforme d'réformes",
		"es": "elección elecciones|ministro ministra ministros|reforma reformas",
		"it": "elezione elezioni l'elezione dell'elezione|ministro ministri|riforma riforme",
		"pt": "eleição eleições|ministro ministra ministros|reforma reformas",
		"nl": "verkiezing verkiezingen|minister ministers|hervorming hervormingen",
	} {
		seen := map[string]string{}
		for group := range strings.SplitSeq(groups, "|") {
			want := ""
			for w := range strings.FieldsSeq(group) {
				got := text.Stem(w, lang)
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%s: Stem(%q) = %q, want %q as of the others of %q", lang, w, got, want, group)
				}
			}
			if other := seen[want]; other != "" {
				t.Errorf("%s: %q and %q share the stem %q", lang, other, group, want)
			}
			seen[want] = group
		}
	}
	for word, want := range map[string]string{"aujourd'hui": "aujourd'hui", "l'": "l'", "o'neill": "neil"} {
		if got := text.Stem(word, "fr"); got != want {
			t.Errorf("Stem(%q, fr) = %q, want %q", word, got, want)
		}
	}
}

func TestStop(t *testing.T) {
	for lang, word := range map[string]string{"en": "the", "": "the", "de-AT": "und", "fr": "les", "es": "los", "it": "della", "pt": "uma", "nl": "het"} {
		if !text.Stop(word, lang) {
			t.Errorf("%q is no stop word of %q", word, lang)
		}
	}
	if text.Stop("senate", "en") || text.Stop("the", "xx") {
		t.Error("a word with a meaning is a stop word")
	}
}

func TestLanguage(t *testing.T) {
	german := strings.Repeat("Die Regierung hat sich am Montag auf ein neues Gesetz geeinigt, das die Bahn und ihre Kunden betrifft. ", 4)
	tests := []struct{ in, declared, want string }{
		{"", "en-US", "en"},
		{"12 : 3", "nb_NO", "no"},
		{"OK", "", ""},
		{"OK", "klingon", ""},
		{"Police say two men were killed", "eng", "en"},
		{"Die Bahn streikt ab Montag im ganzen Land", "", "de"},
		{"Le président a annoncé une réforme des retraites", "", "fr"},
		{"El gobierno anunció nuevas medidas económicas para este año", "", "es"},
		{german, "en", "de"},
		{german[:60], "en", "en"},
		{"Путин заявил о переговорах", "en", "ru"},
		{"Президент України підписав закон", "ru-RU", "ru"},
		{"Президент України підписав закон", "en", "uk"},
		{"A plain English sentence about the news of today", "ru", "en"},
		{"東京で地震がありました", "", "ja"},
		{"中国宣布新措施", "en", "zh"},
		{"대통령이 말했다", "", "ko"},
		{"Η κυβέρνηση ανακοίνωσε", "", "el"},
		{"ماذا حدث بعد الانتخابات", "", "ar"},
		{"خوشبختم، آقای رضا. شما کجایی هستید؟ پس چرا", "", "fa"},
	}
	for _, tt := range tests {
		if got := text.Language(tt.in, tt.declared); got != tt.want {
			t.Errorf("Language(%q, %q) = %q, want %q", tt.in, tt.declared, got, tt.want)
		}
	}
}

// TestLanguageOfHeadlines holds that of a few words, which say nothing of their
// language by declaration, most are recognised and hardly one is mistaken.
func TestLanguageOfHeadlines(t *testing.T) {
	data, err := os.ReadFile("testdata/headlines.txt")
	if err != nil {
		t.Fatal(err)
	}
	right, wrong, all := map[string]int{}, 0, map[string]int{}
	for line := range strings.Lines(string(data)) {
		lang, headline, _ := strings.Cut(strings.TrimSpace(line), " ")
		if lang == "#" {
			continue
		}
		all[lang]++
		switch got := text.Language(headline, ""); got {
		case lang:
			right[lang]++
		case "":
		default:
			wrong++
			t.Logf("%q is %s, got %s", headline, lang, got)
		}
		if got := text.Language(headline, "fr-CA"); got != "fr" {
			t.Errorf("Language(%q, fr-CA) = %q: of a headline, the declared language counts", headline, got)
		}
	}
	sum, of := 0, 0
	for lang, n := range all {
		sum, of = sum+right[lang], of+n
		if 2*right[lang] < n {
			t.Errorf("%s: %d of %d headlines are recognised, want half", lang, right[lang], n)
		}
	}
	t.Logf("%d right, %d wrong of %d", sum, wrong, of)
	if 100*sum < 75*of || 100*wrong > 3*of {
		t.Errorf("%d right and %d wrong of %d, want 75 %% and at most 3 %%", sum, wrong, of)
	}
}

// TestLanguageOfEnglishHeadlines holds the same over headlines of the news.
func TestLanguageOfEnglishHeadlines(t *testing.T) {
	right, wrong, all := 0, 0, 0
	for _, name := range []string{"stories/uci-dev.jsonl", "stories/allsides-dev.jsonl"} {
		for sc := shared(t, name); sc.Scan(); all++ {
			var a struct{ Title string }
			if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
				t.Fatal(err)
			}
			if got := text.Language(a.Title, ""); got == "en" {
				right++
			} else if got != "" {
				wrong++
			}
		}
	}
	t.Logf("%d right, %d wrong of %d", right, wrong, all)
	if 100*right < 95*all || 1000*wrong > 5*all {
		t.Errorf("%d right and %d wrong of %d, want 95 %% and at most 0.5 %%", right, wrong, all)
	}
}

func TestIDF(t *testing.T) {
	idf := func(w, lang string) float64 { return text.IDF(text.Stem(w, lang), lang) }
	order := []string{"the", "president", "senate", "volcano", "zorbax"}
	for i := 1; i < len(order); i++ {
		if idf(order[i-1], "en") >= idf(order[i], "en") {
			t.Errorf("%q is not more common than %q: %.2f, %.2f", order[i-1], order[i], idf(order[i-1], "en"), idf(order[i], "en"))
		}
	}
	if got := idf("zorbax", "en"); got < 8 || got > 10 {
		t.Errorf("an unseen stem has %.2f, want about 9: is the table there?", got)
	}
	if idf("vulkan", "de") <= text.IDF("amt", "de") || text.IDF("amt", "de") <= text.IDF("und", "de") {
		t.Error("without a table, stop words and short words are not the more common ones")
	}
}
