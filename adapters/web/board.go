package web

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// version of the payloads. Readers show a short remark instead of payloads
// that are newer than they are.
const version = 1

// payload is the frozen form of one message.
type payload struct {
	Version int          `json:"version"`
	Message chat.Message `json:"message"`
}

// Board keeps what was posted to the channels of the web page.
type Board interface {
	Show(ctx context.Context, p digest.Part) error        // inserts the part once by its key
	Posted(ctx context.Context, key string) (bool, error) // whether a part of that key was inserted
	Revise(ctx context.Context, key string, payload digest.Payload) (bool, error)
}

// Platform posts messages to channel pages: "web:NAME" stands at /channel/NAME.
type Platform struct{ Board Board }

// Render returns one payload for each message. A page has no limits, so that
// nothing is split.
func (p Platform) Render(messages []chat.Message) ([]digest.Payload, error) {
	out := make([]digest.Payload, len(messages))
	for i, m := range messages {
		b, err := json.Marshal(payload{version, m})
		if err != nil {
			return nil, err
		}
		out[i] = b
	}
	return out, nil
}

// Post shows a part on its channel's page. Repeats of a key change nothing.
func (p Platform) Post(ctx context.Context, part digest.Part) (digest.MessageRef, error) {
	if err := p.Board.Show(ctx, part); err != nil {
		return "", &digest.PostError{Outcome: digest.Outcome{Class: digest.Ambiguous}, Err: err}
	}
	return digest.MessageRef(part.Key), nil
}

// Edit puts another payload in the place of a part.
func (p Platform) Edit(ctx context.Context, part digest.Part, payload digest.Payload) error {
	_, err := p.Board.Revise(ctx, part.Key, payload)
	return err
}

// Find looks whether a part is shown.
func (p Platform) Find(ctx context.Context, part digest.Part, _ time.Time) (digest.MessageRef, digest.Finding, error) {
	shown, err := p.Board.Posted(ctx, part.Key)
	switch {
	case err != nil:
		return "", digest.CannotTell, err
	case shown:
		return digest.MessageRef(part.Key), digest.Found, nil
	}
	return "", digest.Absent, nil
}

// read returns the message of a payload, or a remark that it cannot be shown.
func read(b digest.Payload, loc chat.Locale) chat.Message {
	var p payload
	if err := json.Unmarshal(b, &p); err != nil || p.Version != version {
		m := chat.Note(loc.T("This message was posted by another version of the program and cannot be shown here."))
		m.Language = loc.Language
		return m
	}
	return p.Message
}

// posts groups the parts of a channel into postings, newest edition first, the
// parts of each in order and every key once.
func posts(parts []digest.Part, loc chat.Locale) [][]chat.Message {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b digest.Part) int {
		if c := strings.Compare(b.Slot, a.Slot); c != 0 {
			return c
		}
		if c := strings.Compare(a.Edition, b.Edition); c != 0 {
			return c
		}
		return a.N - b.N
	})
	var out [][]chat.Message
	seen, edition := make(map[string]bool), ""
	for i, p := range parts {
		if seen[p.Key] {
			continue
		}
		seen[p.Key] = true
		if i == 0 || p.Edition != edition || p.Edition == "" {
			out, edition = append(out, nil), p.Edition
		}
		last := len(out) - 1
		out[last] = append(out[last], read(p.Payload, loc))
	}
	return out
}
