package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nutgraf/digest"
)

// Finding is one line of what Check found.
type Finding struct {
	OK   bool
	Line string // what was looked at and how it is; when not OK, what to click
}

func well(format string, args ...any) Finding { return Finding{true, fmt.Sprintf(format, args...)} }
func ill(format string, args ...any) Finding  { return Finding{false, fmt.Sprintf(format, args...)} }

// Check asks Discord whether the token works, whether the application is the
// configured one, and whether the bot may post to the channels. It posts nothing.
func (p *Platform) Check(ctx context.Context, channels []digest.Address) []Finding {
	var me user
	if err := p.call(ctx, http.MethodGet, "users/@me", nil, &me); err != nil {
		return []Finding{ill("bot token: %s", tokenAdvice(err))}
	}
	out := []Finding{well("bot token: it belongs to the bot %s (%s)", me.Name, me.ID)}
	app, findings := p.checkApplication(ctx)
	out = append(out, findings...)
	for _, a := range channels {
		if a.Platform == "discord" {
			out = append(out, p.checkChannel(ctx, app, a))
		}
	}
	return out
}

// tokenAdvice says what to do about a token that does not work.
func tokenAdvice(err error) string {
	var e *callError
	switch {
	case tokenRefused(err):
		return "Discord refuses it; click “Reset Token” under “Bot” in the application's settings at https://discord.com/developers/applications and copy the new one"
	case errors.As(err, &e) && e.Status == 0:
		return "Discord cannot be reached from here (" + err.Error() + "); check the network, the proxy and api_url"
	}
	return err.Error()
}

// checkApplication compares the token's application with the configured one,
// looks at where Discord sends interactions, and returns the application's id.
func (p *Platform) checkApplication(ctx context.Context) (string, []Finding) {
	var app struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Key      string `json:"verify_key"`
		Endpoint string `json:"interactions_endpoint_url"`
	}
	if err := p.call(ctx, http.MethodGet, "applications/@me", nil, &app); err != nil {
		return p.cfg.Application, []Finding{ill("application: %s", tokenAdvice(err))}
	}
	if want := p.cfg.Application; want != "" && want != app.ID {
		return app.ID, []Finding{ill("application: the token belongs to %s (%s), not to %s; copy the “Application ID” from “General Information” of the application whose token you use", app.Name, app.ID, want)}
	}
	return app.ID, []Finding{p.checkTransport(app.Name, app.Key, app.Endpoint),
		well("application: %s (%s); add it to a server with %s", app.Name, app.ID, InstallLink(app.ID))}
}

// checkTransport compares where Discord sends commands with where we wait for
// them.
func (p *Platform) checkTransport(name, key, endpoint string) Finding {
	const where = "“Interactions Endpoint URL” on “General Information” of the application's settings"
	switch http := p.cfg.Transport == HTTP; {
	case !http && endpoint != "":
		return ill("transport: Discord sends commands to %s and not over the gateway; empty %s, or write transport = \"http\"", endpoint, where)
	case !http:
		return well("transport: commands come over the gateway")
	case key != "" && !strings.EqualFold(key, p.cfg.PublicKey):
		return ill("transport: public_key is that of another application; copy the “Public Key” from “General Information” of %s", name)
	case !strings.HasSuffix(endpoint, InteractionsPath):
		return ill("transport: Discord does not know where to send commands; while Nutgraf runs, write your public address with %s into %s", InteractionsPath, where)
	}
	return well("transport: Discord sends commands to %s", endpoint)
}

// checkChannel asks whether the bot may do in a channel what it has to.
func (p *Platform) checkChannel(ctx context.Context, app string, a digest.Address) Finding {
	if !snowflake.MatchString(a.Workspace) && a.Workspace != alone || !snowflake.MatchString(a.Channel) {
		return ill("channel %s: the ids are not Discord's; write discord:SERVER/CHANNEL with the numbers from “Copy Server ID” and “Copy Channel ID” (Settings, Advanced, Developer Mode)", a)
	}
	if channel, err := p.venue(ctx, a.Channel); err == nil && channel.Type == directMessages {
		return well("channel %s: direct messages with one person", a)
	}
	if err := p.call(ctx, http.MethodGet, "guilds/"+url.PathEscape(a.Workspace), nil, nil); err != nil {
		if code := codeOf(err); code == 10004 || code == 50001 {
			return ill("channel %s: the bot is not in the server; open %s, choose the server and click “Authorise”", a, InstallLink(app))
		}
		return ill("channel %s: %s", a, tokenAdvice(err))
	}
	channel, held, err := p.permissions(ctx, a)
	if err != nil {
		switch codeOf(err) {
		case 10003:
			return ill("channel %s: it does not exist; right-click the channel and choose “Copy Channel ID”", a)
		case 50001:
			return ill("channel %s: the bot does not see it; “Edit Channel”, “Permissions”, add the bot's role and allow View Channel", a)
		}
		return ill("channel %s: %s", a, tokenAdvice(err))
	}
	if channel.Guild != a.Workspace {
		return ill("channel %s: #%s belongs to the server %s; write discord:%s/%s", a, channel.Name, channel.Guild, channel.Guild, a.Channel)
	}
	want := channel.wants(p.cfg.Threads())
	if missing := want &^ held; missing != 0 && !held.has(want) {
		return ill("channel %s: in #%s the bot lacks %s; “Edit Channel”, “Permissions”, add the bot's role and allow them", a, channel.Name, missing.names())
	}
	switch {
	case channel.posts():
		return well("channel %s: the bot may post to the forum #%s, one post for each digest", a, channel.Name)
	case channel.Type == announcements:
		return well("channel %s: the bot may post to the announcement channel #%s; publish = true passes its digests on to those who follow it", a, channel.Name)
	}
	return well("channel %s: the bot may post to #%s", a, channel.Name)
}

// Probe reports what keeps the bot from posting to a channel, or, without a
// channel, from Discord. It posts nothing.
func (p *Platform) Probe(ctx context.Context, a digest.Address) error {
	if a.Channel == "" {
		return p.call(ctx, http.MethodGet, "users/@me", nil, nil)
	}
	app, err := p.application(ctx)
	if err != nil {
		return err
	}
	if f := p.checkChannel(ctx, app, a); !f.OK {
		return digest.Errorf(digest.Forbidden, "%s", f.Line)
	}
	return nil
}
