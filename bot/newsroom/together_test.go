package newsroom_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/adapters/egress"
	"nutgraf/adapters/feed"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// TestOneRequestForManyWorkspaces lets three workspaces follow one feed for a
// day; the last one joins at noon. Each has the articles as its own.
func TestOneRequestForManyWorkspaces(t *testing.T) {
	b := newBench(t)
	var asked, edition atomic.Int64
	edition.Store(1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		n := edition.Load()
		etag := fmt.Sprintf("%q", fmt.Sprint(n))
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Wire</title>`)
		for i := range n {
			fmt.Fprintf(w, `<item><title>%s</title><link>https://wire.example/%d</link><description>%s</description></item>`, gibberish(fmt.Sprint("t", i), 4), i, gibberish(fmt.Sprint("d", i), 30))
		}
		fmt.Fprint(w, `</channel></rss>`)
	}))
	t.Cleanup(server.Close)
	client := egress.Outside(egress.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	b.Together = egress.Together
	b.Open = func(s digest.Source) (newsroom.Source, error) {
		return feed.New(feed.Options{ID: s.ID, URL: s.Address, Workspace: s.Workspace, Client: client, Now: b.clock.Now}), nil
	}
	workspaces := []string{"slack:T1", "slack:T2", "discord:7"}
	join := func(i int) {
		t.Helper()
		err := b.store.PutSources(t.Context(), []digest.Source{{ID: fmt.Sprint("feed-", i), Workspace: workspaces[i], Kind: "feed", Address: server.URL + "/feed"}}, "chat")
		if err != nil {
			t.Fatal(err)
		}
	}
	join(0)
	join(1)
	for step := range 24 * 6 {
		if step == 12*6 {
			join(2)
		}
		if step%36 == 35 { // four times a day there is something new
			edition.Add(1)
		}
		b.settle()
		b.clock.turn(10 * time.Minute)
	}
	if got := asked.Load(); got < 20 || got > 26 {
		t.Errorf("the server was asked %d times in a day, want some 23 times", got)
	}
	seen := make(map[string]bool)
	for i, ws := range workspaces {
		list, err := b.store.Articles(t.Context(), digest.ArticleQuery{Workspace: ws, Sources: []string{fmt.Sprint("feed-", i)}})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(list), int(edition.Load())-1; got != want {
			t.Errorf("%s has %d articles, want %d", ws, got, want)
		}
		for _, a := range list {
			if a.Workspace != ws || a.Source != fmt.Sprint("feed-", i) {
				t.Errorf("%s is shown an article of %s, by %s", ws, a.Workspace, a.Source)
			}
			seen[a.Workspace+" "+a.URL] = true
		}
	}
	if len(seen) != 3*(int(edition.Load())-1) {
		t.Errorf("got %d articles of all, want %d", len(seen), 3*(int(edition.Load())-1))
	}
}
