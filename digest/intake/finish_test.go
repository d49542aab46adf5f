package intake

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestFinishCleansFields(t *testing.T) {
	got, err := Finish(digest.Article{
		Workspace: "slack:T1", Source: "notes", GUID: " 7\n", URL: " HTTPS://ana:secret@Ledger.example/a ", Image: "data:image/png;base64,x",
		Title: " Port\nWeighs \x00Curfew ", Text: "One.\r\n\r\n\r\nTwo.", Authors: []string{"By Maya Lind", "maya lind", "", " Jon Park, "},
		Publisher: " Linden\tLedger", Category: "Harbor, city.", Tags: []string{"#rail", "Rail", " "}, Language: "en-US",
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := digest.Article{
		ID: got.ID, Workspace: "slack:T1", Source: "notes", GUID: "7", URL: "https://Ledger.example/a", Title: "Port Weighs Curfew", Text: "One.\n\nTwo.",
		Authors: []string{"Maya Lind", "Jon Park"}, Publisher: "Linden Ledger", Category: "Harbor, city", Tags: []string{"rail"}, Language: "en", Arrived: now,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("article (-want +got):\n%s", diff)
	}
	if want := digest.NewID(got); got.ID != want {
		t.Errorf("id %q, want %q", got.ID, want)
	}
}

func TestFinishRules(t *testing.T) {
	long := strings.Repeat("Harbor ", 100)
	for _, c := range []struct {
		name  string
		in    digest.Article
		check func(digest.Article) bool
	}{
		{"untitled", digest.Article{Text: "A."}, func(a digest.Article) bool { return a.Title == "(untitled)" }},
		{"long title", digest.Article{Title: long}, func(a digest.Article) bool {
			return utf8.RuneCountInString(a.Title) <= 256 && strings.HasSuffix(a.Title, "…")
		}},
		{"long text", digest.Article{Text: strings.Repeat("Hafen für Güter. ", 100_000)}, func(a digest.Article) bool {
			return len(a.Text) <= 1<<20 && len(a.Text) > 1<<19 && utf8.ValidString(a.Text)
		}},
		{"script URL", digest.Article{Title: "A", URL: "javascript:alert(1)"}, func(a digest.Article) bool { return a.URL == "" }},
		{"endless URL", digest.Article{Title: "A", URL: "https://a.example/" + strings.Repeat("x", 5000)}, func(a digest.Article) bool { return a.URL == "" }},
		{"many authors", digest.Article{Title: "A", Authors: strings.Fields(strings.Repeat("x", 1) + " a b c d e f g h i j k l m n o p q r s t u v w")}, func(a digest.Article) bool { return len(a.Authors) == maxNames }},
		{"arrival kept", digest.Article{Title: "A", Arrived: now.Add(-time.Hour)}, func(a digest.Article) bool { return a.Arrived.Equal(now.Add(-time.Hour)) }},
		{"year 1", digest.Article{Title: "A", Published: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)}, func(a digest.Article) bool { return a.Published.Equal(now) }},
		{"undated", digest.Article{Title: "A"}, func(a digest.Article) bool { return a.Published.IsZero() }},
		{"other zone", digest.Article{Title: "A", Published: now.In(time.FixedZone("", 3600))}, func(a digest.Article) bool { return a.Published.Location() == time.UTC && a.Published.Equal(now) }},
		{"language in words", digest.Article{Title: "A", Language: "english"}, func(a digest.Article) bool { return a.Language != "english" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Finish(c.in, now)
			if err != nil {
				t.Fatal(err)
			}
			if !c.check(got) {
				t.Errorf("rule is broken: %.300v", got)
			}
			checkArticle(t, got)
		})
	}
	if _, err := Finish(digest.Article{Title: " \u200b ", Text: "\n"}, now); digest.KindOf(err) != digest.Invalid {
		t.Errorf("error %v for an article without title and text, want Invalid", err)
	}
}

func TestFinishKeepsMarksOnTheirParagraphs(t *testing.T) {
	const text = "The  lede.\n\nGrain.\x00\n\n \n\nA\u202e vote."
	for _, c := range []struct {
		name  string
		marks []digest.Mark
		want  string
	}{
		{"text changes", []digest.Mark{{Section: digest.Lede, Start: 0, End: 10}, {Section: digest.Why, Start: 12, End: 19}, {Section: digest.Next, Start: 24, End: len(text)}},
			"[lede]\nThe lede.\n[why_it_matters]\nGrain.\n[whats_next]\nA vote.\n"},
		{"gap", []digest.Mark{{Section: digest.Next, Start: 24, End: len(text)}}, "[unmarked]\nThe lede.\nGrain.\n[whats_next]\nA vote.\n"},
		{"empty section", []digest.Mark{{Section: digest.Why, Start: 21, End: 22}}, "[unmarked]\nThe lede.\nGrain.\nA vote.\n"},
		{"out of order", []digest.Mark{{Section: digest.Next, Start: 24, End: len(text)}, {Section: digest.Lede, Start: 0, End: 10}}, "[unmarked]\nThe lede.\nGrain.\n[whats_next]\nA vote.\n"},
		{"outside", []digest.Mark{{Section: digest.Lede, Start: 0, End: 900}, {Section: digest.Lede, Start: -1, End: 3}}, "[unmarked]\nThe lede.\nGrain.\nA vote.\n"},
		{"inside of a paragraph", []digest.Mark{{Section: digest.Lede, Start: 0, End: 4}}, "[unmarked]\nThe lede.\nGrain.\nA vote.\n"},
		{"no section", []digest.Mark{{Section: "x", Start: 0, End: 10}}, "[unmarked]\nThe lede.\nGrain.\nA vote.\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Finish(digest.Article{Title: "T", Text: text, Marks: c.marks}, now)
			if err != nil {
				t.Fatal(err)
			}
			checkMarks(t, got)
			if diff := cmp.Diff("title: T\n"+c.want, describe(got)); diff != "" {
				t.Errorf("article (-want +got):\n%s", diff)
			}
		})
	}
}
