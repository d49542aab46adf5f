package edition

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// TestTextsAreReadWhereTheyMatter selects from heads, and reads only the texts
// that word filters look into: the outcome is that of the full articles.
func TestTextsAreReadWhereTheyMatter(t *testing.T) {
	articles := []digest.Article{
		article("b1", "curfew", "Ledger", 2*time.Hour),
		article("b2", "curfew", "Wire", 30*time.Hour),   // an older report of a story of the window
		article("c1", "cheese", "Dairy", 3*time.Hour),   // of a source that is muted
		article("d1", "chess", "Board", 30*time.Hour),   // an old story
		article("e1", "drought", "Field", 20*time.Hour), // of the window
	}
	muted := digest.Mute{Kind: digest.MuteSource, Value: "Dairy"}
	for _, tt := range []struct {
		name string
		sub  digest.Subscription
		want []string // whose texts are read
	}{
		{"no rules for words", digest.Subscription{Mutes: []digest.Mute{muted}}, nil},
		{"exclude what an older report says", digest.Subscription{Exclude: []string{"Wire reports"}, Mutes: []digest.Mute{muted}}, []string{"b1", "b2", "e1"}},
		{"exclude what the newest says", digest.Subscription{Exclude: []string{"Ledger reports"}}, []string{"b1", "b2", "c1", "e1"}},
		{"include", digest.Subscription{Include: []string{"curfewWire3"}, Mutes: []digest.Mute{muted}}, []string{"b1", "b2", "e1"}},
		{"a muted topic", digest.Subscription{Mutes: []digest.Mute{{Kind: digest.MuteTopic, Value: "Field reports"}}}, []string{"b1", "b2", "c1", "e1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			full := day(articles...)
			full.Subscription = tt.sub
			heads := full
			heads.Articles = slices.Clone(articles)
			for i := range heads.Articles {
				heads.Articles[i].Text = ""
			}
			g := Group(heads)
			unread := g.Unread()
			slices.Sort(unread)
			if diff := cmp.Diff(tt.want, unread); diff != "" {
				t.Error("texts (-want +got):", diff)
			}
			for _, a := range articles {
				if slices.Contains(unread, a.ID) {
					g.Read(a)
				}
			}
			got, want := g.Select(), Select(full)
			if diff := cmp.Diff(titles(want.Shown), titles(got.Shown)); diff != "" {
				t.Error("shown (-want +got):", diff)
			}
			if diff := cmp.Diff(want.Coverage, got.Coverage); diff != "" {
				t.Error("coverage (-want +got):", diff)
			}
			for i, r := range want.Shown {
				if diff := cmp.Diff(len(r.Story.Articles), len(got.Shown[i].Story.Articles)); diff != "" {
					t.Errorf("articles of %s (-want +got): %s", r.Story.Articles[0].Title, diff)
				}
			}
			if got := Group(full).Unread(); len(got) > 0 {
				t.Errorf("texts that are there are to be read: %q", got)
			}
		})
	}
}
