package discordfake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
)

// sketch writes lines as one line for each block: kind, then the runs with
// their marks.
func sketch(blocks []discordfake.LookBlock) []string {
	var out []string
	for _, b := range blocks {
		line := b.Kind
		if b.Gap {
			line = "+" + line
		}
		for _, l := range b.Lines {
			line += " | " + marks(l)
		}
		out = append(out, line)
	}
	return out
}

func marks(spans []chat.Span) string {
	var out strings.Builder
	for _, s := range spans {
		text := s.Text
		if s.Strong {
			text = "B{" + text + "}"
		}
		if s.Emph {
			text = "I{" + text + "}"
		}
		if s.Code {
			text = "C{" + text + "}"
		}
		if s.URL != "" {
			text = "L{" + s.URL + "," + text + "}"
		}
		out.WriteString(text)
	}
	return out.String()
}

func TestLookMarkdown(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"kinds", "-# small\n-# print\n\ntext\n**Head**\n- a\n- b\n> q\n> — by\n\n> r\n# H", []string{
			"small | small | print", "+text | text | B{Head}", "bullets | a | b", "quote | q | — by", "+quote | r", "heading | H"}},
		{"escapes", `\*a\* \[b\]\(c\) \<t:1:f\> 1\. \\ \- \@x \# \_d\_ \` + "`e\\`", []string{`text | *a* [b](c) <t:1:f> 1. \ - @x # _d_ ` + "`e`"}},
		{"not escapes", `C:\new \ü`, []string{`text | C:\new \ü`}},
		{"marks", "**a *b* c** d *e* _f_ `g*h*` snake_case_x **open * alone", []string{"text | B{a }I{B{b}}B{ c} d I{e} I{f} C{g*h*} snake_case_x **open * alone"}},
		{"links", `**1.** [A \[b\] **c**](https://x.example/a_%281%29) [no](`, []string{"text | B{1.} L{https://x.example/a_%281%29,A [b] }L{https://x.example/a_%281%29,B{c}} [no]("}},
		{"dates", "<t:1777795200:f> <t:1777795200> <t:x>", []string{"text | 3 May 2026 08:00 3 May 2026 08:00 <t:x>"}},
		{"code", "```\na *b*\n\nc\n```\nd", []string{"code | a *b* |  | c", "text | d"}},
		{"nothing", "\n\n", nil},
	} {
		body, err := json.Marshal(map[string]string{"content": c.text})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, sketch(discordfake.Message{Body: body}.Look().Content)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestLook(t *testing.T) {
	body := `{"embeds":[{"author":{"name":"Har*bor*"},"title":"1\\. Port \\*x\\*","url":"https://x.example","description":"a","color":2060267,"thumbnail":{"url":"https://x.example/i"},
		"fields":[{"name":"N","value":"**v**","inline":true}],"footer":{"text":"By *M*"}}],
		"components":[{"type":1,"components":[{"type":2,"style":2,"label":"Why","custom_id":"c:why"},{"type":2,"style":5,"label":"More","url":"https://x.example"}]},
		{"type":1,"components":[{"type":3,"custom_id":"m:set","placeholder":"Length","options":[{"label":"Length: full","value":"full","default":true},{"label":"short","value":"short"}]}]}]}`
	l := discordfake.Message{ID: "1", At: morning, Body: json.RawMessage(body), Ephemeral: true}.Look()
	e := l.Embeds[0]
	got := []string{e.Color, e.Author, marks(e.Title), e.URL, strings.Join(sketch(e.Description), ""), e.Fields[0].Name, strings.Join(sketch(e.Fields[0].Value), ""), e.Footer,
		fmt.Sprint(e.Picture, e.Fields[0].Inline, l.Only), fmt.Sprint(l.Rows)}
	want := []string{"1f6feb", "Har*bor*", "1. Port *x*", "https://x.example", "text | a", "N", "text | B{v}", "By *M*",
		"true true true", "[[{Why  c:why []} {More https://x.example  []}] [{Length: full  m:set [full short]}]]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLooks puts the messages of a thread below the message where it begins.
func TestLooks(t *testing.T) {
	s, _ := start(t, discordfake.Options{})
	post := func(channel, text string) string {
		t.Helper()
		var m struct{ ID string }
		status, _, body := ask(t, s, "POST", "channels/"+channel+"/messages", `{"content":"`+text+`"}`)
		if err := json.Unmarshal([]byte(body), &m); err != nil || status != 200 {
			t.Fatalf("%d %s %v", status, body, err)
		}
		return m.ID
	}
	head := post(channel, "head")
	if status, _, body := ask(t, s, "POST", "channels/"+channel+"/messages/"+head+"/threads", `{"name":"Sunday"}`); status != 201 {
		t.Fatal(body)
	}
	post(head, "one")
	post(head, "two")
	post(channel, "after")
	got := ""
	for _, l := range s.Looks(channel) {
		got += fmt.Sprintf("%v %s %d; ", sketch(l.Content), l.Thread, len(l.Replies))
	}
	if want := "[text | head] Sunday 2; [text | after]  0; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzLook shows any text as a body and as markup.
func FuzzLook(f *testing.F) {
	for _, s := range []string{"**a** [b](c) `d` <t:1:f>", "\\", "[", "[](", "```", "_ö_", "*\\*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_ = discordfake.Message{Body: json.RawMessage(s)}.Look()
		body, err := json.Marshal(map[string]string{"content": s})
		if err != nil {
			t.Skip()
		}
		_ = discordfake.Message{Body: body}.Look()
	})
}
