package discord

import (
	"context"
	"encoding/json"
	"time"

	"nutgraf/digest"
)

// goneTime is how long somebody has to draw the consequences.
const goneTime = time.Minute

// closed tells Config.Gone that a server, a channel or a thread is closed to
// the bot. A server that Discord cannot reach for a while is not.
// https://discord.com/developers/docs/events/gateway-events#guild-delete
func (l *listener) closed(ctx context.Context, kind string, raw json.RawMessage) {
	var e struct {
		ID          string `json:"id"`
		Guild       string `json:"guild_id"`
		Unavailable bool   `json:"unavailable"`
	}
	if json.Unmarshal(raw, &e) != nil || e.ID == "" || e.Unavailable {
		return
	}
	a, why := digest.Address{Platform: "discord", Workspace: e.Guild, Channel: e.ID}, "the channel was deleted"
	switch kind {
	case "GUILD_DELETE":
		a, why = digest.Address{Platform: "discord", Workspace: e.ID}, "the bot was removed from the server"
	case "THREAD_DELETE":
		why = "the thread was deleted"
	}
	l.p.forget(a)
	if l.p.cfg.Gone == nil || a.Workspace == "" {
		return
	}
	l.working.Go(func() { // the gateway's door may not be blocked
		defer l.survive("an event of the gateway")
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goneTime)
		defer cancel()
		l.p.log.Info("a place is closed to the bot", "address", a.String(), "reason", why)
		l.p.cfg.Gone(ctx, a, why)
	})
}
