package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"nutgraf/adapters/egress"
	"nutgraf/adapters/page"
	"nutgraf/digest"
)

// live is what a reload replaces, all at once.
type live struct {
	cfg     Config
	outside *http.Client
	pages   *page.Source
}

// goLive makes a configuration the one that is in force.
func (a *app) goLive(cfg Config) {
	o := egressOptions(cfg)
	if a.metrics != nil {
		o.Refused = a.metrics.blocked.Inc
	}
	outside := egress.Outside(o)
	a.level.Set(levelOf(cfg.Log))
	a.live.Store(&live{cfg, outside, page.New(outside, a.now)})
}

func levelOf(c LogConfig) slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked with the configuration
	return level
}

// hangUps returns where SIGHUPs come from now on: without that, one ends the
// program.
func hangUps() chan os.Signal {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	return hup
}

// reloads reads the configuration again at every SIGHUP until ctx ends.
func (a *app) reloads(ctx context.Context, hup chan os.Signal, read func() (Config, error)) error {
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
		}
		if err := a.reload(ctx, read); err != nil {
			a.log.Error("the configuration was not reloaded, all stays as it was", "error", explain(err))
		}
	}
}

// reload applies what read returns, or nothing at all: sources, subscriptions,
// workspaces, and the settings of fetching, retention and the log's level. What
// else differs is named in the log: it needs a restart.
func (a *app) reload(ctx context.Context, read func() (Config, error)) error {
	cfg, err := read()
	if err != nil {
		return err
	}
	if err := a.registerAll(ctx, cfg); err != nil {
		return err
	}
	a.news.SetAdmins(cfg.admins())
	a.goLive(cfg)
	a.log.Info("the configuration was reloaded", "sources", len(cfg.Sources), "subscriptions", len(cfg.Subscriptions))
	if names := needRestart(a.cfg, cfg); len(names) > 0 {
		a.log.Warn("some changes need a restart", "settings", strings.Join(names, ", "))
	}
	a.news.Wake()
	select {
	case a.reloaded <- struct{}{}:
	default: // it was not even noticed last time
	}
	return a.store.ProbeSoon(ctx) // whoever changed the configuration may have mended a channel too
}

// atOnce are the tables that a reload applies.
var atOnce = [...]string{"source", "subscription", "workspace", "fetch", "retention"}

// needRestart names the settings that differ and that a reload does not apply.
func needRestart(old, fresh Config) []string {
	old.Log.Level = fresh.Log.Level
	var names []string
	a, b := reflect.ValueOf(old), reflect.ValueOf(fresh)
	for i := range a.NumField() {
		table := a.Type().Field(i).Tag.Get("toml")
		if table == "" || isAtOnce(table) {
			continue
		}
		names = append(names, differing(table, a.Field(i), b.Field(i))...)
	}
	return names
}

func isAtOnce(table string) bool {
	for _, t := range atOnce {
		if t == table {
			return true
		}
	}
	return false
}

// differing names the keys of a table that differ, or the table that came or went.
func differing(table string, a, b reflect.Value) []string {
	if a.Kind() == reflect.Pointer {
		if a.IsNil() != b.IsNil() {
			return []string{"[" + table + "]"}
		}
		if a.IsNil() {
			return nil
		}
		a, b = a.Elem(), b.Elem()
	}
	var names []string
	for i := range a.NumField() {
		key := a.Type().Field(i).Tag.Get("toml")
		if key != "" && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, "["+table+"] "+key)
		}
	}
	return names
}

// registerAll writes the sources and subscriptions of a configuration into the store.
func (a *app) registerAll(ctx context.Context, cfg Config) error {
	if err := a.store.PutSources(ctx, cfg.sources(), "config"); err != nil {
		return err
	}
	return a.store.PutSubscriptions(ctx, cfg.subscriptions(a.now()), "config")
}

// pageReader lets the commands name pages by their address alone.
type pageReader struct{ app *app }

// Article fetches a page as an article.
func (p pageReader) Article(ctx context.Context, url string) (digest.Article, error) {
	return p.app.live.Load().pages.Fetch(ctx, url)
}
