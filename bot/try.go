package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"nutgraf/adapters/web"
	"nutgraf/digest"
)

func (g *global) tryCommand() *cobra.Command {
	var dir, listen string
	var once, platforms bool
	c := &cobra.Command{
		Use:   "try",
		Short: "See today's digest of invented articles: no token, no network, no configuration",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if once && platforms {
				return usageError{digest.Errorf(digest.Invalid, "--once ends before anybody can look at --platforms; give one of the two")}
			}
			folder, remove, err := tempStore(dir)
			if err != nil {
				return digest.Errorf(digest.Invalid, "the folder for the trial cannot be made: %v; name another one with --dir", err)
			}
			defer remove()
			cfg := tryConfig(filepath.Join(folder, "nutgraf.db"), listen, clock()())
			var st *stage
			if platforms {
				if st, err = newStage(clock()); err != nil {
					return err
				}
				defer st.close()
				st.configure(&cfg)
			}
			a, err := wire(c.Context(), g.std, cfg, openOptions{platforms: platforms, deliver: true})
			if err != nil {
				return err
			}
			defer a.close()
			return a.try(c.Context(), trial{once: once, dir: dir, stage: st})
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "keep the store in this folder (default a temporary one, removed at the end)")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "where the web page listens")
	c.Flags().BoolVar(&once, "once", false, "print the digest and exit")
	c.Flags().BoolVar(&platforms, "platforms", false, "show it in a Slack and a Discord channel too, on platforms that this program pretends to be")
	return c
}

// trial is how try is run.
type trial struct {
	once  bool
	dir   string
	stage *stage // nil without --platforms
}

// tryConfig is the configuration of a trial: the sample articles, and a digest
// that is due at the minute that just began, on the terminal and the web page.
func tryConfig(store, listen string, now time.Time) Config {
	cfg := defaults()
	cfg.Store.URL = store
	cfg.Web.Listen = listen
	cfg.Log.Level = "warn"
	cfg.Sources = []SourceConfig{{ID: "sample", Kind: "sample", Name: "Sample articles"}}
	cfg.Subscriptions = []SubscriptionConfig{{ID: "try", Name: "Nutgraf sample digest", Channels: []string{"terminal:try", "web:news"},
		Cron: fmt.Sprintf("%d %d * * *", now.Minute(), now.Hour()), Zone: cfg.Defaults.Zone, Language: "en", Stories: 8}}
	return cfg
}

// try shows the digest that is due now, by the rounds that serve runs.
func (a *app) try(ctx context.Context, t trial) error {
	if err := a.store.PutSources(ctx, a.cfg.sources(), "config"); err != nil {
		return err
	}
	due := a.now().Truncate(time.Minute)
	if err := a.store.PutSubscriptions(ctx, a.cfg.subscriptions(due.Add(-time.Minute)), "config"); err != nil {
		return err
	}
	if t.stage != nil {
		t.stage.hurry(a.news.Manners)
	}
	if err := a.drain(ctx); err != nil || t.once {
		return err
	}
	ln, err := a.listen(a.cfg.Web.Listen)
	if err != nil {
		return err
	}
	server, err := a.webServer()
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	if t.stage != nil {
		t.stage.register(server)
		a.answer(ctx, work)
	}
	fmt.Fprint(a.std.out, hint(ln.Addr().String(), t))
	work.Go(func() error { return web.Serve(ctx, ln, server) })
	work.Go(func() error { return a.news.Run(ctx) })
	work.Go(func() error { return a.health.run(ctx) })
	return work.Wait()
}
