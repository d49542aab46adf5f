package brief

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// ferry is a story over two days: what the reader was shown, the same told
// again by another outlet, and what happened since.
func ferry() (known, again, since digest.Article) {
	day := time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC)
	known = digest.Article{ID: "known", Title: "Ferry Operator Halts Night Boats to Arden", Outlet: "Linden Wire", Language: "en", Published: day,
		Text: "The ferry operator Norlink halted all night boats to the island of Arden on Tuesday after an engine fire.\n\n" +
			"Nobody was hurt in the fire, which crews put out within an hour near the harbor of Arden.\n\n" +
			"The night boats carry 1,200 commuters a week between Linden and the island of Arden."}
	again = digest.Article{ID: "again", Title: "No Night Boats to Arden After Fire", Outlet: "Coast Courier", Language: "en", Published: day.Add(20 * time.Hour),
		Text: "The ferry operator Norlink has halted all its night boats to Arden island after the engine fire on Tuesday."}
	since = digest.Article{ID: "since", Title: "Inspectors Blame Fuel Pump for Fire on Arden Ferry", Outlet: "Harbor Post", Language: "en", Published: day.Add(22 * time.Hour),
		Text: "The ferry operator Norlink halted all night boats to the island of Arden on Tuesday after an engine fire.\n\n" +
			"Inspectors of the maritime agency found that a cracked fuel pump, replaced in March, had sprayed diesel over the exhaust.\n\n" +
			"Norlink will refit the pumps of four sister ships before sailings resume, at a cost of 3 million crowns."}
	return known, again, since
}

func TestUpdateTellsWhatChanged(t *testing.T) {
	known, again, since := ferry()
	tests := []struct {
		name     string
		articles []digest.Article
		known    []string
		length   string
		changed  []string
		headline string
	}{
		{"first time", []digest.Article{known, since}, nil, "", []string{}, ""},
		{"new facts", []digest.Article{known, again, since}, []string{"known"}, "", []string{
			"Inspectors of the maritime agency found that a cracked fuel pump, replaced in March, had sprayed diesel over the exhaust.",
			"Norlink will refit the pumps of four sister ships before sailings resume, at a cost of 3 million crowns.",
		}, since.Title},
		{"the same again", []digest.Article{known, again}, []string{"known"}, "", []string{}, again.Title},
		{"all known", []digest.Article{known, since}, []string{"known", "since"}, "", []string{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := digest.Story{ID: "s", Articles: tt.articles, Known: tt.known}
			b, err := Extractive{}.Brief(context.Background(), s, digest.Options{Length: tt.length})
			if err != nil {
				t.Fatal(err)
			}
			if wrong := Check(b, s); len(wrong) > 0 {
				t.Errorf("got a brief that fails its check: %s", strings.Join(wrong, "\n"))
			}
			if diff := cmp.Diff(tt.changed, texts(b.Changed)); diff != "" {
				t.Errorf("changed (-want +got)\n%s", diff)
			}
			if tt.headline != "" && b.Headline != tt.headline {
				t.Errorf("got headline %q, want %q", b.Headline, tt.headline)
			}
			if len(b.Lede) == 0 {
				t.Error("got no lede")
			}
		})
	}
}

func TestLineOfAnUpdateTellsTheUpdate(t *testing.T) {
	known, _, since := ferry()
	b, err := Extractive{}.Brief(context.Background(), digest.Story{ID: "s", Articles: []digest.Article{known, since}, Known: []string{"known"}}, digest.Options{Length: "line"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Inspectors of the maritime agency found that a cracked fuel pump, replaced in March, had sprayed diesel over the exhaust."}
	if diff := cmp.Diff(want, texts(b.Lede)); diff != "" || len(b.Changed) > 0 {
		t.Errorf("lede (-want +got)\n%s and changed %q, want none", diff, texts(b.Changed))
	}
}
