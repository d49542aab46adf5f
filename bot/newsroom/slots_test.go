package newsroom_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

// TestDowntime is away over the slot of 08:00, or several, for a while.
func TestDowntime(t *testing.T) {
	for _, tt := range []struct {
		name  string
		back  time.Time
		late  int // digests that are delivered after all
		slots []string
	}{
		{"10 minutes", at(24+8, 3), 1, []string{"2026-05-05T08:00 done"}},
		{"an hour", at(24+8, 50), 1, []string{"2026-05-05T08:00 done late"}},
		{"5 hours", at(24+12, 55), 1, []string{"2026-05-05T08:00 done late"}},
		{"7 hours", at(24+14, 55), 0, []string{"2026-05-05T08:00 missed"}},
		{"3 days, back in time", at(96+9, 0), 1,
			[]string{"2026-05-05T08:00 missed", "2026-05-06T08:00 missed", "2026-05-07T08:00 missed", "2026-05-08T08:00 done late"}},
		{"3 days, back too late", at(96+7, 55), 0, []string{"2026-05-05T08:00 missed", "2026-05-06T08:00 missed", "2026-05-07T08:00 missed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, daily())
			b.clock.set(at(8, 0))
			b.settle()
			before := b.chat.count(t)["chat:news"]
			if b.clock.set(at(24+7, 53)); len(tt.slots) > 1 {
				b.clock.set(tt.back.Add(-2 * time.Hour))
			}
			b.news("bridge") // is pushed while nobody delivers
			b.clock.set(tt.back)
			b.restart()
			back := b.clock.Now()
			for range 6 {
				b.settle()
				b.clock.turn(10 * time.Second)
			}
			b.wantSlots(append([]string{"2026-05-04T08:00 done"}, tt.slots...)...)
			parts := b.chat.count(t)["chat:news"] - before
			if headers := len(b.headers()) - 1; headers != tt.late || parts != tt.late*2 {
				t.Errorf("%d digests in %d parts within a minute of %s, want %d in %d", headers, parts, back.Format(time.TimeOnly), tt.late, tt.late*2)
			}
			labelled := strings.Contains(strings.Join(b.headers(), "\n"), "late, due 08:00")
			if want := strings.HasSuffix(tt.slots[len(tt.slots)-1], " late"); labelled != want {
				t.Errorf("the header says that it is late: %v, want %v", labelled, want)
			}
			slots, err := b.store.Slots(t.Context(), digest.SlotFilter{States: []digest.SlotState{digest.SlotMissed}})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range slots {
				if s.Reason == "" {
					t.Errorf("slot %s was missed for no reason", s.Key)
				}
			}
		})
	}
}

// headers returns the headers that are visible.
func (b *bench) headers() []string {
	b.chat.mu.Lock()
	defer b.chat.mu.Unlock()
	var out []string
	for _, body := range b.chat.bodies {
		if strings.Contains(body, `"kind":"header"`) {
			out = append(out, body)
		}
	}
	return out
}

// TestOneADay turns the clock and changes the schedule and the zone around a
// slot: no local date has two digests, and no slot is posted twice.
func TestOneADay(t *testing.T) {
	type step struct {
		to         time.Time // zero leaves the clock
		cron, zone string    // "" leaves the subscription
	}
	berlin := "Europe/Berlin"
	for _, tt := range []struct {
		name  string
		first step
		steps []step
		slots []string
	}{
		{"later the same day", step{}, []step{{to: at(8, 0)}, {to: at(8, 30), cron: "0 9 * * *"}, {to: at(9, 0)}, {to: at(24+9, 0)}},
			[]string{"2026-05-04T08:00", "2026-05-05T09:00"}},
		{"earlier the same day", step{}, []step{{to: at(7, 50), cron: "0 7 * * *"}, {to: at(8, 0)}, {to: at(24+7, 0)}},
			[]string{"2026-05-05T07:00"}},
		{"to and fro", step{}, []step{{to: at(8, 0)}, {to: at(8, 1), cron: "5 8 * * *"}, {to: at(8, 5)}, {to: at(8, 6), cron: "10 8 * * *"}, {to: at(8, 10)},
			{cron: "0 8 * * *"}, {to: at(24+8, 0)}}, []string{"2026-05-04T08:00", "2026-05-05T08:00"}},
		{"a zone to the east", step{}, []step{{to: at(8, 0)}, {to: at(8, 1), zone: "Asia/Tokyo"}, {to: at(23, 0)}, {to: at(24+23, 0)}},
			[]string{"2026-05-04T08:00", "2026-05-05T08:00", "2026-05-06T08:00"}},
		{"a zone to the west", step{zone: "Asia/Tokyo"}, []step{{to: at(23, 0)}, {to: at(23, 1), zone: "America/Los_Angeles"}, {to: at(24+15, 0)}, {to: at(48+15, 0)}},
			[]string{"2026-05-05T08:00", "2026-05-06T08:00"}},
		{"the clock goes back", step{}, []step{{to: at(8, 0)}, {to: at(6, 0)}, {to: at(8, 0)}, {to: at(7, 59)}, {to: at(8, 1)}},
			[]string{"2026-05-04T08:00"}},
		{"spring: 02:30 does not exist", step{cron: "30 2 * * *", zone: berlin}, []step{{to: time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC)},
			{to: time.Date(2027, 3, 28, 0, 59, 0, 0, time.UTC)}, {to: time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC)}, {to: time.Date(2027, 3, 28, 1, 30, 0, 0, time.UTC)},
			{to: time.Date(2027, 3, 29, 0, 30, 0, 0, time.UTC)}}, []string{"2027-03-28T02:30", "2027-03-29T02:30"}},
		{"autumn: 02:30 comes twice", step{cron: "30 2 * * *", zone: berlin}, []step{{to: time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)},
			{to: time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)}, {to: time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)}, {to: time.Date(2026, 10, 26, 1, 30, 0, 0, time.UTC)}},
			[]string{"2026-10-25T02:30", "2026-10-26T02:30"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sub := daily()
			change := func(s step) bool {
				cron, zone := sub.Cron, sub.Zone
				if s.cron != "" {
					sub.Cron = s.cron
				}
				if s.zone != "" {
					sub.Zone = s.zone
				}
				return sub.Cron != cron || sub.Zone != zone
			}
			change(tt.first)
			b := newBench(t, sub)
			b.settle()
			for n, s := range tt.steps {
				if !s.to.IsZero() {
					if s.to.After(b.clock.Now().Add(12 * time.Hour)) { // a leap would be held
						b.clock.set(s.to.Add(-time.Hour))
						for range 2 {
							if _, err := b.Decide(t.Context()); err != nil {
								t.Fatal(err)
							}
						}
						b.settle()
					}
					b.clock.set(s.to)
				}
				if change(s) {
					if err := b.store.PutSubscriptions(t.Context(), []digest.Subscription{sub}, "config"); err != nil {
						t.Fatal(err)
					}
				}
				if s.to.After(at(7, 0)) {
					b.news(fmt.Sprint("quay", n))
				}
				b.settle()
			}
			var got []string
			dates := make(map[string]bool)
			for _, s := range b.slots() {
				key, state, _ := strings.Cut(s, " ")
				if strings.HasPrefix(state, "missed") {
					continue
				}
				got = append(got, key)
				if date, _, _ := strings.Cut(key, "T"); dates[date] {
					t.Errorf("two digests on %s", date)
				} else {
					dates[date] = true
				}
			}
			if diff := cmp.Diff(tt.slots, got); diff != "" {
				t.Errorf("slots (-want +got):\n%s", diff)
			}
			b.chat.count(t)
		})
	}
}
