package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"nutgraf/digest/schedule"
)

func (g *global) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and the store, and show what is due next",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			if _, err := cfg.secret("web", cfg.Web.TokenEnv, cfg.Web.TokenFile); err != nil {
				return usageError{err}
			}
			out := g.std.out
			fmt.Fprintf(out, "configuration  %s is well: %d sources, %d subscriptions\n", orDefault(cfg.path, "(built in)"), len(cfg.Sources), len(cfg.Subscriptions))
			now := clock()()
			for _, s := range cfg.subscriptions(now) {
				plan, err := schedule.Parse(s.Cron, s.Zone)
				if err != nil {
					return usageError{err}
				}
				var next []string
				for _, slot := range plan.Upcoming(now, 3) {
					next = append(next, slot.At.In(plan.Zone()).Format("Mon 2006-01-02 15:04 MST"))
				}
				fmt.Fprintf(out, "%-13s  next %s\n", s.ID, strings.Join(next, ", "))
			}
			a, err := g.open(c.Context(), openOptions{})
			if err != nil {
				return err
			}
			defer a.close()
			if err := a.store.Check(c.Context()); err != nil {
				return err
			}
			counts, err := a.store.Counts(c.Context(), "")
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "store          %s is well: %d articles, %d stories, %d digests\n", cfg.Store.URL, counts.Articles, counts.Stories, counts.Editions)
			return nil
		},
	}
}

func (g *global) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(*cobra.Command, []string) {
			fmt.Fprintf(g.std.out, "nutgraf %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}

// version returns the module's version, with the commit for builds from a clone.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := strings.TrimPrefix(info.Main.Version, "v")
	if v == "" || v == "(devel)" {
		v = "0.1.0-dev"
	}
	return v
}
