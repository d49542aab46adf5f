package intake

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	const want = "2026-11-22T14:10:00Z"
	for _, c := range []struct{ in, want string }{
		{"2026-11-22T14:10:00Z", want},
		{"2026-11-22T15:10:00+01:00", want},
		{"2026-11-22T15:10:00+0100", want},
		{"2026-11-22T15:10+01", want},
		{"2026-11-22t14:10:00z", want},
		{"2026-11-22 14:10:00", want},
		{"2026-11-22 14:10:00 UTC", want},
		{"2026-11-22 14:10:00.0 +0000 UTC m=+0.012", want},
		{"2026-11-22T14:10:00.123456Z", "2026-11-22T14:10:00.123Z"},
		{"20261122T141000Z", want},
		{"20261122141000", want},
		{"2026/11/22 14:10", want},
		{"2026-11-22", "2026-11-22T00:00:00Z"},
		{"2026-11", "2026-11-01T00:00:00Z"},
		{"2026-11-22T24:00:00Z", "2026-11-23T00:00:00Z"},
		{"2026-11-22T15:10:00+01:00[Europe/Berlin]", want},
		{"Sun, 22 Nov 2026 14:10:00 GMT", want},
		{"Sun, 22 Nov 2026 15:10:00 +0100", want},
		{"Sun, 22 Nov 26 14:10 UT", want},
		{"22 Nov 2026 09:10:00 EST", want},
		{"Thu, 22 Nov 2026 14:10:00 +0000 (Coordinated Universal Time)", want}, // the wrong weekday is not worth an article
		{"Sunday, 22-Nov-26 14:10:00 GMT", want},
		{"Sun Nov 22 14:10:00 2026", want},
		{"Sun Nov 22 15:10:00 CET 2026", want},
		{"Sun Nov 22 2026 15:10:00 GMT+0100 (Central European Standard Time)", want},
		{"22 November 2026 15:10 CET", want},
		{"Nov 22, 2026", "2026-11-22T00:00:00Z"},
		{"Nov. 22, 2026 at 9:10 a.m. ET", want},
		{"July 4, 2026, 9:10 AM ET", "2026-07-04T13:10:00Z"},
		{"November 22nd, 2026 2:10pm", want},
		{"November 22, 2026 12:05 AM", "2026-11-22T00:05:00Z"},
		{"November 22, 2026 12:05 PM", "2026-11-22T12:05:00Z"},
		{"22. November 2026, 15:10 Uhr MEZ", want},
		{"So., 22. Nov. 2026, 15.10 Uhr MEZ", want},
		{"3. März 2026", "2026-03-03T00:00:00Z"},
		{"22.11.2026 14:10", want},
		{"22 de noviembre de 2026 a las 14:10", want},
		{"22 novembre 2026 à 14h10", want},
		{"1er août 2026", "2026-08-01T00:00:00Z"},
		{"22/11/2026 14:10", want},
		{"11/22/2026 2:10 PM", want},
		{"03/04/2026", "2026-03-04T00:00:00Z"},
		{"03.04.2026", "2026-04-03T00:00:00Z"},
		{"1795356600", want},
		{"1795356600123", "2026-11-22T14:10:00.123Z"},
		{" Published: Nov 22, 2026 ", "2026-11-22T00:00:00Z"},
		{"29 Feb 2028", "2028-02-29T00:00:00Z"},
		{"2026", "2026-01-01T00:00:00Z"},
		{"0001-01-01T00:00:00Z", ""},
		{"0000-00-00 00:00:00", ""},
		{"31 Feb 2026", ""},
		{"2026-13-01", ""},
		{"2026-11-22T25:00:00Z", ""},
		{"yesterday", ""},
		{"The draft of May 3, 2026", ""},
		{"Harbor, city", ""},
		{"May", ""},
		{"12", ""},
		{"", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			at, ok := ParseTime(c.in)
			got := ""
			if ok {
				got = at.Format("2006-01-02T15:04:05.999Z07:00")
			}
			if got != c.want {
				t.Errorf("ParseTime(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-11-22T15:10:00+01:00", "Sun, 22 Nov 2026 15:10:00 +0100", "22. November 2026, 15.10 Uhr", "11/22/2026 2:10 PM ET", "1795356600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := ParseTime(s)
		if !ok {
			return
		}
		if at.IsZero() || at.Location() != time.UTC || at.Nanosecond()%1e6 != 0 {
			t.Errorf("ParseTime(%q) = %v, want UTC with milliseconds", s, at)
		}
		if written := at.Format(time.RFC3339Nano); at.Year() < 10000 && at.Year() >= 1000 {
			if again, ok := ParseTime(written); !ok || !again.Equal(at) {
				t.Errorf("ParseTime(%q) = %v, written %q and read as %v, %v", s, at, written, again, ok)
			}
		}
	})
}

func BenchmarkParseTime(b *testing.B) {
	for b.Loop() {
		ParseTime("Sun, 22 Nov 2026 15:10:00 +0100")
	}
}
