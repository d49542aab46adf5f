package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"nutgraf/adapters/sqlstore/pgtest"
	"nutgraf/digest/schedule"
)

// TestReplicas lets two, then four processes share slots that are due at once
// on one PostgreSQL database, by the server's clock. One of them is killed, and
// one is stopped for longer than its lease and what the others need to take
// over, and wakes up then.
func TestReplicas(t *testing.T) {
	if *chaosStore == "sqlite" {
		t.Skip("several processes share PostgreSQL only")
	}
	t.Parallel()
	for _, replicas := range []int{2, 4} {
		t.Run(fmt.Sprint(replicas), func(t *testing.T) {
			t.Parallel()
			a := newAccount()
			for range *chaosRounds {
				shareSlots(t, a, replicas)
				if t.Failed() {
					break
				}
			}
			a.clean(t)
		})
	}
}

// shareSlots is one round: a world of its own.
func shareSlots(t *testing.T, a *account, replicas int) {
	t.Helper()
	now := time.Now().UTC()
	due := now.Add(-2 * time.Minute).Truncate(time.Minute)
	// Several processes with hundreds of slots keep a small machine so busy that
	// a fiftieth of the timeout would be too short.
	const timeout, quiet, lease = time.Second, 3 * time.Second, 4 * time.Second
	w := newWorld(t, scene{store: "postgres", wallClock: true, subs: *chaosSlots, platforms: []string{"slack", "discord"}, apart: true,
		cron:   fmt.Sprintf("%d %d * * *", due.Minute(), due.Hour()),
		timing: fmt.Sprintf("poll = %q\ntimeout = %q\nquiet = %q\nlease = %q", chaosPoll, timeout, quiet, lease)}, due.Add(-time.Hour))
	w.weather.timeout, w.weather.longest, w.weather.gentle = timeout, quiet*5/8, true
	imported(t, w.dir, invented(0, now.Add(-time.Hour)))
	w.storm(0.1, slow())
	all := make([]*process, replicas)
	for i := range all {
		all[i] = w.up(t)
	}
	key := due.Format(schedule.KeyLayout)
	pause := func(longest time.Duration) { time.Sleep(time.Duration(w.rnd.Int64N(int64(longest)))) }
	pause(time.Second)
	asleep := w.rnd.IntN(replicas)
	all[asleep].signal(t, syscall.SIGSTOP)
	slept := time.Now()
	pause(time.Second)
	dead := (asleep + 1 + w.rnd.IntN(replicas-1)) % replicas
	at := all[dead].kill(w)
	for _, platform := range w.platforms {
		a.kills[platform]++
		if w.weather.flying(platform, at) {
			a.inFlight[platform]++
		}
	}
	all[dead] = w.up(t)
	time.Sleep(time.Until(slept.Add(lease + quiet + 2*timeout)))
	all[asleep].signal(t, syscall.SIGCONT)
	if !w.settle(t, key, chaosPatience) {
		t.Errorf("the slots of %s do not come to an end", key)
		for _, p := range all {
			t.Log(p.said())
		}
	}
	if !until(20*time.Second, func() bool { return w.discord.Connected() < 2 }) { // who woke up lets go
		t.Errorf("%d processes hold Discord's gateway", w.discord.Connected())
	}
	time.Sleep(timeout) // whoever woke up may still be about to post
	for _, p := range all {
		p.kill(w)
	}
	w.examine(t, a, key)
}

// TestGatewayMoves stops the process that holds Discord's gateway: another one
// takes it over, and at no time two hold it.
func TestGatewayMoves(t *testing.T) {
	if *chaosStore == "sqlite" {
		t.Skip("several processes share PostgreSQL only")
	}
	t.Parallel()
	w := newWorld(t, scene{store: "postgres", wallClock: true, subs: 1, platforms: []string{"discord"}, cron: "0 6 * * *"}, time.Now())
	both := []*process{w.up(t), w.up(t)}
	one := func() {
		t.Helper()
		if !until(time.Minute, func() bool { return w.discord.Connected() == 1 }) {
			t.Errorf("%d processes hold Discord's gateway, want one", w.discord.Connected())
		}
	}
	one()
	if _, err := both[0].stop(t); err != nil {
		t.Errorf("stop: %v\n%s", err, both[0].said())
	}
	one()
	if n := w.discord.Connected(); n > 1 {
		t.Errorf("%d processes hold Discord's gateway", n)
	}
}

// TestDatabaseRestarts crashes the database server again and again while two
// processes deliver: work goes on within 30 seconds, and nothing is there twice
// or lost.
func TestDatabaseRestarts(t *testing.T) {
	if *chaosStore == "sqlite" {
		t.Skip("SQLite has no server")
	}
	t.Parallel()
	restarts := 2 * *chaosRounds
	var server pgtest.Server
	t.Cleanup(server.Stop)
	due := chaosDay()
	const every = 3 * time.Second
	span := time.Duration(restarts) * every
	subs := max(40, int(span/time.Second)*4)
	over := span * 3 / 2 // in which slots come, as the jitter spreads them; a restart takes its time
	w := newWorld(t, scene{store: "postgres", server: &server, subs: subs, platforms: []string{"slack", "discord"},
		jitter: (over * 500 / time.Duration(subs)).String(), // it is for 500 subscriptions
		cron:   "0 6 * * *"}, due.Add(-time.Hour))
	imported(t, w.dir, invented(0, due.Add(-time.Hour)))
	w.set(due.Add(-time.Second))
	both := []*process{w.up(t), w.up(t)}
	var gaps []time.Duration
	key := due.Format(schedule.KeyLayout)
	for range restarts {
		time.Sleep(every)
		if w.settle(t, key, 0) {
			break
		}
		server.Restart(t)
		before := len(w.postings())
		back := time.Now()
		if before > 0 && until(30*time.Second, func() bool { return len(w.postings()) > before }) {
			gaps = append(gaps, time.Since(back).Round(time.Millisecond))
		}
	}
	back := time.Now()
	if !w.settle(t, key, chaosPatience) {
		t.Errorf("the slots of %s do not come to an end\n%s\n%s", key, both[0].said(), both[1].said())
	}
	end := time.Since(back).Round(time.Millisecond)
	t.Logf("%d restarts; work went on after %v, and was at its end %s after the last one", len(gaps), gaps, end)
	if end > 30*time.Second {
		t.Errorf("the last slots came %s after the database was back\n%s\n%s", end, both[0].said(), both[1].said())
	}
	for _, p := range both {
		if _, err := p.stop(t); err != nil {
			t.Errorf("stop: %v\n%s", err, p.said())
		}
	}
	a := newAccount()
	w.examine(t, a, key)
	a.clean(t)
}
