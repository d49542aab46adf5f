package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// TestLongLists asks for lists with hundreds of rows: so many are shown, those
// that need somebody among them, and how many more there are is said.
func TestLongLists(t *testing.T) {
	c, store := desk(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var feeds []digest.Source
	var subs []digest.Subscription
	var articles []digest.Article
	for i := range 300 {
		feeds = append(feeds, digest.Source{ID: fmt.Sprintf("feed%03d", i), Workspace: digest.Local, Kind: "feed", Name: fmt.Sprintf("Feed %03d", i), Address: fmt.Sprintf("https://feed.example/%d", i)})
		subs = append(subs, digest.Subscription{ID: fmt.Sprintf("sub%03d", i), Workspace: digest.Local, Name: fmt.Sprintf("Digest %03d", i), Cron: "0 7 * * *", Zone: "UTC",
			Channels: []digest.Address{{Platform: "board", Channel: fmt.Sprint("room", i)}}})
		articles = append(articles, digest.Article{ID: fmt.Sprint("long", i), Workspace: digest.Local, Source: "feed000", GUID: fmt.Sprint(i), Title: fmt.Sprint("Title ", i), Text: "Text.", Category: fmt.Sprintf("Topic %03d", i), Arrived: morning})
	}
	must(store.PutSources(ctx, feeds, "chat"))
	must(store.PutSubscriptions(ctx, subs, "chat"))
	if _, err := store.AddArticles(ctx, articles); err != nil {
		t.Fatal(err)
	}
	for i := 280; i < 300; i++ {
		must(store.FailSource(ctx, feeds[i].ID, "it does not answer", morning.Add(time.Hour)))
	}
	for _, tt := range []struct {
		name   string
		most   int
		has    []string
		hasNot string
	}{
		{"sources", 51, []string{"Feed 280", "Feed 299", "Feed 000", "and 25"}, "Feed 279"},
		{"feed list", 51, []string{"Feed 280", "Feed 299", "Feed 000", "and 250 more"}, "Feed 279"},
		{"subscriptions", 51, []string{"Digest 000", " more"}, "Digest 299"},
		{"topics", 26, []string{"Topic 000", " more"}, "Topic 299"},
		{"status", 54, []string{"Feed 280", "and 10 more"}, "Feed 299"},
	} {
		reply := c.Handle(ctx, chat.Command{Name: tt.name, Address: news, User: manager})
		said := text(reply)
		for _, want := range tt.has {
			if !strings.Contains(said, want) {
				t.Errorf("%s: got\n%.600s\nwant %q in it", tt.name, said, want)
			}
		}
		if strings.Contains(said, tt.hasNot) {
			t.Errorf("%s: %q is shown", tt.name, tt.hasNot)
		}
		for _, b := range reply.Messages[0].Blocks {
			if len(b.Items) > tt.most {
				t.Errorf("%s: a block of %d rows, want at most %d", tt.name, len(b.Items), tt.most)
			}
		}
	}
}
