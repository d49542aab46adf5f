package newsroom_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

var hungFull = flag.Bool("hung.full", false, "let hung channels hang for the 10 s of the default timeout")

// run lets a bench's clock go on with the world's, and its loops run.
func (b *bench) run(from time.Time) {
	b.t.Helper()
	b.clock.set(from)
	ctx, stop := context.WithCancel(b.t.Context())
	began := time.Now()
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(time.Millisecond) // a clock that runs is what is tested
			b.clock.set(from.Add(time.Since(began)))
		}
	})
	all.Go(func() { _ = b.Run(ctx) })
	b.t.Cleanup(func() { stop(); all.Wait() })
}

// TestHungChannels has 100 of 500 channels take posts and never answer. They
// come first, and the other 400 are served as if they were not there; each
// attempt ends at its timeout.
func TestHungChannels(t *testing.T) {
	timeout := 3 * time.Second
	if *hungFull {
		timeout = 10 * time.Second
	}
	var subs []digest.Subscription
	for i := range 50 {
		sub := daily()
		sub.ID, sub.Channels, sub.Empty, sub.Sources = fmt.Sprint("good", i), nil, "note", []string{"elsewhere"}
		if i%5 == 0 {
			sub.ID = fmt.Sprint("hung", i)
			sub.Cron = "59 7 * * *"
		}
		for c := range 10 {
			sub.Channels = append(sub.Channels, digest.Address{Platform: "chat", Workspace: "T1", Channel: fmt.Sprintf("%s-%d", sub.ID, c)})
		}
		subs = append(subs, sub)
	}
	b := newBench(t, subs...)
	b.Timing = newsroom.Timing{Poll: 50 * time.Millisecond, Timeout: timeout, Jitter: time.Nanosecond}
	var mu sync.Mutex
	var first, last time.Time
	var longest time.Duration
	good, hung := 0, 0
	done := make(chan struct{})
	finish := sync.OnceFunc(func() { close(done) })
	slow := &hanging{channels: b.chat, hang: func(p digest.Part) bool { return strings.HasPrefix(p.Channel, "hung") }, ended: func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		longest = max(longest, d)
		if hung++; good == 400 && hung >= 100 {
			finish()
		}
	}}
	b.Platforms["chat"] = slow
	b.chat.behave(func(_ digest.Part, store func()) error {
		store()
		mu.Lock()
		defer mu.Unlock()
		if last = time.Now(); good == 0 {
			first = last
		}
		if good++; good == 400 && hung >= 100 {
			finish()
		}
		return nil
	})
	began := time.Now()
	b.run(at(8, 0))
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatalf("after two minutes %d channels of 400 were served, %d attempts ended", good, hung)
	}
	mu.Lock()
	defer mu.Unlock()
	t.Logf("timeout %s: the first of the others was served after %s, the last after %s; the longest attempt took %s", timeout, first.Sub(began), last.Sub(began), longest)
	if d := first.Sub(began); d > timeout*2/3 {
		t.Errorf("the first of the others was served after %s: it waited for the hung ones", d)
	}
	if longest > timeout+time.Second {
		t.Errorf("an attempt took %s, want at most %s", longest, timeout+time.Second)
	}
	for name, n := range b.chat.count(t) {
		if n != 1 {
			t.Errorf("%s shows %d posts", name, n)
		}
	}
}

// hanging is a platform some of whose channels take a post and never answer.
type hanging struct {
	*channels
	hang  func(digest.Part) bool
	ended func(time.Duration)
}

func (h *hanging) Post(ctx context.Context, p digest.Part) (digest.MessageRef, error) {
	if !h.hang(p) {
		return h.channels.Post(ctx, p)
	}
	began := time.Now()
	<-ctx.Done()
	h.ended(time.Since(began))
	return "", ctx.Err()
}
