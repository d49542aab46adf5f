package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest/text"
)

// TestSentences joins the expected sentences with "|".
func TestSentences(t *testing.T) {
	tests := []struct{ lang, in, want string }{
		{"en", "", ""},
		{"en", "No stop at all", "No stop at all"},
		{"en", "Rain fell. It stopped! Why? Nobody knows.", "Rain fell.|It stopped!|Why?|Nobody knows."},
		{"en", "First line.\n\nSecond one", "First line.|Second one"},
		{"en", "Mr. Smith met Dr. J. R. R. Brown on St. Mark's Pl. near Mt. Hood.", "Mr. Smith met Dr. J. R. R. Brown on St. Mark's Pl. near Mt. Hood."},
		{"en", "She lives in the U.S. How about you? The U.S. Senate met.", "She lives in the U.S.|How about you?|The U.S. Senate met."},
		{"en", "At 5 a.m. Mr. Smith left. He was back at 6 P.M. Mr. Smith slept.", "At 5 a.m. Mr. Smith left.|He was back at 6 P.M.|Mr. Smith slept."},
		{"en", "It opens at 9 a.m. Monday and 3 p.m. ET.", "It opens at 9 a.m. Monday and 3 p.m. ET."},
		{"en", "Acme Inc. rose 3.5 percent. Beta Corp. The rest fell.", "Acme Inc. rose 3.5 percent.|Beta Corp.|The rest fell."},
		{"en", "She works at Yahoo! in sales. Yahoo! said so.", "She works at Yahoo! in sales.|Yahoo! said so."},
		{"en", "He asked, \"Why?\" Then he left.", "He asked, \"Why?\"|Then he left."},
		{"en", "\"Really?\" Barack Obama asked. “Yes!” she said.", "\"Really?\" Barack Obama asked.|“Yes!” she said."},
		{"en", "\"We looked everywhere for them. They never came back,\" he said.", "\"We looked everywhere for them.|They never came back,\" he said."},
		{"en", "He teaches (He was an engineer.) at school. It works.", "He teaches (He was an engineer.) at school.|It works."},
		{"en", "I never meant that.... She left. Well ... maybe.", "I never meant that....|She left.|Well ... maybe."},
		{"en", "Mail Jane.Doe@example.com. See https://www.example.50.com/a_b.html. Now.", "Mail Jane.Doe@example.com.|See https://www.example.50.com/a_b.html.|Now."},
		{"en", "Hello world.Today is fine.Mr. Smith paid 1,000.That is a lot.", "Hello world.|Today is fine.|Mr. Smith paid 1,000.|That is a lot."},
		{"en", "1. The first item 2. The second item", "1. The first item|2. The second item"},
		{"en", "a) one b) two c) three", "a) one|b) two|c) three"},
		{"en", "• 9. Stop smoking • 10. Get some rest", "• 9. Stop smoking|• 10. Get some rest"},
		{"en", "1) Call the port 2) Ask for Ana 1) Call the yard 2) Ask for Tom", "1) Call the port|2) Ask for Ana|1) Call the yard|2) Ask for Tom"},
		{"en", "• 9. Stop smoking • 10. Get some rest ⁃9. Eat less ⁃10. Walk", "• 9. Stop smoking|• 10. Get some rest|⁃9. Eat less|⁃10. Walk"},
		{"en", "1. Ask Tom 2. Take vitamin 1. Nobody else", "1. Ask Tom|2. Take vitamin 1.|Nobody else"},
		{"en", "a. The port b. The yard \nNobody came", "a. The port|b. The yard|Nobody came"},
		{"en", "The sign read 'NO ENTRY', but she went in. 'Well!' thought Ana.", "The sign read 'NO ENTRY', but she went in.|'Well!' thought Ana."},
		{"en", "The book says ‘it grows in the dragon’s shade. It flowers in May’ (see p. 12). It is old.", "The book says ‘it grows in the dragon’s shade. It flowers in May’ (see p. 12).|It is old."},
		{"en", "They walked to the workers' hall. It was the workers' own.", "They walked to the workers' hall.|It was the workers' own."},
		{"en", "The book ends “and it was late. . . .”. Then comes another.", "The book ends “and it was late. . . .”.|Then comes another."},
		{"en", "It was decided.[3] The court agreed in the end.4 Nobody spoke.", "It was decided.[3]|The court agreed in the end.4|Nobody spoke."},
		{"en", "It was a cold\nnight.\n\nfeatures\nmore", "It was a cold night.|features|more"},
		{"en", "I don't. Barack left. It fell 3.5 pct. Shares rose.", "I don't.|Barack left.|It fell 3.5 pct.|Shares rose."},
		{"en", "He wrote of World War I. It was long. Albert I. Jones read it.", "He wrote of World War I.|It was long.|Albert I. Jones read it."},
		{"en", "Gov. J.B. Pritzker (D-Ill.) spoke to Lt. Col. Ted Cruz Jr. in Washington, D.C. He was 45.", "Gov. J.B. Pritzker (D-Ill.) spoke to Lt. Col. Ted Cruz Jr. in Washington, D.C.|He was 45."},
		{"de", "Der 1. FC Köln siegte im 19. Spiel. Sie wohnt in der Hauptstr. 5. Dort brannte es.", "Der 1. FC Köln siegte im 19. Spiel.|Sie wohnt in der Hauptstr. 5.|Dort brannte es."},
		{"de", "Er traf Hrn. Minister a. D. Karl Maier. Laut § 5 Abs. 2 Nr. 3 gilt das. König Karl III. kam.", "Er traf Hrn. Minister a. D. Karl Maier.|Laut § 5 Abs. 2 Nr. 3 gilt das.|König Karl III. kam."},
		{"de", "„Wir warten nicht. Das ist das Ende der ganzen Sache“, sagte sie.", "„Wir warten nicht.|Das ist das Ende der ganzen Sache“, sagte sie."},
		{"de", "Am 12. Juni kam Dr. med. Meyer, z. B. mit Frau Prof. Schulze. Seite 12. Dort steht es.", "Am 12. Juni kam Dr. med. Meyer, z. B. mit Frau Prof. Schulze.|Seite 12.|Dort steht es."},
		{"de", "„Wir gehen!“, sagte er. Das kostet 1.000 Euro usw. Die Frist endet.", "„Wir gehen!“, sagte er.|Das kostet 1.000 Euro usw.|Die Frist endet."},
		{"fr", "M. Macron est à Paris. Il a dit « Non ! » hier.", "M. Macron est à Paris.|Il a dit « Non ! » hier."},
		{"fr", "J.-P. Martin a dit : « Non ! » Puis il est sorti. « Pourquoi ? » demande-t-il.", "J.-P. Martin a dit : « Non ! »|Puis il est sorti.|« Pourquoi ? » demande-t-il."},
		{"fr", "Le n° 3 gagne 3,5 millions d'euros, etc. Les autres restent. C’est fini !... Et après ?", "Le n° 3 gagne 3,5 millions d'euros, etc.|Les autres restent.|C’est fini !...|Et après ?"},
		{"es", "Aprox. 20 personas. Vive en la Avda. Mayor núm. 5. Allí ardió. «¿Cuándo?», preguntó.", "Aprox. 20 personas.|Vive en la Avda. Mayor núm. 5.|Allí ardió.|«¿Cuándo?», preguntó."},
		{"it", "La S.p.A. pagò. Papa Giovanni XXIII. Era il 1963. L'on. Neri ha detto: «No». L'art. 3 vale.", "La S.p.A. pagò.|Papa Giovanni XXIII.|Era il 1963.|L'on. Neri ha detto: «No».|L'art. 3 vale."},
		{"pt", "Mora na Av. Brasil, n.º 5. Lá ardeu nos EUA. Disse não. Veja o art. 3.º da lei.", "Mora na Av. Brasil, n.º 5.|Lá ardeu nos EUA.|Disse não.|Veja o art. 3.º da lei."},
		{"nl", "Mevr. De Vries kwam om 8.30 uur. Prof. dr. J. de Boer, d.w.z. Jan, enz. Later ging hij weg. Zie blz. 12.", "Mevr. De Vries kwam om 8.30 uur.|Prof. dr. J. de Boer, d.w.z. Jan, enz.|Later ging hij weg.|Zie blz. 12."},
		{"zh", "他说：“我们不去。结束了。”然后他走了。价格是3.5元。", "他说：“我们不去。结束了。”|然后他走了。|价格是3.5元。"},
		{"ar", "قال الوزير: \"لن نذهب.\" ثم غادر. لا أحد يعرف!", "قال الوزير: \"لن نذهب.\"|ثم غادر.|لا أحد يعرف!"},
		{"es", "La Sra. López vive en EE. UU. desde 2010. ¿Qué pasó? ¡Nada!", "La Sra. López vive en EE. UU. desde 2010.|¿Qué pasó?|¡Nada!"},
		{"it", "Sono l'Avv. Rossi. Parla il dott. Bianchi.", "Sono l'Avv. Rossi.|Parla il dott. Bianchi."},
		{"pt", "O Sr. Silva chegou. A Dra. Lima saiu.", "O Sr. Silva chegou.|A Dra. Lima saiu."},
		{"nl", "Dhr. Jansen kwam. Hij bleef o.a. in Breda.", "Dhr. Jansen kwam.|Hij bleef o.a. in Breda."},
		{"ja", "良かった！「行くよ。すぐに。」と言った。終わり", "良かった！|「行くよ。すぐに。」と言った。|終わり"},
		{"ja", "表（※1）\n① 終わり", "表（※1）|① 終わり"},
		{"ar", "ماذا حدث؟ لا شيء.", "ماذا حدث؟|لا شيء."},
		{"hi", "यह सच है। हाँ।", "यह सच है।|हाँ।"},
		{"xx", "A stop. Another.", "A stop.|Another."},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, strings.Join(cut(tt.in, tt.lang), "|")); diff != "" {
			t.Errorf("Sentences(%q, %q) (-want +got):\n%s", tt.in, tt.lang, diff)
		}
	}
}

// checkSpans reports spans that overlap, leave the text, are not trimmed or
// skip anything but white space.
func checkSpans(t *testing.T, s string, spans []text.Span) {
	t.Helper()
	at := 0
	for _, sp := range spans {
		if sp.Start < at || sp.End <= sp.Start || sp.End > len(s) {
			t.Fatalf("span %v of %q is out of order", sp, s)
		}
		if strings.TrimSpace(s[at:sp.Start]) != "" || strings.TrimSpace(s[sp.Start:sp.End]) != s[sp.Start:sp.End] {
			t.Fatalf("span %v of %q loses text or is not trimmed", sp, s)
		}
		at = sp.End
	}
	if strings.TrimSpace(s[at:]) != "" {
		t.Fatalf("the spans of %q lose %q", s, s[at:])
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("1.) The 'first.' item\n2.) “Two.” [1] (a) x . . . . Y", "en")
	f.Add("z. B. ... „A.“ 12. Juni\n\n• 9. b\r\n!", "de")
	f.Fuzz(func(t *testing.T, s, lang string) {
		checkSpans(t, s, text.Sentences(s, lang))
		checkSpans(t, s, text.Paragraphs(s))
		clean := text.Clean(s)
		checkSpans(t, clean, text.Sentences(clean, lang))
	})
}
