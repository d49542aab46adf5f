package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func mustPlan(t testing.TB, fields, zone string) Plan {
	t.Helper()
	p, err := Parse(fields, zone)
	if err != nil {
		t.Fatalf("Parse(%q, %q): %v", fields, zone, err)
	}
	return p
}

// written returns slots as "key=instant" lines.
func written(slots []digest.Slot) []string {
	var out []string
	for _, s := range slots {
		out = append(out, s.Key+"="+s.At.Format("2006-01-02T15:04Z07:00"))
	}
	return out
}

func TestSlotsAroundClockChanges(t *testing.T) {
	tests := []struct {
		name, fields, zone, from string
		want                     []string
	}{
		{"gap in New York", "30 2 * * *", "America/New_York", "2026-03-07T12:00",
			[]string{"2026-03-08T02:30=2026-03-08T07:00Z", "2026-03-09T02:30=2026-03-09T06:30Z"}},
		{"gap in Berlin", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00",
			[]string{"2026-03-29T02:30=2026-03-29T01:00Z", "2026-03-30T02:30=2026-03-30T00:30Z"}},
		{"overlap in New York", "30 1 * * *", "America/New_York", "2026-10-31T12:00",
			[]string{"2026-11-01T01:30=2026-11-01T05:30Z", "2026-11-02T01:30=2026-11-02T06:30Z"}},
		{"overlap in Berlin", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00",
			[]string{"2026-10-25T02:30=2026-10-25T00:30Z", "2026-10-26T02:30=2026-10-26T01:30Z"}},
		{"between the two occurrences", "30 1 * * *", "America/New_York", "2026-11-01T05:30",
			[]string{"2026-11-02T01:30=2026-11-02T06:30Z"}},
		{"in the second occurrence", "30 1 * * *", "America/New_York", "2026-11-01T06:10",
			[]string{"2026-11-02T01:30=2026-11-02T06:30Z"}},
		{"midnight gap in Cairo", "0 0 * * *", "Africa/Cairo", "2026-04-23T12:00",
			[]string{"2026-04-24T00:00=2026-04-23T22:00Z", "2026-04-25T00:00=2026-04-24T21:00Z"}},
		{"midnight gap in Beirut", "0 0 * * *", "Asia/Beirut", "2026-03-28T12:00",
			[]string{"2026-03-29T00:00=2026-03-28T22:00Z", "2026-03-30T00:00=2026-03-29T21:00Z"}},
		{"midnight gap in Havana", "0 0 * * *", "America/Havana", "2026-03-07T12:00",
			[]string{"2026-03-08T00:00=2026-03-08T05:00Z", "2026-03-09T00:00=2026-03-09T04:00Z"}},
		{"midnight gap in Santiago", "0 0 * * *", "America/Santiago", "2026-09-05T12:00",
			[]string{"2026-09-06T00:00=2026-09-06T04:00Z", "2026-09-07T00:00=2026-09-07T03:00Z"}},
		{"midnight overlap in Havana", "30 0 * * *", "America/Havana", "2026-10-31T12:00",
			[]string{"2026-11-01T00:30=2026-11-01T04:30Z", "2026-11-02T00:30=2026-11-02T05:30Z"}},
		{"half an hour on Lord Howe, gap", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00",
			[]string{"2026-10-04T02:15=2026-10-03T15:30Z", "2026-10-05T02:15=2026-10-04T15:15Z"}},
		{"half an hour on Lord Howe, overlap", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00",
			[]string{"2026-04-05T01:45=2026-04-04T14:45Z", "2026-04-06T01:45=2026-04-05T15:15Z"}},
		{"the day Samoa skipped", "0 8 * * *", "Pacific/Apia", "2011-12-29T00:00",
			[]string{"2011-12-29T08:00=2011-12-29T18:00Z", "2011-12-30T08:00=2011-12-30T10:00Z", "2011-12-31T08:00=2011-12-30T18:00Z"}},
		{"the day Samoa skipped, midnight", "0 0 * * *", "Pacific/Apia", "2011-12-29T00:00",
			[]string{"2011-12-29T00:00=2011-12-29T10:00Z", "2011-12-30T00:00=2011-12-30T10:00Z", "2012-01-01T00:00=2011-12-31T10:00Z"}},
		{"the day Kwajalein skipped", "0 0 * * *", "Pacific/Kwajalein", "1993-08-20T00:00",
			[]string{"1993-08-20T00:00=1993-08-20T12:00Z", "1993-08-21T00:00=1993-08-21T12:00Z", "1993-08-23T00:00=1993-08-22T12:00Z"}},
		{"every hour over a gap", "0 * * * *", "Europe/Berlin", "2026-03-28T23:30",
			[]string{"2026-03-29T01:00=2026-03-29T00:00Z", "2026-03-29T02:00=2026-03-29T01:00Z", "2026-03-29T04:00=2026-03-29T02:00Z"}},
		{"every hour over an overlap", "0 * * * *", "Europe/Berlin", "2026-10-24T23:30",
			[]string{"2026-10-25T02:00=2026-10-25T00:00Z", "2026-10-25T03:00=2026-10-25T02:00Z"}},
		{"a new offset", "0 8 * * *", "Asia/Pyongyang", "2018-05-03T12:00",
			[]string{"2018-05-04T08:00=2018-05-03T23:30Z", "2018-05-05T08:00=2018-05-04T23:00Z"}},
		{"31 December of a leap year", "0 23 * * *", "America/New_York", "2052-12-31T05:00",
			[]string{"2052-12-31T23:00=2053-01-01T04:00Z", "2053-01-01T23:00=2053-01-02T04:00Z"}},
		{"weekdays", "0 8 * * 1-5", "UTC", "2026-11-20T09:00",
			[]string{"2026-11-23T08:00=2026-11-23T08:00Z"}},
		{"Sunday as 7", "0 8 * * 7", "UTC", "2026-11-20T09:00",
			[]string{"2026-11-22T08:00=2026-11-22T08:00Z", "2026-11-29T08:00=2026-11-29T08:00Z"}},
		{"range to 7", "0 8 * * 6-7", "UTC", "2026-11-20T09:00",
			[]string{"2026-11-21T08:00=2026-11-21T08:00Z", "2026-11-22T08:00=2026-11-22T08:00Z", "2026-11-28T08:00=2026-11-28T08:00Z"}},
		{"range to Sunday by name", "0 8 * * FRI-SUN/2", "UTC", "2026-11-20T07:00",
			[]string{"2026-11-20T08:00=2026-11-20T08:00Z", "2026-11-22T08:00=2026-11-22T08:00Z", "2026-11-27T08:00=2026-11-27T08:00Z"}},
		{"leap day over 2100", "0 8 29 2 *", "UTC", "2096-03-01T00:00",
			[]string{"2104-02-29T08:00=2104-02-29T08:00Z"}},
		{"day of month or day of week", "0 8 13 * 5", "UTC", "2026-11-12T09:00",
			[]string{"2026-11-13T08:00=2026-11-13T08:00Z", "2026-11-20T08:00=2026-11-20T08:00Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.fields, tt.zone)
			from := mustTime(t, tt.from)
			got := p.Upcoming(from, len(tt.want))
			if diff := cmp.Diff(tt.want, written(got)); diff != "" {
				t.Errorf("slots after %s (-want +got):\n%s", tt.from, diff)
			}
			between := p.Between(from, got[len(got)-1].At)
			if diff := cmp.Diff(got, between); diff != "" {
				t.Errorf("Between differs from Upcoming:\n%s", diff)
			}
		})
	}
}

// TestNextIsTheSameFromAnywhere asks for slots from every quarter of an hour
// around clock changes: the answer may not depend on where the search starts.
func TestNextIsTheSameFromAnywhere(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"} {
		for _, fields := range []string{"0 * * * *", "30 1 * * *", "0 0 * * *", "15 2,3 * * *"} {
			p := mustPlan(t, fields, zone)
			for _, start := range []string{"2026-03-01T00:00", "2026-09-25T00:00", "2011-12-28T00:00"} {
				from := mustTime(t, start)
				slots := p.Between(from, from.Add(40*24*time.Hour))
				i := 0
				for at := from; i < len(slots); at = at.Add(15 * time.Minute) {
					for i < len(slots) && !slots[i].At.After(at) {
						i++
					}
					if i == len(slots) {
						break
					}
					if got, _ := p.Next(at); got.Key != slots[i].Key || !got.At.Equal(slots[i].At) {
						t.Fatalf("%s %s: Next(%s) = %s, want %s", zone, fields, at, got.Key, slots[i].Key)
					}
				}
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ fields, zone, want string }{
		{"", "UTC", "the schedule is missing"},
		{"0 8 * *", "UTC", "has 4 fields"},
		{"0 0 8 * * *", "UTC", "has 6 fields"},
		{"TZ=0", "UTC", "give the zone apart"},
		{"TZ=UTC", "UTC", "give the zone apart"},
		{"CRON_TZ=Europe/Paris", "UTC", "give the zone apart"},
		{"TZ=UTC 0 8 * * *", "UTC", "give the zone apart"},
		{"@every 1ns", "UTC", "short form"},
		{"@daily", "UTC", "short form"},
		{"0 0 30 2 *", "UTC", "never comes"},
		{"0 0 31 2,4,6,9,11 *", "UTC", "never comes"},
		{"* * * * *", "UTC", "more often than once an hour"},
		{"0,30 8 * * *", "UTC", "more often than once an hour"},
		{"*/30 8 1 1 *", "UTC", "more often than once an hour"},
		{"0 24 * * *", "UTC", `hour "24"`},
		{"60 8 * * *", "UTC", `minute "60"`},
		{"0 8 0 * *", "UTC", `day of month "0"`},
		{"0 8 * 13 *", "UTC", `month "13"`},
		{"0 8 * * 8", "UTC", `day of week "8"`},
		{"0 8 * * 8-7", "UTC", `day of week "8-7"`},
		{"0 8 * * fro-sun", "UTC", `day of week "fro-sun"`},
		{"0 8 * * ?", "UTC", `day of week "?"`},
		{"0 8 L * *", "UTC", `day of month "l"`},
		{"0 8,, * * *", "UTC", `hour "8,,"`},
		{"0 8-6 * * *", "UTC", `hour "8-6"`},
		{"0 */0 * * *", "UTC", `hour "*/0"`},
		{"0 8 * * " + strings.Repeat("1,", 100) + "1", "UTC", "over 120 characters"},
		{"0 8 * * *", "", "time zone is missing"},
		{"0 8 * * *", "Local", "another one on every machine"},
		{"0 8 * * *", "Mars/Olympus", `"Mars/Olympus" is unknown; write an IANA name`},
		{"0 8 * * *", "europe/berlin", `did you mean "Europe/Berlin"`},
		{"0 8 * * *", "america/new york", `did you mean "America/New_York"`},
		{"0 8 * * *", "../../etc/passwd", "is unknown"},
	}
	for _, tt := range tests {
		_, err := Parse(tt.fields, tt.zone)
		if err == nil {
			t.Errorf("Parse(%q, %q) took it", tt.fields, tt.zone)
			continue
		}
		if digest.KindOf(err) != digest.Invalid || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q, %q): got %v %q, want invalid with %q", tt.fields, tt.zone, digest.KindOf(err), err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0 8 * * *", "TZ=0", "TZ=", "CRON_TZ=UTC", "CRON_TZ=Europe/Paris", "@every 1ns", "@every -5s", "0 0 30 2 *", "0 9 * * 7",
		"30 2 29 2 mon-7/2", "0 */99 1-31/9 jan-dec sun-sun", "0 8 * * 7,7-7"} {
		f.Add(s, "Europe/Berlin")
	}
	f.Add("0 8 * * *", "Local")
	f.Fuzz(func(t *testing.T, fields, zone string) {
		p, err := Parse(fields, zone)
		if err != nil {
			if digest.KindOf(err) != digest.Invalid {
				t.Errorf("got kind %v, want invalid: %v", digest.KindOf(err), err)
			}
			return
		}
		prev := mustTime(t, "2026-01-01T00:00")
		for range 30 {
			s, ok := p.Next(prev)
			if !ok || !s.At.After(prev) {
				t.Fatalf("Parse(%q, %q): Next(%s) = %v, %v", fields, zone, prev, s, ok)
			}
			prev = s.At
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("30 2 * * 1-5", "America/New_York"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	p := mustPlan(b, "30 2 * * *", "America/New_York")
	at := mustTime(b, "2026-01-01T00:00")
	for b.Loop() {
		s, _ := p.Next(at)
		at = s.At
	}
}
