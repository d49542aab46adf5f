package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"nutgraf/adapters/egress"
	"nutgraf/digest"
)

// maxSkew is how far the clock may be off before signatures and slots suffer.
const maxSkew = time.Minute

func (g *global) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong: configuration, store, clock, tokens, rights, channels, sources",
		Long:  "Checks everything that a digest needs and prints one line for each finding; what is not well says\nwhat to do. It posts nothing. The exit code is 1 when anything is wrong.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d := &doctor{global: g}
			d.examine(c.Context())
			if d.ill > 0 {
				return fmt.Errorf("%d of %d findings need attention", d.ill, d.ill+d.well)
			}
			return nil
		},
	}
}

// doctor prints findings and counts them.
type doctor struct {
	*global
	well, ill int
}

func (d *doctor) say(ok bool, format string, args ...any) {
	mark := "well"
	if !ok {
		mark = "WRONG"
		d.ill++
	} else {
		d.well++
	}
	fmt.Fprintf(d.std.out, "%-5s  %s\n", mark, fmt.Sprintf(format, args...))
}

func (d *doctor) examine(ctx context.Context) {
	cfg, err := d.load()
	if err != nil {
		d.say(false, "configuration: %s", explain(err))
		return
	}
	d.say(true, "configuration: %s", orDefault(cfg.path, "none found, the built-in defaults are used"))
	if len(cfg.Sources) == 0 {
		d.say(false, "sources: the configuration has none; add a [[source]]")
	}
	if _, err := cfg.secret("web", "token", cfg.Web.TokenEnv, cfg.Web.TokenFile); err != nil {
		d.say(false, "web page: %s", explain(err))
	}
	a, err := wire(ctx, d.std, cfg, openOptions{})
	if err != nil {
		d.say(false, "store: %s", explain(err))
		return
	}
	defer a.close()
	d.store(ctx, a)
	if err := a.connect(); err != nil {
		d.say(false, "platforms: %s", explain(err))
	}
	d.clock(ctx, a)
	d.endpoints(ctx, a)
	d.channels(ctx, a)
	d.sources(ctx, a)
}

func (d *doctor) store(ctx context.Context, a *app) {
	if err := a.store.Check(ctx); err != nil {
		d.say(false, "store: %s", explain(err))
		return
	}
	if err := a.store.Ping(ctx); err != nil {
		d.say(false, "store: %s", explain(err))
		return
	}
	if r, err := a.store.Restored(ctx); err != nil || r.Fenced() {
		d.say(false, "store: %s", explain(errors.Join(err, errFenced(r))))
	}
	counts, err := a.store.Counts(ctx, "")
	if err != nil {
		d.say(false, "store: %s", explain(err))
		return
	}
	d.say(true, "store: it takes writes and holds %s", held(counts))
}

// clock compares the clock with the Date header of the platforms set up here.
func (d *doctor) clock(ctx context.Context, a *app) {
	var bases []string
	if s := a.cfg.Slack; s != nil {
		bases = append(bases, orDefault(s.APIURL, "https://slack.com/api/"))
	}
	if s := a.cfg.Discord; s != nil {
		bases = append(bases, orDefault(s.APIURL, "https://discord.com"))
	}
	for _, base := range bases {
		there, err := dateOf(ctx, base, egressOptions(a.cfg))
		if err != nil {
			d.say(false, "network: %s", digest.Explain(err))
			continue
		}
		if skew := a.now().Sub(there); skew.Abs() > maxSkew {
			d.say(false, "clock: it is off by %s from %s; switch on time synchronisation (NTP) on this machine", skew.Round(time.Second), digest.Host(base))
			continue
		}
		d.say(true, "clock: it agrees with %s", digest.Host(base))
	}
}

// dateOf returns what time a server has.
func dateOf(ctx context.Context, base string, o egress.Options) (time.Time, error) {
	client, err := egress.Operator(base, o)
	if err != nil {
		return time.Time{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, base, nil)
	if err != nil {
		return time.Time{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return time.Time{}, egress.Problem(ctx, base, err)
	}
	defer resp.Body.Close()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}, digest.Errorf(digest.Unavailable, "%s does not say what time it is; something stands between this machine and it", base)
	}
	return at, nil
}

// channels asks the platforms about their tokens and about every channel that
// a subscription posts to.
func (d *doctor) channels(ctx context.Context, a *app) {
	subs, err := a.subscriptions(ctx)
	if err != nil {
		d.say(false, "subscriptions: %s", explain(err))
		return
	}
	if len(subs) == 0 {
		d.say(false, "subscriptions: there are none; add a [[subscription]] to the configuration, or type subscribe in a channel")
	}
	var all []digest.Address
	for _, s := range subs {
		all = append(all, s.Channels...)
	}
	if a.slack != nil {
		for _, f := range a.slack.Check(ctx, all) {
			d.say(f.OK, "slack: %s", f.Line)
		}
	}
	if a.discord != nil {
		for _, f := range a.discord.Check(ctx, all) {
			d.say(f.OK, "discord: %s", f.Line)
		}
	}
}

// sources fetches each configured source once, without storing anything.
func (d *doctor) sources(ctx context.Context, a *app) {
	outside := egress.Outside(egressOptions(a.cfg))
	for _, s := range a.cfg.sources() {
		src, err := a.source(s, outside, false)
		if err != nil {
			d.say(false, "source %s: %s", s.ID, explain(err))
			continue
		}
		limit, cancel := context.WithTimeout(ctx, 30*time.Second)
		batch, err := src.Fetch(limit, digest.Cursor{Source: s.ID})
		cancel()
		switch {
		case errors.Is(err, context.Canceled):
			return
		case err != nil:
			d.say(false, "source %s: %s", s.ID, digest.Explain(err))
		case len(batch.Articles) == 0:
			d.say(false, "source %s: it can be read but holds no article; check its address", s.ID)
		default:
			d.say(true, "source %s: %s, %d refused", s.ID, plural(len(batch.Articles), "article", "articles"), len(batch.Refused))
		}
	}
}
