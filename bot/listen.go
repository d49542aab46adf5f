package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"nutgraf/adapters/discord"
	"nutgraf/bot/command"
	"nutgraf/digest"
)

const (
	gatewayLease  = "discord-gateway" // under which one replica holds Discord's gateway
	gatewayLogins = "discord-logins"  // under which the logins to it are kept
	refusedWait   = 30 * time.Minute  // before a platform that refused the app is asked again
)

// answer listens on the chat platforms until ctx ends. A platform that refuses
// the bot is reported and left alone: the others and the digests go on. Slack
// is asked again now and then, because it also refuses addresses; Discord's
// reasons need somebody to change the configuration.
func (a *app) answer(ctx context.Context, work *errgroup.Group) {
	if a.slack != nil {
		work.Go(func() error {
			for a.unfenced(ctx) {
				a.unheard(ctx, "slack", a.slack.Listen(ctx, a.handler(), command.Specs()))
				wait(ctx, refusedWait)
			}
			return nil
		})
	}
	if a.discord != nil {
		work.Go(func() error {
			if a.unfenced(ctx) {
				a.unheard(ctx, "discord", a.hearDiscord(ctx))
			}
			return nil
		})
	}
}

// unfenced waits until the store may send: until then the original of a restored
// one answers. It is false when ctx ended.
func (a *app) unfenced(ctx context.Context) bool {
	for ctx.Err() == nil {
		r, err := a.store.Restored(ctx)
		if err == nil && !r.Fenced() {
			return true
		}
		wait(ctx, beatEvery)
	}
	return false
}

// wait waits, or returns early when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// unheard tells the operators that a platform does not let the bot listen.
func (a *app) unheard(ctx context.Context, platform string, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	a.log.Error("commands are not answered", "platform", platform, "error", digest.Explain(err), "cause", err)
	a.news.Notify(ctx, unheard(platform, digest.Explain(err)))
}

// heard ends the notice of unheard.
func (a *app) heard(platform string) {
	a.news.Clear(context.Background(), unheard(platform, ""))
}

func unheard(platform, text string) digest.Notice {
	return digest.Notice{Workspace: digest.Shared, Cause: digest.CauseUnheard, Subject: platform, Text: text}
}

// logins replaces the logins to Discord's gateway that the store remembers, for
// discord.Budget. Logins that cannot be read count as none at all: better one
// login too many than never one again.
func (a *app) logins(ctx context.Context, change func([]time.Time) []time.Time) error {
	return a.store.Amend(ctx, gatewayLogins, func(value string) (string, error) {
		var logins []time.Time
		if value != "" && json.Unmarshal([]byte(value), &logins) != nil {
			logins = nil
		}
		out, err := json.Marshal(change(logins))
		return string(out), err
	})
}

// gatewayTime is how long the gateway's lease holds without being renewed: half
// of the leases of parts, 30 seconds by default.
func (a *app) gatewayTime() time.Duration {
	if lease := a.cfg.Timing.Lease.Duration; lease > 0 {
		return lease / 2
	}
	return 30 * time.Second
}

// hearDiscord answers what comes from Discord: over its gateway, or where it
// calls us, which any number of replicas can answer.
func (a *app) hearDiscord(ctx context.Context) error {
	if a.cfg.Discord.Transport == discord.HTTP {
		return a.discord.Listen(ctx, a.handler(), command.Specs())
	}
	return a.holdGateway(ctx)
}

// holdGateway listens on Discord's gateway while this process has its lease,
// so that of several replicas one answers. It returns when listening failed for
// good or ctx ended.
func (a *app) holdGateway(ctx context.Context) error {
	for ctx.Err() == nil {
		mine, err := a.store.AcquireLease(ctx, gatewayLease, a.news.Worker, a.gatewayTime())
		if err != nil {
			a.log.Warn("the gateway's lease cannot be read", "error", err)
		}
		if mine {
			if err := a.listenWhileLeased(ctx); !errors.Is(err, errLeaseLost) {
				return err
			}
			a.log.Warn("another replica took the Discord gateway over")
		}
		wait(ctx, a.gatewayTime()/3)
	}
	return nil
}

var errLeaseLost = errors.New("lease lost")

// listenWhileLeased listens until the lease cannot be renewed.
func (a *app) listenWhileLeased(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go a.renew(ctx, cancel)
	err := a.discord.Listen(ctx, a.handler(), command.Specs())
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

// renew prolongs the gateway's lease until ctx ends, and cancels ctx when it is
// another's or could not be prolonged for two thirds of its time: before it may
// be another's, also where the store hangs.
func (a *app) renew(ctx context.Context, cancel context.CancelCauseFunc) {
	ttl := a.gatewayTime()
	for held := a.now(); ; {
		wait(ctx, ttl/3)
		if ctx.Err() != nil {
			return
		}
		asked := a.now()
		left := held.Add(ttl * 2 / 3).Sub(asked)
		asking, done := context.WithTimeout(ctx, left)
		mine, err := a.store.AcquireLease(asking, gatewayLease, a.news.Worker, ttl)
		done()
		if mine {
			held = asked
		}
		if err == nil && !mine || a.now().Sub(held) >= ttl*2/3 {
			cancel(errLeaseLost)
			return
		}
	}
}
