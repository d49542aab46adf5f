package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

const (
	maxViewBytes = 250_000 // of a view
	maxJoined    = 10      // pages of the channels that a person is in
	placePrefix  = "at:"   // begins the ids of blocks with buttons in views
	windowTitle  = "Nutgraf"
)

// channelOf returns the channel for which the buttons of a block in a view are.
func channelOf(block string) (string, bool) {
	rest, ok := strings.CutPrefix(block, placePrefix)
	channel, _, _ := strings.Cut(rest, ":")
	return channel, ok && channel != ""
}

// placed returns the blocks of a message in a view, whose buttons are for a
// channel. N counts the blocks before them.
func placed(m chat.Message, channel string, n int) []any {
	var out []any
	for _, c := range compose(m) {
		if b, ok := c.block.(actionsBlock); ok {
			b.BlockID = placePrefix + channel + ":" + strconv.Itoa(n+len(out))
			c.block = b
		}
		out = append(out, c.block)
	}
	return out
}

// fitted returns a view in JSON, without the last blocks where it would be too
// large for Slack.
func fitted(m modal) ([]byte, error) {
	m.Blocks = m.Blocks[:min(len(m.Blocks), maxView)]
	for {
		raw, err := json.Marshal(m)
		if err != nil || len(raw) <= maxViewBytes || len(m.Blocks) == 0 {
			return raw, err
		}
		m.Blocks = m.Blocks[:len(m.Blocks)-1]
	}
}

// fillWindow shows an answer in the window that waits for it.
func (p *Platform) fillWindow(ctx context.Context, r request, messages []chat.Message) error {
	title := literal(windowTitle)
	m := modal{Type: "modal", Title: &title, Blocks: []any{}}
	for _, message := range messages {
		m.Blocks = append(m.Blocks, placed(message, r.channel, len(m.Blocks))...)
	}
	raw, err := fitted(m)
	if err != nil {
		return err
	}
	w, err := p.in(ctx, r.team)
	if err != nil {
		return err
	}
	if failed := w.call(ctx, "views.update", url.Values{"view_id": {r.view}, "view": {string(raw)}}, nil); failed != nil {
		return failed
	}
	return nil
}

// await opens a window that will show the answer to a press in App Home. A
// press in a window is answered in that window.
func (p *Platform) await(ctx context.Context, r *request) {
	if r.view != "" {
		return
	}
	title := literal(windowTitle)
	raw, err := json.Marshal(modal{Type: "modal", Title: &title, Blocks: []any{contextBlock{Type: "context", Elements: []any{literal("…")}}}})
	if err != nil {
		return
	}
	w, err := p.in(ctx, r.team)
	if err != nil {
		return
	}
	var got struct {
		View view `json:"view"`
	}
	trigger, _, _ := strings.Cut(r.trigger, "#")
	if failed := w.call(ctx, "views.open", url.Values{"trigger_id": {trigger}, "view": {string(raw)}}, &got); failed != nil {
		p.log.Warn("no window was opened for an answer, which goes to the channel", "channel", r.channel, "error", failed)
		return
	}
	r.view = got.View.ID
}

// showHome publishes the App Home of a person: what concerns the channels that
// the person is in, and nothing else.
func (l *listener) showHome(ctx context.Context, team, user string) error {
	h, ok := l.handler.(chat.Homer)
	if !ok {
		return nil
	}
	w, err := l.p.in(ctx, team)
	if err != nil {
		return err
	}
	joined, err := w.joined(ctx, user)
	if err != nil {
		return err
	}
	m := modal{Type: "home", Blocks: []any{}}
	for _, panel := range h.Home(ctx, l.p.user(ctx, team, user, user), tenant(team), joined) {
		if panel.Channel.Channel != "" {
			m.Blocks = append(m.Blocks, dividerBlock{Type: "divider"}, channelName(panel.Channel.Channel))
		}
		m.Blocks = append(m.Blocks, placed(panel.Message, panel.Channel.Channel, len(m.Blocks))...)
	}
	raw, err := fitted(m)
	if err != nil {
		return err
	}
	if failed := w.call(ctx, "views.publish", url.Values{"user_id": {user}, "view": {string(raw)}}, nil); failed != nil {
		return failed
	}
	return nil
}

// channelName shows the name of a channel, as Slack knows it.
func channelName(channel string) richBlock {
	return richBlock{Type: "rich_text", Elements: []any{richSection{Type: "rich_text_section", Elements: []inline{{Type: "channel", Channel: channel}}}}}
}

// joined returns the channels that a person is in, as far as the bot may know
// of them: public ones, and private ones that it is in, too.
func (w *workspace) joined(ctx context.Context, user string) ([]digest.Address, error) {
	me, err := w.identity(ctx)
	if err != nil {
		return nil, err
	}
	var out []digest.Address
	ask := url.Values{"user": {user}, "types": {"public_channel,private_channel"}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(pageSize)}}
	for range maxJoined {
		var got struct {
			Channels []struct {
				ID string `json:"id"`
			} `json:"channels"`
			Meta struct {
				Cursor string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if failed := w.call(ctx, "users.conversations", ask, &got); failed != nil {
			return nil, failed
		}
		for _, c := range got.Channels {
			out = append(out, digest.Address{Platform: "slack", Workspace: me.team, Channel: c.ID})
		}
		if got.Meta.Cursor == "" {
			break
		}
		ask.Set("cursor", got.Meta.Cursor)
	}
	return out, nil
}

// member reports whether a person is in a channel. Who cannot be looked up is
// not.
func (p *Platform) member(ctx context.Context, team, user, channel string) bool {
	w, err := p.in(ctx, team)
	if err != nil {
		return false
	}
	joined, err := w.joined(ctx, user)
	if err != nil {
		p.log.Warn("nobody can tell whether a person is in a channel", "channel", channel, "error", fmt.Sprint(err))
		return false
	}
	for _, a := range joined {
		if a.Channel == channel {
			return true
		}
	}
	return false
}
