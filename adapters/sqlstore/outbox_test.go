package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/digest"
)

var slack = []string{"slack"}

// claim leases the next part and checks which it is; "" wants none.
func claim(t testing.TB, s *Store, want string) (digest.Part, digest.Claim) {
	t.Helper()
	p, c, ok, err := s.ClaimPart(context.Background(), "w", slack, time.Minute)
	must(t, err)
	if p.Key != want || ok != (want != "") {
		t.Fatalf("claimed %q, want %q", p.Key, want)
	}
	return p, c
}

// post claims the part that must be next and delivers it.
func post(t testing.TB, s *Store, want, ref string) {
	t.Helper()
	p, c := claim(t, s, want)
	must(t, s.MarkSending(context.Background(), c, p))
	must(t, s.MarkSent(context.Background(), c, p, digest.MessageRef(ref)))
}

func partStates(t testing.TB, s *Store) string {
	t.Helper()
	parts := must1(s.Deliveries(context.Background(), digest.PartFilter{}))(t)
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		out = append(out, fmt.Sprintf("%s/%d:%s", p.Channel, p.N, p.State))
	}
	return strings.Join(out, " ")
}

func TestDeliveryOfOneSlot(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		e := built(t, s, slotAt("sub", 0), true, 3, channel)
		key := "sub-2026-03-29T08:00-C1-"

		_, err := s.LatestEdition(ctx, channel)
		wantKind(t, err, digest.NotFound)
		p, cl := claim(t, s, key+"1")
		want := digest.Part{Key: key + "1", Edition: e.ID, Subscription: "sub", Slot: "2026-03-29T08:00", Due: day, Address: channel, N: 1, Of: 3,
			Stories: []string{"s0"}, Payload: digest.Payload("payload s0"), State: digest.PartReady}
		if d := cmp.Diff(want, p); d != "" {
			t.Errorf("claimed part (-want +got):\n%s", d)
		}
		claim(t, s, "") // one leased part per channel
		must(t, s.MarkSending(ctx, cl, p))
		must(t, s.MarkSent(ctx, cl, p, "ts1"))
		must(t, s.MarkSent(ctx, cl, p, "ts1")) // the commit may not have been reported
		wantKind(t, s.MarkSent(ctx, cl, p, "ts2"), digest.Conflict)

		p, cl = claim(t, s, key+"2")
		if p.Parent != "ts1" {
			t.Errorf("got parent %q, want ts1", p.Parent)
		}
		must(t, s.MarkSending(ctx, cl, p))
		must(t, s.MarkRetry(ctx, cl, p, c.now().Add(time.Minute), "rate limited"))
		claim(t, s, "") // part 3 waits for part 2
		c.add(time.Minute)
		post(t, s, key+"2", "ts2")
		if got := slotState(t, s, "sub"); got != "built" {
			t.Errorf("slot is %s before the last part, want built", got)
		}
		c.add(time.Second)
		post(t, s, key+"3", "ts3")
		claim(t, s, "")

		if got := slotState(t, s, "sub"); got != "done" {
			t.Errorf("slot is %s, want done", got)
		}
		wantShown := []digest.Shown{}
		for i := range 3 {
			st := fmt.Sprintf("s%d", i)
			wantShown = append(wantShown, digest.Shown{Story: st, Articles: []string{"a" + st}, Headline: "About " + st, Edition: must1(s.LatestEdition(ctx, channel))(t).ID, At: c.now()})
		}
		if d := cmp.Diff(wantShown, must1(s.ShownTo(ctx, channel, day))(t)); d != "" {
			t.Errorf("shown (-want +got):\n%s", d)
		}
		if got := must1(s.LatestEdition(ctx, channel))(t); got.ID != e.ID {
			t.Errorf("latest edition is %q, want %q", got.ID, e.ID)
		}
		got := must1(s.Edition(ctx, "slack:T1", e.ID))(t)
		if d := cmp.Diff(e, got); d != "" {
			t.Errorf("edition (-want +got):\n%s", d)
		}
		_, err = s.Edition(ctx, "slack:T2", e.ID)
		wantKind(t, err, digest.NotFound)
		var n int
		must(t, s.r.QueryRow(`SELECT count(*) FROM attempt WHERE outcome IN ('sent', 'not sent')`).Scan(&n))
		if n != 4 {
			t.Errorf("got %d attempts with outcome, want 4", n)
		}
	})
}

// restarted does what a process does that starts after a crash: where it is the
// only one it ends the leases, else they run out.
func restarted(t testing.TB, s *Store, c *clock) {
	t.Helper()
	must(t, s.VoidLeases(context.Background()))
	if s.dialect.lockFile == "" {
		claim(t, s, "") // they may be another's
		c.add(time.Minute)
	}
}

func TestPartIsFenced(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		built(t, s, slotAt("sub", 0), false, 1, channel)
		key := "sub-2026-03-29T08:00-C1-1"
		p, slow := claim(t, s, key)
		c.add(2 * time.Minute)
		wantKind(t, s.MarkSending(ctx, slow, p), digest.Conflict) // over, though nobody took it yet

		_, fast := claim(t, s, key)
		if fast.Token <= slow.Token {
			t.Errorf("token went from %d to %d", slow.Token, fast.Token)
		}
		must(t, s.MarkSending(ctx, fast, p))
		for name, err := range map[string]error{
			"sending": s.MarkSending(ctx, slow, p), "sent": s.MarkSent(ctx, slow, p, "x"), "retry": s.MarkRetry(ctx, slow, p, c.now(), ""),
			"doubt": s.MarkDoubt(ctx, slow, p, c.now(), ""), "final": s.MarkFinal(ctx, slow, p, digest.PartRejected, ""),
		} {
			t.Run(name, func(t *testing.T) { wantKind(t, err, digest.Conflict) })
		}
		restarted(t, s, c)
		if s.dialect.lockFile != "" {
			wantKind(t, s.MarkSent(ctx, fast, p, "x"), digest.Conflict)
		}
		if got, _ := claim(t, s, key); got.State != digest.PartSending {
			t.Errorf("after a restart got state %s, want the doubt kept", got.State)
		}
	})
}

func TestDoubtRemembersItsBeginning(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		built(t, s, slotAt("sub", 0), false, 1, channel)
		key := "sub-2026-03-29T08:00-C1-1"
		first := c.now()
		p, cl := claim(t, s, key)
		must(t, s.MarkSending(ctx, cl, p))
		wantKind(t, s.MarkFinal(ctx, cl, p, digest.PartSent, ""), digest.Invalid)
		must(t, s.MarkDoubt(ctx, cl, p, c.now().Add(30*time.Second), "timeout"))
		claim(t, s, "") // not before it is to be looked at
		second := c.add(30 * time.Second)
		p, cl = claim(t, s, key)
		must(t, s.MarkSending(ctx, cl, p)) // the same request again
		c.add(2 * time.Minute)             // and a crash
		p, cl = claim(t, s, key)
		if p.State != digest.PartSending || !p.Doubt.Equal(first) || !p.Started.Equal(second) || p.Attempts != 2 || p.Reason != "timeout" {
			t.Errorf("got %+v, want sending, doubt since %v, started %v, 2 attempts", p, first, second)
		}
		must(t, s.MarkRetry(ctx, cl, p, c.now(), "proven absent"))
		p, cl = claim(t, s, key)
		must(t, s.MarkSending(ctx, cl, p))
		again := c.now()
		restarted(t, s, c)
		p, _ = claim(t, s, key)
		if !p.Doubt.Equal(again) {
			t.Errorf("a new doubt begins %v, want %v", p.Doubt, again)
		}
	})
}

func TestOutcomesOfSlots(t *testing.T) {
	second := digest.Address{Platform: "slack", Workspace: "T1", Channel: "C2"}
	final := func(state digest.PartState) func(testing.TB, *Store, string) {
		return func(t testing.TB, s *Store, key string) {
			p, c := claim(t, s, key)
			must(t, s.MarkSending(context.Background(), c, p))
			must(t, s.MarkFinal(context.Background(), c, p, state, "why"))
		}
	}
	sent := func(t testing.TB, s *Store, key string) { post(t, s, key, "ts") }
	nameless := func(t testing.TB, s *Store, key string) { post(t, s, key, "") }
	alone := func(t testing.TB, s *Store, key string) {
		p, c := claim(t, s, key)
		if p.Threaded || p.Parent != "" {
			t.Errorf("part %s goes under %q, want it to stand for itself", key, p.Parent)
		}
		must(t, s.MarkSending(context.Background(), c, p))
		must(t, s.MarkSent(context.Background(), c, p, "ts"))
	}
	type step struct {
		part string
		do   func(testing.TB, *Store, string)
	}
	for _, tt := range []struct {
		name     string
		threaded bool
		steps    []step
		parts    string
		slot     string
		shown    int
	}{
		{"all sent", true, []step{{"C1-1", sent}, {"C2-1", sent}, {"C1-2", sent}, {"C2-2", sent}},
			"C1/1:sent C1/2:sent C2/1:sent C2/2:sent", "done", 2},
		{"one rejected", true, []step{{"C1-1", sent}, {"C2-1", sent}, {"C1-2", final(digest.PartRejected)}, {"C2-2", sent}},
			"C1/1:sent C1/2:rejected C2/1:sent C2/2:sent", "partial 3 of 4 parts sent, 1 rejected: why", 1},
		{"header rejected, threaded", true, []step{{"C1-1", final(digest.PartRejected)}, {"C2-1", final(digest.PartRejected)}},
			"C1/1:rejected C1/2:rejected C2/1:rejected C2/2:rejected", "undeliverable 0 of 4 parts sent, 4 rejected: why", 0},
		{"header rejected, side by side", false, []step{{"C1-1", final(digest.PartRejected)}, {"C2-1", sent}, {"C1-2", sent}, {"C2-2", sent}},
			"C1/1:rejected C1/2:sent C2/1:sent C2/2:sent", "partial 3 of 4 parts sent, 1 rejected: why", 1},
		{"header sent under a name that nobody knows", true, []step{{"C1-1", nameless}, {"C2-1", sent}, {"C1-2", alone}, {"C2-2", sent}},
			"C1/1:sent C1/2:sent C2/1:sent C2/2:sent", "done", 2},
		{"header unknown: threaded parts wait", true, []step{{"C1-1", final(digest.PartUnknown)}, {"C2-1", sent}, {"C2-2", sent}, {"", nil}},
			"C1/1:unknown C1/2:ready C2/1:sent C2/2:sent", "built", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, s *Store, _ *clock) {
				subscribe(t, s, "sub", channel, second)
				built(t, s, slotAt("sub", 0), tt.threaded, 2, channel, second)
				for _, st := range tt.steps {
					if st.do == nil {
						claim(t, s, "")
						continue
					}
					st.do(t, s, "sub-2026-03-29T08:00-"+st.part)
				}
				if got := partStates(t, s); got != tt.parts {
					t.Errorf("parts: got %s, want %s", got, tt.parts)
				}
				if got := slotState(t, s, "sub"); got != tt.slot {
					t.Errorf("slot: got %q, want %q", got, tt.slot)
				}
				if got := len(must1(s.ShownTo(context.Background(), channel, time.Time{}))(t)); got != tt.shown {
					t.Errorf("got %d stories shown, want %d", got, tt.shown)
				}
			})
		})
	}
}

func TestExpireAndResolve(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		built(t, s, slotAt("sub", 0), true, 2, channel)
		key := "sub-2026-03-29T08:00-C1-"
		p, cl := claim(t, s, key+"1")
		must(t, s.MarkSending(ctx, cl, p))
		must(t, s.MarkFinal(ctx, cl, p, digest.PartUnknown, "cannot look"))
		c.add(6*time.Hour - time.Second)
		if n := must1(s.ExpireParts(ctx))(t); n != 0 {
			t.Errorf("expired %d parts inside the window", n)
		}
		c.add(time.Second)
		if n := must1(s.ExpireParts(ctx))(t); n != 1 {
			t.Errorf("expired %d parts, want 1", n)
		}
		if got, want := slotState(t, s, "sub"), "undeliverable 0 of 2 parts sent, 1 unknown, 1 expired: cannot look"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		wantKind(t, s.ResolvePart(ctx, key+"1", "maybe", ""), digest.Invalid)
		wantKind(t, s.ResolvePart(ctx, "none", "sent", ""), digest.NotFound)
		must(t, s.ResolvePart(ctx, key+"1", "sent", ""))
		if got, want := slotState(t, s, "sub"), "partial 1 of 2 parts sent, 1 expired: too late to be posted"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		must(t, s.ResolvePart(ctx, key+"2", "resend", ""))
		if n := must1(s.ExpireParts(ctx))(t); n != 0 || slotState(t, s, "sub") != "built" {
			t.Errorf("expired %d, slot %s; want the part open again", n, slotState(t, s, "sub"))
		}
		must(t, s.ResolvePart(ctx, key+"2", "discard", ""))
		if got, want := slotState(t, s, "sub"), "partial 1 of 2 parts sent, 1 rejected: discarded by the operator"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		wantKind(t, s.ResolvePart(ctx, key+"1", "resend", ""), digest.Conflict) // it is sent
	})
}

func TestClaimPartChoosesFairly(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		second := digest.Address{Platform: "slack", Workspace: "T1", Channel: "C2"}
		discord := digest.Address{Platform: "discord", Workspace: "G", Channel: "C3"}
		subscribe(t, s, "new", channel, second, discord)
		subscribe(t, s, "old", channel)
		built(t, s, slotAt("new", 1), false, 2, channel, second, discord)
		built(t, s, slotAt("old", 0), false, 1, channel)
		claim(t, s, "old-2026-03-29T08:00-C1-1") // the oldest slot first
		claim(t, s, "new-2026-03-29T09:00-C2-1") // another channel is free
		claim(t, s, "")                          // C1 is held, Discord was not asked for
		p, _, ok, err := s.ClaimPart(ctx, "w", []string{"discord", "web"}, time.Minute)
		must(t, err)
		if !ok || p.Address != discord {
			t.Errorf("got %v %v, want %v", ok, p.Address, discord)
		}
		_, _, ok, err = s.ClaimPart(ctx, "w", nil, time.Minute)
		must(t, err)
		if ok {
			t.Error("got a part of no platform")
		}
		if got := len(must1(s.Deliveries(ctx, digest.PartFilter{Workspace: "discord:G"}))(t)); got != 2 {
			t.Errorf("a workspace sees %d parts to its channels, want 2", got)
		}
		states := []digest.PartState{digest.PartReady}
		if got := len(must1(s.Deliveries(ctx, digest.PartFilter{Subscription: "new", Slot: "2026-03-29T09:00", States: states, Limit: 4}))(t)); got != 4 {
			t.Errorf("got %d parts, want 4", got)
		}
	})
}

func TestFreezeEditionIsFencedAndRepeatable(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		subscribe(t, s, "sub", channel)
		must1(s.PutSlots(ctx, []digest.Slot{slotAt("sub", 0)}))(t)
		sl, _, slow, _, err := s.ClaimSlot(ctx, "a", time.Minute)
		must(t, err)
		c.add(2 * time.Minute)
		_, sub, fast, ok, err := s.ClaimSlot(ctx, "b", time.Minute)
		must(t, err)
		if !ok || sub.ID != "sub" || fast.Token != slow.Token+1 {
			t.Fatalf("got %v %v %+v", ok, sub.ID, fast)
		}
		e := digest.Edition{ID: "e"}
		parts := []digest.Part{{Key: "k", Address: channel, N: 1, Of: 1}}
		sl.From, sl.To, sl.Articles = day.AddDate(0, 0, -1), day, []string{"a", "b"}
		wantKind(t, s.FreezeWindow(ctx, slow, sl), digest.Conflict)
		must(t, s.FreezeWindow(ctx, fast, sl))
		must(t, s.FreezeWindow(ctx, fast, sl))
		other := sl
		other.Articles = []string{"c"}
		wantKind(t, s.FreezeWindow(ctx, fast, other), digest.Conflict)
		wantKind(t, s.FreezeEdition(ctx, slow, sl, e, parts), digest.Conflict)
		wantKind(t, s.CloseSlot(ctx, slow, sl, digest.SlotEmpty, ""), digest.Conflict)
		wantKind(t, s.CloseSlot(ctx, fast, sl, digest.SlotBuilt, ""), digest.Invalid)
		wantKind(t, s.FreezeEdition(ctx, fast, sl, e, nil), digest.Invalid)
		twice := append(parts[:1:1], parts[0])
		if err := s.FreezeEdition(ctx, fast, sl, e, twice); err == nil {
			t.Error("two parts with one key were taken")
		}
		if got := partStates(t, s); got != "" {
			t.Errorf("a failed freeze left %s", got)
		}
		must(t, s.FreezeEdition(ctx, fast, sl, e, parts))
		must(t, s.FreezeEdition(ctx, fast, sl, e, parts))
		got := must1(s.LastSlot(ctx, "sub"))(t)
		want := sl
		want.State, want.Edition = digest.SlotBuilt, "e"
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("slot (-want +got):\n%s", d)
		}
	})
}

func TestBoard(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := context.Background()
		show := func(key, edition string, n int) {
			must(t, s.Show(ctx, digest.Part{Key: key, Edition: edition, Address: digest.Address{Platform: "web", Channel: "news"}, N: n, Of: 2,
				Stories: []string{"s"}, Payload: digest.Payload(key)}))
		}
		show("a1", "a", 1)
		show("a2", "a", 2)
		c.add(time.Hour)
		show("b1", "b", 1)
		c.add(time.Hour)
		show("a1", "changed", 9) // once by key
		got := must1(s.Board(ctx, "news", 0))(t)
		keys := make([]string, 0, len(got))
		for _, p := range got {
			keys = append(keys, p.Key)
		}
		if d := cmp.Diff([]string{"b1", "a1", "a2"}, keys); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		want := digest.Part{Key: "b1", Address: digest.Address{Platform: "web", Channel: "news"}, Edition: "b", N: 1, Of: 2, State: digest.PartSent, Ref: "b1",
			Stories: []string{"s"}, Payload: digest.Payload("b1"), Started: day.Add(time.Hour)}
		if d := cmp.Diff(want, got[0]); d != "" {
			t.Errorf("post (-want +got):\n%s", d)
		}
		for key, want := range map[string]bool{"a1": true, "none": false} {
			if got := must1(s.Posted(ctx, key))(t); got != want {
				t.Errorf("posted %s: got %v, want %v", key, got, want)
			}
		}
	})
}
