package newsroom_test

import (
	"testing"

	"nutgraf/digest"
)

// TestLeft has platforms say that they closed something, between digests.
func TestLeft(t *testing.T) {
	for _, c := range []struct {
		name  string
		where digest.Address
		more  []digest.Address // channels of the subscription beside the first
		want  string           // why it is disabled
		told  string
	}{
		{"its channel", digest.Address{Platform: "chat", Workspace: "W", Channel: "news"}, nil, "chat:W/news: archived", "channel gone · chat:W/news"},
		{"its workspace", digest.Address{Platform: "chat", Workspace: "W"}, nil, "chat:W: archived", "channel gone · chat:W"},
		{"another channel", digest.Address{Platform: "chat", Workspace: "W", Channel: "other"}, nil, "", ""},
		{"another workspace", digest.Address{Platform: "chat", Workspace: "V"}, nil, "", ""},
		{"one of its channels", digest.Address{Platform: "chat", Workspace: "W", Channel: "news"},
			[]digest.Address{{Platform: "chat", Workspace: "W", Channel: "more"}}, "", "channel gone · chat:W/news"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sub := inWorkspace()
			sub.Channels = append(sub.Channels, c.more...)
			b := newOperatedBench(t, sub)
			for range 2 { // told twice, done once
				if err := b.Left(t.Context(), c.where, "archived"); err != nil {
					t.Fatal(err)
				}
			}
			b.settle()
			if got := b.disabled(); got != c.want {
				t.Errorf("disabled: %q, want %q", got, c.want)
			}
			if c.told == "" {
				b.wantNotices()
			} else {
				b.wantNotices(c.told)
			}
		})
	}
}
