package chat

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

var update = flag.Bool("update", false, "write the golden files anew")

var due = time.Date(2026, 5, 5, 6, 0, 0, 0, time.UTC)

func said(texts ...string) []digest.Sentence {
	var out []digest.Sentence
	for _, s := range texts {
		out = append(out, digest.Sentence{Text: s})
	}
	return out
}

func testEdition() digest.Edition {
	at := due.Add(-9 * time.Hour)
	full := digest.Brief{ID: "s1", Headline: "Port of Linden weighs night curfew", Category: "Harbor, city", Authors: []string{"Maya Lind", "Jon Park"}, Source: "Linden Wire",
		URL: "https://ledger.example/curfew", Image: "https://ledger.example/yard.jpg",
		Lede: said("The port is drafting rules.", "It declined to comment."), WhyItMatters: said("The line carries a third of the grain."),
		WhatToKnow: said("The draft is dated May 3.", "Two sidings would\ncost 18 million crowns."),
		Quotes:     []digest.Quote{{Text: "Nobody sleeps.", Speaker: "Ana Reyes", Role: "Port director", Context: "told reporters"}},
		WhatsNext:  said("The board votes on June 12."), Outlets: []string{"Linden Ledger", "Linden Wire"},
		Articles: []digest.Reference{{ID: "a1", Outlet: "Linden Wire", Title: "Curfew", URL: "https://ledger.example/curfew", Published: &at}, {ID: "a2", Title: "Again", URL: "javascript:alert(1)", Copy: true}}}
	bare := digest.Brief{ID: "s2", Headline: "evil.example", URL: "https://ledger.example/two"}
	return digest.Edition{ID: "e1", Name: "Morning Brief", Due: due, Zone: "Europe/Berlin", Language: "en", Layout: digest.Layout{Images: true},
		Coverage: digest.Coverage{SourcesOK: 14, Sources: 16, Articles: 21200, Stories: 41, Shown: 2},
		Items:    []digest.Item{{N: 1, Brief: full}, {N: 2, Brief: bare, Update: true, New: 1}}}
}

func golden(t *testing.T, name string, got any) {
	t.Helper()
	b, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(b)+"\n"); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

func TestLayoutGolden(t *testing.T) {
	change := func(f func(*digest.Edition)) digest.Edition {
		e := testEdition()
		f(&e)
		return e
	}
	golden(t, "full", Layout(testEdition(), Locale{}))
	golden(t, "late-german", Layout(change(func(e *digest.Edition) {
		e.Late, e.Language, e.Layout.Thread, e.Items[0].Brief.Language = true, "de-AT", "yes", "en"
	}), Locale{}))
	golden(t, "short", Layout(change(func(e *digest.Edition) { e.Layout = digest.Layout{Length: "short"} }), Locale{}))
	golden(t, "line", Layout(change(func(e *digest.Edition) { e.Layout.Length = "line" }), LocaleFor("fr", "America/New_York")))
	golden(t, "update", Layout(change(func(e *digest.Edition) {
		e.Items = e.Items[:1]
		e.Items[0].Update, e.Items[0].New, e.Items[0].Since = true, 2, due.AddDate(0, 0, -2)
		e.Items[0].Brief.Changed = said("The board met a week early.")
	}), Locale{}))
	golden(t, "empty", Layout(change(func(e *digest.Edition) { e.Items = nil }), Locale{}))
	golden(t, "references", References(testEdition().Items[0].Brief, LocaleFor("es", "UTC")))
}

func TestPingAndSilence(t *testing.T) {
	e := testEdition()
	e.Layout.Ping, e.Layout.Silent, e.Layout.Publish, e.Layout.Tag = "123", true, true, "News"
	for i, m := range Layout(e, Locale{}) {
		if want := map[bool]string{true: "123"}[i == 0]; m.Ping != want || !m.Silent || !m.Publish || (m.Tag == "News") != (i == 0) {
			t.Errorf("message %d: got ping %q, silent %v, publish %v and tag %q, want %q, true and true, and the tag on the first", i, m.Ping, m.Silent, m.Publish, m.Tag, want)
		}
	}
	e.Items = nil // that there is nothing new is worth no call, and no sound either
	if m := Layout(e, Locale{})[0]; m.Ping != "" || !m.Silent || !m.Publish || m.Tag != "News" {
		t.Errorf("an empty edition: got ping %q, silent %v, publish %v and tag %q, want none, true, true and the tag", m.Ping, m.Silent, m.Publish, m.Tag)
	}
}

func TestTitlesStandBeforeNames(t *testing.T) {
	b := digest.Brief{ID: "s", Headline: "h", Quotes: []digest.Quote{{Text: "Yes.", Speaker: "Ana Reyes", Role: "Linden Gov."}, {Text: "No.", Speaker: "Tom Okafor", Role: "union chair"}}}
	var got []string
	for _, block := range Brief(b, "full", Locale{}).Blocks {
		if block.Kind == Quotes {
			for _, it := range block.Items {
				got = append(got, it.Speaker+"|"+it.Role)
			}
		}
	}
	if diff := cmp.Diff([]string{"Linden Gov. Ana Reyes|", "Tom Okafor|union chair"}, got); diff != "" {
		t.Error("(-want +got):", diff)
	}
}

func TestBriefShowsSummary(t *testing.T) {
	b := testEdition().Items[0].Brief
	b.Summary = said("All of it in a word.")
	var texts []string
	for _, block := range Brief(b, "full", Locale{}).Blocks {
		if block.Kind == Text || block.Kind == Heading {
			texts = append(texts, block.Items[0].Plain())
		}
	}
	if diff := cmp.Diff([]string{"All of it in a word."}, texts); diff != "" {
		t.Error(diff)
	}
	if got := References(digest.Brief{}, Locale{}); got != nil {
		t.Errorf("a brief without articles has references: %v", got)
	}
}

// TestCatalogueIsComplete finds labels that were forgotten in a language, and
// languages whose months or places do not add up.
func TestCatalogueIsComplete(t *testing.T) {
	if got, want := len(catalogue), len(Languages()); got != want {
		t.Errorf("there are %d catalogues for %d languages", got, want)
	}
	for _, lang := range Languages() {
		words := catalogue[lang]
		var empty func(path string, v reflect.Value)
		empty = func(path string, v reflect.Value) {
			for i := range v.NumField() {
				name := path + "." + v.Type().Field(i).Name
				if v.Field(i).Kind() == reflect.Struct {
					empty(name, v.Field(i))
				} else if v.Field(i).String() == "" {
					t.Errorf("%s is missing", name)
				}
			}
		}
		empty(lang, reflect.ValueOf(words))
		if m, d := len(strings.Fields(words.Months)), len(strings.Fields(words.Weekdays)); m != 12 || d != 7 {
			t.Errorf("%s has %d months and %d weekdays", lang, m, d)
		}
		for _, place := range []string{"{weekday}", "{day}", "{month}", "{year}"} {
			if !strings.Contains(words.Date, place) {
				t.Errorf("%s: the date lacks %s", lang, place)
			}
		}
		for _, p := range []plurals{words.NewArticles, words.Outlets, words.Articles, words.Stories, words.Shown} {
			if !strings.Contains(p.One, "{n}") || !strings.Contains(p.Other, "{n}") {
				t.Errorf("%s: %v lacks {n}", lang, p)
			}
		}
		for _, label := range []string{words.WhyThese, words.AllSources} {
			if len([]rune(label)) > 30 {
				t.Errorf("%s: %q is too long for a button", lang, label)
			}
		}
	}
}

func TestLocale(t *testing.T) {
	cov := digest.Coverage{SourcesOK: 1, Sources: 1, Articles: 12345, Stories: 1, Shown: 0}
	for _, c := range []struct{ lang, date, list, byline, coverage string }{
		{"en", "Friday, May 1, 2026", "A, B and Iris", "By A, B and Iris – Source W", "1 of 1 source · 12,345 articles → 1 story → 0 shown"},
		{"de-CH", "Freitag, 1. Mai 2026", "A, B und Iris", "Von A, B und Iris – Quelle W", "1 von 1 Quelle · 12.345 Artikel → 1 Meldung → 0 gezeigt"},
		{"fr_FR", "vendredi 1er mai 2026", "A, B et Iris", "Par A, B et Iris – Source W", "1 source sur 1 · 12\u202f345 articles → 1 sujet → 0 retenu"},
		{"ES", "viernes, 1 de mayo de 2026", "A, B e Iris", "Por A, B e Iris – Fuente W", "1 de 1 fuente · 12.345 artículos → 1 noticia → 0 mostradas"},
		{"tlh", "Friday, May 1, 2026", "A, B and Iris", "By A, B and Iris – Source W", "1 of 1 source · 12,345 articles → 1 story → 0 shown"},
	} {
		l := LocaleFor(c.lang, "Asia/Tokyo")
		names := []string{"A", "B", "Iris"}
		got := struct{ lang, date, list, byline, coverage string }{c.lang, l.Date(time.Date(2026, 4, 30, 20, 0, 0, 0, time.UTC)), l.List(names), l.Byline(names, "W"), l.Coverage(cov)}
		if got != c {
			t.Errorf("got  %v\nwant %v", got, c)
		}
	}
	l := LocaleFor("en", "Local") // the machine's own zone must not leak in
	got := []string{l.List(nil), l.List([]string{"A"}), l.List([]string{"A", "B"}), l.Byline(nil, ""), l.Byline([]string{"A"}, ""), l.Stamp(time.Time{}).Text, l.Stamp(due).Text, l.Clock(due),
		l.Articles(1), l.Stories(2), l.outlets(strings.Split("A B C D E F G H", " ")), l.ReadMore(), l.Section(digest.Why), l.Section(digest.Lede)}
	want := []string{"", "A", "A and B", "", "By A", "–", "2026-05-05 06:00", "06:00", "1 article", "2 stories", "A, B, C, D, E and 3 more", "Read more", "Why it matters", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSafeLink(t *testing.T) {
	for _, c := range []struct{ text, url, want string }{
		{"A title", "https://ledger.example/a?b=c#d", "https://ledger.example/a?b=c#d"},
		{"ledger.example", "https://www.ledger.example/", "https://www.ledger.example/"},
		{"https://ledger.example/x", "https://ledger.example/y", "https://ledger.example/y"},
		{"bank.example", "https://evil.example/", ""},
		{"HTTPS://Bank.Example/login", "https://evil.example/", ""},
		{"bank.example.", "https://evil.example/", ""}, {"“bank.example”", "https://evil.example/", ""}, {"→ https://bank.example/login ✓", "https://evil.example/", ""},
		{"https://bank.example@evil.example/", "https://evil.example/", ""}, {"(ledger.example)", "https://ledger.example/x", "https://ledger.example/x"},
		{"Booking.com sues", "https://ledger.example/x", "https://ledger.example/x"}, {"18.5 %", "https://ledger.example/x", "https://ledger.example/x"},
		{"What is new in Node.js?", "https://ledger.example/x", "https://ledger.example/x"},
		{"x", "javascript:alert(1)", ""}, {"x", "JAVASCRIPT:alert(1)", ""}, {"x", "data:text/html,x", ""}, {"x", "//evil.example", ""}, {"x", "/path", ""},
		{"x", "https://", ""}, {"x", "https://user@bank.example/", ""}, {"x", "https://a.example/ b", ""}, {"x", "https://a.example/\u202eb", ""},
		{"x", "https://a.example/<b>", ""}, {"x", "https://a.example/|b", ""}, {"x", "https://a.example/" + strings.Repeat("a", 3000), ""}, {"x", "", ""},
	} {
		if got := SafeLink(c.text, c.url); got != c.want {
			t.Errorf("%q → %.60q: got %q, want %q", c.text, c.url, got, c.want)
		}
	}
}

func TestWrittenURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://a.example/x":                    "https://a.example/x",
		"https://a.example/x.":                   "https://a.example/x",
		"https://a.example/x).":                  "https://a.example/x",
		"https://a.example/x.)":                  "https://a.example/x",
		"https://a.example/x_(y)":                "https://a.example/x_(y)",
		"https://a.example/x_(y)).*":             "https://a.example/x_(y)",
		"https://a.example/?q=a:b":               "https://a.example/?q=a:b",
		"https://u:p@evil.example/x":             "",
		"https://)":                              "",
		"https://" + strings.Repeat(")", 40_000): "",
	} {
		if got := WrittenURL(raw); got != want {
			t.Errorf("%.60q: got %q, want %q", raw, got, want)
		}
	}
}

func TestConstructors(t *testing.T) {
	m := Say("", Lines(Text, "a\x1b[31mb\nc\xff"), Block{Kind: Fields, Items: []Item{Field("k", Strong("s"), Emph("e"), Mono("m"), Linked("l", "https://a.example"))}})
	if got, want := m.Blocks[0].Items[0].Plain(), "a [31mb c�"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := m.Blocks[1].Items[0].Plain(), "seml"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h := HandlerFunc(func(_ context.Context, c Command) Reply { return Reply{Messages: []Message{Note(c.Name)}} })
	if got := h.Handle(t.Context(), Command{Name: "x"}).Messages[0].Kind; got != Notice {
		t.Errorf("got %q, want %q", got, Notice)
	}
}

func BenchmarkLayout(b *testing.B) {
	e := testEdition()
	for b.Loop() {
		Layout(e, Locale{})
	}
}

func BenchmarkParse(b *testing.B) {
	specs := testSpecs()
	for b.Loop() {
		if _, err := Parse(specs, `search "port strike" since:3d source:ledger`); err != nil {
			b.Fatal(err)
		}
	}
}
