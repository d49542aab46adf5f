package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/discord/discordfake"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/slack/slackfake"
	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// theatre is a newsroom with a Slack and a Discord and a clock that is turned.
type theatre struct {
	*newsroom.Newsroom
	t       *testing.T
	slack   *slackfake.Server
	discord *discordfake.Server

	mu  sync.Mutex
	now time.Time
}

const (
	theatreGuild   = "700000000000000001"
	theatreNews    = "900000000000000001"
	theatreAdmins  = "900000000000000002"
	theatreToken   = "token-of-a-bot"
	theatreArticle = "The port of Linden is drafting rules that would halt freight trains at night. The board votes on June 12."
)

func (th *theatre) clock() time.Time {
	th.mu.Lock()
	defer th.mu.Unlock()
	return th.now
}

func (th *theatre) turn(d time.Duration) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.now = th.now.Add(d)
}

// newTheatre has a digest at 08:00 in a channel of each platform, and it is
// 07:00. Operators of Discord have a channel there; the others read Slack.
func newTheatre(t *testing.T, onUnknown string) *theatre {
	t.Helper()
	th := &theatre{t: t, now: time.Date(2026, 5, 4, 7, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	th.slack, err = slackfake.New(th.clock)
	must(err)
	t.Cleanup(th.slack.Close)
	th.discord, err = discordfake.New(discordfake.Options{Token: theatreToken, Now: th.clock})
	must(err)
	t.Cleanup(func() { _ = th.discord.Close() })
	th.discord.AddChannel(theatreGuild, theatreNews, "news", discordfake.All)
	th.discord.AddChannel(theatreGuild, theatreAdmins, "admins", discordfake.All)
	s, err := slack.New(slack.Config{BotToken: digest.NewSecret(slackfake.BotToken), APIURL: th.slack.URL(), Now: th.clock})
	must(err)
	d, err := discord.New(discord.Config{Token: digest.NewSecret(theatreToken), APIURL: th.discord.URL, Now: th.clock})
	must(err)
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "news.db"), sqlstore.Options{Now: th.clock})
	must(err)
	t.Cleanup(func() { _ = store.Close() })
	onSlack := digest.Address{Platform: "slack", Workspace: slackfake.Team, Channel: "C1"}
	onDiscord := digest.Address{Platform: "discord", Workspace: theatreGuild, Channel: theatreNews}
	th.Newsroom = &newsroom.Newsroom{Store: store, Now: th.clock, Worker: "w", Platforms: map[string]newsroom.Platform{"slack": s, "discord": d},
		Manners: map[string]newsroom.Manners{"slack": {Quiet: 40 * time.Second}, "discord": {Quiet: discord.Quiet}},
		Admins: map[string]digest.Address{digest.Shared: {Platform: "slack", Workspace: slackfake.Team, Channel: "C1"},
			onDiscord.Tenant(): {Platform: "discord", Workspace: theatreGuild, Channel: theatreAdmins},
			onSlack.Tenant():   {Platform: "discord", Workspace: theatreGuild, Channel: theatreAdmins}}}
	for id, a := range map[string]digest.Address{"on-slack": onSlack, "on-discord": onDiscord} {
		must(store.PutSubscriptions(t.Context(), []digest.Subscription{{ID: id, Workspace: a.Tenant(), Name: "Morning digest", Channels: []digest.Address{a}, Cron: "0 8 * * *", Zone: "UTC", Language: "en", OnUnknown: onUnknown}}, "chat"))
	}
	th.article("harbour")
	th.settle()
	return th
}

func (th *theatre) article(id string) {
	th.t.Helper()
	_, err := th.Accept(th.t.Context(), []digest.Article{{ID: id, Workspace: digest.Shared, Source: "ledger", Outlet: "Ledger", Title: "Port of Linden weighs night curfew " + id,
		Text: theatreArticle, URL: "https://ledger.example/" + id, Language: "en", Arrived: th.clock(), Published: th.clock()}})
	if err != nil {
		th.t.Fatal(err)
	}
}

func (th *theatre) settle() {
	th.t.Helper()
	for range 100 {
		worked, err := th.Round(th.t.Context())
		if err != nil {
			th.t.Fatal(err)
		}
		if !worked {
			return
		}
	}
	th.t.Fatal("the rounds do not come to an end")
}

// keys are different in every store.
var keys = regexp.MustCompile(`[a-z2-7]{24}`)

// posted returns what a channel shows, as it was sent.
func (th *theatre) posted(channel string) string {
	var out bytes.Buffer
	show := func(text string, raw []byte) {
		if text != "" {
			fmt.Fprintf(&out, "text: %s\n", text)
		}
		if json.Indent(&out, raw, "", " ") == nil {
			out.WriteString("\n")
		}
	}
	for _, p := range th.slack.Posts(channel) {
		show(p.Text, p.Blocks)
	}
	for _, m := range th.discord.Posts(channel) {
		show("", m.Body)
	}
	return keys.ReplaceAllString(out.String(), "KEY")
}

// TestLateDigestIsLabelled shows a late digest on both platforms.
func TestLateDigestIsLabelled(t *testing.T) {
	th := newTheatre(t, "")
	th.turn(4 * time.Hour)
	th.settle()
	for name, channel := range map[string]string{"slack": "C1", "discord": theatreNews} {
		got := th.posted(channel)
		if !strings.Contains(strings.ReplaceAll(got, `\\`, ""), "late, due 08:00") {
			t.Errorf("%s does not say that it is late", name)
		}
		compareGolden(t, filepath.Join("testdata", "late-"+name+".golden"), got)
	}
}

// TestOperatorsAreTold goes through what a platform may answer for good, and
// shows what its operators read then.
func TestOperatorsAreTold(t *testing.T) {
	forGood := func(status, code int, message string) discordfake.Fault {
		f := discordfake.Refusal(status, code, message)
		f.Method, f.Path, f.Times = "POST", theatreNews, -1
		return f
	}
	for _, c := range []struct {
		name  string
		fault func(th *theatre)
		slot  string // of the subscription that is at fault
		told  string // the channel
	}{
		{"slack-archived", func(th *theatre) { th.slack.Fail("chat.postMessage", slackfake.Refuse("is_archived")) }, "on-slack undeliverable", theatreAdmins},
		{"slack-revoked", func(th *theatre) { th.slack.Fail("chat.postMessage", slackfake.Refuse("token_revoked")) }, "on-slack built", theatreAdmins},
		{"slack-no-history", func(th *theatre) {
			th.slack.Fail("chat.postMessage", slackfake.Cut())
			th.slack.SetScopes("chat:write")
		}, "on-slack partial", theatreAdmins},
		{"slack-form", func(th *theatre) {
			th.slack.Fail("chat.postMessage", slackfake.Refuse("invalid_blocks"), slackfake.Refuse("no_text"))
		}, "on-slack partial", theatreAdmins},
		{"discord-permission", func(th *theatre) { th.discord.Permit(theatreNews, discordfake.All&^discordfake.Send) }, "on-discord undeliverable", theatreAdmins},
		{"discord-gone", func(th *theatre) { th.discord.Fail(forGood(404, 10003, "Unknown Channel")) }, "on-discord undeliverable", theatreAdmins},
		{"discord-automod", func(th *theatre) { th.discord.Fail(forGood(400, 200000, "Message was blocked by AutoMod")) }, "on-discord undeliverable", theatreAdmins},
		{"discord-token", func(th *theatre) {
			f := discordfake.Refusal(401, 0, "401: Unauthorized")
			f.Times = -1
			th.discord.Fail(f)
		}, "on-discord built", "C1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			th := newTheatre(t, "")
			own := th.posted(c.told)
			c.fault(th)
			th.turn(time.Hour)
			for range 8 {
				th.settle()
				th.turn(30 * time.Second)
			}
			slots, err := th.Store.Slots(t.Context(), digest.SlotFilter{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range slots {
				got = append(got, s.Subscription+" "+string(s.State))
			}
			if !strings.Contains(strings.Join(got, ", "), c.slot) {
				t.Errorf("slots: %v, want %s", got, c.slot)
			}
			if c.name == "discord-token" {
				if n := len(th.discord.Requests()); n != 1 {
					t.Errorf("%d requests to Discord, want 1", n)
				}
			}
			told := strings.TrimPrefix(th.posted(c.told), own)
			if c.told == "C1" {
				if !strings.Contains(told, "token refused") {
					t.Errorf("not told: %s", told)
				}
				return
			}
			if n := strings.Count(told, "**Nutgraf"); n != 1 {
				t.Errorf("told %d times", n)
			}
			compareGolden(t, filepath.Join("testdata", "told-"+c.name+".golden"), told)
		})
	}
}
