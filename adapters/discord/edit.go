package discord

import (
	"context"
	"net/http"
	"net/url"

	"nutgraf/digest"
)

// Edit puts another payload in the place of a posted part. It calls nobody, and
// keeps the marker, so that Find still finds the part. Discord takes few edits
// of messages that are older than an hour: then the post stays as it is.
func (p *Platform) Edit(ctx context.Context, part digest.Part, payload digest.Payload) error {
	f, err := thaw(payload)
	if err != nil {
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "payload"}, Err: err}
	}
	b := f.body
	if part.Plain {
		b = b.plain()
	}
	channel, _, err := p.room(ctx, part)
	if err == nil && opens(part) {
		var v channelInfo
		if v, err = p.venue(ctx, part.Channel); v.posts() {
			channel = string(part.Ref)
		}
	}
	if err != nil {
		return judged(err, part.Attempts)
	}
	path := "channels/" + url.PathEscape(channel) + "/messages/" + url.PathEscape(string(part.Ref))
	if err := p.call(ctx, http.MethodPatch, path, b.findable(part).revised(), nil); err != nil {
		return judged(err, part.Attempts)
	}
	return nil
}
