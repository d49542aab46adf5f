package slack

import (
	"context"
	"net/url"
	"slices"

	"nutgraf/digest"
)

// Belongs refuses a channel that somebody named when it is none of its
// workspace, or none that the bot is in. Direct messages are nobody's to name.
func (p *Platform) Belongs(ctx context.Context, a digest.Address) error {
	w, err := p.in(ctx, a.Workspace)
	if err != nil {
		return digest.Errorf(digest.Unavailable, "Slack does not say what channel that is; try again in a minute.")
	}
	var got struct {
		Channel struct {
			Member   bool `json:"is_member"`
			Archived bool `json:"is_archived"`
			IM       bool `json:"is_im"`
			MPIM     bool `json:"is_mpim"`
		} `json:"channel"`
	}
	failed := w.call(ctx, "conversations.info", url.Values{"channel": {a.Channel}}, &got)
	switch c := got.Channel; {
	case failed != nil && !slices.Contains([]string{"channel_not_found", "invalid_arguments", "missing_scope"}, failed.Code):
		return digest.Errorf(digest.Unavailable, "Slack does not say what channel that is; try again in a minute.")
	case failed != nil || !c.Member || c.Archived || c.IM || c.MPIM:
		return digest.Errorf(digest.NotFound, "There is no channel %q here that the bot sees.", clip(a.Channel, 40))
	}
	return nil
}
