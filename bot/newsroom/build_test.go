package newsroom_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// writerFunc is a writer made of a function.
type writerFunc func(ctx context.Context, s digest.Story) (digest.Brief, error)

func (f writerFunc) Brief(ctx context.Context, s digest.Story, _ digest.Options) (digest.Brief, error) {
	return f(ctx, s)
}

// TestWriterFallback has stories written by a writer that fails in every way:
// the digest is there all the same.
func TestWriterFallback(t *testing.T) {
	b := newBench(t, daily())
	b.Timing.Brief = 20 * time.Millisecond
	b.Writer = writerFunc(func(ctx context.Context, s digest.Story) (digest.Brief, error) {
		a := s.Articles[0]
		switch word, _, _ := strings.Cut(a.Title, " "); {
		case a.Text == "":
			t.Errorf("story %q comes without its text", a.Title)
		case word == "grain":
			panic("a bug in a writer")
		case word == "railway":
			<-ctx.Done()
			return digest.Brief{}, ctx.Err()
		case word == "harbour":
			return digest.Brief{}, errors.New("refused")
		}
		return digest.Brief{ID: s.ID, Headline: a.Title, Writer: "model"}, nil
	})
	b.news("tunnel")
	b.clock.set(at(8, 0))
	b.settle()
	b.wantPosts(map[string]int{"chat:news": 5})
	e, err := b.store.LatestEdition(t.Context(), daily().Channels[0])
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, item := range e.Items {
		word, _, _ := strings.Cut(item.Brief.Headline, " ")
		got[word] = item.Brief.Writer
	}
	want := map[string]string{"grain": "extractive", "railway": "extractive", "harbour": "extractive", "tunnel": "model"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("writers (-want +got):\n%s", diff)
	}
}

// TestUnusable closes slots that cannot be built, with reasons, and disables
// subscriptions whose schedule cannot be read.
func TestUnusable(t *testing.T) {
	nowhere, broken := daily(), daily()
	nowhere.ID, nowhere.Channels = "nowhere", []digest.Address{{Platform: "absent", Channel: "x"}}
	broken.ID, broken.Cron = "broken", "TZ=0"
	b := newBench(t, nowhere, broken)
	b.clock.set(at(8, 0))
	b.settle()
	b.wantSlots("2026-05-04T08:00 undeliverable")
	slots, err := b.store.Slots(t.Context(), digest.SlotFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "the channel absent:x is on a platform that is not configured"; !strings.Contains(slots[0].Reason, want) {
		t.Errorf("got reason %q, want %q in it", slots[0].Reason, want)
	}
	subs, err := b.store.Subscriptions(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range subs {
		if got, want := s.Disabled != "", s.ID == "broken"; got != want {
			t.Errorf("subscription %s: disabled %q", s.ID, s.Disabled)
		}
	}
}

// TestPausedWhileDue closes a slot whose subscription was paused after it was
// decided.
func TestPausedWhileDue(t *testing.T) {
	b := newBench(t, daily())
	b.clock.set(at(8, 0))
	if _, err := b.Decide(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := b.store.ChangeSubscriptions(t.Context(), digest.Local, func(all []digest.Subscription) ([]digest.Subscription, error) {
		all[0].Paused = true
		return all, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.wantSlots("2026-05-04T08:00 missed")
	b.wantPosts(map[string]int{})
}

func TestKey(t *testing.T) {
	base := digest.Part{Subscription: "s", Slot: "2026-05-04T08:00", Address: digest.Address{Platform: "web", Channel: "news"}, N: 1, Payload: []byte("a")}
	if got, want := newsroom.Key("install", base), "rv4m3h3mollhg4hxgu65zvur"; got != want {
		t.Errorf("got key %s, want %s: a change of keys posts everything in flight twice", got, want)
	}
	seen := map[string]bool{newsroom.Key("install", base): true, newsroom.Key("other", base): true}
	for _, change := range []func(*digest.Part){
		func(p *digest.Part) { p.Subscription = "t" }, func(p *digest.Part) { p.Slot = "2026-05-05T08:00" },
		func(p *digest.Part) { p.Channel = "more" }, func(p *digest.Part) { p.N = 2 }, func(p *digest.Part) { p.Payload = []byte("b") },
	} {
		p := base
		change(&p)
		seen[newsroom.Key("install", p)] = true
	}
	if len(seen) != 7 {
		t.Errorf("got %d different keys, want 7", len(seen))
	}
}

// TestManyAtOnce builds and posts many digests that are due at the same time,
// spread over the jitter.
func TestManyAtOnce(t *testing.T) {
	const many = 40
	var subs []digest.Subscription
	want := make(map[string]int)
	for i := range many {
		sub := daily()
		sub.ID, sub.Layout.Stories = fmt.Sprintf("s%02d", i), 1
		sub.Channels = []digest.Address{{Platform: "chat", Channel: sub.ID}}
		subs = append(subs, sub)
		want["chat:"+sub.ID] = 2
	}
	b := newBench(t, subs...)
	b.Timing.Jitter = 500 * time.Second // 40 s for 40 subscriptions
	b.clock.set(at(8, 0))
	b.settle()
	if n := len(b.chat.count(t)); n > many/2 {
		t.Errorf("%d of %d digests came at once, want them spread", n, many)
	}
	b.clock.turn(41 * time.Second)
	b.settle()
	b.wantPosts(want)
}
