package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"nutgraf/digest"
)

// Finding is one line of what Check found.
type Finding struct {
	OK   bool
	Line string // what was looked at and how it is; when not OK, what to click
}

func well(format string, args ...any) Finding { return Finding{true, fmt.Sprintf(format, args...)} }
func ill(format string, args ...any) Finding  { return Finding{false, fmt.Sprintf(format, args...)} }

// Check asks Slack whether the tokens work, whether the app has its scopes and
// whether it is in the channels that it is to post to. It posts nothing.
func (p *Platform) Check(ctx context.Context, channels []digest.Address) []Finding {
	var out []Finding
	if p.home != nil {
		me, err := p.home.identity(ctx)
		if err != nil {
			return append([]Finding{ill("bot token: %s", tokenAdvice(err))}, p.checkTransport(ctx))
		}
		out = append(out, well("bot token: it belongs to the bot %s in the workspace %s (%s)", me.user, me.name, me.team), checkScopes(me.scopes))
	}
	out = append(append(out, p.checkTransport(ctx)), p.checkInstalls(ctx)...)
	for _, a := range channels {
		if a.Platform != "slack" {
			continue
		}
		w, err := p.in(ctx, a.Workspace)
		if err != nil {
			out = append(out, ill("channel %s: %s", a, digest.Explain(err)))
			continue
		}
		if me, err := w.identity(ctx); err != nil {
			out = append(out, ill("channel %s: %s", a, tokenAdvice(err)))
		} else {
			out = append(out, w.checkChannel(ctx, me, a))
		}
	}
	return out
}

// checkInstalls looks at the token of each workspace that installed the app.
func (p *Platform) checkInstalls(ctx context.Context) []Finding {
	if p.cfg.Installs == nil {
		return nil
	}
	list, err := p.cfg.Installs.Installs(ctx, "slack")
	if err != nil {
		return []Finding{ill("installs: %s", digest.Explain(err))}
	}
	out := []Finding{well("installs: %d workspaces installed the app; /slack/install is where others do", len(list))}
	for _, i := range list {
		team := strings.TrimPrefix(i.Workspace, "slack:")
		w, err := p.in(ctx, team)
		if err != nil {
			out = append(out, ill("workspace %s: %s", team, digest.Explain(errors.Unwrap(err))))
			continue
		}
		me, err := w.identity(ctx)
		switch {
		case err != nil:
			out = append(out, ill("workspace %s (%s): %s", i.Name, team, tokenAdvice(err)))
		case me.team != team:
			out = append(out, ill("workspace %s (%s): its token belongs to the workspace %s; install the app again", i.Name, team, me.team))
		default:
			f := checkScopes(me.scopes)
			f.Line = fmt.Sprintf("workspace %s (%s): %s", me.name, team, f.Line)
			out = append(out, f)
		}
	}
	return out
}

// checkTransport looks at the way on which commands come.
func (p *Platform) checkTransport(ctx context.Context) Finding {
	if p.cfg.Transport == HTTP {
		return well("transport: Slack sends commands to /slack/commands, /slack/interactivity and /slack/events of public_url, signed with the signing secret")
	}
	return p.checkSocket(ctx)
}

// tokenAdvice says what to do about a bot token that does not work.
func tokenAdvice(err error) string {
	switch code := digest.OutcomeOf(err).Code; code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "not_allowed_token_type":
		return "Slack refuses it (" + code + "); install the app again under “Install App” of its settings and copy the “Bot User OAuth Token”"
	case "account_inactive":
		return "the app was removed from the workspace; install it again under “Install App” of its settings"
	case "unreachable", "no_answer":
		return "Slack cannot be reached from here (" + err.Error() + "); check the network, the proxy and api_url"
	}
	return err.Error()
}

// checkScopes compares the token's scopes with those that are needed.
func checkScopes(granted string) Finding {
	if granted == "" {
		return well("scopes: Slack does not name them")
	}
	has := strings.Split(strings.ReplaceAll(granted, " ", ""), ",")
	var missing []string
	for _, s := range Scopes() {
		if !slices.Contains(has, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		return ill("scopes: %s missing; add under “OAuth & Permissions”, “Bot Token Scopes” of the app's settings, then click “Reinstall to Workspace”", strings.Join(missing, ", "))
	}
	return well("scopes: all %d are there", len(Scopes()))
}

// checkSocket asks for a connection and does not use it.
func (p *Platform) checkSocket(ctx context.Context) Finding {
	if p.cfg.AppToken.IsZero() {
		return ill("app token: there is none, so that no command reaches the bot; make one with the scope connections:write under “Basic Information”, “App-Level Tokens” of the app's settings")
	}
	ctx, x := watch(ctx)
	_, _, err := p.client(watched{p.http, p.now}, digest.Secret{}).StartSocketModeContext(ctx)
	if err == nil {
		return well("app token: Socket Mode can connect")
	}
	failed := x.failure(err, 0)
	switch failed.Code {
	case "invalid_auth", "not_authed", "token_revoked", "not_allowed_token_type":
		return ill("app token: Slack refuses it (%s); make a new one with the scope connections:write under “Basic Information”, “App-Level Tokens” of the app's settings", failed.Code)
	case "missing_scope":
		return ill("app token: it lacks the scope connections:write; make a new one under “Basic Information”, “App-Level Tokens” of the app's settings")
	}
	return ill("app token: no connection (%s); switch on “Socket Mode” in the app's settings", failed.Error())
}

// checkChannel asks whether the bot may post to a channel.
func (w *workspace) checkChannel(ctx context.Context, me identity, a digest.Address) Finding {
	if a.Workspace != me.team {
		return ill("channel %s: the token belongs to the workspace %s; write slack:%s/%s, or use a token of the other workspace", a, me.team, me.team, a.Channel)
	}
	ctx, x := watch(ctx)
	got, err := w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: a.Channel})
	if err != nil {
		failed := x.failure(err, 0)
		if failed.Code == "channel_not_found" {
			return ill("channel %s: Slack shows no such channel to the bot; copy the id from the end of “Open channel details”, and in a private channel write /invite @the-bot first", a)
		}
		return ill("channel %s: %s", a, failed.Error())
	}
	switch {
	case got.IsArchived:
		return ill("channel %s: #%s is archived; unarchive it, or name another channel", a, got.Name)
	case !got.IsMember && !got.IsIM:
		return ill("channel %s: the bot is not in #%s; write /invite @the-bot there", a, got.Name)
	case got.IsExtShared:
		return well("channel %s: the bot is in #%s, which is shared with another organisation: its people read the digest too", a, got.Name)
	}
	return well("channel %s: the bot is in #%s", a, got.Name)
}

// Probe reports what keeps the app from posting to a channel, or, without a
// channel, from the workspace. It posts nothing.
func (p *Platform) Probe(ctx context.Context, a digest.Address) error {
	w, err := p.in(ctx, a.Workspace)
	if err != nil {
		return err
	}
	me, err := w.anew(ctx)
	switch {
	case err != nil:
		return err
	case a.Workspace != me.team:
		return digest.Errorf(digest.Forbidden, "the token belongs to the workspace %s", me.team)
	case me.scopes != "" && !slices.Contains(strings.Split(strings.ReplaceAll(me.scopes, " ", ""), ","), "chat:write"):
		return digest.Errorf(digest.Forbidden, "the app lacks the scope chat:write; add it and install the app again")
	case a.Channel == "":
		return nil
	}
	if f := w.checkChannel(ctx, me, a); !f.OK {
		return digest.Errorf(digest.Forbidden, "%s", f.Line)
	}
	return nil
}
