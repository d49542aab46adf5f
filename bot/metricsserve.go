package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// busiest returns as many breakers as may have a metric, open ones first.
func busiest(all []newsroom.Breaker) []newsroom.Breaker {
	slices.SortStableFunc(all, func(a, b newsroom.Breaker) int {
		return cmp.Or(cmp.Compare(b.State, a.State), cmp.Compare(b.Failures, a.Failures))
	})
	return all[:min(len(all), maxBreakers)]
}

// cutTenant cuts "slack:T012" at its colon.
func cutTenant(name string) (platform, workspace string) {
	platform, workspace, _ = strings.Cut(name, ":")
	return platform, workspace
}

// serveMetrics answers on the address of [metrics] until ctx ends.
func (a *app) serveMetrics(ctx context.Context, ln net.Listener) error {
	a.metrics.registry.MustRegister(shown{a.store.Figures, a.news.Figures, a.health.ready})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.health.ready(r.Context()); err != nil {
			http.Error(w, digest.Explain(err), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	if a.cfg.Metrics.Pprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() }) // a scrape that is cut off is repeated
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
