package discord

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nutgraf/digest"
)

const (
	epoch     = 1420070400000    // the first millisecond of Discord's ids
	pageSize  = 100              // messages of one request, the most there may be
	maxPages  = 20               // of a search; a channel that writes more since then is beyond us
	nonceSafe = 90 * time.Second // Discord knows a nonce for "a few minutes": two, and half a minute until the repeat is sent
)

// Find looks for a part that may have been posted since an instant. In the
// first one and a half minutes a message that is not seen counts as absent:
// should it still be on its way, the nonce of the repeat meets it. Later it is
// absent only when the channel was read to its end with the permission that
// reading needs, because without it Discord shows an empty channel.
func (p *Platform) Find(ctx context.Context, part digest.Part, since time.Time) (digest.MessageRef, digest.Finding, error) {
	ref, finding, err := p.look(ctx, part, since)
	if finding == digest.Found && publishable(part) {
		p.publish(ctx, part, ref)
	}
	return ref, finding, err
}

func (p *Platform) look(ctx context.Context, part digest.Part, since time.Time) (digest.MessageRef, digest.Finding, error) {
	if opens(part) {
		v, err := p.venue(ctx, part.Channel)
		switch {
		case err != nil && codeOf(err) == 0:
			return "", digest.CannotTell, searching(err)
		case v.posts():
			return p.findPost(ctx, part, v, since)
		}
	}
	ref, finding, err := p.search(ctx, part, since)
	if finding == digest.CannotTell && p.now().Sub(since) < nonceSafe && retryable(err) {
		return "", digest.Absent, nil
	}
	return ref, finding, err
}

// retryable reports whether a failed search says nothing about a post: what
// waits for its turn or finds the platform down does not get better by posting.
func retryable(err error) bool {
	o := verdict(err).Outcome
	return o.Scope < digest.ScopePlatform && o.After == 0
}

// search reads the channel or thread from since on.
func (p *Platform) search(ctx context.Context, part digest.Part, since time.Time) (digest.MessageRef, digest.Finding, error) {
	channel, _, err := p.room(ctx, part)
	if err != nil && codeOf(err) == 0 {
		return "", digest.CannotTell, searching(err)
	}
	me, err := p.self(ctx)
	if err != nil {
		return "", digest.CannotTell, searching(err)
	}
	ref, read, err := p.scan(ctx, channel, me, markerPrefix+part.Key, since)
	switch {
	case channel != part.Channel && codeOf(err) == 10003:
		return "", digest.Absent, nil // no thread, no message in it
	case err != nil:
		return "", digest.CannotTell, searching(err)
	case ref != "":
		return ref, digest.Found, nil
	case read > 0:
		return "", digest.Absent, nil // messages were shown, hence the permission is there
	}
	_, held, err := p.permissions(ctx, part.Address)
	switch {
	case err != nil:
		return "", digest.CannotTell, searching(err)
	case !held.has(viewChannel | readHistory):
		missing := (viewChannel | readHistory) &^ held
		return "", digest.CannotTell, &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected}, Err: errors.New("the bot may not read the channel: it lacks " + missing.names())}
	}
	ref, _, err = p.scan(ctx, channel, me, markerPrefix+part.Key, since) // the permission may be newer than the first look
	switch {
	case err != nil:
		return "", digest.CannotTell, searching(err)
	case ref != "":
		return ref, digest.Found, nil
	}
	return "", digest.Absent, nil
}

// scan pages through the messages since an instant, oldest first. read is how
// many it saw.
func (p *Platform) scan(ctx context.Context, channel, me, marker string, since time.Time) (ref digest.MessageRef, read int, err error) {
	after := snowflakeAt(since)
	for range maxPages {
		var page []message
		path := "channels/" + url.PathEscape(channel) + "/messages?limit=" + strconv.Itoa(pageSize) + "&after=" + after
		if err := p.call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return "", read, err
		}
		for _, m := range page {
			if m.Author.ID == me && m.holds(marker) {
				return digest.MessageRef(m.ID), read, nil
			}
			if newer(m.ID, after) {
				after = m.ID
			}
		}
		if read += len(page); len(page) < pageSize {
			return "", read, nil
		}
	}
	return "", read, &callError{What: "GET channels/" + channel + "/messages", Err: errors.New("the channel has too many messages since then to be searched")}
}

// searching gives an error of a search the outcome that says when to try again.
func searching(err error) error { return verdict(err) }

// snowflakeAt returns the smallest id of an instant.
func snowflakeAt(t time.Time) string {
	return strconv.FormatInt(max(t.UnixMilli()-epoch, 0)<<22, 10)
}

// newer compares ids, which are decimal numbers.
func newer(a, b string) bool {
	return len(a) > len(b) || len(a) == len(b) && strings.Compare(a, b) > 0
}

// channelInfo is what Discord says of a channel.
type channelInfo struct {
	ID         string      `json:"id"`
	Type       int         `json:"type"`
	Name       string      `json:"name"`
	Guild      string      `json:"guild_id"`
	Parent     string      `json:"parent_id"`
	Tags       []forumTag  `json:"available_tags"`
	Overwrites []overwrite `json:"permission_overwrites"`
}

// forumTag is a tag that posts of a forum can have.
type forumTag struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// permissions returns what a channel is and computes what the bot may do in it,
// both freshly. For a thread the permissions in its channel count.
func (p *Platform) permissions(ctx context.Context, a digest.Address) (channel channelInfo, held permissions, err error) {
	me, err := p.self(ctx)
	if err != nil {
		return channel, 0, err
	}
	if err := p.call(ctx, http.MethodGet, "channels/"+url.PathEscape(a.Channel), nil, &channel); err != nil {
		return channel, 0, err
	}
	if channel.Type == directMessages {
		return channel, needed, nil // whoever has them may write them
	}
	under := channel
	if channel.isThread() && channel.Parent != "" {
		under = channelInfo{}
		if err := p.call(ctx, http.MethodGet, "channels/"+url.PathEscape(channel.Parent), nil, &under); err != nil {
			return channel, 0, err
		}
	}
	guild := url.PathEscape(under.Guild)
	var roles []guildRole
	if err := p.call(ctx, http.MethodGet, "guilds/"+guild+"/roles", nil, &roles); err != nil {
		return channel, 0, err
	}
	var member guildMember
	if err := p.call(ctx, http.MethodGet, "guilds/"+guild+"/members/"+me, nil, &member); err != nil {
		return channel, 0, err
	}
	return channel, permissionsIn(under.Guild, me, member, roles, under.Overwrites), nil
}
