package newsroom_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"nutgraf/digest"
)

// gathering is a platform on which one channel is a forum.
type gathering struct {
	*channels
	forum string
	fails bool
}

func (g gathering) Threaded(_ context.Context, a digest.Address) bool {
	if g.fails {
		panic("nobody knows")
	}
	return a.Channel == g.forum
}

// TestForumGathers puts all messages under the first one where the channel asks
// for that, whatever the layout says.
func TestForumGathers(t *testing.T) {
	for name, c := range map[string]struct {
		forum  string
		fails  bool
		parent bool
	}{"a forum": {"news", false, true}, "another channel": {"else", false, false}, "nobody knows": {"news", true, false}} {
		t.Run(name, func(t *testing.T) {
			sub := daily()
			sub.Layout.Thread = "no"
			b := newBench(t, sub)
			b.clock.set(at(8, 0))
			n := b.newsroom("gatherer")
			n.Platforms["chat"] = gathering{b.chat, c.forum, c.fails}
			for worked := true; worked; {
				var err error
				if worked, err = n.Round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			b.wantPosts(map[string]int{"chat:news": 4})
			for i, p := range b.parts() {
				if got, want := b.chat.parents[p.Key] != "", c.parent && i > 0; got != want {
					t.Errorf("part %d goes under the first one: %v, want %v", p.N, got, want)
				}
			}
		})
	}
}

// mute is a platform that never says what its channels are.
type mute struct {
	*channels
	asked *atomic.Int32
}

func (m mute) Threaded(ctx context.Context, _ digest.Address) bool {
	m.asked.Add(1)
	<-ctx.Done()
	return false
}

// TestMutePlatformDelaysNoDigest builds many digests for channels of a platform
// that does not answer: it is not asked for each of them.
func TestMutePlatformDelaysNoDigest(t *testing.T) {
	var subs []digest.Subscription
	for i := range 20 {
		sub := daily()
		sub.ID, sub.Channels = fmt.Sprint("daily", i), []digest.Address{{Platform: "chat", Channel: fmt.Sprint("news", i)}}
		subs = append(subs, sub)
	}
	b := newBench(t, subs...)
	b.clock.set(at(8, 0))
	n := b.newsroom("one")
	n.Timing.Timeout = 100 * time.Millisecond
	var asked atomic.Int32
	n.Platforms["chat"] = mute{b.chat, &asked}
	for worked := true; worked; {
		var err error
		if worked, err = n.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.clock.turn(time.Second)
	}
	if got := len(b.chat.count(t)); got != 20 || asked.Load() > 8 {
		t.Errorf("got %d of 20 digests, and it was asked %d times, want 8 at most: once by each that builds", got, asked.Load())
	}
}
