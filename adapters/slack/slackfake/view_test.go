package slackfake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
)

// sketch writes a look as one line for each block: kind, then the runs with
// their marks.
func sketch(blocks []slackfake.LookBlock) []string {
	var out []string
	for _, b := range blocks {
		line := b.Kind
		if b.Gap {
			line = "+" + line
		}
		if b.Start > 0 {
			line += fmt.Sprint(" from ", b.Start)
		}
		for _, l := range b.Lines {
			line += " | " + marks(l)
		}
		for _, x := range b.Buttons {
			line += fmt.Sprintf(" | [%s](%s%s)", x.Label, x.URL, x.Action)
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

func TestLook(t *testing.T) {
	rich := func(elements string) string { return `[{"type":"rich_text","elements":[` + elements + `]}]` }
	for _, c := range []struct {
		name, blocks string
		want         []string
	}{
		{"whom it calls", rich(`{"type":"rich_text_section","elements":[{"type":"broadcast","range":"here"},{"type":"usergroup","usergroup_id":"S1"},{"type":"channel","channel_id":"C1"}]}`),
			[]string{"text | B{@here}B{@S1}#C1"}},
		{"menu", `[{"type":"actions","elements":[{"type":"static_select","action_id":"m","placeholder":{"type":"plain_text","text":"Length"},"initial_option":{"text":{"type":"plain_text","text":"full"},"value":"f"},
			"options":[{"text":{"type":"plain_text","text":"full"},"value":"f"}]}]}]`, []string{"actions | [full](m)"}},
		{"header, context and divider", `[{"type":"header","text":{"type":"plain_text","text":"News & *more*"}},
			{"type":"context","elements":[{"type":"plain_text","text":"*a*"},{"type":"mrkdwn","text":"<!date^0^{date}|May 3>"}]},{"type":"divider"}]`,
			[]string{"header | News & *more*", "+context | *a* | May 3", "+divider"}},
		{"section", `[{"type":"section","text":{"type":"mrkdwn","text":"a *b _c_* <https://x.example/?a=1&amp;b=2|l &lt;m&gt;> ` + "`d`" + `"},"fields":[{"type":"plain_text","text":"f"}]}]`,
			[]string{"text | a B{b }I{B{c}} L{https://x.example/?a=1&b=2,l <m>} C{d} | f"}},
		{"marks inside of words", `[{"type":"section","text":{"type":"mrkdwn","text":"snake_case_name 2*3*4 * a * _b c"}}]`,
			[]string{"text | snake_case_name 2*3*4 * a * _b c"}},
		{"mention", `[{"type":"section","text":{"type":"mrkdwn","text":"<!channel> <@U1> <https://x.example> 1 < 2"}}]`,
			[]string{"text | B{!channel} B{@U1} L{https://x.example,https://x.example} 1 < 2"}},
		{"rich text", rich(`{"type":"rich_text_section","elements":[{"type":"text","text":"*a* "},{"type":"text","text":"b","style":{"bold":true}},{"type":"link","url":"https://x.example","text":"c"},{"type":"date","timestamp":0,"format":"{date}"}]},
			{"type":"rich_text_quote","elements":[{"type":"text","text":"q","style":{"italic":true}}]},
			{"type":"rich_text_preformatted","elements":[{"type":"text","text":"x\ny","style":{"code":true}}]}`),
			[]string{"text | *a* B{b}L{https://x.example,c}1 January 1970, 00:00 UTC", "quote | I{q}", "code | C{x\ny}"}},
		{"lists", rich(`{"type":"rich_text_list","style":"ordered","offset":2,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"b"}]}]},
			{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"c"}]}]}`),
			[]string{"ordered from 3 | a | b", "bullets | c"}},
		{"buttons and image", `[{"type":"actions","elements":[{"type":"button","action_id":"run:0","text":{"type":"plain_text","text":"Why?"},"value":"why e1"},{"type":"button","action_id":"link:1","text":{"type":"plain_text","text":"More"},"url":"https://x.example"}]},
			{"type":"image","image_url":"https://x.example/i.png","alt_text":"a port"}]`,
			[]string{"actions | [Why?](run:0) | [More](https://x.examplelink:1)", "+image | a port"}},
		{"no blocks", ``, []string{"text | plain B{text}"}},
	} {
		if bad := slackfake.CheckBlocks([]byte(c.blocks)); bad != nil {
			t.Errorf("%s: Slack would refuse it: %v", c.name, bad)
		}
		look := slackfake.Posted{Text: "plain *text*", Blocks: json.RawMessage(c.blocks), TS: "1777795200.000100", User: slackfake.BotUser}.Look()
		if diff := cmp.Diff(c.want, sketch(look.Blocks)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if want := time.Date(2026, 5, 3, 8, 0, 0, 100_000, time.UTC); !look.At.Equal(want) || !look.App {
			t.Errorf("%s: at %v by app %v, want %v", c.name, look.At, look.App, want)
		}
	}
}

// TestLooks puts the answers of a thread below its first message.
func TestLooks(t *testing.T) {
	s, err := slackfake.New(func() time.Time { return time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Write("C1", "U1", "first")
	s.Write("C1", "U2", "second")
	s.Write("C2", "U2", "elsewhere")
	var got []string
	for _, l := range s.Looks("C1") {
		got = append(got, l.Author+": "+marks(l.Blocks[0].Lines[0]))
	}
	if diff := cmp.Diff([]string{"ana: first", "tom: second"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzLook shows any text as blocks and as markup.
func FuzzLook(f *testing.F) {
	for _, s := range []string{"*a* <b|c> `d`", `[{"type":"rich_text","elements":[{"type":"rich_text_list"}]}]`, "<!date^", "*", "_ö_", "<>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := slackfake.Posted{Text: s, Blocks: json.RawMessage(s)}.Look()
		if len(l.Blocks) == 0 {
			t.Errorf("%q shows nothing", s)
		}
	})
}
