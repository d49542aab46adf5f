package command

import (
	"strings"
	"testing"

	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

func TestCronOf(t *testing.T) {
	for _, tt := range []struct{ written, days, want, words string }{
		{"08:00", "", "0 8 * * *", "every day at 08:00"},
		{"8am", "", "0 8 * * *", "every day at 08:00"},
		{"8 AM", "", "0 8 * * *", "every day at 08:00"},
		{"12am", "", "0 0 * * *", "every day at 00:00"},
		{"12:15 p.m.", "", "15 12 * * *", "every day at 12:15"},
		{"8.30", "", "30 8 * * *", "every day at 08:30"},
		{"18h05", "", "5 18 * * *", "every day at 18:05"},
		{"noon", "", "0 12 * * *", "every day at 12:00"},
		{"midnight on weekends", "", "0 0 * * 0,6", "on weekends at 00:00"},
		{"every day at 7", "", "0 7 * * *", "every day at 07:00"},
		{"weekdays 8:30", "", "30 8 * * 1-5", "on weekdays at 08:30"},
		{"mon,thu 7:00", "", "0 7 * * 1,4", "on Mon and Thu at 07:00"},
		{"7:00 Mondays, Sundays", "", "0 7 * * 0,1", "on Mon and Sun at 07:00"},
		{"mon-fri 9:00", "", "0 9 * * 1-5", "on weekdays at 09:00"},
		{"Friday to Monday 9:00", "", "0 9 * * 0,1,5,6", "on Mon, Fri, Sat and Sun at 09:00"},
		{"8:00 and 18:00", "", "0 8,18 * * *", "every day at 08:00 and 18:00"},
		{"08:00", "weekdays", "0 8 * * 1-5", "on weekdays at 08:00"},
		{"08:00", "tue, thu – sat", "0 8 * * 2,4,5,6", "on Tue, Thu, Fri and Sat at 08:00"},
		{"08:00", "every day", "0 8 * * *", "every day at 08:00"},
		{" 0  8 * * 1-5 ", "", "0 8 * * 1-5", "on weekdays at 08:00"},
		{"0 8 * * MON,7", "", "0 8 * * MON,7", "on Mon and Sun at 08:00"},
		{"0 8 1 * *", "", "0 8 1 * *", "by cron 0 8 1 * *"},
		{"*/90 8 * * *", "", "*/90 8 * * *", "by cron */90 8 * * *"},
		{"0 */2 * * *", "", "0 */2 * * *", "by cron 0 */2 * * *"},
		{"0 8 * * 1-5/2", "", "0 8 * * 1-5/2", "by cron 0 8 * * 1-5/2"},
	} {
		t.Run(tt.written, func(t *testing.T) {
			got, err := cronOf(tt.written, tt.days)
			if err != nil || got != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
			if got := inWords(got).String(); got != tt.words {
				t.Errorf("in words: got %q, want %q", got, tt.words)
			}
			if _, err := schedule.Parse(got, "UTC"); err != nil && !strings.HasPrefix(got, "*/90") {
				t.Errorf("not a schedule: %v", err)
			}
		})
	}
}

func TestCronOfRefuses(t *testing.T) {
	for _, tt := range []struct{ written, days, want string }{
		{"often", "", `"often" is no time of day and no day of the week; write it like`},
		{"daily", "", "The time of day is missing"},
		{"25:00", "", `"25:00" is no time`},
		{"13pm", "", `"13pm" is no time`},
		{"14:00 pm", "", `"pm" is no time`},
		{"8:00 17:30", "", "must have the same minute"},
		{"mon 8:00", "tue", "given twice"},
		{"8:00", "someday", `"someday" is no day`},
		{"0 8 * * *", "mon", "leave `days` out"},
		{"every 2 hours", "", `"hours" is no time`},
	} {
		t.Run(tt.written, func(t *testing.T) {
			got, err := cronOf(tt.written, tt.days)
			if digest.KindOf(err) != digest.Invalid || !strings.Contains(digest.Explain(err), tt.want) {
				t.Errorf("got %q, %v; want %q in it", got, err, tt.want)
			}
		})
	}
}

// FuzzCronOf holds that whatever is understood can be said in words again.
func FuzzCronOf(f *testing.F) {
	for _, s := range []string{"08:00", "mon-fri 8 am", "0 8 * * 1-5", "a to b", "8:00 - 9:00", "sat–tue noon"} {
		f.Add(s, "mon")
	}
	f.Fuzz(func(t *testing.T, written, days string) {
		cron, err := cronOf(written, days)
		if err != nil {
			if digest.KindOf(err) != digest.Invalid {
				t.Errorf("%q: got %v, want it explained", written, err)
			}
			return
		}
		if isCron(strings.Fields(written)) {
			return
		}
		if _, err := schedule.Parse(cron, "UTC"); err != nil {
			t.Errorf("%q became %q: %v", written, cron, err)
		}
		words := inWords(cron)
		again, err := cronOf(words.String(), "")
		if err != nil || again != cron {
			t.Errorf("%q became %q, in words %q, and that %q, %v", written, cron, words, again, err)
		}
	})
}

func TestZoneOf(t *testing.T) {
	for written, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "europe/berlin": "Europe/Berlin", "utc": "UTC",
		"America/New York": "America/New_York", "Asia/Pyongyang": "Asia/Pyongyang"} {
		if got, err := zoneOf(written); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", written, got, err, want)
		}
	}
	for written, want := range map[string]string{"Berlin": "did you mean `Europe/Berlin`?", "new york": "did you mean `America/New_York`?",
		"Europe/Berln": "did you mean `Europe/Berlin`?", "tokio": "did you mean `Asia/Tokyo`?", "Local": "write the IANA name",
		"Middle-earth/Shire": "write the IANA name", "../etc/passwd": "write the IANA name", "Germany/Berlin": "did you mean `Europe/Berlin`?"} {
		if _, err := zoneOf(written); digest.KindOf(err) != digest.Invalid || !strings.Contains(digest.Explain(err), want) {
			t.Errorf("%s: got %v, want %q in it", written, err, want)
		}
	}
	for _, z := range knownZones() {
		if _, err := schedule.Parse("0 8 * * *", z); err != nil {
			t.Error(err)
		}
	}
}
