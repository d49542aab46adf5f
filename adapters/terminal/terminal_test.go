package terminal

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func messages() []chat.Message {
	b := digest.Brief{ID: "s1", Headline: "Port of Linden weighs night curfew for freight trains", Category: "Harbor, city", Authors: []string{"Maya Lind", "Jon Park"}, Source: "Linden Wire",
		URL:          "https://ledger.example/harbor/night-curfew",
		Lede:         []digest.Sentence{{Text: "The Port of Linden is drafting rules that would halt freight trains between midnight and five."}, {Text: "It declined to comment."}},
		WhyItMatters: []digest.Sentence{{Text: "The line carries a third of the region’s grain exports."}},
		WhatToKnow:   []digest.Sentence{{Text: "The draft follows a year of noise complaints by the people who live beside the yard."}, {Text: "リンデン港は深夜の貨物列車を止める規則を準備していると関係者が述べた。"}},
		Quotes:       []digest.Quote{{Text: "Nobody sleeps within a mile of that yard. That ends this year.", Speaker: "Ana Reyes", Role: "Port director", Context: "told reporters"}},
		Outlets:      []string{"Linden Ledger", "Linden Wire"}}
	e := digest.Edition{ID: "e1", Name: "The Morning Brief", Due: time.Date(2026, 5, 5, 6, 0, 0, 0, time.UTC), Zone: "Europe/Berlin",
		Coverage: digest.Coverage{SourcesOK: 14, Sources: 16, Articles: 212, Stories: 41, Shown: 1}, Items: []digest.Item{{N: 1, Brief: b}}}
	answer := chat.Say("Found", chat.Block{Kind: chat.Numbered, Start: 9, Items: []chat.Item{chat.Line(chat.Linked("A hit", "https://post.example/a")), chat.Line(chat.Plain("Another"))}},
		chat.Block{Kind: chat.Rule}, chat.Block{Kind: chat.Fields, Items: []chat.Item{chat.Field("Version", chat.Plain("1")), chat.Field("A name that is too long for a column", chat.Plain("value"))}},
		chat.Lines(chat.Code, "subscribe 08:00", "  indented"))
	return append(chat.Layout(e, chat.Locale{}), answer, chat.Note("That is all."))
}

func TestWriteGolden(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		color bool
	}{{"plain-80", 0, false}, {"plain-40", 40, false}, {"color-60", 60, true}} {
		var b bytes.Buffer
		if err := Write(&b, messages(), c.width, c.color); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", c.name+".txt")
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestLinesFit(t *testing.T) {
	for width := 20; width < 100; width += 7 {
		var b bytes.Buffer
		if err := Write(&b, messages(), width, false); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if line = strings.TrimSuffix(line, "\n"); columns(line) > width && !strings.Contains(line, "https://") && !strings.HasPrefix(line, "  ") {
				t.Errorf("%d columns in a width of %d: %q", columns(line), width, line)
			}
		}
	}
}

var looks = regexp.MustCompile("\x1b\\[[012]m")

// hostile holds what terminals obey: both sets of control characters, strings
// for the title, the clipboard and links, and text that turns around.
const hostile = "a\x1b[31mb\x1b]0;title\x07c\x1b]52;c;ZXZpbA==\x1b\\d\x9b31me\u009b2Jf\u0090qg\rh\bi\x00j\x7fk\u202el\u2066m\u200bn\u2028o\np\tq\xffr\U000e0041s"

// TestNoControlCharacters puts hostile text wherever text can stand.
func TestNoControlCharacters(t *testing.T) {
	x := hostile
	m := chat.Message{Kind: chat.Story, ID: x, More: chat.Link{Text: x, URL: "https://a.example/" + x}}
	for _, k := range []chat.BlockKind{chat.Kicker, chat.Title, chat.Meta, chat.Heading, chat.Text, chat.Bullets, chat.Numbered, chat.Quotes, chat.Fields, chat.Code, chat.Rule, chat.BlockKind(x)} {
		m.Blocks = append(m.Blocks, chat.Block{Kind: k, Items: []chat.Item{{Label: x, Speaker: x, Role: x, Context: x, Spans: []chat.Span{{Text: x, URL: "https://a.example/" + x}}}}})
	}
	for _, color := range []bool{false, true} {
		var b bytes.Buffer
		if err := Write(&b, []chat.Message{m}, 60, color); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if color {
			text = looks.ReplaceAllString(text, "")
		}
		for i, r := range text {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028') {
				t.Errorf("color %v: %U at %d", color, r, i)
			}
		}
		if !strings.Contains(text, "hijk") || !strings.Contains(text, "n o p q�rs") {
			t.Errorf("color %v: harmless text was lost: %q", color, text)
		}
	}
}

func FuzzWrite(f *testing.F) {
	f.Add(hostile, 30)
	f.Add("リンデン港は"+strings.Repeat("x", 50), 21)
	f.Fuzz(func(t *testing.T, text string, width int) {
		var b bytes.Buffer
		m := chat.Message{Blocks: []chat.Block{{Kind: chat.Quotes, Items: []chat.Item{{Spans: []chat.Span{{Text: text, URL: text}}, Speaker: text}}}}}
		if err := Write(&b, []chat.Message{m}, width%200, false); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(b.String(), func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Fatalf("a control character passed: %q", b.String())
		}
	})
}

func TestPlatform(t *testing.T) {
	var out bytes.Buffer
	p := &Platform{W: &out, Width: 60}
	payloads, err := p.Render([]chat.Message{chat.Note("One."), chat.Note("Two.")})
	if err != nil || len(payloads) != 2 {
		t.Fatalf("got %d payloads, %v", len(payloads), err)
	}
	part := digest.Part{Key: "k1", Payload: payloads[0]}
	for range 2 {
		ref, err := p.Post(t.Context(), part)
		if err != nil || ref != "k1" {
			t.Fatalf("got %q, %v", ref, err)
		}
	}
	if got, want := out.String(), "One.\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, finding, err := p.Find(t.Context(), part, time.Time{}); finding != digest.CannotTell || err != nil {
		t.Errorf("got %v, %v, want CannotTell", finding, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Post(ended, digest.Part{Key: "k2"}); digest.OutcomeOf(err).Class != digest.NotSent {
		t.Errorf("a post after the end gives %v, want NotSent", err)
	}
}

// torn writes n bytes and fails.
type torn struct{ n int }

func (w torn) Write([]byte) (int, error) { return w.n, errors.New("closed") }

func TestPostFailures(t *testing.T) {
	for n, want := range map[int]digest.Class{0: digest.NotSent, 2: digest.Ambiguous} {
		p := &Platform{W: torn{n}}
		if _, err := p.Post(t.Context(), digest.Part{Key: "k"}); digest.OutcomeOf(err).Class != want {
			t.Errorf("after %d bytes: got %v, want class %v", n, err, want)
		}
	}
	if err := Write(torn{0}, messages(), 80, false); err == nil {
		t.Error("a failed write gives no error")
	}
}

func BenchmarkWrite(b *testing.B) {
	list := messages()
	for b.Loop() {
		if err := Write(&bytes.Buffer{}, list, 80, true); err != nil {
			b.Fatal(err)
		}
	}
}
