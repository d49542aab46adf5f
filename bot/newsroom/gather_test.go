package newsroom_test

import (
	"context"
	"testing"

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
