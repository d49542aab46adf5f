package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// response is what is posted to a response_url.
type response struct {
	Type        string            `json:"response_type"` // ephemeral or in_channel
	Replace     bool              `json:"replace_original"`
	Text        mrkdwn            `json:"text"`
	Blocks      []json.RawMessage `json:"blocks,omitempty"`
	ThreadTS    string            `json:"thread_ts,omitempty"`
	Parse       string            `json:"parse"`
	LinkNames   bool              `json:"link_names"`
	UnfurlLinks bool              `json:"unfurl_links"`
	UnfurlMedia bool              `json:"unfurl_media"`
}

// answer answers a request: at once where Slack still waits, else by its
// response_url, in a window of Slack's, or by a message that only the person
// sees. What goes wrong is logged and not tried again: the person asks again
// where it matters.
func (p *Platform) answer(ctx context.Context, r request, reply chat.Reply, private bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if r.view != "" {
		if err := p.fillWindow(ctx, r, reply.Messages); err != nil {
			p.log.Warn("an answer did not reach Slack", "channel", r.channel, "error", err)
		}
		return
	}
	posts, err := answers(reply)
	if err != nil {
		p.log.Error("an answer could not be rendered", "error", err)
		return
	}
	for i, frozen := range posts {
		out := response{Type: "in_channel", Text: frozen.Text, Blocks: frozen.Blocks, ThreadTS: r.thread, Parse: "none"}
		out.Replace = reply.Replace && r.private && i == 0
		if private || reply.Private {
			out.Type = "ephemeral"
		}
		if len(posts) == 1 && r.inline.offer(out) {
			return
		}
		if err := p.say(ctx, r, out); err != nil {
			p.log.Warn("an answer did not reach Slack", "channel", r.channel, "message", i+1, "of", len(posts), "error", plain(err))
			return
		}
	}
}

// say posts one message of an answer.
func (p *Platform) say(ctx context.Context, r request, out response) error {
	if r.respond != "" {
		body, err := json.Marshal(out)
		if err != nil {
			return err
		}
		return p.hand(ctx, r.respond, "application/json; charset=utf-8", body)
	}
	if r.user == "" {
		return digest.Errorf(digest.Invalid, "the request names neither an answer address nor a person")
	}
	w, err := p.in(ctx, r.team)
	if err != nil {
		return err
	}
	blocks, err := json.Marshal(out.Blocks)
	if err != nil {
		return err
	}
	args := url.Values{"channel": {r.channel}, "user": {r.user}, "text": {string(out.Text)}, "blocks": {string(blocks)}, "parse": {"none"}, "link_names": {"false"}}
	if r.thread != "" {
		args.Set("thread_ts", r.thread)
	}
	if r.channel != "" {
		failed := w.call(ctx, "chat.postEphemeral", args, nil)
		switch {
		case failed == nil:
			return nil
		case !slices.Contains(nowhere, failed.Code):
			return failed
		}
	}
	args.Set("channel", r.user) // in their direct messages
	args.Del("user")
	args.Del("thread_ts")
	args.Set("unfurl_links", "false")
	args.Set("unfurl_media", "false")
	if failed := w.call(ctx, "chat.postMessage", args, nil); failed != nil {
		return failed
	}
	return nil
}

// nowhere are the codes with which Slack says that a person cannot be answered
// in a channel.
var nowhere = []string{"not_in_channel", "user_not_in_channel", "channel_not_found", "is_archived", "restricted_action"}

// answers packs messages into as few posts as possible: a response_url takes
// five.
func answers(reply chat.Reply) ([]payload, error) {
	var all []chunk
	more := chat.Link{}
	for _, m := range reply.Messages {
		all = append(all, compose(m)...)
		if len(reply.Messages) == 1 {
			more = m.More
		}
	}
	packed := pack(all)
	if len(packed) == 0 {
		packed = append(packed, compose(chat.Note(chat.LocaleFor(reply.Language, "").T("There is nothing to show."))))
	}
	if len(packed) > maxResponse {
		rest := compose(chat.Note(chat.LocaleFor(reply.Language, "").T("The rest does not fit into an answer on Slack. Ask for less to see it.")))
		packed = append(packed[:maxResponse-1], rest)
	}
	out := make([]payload, len(packed))
	for i, chunks := range packed {
		var err error
		if out[i], err = freeze(chunks, more); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hand posts bytes to an address that Slack named, if it is on a host of
// Slack's: an answer to a response_url, a file to where Slack takes it.
func (p *Platform) hand(ctx context.Context, raw, kind string, body []byte) error {
	u, err := url.Parse(raw)
	if err != nil || !p.trusted(u) {
		return digest.Errorf(digest.Forbidden, "Slack names %s to send it to, which is not Slack's; it is not sent", clip(digest.Host(raw), 80))
	}
	client, err := p.hook(u)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, raw, bytes.NewReader(body))
	if err != nil {
		return plain(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := client.Do(req)
	if err != nil {
		return plain(err)
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 300)) // of a success nobody wants to know more
	if resp.StatusCode != http.StatusOK {
		return digest.Errorf(digest.Unavailable, "Slack does not take it (status %d: %s)", resp.StatusCode, clip(string(said), 80))
	}
	return nil
}

// maxHooks is how many hosts of response_urls have a client of their own.
const maxHooks = 16

// hook returns the client for the host of a response_url.
func (p *Platform) hook(u *url.URL) (*http.Client, error) {
	base := u.Scheme + "://" + u.Host
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.hooks[base]; ok {
		return c, nil
	}
	c, err := egress.Operator(base, p.cfg.Egress)
	if err != nil {
		return nil, err
	}
	if p.hooks == nil || len(p.hooks) >= maxHooks {
		p.hooks = make(map[string]*http.Client)
	}
	p.hooks[base] = c
	return c, nil
}
