package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/slack"
	"nutgraf/digest"
)

func (g *global) manifestCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "manifest slack|discord",
		Short: "Print what Slack or Discord needs to know about the app",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var asJSON bool
	var name string
	s := &cobra.Command{
		Use:   "slack",
		Short: "Print the app manifest to paste under Create New App, From a manifest",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			o, err := manifestOptions(cfg)
			if err != nil {
				return err
			}
			o.Name = name
			m := slack.Manifest(o)
			text, err := m.YAML()
			if asJSON {
				text, err = m.JSON()
			}
			if err == nil {
				fmt.Fprintln(g.std.out, string(text))
			}
			return err
		},
	}
	s.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of YAML")
	s.Flags().StringVar(&name, "name", "", "the app's name (default Nutgraf)")
	var application string
	d := &cobra.Command{
		Use:   "discord",
		Short: "Print the link that adds the bot to a server, with exactly the permissions it uses",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			if application == "" && cfg.Discord != nil {
				application = cfg.Discord.Application
			}
			if application == "" {
				return usageError{fmt.Errorf("give --application with the number from “General Information” at https://discord.com/developers/applications, or write application = \"…\" in [discord]")}
			}
			fmt.Fprintln(g.std.out, discord.InstallLink(application))
			if d := cfg.Discord; d != nil && d.Transport == discord.HTTP {
				fmt.Fprintln(g.std.out, "Interactions Endpoint URL: "+orDefault(strings.TrimRight(cfg.Web.PublicURL, "/"), "https://YOUR-PUBLIC-ADDRESS")+discord.InteractionsPath)
			}
			return nil
		},
	}
	d.Flags().StringVar(&application, "application", "", "the application's id (default from the configuration)")
	c.AddCommand(s, d)
	return c
}

// manifestOptions says how Slack's app is set up by a configuration.
func manifestOptions(cfg Config) (slack.ManifestOptions, error) {
	o := slack.ManifestOptions{Command: "/" + cfg.Defaults.Command}
	s := cfg.Slack
	if s == nil {
		return o, nil
	}
	if (s.Transport == slack.HTTP || s.ClientID != "") && cfg.Web.PublicURL == "" {
		return o, usageError{digest.Errorf(digest.Invalid, "write public_url = \"https://…\" under [web]: the manifest names it, so that Slack reaches Nutgraf there")}
	}
	if s.Transport == slack.HTTP {
		o.URL = cfg.Web.PublicURL
	}
	if s.ClientID != "" {
		o.Install, o.PKCE = cfg.Web.PublicURL, s.PKCE
	}
	return o, nil
}
