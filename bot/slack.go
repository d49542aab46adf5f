package main

import (
	"context"

	"nutgraf/adapters/slack"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// connectSlack sets up Slack as the configuration says. It calls nobody.
func (a *app) connectSlack(s *SlackConfig) error {
	cfg := &a.cfg
	c := slack.Config{APIURL: s.APIURL, Command: "/" + cfg.Defaults.Command, Managers: s.Managers, Transport: s.Transport,
		Thread: s.Thread, Egress: egressOptions(a.cfg), Heard: func() { a.heard("slack") }, Gone: a.left, Back: a.back, Inbox: a.store, Now: a.now, Log: a.log}
	var err error
	if installs := s.ClientID != ""; !installs || s.BotTokenEnv+s.BotTokenFile != "" {
		if c.BotToken, err = cfg.token(s.bot, "slack", "bot_token", s.BotTokenEnv, s.BotTokenFile); err != nil {
			return err
		}
	}
	if s.Transport == slack.HTTP {
		c.SigningSecret, err = cfg.needed("slack", "signing_secret", s.SigningSecretEnv, s.SigningSecretFile)
	} else {
		c.AppToken, err = cfg.token(s.app, "slack", "app_token", s.AppTokenEnv, s.AppTokenFile)
	}
	if err == nil && s.ClientID != "" {
		err = a.letInstall(&c, s)
	}
	if err != nil {
		return err
	}
	if a.slack, err = slack.New(c); err != nil {
		return err
	}
	a.news.Platforms["slack"] = a.slack
	a.news.Manners["slack"] = newsroom.Manners{Quiet: cfg.Timing.Quiet.Duration, Gap: slack.Gap, Threads: c.Threads()}
	return nil
}

// letInstall lets other workspaces install the app.
func (a *app) letInstall(c *slack.Config, s *SlackConfig) error {
	secret, err := a.cfg.needed("slack", "client_secret", s.ClientSecretEnv, s.ClientSecretFile)
	if err != nil {
		return err
	}
	key, err := a.cfg.needed("slack", "token_key", s.TokenKeyEnv, s.TokenKeyFile)
	if err != nil {
		return err
	}
	if c.TokenKey, err = slack.NewKey(key); err != nil {
		return err
	}
	c.Installs, c.ClientID, c.ClientSecret, c.PublicURL, c.PKCE, c.Workspaces = a.store, s.ClientID, secret, a.cfg.Web.PublicURL, s.PKCE, s.Workspaces
	return nil
}

// back has what was closed to us tried again at once.
func (a *app) back(ctx context.Context) {
	if err := a.store.ProbeSoon(ctx); err != nil {
		a.log.Warn("what was closed is tried again later", "error", err)
	}
}

// left has the newsroom hear that a platform closed a channel or a workspace.
func (a *app) left(ctx context.Context, address digest.Address, why string) {
	if err := a.news.Left(ctx, address, why); err != nil {
		a.log.Error("a channel that is gone was not taken note of; the next post will show it", "channel", address.String(), "error", err)
	}
}

// direct returns the direct messages with a user of a platform.
func (a *app) direct(ctx context.Context, near digest.Address, user string) (digest.Address, error) {
	switch {
	case near.Platform == "slack" && a.slack != nil:
		return a.slack.Direct(ctx, near, user)
	case near.Platform == "discord" && a.discord != nil:
		return a.discord.Direct(ctx, near, user)
	}
	return digest.Address{}, digest.Errorf(digest.Unavailable, "There are no direct messages here; use this on Slack or Discord.")
}
