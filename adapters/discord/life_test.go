package discord

import (
	"context"
	"strings"
	"testing"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/discord/discordfake"
)

// TestCommandsOutliveTheProgram has a command at work while the program stops.
func TestCommandsOutliveTheProgram(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	h := chat.HandlerFunc(func(ctx ctx, _ chat.Command) chat.Reply {
		begun <- struct{}{}
		select {
		case <-release:
			return say("done")
		case <-ctx.Done():
			return say("given up: " + ctx.Err().Error())
		}
	})
	b := newBench(t, discordfake.Options{}, func(c *Config) { c.pause, c.sleep, c.Identifies = 5*time.Millisecond, nil, &counter{} })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Listen(ctx, h, specs()) }()
	eventually(t, "the bot logs in", func() bool { return b.fake.Connected() > 0 })
	last := b.fake.Slash(discordfake.User{ID: "7"}, guildID, channelID, "digest", "latest", nil)
	<-begun
	stop()
	eventually(t, "it leaves the gateway", func() bool { return b.fake.Connected() == 0 })
	close(release)
	if got := answered(t, b, last); !strings.Contains(string(got.Answer), "done") {
		t.Errorf("got %s, want what the command says", got.Answer)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestHandlersEndWithTheProgram gives a command that does not end only so much
// time when the program stops.
func TestHandlersEndWithTheProgram(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	h := chat.HandlerFunc(func(ctx ctx, _ chat.Command) chat.Reply {
		close(begun)
		<-ctx.Done()
		close(over)
		return say("given up")
	})
	b := newBench(t, discordfake.Options{}, func(c *Config) { c.farewell = 50 * time.Millisecond })
	l := b.listener(h, specs())
	l.interact([]byte(`{"id":"1","token":"t","type":2,"data":{"type":1,"options":[{"name":"latest","type":1}]}}`))
	<-begun
	l.drain()
	<-over
}

// TestAcknowledgedInDoubt has Discord take the announcement of an answer without
// saying so: the person must not wait for ever.
func TestAcknowledgedInDoubt(t *testing.T) {
	b, _ := listening(t, discordfake.Options{}, nil, chat.HandlerFunc(func(ctx, chat.Command) chat.Reply {
		time.Sleep(chat.Patience + 100*time.Millisecond)
		return say("done")
	}))
	b.fake.Fail(discordfake.Fault{Kind: discordfake.StoreThen502, Path: "callback"})
	id := b.fake.Slash(discordfake.User{ID: "7"}, guildID, channelID, "digest", "latest", nil)
	if i := finished(t, b, id); i.Edits != 1 || !strings.Contains(string(i.Answer), "done") {
		t.Errorf("got %+v", i)
	}
	b.fake.Fail(discordfake.Refusal(404, 10062, "Unknown interaction"))
	id = b.fake.Slash(discordfake.User{ID: "7"}, guildID, channelID, "digest", "latest", nil)
	eventually(t, "the log says so", func() bool { return strings.Contains(b.log.String(), "Unknown interaction") })
	if i, err := b.fake.Interaction(id); err != nil || i.Edits != 0 || len(i.Refused) > 0 {
		t.Errorf("an answer that Discord does not wait for was given: %+v, %v", i, err)
	}
}
