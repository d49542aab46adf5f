package newsroom_test

import (
	"context"
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// TestRun lets the loops run by themselves. One channel hangs: the others get
// their digest, stopping does not wait for it for long, and what was in flight
// is cleared up by the next run.
func TestRun(t *testing.T) {
	slow := daily()
	slow.ID, slow.Channels = "slow", []digest.Address{{Platform: "chat", Channel: "slow"}}
	b := newBench(t, daily(), slow)
	b.Timing = newsroom.Timing{Poll: 10 * time.Millisecond, Grace: 20 * time.Millisecond, Timeout: 20 * time.Second}
	quick, hanging := make(chan struct{}, 10), make(chan struct{}, 10)
	release := make(chan struct{})
	defer close(release)
	b.chat.behave(func(p digest.Part, store func()) error {
		store()
		if p.Channel == "slow" {
			hanging <- struct{}{}
			<-release
			return nil
		}
		quick <- struct{}{}
		return nil
	})
	b.clock.set(at(8, 0))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error)
	go func() { ended <- b.Run(ctx) }()
	<-hanging
	for range 4 {
		<-quick
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	b.chat.behave(nil)
	b.restart()
	b.clock.turn(41 * time.Second)
	b.settle()
	b.clock.turn(41 * time.Second)
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 4, "chat:slow": 4})
	b.wantSlots("2026-05-04T08:00 done", "2026-05-04T08:00 done")
}
