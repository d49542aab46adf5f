package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

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
	Metadata struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	} `json:"metadata"`
}

// page is one page of conversations.history or conversations.replies.
type page struct {
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
	w, err := p.in(ctx, part.Workspace)
	if err != nil {
		return "", digest.CannotTell, err
	}
	me, err := w.identity(ctx)
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
		var got page
		if failed := w.call(ctx, method, ask, &got); failed != nil {
			return unsearchable(method, failed)
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
func unsearchable(method string, failed *digest.PostError) (digest.MessageRef, digest.Finding, error) {
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
