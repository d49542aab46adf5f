package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"

	nethtml "golang.org/x/net/html"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/web"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/brief"
	"nutgraf/digest/intake"
)

// injections are what a text may try on a platform or a page.
var injections = []string{
	"<!channel>", "<!here>", "<!everyone>", "<@U1>", "<#C1|general>", "<!subteam^S012|all>", "<!date^0^{date}|now>", "<https://evil.example|Your bank>", "<mailto:a@evil.example|write>",
	"@everyone", "@here", "@channel", "<@123456789012345678>", "<@!123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>", "</pay:123456789012345678>", "<t:0:R>", "<a:x:123456789012345678>", "<id:customize>",
	"[Your bank](https://evil.example)", "[a](<https://evil.example>)", "[x](javascript:alert(1))", "![x](https://evil.example/x.png)", "https://evil.example/login", "HTTPS://EVIL.EXAMPLE", "discord.gg/evil", "steam://run/1",
	"```\n@everyone\n```", "||hidden||", "# loud", "> quoted", ">>> quoted", "- item", "1. item", "*bold* _soft_ ~gone~ `code`", "**__x__**", ":tada: :skull:", "\\<!channel>", "\\@everyone", "&lt;!channel&gt;", "&#60;!channel&#62;", "&amp;lt;@U1&amp;gt;",
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "javascript:alert(1)", "{{.Secret}}", "%s%n%d", "\u202egnp.exe\u202c", "\u2067right\u2069", "\u200f\u200e\u061cx", "@\u200beveryone", "<\u200b!channel>", "\U000e0041\U000e0042tags", "＜!channel＞ ＠everyone",
	"Z" + strings.Repeat("\u0301\u0310\u0337", 60) + "algo", strings.Repeat("\u0489", 200), "\x00\x07\x1b[31mred", "\ufeff\ufffe", "🏴‍☠️👨‍👩‍👧‍👦", strings.Repeat("W", 3000), strings.Repeat("<", 500), strings.Repeat("*", 500), strings.Repeat("\\", 501),
}

// hostileTexts returns 300 texts and more: each injection alone, hidden in a
// sentence in several ways, and some of a megabyte; and the strings of a corpus
// where there is one.
func hostileTexts(t testing.TB) []string {
	var out []string
	for _, x := range injections {
		out = append(out, x, "The mayor "+x+" said on Friday that the harbour opens.", x+"\n\n"+x+"\nWhy It Matters\n"+x,
			strings.Join(strings.Split(x, ""), "\u200d"), "“"+x+x+x+"” said Ana Reyes.")
	}
	for _, x := range []string{"<!channel> ", "@everyone ", "<", "*", "Z\u0301\u0301\u0301\u0301", "[a](https://evil.example) ", "\\", "&", "W", "\u202e"} {
		out = append(out, strings.Repeat(x, 1<<20/len(x)))
	}
	dir := os.Getenv("NUTGRAF_SHARED")
	if dir == "" {
		t.Log("NUTGRAF_SHARED is not set: without the corpus of hostile strings")
		return out
	}
	raw, err := os.ReadFile(filepath.Join(dir, "data", "hostile", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var corpus []string
	if err := json.Unmarshal(raw, &corpus); err != nil {
		t.Fatal(err)
	}
	return append(out, corpus...)
}

// ownLink begins the address of every article of the test.
const ownLink = "https://own.example/"

// TestInjection takes hostile texts the whole road: into an article, a brief, an
// edition and its messages, as every platform would show them. Nothing of them
// is active there, all limits are kept, and all links lead to the articles.
func TestInjection(t *testing.T) {
	now := batteryTime
	clock := func() time.Time { return now }
	onSlack, err := slack.New(slack.Config{BotToken: digest.NewSecret(slackfake.BotToken), AppToken: digest.NewSecret(slackfake.AppToken), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	onDiscord, err := discord.New(discord.Config{Token: digest.NewSecret("token"), Application: "1", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "news.db"), sqlstore.Options{Now: clock, OwnTime: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	page, err := web.New(web.Options{Archive: store, Handler: &ears{heard: map[string]int{}}, Now: clock, Log: slog.New(slog.DiscardHandler), Open: true})
	if err != nil {
		t.Fatal(err)
	}
	texts := hostileTexts(t)
	if len(texts) < 300 {
		t.Fatalf("%d texts, want 300", len(texts))
	}
	for n, x := range texts {
		e := hostileEdition(t, n, x, now)
		messages := chat.Layout(e, chat.LocaleFor("en", "UTC"))
		messages = append(messages, chat.Brief(e.Items[0].Brief, "full", chat.LocaleFor("de", "UTC")), chat.Note(e.Items[0].Brief.Headline))
		for name, p := range map[string]newsroom.Platform{"slack": onSlack, "discord": onDiscord, "web": web.Platform{Board: store}} {
			payloads, err := p.Render(messages)
			if err != nil || len(payloads) == 0 {
				t.Errorf("text %d on %s: %d payloads, %v", n, name, len(payloads), err)
			}
			for i, payload := range payloads {
				for _, problem := range problems(name, payload) {
					t.Errorf("text %d, %.60q on %s: %s", n, x, name, problem)
				}
				if name == "web" {
					part := digest.Part{Key: fmt.Sprint(n, "-", i), N: i + 1, Payload: payload, Address: digest.Address{Platform: "web", Channel: fmt.Sprint("c", n%20)}}
					if _, err := p.Post(context.Background(), part); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	for c := range 20 {
		now = now.Add(time.Second) // the page has an allowance
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprint("/channel/c", c), nil))
		if w.Code != 200 {
			t.Fatalf("the page of channel c%d answers %d", c, w.Code)
		}
		for _, problem := range activeHTML(w.Body) {
			t.Errorf("the page of channel c%d: %s", c, problem)
		}
	}
}

// hostileEdition makes an edition of one article that has x wherever it can.
func hostileEdition(t *testing.T, n int, x string, now time.Time) digest.Edition {
	t.Helper()
	long := x
	x = x[:min(len(x), 100<<10)] // of which an article may have a dozen
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{"title": long, "text": long + "\n\nThe harbour of Linden opens on Friday, said the mayor of " + x + ". Nobody had expected that.", "authors": []string{x}, "source": x, "publisher": x,
		"category": x, "tags": []string{x}, "url": ownLink + fmt.Sprint(n), "id": fmt.Sprint(n), "language": x})
	if err != nil {
		t.Fatal(err)
	}
	articles, refused := intake.Parse(intake.Input{Name: "x.json", Body: raw.Bytes(), Source: "wire", Now: now})
	if len(articles) != 1 {
		t.Fatalf("text %d is refused: %v", n, refused)
	}
	b, err := brief.Extractive{}.Brief(t.Context(), digest.Story{ID: fmt.Sprint("s", n), Articles: articles}, digest.Options{Length: "full"})
	if err != nil {
		t.Fatalf("text %d: %v", n, err)
	}
	name := articles[0].Title // of a digest: whoever manages the channel may be hostile too
	return digest.Edition{ID: "e1", Name: name, Workspace: digest.Local, Slot: "2026-05-03T08:00", Due: now, From: now.Add(-24 * time.Hour), To: now, Zone: "UTC", Language: "en", Layout: digest.Layout{Stories: 8},
		Coverage: digest.Coverage{SourcesOK: 1, Sources: 2, Failed: []string{articles[0].Voice()}, Articles: 1, Stories: 1, Shown: 1}, Items: []digest.Item{{N: 1, Brief: b}}}
}

// problems lists what is active in a payload, and what is over a limit.
func problems(platform string, payload digest.Payload) []string {
	var out []string
	for _, r := range string(payload) {
		if r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x61c || r >= 0xe0000 && r <= 0xe007f && r != 0xe0062 {
			out = append(out, fmt.Sprintf("the invisible %U", r))
			break
		}
	}
	marks, most := 0, 0
	for _, r := range string(payload) {
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		most = max(most, marks)
	}
	if most > 8 {
		out = append(out, fmt.Sprintf("%d marks on one letter", most))
	}
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		return append(out, err.Error())
	}
	switch platform {
	case "slack":
		body, _ := v.(map[string]any)
		blocks, _ := json.Marshal(body["blocks"])
		if bad := slackfake.CheckBlocks(blocks); bad != nil {
			out = append(out, fmt.Sprintf("%+v", *bad))
		}
		walk(v, func(o map[string]any) { out = append(out, activeSlack(o)...) })
	case "discord":
		walk(v, func(o map[string]any) { out = append(out, activeDiscord(o)...) })
		out = append(out, overDiscord(payload)...)
	}
	return out
}

// walk calls f with every object in a value.
func walk(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, x := range v {
			walk(x, f)
		}
	case []any:
		for _, x := range v {
			walk(x, f)
		}
	}
}

var (
	bracketed = regexp.MustCompile(`<[^>]*>?`)
	entity    = regexp.MustCompile(`&(amp|lt|gt);`)
	bareLink  = regexp.MustCompile(`(?i)(https?|steam|mailto):[^\s]`)
)

// own reports whether an address is that of an article.
func own(address any) bool {
	s, _ := address.(string)
	return regexp.MustCompile(`^` + regexp.QuoteMeta(ownLink) + `\d+$`).MatchString(s)
}

// activeSlack lists what Slack would take for more than text in an object.
func activeSlack(o map[string]any) []string {
	var out []string
	kind, _ := o["type"].(string)
	switch kind {
	case "user", "usergroup", "broadcast", "channel", "emoji", "color", "team":
		out = append(out, "an element "+kind)
	}
	for _, key := range []string{"url", "title_url", "image_url", "thumb_url"} {
		if u, ok := o[key]; ok && !own(u) {
			out = append(out, fmt.Sprintf("%s %.80v", key, u))
		}
	}
	text, _ := o["text"].(string)
	if _, top := o["blocks"]; kind != "mrkdwn" && !top {
		return out
	}
	for _, m := range bracketed.FindAllString(text, -1) {
		address, _, _ := strings.Cut(strings.Trim(m, "<>"), "|")
		if !strings.HasPrefix(m, "<!date^") && !own(html.UnescapeString(address)) {
			out = append(out, fmt.Sprintf("%.80q in %s", m, kind))
		}
	}
	rest := entity.ReplaceAllString(bracketed.ReplaceAllString(text, ""), "")
	if strings.ContainsAny(rest, "&<>") {
		out = append(out, "an unescaped character in "+kind)
	}
	if verbatim, _ := o["verbatim"].(bool); kind == "mrkdwn" && !verbatim && bareLink.MatchString(rest) {
		out = append(out, fmt.Sprintf("%q would become a link", bareLink.FindString(rest)))
	}
	return out
}

var (
	masked      = regexp.MustCompile(`\]\(([^)]*)\)`)
	discordTags = regexp.MustCompile(`@everyone|@here|<[@#:a/i]|(?m)^(#|>|- |\d+\. )|\|\||` + "```")
	discordDate = regexp.MustCompile(`<t:\d+:[a-zA-Z]>`)
	codeSpan    = regexp.MustCompile("`[^`]*`")
	backslashed = regexp.MustCompile(`(?s)\\.`)
)

// activeDiscord lists what Discord would take for more than text in an object.
func activeDiscord(o map[string]any) []string {
	var out []string
	for _, key := range []string{"url", "icon_url", "proxy_url"} {
		if u, ok := o[key]; ok && !own(u) {
			out = append(out, fmt.Sprintf("%s %.80v", key, u))
		}
	}
	for _, key := range []string{"content", "description", "title", "value", "name"} {
		text, _ := o[key].(string)
		if _, field := o["value"]; key == "name" && !field {
			continue // of an author: Discord shows it as it is
		}
		if key == "title" {
			text = " " + text // titles have neither lists nor headings
		}
		text = backslashed.ReplaceAllString(codeSpan.ReplaceAllString(backslashed.ReplaceAllStringFunc(text, hide), "x"), "x")
		for _, m := range masked.FindAllStringSubmatch(text, -1) {
			if !own(m[1]) {
				out = append(out, fmt.Sprintf("a link to %.80q in %s", m[1], key))
			}
		}
		text = discordDate.ReplaceAllString(masked.ReplaceAllString(text, "]"), "")
		for _, active := range []*regexp.Regexp{discordTags, bareLink} {
			if m := active.FindString(text); m != "" {
				out = append(out, fmt.Sprintf("%q in %s: %.80q", m, key, text))
			}
		}
	}
	return out
}

// hide takes the meaning of what is behind a backslash.
func hide(string) string { return "\\x" }

// overDiscord lists limits that a message is over.
func overDiscord(payload digest.Payload) []string {
	type embed struct {
		Title, Description string
		Author             struct{ Name string }
		Footer             struct{ Text string }
		Fields             []struct{ Name, Value string }
	}
	var m struct {
		Content string
		Embeds  []embed
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		return []string{err.Error()}
	}
	units := func(s string) int { return len(utf16.Encode([]rune(s))) }
	all := 0
	for _, e := range m.Embeds {
		all += units(e.Title) + units(e.Description) + units(e.Author.Name) + units(e.Footer.Text)
		for _, f := range e.Fields {
			all += units(f.Name) + units(f.Value)
		}
		if units(e.Title) > 256 || units(e.Description) > 4096 || units(e.Author.Name) > 256 || units(e.Footer.Text) > 2048 || len(e.Fields) > 25 {
			return []string{"an embed is over its limits"}
		}
	}
	if units(m.Content) > 2000 || all > 6000 || len(m.Embeds) > 10 {
		return []string{fmt.Sprintf("%d characters of content, %d of %d embeds", units(m.Content), all, len(m.Embeds))}
	}
	return nil
}

// activeHTML lists what no template of ours makes.
func activeHTML(page io.Reader) []string {
	root, err := nethtml.Parse(page)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for n := range root.Descendants() {
		if n.Type != nethtml.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "svg", "iframe", "object", "embed", "base", "math", "style", "video", "audio":
			out = append(out, "an element "+n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "formaction":
				out = append(out, "an attribute "+a.Key)
			case a.Key == "href" && !own(a.Val) && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#"):
				out = append(out, "a link to "+a.Val)
			}
		}
	}
	return out
}
