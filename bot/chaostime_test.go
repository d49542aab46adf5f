package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

// TestDowntime lets serve deliver a slot, and then be down for a while over the
// next ones: there is one late digest at most, and every slot has its outcome.
func TestDowntime(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		every   time.Duration // between two slots
		down    time.Duration // after the first slot that was missed
		slots   int           // over which it was down
		digests int
		missed  int
	}{
		{day, 10 * time.Minute, 1, 1, 0},
		{day, 5 * time.Hour, 1, 1, 0},
		{day, 7 * time.Hour, 1, 0, 1},
		{day, 2*day + 4*time.Hour, 3, 1, 2},
		{day, 2*day + 14*time.Hour, 3, 0, 3},
		{time.Hour, 3*time.Hour + 30*time.Minute, 4, 1, 3}, // each could be caught up with
	} {
		t.Run(fmt.Sprintf("%s over %d slots", c.down, c.slots), func(t *testing.T) {
			t.Parallel()
			due := chaosDay()
			cron := "0 6 * * *"
			if c.every < day {
				cron = "0 * * * *"
			}
			w := newWorld(t, scene{store: "sqlite", subs: 1, platforms: []string{"slack", "discord"}, cron: cron}, due.Add(-time.Minute))
			var articles []string
			for i := range 1 + c.slots {
				articles = append(articles, invented(i, due.Add(time.Duration(i)*c.every-30*time.Minute)))
			}
			imported(t, w.dir, articles...)
			w.set(due.Add(-100 * time.Millisecond))
			w.finish(t, w.up(t), due.Format(schedule.KeyLayout))
			last := due.Add(time.Duration(c.slots) * c.every)
			w.set(due.Add(c.every + c.down))
			a := newAccount()
			w.finish(t, w.up(t), last.Format(schedule.KeyLayout))
			slots := w.slots(t)
			got := make(map[digest.SlotState]int)
			for _, s := range slots {
				got[s.State]++
				if s.Key != due.Format(schedule.KeyLayout) && s.State == digest.SlotDone && !s.Late {
					t.Errorf("the digest of %s is not labelled late", s.Key)
				}
				w.examine(t, a, s.Key)
			}
			if got[digest.SlotDone] != 1+c.digests || got[digest.SlotMissed] != c.missed || len(slots) != 1+c.slots {
				t.Errorf("the slots are %v, want %d done and %d missed", got, 1+c.digests, c.missed)
			}
			a.clean(t)
		})
	}
}

// slots returns all slots of a world.
func (w *world) slots(t *testing.T) []digest.Slot {
	t.Helper()
	store := w.open(t)
	defer store.Close()
	slots, err := store.Slots(context.Background(), digest.SlotFilter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return slots
}

// TestStop stops serve with twenty posts in flight: it ends in under ten
// seconds and well, and what it left in doubt is there once in the end. The
// platforms answer within the time that is left, or never.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		way  mishap
		long bool
	}{
		{"slow", slow(), false},
		{"stored, no answer", storedThenHang(), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.long && *chaosRounds < 2 {
				t.Skip("takes ten seconds; -chaos.rounds=2 runs it")
			}
			due := chaosDay()
			w := newWorld(t, scene{store: "sqlite", subs: 10, platforms: []string{"slack", "discord"}, cron: "0 6 * * *",
				timing: "poll = \"300ms\"\ntimeout = \"10s\"\nquiet = \"11s\"\nlease = \"30s\""}, due.Add(-time.Hour))
			imported(t, w.dir, invented(0, due.Add(-time.Hour)))
			w.set(due.Add(time.Second))
			w.weather.timeout, w.weather.longest = 10*time.Second, 4*time.Second
			w.storm(1, c.way)
			p := w.up(t)
			if !until(20*time.Second, func() bool { return len(w.postings()) >= 20 }) {
				t.Fatalf("%d posts began, want 20\n%s", len(w.postings()), p.said())
			}
			begun := len(w.postings())
			took, err := p.stop(t)
			if took >= 8500*time.Millisecond || err != nil { // seven seconds for what is in flight
				t.Errorf("serve ended after %s with %v\n%s", took, err, p.said())
			}
			t.Logf("ended after %s", took.Round(time.Millisecond))
			if n := len(w.postings()); n != begun {
				t.Errorf("%d posts were begun after the stop", n-begun)
			}
			w.storm(0)
			w.skip(time.Minute) // the quiet time is not what is tested here
			a := newAccount()
			key := due.Format(schedule.KeyLayout)
			w.finish(t, w.up(t), key)
			w.examine(t, a, key)
			a.clean(t)
		})
	}
}

// TestCrashLoop starts and kills serve every second when there is nothing to
// do: nothing is posted.
func TestCrashLoop(t *testing.T) {
	t.Parallel()
	due := chaosDay()
	w := newWorld(t, scene{store: "sqlite", subs: 1, platforms: []string{"slack", "discord"}, cron: "0 6 * * *"}, due.Add(-time.Hour))
	imported(t, w.dir, invented(0, due.Add(-time.Hour)))
	w.set(due.Add(time.Second))
	key := due.Format(schedule.KeyLayout)
	w.finish(t, w.up(t), key)
	began := len(w.postings())
	crashes := 3 * *chaosRounds
	for range crashes {
		p := w.up(t)
		time.Sleep(time.Second) // as a supervisor does that restarts what crashes
		p.kill(w)
	}
	if n := len(w.postings()); n != began {
		t.Errorf("%d posts were made", n-began)
	}
	a := newAccount()
	w.examine(t, a, key)
	a.clean(t)
}
