package edition

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/story"
)

// TestNoStoryTwice builds editions over a labelled spring of news and counts the
// pairs of shown stories that are one event by the labels, and those that show
// articles of several events as one.
func TestNoStoryTwice(t *testing.T) {
	root := os.Getenv("NUTGRAF_SHARED")
	if root == "" {
		t.Skip("set NUTGRAF_SHARED to the folder with the labelled collections to run this")
	}
	f, err := os.Open(filepath.Join(root, "data", "stories", "allsides-dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var articles []digest.Article
	gold := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row struct {
			ID, Story, Title, Text, URL, Source, Language string
			Published                                     time.Time
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		a := digest.Article{ID: row.ID, Title: row.Title, Text: row.Text, URL: row.URL, Source: row.Source,
			Language: "en", Published: row.Published, Arrived: row.Published}
		a.Sketch = story.Sketch(a)
		articles = append(articles, a)
		gold[a.ID] = row.Story
	}
	shown, twins, mixed := 0, 0, 0
	for _, to := range []time.Time{
		time.Date(2021, 4, 29, 8, 0, 0, 0, time.UTC), time.Date(2021, 5, 9, 8, 0, 0, 0, time.UTC), time.Date(2021, 5, 19, 8, 0, 0, 0, time.UTC),
		time.Date(2021, 5, 31, 8, 0, 0, 0, time.UTC), time.Date(2021, 6, 11, 8, 0, 0, 0, time.UTC),
	} {
		in := Input{Subscription: digest.Subscription{Layout: digest.Layout{Stories: 8}}, Articles: articles,
			Slot: digest.Slot{From: to.AddDate(0, 0, -7), To: to}}
		of := map[string]int{} // stories shown by event
		for _, r := range Select(in).Shown {
			shown++
			events := map[string]bool{}
			for _, a := range r.Story.Articles {
				events[gold[a.ID]] = true
			}
			for e := range events {
				twins += of[e]
				of[e]++
				if of[e] > 1 {
					t.Log("again: ", e, headline(r.Story))
				}
			}
			if len(events) > 1 {
				mixed++
				t.Log("mixed:", fmt.Sprint(events), headline(r.Story))
			}
		}
	}
	t.Logf("%d stories shown, %d pairs of one event, %d of several events", shown, twins, mixed)
	if shown < 30 || twins > shown/12 {
		t.Errorf("%d pairs of one event among %d shown stories, want one in twelve at most among 30 or more", twins, shown)
	}
}
