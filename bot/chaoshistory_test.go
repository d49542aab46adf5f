package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/digest"
)

// sighting is a message that a platform stored.
type sighting struct {
	platform, channel, thread, ref string
	key                            string // of the part, "" when it carries none
	at                             time.Time
	deleted                        bool
}

// posting is a request that asked a platform to store a part.
type posting struct {
	platform, key string
	at            time.Time
	acknowledged  bool // the answer said that it is there
}

// account is what a comparison of the platforms with the store found.
type account struct {
	slots, parts                  int
	attempted, acknowledged       int // requests, and those that were answered well
	visible                       int
	duplicates, lost, unexplained int
	kills, inFlight               map[string]int // by platform: kills amid its work, and with a post in flight
	problems                      []string
	states                        map[digest.PartState]int
	outcomes                      map[digest.SlotState]int
}

func newAccount() *account {
	return &account{kills: make(map[string]int), inFlight: make(map[string]int),
		states: make(map[digest.PartState]int), outcomes: make(map[digest.SlotState]int)}
}

// String is the account in one line.
func (a *account) String() string {
	kills := ""
	for _, p := range slices.Sorted(maps.Keys(a.kills)) {
		kills += fmt.Sprintf("%s %d kills, %d in flight; ", p, a.kills[p], a.inFlight[p])
	}
	return fmt.Sprintf("%s%d slots, %d parts; attempted %d, acknowledged %d, visible %d; duplicates %d, lost %d, unexplained %d",
		kills, a.slots, a.parts, a.attempted, a.acknowledged, a.visible, a.duplicates, a.lost, a.unexplained)
}

// clean fails the test unless nothing is there twice, lost or unexplained.
func (a *account) clean(t *testing.T) {
	t.Helper()
	t.Log(a)
	if a.duplicates+a.lost+a.unexplained > 0 || a.slots == 0 {
		t.Errorf("promise 1 is broken: %s\n%s", a, strings.Join(a.problems, "\n"))
	}
}

func (a *account) problem(count *int, format string, args ...any) {
	*count++
	if len(a.problems) < 40 {
		a.problems = append(a.problems, fmt.Sprintf(format, args...))
	}
}

// examine compares what the platforms hold of the slots of a key with what the
// store says. Nothing may be under way any more.
func (w *world) examine(t *testing.T, a *account, key string) {
	t.Helper()
	store := w.open(t)
	defer store.Close()
	slots, err := store.Slots(context.Background(), digest.SlotFilter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var parts []digest.Part
	for _, s := range slots {
		if s.Key != key {
			continue
		}
		of, err := store.Deliveries(context.Background(), digest.PartFilter{Subscription: s.Subscription, Slot: s.Key, Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, of...)
		a.slot(s, of)
	}
	seen, posted := make(map[string][]sighting), make(map[string][]posting)
	for _, s := range w.sightings(t, parts) {
		seen[s.key] = append(seen[s.key], s)
	}
	for _, p := range w.postings() {
		posted[p.key] = append(posted[p.key], p)
	}
	headers := make(map[string]digest.MessageRef)
	for _, p := range parts {
		if p.N == 1 {
			headers[p.Subscription+p.Address.String()] = p.Ref
		}
	}
	for _, p := range parts {
		a.part(p, seen[p.Key], posted[p.Key], string(headers[p.Subscription+p.Address.String()]))
	}
	w.orphans(t, a, seen)
}

// slot checks one slot with its parts.
func (a *account) slot(s digest.Slot, parts []digest.Part) {
	a.slots++
	a.outcomes[s.State]++
	name := s.Subscription + " " + s.Key
	if s.Closed.IsZero() {
		a.problem(&a.unexplained, "slot %s is %s and has no outcome", name, s.State)
	}
	if s.State != digest.SlotDone && s.Reason == "" {
		a.problem(&a.unexplained, "slot %s is %s without a reason", name, s.State)
	}
	count := make(map[string]int)
	for _, p := range parts {
		count[p.Address.String()]++
		if p.Edition != s.Edition {
			a.problem(&a.unexplained, "slot %s has a part of another edition", name)
		}
	}
	for _, p := range parts {
		if count[p.Address.String()] != p.Of {
			a.problem(&a.lost, "slot %s has %d parts for %s, want %d", name, count[p.Address.String()], p.Address, p.Of)
		}
	}
}

// part checks one part: where it was seen and how often it was posted.
func (a *account) part(p digest.Part, seen []sighting, posted []posting, header string) {
	a.parts++
	a.states[p.State]++
	a.attempted += len(posted)
	name := fmt.Sprintf("%s part %d/%d of %s in %s (%s, %d attempts, %s)", p.Key, p.N, p.Of, p.Slot, p.Address, p.State, p.Attempts, p.Reason)
	for _, r := range posted {
		if r.acknowledged {
			a.acknowledged++
		}
	}
	visible, named := 0, false
	for _, s := range seen {
		named = named || s.ref == string(p.Ref)
		if !s.deleted {
			visible++
		}
		if thread := s.thread; p.Platform != "web" && (p.Threaded && thread != header || !p.Threaded && thread != "") {
			a.problem(&a.unexplained, "%s stands in the thread %q, want %q", name, thread, header)
		}
	}
	a.visible += visible
	sent := p.State == digest.PartSent
	switch {
	case visible > 1:
		var when []string
		for _, r := range posted {
			when = append(when, r.at.Format("04:05.000"))
		}
		for _, s := range seen {
			when = append(when, "there "+s.at.Format("04:05.000"))
		}
		a.problem(&a.duplicates, "%s is there %d times; posted %s", name, visible, strings.Join(when, ", "))
	case len(seen) == 0:
		a.problem(&a.lost, "%s is not there", name)
	}
	switch {
	case p.State == digest.PartReady || p.State == digest.PartSending:
		a.problem(&a.unexplained, "%s is at rest", name)
	case sent && !named:
		a.problem(&a.unexplained, "%s is sent as %q, which is not there", name, p.Ref)
	case !sent && len(seen) > 0:
		a.problem(&a.unexplained, "%s is there", name)
	case len(posted) > p.Attempts:
		a.problem(&a.unexplained, "%s was posted %d times", name, len(posted))
	}
}

// orphans finds messages that no part explains.
func (w *world) orphans(t *testing.T, a *account, seen map[string][]sighting) {
	t.Helper()
	store := w.open(t)
	defer store.Close()
	all, err := store.Deliveries(context.Background(), digest.PartFilter{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool, len(all))
	for _, p := range all {
		known[p.Key] = true
	}
	for key, list := range seen {
		if !known[key] {
			for _, s := range list {
				a.problem(&a.unexplained, "the message %s in %s %s has no part (key %q)", s.ref, s.platform, s.channel, key)
			}
		}
	}
}

// sightings returns all messages of the bot in the channels of the
// subscriptions, answers to commands aside.
func (w *world) sightings(t *testing.T, parts []digest.Part) []sighting {
	t.Helper()
	var out []sighting
	for _, p := range w.slack.Everything() {
		if strings.HasPrefix(p.Channel, "CS") && p.For == "" {
			out = append(out, sighting{"slack", p.Channel, p.ThreadTS, p.TS, slackKey(string(p.Metadata)), slackTime(p.TS), p.Deleted})
		}
	}
	for _, m := range w.discord.Everything() {
		if m.Answers == "" {
			thread := ""
			if !strings.HasPrefix(m.Channel, "20000000000000") { // of a channel; threads are named by the clock
				thread = m.Channel
			}
			out = append(out, sighting{"discord", m.Channel, thread, m.ID, discordKey(m.Body), m.At, m.Deleted})
		}
	}
	boards := make(map[string]bool)
	for _, p := range parts {
		if p.Platform == "web" {
			boards[p.Channel] = true
		}
	}
	store := w.open(t)
	defer store.Close()
	for name := range boards {
		posts, err := store.Board(context.Background(), name, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			out = append(out, sighting{platform: "web", channel: name, ref: string(p.Ref), key: p.Key, at: p.Started})
		}
	}
	return out
}

// postings returns all requests that asked the platforms to store a message.
func (w *world) postings() []posting {
	var out []posting
	for _, r := range w.slack.Requests() {
		if r.Method == "chat.postMessage" {
			out = append(out, posting{"slack", slackKey(r.Args.Get("metadata")), r.At, r.OK})
		}
	}
	for _, r := range w.discord.Requests() {
		if r.Method == "POST" && strings.HasSuffix(r.Path, "/messages") {
			out = append(out, posting{"discord", discordKey(r.Body), r.At, r.Status >= 200 && r.Status < 300})
		}
	}
	return out
}

// slackKey reads the key of a part in the metadata of a message.
func slackKey(metadata string) string {
	var m struct {
		Payload struct{ K string } `json:"event_payload"`
	}
	_ = json.Unmarshal([]byte(metadata), &m) // without metadata there is no key
	return m.Payload.K
}

// discordKey reads the key of a part in the marker of a message.
func discordKey(body []byte) string {
	var m struct {
		Components []struct {
			Components []struct {
				ID string `json:"custom_id"`
			}
		}
	}
	_ = json.Unmarshal(body, &m) // without components there is no key
	for _, row := range m.Components {
		for _, c := range row.Components {
			if key, ok := strings.CutPrefix(c.ID, "d:"); ok {
				return key
			}
		}
	}
	return ""
}

// slackTime reads the time of a ts.
func slackTime(ts string) time.Time {
	var s, us int64
	_, _ = fmt.Sscanf(ts, "%d.%d", &s, &us) // the fake writes nothing else
	return time.Unix(s, us*1000).UTC()
}
