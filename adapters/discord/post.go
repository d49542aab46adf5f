package discord

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"nutgraf/digest"
)

// message is what Discord returns of one.
type message struct {
	ID        string `json:"id"`
	ChannelID string `json:"channel_id"`
	Content   string `json:"content"`
	Author    struct {
		ID  string `json:"id"`
		Bot bool   `json:"bot"`
	} `json:"author"`
	Embeds []struct {
		Title       string `json:"title"`
		URL         string `json:"url"`
		Description string `json:"description"`
	} `json:"embeds"`
	Components []component `json:"components"`
	Snapshots  []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
	} `json:"message_snapshots"`
}

// component is any component of a message; kinds that are not known yet have
// at least these fields or none.
type component struct {
	CustomID   string      `json:"custom_id"`
	Components []component `json:"components"`
}

// holds reports whether one of the components carries an id that begins so.
func (m message) holds(id string) bool { return anyHolds(m.Components, id) }

func anyHolds(list []component, id string) bool {
	for _, c := range list {
		if strings.HasPrefix(c.CustomID, id) || anyHolds(c.Components, id) {
			return true
		}
	}
	return false
}

// Post posts a part, into the thread of its header where the part asks for it,
// and as plain text where Discord did not take its form before. The nonce makes
// Discord itself refuse a repeat within the next minutes.
func (p *Platform) Post(ctx context.Context, part digest.Part) (digest.MessageRef, error) {
	f, err := thaw(part.Payload)
	if err != nil {
		return "", &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "payload"}, Err: err}
	}
	if part.Plain {
		f.body = f.plain()
	}
	ref, err := p.put(ctx, part, f)
	if err != nil {
		return "", p.named(ctx, part, judged(err, part.Attempts))
	}
	if f.Publish && !threaded(part) {
		p.publish(ctx, part, ref)
	}
	return ref, nil
}

// noText is the code with which Discord refuses messages in a forum.
const noText = 50008

// put posts a part where it belongs.
func (p *Platform) put(ctx context.Context, part digest.Part, f frozen) (digest.MessageRef, error) {
	if p.isForum(part) && opens(part) {
		return p.open(ctx, part, f)
	}
	channel, err := p.destination(ctx, part)
	if err != nil {
		return "", err
	}
	m, err := p.create(ctx, channel, f.marked(part))
	switch {
	case threaded(part) && codeOf(err) == 10003:
		// The thread was deleted since it was made.
		p.forgetThread(part)
		if channel, err = p.destination(ctx, part); err == nil {
			m, err = p.create(ctx, channel, f.marked(part))
		}
	case opens(part) && codeOf(err) == noText:
		if v, seen := p.venue(ctx, part.Channel); seen == nil && v.posts() {
			return p.open(ctx, part, f)
		}
	}
	return digest.MessageRef(m.ID), err
}

// isForum reports whether a part's channel is known to be a forum. Discord says
// so of one that is not known.
func (p *Platform) isForum(part digest.Part) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.venues[part.Channel].posts()
}

// named adds to a refusal for want of access which permissions are missing,
// where that can be found out.
func (p *Platform) named(ctx context.Context, part digest.Part, failed *digest.PostError) *digest.PostError {
	if failed.Action != digest.ActDisableIfAgain {
		return failed
	}
	channel, held, err := p.permissions(ctx, part.Address)
	want := channel.wants(part.Threaded)
	missing := want &^ held
	switch {
	case err != nil && codeOf(err) == 50001:
		missing = viewChannel
	case err != nil || missing == 0 || held.has(want):
		return failed
	}
	failed.Err = &digest.Error{Kind: digest.Forbidden, Msg: "the bot lacks " + missing.names() + "; “Edit Channel”, “Permissions”, add the bot's role and allow them", Err: failed.Err}
	return failed
}

// create posts one message to a channel or thread.
func (p *Platform) create(ctx context.Context, channel string, b body) (message, error) {
	var m message
	err := p.call(ctx, http.MethodPost, "channels/"+url.PathEscape(channel)+"/messages", b, &m)
	if err == nil && m.ID == "" {
		err = &callError{What: "POST channels/" + channel + "/messages", Status: http.StatusOK, Wrote: true, Err: errors.New("the answer names no message")}
	}
	return m, err
}

// codeOf returns Discord's code of a failed call, or 0.
func codeOf(err error) int {
	var e *callError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// threaded reports whether a part goes into the thread of its header.
func threaded(part digest.Part) bool { return part.Threaded && part.Parent != "" }

// room returns where a part stands: its channel, or the thread under its header,
// which has the header's id, so that nothing needs to be remembered. Where no
// threads can be made, as in direct messages or in a thread, it is the channel.
// There is false for a thread that may have to be made.
func (p *Platform) room(ctx context.Context, part digest.Part) (id string, there bool, err error) {
	if !threaded(part) {
		return part.Channel, true, nil
	}
	thread := string(part.Parent)
	p.mu.Lock()
	there = p.opened[thread]
	p.mu.Unlock()
	if there {
		return thread, true, nil
	}
	switch v, err := p.venue(ctx, part.Channel); {
	case err != nil:
		return thread, false, err
	case v.posts():
		return thread, true, nil // the post is the thread
	case !v.holdsThreads():
		return part.Channel, true, nil
	}
	return thread, false, nil
}

// destination returns where a part is posted. The thread under its header is
// made when it is not there.
func (p *Platform) destination(ctx context.Context, part digest.Part) (string, error) {
	thread, there, err := p.room(ctx, part)
	switch {
	case err != nil:
		return "", unsent(judged(err, part.Attempts))
	case there:
		return thread, nil
	}
	header := "channels/" + url.PathEscape(part.Channel) + "/messages/" + url.PathEscape(thread)
	name := "Digest of " + strings.ReplaceAll(part.Slot, "T", " ")
	var m message
	if err := p.call(ctx, http.MethodGet, header, nil, &m); err == nil && len(m.Embeds) > 0 && m.Embeds[0].Title != "" {
		name = unescape(m.Embeds[0].Title)
	}
	in := struct {
		Name    string `json:"name"`
		Archive int    `json:"auto_archive_duration"` // minutes
	}{cutLine(name, maxThreadName), archiveAfter}
	err = p.call(ctx, http.MethodPost, header+"/threads", in, nil)
	if err != nil && codeOf(err) != 160004 { // which says that it exists already
		v := unsent(judged(err, part.Attempts))
		if codeOf(err) == 10008 { // which says for a message that it was deleted; here it is the header
			v.Class, v.Err = digest.Rejected, errors.New("the header, under which it goes, was deleted")
		}
		return "", v
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened == nil || len(p.opened) > manyRoutes {
		p.opened = make(map[string]bool)
	}
	p.opened[thread] = true
	return thread, nil
}

// unsent is the outcome of a request that came before the one with the part:
// whatever it left behind, the part itself was not sent.
func unsent(v *digest.PostError) *digest.PostError {
	if v.Class == digest.Ambiguous {
		v.Class = digest.NotSent
	}
	return v
}

func (p *Platform) forgetThread(part digest.Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.opened, string(part.Parent))
}

// unescape takes the backslashes off a title that escape put there.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(active+"-+.", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
