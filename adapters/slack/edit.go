package slack

import (
	"context"
	"encoding/json"
	"net/url"

	"nutgraf/digest"
)

// Edit replaces a message that was posted by another one, with chat.update. It
// keeps its key, so that Find still finds it.
func (p *Platform) Edit(ctx context.Context, part digest.Part, with digest.Payload) error {
	frozen, err := thaw(with)
	if err != nil {
		return &digest.PostError{Outcome: digest.Outcome{Class: digest.Rejected, Code: "bad_payload"}, Err: err}
	}
	w, err := p.in(ctx, part.Workspace)
	if err != nil {
		return err
	}
	meta, err := json.Marshal(map[string]any{"event_type": frozen.Event, "event_payload": map[string]any{"k": part.Key, "slot": part.Slot, "part": part.N}})
	if err != nil {
		return err
	}
	args := url.Values{"channel": {part.Channel}, "ts": {string(part.Ref)}, "text": {string(frozen.Text)}, "parse": {"none"}, "link_names": {"false"}, "metadata": {string(meta)}}
	if !part.Plain {
		blocks, err := json.Marshal(frozen.Blocks)
		if err != nil {
			return err
		}
		args.Set("blocks", string(blocks))
	}
	if failed := w.call(ctx, "chat.update", args, nil); failed != nil {
		return failed
	}
	return nil
}
