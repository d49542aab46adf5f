package discord

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"nutgraf/digest"
)

// venueFor is how long what is known of a channel counts: people turn channels
// into others seldom.
const venueFor = 10 * time.Minute

// The types of channels that are treated in ways of their own.
// https://discord.com/developers/docs/resources/channel#channel-object-channel-types
const (
	textChannel    = 0
	directMessages = 1
	announcements  = 5
	firstThread    = 10
	lastThread     = 12
	forum          = 15
	mediaForum     = 16
)

// venue is what is known of a channel for a while.
type venue struct {
	channelInfo
	at        time.Time
	published []time.Time // when messages were published, within the last hour
}

// posts reports whether a channel takes posts with threads of their own only.
func (v channelInfo) posts() bool { return v.Type == forum || v.Type == mediaForum }

// holdsThreads reports whether threads can be made from messages of a channel.
func (v channelInfo) holdsThreads() bool { return v.Type == textChannel || v.Type == announcements }

// isThread reports whether a channel is a thread.
func (v channelInfo) isThread() bool { return v.Type >= firstThread && v.Type <= lastThread }

// wants returns the permissions that posts in a channel need, with stories in
// threads or without. In threads another one counts than in their channel.
func (v channelInfo) wants(threads bool) permissions {
	switch {
	case v.isThread():
		return needed&^sendMessages | sendInThreads
	case v.posts():
		return needed | sendInThreads
	case threads && v.holdsThreads():
		return needed | forThreads
	}
	return needed
}

// venue returns what is known of a channel, and asks where nothing is.
func (p *Platform) venue(ctx context.Context, channel string) (channelInfo, error) {
	now := p.now()
	p.mu.Lock()
	known, ok := p.venues[channel]
	p.mu.Unlock()
	if ok && !known.at.IsZero() && now.Sub(known.at).Abs() < venueFor {
		return known.channelInfo, nil
	}
	var info channelInfo
	if err := p.call(ctx, http.MethodGet, "channels/"+url.PathEscape(channel), nil, &info); err != nil {
		return info, err
	}
	p.know(channel, func(v *venue) { v.channelInfo, v.at = info, now })
	return info, nil
}

// know changes what is known of a channel.
func (p *Platform) know(channel string, change func(*venue)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.venues == nil || len(p.venues) > manyRoutes {
		p.venues = make(map[string]venue)
	}
	v := p.venues[channel]
	change(&v)
	p.venues[channel] = v
}

// forget drops what is known of a channel that was closed.
func (p *Platform) forget(a digest.Address) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.venues, a.Channel)
	delete(p.opened, a.Channel)
}

// Threaded reports whether all messages of a digest go under its first one in a
// channel, whatever its layout says: a forum takes one post.
func (p *Platform) Threaded(ctx context.Context, a digest.Address) bool {
	v, err := p.venue(ctx, a.Channel)
	return err == nil && v.posts()
}

// Belongs refuses a channel that somebody named when it is none of its server,
// or none that the bot sees.
func (p *Platform) Belongs(ctx context.Context, a digest.Address) error {
	if !snowflake.MatchString(a.Channel) {
		return digest.Errorf(digest.Invalid, "%q is no channel here; name one as #channel, or by its id.", clip(a.Channel, 40))
	}
	v, err := p.venue(ctx, a.Channel)
	switch code := codeOf(err); {
	case code == 10003 || code == 50001 || err == nil && v.Guild != a.Workspace:
		return digest.Errorf(digest.NotFound, "There is no channel %q here that the bot sees.", clip(a.Channel, 40))
	case err != nil:
		return digest.Errorf(digest.Unavailable, "Discord does not say what channel that is; try again in a minute.")
	}
	return nil
}

// Direct returns the direct messages with a user. They belong to the server in
// which the user asked for them.
func (p *Platform) Direct(ctx context.Context, near digest.Address, user string) (digest.Address, error) {
	var channel channelInfo
	err := p.call(ctx, http.MethodPost, "users/@me/channels", map[string]string{"recipient_id": user}, &channel)
	if err != nil || channel.ID == "" {
		return digest.Address{}, digest.Errorf(digest.Unavailable, "Discord does not open direct messages with you; allow them for this server in its privacy settings, and try again.")
	}
	return digest.Address{Platform: "discord", Workspace: near.Workspace, Channel: channel.ID}, nil
}
