package chat

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*[\d.]*([a-zA-Z%])`)

// verbs returns the verbs of a format by the argument they show.
func verbs(format string) map[int]string {
	out, next := make(map[int]string), 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next = int(m[1][0] - '0')
		}
		out[next] = m[2]
		next++
	}
	return out
}

// TestCatalogues reads every catalogue and sees that a translation shows the
// arguments that the English has.
func TestCatalogues(t *testing.T) {
	for _, lang := range Languages() {
		if lang == "en" {
			continue
		}
		words := translations()[lang]
		if len(words) == 0 {
			t.Errorf("the catalogue %s is missing, or cannot be read", lang)
		}
		for english, said := range words {
			if diff := cmp.Diff(verbs(english), verbs(said)); diff != "" {
				t.Errorf("%s: %q does not show the arguments of %q (-want +got)\n%s", lang, said, english, diff)
			}
		}
	}
	for lang := range translations() {
		if !slices.Contains(Languages(), lang) {
			t.Errorf("the catalogue %s is of no language that is offered", lang)
		}
	}
}

// TestTypography holds the translations against the rules at the top of their
// files: the marks of each language, and the blanks beside them.
func TestTypography(t *testing.T) {
	typed := regexp.MustCompile("`[^`]*`|https?://[^ ]*|%(?:\\[\\d\\])?[.\\d]*[a-zA-Z]") // what people type, and arguments
	always := `'|\.\.\.|  |^ | $`
	wrong := map[string]string{
		"de": `”|“[^ ]*“|\b(Sie|Ihr|du|dein)\b`,
		"fr": `[“”„]|[^\x{202f}][;?!»]|«[^\x{202f}]|[^\x{a0}]:( |$)|(^| )(tu|ton|tes) `,
		"es": `[“”„]| [;:?!]|^[^¿]*\?|^[^¡]*!|\b(usted|su cuenta)\b`,
		"ja": `[“”„]|[\p{Hiragana}\p{Katakana}\p{Han}][,;:?!(\w]|[)\w][\p{Hiragana}\p{Katakana}\p{Han}]| [（）：、。「」？]|[（）：、。「」？] `,
	}
	for _, tt := range []struct{ lang, said string }{
		{"de", "so ”nicht“"}, {"fr", "quoi?"}, {"fr", "ainsi: non"}, {"fr", "l'heure"}, {"es", "así?"}, {"ja", "記事3件"}, {"ja", "記事 （3）"},
	} {
		if !regexp.MustCompile(always + "|" + wrong[tt.lang]).MatchString(tt.said) {
			t.Errorf("%s: %q passes", tt.lang, tt.said)
		}
	}
	for lang, words := range translations() {
		rule := regexp.MustCompile(always + "|" + wrong[lang])
		for english, said := range words {
			if english == said || strings.Contains(english, "search ") {
				continue
			}
			if at := rule.FindString(typed.ReplaceAllString(said, "§")); at != "" {
				t.Errorf("%s: %q has %q", lang, said, at)
			}
		}
	}
}

func TestTranslation(t *testing.T) {
	general := "Something went wrong inside Nutgraf; the log of the program says what."
	de := Locale{Language: "de"}
	tests := []struct {
		name      string
		got, want string
	}{
		{"English", Locale{}.T(general), general},
		{"German", de.T(general), "In Nutgraf ist etwas schiefgegangen; was, steht im Protokoll des Programms."},
		{"not in the catalogue", de.T("%d of %s", 2, "x"), "2 of x"},
		{"no arguments, a percent sign", de.T("100%"), "100%"},
		{"an internal error", de.Explain(errors.New("disk on fire")), "In Nutgraf ist etwas schiefgegangen; was, steht im Protokoll des Programms."},
		{"an error without a template", de.Explain(&digest.Error{Kind: digest.Invalid, Msg: "So."}), "So."},
		{"an error in an error", Locale{}.Explain(digest.Errorf(digest.Invalid, "Not this: %w", digest.Errorf(digest.Invalid, "%q is no day", "x"))), `Not this: "x" is no day`},
		{"one", Locale{}.N(1, "%d story", "%d stories"), "1 story"},
		{"many", Locale{}.N(0, "%d story", "%d stories"), "0 stories"},
		{"French counts nought as one", Locale{Language: "fr"}.N(0, "%d story", "%d stories"), "0 sujet"},
		{"Japanese knows no plural", Locale{Language: "ja"}.N(1, "%d story", "%d stories"), "話題 1 件"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

// slowLinguist finds a language only when it may not look for it any longer.
type slowLinguist struct{ HandlerFunc }

func (slowLinguist) Locale(ctx context.Context, _ Command) Locale {
	<-ctx.Done()
	return LocaleFor("fr", "")
}

func TestLocaleOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if got := LocaleOf(t.Context(), slowLinguist{}, Command{}); got.Language != "fr" || time.Since(began) != time.Second {
			t.Errorf("got %q after %s, want \"fr\" after a second", got.Language, time.Since(began))
		}
	})
	if got := LocaleOf(t.Context(), HandlerFunc(nil), Command{User: User{Locale: "de-AT"}}); got.Language != "de" {
		t.Errorf("got %q, want the person's language", got.Language)
	}
}

func TestParseGroups(t *testing.T) {
	specs := []Spec{{Name: "feed add", Options: []Option{{Name: "url", Required: true}}}, {Name: "feed list"}, {Name: "story"}}
	tests := []struct{ line, name, problem string }{
		{"feed add https://a.example", "feed add", ""},
		{"/digest feed list", "feed list", ""},
		{"Feed List", "feed list", ""},
		{"feed", "", "`feed` needs to know what to do; write one of `feed add`, `feed list`."},
		{"feed ad https://a.example", "", "There is no command `feed ad`; did you mean `feed add`?"},
		{"feed drop", "", "There is no command `feed drop`; write one of `feed add`, `feed list`."},
		{"fed list", "", "There is no command `fed`; did you mean `feed`?"},
	}
	for _, tt := range tests {
		c, err := Parse(specs, tt.line)
		problem := ""
		if err != nil {
			problem = digest.Explain(err)
		}
		if c.Name != tt.name || problem != tt.problem {
			t.Errorf("%q: got %q and %q, want %q and %q", tt.line, c.Name, problem, tt.name, tt.problem)
		}
	}
}

// TestStored tells again what is kept in English: also reasons within reasons.
func TestStored(t *testing.T) {
	at := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)
	plan, err := schedule.Parse("0 * * * *", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	sub := digest.Subscription{ID: "a", Cron: "0 * * * *", Zone: "UTC", Since: at.Add(-9 * time.Hour), CatchUp: 2 * time.Hour}
	reasons := make(map[string]string)
	for _, s := range schedule.Decide(plan, sub, digest.Slot{}, at) {
		reasons[s.Key] = s.Reason
	}
	for _, tt := range []struct{ english, lang, want string }{
		{reasons["2026-05-04T00:00"], "de", "er wurde mit 8h0m0s Verspätung bemerkt, mehr als die Nachholfrist von 2h0m0s"},
		{reasons["2026-05-04T07:00"], "es", "el turno 2026-05-04T08:00 lo cubre"},
		{"the subscription was disabled: unsubscribed by Ann", "de", "das Abo war deaktiviert: beendet von Ann"},
		{"3 of 5 parts sent, 1 rejected, 1 unknown: not_in_channel", "fr", "parties envoyées\u00a0: 3 sur 5 (refusées\u00a0: 1, incertaines\u00a0: 1)\u00a0: not_in_channel"},
		{"3 outlets, 2 reprints not counted", "ja", "3 媒体、転載 2 件を除く"},
		{"source weight 1.5", "fr", "poids de la source 1,5"},
		{"2 new articles since 2026-05-03 08:00 UTC", "ja", "2026-05-03 08:00 UTC 以降の新しい記事 2 件"},
		{"votes +3 for the outlet Harbour Post", "de", "Stimmen +3 für das Medium Harbour Post"},
		{"what nobody knows", "de", "what nobody knows"},
		{"skipped by Ann", "en", "skipped by Ann"},
	} {
		if got := Stored(tt.english).In(Locale{Language: tt.lang}); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.english, got, tt.want)
		}
	}
	if got, want := (Locale{Language: "de"}).Decimal(0.864), "0,86"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
