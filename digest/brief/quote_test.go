package brief

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// plain folds a quote to its words, for comparing.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }), " ")
}

// TestQuotesShared holds precision and recall of the speakers on labelled quotes.
func TestQuotesShared(t *testing.T) {
	right, wrong, of := 0, 0, 0
	lines(t, "quotes/quotes-dev.jsonl", func(line []byte) {
		var row struct {
			Prev  string `json:"prev_paragraph"`
			Para  string `json:"paragraph"`
			Quote string
			Who   string `json:"speaker"`
			Kind  string
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		if row.Who != "" {
			of++
		}
		got := Quotes(digest.Article{ID: "x", Title: "x", Language: "en", Text: row.Prev + "\n\n" + row.Para})
		for _, q := range got {
			if plain(q.Text) != plain(row.Quote) {
				continue
			}
			if row.Who != "" && surname(q.Speaker) == surname(row.Who) {
				right++
				t.Logf("right: %+v", q)
				return
			}
			wrong++
			t.Logf("wrong: %q: got %q, want %q (%s)", q.Text, q.Speaker, row.Who, row.Kind)
			return
		}
		if row.Who != "" {
			t.Logf("missed (%s): %s: %s", row.Kind, row.Who, row.Para)
		}
	})
	precision, recall := float64(right)/float64(max(1, right+wrong)), float64(right)/float64(of)
	t.Logf("precision %.3f recall %.3f (%d right, %d wrong, %d labelled)", precision, recall, right, wrong, of)
	if precision < 0.95 || recall < 0.65 {
		t.Errorf("got precision %.3f recall %.3f, want at least .95 and .65", precision, recall)
	}
}

// said is a quote as the cases below write it.
type said struct{ Text, Speaker, Role, Context string }

// quoteCases are quotes of the forms that news sites use.
var quoteCases = []struct {
	name, lang, text string
	want             []said
}{
	{"colon", "en", "Port director Ana Reyes told reporters: “Nobody sleeps within a mile of that yard. That ends this year.”",
		[]said{{"Nobody sleeps within a mile of that yard. That ends this year.", "Ana Reyes", "Port director", "told reporters"}}},
	{"at a hearing", "en", "Freight union chair Tom Okafor said at a hearing: “You cannot park a whole harvest.”",
		[]said{{"You cannot park a whole harvest.", "Tom Okafor", "Freight union chair", "said at a hearing"}}},
	{"four words are too few", "en", "Freight union chair Tom Okafor said at a hearing: “You cannot park it.”", nil},
	{"posted on X", "en", "Ana Reyes posted on X: “The yard will be quiet by June.”",
		[]said{{"The yard will be quiet by June.", "Ana Reyes", "", "posted on X"}}},
	{"stated in", "en", "Mayor Lena Holt stated in August: “We will not wait for another year.”",
		[]said{{"We will not wait for another year.", "Lena Holt", "Mayor", "stated in August"}}},
	{"stating in", "en", "Mayor Lena Holt has long opposed the plan, stating in August: “We will not wait for another year.”",
		[]said{{"We will not wait for another year.", "Lena Holt", "Mayor", "stating in August"}}},
	{"behind, inverted", "en", "\"We were never asked about the yard,\" said Margo Wootan, policy director at the Harbor Center. She left.",
		[]said{{"We were never asked about the yard", "Margo Wootan", "policy director at the Harbor Center", ""}}},
	{"behind, with a role", "en", "“We were never asked about the yard,” Turkish President Abdullah Gul told journalists in New York last weekend.",
		[]said{{"We were never asked about the yard", "Abdullah Gul", "Turkish President", "told journalists in New York last weekend"}}},
	{"apposition", "en", "“We were never asked about it,” Ana Reyes, the port director, said on Monday.",
		[]said{{"We were never asked about it", "Ana Reyes", "port director", "said on Monday"}}},
	{"defense secretary", "en", "“We were never asked about it,” said Defense Secretary Lloyd Austin.",
		[]said{{"We were never asked about it", "Lloyd Austin", "Defense Secretary", ""}}},
	{"secretary of state", "en", "“We were never asked about it,” Secretary of State Antony Blinken said.",
		[]said{{"We were never asked about it", "Antony Blinken", "Secretary of State", ""}}},
	{"split quotes stay apart", "en", "“We were never asked about it,” said Ana Reyes. “Nobody came to the yard at all.”",
		[]said{{"We were never asked about it", "Ana Reyes", "", ""}, {"Nobody came to the yard at all.", "Ana Reyes", "", ""}}},
	{"surname completed", "en", "Port director Ana Reyes spoke first.\n\n“We were never asked about it,” Reyes said.",
		[]said{{"We were never asked about it", "Ana Reyes", "Port director", ""}}},
	{"pronoun of one", "en", "Ana Reyes spoke first.\n\n“We were never asked about it,” she said.",
		[]said{{"We were never asked about it", "Ana Reyes", "", ""}}},
	{"pronoun of two", "en", "Ana Reyes and Mary Okafor spoke first.\n\n“We were never asked about it,” she said.", nil},
	{"nobody named", "en", "“We were never asked about it,” the victim said. Officials said: “We will look into the case.”", nil},
	{"scare quotes", "en", "Critics of “the quiet yard of tomorrow today” met Ana Reyes.", nil},
	{"not closed", "en", "Ana Reyes said: “We were never asked about it.\n\n“We will not wait.", nil},
	{"another's sentence", "en", "“We were never asked about the yard.” Ana Reyes left the room.", nil},
	{"german", "de", "„Wir wurden nie danach gefragt“, sagte Bürgermeisterin Lena Holt am Montag.",
		[]said{{"Wir wurden nie danach gefragt", "Lena Holt", "Bürgermeisterin", "sagte am Montag"}}},
	{"german colon", "de", "Lena Holt sagte: „Wir wurden nie danach gefragt.“",
		[]said{{"Wir wurden nie danach gefragt.", "Lena Holt", "", ""}}},
	{"french", "fr", "« Nous n’avons jamais été consultés », a déclaré Anne Morel.",
		[]said{{"Nous n’avons jamais été consultés", "Anne Morel", "", ""}}},
	{"french colon", "fr", "Anne Morel a affirmé : « Nous n’avons jamais été consultés. »",
		[]said{{"Nous n’avons jamais été consultés.", "Anne Morel", "", ""}}},
	// who speaks
	{"the one told is not the speaker", "en", "Rose Holt spoke to the network. “We were never asked about the yard,” she told host Tammy Brook on Monday night.",
		[]said{{"We were never asked about the yard", "Rose Holt", "", "told host Tammy Brook on Monday night"}}},
	{"only the one told is named", "en", "“We were never asked about the yard,” she told host Tammy Brook on Monday night.", nil},
	{"told before", "en", "In a talk with Tammy Brook, she said, “We were never asked about the yard.”", nil},
	{"elided subject", "en", "Rose Holt met Tammy Brook and said: “We were never asked about the yard.”", nil},
	{"passive", "en", "Rose Holt was told: “You were never asked about the yard.”", nil},
	{"asked, then answered", "en", "Tammy Brook asked, “Was the yard ever on the table?” Holt nodded.",
		[]said{{"Was the yard ever on the table?", "Tammy Brook", "", ""}}},
	{"another gender is named", "en", "Vice President Harris met President Joe Biden.\n\n“We were never asked about it,” she said. Kamala Harris left.",
		[]said{{"We were never asked about it", "Kamala Harris", "Vice President", ""}}},
	{"spoken of", "en", "Critics wrote about Ana Reyes.\n\n“We were never asked about it,” she said.", nil},
	{"genitive", "en", "Ana Reyes’s office was shut.\n\n“We were never asked about it,” she said.", nil},
	{"a thing", "en", "The Silver Star sank.\n\n“We were never asked about it,” he said.", nil},
	{"somebody else opens", "en", "Mizune shares the passion of Ana Reyes.\n\nMizune met Ana Reyes. “We were never asked about it,” she said.", nil},
	{"family", "en", "Andy Copeland and Tom Copeland met.\n\n“We were never asked about it,” he said.", nil},
	{"named after", "en", "The yard was full.\n\n“We were never asked about it,” he said. Tom Okafor left.", nil},
	{"initials", "en", "“We were never asked about the yard,” UNESCO said.", nil},
	{"a show", "en", "Ana Reyes told CNN’s “The Lead with Jake of the Yard” on Monday.", nil},
	// who they are
	{"party in brackets", "en", "“We were never asked about it,” Senate Minority Leader Mitch Holt (R-Ky.) told reporters.",
		[]said{{"We were never asked about it", "Mitch Holt", "Senate Minority Leader", "told reporters"}}},
	{"described by an organisation", "en", "“We were never asked about it,” said Yard Lab director of research Nick Bunk.",
		[]said{{"We were never asked about it", "Nick Bunk", "Yard Lab director of research", ""}}},
	{"described by a thing", "en", "“We were never asked about it,” said Expo organizer Zhu Yuetao.",
		[]said{{"We were never asked about it", "Zhu Yuetao", "Expo organizer", ""}}},
	{"role ends at a participle", "en", "One of the issues facing President Joe Holt is the yard. “We were never asked about it,” Holt said.",
		[]said{{"We were never asked about it", "Joe Holt", "President", ""}}},
	{"bank of", "en", "Bank of Orrin governor Linah Holt said: “We were never asked about it.”",
		[]said{{"We were never asked about it.", "Linah Holt", "Bank of Orrin governor", ""}}},
	{"not a role", "en", "“We were never asked about it,” said Ana Reyes, flanked by several members.",
		[]said{{"We were never asked about it", "Ana Reyes", "", ""}}},
	{"degree", "en", "“We were never asked about it,” said Ana Reyes, Ph.D.",
		[]said{{"We were never asked about it", "Ana Reyes", "", ""}}},
	{"clause behind a role", "en", "“We were never asked about it,” said Ana Reyes, a research fellow who heads the project.",
		[]said{{"We were never asked about it", "Ana Reyes", "research fellow", ""}}},
	{"german role", "de", "„Wir wurden nie danach gefragt“, sagte Meteorologin Mette Rask.",
		[]said{{"Wir wurden nie danach gefragt", "Mette Rask", "Meteorologin", ""}}},
	{"cartoonist", "en", "Cartoonist Matthew Inman said: “We were never asked about it.”",
		[]said{{"We were never asked about it.", "Matthew Inman", "Cartoonist", ""}}},
	// how they said it
	{"cut context", "en", "“We were never asked about it,” Ana Reyes said on “Fox & Friends.”",
		[]said{{"We were never asked about it", "Ana Reyes", "", ""}}},
	{"of a place", "en", "“We were never asked about it,” warns Fiona Hill of the Brook Institution.",
		[]said{{"We were never asked about it", "Fiona Hill", "", ""}}},
	{"wrote", "en", "“We were never asked about it,” wrote Ana Reyes.",
		[]said{{"We were never asked about it", "Ana Reyes", "", "wrote"}}},
}

func TestQuotes(t *testing.T) {
	for _, c := range slices.Concat(quoteCases, speakerCases, tongueCases) {
		t.Run(c.name, func(t *testing.T) {
			a := digest.Article{ID: "a", Language: c.lang, Text: c.text}
			var got []said
			for _, q := range Quotes(a) {
				if squeeze(a.Text[q.Start:q.End]) != q.Text {
					t.Errorf("%q does not stand at %d–%d", q.Text, q.Start, q.End)
				}
				got = append(got, said{q.Text, q.Speaker, q.Role, q.Context})
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("quotes (-want +got):\n%s", d)
			}
		})
	}
}
