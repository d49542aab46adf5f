package slack

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/slack-go/slack"

	"nutgraf/digest"
)

// Post posts a part with chat.postMessage, as plain text where the part says so:
// then Slack refused its blocks before. The reference is the message's ts.
func (p *Platform) Post(ctx context.Context, part digest.Part) (digest.MessageRef, error) {
	frozen, err := thaw(part.Payload)
	if err != nil {
		return "", &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "bad_payload"}, Err: err}
	}
	if part.Plain {
		frozen.Blocks = nil
	}
	w, err := p.in(ctx, part.Workspace)
	if err != nil {
		return "", err
	}
	ref, failed := w.post(ctx, part, frozen)
	if failed != nil {
		return "", failed
	}
	return ref, nil
}

// post makes one call. It is the lowest function that sends to a channel:
// unfurling, parsing and naming are off here, whatever callers do.
func (w *workspace) post(ctx context.Context, part digest.Part, frozen payload) (digest.MessageRef, *digest.PostError) {
	ctx, x := watch(ctx)
	options := []slack.MsgOption{
		slack.MsgOptionText(string(frozen.Text), false), // escaped already, as its type says
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionParse(false),
		slack.MsgOptionLinkNames(false),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: frozen.Event, EventPayload: map[string]any{
			"k": part.Key, "slot": part.Slot, "part": part.N,
		}}),
	}
	if len(frozen.Blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(rawBlocks(frozen.Blocks)...))
	}
	if part.Threaded && part.Parent != "" {
		options = append(options, slack.MsgOptionTS(string(part.Parent)))
	}
	_, ts, err := w.api.PostMessageContext(ctx, part.Channel, options...)
	if err != nil {
		return "", x.failure(err, part.Attempts)
	}
	if ts == "" {
		return "", x.failure(errors.New("no ts"), part.Attempts)
	}
	return digest.MessageRef(ts), nil
}

// rawBlock is a frozen block that goes through the library byte for byte.
type rawBlock json.RawMessage

// BlockType implements slack.Block.
func (rawBlock) BlockType() slack.MessageBlockType { return "" }

// ID implements slack.Block.
func (rawBlock) ID() string { return "" }

// MarshalJSON returns the frozen bytes.
func (b rawBlock) MarshalJSON() ([]byte, error) { return b, nil }

func rawBlocks(frozen []json.RawMessage) []slack.Block {
	out := make([]slack.Block, len(frozen))
	for i, b := range frozen {
		out[i] = rawBlock(b)
	}
	return out
}
