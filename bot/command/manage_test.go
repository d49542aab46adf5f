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

	"github.com/google/go-cmp/cmp"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/command"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/brief"
)

var (
	team    = digest.Address{Platform: "slack", Workspace: "T1", Channel: "C1"}
	lounge  = digest.Address{Platform: "slack", Workspace: "T1", Channel: "C2"}
	rivals  = digest.Address{Platform: "slack", Workspace: "T2", Channel: "C1"}
	manager = chat.User{ID: "U1", Name: "Ann", Manager: true}
)

// office is a workspace whose clock the test sets.
type office struct {
	testing.TB
	*command.Commands
	store *sqlstore.Store
	room  *newsroom.Newsroom
	now   time.Time
	as    chat.User
}

func newOffice(tb testing.TB) *office {
	tb.Helper()
	return officeIn(tb, filepath.Join(tb.TempDir(), "news.db"))
}

// officeIn opens an office over the store at an address.
func officeIn(tb testing.TB, address string) *office {
	tb.Helper()
	o := &office{TB: tb, now: morning.Add(30 * time.Second), as: manager}
	now := func() time.Time { return o.now }
	ctx := context.Background()
	store, err := sqlstore.Open(ctx, address, sqlstore.Options{Now: now, OwnTime: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	o.store = store
	o.room = &newsroom.Newsroom{Store: store, Now: now, Worker: "test", Log: slog.New(slog.DiscardHandler),
		Platforms: map[string]newsroom.Platform{"board": board{}, "slack": board{}, "discord": board{}},
		Open:      func(digest.Source) (newsroom.Source, error) { return nil, errors.New("no sources here") }}
	o.Commands = &command.Commands{Archive: store, Desk: store, Manager: store, Auditor: store, Personal: store, Editing: store, Redrafting: o.room, NewID: counter(), Newsroom: o.room, Pages: pages{}, Feeds: web{},
		Writer: brief.Extractive{}, Now: now, Log: slog.New(slog.DiscardHandler), Version: "1.2.3", Zone: "UTC", Language: "en",
		Default: digest.Subscription{ID: "all", Name: "All sources", Cron: "0 8 * * *", Zone: "UTC", Layout: digest.Layout{Stories: 8}}}
	o.must(store.PutSources(ctx, []digest.Source{{ID: "wire", Workspace: digest.Shared, Kind: "push", Name: "The Wire"},
		{ID: "ledger", Workspace: digest.Shared, Kind: "push", Name: "Ledger"}}, "config"))
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// say runs a command line in a channel.
func (o *office) say(at digest.Address, line string) string {
	o.Helper()
	cmd, err := chat.Parse(command.Specs(), line)
	if err != nil {
		return digest.Explain(err)
	}
	cmd.Address, cmd.User = at, o.as
	r := o.Handle(context.Background(), cmd)
	if !r.Private {
		o.Errorf("%s: the answer is public", line)
	}
	return text(r)
}

// expect runs a line and wants all of some texts in its answer.
func (o *office) expect(at digest.Address, line string, want ...string) {
	o.Helper()
	got := o.say(at, line)
	for _, w := range want {
		if !strings.Contains(got, w) {
			o.Errorf("%s: got:\n%s\nwant %q in it", line, got, w)
		}
	}
}

// stored returns a subscription by its name.
func (o *office) stored(workspace, name string) digest.Subscription {
	o.Helper()
	subs, err := o.store.Subscriptions(context.Background(), workspace)
	o.must(err)
	for _, s := range subs {
		if s.Name == name {
			return s
		}
	}
	return digest.Subscription{}
}

// configured puts a subscription of the configuration into the team's channel.
func (o *office) configured() {
	o.Helper()
	o.must(o.store.PutSubscriptions(context.Background(), []digest.Subscription{{ID: "house", Workspace: team.Tenant(), Name: "House",
		Channels: []digest.Address{team, lounge}, Cron: "0 9 * * mon-fri", Zone: "Europe/Berlin", Origin: "config"}}, "config"))
}

// round lets the newsroom work at a time, and returns what was decided since.
func (o *office) round(at time.Time) {
	o.Helper()
	o.now = at
	for range 20 {
		worked, err := o.room.Round(context.Background())
		o.must(err)
		if !worked {
			return
		}
	}
}

func TestSubscribe(t *testing.T) {
	o := newOffice(t)
	o.configured()
	o.expect(team, `subscribe weekdays 8:30 zone:europe/berlin sources:"the wire, ledger" name:"Early birds" stories:5 language:de`,
		"“Early birds” will be posted to this channel on weekdays at 08:30 (Europe/Berlin).",
		"Next digests\nMon 2026-05-04 08:30 CEST\nTue 2026-05-05 08:30 CEST\nWed 2026-05-06 08:30 CEST\n")
	want := digest.Subscription{ID: "made-1", Workspace: "slack:T1", Name: "Early birds", Channels: []digest.Address{team}, Sources: []string{"ledger", "wire"},
		Cron: "30 8 * * 1-5", Zone: "Europe/Berlin", Language: "de", Layout: digest.Layout{Stories: 5}, Origin: "chat", Since: o.now, Changed: o.now,
		CatchUp: o.stored("slack:T1", "Early birds").CatchUp}
	if diff := cmp.Diff(want, o.stored("slack:T1", "Early birds")); diff != "" {
		t.Error(diff)
	}
	if got := o.stored("slack:T1", "House"); got.Disabled != "" || got.Origin != "config" {
		t.Errorf("the configured one changed: %+v", got)
	}
	o.expect(team, "subscribe 8am", "“News digest” will be posted to this channel every day at 08:00 (UTC).", "Mon 2026-05-04 08:00 UTC")
	o.expect(team, "subscribe 18:00", "This channel has “News digest” already, every day at 08:00 (UTC).", "give the new one another name")
	o.expect(lounge, "subscribe 18:00", "“News digest” will be posted")
	o.expect(team, "subscribe 0 20 * * 6,7 name:Weekend", "on weekends at 20:00")
	o.expect(lounge, "subscribe 0 20 * * 6,7 Europe/Paris name:Paris sources:'wire", "There is no source \"'wire\"")
	o.expect(lounge, "subscribe 0 20 * * 6,7 Europe/Paris name:Paris sources:\"ledger wire;ledger\"", "on weekends at 20:00 (Europe/Paris)")
	if diff := cmp.Diff([]string{"ledger", "wire"}, o.stored("slack:T1", "Paris").Sources); diff != "" {
		t.Error(diff)
	}
	o.expect(team, "subscribe 07:00 days:mon,thu name:Five", "on Mon and Thu at 07:00")
	o.expect(team, "subscribe 06:00 name:Six", "This channel has 5 digests, which is the most; end one with `unsubscribe` first.")
	o.expect(team, "unsubscribe five", "“Five” has ended")
	o.expect(team, "subscribe 06:00 name:Five", "“Five” will be posted")
}

func TestSubscribeRefuses(t *testing.T) {
	o := newOffice(t)
	for line, want := range map[string]string{
		"subscribe":                            "`time` is missing; write it like `08:00`",
		"subscribe sometimes":                  `"sometimes" is no time of day`,
		"subscribe 61 8 * * *":                 "The minute \"61\" of the schedule cannot be read",
		"subscribe */30 * * * *":               "comes more often than once an hour",
		"subscribe 0 8 30 2 *":                 "never comes",
		"subscribe 08:00 zone:Berlin":          "There is no time zone \"Berlin\"; did you mean `Europe/Berlin`?",
		"subscribe 08:00 Europe/Berln":         "did you mean `Europe/Berlin`?",
		"subscribe 8 am Berlin":                `"berlin" is no time of day`,
		"subscribe 08:00 sources:wier":         `There is no source "wier"; did you mean "wire"?`,
		"subscribe 08:00 sources:wire,unicorn": "There is no source \"unicorn\"; `sources` lists those there are.",
		"subscribe 08:00 stories:61":           "it must be between 1 and 60",
		"subscribe 08:00 language:xx":          "one of en, de, fr, es",
		"subscribe 08:00 name:\u200b":          "The name has no letter",
		"schedule":                             "`time` is missing",
		"schedule 8:00":                        "This channel has no digest; make one, as in `subscribe 08:00`.",
		"pause nonsense":                       "There is no digest here yet",
	} {
		o.expect(team, line, want)
	}
	if subs, err := o.store.Subscriptions(context.Background(), ""); err != nil || len(subs) != 0 {
		t.Errorf("got %v, %v; want nothing stored", subs, err)
	}
}

// TestNextFirings shows local times on both sides of a clock change.
func TestNextFirings(t *testing.T) {
	o := newOffice(t)
	o.now = time.Date(2026, 3, 28, 6, 0, 0, 0, time.UTC)
	o.expect(team, "subscribe 02:30 zone:Europe/Berlin",
		"Next digests\nSun 2026-03-29 03:00 CEST\nMon 2026-03-30 02:30 CEST\nTue 2026-03-31 02:30 CEST\n")
	o.now = time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC)
	o.expect(lounge, "subscribe 02:30 zone:Europe/Berlin",
		"Next digests\nSat 2026-10-24 02:30 CEST\nSun 2026-10-25 02:30 CEST\nMon 2026-10-26 02:30 CET\n")
}

func TestSchedule(t *testing.T) {
	o := newOffice(t)
	o.expect(team, "subscribe 09:00 name:Daily", "Sun 2026-05-03 09:00 UTC")
	o.round(time.Date(2026, 5, 3, 9, 0, 10, 0, time.UTC))
	o.expect(team, "schedule 11:00", "“Daily” is now posted every day at 11:00 (UTC).", "Next digests\nMon 2026-05-04 11:00 UTC\nTue")
	o.expect(team, "schedule 11:00 name:daily", "“Daily” is posted every day at 11:00 (UTC) already.", "Next digests\nMon 2026-05-04")
	o.expect(team, "schedule zone:Asia/Tokyo", "every day at 11:00 (Asia/Tokyo)", "Next digests\nMon 2026-05-04 11:00 JST\n")
	o.expect(team, "subscriptions", "Daily this channel · every day at 11:00 (Asia/Tokyo) · next Mon 2026-05-04 11:00 JST · made in chat · made-1")
	o.expect(team, "schedule */5 * * * *", "more often than once an hour")
	o.expect(team, "schedule 8:00 zone:Tokio", "did you mean `Asia/Tokyo`?")
	o.expect(team, "schedule late", `"late" is no time`)
	if got := o.stored("slack:T1", "Daily"); got.Cron != "0 11 * * *" || got.Zone != "Asia/Tokyo" || !got.Since.Equal(morning.Add(30*time.Second)) {
		t.Errorf("got %+v", got)
	}
	for _, at := range []string{"2026-05-03T11:01", "2026-05-04T01:59", "2026-05-04T02:01", "2026-05-04T11:01"} { // 11:00 in Tokyo is 02:00 here
		now, err := time.Parse("2006-01-02T15:04", at)
		o.must(err)
		o.round(now)
	}
	slots, err := o.store.Slots(context.Background(), digest.SlotFilter{Subscription: "made-1"})
	o.must(err)
	var got []string
	for _, s := range slots {
		got = append(got, s.Key)
	}
	if diff := cmp.Diff([]string{"2026-05-04T11:00", "2026-05-03T09:00"}, got); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
}

func TestConfiguredIsReadOnly(t *testing.T) {
	o := newOffice(t)
	o.configured()
	before := o.stored("slack:T1", "House")
	o.expect(team, "schedule 8:00", "“House” is set up in the configuration; change `cron` and `zone` of the [[subscription]] with id = \"house\" there.")
	o.expect(team, "unsubscribe", "remove the [[subscription]] with id = \"house\" there, or `pause` it here")
	if diff := cmp.Diff(before, o.stored("slack:T1", "House")); diff != "" {
		t.Error(diff)
	}
	o.expect(team, "pause", "“House” is paused; `resume House` brings it back.")
	o.configured() // the configuration is read again
	o.expect(team, "subscriptions", "House this channel and slack:T1/C2 · on weekdays at 09:00 (Europe/Berlin) · paused · from the configuration · house")
	o.expect(lounge, "resume", "“House” is posted again.", "Mon 2026-05-04 09:00 CEST")
	o.must(o.store.PutSubscriptions(context.Background(), nil, "config"))
	o.expect(team, "subscriptions", "There is no digest yet", "Ended\nHouse · removed from the configuration")
	o.expect(team, "resume house", "There is no digest here yet")
}

func TestPauseAndResume(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 09:00 zone:Europe/Berlin name:Daily")
	o.expect(team, "resume", "“Daily” is not paused.", "Next digests")
	o.expect(team, "pause until:2026-05-10", "“Daily” is paused until Sun 2026-05-10 00:00 CEST; `resume Daily` brings it back earlier.",
		"Next digests\nSun 2026-05-10 09:00 CEST\n")
	o.expect(team, "subscriptions", "paused until Sun 2026-05-10 00:00 CEST, next Sun 2026-05-10 09:00 CEST")
	o.expect(team, "status", "paused until Sun 2026-05-10 00:00 CEST")
	o.expect(team, "schedule 10:00", "Next digests\nSun 2026-05-10 10:00 CEST\n")
	o.now = time.Date(2026, 5, 10, 6, 0, 0, 0, time.UTC)
	o.expect(team, "subscriptions", " · next Sun 2026-05-10 10:00 CEST")
	o.expect(team, "pause daily until:2d", "paused until Tue 2026-05-12 08:00 CEST", "Next digests\nTue 2026-05-12 10:00 CEST\n")
	for until, want := range map[string]string{"2026-05-09": "write a day to come, as in `until:2026-05-17`", "today": "write a day to come",
		"2027-06-01": "a year at most", "whenever": "not a date or a span"} {
		o.expect(team, "pause until:"+until, want)
	}
	o.expect(team, "resume", "“Daily” is posted again.", "Sun 2026-05-10 10:00 CEST")
	o.expect(team, "pause", "“Daily” is paused;")
	o.expect(team, "pause", "“Daily” is paused;")
	o.expect(team, "schedule 11:00", "is now posted", "It is paused until somebody gives `resume`.")
	o.now = o.now.Add(4 * time.Hour) // no round in between: the newsroom was down
	o.expect(team, "resume", "The one that was due Sun 2026-05-10 11:00 CEST comes at once, late.", "Next digests\nMon 2026-05-11 11:00 CEST\n")
}

// TestLongPause finds the first digest after many that are left out.
func TestLongPause(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 0 * * * * name:Hourly")
	o.expect(team, "pause until:2027-05-01", "Next digests\nSat 2027-05-01 00:00 UTC\nSat 2027-05-01 01:00 UTC\n")
}

// TestSharedIsNobodys keeps a subscription of the shared workspace out of the
// hands of one workspace's managers.
func TestSharedIsNobodys(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutSubscriptions(context.Background(), []digest.Subscription{{ID: "all", Workspace: digest.Shared, Name: "Everywhere",
		Channels: []digest.Address{team, rivals}, Cron: "0 9 * * *", Zone: "UTC"}}, "chat"))
	for _, line := range []string{"unsubscribe", "pause all", "schedule 8:00", "subscriptions"} {
		if got := o.say(team, line); !strings.Contains(got, "no digest") || strings.Contains(got, "Everywhere") {
			t.Errorf("%s: got:\n%s", line, got)
		}
	}
}

func TestDisabledComesBack(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	o.say(team, "subscribe 09:00 name:Daily")
	o.must(o.store.Disable(ctx, "slack:T1", "made-1", "the channel is archived"))
	o.expect(team, "subscriptions", "disabled: the channel is archived")
	o.expect(team, "pause", "“Daily” is disabled: the channel is archived. Bring it back with `resume Daily`.")
	o.expect(team, "subscribe 10:00 name:daily", "Bring it back with `resume Daily`")
	o.expect(team, "schedule 12:00", "It is disabled: the channel is archived.")
	o.expect(team, "resume", "“Daily” is posted again.", "Sun 2026-05-03 12:00 UTC")
	if got := o.stored("slack:T1", "Daily"); got.Disabled != "" {
		t.Errorf("got %+v, want it active", got)
	}
	broken := o.stored("slack:T1", "Daily")
	broken.Cron = "nonsense"
	o.must(o.store.PutSubscriptions(ctx, []digest.Subscription{broken}, "chat"))
	o.expect(team, "subscriptions", "has 1 fields")
	o.expect(team, "resume", "has 1 fields")
}

func TestUnsubscribe(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 09:00")
	o.expect(team, "unsubscribe", "“News digest” has ended; it is not posted to this channel any more.")
	if got, want := o.stored("slack:T1", "News digest").Disabled, "unsubscribed by Ann"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	o.expect(team, "subscriptions", "There is no digest yet", "Ended\nNews digest · unsubscribed by Ann")
	o.expect(team, "unsubscribe", "This channel has no digest")
	o.expect(team, "resume News digest", "There is no digest here yet")
	if got := o.say(team, "status"); strings.Contains(got, "News digest") {
		t.Errorf("status shows what has ended:\n%s", got)
	}
	o.as.Name = "\u202e"
	for i := range 11 {
		o.say(team, "subscribe 09:00")
		o.say(team, fmt.Sprintf("unsubscribe made-%d", i+2))
	}
	o.expect(team, "subscriptions", "unsubscribed by U1", "and 2 more")
}

func TestNames(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 09:00 name:Morning")
	o.say(team, "subscribe 18:00 name:Evening")
	o.say(lounge, "subscribe 10:00 name:Morning")
	o.say(lounge, "subscribe 11:00 name:Late")
	hall := digest.Address{Platform: "slack", Workspace: "T1", Channel: "C3"}
	for _, tt := range []struct {
		at         digest.Address
		line, want string
	}{
		{team, "pause", "This channel has 2 digests; write which one, as in `name:\"Evening\"`; there are “Evening” and “Morning”."},
		{team, "pause Evning", "There is no digest called “Evning”; did you mean “Evening”?"},
		{team, "pause Nonsense", "There is no digest called “Nonsense”; there are “Evening”, “Late”, “Morning” and “Morning”."},
		{team, `pause "morning"`, "“Morning” is paused"},
		{team, "pause “Late”", "“Late” is paused"},
		{hall, "pause", "This channel has no digest; write which one you mean"},
		{hall, "pause Morning", "There are 2 digests called “Morning”; write the id of the one you mean: `made-1` (slack:T1/C1), `made-3` (slack:T1/C2)."},
		{hall, "pause made-3", "“Morning” is paused"},
		{rivals, "pause made-3", "There is no digest here yet"},
		{rivals, "unsubscribe Late", "There is no digest here yet"},
		{rivals, "subscriptions", "There is no digest yet"},
	} {
		o.expect(tt.at, tt.line, tt.want)
	}
	for i := range 9 {
		o.say(digest.Address{Platform: "slack", Workspace: "T1", Channel: fmt.Sprint("X", i)}, "subscribe 9:00 name:More")
	}
	o.expect(hall, "pause", "and 3 more; see `subscriptions`")
}

func TestTest(t *testing.T) {
	c, store := desk(t)
	ctx := context.Background()
	cmd := chat.Command{Name: "test", Address: news, User: manager}
	got := text(c.Handle(ctx, cmd))
	for _, want := range []string{"Test: this is what “Morning” would post to this channel now. Nothing was posted (next Mon 2026-05-04 08:00 UTC).",
		"Port weighs night curfew"} {
		if !strings.Contains(got, want) {
			t.Errorf("got:\n%s\nwant %q in it", got, want)
		}
	}
	if slots, err := store.Slots(ctx, digest.SlotFilter{}); err != nil || len(slots) != 1 {
		t.Errorf("got %d slots, %v; want the one there was", len(slots), err)
	}
	cmd.Args = map[string]string{"name": "Nonsense"}
	if got := text(c.Handle(ctx, cmd)); !strings.Contains(got, "there are “Morning”") {
		t.Errorf("got:\n%s", got)
	}
}

// TestRights lets everybody look, and managers change; nobody changes anything
// from a direct message.
func TestRights(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 9:00 name:Daily")
	before := o.stored("slack:T1", "Daily")
	o.as.Manager = false
	lines := []string{"subscribe 8:00", "unsubscribe", "schedule 10:00", "pause", "resume", "test"}
	for _, line := range lines {
		o.expect(team, line, "Only people who manage this server or workspace may use")
	}
	o.expect(team, "subscriptions", "Daily")
	for _, line := range append(lines, "subscriptions") {
		cmd, err := chat.Parse(command.Specs(), line)
		o.must(err)
		cmd.Address, cmd.User, cmd.Direct = team, manager, true
		if got := text(o.Handle(context.Background(), cmd)); !strings.Contains(got, "Direct messages have no digests") {
			t.Errorf("%s: got:\n%s", line, got)
		}
	}
	if diff := cmp.Diff(before, o.stored("slack:T1", "Daily")); diff != "" {
		t.Error(diff)
	}
}

// TestSubscriptionIsPosted follows a subscription made in chat to its channel.
func TestSubscriptionIsPosted(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutSubscriptions(context.Background(), nil, "config"))
	o.say(team, "subscribe 09:00")
	_, err := o.room.Accept(context.Background(), []digest.Article{{ID: "a1", Workspace: digest.Shared, Source: "wire", Title: "Port weighs night curfew",
		Text: "The port is drafting rules that would halt trains at night. The board votes on June 12.", URL: "https://ledger.example/curfew", Arrived: o.now}})
	o.must(err)
	o.round(time.Date(2026, 5, 3, 9, 0, 5, 0, time.UTC))
	o.expect(team, "latest", "News digest", "Port weighs night curfew")
}

// stuck fails to change anything.
type stuck struct{ command.Manager }

func (stuck) ChangeSubscriptions(context.Context, string, func([]digest.Subscription) ([]digest.Subscription, error)) error {
	return errors.New("secret detail")
}

func TestFailedChangesSaySo(t *testing.T) {
	o := newOffice(t)
	o.say(team, "subscribe 9:00 name:Daily")
	o.Manager = stuck{o.Manager}
	for _, line := range []string{"subscribe 8:00", "unsubscribe", "schedule 10:00", "pause"} {
		o.expect(team, line, "Something went wrong inside Nutgraf")
	}
}
