package discord

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"nutgraf/digest"
)

// perHour is how many messages of an announcement channel Discord publishes in
// an hour.
const perHour = 10

// The codes that say of a message that it need not be published.
const (
	wrongKind = 50024 // the channel is no announcement channel
	published = 40033 // it was published before
)

// publish passes a message on to the channels that follow an announcement
// channel. The message is there either way: what Discord does not pass on is
// in the log.
func (p *Platform) publish(ctx context.Context, part digest.Part, ref digest.MessageRef) {
	now, allowed := p.now(), false
	p.know(part.Channel, func(v *venue) {
		v.published = slices.DeleteFunc(v.published, func(at time.Time) bool { return now.Sub(at) >= time.Hour })
		if allowed = len(v.published) < perHour; allowed {
			v.published = append(v.published, now)
		}
	})
	if !allowed {
		p.log.Warn("a message is not published: Discord publishes ten an hour in a channel", "part", part.Key, "channel", part.Address.String())
		return
	}
	path := "channels/" + url.PathEscape(part.Channel) + "/messages/" + url.PathEscape(string(ref)) + "/crosspost"
	switch err := p.call(ctx, http.MethodPost, path, nil, nil); {
	case err == nil, codeOf(err) == published:
	case codeOf(err) == wrongKind:
		p.log.Warn("a message is not published: its channel is no announcement channel", "part", part.Key, "channel", part.Address.String())
	default:
		p.log.Warn("a message is not published", "part", part.Key, "channel", part.Address.String(), "error", err)
	}
}

// publishable reports whether a payload asks for that, in a channel and not in
// a thread.
func publishable(part digest.Part) bool {
	f, err := thaw(part.Payload)
	return err == nil && f.Publish && !threaded(part)
}
