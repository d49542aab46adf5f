package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nutgraf/adapters/discord"
	"nutgraf/adapters/egress"
	"nutgraf/adapters/feed"
	"nutgraf/adapters/folder"
	"nutgraf/adapters/slack"
	"nutgraf/adapters/sqlstore"
	"nutgraf/adapters/terminal"
	"nutgraf/adapters/web"
	"nutgraf/bot/command"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
	"nutgraf/digest/brief"
)

// clockVariable moves the program's clock, see clock.
const clockVariable = "NUTGRAF_CLOCK"

// clock returns the program's clock, in UTC and milliseconds. For rehearsals
// the variable NUTGRAF_CLOCK moves it: "2026-05-03T07:59:50Z" lets the program
// start at that time, "2026-05-03T07:59:50Z*60" lets it run 60 times as fast
// from there. "-48h" moves it by a time span, for all processes alike.
func clock() func() time.Time {
	wall := func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
	from, speed, _ := strings.Cut(os.Getenv(clockVariable), "*")
	if span, err := time.ParseDuration(from); err == nil {
		return func() time.Time { return wall().Add(span) }
	}
	start, err := time.Parse(time.RFC3339Nano, from)
	if err != nil {
		return wall
	}
	factor, err := strconv.ParseFloat(speed, 64)
	if err != nil || factor <= 0 {
		factor = 1
	}
	began := time.Now()
	return func() time.Time {
		passed := time.Duration(float64(time.Since(began)) * factor)
		return start.Add(passed).UTC().Truncate(time.Millisecond)
	}
}

// app is the wired program.
type app struct {
	std      stdio
	cfg      Config
	now      func() time.Time
	log      *slog.Logger
	store    *sqlstore.Store
	news     *newsroom.Newsroom
	commands *command.Commands
	gate     *command.Gate     // before the commands
	slack    *slack.Platform   // nil when not set up
	discord  *discord.Platform // nil when not set up
	health   *health
	metrics  *metrics
	level    *slog.LevelVar // of the log
	live     atomic.Pointer[live]
	reloaded chan struct{} // wakes what goes by the configuration once a day
	release  func()        // gives the lock back, nil when not held
}

// openOptions says what a command needs of the app.
type openOptions struct {
	fresh     bool             // sample articles arrive now instead of when they were published
	platforms bool             // set up the chat platforms: their tokens must be there
	deliver   bool             // be the process that delivers: take the lock, and check the store before use
	now       func() time.Time // nil: the clock of the program
}

// open reads the configuration, opens the store and wires everything.
func (g *global) open(ctx context.Context, o openOptions) (*app, error) {
	cfg, err := g.load()
	if err != nil {
		return nil, err
	}
	return wire(ctx, g.std, cfg, o)
}

func wire(ctx context.Context, std stdio, cfg Config, o openOptions) (*app, error) {
	if o.now == nil {
		o.now = clock()
	}
	a := &app{std: std, cfg: cfg, now: o.now, level: new(slog.LevelVar), reloaded: make(chan struct{}, 1)}
	a.log = logger(std, cfg.Log, a.level)
	if err := a.openStore(ctx, o.deliver); err != nil {
		return nil, err
	}
	store := a.store
	a.health = &health{beat: store.Beat, now: a.now, log: a.log, change: func(problem error) { a.storeChanged(context.WithoutCancel(ctx), problem) }}
	if o.deliver {
		a.metrics = newMetrics(command.Specs())
	}
	a.goLive(cfg)
	writer := brief.Extractive{}
	a.news = &newsroom.Newsroom{
		Store: store, Now: a.now, Log: a.log, Writer: writer, Worker: worker(), Timing: timing(cfg.Timing), Admins: cfg.admins(),
		// The page and the terminal find a message for certain the moment it is there.
		Manners: map[string]newsroom.Manners{"web": {}, "terminal": {}},
		Platforms: map[string]newsroom.Platform{
			"web":      web.Platform{Board: store},
			"terminal": &terminal.Platform{W: std.out, Width: width(), Color: isTerminal(std.out)},
		},
		Open:     func(s digest.Source) (newsroom.Source, error) { return a.source(s, a.live.Load().outside, o.fresh) },
		Together: egress.Together,
	}
	if o.platforms {
		if err := a.connect(); err != nil {
			a.close()
			return nil, err
		}
	}
	if a.metrics != nil {
		a.news.Meter = a.metrics
	}
	a.commands = &command.Commands{
		Archive: store, Desk: store, Manager: store, Auditor: store, Personal: store, Editing: store, Redrafting: a.news, NewID: rand.Text, Newsroom: a.news, Pages: pageReader{a}, Feeds: feeds{a}, Writer: writer, Now: a.now, Log: a.log,
		Direct: a.direct, Belongs: a.belongs, Version: version(), Zone: cfg.Defaults.Zone.Name, Language: cfg.Defaults.Language,
		Default: digest.Subscription{ID: "all", Workspace: digest.Local, Name: "All sources", Cron: "0 8 * * *", Zone: cfg.Defaults.Zone.Name,
			Language: cfg.Defaults.Language, Layout: digest.Layout{Stories: cfg.Defaults.Stories}},
	}
	a.gate = command.NewGate(a.commands)
	return a, nil
}

// openStore opens the store. The process that delivers takes the lock before it
// looks at anything, and voids the leases that a killed one left.
func (a *app) openStore(ctx context.Context, deliver bool) (err error) {
	o := sqlstore.Options{Now: a.now, OwnTime: os.Getenv(clockVariable) != "", Log: a.log, Check: deliver}
	if deliver {
		if a.release, err = sqlstore.Lock(a.cfg.Store.URL); err != nil {
			return err
		}
	}
	if a.store, err = sqlstore.Open(ctx, a.cfg.Store.URL, o); err == nil && deliver {
		err = a.store.VoidLeases(ctx)
	}
	if err != nil {
		a.close()
		return err
	}
	a.now = a.store.Now
	return nil
}

// connect sets up the chat platforms of the configuration. It calls nobody.
func (a *app) connect() error {
	cfg := &a.cfg
	if cfg.Slack != nil {
		if err := a.connectSlack(cfg.Slack); err != nil {
			return usageError{err}
		}
	}
	if cfg.Discord != nil {
		if err := a.connectDiscord(cfg.Discord); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// token returns the token that was given, or the one that the configuration names.
func (c *Config) token(given digest.Secret, table, key, env, file string) (digest.Secret, error) {
	if !given.IsZero() {
		return given, nil
	}
	return c.needed(table, key, env, file)
}

// close closes the store and gives the lock back.
func (a *app) close() {
	if a.release != nil {
		defer a.release()
	}
	if a.store == nil {
		return
	}
	if err := a.store.Close(); err != nil {
		a.log.Warn("the store did not close well", "error", err)
	}
}

// source returns the adapter of a source.
func (a *app) source(s digest.Source, client *http.Client, fresh bool) (newsroom.Source, error) {
	switch s.Kind {
	case "feed":
		return feed.New(feed.Options{ID: s.ID, URL: s.Address, Client: client, Now: a.now, Category: s.Category, Language: s.Language, Workspace: s.Workspace}), nil
	case "folder":
		return folder.New(s.Address, folder.Options{ID: s.ID, Now: a.now, Category: s.Category, Language: s.Language, Workspace: s.Workspace}), nil
	case "sample":
		return sampleSource{id: s.ID, fresh: fresh, now: a.now}, nil
	}
	return nil, digest.Errorf(digest.Invalid, "the source %s has the kind %q, which this version does not know", s.ID, s.Kind)
}

// feeds lets the commands look for feeds on the web.
type feeds struct{ app *app }

// Probe finds the feed at an address.
func (f feeds) Probe(ctx context.Context, address string) (digest.Source, digest.Batch, error) {
	return feed.Probe(ctx, f.app.live.Load().outside, f.app.now, address)
}

// ReadList reads an OPML file.
func (feeds) ReadList(data []byte) ([]digest.Source, error) { return feed.ReadOPML(data) }

// WriteList writes an OPML file.
func (feeds) WriteList(title string, sources []digest.Source) ([]byte, error) {
	return feed.WriteOPML(title, sources)
}

// subscriptions returns the configured subscriptions and those of the store.
func (a *app) subscriptions(ctx context.Context) ([]digest.Subscription, error) {
	if err := a.register(ctx); err != nil {
		return nil, err
	}
	all, err := a.store.Subscriptions(ctx, "")
	if err != nil {
		return nil, err
	}
	var active []digest.Subscription
	for _, s := range all {
		if s.Disabled == "" {
			active = append(active, s)
		}
	}
	return active, nil
}

// register writes the configured sources and subscriptions into the store.
func (a *app) register(ctx context.Context) error { return a.registerAll(ctx, a.live.Load().cfg) }

func egressOptions(cfg Config) egress.Options {
	o := egress.Options{UserAgent: userAgent(cfg.Fetch.Contact)}
	if cfg.Fetch.Proxy != "" {
		o.Proxy, _ = url.Parse(cfg.Fetch.Proxy) // checked with the configuration
	}
	for _, p := range cfg.Fetch.Allow {
		o.Allow = append(o.Allow, p.Prefix)
	}
	return o
}

// userAgent names the program, with a contact for the people who run feeds.
func userAgent(contact string) string {
	agent := "Nutgraf/" + version()
	if contact != "" {
		agent += " (" + contact + ")"
	}
	return agent
}

func timing(c TimingConfig) newsroom.Timing {
	return newsroom.Timing{Poll: c.Poll.Duration, Lease: c.Lease.Duration, Timeout: c.Timeout.Duration, Quiet: c.Quiet.Duration, Jitter: c.Jitter.Duration}
}

// worker names this process in leases.
func worker() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:6]) // containers share names and numbers
}

func logger(std stdio, c LogConfig, level *slog.LevelVar) *slog.Logger {
	level.Set(levelOf(c))
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(std.err, o))
	}
	return slog.New(slog.NewTextHandler(std.err, o))
}
