package discord

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/digest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// render renders messages.
func render(t testing.TB, messages ...chat.Message) []digest.Payload {
	t.Helper()
	out, err := (&Platform{}).Render(messages)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sentence(text string) digest.Sentence { return digest.Sentence{Text: text} }

// specimen is an edition with everything in it.
func specimen() digest.Edition {
	at := time.Date(2026, 5, 3, 6, 0, 0, 0, time.UTC)
	full := digest.Brief{ID: "3f2a", Headline: "Port of Linden Weighs *Night* Curfew [again]", Category: "Harbor, city", Authors: []string{"Maya Lind", "Jon Park"},
		Source: "Linden Wire", URL: "https://ledger.example/curfew_(1)", Lede: []digest.Sentence{sentence("The port is drafting rules."), sentence("It declined to comment to @everyone.")},
		WhyItMatters: []digest.Sentence{sentence("The line carries a third of the exports.")}, WhatToKnow: []digest.Sentence{sentence("- The draft is dated May 3."), sentence("1. Sidings cost `18` million.")},
		Quotes:    []digest.Quote{{Text: "Nobody sleeps.\nThat ends.", Speaker: "Ana Reyes", Role: "Port director", Context: "told reporters"}, {Text: "You cannot park a harvest."}},
		WhatsNext: []digest.Sentence{sentence("The board votes on June 12.")}, Outlets: []string{"Linden Ledger", "Linden Wire"}, Published: &at,
		Articles: []digest.Reference{{ID: "a", Title: "A", URL: "https://ledger.example/a"}, {ID: "b", Title: "B"}}}
	long := full
	long.ID, long.URL, long.Image = "77aa", "https://ledger.example/"+strings.Repeat("x", 700), "https://ledger.example/i.png"
	long.Headline = strings.TrimSpace(strings.Repeat("A very long headline (indeed) ", 9))
	return digest.Edition{ID: "e1", Name: "Morning", Slot: "2026-05-03T08:00", Due: at, Zone: "Europe/Berlin", Language: "en", Layout: digest.Layout{Images: true},
		Coverage: digest.Coverage{SourcesOK: 14, Sources: 16, Articles: 212, Stories: 41, Shown: 2},
		Items:    []digest.Item{{N: 1, Brief: full}, {N: 2, Brief: long, Update: true, New: 2}}}
}

func TestGolden(t *testing.T) {
	answer := chat.Say("Status", chat.Block{Kind: chat.Fields, Items: []chat.Item{chat.Field("Articles", chat.Plain("12")), chat.Field("Next", chat.Locale{}.Stamp(morning))}},
		chat.Lines(chat.Heading, "Type"), chat.Lines(chat.Code, "nutgraf ```serve```", "  --config x"), chat.Block{Kind: chat.Rule}, chat.Lines(chat.Numbered, "one", "two"),
		chat.Block{Kind: chat.Text, Items: []chat.Item{chat.Line(chat.Mono("/digest"), chat.Plain(" and "), chat.Strong(" bold "), chat.Emph("soft"), chat.Linked("bank.com", "https://evil.example/x"))}},
		chat.Lines(chat.Text, "last"))
	answer.Buttons = []chat.Button{{Label: "Why these?", Line: "why e1"}, {Label: "Docs", URL: "https://nutgraf.example/docs"}, {Label: "again", Line: "why e1"}}
	found := chat.Say("Found for “port strike”",
		chat.Block{Kind: chat.Numbered, Start: 1, Items: []chat.Item{chat.Line(chat.Linked("Port of Linden Weighs Curfew", "https://ledger.example/1"), chat.Plain(" · Linden Ledger · "), chat.Locale{}.Stamp(morning))}},
		chat.Lines(chat.Text, "… a *strike* of the port's crane drivers …"),
		chat.Block{Kind: chat.Numbered, Start: 2, Items: []chat.Item{chat.Line(chat.Linked("Dockers vote @here", "https://wire.example/2"), chat.Plain(" · Linden Wire"))}})
	for name, messages := range map[string][]chat.Message{"search": {found}, "edition": chat.Layout(specimen(), chat.Locale{}), "answer": {answer}, "notice": {chat.Note("Nothing <@1> new.")}} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			for _, p := range render(t, messages...) {
				if err := json.Indent(&got, p, "", "  "); err != nil {
					t.Fatal(err)
				}
				got.WriteString("\n")
			}
			goldenText(t, name, got.String())
		})
	}
}

// golden holds a body against its golden file.
func golden(t testing.TB, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	goldenText(t, name, got.String()+"\n")
}

func goldenText(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// author writes random editions.
type writer struct {
	*rand.Rand
	hostile []string
	marks   int
}

// token is a word that occurs once, to be found again after rendering.
func (w *writer) token() string {
	w.marks++
	return fmt.Sprintf("w%dw", w.marks)
}

func (w *writer) text(most int) string {
	if len(w.hostile) > 0 && w.IntN(6) == 0 {
		return w.token() + " " + w.hostile[w.IntN(len(w.hostile))]
	}
	var b strings.Builder
	b.WriteString(w.token())
	for n := 1 + w.IntN(most); b.Len() < n; {
		switch w.IntN(12) {
		case 0:
			b.WriteString("報道によると港湾当局は夜間運行禁止を検討")
		case 1:
			b.WriteString(" 👩‍👩‍👧‍👦🇩🇪👍🏽")
		case 2:
			b.WriteString(" **[x](http://evil.example)** @everyone <@1> <t:1:R> `a` ~~b~~ ||c||")
		case 3:
			b.WriteString(" e\u0301\u0327")
		default:
			b.WriteString(" " + w.token())
		}
	}
	return b.String()
}

func (w *writer) sentences(n, most int) []digest.Sentence {
	out := make([]digest.Sentence, w.IntN(n+1))
	for i := range out {
		out[i] = sentence(w.text(most))
	}
	return out
}

func (w *writer) edition() digest.Edition {
	e := specimen()
	e.Name, e.Items = w.text(120), nil
	size := 160
	if w.IntN(12) == 0 {
		size = 5000
	}
	for i := range 1 + w.IntN(6)*w.IntN(13) {
		b := digest.Brief{ID: fmt.Sprint("s", i), Headline: w.text(250), Category: w.text(40), Lede: w.sentences(3, size), WhyItMatters: w.sentences(2, size),
			WhatToKnow: w.sentences(5, size), WhatsNext: w.sentences(1, size), Outlets: []string{w.text(20), w.text(20)}, Authors: []string{w.text(30)}}
		for range w.IntN(3) {
			b.Quotes = append(b.Quotes, digest.Quote{Text: w.text(size), Speaker: w.text(30), Role: w.text(30)})
		}
		switch w.IntN(4) {
		case 0:
			b.URL = "https://ledger.example/" + strings.Repeat("u", w.IntN(2000))
		case 1:
			b.URL = "https://ledger.example/" + fmt.Sprint(i)
		}
		e.Items = append(e.Items, digest.Item{N: i + 1, Brief: b})
	}
	return e
}

var tokens = regexp.MustCompile(`w\d+w`)

// live returns what Discord would interpret of hostile text, and whether a
// backslash escapes nothing.
func live(m markdown) string {
	var b strings.Builder
	for i := 0; i < len(m); i++ {
		if m[i] == '\\' {
			if i++; i == len(m) {
				return "the last backslash"
			}
			continue
		}
		b.WriteByte(m[i])
	}
	for _, bad := range []string{"@everyone", "@here", "<@1>", "<t:1:R>", "](http://evil"} {
		if strings.Contains(b.String(), bad) {
			return bad
		}
	}
	return ""
}

// TestRenderHoldsEveryLimit renders random editions, posts them to the fake's
// judge of forms, and looks for every word.
func TestRenderHoldsEveryLimit(t *testing.T) {
	const shards = 4
	rounds := 2000
	if testing.Short() {
		rounds = 100
	}
	corpus := hostile(t)
	for shard := range shards {
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			w := &writer{Rand: rand.New(rand.NewPCG(1, uint64(shard))), hostile: corpus}
			cuts, payloads := 0, 0
			for range rounds / shards {
				for _, m := range chat.Layout(w.edition(), chat.Locale{}) {
					n, cut := holdsLimits(t, m)
					if payloads += n; cut {
						cuts++
					}
				}
			}
			if cuts == 0 && !testing.Short() {
				t.Error("no item was ever cut: the test does not test that")
			}
			t.Logf("%d editions, %d payloads, %d messages with a cut", rounds/shards, payloads, cuts)
		})
	}
}

// holdsLimits renders a message and checks every payload of it.
func holdsLimits(t *testing.T, m chat.Message) (payloads int, cut bool) {
	t.Helper()
	seen := make(map[string]bool)
	for _, p := range render(t, m) {
		payloads++
		b, err := thaw(p)
		if err != nil {
			t.Fatal(err)
		}
		marked, err := json.Marshal(b.marked(digest.Part{Key: "kkkkkkkkkkkkkkkkkkkkkkkk", N: 1, Of: 60}))
		if err != nil {
			t.Fatal(err)
		}
		if problem := discordfake.Problem(marked); problem != "" {
			t.Fatalf("%s\n%.3000s", problem, marked)
		}
		for _, e := range b.Embeds {
			shown := string(e.Title + "\n" + e.Description)
			if bad := live(e.Title + "\n" + e.Description); bad != "" {
				t.Fatalf("%q is live: %.3000q", bad, shown)
			}
			if strings.HasSuffix(shown, "**Why it matters**") {
				t.Fatalf("a heading is alone: %.3000q", shown)
			}
			if e.Author != nil {
				shown += "\n" + e.Author.Name
			}
			if e.Footer != nil {
				shown += "\n" + e.Footer.Text
			}
			for _, token := range tokens.FindAllString(shown, -1) {
				seen[token] = true
			}
			cut = cut || strings.Contains(shown, "… [Read more](")
		}
	}
	for _, token := range tokens.FindAllString(plainText(m), -1) {
		if !cut && !seen[token] { // after a cut the link leads to the rest
			t.Fatalf("%s is lost", token)
		}
	}
	return payloads, cut
}

func plainText(m chat.Message) string {
	var b strings.Builder
	for _, block := range m.Blocks {
		for _, i := range block.Items {
			b.WriteString(i.Plain() + " " + i.Speaker + " " + i.Role + " " + i.Context + "\n")
		}
	}
	return b.String()
}

// hostile reads the corpus of hostile strings where there is one.
func hostile(t testing.TB) []string {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Log("NUTGRAF_SHARED is not set: without the hostile strings")
		return nil
	}
	raw, err := os.ReadFile(filepath.Join(root, "data", "hostile", "blns.json"))
	if err != nil {
		t.Log(err)
		return nil
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestItemsAreCutAtWords(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 1000))
	for _, c := range []struct {
		name, text, more string
		payloads         int
		end              string
	}{
		{"with a link", long, "https://ledger.example/x", 1, "word… [Read more](https://ledger.example/x)"},
		{"without a link", long, "", 2, "word"},
		{"without blanks", strings.Repeat("報", 5000), "", 2, "報"},
		{"one letter with many marks", "a" + strings.Repeat("\u0301", 5000), "", 2, ""},
		{"an embed's worth", strings.Repeat("x", maxUnit), "https://ledger.example/x", 1, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := chat.Message{Kind: chat.Story, Blocks: []chat.Block{chat.Lines(chat.Text, c.text)}, More: chat.Link{Text: "Read more", URL: c.more}}
			got := render(t, m)
			last, err := thaw(got[len(got)-1])
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != c.payloads || !strings.HasSuffix(string(last.Embeds[0].Description), c.end) {
				t.Errorf("%d payloads, the last ends %.80q", len(got), last.Embeds[0].Description[max(0, len(last.Embeds[0].Description)-80):])
			}
			for _, p := range got {
				if problem := discordfake.Problem(p); problem != "" {
					t.Error(problem)
				}
			}
		})
	}
}

func TestHeadingsStayWithTheirText(t *testing.T) {
	for n := 3900; n < 4100; n += 7 {
		m := chat.Say("T", chat.Lines(chat.Text, strings.Repeat("x", n)), chat.Lines(chat.Heading, "Heading"), chat.Lines(chat.Text, strings.Repeat("y", n)), chat.Lines(chat.Text, "z"))
		for _, p := range render(t, m) {
			if problem := discordfake.Problem(p); problem != "" {
				t.Fatalf("%d: %s", n, problem)
			}
			b, err := thaw(p)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(string(b.Embeds[0].Description), "**Heading**") {
				t.Errorf("%d: the heading is alone at the end", n)
			}
		}
	}
}

func TestEscape(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text, nothing.", "plain text, nothing."},
		{"@everyone @here", `\@everyone \@here`},
		{"<@1> <@&2> <#3> </cmd:4> <t:5:R> <:e:6> <id:browse>", `\<\@1\> \<\@&2\> \<\#3\> \</cmd\:4\> \<t\:5\:R\> \<\:e\:6\> \<id\:browse\>`},
		{"[bank](http://evil)", `\[bank\]\(http\://evil\)`},
		{"*a* _b_ ~~c~~ `d` ||e|| \\", "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\`d\\` \\|\\|e\\|\\| \\\\"},
		{"# h", `\# h`}, {"> q", `\> q`}, {"- l", `\- l`}, {"+ l", `\+ l`}, {"12. l", `12\. l`}, {"3.5 million", `3\.5 million`}, {"a\nb", "a b"},
	} {
		if got := string(start(escape(c.in))); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
		if c.in != "a\nb" && unescape(string(start(escape(c.in)))) != c.in {
			t.Errorf("%q does not come back: %q", c.in, unescape(string(start(escape(c.in)))))
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a *b* <@1> \\", 3)
	f.Fuzz(func(t *testing.T, s string, room int) {
		if !strings.ContainsAny(s, "\n\r") && strings.ToValidUTF8(s, "") == s {
			if got := unescape(string(escape(s))); got != s {
				t.Errorf("%q comes back as %q", s, got)
			}
		}
		room = min(max(room, 2), 5000)
		at := wordCut(s, room)
		if at < 0 || at > len(s) || s != "" && at == 0 {
			t.Fatalf("cut of %q at %d", s, at)
		}
		if n := size(escape(s[:at])); strings.ToValidUTF8(s, "") == s && n > room {
			t.Errorf("%q is %d, room is %d", s[:at], n, room)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	e := specimen()
	for len(e.Items) < 8 {
		e.Items = append(e.Items, e.Items[0])
	}
	messages := chat.Layout(e, chat.Locale{})
	b.ReportAllocs()
	for b.Loop() {
		render(b, messages...)
	}
}
