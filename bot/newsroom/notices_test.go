package newsroom_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file under testdata.
func golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

var adminChannel = digest.Address{Platform: "chat", Workspace: "W", Channel: "admins"}

func archived() digest.Notice {
	return digest.Notice{Workspace: "chat:W", Cause: digest.CauseChannel, Subject: "chat:W/news", Text: "The channel was archived; unarchive it, then write resume there."}
}

// newWatchedBench is a bench whose workspace W has an admin channel.
func newWatchedBench(t testing.TB, subs ...digest.Subscription) *bench {
	b := newBench(t, subs...)
	b.Admins = map[string]digest.Address{"chat:W": adminChannel}
	return b
}

// told returns how many notices the admin channel shows.
func (b *bench) told() int {
	b.t.Helper()
	return b.chat.count(b.t)[adminChannel.String()]
}

func TestNoticeIsToldOncePerCause(t *testing.T) {
	b := newWatchedBench(t)
	ctx := t.Context()
	second := b.newsroom("two")
	second.Admins = b.Admins
	for _, n := range []*newsroom.Newsroom{b.Newsroom, second, b.Newsroom} {
		n.Notify(ctx, archived())
		b.clock.turn(time.Minute)
		for _, m := range []*newsroom.Newsroom{b.Newsroom, second} {
			if _, err := m.Deliver(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.restart()
	b.Admins = map[string]digest.Address{"chat:W": adminChannel}
	b.Notify(ctx, archived())
	b.settle()
	if got := b.told(); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
	other := archived()
	other.Subject = "chat:W/sports"
	b.Notify(ctx, other)
	b.settle()
	b.Clear(ctx, archived())
	b.Notify(ctx, archived())
	b.settle()
	if got := b.told(); got != 3 {
		t.Errorf("told %d times after another channel and a recurrence, want 3", got)
	}
	for _, body := range b.chat.bodies {
		if strings.Contains(body, "chat:W/news") {
			golden(t, "notice.golden", body+"\n")
			break
		}
	}
}

// TestNoticeThroughFaults tells a notice through every outcome of a post.
func TestNoticeThroughFaults(t *testing.T) {
	lost := func(digest.Part, func()) error { return errors.New("connection reset") }
	kept := func(_ digest.Part, store func()) error { store(); return errors.New("unexpected EOF") }
	later := func(digest.Part, func()) error {
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.NotSent, After: time.Minute}}
	}
	never := func(digest.Part, func()) error {
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Scope: digest.ScopeChannel, Code: "is_archived"}}
	}
	for _, tt := range []struct {
		name  string
		post  func(digest.Part, func()) error
		find  func(digest.Part) (digest.Finding, error)
		posts int // attempts
		told  int
	}{
		{"stored, no answer", kept, nil, 1, 1},
		{"lost", lost, nil, 2, 1},
		{"lost, nobody can tell", lost, func(digest.Part) (digest.Finding, error) { return digest.CannotTell, nil }, 1, 0},
		{"too fast", later, nil, 2, 1},
		{"refused", never, nil, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newWatchedBench(t)
			b.chat.find = tt.find
			b.chat.behave(tt.post)
			b.Notify(t.Context(), archived())
			b.settle()
			b.chat.behave(nil)
			for range 10 {
				b.clock.turn(30 * time.Second)
				b.settle()
			}
			if b.told() != tt.told || b.chat.posts != tt.posts {
				t.Errorf("told %d times in %d posts, want %d in %d", b.told(), b.chat.posts, tt.told, tt.posts)
			}
		})
	}
}

// TestNoticeInFlight kills the process after it posted a notice.
func TestNoticeInFlight(t *testing.T) {
	b := newWatchedBench(t)
	b.Store = &forgetful{Store: b.store}
	b.Notify(t.Context(), archived())
	_, _ = b.Round(t.Context())
	b.restart()
	b.Admins = map[string]digest.Address{"chat:W": adminChannel}
	b.clock.turn(61 * time.Second)
	b.settle()
	if b.told() != 1 || b.chat.posts != 1 {
		t.Errorf("told %d times in %d posts, want once", b.told(), b.chat.posts)
	}
}

// forgetful is a store whose process dies before it records what became of a notice.
type forgetful struct{ newsroom.Store }

func (forgetful) MarkNotice(context.Context, digest.Claim, digest.Notice, digest.NoticeState, time.Time) error {
	return errDead
}

// TestNoticeWithoutStore tells directly, and once, what the store cannot take.
func TestNoticeWithoutStore(t *testing.T) {
	b := newWatchedBench(t)
	full := &full{Store: b.store}
	b.Store = full
	posted := make(chan struct{}, 9)
	b.chat.behave(func(_ digest.Part, store func()) error {
		store()
		posted <- struct{}{}
		return nil
	})
	degraded := digest.Notice{Workspace: "chat:W", Cause: digest.CauseStore, Subject: "store", Text: "The disk is full."}
	b.Notify(t.Context(), degraded)
	b.Notify(t.Context(), degraded)
	<-posted
	full.works = true
	b.Notify(t.Context(), degraded)
	b.settle()
	if got := b.told(); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
	b.Clear(t.Context(), degraded)
	b.clock.turn(time.Hour)
	b.Notify(t.Context(), degraded)
	b.settle()
	if got := b.told(); got != 2 {
		t.Errorf("told %d times after a recurrence, want twice", got)
	}
}

// full is a store that takes no notice until it works.
type full struct {
	newsroom.Store
	works bool
}

func (f *full) AddNotice(ctx context.Context, n digest.Notice, s digest.NoticeState) (bool, error) {
	if !f.works {
		return false, errors.New("disk full")
	}
	return f.Store.AddNotice(ctx, n, s)
}

// TestNoticeGoesWhereItCanBeRead chooses the channel.
func TestNoticeGoesWhereItCanBeRead(t *testing.T) {
	general := digest.Address{Platform: "chat", Workspace: "HQ", Channel: "ops"}
	for _, tt := range []struct {
		name   string
		notice digest.Notice
		admins map[string]digest.Address
		want   map[string]int
	}{
		{"its own channel", archived(), map[string]digest.Address{"chat:W": adminChannel, "*": general}, map[string]int{"chat:W/admins": 1}},
		{"the general one", archived(), map[string]digest.Address{"*": general}, map[string]int{"chat:HQ/ops": 1}},
		{"none", archived(), nil, map[string]int{}},
		{"a paused workspace is told elsewhere", digest.Notice{Workspace: "chat:W", Cause: digest.CauseWorkspace, Subject: "chat:W"},
			map[string]digest.Address{"chat:W": adminChannel, "*": general}, map[string]int{"chat:HQ/ops": 1}},
		{"or there, when it comes back", digest.Notice{Workspace: "chat:W", Cause: digest.CauseWorkspace, Subject: "chat:W"},
			map[string]digest.Address{"chat:W": adminChannel}, map[string]int{"chat:W/admins": 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.Admins = tt.admins
			b.Notify(t.Context(), tt.notice)
			b.settle()
			b.wantPosts(tt.want)
		})
	}
}
