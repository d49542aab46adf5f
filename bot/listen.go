package main

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"nutgraf/bot/command"
	"nutgraf/digest"
)

// gatewayLease names the lease under which one replica holds Discord's gateway.
const gatewayLease = "discord-gateway"

// leaseTime is how long the gateway's lease holds without being renewed.
const leaseTime = 30 * time.Second

// answer listens on the chat platforms until ctx ends. A platform that cannot
// be listened to for good, as with a revoked token, is reported and left alone:
// the others and the digests go on.
func (a *app) answer(ctx context.Context, work *errgroup.Group) {
	if a.slack != nil {
		work.Go(func() error {
			a.watch(ctx, "slack", a.slack.Listen(ctx, a.commands, command.Specs()))
			return nil
		})
	}
	if a.discord != nil {
		work.Go(func() error {
			a.watch(ctx, "discord", a.holdGateway(ctx))
			return nil
		})
	}
}

// watch reports the end of a listener.
func (a *app) watch(ctx context.Context, platform string, err error) {
	if err != nil && ctx.Err() == nil {
		a.log.Error("commands are no longer answered", "platform", platform, "error", digest.Explain(err), "cause", err)
	}
}

// holdGateway listens on Discord's gateway while this process has its lease,
// so that of several replicas one answers. It returns when listening failed for
// good or ctx ended.
func (a *app) holdGateway(ctx context.Context) error {
	for ctx.Err() == nil {
		mine, err := a.store.AcquireLease(ctx, gatewayLease, a.news.Worker, leaseTime)
		if err != nil {
			a.log.Warn("the gateway's lease cannot be read", "error", err)
		}
		if mine {
			if err := a.listenWhileLeased(ctx); !errors.Is(err, errLeaseLost) {
				return err
			}
			a.log.Warn("another replica took the Discord gateway over")
		}
		select {
		case <-ctx.Done():
		case <-time.After(leaseTime / 3):
		}
	}
	return nil
}

var errLeaseLost = errors.New("lease lost")

// listenWhileLeased listens until the lease cannot be renewed.
func (a *app) listenWhileLeased(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		for held := a.now(); ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(leaseTime / 3):
			}
			mine, err := a.store.AcquireLease(ctx, gatewayLease, a.news.Worker, leaseTime)
			if mine {
				held = a.now()
			}
			if err == nil && !mine || a.now().Sub(held) > leaseTime*2/3 {
				cancel(errLeaseLost)
				return
			}
		}
	}()
	err := a.discord.Listen(ctx, a.commands, command.Specs())
	if cause := context.Cause(ctx); errors.Is(cause, errLeaseLost) {
		return errLeaseLost
	}
	release, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer done()
	if err := a.store.ReleaseLease(release, gatewayLease, a.news.Worker); err != nil {
		a.log.Warn("the gateway's lease was not given back", "error", err)
	}
	return err
}
