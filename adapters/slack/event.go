package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"nutgraf/digest"
)

// The times of an event: that it is worked on, and that others leave it alone.
// Slack sends an event again at once, after a minute and after five.
const (
	eventTime = 40 * time.Second
	eventHold = 45 * time.Second
)

// event is what we read of an event.
type event struct {
	TeamID         string `json:"team_id"` // in a channel that workspaces share, of any of them
	EventID        string `json:"event_id"`
	Authorizations []struct {
		TeamID string `json:"team_id"` // of the workspace in which the app sees the event
	} `json:"authorizations"`
	Event struct {
		Type    string          `json:"type"`
		User    string          `json:"user"`
		Channel json.RawMessage `json:"channel"` // an id in all events that matter
		Tab     string          `json:"tab"`
		Tokens  struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	} `json:"event"`
}

// Events lists the events that the app hears.
func Events() []string {
	return []string{"app_home_opened", "app_uninstalled", "tokens_revoked", "channel_archive", "channel_deleted", "channel_left",
		"group_archive", "group_deleted", "group_left", "member_left_channel", "channel_unarchive", "group_unarchive", "member_joined_channel"}
}

// event sees to an event, once for each id. Its error says that the event could
// not be taken, or that somebody else is at it: then it must come again.
func (l *listener) event(d delivery) error {
	var e event
	if err := json.Unmarshal(d.payload, &e); err != nil {
		l.p.log.Warn("an event could not be read", "error", plain(err))
		return nil
	}
	if len(e.Authorizations) > 0 && e.Authorizations[0].TeamID != "" {
		e.TeamID = e.Authorizations[0].TeamID
	}
	if e.TeamID == "" {
		return nil
	}
	n := digest.Receipt{Workspace: tenant(e.TeamID), ID: cmp.Or(e.EventID, d.id), Hold: eventHold}
	asked, cancel := context.WithTimeout(l.life, l.p.noting)
	defer cancel()
	standing, finish, err := l.noteEvent(asked, l.matters(asked, e), n, d.id, e.EventID)
	if err != nil || standing != digest.Fresh {
		return err
	}
	l.busy.Go(func() {
		defer finish()
		defer l.survive("the event " + clip(e.Event.Type, 40))
		ctx, cancel := context.WithTimeout(l.life, eventTime)
		defer cancel()
		l.happened(ctx, e)
	})
	return nil
}

// matters reports whether an event has consequences. Of the people who come and
// go, only the app itself has.
func (l *listener) matters(ctx context.Context, e event) bool {
	switch e.Event.Type {
	case "app_home_opened":
		return false
	case "tokens_revoked":
		return len(e.Event.Tokens.Bot) > 0
	case "member_joined_channel", "member_left_channel":
		self, err := l.p.self(ctx, e.TeamID, e.Event.User)
		return self || err != nil
	}
	return slices.Contains(Events(), e.Event.Type)
}

// happened draws the consequences of an event.
func (l *listener) happened(ctx context.Context, e event) {
	var channel string
	_ = json.Unmarshal(e.Event.Channel, &channel) // other events have objects here
	switch e.Event.Type {
	case "app_home_opened":
		if e.Event.Tab != "home" {
			return
		}
		if err := l.showHome(ctx, e.TeamID, e.Event.User); err != nil {
			l.p.log.Warn("App Home was not shown", "user", e.Event.User, "error", err)
		}
	case "app_uninstalled":
		l.p.shutOut(ctx, e.TeamID, "the app was removed from the workspace")
	case "tokens_revoked":
		if len(e.Event.Tokens.Bot) > 0 {
			l.p.shutOut(ctx, e.TeamID, "the app's token was revoked")
		}
	case "channel_archive", "group_archive":
		l.p.gone(ctx, e.TeamID, channel, "the channel was archived")
	case "channel_deleted", "group_deleted":
		l.p.gone(ctx, e.TeamID, channel, "the channel was deleted")
	case "channel_left", "group_left":
		l.p.gone(ctx, e.TeamID, channel, "the app was removed from the channel")
	case "channel_unarchive", "group_unarchive":
		l.p.back(ctx)
	case "member_joined_channel":
		if self, err := l.p.self(ctx, e.TeamID, e.Event.User); self && err == nil {
			l.p.back(ctx)
		}
	case "member_left_channel":
		if self, err := l.p.self(ctx, e.TeamID, e.Event.User); self && err == nil {
			l.p.gone(ctx, e.TeamID, channel, "the app was removed from the channel")
		}
	}
}

// self reports whether a user is the app's bot.
func (p *Platform) self(ctx context.Context, team, user string) (bool, error) {
	w, err := p.in(ctx, team)
	if err != nil {
		return false, err
	}
	me, err := w.identity(ctx)
	return err == nil && me.user == user, err
}

// shutOut forgets a workspace that removed the app, unless the app was installed
// again since: Slack sends events again for minutes when nobody took them.
func (p *Platform) shutOut(ctx context.Context, team, why string) {
	p.mu.Lock()
	delete(p.installed, team) // another replica may know a newer token
	p.mu.Unlock()
	if w, err := p.in(ctx, team); err == nil {
		if me, err := w.anew(ctx); err == nil && me.team == team {
			p.log.Info("an event is late: the app is installed again", "workspace", team, "reason", why)
			return
		}
	}
	p.uninstalled(ctx, team)
	p.gone(ctx, team, "", why)
}

// back tells that what was closed may be open again.
func (p *Platform) back(ctx context.Context) {
	if p.cfg.Back != nil {
		p.cfg.Back(ctx)
	}
}

// gone tells that a channel, or without one a workspace, is closed to us.
func (p *Platform) gone(ctx context.Context, team, channel, why string) {
	p.log.Warn("a place is closed to the app", "workspace", team, "channel", channel, "reason", why)
	if p.cfg.Gone != nil {
		p.cfg.Gone(ctx, digest.Address{Platform: "slack", Workspace: team, Channel: channel}, why)
	}
}
