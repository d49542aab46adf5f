package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nutgraf/adapters/sqlstore"
	"nutgraf/digest"
)

func TestHealth(t *testing.T) {
	now := time.Date(2026, 5, 3, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		pulse sqlstore.Pulse
		err   error
		want  string
	}{
		{"well", sqlstore.Pulse{Last: now.Add(-5 * time.Second)}, nil, ""},
		{"first start", sqlstore.Pulse{}, nil, ""},
		{"store", sqlstore.Pulse{}, errors.New("disk full"), "disk full"},
		{"a little work", sqlstore.Pulse{Waiting: 9, Oldest: now.Add(-time.Minute)}, nil, ""},
		{"old work", sqlstore.Pulse{Waiting: 2, Oldest: now.Add(-16 * time.Minute)}, nil, "2 slots and messages wait"},
		{"clock set back", sqlstore.Pulse{Last: now.Add(2 * time.Hour)}, nil, "the clock says"},
		{"server's clock", sqlstore.Pulse{Skew: -6 * time.Minute}, nil, "off by -6m0s"},
		{"restored", sqlstore.Pulse{Restored: digest.Restored{Backup: now.Add(-time.Hour)}}, nil, "deliveries resume"},
		{"resumed", sqlstore.Pulse{Restored: digest.Restored{Backup: now.Add(-time.Hour), Resumed: now}}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &health{beat: func(context.Context) (sqlstore.Pulse, error) { return tt.pulse, tt.err }, now: func() time.Time { return now },
				change: func(error) {}, log: slog.New(slog.DiscardHandler)}
			if err := h.ready(t.Context()); err == nil {
				t.Error("ready before the first sign of life")
			}
			h.look(t.Context())
			err := h.ready(t.Context())
			if got := err != nil && strings.Contains(err.Error(), tt.want); (err == nil) != (tt.want == "") || tt.want != "" && !got {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestHealthTellsOnce lets the store fail for a while, and then hang.
func TestHealthTellsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var failing, hangs atomic.Bool
		hang := make(chan struct{})
		told := make(chan bool, 10)
		h := &health{now: time.Now, log: slog.New(slog.DiscardHandler), change: func(err error) { told <- err != nil },
			beat: func(context.Context) (sqlstore.Pulse, error) {
				switch {
				case hangs.Load():
					<-hang // a call that does not even mind its deadline
				case failing.Load():
					return sqlstore.Pulse{}, errors.New("full")
				}
				return sqlstore.Pulse{}, nil
			}}
		go func() { _ = h.run(ctx) }()
		time.Sleep(time.Minute)
		failing.Store(true)
		time.Sleep(time.Minute)
		failing.Store(false)
		time.Sleep(beatAgain + time.Second)
		if err := h.ready(ctx); err != nil {
			t.Errorf("%v after it worked again: %v", beatAgain, err)
		}
		if len(told) != 2 || !<-told || <-told {
			t.Error("it is not told once of the failure and once of its end")
		}
		hangs.Store(true)
		time.Sleep(time.Minute)
		if h.ready(ctx) == nil {
			t.Error("ready although nothing answers")
		}
		cancel()
		close(hang)
		synctest.Wait()
	})
}
