package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
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
			if _, err := cfg.secret("web", "token", cfg.Web.TokenEnv, cfg.Web.TokenFile); err != nil {
				return usageError{err}
			}
			out := g.std.out
			fmt.Fprintf(out, "configuration  %s is well: %s, %s\n", orDefault(cfg.path, "(built in)"),
				plural(len(cfg.Sources), "source", "sources"), plural(len(cfg.Subscriptions), "subscription", "subscriptions"))
			if len(cfg.Subscriptions) == 0 {
				fmt.Fprintln(out, "               no digest is configured; add a [[subscription]], or make one in a channel with /digest subscribe")
			}
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
			fmt.Fprintf(out, "store          %s is well: %s\n", cfg.Store.URL, held(counts))
			return nil
		},
	}
}

func (g *global) healthcheckCommand() *cobra.Command {
	var address string
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running serve on this machine whether it is well, for containers",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if address == "" {
				cfg, err := g.load()
				if err != nil {
					return err
				}
				address = orDefault(cfg.Web.Listen, cfg.Metrics.Listen)
			}
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return usageError{fmt.Errorf("%q is no address; write host:port", address)}
			}
			return healthy(c.Context(), "http://127.0.0.1:"+port)
		},
	}
	c.Flags().StringVar(&address, "address", "", "where serve listens, host:port (default from the configuration)")
	return c
}

// healthy asks the web page at base for its health.
func healthy(ctx context.Context, base string) error {
	client, err := egress.Operator(base, egress.Options{Timeout: 5 * time.Second})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return digest.Errorf(digest.Unavailable, "nothing answers on %s; is serve running? Its log says why not", base)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return digest.Errorf(digest.Unavailable, "serve answers %s; its log says why", resp.Status)
	}
	return nil
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
