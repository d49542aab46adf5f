package discord

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nutgraf/digest"
)

// forumQuiet is how long the request that opens a post may still be carried
// out: Discord knows no repeat of it. It is the deadline of a call and half a
// minute.
const forumQuiet = callTimeout + 30*time.Second

// archiveAfter is after how many minutes without a message a thread is put away.
const archiveAfter = 1440

// opens reports whether a part is the first of a post in a forum.
func opens(part digest.Part) bool { return !threaded(part) }

// open opens the post of a digest in a forum. The post's thread has the id of
// its first message.
func (p *Platform) open(ctx context.Context, part digest.Part, f frozen) (digest.MessageRef, error) {
	v, err := p.venue(ctx, part.Channel)
	if err != nil {
		return "", unsent(judged(err, part.Attempts))
	}
	in := struct {
		Name    string   `json:"name"`
		Archive int      `json:"auto_archive_duration"`
		Tags    []string `json:"applied_tags,omitempty"`
		Message body     `json:"message"`
	}{Name: titleOf(f.body, part), Archive: archiveAfter, Message: f.findable(part)}
	for _, tag := range v.Tags {
		if f.Tag != "" && strings.EqualFold(tag.Name, f.Tag) {
			in.Tags = []string{tag.ID}
		}
	}
	if f.Tag != "" && in.Tags == nil {
		p.log.Warn("the forum has no such tag; the post has none", "channel", part.Address.String(), "tag", f.Tag)
	}
	path := "channels/" + url.PathEscape(part.Channel) + "/threads"
	var thread channelInfo
	err = p.call(ctx, http.MethodPost, path, in, &thread)
	if err == nil && thread.ID == "" {
		err = &callError{What: "POST channels/" + part.Channel + "/threads", Status: http.StatusOK, Wrote: true, Err: errors.New("the answer names no thread")}
	}
	return digest.MessageRef(thread.ID), err
}

// titleOf names the post of a digest: its title and its day.
func titleOf(b body, part digest.Part) string {
	title := "Digest"
	if len(b.Embeds) > 0 && b.Embeds[0].Title != "" {
		title = unescape(string(b.Embeds[0].Title))
	}
	day, _, _ := strings.Cut(part.Slot, "T")
	if day == "" {
		return cutLine(title, maxThreadName)
	}
	return cutLine(title, maxThreadName-len(day)-3) + " · " + day
}

// findPost looks for the post of a part in a forum: among the threads that are
// open, and those that were put away since.
func (p *Platform) findPost(ctx context.Context, part digest.Part, v channelInfo, since time.Time) (digest.MessageRef, digest.Finding, error) {
	me, err := p.self(ctx)
	if err != nil {
		return "", digest.CannotTell, searching(err)
	}
	for _, path := range []string{"guilds/" + url.PathEscape(v.Guild) + "/threads/active", "channels/" + url.PathEscape(part.Channel) + "/threads/archived/public?limit=100"} {
		var list struct {
			Threads []struct {
				ID     string `json:"id"`
				Parent string `json:"parent_id"`
				Owner  string `json:"owner_id"`
			} `json:"threads"`
		}
		if err := p.call(ctx, http.MethodGet, path, nil, &list); err != nil {
			return "", digest.CannotTell, searching(err)
		}
		for _, t := range list.Threads {
			if t.Parent != part.Channel || t.Owner != me || !newer(t.ID, snowflakeAt(since)) {
				continue
			}
			var m message
			err := p.call(ctx, http.MethodGet, "channels/"+url.PathEscape(t.ID)+"/messages/"+url.PathEscape(t.ID), nil, &m)
			switch {
			case codeOf(err) == 10008: // its first message was deleted
			case err != nil:
				return "", digest.CannotTell, searching(err)
			case m.holds(markerPrefix + part.Key):
				return digest.MessageRef(t.ID), digest.Found, nil
			}
		}
	}
	if wait := since.Add(forumQuiet).Sub(p.now()); wait > 0 {
		o := digest.Outcome{Class: digest.NotSent, Scope: digest.ScopeChannel, Code: "wait", After: wait}
		return "", digest.CannotTell, &digest.PostError{Outcome: o, Err: errors.New("the post may still be on its way")}
	}
	return "", digest.Absent, nil
}
