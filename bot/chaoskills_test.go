package main

import (
	"fmt"
	"testing"
	"time"

	"nutgraf/digest/schedule"
)

// killsARound is how many kills one slot of TestKills sees at most.
const killsARound = 6

// chaosDay is the first day of worlds with a clock of their own.
func chaosDay() time.Time { return time.Date(2025, 3, 3, 6, 0, 0, 0, time.UTC) }

// TestKills kills serve again and again, at random steps around the slots of
// several subscriptions, many a time with requests in flight that the platform
// stores only when their sender is dead. Sometimes serve stays down for longer
// than Discord remembers a nonce.
func TestKills(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, s scene) {
		s.subs, s.platforms, s.cron = 4, []string{"slack", "discord", "web"}, "0 6 * * *"
		first := chaosDay()
		w := newWorld(t, s, first.Add(-time.Hour))
		var articles []string
		for i := range *chaosRounds {
			for n := range 2 {
				articles = append(articles, invented(2*i+n, first.AddDate(0, 0, i).Add(-time.Hour)))
			}
		}
		imported(t, w.dir, articles...)
		a := newAccount()
		for i := range *chaosRounds {
			w.killsAround(t, a, first.AddDate(0, 0, i), 2)
			if t.Failed() {
				break
			}
		}
		a.clean(t)
	})
}

// killsAround kills serve around the slots that are due at an instant.
func (w *world) killsAround(t *testing.T, a *account, due time.Time, stories int) {
	t.Helper()
	w.set(due.Add(-300 * time.Millisecond))
	w.storm(0.6, slow(), slow(), slow(), mishaps()[w.rnd.IntN(len(mishaps()))])
	began := w.now()
	var kills []time.Time
	for range killsARound {
		p := w.spawn(t)
		w.awaitKill(t, p)
		kills = append(kills, p.kill(w))
		if w.rnd.IntN(6) == 0 {
			time.Sleep(w.weather.longest) // what is in flight arrives on this side of the gap
			w.skip(10 * time.Minute)
		}
		if w.complete(began, stories) {
			break
		}
	}
	w.storm(0)
	key := due.Format(schedule.KeyLayout)
	w.finish(t, w.up(t), key)
	w.examine(t, a, key)
	for _, platform := range w.platforms {
		last := w.lastPost(platform)
		for _, at := range kills {
			if at.Before(due) || at.After(last) {
				continue
			}
			a.kills[platform]++
			if w.weather.flying(platform, at) {
				a.inFlight[platform]++
			}
		}
	}
}

// awaitKill waits until the moment of a kill, which is random: while serve
// starts, at any time of its work, or while a platform holds a request.
func (w *world) awaitKill(t *testing.T, p *process) {
	t.Helper()
	kind := w.rnd.IntN(8)
	if kind > 0 {
		p.await(t)
	}
	if kind > 2 {
		platform := [...]string{"slack", "discord"}[kind%2]
		until(time.Second, func() bool { return w.weather.flying(platform, w.now()) }) // or not: then it is killed all the same
		time.Sleep(time.Duration(w.rnd.Int64N(int64(50 * time.Millisecond))))
		return
	}
	time.Sleep(time.Duration(w.rnd.Int64N(int64(700 * time.Millisecond))))
}

// complete tells whether all messages since an instant stand in the channels.
func (w *world) complete(since time.Time, stories int) bool {
	count := make(map[string]int)
	for _, r := range w.postings() {
		if !r.at.Before(since) && r.acknowledged {
			count[r.platform]++
		}
	}
	want := w.subs * (1 + stories)
	return count["slack"] >= want && count["discord"] >= want
}

// lastPost returns when a platform was last asked to store or to look for a
// message. On the web page that is not known.
func (w *world) lastPost(platform string) time.Time {
	var last time.Time
	switch platform {
	case "slack":
		for _, r := range w.slack.Requests() {
			switch r.Method {
			case "chat.postMessage", "conversations.history", "conversations.replies":
				last = r.At
			}
		}
	case "discord":
		for _, r := range w.discord.Requests() {
			if len(r.Path) > 8 && r.Path[:8] == "channels" {
				last = r.At
			}
		}
	}
	return last
}

// TestDoubt lets posts end in doubt in every way there is, while serve lives.
func TestDoubt(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, s scene) {
		s.subs, s.platforms, s.cron = 4, []string{"slack", "discord"}, "0 6 * * *"
		first := chaosDay()
		w := newWorld(t, s, first.Add(-time.Hour))
		a := newAccount()
		for i := range *chaosRounds {
			due := first.AddDate(0, 0, i)
			imported(t, w.dir, invented(i, due.Add(-time.Hour)))
			w.set(due.Add(-300 * time.Millisecond))
			w.storm(0.4, mishaps()...)
			p := w.up(t)
			key := due.Format(schedule.KeyLayout)
			w.finish(t, p, key)
			w.storm(0)
			w.examine(t, a, key)
			if t.Failed() {
				break
			}
		}
		a.clean(t)
	})
}

// TestKillsInLife kills serve at the default timings, with a request in flight
// on both platforms, ten times at once.
func TestKillsInLife(t *testing.T) {
	if !*chaosLife {
		t.Skip("-chaos.life is not given")
	}
	for i := range 10 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			due := chaosDay()
			w := newWorld(t, scene{store: "sqlite", subs: 1, platforms: []string{"slack", "discord"}, cron: "0 6 * * *", timing: "poll = \"15s\""}, due.Add(-time.Hour))
			imported(t, w.dir, invented(0, due.Add(-time.Hour)))
			w.set(due.Add(time.Second))
			w.weather.timeout, w.weather.longest = 10*time.Second, 9*time.Second
			w.storm(1, slow())
			p := w.up(t)
			if !until(chaosPatience, func() bool { return w.weather.flying("slack", w.now()) && w.weather.flying("discord", w.now()) }) {
				t.Fatalf("no post began\n%s", p.said())
			}
			at := p.kill(w)
			w.storm(0)
			a := newAccount()
			for _, platform := range w.platforms {
				a.kills[platform], a.inFlight[platform] = 1, 1
			}
			p = w.up(t)
			key := due.Format(schedule.KeyLayout)
			w.finish(t, p, key)
			w.examine(t, a, key)
			slack, discord := w.lastPost("slack").Sub(at).Round(time.Second), w.lastPost("discord").Sub(at).Round(time.Second)
			t.Logf("Slack's part was cleared up after %s, Discord's after %s", slack, discord)
			if slack > time.Minute || discord > 5*time.Second {
				t.Errorf("want a minute on Slack and 5 seconds on Discord\n%s", p.said())
			}
			a.clean(t)
		})
	}
}
