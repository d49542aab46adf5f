package command_test

import (
	"context"
	"strings"
	"testing"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/feed"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// web knows one feed.
type web struct{}

func (web) Probe(_ context.Context, address string) (digest.Source, digest.Batch, error) {
	if !strings.HasPrefix(address, "https://harbour.example") {
		return digest.Source{}, digest.Batch{}, digest.Errorf(digest.NotFound, "%s is a page without a feed", address)
	}
	return digest.Source{Address: "https://harbour.example/feed", Name: "Harbour Post"}, digest.Batch{Dropped: 3,
		Articles: []digest.Article{{Title: "Seals counted", URL: "https://harbour.example/seals", Published: morning}, {Title: "Ferries late"}}}, nil
}
func (web) ReadList(data []byte) ([]digest.Source, error) { return feed.ReadOPML(data) }
func (web) WriteList(title string, list []digest.Source) ([]byte, error) {
	return feed.WriteOPML(title, list)
}

func TestFeeds(t *testing.T) {
	o := newOffice(t)
	o.expect(team, "feed list", "There are no feeds yet")
	o.expect(team, "feed test harbour.example", "Harbour Post", "Articles 2", "3 older ones", "Seals counted")
	o.expect(team, "feed list", "There are no feeds yet")
	o.expect(team, "feed add <https://harbour.example|harbour.example> category:City", "“Harbour Post” was added. It holds 2 articles")
	o.expect(team, "feed add harbour.example", "“Harbour Post” is there already.")
	o.expect(team, "feed list", "Harbour Post", "https://harbour.example/feed · not fetched yet · made in chat · feed-made-1")
	o.expect(rivals, "feed list", "There are no feeds yet")
	o.expect(rivals, "feed remove Harbour Post", "There is no source")
	o.expect(team, "feed add nowhere.example", "is a page without a feed")
	o.expect(team, "feed remove wire", "“The Wire” is set up in the configuration")
	o.expect(team, "subscribe 8am sources:\"Harbour Post\" name:Harbour", "will be posted")
	o.expect(team, "feed remove \"Harbour Post\"", "“Harbour Post” was removed; its articles stay. “Harbour” had no other source")
	o.expect(team, "feed list", "There are no feeds yet")
	o.expect(team, "feed add harbour.example", "was added")
	o.expect(team, "audit", "feed add · Harbour Post (feed-made-1)", "feed remove")
	o.must(o.store.PutSources(context.Background(), []digest.Source{{ID: "paid", Workspace: digest.Shared, Kind: "feed", Address: "https://paid.example/rss?key=geheim"}}, "chat"))
	o.expect(team, "feed list", "https://paid.example/rss?key=geheim")
	o.as.Manager = false
	if got := o.say(team, "feed list"); strings.Contains(got, "geheim") || !strings.Contains(got, "https://paid.example/rss?…") {
		t.Errorf("a member sees %s", got)
	}
	o.expect(team, "export", "Only people who manage")
	o.expect(team, "feed add harbour.example", "Only people who manage")
	o.expect(team, "feed remove harbour", "Only people who manage")
}

func TestImportAndExport(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	form, err := o.Form(ctx, chat.Command{Name: "import", Address: team, User: manager})
	if err != nil || len(form.Fields) != 1 || !form.Fields[0].File {
		t.Errorf("got form %+v, %v", form, err)
	}
	bring := func(file string) string {
		return text(o.Handle(ctx, chat.Command{Name: "import", Address: team, User: manager, File: []byte(file)}))
	}
	opml := `<opml><body><outline text="City"><outline text="Post" xmlUrl="HTTPS://Harbour.example:443/feed#new"/></outline><outline text="Bad" xmlUrl="javascript:alert(1)"/>
		<outline text="Again" xmlUrl="https://www.harbour.example/feed/?utm_source=x"/></body></opml>`
	if got := bring(opml); !strings.Contains(got, "1 added, 1 there already, 1 that are no web addresses. Not taken: https://javascript:alert(1)") {
		t.Errorf("got %s", got)
	}
	if got := bring(opml); !strings.Contains(got, "0 added, 2 there already") {
		t.Errorf("again: got %s", got)
	}
	if got := bring("hello"); !strings.Contains(got, "is no OPML") {
		t.Errorf("no OPML: got %s", got)
	}
	o.expect(team, "import", "Attach an OPML file")

	r := o.Handle(ctx, chat.Command{Name: "export", Address: team, User: manager})
	if got := string(r.File.Data); !strings.Contains(got, `<outline text="City">`) || !strings.Contains(got, `xmlUrl="https://harbour.example/feed"`) || r.File.Name != "feeds-2026-05-03.opml" || !r.Private {
		t.Errorf("got %+v with %s", r.File, got)
	}
	o.say(team, "subscribe 8am")
	cmd, err := chat.Parse(command.Specs(), "export toml")
	o.must(err)
	cmd.Address, cmd.User = team, manager
	r = o.Handle(ctx, cmd)
	for _, want := range []string{"[[source]]", "url = 'https://harbour.example/feed'", "[[subscription]]", "channels = ['slack:T1/C1']", "cron = '0 8 * * *'"} {
		if !strings.Contains(string(r.File.Data), want) {
			t.Errorf("got:\n%s\nwant %q in it", r.File.Data, want)
		}
	}
	cmd.Address = rivals
	if got := string(o.Handle(ctx, cmd).File.Data); strings.Contains(got, "harbour") || strings.Contains(got, "T1") {
		t.Errorf("another workspace gets %s", got)
	}
}
