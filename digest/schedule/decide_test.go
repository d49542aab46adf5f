package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

func TestDecide(t *testing.T) {
	at := func(key string) time.Time { return mustTime(t, key) }
	slot := func(key string) digest.Slot { // decided when due
		return digest.Slot{Key: key, At: at(key), Decided: at(key)}
	}
	old := at("2026-01-01T00:00")
	tests := []struct {
		name         string
		fields, zone string
		sub          digest.Subscription
		last         digest.Slot
		now          string
		want         []string // "key state [late] [reason]"
	}{
		{"on time", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-03T08:00"), "2026-05-04T08:00",
			[]string{"2026-05-04T08:00 due"}},
		{"not yet", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-03T08:00"), "2026-05-04T07:59", nil},
		{"decided already", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-04T08:00"), "2026-05-04T08:01", nil},
		{"down over the slot", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-03T08:00"), "2026-05-04T11:00",
			[]string{"2026-05-04T08:00 due late"}},
		{"down three days", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-01T08:00"), "2026-05-04T11:00",
			[]string{"2026-05-02T08:00 missed it was found 51h0m0s late", "2026-05-03T08:00 missed it was found 27h0m0s late", "2026-05-04T08:00 due late"}},
		{"down longer than the catch-up time", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-03T08:00"), "2026-05-04T14:01",
			[]string{"2026-05-04T08:00 missed it was found 6h1m0s late, which is over the catch-up time of 6h0m0s"}},
		{"at the end of the catch-up time", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-03T08:00"), "2026-05-04T14:00",
			[]string{"2026-05-04T08:00 due late"}},
		{"a catch-up time of its own", "0 8 * * *", "UTC", digest.Subscription{Since: old, CatchUp: time.Hour}, slot("2026-05-03T08:00"), "2026-05-04T09:01",
			[]string{"2026-05-04T08:00 missed it was found 1h1m0s late"}},
		{"several inside the catch-up time", "0 6,8,10 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-03T10:00"), "2026-05-04T10:01",
			[]string{"2026-05-04T06:00 missed the slot 2026-05-04T10:00 covers it", "2026-05-04T08:00 missed the slot 2026-05-04T10:00 covers it", "2026-05-04T10:00 due"}},
		{"clock back two hours", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-04T08:00"), "2026-05-04T06:30", nil},
		{"clock back two days", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-04T08:00"), "2026-05-02T08:30", nil},
		{"clock forward two days", "0 8 * * *", "UTC", digest.Subscription{Since: old}, slot("2026-05-04T08:00"), "2026-05-06T08:30",
			[]string{"2026-05-05T08:00 missed it was found", "2026-05-06T08:00 due late"}},
		{"new at 08:00:30", "0 8 * * *", "UTC", digest.Subscription{Since: at("2026-05-04T08:00").Add(30 * time.Second)}, digest.Slot{}, "2026-05-04T08:01", nil},
		{"new, the day after", "0 8 * * *", "UTC", digest.Subscription{Since: at("2026-05-04T08:00").Add(30 * time.Second)}, digest.Slot{}, "2026-05-05T08:00",
			[]string{"2026-05-05T08:00 due"}},
		{"made at an unknown time", "0 8 * * *", "UTC", digest.Subscription{}, digest.Slot{}, "2026-05-05T09:00",
			[]string{"2026-05-05T08:00 due late"}},
		{"moved to later today, after today's slot", "0 18 * * *", "UTC", digest.Subscription{Since: old, Changed: at("2026-05-04T09:00")}, slot("2026-05-04T08:00"), "2026-05-04T18:00", nil},
		{"moved to later, the next day", "0 18 * * *", "UTC", digest.Subscription{Since: old, Changed: at("2026-05-04T09:00")}, slot("2026-05-04T08:00"), "2026-05-05T18:00",
			[]string{"2026-05-05T18:00 due"}},
		{"moved to earlier, before today's slot", "0 8 * * *", "UTC", digest.Subscription{Since: old, Changed: at("2026-05-04T09:00")}, slot("2026-05-03T10:00"), "2026-05-04T09:01", nil},
		{"moved and back on one day", "0 8 * * *", "UTC", digest.Subscription{Since: old, Changed: at("2026-05-04T09:30")}, slot("2026-05-04T08:00"), "2026-05-05T08:00",
			[]string{"2026-05-05T08:00 due"}},
		{"zone moved west, same date comes again", "0 8 * * *", "America/New_York", digest.Subscription{Since: old, Changed: at("2026-05-04T01:00")},
			digest.Slot{Key: "2026-05-04T08:00", At: at("2026-05-03T23:00"), Decided: at("2026-05-03T23:00")}, "2026-05-04T12:00", nil},
		{"zone moved west, the next date", "0 8 * * *", "America/New_York", digest.Subscription{Since: old, Changed: at("2026-05-04T01:00")},
			digest.Slot{Key: "2026-05-04T08:00", At: at("2026-05-03T23:00"), Decided: at("2026-05-03T23:00")}, "2026-05-05T12:00",
			[]string{"2026-05-05T08:00 due"}},
		{"an old change does not hold back", "0 8,18 * * *", "UTC", digest.Subscription{Since: old, Changed: at("2026-05-03T09:00")}, slot("2026-05-04T08:00"), "2026-05-04T18:00",
			[]string{"2026-05-04T18:00 due"}},
		{"the zone's rule moved the slot", "0 8 * * *", "UTC", digest.Subscription{Since: old},
			digest.Slot{Key: "2026-05-04T08:00", At: at("2026-05-04T07:00"), Decided: at("2026-05-04T07:00")}, "2026-05-04T08:30", nil},
		{"paused", "0 8 * * *", "UTC", digest.Subscription{Since: old, Paused: true}, slot("2026-05-03T08:00"), "2026-05-04T08:00",
			[]string{"2026-05-04T08:00 missed the subscription was paused"}},
		{"paused till this morning", "0 8 * * *", "UTC", digest.Subscription{Since: old, Paused: true, PausedTill: at("2026-05-05T00:00")}, slot("2026-05-03T08:00"), "2026-05-05T08:00",
			[]string{"2026-05-04T08:00 missed the subscription was paused", "2026-05-05T08:00 due"}},
		{"a day off", "0 8 * * *", "UTC", digest.Subscription{Since: old, DaysOff: []string{"2026-05-04"}}, slot("2026-05-03T08:00"), "2026-05-04T08:00",
			[]string{"2026-05-04T08:00 missed a day off"}},
		{"a day off every year, and the day after", "0 8 * * *", "UTC", digest.Subscription{Since: old, DaysOff: []string{"05-04"}}, slot("2026-05-03T08:00"), "2026-05-05T08:00",
			[]string{"2026-05-04T08:00 missed a day off", "2026-05-05T08:00 due"}},
		{"a late digest of yesterday on a day off", "0 22 * * *", "UTC", digest.Subscription{Since: old, CatchUp: 48 * time.Hour, DaysOff: []string{"05-04"}}, slot("2026-05-02T22:00"), "2026-05-04T22:00",
			[]string{"2026-05-03T22:00 due late", "2026-05-04T22:00 missed a day off"}},
		{"disabled", "0 8 * * *", "UTC", digest.Subscription{Since: old, Disabled: "removed from the configuration"}, slot("2026-05-03T08:00"), "2026-05-04T08:00", nil},
		{"gap in the night", "30 2 * * *", "Europe/Berlin", digest.Subscription{Since: old}, slot("2026-03-28T02:30"), "2026-03-29T01:00",
			[]string{"2026-03-29T02:30 due"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.sub.ID = "s"
			now := at(tt.now)
			slots := Decide(mustPlan(t, tt.fields, tt.zone), tt.sub, tt.last, now)
			var got []string
			for i, s := range slots {
				line := s.Key + " " + string(s.State)
				if s.Late {
					line += " late"
				}
				if s.Reason != "" {
					line += " " + s.Reason
				}
				if i < len(tt.want) && strings.HasPrefix(line, tt.want[i]) {
					line = tt.want[i]
				}
				got = append(got, line)
				if s.Subscription != "s" || !s.Decided.Equal(now) || (s.State == digest.SlotMissed) == s.Closed.IsZero() {
					t.Errorf("slot %s is not filled: %+v", s.Key, s)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("decided (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckDay(t *testing.T) {
	for day, ok := range map[string]bool{"2026-12-25": true, "12-25": true, "02-29": true, "2026-02-29": false, "13-01": false, "25.12.": false, "": false} {
		if err := CheckDay(day); (err == nil) != ok {
			t.Errorf("%q: got %v, want it taken: %v", day, err, ok)
		}
	}
}

// TestDecideAfterYears lets the clock jump by ten years: few rows, quickly, and
// the newest of them is the one that counts.
func TestDecideAfterYears(t *testing.T) {
	p := mustPlan(t, "0 * * * *", "America/New_York")
	now := mustTime(t, "2036-05-04T08:10")
	last := digest.Slot{Key: "2026-05-04T08:00", At: mustTime(t, "2026-05-04T12:00"), Decided: mustTime(t, "2026-05-04T12:00")}
	slots := Decide(p, digest.Subscription{ID: "s", Since: mustTime(t, "2026-01-01T00:00")}, last, now)
	if len(slots) != maxMissed {
		t.Fatalf("got %d slots, want %d", len(slots), maxMissed)
	}
	newest := slots[len(slots)-1]
	if got, want := newest.Key+" "+string(newest.State), "2036-05-04T04:00 due"; got != want {
		t.Errorf("got newest %s, want %s", got, want)
	}
	if want := "so are 9399 slots before it"; !strings.Contains(slots[0].Reason, want) {
		t.Errorf("got reason %q, want %q in it", slots[0].Reason, want)
	}
}

func BenchmarkDecideAfterYears(b *testing.B) {
	p := mustPlan(b, "0 * * * *", "America/New_York")
	now := mustTime(b, "2036-05-04T08:10")
	sub := digest.Subscription{ID: "s", Since: mustTime(b, "2026-01-01T00:00")}
	for b.Loop() {
		Decide(p, sub, digest.Slot{}, now)
	}
}
