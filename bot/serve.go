package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/web"
	"nutgraf/bot/command"
	"nutgraf/digest"
	"nutgraf/digest/schedule"
)

func (g *global) serveCommand() *cobra.Command {
	var listen string
	var everybody bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Fetch, build and post, day after day, and answer commands",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			read := func() (Config, error) {
				cfg, err := g.load()
				if c.Flags().Changed("listen") {
					cfg.Web.Listen = listen
				}
				cfg.Web.Open = cfg.Web.Open || everybody
				return cfg, err
			}
			cfg, err := read()
			if err != nil {
				return err
			}
			moreThreads()
			a, err := wire(c.Context(), g.std, cfg, openOptions{fresh: true, platforms: true, deliver: true})
			if err != nil {
				return err
			}
			defer a.close()
			return a.serve(c.Context(), read)
		},
	}
	c.Flags().StringVar(&listen, "listen", "", "where the web page listens, instead of the configured address; \"\" for no page")
	c.Flags().BoolVar(&everybody, "open", false, "let everybody who reaches the page in, without a token")
	return c
}

// moreThreads lets twice as many threads run as there are processors, unless
// the environment says how many. Platforms wait three seconds for a command to
// be acknowledged, which is little work; Go lets whatever else there is to do
// go on for 10 ms at a time, while the kernel gives way at once.
var moreThreads = sync.OnceFunc(func() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(2 * runtime.GOMAXPROCS(0)) // it knows of limits that are lower than the machine's
	}
})

// serve runs the newsroom and the web page until ctx ends. Read reads the
// configuration again.
func (a *app) serve(ctx context.Context, read func() (Config, error)) error {
	hup := hangUps()
	if err := a.register(ctx); err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	endpoints := a.endpoints(a.handler())
	if a.cfg.Web.Listen == "" && len(endpoints) > 0 {
		return usageError{errNoPage("the platform")}
	}
	if a.cfg.Web.Listen != "" {
		ln, err := a.listen(a.cfg.Web.Listen)
		if err != nil {
			return err
		}
		server, err := a.webServer()
		if err != nil {
			return err
		}
		mount(server, endpoints)
		fmt.Fprintf(a.std.out, "the web page is at http://%s\n", ln.Addr())
		work.Go(func() error { return web.Serve(ctx, ln, server) })
	}
	if at := a.cfg.Metrics.Listen; at != "" {
		ln, err := net.Listen("tcp", at)
		if err != nil {
			return digest.Errorf(digest.Unavailable, "the metrics cannot listen on %s: %v; change listen in [metrics], or remove it", at, err)
		}
		fmt.Fprintf(a.std.out, "the metrics are at http://%s/metrics\n", ln.Addr())
		work.Go(func() error { return a.serveMetrics(ctx, ln) })
	}
	fmt.Fprintln(a.std.out, a.outlook(ctx))
	work.Go(func() error { return a.reloads(ctx, hup, read) })
	if a.cfg.Heartbeat.URL != "" {
		work.Go(func() error { return a.heartbeat(ctx) })
	}
	work.Go(func() error { return a.news.Run(ctx) })
	work.Go(func() error { return a.prune(ctx) })
	work.Go(func() error { return a.health.run(ctx) })
	a.answer(ctx, work)
	context.AfterFunc(ctx, func() { a.log.Info("stopping; posts in flight may end, a second signal cuts everything off") })
	err := endsWithin(ctx, stopLimit, work.Wait)
	if errors.Is(err, errCutOff) {
		a.log.Warn(err.Error())
		err = nil
	}
	a.log.Info("stopped")
	return err
}

// listen opens the web page's address. A page that others can reach needs a
// token, or the operator's word that it may be open.
func (a *app) listen(address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, digest.Errorf(digest.Unavailable, "the web page cannot listen on %s: %v; change listen in [web], or set it to \"\" to do without", address, err)
	}
	at, err := netip.ParseAddrPort(ln.Addr().String())
	local := err == nil && at.Addr().Unmap().IsLoopback()
	if !local && !a.cfg.Web.Open && a.cfg.Web.TokenEnv == "" && a.cfg.Web.TokenFile == "" {
		ln.Close()
		return nil, usageError{digest.Errorf(digest.Invalid, "%s can be reached from outside; give [web] a token_env or token_file, or write open = true to let everybody in", address)}
	}
	return ln, nil
}

// handler answers commands, and measures how long that takes.
func (a *app) handler() attendant {
	if a.metrics == nil {
		return a.gate
	}
	return timed{a.gate, a.metrics, a.now}
}

func (a *app) webServer() (*web.Server, error) {
	token, err := a.cfg.secret("web", "token", a.cfg.Web.TokenEnv, a.cfg.Web.TokenFile)
	if err != nil {
		return nil, usageError{err}
	}
	return web.New(web.Options{
		Archive: a.store, Handler: a.handler(), Specs: command.Specs(), Push: &web.Push{Keys: a.store, Accept: a.news.Accept}, Ready: a.health.ready, Now: a.now, Log: a.log,
		Token: token.Reveal(), Open: a.cfg.Web.Open, Language: a.cfg.Defaults.Language, Zone: a.cfg.Defaults.Zone.Name, PublicURL: a.cfg.Web.PublicURL,
	})
}

// outlook says in one line what this serve will do.
func (a *app) outlook(ctx context.Context) string {
	subs, err := a.subscriptions(ctx)
	if err != nil || len(subs) == 0 {
		return "no subscription is set up yet, so nothing will be posted; add a [[subscription]] to the configuration"
	}
	line := fmt.Sprintf("subscriptions: %d, sources: %d", len(subs), len(a.cfg.Sources))
	if next, ok := a.nextDigest(subs); ok {
		line += "; next digest: " + next + "; for a preview type now on the web page"
	}
	if a.slack == nil && a.discord == nil {
		line += "\nneither [slack] nor [discord] is set up, so the web page is the only channel; see docs/slack.md and docs/discord.md"
	}
	return line
}

// nextDigest names the subscription that is due next, and when.
func (a *app) nextDigest(subs []digest.Subscription) (string, bool) {
	var first time.Time
	name := ""
	for _, s := range subs {
		plan, err := schedule.Parse(s.Cron, s.Zone)
		if err != nil || s.Paused {
			continue
		}
		if slot, ok := plan.Next(a.now()); ok && (name == "" || slot.At.Before(first)) {
			first = slot.At
			name = s.ID + " " + slot.At.In(plan.Zone()).Format("Mon 2006-01-02 15:04 MST")
		}
	}
	return name, name != ""
}

// prune forgets what is older than the retention, at the start and once a day.
func (a *app) prune(ctx context.Context) error {
	for {
		r := a.live.Load().cfg.Retention
		keep := sqlstore.Retention{Articles: r.Articles.Duration, Slots: r.Slots.Duration, Shown: r.Shown.Duration}
		if _, err := a.store.Prune(ctx, keep); err != nil && ctx.Err() == nil {
			a.log.Warn("old articles could not be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.reloaded:
		case <-time.After(24 * time.Hour):
		}
	}
}

// drain runs rounds until nothing is left to do.
func (a *app) drain(ctx context.Context) error {
	for range 10_000 {
		worked, err := a.news.Round(ctx)
		if err != nil || !worked {
			return err
		}
	}
	return digest.Errorf(digest.Internal, "the rounds do not come to an end")
}

// hint tells where to go on from the sample digest.
func hint(address string, t trial) string {
	platforms := "Slack and Discord           nutgraf try --platforms shows how it looks there"
	if t.stage != nil {
		platforms = "Slack and Discord           http://" + address + "/platforms"
	}
	return fmt.Sprintf(`
This digest was made from invented articles, on this machine alone.
  Read it in the browser      http://%s
  Ask it something there      search freight · story 1 · summarize URL · help
  %s
  Use your own feeds          copy config.toml, add [[source]] and [[subscription]], nutgraf serve
  Keep this store             nutgraf try --dir %s
Stop with Ctrl-C.
`, address, platforms, orDefault(t.dir, "DIR"))
}

// tempStore returns a folder for the store of try, and how to remove it.
func tempStore(dir string) (string, func(), error) {
	if dir != "" {
		return dir, func() {}, os.MkdirAll(dir, 0o755)
	}
	tmp, err := os.MkdirTemp("", "nutgraf-try-")
	return tmp, func() { os.RemoveAll(tmp) }, err
}
