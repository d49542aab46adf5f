package newsroom_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// restoredBench delivers Monday's and Tuesday's digest, with a backup taken
// after Monday's, and returns a newsroom on the restored backup in front of the
// same channels, on Tuesday at 09:00.
func restoredBench(t *testing.T, change ...func(*digest.Subscription)) *bench {
	t.Helper()
	if os.Getenv("NUTGRAF_TEST_STORE") == "postgres" {
		t.Skip("backups of PostgreSQL are tested with the store")
	}
	sub := daily()
	for _, f := range change {
		f(&sub)
	}
	b := newBench(t, sub)
	b.clock.set(at(8, 0))
	b.settle()
	copied := filepath.Join(t.TempDir(), "copy.backup")
	if _, err := sqlstore.Backup(t.Context(), b.path, copied, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	b.clock.set(at(24+7, 0))
	b.news("bridge", "tunnel")
	b.clock.set(at(24+8, 0))
	b.settle()
	b.chat.find = func(p digest.Part) (digest.Finding, error) {
		for _, k := range b.chat.visible[p.Address.String()] {
			if strings.HasPrefix(k, p.Key) {
				return digest.Found, nil
			}
		}
		return digest.Absent, nil
	}
	b.path = filepath.Join(t.TempDir(), "restored.db")
	if _, _, err := sqlstore.Restore(t.Context(), b.path, copied, false, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	b.store = b.open()
	b.Newsroom = b.newsroom("restored")
	b.clock.set(at(24+7, 30))
	b.news("bridge", "tunnel", "airport") // not what the original had: the digest would read otherwise
	b.clock.set(at(24+9, 0))
	return b
}

// resume lets the store send again, and waits until searches can be believed.
func (b *bench) resume() {
	b.t.Helper()
	if _, _, err := b.store.Resume(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.clock.turn(time.Minute)
	b.settle()
}

func TestRestoredStoreSendsNothingByItself(t *testing.T) {
	b := restoredBench(t)
	posts := b.chat.posts
	b.settle()
	if b.chat.posts != posts {
		t.Errorf("%d posts from a store that was restored", b.chat.posts-posts)
	}
	b.wantSlots("2026-05-04T08:00 done") // and decides nothing: the original may
}

func TestRestoredStorePostsNothingAgain(t *testing.T) {
	b := restoredBench(t)
	before := b.chat.count(t)
	b.resume()
	b.wantPosts(before)
	b.wantSlots("2026-05-04T08:00 done", "2026-05-05T08:00 done late")
	b.clock.set(at(48+7, 0))
	b.news("market")
	b.clock.set(at(48+8, 0))
	b.settle()
	if after := b.chat.count(t)["chat:news"]; after <= before["chat:news"] {
		t.Errorf("got %d posts after the next slot, want more than %d", after, before["chat:news"])
	}
}

func TestRestoredStorePostsWhatWasNotSent(t *testing.T) {
	b := restoredBench(t)
	name := "chat:news"
	b.chat.visible[name] = slices.DeleteFunc(b.chat.visible[name], func(k string) bool {
		p := digest.Part{Subscription: "daily", Slot: "2026-05-05T08:00", Address: digest.Address{Platform: "chat", Channel: "news"}}
		return strings.HasPrefix(k, newsroom.Mark(b.store.InstallID(), p))
	})
	before := b.chat.count(t)[name]
	b.resume()
	if after := b.chat.count(t)[name]; after <= before {
		t.Errorf("got %d posts, want the digest that is not there", after-before)
	}
}

func TestRestoredStoreWhereNobodyCanTell(t *testing.T) {
	for _, tt := range []struct {
		onUnknown string
		err       error
		want      string
		more      bool
	}{
		{"park", nil, "2026-05-05T08:00 undeliverable late", false},
		{"resend", nil, "2026-05-05T08:00 done late", true},
		{"park", errors.New("later"), "2026-05-05T08:00 due late", false},
	} {
		b := restoredBench(t, func(s *digest.Subscription) { s.OnUnknown = tt.onUnknown })
		before := b.chat.count(t)["chat:news"]
		b.chat.find = func(digest.Part) (digest.Finding, error) { return digest.CannotTell, tt.err }
		b.resume()
		b.wantSlots("2026-05-04T08:00 done", tt.want)
		if after := b.chat.count(t)["chat:news"]; after > before != tt.more {
			t.Errorf("%s: %d posts more", tt.onUnknown, after-before)
		}
	}
}
