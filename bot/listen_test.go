package main

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/newsroom"
)

// TestLeaseIsLetGoInTime has a store that hangs: who holds the gateway's lease
// leaves it before another may have it.
func TestLeaseIsLetGoInTime(t *testing.T) {
	t.Parallel() // it mostly waits
	file := filepath.Join(t.TempDir(), "news.db")
	store, err := sqlstore.Open(t.Context(), file, sqlstore.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a := &app{now: time.Now, store: store, log: slog.New(slog.DiscardHandler), news: &newsroom.Newsroom{Worker: "one"}}
	a.cfg.Timing.Lease.Duration = 6 * time.Second
	held := time.Now()
	if mine, err := store.AcquireLease(t.Context(), gatewayLease, "one", a.gatewayTime()); !mine || err != nil {
		t.Fatal(mine, err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	go a.renew(ctx, cancel)
	<-ctx.Done()
	if after := time.Since(held); context.Cause(ctx) != errLeaseLost || after >= a.gatewayTime() {
		t.Errorf("let go after %s (%v), want less than %s", after, context.Cause(ctx), a.gatewayTime())
	}
	if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK"); err != nil {
		t.Error(err)
	}
}
