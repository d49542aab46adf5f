package command_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/command"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/brief"
	"nutgraf/digest/intake"
)

var (
	morning = time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)
	news    = digest.Address{Platform: "board", Channel: "news"}
)

// board is a platform that takes everything.
type board struct{}

func (board) Render(m []chat.Message) ([]digest.Payload, error) {
	out := make([]digest.Payload, len(m))
	for i := range m {
		out[i] = digest.Payload(m[i].Kind)
	}
	return out, nil
}

func (board) Post(_ context.Context, p digest.Part) (digest.MessageRef, error) {
	return digest.MessageRef(p.Key), nil
}

func (board) Find(context.Context, digest.Part, time.Time) (digest.MessageRef, digest.Finding, error) {
	return "", digest.Absent, nil
}

// pages knows one page.
type pages struct{}

func (pages) Article(_ context.Context, url string) (digest.Article, error) {
	if url != "https://harbour.example/seals" {
		return digest.Article{}, digest.Errorf(digest.Unavailable, "%s cannot be reached", url)
	}
	return intake.Finish(digest.Article{URL: url, Title: "Seals counted", Outlet: "Harbour Post",
		Text: "Biologists counted 3,870 seals off Havensund, nine percent more than last year. The count took two days."}, morning)
}

// desk is a workspace in which one digest was posted.
func desk(tb testing.TB) (*command.Commands, *sqlstore.Store) {
	tb.Helper()
	ctx := context.Background()
	now := func() time.Time { return morning.Add(30 * time.Second) }
	store, err := sqlstore.Open(ctx, filepath.Join(tb.TempDir(), "news.db"), sqlstore.Options{Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	room := &newsroom.Newsroom{Store: store, Now: now, Worker: "test", Platforms: map[string]newsroom.Platform{"board": board{}},
		Open: func(digest.Source) (newsroom.Source, error) { return nil, errors.New("no sources here") }}
	c := &command.Commands{Archive: store, Desk: store, Manager: store, Auditor: store, Personal: store, Editing: store, Redrafting: room, NewID: counter(), Newsroom: room, Pages: pages{}, Feeds: web{}, Writer: brief.Extractive{}, Now: now,
		Log: slog.New(slog.DiscardHandler), Version: "1.2.3", Zone: "UTC", Language: "en",
		Default: digest.Subscription{ID: "all", Name: "All sources", Cron: "0 8 * * *", Zone: "UTC", Language: "en"}}
	fill(tb, store, room)
	return c, store
}

func fill(tb testing.TB, store *sqlstore.Store, room *newsroom.Newsroom) {
	tb.Helper()
	ctx := context.Background()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	must(store.PutSources(ctx, []digest.Source{{ID: "wire", Workspace: digest.Shared, Kind: "push", Name: "The Wire"}}, "config"))
	must(store.PutSubscriptions(ctx, []digest.Subscription{{ID: "morning", Workspace: digest.Local, Name: "Morning", Channels: []digest.Address{news},
		Cron: "0 8 * * *", Zone: "UTC", Language: "en", Origin: "config", Since: morning.Add(-time.Hour), Changed: morning.Add(-time.Hour)}}, "config"))
	in := intake.Input{Name: "wire.jsonl", Source: "wire", Workspace: digest.Shared, Now: morning.Add(-time.Hour), Body: []byte(
		`{"title":"Port weighs night curfew","text":"The port of Linden is drafting rules that would halt freight trains at night. The board votes on June 12.","source":"Ledger","category":"Harbor, city","url":"https://ledger.example/curfew","published":"2026-05-03T05:00:00Z"}
{"title":"Storm cuts power on the coast","text":"A storm cut power to 80,000 homes on the coast. Two people were injured when a crane fell.","source":"Wirewell","category":"Weather","url":"https://wirewell.example/storm","published":"2026-05-03T06:00:00Z"}`)}
	articles, _ := intake.Parse(in)
	_, err := room.Accept(ctx, articles)
	must(err)
	for range 20 {
		worked, err := room.Round(ctx)
		must(err)
		if !worked {
			return
		}
	}
}

// counter makes ids that are easy to read.
func counter() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("made-%d", n) }
}

// text flattens a reply to what a reader sees.
func text(r chat.Reply) string {
	var b strings.Builder
	for _, m := range r.Messages {
		for _, block := range m.Blocks {
			for _, it := range block.Items {
				b.WriteString(strings.TrimSpace(it.Label+" "+it.Plain()) + "\n")
			}
		}
	}
	return b.String()
}

func TestCommands(t *testing.T) {
	c, _ := desk(t)
	for _, tt := range []struct {
		line string
		want []string // all of them
		not  string
	}{
		{"latest", []string{"Morning", "Port weighs night curfew", "Storm cuts power on the coast"}, ""},
		{"latest weather", []string{"Storm cuts power on the coast"}, "Port weighs"},
		{"latest city", []string{"Port weighs night curfew"}, "Storm"},
		{"latest sport", []string{`The latest digest has nothing of the category "sport"; it has`, "Weather"}, ""},
		{"search curfew", []string{`Found for "curfew"`, "Port weighs night curfew", "Ledger"}, "Storm"},
		{"search unicorns", []string{`Nothing was found for "unicorns"`}, ""},
		{`search "OR NOT ( title:"`, []string{"Nothing was found"}, ""},
		{"search storm since:2026-05-04", []string{"Nothing was found"}, ""},
		{"story 1", []string{"Sources"}, ""},
		{"story 9", []string{"The latest digest has 2 stories, so there is no story 9."}, ""},
		{"story nonsense", []string{`There is no story and no article with the id "nonsense"`}, ""},
		{"summarize https://harbour.example/seals", []string{"Seals counted", "3,870 seals"}, ""},
		{"summarize https://nowhere.example/", []string{"cannot be reached"}, ""},
		{"why", []string{"Why these stories?", "Port weighs night curfew", "outlet"}, ""},
		{"why nonsense", []string{"There is no digest with the id"}, ""},
		{"now", []string{"Morning"}, ""},
		{"sources", []string{"The Wire", "not fetched yet"}, ""},
		{"status", []string{"1.2.3", "articles", "Morning next Mon 2026-05-04 08:00 UTC"}, ""},
		{"help", []string{"search", "summarize"}, ""},
		{"help search", []string{"Search the archive", "since"}, ""},
		{"help serach", []string{"Did you mean search?"}, ""},
	} {
		t.Run(tt.line, func(t *testing.T) {
			cmd, err := chat.Parse(command.Specs(), tt.line)
			if err != nil {
				t.Fatal(err)
			}
			cmd.Address = news
			got := text(c.Handle(context.Background(), cmd))
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("got:\n%s\nwant %q in it", got, want)
				}
			}
			if tt.not != "" && strings.Contains(got, tt.not) {
				t.Errorf("got:\n%s\nwant no %q in it", got, tt.not)
			}
		})
	}
}

// TestLinkIsKept summarises a link: its workspace finds it again, another one
// does not, and no digest selects it.
func TestLinkIsKept(t *testing.T) {
	c, store := desk(t)
	ctx := context.Background()
	team := digest.Address{Platform: "slack", Workspace: "T1", Channel: "C1"}
	cmd, err := chat.Parse(command.Specs(), "summarize https://harbour.example/seals")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Address = team
	c.Handle(ctx, cmd)
	for ws, want := range map[string]int{"slack:T1": 1, "slack:T2": 0, digest.Local: 0} {
		hits, err := store.Search(ctx, digest.SearchQuery{Workspace: ws, Words: "seals"})
		if err != nil || len(hits) != want {
			t.Errorf("workspace %s: got %d hits, %v; want %d", ws, len(hits), err, want)
		}
	}
	e, err := c.Newsroom.Preview(ctx, digest.Subscription{ID: "x", Workspace: "slack:T1", Cron: "0 8 * * *", Zone: "UTC"}, morning.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range e.Items {
		if strings.Contains(it.Brief.Headline, "Seals") {
			t.Error("a digest selected a link that was only summarised")
		}
	}
}

func TestDirectMessagesSeeSharedOnly(t *testing.T) {
	c, _ := desk(t)
	cmd := chat.Command{Name: "summarize", Args: map[string]string{"target": "https://harbour.example/seals"}, Direct: true,
		Address: digest.Address{Platform: "slack", Workspace: "T1", Channel: "D1"}}
	if got := text(c.Handle(context.Background(), cmd)); !strings.Contains(got, "Seals counted") {
		t.Errorf("got:\n%s", got)
	}
	search := chat.Command{Name: "search", Args: map[string]string{"words": "seals"}, Direct: true, Address: cmd.Address}
	if got := text(c.Handle(context.Background(), search)); !strings.Contains(got, "Nothing was found") {
		t.Errorf("a direct message stored or sees what is not shared:\n%s", got)
	}
}

// broken fails inside.
type broken struct{ command.Archive }

func (broken) Search(context.Context, digest.SearchQuery) ([]digest.Hit, error) {
	panic("secret detail")
}

func (broken) Counts(context.Context, string) (digest.Counts, error) {
	return digest.Counts{}, errors.New("secret detail")
}

func TestFailuresStayInside(t *testing.T) {
	c, _ := desk(t)
	c.Archive = broken{c.Archive}
	for _, name := range []string{"search", "status", "nonsense"} {
		r := c.Handle(context.Background(), chat.Command{Name: name, Args: map[string]string{"words": "x"}, Address: news})
		if got := text(r); got == "" || strings.Contains(got, "secret") || !r.Private {
			t.Errorf("%s: got %q, private %v", name, got, r.Private)
		}
	}
}

func TestSpecsFitPlatforms(t *testing.T) {
	all, heads := 0, make(map[string]bool)
	for _, s := range command.Specs() {
		if s.Hidden {
			continue
		}
		head, _, _ := strings.Cut(s.Name, " ")
		heads[head] = true
		all += len(s.Name) + len(s.Help)
		if len(s.Options) > 25 {
			t.Errorf("%s: got %d options, want 25 at most", s.Name, len(s.Options))
		}
		if len(s.Help) > 100 || s.Help == "" || strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: help %q must be one sentence of 100 characters without a full stop", s.Name, s.Help)
		}
		for _, o := range s.Options {
			all += len(o.Name) + len(o.Help) + 2*len(strings.Join(o.Choices, ""))
			if len(o.Help) > 100 || o.Help == "" {
				t.Errorf("%s %s: help %q", s.Name, o.Name, o.Help)
			}
		}
	}
	if n := len(heads); n > 25 || all > 7500 { // one Discord command takes 25 subcommands and groups, and 8,000 characters
		t.Errorf("got %d commands with %d characters, want at most 25 and 7500", n, all)
	}
}
