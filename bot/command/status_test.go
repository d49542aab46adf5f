package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// TestStatusShowsWhatWentWrong puts what is wrong with the asking channel
// before the others, and leaves out what is settled or long ago.
func TestStatusShowsWhatWentWrong(t *testing.T) {
	c, store := desk(t)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	other := digest.Address{Platform: "board", Channel: "sports"}
	must(store.PutSubscriptions(ctx, []digest.Subscription{{ID: "two", Workspace: digest.Local, Name: "Two", Channels: []digest.Address{other, news}, Cron: "0 7 * * *", Zone: "UTC"}}, "chat"))
	trouble := func(key string, at time.Time, state digest.PartState, reason string) {
		slot := digest.Slot{Subscription: "two", Key: key, At: at, State: digest.SlotDue}
		_, err := store.PutSlots(ctx, []digest.Slot{slot})
		must(err)
		_, _, held, ok, err := store.ClaimSlot(ctx, "w", time.Minute)
		if must(err); !ok {
			t.Fatal("no slot")
		}
		var parts []digest.Part
		for _, a := range []digest.Address{other, news} {
			parts = append(parts, digest.Part{Key: a.Channel + key, Edition: "e" + key, Subscription: "two", Slot: key, Address: a, N: 1, Of: 1})
		}
		must(store.FreezeEdition(ctx, held, slot, digest.Edition{ID: "e" + key, Subscription: "two", Workspace: digest.Local, Slot: key}, parts))
		for range parts {
			p, claim, ok, err := store.ClaimPart(ctx, "w", []string{"board"}, time.Minute)
			if must(err); !ok {
				t.Fatal("no part")
			}
			must(store.MarkSending(ctx, claim, p))
			must(store.MarkFinal(ctx, claim, p, state, reason))
		}
	}
	trouble("2026-04-20T07:00", morning.AddDate(0, 0, -13).Add(-time.Hour), digest.PartUnknown, "long ago")
	trouble("2026-05-02T07:00", morning.AddDate(0, 0, -1).Add(-time.Hour), digest.PartRejected, digest.Discarded)
	trouble("2026-05-03T07:00", morning.Add(-time.Hour), digest.PartUnknown, "nobody can tell")
	reply := c.Handle(ctx, chat.Command{Name: "status", Address: news, User: chat.User{ID: "u"}})
	var lines []string
	for _, b := range reply.Messages[0].Blocks {
		if b.Kind == chat.Bullets {
			for _, item := range b.Items {
				lines = append(lines, item.Plain())
			}
		}
	}
	got := strings.Join(lines, "\n")
	want := `two of 2026-05-03T07:00 was undeliverable: 0 of 2 parts sent, 2 unknown: nobody can tell
two of 2026-05-02T07:00 was undeliverable: 0 of 2 parts sent, 2 rejected: discarded by the operator
Part 1 of 2026-05-03T07:00 for board:news is unknown: nobody can tell
Part 1 of 2026-05-03T07:00 for board:sports is unknown: nobody can tell`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
