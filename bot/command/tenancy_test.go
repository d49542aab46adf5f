package command_test

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/bot/command"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

var (
	sequences = flag.Int("tenancy.sequences", 0, "how many sequences of commands try to reach other workspaces on each database")
	seed      = flag.Uint64("tenancy.seed", 1, "of these sequences")
)

// tenant is one of the workspaces of a town. Its mark stands in everything that
// is its own, and nowhere else.
type tenant struct {
	digest.Address
	mark string
	ids  []string // of everything it has
}

// town is two Slack workspaces and two Discord servers in one store.
type town struct {
	*office
	tenants []*tenant
	db      *sql.DB // beside the store
	tables  []string
}

// newTown fills a store: every tenant has a source, articles, a digest that was
// posted, one to be confirmed, the editors' draft of another, votes, stories that
// somebody keeps, audit rows, a key and an install. Their names are the same.
func newTown(t *testing.T, driver, address string) *town {
	t.Helper()
	o := officeIn(t, address)
	w := &town{office: o}
	for i, a := range []digest.Address{{Platform: "slack", Workspace: "T1"}, {Platform: "slack", Workspace: "T2"}, {Platform: "discord", Workspace: "71"}, {Platform: "discord", Workspace: "72"}} {
		a.Channel = fmt.Sprint("C", i)
		w.tenants = append(w.tenants, &tenant{Address: a, mark: []string{"zalfa", "zbeta", "zgamma", "zdelta"}[i]})
	}
	o.Direct = func(_ context.Context, near digest.Address, user string) (digest.Address, error) {
		near.Channel = "D" + user
		if near.Platform == "discord" {
			near.Workspace = "@me" // where all servers meet
		}
		return near, nil
	}
	o.Belongs = func(context.Context, digest.Address) error { return nil }
	shared, _ := intake.Parse(intake.Input{Name: "wire.jsonl", Source: "wire", Workspace: digest.Shared, Now: o.now, Body: []byte(
		`{"title":"Port weighs night curfew","text":"The port of Linden is drafting rules that would halt freight trains at night. The board votes on June 12.","url":"https://ledger.example/curfew"}`)})
	_, err := o.room.Accept(t.Context(), shared)
	o.must(err)
	o.must(o.store.PutSubscriptions(t.Context(), []digest.Subscription{{ID: "everyone", Workspace: digest.Shared, Name: "Everyone", Channels: []digest.Address{w.tenants[0].Address, w.tenants[2].Address},
		Cron: "0 20 * * *", Zone: "UTC", Origin: "config", Since: o.now, Changed: o.now}}, "config"))
	for i, tn := range w.tenants {
		w.settle(tn, i)
	}
	o.now = o.now.Add(24 * time.Hour)
	for range 40 {
		worked, err := o.room.Round(t.Context())
		o.must(err)
		if !worked {
			break
		}
	}
	for _, tn := range w.tenants {
		w.live(tn)
	}
	if driver == "sqlite" {
		address = "file:" + address
	}
	if w.db, err = sql.Open(driver, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	names, err := w.db.Query(map[string]string{
		"sqlite": `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'article_fts%' AND name NOT LIKE 'sqlite%'`,
		"pgx":    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`,
	}[driver])
	o.must(err)
	defer names.Close()
	for names.Next() {
		var name string
		o.must(names.Scan(&name))
		if !slices.Contains([]string{"meta", "goose_db_version"}, name) {
			w.tables = append(w.tables, name)
		}
	}
	if len(w.tables) < 15 {
		t.Fatalf("found the tables %q only", w.tables)
	}
	return w
}

// settle gives a tenant what it has before its first digest.
func (w *town) settle(tn *tenant, i int) {
	w.Helper()
	ctx := context.Background()
	source := fmt.Sprint("source-", i)
	w.must(w.store.PutSources(ctx, []digest.Source{{ID: source, Workspace: tn.Tenant(), Kind: "feed", Address: fmt.Sprintf("https://host%d.example/feed", i), Name: "Wire " + tn.mark, Every: 1000 * time.Hour}}, "chat"))
	var lines []string
	for n, news := range [][2]string{
		{"Harbour festival opens with tall ships", "Forty tall ships sailed into the harbour on Friday, and thousands lined the quays to see the festival open."},
		{"Tram drivers begin an open-ended strike", "The union of the tram drivers asks for nine percent more pay; talks with the transport company broke down in the night."},
		{"Museum finds a lost painting in its cellar", "Restorers identified the canvas by its frame. It was thought to have burnt in the fire of 1911."},
	} {
		lines = append(lines, fmt.Sprintf(`{"title":"%s, %s","text":"%s The desk of %s wrote this.","url":"https://host%d.example/%d","category":"City"}`, news[0], tn.mark, news[1], tn.mark, i, n))
		tn.ids = append(tn.ids, fmt.Sprintf("https://host%d.example/%d", i, n))
	}
	articles, refused := intake.Parse(intake.Input{Name: "x.jsonl", Source: source, Workspace: tn.Tenant(), Now: w.now, Body: []byte(strings.Join(lines, "\n"))})
	if len(articles) != 3 {
		w.Fatal(refused)
	}
	_, err := w.room.Accept(ctx, articles)
	w.must(err)
	sub := digest.Subscription{ID: fmt.Sprintf("sub%dabc", i), Workspace: tn.Tenant(), Name: "News digest", Channels: []digest.Address{tn.Address}, Cron: "0 8 * * *", Zone: "UTC", Language: "en",
		Exclude: []string{"nothing" + tn.mark}, Origin: "chat", Since: w.now, Changed: w.now, Layout: digest.Layout{Stories: 8}}
	draft := sub
	draft.ID, draft.Name, draft.Disabled = fmt.Sprintf("draft%dabc", i), "Evening", digest.Draft
	w.must(w.store.PutSubscriptions(ctx, []digest.Subscription{sub, draft}, "chat"))
	w.must(w.store.Disable(ctx, tn.Tenant(), draft.ID, digest.Draft))
	key := digest.NewSecret(fmt.Sprintf("ng_%08d_%052d", i, i))
	_, err = w.store.AddKey(ctx, digest.Key{Name: "CMS " + tn.mark, Workspace: tn.Tenant(), Source: fmt.Sprint("pushed-", i)}, key)
	w.must(err)
	w.must(w.store.Record(ctx, digest.Audit{Workspace: tn.Tenant(), Channel: tn.String(), User: "U1", Name: "Ann", Command: "pause", Subject: "News digest", Detail: "because of " + tn.mark}))
	tn.ids = append(tn.ids, source, fmt.Sprint("pushed-", i), sub.ID, draft.ID, tn.Channel, tn.String(), fmt.Sprintf("https://host%d.example/feed", i))
	for _, a := range articles {
		tn.ids = append(tn.ids, a.ID)
	}
}

// live gives a tenant what comes with its first digest.
func (w *town) live(tn *tenant) {
	w.Helper()
	ctx := context.Background()
	e, err := w.store.LatestEdition(ctx, tn.Address)
	w.must(err)
	if len(e.Items) < 2 {
		w.Fatalf("%s was shown %d stories, want some of its own and a shared one", tn.Address, len(e.Items))
	}
	tn.ids = append(tn.ids, e.ID, e.Slot)
	for _, it := range e.Items {
		for _, line := range []string{"keep", "useful"} {
			w.Handle(ctx, chat.Command{Name: line, Args: map[string]string{"id": it.Brief.ID}, Address: tn.Address, User: chat.User{ID: "U1", Name: "Ann " + tn.mark}})
		}
		if strings.Contains(it.Brief.Headline, tn.mark) {
			tn.ids = append(tn.ids, it.Brief.ID)
		}
	}
	sub := e.Subscription
	d := digest.EditorsDraft{ID: digest.DraftID(sub, "2026-05-06T08:00"), Workspace: tn.Tenant(), Subscription: sub, Slot: "2026-05-06T08:00",
		Deadline: w.now.Add(1000 * time.Hour), Channel: tn.String(), Edition: e}
	_, err = w.store.PutDraft(ctx, d, digest.Notice{Workspace: d.Workspace, Cause: digest.CauseDraft, Subject: d.ID, Key: d.ID})
	w.must(err)
	tn.ids = append(tn.ids, d.ID)
}

// rows returns all rows of the store, as texts with the table's name.
func (w *town) rows() map[string]int {
	w.Helper()
	out := make(map[string]int)
	for _, table := range w.tables {
		rows, err := w.db.Query(`SELECT * FROM ` + table)
		w.must(err)
		columns, err := rows.Columns()
		w.must(err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			w.must(rows.Scan(values...))
			line := table
			for i, v := range values {
				switch v := (*v.(*any)).(type) {
				case []byte:
					line += fmt.Sprintf("|%s=%s", columns[i], v)
				default:
					line += fmt.Sprintf("|%s=%v", columns[i], v)
				}
			}
			out[line+"|"]++
		}
		w.must(rows.Err())
		rows.Close()
	}
	return out
}

// of returns the rows of a tenant: those of its workspace, those that lead into
// its channels, and those that hold something that is its own.
func (tn *tenant) of(rows map[string]int) map[string]int {
	id := regexp.QuoteMeta(tn.Tenant())
	mine := regexp.MustCompile(tn.mark + `|\|[a-z_]+=` + id + `[|/]|"channels?":\[?("[^"]*",)*"` + id + `/`)
	out := make(map[string]int)
	for row, n := range rows {
		if mine.MatchString(row) {
			out[row] = n
		}
	}
	return out
}

// governed are the tables that only managers may change, save by messages to
// themselves.
func governed(rows map[string]int) map[string]int {
	out := make(map[string]int)
	for row, n := range rows {
		table, _, _ := strings.Cut(row, "|")
		if slices.Contains([]string{"subscription", "source", "draft", "slot", "edition", "part", "push_key", "install", "shown", "article_history"}, table) && !strings.Contains(row, "/DU") && !strings.Contains(row, "subscription=made-") {
			out[row] = n
		}
	}
	return out
}

// forge makes a command of an intruder, with the ids of the others wherever an
// id can stand.
func (w *town) forge(r *rand.Rand, in *tenant, user chat.User) chat.Command {
	specs := command.Specs()
	spec := specs[r.IntN(len(specs))]
	cmd := chat.Command{Name: spec.Name, Args: map[string]string{}, Address: in.Address, User: user, Direct: r.IntN(12) == 0}
	victim := w.tenants[r.IntN(len(w.tenants))]
	if r.IntN(3) == 0 {
		cmd.Address.Channel = victim.Channel // in one's own workspace: the platform vouches for that
	}
	if cmd.Direct {
		cmd.Address.Channel = "D" + user.ID
	}
	if r.IntN(4) == 0 {
		cmd.Under = "17770000.0001"
	}
	if r.IntN(8) == 0 {
		cmd.File = []byte(`<opml version="2.0"><body><outline type="rss" text="x" xmlUrl="` + victim.ids[r.IntN(3)] + `"/></body></opml>`)
	}
	words := []string{"harbour", "strike", "museum", "curfew", "News digest", "Evening", "Wire", "1", "2", "/harbour|tram/", "8am", "weekdays 9:00", "none", "all", "stories", "title"}
	for _, o := range spec.Options {
		if !o.Required && r.IntN(3) == 0 {
			continue
		}
		value := words[r.IntN(len(words))]
		if r.IntN(3) > 0 {
			value = victim.ids[r.IntN(len(victim.ids))]
		}
		if r.IntN(12) == 0 {
			value = []string{"wire", "everyone", "ledger"}[r.IntN(3)] // what is shared
		}
		switch {
		case len(o.Choices) > 0:
			value = o.Choices[r.IntN(len(o.Choices))]
		case o.Type == chat.IntOption:
			value = fmt.Sprint(o.Min + r.IntN(max(1, o.Max-o.Min+1)))
		case o.Type == chat.BoolOption:
			value = []string{"true", "true", "false"}[r.IntN(3)]
		case o.Type == chat.DateOption:
			value = []string{"2026-05-04", "today", "yesterday"}[r.IntN(3)]
		case o.Type == chat.SinceOption, o.Type == chat.DurationOption:
			value = "72h0m0s"
		case o.Name == "zone":
			value = "UTC"
		case o.Name == "time" && r.IntN(3) > 0:
			value = []string{"8am", "weekdays 9:00"}[r.IntN(2)]
		case o.Name == "setting":
			value = []string{"zone", "language", "stories", "length", "thread", "empty", "catch-up"}[r.IntN(7)]
		}
		cmd.Args[o.Name] = value
	}
	return cmd
}

// told returns all that a command makes a person see: its answer, its form and
// what completes it.
func (w *town) told(cmd chat.Command) string {
	ctx := context.Background()
	var out strings.Builder
	show := func(v any) {
		b, err := json.Marshal(v)
		w.must(err)
		out.Write(b)
	}
	form, err := w.Form(ctx, cmd)
	if err != nil {
		show(digest.Explain(err))
	}
	show(form)
	for name := range cmd.Args {
		show(w.Suggest(ctx, cmd, name, ""))
	}
	reply := w.Handle(ctx, cmd)
	show(reply.Messages)
	out.Write(reply.File.Data)
	return out.String()
}

// TestTenancy lets members and managers of each workspace try to reach the
// others: nothing of those is shown to them, and nothing of those changes.
func TestTenancy(t *testing.T) {
	var pg pgtest.Server
	t.Cleanup(pg.Stop)
	for driver, address := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "town.db") },
		"pgx":    func(t *testing.T) string { return pg.Database(t) },
	} {
		t.Run(driver, func(t *testing.T) {
			w := newTown(t, driver, address(t))
			r := rand.New(rand.NewPCG(*seed, 0))
			answered := make(map[string]int)
			before := w.rows()
			count := map[string]int{"sqlite": 200, "pgx": 60}[driver]
			if testing.Short() {
				count = 20
			}
			count = cmp.Or(*sequences, count)
			for n := range count {
				in := w.tenants[r.IntN(len(w.tenants))]
				user := chat.User{ID: fmt.Sprint("U", 1+r.IntN(5)/4), Name: "Ann", Manager: r.IntN(2) == 0}
				var did []string
				for range 5 {
					cmd := w.forge(r, in, user)
					got := w.told(cmd)
					did = append(did, fmt.Sprintf("%s %q in %s, direct %v", cmd.Name, cmd.Args, cmd.Address, cmd.Direct))
					own := cmd.Args["saved"] == "true" // what one keeps is one's own, also in direct messages
					for _, other := range w.tenants {
						if (other != in || cmd.Direct && !own) && strings.Contains(got, other.mark) {
							t.Errorf("sequence %d: a manager (%v) of %s is shown what is of %s by %s:\n%s", n, user.Manager, in.Tenant(), other.Tenant(), did[len(did)-1], got)
						}
					}
					if strings.Contains(got, in.mark) {
						answered[cmd.Name]++
					}
				}
				after := w.rows()
				everybodys := &tenant{Address: digest.Address{Platform: "*"}, mark: "zshared"}
				for _, other := range append(w.tenants, everybodys) {
					was, is := other.of(before), other.of(after)
					if other == in && !user.Manager {
						was, is = governed(was), governed(is)
					} else if other == in {
						continue
					}
					if change := difference(was, is); change != "" {
						t.Fatalf("sequence %d: a manager (%v) of %s changed what is of %s:\n%s\nby %s", n, user.Manager, in.Tenant(), other.Tenant(), change, strings.Join(did, "\n"))
					}
				}
				before = after
			}
			// The intruders do see and change what is their own, so the rest says something.
			for _, name := range []string{"latest", "feed list", "search", "story", "why", "audit", "sources", "export"} {
				if answered[name] == 0 && count >= 200 {
					t.Errorf("%s never showed anybody what is their own: %v", name, answered)
				}
			}
			if n := len(w.rows()); n == 0 {
				t.Error("the store is empty")
			}
		})
	}
}

// difference returns rows that are in one of two sets only.
func difference(was, is map[string]int) string {
	var out []string
	for _, row := range slices.Sorted(maps.Keys(was)) {
		if is[row] != was[row] {
			out = append(out, "- "+row)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(is)) {
		if is[row] != was[row] {
			out = append(out, "+ "+row)
		}
	}
	return strings.Join(out, "\n")
}
