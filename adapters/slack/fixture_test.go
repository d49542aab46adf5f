package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/digest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// clock is the wall clock, moved on by tests.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) jump(d time.Duration) { c.ahead.Add(int64(d)) }
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// logbook keeps what is logged.
type logbook struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// world is a fake workspace with a platform in it.
type world struct {
	*slackfake.Server
	p     *Platform
	clock *clock
	log   *logbook
}

func newWorld(t testing.TB, change ...func(*Config)) world {
	t.Helper()
	w := world{clock: &clock{}, log: &logbook{}}
	var err error
	if w.Server, err = slackfake.New(w.clock.now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	c := Config{
		BotToken: digest.NewSecret(slackfake.BotToken), AppToken: digest.NewSecret(slackfake.AppToken), APIURL: w.URL(), Now: w.clock.now,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&c)
	}
	if w.p, err = New(c); err != nil {
		t.Fatal(err)
	}
	w.p.reopen = 10 * time.Millisecond
	return w
}

// part returns a part for #news that shows a message.
func (w world) part(t testing.TB, m chat.Message) digest.Part {
	t.Helper()
	payloads, err := w.p.Render([]chat.Message{m})
	if err != nil || len(payloads) == 0 {
		t.Fatalf("Render: %d payloads, %v", len(payloads), err)
	}
	return digest.Part{
		Key: "k7f3q2abcdefghijklmnopqr", Slot: "2026-05-04T08:00", Address: digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"},
		N: 1, Of: 1, Payload: payloads[0], Attempts: 1, Started: w.clock.now(),
	}
}

// golden compares got with a file under testdata.
func golden(t testing.TB, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// pretty indents JSON, without HTML escapes.
func pretty(t testing.TB, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func sentences(texts ...string) []digest.Sentence {
	out := make([]digest.Sentence, len(texts))
	for i, s := range texts {
		out[i] = digest.Sentence{Text: s, Article: "a", Sentence: i}
	}
	return out
}

// specimen is an edition with one full story and one update.
func specimen() digest.Edition {
	due := time.Date(2026, 5, 4, 6, 0, 0, 0, time.UTC)
	full := digest.Brief{
		ID: "story1", Headline: "Port of Linden Weighs *Night Curfew* for Freight Trains & More <soon>", Category: "Harbor, city",
		Authors: []string{"Maya Lind", "Jon Park"}, Source: "Linden Wire", URL: "https://ledger.example/a?x=1&y=2", Outlets: []string{"Linden Wire", "Harbor Times"},
		Lede:         sentences("The Port of Linden is drafting rules that would halt freight trains between midnight and five, according to two people briefed on the plan.", "The port authority declined to comment."),
		WhyItMatters: sentences("The line carries a third of the region’s grain exports.", "A curfew would push 40 trains a day onto daytime slots."),
		WhatToKnow:   sentences("The draft, dated May 3, follows a year of noise complaints.", "Rail operators say two extra sidings would cost 18 million crowns."),
		Quotes:       []digest.Quote{{Text: "Nobody sleeps within a mile of that yard. That ends this year.", Speaker: "Ana Reyes", Role: "Port director", Context: "told reporters"}},
		WhatsNext:    sentences("The board votes on June 12."),
		Articles:     []digest.Reference{{ID: "a1", Outlet: "Linden Wire", Title: "A"}, {ID: "a2", Outlet: "Harbor Times", Title: "B"}},
	}
	return digest.Edition{
		ID: "ed1", Subscription: "s", Name: "Morning News", Workspace: "slack:T1", Slot: "2026-05-04T08:00", Due: due, Zone: "Europe/Berlin", Language: "en",
		Coverage: digest.Coverage{SourcesOK: 14, Sources: 16, Articles: 212, Stories: 41, Shown: 2},
		Items:    []digest.Item{{N: 1, Brief: full}, {N: 2, Update: true, New: 3, Brief: digest.Brief{ID: "story2", Headline: "Quiet <!channel> Day", Lede: sentences("Hi <@U1>.")}}},
	}
}

// shown returns everything that a payload's blocks show, as a reader sees it.
func shown(t testing.TB, raw digest.Payload) string {
	t.Helper()
	var p struct{ Blocks []any }
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			s, _ := v["text"].(string)
			switch v["type"] {
			case "mrkdwn":
				s = readMrkdwn(s)
			case "date":
				s, _ = v["fallback"].(string)
			}
			out.WriteString(s)
			if _, ok := v["text"].(map[string]any); ok {
				walk(v["text"])
			}
			walk(v["elements"])
		}
	}
	walk(p.Blocks)
	return out.String()
}
