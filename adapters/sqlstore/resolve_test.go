package sqlstore

import (
	"testing"
	"time"

	"nutgraf/digest"
)

// TestResolve says every verdict of a part in every state.
func TestResolve(t *testing.T) {
	const key = "sub-2026-03-29T08:00-C1-"
	sending := func(t testing.TB, s *Store) (digest.Part, digest.Claim) {
		p, c := claim(t, s, key+"1")
		must(t, s.MarkSending(t.Context(), c, p))
		return p, c
	}
	final := func(state digest.PartState) func(testing.TB, *Store, *clock) {
		return func(t testing.TB, s *Store, _ *clock) {
			p, c := sending(t, s)
			must(t, s.MarkFinal(t.Context(), c, p, state, "why"))
		}
	}
	states := map[string]func(testing.TB, *Store, *clock){
		"ready":   func(testing.TB, *Store, *clock) {},
		"claimed": func(t testing.TB, s *Store, _ *clock) { sending(t, s) },
		"doubt": func(t testing.TB, s *Store, c *clock) {
			p, held := sending(t, s)
			must(t, s.MarkDoubt(t.Context(), held, p, c.now().Add(time.Hour), "EOF"))
		},
		"unknown":  final(digest.PartUnknown),
		"rejected": final(digest.PartRejected),
		"sent":     func(t testing.TB, s *Store, _ *clock) { post(t, s, key+"1", "ts") },
	}
	for state, wants := range map[string]map[string]string{ // what part 1 is afterwards, or "" when it is refused
		"ready":    {"sent": "sent", "discard": "rejected", "resend": "ready", "retry": "ready"},
		"claimed":  {"sent": "", "discard": "", "resend": "", "retry": ""},
		"doubt":    {"sent": "sent", "discard": "rejected", "resend": "", "retry": ""},
		"unknown":  {"sent": "sent", "discard": "rejected", "resend": "ready", "retry": ""},
		"rejected": {"sent": "sent", "discard": "rejected", "resend": "ready", "retry": "ready"},
		"sent":     {"sent": "", "discard": "", "resend": "", "retry": ""},
	} {
		for verdict, want := range wants {
			t.Run(state+"/"+verdict, func(t *testing.T) {
				c := newClock()
				s := opened(t, backends()[0].fresh(t), c)
				subscribe(t, s, "sub", channel)
				built(t, s, slotAt("sub", 0), true, 2, channel)
				states[state](t, s, c)
				before, _, err := s.Part(t.Context(), key+"1")
				must(t, err)
				err = s.ResolvePart(t.Context(), key+"1", verdict, "")
				if want == "" {
					wantKind(t, err, digest.Conflict)
					want = string(before.State)
				} else {
					must(t, err)
				}
				if p, _, err := s.Part(t.Context(), key+"1"); err != nil || string(p.State) != want {
					t.Errorf("part 1 is %s, %v; want %s", p.State, err, want)
				}
			})
		}
	}
}

// TestRetryBringsTheOthersBack posts a header that was given up, and with it
// what goes under it; an old worker is fenced off, and what operators were told
// is forgotten when nothing is left to decide.
func TestRetryBringsTheOthersBack(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Store, c *clock) {
		ctx := t.Context()
		subscribe(t, s, "sub", channel)
		built(t, s, slotAt("sub", 0), true, 3, channel)
		const key = "sub-2026-03-29T08:00-C1-"
		told := digest.Notice{Workspace: channel.Tenant(), Cause: digest.CauseRejected, Subject: channel.String() + " 2026-03-29T08:00", Key: "n"}
		must1(s.AddNotice(ctx, told, digest.NoticeTold))(t)
		p, held := claim(t, s, key+"1")
		must(t, s.MarkSending(ctx, held, p))
		p.Scope = digest.ScopeChannel
		must(t, s.MarkFinal(ctx, held, p, digest.PartRejected, "is_archived"))
		if got, want := partStates(t, s), "C1/1:rejected C1/2:rejected C1/3:rejected"; got != want {
			t.Fatalf("got %s, want %s: the channel is closed to all of them", got, want)
		}
		wantKind(t, s.ResolvePart(ctx, key+"2", "retry", ""), digest.Conflict)
		must(t, s.ResolvePart(ctx, key+"1", "retry", ""))
		if got, want := partStates(t, s)+" "+slotState(t, s, "sub"), "C1/1:ready C1/2:ready C1/3:ready built"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		wantKind(t, s.MarkSent(ctx, held, p, "late"), digest.Conflict)
		if !must1(s.AddNotice(ctx, told, digest.NoticeTold))(t) {
			t.Error("a recurrence would not be told")
		}
		must(t, s.ResolvePart(ctx, key+"1", "sent", "17.1"))
		p, _ = claim(t, s, key+"2")
		if p.Parent != "17.1" {
			t.Errorf("part 2 goes under %q, want 17.1", p.Parent)
		}
		_, attempts, err := s.Part(ctx, key+"1")
		must(t, err)
		if len(attempts) != 1 || attempts[0].Outcome != "rejected" || attempts[0].Reason != "is_archived" || attempts[0].Ended.IsZero() {
			t.Errorf("attempts: %+v", attempts)
		}
		_, _, err = s.Part(ctx, "nothing")
		wantKind(t, err, digest.NotFound)
	})
}
