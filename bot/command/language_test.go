package command_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"nutgraf/adapters/chat"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

// tour is a walk through all commands: what works, and what does not.
func tour() []string {
	return strings.Split(strings.TrimSpace(`
help
help search
help serach
help draft-show
latest
latest sport
latest date:2020-01-01
latest saved:yes
search comet
search unicorns
search
search x since:soon
search x colour:red
story 1
story 99
story nonsense
serch comet
feed
feed ad x
summarize https://nowhere.example/
summarize https://harbour.example/seals
why
why nonsense
since
since 2030-01-01
topics
now
sources
status
subscriptions
subscribe often
subscribe 25:00
subscribe 61 8 * * *
subscribe 0 8 31 2 *
subscribe * * * * *
subscribe 0 8 * * 1 zone:Berlin
subscribe mon,thu 7:00 name:Two
subscribe mon,thu 7:00 name:Two
subscribe 0 8 1 * * name:Three
subscribe weekends 7:00 and 9:00 name:Four
subscribe 8:00 and 9:30
pause Two
pause Two until:2026-05-20
pause Two until:2020-01-01
pause nobody
schedule 9:00
schedule 9:00 name:Two
schedule 9:00 name:Two
subscriptions
resume Two
resume Two
test Two
settings Two
settings Two stories:99
settings Two stories:many
settings Two length:long
settings Two images:perhaps
settings Two ping:@all
settings Two days-off:2026-99-99
settings Two lead:1s
settings Two catch-up:900h
settings Two also-in:C9
settings Two length:short images:yes
filter list Two
filter include comet name:Two
filter exclude /(/ name:Two
filter exclude cheese name:Two
filter list Two
filter remove nothing name:Two
filter remove comet name:Two
mute story 1 name:Two
mute source Ledger name:Two until:5d
mute topic comet name:Two
mute source
mute remove nothing name:Two
mute remove comet name:Two
filter list Two
unsubscribe Two
subscriptions
unsubscribe "House"
settings House stories:3
feed list
feed add https://feeds.example/one
feed add https://feeds.example/one
feed add ::
feed test https://feeds.example/one
feed list
feed remove One
feed remove nobody
import
export
export toml
audit
dm on
dm off
covered https://harbour.example/seals
save https://harbour.example/seals
forget-votes
confirm nothing
discard nothing
story "open quotation
latest one two three
`), "\n")
}

// shown is all that a reply shows, with buttons and menus.
func shown(r chat.Reply) []string {
	out := strings.Split(text(r), "\n")
	for _, m := range r.Messages {
		for _, b := range m.Buttons {
			out = append(out, b.Label)
		}
		for _, menu := range m.Menus {
			out = append(out, menu.Label)
		}
	}
	return out
}

// walk gives all commands of the tour, and opens all forms, in an office that
// speaks a language.
func walk(t *testing.T, lang string) map[string][]string {
	o := newOffice(t)
	o.Language = lang
	o.must(o.store.PutSubscriptions(t.Context(), []digest.Subscription{{ID: "house", Workspace: team.Tenant(), Name: "House",
		Channels: []digest.Address{team, lounge}, Cron: "0 9 * * mon-fri", Zone: "Europe/Berlin", Language: lang, Origin: "config"}}, "config"))
	d := o.drafted()
	out := make(map[string][]string)
	first := o.first(team).Brief.ID
	lines := append(tour(), "keep "+first, "keep "+first, "useful "+first, "useless "+first, "references "+first, "why",
		"draft-show "+d.ID, "draft-drop "+d.ID+" "+first, "draft-top "+d.ID+" nothing", "draft-add "+d.ID+" unicorns", "draft-approve "+d.ID, "draft-skip "+d.ID, "draft-show nothing")
	for _, line := range lines {
		cmd, err := chat.Parse(command.Specs(), line)
		cmd.Address, cmd.User = team, o.as
		if err != nil {
			out[line] = []string{o.Locale(t.Context(), cmd).Explain(err)}
			continue
		}
		out[line] = append(out[line], shown(o.Handle(t.Context(), cmd))...)
		cmd.User.Manager = false
		out[line] = append(out[line], shown(o.Handle(t.Context(), cmd))...)
		cmd.Direct = true
		out[line] = append(out[line], shown(o.Handle(t.Context(), cmd))...)
	}
	for _, name := range []string{"subscribe", "schedule", "search", "import"} {
		out["the form of "+name] = o.asked(t.Context(), chat.Command{Name: name, Address: team, User: manager})
	}
	out["the form of draft-title"] = o.asked(t.Context(), chat.Command{Name: "draft-title", Args: map[string]string{"id": d.ID, "story": o.draft(d.ID).Edition.Items[0].Brief.ID}, Address: lounge, User: manager})
	return out
}

// asked is what a form shows.
func (o *office) asked(ctx context.Context, cmd chat.Command) []string {
	f, err := o.Form(ctx, cmd)
	loc := o.Locale(ctx, cmd)
	if err != nil {
		return []string{loc.Explain(err)}
	}
	if f == nil {
		return nil
	}
	out := []string{f.Title, f.Submit}
	for _, in := range f.Fields {
		out = append(out, in.Label, loc.T(in.Help))
		for _, v := range in.Values {
			out = append(out, v.Label)
		}
	}
	return out
}

var gap = regexp.MustCompile("%(?:\\[\\d\\])?[-+# 0]*[\\d.]*[a-zA-Z]|`[^`]*`|\\[\\[[a-z]*\\]\\]")

// scraps are the parts of English sentences that give them away in a sentence
// of another language.
func scraps(t *testing.T, words map[string]string) []string {
	t.Helper()
	all := " "
	for _, said := range words {
		all += strings.ToLower(said) + " \n "
	}
	seen := make(map[string]bool)
	for english := range words {
		for _, part := range gap.Split(english, -1) {
			part = strings.ToLower(strings.TrimFunc(part, func(r rune) bool { return !unicode.IsLetter(r) }))
			if part != "news digest" && strings.Contains(part, " ") && utf8.RuneCountInString(part) > 7 && !strings.Contains(all, part) {
				seen[part] = true
			}
		}
	}
	out := make([]string, 0, len(seen))
	for part := range seen {
		out = append(out, part)
	}
	return out
}

// TestNoLanguageIsMixed gives every command in a channel of each language, and
// looks for scraps of English in the answers.
func TestNoLanguageIsMixed(t *testing.T) {
	for _, lang := range chat.Languages() {
		if lang == "en" {
			continue
		}
		t.Run(lang, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("..", "..", "adapters", "chat", "locales", lang+".toml"))
			if err != nil {
				t.Fatal(err)
			}
			words := make(map[string]string)
			if err := toml.Unmarshal(data, &words); err != nil {
				t.Fatal(err)
			}
			english := scraps(t, words)
			for line, said := range walk(t, lang) {
				for _, s := range said {
					low := strings.ToLower(s)
					for _, scrap := range english {
						if at := strings.Index(low, scrap); at >= 0 && !borders(low, at, len(scrap)) {
							t.Errorf("%s: %q holds the English %q", line, s, scrap)
							break
						}
					}
				}
			}
		})
	}
}

// borders reports whether a part of a text goes on in a word.
func borders(s string, at, n int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at+n:])
	return unicode.IsLetter(before) || unicode.IsLetter(after)
}

// TestGermanChannel reads some answers as people see them.
func TestGermanChannel(t *testing.T) {
	o := newOffice(t)
	o.Language = "de"
	o.posted()
	for _, tt := range []struct{ line, want string }{
		{"help", "Das Archiv durchsuchen, Neuestes zuerst"},
		{"help subscribe", "In diesem Kanal regelmäßig einen Digest posten."},
		{"subscribe mon,thu 7:00 zone:Europe/Berlin name:Zwei", "„Zwei“ wird am Mo und Do um 07:00 (Europe/Berlin) in diesem Kanal gepostet."},
		{"subscribe often", "\"often\" ist weder eine Uhrzeit noch ein Wochentag; so schreiben:"},
		{"subscribe 61 8 * * *", "Minute \"61\" des Zeitplans ist nicht lesbar; möglich ist 0 bis 59"},
		{"serch comet", "Es gibt keinen Befehl `serch`; war `search` gemeint?"},
		{"search x since:soon", "`since:soon` ist weder ein Datum noch eine Zeitspanne"},
		{"latest", "Montag, 4. Mai 2026"},
		{"status", "nächster Di 2026-05-05 08:00 UTC"},
		{"subscriptions", "dieser Kanal · täglich um 08:00 (UTC)"},
		{"why", "1 Medium ×1,00; neuester vor"},
		{"settings Zwei length:short", "Länge kurz (short)"},
		{"settings Zwei length:shrot", "`length:shrot` ist nicht möglich; zur Wahl stehen full, short, line; war `short` gemeint?"},
		{"pause Zwei", "„Zwei“ ist pausiert; `resume Zwei` setzt ihn fort."},
		{"unsubscribe Zwei", "„Zwei“ ist beendet"},
		{"subscriptions", "Zwei · beendet von Ann"},
	} {
		cmd, err := chat.Parse(command.Specs(), tt.line)
		cmd.Address, cmd.User = team, manager
		got := o.Locale(t.Context(), cmd).Explain(err)
		if err == nil {
			got = strings.Join(shown(o.Handle(t.Context(), cmd)), "\n")
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: got:\n%s\nwant %q in it", tt.line, got, tt.want)
		}
	}
}

// TestWhoseLanguage holds that answers come in the language of the channel, and
// on Discord and on the page, which tell it, in that of the person.
func TestWhoseLanguage(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutSubscriptions(t.Context(), []digest.Subscription{
		{ID: "a", Workspace: team.Tenant(), Name: "A", Channels: []digest.Address{team}, Cron: "0 9 * * *", Zone: "Asia/Tokyo", Language: "ja"},
		{ID: "b", Workspace: "discord:G1", Name: "B", Channels: []digest.Address{{Platform: "discord", Workspace: "G1", Channel: "1"}}, Cron: "0 9 * * *", Zone: "UTC", Language: "fr"},
		{ID: "c", Workspace: digest.Local, Name: "C", Channels: []digest.Address{{Platform: "web", Channel: "news"}}, Cron: "0 9 * * *", Zone: "UTC", Language: "ja"},
	}, "chat"))
	for _, tt := range []struct{ address, locale, want string }{
		{"slack:T1/C1", "de-AT", "ja"},
		{"slack:T1/C2", "de-AT", "en"},
		{"discord:G1/1", "de-AT", "de"},
		{"discord:G1/1", "", "fr"},
		{"discord:G1/1", "pl", "fr"},
		{"discord:G1/2", "es-ES", "es"},
		{"discord:G1/2", "", "en"},
		{"web:news", "fr", "fr"},
		{"web:news", "", "ja"},
	} {
		a, err := digest.ParseAddress(tt.address)
		o.must(err)
		got := o.Locale(t.Context(), chat.Command{Name: "help", Address: a, User: chat.User{Locale: tt.locale}})
		if got.Language != tt.want {
			t.Errorf("%s, %q: got %s, want %s", tt.address, tt.locale, got.Language, tt.want)
		}
	}
}

// TestDraftKeepsItsLanguage changes a draft in a channel that speaks another
// language: what all its members see stays in that of the digest.
func TestDraftKeepsItsLanguage(t *testing.T) {
	o := newOffice(t)
	o.Language = "de"
	d := o.drafted()
	o.Language = "en"
	got := strings.Join(shown(o.ask(lounge, "draft-drop "+d.ID+" "+d.Edition.Items[0].Brief.ID, "m1")), "\n")
	for _, want := range []string{"Entwurf: News digest", "Freigeben", "Herausnehmen"} {
		if !strings.Contains(got, want) {
			t.Errorf("got:\n%s\nwant %q in it", got, want)
		}
	}
}
