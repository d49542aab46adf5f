package slack

import (
	"encoding/json"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// version of the payloads. Post refuses those of another version.
const version = 1

// eventType names the metadata that marks our messages.
const eventType = "digest_part"

// payload is the frozen form of one Slack message, without address and thread.
type payload struct {
	Version int               `json:"version"`
	Text    mrkdwn            `json:"text"` // for notifications, and what is posted when Slack refuses the blocks
	Blocks  []json.RawMessage `json:"blocks"`
	Event   string            `json:"event"`
}

// Render returns the payloads of messages, one or more for each. A message
// that exceeds Slack's limits is split between blocks, then between items; an
// item that exceeds a whole block is cut between words, with a link to the
// rest, or without such a link goes on in the next block.
func (p *Platform) Render(messages []chat.Message) ([]digest.Payload, error) {
	var out []digest.Payload
	for _, m := range messages {
		for _, part := range pack(compose(m)) {
			frozen, err := freeze(part, m.More)
			if err != nil {
				return nil, err
			}
			b, err := json.Marshal(frozen)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
	}
	return out, nil
}

// pack distributes chunks over messages in order. Chunks that are glued stay
// with the one after them.
func pack(chunks []chunk) [][]chunk {
	var out [][]chunk
	var cur []chunk
	spent := 0
	for i := 0; i < len(chunks); {
		j, n := i, chunks[i].size
		for chunks[j].glued && j+1 < len(chunks) && n+chunks[j+1].size <= maxChars {
			j++
			n += chunks[j].size
		}
		if len(cur) > 0 && (len(cur)+j+1-i > maxBlocks || spent+n > maxChars) {
			out, cur, spent = append(out, cur), nil, 0
		}
		cur, spent = append(cur, chunks[i:j+1]...), spent+n
		i = j + 1
	}
	if len(cur) > 0 {
		out = append(out, cur)
	}
	return out
}

// freeze makes the payload of one message.
func freeze(chunks []chunk, more chat.Link) (payload, error) {
	out := payload{Version: version, Event: eventType, Text: fallback(chunks, more)}
	for _, c := range chunks {
		b, err := json.Marshal(c.block)
		if err != nil {
			return payload{}, err
		}
		out.Blocks = append(out.Blocks, b)
	}
	return out, nil
}

// fallback returns what the chunks say as one text, with the link to the rest.
func fallback(chunks []chunk, more chat.Link) mrkdwn {
	says, call := "", mrkdwn("")
	for _, c := range chunks {
		if c.call != "" {
			call += c.call + " "
		}
		if c.says != "" && says != "" {
			says += "\n"
		}
		says += c.says
	}
	room, tail := maxFallback, mrkdwn("")
	if url := chat.WebURL(more.URL); url != "" && more.Text != "" {
		tail = "\n" + link(url, trimTo(more.Text, maxLabel))
		room -= len(tail)
	}
	if says == "" && tail == "" {
		return "…"
	}
	return call + escape(trimTo(says, room-len(call))) + tail
}

// thaw reads a payload back.
func thaw(b digest.Payload) (payload, error) {
	var p payload
	if err := json.Unmarshal(b, &p); err != nil || p.Version != version || len(p.Blocks) == 0 {
		return payload{}, digest.Errorf(digest.Invalid, "the message was made by another version of the program and cannot be posted")
	}
	return p, nil
}
