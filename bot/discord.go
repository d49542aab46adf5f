package main

import (
	"context"

	"nutgraf/adapters/discord"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// connectDiscord sets up Discord as the configuration says. It calls nobody.
func (a *app) connectDiscord(d *DiscordConfig) error {
	cfg := &a.cfg
	token, err := cfg.token(d.token, "discord", "token", d.TokenEnv, d.TokenFile)
	if err != nil {
		return err
	}
	c := discord.Config{Token: token, Application: d.Application, APIURL: d.APIURL, Command: cfg.Defaults.Command,
		Transport: d.Transport, PublicKey: d.PublicKey, Thread: d.Thread, Egress: egressOptions(a.cfg), Gone: a.left,
		Identifies: &discord.Budget{Keep: a.logins}, Inbox: a.store, Heard: func() { a.heard("discord") }, Now: a.now, Log: a.log}
	if a.discord, err = discord.New(c); err != nil {
		return err
	}
	a.news.Platforms["discord"] = a.discord
	// The platforms' quiet periods are shortened together.
	a.news.Manners["discord"] = newsroom.Manners{Quiet: min(discord.Quiet, cfg.Timing.Quiet.Duration/20), Threads: c.Threads()}
	return nil
}

// belongs refuses a channel that is none of its workspace, as its platform says.
// The page has whatever channels people name.
func (a *app) belongs(ctx context.Context, address digest.Address) error {
	switch {
	case address.Platform == "web":
		return nil
	case address.Platform == "slack" && a.slack != nil:
		return a.slack.Belongs(ctx, address)
	case address.Platform == "discord" && a.discord != nil:
		return a.discord.Belongs(ctx, address)
	}
	return digest.Errorf(digest.Unavailable, "Other channels cannot be named here.")
}
