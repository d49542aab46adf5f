package slack

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

var (
	tag   = regexp.MustCompile(`<([^>|]*)\|([^>]*)>`)
	looks = strings.NewReplacer("*", "", "_", "")
)

// readMrkdwn returns mrkdwn as it is shown.
func readMrkdwn(s string) string {
	return html.UnescapeString(looks.Replace(tag.ReplaceAllString(s, "$2")))
}

func renderer(t testing.TB) *Platform {
	t.Helper()
	p, err := New(Config{BotToken: digest.NewSecret("xoxb-1"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRenderGolden(t *testing.T) {
	p := renderer(t)
	messages := chat.Layout(specimen(), chat.Locale{})
	long := chat.Note("All of it. " + strings.Repeat("Word after word after word. ", 300))
	long.More = chat.Link{Text: "Read more", URL: "https://ledger.example/long"}
	at := time.Date(2026, 5, 4, 6, 30, 0, 0, time.UTC)
	hit := func(n int, title, outlet, id string) chat.Block {
		return chat.Block{Kind: chat.Numbered, Start: n, Items: []chat.Item{chat.Line(chat.Linked(title, "https://ledger.example/"+id), chat.Plain(" · "+outlet+" · "),
			chat.Span{Text: "4 May 2026, 06:30", Time: at}, chat.Plain(" · "), chat.Span{Text: id, Code: true})}}
	}
	found := chat.Say("Found for “port strike”", hit(1, "Port of Linden Weighs Night Curfew", "Linden Wire", "a1"), chat.Lines(chat.Text, "The Port of Linden is drafting rules & “quiet hours”."),
		hit(2, "Dockers <strike> Over *Hours*", "Harbor Times", "a2"))
	settings := chat.Say("Morning", chat.Block{Kind: chat.Fields, Items: []chat.Item{chat.Field("Stories", chat.Plain("8")), chat.Field("Length", chat.Plain("full"))}})
	settings.Menus = []chat.Menu{{Label: "Length", Line: "set m1 length", Value: "full", Choices: []chat.Choice{{Value: "full", Label: "full"}, {Value: "short", Label: "short"}}}}
	settings.Buttons = []chat.Button{{Label: "Start", Line: "confirm m1", Look: chat.Primary}, {Label: "Drop", Line: "drop m1", Look: chat.Danger}}
	calling := messages[0]
	calling.Ping = "S012ABC"
	for name, m := range map[string][]chat.Message{
		"edition.json": messages,
		"search.json":  {found},
		"menus.json":   {settings},
		"ping.json":    {calling},
		"cut.json":     {long},
		"answer.json": {chat.Say("Sources", chat.Block{Kind: chat.Fields, Items: []chat.Item{chat.Field("ledger", chat.Plain("12 articles, "), chat.Strong("well")), chat.Field("", chat.Mono("search x"))}},
			chat.Block{Kind: chat.Rule}, chat.Lines(chat.Code, "a <b>", "c & d"), chat.Block{Kind: chat.Meta, Items: []chat.Item{chat.Line(chat.Linked("A & B", "https://a.example/?b|c"), chat.Emph("soon"))}},
			chat.Block{Kind: chat.Bullets, Items: []chat.Item{chat.Line(chat.Span{Text: "May 4", Time: time.Unix(1777867200, 0)}, chat.Emph(" reprint"))}})},
	} {
		t.Run(name, func(t *testing.T) {
			payloads, err := p.Render(m)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, b := range payloads {
				out.WriteString(pretty(t, b))
				check(t, b)
			}
			golden(t, name, []byte(out.String()))
		})
	}
}

// check holds a payload against every limit.
func check(t testing.TB, b digest.Payload) {
	t.Helper()
	p, err := thaw(b)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := json.Marshal(p.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if bad := slackfake.CheckBlocks(blocks); bad != nil {
		t.Fatalf("%s %v\n%s", bad.Code, bad.Remarks, clip(string(blocks), 3000))
	}
	if n := size(html.UnescapeString(string(p.Text))); n == 0 || len([]rune(string(p.Text))) >= 4000 {
		t.Fatalf("the fallback text has %d characters", n)
	}
	total := 0
	for _, raw := range p.Blocks {
		var block struct{ Type string }
		if err := json.Unmarshal(raw, &block); err != nil {
			t.Fatal(err)
		}
		n := stringsIn(t, raw)
		if total += n; n > maxSection && block.Type != "actions" && block.Type != "image" {
			t.Fatalf("a %s block has %d characters", block.Type, n)
		}
	}
	if total > maxChars {
		t.Fatalf("the blocks have %d characters", total)
	}
}

// stringsIn sums up the texts and addresses in a block.
func stringsIn(t testing.TB, raw []byte) int {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(string, any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk("", e)
			}
		case map[string]any:
			for k, e := range v {
				walk(k, e)
			}
		case string:
			if strings.Contains("text url value image_url alt_text fallback", key) && key != "" {
				n += len([]rune(v))
			}
		}
	}
	walk("", v)
	return n
}

// bare removes all blanks.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// lost returns an item of m that the payloads show neither whole nor cut with
// a link to the rest.
func lost(t testing.TB, m chat.Message, payloads []digest.Payload) string {
	t.Helper()
	all := ""
	for _, b := range payloads {
		all += bare(shown(t, b))
	}
	for _, b := range m.Blocks {
		for _, item := range b.Items {
			want := bare(item.Plain())
			if strings.Contains(all, want) {
				continue
			}
			if !cutWithLink(all, want, m.More) {
				return item.Plain()
			}
		}
	}
	return ""
}

// cutWithLink reports whether all holds a beginning of want, then a link to
// the rest.
func cutWithLink(all, want string, more chat.Link) bool {
	start := string([]rune(want)[:min(40, len([]rune(want)))])
	for at := strings.Index(all, start); more.URL != "" && at >= 0; {
		n := 0
		for n < len(want) && at+n < len(all) && all[at+n] == want[n] {
			n++
		}
		for n > 0 && n < len(want) && !utf8.RuneStart(want[n]) {
			n--
		}
		if strings.HasPrefix(all[at+n:], "…"+bare(more.Text)) {
			return true
		}
		next := strings.Index(all[at+1:], start)
		if next < 0 {
			return false
		}
		at += 1 + next
	}
	return false
}

// hostile returns titles that break things.
func hostile(t testing.TB) []string {
	t.Helper()
	out := []string{"<!channel> <!here> <!everyone>", "<@U1> <#C1> <!subteam^S1>", "<http://evil.example|bank.example>", "a & b &amp; c", "*b* _i_ ~s~ `c` :smile:",
		"https://bank.example", "bank.example", "港口考虑夜间宵禁", "👩‍👩‍👧‍👦 family 🇩🇪", strings.Repeat("名", 400), strings.Repeat("x", 700), "“quote” ‘s", "\u202egnp.exe", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞"}
	dir := os.Getenv("NUTGRAF_SHARED")
	if dir == "" {
		return out
	}
	raw, err := os.ReadFile(filepath.Join(dir, "data", "hostile", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var more []string
	if err := json.Unmarshal(raw, &more); err != nil {
		t.Fatal(err)
	}
	return append(out, more...)
}

// randomEdition makes an edition of up to 60 stories out of words of all kinds.
func randomEdition(r *rand.Rand, pool []string) digest.Edition {
	sentence := func() string {
		words := []string{"port", "curfew", "trains", "<!here>", "&", "港口", "宵禁", "🚂", "night", "vote", "“so”", "naïve", "re-elected,"}
		n := 5 + r.IntN(25)
		if r.IntN(40) == 0 {
			n = 800 + r.IntN(300)
		}
		var out strings.Builder
		glue := " "
		if r.IntN(12) == 0 {
			glue = ""
		}
		for range n {
			out.WriteString(words[r.IntN(len(words))] + glue)
		}
		return strings.TrimSpace(out.String())
	}
	several := func(most int) []digest.Sentence {
		out := make([]digest.Sentence, r.IntN(most+1))
		for i := range out {
			out[i].Text = sentence()
		}
		return out
	}
	e := digest.Edition{ID: "e", Name: pool[r.IntN(len(pool))], Due: time.Unix(1777867200, 0), Language: "en", Zone: "UTC", Late: r.IntN(4) == 0,
		Layout: digest.Layout{Images: r.IntN(3) == 0, Length: []string{"", "short", "line"}[r.IntN(3)]}}
	for i := range r.IntN(61) {
		b := digest.Brief{ID: fmt.Sprintf("s%d", i), Headline: pool[r.IntN(len(pool))], Category: pool[r.IntN(len(pool))], Lede: several(4), WhyItMatters: several(3),
			WhatToKnow: several(6), WhatsNext: several(2), Outlets: []string{"A", pool[r.IntN(len(pool))]}, Authors: []string{"Maya"}, Source: "Wire",
			Articles: make([]digest.Reference, r.IntN(3)), Image: "https://img.example/a.png"}
		for range r.IntN(4) {
			b.Quotes = append(b.Quotes, digest.Quote{Text: sentence(), Speaker: pool[r.IntN(len(pool))], Role: "Director"})
		}
		if r.IntN(5) > 0 {
			b.URL = "https://ledger.example/" + strings.Repeat("a", r.IntN(900)) + "?a=1&b=2"
		}
		e.Items = append(e.Items, digest.Item{N: i + 1, Brief: b, Update: r.IntN(5) == 0, New: r.IntN(3)})
	}
	return e
}

func TestRenderKeepsLimitsAndLosesNothing(t *testing.T) {
	editions := 300
	if testing.Short() {
		editions = 50
	}
	if n, err := strconv.Atoi(os.Getenv("NUTGRAF_EDITIONS")); err == nil {
		editions = n // 2000 take a minute
	}
	p, pool := renderer(t), hostile(t)
	r := rand.New(rand.NewPCG(1, 2))
	split := 0
	for n := range editions {
		for _, m := range chat.Layout(randomEdition(r, pool), chat.Locale{}) {
			payloads, err := p.Render([]chat.Message{m})
			if err != nil || len(payloads) == 0 {
				t.Fatalf("edition %d: %d payloads, %v", n, len(payloads), err)
			}
			if len(payloads) > 1 {
				split++
			}
			for _, b := range payloads {
				check(t, b)
			}
			if text := lost(t, m, payloads); text != "" {
				t.Fatalf("edition %d: lost %q", n, text)
			}
		}
	}
	if split == 0 {
		t.Error("no message had to be split: the test tests nothing")
	}
}

func TestHostileTextIsInert(t *testing.T) {
	p := renderer(t)
	for _, s := range hostile(t) {
		b := digest.Brief{ID: "s", Headline: s, Category: s, URL: "https://evil.example/|a>b", Outlets: []string{s}, Authors: []string{s}, Lede: sentences(s)}
		payloads, err := p.Render([]chat.Message{chat.Brief(b, "", chat.Locale{}), chat.Note(s), {Kind: chat.Answer, Blocks: []chat.Block{{Kind: chat.Meta, Items: []chat.Item{chat.Line(chat.Linked(s, "https://a.example/"), chat.Strong(s))}}}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range payloads {
			frozen, err := thaw(raw)
			if err != nil {
				t.Fatal(err)
			}
			marks := []string{string(frozen.Text)}
			for _, block := range frozen.Blocks {
				marks = append(marks, mrkdwnIn(t, block)...)
			}
			for _, m := range marks {
				for _, special := range regexp.MustCompile(`<[^>]*>?`).FindAllString(m, -1) {
					if !regexp.MustCompile(`^<(https?://[^<>|]+\|[^<>]*|!date\^\d+\^[^|<>]+\|[^<>]*)>$`).MatchString(special) {
						t.Errorf("%q becomes %q with a live %q", s, m, special)
					}
				}
			}
		}
	}
}

// mrkdwnIn returns the mrkdwn texts of a block.
func mrkdwnIn(t testing.TB, raw json.RawMessage) []string {
	t.Helper()
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" {
				out = append(out, v["text"].(string))
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	walk(v)
	return out
}

func TestMaskedLinks(t *testing.T) {
	p := renderer(t)
	m := chat.Message{Kind: chat.Answer, Blocks: []chat.Block{
		{Kind: chat.Text, Items: []chat.Item{{Spans: []chat.Span{{Text: "bank.example", URL: "https://evil.example/"}}}}},
		{Kind: chat.Meta, Items: []chat.Item{{Spans: []chat.Span{{Text: "https://bank.example/login", URL: "https://evil.example/"}}}}},
	}, More: chat.Link{Text: "Read more", URL: "javascript:alert(1)"}}
	payloads, err := p.Render([]chat.Message{m})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range payloads {
		if strings.Contains(string(b), "evil.example") || strings.Contains(string(b), "javascript") {
			t.Errorf("a masked link came through: %s", b)
		}
	}
}

func TestButtons(t *testing.T) {
	p := renderer(t)
	m := chat.Note("x")
	for i := range 60 {
		m.Buttons = append(m.Buttons, chat.Button{Label: strings.Repeat("L", 90), Line: fmt.Sprintf("story %d", i)})
	}
	m.Buttons = append(m.Buttons, chat.Button{Label: "too long", Line: strings.Repeat("x", 3000)}, chat.Button{Label: "nowhere"}, chat.Button{Label: "bad", URL: "ftp://x"})
	payloads, err := p.Render([]chat.Message{m})
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, b := range payloads {
		check(t, b)
		got += strings.Count(string(b), `"button"`)
	}
	if got != 60 {
		t.Errorf("%d buttons, want 60", got)
	}
}

func TestThawRefusesOthers(t *testing.T) {
	for _, raw := range []string{"", "{}", `{"version":2,"blocks":[{}]}`, `{"version":1}`} {
		if _, err := thaw(digest.Payload(raw)); digest.KindOf(err) != digest.Invalid {
			t.Errorf("thaw(%q) = %v", raw, err)
		}
	}
}

func TestCutAt(t *testing.T) {
	for _, c := range []struct {
		s          string
		most       int
		head, rest string
	}{
		{"one two three", 13, "one two three", ""},
		{"one two three", 12, "one two", "three"},
		{"one two three", 7, "one two", "three"},
		{"onetwothree", 4, "onet", "wothree"},
		{"港口考虑夜间", 3, "港口考", "虑夜间"},
		{"a 👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 14, "a 👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"},
		{"a&b&c", 7, "a&b", "&c"},
	} {
		head, rest := cutAt(c.s, c.most)
		if head != c.head || rest != c.rest {
			t.Errorf("cutAt(%q, %d) = %q, %q, want %q, %q", c.s, c.most, head, rest, c.head, c.rest)
		}
	}
}

func FuzzRender(f *testing.F) {
	p := renderer(f)
	for _, s := range hostile(f) {
		f.Add(s, "https://a.example/")
	}
	f.Fuzz(func(t *testing.T, s, url string) {
		m := chat.Message{Kind: chat.Story, More: chat.Link{Text: "Read more", URL: chat.WebURL(url)}, Blocks: []chat.Block{
			chat.Lines(chat.Kicker, s, s), {Kind: chat.Title, Items: []chat.Item{chat.Line(chat.Linked(s, url))}}, {Kind: chat.Meta, Items: []chat.Item{chat.Line(chat.Linked(s, url), chat.Strong(s))}},
			chat.Lines(chat.Heading, s), chat.Lines(chat.Quotes, s, strings.Repeat(s+" ", 20)), chat.Lines(chat.Code, s), chat.Lines(chat.Numbered, strings.Repeat(s, 40), "end")}}
		payloads, err := p.Render([]chat.Message{m})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range payloads {
			check(t, b)
		}
		if text := lost(t, m, payloads); text != "" {
			t.Fatalf("lost %q", text)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	p := renderer(b)
	e := specimen()
	for len(e.Items) < 8 {
		e.Items = append(e.Items, e.Items[0])
	}
	messages := chat.Layout(e, chat.Locale{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Render(messages); err != nil {
			b.Fatal(err)
		}
	}
}

// TestOnlyEscapersMakeMrkdwn keeps raw strings from becoming markup.
func TestOnlyEscapersMakeMrkdwn(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if name == "escape.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "mrkdwn" {
				if _, constant := call.Args[0].(*ast.BasicLit); !constant {
					t.Errorf("%s makes mrkdwn without an escaper", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
