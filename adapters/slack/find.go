package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"nutgraf/digest"
)

const (
	clockSkew = 5 * time.Second // Slack's clock and ours may differ by this
	pageSize  = 200
	maxPages  = 20 // of a search; beyond that nobody can tell
)

// found is what a search reads of a message. Other people's messages come in
// every form, so that nothing else of them is decoded.
type found struct {
	TS       string `json:"ts"`
	BotID    string `json:"bot_id"`
	AppID    string `json:"app_id"`
	Metadata struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	} `json:"metadata"`
}

// page is one page of conversations.history or conversations.replies.
type page struct {
	OK       bool    `json:"ok"`
	Error    string  `json:"error"`
	Needed   string  `json:"needed"`
	Provided string  `json:"provided"`
	Messages []found `json:"messages"`
	HasMore  bool    `json:"has_more"`
	Meta     struct {
		Cursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// Find looks for a part by the beginning of its key in the metadata of our own
// messages since an instant: in the thread of its header, or in the channel. Absent is
// reported only after every message since then was seen. An error of the class
// Rejected is for good: the app may not read the channel.
func (p *Platform) Find(ctx context.Context, part digest.Part, since time.Time) (digest.MessageRef, digest.Finding, error) {
	me, err := p.identity(ctx)
	if err != nil {
		return "", digest.CannotTell, err
	}
	method := "conversations.history"
	oldest := since.Add(-clockSkew)
	ask := url.Values{
		"channel": {part.Channel}, "limit": {strconv.Itoa(pageSize)}, "include_all_metadata": {"true"}, "inclusive": {"true"},
		"oldest": {fmt.Sprintf("%d.%06d", oldest.Unix(), oldest.Nanosecond()/1000)},
	}
	if part.Threaded && part.Parent != "" {
		method = "conversations.replies"
		ask.Set("ts", string(part.Parent))
	}
	for range maxPages {
		got, failed := p.page(ctx, method, ask)
		if failed != nil {
			return p.unsearchable(method, failed)
		}
		for _, m := range got.Messages {
			if k, _ := m.Metadata.EventPayload["k"].(string); m.Metadata.EventType == eventType && strings.HasPrefix(k, part.Key) && me.posted(m) {
				return digest.MessageRef(m.TS), digest.Found, nil
			}
		}
		switch {
		case got.Meta.Cursor != "":
			ask.Set("cursor", got.Meta.Cursor)
		case got.HasMore:
			return "", digest.CannotTell, errors.New("there are more messages, but Slack does not say how to get them")
		default:
			return "", digest.Absent, nil
		}
	}
	return forGood("", errors.New("there are too many messages since then to be searched"))
}

// unsearchable returns the finding of a search that failed: what Slack refuses
// for good is not asked again.
func (p *Platform) unsearchable(method string, failed *digest.PostError) (digest.MessageRef, digest.Finding, error) {
	r, known := ruleFor(failed.Code)
	if known && r.class == digest.Rejected || failed.Code == "missing_scope" {
		return forGood(failed.Code, fmt.Errorf("the bot may not read the messages there (%s): %w", method, failed.Err))
	}
	return "", digest.CannotTell, failed
}

// forGood is the finding of a search that is not worth repeating.
func forGood(code string, err error) (digest.MessageRef, digest.Finding, error) {
	return "", digest.CannotTell, &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: code}, Err: err}
}

// page asks for one page. It does not go through the library, which fails on a
// whole page for one foreign message that it does not understand.
func (p *Platform) page(ctx context.Context, method string, ask url.Values) (page, *digest.PostError) {
	ctx, x := watch(ctx)
	var got page
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.cfg.APIURL+method, strings.NewReader(ask.Encode()))
	if err != nil {
		return page{}, x.failure(err, 0)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+p.cfg.BotToken.Reveal())
	resp, err := watched{p.http, p.now}.Do(req)
	if err != nil {
		return page{}, x.failure(err, 0)
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&got)
	switch {
	case resp.StatusCode != http.StatusOK || err != nil:
		return page{}, x.failure(err, 0)
	case !got.OK:
		return page{}, x.failure(slack.SlackErrorResponse{Err: got.Error, Needed: got.Needed, Provided: got.Provided}, 0)
	}
	return got, nil
}
