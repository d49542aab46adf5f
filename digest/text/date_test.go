package text_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest/text"
)

func TestDates(t *testing.T) {
	tests := []struct{ lang, in, want string }{
		{"en", "Nothing here, may I say in 12 of 14 cases.", ""},
		{"en", "They will meet on Thursday.", "Thursday 2026-05-21 +1"},
		{"en", "He said on Monday that it rained.", "Monday 2026-05-18 +1"},
		{"en", "The Fed meets Friday.", "Friday 2026-05-22 +1"},
		{"en", "Talks resume next Wednesday after last Wednesday's end.", "Wednesday 2026-05-27 +1; Wednesday 2026-05-13 +1"},
		{"en", "On May 3, 2026-06-12 and June 12, 2027.", "May 3 2026-05-03 +1; 2026-06-12 2026-06-12 +1; June 12, 2027 2027-06-12 +1"},
		{"en", "Thursday, June 11, and 12-14 August", "Thursday, June 11 2026-06-11 +1; 12-14 August 2026-08-12 +3"},
		{"en", "the 3rd of January 2027; December 30", "3rd of January 2027 2027-01-03 +1; December 30 2025-12-30 +1"},
		{"en", "It opens in September, ends by 2030.", "September 2026-09-01 +30; 2030 2030-01-01 +365"},
		{"en", "last September and next February", "September 2025-09-01 +30; February 2027-02-01 +28"},
		{"en", "tomorrow, tonight, yesterday", "tomorrow 2026-05-21 +1; tonight 2026-05-20 +1; yesterday 2026-05-19 +1"},
		{"en", "next week, last month, this weekend, next year", "next week 2026-05-25 +7; last month 2026-04-01 +30; this weekend 2026-05-23 +2; next year 2027-01-01 +365"},
		{"en", "later this month", "this month 2026-05-20 +12"},
		{"en", "in two weeks, three days ago, in 3 months", "in two weeks 2026-06-03 +1; three days ago 2026-05-17 +1; in 3 months 2026-08-20 +1"},
		{"en", "in the next few days and the coming weeks", "next few days 2026-05-20 +5; coming weeks 2026-05-20 +29"},
		{"en", "on 5/3/2026 or 25/12/2026 but not 31/31/2026", "5/3/2026 2026-05-03 +1; 25/12/2026 2026-12-25 +1"},
		{"en", "February 30 and June 31 do not exist", ""},
		{"de", "Am Donnerstag wird abgestimmt, das sagte er.", "Donnerstag 2026-05-21 +1"},
		{"de", "Das teilte sie am Montag mit.", "Montag 2026-05-18 +1"},
		{"de", "am 12. Juni, am 3.6.2026 und im September 2027", "12. Juni 2026-06-12 +1; 3.6.2026 2026-06-03 +1; September 2027 2027-09-01 +30"},
		{"de", "Am Morgen war es kalt, morgen nicht.", "morgen 2026-05-21 +1"},
		{"de", "nächste Woche, in zwei Wochen, vor drei Tagen", "nächste Woche 2026-05-25 +7; in zwei Wochen 2026-06-03 +1; vor drei Tagen 2026-05-17 +1"},
		{"fr", "jeudi prochain, le 12 juin 2026, la semaine prochaine, en septembre", "jeudi prochain 2026-05-21 +1; 12 juin 2026 2026-06-12 +1; semaine prochaine 2026-05-25 +7; septembre 2026-09-01 +30"},
		{"fr", "il y a trois jours; elle a trois ans", "a trois jours 2026-05-17 +1"},
		{"es", "el jueves 12 de junio de 2026, la próxima semana, hace tres días", "jueves 12 de junio de 2026 2026-06-12 +1; próxima semana 2026-05-25 +7; hace tres días 2026-05-17 +1"},
		{"xx", "on June 12", "June 12 2026-06-12 +1"},
	}
	for _, tt := range tests {
		var got []string
		for _, d := range text.Dates(tt.in, tt.lang, ref) {
			days := int(d.To.Sub(d.From).Hours()) / 24
			got = append(got, fmt.Sprintf("%s %s +%d", tt.in[d.Start:d.End], d.From.Format(time.DateOnly), days))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("Dates(%q, %q) (-want +got):\n%s", tt.in, tt.lang, diff)
		}
	}
}

func TestDatesWithoutReference(t *testing.T) {
	got := text.Dates("tomorrow, on May 3 and on June 12, 2026", "en", time.Time{})
	if len(got) != 1 || got[0].From.Format(time.DateOnly) != "2026-06-12" {
		t.Errorf("Dates without a reference = %v, want the one that names its year", got)
	}
}

func FuzzDates(f *testing.F) {
	f.Add("Thursday, the 12-14 of June 2026, next few days, in 200 years", "en")
	f.Add("vor 3 Tagen am 31.2.2026 z’s", "de")
	f.Fuzz(func(t *testing.T, s, lang string) {
		at := 0
		for _, d := range text.Dates(s, lang, ref) {
			if d.Start < at || d.End <= d.Start || d.End > len(s) || !d.To.After(d.From) {
				t.Fatalf("Dates(%q): %v", s, d)
			}
			at = d.End
		}
	})
}

func TestWeekday(t *testing.T) {
	tests := []struct {
		word, lang string
		want       time.Weekday
		ok         bool
	}{
		{"monday", "en", time.Monday, true},
		{"sunday", "", time.Sunday, true},
		{"sun", "en", 0, false},
		{"june", "en", 0, false},
		{"mittwochs", "de-AT", time.Wednesday, true},
		{"samedi", "fr", time.Saturday, true},
		{"monday", "de", 0, false},
		{"monday", "xx", 0, false},
	}
	for _, tt := range tests {
		if got, ok := text.Weekday(tt.word, tt.lang); ok != tt.ok || ok && got != tt.want {
			t.Errorf("Weekday(%q, %q) = %v, %v, want %v, %v", tt.word, tt.lang, got, ok, tt.want, tt.ok)
		}
	}
}
