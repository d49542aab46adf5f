package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

const (
	beatEvery   = 10 * time.Second // between two signs of life
	beatAgain   = 2 * time.Second  // while something is wrong
	beatLimit   = 10 * time.Second // of one; a store that takes longer is not well
	staleAfter  = 4 * beatEvery    // without one, good or bad, the program itself hangs
	longBacklog = 15 * time.Minute // that work may wait
	clockSlack  = 5 * time.Minute  // that the clock may be behind what it was
)

// errStarting is why a program is not ready that did not look yet.
var errStarting = digest.Errorf(digest.Unavailable, "the program is starting")

// health knows whether the program can do its work. It is found out by signs
// of life in the store, not by those who ask: everybody may ask.
type health struct {
	beat   func(context.Context) (sqlstore.Pulse, error)
	now    func() time.Time
	change func(problem error) // is told of the store's first failure in a row, and with nil of its end
	log    *slog.Logger

	mu      sync.Mutex
	begun   bool
	late    bool        // no sign of life came in time, not even a bad one
	alarm   *time.Timer // sets late
	problem error       // what is wrong with the store
	concern error       // what else keeps the program from its work
}

// run looks after the store until ctx ends.
func (h *health) run(ctx context.Context) error {
	h.alarm = time.AfterFunc(staleAfter, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.late = true
	})
	defer h.alarm.Stop()
	for {
		pause := beatEvery
		if h.look(ctx); h.ready(ctx) != nil {
			pause = beatAgain
		}
		h.alarm.Reset(staleAfter)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// look asks the store for a sign of life.
func (h *health) look(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, beatLimit)
	defer cancel()
	p, err := h.beat(limited)
	if ctx.Err() != nil {
		return
	}
	now := h.now()
	h.mu.Lock()
	before, worried := h.problem, h.concern
	h.problem = err
	if err == nil {
		h.concern = concern(p, now)
	}
	worry := h.concern
	h.begun, h.late = true, false
	h.mu.Unlock()
	if (before == nil) != (err == nil) {
		h.change(err)
	}
	switch {
	case worry != nil && worried == nil:
		h.log.Warn("not ready", "error", worry)
	case worry == nil && worried != nil:
		h.log.Info("ready again")
	}
}

// concern returns what is wrong although the store works.
func concern(p sqlstore.Pulse, now time.Time) error {
	switch {
	case p.Restored.Fenced():
		return errFenced(p.Restored)
	case now.Before(p.Last.Add(-clockSlack)):
		return digest.Errorf(digest.Unavailable, "the clock says %s, but it was %s already; switch on time synchronisation (NTP)", now.Format(time.RFC3339), p.Last.Format(time.RFC3339))
	case p.Skew.Abs() > clockSlack:
		return digest.Errorf(digest.Unavailable, "the clock is off by %s from that of the database's server; switch on time synchronisation (NTP) on both", p.Skew.Round(time.Second))
	case p.Waiting > 0 && now.Sub(p.Oldest) > longBacklog:
		return digest.Errorf(digest.Unavailable, "%d slots and messages wait to be worked on, the oldest since %s; the log says why", p.Waiting, p.Oldest.Format(time.RFC3339))
	}
	return nil
}

// ready returns why the program cannot do its work, nil when it can.
func (h *health) ready(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.problem != nil:
		return h.problem
	case h.late:
		return digest.Errorf(digest.Unavailable, "the store gave no sign of life for %s", staleAfter)
	case !h.begun:
		return errStarting
	}
	return h.concern
}

// storeChanged tells operators when the store fails, once, and ends that when
// it works again.
func (a *app) storeChanged(ctx context.Context, problem error) {
	notice := digest.Notice{Workspace: digest.Shared, Cause: digest.CauseStore, Subject: "store"}
	if problem == nil {
		a.log.Info("the store works again")
		a.news.Clear(ctx, notice)
		return
	}
	a.log.Error("the store is degraded: nothing is posted until it works again", "error", problem)
	notice.Text = fmt.Sprintf("Nothing is posted until this is mended: %s", digest.Explain(problem))
	a.news.Notify(ctx, notice)
}
